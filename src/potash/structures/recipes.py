"""Recipes: structures as plain data.

A recipe says how a structure is built, completely, so that it can be hashed,
stored and rebuilt with the lattice constant of any level of theory. The
starting lattice is only a start: a level relaxes the bulk first. Building is
done in :mod:`potash.structures`.

Fields named ``source`` and ``note`` document where numbers are from. They are
not part of a recipe's dump, so that a better citation does not change the key
of any result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from potash.structures.crystals import Crystal, Element, Length, Plain, Vector
from potash.structures.vacuum import VACUUM_ANGSTROM


class KeptBond(Plain):
    """A bond that no cut may break (molecules and molecular ions in a crystal)."""

    first: Element
    second: Element
    max_distance_angstrom: float = Field(gt=0, le=4)


class SurfaceDoping(Plain):
    """Replace the ``count`` topmost atoms of ``element`` in a slab by ``by``."""

    element: Element
    by: Element
    count: int = Field(default=1, ge=1)


class BulkRecipe(Plain):
    """A crystal without a surface: reference phases and hosts known only as bulk."""

    builder: Literal["bulk"] = "bulk"
    crystal: Crystal
    supercell: tuple[int, int, int] = (1, 1, 1)
    replace: tuple[SurfaceDoping, ...] = ()
    note: str = Field(default="", exclude=True)


class SlabRecipe(Plain):
    """A slab cut from a crystal.

    Attributes
    ----------
    crystal
        The bulk; Miller indices refer to its conventional cell as given.
    miller
        Miller index; hexagonal four-index notation without the third index.
    min_thickness_angstrom
        Distance that the slab is at least thick, in whole repeat units.
    layers
        Number of repeat units along the normal; overrides the thickness (for
        convergence tests).
    vacuum_angstrom
        Empty space above the slab (between periodic images).
    min_k_k_distance_angstrom
        Distance that periodic images of one K are at least apart; the in-plane
        supercell follows from it and from the lattice in this recipe.
    termination
        ``all``: every distinct one, non-polar, stoichiometric and symmetric
        first; a name as :class:`~potash.structures.Surface` gives it.
    max_terminations
        Keep only so many of them.
    keep_bonds
        Bonds that no cut may break.
    layered
        Van der Waals crystal: the cut lies between layers, and the energy does
        not have to converge with thickness.
    doping
        Replacements in the top layer, per supercell.
    hydroxylate
        Saturate cut Si-O bonds on both sides: OH on Si, H on O.
    """

    builder: Literal["slab"] = "slab"
    crystal: Crystal
    miller: tuple[int, int, int]
    min_thickness_angstrom: float = Field(default=7.5, gt=0, le=60)
    layers: int | None = Field(default=None, ge=1, le=40)
    vacuum_angstrom: float = Field(default=16.0, ge=VACUUM_ANGSTROM, le=60)
    min_k_k_distance_angstrom: float = Field(default=8.0, gt=0, le=30)
    termination: str = "all"
    max_terminations: int | None = Field(default=None, ge=1)
    keep_bonds: tuple[KeptBond, ...] = ()
    layered: bool = False
    doping: tuple[SurfaceDoping, ...] = ()
    hydroxylate: bool = False
    note: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _is_a_plane(self) -> Self:
        if self.miller == (0, 0, 0):
            raise ValueError("(0 0 0) is not a plane")
        return self


GrapheneMotif = Literal[
    "pristine",
    "substitution",
    "monovacancy",
    "divacancy",
    "pyridinic",
    "pyrrolic",
    "vacancy_bridge",
    "metal_n4",
    "metal_n3",
    "metal_n2",
]
GrapheneGroup = Literal["epoxy", "hydroxyl", "fluorine"]


class GrapheneRecipe(Plain):
    """Graphene, doped or functionalised.

    Attributes
    ----------
    supercell
        Repeats of the hexagonal cell.
    a
        Lattice constant of pristine graphene in angstrom.
    motif
        ``pristine``; ``substitution`` (``element`` for one C); ``monovacancy``;
        ``divacancy``; ``pyridinic`` (``element``, ``count`` 1 to 3 around a
        monovacancy, 4 around a divacancy); ``pyrrolic`` (N in the pentagon of
        a reconstructed monovacancy); ``vacancy_bridge`` (``element`` in the
        middle of a divacancy, as thiophene-like S); ``metal_n4`` (``element``
        with four N in a divacancy); ``metal_n3``, ``metal_n2`` (with three or
        two N in a monovacancy).
    element, count
        Dopant or metal, and how many.
    groups
        Added on top, one after the other, far from the motif and each other.
    layers, spacing_angstrom
        Number of sheets; those below the top one are pristine, AB-stacked at
        this distance, and held.
    """

    builder: Literal["graphene"] = "graphene"
    supercell: tuple[int, int] = (4, 4)
    a: Length = 2.46
    motif: GrapheneMotif = "pristine"
    element: Element | None = None
    count: int = Field(default=1, ge=1, le=4)
    groups: tuple[GrapheneGroup, ...] = ()
    layers: int = Field(default=1, ge=1, le=4)
    spacing_angstrom: float = Field(default=3.35, ge=3.0, le=8.0)
    vacuum_angstrom: float = Field(default=16.0, ge=VACUUM_ANGSTROM, le=60)
    note: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _element_where_needed(self) -> Self:
        bare = {"pristine", "monovacancy", "divacancy", "pyrrolic"}
        if (self.motif in bare) != (self.element is None):
            verb = "takes no" if self.motif in bare else "needs an"
            raise ValueError(f"motif {self.motif} {verb} element")
        if self.count != 1 and self.motif != "pyridinic":
            raise ValueError("count is for motif pyridinic")
        if min(self.supercell) < 3:
            raise ValueError("a supercell below 3x3 joins a motif to its images")
        return self


EdgeGroup = Literal[
    "hydrogen",
    "hydroxyl",
    "carbonyl",
    "carboxyl",
    "amine",
    "amide",
    "ammonium_carboxylate",
    "phosphonic",
]


class RibbonRecipe(Plain):
    """A zigzag or armchair graphene ribbon, periodic along x, edges closed with H.

    ``width`` and ``length`` are ASE's n and m; ``group`` replaces one H of the
    upper edge, ``second_group`` its neighbour.
    """

    builder: Literal["ribbon"] = "ribbon"
    edge: Literal["zigzag", "armchair"] = "zigzag"
    width: int = Field(default=4, ge=2, le=12)
    length: int = Field(default=4, ge=2, le=12)
    a: Length = 2.46
    group: EdgeGroup = "hydrogen"
    second_group: EdgeGroup = "hydrogen"
    vacuum_angstrom: float = Field(default=16.0, ge=VACUUM_ANGSTROM, le=60)
    note: str = Field(default="", exclude=True)


class NanotubeRecipe(Plain):
    """A single-walled carbon nanotube along x."""

    builder: Literal["nanotube"] = "nanotube"
    n: int = Field(ge=1, le=20)
    m: int = Field(ge=0, le=20)
    length: int = Field(ge=1, le=12)
    a: Length = 2.46
    vacuum_angstrom: float = Field(default=16.0, ge=VACUUM_ANGSTROM, le=60)
    note: str = Field(default="", exclude=True)


class GraphdiyneRecipe(Plain):
    """A graphdiyne monolayer (C18 per cell)."""

    builder: Literal["graphdiyne"] = "graphdiyne"
    a: Length = 9.46
    supercell: tuple[int, int] = (1, 1)
    vacuum_angstrom: float = Field(default=16.0, ge=VACUUM_ANGSTROM, le=60)
    note: str = Field(default="", exclude=True)


class MxeneRecipe(Plain):
    """A MXene monolayer M(n+1)X(n)T2, ABC-stacked, T above the next metal layer.

    Attributes
    ----------
    metal
        M.
    x_layers
        The n layers of X from the bottom, such as (C, C) or (C, N).
    termination
        T, or ``bare``.
    """

    builder: Literal["mxene"] = "mxene"
    metal: Element = "Ti"
    x_layers: tuple[Element, ...] = Field(default=("C", "C"), min_length=1, max_length=3)
    termination: Literal["bare", "O", "F", "OH", "S", "Cl"]
    a: Length = 3.04
    supercell: tuple[int, int] = (3, 3)
    vacuum_angstrom: float = Field(default=16.0, ge=VACUUM_ANGSTROM, le=60)
    note: str = Field(default="", exclude=True)


class MoleculeRecipe(Plain):
    """A molecule from SMILES: embedded with RDKit, relaxed with its force field."""

    builder: Literal["molecule"] = "molecule"
    smiles: str = Field(min_length=1)
    seed: int = Field(default=1, ge=0)
    vacuum_angstrom: float = Field(default=10.0, ge=VACUUM_ANGSTROM / 2, le=40)
    note: str = Field(default="", exclude=True)


class StructureRecipe(Plain):
    """Any structure atom by atom (cluster, slab or sheet), positions in angstrom.

    ``lattice`` of None: a cluster, which gets a box with ``vacuum_angstrom``
    on every side.
    """

    builder: Literal["structure"] = "structure"
    elements: tuple[Element, ...] = Field(min_length=1)
    positions: tuple[Vector, ...] = Field(min_length=1)
    lattice: tuple[Vector, Vector, Vector] | None = None
    facet: str = "as given"
    fixed: tuple[int, ...] = ()
    vacuum_angstrom: float = Field(default=10.0, ge=VACUUM_ANGSTROM / 2, le=40)
    note: str = Field(default="", exclude=True)
    source: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _one_position_each(self) -> Self:
        if len(self.elements) != len(self.positions):
            raise ValueError(f"{len(self.elements)} elements, but {len(self.positions)} positions")
        if self.fixed and max(self.fixed) >= len(self.elements):
            raise ValueError(f"fixed atom {max(self.fixed)} does not exist")
        return self


Base = Annotated[
    SlabRecipe | GrapheneRecipe | GraphdiyneRecipe | MxeneRecipe | RibbonRecipe | NanotubeRecipe,
    Field(discriminator="builder"),
]


class DecoratedRecipe(Plain):
    """A surface that carries a cluster, molecule or overlayer atoms.

    Attributes
    ----------
    base
        The surface.
    elements, positions
        The cluster; angstrom, any origin.
    smiles, seed
        Instead of those, a molecule as in :class:`MoleculeRecipe`.
    height_angstrom
        Of its lowest atom above the highest atom of the surface near it.
    over
        ``motif`` (what the base's motif is centred on) or the centre of the cell.
    """

    builder: Literal["decorated"] = "decorated"
    base: Base
    elements: tuple[Element, ...] = ()
    positions: tuple[Vector, ...] = ()
    smiles: str | None = None
    seed: int = Field(default=1, ge=0)
    height_angstrom: float = Field(default=2.2, gt=0.5, lt=6)
    over: Literal["motif", "centre"] = "centre"
    note: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.smiles is None) != bool(self.elements):
            raise ValueError("give either smiles or elements with positions")
        if len(self.elements) != len(self.positions):
            raise ValueError(f"{len(self.elements)} elements, but {len(self.positions)} positions")
        return self


class OverlayerRecipe(Plain):
    """Pseudomorphic overlayer: the topmost layers of a metal slab are of another element."""

    builder: Literal["overlayer"] = "overlayer"
    base: SlabRecipe
    element: Element
    layers: int = Field(default=1, ge=1, le=4)
    note: str = Field(default="", exclude=True)


class StackRecipe(Plain):
    """A sheet on a slab, strained to the slab's cell (both of the same shape).

    ``substrate_repeats`` is the number of the slab's surface cells in the common
    cell, which is the one whose images are furthest apart.
    """

    builder: Literal["stack"] = "stack"
    substrate: SlabRecipe
    substrate_repeats: int = Field(ge=1, le=64)
    film: Annotated[GrapheneRecipe | MxeneRecipe, Field(discriminator="builder")]
    gap_angstrom: float = Field(gt=1, lt=6)
    max_strain: float = Field(default=0.05, gt=0, le=0.15)
    note: str = Field(default="", exclude=True)


Recipe = Annotated[
    BulkRecipe
    | SlabRecipe
    | GrapheneRecipe
    | RibbonRecipe
    | NanotubeRecipe
    | GraphdiyneRecipe
    | MxeneRecipe
    | MoleculeRecipe
    | StructureRecipe
    | DecoratedRecipe
    | OverlayerRecipe
    | StackRecipe,
    Field(discriminator="builder"),
]

_ADAPTER: TypeAdapter[Recipe] = TypeAdapter(Recipe)


def recipe_from_data(data: Mapping[str, Any]) -> Recipe:
    """Return the recipe that plain data describe.

    Raises
    ------
    pydantic.ValidationError
        For an unknown builder, unknown keys or impossible values.
    """
    return _ADAPTER.validate_python(data)


def recipe_data(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as plain JSON data: what determines it, without citations."""
    return recipe.model_dump(mode="json")
