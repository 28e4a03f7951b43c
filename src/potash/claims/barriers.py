"""Claims about how easily K+ migrates in crystals, judged by barriers of vacancy hops.

A barrier is that of the lowest network of hops that spans the crystal in three directions:
layers on an electrode have grains of every direction.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from potash.calibration.resolution import resolution
from potash.claims.grounds import Grounds, Judge, at_one_level
from potash.claims.verdict import Finding, all_hold, by_margin, not_computed, noted
from potash.results.barrier import BarrierValues
from potash.store.rows import Row


def _barrier(row: Row) -> float:
    found = row.read(BarrierValues).barrier_3d_ev
    assert found is not None
    return found


def _spans(row: Row) -> bool:
    return row.read(BarrierValues).barrier_3d_ev is not None


def lower_barrier(faster: Sequence[str], slower: Sequence[str], note: str = "") -> Judge:
    """Return a judge of "K migrates more easily in each of these than in each of those".

    The margin of a difference is that of a barrier times the square root of two: the errors
    of two crystals are taken as independent.

    Parameters
    ----------
    faster, slower
        Ids of bulk phases.
    note
        Remark that ends the reason.
    """

    def judge(grounds: Grounds) -> Finding:
        names = [*faster, *slower]
        rows = at_one_level(grounds.barriers, names, _spans)
        if rows is None:
            return not_computed(
                f"needs barriers of K vacancies in {', '.join(names)}, all at one level"
            )
        values = {name: _barrier(row) for name, row in zip(names, rows, strict=True)}
        level = rows[0].level
        stated = resolution("migration_barrier", level)
        margin = math.sqrt(2.0) * stated.half_width
        verdicts = [by_margin(values[s] - values[f], margin) for f in faster for s in slower]
        shown = ", ".join(f"{name} {value:.2f}" for name, value in values.items())
        doubt = f"differences within {margin:.2g} eV do not count" if stated.decides else stated
        return Finding(
            all_hold(verdicts),
            noted(f"barriers of K vacancies in eV: {shown}; {doubt} ({stated.basis})", note),
            value=values,
            unit="eV",
            level=level,
            keys=tuple(row.key for row in rows),
            margin=margin if stated.decides else None,
            decided_by="margin",
        )

    return judge


_NO_VACANCIES = "how many vacancies there are is not in a barrier"

JUDGES: Mapping[str, Judge] = {
    "k3bi_fast": lower_barrier(["k3bi_hexagonal"], ["kf", "k2o"], _NO_VACANCIES),
    "kxpy_fast": lower_barrier(
        ["k3p_hexagonal"], ["kf", "k2co3"], f"K3P stands for KxPy; {_NO_VACANCIES}"
    ),
    "k2s_transport": lower_barrier(["k2s"], ["k2o"], _NO_VACANCIES),
    "k2so4_k2so3": lower_barrier(["k2so4", "k2so3"], ["kf"], _NO_VACANCIES),
    "k3ocl_ion": lower_barrier(["k3ocl"], ["kf"], _NO_VACANCIES),
}
"""Claim id to the function that judges it."""
