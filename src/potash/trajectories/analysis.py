"""Everything about one trajectory in one pass: speciation, RDFs, density, diffusion."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from MDAnalysis import Universe
from numpy.typing import NDArray

from potash.errors import InputError
from potash.trajectories.analysis_result import FRACTIONS, AnalysisResult
from potash.trajectories.averages import Mean, block_series, counting_half_width, mean_of_series
from potash.trajectories.charge import current_carried, formal_charges
from potash.trajectories.contacts import Contacts, contacts
from potash.trajectories.ions import DONOR_ELEMENTS
from potash.trajectories.kernels import minimum_height
from potash.trajectories.opening import open_universe
from potash.trajectories.parts import (
    AggregateSplit,
    BothAggregates,
    BothFractions,
    Component,
    Coordination,
    Current,
    Displacement,
    Fractions,
    IonFractions,
    Radial,
    Shell,
)
from potash.trajectories.solvation import Speciation
from potash.trajectories.structure import Density, RadialDistribution, first_minimum
from potash.trajectories.system import (
    System,
    check_molecules,
    check_neutral,
    describe,
    donor_atoms,
    find_anions,
    find_cations,
    formal_charges_of,
    listed,
)
from potash.trajectories.trajectory import run_together, select
from potash.trajectories.transport import MeanSquaredDisplacement

Ints = NDArray[np.int64]

PILOT_FRAMES = 200
WIDEST_CONVERGED = 0.05
FEWEST_ION_PAIRS = 20
FEWEST_CONTACTS = 50


def analyze_files(
    topology: str | Path,
    trajectory: str | Path | None = None,
    *,
    dt_ps: float | None = None,
    time_unit: str | None = None,
    atom_style: str | None = None,
    **options: Any,
) -> AnalysisResult:
    """Open a trajectory and :func:`analyze` it.

    Parameters
    ----------
    topology, trajectory
        Files of GROMACS, LAMMPS, AMBER, OpenMM, CHARMM, VASP or ASE.
    dt_ps, time_unit, atom_style
        What the files do not say (:func:`potash.trajectories.opening.open_universe`).
    options
        Those of :func:`analyze`.

    Raises
    ------
    InputError
        If the files or options are not usable.
    """
    universe = open_universe(
        topology, trajectory, dt_ps=dt_ps, time_unit=time_unit, atom_style=atom_style
    )
    source = str(topology if trajectory is None else trajectory)
    try:
        return analyze(universe, **options)
    except InputError as error:
        if error.source == "topology":
            raise InputError(error.message, source=str(topology)) from None
        raise
    except MemoryError:
        raise InputError("asks for more memory than there is", source=source) from None
    except (OSError, EOFError, ValueError, OverflowError) as error:  # a damaged frame
        text = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(f"cannot be read to the end: {text}", source=source) from error
    except Exception as error:
        if not _is_of_a_reader(error):
            raise
        raise InputError(
            "cannot be read to the end: a frame does not hold what its format says", source=source
        ) from error


def _is_of_a_reader(error: Exception) -> bool:
    """Whether an exception comes out of one of MDAnalysis' readers, which raise anything."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    file = "" if step is None else step.tb_frame.f_code.co_filename
    return "MDAnalysis/coordinates" in file or "MDAnalysis/lib/formats" in file


def analyze(
    universe: Universe,
    *,
    cation: str | None = None,
    anion: str | None = None,
    solvent: str | None = None,
    cutoff: float | Mapping[str, float] | None = None,
    start: int | None = None,
    stop: int | None = None,
    step: int | None = None,
    sensitivity: float = 0.2,
    viscosity_pa_s: float | None = None,
    temperature_k: float | None = None,
    residence_tolerance_ps: float = 2.0,
    elements: Mapping[str, str] | None = None,
    n_workers: int = 1,
    progress: Callable[[float], None] | None = None,
) -> AnalysisResult:
    """Analyse the solvation structure and diffusion of an electrolyte in one pass.

    Parameters
    ----------
    universe
        Any MDAnalysis universe with a periodic box.
    cation, anion, solvent
        Selections in MDAnalysis' language; every atom selected is a cation or
        donor atom. By default all free metal ions, the donor atoms of the
        molecules that are anions (by formula or charge; O, N and F, in AlCl4 or
        iodide what there is), and the O, N and F atoms of all other molecules.
    cutoff
        One distance in angstrom, or one for each label; by default the first
        minimum of each pair's radial distribution (from up to 200 frames).
    start, stop, step
        Frames.
    sensitivity
        Change of the cutoffs in angstrom with which the fractions are repeated.
    viscosity_pa_s, temperature_k
        For the finite-size correction of the diffusion coefficients; the
        temperature also for the conductivity.
    residence_tolerance_ps
        Separations up to this long do not end a contact.
    elements
        Element by atom name or type where the files do not tell, such as ``{"3": "CH2"}``.
    n_workers
        Processes that share the frames (:func:`potash.trajectories.trajectory.run_together`).
    progress
        Called now and then with the fraction done.

    Raises
    ------
    InputError
        If there is no cation, no anion, no box, no frame, or a selection or
        cutoff that cannot be used; if an element cannot be told, molecules make no sense, or
        the charges of the ions that were found do not add up.
    """
    _check_numbers(cutoff, sensitivity, viscosity_pa_s, temperature_k)
    system = describe(universe, elements)
    frames = range(universe.trajectory.n_frames)[start:stop:step]
    if len(frames) == 0:
        raise InputError(
            f"no frame is left of {universe.trajectory.n_frames} with start {start}, stop {stop}, "
            f"step {step}",
            source="start",
        )
    if cation is None or anion is None:
        check_molecules(system)
    sets = _atom_sets(universe, system, cation, anion, solvent)
    charges = formal_charges(system, sets[0], sets[1])
    notes = [*system.notes, check_neutral(system, charges, chosen=anion is not None)]
    notes.append(_uncounted(system, charges, sets))
    touching = contacts(system, *sets)
    pilot = _pilot_frames(frames)
    r_max = _range(universe, pilot)
    pairs = {k: (universe.atoms[a], universe.atoms[b]) for k, (a, b) in touching.pairs.items()}
    if cutoff is None:
        cutoffs, sources = _found_cutoffs(pairs, touching, system, r_max, pilot)
    else:
        values = cutoff if isinstance(cutoff, Mapping) else dict.fromkeys(pairs, float(cutoff))
        cutoffs, sources = dict(values), dict.fromkeys(pairs, "given")

    ions = universe.atoms[touching.cation_atoms]
    for element in sorted(set(system.elements[touching.cation_atoms])):
        alike = ions[system.elements[ions.indices] == element]
        if len(alike) > 1:
            pairs[f"{element}-{element}"] = (alike, alike)
    speciation = Speciation(
        universe.atoms[sets[0]], universe.atoms[sets[1]], universe.atoms[sets[2]],
        cutoff=cutoffs, sensitivity=sensitivity, system=system,
        residence_tolerance_ps=residence_tolerance_ps,
    )  # fmt: skip
    rdf = RadialDistribution(pairs, r_max=r_max, system=system)
    density = Density(universe, system=system)
    motion = MeanSquaredDisplacement(
        universe, system=system, viscosity_pa_s=viscosity_pa_s, temperature_k=temperature_k
    )
    run_together(
        [speciation, rdf, density, motion],
        start=start,
        stop=stop,
        step=step,
        n_workers=n_workers,
        progress=progress,
    )
    current = current_carried(
        motion,
        charges,
        float(np.mean(density.results.volume)) * 1e-30,
        temperature_k,
    )
    return _result(system, speciation, rdf, density, motion, sources, current, charges, notes)


def _atom_sets(
    universe: Universe, system: System, cation: str | None, anion: str | None, solvent: str | None
) -> tuple[Ints, Ints, Ints]:
    """Atoms of cations, anion donors and solvent donors, as selected or found."""
    n_molecules = len(system.species)
    if cation is None:
        cations = find_cations(system)
    else:
        cations = np.asarray(select(universe, cation, "cation").indices, np.int64)
    left = np.ones(n_molecules, bool)
    left[system.molecule[cations]] = False
    if anion is None:
        is_anion = np.isin(system.species, find_anions(system))
        anions = donor_atoms(system, is_anion & left, anions=True)
        if len(anions) == 0:
            raise InputError(
                f"no anion recognised among {listed(system)}; name its donor atoms, such as "
                "'resname FSI and name O* N* F*'",
                source="anion",
            )
    else:
        anions = np.asarray(select(universe, anion, "anion").indices, np.int64)
    left[system.molecule[anions]] = False
    if solvent is None:
        solvents = donor_atoms(system, left & ~_charged(system, positive=True), anions=False)
    else:
        solvents = np.asarray(select(universe, solvent, "solvent").indices, np.int64)
    return cations, anions.astype(np.int64), solvents.astype(np.int64)


def _charged(system: System, *, positive: bool) -> NDArray[np.bool_]:
    """Molecules that are cations (else anions) by what is known of their species."""
    charges = [0 if q is None else q for q in formal_charges_of(system)]
    return np.asarray([(q > 0) if positive else (q < 0) for q in charges])[system.species]


def _uncounted(system: System, charges: tuple[float, ...], sets: tuple[Ints, Ints, Ints]) -> str:
    """Return a note that names the ions that no fraction counts, or ''."""
    counted = set(system.species[system.molecule[np.concatenate(sets)]].tolist())
    missing = [
        f"{n} {name} ({q:+g})"
        for k, (name, n, q) in enumerate(zip(system.names, system.counts, charges, strict=True))
        if q and k not in counted
    ]
    if not missing:
        return ""
    return f"ions that no fraction counts (name their atoms to count them): {', '.join(missing)}"


def _per_ion(
    system: System, speciation: Speciation, charges: tuple[float, ...]
) -> dict[str, IonFractions]:
    """Return role, number, charge and fractions of the ions of every species."""
    c, found = speciation.contacts, {}
    roles: tuple[tuple[Literal["cation", "anion"], Sequence[str], Ints], ...] = (
        ("cation", c.cation_kinds, c.kind_of_cation),
        ("anion", c.anion_kinds, c.kind_of_anion),
    )
    for role, names, kinds in roles:
        for k, name in enumerate(names):
            found[name] = IonFractions(
                **_three(speciation.results.per_ion[name]),
                role=role,
                count=int(np.sum(kinds == k)),
                charge=charges[system.names.index(name)],
            )
    return found


def _check_numbers(
    cutoff: float | Mapping[str, float] | None,
    sensitivity: float,
    viscosity_pa_s: float | None,
    temperature_k: float | None,
) -> None:
    given = {"viscosity_pa_s": viscosity_pa_s, "temperature_k": temperature_k}
    if sensitivity != 0.0:
        given["sensitivity"] = sensitivity
    if not isinstance(cutoff, Mapping):
        given["cutoff"] = cutoff
    for name, value in given.items():
        if value is not None and not (math.isfinite(value) and value > 0.0):
            raise InputError(f"{value} should be a positive number", source=name)


def _pilot_frames(frames: range) -> list[int]:
    """Up to ``PILOT_FRAMES`` frames, evenly spread."""
    chosen = np.unique(np.linspace(0, len(frames) - 1, min(PILOT_FRAMES, len(frames))).astype(int))
    return [frames[int(i)] for i in chosen]


def _range(universe: Universe, pilot: list[int]) -> float:
    """Range of the radial distributions that fits into the smallest box, with a margin."""
    smallest = np.inf
    for frame in pilot:
        # One by one: MDAnalysis' own iteration takes a reader's error for the end.
        ts = universe.trajectory[frame]
        height = 0.0 if ts.dimensions is None else minimum_height(ts.dimensions)
        if not height > 0.0:
            raise InputError(
                f"frame {ts.frame} has no periodic box; solvation analysis needs one "
                "(a trajectory with cell vectors)"
            )
        smallest = min(smallest, height)
    return float(np.floor(20.0 * min(10.0, 0.47 * smallest)) / 20.0)


def _found_cutoffs(
    pairs: Mapping[str, tuple[Any, Any]],
    touching: Contacts,
    system: System,
    r_max: float,
    pilot: list[int],
) -> tuple[dict[str, float], dict[str, str]]:
    """First minima of the radial distributions; a pair without contact peak borrows one.

    It borrows from the pair of the same cation element and the same species
    with the highest contact peak, else from that of any species.
    """
    rdf = RadialDistribution(pairs, r_max=r_max, system=system).run(frames=pilot).results
    cutoffs: dict[str, float] = {}
    height: dict[str, float] = {}
    for (label, curve), histogram in zip(rdf.rdf.items(), rdf.histograms, strict=True):
        element = label.split("-", 1)[1].split("(", 1)[0]
        counted = element in DONOR_ELEMENTS or label in touching.anion_labels
        found = first_minimum(rdf.r_angstrom, curve["g"]) if counted else None
        # Of a handful of distances every g(r) has peaks and minima.
        if found is not None and histogram[rdf.r_angstrom < found].sum() >= FEWEST_CONTACTS:
            cutoffs[label] = found
            height[label] = float(np.max(curve["g"][rdf.r_angstrom < found]))
    sources = dict.fromkeys(cutoffs, "first minimum of g(r)")
    for row in touching.labels:
        own = [label for label in row if label in height]
        if not own:
            raise InputError(
                f"no contact peak in the radial distributions of {', '.join(row)}; give a cutoff",
                source="cutoff",
            )
        for label in row:
            if label not in height:
                species = label[label.index("(") :]
                near = [other for other in own if other.endswith(species)] or own
                lender = max(near, key=height.__getitem__)
                cutoffs[label] = cutoffs[lender]
                sources[label] = f"that of {lender} (no contact peak of its own)"
    return cutoffs, sources


def _result(
    system: System,
    speciation: Speciation,
    rdf: RadialDistribution,
    density: Density,
    motion: MeanSquaredDisplacement,
    sources: Mapping[str, str],
    current: Current,
    charges: tuple[float, ...],
    notes: list[str],
) -> AnalysisResult:
    found, counts = speciation.results, np.bincount(system.species)
    known = speciation.times_known and bool(np.all(np.isfinite(speciation.times)))
    means = {name: mean_of_series(series) for name, series in found.series.items()}
    _widen_fractions(means, speciation)
    means["density_g_ml"] = mean_of_series(density.results.series)
    n_pairs = min(speciation.contacts.n_cations, speciation.contacts.n_anions)
    note = _convergence_note({name: means[name] for name in FRACTIONS}, n_pairs)
    r = rdf.results.r_angstrom
    lag = motion.results.lag_ps
    shown = np.unique(np.linspace(0, max(len(lag) // 2 - 1, 0), 200).astype(int))
    return AnalysisResult(
        per_anion=Fractions(**_three(found.per_anion)),
        per_cation=Fractions(**_three(found.per_cation)),
        per_ion=_per_ion(system, speciation, charges),
        aggregates=BothAggregates(
            *(
                AggregateSplit(found[per]["agg_1"], found[per]["agg_2"])
                for per in ("per_anion", "per_cation")
            )
        ),
        coordination={
            label: Coordination(**entry, cutoff_source=sources.get(label, "given"))
            for label, entry in found.coordination.items()
        },
        ligands_per_cation=found.ligands,
        shells=tuple(
            Shell(dict(zip(found.species, shell, strict=True)), share)
            for shell, share in list(found.shells.items())[:20]
        ),
        clusters=found.clusters,
        sensitivity={
            change: BothFractions(
                *(Fractions(**_three(both[per])) for per in ("per_anion", "per_cation"))
            )
            for change, both in found.sensitivity.items()
        },
        density_g_ml=density.results.density_g_ml,
        diffusion=motion.results.diffusion,
        conductivity=current,
        residence=found.residence,
        rdf={label: Radial(r, **curve) for label, curve in rdf.results.rdf.items()},
        msd={
            name: Displacement(lag[shown], curve[shown])
            for name, curve in motion.results.msd.items()
        },
        time_series=block_series(
            speciation.times if known else speciation.frames.astype(float),
            {name: found.series[name] for name in FRACTIONS}
            | {"density_g_ml": density.results.series},
            axis="time_ps" if known else "frame",
        ),
        half_widths={
            name: mean.half_width for name, mean in means.items() if mean.half_width is not None
        },
        composition={
            name: Component(system.formulas[k], int(counts[k]))
            for k, name in enumerate(system.names)
        },
        n_atoms=len(system.masses),
        n_frames=speciation.n_frames,
        first_ps=float(speciation.times[0]) if known else None,
        last_ps=float(speciation.times[-1]) if known else None,
        converged=not note,
        convergence_note=note,
        notes=tuple(filter(None, [*notes, motion.results.note, motion.results.size_note])),
    )


def _widen_fractions(means: dict[str, Mean], speciation: Speciation) -> None:
    """Keep the intervals of the fractions above the counting error of the ions."""
    touching, lives = speciation.contacts, speciation.results.residence
    anions = {
        touching.species[k] for k in touching.species_of_ligand[touching.anion_of_ligand >= 0]
    }
    known = [lives[name].value_ps for name in anions if name in lives]
    # An anion whose contacts are not known to end: every ion counts once.
    longest = None if not known or None in known else max(x for x in known if x is not None)
    length_ps = float(speciation.times[-1] - speciation.times[0])
    for name in FRACTIONS:
        mean = means[name]
        if mean.half_width is None:
            continue
        n_ions = touching.n_anions if name.startswith("per_anion") else touching.n_cations
        least = counting_half_width(mean.value, n_ions, length_ps, longest)
        means[name] = replace(mean, half_width=max(mean.half_width, least))


def _convergence_note(means: Mapping[str, Mean], n_pairs: int) -> str:
    """Why the fractions are not converged, or ''."""
    reasons = []
    for name, mean in means.items():
        if mean.half_width is None or mean.n_blocks < 5:
            reasons.append(f"{name}: too few independent samples")
        elif mean.half_width > WIDEST_CONVERGED:
            reasons.append(f"{name}: +-{mean.half_width:.2f}")
        elif not mean.converged:
            reasons.append(f"{name}: drifts by {mean.drift:+.2f} between halves")
    if n_pairs < FEWEST_ION_PAIRS:
        reasons.append(f"{n_pairs} ion pairs (at least {FEWEST_ION_PAIRS})")
    return "not converged: " + "; ".join(reasons) if reasons else ""


def _three(fractions: Mapping[str, float]) -> dict[str, float]:
    return {name: fractions[name] for name in ("ssip", "cip", "agg")}
