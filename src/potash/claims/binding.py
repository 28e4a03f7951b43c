"""Claims about how strongly ions hold molecules, judged by complex rows.

Binding energies have no error model yet; two of them differ only beyond the resolution of
their level (:mod:`potash.calibration.resolution`). What is compared is computed at one level:
the best at which all is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from potash.calibration.resolution import resolution
from potash.claims.grounds import Complex, Grounds, Judge, at_one_level, complex_of, shown
from potash.claims.verdict import Finding, all_hold, by_margin, joined, not_computed, noted
from potash.results.complex_ import ComplexValues
from potash.store.rows import Row


def stronger_binding(order: Sequence[Complex], note: str = "") -> Judge:
    """Return a judge of "each complex is bound more strongly than the next".

    Parameters
    ----------
    order
        Complexes as ``(metal, ligand, ...)``, the most strongly bound first.
    note
        Remark that ends the reason.
    """
    return _binding(tuple(pairwise(order)), note)


def stronger_binding_than(first: Complex, others: Sequence[Complex], note: str = "") -> Judge:
    """Return a judge of "the first complex is bound more strongly than each of the others"."""
    return _binding(tuple((first, other) for other in others), note)


def _binding(pairs: Sequence[tuple[Complex, Complex]], note: str) -> Judge:
    names = list(dict.fromkeys(complex_of(*name) for pair in pairs for name in pair))

    def judge(grounds: Grounds) -> Finding:
        rows = at_one_level(grounds.complexes, names)
        if rows is None:
            return not_computed(
                f"needs the complexes {', '.join(map(shown, names))}, all at one level"
            )
        energies = dict(zip(names, map(binding_energy_ev, rows), strict=True))
        level = rows[0].level
        stated = resolution("ion_binding", level)
        verdicts = [
            by_margin(energies[complex_of(*a)] - energies[complex_of(*b)], stated.half_width)
            for a, b in pairs
        ]
        listed = ", ".join(f"{shown(n)} {e:.2f}" for n, e in energies.items())
        return Finding(
            all_hold(verdicts),
            noted(f"binding energy: {listed} eV at {level} ({stated})", note),
            {shown(n): e for n, e in energies.items()},
            "eV",
            level,
            tuple(r.key for r in rows),
            margin=stated.half_width if stated.decides else None,
            decided_by="margin",
        )

    return judge


def binding_energy_ev(row: Row) -> float:
    """Return the binding energy of a complex, counterpoise-corrected where it has that."""
    values = row.read(ComplexValues)
    corrected = values.binding_energy_counterpoise_ev
    return values.binding_energy_ev if corrected is None else corrected


def solvent_holds_pair(solvent: str, first: str, second: str) -> Judge:
    """Return a judge of "the solvent holds K+ with the first anion more than with the second".

    The energy gained when the solvent joins the ion pair, E(KX) + E(solvent) - E(KX solvent),
    from the binding energies of both complexes.
    """
    names = {a: (complex_of("K", a), complex_of("K", a, solvent)) for a in (first, second)}

    def judge(grounds: Grounds) -> Finding:
        needed = [name for pair in names.values() for name in pair]
        rows = at_one_level(grounds.complexes, needed)
        if rows is None:
            return not_computed(
                f"needs the complexes {', '.join(map(shown, needed))}, all at one level"
            )
        by_name = dict(zip(needed, map(binding_energy_ev, rows), strict=True))
        gained = {a: by_name[joint] - by_name[pair] for a, (pair, joint) in names.items()}
        stated = resolution("ion_binding", rows[0].level)
        listed = ", ".join(f"{a} {e:.2f}" for a, e in gained.items())
        return Finding(
            by_margin(gained[first] - gained[second], stated.half_width),
            f"{solvent} joins the pair of K+ and anion, gaining {listed} eV at {rows[0].level} "
            f"({stated}); the review does not define its energies, so their order is judged",
            gained,
            "eV",
            rows[0].level,
            tuple(r.key for r in rows),
            margin=stated.half_width if stated.decides else None,
            decided_by="margin",
        )

    return judge


def weak_solvents(grounds: Grounds) -> Finding:
    """Judge ``cointercalation``: the weakly solvating ethers hold K+ less than DME and diglyme.

    Each is compared with the strong one that has as many oxygen atoms: a third one counts
    more in a 1:1 complex than any weakness. The insertion energy of graphite is not
    compared, because full shells in the liquid are needed for it.
    """
    pairs = (("dme", "dx13"), ("dme", "dbe"), ("g2", "didbe"))
    found = joined(
        {f"{s} and {w}": stronger_binding([("K", s), ("K", w)])(grounds) for s, w in pairs}
    )
    return replace(found, reason=noted(found.reason, "1:1 complexes, not a full shell"))


JUDGES: Mapping[str, Judge] = {
    "solv_tep_order": stronger_binding(
        [("Li", "tep"), ("Na", "tep"), ("K", "tep")], "1:1 complexes in the gas phase"
    ),
    "solv_radius": stronger_binding(
        [("Li", "ec"), ("Na", "ec"), ("K", "ec")],
        "1:1 complexes with EC stand for desolvation",
    ),
    "solv_kpf6_kfsi": solvent_holds_pair("dme", "fsi_minus", "pf6_minus"),
    "didbe_weak": stronger_binding([("K", "g2"), ("K", "didbe")], "1:1 complexes"),
    "nano3_dissoc": stronger_binding(
        [("Na", "dma"), ("Na", "ec")], "cation binding stands for dissolution"
    ),
    # The review names carbonates and no one of them.
    "pg7_coord": stronger_binding_than(
        ("K", "pg7"),
        [("K", "ec"), ("K", "pc"), ("K", "dec")],
        "that K+ binds PG-7 at all, as any polar molecule, would not change its solvent shell",
    ),
    "cointercalation": weak_solvents,
}
"""Claim id to the function that judges it."""
