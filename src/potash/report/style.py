"""One look for every figure: colours shared with the HTML report, and a matplotlib style."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

INK: Final = "#1d2433"
MUTED: Final = "#667085"
LINE: Final = "#d9dee7"
ACCENT: Final = "#5b3fd6"
"""Violet: potassium's flame, and the values that count."""

SERIES: Final[tuple[str, ...]] = (
    "#5b3fd6",
    "#0f8b8d",
    "#e07a1f",
    "#c2376b",
    "#3a7bd5",
    "#6b8e23",
    "#8c6239",
    "#667085",
)
"""Told apart in the usual colour-vision deficiencies and on grey-scale prints."""

SPECIATION: Final[dict[str, str]] = {"ssip": "#8fb8de", "cip": "#5b3fd6", "agg": "#241a4d"}

CLASSES: Final[dict[str, str]] = {
    "carbon": "#4a4f5a",
    "doped_carbon": "#0f8b8d",
    "metal": "#b7791f",
    "alloy": "#e07a1f",
    "oxide": "#c2376b",
    "chalcogenide": "#6b8e23",
    "mxene": "#3a7bd5",
    "halide": "#2f9e6e",
    "mof": "#8c6239",
    "other": "#667085",
}

_RC: Final[Any] = {
    "figure.dpi": 120,
    "savefig.dpi": 200,
    "savefig.bbox": "tight",
    "figure.figsize": (5.2, 3.4),
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "errorbar.capsize": 2.5,
    "legend.frameon": False,
}


@contextmanager
def plot_style() -> Iterator[None]:
    """Draw matplotlib figures in Potash's style inside this context.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> with plot_style():
    ...     figure, axes = plt.subplots()
    """
    # Loaded here: the HTML report takes its colours from this module and draws nothing.
    import matplotlib as mpl
    from cycler import cycler

    with mpl.rc_context({**_RC, "axes.prop_cycle": cycler(color=SERIES)}):
        yield
