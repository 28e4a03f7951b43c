"""Errors of each level's vertical ionisation energies, from the committed reference rows.

Usage: python benchmarks/molecules_accuracy.py [FOLDER_OF_ROWS]

Prints, for each level and quantity, the number of molecules, mean absolute error,
mean error, largest error and Spearman rank correlation against CCSD(T) and against
experiment; and the mean absolute error after a correction (one constant, one constant
a class of molecules as in the error models, or a line) fitted without the molecule that
it is applied to.

'experiment' is every tabulated value. Some of these are the onset of a broad band and not
its maximum (alkanes, silane, hydrazine): where a molecule relaxes much on ionisation, the
tabulated value lies far below CCSD(T). 'vertical exp.' leaves out those more than
``ONSET_EV`` below CCSD(T), a rule that does not look at the levels being judged; they stay
in the comparison with CCSD(T), and are listed.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.stats import spearmanr

from potash import calibration
from potash.evidence.species import species_class
from potash.resources import data_dir
from potash.results.species import SpeciesValues
from potash.store import Row, import_rows

# CCSD(T) in a triple-zeta basis is good to 0.2 eV, mostly too low: twice that is no error of it.
ONSET_EV = 0.4
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
            if not is_onset(values):
                values["vertical exp."] = values["experiment"]
            found[Chem.CanonSmiles(record["smiles"])] = values
    return found


def is_onset(values: dict[str, float]) -> bool:
    """Return whether the tabulated energy is too low to be that of a band's maximum."""
    return "CCSD(T)" in values and values["CCSD(T)"] - values["experiment"] > ONSET_EV


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


def leave_one_out_by_class(
    x: NDArray[np.float64], y: NDArray[np.float64], classes: list[str]
) -> tuple[float, int]:
    """Return the mean absolute error that the error models of Potash leave, and over how many.

    A molecule that is alone in its class has nothing to be corrected by, and is not counted.
    """
    pairs = [
        calibration.Pair(str(i), group, float(a), float(b))
        for i, (group, a, b) in enumerate(zip(classes, x, y, strict=True))
    ]
    model = calibration.fit(pairs, quantity="ip_vertical_ev", level="", reference="")
    found = calibration.leave_one_out(model)
    return (found.mae_corrected, found.n_predicted) if found else (float("nan"), 0)


@dataclass(frozen=True)
class Accuracy:
    """Errors of one quantity against one kind of reference, in eV.

    Attributes
    ----------
    molecules, quantity, against
        Which ones, what, and compared with what.
    n
        How many.
    mean_absolute, mean, largest
        Of computed minus reference; the largest is absolute.
    rank_correlation
        Spearman's.
    by_constant, by_class, by_line
        Mean absolute error after a correction that was fitted without the molecule in
        question: one constant, one constant a class, a line.
    n_by_class
        How many of them have another one in their class.
    worst
        SMILES of the molecule with the largest error.
    """

    molecules: str
    quantity: str
    against: str
    n: int
    mean_absolute: float
    mean: float
    largest: float
    rank_correlation: float
    by_constant: float
    by_class: float
    n_by_class: int
    by_line: float
    worst: str


def accuracies(rows: Sequence[Row]) -> list[Accuracy]:
    """Return the errors of every level: of all molecules, then of the organic ones.

    Parameters
    ----------
    rows
        Any rows; usable species rows count, and where a level was computed with two recipes,
        the later one.
    """
    usable = [r for r in rows if r.kind == "species" and r.status == "ok"]
    usable.sort(key=lambda r: r.started)
    known = references()
    made = []
    for title, keep in (("all", lambda _smiles: True), ("organic", is_organic)):
        for level, column, label in QUANTITIES:
            found: dict[str, float] = {}
            for row in usable:
                values = row.read(SpeciesValues)
                number = getattr(values, column)
                if row.level == level and number is not None and values.smiles in known:
                    found[values.smiles] = abs(number)
            for against in ("CCSD(T)", "vertical exp.", "experiment"):
                names = sorted(s for s in found if against in known[s] and keep(s))
                if len(names) < 4:
                    continue
                x = np.array([found[s] for s in names])
                y = np.array([known[s][against] for s in names])
                error = x - y
                by_class, n = leave_one_out_by_class(x, y, [species_class(s, 0) for s in names])
                made.append(
                    Accuracy(
                        title, label, against, len(names), float(np.abs(error).mean()),
                        float(error.mean()), float(np.abs(error).max()),
                        float(spearmanr(x, y).statistic), leave_one_out(x, y, 0), by_class, n,
                        leave_one_out(x, y, 1), names[int(np.abs(error).argmax())],
                    )
                )  # fmt: skip
    return made


def onsets(rows: Sequence[Row]) -> list[tuple[str, float]]:
    """Return the molecules whose tabulated value is a band's onset, with the gap to CCSD(T)."""
    usable = [r for r in rows if r.kind == "species" and r.status == "ok"]
    labels = {r.read(SpeciesValues).smiles: r.item for r in usable}
    return [
        (labels.get(smiles, smiles), values["CCSD(T)"] - values["experiment"])
        for smiles, values in references().items()
        if is_onset(values)
    ]


def main() -> None:
    """Print the tables: all molecules, then the organic ones (electrolytes are of that kind)."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data_dir("results/reference") / "molecules"
    rows = [r for r in import_rows(folder) if r.kind == "species" and r.status == "ok"]
    print("onsets rather than vertical energies (CCSD(T) - experiment, eV):")
    for name, gap in onsets(rows):
        print(f"  {name:20s}{gap:5.2f}")
    head = f"{'quantity':36s}{'against':>14s}{'n':>4s}{'MAE':>7s}{'ME':>7s}{'max':>7s}"
    head += f"{'rho':>7s}{'LOO const':>11s}{'LOO class':>15s}{'LOO line':>10s}  worst"
    title = ""
    for a in accuracies(rows):
        if a.molecules != title:
            title = a.molecules
            print(f"\n{title}\n{head}")
        print(
            f"{a.quantity:36s}{a.against:>14s}{a.n:4d}{a.mean_absolute:7.3f}{a.mean:7.3f}"
            f"{a.largest:7.3f}{a.rank_correlation:7.3f}{a.by_constant:11.3f}"
            f"{a.by_class:9.3f} (n {a.n_by_class:2d}){a.by_line:10.3f}  {a.worst}"
        )


if __name__ == "__main__":
    main()
