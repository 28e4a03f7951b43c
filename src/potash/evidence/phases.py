"""Energies of bulk phases, gathered by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pymatgen.core import Composition

from potash.bulk.thermodynamics import PhaseEnergy, phase_energy
from potash.results.phase import PhaseValues
from potash.store.rows import Row


@dataclass(frozen=True)
class PhaseSet:
    """Energies of bulk phases at one level, with the keys of their rows in the same order."""

    level: str
    phases: tuple[PhaseEnergy, ...]
    row_keys: tuple[str, ...]

    def keys(self, formulas: Sequence[str]) -> tuple[str, ...]:
        """Return the keys of the rows of some compositions."""
        wanted = {Composition(f).reduced_formula for f in formulas}
        return tuple(
            key
            for key, phase in zip(self.row_keys, self.phases, strict=True)
            if phase.reduced in wanted
        )


def phase_sets(rows: Sequence[Row]) -> tuple[PhaseSet, ...]:
    """Return the usable ``phase`` rows, one set per level, the largest set first."""
    by_level: dict[str, list[Row]] = {}
    for row in rows:
        if row.kind == "phase" and row.status == "ok":
            by_level.setdefault(row.level, []).append(row)
    sets = [
        PhaseSet(
            level,
            tuple(phase_energy(r.read(PhaseValues), level, r.item) for r in members),
            tuple(r.key for r in members),
        )
        for level, members in by_level.items()
    ]
    return tuple(sorted(sets, key=lambda s: (-len(s.phases), s.level)))
