"""Hosts of potassium and the atomistic models that stand for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationInfo, model_validator

from potash.catalog.common import Entry, Id, Named, Quantity, Source, Text
from potash.errors import InputError
from potash.structures.recipes import BulkRecipe, Recipe

MaterialClass = Literal[
    "carbon",
    "doped_carbon",
    "metal",
    "alloy",
    "oxide",
    "chalcogenide",
    "mxene",
    "halide",
    "mof",
    "other",
]

HostRole = Literal[
    "host",
    "current_collector",
    "conducting_layer",
    "barrier_layer",
    "separator_coating",
    "SEI component",
    "filler",
]

Population = Literal["substrate", "separator", "phase"]
"""Hosts that are compared with each other; see :attr:`Host.population`."""

POPULATIONS: Mapping[Population, str] = {
    "substrate": "substrates",
    "separator": "separators, their coatings and fillers",
    "phase": "products, SEI phases and layers that do not conduct",
}
"""Population to its name in tables."""

_SUBSTRATES = {"host", "current_collector", "conducting_layer"}
_SEPARATORS = {"separator_coating", "filler"}

ModelKind = Literal[
    "2d_slab", "slab", "bulk", "bulk_or_slab", "bulk_or_liquid", "ribbon", "1d_tube", "cluster"
]


def _recipe_of_structure_file(path: Path, facet: str | None) -> Recipe:
    """Return the recipe of a file; the facet of what is no crystal is a label only."""
    # Half a second to import, and few catalogues need them.
    from potash.structures.files import read_atoms
    from potash.structures.given import recipes_from_atoms
    from potash.structures.vacuum import open_axes

    try:
        atoms = read_atoms(path)
        crystal = not open_axes(atoms).any()
        if crystal and facet is None:
            raise InputError("is a crystal; say which surface with 'facets: [\"(111)\"]'")
        return recipes_from_atoms(atoms, facet=facet if crystal else None)[0]
    except InputError as error:
        raise ValueError(f"the structure file {path.name!r}: {error.message}") from None


class ElectronAcceptor(Entry):
    """Whether a substrate can take potassium's electron, and how that is known.

    Attributes
    ----------
    accepts
        True where its lowest empty state lies well below the 4s level of a K atom.
    source
        Who found it, and how: a reference, a measured electron affinity, a DFT calculation.
    """

    accepts: bool
    source: Text


class AtomisticModel(Entry):
    """One atomistic model: what it stands for, and the recipe that builds it.

    Attributes
    ----------
    id
        Unique; a crystal's model is named after its first facet.
    label
        For people to read.
    kind
        Periodicity: slab, two-dimensional sheet, ribbon, tube, cluster, bulk.
    formula
        Composition; ``:`` separates elements of an open ratio.
    prototype, space_group
        Structure type, where there is one.
    facets
        Surfaces to look at, the first one first, such as ``(111)`` or ``basal``.
    note
        What to watch out for.
    basis
        ``curator`` for a model that the review does not give (it gives none);
        ``user`` for one that a user added.
    recipe
        How the geometry is built; None where there is no way to build it. In a
        file, ``structure: slab.cif`` (any file that ASE reads, beside the
        catalogue file) stands for the recipe of that structure.
    not_modelled_reason
        Why there is no recipe.
    surrogate
        Where the geometry is not that of the material that it stands for: what it is, and
        why it was taken. Tables flag its values.
    electron_acceptor
        Whether it can take potassium's electron, where that is known. Potentials, which
        cannot tell, are refused where it cannot; where nothing is said it is presumed from
        the composition (:mod:`potash.structures.insulators`).
    sources
        Where prototype and cell are from.
    """

    id: Id
    label: Text
    kind: ModelKind
    formula: Text
    prototype: str = ""
    space_group: str = ""
    facets: tuple[str, ...] = ()
    note: str = ""
    basis: Literal["curator", "user"] = "user"
    recipe: Recipe | None = None
    not_modelled_reason: str = ""
    surrogate: str = ""
    electron_acceptor: ElectronAcceptor | None = None
    sources: tuple[Source, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _recipe_of_structure_file(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, Mapping) or "structure" not in data:
            return data
        if "recipe" in data:
            raise ValueError("give either a 'recipe' or a 'structure' file, not both")
        name, facets = data["structure"], data.get("facets", ())
        if not isinstance(name, str) or not isinstance(facets, list | tuple):
            raise ValueError("'structure' is the name of a structure file, 'facets' a list")
        path = (info.context or {}).get("folder", Path()) / name
        recipe = _recipe_of_structure_file(path, str(facets[0]) if facets else None)
        return {**{k: v for k, v in data.items() if k != "structure"}, "recipe": recipe}

    @model_validator(mode="after")
    def _recipe_or_reason(self) -> AtomisticModel:
        if self.recipe is not None and self.not_modelled_reason:
            raise ValueError("a model with a recipe cannot also have a not_modelled_reason")
        return self

    @property
    def has_surface(self) -> bool:
        """Whether there is a recipe, and one of a surface on which K can adsorb."""
        return self.recipe is not None and not isinstance(self.recipe, BulkRecipe)

    @property
    def why_no_surface(self) -> str:
        """Why not, or an empty text."""
        if self.has_surface:
            return ""
        return self.not_modelled_reason or ("bulk only" if self.recipe else "it has no recipe yet")


class Host(Named):
    """A material that is meant to hold, seed or guide potassium.

    Attributes
    ----------
    material_class
        Class for error models and for the report.
    roles
        What it does in the cell. A ``conducting_layer`` lies on the electrode and conducts
        electrons, so that K plates on it; a ``barrier_layer`` alone does not.
    composite
        True where it is made of several materials; its models are those of the parts.
    components
        Ids of other hosts it contains.
    models
        Ids of the atomistic models that stand for it, the most telling first.
    forms_with_k
        Phases that the review says it forms with potassium.
    says
        What the review says about it, in our words.
    only_in_figures
        Quantities that are only readable from figures.
    issues
        Contradictions and gaps in the review.
    quantities
        Numbers stated about it.
    """

    material_class: MaterialClass
    roles: tuple[HostRole, ...] = ("host",)
    composite: bool = False
    components: tuple[Id, ...] = ()
    models: tuple[Id, ...]
    forms_with_k: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    only_in_figures: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Host:
        if not self.models:
            raise ValueError("a host needs at least one model id under 'models'")
        for quantity in self.quantities:
            if quantity.ref not in self.refs:
                raise ValueError(f"a quantity cites reference {quantity.ref}, not in 'refs'")
        return self

    @property
    def population(self) -> Population:
        """Whom it is ranked among, by its roles.

        A ``substrate`` takes K up or has K plated on it: hosts, current collectors and
        artificial layers that conduct. A ``separator`` is one, its coating or a filler of it.
        All else is a ``phase``: products and parts of the SEI, layers that do not conduct.

        Examples
        --------
        >>> Host(id="x", name="x", material_class="metal", models=("m",)).population
        'substrate'
        """
        if _SUBSTRATES.intersection(self.roles):
            return "substrate"
        return "separator" if _SEPARATORS.intersection(self.roles) else "phase"
