"""Reading anyone's structure file: formats, several structures in one file, bad files."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms
from ase.io import write

from potash.errors import InputError
from potash.structures.files import names_a_file, read_atoms, read_molecule_xyz
from tests.structures.crystals import CIF_HEAD, cif


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("mgo.cif", "cif"),
        ("POSCAR", "vasp"),
        ("mgo.vasp", "vasp"),
        ("mgo.extxyz", "extxyz"),
        ("mgo.xyz", "extxyz"),
        ("mgo.gen", "gen"),
        ("mgo.xsf", "xsf"),
        ("mgo.json", "json"),
    ],
)
def test_one_crystal_in_many_formats(tmp_path: Path, name: str, format: str) -> None:
    atoms = bulk("MgO", "rocksalt", a=4.21, cubic=True)
    write(tmp_path / name, atoms, format=format)
    read = read_atoms(tmp_path / name)
    assert read.pbc.all()
    assert sorted(read.symbols) == sorted(atoms.symbols)
    np.testing.assert_allclose(read.cell.cellpar(), atoms.cell.cellpar(), atol=1e-5)
    distances = [np.sort(a.get_all_distances(mic=True).ravel()) for a in (read, atoms)]
    np.testing.assert_allclose(*distances, atol=1e-4)


def test_constraints_are_kept_and_calculators_are_not(tmp_path: Path) -> None:
    slab = fcc111("Pd", (1, 1, 3), vacuum=8.0)
    slab.set_constraint(FixAtoms([0]))
    slab.calc = SinglePointCalculator(slab, energy=-1.0)
    write(tmp_path / "slab.traj", slab)
    read = read_atoms(tmp_path / "slab.traj")
    assert read.calc is None
    assert [int(i) for i in read.constraints[0].get_indices()] == [0]


def test_a_molecule_has_no_cell(tmp_path: Path) -> None:
    write(tmp_path / "water.xyz", molecule("H2O"), format="xyz")
    read = read_atoms(tmp_path / "water.xyz")
    assert not read.cell.any()
    assert not read.pbc.any()


def test_a_plain_xyz_file_reads_alike_without_ase(tmp_path: Path) -> None:
    path = tmp_path / "ethanol.xyz"
    write(path, molecule("CH3CH2OH"), format="xyz")
    symbols, positions = read_molecule_xyz(path)
    read = read_atoms(path)
    assert list(symbols) == list(read.symbols)
    np.testing.assert_allclose(positions, read.positions)


def two_blocks(folder: Path) -> Path:
    path = folder / "two.cif"
    lithium = "Li1 Li 0 0 0\nH1 H 0.5 0.5 0.5\n"
    path.write_text(cif("Cu1 Cu 0 0 0\n", name="Cu_first") + cif(lithium, name="second"))
    return path


def test_several_data_blocks_are_asked_for(tmp_path: Path) -> None:
    path = two_blocks(tmp_path)
    with pytest.raises(InputError, match=r"2 structures; say which one: .*two.cif#Cu_first, .*#se"):
        read_atoms(path)
    assert read_atoms(f"{path}#Cu_first").get_chemical_formula() == "Cu4"
    assert read_atoms(f"{path}#second").get_chemical_formula() == "H4Li4"
    with pytest.raises(InputError, match=r"no data block .* named 'third'; there are Cu_first, se"):
        read_atoms(f"{path}#third")


def test_a_block_without_a_structure_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "paper.cif"
    path.write_text("data_global\n_journal_year 2026\n" + cif("Cu1 Cu 0 0 0\n"))
    assert read_atoms(path).get_chemical_formula() == "Cu4"


def test_one_structure_of_a_trajectory_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "run.extxyz"
    write(path, [bulk("Cu"), bulk("Ag"), bulk("Au")], format="extxyz")
    with pytest.raises(InputError, match=r"3 structures; say which one: .*#1 to .*#3"):
        read_atoms(path)
    assert str(read_atoms(f"{path}#2").symbols) == "Ag"
    for part in ("0", "4", "last", ""):
        with pytest.raises(InputError, match="not one of its 3 structures, which count from 1"):
            read_atoms(f"{path}#{part}")


def test_a_file_whose_name_has_a_hash(tmp_path: Path) -> None:
    path = tmp_path / "a#1.cif"
    path.write_text(cif("Cu1 Cu 0 0 0\n"))
    assert names_a_file(str(path))
    assert read_atoms(path).get_chemical_formula() == "Cu4"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("empty.cif", "", "is empty"),
        ("empty.vasp", "", "is empty"),
        ("text.cif", "hello\nworld\n", "not valid CIF: 1:0.*expected block header"),
        ("bare.cif", "data_\n", "no data block with fractional coordinates"),
        ("loop.cif", "data_x\nloop_\n_a\n_b\n1 2 3\n", "not valid CIF: 2:0.*number of values"),
        ("odd.abc", "1 2 3", "of no format that can be told"),
        ("short.xyz", "3\n\nH 0 0 0\n", "a frame of 3 atoms"),
        ("unknown.xyz", "1\n\nQq 0 0 0\n", "'Qq' is missing or unknown"),
        ("close.xyz", "2\n\nH 0 0 0\nH 0 0 0.1\n", "overlap: 0.10 angstrom apart"),
        ("nan.xyz", "1\n\nH 0 nan 0\n", "no finite number"),
        ("far.xyz", "2\n\nH 0 0 0\nH 0 0 1e9\n", "more than 1e5 angstrom"),
        ("POSCAR", "Cu\n1.0\n1 0 0\n", "cannot be read as a structure"),
        ("dense.vasp", "Cu\n0.1\n3 0 0\n0 3 0\n0 0 3\nCu\n1\nDirect\n0 0 0\n", "cell is too small"),
        (
            "flat.vasp",
            "Cu\n1\n3 0 0\n0 3 0\n0 3 0\nCu\n1\nDirect\n0 0 0\n",
            "cell vectors lie in a plane",
        ),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read_atoms(tmp_path / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "Error" not in str(caught.value)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_atoms(tmp_path / "absent.cif")
    with pytest.raises(InputError, match="no such file"):
        read_atoms(tmp_path / "absent.cif#block")
    with pytest.raises(InputError, match="is a folder"):
        read_atoms(tmp_path)
    for name in ("x" * 300 + ".cif", "x" * 5000, "a\0b.cif"):
        with pytest.raises(InputError, match=r"cannot be read|no such file") as caught:
            read_atoms(name)
        assert len(str(caught.value)) < 200
    for name in ("x" * 300 + ".cif", "x" * 5000 + "#1"):
        with pytest.raises(InputError, match="cannot be read"):
            names_a_file(name)


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("Cu1 Cu 0 0 0 ?", r"site Cu1 has the occupancy '\?', which is not known; write 1"),
        ("Cu1 Cu 0 0 0 .", r"site Cu1 has the occupancy '\.', which is not known"),
        ("Cu1 Cu 0 0 0 full", "site Cu1 has the occupancy 'full'"),
        ("Cu1 Cu 0 0 0 0.5", r"site Cu1 is partially occupied \(0.5\)"),
        ("Cu1 Cu 0 0 0 1\nZn1 Zn 0.5 0.5 0.5 0.25", r"site Zn1 is partially occupied \(0.25\)"),
        ("Cu1 Cu 0 0 ? 1", r"site Cu1 has fract_z = \?; expected a number"),
        ("Cu1 Qq 0 0 0 1", "site Cu1 is of 'Qq', which is no element"),
    ],
)
def test_sites_that_cannot_be_used(tmp_path: Path, site: str, words: str) -> None:
    (tmp_path / "x.cif").write_text(cif(f"{site}\n", occupancy=True))
    with pytest.raises(InputError, match=words) as caught:
        read_atoms(tmp_path / "x.cif")
    assert "data_x" in str(caught.value)


def test_full_sites_and_numbers_with_their_uncertainty(tmp_path: Path) -> None:
    text = cif("Cu1 Cu2+ 0.0000(1) 0 0 1.000\n", occupancy=True, a="3.6100(4)")
    (tmp_path / "x.cif").write_text(text)
    read = read_atoms(tmp_path / "x.cif")
    assert str(read.symbols) == "Cu4"
    assert read.cell.cellpar() == pytest.approx([3.61, 3.61, 3.61, 90, 90, 90])


def test_labels_with_primes_and_deuterium(tmp_path: Path) -> None:
    text = CIF_HEAD.format(name="x", a=8, group="'P 1'")
    text += "Cu1 Cu 0 0 0\nO1' O 0.5 0.5 0.5\nD2 D 0.6 0.5 0.5\n"
    (tmp_path / "x.cif").write_text(text)
    assert read_atoms(tmp_path / "x.cif").get_chemical_formula() == "HCuO"


@pytest.mark.parametrize(
    ("symmetry", "n_atoms", "words"),
    [
        ("_symmetry_space_group_name_H-M 'F m -3 m'", 4, ""),
        ("_symmetry_Int_Tables_number 225", 4, ""),
        ("_space_group_name_H-M_alt 'Fm-3m'\n_space_group_IT_number 225", 4, ""),
        ("", 1, ""),
        ("_symmetry_space_group_name_H-M 'Q 1 2 3'", 0, "space group 'Q 1 2 3' is not known"),
        ("_symmetry_space_group_name_H-M 'F d -3 m'", 0, "has two origins"),
        ("_symmetry_space_group_name_H-M 'F d -3 m:1'", 8, ""),
        ("_symmetry_Int_Tables_number 227", 0, "has two origins"),
        ("loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\nx+1/2,y+1/2,z\n", 2, ""),
        ("loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\nx+1/2,y+1/2\n", 0, "operation cannot be read"),
        ("loop_\n_space_group_symop_magn_operation.xyz\nx,y,z,+1\n", 0, "magnetic symmetry"),
    ],
)
def test_symmetry_of_a_block(tmp_path: Path, symmetry: str, n_atoms: int, words: str) -> None:
    text = CIF_HEAD.replace("_symmetry_space_group_name_H-M {group}", symmetry)
    (tmp_path / "x.cif").write_text(text.format(name="x", a=5.43) + "Cu1 Cu 0 0 0\n")
    if words:
        with pytest.raises(InputError, match=words):
            read_atoms(tmp_path / "x.cif")
    else:
        assert len(read_atoms(tmp_path / "x.cif")) == n_atoms


def test_symmetry_that_does_not_fit_the_cell(tmp_path: Path) -> None:
    text = cif("Cu1 Cu 0 0 0\n").replace("_cell_length_c 3.61", "_cell_length_c 5.2")
    (tmp_path / "x.cif").write_text(text)
    with pytest.raises(InputError, match=r"operations do not fit the cell 3\.61 3\.61 5\.2"):
        read_atoms(tmp_path / "x.cif")


def test_rhombohedral_and_hexagonal_axes_are_told_by_the_cell(tmp_path: Path) -> None:
    head = CIF_HEAD.replace("_cell_angle_gamma 90", "_cell_angle_gamma 120")
    head = head.replace("_cell_length_c {a}", "_cell_length_c 11.862")
    (tmp_path / "h.cif").write_text(
        head.format(name="x", a=4.546, group="'R -3 m'") + "Bi1 Bi 0 0 0.234\n"
    )
    hexagonal = read_atoms(tmp_path / "h.cif")
    assert len(hexagonal) == 6
    angle = "57.2338"
    head = CIF_HEAD.replace("_alpha 90", f"_alpha {angle}").replace("_beta 90", f"_beta {angle}")
    head = head.replace("_gamma 90", f"_gamma {angle}")
    (tmp_path / "r.cif").write_text(
        head.format(name="x", a=4.7459, group="'R -3 m'") + "Bi1 Bi 0.234 0.234 0.234\n"
    )
    rhombohedral = read_atoms(tmp_path / "r.cif")
    assert len(rhombohedral) == 2
    volumes = [a.cell.volume / len(a) for a in (hexagonal, rhombohedral)]
    assert volumes[0] == pytest.approx(volumes[1], rel=1e-3)
    nearest = [
        np.sort(a.repeat(3).get_all_distances(mic=True), axis=1)[0, 1]
        for a in (hexagonal, rhombohedral)
    ]
    assert nearest[0] == pytest.approx(nearest[1], abs=5e-3)


def mutants(text: str, n: int, seed: int) -> list[str]:
    """Return damaged copies of a file: characters changed, lines lost, numbers spoilt."""
    rng = random.Random(seed)
    found = []
    for _ in range(n):
        lines = text.splitlines()
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            k = rng.randrange(len(lines))
            kind = rng.randrange(7)
            words = lines[k].split(" ")
            w = rng.randrange(len(words))
            if kind == 0:
                del lines[k]
            elif kind == 1:
                lines.insert(k, lines[rng.randrange(len(lines))])
            elif kind == 2:
                words[w] = rng.choice(["?", ".", "nan", "-1e9", "1e400", "0", "x", "'", ";", "\0"])
                lines[k] = " ".join(words)
            elif kind == 3:
                lines[k] = lines[k][: rng.randrange(len(lines[k]) + 1)]
            elif kind == 4:
                lines = lines[: k + 1]
            elif kind == 5:
                words[w] += rng.choice(["9", "-", "e5", "_", "é"])
                lines[k] = " ".join(words)
            else:
                i = rng.randrange(len(lines[k]) + 1)
                lines[k] = lines[k][:i] + chr(rng.randrange(32, 300)) + lines[k][i + 1 :]
            if not lines:
                lines = [""]
        found.append("\n".join(lines))
    return found


@pytest.mark.parametrize("name", ["x.cif", "POSCAR", "x.extxyz"])
def test_a_damaged_file_is_read_or_refused_in_one_line(tmp_path: Path, name: str) -> None:
    good = tmp_path / f"good-{name}"
    if name.endswith(".cif"):
        text = cif("Cu1 Cu 0 0 0 1\nO1 O 0.5 0.5 0.5 1\n", occupancy=True)
    else:
        crystal = bulk("MgO", "rocksalt", a=4.21, cubic=True)
        write(good, crystal, format="vasp" if name == "POSCAR" else "extxyz")
        text = good.read_text()
    path = tmp_path / name
    refused = 0
    for mutant in mutants(text, 150, seed=7):
        path.write_text(mutant, encoding="utf-8")
        try:
            read = read_atoms(path)
        except InputError as error:
            refused += 1
            assert "\n" not in str(error), mutant  # noqa: PT017
        else:
            assert len(read) > 0
    assert refused > 30


def test_random_bytes_are_refused(tmp_path: Path) -> None:
    rng = random.Random(3)
    for name in ("x.cif", "POSCAR", "x.xyz", "x.extxyz", "x.json", "x.traj", "x.pdb", "noise"):
        for _ in range(8):
            (tmp_path / name).write_bytes(rng.randbytes(rng.randrange(1, 400)))
            with contextlib.suppress(InputError):
                read_atoms(tmp_path / name)


def test_overlap_is_measured_over_the_border(tmp_path: Path) -> None:
    atoms = Atoms("Cu2", positions=[[0, 0, 0.1], [0, 0, 5.9]], cell=[6, 6, 6], pbc=True)
    write(tmp_path / "close.extxyz", atoms)
    with pytest.raises(InputError, match=r"atoms 0 \(Cu\) and 1 \(Cu\) overlap: 0.20 angstrom"):
        read_atoms(tmp_path / "close.extxyz")
