from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.bulk.thermodynamics import PhaseEnergy, reaction
from potash.errors import InputError


def phase(formula: str, energy_ev: float, level: str = "test") -> PhaseEnergy:
    return PhaseEnergy(formula, energy_ev, level)


# invented energies: elements at zero, so that energies are formation energies
BI = [phase("K", 0.0), phase("Bi", 0.0), phase("K3Bi", -1.6), phase("KBi2", -0.9)]


def test_energy_per_atom_counts_every_atom_that_takes_part() -> None:
    """2 Bi + 6 K -> 2 K3Bi: eight atoms, whatever the formula that amounts are counted per."""
    by_formula = reaction(["Bi", "K"], ["K3Bi"], BI)
    assert by_formula.energy_ev == pytest.approx(-1.6)
    assert by_formula.n_atoms == pytest.approx(4)
    assert by_formula.energy_ev_per_atom == pytest.approx(-0.4)
    assert reaction(["K", "Bi"], ["K3Bi"], BI).energy_ev_per_atom == pytest.approx(-0.4)
    back = reaction(["K3Bi"], ["K", "Bi"], BI)
    assert back.energy_ev_per_atom == pytest.approx(0.4)


@given(
    shift=st.floats(-2, 2),
    order=st.permutations(["AlF3", "K"]),
)
def test_energy_per_atom_does_not_depend_on_the_first_reactant(
    shift: float, order: list[str]
) -> None:
    phases = [phase("AlF3", -20.0 + shift), phase("K", -1.0), phase("KF", -9.0), phase("Al", -3.5)]
    by_hand = (3 * -9.0 - 3.5 - (-20.0 + shift) - 3 * -1.0) / 7
    assert reaction(order, ["KF", "Al"], phases).energy_ev_per_atom == pytest.approx(by_hand)


def test_named_reaction_is_balanced() -> None:
    phases = [phase("K", -1.0), phase("CuSe", -7.0), phase("K2Se", -9.5), phase("Cu", -3.7)]
    found = reaction(["CuSe", "K"], ["K2Se", "Cu"], phases)
    assert found.equation == "CuSe + 2 K -> K2Se + Cu"
    assert found.energy_ev == pytest.approx(-9.5 - 3.7 + 7.0 + 2.0)
    assert found.potassium == pytest.approx(2.0)
    assert found.voltage_v == pytest.approx(2.1)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError, match="one level"):
        reaction(["K3Bi"], ["K", "Bi"], [*BI, phase("KBi", -0.3, level="other")])
    with pytest.raises(InputError, match="no energy of Cu"):
        reaction(["CuSe", "K"], ["K2Se", "Cu"], [phase("K", 0), phase("CuSe", 0), phase("K2Se", 0)])
    with pytest.raises(InputError, match="cannot be balanced"):
        reaction(["K3Bi"], ["K", "Cu"], [*BI, phase("Cu", 0.0)])


def test_plus_u_and_plain_energies_are_not_combined() -> None:
    oxide = PhaseEnergy("NiO", -6.0, "test", hubbard_elements=frozenset({"Ni"}))
    others = [phase("K", 0.0), phase("Ni", 0.0), phase("K2O", -3.8)]
    with pytest.raises(InputError, match=r"\+U on one side"):
        reaction(["NiO", "K"], ["Ni", "K2O"], [oxide, *others])
