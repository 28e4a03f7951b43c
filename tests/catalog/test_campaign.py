"""Campaign files."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash.catalog import load_catalog
from potash.catalog.campaign import CriterionSpec, load_campaign
from potash.catalog.campaign_parts import ComplexSpec, LiquidsPart, MoleculesPart
from potash.catalog.selection import (
    selected_electrolytes,
    selected_models,
    selected_salts,
    selected_species,
)
from potash.errors import InputError
from potash.resources import data_dir


def campaign_file(folder: Path, text: str) -> Path:
    path = folder / "campaign.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_quickstart() -> None:
    campaign, catalog = load_campaign(data_dir("workflows") / "quickstart.yaml")
    assert campaign.name == "quickstart"
    assert len(campaign.hosts.items) == 6
    assert len(campaign.molecules.items) == 9
    species = {s.id: levels for s, levels in selected_species(campaign.molecules, catalog)}
    assert species["dme"] == ("screen", "standard")
    assert species["fsi_minus"] == ("screen", "standard")
    assert species["ec"] == ("screen",)
    assert [c.id for c in campaign.complexes.items] == ["k_dme"]
    assert [f.id for f in selected_electrolytes(campaign.liquids, catalog)] == [
        "kfsi_dme_1m",
        "kpf6_dme_1m",
    ]
    assert campaign.liquids.production_ps >= 30
    assert all(name in catalog.models for name in campaign.hosts.items)


def test_hosts_stand_for_their_models_once_each(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "models.yaml").write_text(
        "models:\n"
        "  - {id: m1, label: x, kind: 2d_slab, formula: C, recipe: {builder: graphene}}\n"
        "  - {id: m2, label: x, kind: 2d_slab, formula: C, recipe: {builder: graphdiyne}}\n"
        "  - {id: m3, label: x, kind: bulk, formula: C, not_modelled_reason: no cell is known}\n"
    )
    (tmp_path / "own" / "hosts.yaml").write_text(
        "hosts:\n"
        "  - {id: h1, name: x, material_class: carbon, models: [m1, m3]}\n"
        "  - {id: h2, name: x, material_class: carbon, models: [m1, m2]}\n"
    )
    text = (
        "name: t\ncatalog: own\nhosts:\n  items: [h2, h1]\n  levels: [screen]\n"
        "  extra: {standard: [m2]}\n  calculator: mypkg.module:factory\n"
    )
    campaign, catalog = load_campaign(campaign_file(tmp_path, text))
    models = selected_models(campaign.hosts, catalog)
    assert [(m.id, levels) for m, levels in models] == [
        ("m1", ("screen",)),
        ("m2", ("screen", "standard")),
    ]


def test_all_and_salts() -> None:
    catalog = load_catalog()
    everything = selected_species(MoleculesPart(items=("all",)), catalog)
    assert len(everything) == 82
    ions = selected_species(MoleculesPart(items=("kfsi", "kpf6")), catalog)
    assert [s.id for s, _ in ions] == ["k_plus", "fsi_minus", "pf6_minus"]
    liquids = selected_electrolytes(LiquidsPart(items=("all",)), catalog)
    assert {f.kind for f in liquids} == {"liquid", "ionic_liquid"}
    assert not any(f.open_amounts for f in liquids)
    assert "kfsi_dme_hc" not in {f.id for f in liquids}


def test_complex_id_does_not_depend_on_the_order_of_ligands() -> None:
    assert ComplexSpec(metal="K", ligands=("ec", "dme")).id == "k_dme_ec"
    assert ComplexSpec(metal="K", ligands=("dme", "ec")).id == "k_dme_ec"


def test_criterion_direction() -> None:
    up = CriterionSpec(column="x", worst=0, best=1, weight=1)
    down = CriterionSpec(column="x", worst=0, best=-1, weight=1)
    assert (up.direction, down.direction) == ("maximise", "minimise")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name: t\nhosts: {items: [\n", 3, ["not valid YAML"]),
        ("name: t\n", 1, ["nothing to compute"]),
        ("molecules: {items: [dme]}\n", 1, ["the key 'name' is missing"]),
        ("name: a/b\nmolecules: {items: [dme]}\n", 1, ["'a/b' cannot name a folder"]),
        (
            "name: t\nmolecule:\n  items: [dme]\n",
            2,
            ["unknown key 'molecule'; did you mean 'molecules'?"],
        ),
        (
            "name: t\nmolecules:\n  item: [dme]\n",
            3,
            ["molecules/item", "unknown key 'item'; did you mean 'items'?"],
        ),
        (
            "name: t\nmolecules:\n  items:\n    - dme\n    - dmee\n",
            5,
            ["molecules/items[1]", "unknown species or salt 'dmee'; did you mean 'dme'?"],
        ),
        (
            "name: t\nmolecules:\n  items: [dme]\n  extra:\n    standard: [ecc]\n",
            5,
            ["molecules/extra/standard[0]", "'ecc'"],
        ),
        ("name: t\nmolecules: {items: [dme, dme]}\n", 2, ["'dme' is listed twice"]),
        ("name: t\nmolecules: {items: [all, dme]}\n", 2, ["'all' stands alone"]),
        ("name: t\nmolecules: {items: [dme], levels: [Best one]}\n", 2, ["name of a level"]),
        ("name: t\nmolecules: {items: [dme], levels: []}\n", 2, ["at least 1 item"]),
        ("name: t\nhosts: {items: [grafite]}\n", 2, ["unknown host or model 'grafite'"]),
        (
            "name: t\nhosts: {items: [graphite], calculator: mace}\n",
            2,
            ["'mace' does not name a calculator", "package.module:factory"],
        ),
        ("name: t\nhosts: {items: [graphite], facets: some}\n", 2, ["not one of first, all"]),
        ("name: t\ncomplexes: {items: [{metal: Rb, ligands: [dme]}]}\n", 2, ["'Rb'", "Li, Na, K"]),
        ("name: t\ncomplexes: {items: [{metal: K, ligands: []}]}\n", 2, ["at least 1 item"]),
        ("name: t\ncomplexes: {items: [{ligands: [dmee]}]}\n", 2, ["unknown species 'dmee'"]),
        (
            "name: t\ncomplexes: {items: [{ligands: [dme]}, {ligands: [dme]}]}\n",
            2,
            ["the complex k_dme is listed twice"],
        ),
        ("name: t\nliquids: {items: [kfsi]}\n", 2, ["unknown electrolyte 'kfsi'"]),
        (
            "name: t\nliquids: {items: [kfsi_dme_hc]}\n",
            2,
            ["cannot be simulated", "does not say how much kfsi"],
        ),
        ("name: t\nliquids: {items: [kfsi_dme_1m], n_atoms: 10}\n", 2, ["n_atoms", "100"]),
        ("name: t\nliquids: {items: [kfsi_dme_1m], production_ps: -1}\n", 2, ["-1"]),
        ("name: t\nliquids: {items: [kfsi_dme_1m], seeds: [1, 1]}\n", 2, ["seeds have to differ"]),
        ("name: t\nseed: x\nmolecules: {items: [dme]}\n", 2, ["seed", "'x'"]),
        ("name: t\ncatalog: mine\nmolecules: {items: [dme]}\n", 2, ["no folder 'mine'"]),
        (
            "name: t\nmolecules: {items: [dme]}\nranking:\n  hosts:\n"
            "    - {column: a, worst: 1, best: 1, weight: 1}\n",
            5,
            ["ranking/hosts[0]", "have to differ"],
        ),
        (
            "name: t\nmolecules: {items: [dme]}\nranking:\n  hosts:\n"
            "    - {column: a, worst: 1, best: 0, weight: 0}\n",
            4,
            ["at least one criterion needs a weight"],
        ),
    ],
)
def test_bad_campaigns(tmp_path: Path, text: str, line: int, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        load_campaign(campaign_file(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert caught.value.source.endswith(f"campaign.yaml:{line}")
    for word in words:
        assert word in str(caught.value)


OTHER = "hosts: {items: [al_111]}\n"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("hosts: {levels: [standard]}", "hosts: 'levels' has no effect without 'items'"),
        ("hosts: {phases: true, facets: all}", "'facets' has no effect without 'items'"),
        ("molecules: {redox: true}", "molecules: 'redox' has no effect without 'items'"),
        ("complexes: {levels: [standard]}", "complexes: 'levels' has no effect"),
        ("liquids: {n_atoms: 900}", "liquids: 'n_atoms' has no effect without 'items'"),
        ("molecules: {items: [ec], medium: ec}", "'medium' has no effect without 'redox: true'"),
        ("molecules: {items: [ec], ion_pairs: true}", "there is no salt among the items"),
        ("molecules: {items: [ec], fluoride_release: true}", "no item holds fluorine"),
        ("hosts: {items: [al_111, nothing]}", "nothing has no model with a surface: no cell"),
        ("hosts: {items: [al_111], extra: {standard: [bulk_only]}}", "surface: bulk only"),
    ],
)
def test_what_has_no_effect_is_refused(tmp_path: Path, part: str, message: str) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "models.yaml").write_text(
        "models:\n"
        "  - {id: nothing, label: x, kind: bulk, formula: C,"
        " not_modelled_reason: no cell is known}\n"
        "  - id: bulk_only\n"
        "    label: x\n"
        "    kind: bulk\n"
        "    formula: Cu\n"
        "    recipe:\n"
        "      builder: bulk\n"
        "      crystal: {kind: prototype, prototype: fcc, elements: [Cu], a: 3.6}\n"
    )
    text = f"name: x\ncatalog: own\n{part}\n"
    if "items" not in part:
        text += "complexes: {items: [{ligands: [dme]}]}\n" if "complexes" not in part else OTHER
    with pytest.raises(InputError) as raised:
        load_campaign(campaign_file(tmp_path, text))
    assert message in str(raised.value)
    assert "campaign.yaml:" in str(raised.value)


def test_salts_are_selected_beside_their_ions() -> None:
    catalog = load_catalog()
    part = MoleculesPart(items=("kfsi", "dme"), levels=("screen",), extra={"standard": ("kpf6",)})
    assert [(s.id, v) for s, v in selected_salts(part, catalog)] == [
        ("kfsi", ("screen",)),
        ("kpf6", ("standard",)),
    ]
    everything = selected_salts(MoleculesPart(items="all"), catalog)  # type: ignore[arg-type]
    assert {s.id for s, _ in everything} == set(catalog.salts)
