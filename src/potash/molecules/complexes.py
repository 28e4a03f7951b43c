"""Ion binding: [M(ligand)n]+ complexes and ion pairs (kind ``complex``).

``binding_energy_ev`` = sum of the separate, relaxed parts - complex, electronic
energy in the gas phase; positive = bound. At ``screen`` GFN2-xTB, which overbinds
alkali ions by a third and more (K+-OH2: 1.05 eV against 0.77 eV by DFT, K-O 2.39
against 2.62 A): for pre-ranking only. At ``standard`` B3LYP-D3(BJ)/def2-SVPD on
B3LYP-D3(BJ)/def2-SVP geometries of complex and ligands, with the counterpoise
correction beside the value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from ase.data import atomic_numbers, chemical_symbols

from potash.catalog.species import Salt, Species
from potash.engines import xtb
from potash.engines.dft_method import DftMethod
from potash.engines.levels import Level
from potash.engines.molecule_levels import backend_of, level_of, methods_of
from potash.engines.pyscf import single_point
from potash.errors import InputError
from potash.molecules.assembly import Assembly, Part, assemble, separate_part
from potash.molecules.geometry import relax_dft
from potash.molecules.inputs import DFT_COST_S, SCREEN_COST_S, geometry_of, size_of
from potash.molecules.orbitals import gap_ev
from potash.molecules.thermochemistry import enthalpy_of
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.complex_ import ComplexInputs, ComplexPart, ComplexValues
from potash.results.model import NoNeeds
from potash.results.species import ConformerSearch
from potash.structures.molecule import Structure

REFERENCE_STATE = "gas phase; separate relaxed parts; positive = bound; electronic energy"
OVERBINDS = (
    "GFN2-xTB overbinds alkali ions (K+-OH2 by 0.28 eV against B3LYP-D3/def2-SVPD): "
    "pre-ranking only"
)
ALKALI_METALS = ("Li", "Na", "K")
_RELAXED_STARTS = 3
_MOST_ATOMS_WITH_VIBRATIONS = 30


def complex_calculation(
    metal: str,
    ligands: Sequence[Species],
    level: Level,
    *,
    item: str = "",
    seed: int = 1,
    search: ConformerSearch | None = None,
) -> Calculation:
    """Return the calculation of [M(ligand)n]+ or of an ion pair with an alkali ion.

    Parameters
    ----------
    metal
        ``Li``, ``Na`` or ``K``: the bare cation, charge +1.
    ligands
        Solvents or anions around it; repeat one for n > 1.
    level
        ``screen`` or ``standard``.
    item
        Label; by default such as ``k_plus_dme`` or ``k_plus_dme_x2``.
    seed, search
        Of the placement, and of the conformers of the ligands.

    Raises
    ------
    InputError
        If the metal is not an alkali metal or there is no ligand.
    """
    if metal not in ALKALI_METALS:
        raise InputError(f"{metal!r} is no alkali metal handled here; give Li, Na or K")
    if not ligands:
        raise InputError(f"a complex of {metal}+ needs at least one ligand")
    ion = ComplexPart(smiles=f"[{metal}+]", charge=1, unpaired=0, label=metal)
    names = sorted({ligand.id for ligand in ligands})
    counts = [sum(ligand.id == name for ligand in ligands) for name in names]
    label = f"{metal.lower()}_plus_" + "_".join(
        name if n == 1 else f"{name}_x{n}" for name, n in zip(names, counts, strict=True)
    )
    parts = (ion, *(_part(ligand) for ligand in ligands))
    return _calculation(item or label, parts, (metal,), level, seed, search)


def salt_calculation(
    salt: Salt,
    cation: Species,
    anion: Species,
    level: Level,
    *,
    seed: int = 1,
    search: ConformerSearch | None = None,
) -> Calculation:
    """Return the calculation of a salt's neutral formula unit as a gas-phase ion pair."""
    parts = (_part(cation),) * salt.n_cation + (_part(anion),) * salt.n_anion
    bare = sum(cation.composition.values()) == 1
    metals = tuple(cation.composition) * salt.n_cation if bare else ()
    return _calculation(salt.id, parts, metals, level, seed, search)


def _part(species: Species) -> ComplexPart:
    geometry = geometry_of(species)
    return ComplexPart(
        smiles=species.canonical_smiles if geometry is None else None,
        charge=species.charge,
        unpaired=species.multiplicity - 1,
        label=species.id,
        geometry=geometry,
    )


def _calculation(
    item: str,
    parts: tuple[ComplexPart, ...],
    metals: tuple[str, ...],
    level: Level,
    seed: int,
    search: ConformerSearch | None,
) -> Calculation:
    size = sum(size_of(part.smiles, part.geometry) for part in parts)
    if level.theory == "tight_binding":
        cost = 4 * SCREEN_COST_S * max(1.0, (size / 20) ** 2) * len(parts)
    else:
        cost = 8 * DFT_COST_S * max(0.1, (size / 16) ** 2.3)
    return Calculation(
        item=item,
        model="lowest of several starts",
        level=level.name,
        inputs=ComplexInputs(
            level=level.fingerprint,
            parts=parts,
            metals=metals,
            seed=seed,
            search=search or ConformerSearch(),
            relaxed=_RELAXED_STARTS,
        ),
        cost_s=cost,
    )


def compute_complex(
    inputs: ComplexInputs, _needs: NoNeeds, *, workdir: Path, progress: Progress
) -> Outcome[ComplexValues]:
    """Compute the binding of an ion.

    Parameters
    ----------
    inputs
        Parts and level.
    workdir
        Not used; the calculation starts from nothing.
    progress
        Told the fraction done and the present step.

    Returns
    -------
    Outcome
        With the structure ``geometry``.

    Raises
    ------
    RefusedError
        If a part has no structure.
    CalculationError
        If no bound geometry is found or self-consistency fails.
    """
    del workdir
    level, backend = level_of(inputs.level), backend_of(inputs.level)
    progress(0.0, "separate parts")
    parts = [separate_part(part, inputs.search, inputs.seed, backend) for part in inputs.parts]
    progress(0.1, "placing the ion")
    assembly = assemble(parts, seed=inputs.seed, relaxed=inputs.relaxed, backend=backend)
    if level.theory == "tight_binding":
        return _screen(inputs, level, parts, assembly, backend)
    return _standard(inputs, level, parts, assembly, progress)


def _metal(inputs: ComplexInputs) -> str:
    return chemical_symbols[atomic_numbers[inputs.metals[0]]] if inputs.metals else ""


def _ligands(inputs: ComplexInputs) -> tuple[str, ...]:
    return tuple(part.label for part in inputs.parts[len(inputs.metals) :])


def ion_distances(
    structure: Structure, n_ions: int, *, limit_angstrom: float = 3.4
) -> tuple[float, ...]:
    """Return the distances (A) from the first ion to N, O, F and S atoms, shortest first."""
    if not n_ions:
        return ()
    distance = np.linalg.norm(structure.positions - structure.positions[0], axis=1)
    donors = [
        float(d)
        for d, z in zip(distance[n_ions:], structure.numbers[n_ions:], strict=True)
        if z in (7, 8, 9, 16) and d < limit_angstrom
    ]
    return tuple(sorted(round(d, 4) for d in donors))


def _screen(
    inputs: ComplexInputs,
    level: Level,
    parts: Sequence[Part],
    assembly: Assembly,
    backend: xtb.Backend,
) -> Outcome[ComplexValues]:
    structure, electronic = assembly.structure, assembly.electronic
    separate = sum(xtb.single_point(p.structure, backend=backend).energy_ev for p in parts)
    ip, ea = xtb.vertical_ip_ea(structure)
    return Outcome(
        status="ok",
        values=ComplexValues(
            metal=_metal(inputs),
            ligands=_ligands(inputs),
            charge=structure.charge,
            n_atoms=len(structure.numbers),
            n_starts=assembly.n_tried,
            binding_energy_ev=separate - electronic.energy_ev,
            ion_distances_angstrom=ion_distances(structure, len(inputs.metals)) or None,
            energy_ev=electronic.energy_ev,
            orbital_method="GFN2-xTB",
            homo_ev=electronic.homo_ev,
            lumo_ev=electronic.lumo_ev,
            gap_ev=gap_ev(electronic.homo_ev, electronic.lumo_ev),
            lumo_rankable=False,
            ip_ea_method="IPEA1-xTB",
            ip_vertical_ev=ip,
            ea_bound=ea > 0,
            ea_vertical_ev=ea if ea > 0 else None,
        ),
        reason=OVERBINDS if set(inputs.metals) & set(ALKALI_METALS) else "",
        reference_state=REFERENCE_STATE,
        engine=level.engine,
        engine_version=level.engine_version,
        structures={"geometry": structure.extxyz(energy_ev=electronic.energy_ev)},
    )


def _standard(
    inputs: ComplexInputs,
    level: Level,
    parts: Sequence[Part],
    assembly: Assembly,
    progress: Progress,
) -> Outcome[ComplexValues]:
    methods = methods_of(inputs.level)
    method, cheap = methods.binding, methods.binding_geometry
    progress(0.2, "DFT geometry of the complex")
    structure = relax_dft(assembly.structure, cheap)
    progress(0.6, "DFT geometry of the parts")
    relaxed: dict[str, Structure] = {}
    separate = 0.0
    for planned, part in zip(inputs.parts, parts, strict=True):
        if planned.label not in relaxed:
            relaxed[planned.label] = relax_dft(part.structure, cheap)
        separate += single_point(relaxed[planned.label], method).energy_ev
    progress(0.8, "energies")
    state = single_point(structure, method)
    reduced = single_point(
        replace(structure, charge=structure.charge - 1, unpaired=1), method, moved="electron"
    )
    ionised = single_point(
        replace(structure, charge=structure.charge + 1, unpaired=1), method, moved="hole"
    )
    ea, ip = state.energy_ev - reduced.energy_ev, ionised.energy_ev - state.energy_ev
    binding = separate - state.energy_ev
    error = counterpoise(structure, assembly.slices, parts, method)
    enthalpy = None
    if len(structure.numbers) <= _MOST_ATOMS_WITH_VIBRATIONS:
        progress(0.95, "vibrations")
        change = enthalpy_of(structure) - sum(enthalpy_of(part.structure) for part in parts)
        enthalpy = binding - error - change
    n_ions = len(inputs.metals)
    return Outcome(
        status="ok",
        values=ComplexValues(
            metal=_metal(inputs),
            ligands=_ligands(inputs),
            charge=structure.charge,
            n_atoms=len(structure.numbers),
            n_starts=assembly.n_tried,
            binding_energy_ev=binding,
            counterpoise_ev=error,
            binding_energy_counterpoise_ev=binding - error,
            binding_enthalpy_298k_ev=enthalpy,
            ion_distances_angstrom=ion_distances(structure, n_ions) or None,
            energy_ev=state.energy_ev,
            orbital_method=method.label,
            homo_ev=state.homo_ev,
            lumo_ev=state.lumo_ev,
            gap_ev=gap_ev(state.homo_ev, state.lumo_ev),
            metal_share_of_lumo=float(state.lumo_populations[:n_ions].sum()) if n_ions else None,
            metal_charge_change_e=float(
                (state.charges_e[:n_ions] - reduced.charges_e[:n_ions]).sum()
            )
            if n_ions
            else None,
            ip_ea_method=f"delta-SCF {method.label}",
            ip_vertical_ev=ip,
            ea_bound=ea > 0,
            ea_vertical_ev=ea if ea > 0 else None,
            spin_contamination=max(reduced.spin_contamination, ionised.spin_contamination),
        ),
        reference_state=REFERENCE_STATE,
        engine=level.engine,
        engine_version=level.engine_version,
        structures={"geometry": structure.extxyz(energy_ev=state.energy_ev)},
    )


def counterpoise(
    structure: Structure, slices: Sequence[slice], parts: Sequence[Part], method: DftMethod
) -> float:
    """Return the basis-set superposition error in eV (positive: the binding is too strong by it).

    Boys and Bernardi, doi:10.1080/00268977000101561: each part, in the geometry it has
    in the complex, alone and with the basis functions of all the others.
    """
    total = 0.0
    atoms = range(len(structure.numbers))
    for where, part in zip(slices, parts, strict=True):
        charge, unpaired = part.structure.charge, part.structure.unpaired
        here = Structure(structure.numbers[where], structure.positions[where], charge, unpaired)
        alone = single_point(here, method)
        with_ghosts = single_point(
            replace(structure, charge=charge, unpaired=unpaired),
            method,
            ghosts=[i for i in atoms if not where.start <= i < where.stop],
        )
        total += alone.energy_ev - with_ghosts.energy_ev
    return total
