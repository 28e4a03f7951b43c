"""Claims about redox limits and ion binding, judged by species and complex rows.

Ionisation energies are calibrated, so they are compared through their error
models. Electron affinities and binding energies have no error model yet; two
of them count as different only beyond a margin that reflects how well such a
level is known to do (:data:`MARGIN_EV`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from potash.calibration import sample
from potash.claims.evidence import N_DRAWS, SEED, Evidence, at_one_level
from potash.claims.verdict import Finding, Verdict, all_of, by_margin, by_probability, not_computed
from potash.store.rows import Row

MARGIN_EV: Mapping[tuple[str, str], float] = {
    ("binding", "screen"): 0.5,
    ("binding", "standard"): 0.1,
    ("binding", "reference"): 0.05,
    ("affinity", "screen"): math.inf,
    ("affinity", "standard"): 0.3,
    ("affinity", "reference"): 0.2,
}
"""Smallest difference that counts, in eV, by quantity and level.

Binding: tight binding overbinds K+ to water by 0.3 eV, B3LYP in a basis with
diffuse functions agrees to a few hundredths. Affinity: tight binding orders
the lowest empty level of ion complexes wrongly, so it never decides; delta-SCF
with a hybrid functional is good to 0.2 eV for ionisation energies.
"""

SCALE_HALF_WIDTH_V = 0.2
"""Uncertainty of the absolute potential of K/K+, common to all potentials."""

_PARENT = "the claim names no order; judged: DiDBE against its parent ether"

Judge = Callable[[Evidence], Finding]


def higher_ionisation(order: Sequence[str], note: str = "") -> Judge:
    """Return a judge of "each is harder to oxidise than the next"."""

    def judge(evidence: Evidence) -> Finding:
        missing = [s for s in order if s not in evidence.ionisation]
        if missing:
            return not_computed(f"needs the ionisation energy of {', '.join(missing)}")
        found = [evidence.ionisation[s] for s in order]
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
        tail = f"; {note}" if note else ""
        return Finding(
            all_of(verdicts),
            "; ".join(texts) + tail,
            {f.item: f.ip_ev for f in found},
            "eV",
            " and ".join(sorted({f.row.level for f in found})),
            tuple(f.row.key for f in found),
        )

    return judge


def _complex_name(key: Sequence[str]) -> str:
    metal, *ligands = key
    return f"[{metal}({', '.join(ligands)})]"


def stronger_binding(order: Sequence[tuple[str, ...]], note: str = "") -> Judge:
    """Return a judge of "each complex is bound more strongly than the next".

    Parameters
    ----------
    order
        Complexes as ``(metal, ligand, ...)``, the most strongly bound first.
    note
        Remark that ends the reason.
    """

    def judge(evidence: Evidence) -> Finding:
        rows = _same_level(evidence, order)
        if isinstance(rows, Finding):
            return rows
        level = rows[0].level
        margin = MARGIN_EV.get(("binding", level), math.inf)
        return _by_margins(
            [_complex_name(k) for k in order],
            [float(r.values["binding_energy_ev"]) for r in rows],
            rows,
            margin,
            "binding energy",
            note,
        )

    return judge


def _same_level(evidence: Evidence, order: Sequence[tuple[str, ...]]) -> list[Row] | Finding:
    wanted = [(k[0], *sorted(k[1:])) for k in order]
    missing = [_complex_name(k) for k in wanted if k not in evidence.complexes]
    if missing:
        return not_computed(f"needs the complexes {', '.join(missing)}")
    rows = [evidence.complexes[k] for k in wanted]
    levels = {r.level for r in rows}
    if len(levels) > 1:
        return not_computed(
            f"needs {', '.join(map(_complex_name, wanted))} at one level, not at "
            f"{' and '.join(sorted(levels))}"
        )
    return rows


def _by_margins(
    names: Sequence[str],
    values: Sequence[float],
    rows: Sequence[Row],
    margin: float,
    what: str,
    note: str,
) -> Finding:
    verdicts = [by_margin(a - b, margin) for a, b in pairwise(values)]
    listed = ", ".join(f"{n} {v:.2f}" for n, v in zip(names, values, strict=True))
    shown = "no difference counts" if math.isinf(margin) else f"margin {margin:.2f} eV"
    tail = f"; {note}" if note else ""
    return Finding(
        all_of(verdicts),
        f"{what}: {listed} eV at {rows[0].level} ({shown}){tail}",
        dict(zip(names, values, strict=True)),
        "eV",
        rows[0].level,
        tuple(r.key for r in rows),
    )


def easier_reduction(order: Sequence[str | tuple[str, ...]], note: str = "") -> Judge:
    """Return a judge of "each takes up an electron more easily than the next".

    Compares vertical electron affinities of species (ids) or complexes (tuples);
    an unbound one counts as below every bound one, and two unbound ones cannot
    be compared.
    """

    def judge(evidence: Evidence) -> Finding:
        rows: list[Row] = []
        names = [_complex_name(k) if isinstance(k, tuple) else k for k in order]
        missing = []
        for key, name in zip(order, names, strict=True):
            row = (
                evidence.complexes.get((key[0], *sorted(key[1:])))
                if isinstance(key, tuple)
                else evidence.species.get(key)
            )
            known = row is not None and (
                "ea_vertical_ev" in row.values or row.values.get("ea_bound") is False
            )
            if row is None or not known:
                missing.append(name)
            else:
                rows.append(row)
        if missing:
            return not_computed(f"needs the electron affinity of {', '.join(missing)}")
        verdicts: list[Verdict] = []
        texts = []
        for (name_a, a), (name_b, b) in pairwise(zip(names, rows, strict=True)):
            verdicts.append(_easier(a, b))
            texts.append(f"EA {name_a} {_affinity(a)} against {name_b} {_affinity(b)}")
        tail = f"; {note}" if note else ""
        bound = {
            n: float(r.values["ea_vertical_ev"])
            for n, r in zip(names, rows, strict=True)
            if "ea_vertical_ev" in r.values
        }
        levels = " and ".join(sorted({r.level for r in rows}))
        return Finding(
            all_of(verdicts),
            f"{'; '.join(texts)} at {levels}{tail}",
            bound or None,
            "eV",
            levels,
            tuple(r.key for r in rows),
        )

    return judge


def _affinity(row: Row) -> str:
    value = row.values.get("ea_vertical_ev")
    return "unbound" if value is None else f"{value:.2f} eV"


def _easier(a: Row, b: Row) -> Verdict:
    margin = max(MARGIN_EV.get(("affinity", r.level), math.inf) for r in (a, b))
    x, y = a.values.get("ea_vertical_ev"), b.values.get("ea_vertical_ev")
    if x is None and y is None:
        return "unresolved"
    return by_margin((0.0 if x is None else x) - (0.0 if y is None else y), margin)


def binds(complex_: tuple[str, ...], note: str = "") -> Judge:
    """Return a judge of "the ion is bound at all", beyond the level's margin."""

    def judge(evidence: Evidence) -> Finding:
        rows = _same_level(evidence, [complex_])
        if isinstance(rows, Finding):
            return rows
        [row] = rows
        value = float(row.values["binding_energy_ev"])
        margin = MARGIN_EV.get(("binding", row.level), math.inf)
        tail = f"; {note}" if note else ""
        return Finding(
            by_margin(value, margin),
            f"binding energy of {_complex_name(complex_)} {value:.2f} eV at {row.level}{tail}",
            value,
            "eV",
            row.level,
            (row.key,),
        )

    return judge


def potentials(order: Sequence[str], which: str, *, gas_phase: Judge, note: str = "") -> Judge:
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
    column = f"potential_{which}_v_vs_k"

    def judge(evidence: Evidence) -> Finding:
        known = at_one_level(evidence.redox, order, column)
        if known is None:
            return gas_phase(evidence)
        verdicts: list[Verdict] = []
        texts = []
        for a, b in pairwise(known):
            x, y = float(a.values[column]), float(b.values[column])
            margin = math.hypot(_method_half_width(a, column), _method_half_width(b, column))
            verdicts.append(by_margin(x - y, margin))
            texts.append(f"{which} potential {a.item} {x:.2f} against {b.item} {y:.2f} V vs K/K+")
        broken = [r.item for r in known if r.values.get(f"{which}_dissociative")]
        tail = f"; breaks a bond: {', '.join(broken)}" if broken else ""
        tail += f"; {note}" if note else ""
        return Finding(
            all_of(verdicts),
            "; ".join(texts) + tail,
            {r.item: float(r.values[column]) for r in known},
            "V vs K/K+",
            known[0].level,
            tuple(r.key for r in known),
        )

    return judge


def _method_half_width(row: Row, column: str) -> float:
    """Return the half-width of a potential without that of the scale, which cancels."""
    stated = row.uncertainty.get(column)
    if not isinstance(stated, int | float):
        return math.inf
    return math.sqrt(max(float(stated) ** 2 - SCALE_HALF_WIDTH_V**2, 0.0))


def stable_to(species: str, limit_v: float, tolerance_v: float) -> Judge:
    """Return a judge of "not oxidised below this potential against K/K+"."""

    def judge(evidence: Evidence) -> Finding:
        column = "potential_oxidation_v_vs_k"
        found = at_one_level(evidence.redox, (species,), column)
        if found is None:
            return not_computed(f"needs the oxidation potential of {species} in solution")
        (row,) = found
        value = float(row.values[column])
        stated = row.uncertainty.get(column)
        half = float(stated) if isinstance(stated, int | float) else math.inf
        return Finding(
            by_margin(value - (limit_v - tolerance_v), half),
            f"oxidation potential {value:.2f} +- {half:.2f} V vs K/K+ against {limit_v:g} V "
            f"(tolerance {tolerance_v:g} V); the solvent is not given in the review",
            value,
            "V vs K/K+",
            row.level,
            (row.key,),
        )

    return judge


def weak_solvents(evidence: Evidence) -> Finding:
    """Judge ``cointercalation``: the weakly solvating ethers hold K+ less than DME and diglyme.

    Only the order of single-solvent binding is judged; the insertion energy of
    graphite is not compared, because full shells in the liquid are needed for it.
    """
    weak, strong = ("dx13", "dbe", "didbe"), ("dme", "g2")
    have = [s for s in (*weak, *strong) if ("K", s) in evidence.complexes]
    pairs = [(s, w) for s in strong for w in weak if s in have and w in have]
    if not pairs:
        return not_computed(
            "needs K+ complexes of dme or g2 and of dx13, dbe or didbe, then full first shells"
        )
    findings = [stronger_binding([("K", s), ("K", w)])(evidence) for s, w in pairs]
    values: dict[str, float] = {}
    for finding in findings:
        if isinstance(finding.value, Mapping):
            values.update(finding.value)
    return Finding(
        all_of([f.verdict for f in findings]),
        "; ".join(f"{f.reason}: {f.verdict}" for f in findings)
        + "; 1:1 complexes, not desolvation of a full shell",
        values,
        "eV",
        findings[0].level,
        tuple(dict.fromkeys(k for f in findings for k in f.keys)),
    )


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
    "ox_4p7": stable_to("hfdf_minus", 4.7, 0.3),
    "solv_tep_order": stronger_binding(
        [("Li", "tep"), ("Na", "tep"), ("K", "tep")], "1:1 complexes in the gas phase"
    ),
    "solv_radius": stronger_binding(
        [("Li", "ec"), ("Na", "ec"), ("K", "ec")],
        "1:1 complexes with EC stand for desolvation",
    ),
    "didbe_weak": stronger_binding([("K", "g2"), ("K", "didbe")], "1:1 complexes"),
    "nano3_dissoc": stronger_binding(
        [("Na", "dma"), ("Na", "ec")], "cation binding stands for dissolution"
    ),
    "pg7_coord": binds(("K", "pg7")),
    "cointercalation": weak_solvents,
    "lumo_na_k_tep": easier_reduction([("Na", "tep"), ("K", "tep")]),
    "atpp_lumo": potentials(
        ["atpp_plus", "ec"],
        "reduction",
        gas_phase=easier_reduction(["atpp_plus", "ec"], "a cation against a neutral molecule"),
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
        [("K", "fsi_minus"), ("K", "dme")], "ion pair against solvated cation"
    ),
}
"""Claim id to the function that judges it."""
