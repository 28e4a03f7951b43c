"""OpenMM systems: energies against plain formulas, and runs that continue to the bit."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import openmm
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.engines.md import Settings, Stage, repartitioned_masses
from potash.engines.openmm import (
    build_system,
    energies_kj_mol,
    make_context,
    ryckaert_bellemans,
)
from potash.engines.openmm_run import run
from potash.engines.topology import Molecule, PairTerm, Topology
from potash.errors import CalculationError
from potash.liquids.box import pack
from potash.liquids.forcefield import load_force_field
from potash.liquids.typing import parameterise

COULOMB_KJ_A_MOL_E2 = 1389.35458
coefficients = st.floats(-50, 50, allow_nan=False)


def small_liquid() -> tuple[Topology, np.ndarray, float]:
    """Two KFSI in fourteen DME; small enough for a short cutoff."""
    ff = load_force_field()
    molecules = [parameterise(s, ff) for s in ("k_plus", "fsi_minus", "dme")]
    topology = Topology(tuple(zip(molecules, (2, 2, 14), strict=True)))
    edge = 16.0
    return topology, pack(topology, edge, seed=3), edge


def context_energy(
    topology: Topology, positions: np.ndarray, **options: object
) -> dict[str, float]:
    system = build_system(topology, np.eye(3) * 100, Settings(), periodic=False, **options)  # type: ignore[arg-type]
    context = make_context(system, openmm.VerletIntegrator(0.001), "Reference")
    context.setPositions(positions / 10)
    return energies_kj_mol(context)


@given(coefficients, coefficients, coefficients, coefficients, st.floats(-math.pi, math.pi))
def test_ryckaert_bellemans_equals_the_fourier_series(
    v1: float, v2: float, v3: float, v4: float, phi: float
) -> None:
    fourier = 0.5 * (
        v1 * (1 + math.cos(phi))
        + v2 * (1 - math.cos(2 * phi))
        + v3 * (1 + math.cos(3 * phi))
        + v4 * (1 - math.cos(4 * phi))
    )
    psi = phi - math.pi
    c = ryckaert_bellemans(v1, v2, v3, v4)
    assert sum(c[n] * math.cos(psi) ** n for n in range(6)) == pytest.approx(fourier, abs=1e-9)


def naive_energy(topology: Topology, positions: np.ndarray) -> float:
    """Every term of the topology, pair by pair, without a cutoff."""
    total, where = 0.0, positions
    owner: list[tuple[int, Molecule, int]] = []
    for number, (molecule, first) in enumerate(topology.instances()):
        owner += [(number, molecule, i) for i in range(molecule.n_atoms)]
        local = where[first : first + molecule.n_atoms]
        total += sum(
            k / 2 * (np.linalg.norm(local[i] - local[j]) - r) ** 2 for i, j, r, k in molecule.bonds
        )
        for i, j, k, theta0, force in molecule.angles:
            a, b = local[i] - local[j], local[k] - local[j]
            theta = math.acos(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
            total += force / 2 * (theta - math.radians(theta0)) ** 2
        for i, j, k, last, *v in molecule.dihedrals:
            b1, b2, b3 = local[j] - local[i], local[k] - local[j], local[last] - local[k]
            n1, n2 = np.cross(b1, b2), np.cross(b2, b3)
            phi = math.atan2(float(np.cross(n1, n2) @ b2) / np.linalg.norm(b2), float(n1 @ n2))
            total += 0.5 * (
                v[0] * (1 + math.cos(phi)) + v[1] * (1 - math.cos(2 * phi))
                + v[2] * (1 + math.cos(3 * phi)) + v[3] * (1 - math.cos(4 * phi))
            )  # fmt: skip
    for p in range(topology.n_atoms):
        for q in range(p + 1, topology.n_atoms):
            (m, a, i), (n, b, j) = owner[p], owner[q]
            factor = 1.0
            if m == n:
                near, third = a.pairs_by_distance()
                factor = 0.0 if (i, j) in near else 0.5 if (i, j) in third else 1.0
            r = float(np.linalg.norm(where[p] - where[q]))
            sigma = math.sqrt(a.sigma_angstrom[i] * b.sigma_angstrom[j])
            epsilon = math.sqrt(a.epsilon_kj_mol[i] * b.epsilon_kj_mol[j])
            for term in topology.pairs:
                if {term.cation, term.donor} == {a.types[i], b.types[j]}:
                    sigma, epsilon = term.sigma_angstrom, term.epsilon_kj_mol
                    total -= term.c4_kj_mol_a4 / r**4
            total += factor * 4 * epsilon * ((sigma / r) ** 12 - (sigma / r) ** 6)
            total += factor * COULOMB_KJ_A_MOL_E2 * a.charges_e[i] * b.charges_e[j] / r
    return total


def test_energy_equals_a_naive_sum() -> None:
    topology, positions, _ = small_liquid()
    few = Topology(tuple((m, 1) for m, _ in topology.molecules))
    keep = [0, *range(2, 11), *range(20, 36)]
    expected = naive_energy(few, positions[keep])
    found = context_energy(few, positions[keep], constrain_hydrogens=False)
    assert found["total"] == pytest.approx(expected, rel=1e-6)


PAIRS = (
    PairTerm("K", "O_ether", 2.42, 17.2, c4_kj_mol_a4=900.0),
    PairTerm("K", "O_imide", 2.9, 2.0),
    PairTerm("Na", "O_ether", 2.0, 20.0),
    PairTerm("Li", "O_ether", 1.7, 20.0),
)


def test_energy_with_cation_pairs_equals_a_naive_sum() -> None:
    """Two cations with terms of their own, one of them with r^-4; a third is not there."""
    ff = load_force_field()
    molecules = [parameterise(s, ff) for s in ("k_plus", "na_plus", "fsi_minus", "dme")]
    topology = Topology(
        tuple((m, n) for m, n in zip(molecules, (2, 1, 1, 3), strict=True)), pairs=PAIRS
    )
    positions = pack(topology, 14.0, seed=3)
    expected = naive_energy(topology, positions)
    found = context_energy(topology, positions, constrain_hydrogens=False)
    assert found["total"] == pytest.approx(expected, rel=1e-6)
    without = context_energy(
        dataclasses.replace(topology, pairs=()), positions, constrain_hydrogens=False
    )
    assert abs(found["lennard_jones"] - without["lennard_jones"]) > 1.0


def test_cation_pairs_beside_molecules_that_mix_otherwise() -> None:
    """The general form of the energy expression takes the same terms."""
    ff = load_force_field()
    ion, dme = parameterise("k_plus", ff), parameterise("dme", ff)
    foreign = dataclasses.replace(dme, mixing="lorentz-berthelot")
    positions = pack(Topology(((ion, 1), (dme, 1), (foreign, 1))), 12.0, seed=1)
    energies = []
    for pairs in (PAIRS, ()):
        topology = Topology(((ion, 1), (dme, 1), (foreign, 1)), pairs=pairs)
        energies.append(context_energy(topology, positions)["lennard_jones"])
    oxygens = [1 + i for i, e in enumerate(dme.elements * 2) if e == "O"]
    r = np.linalg.norm(positions[oxygens] - positions[0], axis=1)
    sigma, epsilon = math.sqrt(4.93463 * 2.9), math.sqrt(0.00137235 * 0.58576)
    expected = sum(
        4 * 17.2 * ((2.42 / x) ** 12 - (2.42 / x) ** 6) - 900.0 / x**4
        - 4 * epsilon * ((sigma / x) ** 12 - (sigma / x) ** 6)
        for x in r
    )  # fmt: skip
    assert energies[0] - energies[1] == pytest.approx(expected, rel=1e-6)


def test_masses_move_from_neighbours_to_hydrogens() -> None:
    dme = parameterise("dme", load_force_field())
    heavy = repartitioned_masses(dme.masses_u, dme.bonds, 2.0)
    assert sum(heavy) == pytest.approx(dme.mass_u)
    assert {heavy[i] for i, e in enumerate(dme.elements) if e == "H"} == {2.0}
    assert repartitioned_masses(dme.masses_u, dme.bonds, 0.0) == list(dme.masses_u)


STAGES = [
    Stage("warm", "nvt", 0.2, 298.15, friction_ps=5.0),
    Stage("press", "npt", 0.2, 298.15),
    Stage("made", "npt", 0.6, 298.15, frame_ps=0.1),
]
SETTINGS = Settings(cutoff_angstrom=7.0, timestep_fs=2.0, seed=11)


class KilledError(Exception):
    pass


def test_a_killed_run_continues_to_the_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("potash.engines.openmm_run.SEGMENT_PS", 0.2)
    topology, positions, edge = small_liquid()

    def go(folder: Path, die_after: int | None = None) -> list:
        calls = 0

        def progress(fraction: float, text: str) -> None:
            nonlocal calls
            calls += 1
            if die_after is not None and calls > die_after:
                raise KilledError

        return run(
            topology, positions, edge, STAGES, SETTINGS, workdir=folder, progress=progress,
            platform="CPU",
        )  # fmt: skip

    undisturbed = go(tmp_path / "a")
    with pytest.raises(KilledError):
        go(tmp_path / "b", die_after=2)
    with pytest.raises(KilledError):
        go(tmp_path / "b", die_after=2)
    # What a run leaves that is killed between writing frames and saving its state.
    (tmp_path / "b" / "made_00002.xtc").write_bytes(b"half a segment")
    resumed = go(tmp_path / "b")
    for one, other in zip(undisturbed, resumed, strict=True):
        np.testing.assert_array_equal(one.positions_angstrom, other.positions_angstrom)
        np.testing.assert_array_equal(one.potential_kj_mol, other.potential_kj_mol)
    made, again = undisturbed[-1].trajectory, resumed[-1].trajectory
    assert made is not None
    assert again is not None
    assert made.read_bytes() == again.read_bytes()
    assert np.ptp(undisturbed[-1].volume_angstrom3) > 0
    assert undisturbed[-1].time_ps == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    state = tmp_path / "b" / "state.npz"
    content = bytearray(state.read_bytes())
    content[len(content) // 2] ^= 255
    state.write_bytes(content)
    begun_again = go(tmp_path / "b")
    np.testing.assert_array_equal(
        undisturbed[-1].positions_angstrom, begun_again[-1].positions_angstrom
    )
    state.write_bytes(content[: len(content) // 3])
    (tmp_path / "b" / "state.previous.npz").write_bytes(b"")
    begun_again = go(tmp_path / "b")
    np.testing.assert_array_equal(
        undisturbed[-1].positions_angstrom, begun_again[-1].positions_angstrom
    )


def test_an_unstable_run_says_so(tmp_path: Path) -> None:
    topology, positions, edge = small_liquid()
    with pytest.raises(CalculationError, match=r"unstable|not finite"):
        run(
            topology, positions, edge, [Stage("a", "nvt", 1.0, 298.15)],
            Settings(cutoff_angstrom=7.0, timestep_fs=40.0), workdir=tmp_path,
            progress=lambda f, t: None, platform="CPU",
        )  # fmt: skip


def test_unknown_platform() -> None:
    with pytest.raises(CalculationError, match="no platform"):
        make_context(openmm.System(), openmm.VerletIntegrator(0.001), "Abacus")
