"""Tables and figures of the validation pages, made from the committed rows at each build.

They are written below ``docs/validation/generated`` (which git ignores), where the pages
include them: a number there is that of the rows, with today's error models.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from sphinx.application import Sphinx

from potash.report.style import plot_style

# The reports beside the rows are scripts, not modules of the package.
_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "scripts"), str(_ROOT / "benchmarks")]

import potash_barriers as barriers  # noqa: E402
import potash_figures as figures  # noqa: E402
import potash_tables as tables  # noqa: E402

TABLES: Mapping[str, Callable[[], str]] = {
    f.__name__: f
    for f in (
        tables.rows_counts,
        tables.claims_counts,
        tables.claims_verdicts,
        tables.hosts_coverage,
        tables.hosts_accuracy,
        tables.hosts_lcao,
        tables.hosts_convergence,
        tables.hosts_newton,
        tables.hosts_checks,
        tables.hosts_adhesion,
        barriers.hosts_barriers,
        tables.molecules_accuracy,
        tables.molecules_onsets,
        tables.molecules_coverage,
        tables.molecules_binding,
        tables.molecules_fluoride,
        tables.molecules_predicted,
        tables.campaigns_simulated,
        tables.suggest_replay,
        tables.measured_parity,
        tables.measured_pairs,
        tables.measured_learning,
        tables.liquids_raman,
        tables.liquids_held_out,
        tables.liquids_densities,
        tables.liquids_transport,
    )
}

FIGURES: Mapping[str, Callable[[], Figure]] = {
    f.__name__: f
    for f in (
        figures.hosts_parity,
        figures.molecules_parity,
        figures.liquids_pairing,
        figures.measured_density,
        figures.measured_raman,
        figures.hosts_ranked,
        figures.electrolytes_ranked,
    )
}


def write_all(app: Sphinx) -> None:
    """Write tables and figures; those that did not change keep their time stamp."""
    folder = Path(app.srcdir) / "validation" / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        _write(folder / f"{name}.md", table())
    for name, draw in FIGURES.items():
        with plot_style(), matplotlib.rc_context({"svg.hashsalt": name}):
            draw().savefig(folder / f"{name}.svg", metadata={"Date": None})


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
