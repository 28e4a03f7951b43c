"""The shipped catalogue is complete; a user's entries are merged or refused in one line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from ase.build import bulk
from ase.io import write

from potash.catalog import load_catalog
from potash.catalog.catalog import USER_FILES
from potash.errors import InputError
from tests.counting import calls


def test_counts() -> None:
    catalog = load_catalog()
    assert len(catalog.hosts) == 109
    assert len(catalog.species) == 82
    assert len(catalog.salts) == 20
    assert len(catalog.electrolytes) == 77
    assert len(catalog.claims) == 130
    assert len(catalog.models) >= 139
    assert not catalog.added


def test_every_fact_about_hosts_is_there() -> None:
    hosts = load_catalog().hosts.values()
    quantities = [q for h in hosts for q in h.quantities]
    assert len(quantities) == 174
    assert sum(q.origin == "computed_in_source" for q in quantities) == 5
    assert sum(q.comparator is not None for q in quantities) == 2
    numbers = [q.value for q in quantities if isinstance(q.value, float)]
    assert len(numbers) == 166
    assert sum(numbers) == pytest.approx(84062.240453)
    assert sum(len(h.says) for h in hosts) == 107
    assert sum(len(h.issues) for h in hosts) == 35
    assert sum(len(h.only_in_figures) for h in hosts) == 18
    assert sum(len(h.where) for h in hosts) == 160
    assert sum(len(h.abbreviations) for h in hosts) == 123
    assert sum(len(h.forms_with_k) for h in hosts) == 29
    assert sum(sum(h.refs) for h in hosts) == 28589
    assert sum(h.composite for h in hosts) == 36
    assert all(h.where and h.refs for h in hosts)
    assert Counter(h.material_class for h in hosts) == {
        "oxide": 19,
        "doped_carbon": 17,
        "carbon": 17,
        "metal": 14,
        "alloy": 12,
        "other": 10,
        "chalcogenide": 6,
        "mxene": 5,
        "halide": 5,
        "mof": 4,
    }


def test_every_fact_about_species_is_there() -> None:
    species = load_catalog().species.values()
    assert Counter(s.charge for s in species) == {0: 52, -1: 16, 1: 7, -2: 5, 3: 1, 2: 1}
    assert Counter(s.structure_basis for s in species) == {
        "given": 54,
        "inferred": 21,
        "standard": 7,
    }
    assert sum(bool(s.note) for s in species) == 35
    assert sum(bool(s.repeat_unit_smiles) for s in species) == 10
    assert sum(bool(s.name_in_review) for s in species) == 8
    assert sum(s.permittivity is not None for s in species) == 14
    assert sum(sum(s.refs) for s in species) == 26449


def test_every_fact_about_electrolytes_is_there() -> None:
    electrolytes = load_catalog().electrolytes.values()
    assert sum(len(e.components) for e in electrolytes) == 181
    quantities = [q for e in electrolytes for q in e.quantities]
    assert len(quantities) == 86
    assert sum(q.value for q in quantities if isinstance(q.value, float)) == pytest.approx(
        9971.750155584
    )
    assert sum(len(e.says) for e in electrolytes) == 65
    assert sum(len(e.issues) for e in electrolytes) == 34
    assert sum(len(e.unspecified) for e in electrolytes) == 57
    assert sum(len(e.compare_with) for e in electrolytes) == 30
    assert sum(len(e.where) for e in electrolytes) == 105
    assert sum(sum(e.refs) for e in electrolytes) == 22163
    assert sum(e.phase is not None for e in electrolytes) == 17
    assert all(c.amount.as_printed for e in electrolytes for c in e.components)
    assert Counter(e.kind for e in electrolytes) == {
        "liquid": 43,
        "borohydride": 10,
        "polymer": 9,
        "solid_inorganic": 7,
        "gel": 3,
        "ionic_liquid": 2,
        "solid_organic": 2,
        "pretreatment": 1,
    }


def test_unspecified_is_data() -> None:
    catalog = load_catalog()
    hc = catalog.get_electrolyte("kfsi_dme_hc")
    assert hc.unspecified == ("concentration",)
    assert hc.components[0].amount.unit == "unspecified"
    assert hc.components[0].amount.as_printed == "high (not given)"
    assert hc.open_amounts == ("kfsi",)
    assumed = catalog.get_electrolyte("e_13dx")
    assert assumed.assumptions == ("kfsi: 1 mol/L assumed, the source says 'not given'",)
    assert assumed.open_amounts == ()


def test_spot_checks() -> None:
    catalog = load_catalog()
    first = catalog.get_host("rgo")
    assert first.quantities[0].value == 11.86
    assert first.quantities[0].unit == "mA h cm-2"
    assert first.quantities[0].ref == 149
    lhce = catalog.get_electrolyte("lhce2_kfsi_dme_tte")
    assert [(c.species, c.amount.value, c.amount.unit) for c in lhce.components] == [
        ("kfsi", 1, "molar_ratio"),
        ("dme", 2, "molar_ratio"),
        ("tte", 1, "molar_ratio"),
    ]
    mixed = catalog.get_electrolyte("kpf6_napf6_dme").components
    assert sum(c.amount.value or 0 for c in mixed[:2]) == pytest.approx(0.8)
    assert (mixed[0].amount.value or 0) / (mixed[1].amount.value or 1) == pytest.approx(16.2, 1e-3)
    assert catalog.salt_smiles("kpf6") == "[K+].F[P-](F)(F)(F)(F)F"
    assert catalog.salt_smiles("kb3h8") is None
    assert catalog.species_in("kfsi_dme_1m") == ("k_plus", "fsi_minus", "dme")
    assert "kfsi_dme_1m" in catalog.used_in("fsi_minus")
    assert "kfsi_dme_1m" in catalog.used_in("kfsi")
    assert catalog.used_in("lino3") == ()


def test_ids_are_unique_over_all_kinds() -> None:
    c = load_catalog()
    kinds = (c.hosts, c.models, c.species, c.salts, c.electrolytes, c.auxiliary_systems)
    counted = Counter(name for kind in kinds for name in kind)
    assert [name for name, n in counted.items() if n > 1] == []


def test_every_model_stands_for_a_host() -> None:
    catalog = load_catalog()
    used = {name for host in catalog.hosts.values() for name in host.models}
    assert used == set(catalog.models)


def test_the_shipped_catalogue_is_read_once() -> None:
    load_catalog()
    assert calls(load_catalog) < 10


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("host", "graphit", "unknown host 'graphit'; did you mean 'graphite'?"),
        ("species", "DME", "unknown species 'DME'; did you mean 'dme'?"),
        ("species", "diglyme", "unknown species 'diglyme'; did you mean 'g2'?"),
        ("species", "1,3-dioxane", "did you mean 'dx13'?"),
        ("salt", "kfis", "did you mean 'kfsi'?"),
        ("electrolyte", "kfsi_dme", "did you mean 'kfsi_dme_"),
        ("model", "cu111", "did you mean 'cu_111'?"),
        ("claim", "qqqq", "unknown claim 'qqqq'; see the list of ids"),
    ],
)
def test_unknown_ids_suggest_the_nearest(kind: str, name: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        getattr(load_catalog(), f"get_{kind}")(name)
    assert words in str(caught.value)


SPECIES = """species:
  - {id: so4_2minus, name: sulfate, smiles: '[O-]S(=O)(=O)[O-]', charge: -2}
  - {id: mthf, name: 2-methyltetrahydrofuran, smiles: CC1CCCO1, roles: [solvent]}
"""
SALTS = """salts:
  - {id: k2so4_salt, name: potassium sulfate, cation: k_plus, n_cation: 2, anion: so4_2minus}
"""
FORMULATIONS = """formulations:
  - id: kfsi_mthf
    name: 1.2 m KFSI in 2-MeTHF
    components:
      - {species: kfsi, role: salt, amount: {value: 1.2, unit: mol/kg}}
      - {species: mthf, role: solvent, amount: {unit: balance}}
  - id: ions_apart
    name: ions listed one by one
    components:
      - {species: k_plus, role: cation, amount: {value: 1, unit: mol/L}}
      - {species: so4_2minus, role: anion, amount: {value: 0.5, unit: mol/L}}
      - {species: mthf, role: solvent, amount: {unit: balance}}
"""
MODELS = """models:
  - {id: mgo_100, label: MgO, kind: slab, formula: MgO, facets: [(100)], structure: mgo.cif}
  - id: nb2c_o2
    label: Nb2CO2
    kind: 2d_slab
    formula: Nb2CO2
    recipe: {builder: mxene, metal: Nb, x_layers: [C], termination: O, a: 3.13}
"""
HOSTS = """hosts:
  - {id: magnesia, name: magnesia, material_class: oxide, models: [mgo_100]}
  - {id: nb2c, name: Nb2C MXene, material_class: mxene, models: [nb2c_o2, pristine_graphene]}
"""


def user_folder(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_user_entries_are_merged(tmp_path: Path) -> None:
    write(tmp_path / "mgo.cif", bulk("MgO", "rocksalt", a=4.21, cubic=True))
    user_folder(
        tmp_path,
        species=SPECIES,
        salts=SALTS,
        formulations=FORMULATIONS,
        models=MODELS,
        hosts=HOSTS,
    )
    catalog = load_catalog(tmp_path)
    assert len(catalog.hosts) == 111
    assert len(catalog.species) == 84
    assert len(catalog.electrolytes) == 79
    assert catalog.added == {
        "so4_2minus",
        "mthf",
        "k2so4_salt",
        "kfsi_mthf",
        "ions_apart",
        "mgo_100",
        "nb2c_o2",
        "magnesia",
        "nb2c",
    }
    assert catalog.get_model("mgo_100").recipe is not None
    assert catalog.species_in("kfsi_mthf") == ("k_plus", "fsi_minus", "mthf")
    assert len(load_catalog().hosts) == 109


def formulation(*components: str) -> str:
    lines = "".join(f"      - {{{c}}}\n" for c in components)
    return f"formulations:\n  - id: mine\n    name: mine\n    components:\n{lines}"


BALANCE = "species: dme, role: solvent, amount: {unit: balance}"


@pytest.mark.parametrize(
    ("file", "text", "line", "words"),
    [
        ("hosts", "hosts:\n  - {id: x\n", 3, ["not valid YAML"]),
        (
            "hosts",
            "hosts:\n  - id: x\n    name: x\n    klass: oxide\n    models: [cu_111]\n",
            4,
            ["hosts/x/klass", "unknown key 'klass'", "allowed:", "material_class"],
        ),
        (
            "hosts",
            "hosts:\n  - id: x\n    name: x\n    material_class: oxid\n    models: [cu_111]\n",
            4,
            ["hosts/x/material_class", "'oxid' is not one of carbon", "did you mean 'oxide'?"],
        ),
        (
            "hosts",
            "hosts:\n  - id: x\n    name: x\n    material_class: metal\n"
            "    models:\n      - cu111\n",
            6,
            ["hosts/x/models[0]", "unknown model 'cu111'; did you mean 'cu_111'?"],
        ),
        (
            "hosts",
            "hosts:\n  - {id: graphite, name: x, material_class: carbon, models: [cu_111]}\n",
            2,
            ["hosts/graphite/id", "'graphite' is already taken (host)"],
        ),
        (
            "hosts",
            "hosts:\n  - {id: dme, name: x, material_class: carbon, models: [cu_111]}\n",
            2,
            ["'dme' is already taken (species)"],
        ),
        (
            "hosts",
            "hosts:\n  - {id: My-Host, name: x, material_class: carbon, models: [cu_111]}\n",
            2,
            ["'My-Host' is not a valid id", "snake_case"],
        ),
        (
            "models",
            "models:\n  - id: x\n    label: x\n    kind: slab\n    formula: X\n"
            "    structure: bad.cif\n",
            2,
            ["models/x", "'bad.cif': is not valid CIF"],
        ),
        (
            "models",
            "models:\n  - id: x\n    label: x\n    kind: slab\n    formula: X\n"
            "    structure: no.cif\n",
            2,
            ["models/x", "the structure file 'no.cif': there is no such file"],
        ),
        (
            "models",
            "models:\n  - id: x\n    label: x\n    kind: slab\n    formula: X\n"
            "    recipe:\n      builder: mxene\n      termination: O\n      metl: Nb\n",
            9,
            ["models/x/recipe/metl", "unknown key 'metl'; did you mean 'metal'?"],
        ),
        (
            "species",
            "species:\n  - id: x\n    name: x\n    smiles: C1CC(\n",
            4,
            ["species/x/smiles", "'C1CC(' cannot be read"],
        ),
        (
            "species",
            "species:\n  - id: x\n    name: x\n    smiles: '[Cl-]'\n",
            2,
            ["species/x", "charge +0 does not agree", "whose charge is -1"],
        ),
        (
            "species",
            "species:\n  - {id: x, name: x, smiles: O}\n  - {id: x, name: y, smiles: C}\n",
            3,
            ["the id 'x' is already used on line 2"],
        ),
        (
            "salts",
            "salts:\n  - {id: x, name: x, cation: k_plus, anion: co3_2minus}\n",
            2,
            ["salts/x", "not neutral: 1 x k_plus (+1) and 1 x co3_2minus (-2) give -1"],
        ),
        (
            "salts",
            "salts:\n  - {id: x, name: x, cation: k_plus, anion: na_plus}\n",
            2,
            ["salts/x/anion", "'na_plus' has the charge +1 and cannot be the anion"],
        ),
        (
            "salts",
            "salts:\n  - {id: x, name: x, cation: k_plus, anion: fsi}\n",
            2,
            ["salts/x/anion", "unknown species 'fsi'; did you mean 'fsi_minus'?"],
        ),
        (
            "formulations",
            formulation("species: kfsi, role: salt, amount: {value: -1, unit: mol/L}", BALANCE),
            5,
            ["formulations/mine/components[0]/amount", "-1 mol/L is impossible; it must be > 0"],
        ),
        (
            "formulations",
            formulation("species: kfsi, role: salt, amount: {value: 1, unit: M}", BALANCE),
            5,
            ["formulations/mine/components[0]/amount/unit", "'M' is not one of mol/L"],
        ),
        (
            "formulations",
            formulation("species: k_plus, role: cation, amount: {value: 1, unit: mol/L}", BALANCE),
            4,
            ["formulations/mine/components", "the charges do not balance", "give +1"],
        ),
        (
            "formulations",
            formulation(
                "species: k_plus, role: cation, amount: {value: 1, unit: mol/L}",
                "species: fsi_minus, role: anion, amount: {value: 2, unit: mol/L}",
                BALANCE,
            ),
            4,
            ["1 mol/L k_plus (+1) and 2 mol/L fsi_minus (-1) give -1", "counter-ion"],
        ),
        (
            "formulations",
            formulation(
                "species: k_plus, role: cation, amount: {value: 1, unit: mol/L}",
                "species: fsi_minus, role: anion, amount: {value: 1, unit: wt_percent}",
                BALANCE,
            ),
            4,
            ["charges of k_plus, fsi_minus cannot be balanced"],
        ),
        (
            "formulations",
            formulation("species: k_plus, role: cation, amount: {unit: unspecified}", BALANCE),
            4,
            ["k_plus has no counter-ion"],
        ),
        (
            "formulations",
            formulation("species: kfsii, role: salt, amount: {value: 1, unit: mol/L}", BALANCE),
            5,
            ["unknown species or salt 'kfsii'; did you mean 'kfsi'?"],
        ),
        (
            "formulations",
            "formulations:\n  - {id: kfsi_dme_1m, name: x, components: "
            "[{species: dme, role: solvent, amount: {unit: pure}}]}\n",
            2,
            ["the id 'kfsi_dme_1m' is already taken (electrolyte)"],
        ),
    ],
)
def test_bad_user_entries(
    tmp_path: Path, file: str, text: str, line: int, words: list[str]
) -> None:
    (tmp_path / "bad.cif").write_text("not a structure\n")
    with pytest.raises(InputError) as caught:
        load_catalog(user_folder(tmp_path, **{file: text}))
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.source.endswith(f"{file}.yaml:{line}")
    for word in words:
        assert word in message


def test_bad_user_folders(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such catalogue folder"):
        load_catalog(tmp_path / "absent")
    with pytest.raises(InputError, match="holds none of"):
        load_catalog(tmp_path)
    (tmp_path / "host.yaml").write_text("hosts: []\n")
    with pytest.raises(InputError, match=r"did you mean 'hosts\.yaml'"):
        load_catalog(tmp_path)
    assert set(USER_FILES) == {
        "hosts.yaml",
        "models.yaml",
        "species.yaml",
        "salts.yaml",
        "formulations.yaml",
    }
