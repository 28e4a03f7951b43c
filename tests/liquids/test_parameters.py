"""GAFF2 for unknown neutral molecules: same energies as its own programs', never mixed silently."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import openmm
import pytest

from potash.engines import ambertools, gromacs
from potash.engines.md import Settings
from potash.engines.openmm import build_system, energies_kj_mol, make_context
from potash.engines.topology import Topology
from potash.errors import RefusedError
from potash.liquids.box import pack
from potash.liquids.forcefield import load_force_field
from potash.liquids.parameters import is_fallback, molecule_hash, molecule_of, parameter_hash
from potash.liquids.typing import parameterise

FF = load_force_field()
DTD = "O=S1(=O)OCCO1"
DMSO = "CS(C)=O"
needs_ambertools = pytest.mark.skipif(
    ambertools.environment() is None,
    reason="AmberTools is not installed (make gaff)",
)


def ours_kj_mol(topology: Topology, positions: np.ndarray) -> float:
    system = build_system(
        topology, np.eye(3) * 100, Settings(), constrain_hydrogens=False, periodic=False
    )
    context = make_context(system, openmm.VerletIntegrator(0.001), "Reference")
    context.setPositions(positions / 10)
    return energies_kj_mol(context)["total"]


@needs_ambertools
@pytest.mark.parametrize(("species", "smiles"), [("dtd", DTD), ("urea", "NC(N)=O")])
def test_energies_are_those_of_the_amber_topology(
    species: str, smiles: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two molecules: bonded terms, 1-4 factors and Lorentz-Berthelot mixing, up to a constant."""
    systems = []
    read = ambertools.read_prmtop

    def keep(path: Path) -> tuple[object, list[float]]:
        systems.append(read(path))
        return systems[-1]

    monkeypatch.setattr(ambertools, "read_prmtop", keep)
    # A name of its own: the cache must not answer.
    molecule = molecule_of(f"{species}_again", FF, smiles=smiles)
    (amber, masses) = systems[0]
    nonbonded = next(f for f in amber.getForces() if isinstance(f, openmm.NonbondedForce))
    for i, charge in enumerate(molecule.charges_e):
        # Our charges are made neutral; theirs keep the rounding remainder.
        _, sigma, epsilon = nonbonded.getParticleParameters(i)
        nonbonded.setParticleParameters(i, charge, sigma, epsilon)
    theirs = make_context(amber, openmm.VerletIntegrator(0.001), "Reference")
    rng = np.random.default_rng(3)
    first = np.array(molecule.positions_angstrom)
    topology = Topology(((molecule, 1),))
    differences = []
    for _ in range(4):
        moved = first + rng.normal(0, 0.08, first.shape)
        theirs.setPositions(moved / 10)
        energy = theirs.getState(getEnergy=True).getPotentialEnergy()
        differences.append(ours_kj_mol(topology, moved) - energy._value)
    # 1-4 Coulomb of the remainder (1e-4 e) is what is left.
    assert np.ptp(differences) < 0.05
    assert len(masses) == molecule.n_atoms
    assert abs(sum(molecule.charges_e)) < 1e-9


@needs_ambertools
def test_gaff2_mixes_arithmetically_with_itself_and_geometrically_with_others() -> None:
    dtd, dme = molecule_of("dtd", FF, smiles=DTD), parameterise("dme", FF)
    s, c = dtd.sigma_angstrom[1], dtd.sigma_angstrom[4]
    assert dtd.lennard_jones(1, dtd, 4)[0] == pytest.approx((s + c) / 2)
    assert dtd.lennard_jones(1, dme, 0)[0] == pytest.approx((s * dme.sigma_angstrom[0]) ** 0.5)
    assert dme.lennard_jones(0, dtd, 1) == dtd.lennard_jones(1, dme, 0)
    assert Topology(((dtd, 1), (dme, 1))).scale_14(dtd) == (1 / 1.2, 0.5)
    assert Topology(((dtd, 1), (dme, 1))).scale_14(dme) == (0.5, 0.5)


@needs_ambertools
@pytest.mark.skipif(shutil.which("gmx") is None, reason="GROMACS is not installed")
@pytest.mark.physics
def test_engines_agree_on_a_mixture_of_both_force_fields(tmp_path: Path) -> None:
    molecules = [
        (parameterise("k_plus", FF), 3),
        (parameterise("fsi_minus", FF), 3),
        (parameterise("dme", FF), 20),
        (molecule_of("dtd", FF, smiles=DTD), 15),
        (molecule_of("dmso", FF, smiles=DMSO), 10),
    ]
    topology, edge = Topology(tuple(molecules)), 24.0
    positions = np.round(pack(topology, edge, seed=5), 4)
    settings = Settings(ewald_tolerance=1e-6, dispersion_correction=False)
    system = build_system(topology, np.eye(3) * edge, settings, constrain_hydrogens=False)
    context = make_context(system, openmm.VerletIntegrator(0.001), "CPU")
    context.setPositions(positions / 10)
    theirs = gromacs.energies_kj_mol(topology, positions, np.eye(3) * edge, settings, tmp_path)
    assert energies_kj_mol(context)["total"] == pytest.approx(theirs["Potential"], rel=5e-4)


def test_known_species_never_fall_back() -> None:
    for name in ("dme", "dec", "fsi_minus"):
        assert not is_fallback(molecule_of(name, FF))
        assert parameter_hash(name, "", 0.8) == molecule_hash(parameterise(name, FF))


@pytest.mark.parametrize(
    ("species", "smiles", "message"),
    [
        ("nh4_plus", "[NH4+]", "no atom type .* for its H, N"),
        ("siloxane", "C[Si](C)(C)O[Si](C)(C)C", "GAFF2 has no Si"),
        ("long", "C=C" * 12, "atoms are too many"),
        ("radical", "C[S]", "closed shells only"),
        ("b3h8_minus", "", "no fixed-charge force field for boron clusters"),
    ],
)
def test_what_gaff2_cannot_describe_is_refused_with_the_reason(
    species: str, smiles: str, message: str
) -> None:
    with pytest.raises(RefusedError, match=message):
        molecule_of(species, FF, smiles=smiles)
    assert parameter_hash(species, smiles, 0.8).startswith("none: ")


def test_without_ambertools_it_is_refused_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ambertools, "environment", lambda: None)
    with pytest.raises(RefusedError, match=r"dtd .*make gaff"):
        molecule_of("dtd", FF, smiles=DTD)
    assert parameter_hash("dtd", DTD, 0.8).startswith("none: ")


@needs_ambertools
def test_the_hash_is_of_the_recipe() -> None:
    assert parameter_hash("dtd", DTD, 0.8) == parameter_hash("dtd", "C1COS(=O)(=O)O1", 0.7)
    assert parameter_hash("dtd", DTD, 0.8) != parameter_hash("dmso", DMSO, 0.8)
