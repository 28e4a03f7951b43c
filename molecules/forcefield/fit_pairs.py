"""Fit the Lennard-Jones parameters of alkali ions with donor atoms to complexes by DFT.

Usage: python molecules/forcefield/fit_pairs.py

Target: binding energies (counterpoise-corrected) and distances of the B3LYP-D3(BJ)/def2-SVPD
complexes in ``results/reference/molecules``, with the charges of the ions in full. A row of
``CLASSES`` shares one sigma and one epsilon; they are found by least squares on relaxed
complexes, with 0.05 eV and 0.03 A as the unit of the errors. Prints YAML for
``opls_clp_pair.yaml``. What they are worth is shown by ``benchmarks/force_field_complexes.py``.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from ase.io import read
from numpy.typing import NDArray
from scipy.optimize import least_squares

from potash.engines.topology import Molecule, PairTerm
from potash.errors import PotashError
from potash.liquids.forcefield import load_force_field
from potash.liquids.gas_phase import binding, in_order_of
from potash.liquids.typing import parameterise
from potash.resources import data_dir
from potash.store import import_rows

CATIONS = {"K": "k_plus", "Na": "na_plus", "Li": "li_plus"}
DONORS = ("N", "O", "F")
# Of the shortest distance: what belongs to the first shell of the ion.
SHELL = 1.12
ENERGY_EV, DISTANCE_ANGSTROM = 0.05, 0.03
LARGEST_DISTANCE_ERROR = 10.0
STARTS_ANGSTROM = (0.0, -0.3, 0.3)
# Cation, donor types, complexes with these ligands; first guess of sigma (A) and epsilon (kJ/mol).
CLASSES = (
    ("K", ("O_ether",), ("dimethyl_ether", "dme", "thf", "g2", "methf"), (2.5, 10.0)),
    ("K", ("O_acetal",), ("dx13", "dol", "dimethoxymethane"), (2.6, 10.0)),
    ("K", ("O_carbonyl_carbonate",), ("ec", "pc", "dmc", "dec"), (2.4, 20.0)),
    ("K", ("O_carbonyl_vinylene",), ("vc",), (2.6, 5.0)),
    ("K", ("O_phosphoryl", "O_phosphate"), ("tep", "tmp"), (2.5, 11.0)),
    ("K", ("O_amide",), ("dma",), (2.4, 15.0)),
    ("K", ("N_nitrile",), ("acetonitrile", "adn"), (2.6, 10.0)),
    ("Na", ("O_ether",), ("dimethyl_ether", "dme"), (2.1, 15.0)),
    ("Na", ("O_carbonyl_carbonate",), ("ec",), (2.0, 20.0)),
    ("Na", ("O_phosphoryl", "O_phosphate"), ("tep", "tmp"), (2.1, 15.0)),
    ("Li", ("O_ether",), ("dimethyl_ether", "dme"), (1.8, 15.0)),
    ("Li", ("O_carbonyl_carbonate",), ("ec",), (1.6, 30.0)),
    ("Li", ("O_phosphoryl", "O_phosphate"), ("tep", "tmp"), (1.7, 20.0)),
)


@dataclass(frozen=True)
class Target:
    """A complex by DFT.

    Attributes
    ----------
    item, cation, ligands
        Label, symbol of the ion, ids of the rest.
    molecules, positions_angstrom
        The parts with charges in full, the ion first, and their geometry.
    donors
        Indices (counted over the whole complex) of the atoms next to the ion.
    energy_ev, distances_angstrom
        Binding energy, and distance to each donor.
    """

    item: str
    cation: str
    ligands: tuple[str, ...]
    molecules: tuple[Molecule, ...]
    positions_angstrom: tuple[NDArray[np.float64], ...]
    donors: tuple[int, ...]
    energy_ev: float
    distances_angstrom: NDArray[np.float64]

    @property
    def charge(self) -> int:
        """Charge of the ligands together."""
        return sum(m.formal_charge for m in self.molecules[1:])

    @property
    def donor_types(self) -> frozenset[str]:
        """Types of the donor atoms."""
        types = [t for m in self.molecules for t in m.types]
        return frozenset(types[i] for i in self.donors)


@dataclass(frozen=True)
class Found:
    """A complex with a force field: binding energy (eV), distances to the donors (A)."""

    energy_ev: float
    distances_angstrom: NDArray[np.float64]


@cache
def targets() -> tuple[Target, ...]:
    """Return the complexes by DFT whose parts the force field knows, each ion pair once."""
    rows = [
        r
        for r in import_rows(data_dir("results/reference") / "molecules")
        if r.kind == "complex" and r.level == "standard" and r.status == "ok"
    ]
    found: dict[str, Target] = {}
    for row in sorted(rows, key=lambda r: (r.item, r.started)):
        symbols = {v: k for k, v in CATIONS.items()}
        parts = row.provenance["inputs"]["parts"]
        labels = [symbols.get(p["label"], p["label"]) for p in parts]
        if labels[0] not in CATIONS or set(labels[1:]) & set(CATIONS):
            continue
        try:
            molecules = tuple(
                parameterise(
                    CATIONS.get(label, label),
                    load_force_field(),
                    smiles=part["smiles"] or "",
                    charge_scale=1.0,
                )
                for label, part in zip(labels, parts, strict=True)
            )
        except PotashError:
            continue
        atoms = read(io.StringIO(row.structures["geometry"]), format="extxyz")
        edges = np.cumsum([0, *(m.n_atoms for m in molecules)])
        positions = tuple(
            in_order_of(m, atoms.get_chemical_symbols()[a:b], atoms.positions[a:b])
            for m, a, b in zip(molecules, edges[:-1], edges[1:], strict=True)
        )
        elements = [e for m in molecules for e in m.elements]
        distance = np.linalg.norm(np.vstack(positions) - positions[0], axis=1)
        near = [i for i, e in enumerate(elements) if i and e in DONORS]
        shell = SHELL * min(distance[i] for i in near)
        donors = tuple(i for i in near if distance[i] <= shell)
        found[row.item] = Target(
            item=row.item,
            cation=labels[0],
            ligands=tuple(labels[1:]),
            molecules=molecules,
            positions_angstrom=positions,
            donors=donors,
            energy_ev=float(row.values["binding_energy_counterpoise_ev"]),
            distances_angstrom=distance[list(donors)],
        )
    return tuple(found.values())


def evaluated(
    target: Target,
    pairs: Mapping[tuple[str, str], tuple[float, float]] | Sequence[PairTerm],
    *,
    rigid: bool = False,
    molecules: Sequence[Molecule] = (),
) -> Found:
    """Return energy and distances with the given pairs of (cation, donor type).

    ``molecules`` replaces the parts, for instance by ones with scaled charges.
    """
    terms = (
        [PairTerm(*key, *value) for key, value in pairs.items()]
        if isinstance(pairs, Mapping)
        else pairs
    )
    out = binding(
        molecules or target.molecules, target.positions_angstrom, pairs=terms, rigid=rigid
    )
    where = out.positions_angstrom
    return Found(out.energy_ev, np.linalg.norm(where[list(target.donors)] - where[0], axis=1))


def fit(cation: str, donors: tuple[str, ...], members: list[Target], guess: tuple[float, float]):
    """Return sigma (A) and epsilon (kJ/mol) of a class, and the root of its cost."""

    def pairs(x: np.ndarray) -> dict[tuple[str, str], tuple[float, float]]:
        return {(cation, donor): (float(x[0]), float(np.exp(x[1]))) for donor in donors}

    def errors(x: np.ndarray) -> np.ndarray:
        out = []
        for target in members:
            found = evaluated(target, pairs(x))
            out.append((found.energy_ev - target.energy_ev) / ENERGY_EV)
            off = (found.distances_angstrom - target.distances_angstrom) / DISTANCE_ANGSTROM
            limit = LARGEST_DISTANCE_ERROR
            out += list(np.clip(off, -limit, limit) / max(len(off), 1) ** 0.5)
        return np.array(out)

    solved = [
        least_squares(errors, (guess[0] + shift, np.log(guess[1])), diff_step=1e-3, max_nfev=40)
        for shift in STARTS_ANGSTROM
    ]
    best = min(solved, key=lambda s: s.cost)
    return float(best.x[0]), float(np.exp(best.x[1])), float((2 * best.cost) ** 0.5)


def main() -> None:
    """Fit every class that has a complex, and print it."""
    known = targets()
    for cation, donors, ligands, guess in CLASSES:
        members = [t for t in known if t.cation == cation and t.ligands in [(x,) for x in ligands]]
        if not members:
            print(f"# {cation} {donors[0]}: no complex", flush=True)
            continue
        sigma, epsilon, cost = fit(cation, donors, members, guess)
        print(f"# {', '.join(t.item for t in members)}: {cost:.2f}")
        for donor in donors:
            print(
                f"  - {{cation: {cation}, donor: {donor}, sigma: {sigma:.4f},"
                f" epsilon: {epsilon:.4f}, source: dft_complexes}}",
                flush=True,
            )


if __name__ == "__main__":
    main()
