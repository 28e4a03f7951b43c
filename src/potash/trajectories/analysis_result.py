"""What the analysis of one trajectory returns, and its plain JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

FRACTIONS = tuple(
    f"{per}_{kind}" for per in ("per_anion", "per_cation") for kind in ("ssip", "cip", "agg")
)


@dataclass(frozen=True)
class AnalysisResult:
    """What one trajectory says about its liquid; all intervals are 95 %.

    Attributes
    ----------
    per_anion, per_cation
        Fractions ``ssip``, ``cip``, ``agg``: no, one, two or more distinct counter-ions.
    aggregates
        ``per_anion`` and ``per_cation`` to the split of AGG: ``agg_1`` (two
        counter-ions) and ``agg_2`` (three or more).
    coordination
        Label such as ``K-O(DME)`` to ``value`` (donor atoms per cation),
        ``cutoff_angstrom`` and ``cutoff_source``.
    ligands_per_cation
        Species to distinct molecules in a cation's first shell.
    shells
        The most frequent first shells: ``composition`` and ``fraction`` of cations.
    clusters
        Cluster size in ions to the fraction of ions in such clusters.
    sensitivity
        Change of all cutoffs in angstrom to ``per_anion`` and ``per_cation``.
    density_g_ml
        Mean density.
    diffusion_m2_s
        Species to ``value``, ``low``, ``high``, ``status`` and how it was found.
    conductivity
        ``status``; then conductivities, Onsager coefficients and transference
        numbers with formal charges (:class:`potash.trajectories.conductivity.Conductivity`),
        called ``apparent`` unless the ions diffuse.
    residence_ps
        Species to ``value``, ``low``, ``high`` and ``status`` of the mean time
        that a molecule stays in a cation's first shell.
    rdf
        Label to ``r_angstrom``, ``g`` and ``coordination_number`` (at the outer bin edge).
    msd
        Species to ``lag_ps`` and ``msd_square_angstrom`` (about 200 lags).
    time_series
        ``time_ps``, the fractions and ``density_g_ml``, as means over up to 200 blocks.
    half_widths
        Half-widths of the fractions, the coordination numbers and the density.
    composition
        Species to ``formula`` and ``molecules``.
    n_atoms, n_frames, first_ps, last_ps
        What was analysed.
    converged, convergence_note
        Whether the fractions are steady and known to +-0.05, and if not, why.
    """

    per_anion: Mapping[str, float]
    per_cation: Mapping[str, float]
    aggregates: Mapping[str, Mapping[str, float]]
    coordination: Mapping[str, Mapping[str, Any]]
    ligands_per_cation: Mapping[str, float]
    shells: tuple[Mapping[str, Any], ...]
    clusters: Mapping[int, float]
    sensitivity: Mapping[str, Mapping[str, Mapping[str, float]]]
    density_g_ml: float
    diffusion_m2_s: Mapping[str, Mapping[str, Any]]
    conductivity: Mapping[str, Any]
    residence_ps: Mapping[str, Mapping[str, Any]]
    rdf: Mapping[str, Mapping[str, list[float]]]
    msd: Mapping[str, Mapping[str, list[float]]]
    time_series: Mapping[str, list[float]]
    half_widths: Mapping[str, float]
    composition: Mapping[str, Mapping[str, Any]]
    n_atoms: int
    n_frames: int
    first_ps: float
    last_ps: float
    converged: bool
    convergence_note: str
    notes: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data; what was not computed is absent."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

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
        values["production_ps"] = data["last_ps"] - data["first_ps"]
        return values


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
