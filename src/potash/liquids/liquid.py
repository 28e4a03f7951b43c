"""A liquid with its force field, before packing: molecules, their numbers, expected density."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from potash.engines.topology import Molecule, Topology
from potash.errors import CalculationError, InputError, RefusedError
from potash.liquids.box import (
    Part,
    box_edge_angstrom,
    mole_fractions,
    molecule_counts,
    smallest_edge_angstrom,
)
from potash.liquids.forcefield import ForceField
from potash.liquids.parameters import (
    FALLBACK_NOTE,
    PAIRS,
    is_fallback,
    molecule_of,
    pair_hash,
    parameter_hash,
)
from potash.results.liquid import LiquidInputs, LiquidPart

UNKNOWN_DENSITY_G_ML = 1.0


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


def build(inputs: LiquidInputs, force_field: ForceField) -> Liquid:
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
    scale = inputs.charge_scale
    for part in inputs.parts:
        for particle in part.particles:
            name = particle.species
            try:
                molecules[name] = molecule_of(
                    name, force_field, smiles=particle.smiles, charge_scale=scale
                )
                smiles[name] = particle.smiles
            except (RefusedError, InputError) as error:
                refused.append(str(error))
    if refused:
        raise RefusedError("; ".join(dict.fromkeys(refused)))
    for name in molecules:
        if parameter_hash(name, smiles[name], scale) != inputs.parameters[name]:
            raise CalculationError(f"the parameters of {name} changed since this was planned")
    if pair_hash(smiles, force_field) != inputs.parameters.get(PAIRS, ""):
        raise CalculationError("the parameters of cation pairs changed since this was planned")
    volumes = {name: _volume_ml_mol(m, force_field) for name, m in molecules.items()}
    parts = [_part(part, molecules, volumes) for part in inputs.parts]
    try:
        fractions = mole_fractions(parts)
    except InputError as error:
        raise RefusedError(f"its composition is not determined: {error}") from None
    counts = molecule_counts(
        fractions,
        {name: m.formal_charge for name, m in molecules.items()},
        {name: m.n_atoms for name, m in molecules.items()},
        n_atoms=inputs.n_atoms,
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
    return Liquid(topology, fractions, topology.mass_u / volume, (*notes, *inputs.assumptions))


def check_size(inputs: LiquidInputs, force_field: ForceField, cutoff_angstrom: float) -> None:
    """Refuse a box that would be too small for the cutoff, before any work.

    Only where all species have parameters of the force field: others may take minutes to
    get theirs, and what cannot be simulated at all becomes a row that says why.

    Raises
    ------
    InputError
        With about how many atoms would do.
    """
    species = {p.species for part in inputs.parts for p in part.particles}
    if not species <= set(force_field.species):
        return
    try:
        liquid = build(inputs, force_field)
    except RefusedError:
        return
    edge = box_edge_angstrom(liquid.topology, liquid.expected_density_g_ml)
    smallest = smallest_edge_angstrom(cutoff_angstrom)
    if edge < smallest:
        needed = math.ceil(liquid.topology.n_atoms * (smallest / edge) ** 3 / 50) * 50
        raise InputError(
            f"n_atoms {inputs.n_atoms} gives a box of {edge:.1f} A, too small for this level "
            f"(at least {smallest:.1f} A); ask for {needed} or more"
        )


def _part(
    part: LiquidPart, molecules: Mapping[str, Molecule], volumes: Mapping[str, float]
) -> Part:
    particles = {p.species: p.number for p in part.particles}
    return Part(
        name=part.name,
        particles=particles,
        value=part.value,
        unit=part.unit,
        molar_mass_g_mol=sum(n * molecules[s].mass_u for s, n in particles.items()),
        molar_volume_ml_mol=sum(n * volumes[s] for s, n in particles.items()),
        ionic=part.ionic,
        of=part.of,
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
