"""How to make a volume of an electrolyte: masses, volumes, concentrations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from potash.catalog.catalog import Catalog
from potash.catalog.formulations import Component, Formulation
from potash.catalog.species import Salt
from potash.catalog.substances import (
    densities,
    identities,
    known_to_dissolve_mol_l,
    molar_mass_g_mol,
)
from potash.errors import InputError
from potash.liquids.box import Part, component_moles
from potash.liquids.forcefield import load_force_field

_ML: Mapping[str, float] = {"ml": 1.0, "l": 1000.0, "ul": 1e-3, "µl": 1e-3, "cm3": 1.0}
MOST_ML = 10_000.0
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
class Preparation:
    """A recipe for a volume of an electrolyte.

    Attributes
    ----------
    volume_ml
        Asked for.
    to_the_mark
        Whether the amounts are per volume of solution: the solvent then fills a volumetric
        flask to the mark, and its amount is an estimate.
    weighings
        Every component, in the order of the formulation.
    molarity, molality
        Salt (or component with ions) to mol per litre of solution, and to mol per kilogram
        of the neutral components.
    volume_basis
        What the volume of the solution rests on.
    steps
        What to do, in order.
    warnings
        What to know first.
    """

    volume_ml: float
    to_the_mark: bool
    weighings: tuple[Weighing, ...]
    molarity: Mapping[str, float]
    molality: Mapping[str, float]
    volume_basis: str
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
    found = re.fullmatch(r"\s*([-+]?\d*\.?\d+(?:e[-+]?\d+)?)\s*([a-zµ]+3?)\s*", text.lower())
    if found is None or found[2] not in _ML:
        raise InputError(f"{text!r} is not a volume; write 10mL, 0.5L or 250uL", source="--volume")
    volume = float(found[1]) * _ML[found[2]]
    if not 0 < volume <= MOST_ML:
        raise InputError(
            f"a volume of {text} cannot be made; ask for more than 0 and at most 10 L",
            source="--volume",
        )
    return volume


def prepare(
    formulation: Formulation,
    catalog: Catalog,
    volume_ml: float,
    *,
    solution_density_g_ml: tuple[float, str] | None = None,
) -> Preparation:
    """Return what to weigh for a volume of an electrolyte.

    With ``mol/L`` the salt is weighed for the volume of solution and the solvent fills up.
    Otherwise (ratios, ``mol/kg``) the batch is scaled so that the volumes of the pure
    components add up to the volume asked for; the ratios are exact, the volume of the
    mixture is not.

    Parameters
    ----------
    formulation, catalog
        What to make, and its species and salts.
    volume_ml
        Of electrolyte.
    solution_density_g_ml
        Density of the electrolyte itself and where it is from, for the molarity of a batch
        that is made by ratios.

    Raises
    ------
    InputError
        If it is no liquid, an amount is open, a solvent has no density, or a component
        cannot be weighed.
    """
    parts = _parts(formulation, catalog)
    if not volume_ml > 0:
        raise InputError(f"a volume of {volume_ml:g} mL cannot be made; it must be more than 0")
    try:
        moles = component_moles(parts)
    except InputError as error:
        raise InputError(f"{formulation.id} cannot be made: {error.message}") from None
    to_the_mark = any(p.unit == "mol/L" for p in parts)
    by_name = {p.name: p for p in parts}
    size_ml = sum(n * by_name[name].molar_volume_ml_mol for name, n in moles.items())
    scale = volume_ml / (1000.0 if to_the_mark else size_ml)
    moles = {name: n * scale for name, n in moles.items()}
    weighings = tuple(
        _weighing(c, moles[c.species], by_name[c.species], catalog) for c in formulation.components
    )
    mass = sum(w.mass_g for w in weighings)
    solution_ml, basis = volume_ml, "the volumetric flask"
    if not to_the_mark:
        basis = "added volumes of the components, not measured"
        if solution_density_g_ml is not None:
            density, where = solution_density_g_ml
            solution_ml = mass / density
            basis = f"density of the solution {density:.3f} g/mL, {where}"
    ionic = [p.name for p in parts if p.ionic]
    neutral_kg = sum(moles[p.name] * p.molar_mass_g_mol for p in parts if not p.ionic) / 1000
    molarity = {n: moles[n] / solution_ml * 1000 for n in ionic}
    return Preparation(
        volume_ml=volume_ml,
        to_the_mark=to_the_mark,
        weighings=weighings,
        molarity=molarity,
        molality={n: moles[n] / neutral_kg for n in ionic} if neutral_kg > 0 else {},
        volume_basis=basis,
        steps=_steps(weighings, ionic, volume_ml, to_the_mark),
        warnings=(
            *_undissolved(molarity, [p.name for p in parts if not p.ionic]),
            *_warnings(formulation, weighings, to_the_mark, parts),
        ),
    )


def _parts(formulation: Formulation, catalog: Catalog) -> list[Part]:
    name = formulation.id
    if formulation.kind not in _IN_SOLUTION:
        kind = formulation.kind.replace("_", " ")
        raise InputError(f"{name} is a {kind} electrolyte; a volume is made of liquids only")
    if formulation.open_amounts:
        raise InputError(
            f"{name} has an open composition: no amount of {', '.join(formulation.open_amounts)} "
            "is known; state it in a formulation of your own"
        )
    return [_part(c, formulation, catalog) for c in formulation.components]


def _part(component: Component, formulation: Formulation, catalog: Catalog) -> Part:
    name, amount = component.species, component.used
    salt = catalog.salts.get(name)
    if salt is None and catalog.get_species(name).charge:
        raise InputError(f"{formulation.id} names the ion {name}, which cannot be weighed alone")
    mass = molar_mass_g_mol(name, catalog)
    density = densities().get(name)
    if density is not None:
        volume = mass / density.value_g_ml
    elif salt is not None and amount.unit not in ("pure", "balance"):
        volume = _salt_volume_ml_mol(salt)
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
        unit=amount.unit,
        molar_mass_g_mol=mass,
        molar_volume_ml_mol=volume,
        ionic=salt is not None,
        of=amount.of or "",
    )


def _salt_volume_ml_mol(salt: Salt) -> float:
    """Return the volume that a formula unit takes up in a simulated liquid; 0 if not known."""
    known = load_force_field().species
    ions = ((salt.cation, salt.n_cation), (salt.anion, salt.n_anion))
    volumes = [
        (n, entry.packing_volume_ml_mol) for ion, n in ions if (entry := known.get(ion)) is not None
    ]
    if len(volumes) < len(ions):
        return 0.0
    return sum(n * (volume or 0.0) for n, volume in volumes)


def _weighing(component: Component, moles: float, part: Part, catalog: Catalog) -> Weighing:
    name = component.species
    density, identity = densities().get(name), identities().get(name)
    mass = moles * part.molar_mass_g_mol
    hazards: list[str] = []
    if identity is not None and identity.flash_point_k is not None:
        hazards.append(
            f"flash point {identity.flash_point_k - 273.15:.0f} °C ({identity.flash_point_source})"
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
        else f"{density.temperature_k - 273.15:.0f} °C; {density.source}",
        cas="" if identity is None else identity.cas,
        hazards=tuple(hazards),
    )


def _amount(w: Weighing) -> str:
    volume = "" if w.volume_ml is None else f" ({w.volume_ml:.3g} mL)"
    return f"{w.mass_g:.4g} g{volume} of {w.species}"


def _steps(
    weighings: Sequence[Weighing], ionic: Sequence[str], volume_ml: float, to_the_mark: bool
) -> tuple[str, ...]:
    salts = [w for w in weighings if w.species in ionic]
    liquids = [w for w in weighings if w.species not in ionic]
    if to_the_mark:
        solvents = ", ".join(_amount(w) for w in liquids)
        salt = ", ".join(f"{w.mass_g:.4g} g of {w.species}" for w in salts)
        mixed = "premix the solvents in the stated ratio, then " if len(liquids) > 1 else ""
        return (
            f"Weigh {salt} into a {volume_ml:g} mL volumetric flask.",
            f"{mixed}add about two thirds of the solvent and stir until clear.".capitalize(),
            f"Fill to the mark at 25 °C. In all about {solvents} (estimate: volumes added).",
        )
    first = ", ".join(_amount(w) for w in liquids) or "nothing"
    steps = [f"Weigh {first} into a vial."]
    if salts:
        salt = ", ".join(f"{w.mass_g:.4g} g of {w.species}" for w in salts)
        steps.append(f"Add {salt} in portions and stir until clear.")
    return (*steps, f"The batch is about {volume_ml:g} mL (volumes added, not measured).")


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
    to_the_mark: bool,
    parts: Sequence[Part],
) -> tuple[str, ...]:
    found = [f"amounts: {text}" for text in formulation.assumed_amounts]
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
                f"density of {w.species} is at {density.temperature_k - 273.15:.0f} °C: weigh it"
            )
    for p in parts:
        if p.ionic and p.molar_volume_ml_mol == 0 and not to_the_mark:
            found.append(f"{p.name} is counted without a volume (none is known)")
    return tuple(found)
