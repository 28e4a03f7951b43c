from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from potash.engines import pyscf as dft
from potash.engines.dft_method import (
    B3LYP_D3_SVP,
    B3LYP_D3_SVPD,
    B3LYP_SVP,
    B3LYP_SVPD,
    DftMethod,
    method_from_json,
)
from potash.engines.molecule_levels import standard_level
from potash.errors import CalculationError, RefusedError
from potash.structures.molecule import Structure

POSITIONS = np.array([[0.0, 0.0, 0.117], [0.0, 0.757, -0.469], [0.0, -0.757, -0.469]])
WATER = Structure((8, 1, 1), POSITIONS)


def pair(z: int, distance: float) -> Structure:
    return Structure((z, z), np.array([[0.0, 0, 0], [0, 0, distance]]))


def atom(z: int, charge: int = 0, unpaired: int = 0) -> Structure:
    return Structure((z,), np.zeros((1, 3)), charge, unpaired)


def test_hydrogen_atom_has_one_electron_and_half_a_hartree() -> None:
    result = dft.single_point(atom(1, unpaired=1), DftMethod("hf", "def2-TZVPD"))
    assert result.energy_ev == pytest.approx(-13.6057, abs=0.01)
    assert result.s_squared == pytest.approx(0.75, abs=1e-6)
    assert result.spin_contamination == pytest.approx(0.0, abs=1e-6)


def test_gradient_is_the_derivative_of_the_energy_with_dispersion() -> None:
    engine = dft.DftEngine(WATER.numbers, charge=0, unpaired=0, method=B3LYP_D3_SVP)
    gradient = engine.evaluate(POSITIONS, gradient=True).gradient_ev_angstrom
    assert gradient is not None
    shift = np.zeros((3, 3))
    shift[1, 1] = 2e-3
    plus, minus = (engine.evaluate(POSITIONS + s).energy_ev for s in (shift, -shift))
    assert (plus - minus) / 4e-3 == pytest.approx(gradient[1, 1], abs=0.01)


def test_ghost_functions_lower_the_energy_and_carry_no_electrons() -> None:
    alone = dft.single_point(atom(2), B3LYP_SVP)
    helped = dft.single_point(pair(2, 2.0), B3LYP_SVP, ghosts=[1])
    assert -0.05 < helped.energy_ev - alone.energy_ev < 0
    assert helped.charges_e.sum() == pytest.approx(0.0, abs=1e-6)


def test_ghosts_do_not_disperse() -> None:
    energies = [
        dft.single_point(pair(2, 3.0), method, ghosts=[1]).energy_ev
        for method in (B3LYP_D3_SVPD, B3LYP_SVPD)
    ]
    assert energies[0] == pytest.approx(energies[1], abs=1e-6)


def test_continuum_of_permittivity_one_is_vacuum_and_water_stabilises() -> None:
    def energy(medium: float | None) -> float:
        method = B3LYP_SVP.in_medium(medium)
        return dft.single_point(WATER, method).energy_ev

    vacuum = energy(None)
    assert energy(1.0) == pytest.approx(vacuum, abs=1e-3)
    assert -1.0 < energy(78.4) - vacuum < -0.1


def test_orbital_shares_sum_to_one_and_follow_symmetry() -> None:
    result = dft.single_point(pair(1, 0.74), B3LYP_SVP)
    np.testing.assert_allclose(result.lumo_populations, [0.5, 0.5], atol=1e-6)


def test_heavy_atoms_use_effective_core_potentials() -> None:
    iodide = dft.single_point(atom(53, charge=-1), B3LYP_SVPD)
    # 26 electrons outside a core of 28; all electrons together would lie near -190,000 eV.
    assert -9_000 < iodide.energy_ev < -7_000


def test_method_survives_json() -> None:
    for method in (B3LYP_SVP, B3LYP_D3_SVPD, B3LYP_SVPD.in_medium(7.2)):
        assert method_from_json(method.as_json()) == method
    assert B3LYP_D3_SVPD.label == "B3LYP-D3(BJ)/def2-SVPD"


def test_level_refuses_what_is_out_of_reach() -> None:
    level = standard_level()
    assert level.name == "standard"
    level.check({"K"}, charge=1)
    with pytest.raises(RefusedError):
        level.check({"C"}, n_atoms=200)


def test_the_second_order_solver_takes_over_where_diis_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = dft.single_point(WATER, B3LYP_SVP)
    original = dft.DftEngine._solver

    def impatient(self: dft.DftEngine, molecule: object) -> object:
        solver = original(self, molecule)
        solver.max_cycle = 1
        return solver

    monkeypatch.setattr(dft.DftEngine, "_solver", impatient)
    found = dft.single_point(WATER, B3LYP_SVP)
    assert found.second_order
    assert not expected.second_order
    assert found.energy_ev == pytest.approx(expected.energy_ev, abs=1e-4)
    # The energy is stationary in the density, orbital energies are not: their error is
    # of the order of the square root of the threshold of 1e-6 hartree.
    assert found.homo_ev == pytest.approx(expected.homo_ev, abs=1e-2)


def test_no_convergence_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def hopeless(self: dft.DftEngine, molecule: object) -> object:
        from pyscf import scf

        solver = scf.RHF(molecule)
        solver.max_cycle = 0
        solver.newton = lambda: solver
        solver.kernel = lambda *_a, **_k: None
        solver.converged = False
        return solver

    monkeypatch.setattr(dft.DftEngine, "_solver", hopeless)
    monkeypatch.setattr(dft.DftEngine, "_first_guess", lambda *_arguments: None)
    with pytest.raises(CalculationError, match=r"did not converge at charge \+1, 1 unpaired"):
        dft.single_point(replace(WATER, charge=1, unpaired=1), B3LYP_SVP)


def test_moved_hole_and_electron_keep_the_number_of_electrons() -> None:
    occupations = np.array([[1.0, 1, 1, 0, 0], [1.0, 1, 0, 0, 0]])
    holes = dft._moved_occupations(occupations, "hole")
    assert [o[1].tolist() for o in holes] == [[1, 0, 1, 0, 0], [0, 1, 1, 0, 0]]
    electrons = dft._moved_occupations(occupations, "electron")
    assert [o[0].tolist() for o in electrons] == [[1, 1, 0, 1, 0], [1, 1, 0, 0, 1]]
    for moved in (*holes, *electrons):
        assert moved.sum() == occupations.sum()


def test_moves_that_do_not_exist_are_left_out() -> None:
    assert dft._moved_occupations(np.array([[1.0], [0.0]]), "hole") == []
    assert dft._moved_occupations(np.array([[1.0, 0], [0.0, 0]]), "electron")[0][0].tolist() == [
        0.0,
        1.0,
    ]


def test_coarse_first_guess_does_not_change_the_converged_energy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def energy() -> float:
        return dft.single_point(WATER, B3LYP_SVP).energy_ev

    guessed = energy()
    monkeypatch.setattr(dft.DftEngine, "_first_guess", lambda *_arguments: None)
    assert energy() == pytest.approx(guessed, abs=1e-4)


@pytest.mark.physics
def test_moving_the_hole_never_gives_a_higher_cation() -> None:
    plain, moved = (
        dft.single_point(replace(WATER, charge=1, unpaired=1), B3LYP_SVP, moved=choice).energy_ev
        for choice in (None, "hole")
    )
    assert moved <= plain + 1e-4
