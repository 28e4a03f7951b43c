"""One liquid (kind ``liquid``): planned, and from its inputs to a row.

Built, equilibrated, produced and analysed.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.io import write

from potash.catalog.catalog import Catalog
from potash.catalog.formulations import Component, Formulation
from potash.engines.gromacs_files import write_gro
from potash.engines.levels import Level
from potash.engines.md import Floats, Stage, StageResult
from potash.engines.md_levels import (
    core_seconds,
    engine_name,
    engine_of,
    force_field_of,
    ion_charge_scale,
    least_production_ps,
    settings_of,
)
from potash.engines.topology import U_PER_A3_TO_G_ML, Topology
from potash.errors import InputError, RefusedError
from potash.liquids.box import PACKING_FRACTION, box_edge_angstrom, check_box, pack
from potash.liquids.dynamics import Gates, check, frame_interval_ps, stages
from potash.liquids.forcefield import load_force_field
from potash.liquids.liquid import Liquid, build, check_size, n_constraints
from potash.liquids.parameters import PAIRS, pair_hash, parameter_hash
from potash.liquids.viscosity import viscosity_of, widen
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.liquid import LiquidInputs, LiquidPart, LiquidValues, Particle
from potash.results.model import NoNeeds
from potash.trajectories.analysis_result import AnalysisResult, diffusion_values

PROTOCOL = 5
"""Counts changes of protocol and analysis that change results.

- 2: intervals of speciation are not below the counting error of the ions.
- 3: diffusion up to lags of a fifth of the run, its errors over groups of molecules too.
- 4: mixed at 100 K above the temperature; seeds of even number start from contact ion pairs;
  the analysis begins where speciation has settled.
- 5: viscosity from a stage of its own (GROMACS), and D corrected for the size of the box with it.
"""

SIMULATED_KINDS = ("liquid", "ionic_liquid")
TRUSTED_PRODUCTION_PS = 5000.0
PER_A3_TO_MOL_L = 1000 * U_PER_A3_TO_G_ML
# What decides how much of the beginning is left out.
SETTLING = ("per_anion_ssip", "per_anion_agg")
# Of the progress bar; the rest is analysis.
SIMULATION_SHARE = 0.95


def liquid_calculation(
    formulation: Formulation,
    catalog: Catalog,
    level: Level,
    *,
    seed: int = 1,
    n_atoms: int = 1000,
    equilibration_ps: float = 30.0,
    production_ps: float = 30.0,
    temperature_k: float | None = None,
    charge_scale: float | None = None,
) -> Calculation:
    """Return the simulation of one formulation.

    A formulation that cannot be simulated (a solid, an open amount, a species
    without parameters) gives a calculation too: its row says why.

    Parameters
    ----------
    formulation, catalog
        What to simulate, and where its species and salts are found.
    level
        Level of theory of property ``liquids``.
    seed
        Of packing, velocities, thermostat and barostat. Odd ones start from ions placed
        anywhere, even ones from contact ion pairs.
    n_atoms
        About how many atoms the box holds.
    equilibration_ps, production_ps
        Lengths.
    temperature_k
        By default the formulation's own.
    charge_scale
        Factor on the charges of ions; by default the level's.

    Raises
    ------
    InputError
        If the production is shorter than the level's name promises, a number is out of
        range, or the box too small.
    """
    least = least_production_ps(level)
    if production_ps < least:
        raise InputError(
            f"{production_ps:g} ps of production is too short for the level {level.name!r}"
            f" (at least {least:g} ps); use 'screen-{level.engine}'",
            field=formulation.id,
        )
    if equilibration_ps <= 0 or n_atoms <= 0:
        raise InputError("equilibration and number of atoms must be positive", field=formulation.id)
    scale = ion_charge_scale(level) if charge_scale is None else charge_scale
    parts = tuple(_part(component, catalog) for component in formulation.components)
    smiles = {p.species: p.smiles for part in parts for p in part.particles}
    force_field = load_force_field(force_field_of(level.fingerprint))
    pairs = pair_hash(smiles, force_field)
    inputs = LiquidInputs(
        protocol=PROTOCOL,
        level=level.fingerprint,
        kind=formulation.kind,
        parts=parts,
        assumptions=formulation.assumptions,
        parameters={
            **{name: parameter_hash(name, text, scale) for name, text in smiles.items()},
            **({PAIRS: pairs} if pairs else {}),
        },
        charge_scale=scale,
        temperature_k=formulation.temperature_k if temperature_k is None else temperature_k,
        n_atoms=n_atoms,
        equilibration_ps=equilibration_ps,
        production_ps=production_ps,
        seed=seed,
    )
    if formulation.kind in SIMULATED_KINDS:
        try:
            check_size(inputs, force_field, settings_of(level.fingerprint, seed).cutoff_angstrom)
        except InputError as error:
            raise InputError(error.message, field=formulation.id) from None
    return Calculation(
        item=formulation.id,
        model=f"seed {seed}, {n_atoms} atoms, charges x{scale:g}",
        level=level.name,
        inputs=inputs,
        cost_s=20.0 + core_seconds(level, n_atoms, equilibration_ps + production_ps),
    )


def _part(component: Component, catalog: Catalog) -> LiquidPart:
    """Return a component, a salt taken apart into its ions."""
    salt = catalog.salts.get(component.species)
    if salt is None:
        numbers = {component.species: 1}
    else:
        numbers = {salt.cation: salt.n_cation, salt.anion: salt.n_anion}
    used = component.used
    return LiquidPart(
        name=component.species,
        value=used.value or 0.0,
        unit=used.unit,
        of=used.of or "",
        ionic=salt is not None,
        particles=tuple(
            Particle(
                species=name,
                number=number,
                smiles=catalog.get_species(name).smiles or "",
                charge=catalog.get_species(name).charge,
            )
            for name, number in numbers.items()
        ),
    )


def compute_liquid(
    inputs: LiquidInputs, _needs: NoNeeds, *, workdir: Path, progress: Progress
) -> Outcome[LiquidValues]:
    """Simulate and analyse a liquid.

    Continues from the last checkpoint in ``workdir`` if a run was killed there.

    Parameters
    ----------
    inputs
        Formulation, level and lengths.
    workdir
        Checkpoints and trajectory.
    progress
        Told the fraction done, with the speed and the time left.

    Raises
    ------
    RefusedError
        If it is not a liquid, or a species has no parameters.
    CalculationError
        If packing fails, the simulation is unstable or a gate is not passed.
    """
    if inputs.kind not in SIMULATED_KINDS:
        raise RefusedError(f"a {inputs.kind} electrolyte cannot be simulated as a liquid")
    engine = engine_of(inputs.level)
    liquid = build(inputs, load_force_field(force_field_of(inputs.level)))
    settings = settings_of(inputs.level, inputs.seed)
    edge = box_edge_angstrom(liquid.topology, liquid.expected_density_g_ml)
    check_box(edge, settings.cutoff_angstrom)
    packed_edge = edge * PACKING_FRACTION ** (-1 / 3)
    positions = _packed(liquid.topology, packed_edge, settings.seed, workdir)
    plan = stages(
        inputs.temperature_k,
        inputs.equilibration_ps,
        inputs.production_ps,
        frame_interval_ps(inputs.production_ps),
        stress=engine.gives_stress,
    )
    results = engine.run(
        liquid.topology,
        positions,
        packed_edge,
        plan,
        settings,
        workdir=workdir,
        progress=_with_speed(progress, plan),
    )
    gates = check(results, liquid.topology, n_constraints(liquid.topology))
    progress(SIMULATION_SHARE, "analysing")
    return _outcome(inputs, liquid, results, gates, workdir)


def _with_speed(progress: Progress, plan: Sequence[Stage]) -> Progress:
    """Add ns/day and the time left, counted from where this process began."""
    total_ps = sum(stage.duration_ps for stage in plan)
    start: list[tuple[float, float]] = []

    def report(fraction: float, text: str) -> None:
        now = time.monotonic()
        if not start:
            start.append((now, fraction))
        seconds, done = now - start[0][0], fraction - start[0][1]
        if done > 0 and seconds > 1:
            ns_day = done * total_ps / 1000 / (seconds / 86400)
            left = max(0.0, seconds * (1 - fraction) / done / 60)
            text = f"{text}, {ns_day:.1f} ns/day, {left:.0f} min left"
        progress(SIMULATION_SHARE * fraction, text)

    return report


def _packed(topology: Topology, edge: float, seed: int, workdir: Path) -> Floats:
    path = workdir / "packed.npy"
    # What cannot be read, a disk having been full, is packed again.
    with contextlib.suppress(OSError, EOFError, ValueError):
        known: Floats = np.load(path)
        return known
    positions = pack(topology, edge, seed=seed, paired=seed % 2 == 0)
    workdir.mkdir(parents=True, exist_ok=True)
    part = workdir / "packed.part.npy"
    np.save(part, positions)
    part.replace(path)
    return positions


def _outcome(
    inputs: LiquidInputs,
    liquid: Liquid,
    results: Sequence[StageResult],
    gates: Gates,
    workdir: Path,
) -> Outcome[LiquidValues]:
    from potash.trajectories.averages import mean_of_series

    production, topology = results[-1], liquid.topology
    volume = float(production.volume_angstrom3.mean())
    densities = topology.mass_u * U_PER_A3_TO_G_ML / production.volume_angstrom3
    density = mean_of_series(densities)
    production_ps = float(production.time_ps[-1])
    gro = workdir / "topology.gro"
    write_gro(gro, topology, production.positions_angstrom, production.box_angstrom)
    analyse = _electrolyte if any(m.formal_charge for m, _ in topology.molecules) else _solvent
    stress = viscosity_of(results, inputs.temperature_k)
    known = stress.value_pa_s if stress is not None and stress.status == "ok" else None
    options = {"temperature_k": inputs.temperature_k, "viscosity_pa_s": known}
    analysed, uncertainty, converged, notes = analyse(options, gro, production, densities)
    if stress is not None:
        half = (stress.high_pa_s - stress.low_pa_s) / 2
        uncertainty["viscosity_pa_s"] = half
        analysed["viscosity_pa_s"] = stress.value_pa_s
        analysed["viscosity_status"] = stress.status
    if stress is not None and known is not None:
        widen(analysed["diffusion_m2_s"], half / known)
    else:
        notes.append("D is not corrected for the size of the box, which makes it too small")
    if density.half_width is not None:
        uncertainty["density_g_ml"] = density.half_width
    if production_ps < TRUSTED_PRODUCTION_PS:
        converged = False
        notes.insert(
            0,
            f"not converged: one run of {production_ps:.0f} ps"
            f" (trusted from 3 runs of {TRUSTED_PRODUCTION_PS:.0f} ps)",
        )
    note = "; ".join(filter(None, [*notes, *liquid.notes]))
    own = {
        "temperature_k": round(gates.temperature_k, 3),
        "density_g_ml": density.value,
        "production_ps": production_ps,
        "equilibration_ps": sum(r.stage.duration_ps for r in results[:-1]),
        "n_atoms": topology.n_atoms,
        "box_angstrom": volume ** (1 / 3),
        "molecules": {m.residue: n for m, n in topology.molecules},
        "concentration_mol_l": {
            m.residue: n / volume * PER_A3_TO_MOL_L for m, n in topology.molecules
        },
        "ion_charge_scale": inputs.charge_scale,
        "gates": {name: round(value, 5) for name, value in asdict(gates).items()},
        "converged": converged,
        "convergence_note": note,
    }
    return Outcome(
        status="ok",
        values=LiquidValues.model_validate({**analysed, **own}),
        reason=note,
        uncertainty=uncertainty,
        reference_state=(
            "fractions of ions by number of distinct counter-ions in the first shell"
            " (per anion: Raman convention)"
        ),
        engine=engine_name(inputs.level),
        engine_version=engine_of(inputs.level).version(),
        structures={"final": _extxyz(topology, production)},
    )


def _electrolyte(
    options: Mapping[str, Any], gro: Path, production: StageResult, _densities: Floats
) -> tuple[dict[str, Any], dict[str, float], bool, list[str]]:
    """Return what the analysis gives of a liquid with ions: plain values, half-widths, ...

    whether it is converged, and remarks.
    """
    found, discarded_ps = _settled_analysis(gro, production.trajectory, options)
    values = {**found.row_values(), "discarded_ps": discarded_ps}
    notes = [found.convergence_note, *found.notes]
    return values, dict(found.half_widths), found.converged, notes


def _settled_analysis(
    gro: Path, trajectory: Path | None, options: Mapping[str, Any]
) -> tuple[AnalysisResult, float]:
    """Return the analysis where speciation has settled, and the time left out before (ps)."""
    from potash.trajectories.analysis import analyze_files
    from potash.trajectories.averages import settled_from

    whole = analyze_files(gro, trajectory, **options)
    blocks = whole.time_series
    series = [np.asarray(blocks[name]) for name in SETTLING if name in blocks]
    first = settled_from(series)
    if first == 0:
        return whole, 0.0
    times = np.asarray(blocks["time_ps"])
    begin = float(times[first] + times[first - 1]) / 2
    start = round(begin / float(times[-1] + times[0]) * whole.n_frames)
    return analyze_files(gro, trajectory, start=start, **options), begin


def _solvent(
    options: Mapping[str, Any], gro: Path, production: StageResult, densities: Floats
) -> tuple[dict[str, Any], dict[str, float], bool, list[str]]:
    """Return the same of a liquid without ions."""
    from potash.trajectories.averages import block_series, mean_of_series
    from potash.trajectories.opening import open_universe
    from potash.trajectories.trajectory import run_together
    from potash.trajectories.transport import MeanSquaredDisplacement

    motion = MeanSquaredDisplacement(open_universe(gro, production.trajectory), **options)
    run_together([motion])
    values = {
        "diffusion_m2_s": diffusion_values(motion.results.diffusion),
        "time_series": block_series(production.time_ps, {"density_g_ml": densities}),
    }
    return values, {}, mean_of_series(densities).converged, []


def _extxyz(topology: Topology, result: StageResult) -> str:
    symbols = [e for m, n in topology.molecules for e in m.elements * n]
    atoms = Atoms(symbols, positions=result.positions_angstrom, cell=result.box_angstrom, pbc=True)
    residues = [m.residue for m, n in topology.molecules for _ in range(m.n_atoms * n)]
    atoms.set_array("residue", np.array(residues))
    text = io.StringIO()
    write(text, atoms, format="extxyz")
    return text.getvalue()
