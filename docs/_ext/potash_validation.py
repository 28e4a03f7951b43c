"""Tables and figures of the validation pages, made from the committed rows at each build."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    return {"parallel_read_safe": True, "parallel_write_safe": True}
