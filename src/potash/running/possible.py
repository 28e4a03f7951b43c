"""What could be computed of one entry of the catalogue, at one level, for one quantity.

The science of a kind is loaded when something of it is planned: what a question does not ask
about, and what rows tell already, costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from potash.catalog.campaign import Campaign
from potash.catalog.catalog import Catalog
from potash.catalog.medium import dielectric_constant
from potash.engines.levels import Level, Property
from potash.engines.registry import level as named_level
from potash.errors import InputError, RefusedError
from potash.hosts.energies import cost_s
from potash.results.adsorption import AdsorptionValues
from potash.results.calculation import Calculation
from potash.results.liquid import LiquidInputs
from potash.store.rows import Row

if TYPE_CHECKING:
    from potash.structures.surface import Surface

_PROPERTIES: Mapping[str, Property] = {"adsorption": "adsorption", "liquid": "liquids"}
"""Kind of calculation to the property that its levels are of; those of molecules else."""


@dataclass(frozen=True)
class Way:
    """The calculations that give a value.

    Attributes
    ----------
    calculations
        What they need first, the one that gives the value last; empty if there is no way.
    why_not
        One line: an engine that is not installed, an entry that cannot be built; ''.
    """

    calculations: tuple[Calculation, ...] = ()
    why_not: str = ""


class Possible:
    """Plans single calculations for a campaign's catalogue, each once.

    Parameters
    ----------
    campaign
        Its seed, medium and the settings of its liquids are used.
    catalog
        Where entries are looked up.
    """

    def __init__(self, campaign: Campaign, catalog: Catalog) -> None:
        self._campaign, self._catalog = campaign, catalog
        self._known: dict[tuple[str, str, str, str, int], Way] = {}
        self._built: dict[str, list[tuple[str, Surface]]] = {}
        self._level: Callable[[Property, str], Level] = cache(named_level)
        self._why_no_level: dict[tuple[str, str], str] = {}

    def why_no_level(self, kind: str, level: str) -> str:
        """Return why a level cannot be used here, such as a missing engine, or ''."""
        if (kind, level) not in self._why_no_level:
            why = ""
            try:
                self._level(_PROPERTIES.get(kind, "molecules"), level)
            except (InputError, RefusedError) as error:
                why = f"the level {level} of {kind}: {error}"
            self._why_no_level[kind, level] = why
        return self._why_no_level[kind, level]

    def way(
        self, kind: str, item: str, level: str, *, like: Row | None = None, seed: int = 0
    ) -> Way:
        """Return the calculations of one kind for one entry at one level.

        Parameters
        ----------
        kind
            ``adsorption``, ``species``, ``redox``, ``complex``, ``fluoride_release`` or ``liquid``.
        item
            Id of a model, species or formulation; of a complex the species that holds one K+.
        level
            Name of the level of theory.
        like
            A row of the same entry: the adsorption is on its termination, the liquid a run
            of its length and size. By default the most credible termination, and the
            settings of the campaign.
        seed
            Of a liquid.
        """
        key = (kind, item, level, "" if like is None else like.key, seed)
        if key not in self._known:
            try:
                self._known[key] = Way(self._planned(kind, item, level, like, seed))
            except (InputError, RefusedError) as error:
                self._known[key] = Way(why_not=f"{item} at {level}: {error}")
        return self._known[key]

    def planned_s(self, kind: str, item: str, level: str, like: Row | None) -> float | None:
        """Return the rough core-seconds of a plan, without building a surface that is known.

        Parameters are those of :meth:`way`. None where there is no way.
        """
        clean = "" if like is None else like.structures.get("clean", "")
        if kind == "adsorption" and clean:
            if self.why_no_level(kind, level):
                return None
            return cost_s(int(clean.split(maxsplit=1)[0]), self._level("adsorption", level).theory)
        way = self.way(kind, item, level, like=like)
        return way.calculations[-1].cost_s if way.calculations else None

    def _planned(
        self, kind: str, item: str, level: str, like: Row | None, seed: int
    ) -> tuple[Calculation, ...]:
        one = self._level(_PROPERTIES.get(kind, "molecules"), level)
        if kind == "adsorption":
            termination = "" if like is None else like.read(AdsorptionValues).termination
            return self._adsorption(item, one, termination)
        if kind == "liquid":
            method = None if like is None else like.read(LiquidInputs)
            return (self._liquid(item, one, method, seed),)
        species, own_seed = self._catalog.get_species(item), self._campaign.seed
        if kind == "species":
            from potash.molecules.library import LIBRARY_SEARCH
            from potash.molecules.orbitals import species_calculation

            # Thousands of a user's own molecules are searched as `potash screen` searches them.
            short = one.theory == "tight_binding" and item in self._catalog.added
            search = LIBRARY_SEARCH if short else None
            return (species_calculation(species, one, seed=own_seed, search=search),)
        if kind == "complex":
            from potash.molecules.complexes import complex_calculation

            return (complex_calculation("K", [species], one, seed=own_seed),)
        if kind == "fluoride_release":
            from potash.molecules.fluoride import fluoride_release_calculation

            return (fluoride_release_calculation(species, one, seed=own_seed),)
        from potash.molecules.redox import redox_calculation

        epsilon = dielectric_constant(self._campaign.molecules.medium, self._catalog)
        return (redox_calculation(species, one, dielectric_constant=epsilon, seed=own_seed),)

    def _adsorption(self, item: str, level: Level, termination: str) -> tuple[Calculation, ...]:
        from potash.hosts.adsorption import adsorption_calculations, surfaces
        from potash.hosts.k_metal import k_metal_calculation
        from potash.hosts.targets import model_targets

        target = model_targets(self._catalog.models[item])[0]
        if item not in self._built:  # the same at every level
            self._built[item] = surfaces(target.recipe, target.model)
        found = adsorption_calculations(
            target.recipe,
            level,
            item=target.item,
            model=target.model,
            max_terminations=target.max_terminations,
            electron_acceptor=target.electron_acceptor,
            built=self._built[item],
        )
        same = [c for c in found if c.inputs.plain().get("termination") == termination]
        return (k_metal_calculation(level), (same or found)[0])

    def _liquid(self, item: str, level: Level, like: LiquidInputs | None, seed: int) -> Calculation:
        from potash.liquids.simulate import liquid_calculation

        part = self._campaign.liquids
        formulation = self._catalog.electrolytes[item]
        if like is None:
            return liquid_calculation(
                formulation,
                self._catalog,
                level,
                seed=seed,
                n_atoms=part.n_atoms,
                equilibration_ps=part.equilibration_ps,
                production_ps=part.production_ps,
                temperature_k=part.temperature_k,
                charge_scale=part.charge_scale,
            )
        return liquid_calculation(
            formulation,
            self._catalog,
            level,
            seed=seed,
            n_atoms=like.n_atoms,
            equilibration_ps=like.equilibration_ps,
            production_ps=like.production_ps,
            temperature_k=like.temperature_k,
            charge_scale=like.charge_scale,
        )
