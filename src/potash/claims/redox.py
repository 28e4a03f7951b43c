"""Claims about oxidation and reduction, judged by redox, species and complex rows.

Ionisation energies are calibrated, so they are compared through their error models, and
potentials by the uncertainties that their rows state. Electron affinities have no error model
yet; two of them differ only beyond the resolution of their level
(:mod:`potash.calibration.resolution`). Affinities and potentials that are compared are
computed at one level: the best at which all are known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from potash.calibration import sample
from potash.calibration.resolution import POTASSIUM_SCALE_HALF_WIDTH_V, resolution
from potash.claims.grounds import (
    N_DRAWS,
    SEED,
    Complex,
    Grounds,
    Judge,
    at_one_level,
    complex_of,
    shown,
)
from potash.claims.verdict import (
    Finding,
    Verdict,
    all_hold,
    by_margin,
    by_probability,
    not_computed,
    noted,
)
from potash.evidence.ladder import rung
from potash.evidence.potentials import Which, column
from potash.results.complex_ import ComplexValues
from potash.results.redox import RedoxValues
from potash.results.species import SpeciesValues
from potash.store.rows import Row

_PARENT = "compared with its parent ether, which is the curator's choice"


def higher_ionisation(order: Sequence[str], note: str = "") -> Judge:
    """Return a judge of "each is harder to oxidise than the next"."""

    def judge(grounds: Grounds) -> Finding:
        missing = [s for s in order if s not in grounds.ionisation]
        if missing:
            return not_computed(f"needs the ionisation energy of {', '.join(missing)}")
        found = [grounds.ionisation[s] for s in order]
        drawn = sample(
            [f.ionisation for f in found], n_draws=N_DRAWS, rng=np.random.default_rng(SEED)
        )
        verdicts: list[Verdict] = []
        texts = []
        for i, (a, b) in enumerate(pairwise(found)):
            text = f"IP {a.item} {a.ip_ev:.2f} against {b.item} {b.ip_ev:.2f} eV"
            if a.ionisation.known and b.ionisation.known:
                p = float((drawn[:, i] > drawn[:, i + 1]).mean())
                verdicts.append(by_probability(p))
                texts.append(f"{text} (P {p:.2f})")
            else:
                verdicts.append("unresolved")
                texts.append(f"{text} (not calibrated)")
        return Finding(
            all_hold(verdicts),
            noted("; ".join(texts), note),
            {f.item: f.ip_ev for f in found},
            "eV",
            " and ".join(sorted({f.row.level for f in found})),
            tuple(f.row.key for f in found),
            decided_by="draws",
        )

    return judge


def easier_reduction(order: Sequence[Complex | str], note: str = "") -> Judge:
    """Return a judge of "each takes up an electron more easily than the next", in vacuum.

    Compares vertical electron affinities of species (ids) or complexes (tuples) of one
    charge: between different charges an affinity in vacuum tells the charge and little
    else. An unbound electron counts as an affinity of zero at most, and two unbound ones
    cannot be compared.
    """
    names = [name if isinstance(name, str) else complex_of(*name) for name in order]

    def judge(grounds: Grounds) -> Finding:
        levels = sorted({*grounds.species, *grounds.complexes}, key=rung, reverse=True)
        by_level = {
            level: {**grounds.species.get(level, {}), **grounds.complexes.get(level, {})}
            for level in levels
        }
        rows = at_one_level(by_level, names)
        listed = ", ".join(map(shown, names))
        if rows is None:
            return not_computed(f"needs the electron affinity of {listed}, all at one level")
        values = [_electronic(row) for row in rows]
        if len({v.charge for v in values}) > 1:
            return not_computed(
                f"needs reduction potentials in solution of {listed}: their charges differ, and "
                "affinities in vacuum would compare the charges"
            )
        level = rows[0].level
        stated = resolution("electron_affinity", level)
        affinities = [v.ea_vertical_ev for v in values]
        verdicts = [_easier(a, b, stated.half_width) for a, b in pairwise(affinities)]
        texts = [
            f"{shown(n)} {'unbound' if a is None else f'{a:.2f} eV'}"
            for n, a in zip(names, affinities, strict=True)
        ]
        bound = {shown(n): a for n, a in zip(names, affinities, strict=True) if a is not None}
        return Finding(
            all_hold(verdicts),
            noted(f"electron affinity: {', '.join(texts)} at {level} ({stated})", note),
            bound or None,
            "eV",
            level,
            tuple(r.key for r in rows),
            margin=stated.half_width if stated.decides else None,
            decided_by="margin",
        )

    return judge


def _electronic(row: Row) -> SpeciesValues | ComplexValues:
    return row.read(ComplexValues) if row.kind == "complex" else row.read(SpeciesValues)


def _easier(first_ev: float | None, second_ev: float | None, margin: float) -> Verdict:
    if first_ev is None and second_ev is None:
        return "unresolved"
    return by_margin((first_ev or 0.0) - (second_ev or 0.0), margin)


def potentials(order: Sequence[str], which: Which, *, gas_phase: Judge, note: str = "") -> Judge:
    """Return a judge of "each has the higher potential than the next", in solution.

    Parameters
    ----------
    order
        Species, the highest potential first.
    which
        ``oxidation`` or ``reduction``.
    gas_phase
        Judge to fall back on where a potential is missing.
    note
        Remark that ends the reason.
    """
    in_solution = _potentials(tuple(pairwise(order)), which, note)

    def judge(grounds: Grounds) -> Finding:
        found = in_solution(grounds)
        return gas_phase(grounds) if found.verdict == "not_computed" else found

    return judge


def potentials_above(names: Sequence[str], other: str, which: Which) -> Judge:
    """Return a judge of "each of these has a higher potential than the other", in solution."""
    return _potentials(tuple((name, other) for name in names), which, "")


def _potentials(pairs: Sequence[tuple[str, str]], which: Which, note: str) -> Judge:
    names = list(dict.fromkeys(name for pair in pairs for name in pair))

    def judge(grounds: Grounds) -> Finding:
        rows = at_one_level(grounds.redox, names, lambda row: potential_v(row, which) is not None)
        if rows is None:
            return not_computed(
                f"needs the {which} potentials of {', '.join(names)}, all at one level"
            )
        by_name = dict(zip(names, rows, strict=True))
        found = {n: potential_v(r, which) for n, r in by_name.items()}
        values = {n: v for n, v in found.items() if v is not None}
        halves = {n: _method_half_width_v(r, which) for n, r in by_name.items()}
        margins = [math.hypot(halves[a], halves[b]) for a, b in pairs]
        verdicts = [
            by_margin(values[a] - values[b], m) for (a, b), m in zip(pairs, margins, strict=True)
        ]
        margin = max(margins)
        listed = ", ".join(f"{n} {v:.2f}" for n, v in values.items())
        broken = [n for n, r in by_name.items() if _breaks_a_bond(r, which)]
        text = f"{which} potential: {listed} V vs K/K+ at {rows[0].level}"
        text += f" (+-{margin:.2f} V for a difference)" if math.isfinite(margin) else ""
        text += f"; breaks a bond: {', '.join(broken)}" if broken else ""
        return Finding(
            all_hold(verdicts),
            noted(text, note),
            values,
            "V vs K/K+",
            rows[0].level,
            tuple(r.key for r in rows),
            margin=margin if math.isfinite(margin) else None,
            decided_by="margin",
        )

    return judge


def potential_v(row: Row, which: Which) -> float | None:
    """Return the oxidation or reduction potential of a row in V vs K/K+, if it has one."""
    values = row.read(RedoxValues)
    if which == "oxidation":
        return values.potential_oxidation_v_vs_k
    return values.potential_reduction_v_vs_k


def _breaks_a_bond(row: Row, which: Which) -> bool:
    values = row.read(RedoxValues)
    if which == "oxidation":
        return values.oxidation_dissociative
    return bool(values.reduction_dissociative)


def _half_width_v(row: Row, which: Which) -> float:
    stated = row.uncertainty.get(column(which))
    return float(stated) if isinstance(stated, int | float) else math.inf


def _method_half_width_v(row: Row, which: Which) -> float:
    """Return the half-width of a potential without that of the scale, which cancels."""
    return math.sqrt(max(_half_width_v(row, which) ** 2 - POTASSIUM_SCALE_HALF_WIDTH_V**2, 0.0))


def stable_to(species: str, limit_v: float) -> Judge:
    """Return a judge of "not oxidised below this potential against K/K+"."""

    def judge(grounds: Grounds) -> Finding:
        found = at_one_level(grounds.redox, (species,))
        value = None if found is None else potential_v(found[0], "oxidation")
        if found is None or value is None:
            return not_computed(f"needs the oxidation potential of {species} in solution")
        (row,) = found
        half = _half_width_v(row, "oxidation")
        return Finding(
            by_margin(value - limit_v, half),
            f"oxidation potential {value:.2f} +- {half:.2f} V vs K/K+ against {limit_v:g} V; "
            "the solvent is not given in the review",
            value,
            "V vs K/K+",
            row.level,
            (row.key,),
            margin=half if math.isfinite(half) else None,
            decided_by="margin",
        )

    return judge


JUDGES: Mapping[str, Judge] = {
    "dx13_anodic": potentials(
        ["dx13", "dme"],
        "oxidation",
        gas_phase=higher_ionisation(["dx13", "dme"], "gas phase, not an oxidation potential"),
    ),
    "didbe_anodic": potentials(
        ["didbe", "g2"],
        "oxidation",
        gas_phase=higher_ionisation(["didbe", "g2"], f"gas phase; {_PARENT}"),
        note=_PARENT,
    ),
    "ox_4p7": stable_to("hfdf_minus", 4.7),
    "lumo_na_k_tep": easier_reduction([("Na", "tep"), ("K", "tep")]),
    "atpp_lumo": potentials(
        ["atpp_plus", "ec"],
        "reduction",
        gas_phase=easier_reduction(["atpp_plus", "ec"]),
    ),
    "aviim_reduction": potentials(
        ["aviim_plus", "pyr13_plus"],
        "reduction",
        gas_phase=easier_reduction(["aviim_plus", "pyr13_plus"]),
    ),
    "dtd_reduction": potentials(
        ["dtd", "dme"],
        "reduction",
        gas_phase=easier_reduction(["dtd", "dme"]),
    ),
    "hfdf_lumo": potentials(
        ["hfdf_minus", "tfsi_minus"],
        "reduction",
        gas_phase=easier_reduction(
            ["hfdf_minus", "tfsi_minus"], "anions in the gas phase hold no further electron"
        ),
    ),
    "anion_first": easier_reduction(
        [("K", "fsi_minus"), "dme"],
        "the ion pair, the smallest neutral aggregate, against the free solvent, neutral too",
    ),
}
"""Claim id to the function that judges it."""
