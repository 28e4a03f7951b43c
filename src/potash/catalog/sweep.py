"""A grid of formulations: salts x solvents x diluents x how much of each, with rules."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from potash.catalog.common import Entry, Id
from potash.catalog.formulations import Amount, Component, Formulation
from potash.catalog.species import Salt, Species
from potash.errors import InputError

LARGEST_GRID = 20_000
"""Formulations of a grid: what can still be listed and looked through."""


def beside_the_campaign(path: Path | None, info: ValidationInfo) -> Path | None:
    """Return a path that a campaign file names, as it is seen from the current folder.

    Raises
    ------
    ValueError
        If there is nothing at that path.
    """
    if path is None:
        return None
    whole = Path((info.context or {}).get("folder", Path())) / path
    if not whole.exists():
        raise ValueError(f"there is no file or folder {str(path)!r}")
    return whole


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Ids = Annotated[tuple[Id, ...], BeforeValidator(_as_list)]
Positive = Annotated[float, Field(gt=0)]
Content = tuple[float, ...]
"""Molar ratios of all components; or the molarity, then the volume ratio of the liquids."""


class Sweep(Entry):
    """Formulations on a grid: each salt in each solvent, with each diluent, at each content.

    Attributes
    ----------
    salts
        Ids of salts.
    solvents, solvents_from
        Ids of species, and a SMILES or CSV file of further ones, relative to the campaign file.
    diluents, diluents_from
        The same for a third component; without any, there is none.
    molarities_mol_l
        Contents of salt, mol/L of solution; the rest is solvent, or solvent and diluent in
        each of the ``volume_ratios``.
    volume_ratios
        Solvent to diluent by volume.
    molar_ratios
        Instead of the two: salt to solvent (to diluent) in moles, such as ``[1, 1.2, 3]``.
    miscible
        Pairs of ids that are known to mix, or to dissolve: a salt and a solvent, a solvent and
        a diluent. With any other pair a formulation stays in doubt, unless the catalogue holds
        one with that pair.
    immiscible
        Pairs that do not mix: left out.
    fluorine_free
        Leave out what holds fluorine.
    prices_usd_kg
        Id to price, from a source of your own.
    dearest_usd_kg
        Leave out what costs more; every component then needs a price.
    """

    salts: Ids = Field(min_length=1)
    solvents: Ids = ()
    solvents_from: Path | None = None
    diluents: Ids = ()
    diluents_from: Path | None = None
    molarities_mol_l: tuple[Positive, ...] = ()
    volume_ratios: tuple[tuple[Positive, Positive], ...] = ()
    molar_ratios: tuple[tuple[Positive, ...], ...] = ()
    miscible: tuple[tuple[Id, Id], ...] = ()
    immiscible: tuple[tuple[Id, Id], ...] = ()
    fluorine_free: bool = False
    prices_usd_kg: Mapping[Id, Positive] = Field(default_factory=dict)
    dearest_usd_kg: float | None = Field(default=None, gt=0)

    _beside = field_validator("solvents_from", "diluents_from")(beside_the_campaign)

    @model_validator(mode="after")
    def _is_a_grid(self) -> Sweep:
        if not self.solvents and self.solvents_from is None:
            raise ValueError("give solvents, or solvents_from")
        if bool(self.molarities_mol_l) == bool(self.molar_ratios):
            raise ValueError("give either molarities_mol_l or molar_ratios")
        if bool(self.volume_ratios) != (self.has_diluents and bool(self.molarities_mol_l)):
            raise ValueError("volume_ratios belong to molarities_mol_l with diluents")
        parts = "salt, solvent and diluent" if self.has_diluents else "salt and solvent"
        for ratio in self.molar_ratios:
            if len(ratio) != 2 + self.has_diluents:
                raise ValueError(f"the molar ratio {list(ratio)} needs a number each for {parts}")
        both = {frozenset(p) for p in self.miscible} & {frozenset(p) for p in self.immiscible}
        if both:
            pair = " and ".join(sorted(min(both, key=sorted)))
            raise ValueError(f"{pair} are listed as miscible and as immiscible")
        if bool(self.prices_usd_kg) != (self.dearest_usd_kg is not None):
            raise ValueError("prices_usd_kg and dearest_usd_kg are given together")
        return self

    @property
    def has_diluents(self) -> bool:
        """Whether there is a third component."""
        return bool(self.diluents) or self.diluents_from is not None

    @property
    def contents(self) -> tuple[Content, ...]:
        """How much of each component, in the order of the file."""
        if self.molar_ratios:
            return self.molar_ratios
        return tuple(
            (molarity, *ratio)
            for molarity, ratio in product(self.molarities_mol_l, self.volume_ratios or ((),))
        )


def swept(
    sweep: Sweep,
    solvents: Mapping[str, Species],
    diluents: Mapping[str, Species],
    salts: Mapping[str, Salt],
    species: Mapping[str, Species],
) -> list[Formulation]:
    """Return the formulations of a grid, without those that a rule excludes.

    Parameters
    ----------
    sweep
        As the campaign asks for it.
    solvents, diluents, salts
        Id to entry, those of its files too.
    species
        Where the ions of the salts are found.

    Raises
    ------
    InputError
        If the grid is larger than 20,000, a price is missing, or the rules leave nothing.
    """
    thirds: list[Species | None] = [*diluents.values()] or [None]
    size = len(salts) * len(solvents) * len(thirds) * len(sweep.contents)
    if size > LARGEST_GRID:
        raise InputError(f"a grid of {size} formulations; {LARGEST_GRID} is the limit")
    fluorine = {s.id: "F" in s.composition for s in (*solvents.values(), *diluents.values())}
    for salt in salts.values():
        fluorine[salt.id] = any("F" in species[i].composition for i in (salt.cation, salt.anion))
    allowed = {name for name, holds in fluorine.items() if _allowed(name, holds, sweep)}
    apart = {frozenset(pair) for pair in sweep.immiscible}
    found = []
    for salt, solvent, diluent in product(salts.values(), solvents.values(), thirds):
        names = (salt.id, solvent.id) if diluent is None else (salt.id, solvent.id, diluent.id)
        if len(set(names)) < len(names) or not allowed.issuperset(names):
            continue
        if any(frozenset(pair) in apart for pair in combinations(names, 2)):
            continue
        liquids = (solvent,) if diluent is None else (solvent, diluent)
        titles = (salt.id.upper(), *((*s.abbreviations, s.name)[0] for s in liquids))
        found += [_formulation(names, titles, c, bool(sweep.molar_ratios)) for c in sweep.contents]
    if not found:
        raise InputError(f"the rules leave none of {size} formulations")
    return found


def _allowed(name: str, holds_fluorine: bool, sweep: Sweep) -> bool:
    if sweep.fluorine_free and holds_fluorine:
        return False
    if sweep.dearest_usd_kg is None:
        return True
    if name not in sweep.prices_usd_kg:
        raise InputError(f"dearest_usd_kg needs a price of {name} under prices_usd_kg")
    return sweep.prices_usd_kg[name] <= sweep.dearest_usd_kg


def _formulation(
    names: tuple[str, ...], titles: tuple[str, ...], content: Content, molar: bool
) -> Formulation:
    roles = ("salt", "solvent", "diluent")
    if molar:
        amounts = [Amount(value=x, unit="molar_ratio") for x in content]
        ratio = ":".join(f"{x:g}" for x in content)
        title = f"{', '.join(titles)} {ratio} by moles"
        label = "_".join(_digits(x) for x in content)
    else:
        molarity, *volumes = content
        liquids = [Amount(value=x, unit="volume_ratio") for x in volumes]
        amounts = [Amount(value=molarity, unit="mol/L"), *(liquids or [Amount(unit="balance")])]
        title = f"{molarity:g} M {titles[0]} in {' + '.join(titles[1:])}"
        title += f" {volumes[0]:g}:{volumes[1]:g} by volume" if volumes else ""
        label = "_".join([f"{_digits(molarity)}m", *(_digits(x) for x in volumes)])
    return Formulation(
        id="_".join((*names, label)),
        name=title,
        components=tuple(
            Component(species=name, role=role, amount=amount)
            for name, role, amount in zip(names, roles, amounts, strict=False)
        ),
    )


def _digits(number: float) -> str:
    """Return a number as a part of an id: 1.5 is ``1p5``."""
    return f"{number:g}".replace(".", "p").replace("-", "m").replace("+", "")
