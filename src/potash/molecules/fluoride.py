"""What K takes from a fluorinated molecule: X + K -> KF + R (kind ``fluoride_release``).

The reaction that makes a KF-rich interphase. X is a molecule or an anion, R what is left
of it after one fluorine atom went, with the charge of X and one unpaired electron more.
The fluorine atom that costs least, by GFN2-xTB at every level, is the one that is
reported. Energies of different X are compared; the common part (K, KF) is the same for
all at one level.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rdkit import Chem

from potash.catalog.species import Species
from potash.engines import pyscf, xtb
from potash.engines.levels import Level
from potash.engines.molecule_levels import backend_of, level_of, methods_of
from potash.errors import CalculationError, RefusedError
from potash.molecules.conformers import bonds_kept, planned_conformers
from potash.molecules.geometry import relax_dft
from potash.molecules.inputs import cost_s, inputs_of_species, n_atoms_of, planned_molecule
from potash.molecules.tight_binding import relax_gfn2
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.fluoride_release import FluorideReleaseInputs, FluorideReleaseValues
from potash.results.model import NoNeeds
from potash.results.species import ConformerSearch
from potash.structures.molecule import Structure
from potash.units import COHESIVE_ENERGY_K_EV

REFERENCE_STATE = (
    "gas phase; K metal (experimental cohesive energy of 0.934 eV per atom) and the KF molecule, "
    "electronic energy; crystalline KF would make it more negative"
)
_POTASSIUM = Structure((19,), np.zeros((1, 3)), unpaired=1)
# Bond length of the KF molecule to start from, A.
_POTASSIUM_FLUORIDE = Structure((19, 9), np.array([[0.0, 0, 0], [0, 0, 2.2]]))


def fluoride_release_calculation(
    species: Species, level: Level, *, seed: int = 1, search: ConformerSearch | None = None
) -> Calculation:
    """Return the calculation of the energy at which K takes fluorine from a species."""
    inputs = inputs_of_species(FluorideReleaseInputs, species, level, seed=seed, search=search)
    return Calculation(
        item=species.id,
        model="conformer",
        level=level.name,
        inputs=inputs,
        cost_s=6 * cost_s(n_atoms_of(species), level),
    )


def compute_fluoride_release(
    inputs: FluorideReleaseInputs, _needs: NoNeeds, *, workdir: Path, progress: Progress
) -> Outcome[FluorideReleaseValues]:
    """Compute the energy of X + K(metal) -> KF(molecule) + R.

    Parameters
    ----------
    inputs
        X and level.
    workdir
        Not used; the calculation starts from nothing.
    progress
        Told the fraction done and the present step.

    Returns
    -------
    Outcome
        With the structures ``geometry`` (X) and ``radical`` (R).

    Raises
    ------
    RefusedError
        For species without a SMILES or without fluorine bound to another atom.
    CalculationError
        If X cannot be computed, or no R.
    """
    del workdir
    mol = planned_molecule(inputs)
    full = Chem.AddHs(mol)
    sites = fluorine_sites(full)
    if not sites:
        raise RefusedError(f"{inputs.smiles} holds no fluorine bound to another atom")
    level, backend = level_of(inputs.level), backend_of(inputs.level)
    progress(0.0, "conformers")
    whole = planned_conformers(inputs, mol, backend=backend).structures[0]
    progress(0.1, "radicals")
    found: list[tuple[float, int, Structure]] = []
    trouble = ""
    for site in sites:
        start = without_atom(whole, site)
        try:
            positions, result = relax_gfn2(start, backend=backend)
        except CalculationError as error:
            trouble = str(error)
            continue
        relaxed = Structure(start.numbers, positions, start.charge, start.unpaired)
        found.append((result.energy_ev, site, relaxed))
    if not found:
        raise CalculationError(f"no radical without fluorine could be relaxed: {trouble}")
    _, site, radical = min(found, key=lambda item: item[:2])
    if level.theory == "tight_binding":
        energies = [
            xtb.single_point(structure, backend=backend).energy_ev
            for structure in (whole, radical, _POTASSIUM, _relaxed_fluoride(backend))
        ]
    else:
        methods = methods_of(inputs.level)
        structures = []
        for step, structure in enumerate((whole, radical, _POTASSIUM, _POTASSIUM_FLUORIDE)):
            progress(0.2 + 0.2 * step, "DFT")
            structures.append(relax_dft(structure, methods.binding_geometry))
        energies = [pyscf.single_point(s, methods.binding).energy_ev for s in structures]
        whole, radical = structures[:2]
    before, after, potassium, fluoride = energies
    energy = fluoride + after - before - potassium
    partner = full.GetAtomWithIdx(site).GetNeighbors()[0].GetSymbol()
    intact = bonds_kept(_without(full, site), radical.positions)
    return Outcome(
        status="ok",
        values=FluorideReleaseValues(
            smiles=str(inputs.smiles),
            charge=whole.charge,
            reaction_energy_ev=energy + COHESIVE_ENERGY_K_EV,
            reaction_energy_k_atom_ev=energy,
            bond=f"{partner}-F",
            n_fluorine_sites=len(sites),
            radical_intact=intact,
        ),
        reason="" if intact else "what is left of the molecule breaks up further",
        reference_state=REFERENCE_STATE,
        engine=level.engine,
        engine_version=level.engine_version,
        structures={"geometry": whole.extxyz(), "radical": radical.extxyz()},
    )


def fluorine_sites(mol: Chem.Mol) -> list[int]:
    """Return the fluorine atoms bound to another element, one of each class of equal ones."""
    ranks = list(Chem.CanonicalRankAtoms(mol, breakTies=False))
    sites: dict[int, int] = {}
    for atom in mol.GetAtoms():
        if atom.GetSymbol() == "F" and any(n.GetSymbol() != "F" for n in atom.GetNeighbors()):
            sites.setdefault(ranks[atom.GetIdx()], atom.GetIdx())
    return sorted(sites.values())


def without_atom(structure: Structure, index: int) -> Structure:
    """Return a structure without one monovalent atom: same charge, one spin changed."""
    numbers = tuple(z for i, z in enumerate(structure.numbers) if i != index)
    unpaired = structure.unpaired - 1 if structure.unpaired else 1
    return Structure(
        numbers, np.delete(structure.positions, index, axis=0), structure.charge, unpaired
    )


def _without(mol: Chem.Mol, index: int) -> Chem.Mol:
    edited = Chem.RWMol(mol)
    edited.RemoveAtom(index)
    return edited.GetMol()


def _relaxed_fluoride(backend: xtb.Backend) -> Structure:
    positions, _ = relax_gfn2(_POTASSIUM_FLUORIDE, backend=backend)
    return Structure(_POTASSIUM_FLUORIDE.numbers, positions)
