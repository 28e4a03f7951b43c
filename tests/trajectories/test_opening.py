"""Files of every program: frames, times where they are known, what is said where they are not."""

from __future__ import annotations

import gzip

import ase
import ase.io
import MDAnalysis as mda  # noqa: N813
import numpy as np
import pytest

from potash.errors import InputError
from potash.trajectories.analysis import analyze_files
from potash.trajectories.opening import open_universe, times_known
from potash.trajectories.system import describe
from tests.trajectories.liquids import liquid


@pytest.fixture(scope="module")
def made():
    return liquid({"K": 6, "PF6": 6, "WAT": 8}, n_frames=4)


def check(universe, made, n_frames=4):
    system = describe(universe)
    assert system.elements.tolist() == made.symbols
    assert system.molecule.tolist() == made.molecule.tolist()
    assert system.counts == (6, 6, 8)
    assert universe.trajectory.n_frames == n_frames
    box = made.edge
    for frame in range(n_frames):
        universe.trajectory[frame]
        off = universe.atoms.positions - made.frames[frame]
        assert np.abs(off - box * np.round(off / box)).max() < 0.006
        assert universe.dimensions == pytest.approx(made.box, abs=1e-3)


def test_all_frames_and_times_of_a_gro(tmp_path, made):
    read = open_universe(made.write_gro(tmp_path / "x.gro"))
    check(read, made)
    assert times_known(read)
    assert [ts.time for ts in read.trajectory] == [0.0, 2.0, 4.0, 6.0]


def test_gro_without_times_does_not_know_them(tmp_path, made):
    file = made.write_gro(tmp_path / "x.gro")
    file.write_text(file.read_text().replace(" t= ", " at "))
    assert not times_known(open_universe(file))
    file.write_text(file.read_text().replace("at 4.00000", "t= nan"))
    assert not times_known(open_universe(file))
    assert times_known(open_universe(file, dt_ps=3.0))


@pytest.mark.parametrize("name", ["x.xyz", "XDATCAR", "x.traj"])
def test_cells_and_frames_that_ase_reads(tmp_path, made, name):
    frames = [ase.Atoms(made.symbols, f, cell=[made.edge] * 3, pbc=True) for f in made.frames]
    form = {"x.xyz": "extxyz", "XDATCAR": "vasp-xdatcar", "x.traj": "traj"}[name]
    ase.io.write(tmp_path / name, frames, format=form)
    read = open_universe(tmp_path / name)
    if name == "XDATCAR":  # ordered by element in the file
        assert read.trajectory.n_frames == 4
        assert describe(read).counts == (6, 6, 8)
    else:
        check(read, made)
    assert not times_known(read)
    assert times_known(open_universe(tmp_path / name, dt_ps=0.5))


@pytest.mark.parametrize("style", ["full", "molecular", "charge", "atomic"])
def test_atom_styles_of_lammps(tmp_path, made, style):
    data, dump = made.write_lammps(tmp_path, style=style)
    check(open_universe(data, dump), made)


def test_a_style_that_is_not_said_is_asked_for(tmp_path, made):
    data, dump = made.write_lammps(tmp_path, style="molecular")
    data.write_text(data.read_text().replace("Atoms # molecular", "Atoms"))
    with pytest.raises(InputError, match=r"x\.data: does not say its atom style .* atom_style"):
        open_universe(data, dump)
    check(open_universe(data, dump, atom_style="molecular"), made)
    check(open_universe(data, dump, atom_style="id resid type x y z"), made)
    with pytest.raises(InputError, match="atom_style: 'fall' is no atom style"):
        open_universe(data, dump, atom_style="fall")
    data.write_text(data.read_text().replace("Atoms", "Atoms # peri"))
    with pytest.raises(InputError, match=r"x\.data: has the atom style 'peri'"):
        open_universe(data, dump)


def test_a_gzipped_dump(tmp_path, made):
    data, dump = made.write_lammps(tmp_path)
    packed = tmp_path / "x.lammpstrj.gz"
    packed.write_bytes(gzip.compress(dump.read_bytes()))
    check(open_universe(data, packed), made)


def test_times_of_a_dump_need_a_unit(tmp_path, made):
    data, dump = made.write_lammps(tmp_path, step_fs=1000.0)
    unknown = analyze_files(data, dump, cutoff=4.0)
    assert not times_known(open_universe(data, dump))
    assert (unknown.first_ps, unknown.residence) == (None, {})
    assert unknown.time_series["frame"] == [0.0, 1.0, 2.0, 3.0]
    assert "have no unit" in unknown.diffusion["K"].status
    assert "time_unit" in unknown.diffusion["K"].status
    given = analyze_files(data, dump, cutoff=4.0, time_unit="fs")
    assert (given.first_ps, given.last_ps) == (0.0, 3.0)
    assert given.per_anion == unknown.per_anion
    with pytest.raises(InputError, match="time_unit: 'hours' is no unit"):
        open_universe(data, dump, time_unit="hours")


@pytest.mark.parametrize("units, last", [("real", 3.0), ("metal", 3000.0)])
def test_units_that_a_dump_names(tmp_path, made, units, last):
    data, dump = made.write_lammps(tmp_path, step_fs=1000.0, head=("ITEM: UNITS", units))
    found = analyze_files(data, dump, cutoff=4.0)
    assert found.last_ps == last
    dump.write_text(dump.read_text().replace(f"\n{units}\n", "\nlj\n"))
    with pytest.raises(InputError, match="LAMMPS units 'lj'"):
        open_universe(data, dump)


def test_steps_alone_are_no_times(tmp_path, made):
    data, dump = made.write_lammps(tmp_path)
    assert analyze_files(data, dump, cutoff=4.0).last_ps is None
    assert analyze_files(data, dump, cutoff=4.0, dt_ps=2.0).last_ps == 6.0
    for bad in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match=r"dt_ps: .* is no time between frames"):
            open_universe(data, dump, dt_ps=bad)


@pytest.mark.parametrize(
    "title, known",
    [("Written by LAMMPS", False), ("Created by DCD plugin", False), ("Created by OpenMM", True),
     ("REMARKS FILENAME=a.dcd CREATED BY NAMD", True), ("", True)],
)  # fmt: skip
def test_dcd_times_count_by_their_writer(tmp_path, made, title, known):
    made.write_gro(tmp_path / "x.gro")
    read = open_universe(tmp_path / "x.gro")
    with mda.Writer(str(tmp_path / "x.dcd"), read.atoms.n_atoms, dt=2.0, remarks=title) as writer:
        for _ in read.trajectory:
            writer.write(read.atoms)
    found = open_universe(tmp_path / "x.gro", tmp_path / "x.dcd")
    assert times_known(found) is known
    assert times_known(open_universe(tmp_path / "x.gro", tmp_path / "x.dcd", dt_ps=2.0))
    result = analyze_files(tmp_path / "x.gro", tmp_path / "x.dcd", cutoff=4.0)
    assert (result.last_ps is None) is not known
    if not known:
        assert "LAMMPS and VMD" in result.diffusion["K"].status


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("ITEM: ATOMS id type x y z\n", "ITEM: ATOMS id type x y\n", "no columns x y z"),
        ("0.0 ", "nan ", "should hold 2 numbers"),
        ("ITEM: TIMESTEP\n0\n", "ITEM: TIMESTEP\nnull\n", "line 2: 'null' stands where"),
        ("ITEM: TIMESTEP\n0\n", "TIMESTEP\n0\n", "line 1: 'ITEM:' is expected"),
        ("ITEM: BOX BOUNDS pp pp pp", "ITEM: BOXES", "'ITEM:' is expected"),
    ],
)
def test_damaged_dumps_are_one_line_with_the_line(tmp_path, made, old, new, message):
    data, dump = made.write_lammps(tmp_path)
    dump.write_text(dump.read_text().replace(old, new))
    with pytest.raises(InputError, match=message) as error:
        analyze_files(data, dump, cutoff=4.0)
    assert str(dump) in str(error.value)
    assert "\n" not in str(error.value)


def test_short_lines_and_short_frames_name_the_line(tmp_path, made):
    data, dump = made.write_lammps(tmp_path)
    lines = dump.read_text().splitlines()
    per_frame = len(lines) // 4
    number = 2 * per_frame + 20  # in the third frame
    short = [*lines]
    short[number - 1] = short[number - 1].rsplit(" ", 2)[0]
    dump.write_text("\n".join(short) + "\n")
    with pytest.raises(InputError, match=f"line {number}: .* should hold the 5 columns id type"):
        analyze_files(data, dump, cutoff=4.0)
    dump.write_text("\n".join(lines[:-7]) + "\n")
    with pytest.raises(InputError, match="frame 3 ends early"):
        analyze_files(data, dump, cutoff=4.0)
    analyze_files(data, dump, cutoff=4.0, stop=3)


def test_triclinic_and_scaled_columns_give_the_same_place(tmp_path):
    cell = np.array([[10.0, 0, 0], [2.0, 9.0, 0], [1.0, 1.5, 8.0]])
    scaled = np.array([[0.1, 0.2, 0.3], [0.7, 0.8, 0.9]])
    origin = np.array([1.0, 2.0, 3.0])
    xy, xz, yz = 2.0, 1.0, 1.5
    low = origin + np.array([min(0, xy, xz, xy + xz), min(0, yz), 0])
    high = origin + np.diag(cell) + np.array([max(0, xy, xz, xy + xz), max(0, yz), 0])
    bounds = [f"{a} {b} {t}" for a, b, t in zip(low, high, (xy, xz, yz), strict=True)]
    head = ["ITEM: TIMESTEP", "0", "ITEM: NUMBER OF ATOMS", "2"]
    places = scaled @ cell
    texts = {
        "xyz": ["ITEM: BOX BOUNDS xy xz yz pp pp pp", *bounds, "ITEM: ATOMS id element x y z",
                *(f"{i + 1} K {p[0]} {p[1]} {p[2]}" for i, p in enumerate(places + origin))],
        "scaled": ["ITEM: BOX BOUNDS xy xz yz pp pp pp", *bounds,
                   "ITEM: ATOMS element xs ys zs id",
                   *(f"K {p[0]} {p[1]} {p[2]} {i + 1}" for i, p in enumerate(scaled))],
        "general": ["ITEM: BOX BOUNDS abc origin pp pp pp",
                    *(f"{' '.join(map(str, v))} {o}" for v, o in zip(cell, origin, strict=True)),
                    "ITEM: ATOMS id element x y z",
                    *(f"{i + 1} K {p[0]} {p[1]} {p[2]}" for i, p in enumerate(places + origin))],
    }  # fmt: skip
    for name, rows in texts.items():
        (tmp_path / f"{name}.dump").write_text("\n".join([*head, *rows]) + "\n")
        read = open_universe(tmp_path / f"{name}.dump")
        assert read.atoms.positions == pytest.approx(places, abs=1e-4)
        assert describe(read).elements.tolist() == ["K", "K"]


def test_names_that_are_no_files_are_one_line(tmp_path):
    for name in ("a" * 300, "a\0b", str(tmp_path)):
        with pytest.raises(InputError) as error:
            open_universe(name)
        assert "\n" not in str(error.value)
    (tmp_path / "empty.xtc").write_bytes(b"")
    with pytest.raises(InputError, match="is empty"):
        open_universe(tmp_path / "empty.xtc")


@pytest.mark.parametrize("suffix", ["xtc", "trr"])
def test_nothing_is_written_beside_a_trajectory(tmp_path, made, suffix):
    made.write_gro(tmp_path / "x.gro")
    read = open_universe(tmp_path / "x.gro")
    with mda.Writer(str(tmp_path / f"x.{suffix}"), read.atoms.n_atoms, dt=2.0) as writer:
        for _ in read.trajectory:
            writer.write(read.atoms)
    before = sorted(file.name for file in tmp_path.iterdir())
    opened = open_universe(tmp_path / "x.gro", tmp_path / f"x.{suffix}")
    assert opened.trajectory.n_frames == 4
    assert opened.trajectory[3].time == pytest.approx(6.0)
    assert times_known(opened)
    analyze_files(tmp_path / "x.gro", tmp_path / f"x.{suffix}", cutoff=4.5)
    assert sorted(file.name for file in tmp_path.iterdir()) == before
    plain = mda.Universe(str(tmp_path / "x.gro"), str(tmp_path / f"x.{suffix}"), to_guess=())
    assert type(plain.trajectory).__module__.startswith("MDAnalysis"), "others keep theirs"
