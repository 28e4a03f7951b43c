"""Libraries of molecules: many SMILES in a file, bad lines reported, duplicates once.

Reads ``.smi`` (SMILES, then an optional name) and ``.csv`` (a ``smiles`` column and
optionally ``id`` or ``name``). Every line ends up in exactly one place: an entry, a
duplicate of an entry, or an error with its line number.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from potash.errors import InputError
from potash.structures.smiles import canonical_smiles, parse_molecule


@dataclass(frozen=True)
class LibraryEntry:
    """One distinct molecule of a library.

    Attributes
    ----------
    name
        Name given first for it, or its canonical SMILES.
    smiles
        Canonical SMILES: stereochemistry kept, tautomer and charge as written.
    lines
        Line numbers where it stands (the second and later are duplicates).
    names
        What each of these lines calls it; '' for a line without a name.
    """

    name: str
    smiles: str
    lines: tuple[int, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class LineError:
    """A line that holds no molecule to be computed.

    Attributes
    ----------
    line
        Line number in the file, from 1.
    text
        What stands there.
    message
        What is wrong with it.
    """

    line: int
    text: str
    message: str


@dataclass(frozen=True)
class Library:
    """A file of molecules, read.

    Attributes
    ----------
    source
        The file.
    entries
        Distinct molecules in order of first appearance.
    errors
        Lines that could not be used, in order.
    """

    source: str
    entries: tuple[LibraryEntry, ...]
    errors: tuple[LineError, ...]

    @property
    def n_lines(self) -> int:
        """Lines with content: entries, their duplicates and errors."""
        return sum(len(e.lines) for e in self.entries) + len(self.errors)


def read_library(path: Path) -> Library:
    """Read a ``.smi`` or ``.csv`` file of molecules.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or a CSV file has no ``smiles`` column.
        Bad lines raise nothing: they are listed in :attr:`Library.errors`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 text (byte {error.start})", source=str(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read: {reason}", source=str(path)[:200]) from None
    rows = list(_csv_rows(path, text) if path.suffix.lower() == ".csv" else _smi_rows(text))
    if not rows:
        raise InputError("holds no molecule; one SMILES per line is expected", source=str(path))
    found: dict[str, list[tuple[int, str]]] = {}
    errors = []
    for line, smiles, name in rows:
        try:
            key = canonical_smiles(parse_molecule(smiles))
        except InputError as error:
            errors.append(LineError(line, smiles, error.message))
            continue
        found.setdefault(key, []).append((line, name))
    entries = tuple(
        LibraryEntry(
            name=members[0][1] or key,
            smiles=key,
            lines=tuple(line for line, _ in members),
            names=tuple(name for _, name in members),
        )
        for key, members in found.items()
    )
    return Library(str(path), entries, tuple(errors))


def _smi_rows(text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.split("#", 1)[0] if line.lstrip().startswith("#") else line
        words = content.split(maxsplit=1)
        if words:
            yield number, words[0], words[1].strip() if len(words) > 1 else ""


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, str, str]]:
    reader = csv.DictReader(text.splitlines())
    try:
        yield from _named_columns(path, reader)
    except csv.Error as error:
        raise InputError(
            f"is not valid CSV: {error}", source=str(path), field=f"line {reader.line_num + 1}"
        ) from None


def _named_columns(path: Path, reader: csv.DictReader[str]) -> Iterator[tuple[int, str, str]]:
    headers = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    if "smiles" not in headers:
        raise InputError("has no column named 'smiles'", source=str(path), field="line 1")
    label = headers.get("id") or headers.get("name")
    for record in reader:
        name = (record.get(label) or "").strip() if label else ""
        yield reader.line_num, (record.get(headers["smiles"]) or "").strip(), name
