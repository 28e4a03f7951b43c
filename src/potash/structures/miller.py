"""Miller indices: as text, in which cell they count, and how far apart their planes are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from potash.errors import InputError
from potash.structures.crystals import Plain, Vector

Miller = tuple[int, int, int]
Facet = str | Sequence[int]
"""A Miller index as people write it."""
LARGEST_INDEX = 9


class CrystalPlane(Plain):
    """The plane that a slab was cut along.

    Attributes
    ----------
    miller
        Index (h, k, l).
    axes
        In whose axes it counts: ``file``, ``conventional cell of the file's crystal``, or
        ``catalogue``.
    lengths_angstrom, angles_degree
        These axes: a, b, c and alpha, beta, gamma.
    spacing_angstrom
        Distance between neighbouring lattice planes. In a centred lattice that is a
        fraction of the d of a primitive one: a/sqrt(8) for fcc (110).
    """

    miller: Miller
    axes: str
    lengths_angstrom: Vector
    angles_degree: Vector
    spacing_angstrom: float


def miller_index(
    facet: Facet,
    *,
    hexagonal: bool | None = None,
    source: str = "",
    field: str = "",
) -> Miller:
    """Return a Miller index as three integers without a common factor.

    Parameters
    ----------
    facet
        ``(111)``, ``1-10``, ``1,1,0``, ``(1 0 -1)`` or, in hexagonal axes, ``(10-10)``; or
        three or four integers.
    hexagonal
        Whether the axes are hexagonal; four indices are refused where they are not.
        None where that is not known yet.
    source, field
        Where it comes from, for the error message.

    Raises
    ------
    InputError
        If it is no index: one line that names the value and says how to write it.

    Examples
    --------
    >>> miller_index("(10-10)")
    (1, 0, 0)
    >>> miller_index("2,2,0")
    (1, 1, 0)
    """
    if isinstance(facet, str) and len(facet) > 60:
        numbers, rest = [], facet  # Python refuses to read thousands of digits as one number
        facet = f"{facet[:40]}..."
    elif isinstance(facet, str):
        text = facet.strip().removeprefix("(").removesuffix(")").strip()
        pattern = r"[+-]?\d+" if re.search(r"[\s,]", text) else r"[+-]?\d"
        numbers = [int(n) for n in re.findall(pattern, text)]
        rest = re.sub(pattern, "", text).strip(" ,")
    else:
        numbers, rest = [int(n) for n in facet], ""
    if rest or len(numbers) not in (3, 4) or not any(numbers):
        raise InputError(
            f"{facet!r} is not a Miller index; write three integers such as 1,1,0 or (110), or "
            "four for hexagonal axes, such as (10-10)",
            source=source,
            field=field,
        )
    if len(numbers) == 4:
        if hexagonal is False:
            raise InputError(
                f"{facet!r} has four indices, but the axes are not hexagonal; write three",
                source=source,
                field=field,
            )
        if sum(numbers[:3]) != 0:
            raise InputError(
                f"{facet!r}: the third of four indices has to be -(h + k)",
                source=source,
                field=field,
            )
        del numbers[2]
    h, k, i = (n // int(np.gcd.reduce(numbers)) for n in numbers)
    if max(abs(h), abs(k), abs(i)) > LARGEST_INDEX:
        raise InputError(
            f"{facet!r}: indices up to {LARGEST_INDEX} are supported", source=source, field=field
        )
    return h, k, i


def miller_text(miller: Miller, *, hexagonal: bool = False) -> str:
    """Return a Miller index as text; four indices in hexagonal axes.

    Parameters
    ----------
    miller
        Three integers.
    hexagonal
        Whether its axes are hexagonal.

    Examples
    --------
    >>> miller_text((1, -1, 0)), miller_text((1, 0, 4), hexagonal=True)
    ('(1-10)', '(10-14)')
    """
    h, k, i = miller
    numbers = (h, k, -(h + k), i) if hexagonal else miller
    return "(" + "".join(str(n) for n in numbers) + ")"


def same_plane(one: str, other: str) -> bool:
    """Return whether two facet texts name one plane, ``(104)`` and ``(10-14)`` for example.

    Words after an index do not count; texts without one, such as ``basal``, have to be equal.

    Parameters
    ----------
    one, other
        As :func:`miller_text` writes them, or as people do.

    Examples
    --------
    >>> same_plane("(0001) cleavage bilayer", "(001)")
    True
    """
    return _plane(one) == _plane(other)


@lru_cache(maxsize=4096)
def _plane(text: str) -> Miller | str:
    try:
        return miller_index(text.split(")")[0])
    except InputError:
        return text


def plane_spacing_angstrom(primitive: ArrayLike, miller: Miller) -> float:
    """Return the distance between lattice planes, ``1 / |h a* + k b* + l c*|``.

    Parameters
    ----------
    primitive
        Vectors of a primitive cell as rows, shape (3, 3), angstrom.
    miller
        Index in that cell, without a common factor.

    Examples
    --------
    >>> plane_spacing_angstrom(np.diag([11.51, 3.56, 4.37]), (0, 0, 1))
    4.37
    """
    reciprocal = np.linalg.inv(np.asarray(primitive, dtype=float))
    return float(1 / np.linalg.norm(reciprocal @ np.array(miller, dtype=float)))
