"""Tables and plots of the liquid reference rows: seconds, nothing is simulated.

Usage: POTASH_REFERENCE_DATA=FOLDER python scripts/reference_liquids_report.py

Writes to ``results/reference/liquids/``: ``raman_series.csv`` and ``raman_held_out.csv``
(KFSI/DME beside Raman fractions, if the folder holds ``raman_ce_k_ethers.csv``),
``review_checks.csv`` (trends of the review with verdicts) and ``plots/`` (g(r),
speciation and displacement of every row).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from potash.catalog.catalog import load_catalog
from potash.claims.grounds import Judge, gather
from potash.claims.liquids import CHECKS, JUDGES
from potash.liquids.raman import (
    KINDS,
    RamanPoint,
    leave_one_concentration_out,
    mean_absolute_error,
)
from potash.results.liquid import LiquidValues
from potash.store import Row, import_rows
from potash.trajectories.plots import plot_speciation, save_plots, save_svg

TARGET = Path(__file__).resolve().parents[1] / "results" / "reference" / "liquids"
SERIES = {"kfsi_dme_1m": 1.0, "kfsi_dme_2m": 2.0, "kfsi_dme_3m": 3.0}
# Claims that liquid rows alone decide.
REVIEW = ("ssip_13dx", "fsi_free_dm_mb", "tftfe_ncoord", "lhce_cond")
SOURCE = (
    "Raman: Data-driven discovery of an optimal solvation phase for potassium battery"
    " electrolytes (CC BY 4.0)"
)


def raman_points(rows: Iterable[Row], measured: Path) -> list[RamanPoint]:
    """Return the rows of the series, each beside the measurement of its molarity."""
    with measured.open(newline="") as file:
        raman = {
            float(line["salt_molarity_M"]): {k: float(line[k.upper()]) for k in KINDS}
            for line in csv.DictReader(file)
            if line["solvent_code"] == "DME"
        }
    return [
        RamanPoint(
            concentration_mol_l=SERIES[row.item],
            charge_scale=row.read(LiquidValues).ion_charge_scale,
            simulated={k: getattr(row.read(LiquidValues), f"per_anion_{k}") for k in KINDS},
            measured=raman[SERIES[row.item]],
            half_widths={
                k: float(row.uncertainty[f"per_anion_{k}"])
                for k in KINDS
                if f"per_anion_{k}" in row.uncertainty
            },
        )
        for row in rows
        if row.item in SERIES
    ]


def write_raman(points: Sequence[RamanPoint]) -> None:
    """Write the series and the judgement of each concentration left out."""
    ordered = sorted(points, key=lambda p: (p.charge_scale, p.concentration_mol_l))
    lines = [
        [
            f"{p.concentration_mol_l:g}", f"{p.charge_scale:g}",
            *(f"{p.simulated[k]:.3f}" for k in KINDS),
            *(f"{p.half_widths[k]:.3f}" if k in p.half_widths else "" for k in KINDS),
            *(f"{p.measured[k]:.3f}" for k in KINDS),
            f"{p.absolute_error:.3f}", SOURCE,
        ]
        for p in ordered
    ]  # fmt: skip
    head = ["concentration_mol_l", "ion_charge_scale", *KINDS]
    head += [*(f"{k}_half_width" for k in KINDS), *(f"raman_{k}" for k in KINDS)]
    _write("raman_series.csv", [*head, "mean_absolute_error", "source"], lines)
    judged = [
        [
            f"{h.concentration_mol_l:g}",
            "" if h.charge_scale is None else f"{h.charge_scale:g}",
            "" if h.absolute_error is None else f"{h.absolute_error:.3f}",
            h.reason,
        ]
        for h in leave_one_concentration_out(points)
    ]
    head = ["concentration_left_out_mol_l", "chosen_ion_charge_scale", "mean_absolute_error"]
    _write("raman_held_out.csv", [*head, "reason"], judged)
    for scale in sorted({p.charge_scale for p in points}):
        chosen = [p for p in points if p.charge_scale == scale]
        print(f"charges x{scale:g}: {len(chosen)} points, error {mean_absolute_error(chosen):.3f}")


def _write(name: str, head: list[str], lines: list[list[str]]) -> None:
    with (TARGET / name).open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *lines])


def _judges() -> dict[str, Judge]:
    return {name: JUDGES[name] for name in REVIEW} | dict(CHECKS)


def write_checks(rows: Sequence[Row]) -> None:
    """Write the verdicts on what the review says of ion pairing and conductivity."""
    grounds = gather(rows, load_catalog())
    found = {name: judge(grounds) for name, judge in _judges().items()}
    _write(
        "review_checks.csv",
        ["check", "verdict", "reason"],
        [[name, finding.verdict, finding.reason] for name, finding in found.items()],
    )


def main() -> None:
    """Write what the committed rows allow."""
    rows = [
        r for r in import_rows(TARGET)
        if r.kind == "liquid" and r.status == "ok" and not r.item.startswith("pure_")
    ]  # fmt: skip
    measured = Path(os.environ.get("POTASH_REFERENCE_DATA", "")) / "raman_ce_k_ethers.csv"
    if measured.is_file():
        write_raman(raman_points(rows, measured))
    else:
        print("no Raman table: set POTASH_REFERENCE_DATA to the folder of raman_ce_k_ethers.csv")
    write_checks(rows)
    for row in rows:
        name = f"{row.item}_x{row.read(LiquidValues).ion_charge_scale:g}_seed{row.seed}"
        save_plots(row.values, row.uncertainty, TARGET / "plots", name)
    series = {
        f"{r.item} x{r.read(LiquidValues).ion_charge_scale:g}": (r.values, r.uncertainty)
        for r in sorted(rows, key=lambda r: r.item)
    }
    save_svg(plot_speciation(series), TARGET / "plots" / "speciation.svg")


if __name__ == "__main__":
    main()
