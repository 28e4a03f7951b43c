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

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from potash.engines import xtb
from potash.engines.levels import engine_versions
from potash.engines.pyscf import MOVED, DftMethod, method_from_json
from potash.engines.pyscf import single_point as dft_point
from potash.errors import CalculationError, InputError, RefusedError
from potash.molecules.conformers import planned_conformers, planned_molecule
from potash.molecules.electron_transfer import ReactedState, molecule_bonds, transfer, weak_bonds
from potash.results.calculation import Outcome
from potash.structures.molecule import Structure

ABSOLUTE_SHE_V = 4.44
POTASSIUM_VS_SHE_V = -2.931
ABSOLUTE_UNCERTAINTY_V = 0.2
# Half-widths (about 95 %) of the electron-transfer energies themselves, by theory and side.
# Oxidation: from the errors of the vertical ionisation energies measured for each level.
# Reduction: unbound anions need diffuse functions that tight binding lacks, and a broken
# bond adds its own error; those numbers order molecules at best.
METHOD_UNCERTAINTY_V = {
    "xtb": {"oxidation": 0.9, "reduction": 1.5},
    "dft-on-gfn2": {"oxidation": 0.5, "reduction": 0.6},
    "dft": {"oxidation": 0.4, "reduction": 0.5},
}


@dataclass(frozen=True)
class Transfer:
    """Free energy of one electron transfer in solution.

    Attributes
    ----------
    energy_ev
        G(oxidised) - G(reduced), eV.
    vertical_ev
        The same without relaxation of the new state.
    state
        The relaxed state after the transfer.
    """

    energy_ev: float
    vertical_ev: float
    state: ReactedState


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


def compute(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Callable[[float, str], None],
) -> Outcome:
    """Compute one ``redox`` calculation.

    Parameters
    ----------
    inputs
        As a ``species`` calculation, with ``dielectric_constant`` and ``absolute_she_v``.
    needs, workdir
        Not used.
    progress
        Told the fraction done and the present step.

    Returns
    -------
    Outcome
        ``potential_oxidation_v_vs_k`` and ``potential_reduction_v_vs_k`` with their
        uncertainty, ``window_v``, ``absolute_k_v``; whether oxidation or reduction is
        ``dissociative``, the bonds and fragments, and the potential of the intact
        radical (``potential_reduction_intact_v_vs_k``); in the gas phase, with all bonds
        kept, ``ip_adiabatic_ev`` and ``ea_adiabatic_ev`` (without a number where the
        electron is not bound). ``reduction_is_upper_limit`` where no state of the
        molecule holds the electron better than none.

    Raises
    ------
    RefusedError
        For bare ions and species without a SMILES.
    CalculationError
        If the molecule or its oxidised state cannot be computed; without a reduced
        state the row has no reduction potential, and says so.
    """
    mol = planned_molecule(inputs)
    level = inputs["level"]
    epsilon = float(inputs["dielectric_constant"])
    full = Chem.AddHs(mol)
    if full.GetNumAtoms() == 1:
        raise RefusedError("a bare ion has no window of its own; take it from the K/K+ scale")
    progress(0.0, "conformers")
    structure = planned_conformers(inputs, mol).structures[0]
    bonds, weak = molecule_bonds(full), weak_bonds(full)
    energies = _xtb_energies if level["theory"] == "xtb" else _dft_energies
    values: dict[str, Any] = {
        "smiles": inputs["smiles"],
        "charge": structure.charge,
        "dielectric_constant": epsilon,
        "absolute_she_v": float(inputs["absolute_she_v"]),
        "absolute_k_v": absolute_potassium_v(float(inputs["absolute_she_v"])),
    }
    own_error = METHOD_UNCERTAINTY_V[level["theory"]]
    uncertainty = {}
    troubles = []
    structures = {"geometry": structure.extxyz()}
    for step, (name, added) in enumerate((("oxidation", -1), ("reduction", +1))):
        progress(0.1 + 0.45 * step, name)
        try:
            state = transfer(structure, bonds, added, epsilon, weak_bonds=weak if added > 0 else [])
            relaxed, vertical, intact = energies(structure, state, added, epsilon, level)
        except CalculationError as error:
            if added < 0:
                raise
            troubles.append(f"no reduction potential: {error}")
            continue
        try:
            values |= _gas_phase(energies(structure, state, added, None, level), state, added)
        except CalculationError as error:
            troubles.append(f"no adiabatic energy of {name} in the gas phase: {error}")
        column = f"potential_{name}_v_vs_k"
        absolute = values["absolute_k_v"]
        # Tight-binding geometries of the new state are no minimum of a better method's
        # surface: where they lie above the unrelaxed state, that one is kept.
        found_lower = relaxed < vertical
        values[column] = -added * min(relaxed, vertical) - absolute
        values[f"potential_{name}_vertical_v_vs_k"] = -added * vertical - absolute
        values[f"{name}_dissociative"] = state.dissociative and found_lower
        uncertainty[column] = float(np.hypot(ABSOLUTE_UNCERTAINTY_V, own_error[name]))
        if state.dissociative and found_lower:
            values[f"{name}_broken_bonds"] = list(state.broken_bonds)
            values[f"{name}_fragments"] = list(state.fragments)
            values[f"{name}_break_is_spontaneous"] = state.spontaneous
            if intact is not None:
                values[f"potential_{name}_intact_v_vs_k"] = -added * intact - absolute
        if added > 0:
            # The extra electron then sits in the diffuse functions, not in the molecule.
            values["reduction_is_upper_limit"] = not found_lower
            values["reduction_frees_fluoride"] = state.frees_fluoride and found_lower
        structures[f"after_{name}"] = state.structure.extxyz()
    reduction = values.get("potential_reduction_v_vs_k")
    if reduction is not None:
        values["window_v"] = values["potential_oxidation_v_vs_k"] - reduction
    return Outcome(
        status="ok",
        values=values,
        reason="; ".join(filter(None, [*troubles, _remark(values)])),
        uncertainty=uncertainty,
        reference_state=(
            f"K/K+ at {values['absolute_k_v']:.2f} V absolute (hydrogen electrode "
            f"{values['absolute_she_v']:.2f} V), continuum of dielectric constant {epsilon:g}, "
            "no vibrational terms"
        ),
        engine=str(level.get("backend", "pyscf")),
        engine_version=engine_versions(level),
        structures=structures,
    )


def _remark(values: Mapping[str, Any]) -> str:
    parts = []
    for name in ("oxidation", "reduction"):
        if values.get(f"{name}_dissociative"):
            bonds = ", ".join(sorted(set(values[f"{name}_broken_bonds"])))
            parts.append(f"{name} breaks {bonds}")
    if values.get("reduction_is_upper_limit"):
        parts.append("no stable reduced state found: the reduction potential is an upper limit")
    return "; ".join(parts)


Energies = tuple[float, float, float | None]
"""E(after) - E(before) in eV: relaxed, vertical, and relaxed with all bonds kept."""


def _gas_phase(energies: Energies, state: ReactedState, added: int) -> dict[str, Any]:
    """Return the adiabatic IP or EA of the molecule with its bonds kept.

    The geometry of the new state is the one relaxed in the continuum; where that lies
    above the unrelaxed state in the gas phase, the vertical energy stands for it.
    """
    relaxed, vertical, intact = energies
    kept = intact if state.dissociative else relaxed
    lowest = vertical if kept is None else min(kept, vertical)
    if added < 0:
        return {"ip_adiabatic_ev": lowest}
    bound = lowest < 0.0
    return {"ea_adiabatic_bound": bound} | ({"ea_adiabatic_ev": -lowest} if bound else {})


def _xtb_energies(
    before: Structure,
    after: ReactedState,
    added: int,
    epsilon: float | None,
    _level: Mapping[str, Any],
) -> Energies:
    """Return the energies of a transfer by IPEA1-xTB, in ddCOSMO unless epsilon is None.

    One Hamiltonian for all states: GFN2-xTB puts unbound anions several eV too high,
    so its relaxation energies must not be added to the EA of another method.
    """
    if added < 0 and xtb.valence_electrons(before.numbers, before.charge) < 1:
        raise RefusedError("tight binding has no electron to take from this species")
    medium = None if epsilon is None else xtb.Solvent("ddcosmo", epsilon)

    def energy(structure: Structure, positions: NDArray[np.float64]) -> float:
        return xtb.single_point(
            structure.numbers,
            positions,
            charge=structure.charge,
            unpaired=structure.unpaired,
            method="IPEA1-xTB",
            solvent=medium,
        ).energy_ev

    own = energy(before, before.positions) - added * xtb.IPEA_SHIFT_EV
    vertical = energy(after.structure, before.positions) - own
    relaxed = energy(after.structure, after.structure.positions) - own
    intact = None
    if after.intact_structure is not None and after.dissociative:
        kept = after.intact_structure
        intact = min(energy(kept, kept.positions) - own, vertical)
    return relaxed, vertical, intact


def _dft_energies(
    before: Structure,
    after: ReactedState,
    added: int,
    epsilon: float | None,
    level: Mapping[str, Any],
) -> Energies:
    """Return the energies of a transfer by DFT, in the continuum unless epsilon is None.

    Geometries are those of tight binding.
    """
    diffuse = before.charge < 0 or added > 0
    method: DftMethod = method_from_json(level["anion" if diffuse else "neutral"])
    if epsilon is not None:
        method = method.in_medium(epsilon)

    def energy(structure: Structure, positions: NDArray[np.float64]) -> float:
        return dft_point(
            structure.numbers,
            positions,
            charge=structure.charge,
            unpaired=structure.unpaired,
            method=method,
            moved=None if structure is before else MOVED[added],
        ).energy_ev

    own = energy(before, before.positions)
    vertical = energy(after.structure, before.positions) - own
    relaxed = energy(after.structure, after.structure.positions) - own
    intact = None
    if after.intact_structure is not None and after.dissociative:
        kept = after.intact_structure
        intact = min(energy(kept, kept.positions) - own, vertical)
    return relaxed, vertical, intact


@dataclass(frozen=True)
class Limit:
    """Which component of an electrolyte gives way first.

    Attributes
    ----------
    component
        Name of the one with the extreme central value.
    verdict
        ``first: NAME`` if its interval lies beyond all others, else ``unresolved``.
    low_v, high_v
        Its interval, V vs K/K+.
    rivals
        Components whose intervals overlap with it.
    """

    component: str
    verdict: str
    low_v: float
    high_v: float
    rivals: tuple[str, ...]


def first_to_react(potentials: Mapping[str, tuple[float, float]], *, side: str) -> Limit:
    """Return the component that is oxidised (or reduced) first, as far as intervals tell.

    Parameters
    ----------
    potentials
        Component to (value, half-width), V vs K/K+. The error of the common absolute
        scale should be left out here: it moves all components together.
    side
        ``oxidation`` (lowest potential first) or ``reduction`` (highest first).

    Raises
    ------
    InputError
        If there is no component, or the side is neither.
    """
    if side not in ("oxidation", "reduction"):
        raise InputError(f"{side!r} is neither 'oxidation' nor 'reduction'")
    if not potentials:
        raise InputError("no component has a potential")
    sign = 1.0 if side == "oxidation" else -1.0
    name = min(potentials, key=lambda n: (sign * potentials[n][0], n))
    value, width = potentials[name]
    rivals = tuple(
        other
        for other, (v, w) in sorted(potentials.items())
        if other != name and sign * (v - value) < w + width
    )
    verdict = "unresolved" if rivals else f"first: {name}"
    return Limit(name, verdict, value - width, value + width, rivals)
