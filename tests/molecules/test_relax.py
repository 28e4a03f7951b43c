from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdMolTransforms

from potash.engines.xtb import XtbEngine
from potash.errors import CalculationError
from potash.molecules.conformers import embed
from potash.molecules.force_field import force_field_hessian
from potash.molecules.relax import EnergyGradient, positive_definite, relax, relax_with
from potash.results.species import ConformerSearch
from potash.structures.smiles import parse_smiles

Array = NDArray[np.float64]


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


def _gfn2(numbers: list[int]) -> EnergyGradient:
    engine = XtbEngine(numbers)

    def energy_gradient(x: Array) -> tuple[float, Array]:
        result = engine.evaluate(x)
        return result.energy_ev, result.gradient_ev_angstrom

    return energy_gradient


def _embedded(smiles: str) -> tuple[Chem.Mol, list[int], Array]:
    full, _ = embed(parse_smiles(smiles), seed=1, search=ConformerSearch(per_rotor=0, most=1))
    numbers = [a.GetAtomicNum() for a in full.GetAtoms()]
    return full, numbers, np.array(full.GetConformer(0).GetPositions())


def test_relaxation_lowers_the_energy_and_reaches_the_threshold() -> None:
    _, numbers, start = _embedded("COCCOC")
    gfn2 = _gfn2(numbers)
    found = relax(numbers, start, gfn2)
    assert found.converged
    assert found.energy_ev < gfn2(start)[0]
    assert np.linalg.norm(gfn2(found.positions)[1], axis=1).max() < 0.021
    assert found.evaluations < 20


@pytest.mark.parametrize("smiles", ["COCCOC", "O=C(C)OCC#N", "CS(=O)(=O)CC"])
def test_a_force_field_hessian_saves_gradients_and_changes_no_minimum(smiles: str) -> None:
    full, numbers, start = _embedded(smiles)
    model = relax(numbers, start, _gfn2(numbers))
    helped = relax(numbers, start, _gfn2(numbers), hessian=force_field_hessian(full, start))
    assert helped.converged
    assert helped.evaluations <= model.evaluations
    assert helped.energy_ev == pytest.approx(model.energy_ev, abs=5e-3)  # 0.1 kcal/mol


def test_the_first_step_is_the_newton_step_of_the_hessian_given() -> None:
    """With the exact Hessian of a harmonic molecule, and small steps, one step is enough."""
    _, numbers, goal = _embedded("CO")
    generator = np.random.default_rng(2)
    a = generator.normal(size=(goal.size, goal.size))
    curvature = 20.0 * (a @ a.T / goal.size + np.eye(goal.size))

    def harmonic(x: Array) -> tuple[float, Array]:
        d = (x - goal).ravel()
        return float(0.5 * d @ curvature @ d), (curvature @ d).reshape(-1, 3)

    start = goal + 1e-4 * generator.normal(size=goal.shape)
    found = relax(numbers, start, harmonic, hessian=curvature, force_ev_angstrom=1e-4)
    assert (found.converged, found.evaluations) == (True, 2)


def test_a_shoulder_is_not_a_minimum() -> None:
    """A long flat slope has small forces everywhere; what is left to gain is not small."""

    def sloping(x: Array) -> tuple[float, Array]:
        d = x[1] - x[0]
        distance = float(np.linalg.norm(d))
        slope = 0.012 * np.tanh(distance - 6.0) * d / distance
        return 0.012 * float(np.log(np.cosh(distance - 6.0))), np.array([-slope, slope])

    start = np.array([[0.0, 0, 0], [0, 0, 3.5]])
    found = relax([6, 6], start, sloping)
    assert found.converged
    assert np.linalg.norm(found.positions[1] - found.positions[0]) == pytest.approx(6.0, abs=0.3)
    assert relax([6, 6], start, sloping, gain_ev=1.0).evaluations == 1


def test_rotation_of_a_group_keeps_its_bonds() -> None:
    """A torsion driven by half a turn relaxes in few gradients: steps follow the rotation."""
    _, numbers, start = _embedded("CCOCC")
    gfn2 = _gfn2(numbers)
    turned = relax(numbers, start, gfn2).positions
    mol = Chem.AddHs(parse_smiles("CCOCC"))
    conformer = Chem.Conformer(len(numbers))
    for i, place in enumerate(turned.tolist()):
        conformer.SetAtomPosition(i, place)
    mol.AddConformer(conformer)
    angle = rdMolTransforms.GetDihedralDeg(mol.GetConformer(), 0, 1, 2, 3)
    rdMolTransforms.SetDihedralDeg(mol.GetConformer(), 0, 1, 2, 3, angle + 45.0)
    found = relax(numbers, np.array(mol.GetConformer().GetPositions()), gfn2)
    assert found.converged
    assert found.energy_ev == pytest.approx(gfn2(turned)[0], abs=1e-3)
    assert found.evaluations < 25


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


@pytest.mark.parametrize("smiles", ["N#CC(C#N)=C(C#N)C#N", "O=C=O", "N#CCCCCC#N"])
@pytest.mark.parametrize("seed", [0, 2])
def test_bends_that_become_straight_do_no_harm(smiles: str, seed: int) -> None:
    _, numbers, flat = _embedded(smiles)
    bent = flat + np.random.default_rng(seed).normal(scale=0.12, size=flat.shape)
    found = relax(numbers, bent, _gfn2(numbers))
    assert found.converged
    assert found.evaluations < 60
    assert found.energy_ev == pytest.approx(
        relax(numbers, flat, _gfn2(numbers)).energy_ev, abs=0.02
    )


def test_positive_definite_takes_the_negative_curvatures_out() -> None:
    modes, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))
    hessian = (modes * [-3.0, -0.1, 0.0, 1.0, 5.0, 50.0]) @ modes.T
    expected = (modes * [0.1, 0.1, 0.1, 1.1, 5.1, 50.1]) @ modes.T
    np.testing.assert_allclose(positive_definite(hessian, floor=0.1), expected, atol=1e-10)
