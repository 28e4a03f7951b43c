from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms

from potash.engines import xtb, xtb_program
from potash.engines.molecule_levels import screen_level
from potash.engines.xtb_ase import XtbCalculator
from potash.errors import CalculationError, RefusedError
from potash.molecules.conformers import relaxed_conformers
from potash.molecules.tight_binding import relax_gfn2
from potash.results.species import ConformerSearch
from potash.structures.molecule import Structure
from potash.structures.smiles import parse_smiles

TEN = [
    "O",
    "COCCOC",
    "O=C1OCCO1",
    "COP(=O)(OC)OC",
    "CS(C)=O",
    "FC(F)C(F)(F)COC(F)(F)C(F)F",
    "O=S(=O)(F)[N-]S(=O)(=O)F",
    "F[P-](F)(F)(F)(F)F",
    "N#CCCCCC#N",
    "CCC[N+]1(C)CCCC1",
]
WATER = Structure(
    (8, 1, 1), np.array([[0.0, 0.0, 0.117], [0.0, 0.757, -0.469], [0.0, -0.757, -0.469]])
)
HYDROXIDE = Structure((8, 1), np.array([[0.0, 0, 0], [0, 0, 0.97]]), charge=-1)


@pytest.fixture(scope="module")
def ten() -> list[Structure]:
    search = ConformerSearch(per_rotor=1, most=3, relaxed=1)
    return [relaxed_conformers(parse_smiles(s), seed=3, search=search).structures[0] for s in TEN]


def test_backends_agree_on_ten_species(ten: list[Structure]) -> None:
    pytest.importorskip("xtb")
    hartree = 27.211386
    for smiles, structure in zip(TEN, ten, strict=True):
        a, b = (
            xtb.single_point(structure, backend=backend) for backend in ("tblite", "xtb-python")
        )
        assert abs(a.energy_ev - b.energy_ev) / hartree < 1e-6, smiles
        np.testing.assert_allclose(a.gradient_ev_angstrom, b.gradient_ev_angstrom, atol=1e-3)
        assert a.homo_ev == pytest.approx(b.homo_ev, abs=2e-3)
        assert a.dipole_debye == pytest.approx(b.dipole_debye, abs=5e-3)


def test_the_program_agrees_with_the_library(ten: list[Structure]) -> None:
    if shutil.which("xtb") is None:
        pytest.skip("the xtb program is not installed")
    for structure in ten[:4]:
        a, b = (
            xtb.single_point(structure, backend=backend) for backend in ("tblite", "xtb-program")
        )
        assert abs(a.energy_ev - b.energy_ev) / 27.211386 < 1e-6
        np.testing.assert_allclose(a.gradient_ev_angstrom, b.gradient_ev_angstrom, atol=1e-3)
        assert a.homo_ev == pytest.approx(b.homo_ev, abs=2e-3)
        assert a.dipole_debye == pytest.approx(b.dipole_debye, abs=5e-3)


def test_the_program_relaxes_to_the_same_minimum() -> None:
    if shutil.which("xtb") is None:
        pytest.skip("the xtb program is not installed")
    positions = xtb_program.relax(WATER.numbers, WATER.positions)
    ours, _ = relax_gfn2(WATER)
    energies = [xtb.single_point(replace(WATER, positions=x)).energy_ev for x in (positions, ours)]
    assert energies[0] == pytest.approx(energies[1], abs=2e-3)


def test_the_library_agrees_with_the_xtb_program_on_ip_and_ea(tmp_path: Path) -> None:
    program, parameters = shutil.which("xtb"), Path("/usr/share/xtb")
    if program is None or not (parameters / "param_ipea-xtb.txt").is_file():
        pytest.skip("the xtb program with its IPEA1 parameters is not installed")
    lines = [
        f"{s} {x:.10f} {y:.10f} {z:.10f}"
        for s, (x, y, z) in zip(WATER.symbols, WATER.positions, strict=True)
    ]
    (tmp_path / "water.xyz").write_text("3\n\n" + "\n".join(lines) + "\n")
    text = subprocess.run(
        [program, "water.xyz", "--vipea"],
        cwd=tmp_path,
        env={"XTBPATH": str(parameters), "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    ip, ea = xtb.vertical_ip_ea(WATER)
    printed = {
        name: float(line.split(":")[1])
        for line in text.splitlines()
        for name in ("IP", "EA")
        if line.startswith(f"delta SCC {name}")
    }
    assert printed == {"IP": pytest.approx(ip, abs=1e-3), "EA": pytest.approx(ea, abs=1e-3)}


def test_forces_are_the_derivative_of_the_energy() -> None:
    engine = xtb.XtbEngine(WATER.numbers)
    result = engine.evaluate(WATER.positions)
    for atom, axis in [(0, 2), (1, 1), (2, 2)]:
        shift = np.zeros((3, 3))
        shift[atom, axis] = 1e-3
        plus, minus = (engine.evaluate(WATER.positions + s).energy_ev for s in (shift, -shift))
        assert (plus - minus) / 2e-3 == pytest.approx(
            result.gradient_ev_angstrom[atom, axis], abs=2e-3
        )


def test_ase_calculator_gives_the_same_as_the_engine() -> None:
    atoms = Atoms(WATER.numbers, WATER.positions)
    atoms.calc = XtbCalculator()
    direct = xtb.single_point(WATER)
    assert atoms.get_potential_energy() == pytest.approx(direct.energy_ev, abs=1e-8)
    np.testing.assert_allclose(atoms.get_forces(), -direct.gradient_ev_angstrom, atol=1e-8)
    atoms.pbc = True
    with pytest.raises(RefusedError, match="not periodic"):
        atoms.get_potential_energy()


def test_polar_solvent_stabilises_an_ion_more_than_a_neutral_molecule() -> None:
    def shift(charge: int, solvent: xtb.Solvent) -> float:
        structure = WATER if charge == 0 else HYDROXIDE
        solvated = xtb.single_point(structure, solvent=solvent).energy_ev
        return solvated - xtb.single_point(structure).energy_ev

    for solvent in (xtb.Solvent("alpb", "acetonitrile"), xtb.Solvent("ddcosmo", 7.2)):
        assert shift(-1, solvent) < shift(0, solvent) - 1.0


def test_a_continuum_of_higher_permittivity_stabilises_an_ion_more() -> None:
    energies = [
        xtb.single_point(HYDROXIDE, solvent=xtb.Solvent("ddcosmo", e)).energy_ev
        for e in (2.0, 7.2, 78.4)
    ]
    assert energies[0] > energies[1] > energies[2]


def test_clashing_atoms_are_stopped_before_self_consistency() -> None:
    with pytest.raises(CalculationError, match=r"atoms 0 and 1 are 0\.20 A apart"):
        xtb.single_point(Structure((19, 8), np.array([[0.0, 0, 0], [0, 0, 0.2]]), charge=-1))


def test_what_the_libraries_cannot_do_is_refused() -> None:
    with pytest.raises(RefusedError, match="Z = 86"):
        xtb.XtbEngine([92])
    with pytest.raises(RefusedError, match="in vacuum only"):
        xtb.XtbEngine([8, 1, 1], method="IPEA1-xTB", backend="xtb-python")
    with pytest.raises(RefusedError, match="301 atoms"):
        xtb.XtbEngine([1] * 301)


@pytest.mark.parametrize(
    ("numbers", "charge", "electrons"),
    [((8, 1, 1), 0, 8), ((19,), 1, 0), ((29,), 2, 9), ((30,), 0, 2), ((83,), 3, 2), ((53,), -1, 8)],
)
def test_valence_electrons(numbers: tuple[int, ...], charge: int, electrons: int) -> None:
    assert xtb.valence_electrons(numbers, charge) == electrons


def test_ion_without_valence_electrons_has_no_ip() -> None:
    ip, ea = xtb.vertical_ip_ea(Structure((19,), np.zeros((1, 3)), charge=1))
    assert ip is None
    assert ea > 0


def test_spin_options_after_one_electron() -> None:
    assert xtb.lowest_spin((8, 1, 1), 0, 0, -1) == (1,)
    assert xtb.lowest_spin((8, 8), 0, 2, 1) == (1, 3)


def test_level_carries_versions_and_refuses_what_it_must() -> None:
    level = screen_level()
    assert level.name == "screen"
    assert {"tblite", "rdkit"} <= set(level.fingerprint["versions"])
    level.check({"K", "O", "H"}, charge=1, n_atoms=4)
    with pytest.raises(RefusedError):
        level.check({"U"})
    with pytest.raises(RefusedError):
        level.check({"C"}, n_atoms=301)
    assert screen_level("xtb-python").fingerprint != level.fingerprint
