"""The sheet of a candidate as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from potash.bench.preparation import Preparation
from potash.bench.protocol import REPLICATES
from potash.bench.sheet import UNSOURCED, Sheet
from potash.results.measurement import PROPERTIES


def concentrations(preparation: Preparation) -> str:
    """Return the concentrations of a batch in one line."""
    molarity, molality = preparation.molarity, preparation.molality
    text = "; ".join(
        f"{name}: "
        + ", ".join(
            [
                *([f"{molarity[name]:.3g} mol/L"] if name in molarity else []),
                *([f"{molality[name]:.3g} mol/kg"] if name in molality else []),
            ]
        )
        for name in dict.fromkeys((*molarity, *molality))
    )
    if not text:
        return "no salt"
    density = preparation.density
    if preparation.to_the_mark:
        basis = "mol/L by the volumetric flask"
    elif density is None:
        basis = "no mol/L: no density of the solution"
    else:
        basis = f"mol/L by the density of the solution, {density.words()}"
    return f"{text} ({basis}; mol/kg of the molecular components)"


def hazards(preparation: Preparation) -> list[str]:
    """Return one line for each component with sourced hazard data."""
    return [f"{w.species}: {', '.join(w.hazards)}" for w in preparation.weighings if w.hazards]


def cautions(sheet: Sheet) -> list[str]:
    """Return what limits the comparison of predictions with measurements, each once."""
    found: dict[str, list[str]] = {}
    for p in sheet.predictions:
        if p.caution:
            found.setdefault(p.caution, []).append(p.name)
    return [f"{', '.join(names)}: {caution}." for caution, names in found.items()]


def markdown(sheet: Sheet) -> str:
    """Return the sheet as a Markdown page."""
    lines = [
        f"# {sheet.name}",
        "",
        f"`{sheet.id}`, {sheet.kind}, {sheet.date}, {sheet.program}. {sheet.rank}."
        + (f" State: {sheet.state}." if sheet.state else ""),
        "",
        f"Composition: {sheet.composition}",
    ]
    if sheet.preparation is not None:
        lines += _preparation(sheet.preparation)
    lines += _list("How groups made or used it", sheet.made)
    for test in sheet.tests:
        lines += _list(
            f"{test.name} (`{test.id}`)",
            [
                *(f"{name}: {text}" for name, text in test.settings.items()),
                "record: " + ", ".join(PROPERTIES[p].label for p in test.properties),
            ],
        )
    lines += _list("Reported by groups", sheet.reported)
    lines += ["", "## Predicted", ""]
    lines += _table(
        ("quantity", "value and 95 % interval", "level", "measure by", "confirmed", "refuted"),
        [(p.name, p.value, p.level, p.how, p.confirms, p.refutes) for p in sheet.predictions],
    )
    lines += [f"\n{caution}" for caution in cautions(sheet)]
    lines += _list("To know", (*sheet.to_know, *UNSOURCED))
    lines += ["", "## Results", ""]
    lines += _table(
        ("protocol", "quantity", "unit", *(f"cell {n + 1}" for n in range(REPLICATES))),
        [
            (t.id, PROPERTIES[p].label, next(iter(PROPERTIES[p].units)), *[""] * REPLICATES)
            for t in sheet.tests
            for p in t.properties
        ],
    )
    lines += [
        "",
        f"Fill `{sheet.id}-results.csv` and bring it back: `potash measured add "
        f"{sheet.id}-results.csv`",
    ]
    return "\n".join(lines) + "\n"


def _preparation(made: Preparation) -> list[str]:
    rows = [
        (
            w.species,
            w.name,
            w.cas or "not in a source here",
            w.role,
            f"{w.mass_g:.4f}",
            "" if w.volume_ml is None else f"{w.volume_ml:.3f}",
            f"{w.moles_mmol:.3f}",
            f"{w.molar_mass_g_mol:.3f}",
            "" if w.density_g_ml is None else f"{w.density_g_ml:g} ({w.density_source})",
        )
        for w in made.weighings
    ]
    heads = (
        "id", "substance", "CAS", "role", "mass / g", "volume / mL", "mmol", "M / (g/mol)",
        "density / (g/mL)",
    )  # fmt: skip
    lines = ["", f"## To make {made.batch}", "", *_table(heads, rows), ""]
    lines += [f"{n}. {step}" for n, step in enumerate(made.steps, start=1)]
    lines += ["", f"Concentration: {concentrations(made)}."]
    return lines + _list("Hazards with a source", hazards(made) or ["none in a source here"])


def _list(title: str, lines: Iterable[str]) -> list[str]:
    found = [f"- {line}" for line in lines]
    return ["", f"## {title}", "", *found] if found else []


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"

    return [line(heads), line(["---"] * len(heads)), *(line(r) for r in rows)]
