"""The reader of structure files: CIF, POSCAR, extended XYZ and everything else ASE reads."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.data import atomic_numbers
from numpy.typing import NDArray

from potash.errors import InputError
from potash.xyz_frames import check_frames

if TYPE_CHECKING:
    from ase import Atoms

CIF_SUFFIXES = (".cif", ".mcif")

_ENDLESS_WORD = re.compile(rb"[A-Za-z0-9_-]{501}")
"""What ASE's pattern for the comment line of XYZ needs a time without end for."""

_INTERNAL = "StopIteration|array|assign|broadcast|unpack|operand|NoneType|object"
"""Words of messages that are about the reader and not about the file."""


def read_atoms(path: str | Path) -> Atoms:
    """Return the one structure in a file, checked.

    Parameters
    ----------
    path
        The file. ``FILE#NAME`` takes the CIF data block of that name, ``FILE#N`` the
        N-th structure (from 1) of a trajectory or another file with several.

    Returns
    -------
    Atoms
        Positions and cell in angstrom, with the file's constraints and ``pbc``; no
        calculator. CIF, POSCAR and XYZ with a ``Lattice`` are periodic in three directions.

    Raises
    ------
    InputError
        One line: no such file, a folder, an empty or unreadable file, several structures
        and none chosen, partial or unknown occupancies, an unknown element, atoms that
        overlap, a cell that is too small for its atoms, numbers that are not finite.

    Examples
    --------
    >>> read_atoms("slab.cif")  # doctest: +SKIP
    >>> read_atoms("two_blocks.cif#second")  # doctest: +SKIP
    """
    # The checks and ASE's readers take half a second to import, and few catalogues need them.
    from potash.structures.checks import check_numbers, check_overlap

    source = str(path)
    file, part = _located(source)
    if file.suffix.lower() in CIF_SUFFIXES:
        from potash.structures.cif import read_cif

        atoms = read_cif(file, part)
    else:
        atoms = _read_by_ase(file, part, source)
    check_numbers(atoms, source=source)
    check_overlap(atoms, source=source)
    return atoms


def read_molecule_xyz(path: Path) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return the atoms of a plain XYZ file: one molecule, its comment line ignored.

    Geometries of species are read with the catalogue, at every command; ASE's readers would
    take longer to import than all the rest.

    Returns
    -------
    symbols, positions
        Positions in angstrom, shape (n_atoms, 3).

    Raises
    ------
    InputError
        If the file cannot be read, or is not XYZ: the line is named.
    """
    file, _ = _located(str(path))
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _not_a_name(str(path), error) from None
    symbols: list[str] = []
    positions: list[tuple[float, float, float]] = []
    where = 1
    try:
        for where in range(3, 3 + int(lines[0])):
            symbol, x, y, z = lines[where - 1].split()[:4]
            symbols.append(symbol)
            positions.append((float(x), float(y), float(z)))
            if symbol not in atomic_numbers or not np.isfinite(positions[-1]).all():
                raise ValueError
    except (ValueError, IndexError):
        what = "an element and three numbers" if where > 1 else "the number of atoms"
        raise InputError(
            f"is not a valid XYZ file: line {where} should hold {what}", source=str(path)
        ) from None
    return tuple(symbols), np.array(positions).reshape(-1, 3)


def names_a_file(target: str) -> bool:
    """Return whether a text, its ``#`` part aside, is the name of a file that exists.

    Raises
    ------
    InputError
        If the system takes no such name (too long, or with a NUL).
    """
    return _is_file(_file_and_part(target)[0])


def means_a_file(target: str) -> bool:
    """Return whether a text is meant as a file and not as an id: it is one, or looks like one.

    Examples
    --------
    >>> means_a_file("mine.cif"), means_a_file("k2s")
    (True, False)
    """
    return "/" in target or bool(Path(target).suffix) or names_a_file(target)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError) as error:
        raise _not_a_name(str(path), error) from None


def _not_a_name(text: str, error: Exception) -> InputError:
    shown = text if len(text) <= 80 else f"{text[:40]}...{text[-20:]}"
    return InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", source=shown)


def _file_and_part(text: str) -> tuple[Path, str | None]:
    """Split ``FILE#PART``, unless there is a file of the whole name."""
    name, mark, part = text.rpartition("#")
    if not mark or _is_file(Path(text)):
        return Path(text), None
    return Path(name), part


def _located(text: str) -> tuple[Path, str | None]:
    file, part = _file_and_part(text)
    try:
        if file.is_dir():
            raise InputError("is a folder, not a structure file", source=text)
        if not file.exists():
            raise InputError("there is no such file", source=text)
        with file.open("rb") as opened:
            if not opened.read(1):
                raise InputError("is empty", source=text)
    except (OSError, ValueError) as error:
        raise _not_a_name(text, error) from None
    return file, part


def _read_by_ase(path: Path, part: str | None, source: str) -> Atoms:
    from ase import Atoms
    from ase.io import read
    from ase.io.formats import UnknownFileTypeError

    if path.suffix.lower() in (".xyz", ".extxyz"):
        if _ENDLESS_WORD.search(path.read_bytes()):
            raise InputError("holds a word of more than 500 letters; no XYZ has one", source=source)
        check_frames(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found: Any = read(path, index=":", do_not_split_by_at_sign=True)
    except UnknownFileTypeError:
        raise InputError(
            "is of no format that can be told from its name or content; name it .cif, .vasp, "
            ".extxyz or .xyz",
            source=source,
        ) from None
    except MemoryError:
        raise InputError("asks for more memory than there is", source=source) from None
    except Exception as error:  # the readers of ASE raise anything on bad files
        raise InputError(
            f"cannot be read as a structure: {_reason(error)}", source=source
        ) from None
    structures = found if isinstance(found, list) else [found]
    if not structures or not all(isinstance(a, Atoms) and len(a) for a in structures):
        raise InputError("holds no atoms", source=source)
    if part is None:
        if len(structures) > 1:
            raise InputError(
                f"holds {len(structures)} structures; say which one: {source}#1 to "
                f"{source}#{len(structures)}",
                source=source,
            )
        return _without_results(structures[0])
    if not part.isdigit() or not 1 <= int(part) <= len(structures):
        raise InputError(
            f"{part!r} is not one of its {len(structures)} structures, which count from 1",
            source=source,
        )
    return _without_results(structures[int(part) - 1])


def _reason(error: Exception) -> str:
    """Return an exception of one of ASE's readers in words that a user can act on."""
    text = " ".join(str(error).split())[:200].removeprefix("ase.io.extxyz: ")
    if isinstance(error, KeyError):
        return f"{text} is missing or unknown"
    number = re.search(r"(?:convert string to float|for int\(\) with base 10): (.*)", text)
    if number:
        return f"{number.group(1)} stands where a number is expected"
    internal = AssertionError | IndexError | TypeError | AttributeError | UnicodeDecodeError
    if not text or isinstance(error, internal) or re.search(_INTERNAL, text):
        return "it ends early, or a line does not hold what its format expects"
    return text


def _without_results(atoms: Atoms) -> Atoms:
    """Return atoms without the energies that a file may hold."""
    atoms.calc = None
    return atoms
