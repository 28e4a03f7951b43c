"""Errors of each level's vertical ionisation energies, from the committed reference rows.

Usage: python benchmarks/molecules_accuracy.py [FOLDER_OF_ROWS]

Prints, for each level and quantity, the number of molecules, mean absolute error,
mean error, largest error and Spearman rank correlation against CCSD(T) and against
experiment; and the mean absolute error after a correction (constant, or linear)
fitted without the molecule it is applied to.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.stats import spearmanr

from potash.resources import data_dir
from potash.store import import_rows

QUANTITIES = (
    ("screen", "ip_vertical_ev", "IPEA1-xTB IP"),
    ("screen", "homo_ev", "GFN2-xTB -HOMO"),
    ("standard", "ip_vertical_ev", "B3LYP/def2-SVP delta-SCF IP"),
    ("standard", "homo_ev", "B3LYP/def2-SVP -HOMO"),
    ("reference", "ip_vertical_ev", "CAM-B3LYP/def2-TZVPD delta-SCF IP"),
    ("reference", "homo_ev", "CAM-B3LYP/def2-TZVPD -HOMO"),
)


def references() -> dict[str, dict[str, float]]:
    """Return canonical SMILES to verified reference values."""
    path = data_dir("molecules") / "ionization_energies.csv"
    lines = [x for x in path.read_text(encoding="utf-8").splitlines() if not x.startswith("#")]
    found: dict[str, dict[str, float]] = {}
    for record in csv.DictReader(lines):
        if record["verified"] == "yes":
            values = {
                name: float(record[column])
                for name, column in (("experiment", "vertical_exp_ev"), ("CCSD(T)", "ccsdt_ev"))
                if record[column]
            }
            found[Chem.CanonSmiles(record["smiles"])] = values
    return found


def is_organic(smiles: str) -> bool:
    """Return whether a molecule has carbon, hydrogen and at least three heavy atoms."""
    mol = Chem.MolFromSmiles(smiles)
    symbols = {a.GetSymbol() for a in Chem.AddHs(mol).GetAtoms()}
    return {"C", "H"} <= symbols and mol.GetNumAtoms() >= 3


def leave_one_out(x: NDArray[np.float64], y: NDArray[np.float64], degree: int) -> float:
    """Return the mean absolute error of y - fit(x), each fitted without its own point."""
    errors = []
    for i in range(len(x)):
        others = np.arange(len(x)) != i
        if degree == 0:
            predicted = x[i] + (y[others] - x[others]).mean()
        else:
            predicted = np.polyval(np.polyfit(x[others], y[others], 1), x[i])
        errors.append(abs(predicted - y[i]))
    return float(np.mean(errors))


def main() -> None:
    """Print the tables: all molecules, then the organic ones (electrolytes are of that kind)."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data_dir("results/reference") / "molecules"
    rows = [r for r in import_rows(folder) if r.kind == "species" and r.status == "ok"]
    known = references()
    for title, keep in (
        ("all molecules", lambda _smiles: True),
        ("organic, three heavy atoms or more", is_organic),
    ):
        print(f"\n{title}")
        head = f"{'quantity':36s}{'against':>11s}{'n':>4s}{'MAE':>7s}{'ME':>7s}{'max':>7s}"
        print(head + f"{'rho':>7s}{'LOO const':>11s}{'LOO line':>10s}  worst")
        for level, column, label in QUANTITIES:
            found = {
                r.values["smiles"]: abs(r.values[column])
                for r in rows
                if r.level == level and column in r.values and r.values.get("smiles") in known
            }
            for against in ("CCSD(T)", "experiment"):
                names = sorted(s for s in found if against in known[s] and keep(s))
                if len(names) < 4:
                    continue
                x = np.array([found[s] for s in names])
                y = np.array([known[s][against] for s in names])
                error = x - y
                print(
                    f"{label:36s}{against:>11s}{len(names):4d}{np.abs(error).mean():7.3f}"
                    f"{error.mean():7.3f}{np.abs(error).max():7.3f}"
                    f"{spearmanr(x, y).statistic:7.3f}{leave_one_out(x, y, 0):11.3f}"
                    f"{leave_one_out(x, y, 1):10.3f}  {names[int(np.abs(error).argmax())]}"
                )


if __name__ == "__main__":
    main()
