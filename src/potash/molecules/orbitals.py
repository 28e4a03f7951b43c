"""Orbitals, ionisation energy and electron affinity of one molecule (kind ``species``).

At ``screen``: GFN2-xTB geometry and orbitals, IPEA1-xTB vertical IP and EA. At
``standard``: total-energy differences (delta-SCF) of B3LYP on the same geometry.
IP and EA are gas-phase energies at the geometry of the starting state; orbital
energies are descriptors, not IPs (B3LYP HOMOs lie about 3 eV too high).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rdkit import Chem

from potash.catalog.species import Species
from potash.engines import xtb
from potash.engines.dft_method import DftMethod
from potash.engines.levels import Level
from potash.engines.molecule_levels import backend_of, level_of, methods_of
from potash.errors import RefusedError
from potash.molecules.conformers import Conformers, planned_conformers
from potash.molecules.delta_scf import DeltaScf, delta_scf
from potash.molecules.geometry import relax_dft
from potash.molecules.inputs import (
    cost_s,
    inputs_of_smiles,
    inputs_of_species,
    n_atoms_of,
    planned_molecule,
    size_of,
    structure_of,
)
from potash.molecules.tight_binding import relax_gfn2
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.model import NoNeeds
from potash.results.species import ConformerSearch, SpeciesInputs, SpeciesValues
from potash.structures.molecule import Structure
from potash.structures.smiles import parse_smiles

GAS_PHASE = "gas phase; IP = E(q+1) - E(q), EA = E(q) - E(q-1), at the geometry of charge q"
_PEROXIDE = Chem.MolFromSmarts("[OX2][OX2]")
# A conformer with less of the Boltzmann weight moves no mean by a meV.
_LEAST_WEIGHT = 0.01
_CONTAMINATION_FLAG, _CONTAMINATION_LIMIT = 0.10, 0.50


def smiles_calculation(
    smiles: str,
    level: Level,
    *,
    seed: int = 1,
    item: str = "",
    search: ConformerSearch | None = None,
    source: str = "",
    field: str = "smiles",
) -> Calculation:
    """Return the calculation of one closed-shell molecule or ion given by SMILES.

    Equal molecules give equal keys, however their SMILES is written.

    Raises
    ------
    InputError
        See :func:`potash.structures.smiles.parse_molecule`.
    RefusedError
        If the level is not valid for such a molecule.
    """
    inputs = inputs_of_smiles(
        SpeciesInputs, smiles, level, seed=seed, search=search, source=source, field=field
    )
    n_atoms = size_of(inputs.smiles, None)
    return _calculation(item or str(inputs.smiles), inputs, level, n_atoms)


def species_calculation(
    species: Species, level: Level, *, seed: int = 1, search: ConformerSearch | None = None
) -> Calculation:
    """Return the calculation of one catalogue species at one level.

    Species that no engine can treat (no structure given, several parts) are planned
    too: their calculation is refused with the reason, so that they have a row.

    Raises
    ------
    InputError
        If the geometry file cannot be read.
    """
    inputs = inputs_of_species(SpeciesInputs, species, level, seed=seed, search=search)
    return _calculation(species.id, inputs, level, n_atoms_of(species))


def _calculation(item: str, inputs: SpeciesInputs, level: Level, n_atoms: int) -> Calculation:
    return Calculation(
        item=item,
        model="conformer",
        level=level.name,
        inputs=inputs,
        cost_s=cost_s(n_atoms, level),
    )


def compute_species(
    inputs: SpeciesInputs, _needs: NoNeeds, *, workdir: Path, progress: Progress
) -> Outcome[SpeciesValues]:
    """Compute orbitals, vertical IP and vertical EA of a molecule or ion.

    Parameters
    ----------
    inputs
        Molecule and level.
    workdir
        Not used; the calculation is short and starts from nothing.
    progress
        Told the fraction done and the present step.

    Returns
    -------
    Outcome
        With the structure ``geometry``.

    Raises
    ------
    RefusedError
        If there is no structure, or the method does not describe the species.
    CalculationError
        If no usable wave function or geometry was found.
    """
    del workdir
    level = level_of(inputs.level)
    progress(0.0, "conformers")
    found = _geometry(inputs)
    structure = found.structures[0]
    if level.theory == "tight_binding":
        progress(0.7, "IPEA1-xTB")
        return _screen(inputs, level, found)
    methods = methods_of(inputs.level)
    if methods.geometry is not None:
        progress(0.1, "DFT geometry")
        structure = relax_dft(structure, methods.geometry)
    progress(0.2, "delta-SCF")
    own = methods.anion if structure.charge < 0 else methods.neutral
    result = delta_scf(structure, own, diffuse=methods.anion, progress=progress)
    return _dft(inputs, level, found, structure, own, result)


def _geometry(inputs: SpeciesInputs) -> Conformers:
    backend = backend_of(inputs.level)
    if inputs.smiles is not None:
        return planned_conformers(inputs, planned_molecule(inputs), backend=backend)
    if inputs.geometry is None:
        raise RefusedError(
            f"no SMILES and no geometry are known for {inputs.formula or 'this species'}"
        )
    start = structure_of(inputs.geometry)
    positions, electronic = relax_gfn2(start, backend=backend)
    relaxed = Structure(start.numbers, positions, start.charge, start.unpaired)
    return Conformers((relaxed,), (electronic.energy_ev,), electronic, 1)


def _screen(inputs: SpeciesInputs, level: Level, found: Conformers) -> Outcome[SpeciesValues]:
    structure, electronic = found.structures[0], found.electronic
    if len(structure.numbers) == 1:
        raise RefusedError(
            "tight binding does not describe a bare atom or atomic ion; use the standard level"
        )
    ip, ea = xtb.vertical_ip_ea(structure)
    mean, spread = (None, None) if ip is None else _ensemble_ip(found, ip)
    hot = electronic.electronic_temperature_k
    remarks = [f"self-consistent only at {hot:.0f} K"] if hot > 300 else []
    if ip is not None and ip <= 0:
        remarks.append("negative IP: not a bound electronic state in vacuum")
    return Outcome(
        status="anomalous" if remarks else "ok",
        values=SpeciesValues(
            smiles=inputs.smiles,
            charge=structure.charge,
            n_atoms=len(structure.numbers),
            n_conformers_embedded=found.n_embedded,
            n_conformers_relaxed=len(found.structures),
            lowest_conformer_weight=float(found.weights()[0]),
            energy_ev=electronic.energy_ev,
            dipole_debye=electronic.dipole_debye if structure.charge == 0 else None,
            orbital_method="GFN2-xTB",
            homo_ev=electronic.homo_ev,
            lumo_ev=electronic.lumo_ev,
            gap_ev=gap_ev(electronic.homo_ev, electronic.lumo_ev),
            ip_ea_method="IPEA1-xTB",
            ip_vertical_ev=ip,
            ip_boltzmann_ev=mean,
            ip_conformer_spread_ev=spread,
            ea_bound=ea > 0,
            ea_vertical_ev=ea if ea > 0 else None,
        ),
        reason="; ".join(filter(None, [*remarks, _geometry_remark(inputs)])),
        reference_state=GAS_PHASE,
        engine=level.engine,
        engine_version=level.engine_version,
        structures={"geometry": structure.extxyz(energy_ev=electronic.energy_ev)},
    )


def _ensemble_ip(found: Conformers, lowest_ev: float) -> tuple[float | None, float | None]:
    """Return the Boltzmann-weighted vertical IP (298 K) and its spread over the conformers.

    Nothing where one conformer holds nearly all of the weight.
    """
    weights = found.weights()
    counted = [k for k, weight in enumerate(weights) if weight >= _LEAST_WEIGHT]
    if len(counted) < 2:
        return None, None
    ips = [lowest_ev]
    for k in counted[1:]:
        ip, _ = xtb.vertical_ip_ea(found.structures[k])
        if ip is None:
            return None, None
        ips.append(ip)
    return float(np.average(ips, weights=weights[counted])), max(ips) - min(ips)


def _dft(
    inputs: SpeciesInputs,
    level: Level,
    found: Conformers,
    structure: Structure,
    own: DftMethod,
    result: DeltaScf,
) -> Outcome[SpeciesValues]:
    state, ea = result.state, result.ea_ev
    bound = ea is not None and ea > 0
    remarks = list(filter(None, [_geometry_remark(inputs)]))
    if result.contamination > _CONTAMINATION_FLAG:
        remarks.append(f"<S^2> of an ion is {result.contamination:.2f} above the pure spin state")
    unusable = result.contamination > _CONTAMINATION_LIMIT
    if result.ip_ev <= 0:
        unusable = True
        remarks.append("negative IP: not a bound electronic state in vacuum")
    return Outcome(
        status="anomalous" if unusable else "ok",
        values=SpeciesValues(
            smiles=inputs.smiles,
            charge=structure.charge,
            n_atoms=len(structure.numbers),
            n_conformers_embedded=found.n_embedded,
            n_conformers_relaxed=len(found.structures),
            lowest_conformer_weight=float(found.weights()[0]),
            energy_ev=state.energy_ev,
            dipole_debye=state.dipole_debye if structure.charge == 0 else None,
            orbital_method=own.label,
            homo_ev=state.homo_ev,
            lumo_ev=state.lumo_ev,
            gap_ev=gap_ev(state.homo_ev, state.lumo_ev),
            lumo_bound=False if state.lumo_ev is not None and state.lumo_ev > 0 else None,
            ip_ea_method=f"delta-SCF {own.label}",
            ip_vertical_ev=result.ip_ev,
            ea_method=result.ea_method,
            ea_bound=bound,
            ea_vertical_ev=ea if bound else None,
            spin_contamination=result.contamination,
        ),
        reason="; ".join(remarks),
        reference_state=GAS_PHASE,
        engine=level.engine,
        engine_version=level.engine_version,
        structures={"geometry": structure.extxyz(energy_ev=state.energy_ev)},
    )


def _geometry_remark(inputs: SpeciesInputs) -> str:
    """Return why the geometry of a molecule is not to be trusted, or nothing.

    GFN2-xTB makes H-O-O-H planar, and a relaxation by DFT stays on that saddle point.
    """
    if inputs.smiles is None or not parse_smiles(inputs.smiles).HasSubstructMatch(_PEROXIDE):
        return ""
    return "peroxide: GFN2-xTB flattens the O-O torsion, the IP may be 1 eV too low"


def gap_ev(homo_ev: float | None, lumo_ev: float | None) -> float | None:
    """Return the gap between the frontier orbitals, or ``None`` where one is not known."""
    return None if homo_ev is None or lumo_ev is None else lumo_ev - homo_ev
