"""One liquid, from its inputs to a row: build, equilibrate, produce, analyse."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.io import write

from potash.engines import gromacs, openmm_run
from potash.engines.gromacs_files import write_gro
from potash.engines.md import Floats, Settings, Stage, StageResult
from potash.engines.topology import U_PER_A3_TO_G_ML, Molecule, Topology
from potash.errors import CalculationError, InputError, RefusedError
from potash.liquids.box import (
    PACKING_FRACTION,
    Part,
    box_edge_angstrom,
    check_box,
    mole_fractions,
    molecule_counts,
    pack,
)
from potash.liquids.dynamics import Gates, check, frame_interval_ps, stages
from potash.liquids.forcefield import ForceField, load_force_field
from potash.liquids.parameters import (
    FALLBACK_NOTE,
    PAIRS,
    is_fallback,
    molecule_of,
    pair_hash,
    parameter_hash,
)
from potash.results.calculation import Outcome
from potash.trajectories.analysis import analyze_files
from potash.trajectories.analysis_result import AnalysisResult
from potash.trajectories.averages import block_series, mean_of_series, settled_from
from potash.trajectories.trajectory import open_universe
from potash.trajectories.transport import MeanSquaredDisplacement

SIMULATED_KINDS = ("liquid", "ionic_liquid")
TRUSTED_PRODUCTION_PS = 5000.0
UNKNOWN_DENSITY_G_ML = 1.0
PER_A3_TO_MOL_L = 1000 * U_PER_A3_TO_G_ML
# What decides how much of the beginning is left out.
SETTLING = ("per_anion_ssip", "per_anion_agg")
# Of the progress bar; the rest is analysis.
SIMULATION_SHARE = 0.95


def compute(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Callable[[float, str], None],
) -> Outcome:
    """Simulate and analyse a liquid; kind ``liquid``.

    Continues from the last checkpoint in ``workdir`` if a run was killed there.

    Parameters
    ----------
    inputs
        As :func:`potash.liquids.plan.liquid_calculation` makes them.
    needs
        Nothing.

    Raises
    ------
    RefusedError
        If it is not a liquid, or a species has no parameters.
    CalculationError
        If packing fails, the simulation is unstable or a gate is not passed.
    """
    if inputs["kind"] not in SIMULATED_KINDS:
        raise RefusedError(f"a {inputs['kind']} electrolyte cannot be simulated as a liquid")
    level = inputs["level"]
    liquid = build(inputs, load_force_field(str(level["force_field"])))
    settings = Settings(**level["settings"], seed=int(inputs["seed"]))
    edge = box_edge_angstrom(liquid.topology, liquid.expected_density_g_ml)
    check_box(edge, settings.cutoff_angstrom)
    packed_edge = edge * PACKING_FRACTION ** (-1 / 3)
    positions = _packed(liquid.topology, packed_edge, settings.seed, workdir)
    plan = stages(
        float(inputs["temperature_k"]),
        float(inputs["equilibration_ps"]),
        float(inputs["production_ps"]),
        frame_interval_ps(float(inputs["production_ps"])),
    )
    results = _engine(str(level["engine"]))(
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


def _with_speed(
    progress: Callable[[float, str], None], plan: Sequence[Stage]
) -> Callable[[float, str], None]:
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


def _engine(name: str) -> Callable[..., list[StageResult]]:
    engines: Mapping[str, Callable[..., list[StageResult]]] = {
        "openmm": openmm_run.run,
        "gromacs": gromacs.run,
    }
    if name not in engines:
        raise InputError(f"{name!r} is not an engine for liquids; use openmm or gromacs")
    return engines[name]


@dataclass(frozen=True)
class Liquid:
    """A liquid with its force field, before packing.

    Attributes
    ----------
    topology
        Molecules and their numbers.
    fractions
        Mole fraction asked for, by species.
    expected_density_g_ml
        From the volumes that the components take, for sizing the box.
    notes
        Remarks on species and assumptions.
    """

    topology: Topology
    fractions: Mapping[str, float]
    expected_density_g_ml: float
    notes: tuple[str, ...]


def build(inputs: Mapping[str, Any], force_field: ForceField) -> Liquid:
    """Return the liquid that the inputs describe: parameters, numbers, expected density.

    Raises
    ------
    RefusedError
        If species lack parameters (all are named), or the amounts do not determine
        a composition.
    InputError
        If whole molecules make no neutral box of the size asked for.
    """
    molecules: dict[str, Molecule] = {}
    smiles: dict[str, str] = {}
    refused: list[str] = []
    scale = float(inputs["charge_scale"])
    for part in inputs["parts"]:
        for particle in part["particles"]:
            name = particle["species"]
            try:
                molecules[name] = molecule_of(
                    name, force_field, smiles=particle["smiles"], charge_scale=scale
                )
                smiles[name] = particle["smiles"]
            except (RefusedError, InputError) as error:
                refused.append(str(error))
    if refused:
        raise RefusedError("; ".join(dict.fromkeys(refused)))
    for name in molecules:
        if parameter_hash(name, smiles[name], scale) != inputs["parameters"][name]:
            raise CalculationError(f"the parameters of {name} changed since this was planned")
    if pair_hash(smiles, force_field) != inputs["parameters"].get(PAIRS, ""):
        raise CalculationError("the parameters of cation pairs changed since this was planned")
    volumes = {name: _volume_ml_mol(m, force_field) for name, m in molecules.items()}
    parts = [_part(part, molecules, volumes) for part in inputs["parts"]]
    try:
        fractions = mole_fractions(parts)
    except InputError as error:
        raise RefusedError(f"its composition is not determined: {error}") from None
    counts = molecule_counts(
        fractions,
        {name: m.formal_charge for name, m in molecules.items()},
        {name: m.n_atoms for name, m in molecules.items()},
        n_atoms=int(inputs["n_atoms"]),
    )
    topology = Topology(
        molecules=tuple((molecules[name], counts[name]) for name in counts),
        coulomb_14=force_field.scale_14.coulomb,
        lennard_jones_14=force_field.scale_14.lennard_jones,
        pairs=tuple(force_field.pair_terms({t for m in molecules.values() for t in m.types})),
    )
    volume = sum(counts[name] * volumes[name] for name in counts)
    notes = [f"{n}: {e.note}" for n, e in force_field.species.items() if n in counts and e.note]
    notes += [
        f"{n}: {FALLBACK_NOTE if is_fallback(molecules[n]) else 'typed by rule, unvalidated'}"
        for n in counts
        if n not in force_field.species
    ]
    return Liquid(topology, fractions, topology.mass_u / volume, (*notes, *inputs["assumptions"]))


def _part(
    part: Mapping[str, Any], molecules: Mapping[str, Molecule], volumes: Mapping[str, float]
) -> Part:
    particles = {p["species"]: int(p["number"]) for p in part["particles"]}
    return Part(
        name=part["name"],
        particles=particles,
        value=float(part["value"]),
        unit=part["unit"],
        molar_mass_g_mol=sum(n * molecules[s].mass_u for s, n in particles.items()),
        molar_volume_ml_mol=sum(n * volumes[s] for s, n in particles.items()),
        ionic=bool(part["ionic"]),
        of=part["of"],
    )


def _volume_ml_mol(molecule: Molecule, force_field: ForceField) -> float:
    entry = force_field.species.get(molecule.species)
    if entry is not None and entry.packing_volume_ml_mol is not None:
        return entry.packing_volume_ml_mol
    density = entry.packing_density_g_ml if entry else None
    return molecule.mass_u / (density or UNKNOWN_DENSITY_G_ML)


def n_constraints(topology: Topology) -> int:
    """Return the number of rigid distances: bonds to hydrogen, and those of rigid water."""
    return sum(
        n
        * (len(m.constraints) + sum("H" in (m.elements[i], m.elements[j]) for i, j, *_ in m.bonds))
        for m, n in topology.molecules
    )


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
    inputs: Mapping[str, Any],
    liquid: Liquid,
    results: Sequence[StageResult],
    gates: Gates,
    workdir: Path,
) -> Outcome:
    production = results[-1]
    topology = liquid.topology
    volume = float(production.volume_angstrom3.mean())
    densities = topology.mass_u * U_PER_A3_TO_G_ML / production.volume_angstrom3
    density = mean_of_series(densities)
    values: dict[str, Any] = {
        "temperature_k": round(gates.temperature_k, 3),
        "density_g_ml": density.value,
        "production_ps": float(production.time_ps[-1]),
        "equilibration_ps": sum(r.stage.duration_ps for r in results[:-1]),
        "n_atoms": topology.n_atoms,
        "box_angstrom": volume ** (1 / 3),
        "molecules": {m.residue: n for m, n in topology.molecules},
        "concentration_mol_l": {
            m.residue: n / volume * PER_A3_TO_MOL_L for m, n in topology.molecules
        },
        "ion_charge_scale": float(inputs["charge_scale"]),
        "gates": {k: round(v, 5) for k, v in asdict(gates).items()},
    }
    uncertainty: dict[str, Any] = {}
    if density.half_width is not None:
        uncertainty["density_g_ml"] = density.half_width
    notes = list(liquid.notes)
    gro = workdir / "topology.gro"
    write_gro(gro, topology, production.positions_angstrom, production.box_angstrom)
    if any(m.formal_charge for m, _ in topology.molecules):
        found, discarded_ps = _settled_analysis(
            gro, production.trajectory, float(inputs["temperature_k"])
        )
        values = {**found.row_values(), **values, "discarded_ps": discarded_ps}
        uncertainty = {**found.half_widths, **uncertainty}
        notes = [found.convergence_note, *found.notes, *notes]
    else:
        values["diffusion_m2_s"] = _diffusion(gro, production.trajectory)
        values["time_series"] = block_series(production.time_ps, {"density_g_ml": densities})
    if values["production_ps"] < TRUSTED_PRODUCTION_PS:
        values["converged"] = False
        notes.insert(
            0,
            f"not converged: one run of {values['production_ps']:.0f} ps"
            f" (trusted from 3 runs of {TRUSTED_PRODUCTION_PS:.0f} ps)",
        )
    else:
        values.setdefault("converged", density.converged)
    values["convergence_note"] = "; ".join(filter(None, notes))
    level = inputs["level"]
    return Outcome(
        status="ok",
        values=values,
        reason=values["convergence_note"],
        uncertainty=uncertainty,
        reference_state=(
            "fractions of ions by number of distinct counter-ions in the first shell"
            " (per anion: Raman convention)"
        ),
        engine=str(level["engine"]),
        engine_version=str(level["engine_version"]),
        structures={"final": _extxyz(topology, production)},
    )


def _settled_analysis(
    gro: Path, trajectory: Path | None, temperature_k: float
) -> tuple[AnalysisResult, float]:
    """Return the analysis where speciation has settled, and the time left out before (ps)."""
    whole = analyze_files(gro, trajectory, temperature_k=temperature_k)
    blocks = whole.time_series
    series = [np.asarray(blocks[name]) for name in SETTLING if name in blocks]
    first = settled_from(series)
    if first == 0:
        return whole, 0.0
    times = np.asarray(blocks["time_ps"])
    begin = float(times[first] + times[first - 1]) / 2
    start = round(begin / float(times[-1] + times[0]) * whole.n_frames)
    return analyze_files(gro, trajectory, temperature_k=temperature_k, start=start), begin


def _diffusion(gro: Path, trajectory: Path | None) -> dict[str, Any]:
    """Return species to diffusion coefficient of a liquid without ions."""
    motion = MeanSquaredDisplacement(open_universe(gro, trajectory)).run().results.diffusion
    return {
        name: {k.removesuffix("_m2_s"): v for k, v in asdict(d).items() if v is not None}
        for name, d in motion.items()
    }


def _extxyz(topology: Topology, result: StageResult) -> str:
    symbols = [e for m, n in topology.molecules for e in m.elements * n]
    atoms = Atoms(symbols, positions=result.positions_angstrom, cell=result.box_angstrom, pbc=True)
    residues = [m.residue for m, n in topology.molecules for _ in range(m.n_atoms * n)]
    atoms.set_array("residue", np.array(residues))
    text = io.StringIO()
    write(text, atoms, format="extxyz")
    return text.getvalue()
