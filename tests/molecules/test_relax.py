from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from potash.engines.xtb import XtbEngine
from potash.errors import CalculationError
from potash.molecules import relax as room
from potash.molecules.conformers import Search, embed, parse_smiles
from potash.molecules.relax import model_hessian, relax, relax_with

Array = NDArray[np.float64]


def _angle(x: Array) -> float:
    u, v = x[0] - x[1], x[2] - x[1]
    return float(np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v)))


def _dihedral(x: Array) -> float:
    b1, b2, b3 = x[1] - x[0], x[2] - x[1], x[3] - x[2]
    n1, n2 = np.cross(b1, b2), np.cross(b2, b3)
    return float(np.arctan2(np.cross(n1, n2) @ b2 / np.linalg.norm(b2), n1 @ n2))


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_internal_coordinate_derivatives_match_finite_differences(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(4, 3))
    bend, torsion = room._bend_rows(*x[:3]), room._torsion_rows(*x)
    for rows, value, n in ((bend, _angle, 3), (torsion, _dihedral, 4)):
        if rows is None:
            continue
        for i in range(n):
            for axis in range(3):
                shift = np.zeros((n, 3))
                shift[i, axis] = 1e-6
                change = value(x[:n] + shift) - value(x[:n] - shift)
                change = (change + np.pi) % (2 * np.pi) - np.pi
                assert change / 2e-6 == pytest.approx(rows[i, axis], rel=1e-3, abs=1e-4)


def test_model_hessian_is_symmetric_positive_and_stiffest_along_the_bond() -> None:
    x = np.array([[0.0, 0, 0], [0, 0, 1.1]])
    hessian = model_hessian([6, 8], x)
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-10)
    values, vectors = np.linalg.eigh(hessian)
    assert values.min() > 0
    stretch = np.abs(vectors[:, -1])
    np.testing.assert_allclose(stretch, np.sqrt(0.5) * np.array([0, 0, 1, 0, 0, 1]), atol=1e-6)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_a_harmonic_molecule_relaxes_to_its_minimum(seed: int) -> None:
    generator = np.random.default_rng(seed)
    goal = np.array([[0.0, 0, 0], [1.4, 0, 0], [1.9, 1.4, 0.3]])
    a = generator.normal(size=(9, 9))
    curvature = 5.0 * (a @ a.T / 9 + np.eye(9))

    def harmonic(x: Array) -> tuple[float, Array]:
        d = (x - goal).ravel()
        return float(0.5 * d @ curvature @ d), (curvature @ d).reshape(3, 3)

    found = relax(
        [6, 8, 6], goal + 0.2 * generator.normal(size=(3, 3)), harmonic, force_ev_angstrom=1e-3
    )
    assert found.converged
    assert found.energy_ev < 1e-6
    np.testing.assert_allclose(found.positions, goal, atol=1e-3)


def test_relaxation_lowers_the_energy_and_reaches_the_threshold() -> None:
    mol = parse_smiles("COCCOC")
    full, _ = embed(mol, seed=1, search=Search(per_rotor=0, most=1))
    numbers = [a.GetAtomicNum() for a in full.GetAtoms()]
    engine = XtbEngine(numbers)

    def gfn2(x: Array) -> tuple[float, Array]:
        result = engine.evaluate(x)
        return result.energy_ev, result.gradient_ev_angstrom

    start = np.array(full.GetConformer(0).GetPositions())
    found = relax(numbers, start, gfn2)
    assert found.converged
    assert found.energy_ev < gfn2(start)[0]
    assert np.linalg.norm(gfn2(found.positions)[1], axis=1).max() < 0.021
    assert found.evaluations < 30


def test_a_step_into_a_forbidden_place_is_taken_back() -> None:
    def walled(x: Array) -> tuple[float, Array]:
        distance = float(np.linalg.norm(x[1] - x[0]))
        if distance < 1.0:
            raise CalculationError("too close")
        direction = (x[1] - x[0]) / distance
        slope = 20.0 * (distance - 1.05)
        return 10.0 * (distance - 1.05) ** 2, np.array([-slope * direction, slope * direction])

    found = relax([6, 6], np.array([[0.0, 0, 0], [0, 0, 2.4]]), walled)
    assert found.converged
    assert np.linalg.norm(found.positions[1] - found.positions[0]) == pytest.approx(1.05, abs=2e-3)


def test_a_single_atom_needs_one_evaluation() -> None:
    found = relax([19], np.zeros((1, 3)), lambda x: (1.0, np.ones_like(x)))
    assert (found.evaluations, found.converged) == (1, True)


def test_giving_up_far_from_a_minimum_is_an_error() -> None:
    def slope(x: Array) -> tuple[float, Array]:
        return float(x[0, 0]), np.array([[1.0, 0, 0], [0, 0, 0]])

    with pytest.raises(CalculationError, match="slope: not relaxed after 5 steps"):
        relax_with([1, 1], np.eye(2, 3), slope, what="slope", max_evaluations=5)
