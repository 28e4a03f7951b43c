"""A library of molecules into one table: a calculation each, descriptors, drawings.

:mod:`potash.structures.library` reads it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from rdkit import Chem
from rdkit.Chem import Descriptors, rdMolDescriptors
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.Contrib.SA_Score import sascorer

from potash.csv_cells import inert_record
from potash.engines.levels import Level
from potash.errors import RefusedError
from potash.molecules.orbitals import smiles_calculation
from potash.results.calculation import Calculation
from potash.results.species import ConformerSearch
from potash.structures.library import Library, LineError
from potash.structures.smiles import parse_molecule, parse_smiles

# One relaxed conformer from a short search: a screening number moves by less than the
# error of the method, and costs half as much.
LIBRARY_SEARCH = ConformerSearch(per_rotor=2, most=12, relaxed=1)


def library_calculations(
    library: Library, level: Level, *, seed: int = 1, search: ConformerSearch = LIBRARY_SEARCH
) -> tuple[list[Calculation], list[LineError]]:
    """Return one calculation per distinct molecule, and the molecules the level refuses.

    Parameters
    ----------
    library
        From :func:`potash.structures.library.read_library`.
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
        ordered = sorted(lines, key=lambda row: int(str(row["line"])))
        writer.writerows(map(inert_record, ordered))
