"""Energies of bulk phases, gathered by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pymatgen.core import Composition

from potash.bulk.thermodynamics import PhaseEnergy
from potash.store.rows import Row


@dataclass(frozen=True)
class PhaseSet:
    """Energies of bulk phases at one level, with the rows that they are from."""

    level: str
    phases: tuple[PhaseEnergy, ...]
    rows: tuple[Row, ...]

    def keys(self, formulas: Sequence[str]) -> tuple[str, ...]:
        """Return the keys of the rows of some reduced formulas."""
        wanted = {Composition(f).reduced_formula for f in formulas}
        return tuple(
            r.key
            for r in self.rows
            if Composition(str(r.values["formula"])).reduced_formula in wanted
        )


def phase_sets(rows: Sequence[Row]) -> tuple[PhaseSet, ...]:
    """Return the usable ``phase`` rows, one set per level, the largest set first."""
    by_level: dict[str, list[Row]] = {}
    for row in rows:
        if row.kind == "phase" and row.status == "ok" and "energy_ev_per_formula" in row.values:
            by_level.setdefault(row.level, []).append(row)
    sets = [
        PhaseSet(
            level=level,
            phases=tuple(
                PhaseEnergy(
                    formula=str(r.values["formula"]),
                    energy_ev=float(r.values["energy_ev_per_formula"]),
                    level=level,
                    name=r.item,
                    hubbard_elements=frozenset(r.values.get("hubbard_elements", ())),
                )
                for r in members
            ),
            rows=tuple(members),
        )
        for level, members in by_level.items()
    ]
    return tuple(sorted(sets, key=lambda s: (-len(s.phases), s.level)))
