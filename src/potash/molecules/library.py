"""Libraries of molecules: many SMILES from a file, bad lines reported, duplicates once.

Reads ``.smi`` (SMILES, then an optional name) and ``.csv`` (a ``smiles`` column and
optionally ``id`` or ``name``). Every line ends up in exactly one place: an entry, a
duplicate of an entry, or an error with its line number.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rdkit import Chem
from rdkit.Chem import Descriptors, rdMolDescriptors
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.Contrib.SA_Score import sascorer

from potash.engines.levels import Level
from potash.errors import InputError, RefusedError
from potash.molecules.orbitals import smiles_calculation
from potash.results.calculation import Calculation
from potash.results.species import ConformerSearch
from potash.structures.smiles import canonical_smiles, parse_molecule, parse_smiles

# One relaxed conformer from a short search: a screening number moves by less than the
# error of the method, and costs half as much.
LIBRARY_SEARCH = ConformerSearch(per_rotor=2, most=12, relaxed=1)


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
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", source=str(path)) from None
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


def library_calculations(
    library: Library, level: Level, *, seed: int = 1, search: ConformerSearch = LIBRARY_SEARCH
) -> tuple[list[Calculation], list[LineError]]:
    """Return one calculation per distinct molecule, and the molecules the level refuses.

    Parameters
    ----------
    library
        From :func:`read_library`.
    level
        Of property ``molecules``.
    seed, search
        Of the conformers.
    """
    planned, refused = [], []
    for entry in library.entries:
        try:
            planned.append(
                smiles_calculation(
                    entry.smiles,
                    level,
                    seed=seed,
                    item=entry.name,
                    search=search,
                    source=library.source,
                    field=f"line {entry.lines[0]}",
                )
            )
        except RefusedError as error:
            refused.append(LineError(entry.lines[0], entry.smiles, str(error)))
    return planned, refused


def descriptors(smiles: str) -> dict[str, float | int | str | bool]:
    """Return properties that follow from the formula and the bonds alone.

    ``molar_mass_g_mol``, ``formula``, ``n_fluorine``, ``fluorine_to_hydrogen`` (absent
    without hydrogen), ``n_donor_atoms`` (O and N), ``n_rotatable_bonds``,
    ``log_p`` (Crippen), ``polar_area_angstrom2`` and ``synthetic_accessibility`` (1 easy
    to 10 hard, from fragment frequencies, doi:10.1186/1758-2946-1-8).
    ``hardly_flammable`` is a rule of thumb, not a prediction: as many F as H atoms or
    more, or a phosphate.
    """
    mol = parse_molecule(smiles, allow_radical=True)
    counts = dict.fromkeys(("H", "F", "O", "N"), 0)
    for atom in Chem.AddHs(mol).GetAtoms():
        if atom.GetSymbol() in counts:
            counts[atom.GetSymbol()] += 1
    phosphate = mol.HasSubstructMatch(_PHOSPHATE)
    found: dict[str, float | int | str | bool] = {
        "formula": str(rdMolDescriptors.CalcMolFormula(mol)),
        "molar_mass_g_mol": float(Descriptors.MolWt(mol)),  # type: ignore[attr-defined]
        "n_fluorine": counts["F"],
        "n_donor_atoms": counts["O"] + counts["N"],
        "n_rotatable_bonds": int(rdMolDescriptors.CalcNumRotatableBonds(mol)),
        "log_p": float(rdMolDescriptors.CalcCrippenDescriptors(mol)[0]),
        "polar_area_angstrom2": float(rdMolDescriptors.CalcTPSA(mol)),
        "hardly_flammable": bool(counts["F"] >= max(counts["H"], 1) or phosphate),
    }
    found["synthetic_accessibility"] = float(sascorer.calculateScore(mol))
    if counts["H"]:
        found["fluorine_to_hydrogen"] = counts["F"] / counts["H"]
    return found


_PHOSPHATE = Chem.MolFromSmarts("P(=O)(O)(O)O")


def drawing(smiles: str, *, width: int = 220, height: int = 160) -> str:
    """Return a two-dimensional drawing of a molecule as SVG text.

    Parameters
    ----------
    smiles
        One molecule.
    width, height
        In pixels.

    Examples
    --------
    >>> "</svg>" in drawing("COCCOC")
    True
    """
    canvas = rdMolDraw2D.MolDraw2DSVG(width, height)
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, parse_smiles(smiles))
    canvas.FinishDrawing()
    return str(canvas.GetDrawingText())


def write_table(
    library: Library,
    results: Mapping[str, Mapping[str, object]],
    path: Path,
    *,
    refused: Sequence[LineError] = (),
) -> None:
    """Write one CSV line for every line of the library: values, or why there are none.

    Parameters
    ----------
    library
        As read.
    results
        Canonical SMILES to ``status``, ``reason`` and values.
    path
        File to write.
    refused
        Molecules that the level does not cover.
    """
    lines: list[dict[str, object]] = []
    reasons = {error.text: error.message for error in refused}
    for entry in library.entries:
        result = dict(results.get(entry.smiles, {}))
        result.setdefault("status", "refused" if entry.smiles in reasons else "not_computed")
        result.setdefault("reason", reasons.get(entry.smiles, ""))
        for line, name in zip(entry.lines, entry.names, strict=True):
            lines.append(
                {
                    "line": line,
                    "name": name or entry.name,
                    "smiles": entry.smiles,
                    "duplicate_of_line": entry.lines[0] if line != entry.lines[0] else "",
                    **result,
                    **descriptors(entry.smiles),
                }
            )
    lines += [
        {"line": e.line, "smiles": e.text, "status": "bad_input", "reason": e.message}
        for e in library.errors
    ]
    columns = ["line", "name", "smiles", "status", "reason", "duplicate_of_line"]
    columns += sorted({c for line in lines for c in line} - set(columns))
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="")
        writer.writeheader()
        writer.writerows(sorted(lines, key=lambda row: int(str(row["line"]))))


def _smi_rows(text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.split("#", 1)[0] if line.lstrip().startswith("#") else line
        words = content.split(maxsplit=1)
        if words:
            yield number, words[0], words[1].strip() if len(words) > 1 else ""


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, str, str]]:
    reader = csv.DictReader(text.splitlines())
    headers = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    if "smiles" not in headers:
        raise InputError("has no column named 'smiles'", source=str(path), field="line 1")
    label = headers.get("id") or headers.get("name")
    for record in reader:
        name = (record.get(label) or "").strip() if label else ""
        yield reader.line_num, (record.get(headers["smiles"]) or "").strip(), name
