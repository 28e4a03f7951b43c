"""The table of rooms names every room."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_room_and_small_module_is_in_the_table():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    package = ROOT / "src" / "potash"
    rooms = {p.parent.name for p in package.glob("*/__init__.py")}
    small = {p.stem for p in package.glob("*.py") if not p.stem.startswith("_")}
    for name in rooms | small:
        assert f"`{name}`" in text, name
