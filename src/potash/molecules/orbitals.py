"""Orbitals, ionisation energy and electron affinity of one molecule (kind ``species``).

At ``screen``: GFN2-xTB geometry and orbitals, IPEA1-xTB vertical IP and EA. At
``standard``: total-energy differences (delta-SCF) of B3LYP on the same geometry.
IP and EA are gas-phase energies at the geometry of the starting state; orbital
energies are descriptors, not IPs (B3LYP HOMOs lie about 3 eV too high).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rdkit import Chem

from potash.engines import xtb
from potash.engines.levels import engine_versions
from potash.engines.pyscf import MOVED, DftMethod, DftResult, method_from_json, single_point
from potash.errors import CalculationError, RefusedError
from potash.molecules.conformers import Conformers, planned_conformers, planned_molecule
from potash.molecules.geometry import relax_dft
from potash.molecules.tight_binding import relax_gfn2
from potash.results.calculation import Outcome
from potash.structures.molecule import Structure, structure_from_json
from potash.structures.smiles import parse_smiles

GAS_PHASE = "gas phase; IP = E(q+1) - E(q), EA = E(q) - E(q-1), at the geometry of charge q"
# IPEA1-xTB errs by less than 1 eV; an EA below this is unbound, and is not computed again.
_UNBOUND_BY_XTB_EV = -2.5
# The B3LYP LUMO lies 2 eV or more below minus the EA of a valence anion (the 32 measured
# molecules): above this one, a molecule is unbound whatever the basis.
_UNBOUND_LUMO_EV = 0.5
# Diffuse functions raise the EA of a valence anion by well under this; a molecule whose
# EA lies lower without them is unbound with them too, and their cost is saved.
_HOPELESS_EA_EV = -1.5
_PEROXIDE = Chem.MolFromSmarts("[OX2][OX2]")
# A conformer with less of the Boltzmann weight moves no mean by a meV.
_LEAST_WEIGHT = 0.01
_CONTAMINATION_FLAG, _CONTAMINATION_LIMIT = 0.10, 0.50


@dataclass(frozen=True)
class DeltaScf:
    """Vertical IP and EA from total energies.

    Attributes
    ----------
    state
        The DFT result of the molecule itself.
    ip_ev, ea_ev
        Vertical energies; ``ea_ev`` may be negative (unbound), and is ``None`` where
        tight binding already left no doubt of that.
    ea_method
        Method that decided on ``ea_ev``.
    contamination
        Largest <S^2> - S(S+1) of the ions.
    """

    state: DftResult
    ip_ev: float
    ea_ev: float | None
    ea_method: str
    contamination: float


def compute(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Callable[[float, str], None],
) -> Outcome:
    """Compute one ``species`` calculation.

    Parameters
    ----------
    inputs
        As planned by :mod:`potash.molecules.plan`: ``smiles`` or ``geometry``,
        ``charge``, ``unpaired``, ``seed``, ``search`` and the level's fingerprint.
    needs, workdir
        Not used; the calculation is short and starts from nothing.
    progress
        Told the fraction done and the present step.

    Returns
    -------
    Outcome
        Values ``homo_ev``, ``lumo_ev``, ``gap_ev``, ``ip_vertical_ev``,
        ``ea_vertical_ev`` (absent, with ``ea_bound`` false, where the anion is
        unbound), ``dipole_debye`` (neutral molecules), ``energy_ev``, and the
        conformer count; at ``screen``, where several of the relaxed conformers share the
        weight, ``ip_boltzmann_ev`` and ``ip_conformer_spread_ev``; structure ``geometry``.

    Raises
    ------
    RefusedError
        If there is no structure, or the method does not describe the species.
    CalculationError
        If no usable wave function or geometry was found.
    """
    level = inputs["level"]
    theory = level["theory"]
    backend = level.get("backend", "tblite")
    progress(0.0, "conformers")
    found = _geometry(inputs, backend)
    structure = found.structures[0]
    if theory == "xtb":
        progress(0.7, "IPEA1-xTB")
        return _screen(inputs, found)
    if "geometry" in level:
        progress(0.1, "DFT geometry")
        structure = relax_dft(structure, method_from_json(level["geometry"]))
    progress(0.2, "delta-SCF")
    neutral, anion = method_from_json(level["neutral"]), method_from_json(level["anion"])
    own = anion if structure.charge < 0 else neutral
    result = delta_scf(structure, own, diffuse=anion, progress=progress)
    return _dft(inputs, found, structure, own, result)


def _geometry(inputs: Mapping[str, Any], backend: xtb.Backend) -> Conformers:
    if inputs.get("smiles") is None:
        if "geometry" not in inputs:
            raise RefusedError(
                f"no SMILES and no geometry are known for {inputs.get('formula', 'this species')}"
            )
        start = structure_from_json(inputs["geometry"])
        positions, electronic = relax_gfn2(start, backend=backend)
        relaxed = Structure(start.numbers, positions, start.charge, start.unpaired)
        return Conformers((relaxed,), (electronic.energy_ev,), electronic, 1)
    return planned_conformers(inputs, planned_molecule(inputs), backend=backend)


def _screen(inputs: Mapping[str, Any], found: Conformers) -> Outcome:
    structure = found.structures[0]
    if len(structure.numbers) == 1:
        raise RefusedError(
            "tight binding does not describe a bare atom or atomic ion; use the standard level"
        )
    ip, ea = xtb.vertical_ip_ea(
        structure.numbers,
        structure.positions,
        charge=structure.charge,
        unpaired=structure.unpaired,
    )
    electronic = found.electronic
    values = _common(inputs, found)
    values |= frontier_values(electronic.homo_ev, electronic.lumo_ev)
    values |= {"energy_ev": electronic.energy_ev, "orbital_method": "GFN2-xTB"}
    values |= {"ip_ea_method": "IPEA1-xTB"}
    if structure.charge == 0:
        values["dipole_debye"] = electronic.dipole_debye
    if ip is not None:
        values["ip_vertical_ev"] = ip
        values |= _ensemble_ip(found, ip)
    values |= _affinity(ea)
    hot = electronic.electronic_temperature_k
    remarks = [f"self-consistent only at {hot:.0f} K"] if hot > 300 else []
    if ip is not None and ip <= 0:
        remarks.append("negative IP: not a bound electronic state in vacuum")
    return Outcome(
        status="anomalous" if remarks else "ok",
        values=values,
        reason="; ".join(filter(None, [*remarks, _geometry_remark(inputs)])),
        reference_state=GAS_PHASE,
        engine=str(inputs["level"]["backend"]),
        engine_version=engine_versions(inputs["level"]),
        structures={"geometry": structure.extxyz(energy_ev=electronic.energy_ev)},
    )


def _ensemble_ip(found: Conformers, lowest_ev: float) -> dict[str, float]:
    """Return the Boltzmann-weighted vertical IP (298 K) and its spread over the conformers.

    Nothing where one conformer holds nearly all of the weight.
    """
    weights = found.weights()
    counted = [k for k, weight in enumerate(weights) if weight >= _LEAST_WEIGHT]
    if len(counted) < 2:
        return {}
    ips = [lowest_ev]
    for k in counted[1:]:
        other = found.structures[k]
        ip, _ = xtb.vertical_ip_ea(
            other.numbers, other.positions, charge=other.charge, unpaired=other.unpaired
        )
        if ip is None:
            return {}
        ips.append(ip)
    return {
        "ip_boltzmann_ev": float(np.average(ips, weights=weights[counted])),
        "ip_conformer_spread_ev": max(ips) - min(ips),
    }


def _dft(
    inputs: Mapping[str, Any],
    found: Conformers,
    structure: Structure,
    own: DftMethod,
    result: DeltaScf,
) -> Outcome:
    state = result.state
    values = _common(inputs, found)
    values |= frontier_values(state.homo_ev, state.lumo_ev)
    values |= {
        "energy_ev": state.energy_ev,
        "orbital_method": own.label,
        "ip_vertical_ev": result.ip_ev,
        "ip_ea_method": f"delta-SCF {own.label}",
        "ea_method": result.ea_method,
        "spin_contamination": result.contamination,
    }
    if structure.charge == 0:
        values["dipole_debye"] = state.dipole_debye
    values |= _affinity(result.ea_ev)
    remarks = list(filter(None, [_geometry_remark(inputs)]))
    if state.lumo_ev is not None and state.lumo_ev > 0:
        values["lumo_bound"] = False
    if result.contamination > _CONTAMINATION_FLAG:
        remarks.append(f"<S^2> of an ion is {result.contamination:.2f} above the pure spin state")
    unusable = result.contamination > _CONTAMINATION_LIMIT
    if result.ip_ev <= 0:
        unusable = True
        remarks.append("negative IP: not a bound electronic state in vacuum")
    return Outcome(
        status="anomalous" if unusable else "ok",
        values=values,
        reason="; ".join(remarks),
        reference_state=GAS_PHASE,
        engine="pyscf",
        engine_version=engine_versions(inputs["level"]),
        structures={"geometry": structure.extxyz(energy_ev=state.energy_ev)},
    )


def _geometry_remark(inputs: Mapping[str, Any]) -> str:
    """Return why the geometry of a molecule is not to be trusted, or nothing.

    GFN2-xTB makes H-O-O-H planar, and a relaxation by DFT stays on that saddle point.
    """
    if inputs.get("smiles") is None:
        return ""
    mol = parse_smiles(inputs["smiles"])
    if not mol.HasSubstructMatch(_PEROXIDE):
        return ""
    return "peroxide: GFN2-xTB flattens the O-O torsion, the IP may be 1 eV too low"


def delta_scf(
    structure: Structure,
    method: DftMethod,
    *,
    diffuse: DftMethod,
    progress: Callable[[float, str], None] = lambda _fraction, _text: None,
) -> DeltaScf:
    """Return vertical IP and EA of a structure by total-energy differences.

    Diffuse functions are expensive, and unbound electrons converge badly, so the EA
    goes up a ladder: below -2.5 eV by IPEA1-xTB, or with a def2-SVP LUMO above 0.5 eV,
    it is unbound; else it is computed in def2-SVP, and only above -1.5 eV there in the
    basis with diffuse functions.

    Raises
    ------
    CalculationError
        If a state does not converge.
    """
    state = _state(structure, 0, method)
    progress(0.4, "cation")
    cation = _state(structure, -1, method)
    progress(0.7, "anion")
    ea, ea_method, contamination = _delta_ea(structure, method, diffuse, state)
    return DeltaScf(
        state=state,
        ip_ev=cation.energy_ev - state.energy_ev,
        ea_ev=ea,
        ea_method=ea_method,
        contamination=max(cation.spin_contamination, state.spin_contamination, contamination),
    )


def _delta_ea(
    structure: Structure, method: DftMethod, diffuse: DftMethod, state: DftResult
) -> tuple[float | None, str, float]:
    """Return the vertical EA (``None``: unbound beyond doubt), its method and contamination."""
    if len(structure.numbers) > 1 and structure.charge <= 0:
        _, quick = xtb.vertical_ip_ea(
            structure.numbers,
            structure.positions,
            charge=structure.charge,
            unpaired=structure.unpaired,
        )
        if quick < _UNBOUND_BY_XTB_EV:
            return None, "IPEA1-xTB", 0.0
        if method != diffuse and state.lumo_ev is not None and state.lumo_ev > _UNBOUND_LUMO_EV:
            return None, f"{method.label} LUMO", 0.0
    small = method.with_basis("def2-SVP") if method == diffuse else method
    before = state if small == method else _state(structure, 0, small)
    after = _state(structure, +1, small)
    used = small
    if before.energy_ev - after.energy_ev > _HOPELESS_EA_EV:
        used = diffuse
        before = state if method == diffuse else _state(structure, 0, diffuse)
        after = _state(structure, +1, diffuse)
    label = f"delta-SCF {used.label}"
    return before.energy_ev - after.energy_ev, label, after.spin_contamination


def _state(structure: Structure, added: int, method: DftMethod) -> DftResult:
    """Return the DFT state after ``added`` electrons; the lower of the spins possible."""
    electrons = sum(structure.numbers) - structure.charge + added
    spins = [structure.unpaired]
    if added:
        spins = sorted({abs(structure.unpaired - 1), structure.unpaired + 1})
    spins = [u for u in spins if u <= electrons and (electrons - u) % 2 == 0]
    results: list[DftResult] = []
    trouble = ""
    for unpaired in spins:
        try:
            results.append(
                single_point(
                    structure.numbers,
                    structure.positions,
                    charge=structure.charge - added,
                    unpaired=unpaired,
                    method=method,
                    moved=MOVED.get(added),
                )
            )
        except CalculationError as error:
            trouble = str(error)
    if not results:
        raise CalculationError(trouble or "no spin state is possible")
    return min(results, key=lambda r: r.energy_ev)


def _common(inputs: Mapping[str, Any], found: Conformers) -> dict[str, Any]:
    values: dict[str, Any] = {
        "charge": found.structures[0].charge,
        "n_atoms": len(found.structures[0].numbers),
        "n_conformers_embedded": found.n_embedded,
        "n_conformers_relaxed": len(found.structures),
        "lowest_conformer_weight": float(found.weights()[0]),
    }
    if inputs.get("smiles") is not None:
        values["smiles"] = inputs["smiles"]
    return values


def frontier_values(homo: float | None, lumo: float | None) -> dict[str, float]:
    """Return the columns of the frontier orbitals (eV) that are known, with their gap."""
    values = {}
    if homo is not None:
        values["homo_ev"] = homo
    if lumo is not None:
        values["lumo_ev"] = lumo
    if homo is not None and lumo is not None:
        values["gap_ev"] = lumo - homo
    return values


def _affinity(ea: float | None) -> dict[str, Any]:
    if ea is None or ea <= 0:
        return {"ea_bound": False}
    return {"ea_bound": True, "ea_vertical_ev": ea}
