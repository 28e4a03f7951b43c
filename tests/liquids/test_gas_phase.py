"""Complexes in vacuum: atoms in another order, energies by hand, and the fitted complexes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from potash.engines.topology import Molecule, PairTerm
from potash.errors import InputError
from potash.liquids.forcefield import load_force_field
from potash.liquids.gas_phase import binding, in_order_of
from potash.liquids.typing import parameterise
from potash.units import KJ_MOL_EV

COULOMB_KJ_A_MOL_E2 = 1389.35458
FF = load_force_field("opls-clp-pair")


def ion(species: str) -> Molecule:
    return parameterise(species, FF, charge_scale=1.0)


def test_two_ions_bind_as_their_formula_says() -> None:
    """Li+ and a single charged atom: Coulomb and a given 12-6, minimised on a line."""
    lithium = ion("li_plus")
    other = Molecule("x", "X", ("X",), ("F",), (19.0,), (-1.0,), (3.0,), (0.5,), types=("X",))
    pair = PairTerm("Li", "X", 2.0, 3.0)

    def energy(r: float) -> float:
        return 12.0 * ((2.0 / r) ** 12 - (2.0 / r) ** 6) - COULOMB_KJ_A_MOL_E2 / r

    best = minimize_scalar(energy, bounds=(1.0, 3.0), method="bounded", options={"xatol": 1e-6})
    found = binding([lithium, other], [np.zeros((1, 3)), np.array([[2.5, 0, 0]])], pairs=[pair])
    r = np.linalg.norm(found.positions_angstrom[1] - found.positions_angstrom[0])
    assert r == pytest.approx(best.x, abs=1e-3)
    assert found.energy_ev == pytest.approx(-best.fun * KJ_MOL_EV, rel=1e-5)
    kept = binding(
        [lithium, other], [np.zeros((1, 3)), np.array([[2.5, 0, 0]])], pairs=[pair], rigid=True
    )
    assert kept.energy_ev == pytest.approx(-energy(2.5) * KJ_MOL_EV, rel=1e-5)


def test_a_shuffled_molecule_is_put_in_order() -> None:
    dme = parameterise("dme", FF)
    where = np.array(dme.positions_angstrom)
    shuffled = np.random.default_rng(3).permutation(dme.n_atoms)
    found = in_order_of(dme, [dme.elements[i] for i in shuffled], where[shuffled])
    bonds = [np.linalg.norm(found[i] - found[j]) for i, j, *_ in dme.bonds]
    assert bonds == pytest.approx(
        [np.linalg.norm(where[i] - where[j]) for i, j, *_ in dme.bonds], abs=0.05
    )
    with pytest.raises(InputError, match="not one of dme"):
        in_order_of(dme, ["C"] * dme.n_atoms, where)


@pytest.mark.parametrize(
    ("species", "energy_ev", "distance_angstrom"),
    [
        ("ec", 1.278, 2.469),  # B3LYP-D3(BJ)/def2-SVPD, results/reference/molecules
        ("thf", 1.027, 2.536),
    ],
)
def test_fitted_complexes_have_energy_and_distance_of_dft(
    species: str, energy_ev: float, distance_angstrom: float
) -> None:
    """The pairs as shipped, in full and with charges in full; without them 0.35 eV are missing."""
    molecule = parameterise(species, FF)
    where = np.array(molecule.positions_angstrom)
    donor = min(
        (i for i, e in enumerate(molecule.elements) if e == "O"),
        key=lambda i: len([b for b in molecule.bonds if i in b[:2]]),
    )
    heavy = [i for i, e in enumerate(molecule.elements) if e != "H"]
    outward = where[donor] - where[heavy].mean(axis=0)
    potassium = where[donor] + 2.7 * outward / np.linalg.norm(outward)
    parts, positions = [ion("k_plus"), molecule], [potassium[None], where]
    types = {*parts[0].types, *molecule.types}
    full = binding(parts, positions, pairs=FF.pair_terms(types, share=1.0))
    plain = binding(parts, positions)
    r = np.linalg.norm(full.positions_angstrom[1 + donor] - full.positions_angstrom[0])
    assert full.energy_ev == pytest.approx(energy_ev, abs=0.17)
    assert r == pytest.approx(distance_angstrom, abs=0.05)
    assert plain.energy_ev < energy_ev - 0.3
