"""Candidates that a question brings along: their ids, what they become, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ase.build import bulk, fcc111, molecule
from ase.io import write

from potash.catalog.campaign import Campaign, load_campaign
from potash.catalog.catalog import Catalog
from potash.errors import InputError

BY: Mapping[str, Any] = {
    "molecules": {"oxidation_limit_v": {"best": 7, "worst": 4}},
    "hosts": {"adsorption_energy_ev": {"best": -1.5, "worst": 0}},
    "electrolytes": {"density_g_ml": {"best": 0.8, "worst": 1.4}},
}
SWEEP = {"salts": ["kfsi"], "solvents": ["dme"], "molarities_mol_l": [1]}


def loaded(folder: Path, **among: Any) -> tuple[Campaign, Catalog]:
    file = folder / "campaign.yaml"
    parts = {kind: {"choose": 1, "among": x, "by": BY[kind]} for kind, x in among.items()}
    file.write_text(yaml.safe_dump({"name": "q", "question": parts}))
    return load_campaign(file)


def asked(folder: Path, **among: Any) -> tuple[tuple[str, ...], Catalog]:
    campaign, catalog = loaded(folder, **among)
    assert campaign.question is not None
    (part,) = campaign.question.parts.values()
    return part.among.only, catalog


def test_a_library_becomes_species_and_known_molecules_keep_their_ids(tmp_path: Path) -> None:
    (tmp_path / "my.smi").write_text(
        "COCCOC something else\nCCOCCOCC My Ether 2\nC[C@H](F)OC\nCCC#N\n"
    )
    names, catalog = asked(tmp_path, molecules={"from": "my.smi", "roles": ["diluent"]})
    # DME is in the catalogue; the third line has no name: its InChIKey, with stereochemistry.
    assert names[:2] == ("dme", "my_ether_2")
    assert names[2].startswith("qzljgdlvmiojtl_") or len(names[2].split("_")) == 2
    assert len(names[3]) == 14
    ether = catalog.species["my_ether_2"]
    assert (ether.smiles, ether.roles, ether.composition["C"]) == ("CCOCCOCC", ("diluent",), 6)
    assert "my_ether_2" in catalog.added
    assert "dme" not in catalog.added


def test_a_csv_with_charges(tmp_path: Path) -> None:
    (tmp_path / "ions.csv").write_text("id,smiles\nmy_anion,O=S(=O)([O-])CC\n")
    names, catalog = asked(tmp_path, molecules={"from": "ions.csv"})
    assert names == ("my_anion",)
    assert catalog.species["my_anion"].charge == -1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CCO ok\nC1CC\nC(C\n", r"my\.smi: line 2: .*1 more such line"),
        ("CCOCCOCC a-b\nCCOCCC a b\n", r"my\.smi: line 2: the id 'a_b' is that of line 1"),
        ("CCOCCOCC dme\n", r"line 1: the id 'dme' is that of COCCOC in the catalogue"),
        ("\n", r"my\.smi: holds no molecule"),
    ],
)
def test_bad_libraries_are_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "my.smi").write_text(text)
    with pytest.raises(InputError, match=message):
        asked(tmp_path, molecules={"from": "my.smi"})


def test_a_folder_of_structures_becomes_hosts_with_their_natural_planes(tmp_path: Path) -> None:
    folder = tmp_path / "cifs"
    folder.mkdir()
    write(folder / "Copper.cif", bulk("Cu"))
    write(folder / "salt.cif", bulk("NaCl", "rocksalt", a=5.64))
    write(folder / "slab.xyz", fcc111("Ag", (2, 2, 3), vacuum=8.0), format="extxyz")
    (folder / "notes.txt").write_text("not a structure")
    names, catalog = asked(tmp_path, hosts={"from": "cifs"})
    assert names == ("copper", "salt", "slab")
    classes = [catalog.hosts[n].material_class for n in names]
    assert classes == ["metal", "halide", "metal"]
    # Wulff's forms: octahedra of copper, and cubes of rock salt, whose (111) is polar.
    assert [catalog.models[n].facets for n in ("copper", "salt")] == [("(111)",), ("(100)",)]
    assert all(catalog.models[n].has_surface for n in names)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "holds no structure file"),
        (("a b.cif", "a-b.cif"), "the id 'a_b' is that of another file"),
        (("al_111.cif",), "already taken"),
    ],
)
def test_bad_folders_are_one_line(tmp_path: Path, names: tuple[str, ...], message: str) -> None:
    folder = tmp_path / "cifs"
    folder.mkdir()
    for name in names:
        write(folder / name, bulk("Cu"))
    with pytest.raises(InputError, match=message):
        asked(tmp_path, hosts={"from": "cifs"})


def test_a_structure_that_cannot_be_read_names_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "cifs"
    folder.mkdir()
    (folder / "broken.cif").write_text("data_\nnothing here\n")
    with pytest.raises(InputError, match=r"broken\.cif"):
        asked(tmp_path, hosts={"from": "cifs"})


def test_a_cluster_is_a_host_too(tmp_path: Path) -> None:
    folder = tmp_path / "xyz"
    folder.mkdir()
    write(folder / "benzene.xyz", molecule("C6H6"))
    names, catalog = asked(tmp_path, hosts={"from": "xyz"})
    assert names == ("benzene",)
    assert catalog.models["benzene"].kind == "cluster"


def test_a_sweep_becomes_formulations_and_known_ones_keep_their_ids(tmp_path: Path) -> None:
    (tmp_path / "my.smi").write_text("CCOCCOCC dee\n")
    sweep = {
        "salts": ["kfsi", "kpf6"],
        "solvents": ["dme"],
        "solvents_from": "my.smi",
        "molarities_mol_l": [1, 2.5],
    }
    names, catalog = asked(tmp_path, electrolytes={"sweep": sweep})
    assert len(names) == len(set(names)) == 8
    assert {"kfsi_dme_1m", "kfsi_dee_2p5m", "kpf6_dee_1m"} < set(names)
    assert "kfsi_dme_1m" not in catalog.proposed
    made = catalog.electrolytes["kfsi_dee_2p5m"]
    assert made.id in catalog.proposed
    assert made.name == "2.5 M KFSI in dee"
    amounts = [(c.species, c.role, c.used.value, c.used.unit) for c in made.components]
    assert amounts == [("kfsi", "salt", 2.5, "mol/L"), ("dee", "solvent", None, "balance")]


@pytest.mark.parametrize(
    ("among", "message"),
    [
        ({"molecules": {"from": "absent.smi"}}, "there is no file or folder 'absent.smi'"),
        ({"molecules": {"from": "absent.smi", "only": ["dme"]}}, "no file or folder"),
        ({"electrolytes": {"sweep": SWEEP, "only": ["kfsi_dme_1m"]}}, "'only' does so too"),
        ({"electrolytes": {"sweep": {**SWEEP, "salts": ["kfs"]}}}, "kfs.*did you mean"),
        ({"electrolytes": {"sweep": {**SWEEP, "solvents": ["dmee"]}}}, "dmee"),
        ({"electrolytes": {"sweep": {**SWEEP, "fluorine_free": True}}}, "leave none of 1"),
        ({"molecules": {"only": ["dme", "dmee"]}}, "question/molecules/among/only.*dmee"),
        ({"hosts": {"only": ["graphene_"]}}, "not a valid id"),
        ({"molecules": {"only": ["dme"], "without": ["dme"]}}, "leaves out everything"),
        (
            {"hosts": {"with_elements": ["Pt", "Cu"], "without_elements": ["Pt"]}},
            "nobody is with and without Pt",
        ),
        ({"electrolytes": {"salts": ["kfs"]}}, "kfs"),
    ],
)
def test_bad_candidates_are_one_line(tmp_path: Path, among: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        loaded(tmp_path, **among)
    assert "campaign.yaml:" in str(error.value)
    assert "\n" not in str(error.value)
