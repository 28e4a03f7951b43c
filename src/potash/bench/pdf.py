"""The sheet of a candidate on one page, to be read and written on in a glovebox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from potash.bench.markdown import cautions, concentrations, hazards
from potash.bench.protocol import REPLICATES
from potash.bench.sheet import UNSOURCED, Sheet
from potash.results.measurement import PROPERTIES

_FONT, _BOLD = "DejaVuSans", "DejaVuSans-Bold"
_MARGIN_MM = 12.0
_MOST_LINES = 5
_SHORT = 60


def write_pdf(sheet: Sheet, path: Path) -> None:
    """Write the sheet as one A4 page; text is made smaller where it would not fit.

    The QR code holds the candidate's id, the date and the program.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Frame, KeepInFrame

    _register_fonts()
    width, height = A4
    inner = width - 2 * _MARGIN_MM * mm
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    canvas.setTitle(f"{sheet.id}: {sheet.name}")
    canvas.setAuthor(sheet.program)
    content = KeepInFrame(inner, height - 2 * _MARGIN_MM * mm, _story(sheet, inner), mode="shrink")
    frame = Frame(
        _MARGIN_MM * mm, _MARGIN_MM * mm, inner, height - 2 * _MARGIN_MM * mm,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip
    frame.addFromList([content], canvas)
    canvas.showPage()
    canvas.save()


def qr_text(sheet: Sheet) -> str:
    """Return what the QR code says."""
    return f"potash:{sheet.id}?date={sheet.date}&program={sheet.program.replace(' ', '/')}"


def _register_fonts() -> None:
    """Make the fonts known that matplotlib ships: they have every sign that we print."""
    from matplotlib import get_data_path
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (_FONT, _BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            file = Path(get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"
            pdfmetrics.registerFont(TTFont(name, str(file)))
    pdfmetrics.registerFontFamily(_FONT, normal=_FONT, bold=_BOLD, italic=_FONT, boldItalic=_BOLD)


def _style(size: float, *, bold: bool = False) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    font = _BOLD if bold else _FONT
    return ParagraphStyle(f"{font}{size}", fontName=font, fontSize=size, leading=1.25 * size)


def _story(sheet: Sheet, width: float) -> list[Any]:
    story = [_head(sheet, width)]
    made = sheet.preparation
    if made is not None:
        story += _title(f"To make {made.batch}")
        story.append(
            _table(
                ("substance", "CAS", "mass / g", "volume / mL", "mmol", "weighed / g", "lot"),
                [
                    (
                        f"<b>{escape(w.species)}</b> {escape(w.name)}, {w.role}",
                        w.cas or "not in a source",
                        f'<font size="11"><b>{w.mass_g:.4f}</b></font>',
                        "" if w.volume_ml is None else f"{w.volume_ml:.3f}",
                        f"{w.moles_mmol:.3f}",
                        "",
                        "",
                    )
                    for w in made.weighings
                ],
                [0.34, 0.12, 0.11, 0.11, 0.1, 0.12, 0.1],
                width,
                row_mm=7,
                marked_up=True,
            )
        )
        story += _lines([f"{n}. {s}" for n, s in enumerate(made.steps, start=1)], size=9.5)
        story += _lines([f"Concentration: {concentrations(made)}"])
        story += _lines([f"Hazards with a source: {'; '.join(hazards(made)) or 'none here'}"])
    else:
        story += _title("What it is, and how groups made it")
        story += _lines(sheet.made[:_MOST_LINES])
    story += _title("Tests")
    common = _common(sheet)
    rows = [
        (
            f"<b>{escape(t.name)}</b>",
            escape(
                "; ".join(
                    [
                        *(f"{k}: {v}" for k, v in t.settings.items() if k not in common),
                        "record " + ", ".join(PROPERTIES[p].label for p in t.properties),
                    ]
                )
            ),
        )
        for t in sheet.tests
    ]
    rows += [(f"all cells: {escape(name)}", escape(text)) for name, text in common.items()]
    story.append(_table(("test", "settings"), rows, [0.24, 0.76], width, marked_up=True))
    if sheet.reported:
        story += _lines(["Groups reported: " + "; ".join(sheet.reported[:_MOST_LINES])], size=7)
    story += _title("Predicted, and what would confirm or refute it")
    story.append(
        _table(
            ("quantity", "value [95 %]", "level", "measure by", "confirmed", "refuted"),
            [(p.name, p.value, p.level, p.how, p.confirms, p.refutes) for p in sheet.predictions],
            [0.13, 0.23, 0.13, 0.22, 0.17, 0.12],
            width,
            size=7,
        )
    )
    within = "Within and outside: with the 95 % interval of the measurement itself."
    story += _lines([" ".join([*cautions(sheet), within])], size=7)
    story += _title("To know")
    story += _lines([f"• {x}" for x in (*_joined(sheet.to_know), *UNSOURCED)], size=7)
    story += _title(f"Results (file: {sheet.id}-results.csv)")
    story.append(
        _table(
            ("test", "quantity", "unit", *(f"cell {n + 1}" for n in range(REPLICATES)), "note"),
            [
                (t.id, PROPERTIES[p].label, next(iter(PROPERTIES[p].units)))
                + ("",) * (REPLICATES + 1)
                for t in sheet.tests
                for p in t.properties
            ],
            [0.14, 0.2, 0.08, *[0.13] * REPLICATES, 0.19],
            width,
            row_mm=6,
        )
    )
    story += _lines(
        ["", "made by ________________   date ____________   signature ________________"]
    )
    return story


def _joined(texts: Sequence[str]) -> list[str]:
    """Return texts with the short ones, which need no line of their own, in one."""
    short = [x for x in texts if len(x) <= _SHORT]
    return ([", ".join(short)] if short else []) + [x for x in texts if len(x) > _SHORT]


def _common(sheet: Sheet) -> dict[str, str]:
    """Return the settings that all cell tests share."""
    cells = [t.settings for t in sheet.tests if "separator" in t.settings]
    return {k: v for k, v in cells[0].items() if all(c.get(k) == v for c in cells)} if cells else {}


def _head(sheet: Sheet, width: float) -> Any:
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, Table, TableStyle

    side = 24 * mm
    code = QrCodeWidget(qr_text(sheet), barLevel="M", barWidth=side, barHeight=side, barBorder=1)
    drawing = Drawing(side, side)
    drawing.add(code)
    words = [
        Paragraph(escape(sheet.name), _style(15, bold=True)),
        Paragraph(escape(f"{sheet.id}   {sheet.kind}   {sheet.date}   {sheet.program}"), _style(9)),
        Paragraph(escape(sheet.rank + (f"; {sheet.state}" if sheet.state else "")), _style(8)),
        Paragraph(escape(_made_of(sheet)), _style(8)),
    ]
    table = Table([[words, drawing]], colWidths=[width - side, side], hAlign="LEFT")
    table.setStyle(
        TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    )
    return table


def _made_of(sheet: Sheet) -> str:
    word = "as printed" if sheet.kind == "electrolyte" else "modelled as"
    return f"{word}: {sheet.composition}"


def _title(text: str) -> list[Any]:
    from reportlab.platypus import Paragraph, Spacer

    return [Spacer(1, 5), Paragraph(escape(text), _style(10, bold=True)), Spacer(1, 2)]


def _lines(lines: Iterable[str], *, size: float = 8) -> list[Any]:
    from reportlab.platypus import Paragraph

    return [Paragraph(escape(line), _style(size)) for line in lines]


def _table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    shares: Sequence[float],
    width: float,
    *,
    size: float = 7.5,
    row_mm: float | None = None,
    marked_up: bool = False,
) -> Any:
    """Return a ruled table; ``shares`` are its columns' widths, ``row_mm`` the least height."""
    from reportlab.lib import colors
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, Table, TableStyle

    body, bold = _style(size), _style(size, bold=True)
    cells = [[Paragraph(escape(h), bold) for h in heads]]
    cells += [[Paragraph(c if marked_up else escape(c), body) for c in row] for row in rows]
    widths = [s * width / sum(shares) for s in shares]
    pad = 1.5 if row_mm is None else max(1.5, (row_mm * mm - 1.25 * size) / 2)
    table = Table(cells, colWidths=widths, repeatRows=1, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
                ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ("TOPPADDING", (0, 0), (-1, 0), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, 0), 1.5),
                ("TOPPADDING", (0, 1), (-1, -1), pad),
                ("BOTTOMPADDING", (0, 1), (-1, -1), pad),
            ]
        )
    )
    return table
