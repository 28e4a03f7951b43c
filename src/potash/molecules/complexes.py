"""Ion binding: [M(ligand)n]+ complexes and ion pairs (kind ``complex``).

``binding_energy_ev`` = sum of the separate, relaxed parts - complex, electronic
energy in the gas phase; positive = bound. At ``screen`` GFN2-xTB, which overbinds
alkali ions by a third and more (K+-OH2: 1.05 eV against 0.77 eV by DFT, K-O 2.39
against 2.62 A): for pre-ranking only. At ``standard`` B3LYP-D3(BJ)/def2-SVPD on
B3LYP-D3(BJ)/def2-SVP geometries of complex and ligands, with the counterpoise
correction beside the value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase.data import atomic_numbers, chemical_symbols

from potash.engines import xtb
from potash.engines.levels import engine_versions
from potash.engines.pyscf import DftMethod, method_from_json, single_point
from potash.molecules.assembly import Assembly, Part, assemble, separate_part
from potash.molecules.geometry import dft_single_point, relax_dft
from potash.molecules.orbitals import frontier_values
from potash.molecules.thermochemistry import enthalpy_of
from potash.molecules.tight_binding import gfn2_single_point
from potash.results.calculation import Outcome
from potash.structures.molecule import Structure

Progress = Callable[[float, str], None]

REFERENCE_STATE = "gas phase; separate relaxed parts; positive = bound; electronic energy"
OVERBINDS = (
    "GFN2-xTB overbinds alkali ions (K+-OH2 by 0.28 eV against B3LYP-D3/def2-SVPD): "
    "pre-ranking only"
)
_ALKALI = {"Li", "Na", "K"}
_MOST_ATOMS_WITH_VIBRATIONS = 30


def compute(
    inputs: Mapping[str, Any],
    needs: Mapping[str, Mapping[str, Any]],
    *,
    workdir: Path,
    progress: Progress,
) -> Outcome:
    """Compute one ``complex`` calculation.

    Parameters
    ----------
    inputs
        ``parts``: list of ``{smiles | geometry, charge, unpaired, label}``, bare metal
        ions first; ``seed``, ``search``, ``relaxed`` and the level's fingerprint.
    needs, workdir
        Not used.
    progress
        Told the fraction done and the present step.

    Returns
    -------
    Outcome
        Values ``metal``, ``ligands``, ``binding_energy_ev``, ``ion_distances_angstrom``,
        frontier orbitals, vertical IP and EA; at ``standard`` also
        ``counterpoise_ev``, ``binding_enthalpy_298k_ev`` (counterpoise-corrected, with
        GFN2-xTB vibrations) and ``metal_share_of_lumo``. Structure ``geometry``.

    Raises
    ------
    RefusedError
        If a part has no structure.
    CalculationError
        If no bound geometry is found or self-consistency fails.
    """
    level = inputs["level"]
    backend = level.get("backend", "tblite")
    progress(0.0, "separate parts")
    seed, search = int(inputs["seed"]), inputs["search"]
    parts = [separate_part(data, search, seed, backend) for data in inputs["parts"]]
    progress(0.1, "placing the ion")
    assembly = assemble(parts, seed=seed, relaxed=int(inputs["relaxed"]), backend=backend)
    if level["theory"] == "xtb":
        return _screen(inputs, parts, assembly, backend)
    return _standard(inputs, parts, assembly, progress)


def _common(inputs: Mapping[str, Any], assembly: Assembly) -> dict[str, Any]:
    labels = [str(part["label"]) for part in inputs["parts"]]
    metals = [chemical_symbols[atomic_numbers[m]] for m in inputs.get("metals", [])]
    return {
        "metal": metals[0] if metals else "",
        "ligands": labels[len(metals) :],
        "charge": assembly.structure.charge,
        "n_atoms": len(assembly.structure.numbers),
        "n_starts": assembly.n_tried,
    }


def ion_distances(structure: Structure, n_ions: int, *, limit_angstrom: float = 3.4) -> list[float]:
    """Return the distances (A) from the first ion to N, O, F and S atoms, shortest first."""
    if not n_ions:
        return []
    distance = np.linalg.norm(structure.positions - structure.positions[0], axis=1)
    donors = [
        float(d)
        for d, z in zip(distance[n_ions:], structure.numbers[n_ions:], strict=True)
        if z in (7, 8, 9, 16) and d < limit_angstrom
    ]
    return sorted(round(d, 4) for d in donors)


def _screen(
    inputs: Mapping[str, Any], parts: Sequence[Part], assembly: Assembly, backend: xtb.Backend
) -> Outcome:
    structure, electronic = assembly.structure, assembly.electronic
    separate = sum(gfn2_single_point(part.structure, backend=backend).energy_ev for part in parts)
    ip, ea = xtb.vertical_ip_ea(
        structure.numbers, structure.positions, charge=structure.charge, unpaired=structure.unpaired
    )
    values = _common(inputs, assembly)
    values |= {
        "binding_energy_ev": separate - electronic.energy_ev,
        "energy_ev": electronic.energy_ev,
        "orbital_method": "GFN2-xTB",
        "ip_ea_method": "IPEA1-xTB",
        "lumo_rankable": False,
    }
    distances = ion_distances(structure, len(inputs.get("metals", [])))
    if distances:
        values["ion_distances_angstrom"] = distances
    values |= frontier_values(electronic.homo_ev, electronic.lumo_ev)
    if ip is not None:
        values["ip_vertical_ev"] = ip
    values |= {"ea_bound": ea > 0} | ({"ea_vertical_ev": ea} if ea > 0 else {})
    overbinds = bool(set(inputs.get("metals", [])) & _ALKALI)
    return Outcome(
        status="ok",
        values=values,
        reason=OVERBINDS if overbinds else "",
        reference_state=REFERENCE_STATE,
        engine=backend,
        engine_version=engine_versions(inputs["level"]),
        structures={"geometry": structure.extxyz(energy_ev=electronic.energy_ev)},
    )


def _standard(
    inputs: Mapping[str, Any], parts: Sequence[Part], assembly: Assembly, progress: Progress
) -> Outcome:
    level = inputs["level"]
    method = method_from_json(level["binding"])
    cheap = method_from_json(level["binding_geometry"])
    progress(0.2, "DFT geometry of the complex")
    structure = relax_dft(assembly.structure, cheap)
    progress(0.6, "DFT geometry of the parts")
    relaxed: dict[str, Structure] = {}
    separate = 0.0
    for data, part in zip(inputs["parts"], parts, strict=True):
        label = str(data["label"])
        if label not in relaxed:
            relaxed[label] = relax_dft(part.structure, cheap)
        separate += dft_single_point(relaxed[label], method).energy_ev
    progress(0.8, "energies")
    state = dft_single_point(structure, method)
    reduced = single_point(
        structure.numbers,
        structure.positions,
        charge=structure.charge - 1,
        unpaired=1,
        method=method,
        moved="electron",
    )
    ionised = single_point(
        structure.numbers,
        structure.positions,
        charge=structure.charge + 1,
        unpaired=1,
        method=method,
        moved="hole",
    )
    ea, ip = state.energy_ev - reduced.energy_ev, ionised.energy_ev - state.energy_ev
    n_ions = len(inputs.get("metals", []))
    values = _common(inputs, assembly)
    values |= {
        "binding_energy_ev": separate - state.energy_ev,
        "counterpoise_ev": counterpoise(structure, assembly.slices, parts, method),
        "energy_ev": state.energy_ev,
        "orbital_method": method.label,
        "ip_ea_method": f"delta-SCF {method.label}",
        "ip_vertical_ev": ip,
        "ea_bound": ea > 0,
        "spin_contamination": max(reduced.spin_contamination, ionised.spin_contamination),
    }
    values["binding_energy_counterpoise_ev"] = (
        values["binding_energy_ev"] - values["counterpoise_ev"]
    )
    if len(structure.numbers) <= _MOST_ATOMS_WITH_VIBRATIONS:
        progress(0.95, "vibrations")
        change = enthalpy_of(structure) - sum(enthalpy_of(part.structure) for part in parts)
        values["binding_enthalpy_298k_ev"] = values["binding_energy_counterpoise_ev"] - change
    values |= {"ea_vertical_ev": ea} if ea > 0 else {}
    values |= frontier_values(state.homo_ev, state.lumo_ev)
    if n_ions:
        values["metal_share_of_lumo"] = float(state.lumo_populations[:n_ions].sum())
        values["metal_charge_change_e"] = float(
            (state.charges_e[:n_ions] - reduced.charges_e[:n_ions]).sum()
        )
    distances = ion_distances(structure, n_ions)
    if distances:
        values["ion_distances_angstrom"] = distances
    return Outcome(
        status="ok",
        values=values,
        reference_state=REFERENCE_STATE,
        engine="pyscf",
        engine_version=engine_versions(inputs["level"]),
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
        inside = set(range(where.start, where.stop))
        spin = part.structure.unpaired
        alone = single_point(
            [structure.numbers[i] for i in sorted(inside)],
            structure.positions[where],
            charge=part.structure.charge,
            unpaired=spin,
            method=method,
        )
        with_ghosts = single_point(
            structure.numbers,
            structure.positions,
            charge=part.structure.charge,
            unpaired=spin,
            method=method,
            ghosts=[i for i in atoms if i not in inside],
        )
        total += alone.energy_ev - with_ghosts.energy_ev
    return total
