"""The store, its structures, runs and reports as pages of this machine alone; they only read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from potash.csv_cells import inert_record
from potash.quantities import number
from potash.report.structures import viewer_data
from potash.store.listing import Filter, Listed, SortName, count, listed, tally
from potash.store.runs import all_schedules, recent_runs

if TYPE_CHECKING:
    from starlette.requests import Request

    from potash.store import Row, Store

PAGE_ROWS = 100
_CHOICES = ("kind", "level", "status")
_ALL = 10_000_000
_CHUNK = 5000
_FILES = ("report.html", "hosts.csv", "electrolytes.csv", "molecules.csv", "answer.md")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
_REPORT_HEADERS = _HEADERS | {
    # The report is one file that works from a folder, too: its scripts are inside it.
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'",
}


@dataclass(frozen=True)
class Query:
    """What a page of rows is asked to show."""

    kind: str = ""
    level: str = ""
    status: str = ""
    text: str = ""
    sort: SortName = "item"
    order: str = "up"
    page: int = 1

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Query:
        """Return the query of an address; what cannot be read has no effect."""
        known = {f.name: given[f.name] for f in fields(cls) if f.name in given}
        page = known.pop("page", "1")
        if known.get("sort") not in get_args(SortName):
            known.pop("sort", None)
        usable = page.isascii() and page.isdigit() and len(page) < 8
        return cls(**known, page=max(1, int(page)) if usable else 1)  # type: ignore[arg-type]

    def address(self, file: str = "", **changes: Any) -> str:
        """Return the address of the page, or of a file of its rows, with some of this changed."""
        now = {f.name: getattr(self, f.name) for f in fields(self)} | changes
        kept = {k: v for k, v in now.items() if v != getattr(Query, k)}
        return f"/{file}?" + urlencode(kept)

    def lets_through(self, names: Sequence[str], but: int | None = None) -> bool:
        """Tell whether rows of this kind, level and status are asked for, but for one of these."""
        asked = (self.kind, self.level, self.status)
        return all(
            a in ("", name) or i == but
            for i, (a, name) in enumerate(zip(asked, names, strict=True))
        )

    def choices(self, place: int, tallied: Mapping[tuple[str, str, str], int]) -> dict[str, int]:
        """Return each kind, level or status with how many rows choosing it would leave.

        Parameters
        ----------
        place
            0 for kinds, 1 for levels, 2 for statuses; all other choices stay as they are.
        tallied
            Rows with the text that is asked for, by kind, level and status.
        """
        found = dict.fromkeys(sorted({names[place] for names in tallied}), 0)
        for names, n in tallied.items():
            if self.lets_through(names, but=place):
                found[names[place]] += n
        return found

    @property
    def filter(self) -> Filter:
        """Which rows are asked for."""
        statuses = [self.status] if self.status else []
        return Filter(kind=self.kind, level=self.level, statuses=statuses, text=self.text)


def browse_app(store: Store, results: Path) -> Starlette:
    """Return the pages as an ASGI application.

    Parameters
    ----------
    store
        Whose rows, runs and schedules are shown.
    results
        Folder that holds one folder of tables and report per campaign, beside those that the
        runs of the store name.
    """
    pages = _Pages(store, results)
    return Starlette(
        routes=[
            Route("/", pages.rows),
            Route("/rows.csv", pages.rows_csv),
            Route("/rows.json", pages.rows_json),
            Route("/row/{key}.json", pages.row_json),
            Route("/row/{key}", pages.row),
            Route("/row/{key}/{name}.xyz", pages.structure),
            Route("/runs", pages.runs),
            Route("/reports", pages.reports),
            Route("/reports/{campaign}/{file}", pages.file),
            Route("/static/{file}", _static),
        ],
        # A page of another site must not reach us under a name of its own.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        exception_handlers={HTTPException: pages.error},
    )


class _Pages:
    def __init__(self, store: Store, results: Path) -> None:
        self._store, self._results = store, results
        self._templates = Environment(
            loader=PackageLoader("potash.report"),
            autoescape=select_autoescape(("html", "j2")),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def _page(self, template: str, title: str, *, code: int = 200, **data: Any) -> HTMLResponse:
        text = self._templates.get_template(f"browse_{template}.html.j2").render(
            title=title, **data
        )
        return HTMLResponse(text, status_code=code, headers=_HEADERS)

    def rows(self, request: Request) -> Response:
        """Show a page of rows."""
        query = Query.read(request.query_params)
        tallied = tally(self._store, Filter(text=query.text))
        total = sum(n for names, n in tallied.items() if query.lets_through(names))
        last = max(1, -(-total // PAGE_ROWS))
        page = min(query.page, last)
        choices = {by: query.choices(place, tallied) for place, by in enumerate(_CHOICES)}
        return self._page(
            "rows", "Rows", query=query, rows=self._found(query, page), total=total, page=page,
            last=last, first=PAGE_ROWS * (page - 1) + 1, choices=choices, sorts=get_args(SortName),
        )  # fmt: skip

    def _found(self, query: Query, page: int | None) -> Sequence[Listed]:
        """Return the rows of a page, or all that are asked for."""
        return listed(
            self._store,
            query.filter,
            sort=query.sort,
            descending=query.order == "down",
            limit=PAGE_ROWS if page is not None else _ALL,
            offset=0 if page is None else PAGE_ROWS * (page - 1),
        )

    def rows_csv(self, request: Request) -> Response:
        """Send all rows that are asked for as CSV that a spreadsheet does not run."""
        found = self._found(Query.read(request.query_params), None)
        headers = _HEADERS | {"Content-Disposition": 'attachment; filename="rows.csv"'}
        return StreamingResponse(_csv_lines(found), media_type="text/csv", headers=headers)

    def rows_json(self, request: Request) -> Response:
        """Send a page of rows as JSON, with how many there are and where the next page is."""
        query = Query.read(request.query_params)
        total = count(self._store, query.filter)
        more = PAGE_ROWS * query.page < total
        told = {
            "total": total,
            "next": query.address("rows.json", page=query.page + 1) if more else None,
            "rows": [vars(row) for row in self._found(query, query.page)],
        }
        return JSONResponse(told, headers=_HEADERS)

    def row_json(self, request: Request) -> Response:
        """Send one whole row as JSON."""
        return JSONResponse(self._row(request).as_dict(), headers=_HEADERS)

    def row(self, request: Request) -> Response:
        """Show one row with its values, structures and origin."""
        row = self._row(request)
        shapes: dict[str, Any] = {}
        told: dict[str, str] = {}
        for name, text in row.structures.items():
            try:
                shapes[name] = viewer_data(text)
                told[name] = _told(shapes[name])
            except ValueError as error:  # an imported row may hold anything
                told[name] = f"cannot be drawn: {error}"
        return self._page(
            "row", f"{row.item}, {row.kind}", row=row, values=list(flat(row.values)),
            told=told, drawn=set(shapes),
            inputs=list(flat(row.provenance.get("inputs", {}))),
            shapes=json.dumps(shapes).replace("<", "\\u003c"),
        )  # fmt: skip

    def structure(self, request: Request) -> Response:
        """Send a structure as extended XYZ."""
        row, name = self._row(request), request.path_params["name"]
        if name not in row.structures:
            raise HTTPException(404, f"this row has no structure {name!r}")
        return PlainTextResponse(row.structures[name], headers=_HEADERS)

    def _row(self, request: Request) -> Row:
        key = request.path_params["key"]
        row = self._store.get(key)
        if row is None:
            raise HTTPException(404, f"there is no row {key!r}")
        return row

    def runs(self, request: Request) -> Response:
        """Show runs, what computes now, and schedules."""
        return self._page(
            "runs", "Runs", runs=recent_runs(self._store, limit=50),
            leases=self._store.leases(), schedules=all_schedules(self._store),
        )  # fmt: skip

    def reports(self, request: Request) -> Response:
        """List the reports and tables of campaigns."""
        found = {
            name: [file for file in _FILES if (folder / file).is_file()]
            for name, folder in self._folders().items()
        }
        return self._page("reports", "Reports", campaigns={n: f for n, f in found.items() if f})

    def _folders(self) -> dict[str, Path]:
        folders = {f.name: f for f in sorted(self._results.glob("*")) if f.is_dir()}
        runs = recent_runs(self._store, limit=1000)
        ran = {run.campaign: Path(run.output) for run in reversed(runs)}
        return folders | {name: folder for name, folder in ran.items() if folder.is_dir()}

    def file(self, request: Request) -> Response:
        """Send a report or a table."""
        campaign, file = request.path_params["campaign"], request.path_params["file"]
        folder = self._folders().get(campaign)
        if folder is None or file not in _FILES or not (folder / file).is_file():
            raise HTTPException(404, f"there is no {file!r} of {campaign!r}")
        headers = _REPORT_HEADERS if file.endswith(".html") else _HEADERS
        return FileResponse(folder / file, headers=headers)

    async def error(self, request: Request, error: Exception) -> Response:
        """Say what is not there, in a page like the others."""
        assert isinstance(error, HTTPException)
        return self._page("error", "Not found", code=error.status_code, message=error.detail)


def _csv_lines(rows: Sequence[Listed]) -> Iterator[str]:
    names = [f.name for f in fields(Listed)]
    for start in range(0, max(len(rows), 1), _CHUNK):
        text = io.StringIO()
        writer = csv.DictWriter(text, names)
        if start == 0:
            writer.writeheader()
        writer.writerows(inert_record(vars(row)) for row in rows[start : start + _CHUNK])
        yield text.getvalue()


def flat(values: Any, name: str = "") -> Sequence[tuple[str, str]]:
    """Return nested values as names and texts.

    >>> flat({"site": {"height_angstrom": 2.5}, "moved": True, "steps": [1, 2]})
    [('site height_angstrom', '2.50'), ('moved', 'yes'), ('steps', '1, 2')]
    """
    if isinstance(values, Mapping):
        parts = [flat(value, f"{name} {key}".strip()) for key, value in values.items()]
        return [pair for part in parts for pair in part]
    if isinstance(values, list | tuple):
        if any(isinstance(v, Mapping | list | tuple) for v in values):
            numbered = [flat(v, f"{name} {n}") for n, v in enumerate(values, 1)]
            return [pair for part in numbered for pair in part]
        shown = ", ".join(_text(v) for v in values[:20])
        return [(name, shown + (f", ... ({len(values)} in all)" if len(values) > 20 else ""))]
    return [(name, _text(values))]


def _text(value: Any) -> str:
    if value is None:
        return "not computed"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, float) else str(value)


def _told(shape: Mapping[str, Any]) -> str:
    """Return what a picture of a structure shows, for those who do not see it."""
    symbols: Sequence[str] = shape["symbols"]
    each = ", ".join(f"{symbols.count(s)} {s}" for s in shape["elements"])
    return f"{shape['formula']}: {len(symbols)} atoms ({each})"


async def _static(request: Request) -> Response:
    file = request.path_params["file"]
    if file not in ("viewer.js", "browse.js", "browse.css"):
        raise HTTPException(404, f"there is no {file!r}")
    return FileResponse(Path(__file__).parent / "templates" / file, headers=_HEADERS)
