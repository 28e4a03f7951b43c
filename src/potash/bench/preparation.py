"""How to make a volume of an electrolyte: masses, volumes, concentrations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from potash.bench.solution import SolutionDensity, additive_density, salt_volume_ml_mol
from potash.catalog.catalog import Catalog
from potash.catalog.formulations import Component, Formulation
from potash.catalog.substances import (
    densities,
    identities,
    known_to_dissolve_mol_l,
    molar_mass_g_mol,
    repeat_unit_mass_g_mol,
)
from potash.errors import InputError
from potash.liquids.box import Part, component_moles
from potash.units import ZERO_CELSIUS_K

_ML: Mapping[str, float] = {"ml": 1.0, "l": 1000.0, "ul": 1e-3, "µl": 1e-3, "cm3": 1.0}
_GRAMS: Mapping[str, float] = {"g": 1.0, "kg": 1000.0, "mg": 1e-3}
MOST_ML = 10_000.0
MOST_GRAMS = 10_000.0
_IN_SOLUTION = ("liquid", "ionic_liquid")
_ROOM_K = 298.15
_NEAR_K = 6.0


@dataclass(frozen=True)
class Weighing:
    """One substance of a recipe.

    Attributes
    ----------
    species, name, role
        Id, name and role of the component.
    moles_mmol, mass_g
        How much.
    molar_mass_g_mol
        Of the species, or of a formula unit of the salt.
    volume_ml
        Of the pure liquid; None for what has no density here (salts, solids).
    density_g_ml, density_source
        Of the pure liquid with its source.
    cas
        Registry number, or '' where no source has one.
    hazards
        Sourced hazard data; empty where there is none.
    """

    species: str
    name: str
    role: str
    moles_mmol: float
    mass_g: float
    molar_mass_g_mol: float
    volume_ml: float | None
    density_g_ml: float | None
    density_source: str
    cas: str
    hazards: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """How much of an electrolyte to make: a volume or a mass.

    Attributes
    ----------
    amount
        In mL or g.
    by_mass
        Whether it is a mass.
    """

    amount: float
    by_mass: bool = False

    def __str__(self) -> str:
        return f"{self.amount:g} {'g' if self.by_mass else 'mL'}"


@dataclass(frozen=True)
class Preparation:
    """A recipe for a volume or a mass of an electrolyte.

    Attributes
    ----------
    batch
        Asked for.
    to_the_mark
        Whether the amounts are per volume of solution: the solvent then fills a volumetric
        flask to the mark, and its amount is an estimate.
    weighings
        Every component, in the order of the formulation.
    density
        Of the solution; None where nobody knows it and no volume can be added up.
    molarity, molality
        Salt (or component with ions) to mol per litre of solution (empty where its volume is
        not known), and to mol per kilogram of the neutral components.
    steps
        What to do, in order.
    warnings
        What to know first.
    """

    batch: Batch
    to_the_mark: bool
    weighings: tuple[Weighing, ...]
    density: SolutionDensity | None
    molarity: Mapping[str, float]
    molality: Mapping[str, float]
    steps: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def mass_g(self) -> float:
        """Mass of everything together."""
        return sum(w.mass_g for w in self.weighings)


def parse_volume_ml(text: str) -> float:
    """Return a volume in millilitres.

    Raises
    ------
    InputError
        If it is no volume, not positive, or more than :data:`MOST_ML`.

    Examples
    --------
    >>> parse_volume_ml("10mL"), parse_volume_ml("250 uL")
    (10.0, 0.25)
    """
    return _parsed(text, _ML, MOST_ML, "volume", "10mL, 0.5L or 250uL", "10 L")


def parse_mass_g(text: str) -> float:
    """Return a mass in grams.

    Raises
    ------
    InputError
        If it is no mass, not positive, or more than :data:`MOST_GRAMS`.

    Examples
    --------
    >>> parse_mass_g("1g"), parse_mass_g("250 mg")
    (1.0, 0.25)
    """
    return _parsed(text, _GRAMS, MOST_GRAMS, "mass", "1g or 250mg", "10 kg")


def _parsed(
    text: str, factors: Mapping[str, float], most: float, what: str, examples: str, limit: str
) -> float:
    """Return a number with a unit in the unit of the factors; it is the option of that name."""
    found = re.fullmatch(r"\s*([-+]?\d*\.?\d+(?:e[-+]?\d+)?)\s*([a-zµ]+3?)\s*", text.lower())
    if found is None or found[2] not in factors:
        raise InputError(f"{text!r} is not a {what}; write {examples}", source=f"--{what}")
    amount = float(found[1]) * factors[found[2]]
    if not 0 < amount <= most:
        raise InputError(
            f"a {what} of {text} cannot be made; ask for more than 0 and at most {limit}",
            source=f"--{what}",
        )
    return amount


def prepare(
    formulation: Formulation,
    catalog: Catalog,
    batch: Batch | float,
    *,
    density: SolutionDensity | None = None,
) -> Preparation:
    """Return what to weigh for a volume or a mass of an electrolyte.

    With ``mol/L`` the salt is weighed for the volume of solution and the solvent fills up.
    Otherwise (ratios, ``mol/kg``) the batch is scaled so that the volumes of the pure
    components add up to the volume asked for; the ratios are exact, the volume of the
    mixture is not. By mass the amounts add up to the mass asked for, and nothing needs a
    density but amounts that are given by volume.

    Parameters
    ----------
    formulation, catalog
        What to make, and its species and salts.
    batch
        How much; a number is millilitres.
    density
        Of the electrolyte itself where it was measured or simulated; else it is estimated
        from the components, where that can be done.

    Raises
    ------
    InputError
        If an amount is open or no component but part of a solid, a component that is
        measured out by volume has no density, or cannot be weighed; by volume also if it is
        no liquid.
    """
    asked = batch if isinstance(batch, Batch) else Batch(float(batch))
    parts = _parts(formulation, catalog, by_mass=asked.by_mass)
    if not asked.amount > 0:
        raise InputError(f"a batch of {asked} cannot be made; it must be more than 0")
    try:
        moles = component_moles(parts)
    except InputError as error:
        raise InputError(f"{formulation.id} cannot be made: {error.message}") from None
    to_the_mark = not asked.by_mass and any(p.unit == "mol/L" for p in parts)
    by_name = {p.name: p for p in parts}
    if asked.by_mass:
        size = sum(n * by_name[name].molar_mass_g_mol for name, n in moles.items())
    else:
        size = sum(n * by_name[name].molar_volume_ml_mol for name, n in moles.items())
    scale = asked.amount / (1000.0 if to_the_mark else size)
    moles = {name: n * scale for name, n in moles.items()}
    weighings = tuple(
        _weighing(c, moles[c.species], by_name[c.species], catalog) for c in formulation.components
    )
    mass = sum(w.mass_g for w in weighings)
    density = density or additive_density(parts, moles)
    solution_ml = None if density is None else mass / density.value_g_ml
    if to_the_mark:
        solution_ml = asked.amount
    ionic = [p.name for p in parts if p.ionic]
    neutral_kg = sum(moles[p.name] * p.molar_mass_g_mol for p in parts if not p.ionic) / 1000
    molarity = {} if solution_ml is None else {n: moles[n] / solution_ml * 1000 for n in ionic}
    return Preparation(
        batch=asked,
        to_the_mark=to_the_mark,
        weighings=weighings,
        density=density,
        molarity=molarity,
        molality={n: moles[n] / neutral_kg for n in ionic} if neutral_kg > 0 else {},
        steps=_steps(weighings, ionic, asked, density, to_the_mark=to_the_mark),
        warnings=(
            *_undissolved(molarity, [p.name for p in parts if not p.ionic]),
            *_warnings(
                formulation, weighings, density, parts, added=not (to_the_mark or asked.by_mass)
            ),
        ),
    )


def _parts(formulation: Formulation, catalog: Catalog, *, by_mass: bool) -> list[Part]:
    name = formulation.id
    if formulation.open_amounts:
        raise InputError(
            f"{name} has an open composition: no amount of {', '.join(formulation.open_amounts)} "
            "is known; state it in a formulation of your own"
        )
    kind = formulation.kind.replace("_", " ")
    fixed = [c.species for c in formulation.components if c.used.unit == "part_of_solid"]
    if fixed:
        raise InputError(
            f"{name} is a {kind} electrolyte: its formula fixes the amount of {', '.join(fixed)}; "
            "it is synthesised, not weighed out"
        )
    if formulation.kind not in _IN_SOLUTION and not by_mass:
        raise InputError(
            f"{name} is a {kind} electrolyte; a volume is made of liquids only: ask for a mass"
        )
    return [_part(c, formulation, catalog, by_mass=by_mass) for c in formulation.components]


def _part(
    component: Component, formulation: Formulation, catalog: Catalog, *, by_mass: bool
) -> Part:
    name, amount = component.species, component.used
    salt = catalog.salts.get(name)
    if salt is None and catalog.get_species(name).charge:
        raise InputError(f"{formulation.id} names the ion {name}, which cannot be weighed alone")
    mass = molar_mass_g_mol(name, catalog)
    if amount.unit == "repeat_unit_ratio" and salt is None:
        mass = repeat_unit_mass_g_mol(name, catalog)
    density = densities().get(name)
    if density is not None:
        volume = mass / density.value_g_ml
    elif salt is not None and amount.unit not in ("pure", "balance"):
        volume = salt_volume_ml_mol(salt)
    elif by_mass and amount.unit not in ("volume_ratio", "vol_percent", "mol/L", "balance"):
        volume = 0.0
    elif component.role in ("solvent", "diluent", "cosolvent") or amount.unit in (
        "volume_ratio",
        "vol_percent",
        "balance",
        "pure",
    ):
        raise InputError(
            f"{formulation.id} cannot be made by volume: no density of {name} is known"
        )
    else:
        volume = 0.0
    return Part(
        name=name,
        particles={name: 1},
        value=amount.value or 0.0,
        unit="molar_ratio" if amount.unit == "repeat_unit_ratio" else amount.unit,
        molar_mass_g_mol=mass,
        molar_volume_ml_mol=volume,
        ionic=salt is not None,
        of=amount.of or "",
    )


def _weighing(component: Component, moles: float, part: Part, catalog: Catalog) -> Weighing:
    name = component.species
    density, identity = densities().get(name), identities().get(name)
    mass = moles * part.molar_mass_g_mol
    hazards: list[str] = []
    if identity is not None and identity.flash_point_k is not None:
        hazards.append(
            f"flash point {_celsius(identity.flash_point_k)} ({identity.flash_point_source})"
        )
    if identity is not None and identity.iarc:
        hazards.append(f"IARC: {identity.iarc[0].lower() + identity.iarc[1:]}")
    entry = catalog.salts.get(name) or catalog.get_species(name)
    return Weighing(
        species=name,
        name=entry.name,
        role=component.role,
        moles_mmol=1000 * moles,
        mass_g=mass,
        molar_mass_g_mol=part.molar_mass_g_mol,
        volume_ml=None if density is None else mass / density.value_g_ml,
        density_g_ml=None if density is None else density.value_g_ml,
        density_source=""
        if density is None
        else f"{_celsius(density.temperature_k)}; {density.source}",
        cas="" if identity is None else identity.cas,
        hazards=tuple(hazards),
    )


def _amount(w: Weighing) -> str:
    volume = "" if w.volume_ml is None else f" ({w.volume_ml:.3g} mL)"
    return f"{w.mass_g:.4g} g{volume} of {w.species}"


def _steps(
    weighings: Sequence[Weighing],
    ionic: Sequence[str],
    batch: Batch,
    density: SolutionDensity | None,
    *,
    to_the_mark: bool,
) -> tuple[str, ...]:
    salts = [w for w in weighings if w.species in ionic]
    others = [w for w in weighings if w.species not in ionic]
    if to_the_mark:
        solvents = ", ".join(_amount(w) for w in others)
        salt = ", ".join(f"{w.mass_g:.4g} g of {w.species}" for w in salts)
        mixed = "premix the solvents in the stated ratio, then " if len(others) > 1 else ""
        return (
            f"Weigh {salt} into a {batch} volumetric flask.",
            f"{mixed}add about two thirds of the solvent and stir until clear.".capitalize(),
            f"Fill to the mark at 25 °C. In all about {solvents} (estimate: volumes added).",
        )
    steps = [f"Weigh {', '.join(_amount(w) for w in others or salts)} into a vial."]
    if salts and others:
        salt = ", ".join(f"{w.mass_g:.4g} g of {w.species}" for w in salts)
        steps.append(f"Add {salt} in portions and mix.")
    if not batch.by_mass:
        return (*steps, f"The batch is about {batch} (volumes added, not measured).")
    if density is None:
        return (*steps, f"The batch is {batch}; its volume is not known.")
    volume = batch.amount / density.value_g_ml
    return (*steps, f"The batch is {batch}, about {volume:.3g} mL ({density.words()}).")


def _celsius(kelvin: float) -> str:
    return f"{kelvin - ZERO_CELSIUS_K:.0f} °C"


def _undissolved(molarity: Mapping[str, float], solvents: Sequence[str]) -> list[str]:
    """Return a warning for each salt above what is known to dissolve in the one solvent."""
    if len(solvents) != 1:
        return []
    known = known_to_dissolve_mol_l()
    return [
        f"{salt} may not dissolve: {value:.3g} mol/L, and {known[salt, solvents[0]]:g} mol/L in "
        f"{solvents[0]} is the most that is known to"
        for salt, value in molarity.items()
        if value > known.get((salt, solvents[0]), value)
    ]


def _warnings(
    formulation: Formulation,
    weighings: Sequence[Weighing],
    solution: SolutionDensity | None,
    parts: Sequence[Part],
    *,
    added: bool,
) -> tuple[str, ...]:
    found = [f"amounts: {text}" for text in formulation.assumed_amounts]
    if solution is not None and solution.estimated:
        found.append(f"density of the solution {solution.words()}; none was measured or simulated")
    for w in weighings:
        density = densities().get(w.species)
        if density is None:
            continue
        if not density.verified:
            found.append(
                f"density of {w.species} is recalled, no source read: weigh, don't pipette"
            )
        if abs(density.temperature_k - _ROOM_K) > _NEAR_K:
            found.append(
                f"density of {w.species} is at {_celsius(density.temperature_k)}: weigh it"
            )
    for c in formulation.components:
        if c.used.unit == "repeat_unit_ratio" and c.role == "polymer":
            found.append(f"{c.species} is counted by its repeat units")
    for p in parts:
        if added and p.ionic and p.molar_volume_ml_mol == 0:
            found.append(f"{p.name} is counted without a volume (none is known)")
    return tuple(found)
