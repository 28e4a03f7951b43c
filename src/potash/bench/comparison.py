"""The page of predictions beside measurements, with parity plots."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from potash.columns import unit_of
from potash.csv_cells import inert_record
from potash.quantities import number
from potash.ranking.learning import Learning
from potash.ranking.parity import Comparison
from potash.ranking.plots import plot_parity
from potash.results.measurement import PROPERTIES


def write_comparison(found: Sequence[Comparison], learnt: Sequence[Learning], folder: Path) -> Path:
    """Write a page (Markdown) with a parity plot (SVG) for each property; return the page.

    Parameters
    ----------
    found
        Predictions beside measurements, by property.
    learnt
        Whether the criteria predict a measured figure of merit; what a fit that does says of
        every candidate is written as CSV.
    folder
        Made where there is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# Predictions beside measurements", ""]
    paired = [c for c in found if c.pairs]
    if not paired:
        lines += ["No candidate has both a prediction and a measurement of one property yet.", ""]
    for comparison in paired:
        name, unit = unit_of(comparison.column)
        plot = folder / f"parity-{comparison.column}.svg"
        plot_parity(comparison).savefig(plot)
        lines += [f"## {PROPERTIES[comparison.column].label}", "", f"{comparison.words()}.", ""]
        lines += [f"![parity plot of {name}]({plot.name})", ""]
        predicted = f"predicted / {unit.text or '1'}"
        lines += [f"| candidate | {predicted} | measured | intervals overlap | source |"]
        lines += ["| --- | --- | --- | --- | --- |"]
        for p in comparison.pairs:
            inside = {True: "yes", False: "no", None: "not known"}[p.inside]
            cells = (number(p.predicted * unit.scale), number(p.measured * unit.scale))
            source = p.source.replace("|", "/")
            lines.append(f"| {p.candidate} | {cells[0]} | {cells[1]} | {inside} | {source} |")
        lines.append("")
    lines += [f"- {c.words()}" for c in found if not c.pairs]
    lines += ["", "## Do the criteria predict what cells do?", ""]
    lines += [f"- {x.words()}" for x in learnt] or ["- no figure of merit was measured"]
    for x in learnt:
        if x.predicted:
            file = folder / f"learnt-{x.kind}-{x.figure}.csv"
            _write_learnt(file, x)
            lines.append(f"- what the fit says of every candidate: [{file.name}]({file.name})")
    page = folder / "comparison.md"
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return page


def _write_learnt(path: Path, learnt: Learning) -> None:
    head = ("candidate", f"{learnt.figure}, {learnt.scale}", "mean absolute error unseen")
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, head, lineterminator="\n")
        writer.writeheader()
        for name, value in sorted((learnt.predicted or {}).items(), key=lambda p: p[1]):
            cells = (name, f"{value:.5g}", f"{learnt.model_error:.3g}")
            writer.writerow(inert_record(dict(zip(head, cells, strict=True))))
