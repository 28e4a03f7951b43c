"""Claims about the fluoride that K takes from anions and diluents."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from potash.claims.evidence import Evidence, at_one_level
from potash.claims.verdict import Finding, Verdict, all_of, by_margin, not_computed
from potash.store.rows import Row

MARGIN_EV: Mapping[str, float] = {"screen": 0.5, "standard": 0.2, "reference": 0.2}
"""Smallest difference between two reaction energies that counts, by level.

A choice, not a measured error: a bond to fluorine breaks in each reaction, and hybrid
functionals are good to 0.1 or 0.2 eV for such bonds, tight binding to half an eV.
"""

_CRYSTAL = "crystalline KF would make all more negative; its energy at this level is not known"

Judge = Callable[[Evidence], Finding]


def gives_fluoride_more_easily(first: str, others: Sequence[str], note: str = "") -> Judge:
    """Return a judge of "K takes fluorine from the first more easily than from each other"."""

    def judge(evidence: Evidence) -> Finding:
        rows = _rows(evidence, (first, *others))
        if isinstance(rows, Finding):
            return rows
        energies = _energies(rows)
        margin = MARGIN_EV.get(rows[0].level, math.inf)
        verdict = all_of([by_margin(energies[o] - energies[first], margin) for o in others])
        return _finding(verdict, rows, note)

    return judge


def exothermic_release(names: Sequence[str]) -> Judge:
    """Return a judge of "K makes KF of each with a gain of energy"."""

    def judge(evidence: Evidence) -> Finding:
        rows = _rows(evidence, names)
        if isinstance(rows, Finding):
            return rows
        margin = MARGIN_EV.get(rows[0].level, math.inf)
        gains = all(energy < -margin for energy in _energies(rows).values())
        return _finding("agrees" if gains else "unresolved", rows, "" if gains else _CRYSTAL)

    return judge


def _rows(evidence: Evidence, names: Sequence[str]) -> list[Row] | Finding:
    rows = at_one_level(evidence.fluoride, names, "reaction_energy_ev")
    if rows is not None:
        return rows
    return not_computed(f"needs the release of fluoride by {', '.join(names)} at one level")


def _energies(rows: Sequence[Row]) -> dict[str, float]:
    return {row.item: float(row.values["reaction_energy_ev"]) for row in rows}


def _finding(verdict: Verdict, rows: Sequence[Row], note: str) -> Finding:
    energies = _energies(rows)
    level = rows[0].level
    listed = ", ".join(
        f"{row.item} {energies[row.item]:+.2f} ({row.values['bond']})" for row in rows
    )
    reason = f"X + K(metal) -> KF(molecule) + R: {listed} eV at {level}"
    reason += f" (margin {MARGIN_EV.get(level, math.inf):.2f} eV)" + (f"; {note}" if note else "")
    return Finding(verdict, reason, energies, "eV", level, tuple(row.key for row in rows))


JUDGES: Mapping[str, Judge] = {
    "salt_reduction": gives_fluoride_more_easily("fsi_minus", ("pf6_minus", "tfsi_minus")),
    "kf_sei_reduction": exothermic_release(("fsi_minus", "hfdf_minus", "pf6_minus", "tte")),
    "tfb_potassiation": gives_fluoride_more_easily(
        "tte", ("tfb",), "the claim names no direction; judged: TFB resists K more than TTE"
    ),
}
"""Claim id to judge."""
