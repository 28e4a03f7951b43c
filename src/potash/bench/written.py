"""Write the sheets of candidates as files."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from potash.bench.battinfo import battinfo_spec
from potash.bench.crate import write_eln
from potash.bench.markdown import markdown
from potash.bench.optimade import optimade_structures
from potash.bench.sheet import RESULT_COLUMNS, Sheet
from potash.catalog.catalog import Catalog
from potash.csv_cells import inert_record


def write_sheet(
    sheet: Sheet,
    folder: Path,
    catalog: Catalog,
    *,
    structures: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write one candidate's sheet in every format, and all of them as an ``.eln`` archive.

    PDF, Markdown, JSON, CSV of amounts, empty results sheet; for electrolytes the
    specification of BattINFO, for hosts the structures behind the predictions as OPTIMADE.

    Parameters
    ----------
    sheet
        What to write.
    catalog
        That the candidate is from.
    folder
        Made where there is none; files of the same names are replaced.
    structures
        Id to extended-XYZ text.

    Returns
    -------
    list of Path
        The files.
    """
    from potash.bench.pdf import write_pdf

    folder.mkdir(parents=True, exist_ok=True)
    pdf = folder / f"{sheet.id}.pdf"
    write_pdf(sheet, pdf)
    page = folder / f"{sheet.id}.md"
    page.write_text(markdown(sheet), encoding="utf-8")
    data = folder / f"{sheet.id}.json"
    text = json.dumps(sheet.plain(), indent=1, ensure_ascii=False, allow_nan=False)
    data.write_text(text + "\n", encoding="utf-8")
    files = [pdf, page, data]
    if sheet.preparation is not None:
        amounts = [
            {
                "species": w.species, "name": w.name, "role": w.role, "cas": w.cas,
                "mass_g": f"{w.mass_g:.4f}",
                "volume_ml": "" if w.volume_ml is None else f"{w.volume_ml:.4f}",
                "amount_mmol": f"{w.moles_mmol:.4f}",
                "molar_mass_g_mol": f"{w.molar_mass_g_mol:.4f}",
                "density_g_ml": w.density_g_ml, "density_source": w.density_source,
            }
            for w in sheet.preparation.weighings
        ]  # fmt: skip
        files.append(_write_csv(folder / f"{sheet.id}.csv", list(amounts[0]), amounts))
    template = sheet.results_template()
    files.append(_write_csv(folder / f"{sheet.id}-results.csv", RESULT_COLUMNS, template))
    if sheet.kind == "electrolyte":
        spec = folder / f"{sheet.id}.battinfo.json"
        document = battinfo_spec(catalog.electrolytes[sheet.id], catalog)
        spec.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        files.append(spec)
    if structures:
        entries = folder / f"{sheet.id}.optimade.json"
        described = optimade_structures(structures, modified=f"{sheet.date}T00:00:00Z")
        entries.write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
        files.append(entries)
    archive = folder / f"{sheet.id}.eln"
    write_eln(sheet, files, archive)
    return [*files, archive]


def written_files(sheet: Sheet, folder: Path) -> list[str]:
    """Return the names of the files that :func:`write_sheet` wrote for a sheet."""
    stems = (sheet.id, f"{sheet.id}-results")
    return sorted(str(f) for f in folder.iterdir() if f.name.partition(".")[0] in stems)


def _write_csv(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(inert_record, rows))
    return path
