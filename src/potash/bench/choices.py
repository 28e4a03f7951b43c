"""What can be measured next, as numbers: compositions of electrolytes, properties of hosts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from potash.bench.preparation import prepare
from potash.catalog.catalog import Catalog
from potash.errors import InputError
from potash.ranking.table import RankedTable

Features = Mapping[str, Mapping[str, float]]
"""Candidate to feature to number; every candidate has the same features."""


@dataclass(frozen=True)
class Choices:
    """Candidates of one kind.

    Attributes
    ----------
    features
        What each is made of, or what was computed of all of them.
    groups
        Candidate to what it must not share with those that a model learns from when the model
        is judged: its set of components, its class.
    computed
        Measurable property to candidate to its computed value, a prior where the property was
        computed at all.
    """

    features: Features
    groups: Mapping[str, str]
    computed: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def without(self, names: Collection[str]) -> Choices:
        """Return the choices without some candidates."""
        kept = {n: f for n, f in self.features.items() if n not in names}
        return Choices(kept, self.groups, self.computed)


_COMPUTED = ("conductivity_s_m", "density_g_ml", "diffusion_k_m2_s", "oxidation_limit_v")
"""Properties that are measured and computed under one name."""


def formulation_choices(
    catalog: Catalog, table: RankedTable, only: Collection[str] | None = None
) -> Choices:
    """Return mole fractions and molarity of every electrolyte that can be made by volume.

    Electrolytes that cannot (open compositions, solids) are not there.

    Parameters
    ----------
    catalog, table
        The electrolytes, and what was computed of them.
    only
        Ids to choose from, such as those of a sweep; all by default.
    """
    made = {}
    for name, formulation in catalog.electrolytes.items():
        if only is not None and name not in only:
            continue
        try:
            made[name] = prepare(formulation, catalog, 1.0)
        except InputError:
            continue
    species = sorted({w.species for p in made.values() for w in p.weighings})
    features = {}
    for name, preparation in made.items():
        total = sum(w.moles_mmol for w in preparation.weighings)
        share = {w.species: w.moles_mmol / total for w in preparation.weighings}
        features[name] = {s: round(share.get(s, 0.0), 6) for s in species}
        features[name]["molarity"] = round(sum(preparation.molarity.values()), 6)
    groups = {n: "+".join(sorted(w.species for w in p.weighings)) for n, p in made.items()}
    return Choices(features, groups, _computed(table, features))


def _computed(table: RankedTable, features: Features) -> dict[str, dict[str, float]]:
    """Return what was computed, nothing measured among it, of the columns that can be measured."""
    found: dict[str, dict[str, float]] = {}
    for entry in table.entries:
        if entry.id not in features:
            continue
        for column in _COMPUTED:
            value = entry.values.get(column)
            if value is not None and column not in entry.values.get("measured", ()):
                found.setdefault(column, {})[entry.id] = float(value)
    return found


def host_choices(table: RankedTable) -> Choices:
    """Return the weighted criteria and the class of every host that has all of the criteria.

    Parameters
    ----------
    table
        Of hosts.
    """
    criteria = [c.column for c in table.criteria if c.weight > 0]
    whole = [e for e in table.entries if not e.is_model and all(c in e.central for c in criteria)]
    classes = sorted({e.group for e in whole})
    features = {
        e.id: {
            **{c: round(e.central[c], 6) for c in criteria},
            **{f"class {name}": float(e.group == name) for name in classes},
        }
        for e in whole
    }
    return Choices(features, {e.id: e.group for e in whole})
