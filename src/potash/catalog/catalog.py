"""The whole catalogue: what Potash ships, and what a user adds in a folder of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from potash.catalog.claims import AuxiliarySystem, Claim, ClaimsFile, Equation, Misprint
from potash.catalog.consistency import AnyEntry, problem, unknown_id
from potash.catalog.formulations import Formulation
from potash.catalog.hosts import AtomisticModel, Host
from potash.catalog.loading import error_at, load_entries, load_model
from potash.catalog.performance import PerformanceFile, PerformanceTable
from potash.catalog.species import Salt, Species
from potash.catalog.yaml_text import is_folder
from potash.errors import InputError
from potash.resources import data_dir
from potash.spelling import nearest

E = TypeVar("E", Host, AtomisticModel, Species, Salt, Formulation, Claim)

USER_FILES = {
    "models.yaml": "models",
    "hosts.yaml": "hosts",
    "species.yaml": "species",
    "salts.yaml": "salts",
    "formulations.yaml": "formulations",
}
"""Files that a user's catalogue folder may hold, and the list in each."""


@dataclass(frozen=True)
class Catalog:
    """Everything that can be computed or tested, by id, in the order of the files.

    Attributes
    ----------
    hosts, models, species, salts, electrolytes, claims
        Id to entry. ``electrolytes`` are the formulations.
    auxiliary_systems, equations, misprints, performance
        What else the claims need, and the review's own tables.
    added
        Ids of the entries that a user added.
    proposed
        Ids of the formulations that a sweep made: nobody is known to have mixed them.
    """

    hosts: Mapping[str, Host]
    models: Mapping[str, AtomisticModel]
    species: Mapping[str, Species]
    salts: Mapping[str, Salt]
    electrolytes: Mapping[str, Formulation]
    claims: Mapping[str, Claim]
    auxiliary_systems: Mapping[str, AuxiliarySystem] = field(default_factory=dict)
    equations: Mapping[str, Equation] = field(default_factory=dict)
    misprints: Mapping[str, Misprint] = field(default_factory=dict)
    performance: Mapping[str, PerformanceTable] = field(default_factory=dict)
    added: frozenset[str] = frozenset()
    proposed: frozenset[str] = frozenset()

    def get_host(self, name: str) -> Host:
        """Return a host, or raise :class:`InputError` with the nearest id."""
        return self._found("host", self.hosts, name)

    def get_model(self, name: str) -> AtomisticModel:
        """Return an atomistic model, or raise :class:`InputError` with the nearest id."""
        return self._found("model", self.models, name)

    def get_species(self, name: str) -> Species:
        """Return a species, or raise :class:`InputError` with the nearest id."""
        return self._found("species", self.species, name)

    def get_salt(self, name: str) -> Salt:
        """Return a salt, or raise :class:`InputError` with the nearest id."""
        return self._found("salt", self.salts, name)

    def get_electrolyte(self, name: str) -> Formulation:
        """Return a formulation, or raise :class:`InputError` with the nearest id."""
        return self._found("electrolyte", self.electrolytes, name)

    def get_claim(self, name: str) -> Claim:
        """Return a claim, or raise :class:`InputError` with the nearest id."""
        return self._found("claim", self.claims, name)

    def _found(self, what: str, entries: Mapping[str, E], name: str) -> E:
        if name not in entries:
            raise InputError(unknown_id(what, name, entries))
        return entries[name]

    def species_in(self, name: str) -> tuple[str, ...]:
        """Return the ids of the species in an electrolyte, salts taken apart into ions."""
        found: list[str] = []
        for component in self.get_electrolyte(name).components:
            salt = self.salts.get(component.species)
            found += [component.species] if salt is None else [salt.cation, salt.anion]
        return tuple(dict.fromkeys(found))

    def used_in(self, name: str) -> tuple[str, ...]:
        """Return the ids of the electrolytes that hold a species or salt."""
        return tuple(
            e.id
            for e in self.electrolytes.values()
            if name in self.species_in(e.id) or any(c.species == name for c in e.components)
        )

    def salt_smiles(self, name: str) -> str | None:
        """Return the SMILES of a salt, or None where an ion has none."""
        salt = self.get_salt(name)
        cation, anion = self.species[salt.cation].smiles, self.species[salt.anion].smiles
        if cation is None or anion is None:
            return None
        return ".".join([cation] * salt.n_cation + [anion] * salt.n_anion)


def load_catalog(extra: str | Path | None = None) -> Catalog:
    """Return the catalogue: hosts, models, species, salts, electrolytes, claims.

    Parameters
    ----------
    extra
        Folder with a user's own entries: any of ``models.yaml``, ``hosts.yaml``,
        ``species.yaml``, ``salts.yaml``, ``formulations.yaml``, and the structure
        files that they name.

    Raises
    ------
    InputError
        If a file is bad, an id is taken, an id that an entry refers to does not
        exist, or a salt or formulation is impossible.

    Examples
    --------
    >>> catalog = load_catalog()
    >>> catalog.species["dme"].smiles, catalog.electrolytes["kfsi_dme_1m"].temperature_k
    ('COCCOC', 298.15)
    """
    if extra is None:
        return _shipped()
    return _extended(_shipped(), Path(extra))


@lru_cache(maxsize=1)
def _shipped() -> Catalog:
    structures, molecules = data_dir("structures"), data_dir("molecules")
    claims = load_model(molecules / "claims.yaml", ClaimsFile, shipped=True)
    performance = load_model(molecules / "performance_tables.yaml", PerformanceFile, shipped=True)

    def entries(path: Path, key: str, model: type[E]) -> dict[str, E]:
        return {e.id: e for e in load_entries(path, key, model, shipped=True)}

    catalog = Catalog(
        hosts=entries(structures / "hosts.yaml", "hosts", Host),
        models=entries(structures / "models.yaml", "models", AtomisticModel),
        species=entries(molecules / "species.yaml", "species", Species),
        salts=entries(molecules / "salts.yaml", "salts", Salt),
        electrolytes=entries(molecules / "electrolytes.yaml", "electrolytes", Formulation),
        claims={c.id: c for c in claims.claims},
        auxiliary_systems={a.id: a for a in claims.auxiliary_systems},
        equations={e.id: e for e in claims.equations},
        misprints={m.id: m for m in claims.misprints},
        performance={t.id: t for t in performance.tables},
    )
    _check(structures / "hosts.yaml", "hosts", tuple(catalog.hosts.values()), catalog)
    _check(molecules / "salts.yaml", "salts", tuple(catalog.salts.values()), catalog)
    formulations = tuple(catalog.electrolytes.values())
    _check(molecules / "electrolytes.yaml", "electrolytes", formulations, catalog)
    return catalog


def _extended(base: Catalog, folder: Path) -> Catalog:
    """Return the catalogue with the entries of a user's folder."""
    if not is_folder(folder):
        raise InputError("there is no such catalogue folder", source=str(folder))
    named = sorted(p.name for p in folder.iterdir() if p.suffix in (".yaml", ".yml"))
    for name in named:
        if name not in USER_FILES:
            near = nearest(name, list(USER_FILES))
            raise InputError(
                f"is not a catalogue file{near} (allowed: {', '.join(USER_FILES)})",
                source=str(folder / name),
            )
    if not named:
        raise InputError(f"holds none of {', '.join(USER_FILES)}", source=str(folder))

    def entries(name: str, model: type[E]) -> tuple[E, ...]:
        path = folder / name
        return load_entries(path, USER_FILES[name], model) if path.is_file() else ()

    models = entries("models.yaml", AtomisticModel)
    hosts = entries("hosts.yaml", Host)
    species = entries("species.yaml", Species)
    salts = entries("salts.yaml", Salt)
    formulations = entries("formulations.yaml", Formulation)
    own: dict[str, tuple[AnyEntry, ...]] = {
        "models.yaml": models,
        "hosts.yaml": hosts,
        "species.yaml": species,
        "salts.yaml": salts,
        "formulations.yaml": formulations,
    }
    taken = {
        **dict.fromkeys(base.models, "model"),
        **dict.fromkeys(base.hosts, "host"),
        **dict.fromkeys(base.species, "species"),
        **dict.fromkeys(base.salts, "salt"),
        **dict.fromkeys(base.electrolytes, "electrolyte"),
        **dict.fromkeys(base.auxiliary_systems, "auxiliary system"),
    }
    for name, added in own.items():
        for number, entry in enumerate(added):
            if entry.id in taken:
                raise error_at(
                    folder / name,
                    (USER_FILES[name], number, "id"),
                    f"the id {entry.id!r} is already taken ({taken[entry.id]}); choose another",
                )
            taken[entry.id] = f"new entry of {name}"
    catalog = Catalog(
        hosts={**base.hosts, **{h.id: h for h in hosts}},
        models={**base.models, **{m.id: m for m in models}},
        species={**base.species, **{s.id: s for s in species}},
        salts={**base.salts, **{s.id: s for s in salts}},
        electrolytes={**base.electrolytes, **{f.id: f for f in formulations}},
        claims=base.claims,
        auxiliary_systems=base.auxiliary_systems,
        equations=base.equations,
        misprints=base.misprints,
        performance=base.performance,
        added=frozenset(entry.id for added in own.values() for entry in added),
    )
    for name, added in own.items():
        _check(folder / name, USER_FILES[name], added, catalog)
    return catalog


def _check(path: Path, key: str, entries: tuple[AnyEntry, ...], catalog: Catalog) -> None:
    """Raise at the first entry that does not fit the others."""
    for number, entry in enumerate(entries):
        found = problem(entry, catalog)
        if found is not None:
            raise error_at(path, (key, number, *found[0]), found[1])
