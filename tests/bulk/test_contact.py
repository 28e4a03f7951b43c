from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.analysis.phase_diagram import GrandPotentialPhaseDiagram, PDEntry
from pymatgen.core import Composition, Element

from potash.bulk.contact import contact_verdict, reaction_with_potassium
from potash.bulk.thermodynamics import PhaseEnergy
from potash.calibration.resolution import Resolution
from potash.errors import InputError, RefusedError

CLOSE = Resolution(0.05, "eV/atom", "made up")


def phase(formula: str, energy_ev: float, level: str = "test") -> PhaseEnergy:
    return PhaseEnergy(formula, energy_ev, level)


# invented energies: elements at zero, so that energies are formation energies
BI = [phase("K", 0.0), phase("Bi", 0.0), phase("K3Bi", -1.6), phase("KBi2", -0.9)]


def test_reaction_with_potassium_against_a_scan() -> None:
    """BiOCl: by hand over the possible product sets."""
    phases = [
        phase("K", 0.0),
        phase("Bi", 0.0),
        phase("K3Bi", -1.6),
        phase("K2O", -3.8),
        phase("KCl", -4.5),
        phase("K3ClO", -8.4),
    ]
    host = phase("BiClO", -4.0)
    found = reaction_with_potassium(host, phases)
    assert found is not None
    bismuth = min(0.0, -1.6)
    anions = min(-3.8 - 4.5, -8.4)
    assert found.energy_ev == pytest.approx(bismuth + anions + 4.0)
    assert found.products == pytest.approx({"K3Bi": 1.0, "K3ClO": 1.0})
    assert found.potassium == pytest.approx(6.0)


energies = st.floats(-3.0, 0.5)


@given(a=energies, b=energies, c=energies, d=energies, host=st.floats(-6.0, 0.0))
@settings(max_examples=40, deadline=None)
def test_open_reservoir_against_the_grand_potential_hull(
    a: float, b: float, c: float, d: float, host: float
) -> None:
    phases = [
        phase("K", -0.9),
        phase("Sn", -3.0),
        phase("Cu", -3.7),
        phase("KSn", -3.9 + a),
        phase("K4Sn", -6.6 + b),
        phase("K2Cu", -5.5 + c),
        phase("KCu", -4.6 + d),
    ]
    tested = phase("Cu6Sn5", 6 * -3.7 + 5 * -3.0 + host)
    found = reaction_with_potassium(tested, phases)
    assert found is not None
    entries = [PDEntry(p.composition, p.energy_ev) for p in phases]
    diagram = GrandPotentialPhaseDiagram(entries, {Element("K"): -0.9})
    mixture = diagram.get_hull_energy(Composition("Cu6Sn5"))
    assert found.energy_ev == pytest.approx(mixture - tested.energy_ev, abs=1e-6)
    for element in ("Cu", "Sn"):
        amount = sum(n * Composition(f)[element] for f, n in found.products.items())
        assert amount == pytest.approx(Composition("Cu6Sn5")[element])


def test_verdicts() -> None:
    reacts = contact_verdict(phase("Bi", 0.0), BI, within=CLOSE)
    assert reacts.verdict == "reacts"
    assert reacts.reaction is not None
    assert reacts.reaction.equation == "Bi + 3 K -> K3Bi"
    assert "K3Bi" in reacts.competing
    survives = contact_verdict(phase("K3Bi", -1.6), BI, within=CLOSE)
    assert survives.verdict == "survives"
    assert survives.reaction is not None
    assert survives.reaction.energy_ev > 0
    alone = contact_verdict(phase("Cu", -3.7), [phase("K", -0.9), phase("Cu", -3.7)])
    assert alone.verdict == "unresolved"
    assert alone.reaction is None
    assert "no phase given" in alone.reason
    close = contact_verdict(
        phase("Ag", 0.0), [phase("K", 0.0), phase("Ag", 0.0), phase("KAg", -0.01)], within=CLOSE
    )
    assert close.verdict == "unresolved"


def test_a_host_may_give_potassium_away() -> None:
    phases = [phase("K", 0.0), phase("Bi", 0.0), phase("KBi2", -0.9)]
    found = reaction_with_potassium(phase("K3Bi", 1.0), phases)
    assert found is not None
    assert found.potassium == 0.0
    assert found.products["K"] == pytest.approx(2.5)


def test_formulas_are_written_as_given() -> None:
    phases = [phase("K", 0.0), phase("K3Bi", -1.6), phase("K2O", -3.8), phase("KCl", -4.5)]
    found = reaction_with_potassium(phase("BiOCl", -4.0), phases)
    assert found is not None
    assert found.equation == "BiOCl + 6 K -> K3Bi + K2O + KCl"


def test_plus_u_and_plain_energies_are_not_combined() -> None:
    oxide = PhaseEnergy("NiO", -6.0, "test", hubbard_elements=frozenset({"Ni"}))
    others = [phase("K", 0.0), phase("Ni", 0.0), phase("K2O", -3.8)]
    assert reaction_with_potassium(oxide, others) is None
    verdict = contact_verdict(oxide, others, within=CLOSE)
    assert verdict.verdict == "unresolved"
    assert "Ni" in verdict.reason
    metal = contact_verdict(phase("Ni", 0.0), [*others, oxide, phase("KNi3", 1.0)], within=CLOSE)
    assert metal.verdict == "survives"
    plain = reaction_with_potassium(phase("NiO", -2.0), others)
    assert plain is not None
    assert plain.energy_ev == pytest.approx(-1.8)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(RefusedError, match="reservoir"):
        contact_verdict(phase("K", 0.0), BI)
    with pytest.raises(InputError, match="no energy of K"):
        reaction_with_potassium(phase("Bi", 0.0), BI[1:])


@pytest.mark.parametrize(
    ("energy", "expected"),
    [(-0.19, "unresolved"), (-0.21, "reacts"), (0.19, "unresolved"), (0.21, "survives")],
)
def test_contact_is_judged_per_atom_that_takes_part(energy: float, expected: str) -> None:
    """Bi + 3 K -> K3Bi has four atoms: 0.05 eV for each are 0.2 eV, not 0.05 eV per Bi."""
    phases = [phase("K", 0.0), phase("Bi", 0.0), phase("K3Bi", energy)]
    found = contact_verdict(phases[1], phases, within=CLOSE)
    assert found.reaction is not None
    assert found.reaction.energy_ev_per_atom == pytest.approx(energy / 4)
    assert found.verdict == expected
    assert f"{energy / 4:+.3f} eV/atom" in found.reason
    assert "+-0.05 eV/atom" in found.reason


def test_k_that_leaves_is_not_counted_twice() -> None:
    """K3Bi -> K (3 of them) + Bi: four atoms on either side."""
    phases = [phase("K", 0.0), phase("Bi", 0.0)]
    found = reaction_with_potassium(phase("K3Bi", -1.6), phases)
    assert found is not None
    assert found.equation == "K3Bi -> Bi + 3 K"
    assert found.energy_ev_per_atom == pytest.approx(0.4)


def test_a_level_of_unknown_error_decides_nothing() -> None:
    found = contact_verdict(phase("Bi", 0.0), BI)
    assert found.verdict == "unresolved"
    assert "no difference counts" in found.reason
    screened = [phase(p.formula, p.energy_ev, "screen") for p in BI]
    assert contact_verdict(screened[1], screened).verdict == "reacts"


def test_an_alloy_that_would_fall_apart_by_itself_is_judged_by_what_k_does() -> None:
    """NiCo + K -> 1/3 KNi3 + Co costs 0.6 eV, whatever Ni + Co gains over NiCo."""
    phases = [phase("K", 0.0), phase("Ni", 0.0), phase("Co", 0.0), phase("KNi3", 2.0)]
    alloy = phase("NiCo", 0.05)
    alone = reaction_with_potassium(alloy, phases)
    assert alone is not None
    assert alone.potassium == 0.0
    found = contact_verdict(alloy, [*phases, alloy], within=CLOSE)
    assert found.verdict == "survives"
    assert found.reaction is not None
    assert found.reaction.potassium == pytest.approx(1 / 3)
    assert found.reaction.energy_ev == pytest.approx(2 / 3 - 0.05)
    assert found.reaction.products == pytest.approx({"KNi3": 1 / 3, "Co": 1.0})
    assert "eV per K" in found.reason
    # Where a phase with K costs next to nothing it stays open.
    easy = [p for p in phases if p.formula != "KNi3"] + [phase("KNi3", 0.1)]
    assert contact_verdict(alloy, [*easy, alloy], within=CLOSE).verdict == "unresolved"


def test_energies_are_told_per_k() -> None:
    found = contact_verdict(phase("Bi", 0.0), BI, within=CLOSE)
    assert found.reason == "Bi + 3 K -> K3Bi: -0.53 eV per K, -0.400 eV/atom (+-0.05 eV/atom)"
