"""GROMACS against OpenMM: the same topology, the same energy."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import openmm
import pytest
from MDAnalysis import Universe

from potash.engines import gromacs
from potash.engines.gromacs_files import read_gro, write_gro, write_topology
from potash.engines.md import Settings, Stage
from potash.engines.openmm import build_system, energies_kj_mol, make_context
from potash.engines.topology import PairTerm, Topology
from potash.errors import RefusedError
from potash.liquids.box import pack
from potash.liquids.forcefield import load_force_field
from potash.liquids.typing import parameterise

needs_gmx = pytest.mark.skipif(shutil.which("gmx") is None, reason="GROMACS is not installed")
EDGE = 24.0


def box_of(*species: tuple[str, int]) -> Topology:
    ff = load_force_field()
    return Topology(tuple((parameterise(name, ff), n) for name, n in species))


PAIRS = (
    PairTerm("K", "O_ether", 2.42, 17.2),
    PairTerm("K", "O_carbonyl_carbonate", 2.33, 21.7),
    PairTerm("Na", "O_ether", 2.0, 20.0),
    PairTerm("Li", "O_carbonyl_carbonate", 1.7, 20.0),
)
# fmt: off
LIQUIDS = {
    "KFSI in DME": (("k_plus", 3), ("fsi_minus", 3), ("dme", 40)),
    "KFSI in EC, DEC, PC and VC": (
        ("k_plus", 3), ("fsi_minus", 3), ("ec", 15), ("dec", 12), ("pc", 10), ("vc", 5),
    ),
    "KPF6 and NaNO3 in phosphates and fluoroethers": (
        ("k_plus", 2), ("na_plus", 1), ("pf6_minus", 2), ("no3_minus", 1), ("tmp", 10), ("tep", 5),
        ("tte", 10), ("tftfe", 5),
    ),
    "Pyr13 HFDF in acetals, amide, nitrile and arene": (
        ("pyr13_plus", 2), ("hfdf_minus", 2), ("dx13", 10), ("dol", 10), ("thf", 5), ("dma", 8),
        ("adn", 6), ("tfb", 6),
    ),
    "Three alkali ions with pairs in an ether": (
        ("k_plus", 2), ("na_plus", 1), ("li_plus", 1), ("fsi_minus", 4), ("dme", 30), ("ec", 10),
    ),
    "KPF6 and KTFSI in diglyme": (("k_plus", 4), ("pf6_minus", 2), ("tfsi_minus", 2), ("g2", 25)),
}
# fmt: on


@needs_gmx
@pytest.mark.physics
@pytest.mark.parametrize("name", LIQUIDS)
def test_energies_agree_within_0_05_percent(name: str, tmp_path: Path) -> None:
    topology = dataclasses.replace(box_of(*LIQUIDS[name]), pairs=PAIRS if "pairs" in name else ())
    positions = np.round(pack(topology, EDGE, seed=5), 4)
    settings = Settings(ewald_tolerance=1e-6, dispersion_correction=False)
    system = build_system(topology, np.eye(3) * EDGE, settings, constrain_hydrogens=False)
    context = make_context(system, openmm.VerletIntegrator(0.001), "CPU")
    context.setPositions(positions / 10)
    ours = energies_kj_mol(context)["total"]
    theirs = gromacs.energies_kj_mol(topology, positions, np.eye(3) * EDGE, settings, tmp_path)
    assert ours == pytest.approx(theirs["Potential"], rel=5e-4)


def test_an_r4_term_is_refused(tmp_path: Path) -> None:
    pairs = (PairTerm("K", "O_ether", 2.42, 17.2, c4_kj_mol_a4=900.0),)
    topology = dataclasses.replace(box_of(("k_plus", 1), ("dme", 1)), pairs=pairs)
    with pytest.raises(RefusedError, match="r\\^-4"):
        write_topology(tmp_path / "topol.top", topology, Settings())


@needs_gmx
@pytest.mark.physics
def test_rigid_water_has_the_same_energy_and_keeps_its_shape(tmp_path: Path) -> None:
    topology = box_of(("water", 300))
    positions = np.round(pack(topology, EDGE, seed=5), 5)
    settings = Settings(ewald_tolerance=1e-6, dispersion_correction=False)
    context = make_context(
        build_system(topology, np.eye(3) * EDGE, settings), openmm.VerletIntegrator(0.001), "CPU"
    )
    context.setPositions(positions / 10)
    theirs = gromacs.energies_kj_mol(topology, positions, np.eye(3) * EDGE, settings, tmp_path)
    assert energies_kj_mol(context)["total"] == pytest.approx(theirs["Potential"], rel=5e-4)
    context.applyConstraints(1e-8)
    found = np.asarray(context.getState(getPositions=True).getPositions(asNumpy=True)._value)
    first = found[:3] * 10
    assert np.linalg.norm(first[0] - first[1]) == pytest.approx(1.0, abs=1e-5)
    assert np.linalg.norm(first[1] - first[2]) == pytest.approx(1.63298, abs=1e-5)


@needs_gmx
@pytest.mark.physics
def test_a_finished_stage_is_not_run_again(tmp_path: Path) -> None:
    topology = box_of(("k_plus", 2), ("fsi_minus", 2), ("dme", 50))
    stages = [Stage("warm", "nvt", 0.4, 298.15), Stage("made", "npt", 0.8, 298.15, frame_ps=0.2)]
    settings = Settings(cutoff_angstrom=9.0, timestep_fs=2.0)
    options = {"workdir": tmp_path, "progress": lambda fraction, text: None}
    positions = pack(topology, 23.0, seed=1)
    first = gromacs.run(topology, positions, 23.0, stages, settings, **options)
    before = (tmp_path / "made.xtc").stat().st_mtime_ns
    again = gromacs.run(topology, positions, 23.0, stages, settings, **options)
    assert (tmp_path / "made.xtc").stat().st_mtime_ns == before
    np.testing.assert_array_equal(first[1].potential_kj_mol, again[1].potential_kj_mol)
    assert first[1].volume_angstrom3 == pytest.approx(23.0**3, rel=0.05)
    assert first[1].box_angstrom.shape == (3, 3)


@needs_gmx
@pytest.mark.physics
def test_a_stage_gives_the_pressure_tensor_as_often_as_asked(tmp_path: Path) -> None:
    topology = box_of(("k_plus", 2), ("fsi_minus", 2), ("dme", 50))
    stages = [
        Stage("warm", "nvt", 0.4, 298.15),
        Stage("stress", "nvt", 0.6, 298.15, friction_ps=0.1, stress_ps=0.006),
    ]
    settings = Settings(cutoff_angstrom=9.0, timestep_fs=2.0)
    warm, stress = gromacs.run(
        topology, pack(topology, 23.0, seed=1), 23.0, stages, settings,
        workdir=tmp_path, progress=lambda fraction, text: None,
    )  # fmt: skip
    assert warm.stress_bar is None
    assert stress.stress_bar is not None
    assert stress.stress_bar.shape == (100, 3, 3)
    assert stress.time_ps == pytest.approx(0.2 + 0.006 * np.arange(100), abs=1e-6)
    pressure = gromacs._series("stress", tmp_path, ["Pressure"])[1:, 1]
    trace = np.trace(stress.stress_bar, axis1=1, axis2=2) / 3
    np.testing.assert_allclose(trace, pressure, rtol=1e-3, atol=0.5)
    assert np.ptp(stress.stress_bar[:, 0, 1]) > 1.0


KILLED = """
import sys
from pathlib import Path
from potash.engines import gromacs
from potash.engines.md import Settings, Stage
from tests.engines.test_gromacs import EDGE, box_of
from potash.liquids.box import pack

topology = box_of(("k_plus", 2), ("fsi_minus", 2), ("dme", 50))
stages = [Stage("warm", "nvt", 0.4, 298.15), Stage("made", "npt", 12.0, 298.15, frame_ps=0.5)]
gromacs.CHECKPOINT_MINUTES = 0.02
results = gromacs.run(
    topology, pack(topology, EDGE, seed=1), EDGE, stages,
    Settings(cutoff_angstrom=9.0, timestep_fs=2.0),
    workdir=Path(sys.argv[1]), progress=lambda fraction, text: print(text),
)
"""


@needs_gmx
@pytest.mark.physics
@pytest.mark.parametrize("damaged", [(), ("made.cpt",), ("made.cpt", "made_prev.cpt")])
def test_a_killed_run_leaves_no_orphan_and_is_continued(
    tmp_path: Path, damaged: tuple[str, ...]
) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, cwd=root) as process:
        deadline = time.monotonic() + 120
        while not (tmp_path / "made_prev.cpt").is_file() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert process.poll() is None, "it finished before it could be killed"
        process.kill()
    time.sleep(0.5)
    size = (tmp_path / "made.xtc").stat().st_size
    time.sleep(1.5)
    assert (tmp_path / "made.xtc").stat().st_size == size, "mdrun outlived its parent"
    assert not (tmp_path / "made.gro").is_file()
    for name in damaged:
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 3])
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    assert [
        word in done.stdout for word in ("made.cpt is damaged", "made_prev.cpt is damaged")
    ] == [name in damaged for name in ("made.cpt", "made_prev.cpt")]
    universe = Universe(str(tmp_path / "made.gro"), str(tmp_path / "made.xtc"))
    assert [round(ts.time, 3) for ts in universe.trajectory] == [0.5 * k for k in range(25)]


def test_gro_round_trip(tmp_path: Path) -> None:
    topology = box_of(("k_plus", 1), ("dme", 2))
    positions = np.random.default_rng(0).uniform(0, 20, (topology.n_atoms, 3))
    write_gro(tmp_path / "a.gro", topology, positions, np.eye(3) * 20.5)
    read, box = read_gro(tmp_path / "a.gro")
    np.testing.assert_allclose(read, positions, atol=1e-5)
    np.testing.assert_allclose(box, np.eye(3) * 20.5)
