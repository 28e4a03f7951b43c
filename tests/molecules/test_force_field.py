from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdForceFieldHelpers

from potash.engines.xtb import XtbEngine
from potash.molecules.conformers import embed
from potash.molecules.force_field import clean_conformers, force_field_hessian
from potash.results.species import ConformerSearch
from potash.structures.smiles import parse_smiles
from potash.units import KCAL_MOL_EV


def _embedded(smiles: str) -> Chem.Mol:
    return embed(parse_smiles(smiles), seed=1, search=ConformerSearch(per_rotor=0, most=1))[0]


def test_hessian_is_that_of_the_energy() -> None:
    mol = _embedded("CCO")
    x = np.array(mol.GetConformer().GetPositions()).ravel()
    hessian = force_field_hessian(mol, x.reshape(-1, 3))
    assert hessian is not None
    types = rdForceFieldHelpers.MMFFGetMoleculeProperties(mol)
    field = rdForceFieldHelpers.MMFFGetMoleculeForceField(mol, types)
    generator = np.random.default_rng(0)
    for _ in range(10):
        d = generator.normal(size=len(x))
        d *= 0.02 / np.linalg.norm(d)
        curvature = sum(
            w * field.CalcEnergy((x + s * d).tolist()) for s, w in ((1, 1), (0, -2), (-1, 1))
        )
        expected = curvature * KCAL_MOL_EV / (d @ d)
        assert d @ hessian @ d / (d @ d) == pytest.approx(expected, rel=0.02, abs=0.05)


def test_hessian_is_positive_definite_and_resembles_tight_binding() -> None:
    mol = _embedded("COC")
    x = np.array(mol.GetConformer().GetPositions())
    hessian = force_field_hessian(mol, x)
    assert hessian is not None
    values = np.linalg.eigvalsh(hessian)
    assert values.min() > 0.01
    engine = XtbEngine([a.GetAtomicNum() for a in mol.GetAtoms()])
    rows = []
    for i in range(x.size):
        shift = np.zeros(x.size)
        shift[i] = 0.005
        ahead, behind = (
            engine.evaluate(x + s * shift.reshape(x.shape)).gradient_ev_angstrom.ravel()
            for s in (1, -1)
        )
        rows.append((ahead - behind) / 0.01)
    gfn2 = np.linalg.eigvalsh(np.array(rows))
    np.testing.assert_allclose(values[-12:], gfn2[-12:], rtol=0.3)


def test_uff_serves_where_mmff_has_no_types() -> None:
    mol = _embedded("CB(C)C")
    assert not rdForceFieldHelpers.MMFFHasAllMoleculeParams(mol)
    hessian = force_field_hessian(mol, np.array(mol.GetConformer().GetPositions()))
    assert hessian is not None
    assert np.linalg.eigvalsh(hessian).min() > 0.01


def test_without_types_nothing_is_moved_and_there_is_no_hessian() -> None:
    mol = Chem.AddHs(Chem.MolFromSmiles("F[Xe]F"))
    conformer = Chem.Conformer(3)
    for i, z in enumerate((-2.0, 0.0, 2.0)):
        conformer.SetAtomPosition(i, [0.0, 0.0, z])
    mol.AddConformer(conformer)
    before = np.array(mol.GetConformer().GetPositions())
    assert clean_conformers(mol) == [0.0]
    np.testing.assert_array_equal(mol.GetConformer().GetPositions(), before)
    assert force_field_hessian(mol, before) is None
