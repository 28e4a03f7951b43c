"""Oxidation and reduction potentials against K/K+ (kind ``redox``).

Potentials come from free energies in solution, never from gas-phase IP and EA:

    E_ox  = [G(M+) - G(M)] / e - E_abs(K/K+)
    E_red = [G(M) - G(M-)] / e - E_abs(K/K+)

G is electronic energy plus continuum solvation of the relaxed states; vibrational
and thermal terms are left out (they mostly cancel, below 0.1 V for intact
molecules, and favour dissociation by a few tenths more). E_abs(K/K+) is the
absolute potential of the hydrogen electrode, 4.44 V (Trasatti,
doi:10.1351/pac198658070955) or 4.28 V (usual with continuum models fitted to that
scale), plus the standard potential of K+/K, -2.931 V. Either is uncertain by 0.2 V,
and the solvation of K+ differs between electrolytes: the scale is not the same for all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from rdkit import Chem

from potash.calibration.resolution import POTASSIUM_SCALE_HALF_WIDTH_V
from potash.catalog.species import Species
from potash.engines import pyscf, xtb
from potash.engines.levels import Level
from potash.engines.molecule_levels import level_of, methods_of
from potash.errors import CalculationError, InputError, RefusedError
from potash.molecules.conformers import planned_conformers
from potash.molecules.electron_transfer import ReactedState, molecule_bonds, transfer, weak_bonds
from potash.molecules.inputs import (
    cost_s,
    inputs_of_species,
    n_atoms_of,
    planned_molecule,
)
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.model import NoNeeds
from potash.results.redox import Continuum, RedoxInputs, RedoxValues
from potash.results.species import ConformerSearch
from potash.structures.molecule import Structure

ABSOLUTE_SHE_V = 4.44
POTASSIUM_VS_SHE_V = -2.931

Side = Literal["oxidation", "reduction"]
ADDED: dict[Side, Literal[-1, 1]] = {"oxidation": -1, "reduction": +1}
"""Electrons that each side adds."""


def own_uncertainty_v(level: Level, side: Side) -> float:
    """Return the half-width (about 95 %) of electron-transfer energies at a level, in V.

    Oxidation: from the errors of the vertical ionisation energies measured for each
    level. Reduction: unbound anions need diffuse functions that tight binding lacks,
    and a broken bond adds its own error; those numbers order molecules at best.
    """
    if level.theory == "tight_binding":
        return {"oxidation": 0.9, "reduction": 1.5}[side]
    if methods_of(level.fingerprint).geometry is None:
        return {"oxidation": 0.5, "reduction": 0.6}[side]
    return {"oxidation": 0.4, "reduction": 0.5}[side]


def absolute_potassium_v(absolute_she_v: float = ABSOLUTE_SHE_V) -> float:
    """Return the absolute potential of K/K+ in V: 1.51 for 4.44 V, 1.35 for 4.28 V.

    Raises
    ------
    InputError
        If the value is not near any published absolute potential of hydrogen.
    """
    if not 4.0 <= absolute_she_v <= 4.8:
        raise InputError(
            f"{absolute_she_v} V is no absolute potential of the hydrogen electrode; "
            "4.44 and 4.28 V are usual"
        )
    return absolute_she_v + POTASSIUM_VS_SHE_V


def redox_calculation(
    species: Species,
    level: Level,
    *,
    dielectric_constant: float,
    absolute_she_v: float = ABSOLUTE_SHE_V,
    seed: int = 1,
    search: ConformerSearch | None = None,
) -> Calculation:
    """Return the calculation of oxidation and reduction potentials in one medium.

    Parameters
    ----------
    species
        A molecule or ion with a SMILES.
    level
        ``screen`` or ``standard``.
    dielectric_constant
        Of the electrolyte; that of 1,2-dimethoxyethane is 7.22.
    absolute_she_v
        Absolute potential of the hydrogen electrode.
    seed, search
        Of the conformers.

    Raises
    ------
    InputError
        If the dielectric constant or the absolute potential makes no sense.
    """
    if not 1.0 < dielectric_constant < 250.0:
        raise InputError(f"{dielectric_constant} is no dielectric constant of a liquid")
    absolute_potassium_v(absolute_she_v)
    tight_binding = level.theory == "tight_binding"
    inputs = inputs_of_species(
        RedoxInputs,
        species,
        level,
        seed=seed,
        search=search,
        continuum=Continuum(model="ddCOSMO") if tight_binding else Continuum(**pyscf.CONTINUUM),
        dielectric_constant=dielectric_constant,
        absolute_she_v=absolute_she_v,
    )
    return Calculation(
        item=species.id,
        model="conformer",
        level=level.name,
        inputs=inputs,
        cost_s=8 * cost_s(n_atoms_of(species), level),
    )


@dataclass(frozen=True)
class _Energies:
    """E(after) - E(before) of one electron transfer in one medium, eV.

    Attributes
    ----------
    relaxed, vertical
        With and without relaxation of the new state.
    intact
        Relaxed with all bonds kept; ``None`` where no bond breaks or none is kept.
    """

    relaxed: float
    vertical: float
    intact: float | None

    @property
    def found_lower(self) -> bool:
        """Whether the relaxed state lies below the unrelaxed one."""
        return self.relaxed < self.vertical

    @property
    def lowest(self) -> float:
        """The lower of relaxed and vertical.

        Tight-binding geometries of the new state are no minimum of a better method's
        surface: where they lie above the unrelaxed state, that one is kept.
        """
        return min(self.relaxed, self.vertical)


@dataclass(frozen=True)
class _Side:
    """What one electron more (``added`` of +1) or less (-1) does.

    Attributes
    ----------
    state
        Geometries after it.
    added
        Electrons added.
    solution, vacuum
        Energies in the continuum and in vacuum; ``None`` where they cannot be computed.
    """

    state: ReactedState
    added: int
    solution: _Energies
    vacuum: _Energies | None

    @property
    def dissociative(self) -> bool:
        return self.state.dissociative and self.solution.found_lower

    @property
    def broken_bonds(self) -> tuple[str, ...] | None:
        return self.state.broken_bonds if self.dissociative else None

    @property
    def fragments(self) -> tuple[str, ...] | None:
        return self.state.fragments if self.dissociative else None

    @property
    def spontaneous(self) -> bool | None:
        return self.state.spontaneous if self.dissociative else None

    @property
    def kept_in_vacuum(self) -> float | None:
        """Lowest energy in vacuum with all bonds kept.

        The geometry of the new state is the one relaxed in the continuum; where that
        lies above the unrelaxed state in vacuum, the vertical energy stands for it.
        """
        if self.vacuum is None:
            return None
        kept = self.vacuum.intact if self.state.dissociative else self.vacuum.relaxed
        return self.vacuum.vertical if kept is None else min(kept, self.vacuum.vertical)

    def potential_v(self, energy_ev: float, absolute_v: float) -> float:
        """Return the potential against an absolute one at which this energy is paid."""
        return -self.added * energy_ev - absolute_v

    def intact_v(self, absolute_v: float) -> float | None:
        """Return the potential with all bonds kept, where otherwise one breaks."""
        if not self.dissociative or self.solution.intact is None:
            return None
        return self.potential_v(self.solution.intact, absolute_v)


def compute_redox(
    inputs: RedoxInputs, _needs: NoNeeds, *, workdir: Path, progress: Progress
) -> Outcome[RedoxValues]:
    """Compute oxidation and reduction potentials of a molecule or ion.

    Parameters
    ----------
    inputs
        Molecule, medium and level.
    workdir
        Not used; the calculation starts from nothing.
    progress
        Told the fraction done and the present step.

    Returns
    -------
    Outcome
        With the structures ``geometry``, ``after_oxidation`` and ``after_reduction``. The
        half-widths of the potentials contain that of the absolute scale, 0.2 V.

    Raises
    ------
    RefusedError
        For bare ions and species without a SMILES.
    CalculationError
        If the molecule or its oxidised state cannot be computed; without a reduced
        state the row has no reduction potential, and says so.
    """
    del workdir
    level = level_of(inputs.level)
    mol = planned_molecule(inputs)
    full = Chem.AddHs(mol)
    if full.GetNumAtoms() == 1:
        raise RefusedError("a bare ion has no window of its own; take it from the K/K+ scale")
    progress(0.0, "conformers")
    structure = planned_conformers(inputs, mol).structures[0]
    troubles: list[str] = []
    progress(0.1, "oxidation")
    oxidation = _side(structure, full, "oxidation", level, inputs, troubles)
    progress(0.55, "reduction")
    try:
        reduction = _side(structure, full, "reduction", level, inputs, troubles)
    except CalculationError as error:
        reduction = None
        troubles.append(f"no reduction potential: {error}")
    return _outcome(inputs, level, structure, oxidation, reduction, troubles)


def _side(
    structure: Structure,
    full: Chem.Mol,
    side: Side,
    level: Level,
    inputs: RedoxInputs,
    troubles: list[str],
) -> _Side:
    added, epsilon = ADDED[side], inputs.dielectric_constant
    weak = weak_bonds(full) if side == "reduction" else []
    state = transfer(structure, molecule_bonds(full), added, epsilon, weak_bonds=weak)
    solution = _energies(structure, state, added, epsilon, level)
    try:
        vacuum = _energies(structure, state, added, None, level)
    except CalculationError as error:
        vacuum = None
        troubles.append(f"no adiabatic energy of {side} in the gas phase: {error}")
    return _Side(state, added, solution, vacuum)


def _outcome(
    inputs: RedoxInputs,
    level: Level,
    structure: Structure,
    oxidation: _Side,
    reduction: _Side | None,
    troubles: list[str],
) -> Outcome[RedoxValues]:
    absolute = absolute_potassium_v(inputs.absolute_she_v)
    oxidised = oxidation.potential_v(oxidation.solution.lowest, absolute)
    reduced: dict[str, Any] = {}
    if reduction is not None:
        lowest = reduction.potential_v(reduction.solution.lowest, absolute)
        affinity = None if reduction.kept_in_vacuum is None else -reduction.kept_in_vacuum
        reduced = {
            "potential_reduction_v_vs_k": lowest,
            "potential_reduction_vertical_v_vs_k": reduction.potential_v(
                reduction.solution.vertical, absolute
            ),
            "reduction_dissociative": reduction.dissociative,
            "reduction_broken_bonds": reduction.broken_bonds,
            "reduction_fragments": reduction.fragments,
            "reduction_break_is_spontaneous": reduction.spontaneous,
            "potential_reduction_intact_v_vs_k": reduction.intact_v(absolute),
            # The extra electron then sits in the diffuse functions, not in the molecule.
            "reduction_is_upper_limit": not reduction.solution.found_lower,
            "reduction_frees_fluoride": reduction.state.frees_fluoride
            and reduction.solution.found_lower,
            "ea_adiabatic_bound": None if affinity is None else affinity > 0.0,
            "ea_adiabatic_ev": affinity if affinity is not None and affinity > 0.0 else None,
            "window_v": oxidised - lowest,
        }
    values = RedoxValues(
        smiles=str(inputs.smiles),
        charge=structure.charge,
        dielectric_constant=inputs.dielectric_constant,
        absolute_she_v=inputs.absolute_she_v,
        absolute_k_v=absolute,
        potential_oxidation_v_vs_k=oxidised,
        potential_oxidation_vertical_v_vs_k=oxidation.potential_v(
            oxidation.solution.vertical, absolute
        ),
        oxidation_dissociative=oxidation.dissociative,
        oxidation_broken_bonds=oxidation.broken_bonds,
        oxidation_fragments=oxidation.fragments,
        oxidation_break_is_spontaneous=oxidation.spontaneous,
        potential_oxidation_intact_v_vs_k=oxidation.intact_v(absolute),
        ip_adiabatic_ev=oxidation.kept_in_vacuum,
        **reduced,
    )
    structures = {"geometry": structure, "after_oxidation": oxidation.state.structure}
    if reduction is not None:
        structures["after_reduction"] = reduction.state.structure
    sides: tuple[Side, ...] = ("oxidation",) if reduction is None else ("oxidation", "reduction")
    return Outcome(
        status="ok",
        values=values,
        reason="; ".join(filter(None, [*troubles, _remark(values)])),
        uncertainty={
            f"potential_{side}_v_vs_k": float(
                np.hypot(POTASSIUM_SCALE_HALF_WIDTH_V, own_uncertainty_v(level, side))
            )
            for side in sides
        },
        reference_state=(
            f"K/K+ at {absolute:.2f} V absolute (hydrogen electrode "
            f"{inputs.absolute_she_v:.2f} V), continuum of dielectric constant "
            f"{inputs.dielectric_constant:g}, no vibrational terms"
        ),
        engine=level.engine,
        engine_version=level.engine_version,
        structures={name: found.extxyz() for name, found in structures.items()},
    )


def _remark(values: RedoxValues) -> str:
    parts = [
        f"{name} breaks {', '.join(sorted(set(bonds)))}"
        for name, bonds in (
            ("oxidation", values.oxidation_broken_bonds),
            ("reduction", values.reduction_broken_bonds),
        )
        if bonds is not None
    ]
    if values.reduction_is_upper_limit:
        parts.append("no stable reduced state found: the reduction potential is an upper limit")
    return "; ".join(parts)


def _energies(
    before: Structure, after: ReactedState, added: int, epsilon: float | None, level: Level
) -> _Energies:
    """Return the energies of a transfer, in a continuum unless epsilon is None."""
    if level.theory == "tight_binding":
        energy = _xtb_energy(before, added, epsilon)
        own = energy(before) - added * xtb.IPEA_SHIFT_EV
    else:
        energy = _dft_energy(before, added, epsilon, level)
        own = energy(before)
    vertical = energy(replace(after.structure, positions=before.positions)) - own
    relaxed = energy(after.structure) - own
    intact = None
    if after.intact_structure is not None and after.dissociative:
        intact = min(energy(after.intact_structure) - own, vertical)
    return _Energies(relaxed, vertical, intact)


def _xtb_energy(
    before: Structure, added: int, epsilon: float | None
) -> Callable[[Structure], float]:
    """Return energies by IPEA1-xTB, in ddCOSMO unless epsilon is None.

    One Hamiltonian for all states: GFN2-xTB puts unbound anions several eV too high,
    so its relaxation energies must not be added to the EA of another method.
    """
    if added < 0 and xtb.valence_electrons(before.numbers, before.charge) < 1:
        raise RefusedError("tight binding has no electron to take from this species")
    medium = None if epsilon is None else xtb.Solvent("ddcosmo", epsilon)
    return lambda state: xtb.single_point(state, method="IPEA1-xTB", solvent=medium).energy_ev


def _dft_energy(
    before: Structure, added: int, epsilon: float | None, level: Level
) -> Callable[[Structure], float]:
    """Return energies by DFT on the geometries of tight binding."""
    methods = methods_of(level.fingerprint)
    method = methods.anion if before.charge < 0 or added > 0 else methods.neutral
    if epsilon is not None:
        method = method.in_medium(epsilon)

    def energy(state: Structure) -> float:
        moved = None if state.charge == before.charge else pyscf.MOVED[added]
        return pyscf.single_point(state, method, moved=moved).energy_ev

    return energy
