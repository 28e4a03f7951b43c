"""Claims about the fluoride that K takes from anions and diluents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from potash.calibration.resolution import resolution
from potash.claims.grounds import Grounds, Judge, at_one_level
from potash.claims.redox import potentials_above
from potash.claims.verdict import Finding, Verdict, all_hold, by_margin, joined, not_computed
from potash.results.fluoride_release import FluorideReleaseValues
from potash.store.rows import Row

KF_SUBLIMATION_EV = 2.51
"""KF(crystal) -> KF(molecule): -326.8 less -568.6 kJ/mol, enthalpies of formation at 298 K
(NIST-JANAF, 4th edition). What an interphase holds is the crystal."""

_SOLVENT = "dme"
"""Solvent of most potassium electrolytes with these salts in the review."""


def gives_fluoride_more_easily(first: str, others: Sequence[str]) -> Judge:
    """Return a judge of "K takes fluorine from the first more easily than from each other"."""

    def judge(grounds: Grounds) -> Finding:
        rows = _rows(grounds, (first, *others))
        if isinstance(rows, Finding):
            return rows
        energies = {row.item: _energy_ev(row) for row in rows}
        margin = resolution("fluoride_release", rows[0].level).half_width
        verdict = all_hold([by_margin(energies[o] - energies[first], margin) for o in others])
        return _finding(verdict, rows, energies, "KF(molecule)")

    return judge


def makes_crystalline_fluoride(names: Sequence[str]) -> Judge:
    """Return a judge of "K makes solid KF of each with a gain of energy"."""

    def judge(grounds: Grounds) -> Finding:
        rows = _rows(grounds, names)
        if isinstance(rows, Finding):
            return rows
        energies = {row.item: _energy_ev(row) - KF_SUBLIMATION_EV for row in rows}
        margin = resolution("fluoride_release", rows[0].level).half_width
        verdict = all_hold([by_margin(-energy, margin) for energy in energies.values()])
        return _finding(verdict, rows, energies, "KF(crystal)")

    return judge


def fluoride_before_solvent(names: Sequence[str]) -> Judge:
    """Return a judge of "each makes KF with a gain of energy, and before the solvent reacts"."""
    gain = makes_crystalline_fluoride(names)
    reduced = potentials_above(names, _SOLVENT, "reduction")

    def judge(grounds: Grounds) -> Finding:
        return joined({"": gain(grounds), f"before {_SOLVENT}": reduced(grounds)})

    return judge


def _rows(grounds: Grounds, names: Sequence[str]) -> list[Row] | Finding:
    rows = at_one_level(grounds.fluoride, names)
    if rows is not None:
        return rows
    return not_computed(f"needs the release of fluoride by {', '.join(names)} at one level")


def _energy_ev(row: Row) -> float:
    return row.read(FluorideReleaseValues).reaction_energy_ev


def _finding(
    verdict: Verdict, rows: Sequence[Row], energies: Mapping[str, float], product: str
) -> Finding:
    stated = resolution("fluoride_release", rows[0].level)
    listed = ", ".join(
        f"{r.item} {energies[r.item]:+.2f} ({r.read(FluorideReleaseValues).bond})" for r in rows
    )
    return Finding(
        verdict,
        f"X + K(metal) -> {product} + R: {listed} eV at {rows[0].level} ({stated})",
        energies,
        "eV",
        rows[0].level,
        tuple(row.key for row in rows),
        margin=stated.half_width if stated.decides else None,
        decided_by="margin",
    )


JUDGES: Mapping[str, Judge] = {
    "salt_reduction": gives_fluoride_more_easily("fsi_minus", ("pf6_minus", "tfsi_minus")),
    "kf_sei_reduction": fluoride_before_solvent(("fsi_minus", "hfdf_minus", "pf6_minus", "tte")),
    "tfb_potassiation": gives_fluoride_more_easily("tte", ("tfb",)),
}
"""Claim id to judge."""
