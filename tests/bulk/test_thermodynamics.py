from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.analysis.phase_diagram import GrandPotentialPhaseDiagram, PDEntry
from pymatgen.core import Composition, Element

from potash.bulk.thermodynamics import (
    PhaseEnergy,
    contact_verdict,
    convex_hull,
    forms_compound,
    reaction,
    reaction_with_potassium,
)
from potash.errors import InputError, RefusedError


def phase(formula: str, energy_ev: float, level: str = "test") -> PhaseEnergy:
    return PhaseEnergy(formula, energy_ev, level)


# invented energies: elements at zero, so that energies are formation energies
BI = [phase("K", 0.0), phase("Bi", 0.0), phase("K3Bi", -1.6), phase("KBi2", -0.9)]


def test_hull_by_hand() -> None:
    points = {p.formula: p for p in convex_hull([*BI, phase("KBi", -0.3)])}
    assert points["K3Bi"].stable
    assert points["KBi2"].stable
    assert points["K3Bi"].formation_energy_ev_per_atom == pytest.approx(-0.4)
    # tie line between KBi2 (x_K = 1/3, -0.3) and K3Bi (3/4, -0.4) at x_K = 1/2
    line = -0.3 + (-0.4 + 0.3) * (0.5 - 1 / 3) / (0.75 - 1 / 3)
    assert points["KBi"].above_hull_ev_per_atom == pytest.approx(-0.15 - line)
    assert set(points["KBi"].decomposition) == {"K3Bi", "KBi2"}
    assert not points["KBi"].stable


def test_energy_per_formula_unit_may_be_of_any_multiple() -> None:
    whole = [phase("K2", 0.0), phase("Bi4", 0.0), phase("K6Bi2", -3.2), phase("KBi2", -0.9)]
    one, many = convex_hull(BI), convex_hull(whole)
    assert [p.above_hull_ev_per_atom for p in one] == pytest.approx(
        [p.above_hull_ev_per_atom for p in many]
    )


def test_no_compound() -> None:
    silver = [phase("K", 0.0), phase("Ag", 0.0), phase("KAg", 0.2)]
    assert forms_compound([*BI, *silver], "Ag") is None
    best = forms_compound([*BI, *silver], "Bi")
    assert best is not None
    assert best.formula == "K3Bi"


def test_named_reaction_is_balanced() -> None:
    phases = [phase("K", -1.0), phase("CuSe", -7.0), phase("K2Se", -9.5), phase("Cu", -3.7)]
    found = reaction(["CuSe", "K"], ["K2Se", "Cu"], phases)
    assert found.equation == "CuSe + 2 K -> K2Se + Cu"
    assert found.energy_ev == pytest.approx(-9.5 - 3.7 + 7.0 + 2.0)
    assert found.potassium == pytest.approx(2.0)
    assert found.voltage_v == pytest.approx(2.1)


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
    reacts = contact_verdict(phase("Bi", 0.0), BI)
    assert reacts.verdict == "reacts"
    assert reacts.reaction is not None
    assert reacts.reaction.equation == "Bi + 3 K -> K3Bi"
    assert "K3Bi" in reacts.competing
    survives = contact_verdict(phase("K3Bi", -1.6), BI)
    assert survives.verdict == "survives"
    assert survives.reaction is not None
    assert survives.reaction.energy_ev > 0
    alone = contact_verdict(phase("Cu", -3.7), [phase("K", -0.9), phase("Cu", -3.7)])
    assert alone.verdict == "unresolved"
    assert alone.reaction is None
    assert "no phase given" in alone.reason
    close = contact_verdict(
        phase("Ag", 0.0), [phase("K", 0.0), phase("Ag", 0.0), phase("KAg", -0.01)]
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


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError, match="one level"):
        convex_hull([*BI, phase("KBi", -0.3, level="other")])
    with pytest.raises(InputError, match="elemental Bi"):
        convex_hull([phase("K", 0.0), phase("K3Bi", -1.0)])
    with pytest.raises(InputError, match="no energy of Cu"):
        reaction(["CuSe", "K"], ["K2Se", "Cu"], [phase("K", 0), phase("CuSe", 0), phase("K2Se", 0)])
    with pytest.raises(InputError, match="cannot be balanced"):
        reaction(["K3Bi"], ["K", "Cu"], [*BI, phase("Cu", 0.0)])
    with pytest.raises(RefusedError, match="reservoir"):
        contact_verdict(phase("K", 0.0), BI)
    with pytest.raises(InputError, match="no energy of K"):
        reaction_with_potassium(phase("Bi", 0.0), BI[1:])


def test_shifting_the_elements_changes_no_reaction() -> None:
    shift = {"K": 1.3, "Bi": -2.1}
    moved = [
        phase(p.formula, p.energy_ev + sum(shift[str(e)] * n for e, n in p.composition.items()))
        for p in BI
    ]
    first = [p.formation_energy_ev_per_atom for p in convex_hull(BI)]
    second = [p.formation_energy_ev_per_atom for p in convex_hull(moved)]
    assert np.allclose(first, second)


def test_plus_u_and_plain_energies_are_not_combined() -> None:
    oxide = PhaseEnergy("NiO", -6.0, "test", hubbard_elements=frozenset({"Ni"}))
    others = [phase("K", 0.0), phase("Ni", 0.0), phase("K2O", -3.8)]
    assert reaction_with_potassium(oxide, others) is None
    with pytest.raises(InputError, match=r"\+U on one side"):
        reaction(["NiO", "K"], ["Ni", "K2O"], [oxide, *others])
    with pytest.raises(InputError, match="do not make one hull"):
        convex_hull([oxide, *others, phase("O2", 0.0)])
    verdict = contact_verdict(oxide, others)
    assert verdict.verdict == "unresolved"
    assert "Ni" in verdict.reason
    metal = contact_verdict(phase("Ni", 0.0), [*others, oxide, phase("KNi3", 1.0)])
    assert metal.verdict == "survives"
    plain = reaction_with_potassium(phase("NiO", -2.0), others)
    assert plain is not None
    assert plain.energy_ev == pytest.approx(-1.8)
