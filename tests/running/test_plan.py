"""From campaign files to calculations, with entries of the user's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.io import write
from ase.spacegroup import crystal

from potash.catalog.campaign import load_campaign
from potash.catalog.catalog import load_catalog
from potash.catalog.phases import load_phases
from potash.engines import gpaw
from potash.engines.md_levels import liquid_level
from potash.errors import InputError
from potash.liquids.simulate import liquid_calculation
from potash.resources import data_dir
from potash.results.adsorption import AdsorptionInputs
from potash.results.calculation import Calculation
from potash.results.species import SpeciesInputs
from potash.running.plan import adsorption_of, molecules_of, plan, stages_of
from potash.structures.building import build
from tests.synthetic_calculations import calculation

needs_gpaw = pytest.mark.skipif(gpaw.interpreter() is None, reason="GPAW is not installed")

OWN = {
    "campaign.yaml": """
name: mine
catalog: own
hosts: {items: [my_alloy], also: [thickness]}
molecules: {items: [my_ether], levels: [screen, standard]}
complexes: {items: [{metal: K, ligands: [my_ether]}]}
liquids: {items: [my_electrolyte], seeds: [1, 2]}
""",
    "own/models.yaml": """
models:
  - {id: my_slab, label: mine, kind: slab, formula: NiSb, structure: nisb.cif, facets: ["(0,0,1)"]}
""",
    "own/hosts.yaml": """
hosts:
  - {id: my_alloy, name: mine, material_class: alloy, models: [my_slab]}
""",
    "own/species.yaml": """
species:
  - {id: my_ether, name: diethoxyethane, smiles: CCOCCOCC, charge: 0, formula: C6H14O2}
""",
    "own/formulations.yaml": """
formulations:
  - id: my_electrolyte
    name: 1.5 M KFSI in DME
    kind: liquid
    components:
      - {species: kfsi, role: salt, amount: {value: 1.5, unit: mol/L}}
      - {species: dme, role: solvent, amount: {unit: balance}}
""",
}


@pytest.fixture
def own_campaign(tmp_path: Path) -> Path:
    for name, text in OWN.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    cell = [3.92, 3.92, 5.11, 90, 90, 120]
    atoms = crystal(("Ni", "Sb"), [(0, 0, 0), (1 / 3, 2 / 3, 0.25)], spacegroup=194, cellpar=cell)
    write(tmp_path / "own" / "nisb.cif", atoms)
    return tmp_path / "campaign.yaml"


def test_entries_of_the_users_own_are_planned(own_campaign: Path) -> None:
    stages = {s.name: s.calculations for s in plan(*load_campaign(own_campaign))}
    assert {c.model for c in stages["hosts"] if c.kind == "adsorption"} == {
        "my_slab:Ni",
        "my_slab:Sb",
    }
    assert sum(c.kind == "thickness" for c in stages["hosts"]) == 2
    assert [(c.kind, c.level) for c in stages["molecules"]] == [
        ("species", "screen"),
        ("species", "standard"),
        ("complex", "screen"),
    ]
    assert len(stages["liquids"]) == 2
    (metal,) = stages["references"]
    assert all(c.needs["k_metal"] == metal.key for c in stages["hosts"])


def test_plans_are_the_same_each_time(own_campaign: Path) -> None:
    campaign = load_campaign(own_campaign)
    first, second = plan(*campaign), plan(*campaign)
    assert [[c.key for c in s.calculations] for s in first] == [
        [c.key for c in s.calculations] for s in second
    ]


def test_only_a_part() -> None:
    campaign = load_campaign(data_dir("workflows") / "quickstart.yaml")
    names = [s.name for s in plan(*campaign, only=["molecules"])]
    assert names == ["molecules"]
    assert [s.name for s in plan(*campaign)] == ["references", "hosts", "molecules", "liquids"]
    with pytest.raises(InputError, match="'host' is not one of hosts"):
        plan(*campaign, only=["host"])


def test_quickstart_is_what_the_readme_says() -> None:
    stages = plan(*load_campaign(data_dir("workflows") / "quickstart.yaml"))
    numbers = {s.name: len(s.calculations) for s in stages}
    assert numbers == {"references": 1, "hosts": 6, "molecules": 12, "liquids": 2}


def test_a_smiles_and_an_id_of_one_molecule_are_one_calculation() -> None:
    by_id, by_smiles = molecules_of(["dme", "COCCOC"], load_catalog(), "screen", seed=1)
    assert by_id.key == by_smiles.key


def test_a_host_means_all_its_models_with_a_surface() -> None:
    catalog = load_catalog()
    metal, *others = adsorption_of("cu_foil", catalog, "screen")
    assert metal.kind == "k_metal"
    assert {c.item for c in others} <= set(catalog.hosts["cu_foil"].models)


def copper(folder: Path, *, cubic: bool) -> Path:
    path = folder / f"cu_{'cubic' if cubic else 'primitive'}.cif"
    write(path, bulk("Cu", a=3.61, cubic=cubic))
    return path


def area_per_top_atom(calculation: Calculation) -> float:
    """Return the area of the surface per atom of its top layer, angstrom^2."""
    assert isinstance(calculation.inputs, AdsorptionInputs)
    atoms = build(calculation.inputs.recipe)[0].atoms
    top = (atoms.positions[:, 2] > atoms.positions[:, 2].max() - 0.3).sum()
    return float(np.linalg.norm(np.cross(*atoms.cell.array[:2])) / top)


def test_copper_110_is_one_plane_by_every_route(tmp_path: Path) -> None:
    """A command, a campaign's file, a campaign's catalogue; conventional and primitive cell."""
    catalog = load_catalog()
    found: dict[str, Calculation] = {}
    for cubic in (True, False):
        path = copper(tmp_path, cubic=cubic)
        _, found[f"command {path.name}"] = adsorption_of(
            str(path), catalog, "screen", facet="(110)"
        )
        _, found[f"tuple {path.name}"] = adsorption_of(
            bulk("Cu", a=3.61, cubic=cubic), catalog, "screen", facet=(1, 1, 0)
        )
        campaign = tmp_path / f"{path.stem}.yaml"
        campaign.write_text(
            f"name: cu\nhosts: {{files: [{{file: {path.name}, facets: ['(110)']}}]}}\n"
        )
        _, stage = plan(*load_campaign(campaign))
        (found[f"campaign {path.name}"],) = stage.calculations
        own = tmp_path / f"own_{path.stem}"
        own.mkdir()
        (own / "models.yaml").write_text(
            "models:\n  - {id: my_cu, label: Cu, kind: slab, formula: Cu, "
            f"facets: [(110)], structure: ../{path.name}}}\n"
        )
        campaign.write_text(f"name: cu\ncatalog: {own.name}\nhosts: {{items: [my_cu]}}\n")
        _, stage = plan(*load_campaign(campaign))
        (found[f"own catalogue {path.name}"],) = stage.calculations
    _, of_model = adsorption_of("cu_111", catalog, "screen", facet="1,1,0")
    assert area_per_top_atom(of_model) == pytest.approx(9.22 * (3.615 / 3.61) ** 2, abs=0.01)
    areas = {name: round(area_per_top_atom(c), 2) for name, c in found.items()}
    assert areas == dict.fromkeys(found, 9.22)
    for cubic in ("cubic", "primitive"):
        keys = {c.key for name, c in found.items() if cubic in name}
        assert len(keys) <= 2  # the structure in memory has more digits than the file


def test_facets_of_a_campaign(tmp_path: Path) -> None:
    path = tmp_path / "campaign.yaml"
    path.write_text("name: t\nhosts: {items: [cu_111, zn_0001], facets: ['(110)', '100']}\n")
    _, stage = plan(*load_campaign(path))
    assert {c.model.split(":")[0] for c in stage.calculations} == {
        "cu_111 (100)",
        "cu_111 (110)",
        "zn_0001 (10-10)",
        "zn_0001 (11-20)",
    }


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (
            "{items: [cu_111], facets: garbage}",
            "yaml:2: hosts/facets: 'garbage' is not one of first,",
        ),
        ("{items: [cu_111], facets: ['(110)', '(11)']}", r"hosts/facets: '\(11\)' is not a Miller"),
        (
            "{items: [cu_111], facets: [110]}",
            "hosts/facets: 110 is not a Miller index; write it",
        ),
        ("{items: [cu_111], facets: []}", r"hosts/facets: \[\] is not one of first, all"),
        (
            "{items: [pristine_graphene], facets: ['(110)']}",
            "pristine_graphene: facet: .* plane",
        ),
        (
            "{files: [{file: no.cif}]}",
            r"files\[0\]/file: there is no structure file 'no.cif'",
        ),
        ("{files: [{file: cu_cubic.cif, facets: ['(10-10)']}]}", "axes are not hexagonal"),
        ("{files: [{file: cu_cubic.cif, facet: ['(110)']}]}", "did you mean 'facets'"),
    ],
)
def test_bad_facets_and_files_of_a_campaign(tmp_path: Path, part: str, words: str) -> None:
    copper(tmp_path, cubic=True)
    path = tmp_path / "campaign.yaml"
    path.write_text(f"name: t\nhosts: {part}\n")
    with pytest.raises(InputError, match=words) as caught:
        plan(*load_campaign(path))
    assert "\n" not in str(caught.value)


def test_a_facet_of_a_model_is_another_plane_of_its_crystal() -> None:
    catalog = load_catalog()
    _, own = adsorption_of("cu_111", catalog, "screen")
    _, same = adsorption_of("cu_111", catalog, "screen", facet="(111)")
    _, other = adsorption_of("cu_111", catalog, "screen", facet="(100)")
    _, listed = adsorption_of("cu_100", catalog, "screen")
    assert own.key == same.key
    assert other.key == listed.key != own.key
    assert other.model == "cu_111 (100)"


def test_a_facet_of_a_host_is_cut_from_its_crystals() -> None:
    catalog = load_catalog()
    _, *found = adsorption_of("cu_foil", catalog, "screen", facet="(110)")
    assert len(found) == 1  # its models are planes of one crystal
    assert found[0].model in {"cu_111 (110)", "cu_100 (110)"}
    sheets = next(
        h.id
        for h in catalog.hosts.values()
        if all(catalog.models[m].kind == "2d_slab" for m in h.models)
    )
    with pytest.raises(InputError, match="no model cut from a crystal"):
        adsorption_of(sheets, catalog, "screen", facet="(110)")


@pytest.mark.parametrize("target", ["cu_111", "cu_foil", "pristine_graphene", "cu_primitive.cif"])
def test_garbage_is_no_facet_of_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.chdir(tmp_path)
    copper(tmp_path, cubic=False)
    with pytest.raises(InputError, match=r"facet: 'garbage' is not a Miller index"):
        adsorption_of(target, load_catalog(), "screen", facet="garbage")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("absent.cif", "absent.cif: there is no such file"),
        ("absent.cif#block", "there is no such file"),
        ("x" * 300 + ".cif", "name too long"),
        ("folder/", "is a folder"),
        ("cu_1111", "unknown host, model or file 'cu_1111'"),
    ],
)
def test_targets_that_are_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=f"(?i){words}"):
        adsorption_of(target, load_catalog(), "screen")


def test_all_facets_of_a_model_are_planned(own_campaign: Path) -> None:
    campaign, catalog = load_campaign(own_campaign)
    hosts = campaign.hosts.model_copy(update={"items": ("cu_111",), "facets": "all", "also": ()})
    stages = plan(campaign.model_copy(update={"hosts": hosts}), catalog, only=["hosts"])
    labels = {c.model for s in stages for c in s.calculations if c.kind == "adsorption"}
    assert len(labels) == 3
    assert "cu_111" in labels


def test_the_medium_of_potentials_is_a_number_or_a_species_own(own_campaign: Path) -> None:
    text = own_campaign.read_text()

    def media(medium: str) -> set[float]:
        part = f"molecules: {{items: [my_ether], redox: true{medium}}}"
        changed = text.replace("molecules: {items: [my_ether], levels: [screen, standard]}", part)
        own_campaign.write_text(changed)
        stages = {s.name: s.calculations for s in plan(*load_campaign(own_campaign))}
        redox = [c for c in stages["molecules"] if c.kind == "redox"]
        return {c.inputs.dielectric_constant for c in redox}

    catalog = load_catalog()
    dme, pc = (catalog.species[s].permittivity for s in ("dme", "pc"))
    assert dme is not None
    assert pc is not None
    assert media("") == {dme.value}
    assert media(", medium: pc") == {pc.value}
    assert media(", medium: 25.3") == {25.3}
    with pytest.raises(InputError, match="no permittivity of 'my_ether'; give a number, or one of"):
        media(", medium: my_ether")
    with pytest.raises(InputError, match=r"campaign\.yaml.*medium"):
        media(", medium: 0.5")


def test_a_simulation_keeps_the_temperature_of_its_formulation(own_campaign: Path) -> None:
    path = own_campaign.parent / "own" / "formulations.yaml"
    text = path.read_text()
    path.write_text(text.replace("kind: liquid", "kind: liquid\n    temperature_k: 333"))
    catalog = load_campaign(own_campaign)[1]
    sizes = {"n_atoms": 1000, "equilibration_ps": 10.0, "production_ps": 10.0, "seed": 1}
    formulation, level = catalog.get_electrolyte("my_electrolyte"), liquid_level("screen")
    own = liquid_calculation(formulation, catalog, level, **sizes)  # type: ignore[arg-type]
    assert own.inputs.temperature_k == 333
    given = liquid_calculation(formulation, catalog, level, temperature_k=300.0, **sizes)  # type: ignore[arg-type]
    assert given.inputs.temperature_k == 300


def test_every_kind_has_its_stage_and_none_is_dropped() -> None:
    planned = [calculation(n, kind=kind) for n, kind in enumerate(("liquid", "k_metal", "species"))]
    found = stages_of([*planned, planned[0]])
    assert [(s.name, [c.kind for c in s.calculations]) for s in found] == [
        ("references", ["k_metal"]),
        ("molecules", ["species"]),
        ("liquids", ["liquid"]),
    ]


def test_an_unknown_kind_is_told_not_dropped() -> None:
    class Inputs(SpeciesInputs):
        KIND = "viscosity"

    given = calculation(1).inputs
    unknown = Calculation("x", "", "screen", Inputs(**dict(given)))
    with pytest.raises(InputError, match="'viscosity' is no kind of calculation"):
        stages_of([unknown])


def planned(folder: Path, text: str) -> dict[str, list[Calculation]]:
    """Return the calculations of a campaign by kind."""
    file = folder / "asked.yaml"
    file.write_text(f"name: asked\n{text}\n")
    found: dict[str, list[Calculation]] = {}
    for stage in plan(*load_campaign(file)):
        for c in stage.calculations:
            found.setdefault(c.kind, []).append(c)
    return found


@needs_gpaw
def test_phases_are_planned_at_every_level_that_can_compute_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text(
        "from ase.calculators.emt import EMT\ndef emt():\n    return EMT()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = planned(
        tmp_path,
        "hosts: {items: [al_111], extra: {screen-chgnet: [cu_111], standard: [al_111]},"
        " calculator: 'mine:emt', phases: true}",
    )
    levels = {c.level for c in found["phase"]}
    assert levels == {"screen", "screen-chgnet", "mine.emt"}
    assert len(found["phase"]) == 3 * len(load_phases())


@needs_gpaw
def test_what_no_item_and_level_can_do_is_refused(tmp_path: Path) -> None:
    for keys, message in (
        ("also: [charge]", "hosts/also: charge has no effect: it needs a level that is DFT"),
        ("also: [thickness]", "thickness has no effect: it needs a surface cut from a crystal"),
        ("facets: all", "hosts/facets: 'all' has no effect"),
    ):
        with pytest.raises(InputError, match=message):
            planned(tmp_path, f"hosts: {{items: [pristine_graphene], {keys}}}")
    with pytest.raises(InputError, match="hop has no effect: it needs a level that is a potential"):
        planned(tmp_path, "hosts: {items: [al_111], levels: [standard], also: hop}")
    with pytest.raises(InputError, match="adhesion has no effect: it needs a level that is a pot"):
        planned(tmp_path, "hosts: {items: [al_111], levels: [standard], also: adhesion}")
    with pytest.raises(InputError, match="hosts/phases: has no effect"):
        planned(tmp_path, "hosts: {items: [al_111], levels: [standard], phases: true}")


def test_films_are_planned_at_the_levels_that_are_potentials(tmp_path: Path) -> None:
    found = planned(tmp_path, "hosts: {items: [al_111, ag_111], levels: [screen], also: adhesion}")
    assert [c.item for c in found["adhesion"]] == ["al_111", "ag_111"]
    (k_metal,) = found["k_metal"]
    assert all(c.needs == {"k_metal": k_metal.key} for c in found["adhesion"])
    (lif,) = planned(tmp_path, "hosts: {items: [lif_100], also: adhesion}")["adhesion"]
    assert lif.inputs.electron_acceptor is None


@needs_gpaw
def test_charges_are_planned_at_the_levels_that_are_dft(tmp_path: Path) -> None:
    found = planned(
        tmp_path, "hosts: {items: [al_111], levels: [screen, standard], also: [charge, hop]}"
    )
    assert [(c.item, c.level) for c in found["charge"]] == [("al_111", "standard")]
    assert [c.level for c in found["hop"]] == ["screen"]


def test_ion_pairs_of_salts_are_planned_when_asked_for(own_campaign: Path) -> None:
    folder = own_campaign.parent
    (folder / "own" / "salts.yaml").write_text(
        "salts:\n  - {id: my_salt, name: mine, cation: na_plus, anion: tfsi_minus}\n"
    )
    text = "catalog: own\nmolecules: {items: [my_salt], levels: [screen, standard]"
    ions = planned(folder, text + "}")
    assert set(ions) == {"species"}
    found = planned(folder, text + ", ion_pairs: true}")
    assert [(c.item, c.level) for c in found["complex"]] == [
        ("my_salt", "screen"),
        ("my_salt", "standard"),
    ]
    assert found["species"] == ions["species"]
