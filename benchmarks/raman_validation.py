"""Simulated ion pairing beside Raman, in liquids that took no part in choosing the force field.

Usage: POTASH_REFERENCE_DATA=FOLDER python benchmarks/raman_validation.py [FOLDER_OF_ROWS]

``VALIDATION`` was fixed before any of its liquids was simulated. For each force field that
has rows of them it prints fractions of anions (SSIP, CIP, AGG) beside the measured ones, the
mean error (bias) and the mean absolute error of each fraction, and the same for two nulls
fitted on the other solvents of the list: their mean, and a line in molarity. Both are
predicted without the solvent that is judged. ``PREDICTED`` are liquids that nobody has measured.

Raman: 'Data-driven discovery of an optimal solvation phase for potassium battery
electrolytes' (CC BY 4.0), ``raman_ce_k_ethers.csv`` in the folder of reference data.
"""

from __future__ import annotations

import csv
import os
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from potash.evidence.liquids import liquid_evidence
from potash.resources import data_dir
from potash.store import import_rows

KINDS = ("ssip", "cip", "agg")
# Formulation to the measured electrolyte.
VALIDATION = {
    "kfsi_dol_2m": "DOL 2.0M",
    "kfsi_g2_25m": "DEGDME(DGM) 2.5M",
    "kfsi_didbe_1m": "DEGDBE 1.0M",
    "kfsi_dme_g2_2m": "DME:DGM=1:1 2.0M",
    "kfsi_dme_didbe_2m": "DME:DEGDBE=1:1 2.0M",
    "kfsi_dme_tte_2m": "TTEDME37 2.0M",
}
# Also with the old force field.
OLD_TOO = ("kfsi_dol_2m", "kfsi_g2_25m", "kfsi_dme_tte_2m")
# In the solvent of the one liquid that was used, at other molarities.
SAME_SOLVENT = {"kfsi_dme_2m": "DME 2.0M", "kfsi_dme_3m": "DME 3.0M"}
PREDICTED = ("kfsi_thf_2m", "kfsi_methf_2m", "kfsi_dmm_2m")

Fractions = NDArray[np.float64]


def measured(path: Path) -> dict[str, tuple[float, Fractions]]:
    """Return electrolyte to molarity and fractions."""
    with path.open(newline="") as file:
        return {
            line["electrolyte"]: (
                float(line["salt_molarity_M"]),
                np.array([float(line[k.upper()]) for k in KINDS]),
            )
            for line in csv.DictReader(file)
        }


def simulated(folder: Path) -> dict[str, dict[str, Fractions]]:
    """Return level to formulation to the fractions of its anions."""
    by_level = defaultdict(list)
    for row in import_rows(folder):
        if row.kind == "liquid" and row.status == "ok":
            by_level[row.level].append(row)
    found: dict[str, dict[str, Fractions]] = {}
    for level, rows in by_level.items():
        found[level] = {
            item: np.array([e.properties[f"per_anion_{k}"].value for k in KINDS])
            for item, e in liquid_evidence(rows).items()
            if "per_anion_ssip" in e.properties
        }
    return found


def nulls(raman: dict[str, tuple[float, Fractions]]) -> dict[str, dict[str, Fractions]]:
    """Return null to formulation to its prediction from the other solvents of the list."""
    found: dict[str, dict[str, Fractions]] = {"mean": {}, "line in molarity": {}}
    for item in VALIDATION:
        others = [raman[name] for other, name in VALIDATION.items() if other != item]
        molarity = np.array([m for m, _ in others])
        fractions = np.array([f for _, f in others])
        found["mean"][item] = fractions.mean(axis=0)
        slope, offset = np.polyfit(molarity, fractions, 1)
        found["line in molarity"][item] = offset + slope * raman[VALIDATION[item]][0]
    return found


def judge(title: str, predictions: dict[str, Fractions], raman: dict[str, tuple[float, Fractions]]):
    """Print errors of the liquids of the list that have a prediction."""
    items = [item for item in VALIDATION if item in predictions]
    if not items:
        return
    errors = np.array([predictions[i] - raman[VALIDATION[i]][1] for i in items])
    bias, absolute = errors.mean(axis=0), np.abs(errors).mean(axis=0)
    shown = " ".join(
        f"{k.upper()} {b:+.2f}/{a:.2f}" for k, b, a in zip(KINDS, bias, absolute, strict=True)
    )
    print(f"{title} ({len(items)} liquids), bias/mean absolute error: {shown}")


def main() -> None:
    """Print what there is."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data_dir("results/reference") / "liquids"
    path = Path(os.environ.get("POTASH_REFERENCE_DATA", "")) / "raman_ce_k_ethers.csv"
    if not path.is_file():
        sys.exit("no Raman table: set POTASH_REFERENCE_DATA to the folder of raman_ce_k_ethers.csv")
    raman, rows = measured(path), simulated(folder)
    for level, found in sorted(rows.items()):
        for item, name in {**SAME_SOLVENT, **VALIDATION}.items():
            if item in found:
                ours = "/".join(f"{x:.2f}" for x in found[item])
                theirs = "/".join(f"{x:.2f}" for x in raman[name][1])
                print(f"{level} {item}: {ours}, Raman {theirs}")
        for item in PREDICTED:
            if item in found:
                print(f"{level} {item}: " + "/".join(f"{x:.2f}" for x in found[item]), "predicted")
        judge(level, found, raman)
    for title, predictions in nulls(raman).items():
        judge(f"null: {title}", predictions, raman)


if __name__ == "__main__":
    main()
