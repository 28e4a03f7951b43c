"""The force fields against DFT: energies and distances of alkali-ion complexes.

Usage: python benchmarks/force_field_complexes.py [--share S] [--scale S]

Reads the ``standard`` complexes of ``results/reference/molecules`` (B3LYP-D3(BJ)/def2-SVPD,
counterpoise-corrected) whose parts the force field knows, relaxes each with ``opls-clp`` and
``opls-clp-pair`` in vacuum, the charges of the ions in full, and prints energies (eV,
positive = bound) and the mean distance of the ion to its donor atoms (A). ``left out`` is
the prediction with the parameters of the class fitted without that complex, for classes of
three or more. Ion pairs are listed apart: no pair terms are fitted to them, and PF6-
is compared with its parts kept rigid, because with full charges its angles give way.

For comparison the complexes of K+ with molecules are also given mixed 12-6 parameters and the
attraction of a charge and an induced dipole, -f alpha q^2 / (8 pi eps0 r^4) (Li and Merz, J. Chem.
Theory Comput. 10 (2014) 289, doi:10.1021/ct400751u), with OpenMM; alpha of the elements from
Lippincott and Stutman (J. Phys. Chem. 68 (1964) 2926, doi:10.1021/j100792a033), and the one
factor f that suits all best.

The last table is with the charges and the share of the pair terms that liquids take.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from potash.engines.topology import PairTerm
from potash.liquids.forcefield import ForceField, load_force_field
from potash.liquids.typing import parameterise

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "molecules" / "forcefield"))

from fit_pairs import CLASSES, Found, Target, evaluated, fit, targets

OLD, NEW = "opls-clp", "opls-clp-pair"
RIGID = ("pf6_minus",)
LEAST_CLASS = 3
COULOMB_KJ_A_MOL_E2 = 1389.35458
POLARISABILITY_A3 = {"H": 0.592, "C": 0.978, "N": 0.743, "O": 0.592, "P": 2.367, "S": 1.820}


def predicted(target: Target, force_field: ForceField, *, share: float = 1.0) -> Found:
    """Return a complex with a force field, the charges of the ions in full."""
    types = {t for m in target.molecules for t in m.types}
    terms = force_field.pair_terms(types, share)
    return evaluated(target, terms, rigid=bool(set(target.ligands) & set(RIGID)))


def left_out(target: Target, known: Sequence[Target]) -> float | None:
    """Return the energy with the class of the complex fitted to its other members, if >= 2."""
    for cation, donors, ligands, guess in CLASSES:
        members = [t for t in known if t.cation == cation and t.ligands in [(x,) for x in ligands]]
        if target in members and len(members) >= LEAST_CLASS:
            others = [t for t in members if t is not target]
            sigma, epsilon, _ = fit(cation, donors, others, guess)
            pairs = {(cation, donor): (sigma, epsilon) for donor in donors}
            return evaluated(target, pairs).energy_ev
    return None


def table(known: Sequence[Target], share: float) -> None:
    """Print complex by complex, and the mean absolute errors."""
    old, new = load_force_field(OLD), load_force_field(NEW)
    print(f"{'complex':28s} {'DFT':>6s} {'old':>6s} {'new':>6s} {'left out':>8s}"
          f" {'r DFT':>6s} {'r old':>6s} {'r new':>6s}")  # fmt: skip
    errors: dict[str, list[tuple[float, float, float, float, float]]] = {}
    for target in sorted(known, key=lambda t: (t.charge < 0, t.cation, t.item)):
        before = predicted(target, old)
        after = predicted(target, new, share=share)
        without = left_out(target, known) if share == 1.0 else None
        r = [float(x.distances_angstrom.mean()) for x in (target, before, after)]
        print(
            f"{target.item:28s} {target.energy_ev:6.2f} {before.energy_ev:6.2f}"
            f" {after.energy_ev:6.2f} {'' if without is None else f'{without:.2f}':>8s}"
            f" {r[0]:6.2f} {r[1]:6.2f} {r[2]:6.2f}"
        )
        group = "ion pairs" if target.charge < 0 else f"{target.cation}+ with molecules"
        best = after.energy_ev if without is None else without
        errors.setdefault(group, []).append(
            (
                before.energy_ev - target.energy_ev,
                after.energy_ev - target.energy_ev,
                best - target.energy_ev,
                r[1] - r[0],
                r[2] - r[0],
            )
        )
    for group, values in errors.items():
        mean = np.abs(values).mean(axis=0)
        print(
            f"{group} ({len(values)}): mean absolute error {mean[0]:.2f} eV old, {mean[1]:.2f} new,"
            f" {mean[2]:.2f} with classes of {LEAST_CLASS} left out;"
            f" {mean[3]:.2f} A old, {mean[4]:.2f} new"
        )


def induced(target: Target, factor: float) -> Found:
    """Return a complex of K+ with mixed 12-6 parameters and the r^-4 term times a factor."""
    elements = [e for m in target.molecules[1:] for e in m.elements]
    types = [t for m in target.molecules[1:] for t in m.types]
    ion = target.molecules[0]
    terms = {}
    for molecule in target.molecules[1:]:
        for i, name in enumerate(molecule.types):
            sigma, epsilon = ion.lennard_jones(0, molecule, i)
            alpha = POLARISABILITY_A3[dict(zip(types, elements, strict=True))[name]]
            c4 = factor * COULOMB_KJ_A_MOL_E2 / 2 * alpha
            # A hydrogen without Lennard-Jones terms has no sigma either.
            terms[name] = PairTerm(ion.types[0], name, sigma or 1.0, epsilon, c4)
    return evaluated(target, list(terms.values()))


def induction_table(known: Sequence[Target]) -> None:
    """Print K+ with molecules by the r^-4 term, at the factor that suits all best."""
    molecules = [t for t in known if t.cation == "K" and t.charge == 0]

    def errors(factor: float) -> NDArray[np.float64]:
        return np.array([induced(t, factor).energy_ev - t.energy_ev for t in molecules])

    best = minimize_scalar(
        lambda f: float(np.abs(errors(f)).mean()),
        bounds=(0.0, 1.2),
        method="bounded",
        options={"xatol": 0.02},
    )
    print(f"\nmixed 12-6 and r^-4 times {best.x:.2f}: mean absolute error {best.fun:.2f} eV")
    for target in molecules:
        found = induced(target, best.x)
        ours, theirs = found.distances_angstrom.mean(), target.distances_angstrom.mean()
        print(
            f"{target.item:28s} {found.energy_ev:6.2f} ({target.energy_ev:.2f} by DFT),"
            f" {ours:.2f} A ({theirs:.2f})"
        )


def liquid_table(known: Sequence[Target]) -> None:
    """Print the binding with the charges and the share that liquids take."""
    print("\nas in liquids (scaled charges of ions, share of the pair terms), eV:")
    for target in known:
        line = f"{target.item:28s}"
        for name in (OLD, NEW):
            field = load_force_field(name)
            scaled = [
                parameterise(
                    m.species, field, smiles=_smiles(m.species), charge_scale=field.ion_charge_scale
                )
                if m.formal_charge
                else m
                for m in target.molecules
            ]
            terms = field.pair_terms({t for m in scaled for t in m.types})
            rigid = bool(set(target.ligands) & set(RIGID))
            found = evaluated(target, terms, molecules=scaled, rigid=rigid)
            line += f" {name} {found.energy_ev:.2f}"
        print(line)


def _smiles(species: str) -> str:
    entry = load_force_field(OLD).species.get(species)
    return entry.smiles if entry else ""


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--share", type=float, default=1.0)
    given = options.parse_args()
    known = targets()
    table(known, given.share)
    induction_table(known)
    liquid_table(known)


if __name__ == "__main__":
    main()
