"""The table of rows, which is written without the template."""

from __future__ import annotations

from html.parser import HTMLParser

from potash.report.rows import row_bodies
from tests.store.test_store import a_row


class Cells(HTMLParser):
    """The texts and keys of the cells of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.keys: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.keys += [value for name, value in attrs if name == "data-key"]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_every_row_is_a_body_and_nothing_in_it_is_markup() -> None:
    bad = "<script>alert('x')</script>&\""
    rows = [
        a_row(1, item="cu_111", seconds=12.34),
        a_row(2, item=bad, model=bad, level=bad, engine=bad, engine_version=bad, key=bad),
    ]
    read = Cells()
    read.feed(row_bodies(rows))
    body = ["tbody", "tr", *["td"] * 8, "button", "code"]
    assert read.tags == body * 2
    assert read.texts[1] == "cu 111"
    assert "12.3" in read.texts
    assert read.keys == [rows[0].key, bad]
    assert read.texts.count(bad) == 3, "item, model and level"
    assert f"{bad} {bad[:12]}" in read.texts
