"""Structures in CIF files: blocks, symmetry, occupancies; parsed with gemmi.

Symmetry operations listed in a block are applied as they stand; without a list the
operations of its Hermann-Mauguin symbol, else of its space-group number, are. A group
with two origins needs the list or the origin in the symbol: there is no default that
all programs share, and the wrong one gives another crystal.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gemmi
import numpy as np
from ase import Atoms
from ase.cell import Cell
from gemmi import cif
from numpy.typing import NDArray

from potash.errors import InputError

SAME_SITE_ANGSTROM = 0.1
"""Images of one site closer than this are one atom on a special position."""

_CELL = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
_OPERATIONS = (
    "_space_group_symop_operation_xyz",
    "_space_group_symop.operation_xyz",
    "_symmetry_equiv_pos_as_xyz",
)
_MAGNETIC = (
    "_space_group_symop_magn_operation.xyz",
    "_space_group_symop_magn_operation_xyz",
)
_SYMBOLS = (
    "_space_group_name_H-M_alt",
    "_symmetry_space_group_name_H-M",
    "_space_group.name_H-M_alt",
)
_NUMBERS = ("_space_group_IT_number", "_symmetry_Int_Tables_number", "_space_group.IT_number")
_UNKNOWN = ("", "?", ".")
_Operations = list[tuple[NDArray[np.float64], NDArray[np.float64]]]


def read_cif(path: Path, block: str | None = None) -> Atoms:
    """Return the structure in a CIF file, periodic in three directions.

    Parameters
    ----------
    path
        The file.
    block
        Name of the data block; needed where several hold a structure.

    Raises
    ------
    InputError
        If the file is no CIF (with the line), holds no structure or several, or its
        block lacks a cell, coordinates, elements or a usable space group, or has sites
        that are partially occupied or whose occupancy is not known.

    Examples
    --------
    >>> read_cif(Path("two_blocks.cif"), "second")  # doctest: +SKIP
    """
    source = str(path)
    try:
        return _read(path, block, source)
    except UnicodeDecodeError as error:
        raise InputError(
            f"holds a name or value that is not UTF-8 text ({error.object[:20]!r})", source=source
        ) from None


def _read(path: Path, block: str | None, source: str) -> Atoms:
    try:
        document = cif.read_file(str(path))
    except (ValueError, RuntimeError, OSError) as error:
        line = str(error).removeprefix(source).lstrip(":")
        raise InputError(f"is not valid CIF: {line}", source=source) from None
    chosen = _block(document, block, source)
    where = f"data_{chosen.name}"
    cell = _cell(chosen, source, where)
    symbols, scaled = _sites(chosen, source, where)
    operations = _operations(chosen, cell, source, where)
    _check_fit(cell, operations, source, where)
    return _expanded(cell, symbols, scaled, operations)


def _block(document: cif.Document, wanted: str | None, source: str) -> cif.Block:
    usable = [b for b in document if b.find_values("_atom_site_fract_x")]
    names = [b.name for b in usable]
    if not usable:
        raise InputError(
            "holds no data block with fractional coordinates (_atom_site_fract_x)", source=source
        )
    if wanted is None:
        if len(usable) > 1:
            raise InputError(
                f"holds {len(usable)} structures; say which one: "
                + ", ".join(f"{source}#{name}" for name in names[:8])
                + (" and so on" if len(names) > 8 else ""),
                source=source,
            )
        return usable[0]
    if names.count(wanted) != 1:
        many = "several data blocks are" if wanted in names else "no data block with a structure is"
        raise InputError(f"{many} named {wanted!r}; there are {', '.join(names)}", source=source)
    return usable[names.index(wanted)]


def _value(block: cif.Block, tags: Sequence[str]) -> str:
    """Return the first of these values that is known, or an empty text."""
    for tag in tags:
        raw = block.find_value(tag)
        text = cif.as_string(raw).strip() if raw else ""
        if text not in _UNKNOWN:
            return text
    return ""


def _cell(block: cif.Block, source: str, where: str) -> Cell:
    values = []
    for name in _CELL:
        text = block.find_value(f"_cell_{name}")
        number = cif.as_number(text) if text else float("nan")
        angle = name.startswith("angle")
        if not (np.isfinite(number) and 0 < number < (180 if angle else 1000)):
            raise InputError(
                f"_cell_{name} is {text or 'missing'}; expected "
                + ("degrees between 0 and 180" if angle else "angstrom, positive"),
                source=source,
                field=where,
            )
        values.append(number)
    cell = Cell.new(values)
    if not np.isfinite(cell.array).all() or cell.volume < 1e-3:
        raise InputError(
            f"the angles {values[3]:g}, {values[4]:g}, {values[5]:g} make no cell",
            source=source,
            field=where,
        )
    return cell


def _sites(block: cif.Block, source: str, where: str) -> tuple[list[str], NDArray[np.float64]]:
    def column(name: str) -> list[str]:
        return [cif.as_string(v).strip() for v in block.find_values(f"_atom_site_{name}")]

    labels, types = column("label"), column("type_symbol")
    axes = [list(block.find_values(f"_atom_site_fract_{axis}")) for axis in "xyz"]
    occupancies = list(block.find_values("_atom_site_occupancy"))
    names = labels or types
    if not names or len({len(c) for c in (names, *axes)}) != 1:
        raise InputError(
            "the loop of _atom_site needs a label or type_symbol, fract_x, fract_y and fract_z",
            source=source,
            field=where,
        )
    symbols = []
    scaled = np.zeros((len(names), 3))
    for i, name in enumerate(names):
        symbols.append(_element(types[i] if types else name, name, source, where))
        for k, texts in enumerate(axes):
            scaled[i, k] = cif.as_number(texts[i])
            if not np.isfinite(scaled[i, k]) or abs(scaled[i, k]) > 1e3:
                raise InputError(
                    f"site {name} has fract_{'xyz'[k]} = {texts[i]}; expected a number",
                    source=source,
                    field=where,
                )
        if occupancies:
            _check_occupancy(occupancies[i], name, source, where)
    return symbols, scaled


def _element(text: str, site: str, source: str, where: str) -> str:
    symbol = gemmi.Element("".join(c for c in text if c.isalpha())[:2].capitalize()).name
    if symbol == "X":
        symbol = gemmi.Element(text[:1].upper()).name
    if symbol == "X":
        raise InputError(
            f"site {site} is of {text!r}, which is no element", source=source, field=where
        )
    return "H" if symbol == "D" else str(symbol)


def _check_occupancy(text: str, site: str, source: str, where: str) -> None:
    occupancy = cif.as_number(text)
    if not np.isfinite(occupancy):
        raise InputError(
            f"site {site} has the occupancy {text!r}, which is not known; write 1 where the "
            "site is full",
            source=source,
            field=where,
        )
    if abs(occupancy - 1.0) > 1e-3:
        raise InputError(
            f"site {site} is partially occupied ({occupancy:g}); give an ordered cell",
            source=source,
            field=where,
        )


def _operations(block: cif.Block, cell: Cell, source: str, where: str) -> _Operations:
    listed = [
        cif.as_string(v) for tag in _OPERATIONS for v in block.find_values(tag) if v not in _UNKNOWN
    ]
    if listed:
        try:
            return [_seitz(gemmi.Op(text)) for text in dict.fromkeys(listed)]
        except (RuntimeError, ValueError) as error:
            raise InputError(
                f"a symmetry operation cannot be read: {error}", source=source, field=where
            ) from None
    if any(block.find_values(tag) for tag in _MAGNETIC):
        raise InputError(
            "has magnetic symmetry operations only; give the structure in P 1",
            source=source,
            field=where,
        )
    group = _group(block, cell, source, where)
    return [_seitz(op) for op in group.operations()] if group else [(np.eye(3), np.zeros(3))]


def _group(block: cif.Block, cell: Cell, source: str, where: str) -> gemmi.SpaceGroup | None:
    """Return the space group that a block names, or None where it names none (P 1)."""
    alpha, gamma = cell.angles()[0], cell.angles()[2]
    name, number = _value(block, _SYMBOLS), _value(block, _NUMBERS)
    group = gemmi.find_spacegroup_by_name(name, alpha, gamma) if name else None
    if group is None and number.isdigit():
        group = gemmi.find_spacegroup_by_number(int(number))
        if group is not None and group.ext == "H":
            group = gemmi.find_spacegroup_by_name(group.hm, alpha, gamma)
    if group is None:
        if name or number:
            raise InputError(
                f"the space group {name or number!r} is not known; list the symmetry operations",
                source=source,
                field=where,
            )
        return None
    if group.ext in ("1", "2") and ":" not in name:
        raise InputError(
            f"the space group {group.hm} has two origins; list the symmetry operations, or "
            f"write '{group.hm}:1' or '{group.hm}:2'",
            source=source,
            field=where,
        )
    return group


def _seitz(operation: gemmi.Op) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    matrix = np.array(operation.float_seitz())
    return matrix[:3, :3], matrix[:3, 3]


def _check_fit(cell: Cell, operations: _Operations, source: str, where: str) -> None:
    """Refuse operations that are no symmetry of the lattice, such as cubic ones of a long c."""
    metric = cell.array @ cell.array.T
    for rotation, _ in operations:
        image = rotation.T @ metric @ rotation
        if np.abs(image - metric).max() > 0.02 * np.abs(metric).max():
            a, b, c, alpha, beta, gamma = cell.cellpar()
            raise InputError(
                f"the symmetry operations do not fit the cell {a:.4g} {b:.4g} {c:.4g} "
                f"{alpha:.4g} {beta:.4g} {gamma:.4g}",
                source=source,
                field=where,
            )


def _expanded(
    cell: Cell, symbols: Sequence[str], scaled: NDArray[np.float64], operations: _Operations
) -> Atoms:
    """Return all atoms of the cell; images of a site on a special position count once."""
    found: list[str] = []
    positions: list[NDArray[np.float64]] = []
    for symbol, site in zip(symbols, scaled, strict=True):
        images: list[NDArray[np.float64]] = []
        for rotation, translation in operations:
            image = np.round(rotation @ site + translation, 9) % 1.0
            steps = np.array(images).reshape(-1, 3) - image
            steps -= np.round(steps)
            distances = np.linalg.norm(steps @ cell.array, axis=1)
            if not (distances < SAME_SITE_ANGSTROM).any():
                images.append(image)
        found += [symbol] * len(images)
        positions += images
    return Atoms(found, scaled_positions=np.array(positions), cell=cell, pbc=True)
