r"""Migration barriers of alkali ions in crystals (kind ``barrier``): planned and computed.

A hop takes an ion from one site to another; the energy of a supercell is followed along the
way by a climbing-image nudged elastic band. With :math:`E_h` the highest energy on hop
:math:`h` and :math:`E_0` the energy of the defect on its lowest site, the barrier of
migration in :math:`d` directions is

.. math:: E_d = \min \{E : \text{hops with } E_h \le E \text{ span } d \text{ directions}\} - E_0

What diffuses also needs its vacancies or interstitials; the energy that makes them, and the
attraction of impurities, are not in a migration barrier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import spglib
from ase import Atoms

from potash.bulk.band_hops import HopRecord, MigratingIon, hop_record
from potash.bulk.hops import SYMMETRY_ANGSTROM, SiteHop, nearest_kinds, percolation
from potash.bulk.kept_hops import KeptHops
from potash.bulk.phases import primitive_cell
from potash.bulk.repeats import image_distance, repeats_for_images
from potash.engines.adsorption_levels import level_of
from potash.engines.levels import Level
from potash.engines.potentials import calculator
from potash.engines.relaxation import relax_cell
from potash.errors import CalculationError, InputError, RefusedError
from potash.results.barrier import BarrierHop, BarrierInputs, BarrierValues, Ion, Mechanism
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.model import NoNeeds
from potash.structures.plain_atoms import extxyz
from potash.structures.recipes import BulkRecipe

IMAGE_DISTANCE_ANGSTROM = 10.0
MAX_HOP_ANGSTROM = 6.0
N_IMAGES = 3
MAX_FORCE_EV_ANGSTROM = 0.1

MAX_ATOMS = 250
"""Larger supercells are refused: a hop takes some 150 force calls."""

MAX_KINDS = 16
"""Crystals with more symmetry-distinct hops are refused."""

UNEVEN_EV = 0.05
"""Sites that symmetry makes equal differ by more where the crystal leaves its symmetry."""

_CELL_STEPS = 300
_CALLS_PER_HOP = 150
_S_PER_CALL_AND_ATOM = 0.006


def barrier_calculation(
    recipe: BulkRecipe,
    level: Level,
    *,
    item: str,
    model: str,
    ion: Ion = "K",
    mechanism: Mechanism = "vacancy",
    image_distance_angstrom: float = IMAGE_DISTANCE_ANGSTROM,
) -> Calculation:
    """Return the calculation of an ion's migration barrier in a crystal.

    Parameters
    ----------
    recipe
        The crystal.
    level
        A potential.
    item, model
        Labels of the row: id or file name, and formula.
    ion, mechanism
        What moves, and how.
    image_distance_angstrom
        Least distance of the defect from its periodic images.

    Raises
    ------
    InputError
        For a level that is no potential, or a crystal without the ion.
    """
    if level.theory != "potential":
        raise InputError(
            f"migration barriers are computed with potentials, not at {level.name}", field="level"
        )
    cell = primitive_cell(recipe.crystal)
    if ion not in cell.symbols:
        raise InputError(f"{cell.get_chemical_formula()} holds no {ion}", field="ion")
    n_ions = sum(s == ion for s in cell.symbols)
    repeats = repeats_for_images(cell.cell.array, image_distance_angstrom)
    n_atoms = len(cell) * repeats[0] * repeats[1] * repeats[2]
    return Calculation(
        item=item,
        model=model,
        level=level.name,
        inputs=BarrierInputs(
            level=level.fingerprint,
            recipe=recipe,
            ion=ion,
            mechanism=mechanism,
            image_distance_angstrom=image_distance_angstrom,
            max_hop_angstrom=MAX_HOP_ANGSTROM,
            n_images=N_IMAGES,
            max_force_ev_angstrom=MAX_FORCE_EV_ANGSTROM,
        ),
        cost_s=20.0 + min(n_ions, MAX_KINDS) * _CALLS_PER_HOP * _S_PER_CALL_AND_ATOM * n_atoms,
    )


def compute_barrier(
    inputs: BarrierInputs, _needs: NoNeeds, *, workdir: Path, progress: Progress
) -> Outcome[BarrierValues]:
    """Return the barriers of the nearest hops of an ion, and of the networks that they make.

    Cell and positions of the primitive cell are relaxed, then each symmetry-distinct hop is
    followed in a supercell. Relaxed crystal and finished hops are kept in ``workdir``: a run
    that was ended goes on behind them.

    Parameters
    ----------
    inputs
        Crystal, ion, mechanism, size and level.
    workdir, progress
        As for every calculation.

    Raises
    ------
    RefusedError
        Outside the validity of the level; where the supercell or the number of distinct hops
        is too large.
    CalculationError
        If the crystal does not relax, or no hop has a result.
    """
    level = level_of(inputs.level)
    if level.theory != "potential":
        raise RefusedError("migration barriers are for potentials")
    start = primitive_cell(inputs.recipe.crystal)
    repeats = repeats_for_images(start.cell.array, inputs.image_distance_angstrom)
    n_atoms = len(start) * repeats[0] * repeats[1] * repeats[2]
    if n_atoms > MAX_ATOMS:
        raise RefusedError(
            f"the supercell would have {n_atoms} atoms, and barriers are computed up to "
            f"{MAX_ATOMS}; a smaller distance between images needs fewer"
        )
    level.check(set(start.symbols), n_atoms=n_atoms)
    engine = calculator(inputs.level)
    kept = KeptHops(workdir)
    crystal, calls = kept.crystal or (None, 0)
    if crystal is None:
        progress(0.02, "relax the crystal")
        relaxed = relax_cell(start, engine, max_steps=_CELL_STEPS)
        if not relaxed.converged:
            raise CalculationError(f"the crystal did not relax in {_CELL_STEPS} steps")
        crystal, calls = kept.keep_crystal(relaxed.atoms, relaxed.force_calls)
    ion = MigratingIon.of(crystal, inputs.ion, inputs.mechanism, repeats)
    kinds = nearest_kinds(ion.crystal, ion.sites, inputs.max_hop_angstrom)
    if not kinds:
        raise RefusedError(f"no two sites of {inputs.ion} within {inputs.max_hop_angstrom:g} A")
    if len(kinds) > MAX_KINDS:
        raise RefusedError(
            f"{len(kinds)} symmetry-distinct hops up to {kinds[-1][0].distance_angstrom:.1f} A, "
            f"and barriers are computed for up to {MAX_KINDS}"
        )
    records: list[HopRecord] = []
    for n, kind in enumerate(kinds):
        progress(0.1 + 0.9 * n / len(kinds), f"hop {n + 1} of {len(kinds)}")
        record = kept.hop(n)
        if record is None:
            record = hop_record(
                ion,
                kind[0],
                engine,
                n_images=inputs.n_images,
                max_force=inputs.max_force_ev_angstrom,
            )
            kept.keep_hop(n, record)
        records.append(record)
    calls += sum(record.force_calls for record in records)
    return _outcome(inputs, ion, kinds, records, level, start, crystal, calls)


def _outcome(
    inputs: BarrierInputs,
    ion: MigratingIon,
    kinds: Sequence[Sequence[SiteHop]],
    records: Sequence[HopRecord],
    level: Level,
    start: Atoms,
    crystal: Atoms,
    calls: int,
) -> Outcome[BarrierValues]:
    saddles = {n: r.saddle_ev for n, r in enumerate(records) if r.saddle_ev is not None}
    if not saddles:
        raise CalculationError(f"no hop has a result: {records[0].reason}")
    ends = _end_energies(kinds, records)
    lowest = min(energy for energies in ends.values() for energy in energies)
    spread = _site_spread(ion, ends)
    networks = percolation(ion.crystal, ion.sites, kinds, saddles)
    barriers = [None if e is None else e - lowest for e in networks]
    remarks = []
    if lost := [r for r in records if r.saddle_ev is None]:
        remarks.append(f"{len(lost)} of {len(records)} hops have no result: {lost[0].reason}")
    decisive = max((e for e in networks if e is not None), default=max(saddles.values()))
    loose = sum(not records[n].converged for n, energy in saddles.items() if energy <= decisive)
    if loose:
        remarks.append(f"{loose} bands did not converge")
    if spread > UNEVEN_EV:
        remarks.append(f"equal sites differ by {spread:.2f} eV: the crystal leaves its symmetry")
    if barriers[0] is None:
        remarks.append("no network of these hops spans the crystal")
    return Outcome(
        status="anomalous" if loose or spread > UNEVEN_EV or barriers[0] is None else "ok",
        values=BarrierValues(
            ion=inputs.ion,
            mechanism=inputs.mechanism,
            migration_barrier_ev=barriers[0],
            barrier_2d_ev=barriers[1],
            barrier_3d_ev=barriers[2],
            hops=tuple(_hop(k, r) for k, r in zip(kinds, records, strict=True)),
            n_atoms=ion.n_atoms,
            supercell=ion.repeats,
            image_distance_angstrom=image_distance(crystal.cell.array, ion.repeats),
            n_images=inputs.n_images,
            residual_force_ev_angstrom=max(r.residual_force_ev_angstrom for r in records),
            site_spread_ev=spread,
            volume_change=float(crystal.cell.volume / start.cell.volume) - 1.0,
            force_calls=calls,
        ),
        reason="; ".join(remarks),
        reference_state=f"energy of the {inputs.mechanism} on its lowest site",
        engine=level.engine,
        engine_version=level.engine_version,
        structures={
            "crystal": extxyz(crystal),
            **{
                f"hop_{n}_{name}": text
                for n, record in enumerate(records, start=1)
                for name, text in record.structures.items()
            },
        },
    )


def _hop(kind: Sequence[SiteHop], record: HopRecord) -> BarrierHop:
    common = BarrierHop(
        distance_angstrom=kind[0].distance_angstrom,
        sites=(kind[0].start, kind[0].end),
        per_cell=len(kind),
        reason=record.reason,
    )
    if record.saddle_ev is None:
        return common
    first, last = record.energies_ev[0], record.energies_ev[-1]
    return common.model_copy(
        update={
            "barrier_ev": record.saddle_ev - first,
            "barrier_back_ev": record.saddle_ev - last,
            "path_energies_ev": tuple(e - first for e in record.energies_ev),
            "residual_force_ev_angstrom": record.residual_force_ev_angstrom,
            "converged": record.converged,
        }
    )


def _end_energies(
    kinds: Sequence[Sequence[SiteHop]], records: Sequence[HopRecord]
) -> dict[int, list[float]]:
    """Return site to the energies of the defect there, one for each band that ends on it."""
    found: dict[int, list[float]] = {}
    for kind, record in zip(kinds, records, strict=True):
        if record.saddle_ev is not None:
            found.setdefault(kind[0].start, []).append(record.energies_ev[0])
            found.setdefault(kind[0].end, []).append(record.energies_ev[-1])
    return found


def _site_spread(ion: MigratingIon, ends: Mapping[int, Sequence[float]]) -> float:
    """Return by how much energies of sites differ that symmetry makes equal."""
    crystal = ion.crystal
    dataset = spglib.get_symmetry_dataset(
        (crystal.cell.array, crystal.get_scaled_positions(), crystal.numbers),
        symprec=SYMMETRY_ANGSTROM,
    )
    alike: dict[int, list[float]] = {}
    for site, energies in ends.items():
        orbit = site if dataset is None else int(dataset.equivalent_atoms[ion.sites[site]])
        alike.setdefault(orbit, []).extend(energies)
    return max(max(energies) - min(energies) for energies in alike.values())
