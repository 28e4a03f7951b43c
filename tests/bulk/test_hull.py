from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
from pymatgen.core import Composition

from potash.bulk.hull import convex_hull, lowest_compound, lowest_mixture, lowest_phase
from potash.bulk.thermodynamics import PhaseEnergy
from potash.errors import InputError


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


def test_lowest_compound_whatever_its_sign() -> None:
    silver = [phase("K", 0.0), phase("Ag", 0.0), phase("KAg", 0.2), phase("KAg2", 0.9)]
    above = lowest_compound([*BI, *silver], ("K", "Ag"))
    assert above is not None
    assert above.formula == "KAg"
    assert above.formation_energy_ev_per_atom == pytest.approx(0.1)
    best = lowest_compound([*BI, *silver], ("K", "Bi"))
    assert best is not None
    assert best.formula == "K3Bi"
    assert lowest_compound([*BI, phase("Ag", 0.0)], ("K", "Ag")) is None


def test_lowest_structure_of_a_composition() -> None:
    two = [phase("K3Bi", -1.2), phase("K6Bi2", -3.2)]
    found = lowest_phase([*BI[:2], *two], "K3Bi")
    assert found.formation_energy_ev_per_atom == pytest.approx(-0.4)
    with pytest.raises(InputError, match="no energy of KBi"):
        lowest_phase(BI, "KBi")


def test_shifting_the_elements_changes_no_reaction() -> None:
    shift = {"K": 1.3, "Bi": -2.1}
    moved = [
        phase(p.formula, p.energy_ev + sum(shift[str(e)] * n for e, n in p.composition.items()))
        for p in BI
    ]
    first = [p.formation_energy_ev_per_atom for p in convex_hull(BI)]
    second = [p.formation_energy_ev_per_atom for p in convex_hull(moved)]
    assert np.allclose(first, second)


TERNARY = ("K", "Cu", "O2", "K2O", "Cu2O", "KCuO", "KCuO2", "K3CuO2", "CuO")


@given(energies=st.lists(st.floats(-2.0, 0.5), min_size=9, max_size=9))
@settings(max_examples=60, deadline=None)
def test_hull_against_that_of_pymatgen(energies: list[float]) -> None:
    """Per atom, of a system of three elements, one of them a molecule."""
    phases = [
        phase(f, e * Composition(f).num_atoms) for f, e in zip(TERNARY, energies, strict=True)
    ]
    diagram = PhaseDiagram([PDEntry(p.composition, p.energy_ev) for p in phases])
    for found, given_ in zip(convex_hull(phases), phases, strict=True):
        entry = PDEntry(given_.composition, given_.energy_ev)
        assert found.formation_energy_ev_per_atom == pytest.approx(
            diagram.get_form_energy_per_atom(entry), abs=1e-9
        )
        above = diagram.get_e_above_hull(entry, allow_negative=True)
        assert found.above_hull_ev_per_atom == pytest.approx(above, abs=1e-7)
        assert sum(found.decomposition.values()) == pytest.approx(0 if found.stable else 1)


def test_a_mixture_holds_the_atoms_that_were_asked_for() -> None:
    energies = {"K": -1.0, "K2O": -10.0, "KO2": -13.0, "Cu": -3.0}
    mixture = lowest_mixture(energies, Composition("K3O2"))
    assert mixture == pytest.approx({"K2O": 4 / 3, "KO2": 1 / 3})
    assert lowest_mixture(energies, Composition("KBi")) is None
    open_to_k = lowest_mixture(energies, Composition("K3O2"), reservoir="K")
    assert open_to_k == pytest.approx({"K2O": 2.0})


def test_what_makes_no_hull_is_refused() -> None:
    with pytest.raises(InputError, match="one level"):
        convex_hull([*BI, phase("KBi", -0.3, level="other")])
    with pytest.raises(InputError, match="elemental Bi"):
        convex_hull([phase("K", 0.0), phase("K3Bi", -1.0)])
    oxide = PhaseEnergy("NiO", -6.0, "test", hubbard_elements=frozenset({"Ni"}))
    plain = [phase("K", 0.0), phase("Ni", 0.0), phase("K2O", -3.8), phase("O2", 0.0)]
    with pytest.raises(InputError, match="do not make one hull"):
        convex_hull([oxide, *plain])
