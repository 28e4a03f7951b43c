"""Reaction energies of solids by a potential against measured ones: what `screen` resolves.

Usage: python benchmarks/phase_energies.py [FOLDER_OF_ROWS]

Prints every reaction per atom that takes part, computed (0 K) and measured (Gibbs energy at
300 K; among solids entropy is worth 0.01 to 0.03 eV per atom), and the 95 % half-width that
``potash.calibration.resolution`` states. Reactions in which a non-metal comes from its
element are listed apart: no host meets sulfur or iodine that way, and energies of molecular
crystals carry errors of their own.
"""

from __future__ import annotations

import csv
import sys
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pymatgen.core import Composition
from scipy import stats

from potash.bulk.thermodynamics import PhaseEnergy, elements_of, reaction
from potash.evidence.phases import phase_sets
from potash.resources import data_dir
from potash.store import import_rows
from potash.units import KJ_MOL_EV

BOUND: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("AlF3", "K"), ("KF", "Al")),
    (("ZnO", "K"), ("K2O", "Zn")),
    (("GeO2", "K"), ("K2O", "Ge")),
    (("SnO2", "K"), ("K2O", "Sn")),
    (("Cu2O", "K"), ("K2O", "Cu")),
    (("SiO2", "K"), ("K2O", "Si")),
    (("Al2O3", "K"), ("K2O", "Al")),
    (("Sb2O3", "K"), ("K2O", "Sb")),
    (("Li2O", "K"), ("K2O", "Li")),
    (("LiF", "K"), ("KF", "Li")),
    (("Li2CO3", "K"), ("K2CO3", "Li")),
    (("K2SiO3",), ("K2O", "SiO2")),
    (("KAlO2",), ("K2O", "Al2O3")),
    (("BiI3", "K"), ("KI", "Bi")),
    (("SnSe", "Cu"), ("Cu2Se", "Sn")),
    (("K2SO4", "K"), ("K2S", "K2O")),
    (("KO2", "K"), ("K2O",)),
)
"""Reactions whose non-metals are bound on both sides, as where a host meets potassium."""

FROM_ELEMENTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("K", "S"), ("K2S",)),
    (("K", "I"), ("KI",)),
    (("Sn", "Se"), ("SnSe",)),
    (("Cu", "Se"), ("Cu2Se",)),
)
"""Formation from a solid non-metal."""


class Compared(NamedTuple):
    """One reaction, in eV per atom that takes part."""

    equation: str
    computed: float
    measured: float

    @property
    def error(self) -> float:
        """Computed minus measured."""
        return self.computed - self.measured


def measured_energies(path: Path) -> dict[str, float]:
    """Read Gibbs energies of formation at 300 K: reduced formula to eV per formula unit."""
    lines = (line for line in path.read_text().splitlines() if not line.startswith("#"))
    return {
        Composition(r["formula"]).reduced_formula: float(r["gibbs_kj_mol"]) * KJ_MOL_EV
        for r in csv.DictReader(lines)
    }


def compare(
    reactions: Iterable[tuple[Sequence[str], Sequence[str]]],
    phases: Sequence[PhaseEnergy],
    measured: dict[str, float],
) -> list[Compared]:
    """Return reactions computed and measured."""
    level = phases[0].level
    found = []
    for reactants, products in reactions:
        known = [
            PhaseEnergy(f, 0.0 if len(elements_of(Composition(f))) == 1 else measured[f], level)
            for f in {Composition(f).reduced_formula for f in (*reactants, *products)}
        ]
        computed = reaction(reactants, products, phases)
        found.append(
            Compared(
                computed.equation,
                computed.energy_ev_per_atom,
                reaction(reactants, products, known).energy_ev_per_atom,
            )
        )
    return found


def half_width(errors: Sequence[float]) -> float:
    """Return the 95 % half-width of an error whose mean is taken as zero: t times its rms."""
    rms = float(np.sqrt(np.mean(np.square(errors))))
    return float(stats.t.ppf(0.975, len(errors))) * rms


def main() -> None:
    """Print both lists and their statistics."""
    warnings.filterwarnings("ignore", category=FutureWarning, module="pymatgen")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else data_dir("results/reference") / "phases"
    phases = phase_sets(import_rows(folder))[0].phases
    measured = measured_energies(data_dir("structures") / "formation_energies.csv")
    for title, reactions in (
        ("Non-metals bound on both sides", BOUND),
        ("From a solid non-metal", FROM_ELEMENTS),
    ):
        print(f"\n{title}, eV per atom that takes part (computed, measured, error)")
        found = compare(reactions, phases, measured)
        for c in found:
            print(f"  {c.equation:42s}{c.computed:+8.3f}{c.measured:+8.3f}{c.error:+8.3f}")
        errors = [c.error for c in found]
        print(
            f"  {len(errors)} reactions: mean {np.mean(errors):+.3f}, mean absolute "
            f"{np.mean(np.abs(errors)):.3f}, 95 % half-width {half_width(errors):.2f}"
        )


if __name__ == "__main__":
    main()
