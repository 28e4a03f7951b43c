"""Simulated ion pairing of a concentration series beside Raman fractions.

A charge scaling is judged on a concentration that did not take part in choosing it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

KINDS = ("ssip", "cip", "agg")


@dataclass(frozen=True)
class RamanPoint:
    """One liquid at one charge scaling, simulated and measured.

    Attributes
    ----------
    concentration_mol_l
        Nominal molarity, which names the liquid in the series.
    charge_scale
        Factor on the ions' charges in the simulation.
    simulated, measured
        Fractions of the anions by ``ssip``, ``cip`` and ``agg``.
    half_widths
        95 % half-widths of the simulated fractions, where known.
    """

    concentration_mol_l: float
    charge_scale: float
    simulated: Mapping[str, float]
    measured: Mapping[str, float]
    half_widths: Mapping[str, float]

    @property
    def absolute_error(self) -> float:
        """Mean over SSIP, CIP and AGG of the distance between simulation and measurement."""
        return sum(abs(self.simulated[k] - self.measured[k]) for k in KINDS) / len(KINDS)


@dataclass(frozen=True)
class HeldOut:
    """The judgement of one concentration.

    Attributes
    ----------
    concentration_mol_l
        Concentration left out.
    charge_scale
        Scaling with the least error on the others; None where there was no choice.
    absolute_error
        Error of that scaling on the concentration left out; None if it was not simulated.
    reason
        Why one of them is None.
    """

    concentration_mol_l: float
    charge_scale: float | None
    absolute_error: float | None
    reason: str = ""


def mean_absolute_error(points: Sequence[RamanPoint]) -> float:
    """Return the mean absolute error over points and fractions."""
    return sum(p.absolute_error for p in points) / len(points)


def leave_one_concentration_out(points: Sequence[RamanPoint]) -> list[HeldOut]:
    """Choose the scaling without each concentration in turn, and judge it on that one.

    Scalings compete on the concentrations, other than the one left out, at which all
    of them were simulated.
    """
    scales = sorted({p.charge_scale for p in points})
    found = {(p.concentration_mol_l, p.charge_scale): p for p in points}
    judged = []
    for left_out in sorted({p.concentration_mol_l for p in points}):
        shared = [
            c
            for c in sorted({p.concentration_mol_l for p in points} - {left_out})
            if all((c, s) in found for s in scales)
        ]
        if len(scales) < 2 or not shared:
            reason = "no other concentration was simulated at two scalings or more"
            judged.append(HeldOut(left_out, None, None, reason))
            continue
        best = min(scales, key=lambda s: mean_absolute_error([found[c, s] for c in shared]))
        point = found.get((left_out, best))
        judged.append(
            HeldOut(
                left_out,
                best,
                None if point is None else point.absolute_error,
                "" if point else f"not simulated at a scaling of {best:g}",
            )
        )
    return judged
