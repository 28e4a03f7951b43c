"""Files of every engine, molecules with and without bonds, and input that is not usable."""

from __future__ import annotations

import warnings

import ase
import ase.io
import MDAnalysis as mda  # noqa: N813
import numpy as np
import pytest

from potash.errors import InputError
from potash.trajectories.opening import open_universe, times_known
from potash.trajectories.system import describe, find_anions, find_cations
from potash.trajectories.trajectory import run_together, select
from tests.trajectories.synthetic import ORTHORHOMBIC, TRICLINIC, atoms, universe

BOX = np.array([16.0, 17.0, 18.0, 90.0, 90.0, 90.0])


def electrolyte(box=BOX):
    """Two K, two PF6 and two water molecules, far apart, three frames."""
    octahedron = 1.6 * np.array(
        [[0, 0, 0], [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1.0]]
    )
    water = np.array([[0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]])
    parts = [
        np.array([[1.0, 1, 1]]),
        np.array([[9.0, 1, 1]]),
        octahedron + np.array([4, 6, 6]),
        octahedron + np.array([12, 6, 6]),
        water + np.array([4, 12, 12]),
        water + np.array([12, 12, 12]),
    ]
    names = ["K", "K", *["P1", "F1", "F2", "F3", "F4", "F5", "F6"] * 2, *["O", "H1", "H2"] * 2]
    resindex = np.repeat(np.arange(6), [1, 1, 7, 7, 3, 3]).tolist()
    frame = np.concatenate(parts)
    frames = np.array([frame, frame + 0.1, frame + 0.2])
    made = universe(names, resindex, ["K", "K", "PF6", "PF6", "SOL", "SOL"], frames, box, 2.0)
    made.add_TopologyAttr("elements", [n[0] for n in names])
    made.atoms.masses = [mda.guesser.tables.masses[n[0]] for n in names]
    return made


SYMBOLS = ["K", "K", *["P", "F", "F", "F", "F", "F", "F"] * 2, *["O", "H", "H"] * 2]


def check(read, names=("K", "PF6", "SOL")):
    system = describe(read)
    assert system.elements.tolist() == SYMBOLS
    assert np.bincount(system.molecule).tolist() == [1, 1, 7, 7, 3, 3]
    assert system.names == names
    assert system.formulas == ("K", "F6P", "H2O")
    assert find_cations(system).tolist() == [0, 1]
    assert find_anions(system).tolist() == [1]
    assert system.masses.sum() == pytest.approx(2 * (39.098 + 144.964 + 18.015), abs=0.05)
    assert read.trajectory.n_frames == 3
    return system


@pytest.fixture
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("suffix", ["xtc", "trr", "dcd", "nc"])
def test_gro_with_gromacs_charmm_and_amber_trajectories(tmp_path, suffix):
    made = electrolyte()
    made.atoms.write(tmp_path / "x.gro")
    with mda.Writer(str(tmp_path / f"x.{suffix}"), made.atoms.n_atoms, dt=2.0) as writer:
        for _ in made.trajectory:
            writer.write(made.atoms)
    read = open_universe(tmp_path / "x.gro", tmp_path / f"x.{suffix}")
    check(read)
    assert times_known(read)
    assert read.trajectory.dt == pytest.approx(2.0, rel=1e-4)


def test_extxyz_without_residues_or_bonds(tmp_path):
    made = electrolyte()
    frames = [ase.Atoms(SYMBOLS, ts.positions, cell=BOX[:3], pbc=True) for ts in made.trajectory]
    ase.io.write(tmp_path / "x.extxyz", frames)
    read = open_universe(tmp_path / "x.extxyz")
    check(read, ("K", "PF6", "H2O"))
    assert read.dimensions == pytest.approx(BOX)
    assert not times_known(read)
    assert times_known(open_universe(tmp_path / "x.extxyz", dt_ps=0.5))


def test_extxyz_with_a_rotated_cell_keeps_its_distances(tmp_path):
    rng = np.random.default_rng(0)
    cell = rng.normal(0, 1, (3, 3)) * 2 + 8 * np.linalg.qr(rng.normal(size=(3, 3)))[0]
    if np.linalg.det(cell) < 0:
        cell[0] *= -1
    frame = ase.Atoms("K4", rng.uniform(0, 8, (4, 3)), cell=cell, pbc=True)
    ase.io.write(tmp_path / "x.extxyz", frame)
    read = open_universe(tmp_path / "x.extxyz")
    distances = mda.lib.distances.self_distance_array(read.atoms.positions, box=read.dimensions)
    expected = frame.get_all_distances(mic=True)[np.triu_indices(4, 1)]
    assert distances == pytest.approx(expected, abs=1e-4)


LAMMPS_TYPES = {"K": 1, "P": 2, "F": 3, "O": 4, "H": 5}


def lammps_files(folder, made):
    masses = ["39.0983", "30.974", "18.998", "15.999", "1.008"]
    lines = ["electrolyte", "", f"{len(SYMBOLS)} atoms", "5 atom types", ""]
    lines += [f"0.0 {BOX[i]} {axis}lo {axis}hi" for i, axis in enumerate("xyz")]
    lines += [
        "",
        "Masses",
        "",
        *(f"{i + 1} {m}" for i, m in enumerate(masses)),
        "",
        "Atoms # full",
        "",
    ]
    for i, (symbol, position) in enumerate(zip(SYMBOLS, made.atoms.positions, strict=True)):
        x, y, z = position
        kind = LAMMPS_TYPES[symbol]
        lines.append(f"{i + 1} {made.atoms.resindices[i] + 1} {kind} 0.0 {x} {y} {z}")
    (folder / "x.data").write_text("\n".join(lines) + "\n")
    dump = []
    for k, ts in enumerate(made.trajectory):
        dump += ["ITEM: TIMESTEP", str(1000 * k), "ITEM: NUMBER OF ATOMS", str(len(SYMBOLS))]
        dump += ["ITEM: BOX BOUNDS pp pp pp", *(f"0.0 {edge}" for edge in BOX[:3])]
        dump += ["ITEM: ATOMS id type x y z"]
        dump += [
            f"{i + 1} {LAMMPS_TYPES[s]} {p[0]} {p[1]} {p[2]}"
            for i, (s, p) in enumerate(zip(SYMBOLS, ts.positions, strict=True))
        ]
    (folder / "x.lammpstrj").write_text("\n".join(dump) + "\n")


def test_lammps_data_and_dump(tmp_path):
    lammps_files(tmp_path, electrolyte())
    read = open_universe(tmp_path / "x.data", tmp_path / "x.lammpstrj")
    check(read, ("K", "PF6", "H2O"))
    assert not times_known(read)
    timed = open_universe(tmp_path / "x.data", tmp_path / "x.lammpstrj", dt_ps=2.0)
    assert times_known(timed)
    assert [ts.time for ts in timed.trajectory] == pytest.approx([0.0, 2.0, 4.0])


def test_bonds_win_over_residues_and_charges_over_formulas():
    made = electrolyte()
    # Both water molecules and both PF6 in one residue; the bonds tell them apart.
    bonds = [(2, i) for i in range(3, 9)] + [(9, i) for i in range(10, 16)]
    bonds += [(16, 17), (16, 18), (19, 20), (19, 21)]
    made.atoms[2:].residues = made.add_Residue(resname="MOL", resid=9)
    made.add_TopologyAttr("bonds", bonds)
    made.add_TopologyAttr(
        "charges", [0.8] * 2 + [0.4] + [-0.2] * 6 + [0.4] + [-0.2] * 6 + [0.0] * 6
    )
    system = check(made, ("K", "PF6", "H2O"))
    assert system.charges == pytest.approx((0.8, -0.8, 0.0))


def test_virtual_sites_stay_with_their_molecule():
    names = ["OW", "HW1", "HW2", "MW", "OW", "HW1", "HW2", "MW"]
    made = universe(names, [0] * 4 + [1] * 4, ["SOL"] * 2, np.zeros((1, 8, 3)), BOX)
    made.atoms.masses = [16.0, 1.008, 1.008, 0.0] * 2
    made.add_TopologyAttr("bonds", [(0, 1), (0, 2), (4, 5), (4, 6)])
    assert describe(made).molecule.tolist() == [0] * 4 + [1] * 4


@pytest.mark.parametrize(
    "name, single, element",
    [("NA+", True, "Na"), ("NA", False, "N"), ("CL", True, "Cl"), ("CL2", False, "Cl"),
     ("Li1", True, "Li"), ("1HB", False, "H"), ("CA", False, "C"), ("O12", False, "O"),
     ("K", True, "K"), ("POT", True, "K"), ("SOD", True, "Na"), ("OW", True, "O"),
     ("CLA", True, "Cl")],
)  # fmt: skip
def test_elements_from_names(name, single, element):
    names = [name] if single else [name, "H"]
    made = universe(names, [0] * len(names), ["X"], np.zeros((1, len(names), 3)), BOX)
    made.del_TopologyAttr("masses")
    assert describe(made).elements[0] == element


def test_ions_in_one_residue_are_counted_one_by_one():
    made = universe(["K", "K", "O", "H"], [0, 0, 1, 1], ["ION", "HO"], np.zeros((1, 4, 3)), BOX)
    assert describe(made).molecule.tolist() == [0, 1, 2, 2]


def test_species_that_share_a_residue_name_are_told_apart():
    made = universe(["O", "N", "F"], [0, 1, 2], ["ANI", "ANI", "SOL"], np.zeros((1, 3, 3)), BOX)
    assert describe(made).names == ("ANI.O", "ANI.N", "SOL")


def test_unreadable_files_are_one_line(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        open_universe(tmp_path / "absent.gro")
    (tmp_path / "x.gro").write_text("not a structure")
    with pytest.raises(InputError, match="cannot be read as a trajectory") as error:
        open_universe(tmp_path / "x.gro")
    assert "\n" not in str(error.value)
    (tmp_path / "x.unknown").write_text("text")
    with pytest.raises(InputError, match="cannot be read as a trajectory"):
        open_universe(tmp_path / "x.unknown")
    ase.io.write(tmp_path / "x.extxyz", [ase.Atoms("K"), ase.Atoms("K2")])
    with pytest.raises(InputError, match="equal numbers of atoms"):
        open_universe(tmp_path / "x.extxyz")


def test_selections_that_name_nothing_are_one_line():
    made = electrolyte()
    with pytest.raises(InputError, match=r"^anion: 'resname FSI' selects no atom.*K, PF6, SOL"):
        select(made, "resname FSI", "anion")
    with pytest.raises(InputError, match=r"^cation: 'name' is not a valid selection"):
        select(made, "name", "cation")
    assert select(made, "name K", "cation").n_atoms == 2


def test_no_free_ion_is_refused():
    system = describe(universe(["O", "H"], [0, 0], ["HO"], np.zeros((1, 2, 3)), BOX))
    with pytest.raises(InputError, match=r"^cation: no cation found .* among HO"):
        find_cations(system)
    assert find_anions(system).tolist() == []


def test_one_pass_equals_separate_passes():
    from potash.trajectories.structure import Density, RadialDistribution

    made = electrolyte()
    pairs = {"K-F": (made.select_atoms("name K"), made.select_atoms("name F*"))}
    density, rdf = Density(made), RadialDistribution(pairs, r_max=7.0)
    seen = []
    run_together([density, rdf], start=1, progress=seen.append)
    alone = RadialDistribution(pairs, r_max=7.0).run(start=1)
    assert rdf.results.histograms.tolist() == alone.results.histograms.tolist()
    assert density.results.series == pytest.approx(Density(made).run(start=1).results.series)
    assert density.frames.tolist() == [1, 2]
    assert seen == [0.5]


def test_positions_that_are_no_numbers_are_refused():
    from potash.trajectories.structure import Density

    positions = np.zeros((3, 4, 3))
    positions[1, 2, 0] = np.nan
    with pytest.raises(InputError, match="frame 1 has positions that are not finite"):
        run_together([Density(atoms(positions, TRICLINIC))])
    run_together([Density(atoms(np.zeros((3, 4, 3)), ORTHORHOMBIC))])
