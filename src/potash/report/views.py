"""What each section of the report shows, as plain data for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rdkit.Chem.Draw import rdMolDraw2D

from potash.calibration import ErrorModel, leave_one_out
from potash.catalog.catalog import Catalog
from potash.columns import interval_names
from potash.errors import InputError
from potash.evidence.liquids import LiquidEvidence
from potash.evidence.species import SpeciesEvidence
from potash.ranking.electrolytes import OXIDATION, OXIDATION_V
from potash.ranking.table import Entry, RankedTable
from potash.report.bars import axis, bar
from potash.report.style import CLASSES
from potash.results.liquid import LiquidValues
from potash.results.species import SpeciesValues
from potash.store.rows import Row, by_item
from potash.structures.smiles import parse_smiles

View = dict[str, Any]

_QUANTITIES = {
    "adsorption_energy_ev": "K adsorption energy",
    "ip_vertical_ev": "Vertical ionisation energy",
}

LEVEL_ORDER = ("reference", "standard", "standard-lcao", "screen")


def level_place(level: str) -> int:
    """Return a sort key that puts better levels first."""
    return LEVEL_ORDER.index(level) if level in LEVEL_ORDER else len(LEVEL_ORDER)


def row_place(row: Row) -> tuple[int, str]:
    """Return a sort key that puts the row that stands for a species first."""
    return level_place(row.level), row.level


def flag_kind(flag: str) -> str:
    """Return how a flag is coloured: ``bad``, ``warn`` or plain."""
    if flag.startswith(("not calibrated", "not converged", "oxidation not calibrated")):
        return "bad"
    if flag.startswith(
        (
            "extrapolated",
            "first contact",
            "contact with K",
            "surrogate",
            "D(K+)",
            "amounts",
            "interval without",
            "error of",
        )
    ):
        return "warn"
    return ""


def _rank_span(entry: Entry, n_ranked: int) -> View | None:
    if entry.rank_low is None or entry.rank_high is None or n_ranked == 0:
        return None
    left = 100 * (entry.rank_low - 1) / n_ranked
    return {"left": round(left, 2), "width": round(100 * entry.rank_high / n_ranked - left, 2)}


def _common(entry: Entry, n_ranked: int) -> View:
    return {
        "entry": entry,
        "v": entry.values,
        "span": _rank_span(entry, n_ranked),
        "flags": [(f, flag_kind(f)) for f in entry.flags],
    }


def host_views(table: RankedTable, structures: Mapping[str, str]) -> list[View]:
    """Return one view per ranked host.

    Parameters
    ----------
    table
        Hosts.
    structures
        Row key to the identifier of its structure in the page.
    """
    ranked = table.ranked
    columns = (
        "adsorption_energy_ev",
        "adsorption_energy_low_ev",
        "adsorption_energy_high_ev",
        "adsorption_energy_raw_ev",
    )
    scale = axis((e.values.get(c) for e in ranked for c in columns), include=0.0)
    views = []
    for entry in ranked:
        v = entry.values
        view = _common(entry, len(ranked))
        view["bar"] = bar(
            scale,
            v["adsorption_energy_ev"],
            v["adsorption_energy_low_ev"],
            v["adsorption_energy_high_ev"],
            inner=(v["model_low_ev"], v["model_high_ev"]),
            raw=v["adsorption_energy_raw_ev"]
            if v["adsorption_energy_low_ev"] is not None
            else None,
        )
        view["key"] = entry.keys.get(f"{v['level']}:{v['model']}") or next(
            (d["key"] for d in entry.detail["models"] if d["model"] == v["model"]), ""
        )
        view["models"] = [
            {**d, "structure": structures.get(d["key"])} for d in entry.detail["models"]
        ]
        view["colour"] = CLASSES.get(entry.group, CLASSES["other"])
        views.append(view)
    return views


def gallery(table: RankedTable, structures: Mapping[str, str]) -> list[View]:
    """Return one picture per atomistic model that has a geometry, strongest binding first."""
    found: dict[str, View] = {}
    for entry in table.entries:
        for d in entry.detail.get("models", ()):
            place = structures.get(d["key"])
            if place is None:
                continue
            view = found.setdefault(d["model"], {**d, "structure": place, "hosts": []})
            if not entry.is_model and entry.name not in view["hosts"]:
                view["hosts"].append(entry.name)
    return sorted(found.values(), key=lambda d: d["value_ev"])


def oxidation_column(table: RankedTable) -> str:
    """Return which oxidation limit the table is ranked by: in solution, or in the gas phase."""
    by_potential = any(c.column == OXIDATION_V for c in table.criteria)
    return OXIDATION_V if by_potential else OXIDATION


def electrolyte_views(table: RankedTable) -> list[View]:
    """Return one view per electrolyte with a simulation or a rank."""
    shown = [
        e
        for e in table.entries
        if e.rank is not None or (e.values.get("density_g_ml") is not None and "liquid 1" in e.keys)
    ]
    column = oxidation_column(table)
    ip = (column, *interval_names(column))
    d = ("diffusion_k_m2_s", "diffusion_k_low_m2_s", "diffusion_k_high_m2_s")
    ip_axis = axis(e.values.get(c) for e in shown for c in ip)
    d_axis = axis((e.values.get(c) for e in shown for c in d), include=0.0)
    views = []
    for entry in shown:
        v = entry.values
        view = _common(entry, len(table.ranked))
        view["ip_bar"] = bar(ip_axis, *(v.get(c) for c in ip))
        view["d_bar"] = bar(d_axis, *(v.get(c) for c in d))
        view["key"] = entry.keys.get("liquid 1", "")
        view["ox"] = [v.get(c) for c in ip]
        in_solution = column == OXIDATION_V
        by = "oxidation_limited_by_in_solution" if in_solution else "oxidation_limited_by"
        limiting = v.get(by)
        view["limited_by"] = limiting
        role = f"redox {limiting}" if in_solution else str(limiting)
        view["ip_key"] = entry.keys.get(role, "") if limiting else ""
        view["coordination"] = entry.detail.get("coordination", {})
        view["note"] = entry.detail.get("convergence_note", "")
        views.append(view)
    return views


def ranked_molecule_views(entries: Sequence[Entry]) -> list[View]:
    """Return one view per ranked species or salt, by its oxidation potential in solution."""
    columns = (OXIDATION_V, *interval_names(OXIDATION_V))
    scale = axis(e.values.get(c) for e in entries for c in columns)
    views = []
    for entry in entries:
        view = _common(entry, len(entries))
        view["ox"] = [entry.values.get(c) for c in columns]
        view["bar"] = bar(scale, *view["ox"])
        views.append(view)
    return views


def shown_species(rows: Sequence[Row], most: int) -> frozenset[str]:
    """Return the species that the page shows: all, or those at the best levels first."""
    places: dict[str, int] = {}
    for row in rows:
        if row.kind == "species" and row.status == "ok":
            place = level_place(row.level)
            places[row.item] = min(place, places.get(row.item, place))
    return frozenset(sorted(places, key=lambda item: (places[item], item))[:most])


def molecule_views(
    rows: Sequence[Row],
    evidence: Mapping[str, SpeciesEvidence],
    catalog: Catalog,
    structures: Mapping[str, str],
) -> list[View]:
    """Return one view per species, its best level first and all levels inside."""
    computed = by_item(r for r in rows if r.kind == "species" and r.status == "ok")
    redox = {
        r.item: r
        for r in sorted(rows, key=lambda r: (-level_place(r.level), r.started, r.key))
        if r.kind == "redox" and r.status == "ok"
    }
    scale = axis(
        x
        for e in evidence.values()
        for x in (e.ip_ev, e.ionisation.low, e.ionisation.high)
        if e.item in computed and not e.group.endswith("ion")
    )
    views = []
    for item, members in sorted(computed.items()):
        members.sort(key=row_place)
        best = members[0]
        found = evidence.get(item)
        entry = catalog.species.get(item)
        values = best.read(SpeciesValues)
        smiles = values.smiles or ""
        view: View = {
            "id": item,
            "name": entry.name if entry is not None else item,
            "smiles": smiles,
            "drawing": drawing(smiles),
            "charge": values.charge,
            "row": best,
            "rows": members,
            "v": values,
            "ip": found,
            "structure": structures.get(best.key),
            "bar": None,
            "redox": redox.get(item),
        }
        if found is not None:
            e = found.ionisation
            raw = e.raw if e.known else None
            view["bar"] = bar(scale, found.ip_ev, e.low, e.high, raw=raw)
        views.append(view)
    return views


def liquid_views(liquids: Mapping[str, LiquidEvidence], catalog: Catalog) -> list[View]:
    """Return one view per simulated formulation."""
    views = []
    for item, found in sorted(liquids.items()):
        entry = catalog.electrolytes.get(item)
        row = found.rows[0]
        values = row.read(LiquidValues)
        views.append(
            {
                "id": item,
                "name": entry.name if entry is not None else item,
                "evidence": found,
                "row": row,
                "rows": found.rows,
                "v": values,
                "has_rdf": bool(values.rdf),
                "diffusion": values.diffusion_m2_s or {},
            }
        )
    return views


def calibration_views(tables: Sequence[RankedTable]) -> list[View]:
    """Return one view per error model: classes, bias, spread and leave-one-out figures."""
    return [
        {
            "id": f"cal{i}",
            "model": m,
            "quantity": _QUANTITIES.get(m.quantity, m.quantity),
            "loo": leave_one_out(m),
            "groups": _group_rows(m),
        }
        for i, m in enumerate(m for t in tables for m in t.error_models)
    ]


def _group_rows(model: ErrorModel) -> list[View]:
    counts: dict[str, int] = {}
    for pair in model.pairs:
        counts[pair.group] = counts.get(pair.group, 0) + 1
    return [
        {
            "group": group,
            "n": n,
            "error": model.groups.get(group),
            "loo": leave_one_out(model, group=group),
            "reason": model.abstained.get(group, ""),
        }
        for group, n in sorted(counts.items())
    ]


def summary_cards(
    hosts: RankedTable, electrolytes: RankedTable, rows: Sequence[Row], statuses: Mapping[str, int]
) -> list[tuple[str, str]]:
    """Return the headline figures: number and what it counts."""
    models = {e.values["model"] for e in hosts.ranked}
    review = [e for e in hosts.entries if not e.is_model]
    ranked = sum(e.rank is not None for e in review)
    formulations = {e.id for e in electrolytes.entries}
    simulated = formulations & {r.item for r in rows if r.kind == "liquid" and r.status == "ok"}
    species = {r.item for r in rows if r.kind == "species" and r.status == "ok"}
    shown = ("anomalous", "refused", "failed")
    others = {s: n for s, n in statuses.items() if s in shown or (n and s != "ok")}
    return [
        (f"{ranked} of {len(review)}", f"hosts ranked, by {len(models)} distinct models"),
        (f"{len(simulated)} of {len(electrolytes.entries)}", "electrolytes simulated"),
        (str(len(species)), "molecules and ions"),
        (str(statuses["ok"]), "calculations without objection"),
        (
            str(sum(statuses.values()) - statuses["ok"]),
            "others: " + ", ".join(f"{n} {status}" for status, n in others.items()),
        ),
    ]


def drawing(smiles: str) -> str:
    """Return an SVG drawing of a molecule, or '' where RDKit cannot draw it."""
    try:
        molecule = parse_smiles(smiles)
    except InputError:
        return ""
    canvas = rdMolDraw2D.MolDraw2DSVG(300, 190)
    options: Any = canvas.drawOptions()
    options.clearBackground = False
    options.bondLineWidth = 2
    options.padding = 0.08
    options.fixedBondLength = 34
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, molecule)
    canvas.FinishDrawing()
    text = str(canvas.GetDrawingText())
    start = text.index("<svg")
    return text[start:].replace("width='300px' height='190px'", "")
