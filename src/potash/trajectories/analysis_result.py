"""What the analysis of one trajectory returns, and its plain JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from potash.trajectories.diffusion import Diffusion
from potash.trajectories.parts import (
    BothAggregates,
    BothFractions,
    Component,
    Coordination,
    Current,
    Displacement,
    Fractions,
    IonFractions,
    Radial,
    Shell,
)
from potash.trajectories.residence import Residence

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

FRACTIONS = tuple(
    f"{per}_{kind}" for per in ("per_anion", "per_cation") for kind in ("ssip", "cip", "agg")
)


@dataclass(frozen=True, repr=False)
class AnalysisResult:
    """What one trajectory says about its liquid; all intervals are 95 %.

    Attributes
    ----------
    per_anion, per_cation
        Fractions ``ssip``, ``cip``, ``agg``: no, one, two or more distinct counter-ions.
    per_ion
        Species of ions to ``role``, ``count``, ``charge`` in e and the fractions of its own
        ions.
    aggregates
        The split of AGG: ``agg_1`` (two counter-ions) and ``agg_2`` (three or more).
    coordination
        Label such as ``K-O(DME)`` to the donor atoms per cation, and the cutoff.
    ligands_per_cation
        Species to distinct molecules in a cation's first shell.
    shells
        The most frequent first shells.
    clusters
        Cluster size in ions to the fraction of ions in such clusters.
    sensitivity
        Change of all cutoffs in angstrom to the fractions that it gives.
    density_g_ml
        Mean density.
    diffusion
        Species to its self-diffusion coefficient, and how it was found.
    conductivity
        Conductivities, Onsager coefficients and transference numbers with formal charges,
        called ``apparent`` unless the ions diffuse.
    residence
        Species to the mean time that a molecule stays in a cation's first shell.
    rdf
        Label to the radial distribution function.
    msd
        Species to the mean squared displacement (about 200 lags).
    time_series
        ``time_ps`` (``frame`` where times are not known), the fractions and ``density_g_ml``,
        as means over up to 200 blocks.
    half_widths
        Half-widths of the fractions, the coordination numbers and the density.
    composition
        Species to formula and number of molecules.
    n_atoms, n_frames, first_ps, last_ps
        What was analysed; without the times where the files do not tell them.
    converged, convergence_note
        Whether the fractions are steady and known to +-0.05, and if not, why.
    notes
        What else a reader should know.
    """

    per_anion: Fractions
    per_cation: Fractions
    per_ion: Mapping[str, IonFractions]
    aggregates: BothAggregates
    coordination: Mapping[str, Coordination]
    ligands_per_cation: Mapping[str, float]
    shells: tuple[Shell, ...]
    clusters: Mapping[int, float]
    sensitivity: Mapping[str, BothFractions]
    density_g_ml: float
    diffusion: Mapping[str, Diffusion]
    conductivity: Current
    residence: Mapping[str, Residence]
    rdf: Mapping[str, Radial]
    msd: Mapping[str, Displacement]
    time_series: Mapping[str, list[float]]
    half_widths: Mapping[str, float]
    composition: Mapping[str, Component]
    n_atoms: int
    n_frames: int
    first_ps: float | None
    last_ps: float | None
    converged: bool
    convergence_note: str
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data; what was not computed is absent.

        ``diffusion`` and ``residence`` are there as ``diffusion_m2_s`` and ``residence_ps``,
        with the names of a ``liquid`` row.
        """
        plain: dict[str, Any] = _plain(asdict(self))
        del plain["diffusion"], plain["residence"]
        plain["diffusion_m2_s"] = diffusion_values(self.diffusion)
        plain["residence_ps"] = {
            name: _plain(
                {
                    key.removesuffix("_ps"): getattr(life, key)
                    for key in ("status", "value_ps", "low_ps", "high_ps", "n_contacts", "n_ended")
                }
            )
            for name, life in self.residence.items()
        }
        return plain

    def to_frame(self) -> pd.DataFrame:
        """Return the numbers as a pandas frame with one line each.

        Columns: ``quantity`` (``per_anion_ssip``, ``coordination``, ``diffusion``, ...),
        ``of`` (the pair or species), ``value``, ``low`` and ``high`` (95 % interval),
        ``unit`` and ``status``. Curves (``rdf``, ``msd``, ``time_series``) are attributes.
        """
        import pandas as pd

        return pd.DataFrame.from_records(
            self._lines(), columns=["quantity", "of", "value", "low", "high", "unit", "status"]
        )

    def _lines(self) -> list[tuple[Any, ...]]:
        def around(quantity: str, of: str, value: float, name: str, unit: str) -> tuple[Any, ...]:
            half = self.half_widths.get(name)
            ends = (None, None) if half is None else (value - half, value + half)
            return (quantity, of, value, *ends, unit, "")

        lines = []
        for name in FRACTIONS:
            per, kind = name.rsplit("_", 1)
            value = getattr(self.per_anion if per == "per_anion" else self.per_cation, kind)
            lines.append(around(name, "", value, name, ""))
        for label, shell in self.coordination.items():
            lines.append(around("coordination", label, shell.value, label, ""))
        lines.append(around("density", "", self.density_g_ml, "density_g_ml", "g/mL"))
        for name, d in self.diffusion.items():
            ends = (d.value_m2_s, d.low_m2_s, d.high_m2_s)
            lines.append(("diffusion", name, *ends, "m^2/s", d.status))
        for name, life in self.residence.items():
            ends = (life.value_ps, life.low_ps, life.high_ps)
            lines.append(("residence", name, *ends, "ps", life.status))
        return lines

    def plot(self) -> Figure:
        """Return a figure of g(r) with the cutoffs, and of SSIP, CIP and AGG per anion."""
        from potash.trajectories.plots import plot_liquid

        return plot_liquid(self.row_values(), self.half_widths)

    def __repr__(self) -> str:
        liquid = ", ".join(f"{part.molecules} {name}" for name, part in self.composition.items())
        lines = [f"Liquid of {liquid}: {self.n_frames} frames, {self._span()} (95 % intervals)"]
        for per, fractions in (("anion", self.per_anion), ("cation", self.per_cation)):
            shares = []
            for kind, share in asdict(fractions).items():
                half = self.half_widths.get(f"per_{per}_{kind}")
                shares.append(
                    f"{kind.upper()} {share:.2f}" + ("" if half is None else f" +- {half:.2f}")
                )
            lines.append(f"  {'per ' + per:<12} {', '.join(shares)}")
        for label, shell in self.coordination.items():
            lines.append(
                f"  {label:<12} {shell.value:.2f} within {shell.cutoff_angstrom:.2f} A "
                f"({shell.cutoff_source})"
            )
        lines.append(f"  {'density':<12} {self.density_g_ml:.3f} g/mL")
        for name, d in self.diffusion.items():
            number = "" if d.value_m2_s is None else f"{d.value_m2_s:.2e} m^2/s, "
            lines.append(f"  {'D(' + name + ')':<12} {number}{d.status}")
        remarks = filter(None, ("converged" if self.converged else "", self.convergence_note))
        for text in (*remarks, *self.notes):
            lines += wrap(text, 98, initial_indent="  ", subsequent_indent="    ")
        return "\n".join(lines)

    def _span(self) -> str:
        if self.first_ps is None or self.last_ps is None:
            return "times not known"
        return f"{self.first_ps:g} to {self.last_ps:g} ps"

    def row_values(self) -> dict[str, Any]:
        """Return the columns of a ``liquid`` row."""
        data = self.as_dict()
        values: dict[str, Any] = {}
        for name in FRACTIONS:
            per, kind = name.rsplit("_", 1)
            values[name] = data[per][kind]
        for name in (
            "coordination", "density_g_ml", "diffusion_m2_s", "conductivity", "residence_ps",
            "rdf", "msd", "time_series", "sensitivity",
            "ligands_per_cation", "shells", "clusters", "aggregates", "composition",
            "n_atoms", "n_frames", "converged", "convergence_note",
        ):  # fmt: skip
            values[name] = data[name]
        if "last_ps" in data:
            values["production_ps"] = data["last_ps"] - data["first_ps"]
        return values


def diffusion_values(found: Mapping[str, Diffusion]) -> dict[str, Any]:
    """Return diffusion coefficients as the plain column ``diffusion_m2_s`` of a row."""
    return {
        name: _plain({key.removesuffix("_m2_s"): value for key, value in asdict(d).items()})
        for name, d in found.items()
    }


def _plain(value: Any) -> Any:
    """Plain JSON data with 7 significant digits, without ``None``."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.7g}")
    if isinstance(value, np.bool_):
        return bool(value)
    return int(value) if isinstance(value, np.integer) else value
