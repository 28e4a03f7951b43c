"""Crystals as plain data: a structure type, a space group with sites, or atom by atom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import numpy as np
from ase.data import atomic_numbers
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)


def _known_element(symbol: str) -> str:
    if symbol not in atomic_numbers or symbol == "X":
        raise ValueError(f"'{symbol}' is not a chemical symbol")
    return symbol


Element = Annotated[str, AfterValidator(_known_element)]
Vector = tuple[float, float, float]
Length = Annotated[float, Field(gt=0)]
Angle = Annotated[float, Field(gt=0, lt=180)]
SOURCE_UNVERIFIED = "unverified, relaxed by the level"


class Plain(BaseModel):
    """Frozen data without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Site(Plain):
    """One orbit of a space group: an element at fractional coordinates."""

    element: Element
    x: float
    y: float
    z: float


class Cell(Plain):
    """Conventional cell: lengths in angstrom, angles in degrees."""

    a: Length
    b: Length
    c: Length
    alpha: Angle = 90.0
    beta: Angle = 90.0
    gamma: Angle = 90.0


PrototypeName = Literal[
    "fcc",
    "bcc",
    "hcp",
    "diamond",
    "rocksalt",
    "cscl",
    "fluorite",
    "wurtzite",
    "l1_0",
    "l1_2",
    "d0_3",
    "antiperovskite",
]


class PrototypeCrystal(Plain):
    """A structure type whose positions are fixed by symmetry (wurtzite: u = 3/8 to start).

    Attributes
    ----------
    prototype
        Name of the type.
    elements
        One element per kind of site, in the order of the type's formula:
        rocksalt (A, B); fluorite (A, B) for AB2, thus antifluorite K2S is
        (S, K); l1_2 (A, B) for A3B; d0_3 (A, B) for A3B; antiperovskite
        (A, B, X) for A3BX.
    a, c
        Lattice parameters in angstrom; ``c`` for hexagonal and tetragonal types.
    oxidation_states
        Formal charges, for telling polar terminations; none for metals.
    magnetic_moments
        Starting moment per element in Bohr magnetons, for levels with spin.
    """

    kind: Literal["prototype"] = "prototype"
    prototype: PrototypeName
    elements: tuple[Element, ...] = Field(min_length=1, max_length=3)
    a: Length
    c: Length | None = None
    oxidation_states: Mapping[str, float] | None = None
    magnetic_moments: Mapping[str, float] | None = None
    source: str = Field(default=SOURCE_UNVERIFIED, exclude=True)

    @model_validator(mode="after")
    def _has_what_the_type_needs(self) -> Self:
        kinds = {"fcc": 1, "bcc": 1, "hcp": 1, "diamond": 1, "antiperovskite": 3}
        needed = kinds.get(self.prototype, 2)
        if len(self.elements) != needed:
            raise ValueError(f"{self.prototype} needs {needed} elements, not {len(self.elements)}")
        if (self.prototype in ("hcp", "wurtzite", "l1_0")) != (self.c is not None):
            raise ValueError(f"{self.prototype}: c is for hcp, wurtzite and l1_0, and needed there")
        return self


class SpaceGroupCrystal(Plain):
    """A crystal as in a structure report: space group, cell, one site per orbit.

    Attributes
    ----------
    space_group
        Number (1-230), in the standard setting.
    setting
        Origin choice or rhombohedral axes as in ``ase.spacegroup`` (1 or 2).
    cell, sites
        Conventional cell and the independent sites.
    oxidation_states, magnetic_moments
        As in :class:`PrototypeCrystal`.
    """

    kind: Literal["spacegroup"] = "spacegroup"
    space_group: int = Field(ge=1, le=230)
    setting: Literal[1, 2] = 1
    cell: Cell
    sites: tuple[Site, ...] = Field(min_length=1)
    oxidation_states: Mapping[str, float] | None = None
    magnetic_moments: Mapping[str, float] | None = None
    source: str = Field(default=SOURCE_UNVERIFIED, exclude=True)


class ExplicitCrystal(Plain):
    """A crystal atom by atom: what a structure file holds.

    Attributes
    ----------
    lattice
        The three cell vectors in angstrom, as rows.
    elements, positions
        One element and three fractional coordinates per atom.
    oxidation_states, magnetic_moments
        As in :class:`PrototypeCrystal`.
    axes
        Whose axes these are where the crystal is from a file: ``file``, or
        ``conventional`` where the file has a primitive cell; see
        :mod:`potash.structures.indexing`. Left out of the plain data where it is None, as
        for crystals of the catalogue.
    """

    kind: Literal["explicit"] = "explicit"
    lattice: tuple[Vector, Vector, Vector]
    elements: tuple[Element, ...] = Field(min_length=1)
    positions: tuple[Vector, ...] = Field(min_length=1)
    oxidation_states: Mapping[str, float] | None = None
    magnetic_moments: Mapping[str, float] | None = None
    axes: Literal["file", "conventional"] | None = None
    source: str = Field(default=SOURCE_UNVERIFIED, exclude=True)

    @model_serializer(mode="wrap")
    def _without_absent_axes(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = plain(self)
        if data["axes"] is None:
            del data["axes"]
        return data

    @model_validator(mode="after")
    def _one_position_each(self) -> Self:
        if len(self.elements) != len(self.positions):
            raise ValueError(f"{len(self.elements)} elements, but {len(self.positions)} positions")
        return self


Crystal = Annotated[
    PrototypeCrystal | SpaceGroupCrystal | ExplicitCrystal, Field(discriminator="kind")
]


def is_hexagonal(crystal: Crystal) -> bool:
    """Return whether a crystal's axes are hexagonal: a = b, gamma 120 degrees, c upright.

    Its planes have four indices then. Told from the data alone, without building the cell.
    """
    if isinstance(crystal, PrototypeCrystal):
        return crystal.prototype in ("hcp", "wurtzite")
    if isinstance(crystal, SpaceGroupCrystal):
        cell = crystal.cell
        lengths, angles = (cell.a, cell.b), (cell.alpha, cell.beta, cell.gamma)
    else:
        vectors = np.array(crystal.lattice)
        a, b, c = np.linalg.norm(vectors, axis=1)
        cosines = vectors @ vectors.T / np.outer((a, b, c), (a, b, c))
        lengths = (float(a), float(b))
        alpha, beta, gamma = np.degrees(np.arccos([cosines[1, 2], cosines[0, 2], cosines[0, 1]]))
        angles = (float(alpha), float(beta), float(gamma))
    off = max(abs(angle - right) for angle, right in zip(angles, (90, 90, 120), strict=True))
    return abs(lengths[0] - lengths[1]) < 0.01 * lengths[0] and off < 0.5
