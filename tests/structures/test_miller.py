"""Miller indices as text, and the spacing of their planes."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import bulk
from hypothesis import given
from hypothesis import strategies as st

from potash.errors import InputError
from potash.structures.miller import (
    miller_index,
    miller_text,
    plane_spacing_angstrom,
    same_plane,
)


@pytest.mark.parametrize(
    ("facet", "index"),
    [
        ("(111)", (1, 1, 1)),
        ("100", (1, 0, 0)),
        ("1,1,0", (1, 1, 0)),
        ("1, -1, 0", (1, -1, 0)),
        ("(1 0 -1)", (1, 0, -1)),
        ("(10-10)", (1, 0, 0)),
        ("(0001)", (0, 0, 1)),
        ("(11-20)", (1, 1, 0)),
        ("(10-14)", (1, 0, 4)),
        ("(222)", (1, 1, 1)),
        ((1, 1, 0), (1, 1, 0)),
        ([0, 0, 0, 2], (0, 0, 1)),
    ],
)
def test_miller_index(facet: str | tuple[int, ...], index: tuple[int, int, int]) -> None:
    assert miller_index(facet) == index


@pytest.mark.parametrize(
    "facet",
    ["basal", "garbage", "(000)", "(11)", "", "(1111)", "(12345)", "1,1", "1;1;0", "1.5,0,1"],
)
def test_bad_miller_index(facet: str) -> None:
    with pytest.raises(InputError, match=r"Miller index|third of four") as caught:
        miller_index(facet, source="--facet")
    assert str(caught.value).startswith("--facet: ")
    assert repr(facet) in str(caught.value)


def test_four_indices_need_hexagonal_axes() -> None:
    assert miller_index("(10-10)", hexagonal=True) == (1, 0, 0)
    with pytest.raises(InputError, match="four indices, but the axes are not hexagonal"):
        miller_index("(10-10)", hexagonal=False)
    with pytest.raises(InputError, match="indices up to 9"):
        miller_index("1,1,12")


@given(st.tuples(*[st.integers(-9, 9)] * 3).filter(any), st.booleans())
def test_text_reads_back(index: tuple[int, int, int], hexagonal: bool) -> None:
    h, k, i = (int(n) for n in np.array(index) // np.gcd.reduce(index))
    text = miller_text((h, k, i), hexagonal=hexagonal)
    if not hexagonal or abs(h + k) < 10:
        assert miller_index(text) == (h, k, i)
    assert miller_index(index) == (h, k, i)


def test_same_plane() -> None:
    assert same_plane("(104)", "(10-14)")
    assert same_plane("(001)", "(0001)")
    assert same_plane("(0001) cleavage bilayer", "(001)")
    assert same_plane("basal", "basal")
    assert not same_plane("(012)", "(104)")
    assert not same_plane("basal", "(001)")


@pytest.mark.parametrize(
    ("structure", "miller", "planes_per_d"),
    [("sc", (1, 1, 0), 1), ("bcc", (1, 1, 0), 1), ("bcc", (1, 1, 1), 2), ("fcc", (1, 1, 0), 2)],
)
def test_spacing_of_cubic_lattices(structure: str, miller: tuple, planes_per_d: int) -> None:
    primitive = bulk("Po" if structure == "sc" else "Cu", structure, a=4.0).cell.array
    conventional = 4.0 * np.eye(3)
    index = np.rint(primitive @ np.linalg.inv(conventional) @ miller * 2)
    index //= np.gcd.reduce(index.astype(int))
    d = 4.0 / np.linalg.norm(miller)
    spacing = plane_spacing_angstrom(primitive, tuple(int(i) for i in index))
    assert spacing == pytest.approx(d / planes_per_d)
