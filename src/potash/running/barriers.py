"""From crystals that a user names to calculations of migration barriers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ase import Atoms

from potash.bulk.barrier import IMAGE_DISTANCE_ANGSTROM, barrier_calculation
from potash.bulk.thermodynamics import composition_of, elements_of
from potash.catalog.campaign_parts import ALL, BarriersPart
from potash.catalog.consistency import unknown_id
from potash.catalog.phases import load_phases
from potash.engines.levels import Level, Property
from potash.errors import InputError
from potash.results.barrier import Ion, Mechanism
from potash.results.calculation import Calculation
from potash.structures.files import means_a_file, read_atoms
from potash.structures.given import crystal_from_atoms


def barriers(part: BarriersPart, level_at: Callable[[Property, str], Level]) -> list[Calculation]:
    """Return the calculations of a campaign's barriers; ``all`` means every phase with the ion."""
    names = part.items
    if names == (ALL,):
        names = tuple(
            phase.id
            for phase in load_phases().values()
            if part.ion in elements_of(composition_of(phase.formula))
        )
    return [
        barrier_of(
            crystal,
            level_at("adsorption", level),
            ion=part.ion,
            mechanism=part.mechanism,
            image_distance_angstrom=part.image_distance_angstrom,
        )
        for crystal in (*names, *part.files)
        for level in part.levels
    ]


def barrier_of(
    crystal: Atoms | str,
    level: Level,
    *,
    ion: Ion = "K",
    mechanism: Mechanism = "vacancy",
    image_distance_angstrom: float = IMAGE_DISTANCE_ANGSTROM,
) -> Calculation:
    """Return the calculation of an ion's migration barrier in a crystal.

    Parameters
    ----------
    crystal
        ASE atoms, the path of a structure file, or the id of a bulk phase.
    level, ion, mechanism, image_distance_angstrom
        As :func:`potash.bulk.barrier.barrier_calculation`.

    Raises
    ------
    InputError
        If there is no such file or phase, it is no crystal, or holds no such ion.
    """
    phases = load_phases()
    if isinstance(crystal, str) and crystal in phases:
        recipe, item, formula = phases[crystal].recipe, crystal, phases[crystal].formula
    elif isinstance(crystal, str) and not means_a_file(crystal):
        raise InputError(unknown_id("bulk phase or file", crystal, phases))
    else:
        atoms = crystal if isinstance(crystal, Atoms) else read_atoms(crystal)
        formula = str(atoms.symbols.formula.reduce()[0])
        item = formula if isinstance(crystal, Atoms) else Path(crystal).name
        source = "" if isinstance(crystal, Atoms) else crystal
        recipe = crystal_from_atoms(atoms, source=source)
    return barrier_calculation(
        recipe,
        level,
        item=item,
        model=formula,
        ion=ion,
        mechanism=mechanism,
        image_distance_angstrom=image_distance_angstrom,
    )
