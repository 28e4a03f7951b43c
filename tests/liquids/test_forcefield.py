"""The force-field file and typing: complete, cited, and equal to independent sources."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import openmm
import pytest
import yaml
from MDAnalysis import Universe
from rdkit import Chem

from potash.catalog.catalog import load_catalog
from potash.engines.md import Settings
from potash.engines.openmm import build_system, energies_kj_mol, make_context
from potash.engines.topology import Topology
from potash.errors import InputError, RefusedError
from potash.liquids.forcefield import CationPair, load_force_field
from potash.liquids.typing import parameterise
from potash.resources import data_dir

FF = load_force_field()
FILE = data_dir("molecules") / "forcefield" / "opls_clp.yaml"
SPECIES = sorted(FF.species)
CATALOG = load_catalog()


@pytest.mark.parametrize("species", SPECIES)
def test_every_species_is_complete_and_has_its_charge(species: str) -> None:
    molecule = parameterise(species, FF, charge_scale=1.0)
    assert sum(molecule.charges_e) == pytest.approx(molecule.formal_charge, abs=1e-6)
    assert len(set(molecule.names)) == molecule.n_atoms
    assert np.shape(molecule.positions_angstrom) == (molecule.n_atoms, 3)


@pytest.mark.parametrize("species", [s for s in SPECIES if s in CATALOG.species])
def test_entries_agree_with_the_catalogue(species: str) -> None:
    known = CATALOG.species[species]
    assert known.smiles is not None
    assert Chem.CanonSmiles(FF.species[species].smiles) == Chem.CanonSmiles(known.smiles)


def test_every_parameter_has_a_source_with_doi_or_says_how_it_was_made() -> None:
    for name, source in FF.sources.items():
        assert re.match(r"10\.\d{4,}/\S+$", source.doi) or "Potash" in source.citation, name


def test_what_misses_its_density_says_so_in_every_result() -> None:
    path = data_dir("results/reference") / "liquids" / "densities.csv"
    with path.open(newline="") as file:
        verdicts = {line["liquid"]: line["verdict"] for line in csv.DictReader(file)}
    outside = {
        name for name, entry in FF.species.items() if verdicts.get(name, "").startswith("outside")
    }
    assert outside
    assert {n for n, e in FF.species.items() if "density" in e.note} == outside


def test_only_ions_are_scaled() -> None:
    full = parameterise("fsi_minus", FF, charge_scale=1.0)
    scaled = parameterise("fsi_minus", FF)
    assert scaled.charges_e == pytest.approx([0.8 * q for q in full.charges_e])
    assert parameterise("dme", FF).charges_e == parameterise("dme", FF, charge_scale=1.0).charges_e


def test_octahedron_has_no_trans_angles() -> None:
    pf6 = parameterise("pf6_minus", FF)
    assert len(pf6.angles) == 12


@pytest.mark.parametrize(
    ("species", "smiles", "error", "message"),
    [
        ("boron_thing", "CB(C)C", RefusedError, "no atom type .* for its B"),
        ("strange", "C(=O", InputError, "cannot be read"),
        ("nothing", "", InputError, "empty SMILES"),
    ],
)
def test_what_cannot_be_typed_is_refused(
    species: str, smiles: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        parameterise(species, FF, smiles=smiles)


def test_a_species_without_entry_is_typed_by_rule() -> None:
    triglyme = parameterise("g3", FF, smiles="COCCOCCOCCOC")
    assert triglyme.residue == "G3"
    assert sum(triglyme.charges_e) == pytest.approx(0.0, abs=1e-9)


def write(tmp_path: Path, change: dict) -> Path:
    data = yaml.load(FILE.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    path = tmp_path / "ff.yaml"
    path.write_text(yaml.safe_dump(data | change))
    return path


def test_bad_files_name_the_field(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"colour"):
        load_force_field(write(tmp_path, {"colour": "blue"}))
    bond = {"classes": "CT HC", "r0": 1.0, "k": 1.0, "source": "nobody"}
    with pytest.raises(InputError, match="unknown source 'nobody'"):
        load_force_field(write(tmp_path / ".." / tmp_path.name, {"bonds": [bond]}))


def test_a_term_given_twice_is_refused(tmp_path: Path) -> None:
    one = {"classes": "CT HC", "r0": 1.09, "k": 2845.0, "source": "opls1996"}
    two = {"classes": "HC CT", "r0": 1.09, "k": 2845.0, "source": "opls1996"}
    with pytest.raises(InputError, match="given twice"):
        load_force_field(write(tmp_path, {"bonds": [one, two]}))


def test_a_file_with_a_base_holds_only_what_differs() -> None:
    old, new = load_force_field("opls-clp"), load_force_field("opls-clp-pair")
    assert new.atom_types == old.atom_types
    assert new.species == old.species
    assert not old.cation_pairs
    assert new.cation_pairs
    assert new.fingerprint != old.fingerprint
    with pytest.raises(InputError, match="use one of opls-clp, opls-clp-pair"):
        load_force_field("opls")


@pytest.mark.parametrize(
    ("change", "message"),
    [({"donor": "O_either"}, "no atom type 'O_either'"), ({"epsilon": -1.0}, "greater than 0")],
)
def test_bad_cation_pairs_are_refused(tmp_path: Path, change: dict, message: str) -> None:
    pair = {"cation": "K", "donor": "O_ether", "sigma": 2.4, "epsilon": 17.0, "source": "aqvist"}
    with pytest.raises(InputError, match=message):
        load_force_field(write(tmp_path, {"cation_pairs": [pair | change]}))
    with pytest.raises(InputError, match="K O_ether is given twice"):
        load_force_field(write(tmp_path, {"cation_pairs": [pair, pair]}))


def test_a_share_of_a_pair_lies_between_mixing_and_the_pair() -> None:
    """The energy at any distance is that of the two curves in their shares."""
    pair = {"cation": "K", "donor": "O_ether", "sigma": 2.4, "epsilon": 17.0, "source": "aqvist"}
    field = FF.model_copy(update={"cation_pairs": (CationPair.model_validate(pair),)})

    def energy(sigma: float, epsilon: float, r: float) -> float:
        return 4 * epsilon * ((sigma / r) ** 12 - (sigma / r) ** 6)

    (term,) = field.pair_terms({"K", "O_ether", "HC"}, share=0.3)
    for r in (2.3, 2.7, 4.0):
        mixed = energy((4.93463 * 2.90) ** 0.5, (0.00137235 * 0.58576) ** 0.5, r)
        expected = 0.7 * mixed + 0.3 * energy(2.4, 17.0, r)
        assert energy(term.sigma_angstrom, term.epsilon_kj_mol, r) == pytest.approx(expected)
    assert field.pair_terms({"K", "HC"}) == []


# --- against independent sources -------------------------------------------------------


@pytest.mark.reference
def test_imide_and_pf6_terms_equal_the_published_clp_file(reference_data: Path) -> None:
    """Each of our CL&P terms is in the authors' own file with the same numbers."""
    sections: dict[str, list[list[str]]] = {}
    current = ""
    for line in (reference_data / "clandp_il.ff").read_text().splitlines():
        words = line.split("#")[0].split()
        if len(words) == 1:
            current = words[0]
        elif words:
            sections.setdefault(current, []).append(words)
    # Our class to theirs; they call the atoms of PF6 P and F.
    theirs = {"PF": "P", "FP": "F"}
    names = {"NB", "SB", "OB", "FB", "CF", "PF", "FP"}

    def published(kind: str, width: int) -> dict[tuple[str, ...], list[float]]:
        found: dict[tuple[str, ...], list[float]] = {}
        for words in sections[kind]:
            key = tuple(words[:width])
            numbers = [float(w) for w in words[width + 1 :]]
            found[key] = found[key[::-1]] = numbers
        return found

    tables = {n: published(k, n) for n, k in ((2, "BONDS"), (3, "ANGLES"), (4, "DIHEDRALS"))}
    checked = 0
    for group, numbers in (
        (FF.bonds, lambda t: [t.r0, t.k]),
        (FF.angles, lambda t: [t.theta0, t.k]),
        (FF.dihedrals, lambda t: list(t.v)),
    ):
        for term in group:
            if set(term.classes) <= names and term.source.startswith("clp"):
                key = tuple(theirs.get(c, c) for c in term.classes)
                assert numbers(term) == pytest.approx(tables[len(key)][key]), key
                checked += 1
    assert checked >= 20
    atoms = {w[0]: [float(w[3]), float(w[5]), float(w[6])] for w in sections["ATOMS"]}
    pairs = {
        "N_imide": "NBT", "S_imide": "SBT", "O_imide": "OBT", "F_fsi": "FSI", "C_tfsi": "CBT",
        "F_tfsi": "F1", "P_pf6": "P", "F_pf6": "FP", "Na": "Na", "Li": "Li",
    }  # fmt: skip
    for rule in FF.atom_types:
        if rule.name in pairs:
            expected = atoms[pairs[rule.name]]
            assert [rule.charge, rule.sigma, rule.epsilon] == pytest.approx(expected, rel=2e-3)


@pytest.mark.reference
@pytest.mark.parametrize(("species", "file"), [("dme", "C4H10O2"), ("g2", "C6H14O3")])
def test_ether_bonds_angles_and_sizes_equal_an_independent_set(
    species: str, file: str, reference_data: Path
) -> None:
    """Same multiset of bond, angle and Lennard-Jones parameters (charges are another model's)."""
    root = ET.parse(reference_data / "forcefields_k_openmm" / f"{file}.xml").getroot()
    molecule = parameterise(species, FF)

    theirs = sorted(
        (round(float(e.attrib["length"]), 4), round(float(e.attrib["k"]), 4))
        for e in root.find("HarmonicBondForce")  # type: ignore[union-attr]
    )
    ours = sorted((round(r / 10, 4), round(k * 100, 4)) for _, _, r, k in molecule.bonds)
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)
    theirs = sorted(
        (round(np.degrees(float(e.attrib["angle"])), 2), round(float(e.attrib["k"]), 3))
        for e in root.find("HarmonicAngleForce")  # type: ignore[union-attr]
    )
    ours = sorted((theta, round(k, 3)) for *_, theta, k in molecule.angles)
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)
    sizes = sorted(
        (round(s / 10, 4), round(e, 4))
        for s, e in zip(molecule.sigma_angstrom, molecule.epsilon_kj_mol, strict=True)
    )
    theirs = sorted(
        (round(float(e.attrib["sigma"]), 4), round(float(e.attrib["epsilon"]), 4))
        for e in root.find("NonbondedForce")  # type: ignore[union-attr]
    )
    np.testing.assert_allclose(sizes, theirs, rtol=1e-3)


@pytest.mark.reference
@pytest.mark.physics
@pytest.mark.skipif(shutil.which("gmx") is None, reason="GROMACS is not installed")
def test_box_energy_equals_an_independent_gromacs_topology(
    reference_data: Path, tmp_path: Path
) -> None:
    """1,922 atoms of KFSI/DME: somebody else's topology in GROMACS, ours in OpenMM."""
    folder = reference_data / "kfsi_dme_md"
    top = (folder / "kfsi_dme.top").read_text()
    (tmp_path / "a.top").write_text(top)
    (tmp_path / "a.mdp").write_text(
        "integrator = md\nnsteps = 0\ncontinuation = yes\ncutoff-scheme = Verlet\n"
        "coulombtype = PME\nrcoulomb = 1.0\nrvdw = 1.0\nvdw-modifier = None\n"
        "coulomb-modifier = None\newald-rtol = 1e-6\nfourierspacing = 0.08\nDispCorr = no\n"
    )
    for command in (
        f"gmx grompp -f a.mdp -c {folder / 'kfsi_dme.gro'} -p a.top -o a.tpr -maxwarn 9",
        "gmx mdrun -nt 1 -deffnm a",
    ):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    listed = subprocess.run(
        ["gmx", "energy", "-f", "a.edr", "-dp"], cwd=tmp_path, input="Potential\n\n",
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    theirs = float(re.search(r"Potential\s+(-?[0-9.e+]+)", listed).group(1))  # type: ignore[union-attr]
    universe = Universe(str(folder / "kfsi_dme.gro"))
    molecules = [parameterise(s, FF) for s in ("k_plus", "fsi_minus", "dme")]
    topology = Topology(tuple(zip(molecules, (13, 13, 112), strict=True)))
    assert [a.name[0] for a in universe.atoms] == [
        e[0] for m, n in topology.molecules for e in m.elements * n
    ]
    box = np.diag(universe.dimensions[:3]).astype(float)
    system = build_system(
        topology,
        box,
        Settings(ewald_tolerance=1e-6, dispersion_correction=False),
        constrain_hydrogens=False,
    )
    context = make_context(system, openmm.VerletIntegrator(0.001), "CPU")
    context.setPositions(universe.atoms.positions.astype(float) / 10)
    energies = energies_kj_mol(context)
    # The total is a small difference of large terms: 0.01 % of those.
    large = sum(abs(e) for name, e in energies.items() if name != "total")
    assert energies["total"] == pytest.approx(theirs, abs=1e-4 * large)


@pytest.mark.physics
@pytest.mark.parametrize("species", [s for s in SPECIES if FF.species[s].smiles.count("+]") != 1])
def test_gas_phase_geometry_is_that_of_gfn2(species: str) -> None:
    """Minimised with full charges: bonds within 0.05 A, angles within 8 degrees of GFN2-xTB.

    Terms around sulfur are left out: GFN2 is no reference for sulfonylimides, and
    those terms are compared with their authors' own file above.
    """
    from ase import Atoms
    from ase.optimize import BFGS
    from tblite.ase import TBLite

    molecule = parameterise(species, FF, charge_scale=1.0)
    topology = Topology(((molecule, 1),))
    system = build_system(
        topology, np.eye(3) * 100, Settings(), constrain_hydrogens=False, periodic=False
    )
    context = make_context(system, openmm.VerletIntegrator(0.001), "Reference")
    context.setPositions(np.array(molecule.positions_angstrom) / 10)
    openmm.LocalEnergyMinimizer.minimize(context, 0.1)
    ours = np.asarray(context.getState(getPositions=True).getPositions(asNumpy=True)._value) * 10
    atoms = Atoms(molecule.elements, ours)
    atoms.calc = TBLite(method="GFN2-xTB", charge=molecule.formal_charge, verbosity=0)
    BFGS(atoms, logfile=None).run(fmax=0.02, steps=200)
    theirs = Atoms(molecule.elements, atoms.positions)
    mine = Atoms(molecule.elements, ours)
    sulfur = {i for i, e in enumerate(molecule.elements) if e == "S"}
    bonds = [(i, j) for i, j, *_ in molecule.bonds if not sulfur & {i, j}]
    angles = [(i, j, k) for i, j, k, *_ in molecule.angles if not sulfur & {i, j, k}]
    if not bonds:
        pytest.skip("every bond is to sulfur")
    d_bond = [mine.get_distance(*b) - theirs.get_distance(*b) for b in bonds]
    d_angle = [mine.get_angle(*a) - theirs.get_angle(*a) for a in angles]
    worst = max(range(len(bonds)), key=lambda n: abs(d_bond[n]))
    names = [molecule.names[n] for n in bonds[worst]]
    assert max(map(abs, d_bond)) < 0.05, (names, d_bond[worst])
    if angles:  # rigid water has none
        worst = max(range(len(angles)), key=lambda n: abs(d_angle[n]))
        names = [molecule.names[n] for n in angles[worst]]
        assert max(map(abs, d_angle)) < 8.0, (names, d_angle[worst])
