"""Ways of telling more about molecules: which kind gives a quantity, how well, and when no more."""

from dataclasses import replace

import pytest

from potash.calibration import Component, ErrorModel, Estimate, Pair, fit
from potash.catalog.campaign import Campaign
from potash.catalog.catalog import load_catalog
from potash.catalog.question import MoleculeQuestion, Preference, Question
from potash.catalog.species import Species
from potash.deciding.levels import LEAST_SD
from potash.deciding.molecule_levels import MoleculesEvidence, molecule_rungs, species_rungs
from potash.evidence.potentials import SCALE, read_potentials
from potash.evidence.predicted import Predictions
from potash.running.possible import Possible
from tests.synthetic_rows import redox

QUESTION = Question(
    molecules=MoleculeQuestion(choose=1, by={"lumo_ev": Preference(best=1.0, worst=0.0)})
)
NEW = Species(id="new", name="new", smiles="CCOCC", charge=0, roles=("solvent",))
FLUORINATED = Species(id="hot", name="hot", smiles="FCCOC", charge=0)
CATION = Species(id="cation", name="cation", smiles="C[N+](C)(C)C", charge=1)
ANION = Species(id="anion", name="anion", smiles="[O-]C(=O)C", charge=-1)


def estimate(sd: float, *, scale: float = 0.0) -> Estimate:
    parts = (Component("scatter", sd), Component(SCALE, scale, shared=True))
    return Estimate(raw=1.0, value=1.0, components=parts)


def evidence(
    estimates: dict[str, dict[str, Estimate]] | None = None, **more: object
) -> MoleculesEvidence:
    """Return what is known where the lines leave 0.9, 0.2 and 0.6."""
    typical = {
        "lumo_ev": estimate(0.9),
        "k_binding_ev": estimate(0.2),
        "oxidation_limit_v": estimate(0.6, scale=5.0),
    }
    known = MoleculesEvidence(
        ionisation={},
        errors={},
        potentials=None,
        potential_sd={
            ("screen", "oxidation"): 0.45,
            ("standard", "oxidation"): 0.25,
            ("standard", "reduction"): 0.3,
        },
        predictions=Predictions(estimates or {}, {}, typical),
    )
    return replace(known, **more)


def ways(species: Species, column: str, known: MoleculesEvidence) -> list[tuple[str, str, float]]:
    return [(r.kind, r.level, round(r.error_sd, 3)) for r in species_rungs(species, column, known)]


def test_an_oxidation_potential_is_screened_by_the_ionisation_energy() -> None:
    # The common zero of the scale, 5 V here, is no error of a level.
    assert ways(NEW, "oxidation_limit_v", evidence()) == [
        ("species", "screen", 0.6),
        ("redox", "screen", 0.45),
        ("redox", "standard", 0.25),
    ]
    assert all(r.first for r in species_rungs(NEW, "oxidation_limit_v", evidence()))
    screened = evidence({"oxidation_limit_v": {"new": estimate(0.6)}})
    assert ways(NEW, "oxidation_limit_v", screened) == [
        ("redox", "screen", 0.45),
        ("redox", "standard", 0.25),
    ]
    assert not any(r.first for r in species_rungs(NEW, "oxidation_limit_v", screened))


def test_a_potential_of_its_own_is_bettered_by_higher_levels_only() -> None:
    row = redox("new", 5.0, half=0.9)
    known = evidence(potentials=read_potentials([row]))
    assert ways(NEW, "oxidation_limit_v", known) == [("redox", "standard", 0.25)]
    top = evidence(potentials=read_potentials([redox("new", 5.0, half=0.5, level="standard")]))
    assert ways(NEW, "oxidation_limit_v", top) == []


def test_an_ionisation_energy_says_nothing_of_ions_nor_of_reduction_nor_of_formulations() -> None:
    known = evidence()
    assert ways(ANION, "oxidation_limit_v", known)[0] == ("redox", "screen", 0.45)
    assert ways(NEW, "reduction_limit_v", known) == [("redox", "standard", 0.3)]
    of_part = species_rungs(NEW, "oxidation_limit_v", known, from_ionisation=False)
    assert [r.kind for r in of_part] == ["redox", "redox"]


@pytest.mark.parametrize(
    ("column", "kind", "line_sd"), [("lumo_ev", "species", 0.9), ("k_binding_ev", "complex", 0.2)]
)
def test_what_means_the_standard_level_is_exact_there(
    column: str, kind: str, line_sd: float
) -> None:
    exact = (kind, "standard", LEAST_SD)
    assert ways(NEW, column, evidence()) == [(kind, "screen", line_sd), exact]
    screened = {column: {"new": estimate(line_sd)}}
    assert ways(NEW, column, evidence(screened)) == [exact]
    known = {column: {"new": Estimate(raw=1.0, value=1.0, components=())}}
    assert ways(NEW, column, evidence(known)) == []
    # The line is one of neutral molecules.
    assert ways(ANION, column, evidence()) == [exact]


def test_only_what_can_be_is_computed() -> None:
    assert ways(CATION, "k_binding_ev", evidence()) == []
    assert ways(NEW, "fluoride_release_ev", evidence()) == []
    release = ("fluoride_release", "standard", LEAST_SD)
    assert ways(FLUORINATED, "fluoride_release_ev", evidence()) == [release]
    assert ways(NEW, "molar_mass_g_mol", evidence()) == []


def test_a_salt_asks_for_the_ion_that_gives_way_first() -> None:
    catalog = load_catalog()
    rows = [redox("fsi_minus", 5.5, half=0.9), redox("pf6_minus", 7.5, half=0.9)]
    known = evidence(potentials=read_potentials(rows))
    found = molecule_rungs(known, catalog, ["oxidation_limit_v"])
    of_salt = [r for r in found if r.candidate == "kfsi"]
    assert [(r.kind, r.items, r.level) for r in of_salt] == [("redox", ("fsi_minus",), "standard")]


def test_every_way_has_its_calculation() -> None:
    """Each quantity of molecules that can be bought, planned for a molecule of the user's."""
    catalog = load_catalog()
    catalog = replace(catalog, species={**catalog.species, "hot": FLUORINATED})
    possible = Possible(Campaign(name="c", question=QUESTION), catalog)
    columns = ("oxidation_limit_v", "lumo_ev", "homo_ev", "k_binding_ev", "fluoride_release_ev")
    for column in columns:
        for rung in species_rungs(FLUORINATED, column, evidence()):
            way = possible.way(rung.kind, *rung.items, rung.level)
            assert not way.why_not
            last = way.calculations[-1]
            assert (last.kind, last.level) == (rung.kind, rung.level)
            assert last.item == ("k_plus_hot" if column == "k_binding_ev" else "hot")


def test_ionisation_energies_follow_their_error_models() -> None:
    def model(level: str, sd: float) -> ErrorModel:
        pairs = [Pair(f"m{i}", "organic", 10.0 + x, 10.0) for i, x in enumerate((-sd, 0.0, sd))]
        return fit(pairs, quantity="ip_vertical_ev", level=level, reference="experiment")

    models = {
        (name, "experiment"): model(name, sd) for name, sd in (("screen", 0.4), ("standard", 0.1))
    }
    found = species_rungs(NEW, "ip_vertical_ev", evidence(errors=models))
    assert [(r.kind, r.level, r.first) for r in found] == [
        ("species", "screen", True),
        ("species", "standard", True),
    ]
    assert found[0].error_sd / found[1].error_sd == pytest.approx(4.0, rel=0.01)
