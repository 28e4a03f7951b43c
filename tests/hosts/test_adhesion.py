"""Work of adhesion: against energies that ASE gives by hand, and analytic limits."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bcc110, fcc111
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.optimize import BFGS

from potash.bulk.nucleation import contact_angle_from_adhesion_rad
from potash.engines.adsorption_levels import adsorption_level
from potash.errors import InputError, RefusedError
from potash.hosts import adhesion
from potash.hosts.adhesion import (
    adhere,
    adhesion_calculation,
    compute_adhesion,
    stacked,
)
from potash.hosts.k_film import (
    PBE_SURFACE_ENERGY_J_M2,
    contact_angle_deg,
    knows_k_surfaces,
)
from potash.hosts.k_metal import compute_k_metal, k_metal_calculation
from potash.results.adhesion import AdhesionNeeds, AdhesionValues, KFilm
from potash.results.adsorption import SiteSearch
from potash.results.calculation import Outcome
from potash.store import Row
from potash.structures.plain_atoms import area_angstrom2
from potash.structures.recipes import recipe_from_data
from potash.units import EV_ANGSTROM2_IN_J_M2

TIGHT = SiteSearch(max_force=0.01)
PAIRS = "tests.hosts.pair_potential:make"
BULK_K = {"kind": "prototype", "prototype": "bcc", "elements": ["K"], "a": 5.2}
SLAB = {"builder": "slab", "crystal": BULK_K, "miller": [1, 1, 0]}


def quiet(_fraction: float, _note: str) -> None:
    """Ignore progress."""


def layers(symbol: str, n: int, a: float) -> Atoms:
    atoms = fcc111(symbol, (1, 1, n), a=a, vacuum=8.0)
    atoms.pbc = (True, True, False)
    return atoms


def energy_ev(atoms: Atoms, fixed: tuple[int, ...] = ()) -> float:
    """Return the relaxed energy by ASE alone."""
    copy = atoms.copy()
    copy.set_constraint(FixAtoms(indices=list(fixed)))
    copy.calc = EMT()
    BFGS(copy, logfile=None).run(fmax=0.01, steps=200)
    return float(copy.get_potential_energy())


# ---------------------------------------------------------------- without a cell to find


def test_young_and_dupre_as_in_nucleation() -> None:
    for work in (0.0, 0.05, 0.1, 0.19, 0.3):
        ours = contact_angle_deg(work, 0.1)
        assert np.radians(ours) == pytest.approx(contact_angle_from_adhesion_rad(work, 0.1))
    assert contact_angle_deg(0.0, 0.1) == pytest.approx(180.0)


def test_wetting_is_said_only_at_levels_that_know_the_surface_of_potassium() -> None:
    assert knows_k_surfaces(PBE_SURFACE_ENERGY_J_M2)
    assert knows_k_surfaces(0.75 * PBE_SURFACE_ENERGY_J_M2)
    assert not knows_k_surfaces(0.1 * PBE_SURFACE_ENERGY_J_M2)


def test_a_stack_has_the_gap_and_the_offset_that_are_asked_for() -> None:
    below, above = layers("Cu", 3, 3.6), layers("Cu", 2, 3.6)
    both = stacked(below, above, 2.7, [0.5, 0.25, 0.0])
    z = both.positions[:, 2]
    assert z[3:].min() - z[:3].max() == pytest.approx(2.7)
    shift = both.positions[3:, :2] - above.positions[:, :2]
    assert shift == pytest.approx(np.array([[0.5, 0.25]] * 2))
    assert both.cell[2, 2] == pytest.approx(np.ptp(z) + 16.0)


def test_planned_at_potentials_only_with_a_key_of_its_own() -> None:
    level = adsorption_level("pairs", calculator=PAIRS)
    recipe = recipe_from_data(SLAB)
    one = adhesion_calculation(recipe, level, item="k", model="k")
    wider = adhesion_calculation(recipe, level, item="k", model="k", film=KFilm(max_mismatch=0.03))
    assert (one.kind, set(one.needs)) == ("adhesion", {"k_metal"})
    assert one.key != wider.key
    dft = level.model_copy(update={"theory": "dft", "name": "standard"})
    with pytest.raises(InputError, match="computed with potentials, not at standard"):
        adhesion_calculation(recipe, dft, item="k", model="k")


# ---------------------------------------------------------------- with one


@pytest.mark.physics
def test_a_strained_film_of_another_metal_by_hand() -> None:
    """Cu on Ag with EMT: three energies of ASE on the common cell give the same work."""
    silver, copper = layers("Ag", 3, 4.06), layers("Cu", 2, 3.97)
    found = adhere(silver, copper, EMT(), fixed=(0,), search=TIGHT)
    assert found.match.principal_strains == pytest.approx([4.06 / 3.97 - 1] * 2, rel=1e-6)
    assert (found.converged, found.held) == (True, False)
    film = found.match.film
    both = found.both.copy()
    both.calc = EMT()
    area = np.linalg.norm(np.cross(*silver.cell.array[:2]))
    by_hand = energy_ev(silver, (0,)) + energy_ev(film) - both.get_potential_energy()
    assert by_hand > 0
    assert found.work_j_m2() == pytest.approx(by_hand / area * EV_ANGSTROM2_IN_J_M2, rel=1e-4)
    # The unstrained film is lower: its strain is not in the work.
    assert energy_ev(copper) < energy_ev(film) - 1e-3


@pytest.mark.physics
def test_a_metal_on_itself_costs_twice_its_surface_energy() -> None:
    bulk = layers("Cu", 12, 3.61), layers("Cu", 9, 3.61)
    per_layer = (energy_ev(bulk[0]) - energy_ev(bulk[1])) / 3
    gamma = (energy_ev(bulk[0]) - 12 * per_layer) / 2
    found = adhere(layers("Cu", 6, 3.61), layers("Cu", 4, 3.61), EMT(), search=TIGHT)
    work = found.e_surface_ev + found.e_film_ev - found.e_both_ev
    assert found.match.principal_strains == pytest.approx((0.0, 0.0), abs=1e-9)
    assert work == pytest.approx(2 * gamma, rel=0.03)


def computed(recipe: dict[str, object], tmp_path: Path, **film: float) -> Outcome:
    level = adsorption_level("pairs", calculator=PAIRS)
    k_metal = compute_k_metal(
        k_metal_calculation(level).inputs, None, workdir=tmp_path, progress=quiet
    ).values
    calculation = adhesion_calculation(
        recipe_from_data(recipe), level, item="k", model="k", film=KFilm(**film)
    )
    return compute_adhesion(
        calculation.inputs, AdhesionNeeds(k_metal=k_metal), workdir=tmp_path, progress=quiet
    )


@pytest.mark.physics
def test_potassium_on_potassium_is_parted_for_twice_its_surface_energy(tmp_path: Path) -> None:
    outcome = computed(SLAB, tmp_path)
    v = outcome.values
    assert outcome.status == "ok"
    assert v.work_of_adhesion_j_m2 == pytest.approx(2 * v.k_surface_energy_j_m2, rel=0.05)
    assert v.work_of_adhesion_j_m2 == pytest.approx(
        (v.e_surface_ev + v.e_film_ev - v.e_both_ev) / v.area_angstrom2 * EV_ANGSTROM2_IN_J_M2
    )
    assert (v.n_film_atoms, v.mismatch_a) == (2, pytest.approx(0.0, abs=1e-3))
    assert v.strain_energy_j_m2 == pytest.approx(0.0, abs=2e-3)
    assert "uncalibrated" in outcome.reason
    assert outcome.uncertainty == {}


@pytest.mark.physics
@pytest.mark.parametrize("stretch", [-0.04, 0.04])
def test_strain_is_paid_by_the_film_and_is_not_in_the_work(stretch: float, tmp_path: Path) -> None:
    """K as given, off its lattice constant: the film follows it, at a cost that is stated."""
    free = compute_k_metal(
        k_metal_calculation(adsorption_level("pairs", calculator=PAIRS)).inputs,
        None,
        workdir=tmp_path,
        progress=quiet,
    ).values.lattice_constant_angstrom
    slab = bcc110("K", (2, 2, 3), a=free * (1 + stretch), vacuum=8.0)
    given = {
        "builder": "structure",
        "elements": list(slab.symbols),
        "positions": slab.positions.tolist(),
        "lattice": slab.cell.array.tolist(),
        "fixed": [0, 1, 2, 3],
    }
    v = computed(given, tmp_path).values
    assert (v.strain_smallest, v.strain_largest) == pytest.approx([stretch] * 2, abs=1e-6)
    assert (v.mismatch_a, v.mismatch_b) == pytest.approx([stretch] * 2, abs=1e-6)
    assert v.strain_energy_j_m2 > 0
    unstrained = v.e_film_ev - v.strain_energy_j_m2 * v.area_angstrom2 / EV_ANGSTROM2_IN_J_M2
    assert unstrained < v.e_film_ev
    assert area_angstrom2(slab.cell.array) == pytest.approx(v.area_angstrom2)


@pytest.mark.physics
def test_a_surface_that_the_film_tears_apart_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value is that of the clean surface as it was, what tearing gains stands beside it."""
    monkeypatch.setattr(adhesion, "rearranged", lambda before, after: True)
    found = adhere(layers("Cu", 3, 3.61), layers("Cu", 2, 3.61), EMT(), fixed=(0,), search=TIGHT)
    assert found.held
    assert found.e_reconstructed_ev is not None
    assert found.e_reconstructed_ev < found.e_both_ev
    moved = found.both.positions[:3] - found.surface.positions
    assert np.ptp(moved, axis=0) == pytest.approx(0.0, abs=1e-6)
    assert found.work_j_m2(found.e_reconstructed_ev) > found.work_j_m2()


@pytest.mark.physics
def test_no_cell_of_few_enough_atoms_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no common cell of up to 3 atoms"):
        computed(SLAB, tmp_path, max_atoms=3)


def test_what_takes_no_electron_is_refused_by_a_potential(tmp_path: Path) -> None:
    recipe = recipe_from_data(
        {
            "builder": "slab",
            "miller": [1, 0, 0],
            "crystal": {
                "kind": "prototype", "prototype": "rocksalt", "elements": ["Li", "F"], "a": 4.03
            },
        }
    )  # fmt: skip
    level = adsorption_level("screen")
    inputs = adhesion_calculation(recipe, level, item="lif", model="lif").inputs
    k_metal = {
        "energy_ev_per_atom": -1.0, "lattice_constant_angstrom": 5.3, "level_sha256": "0"
    }  # fmt: skip
    with pytest.raises(RefusedError, match="takes no electron from K"):
        compute_adhesion(
            inputs, AdhesionNeeds.model_validate({"k_metal": k_metal}),
            workdir=tmp_path, progress=quiet,
        )  # fmt: skip


def test_a_molecule_has_no_plane_for_a_film(tmp_path: Path) -> None:
    level = adsorption_level("pairs", calculator=PAIRS)
    k_metal = k_metal_calculation(level)
    bulk = compute_k_metal(k_metal.inputs, None, workdir=tmp_path, progress=quiet).values
    recipe = recipe_from_data({"builder": "molecule", "smiles": "C"})
    inputs = adhesion_calculation(recipe, level, item="m", model="m").inputs
    with pytest.raises(RefusedError, match="needs a plane surface: this is a molecule"):
        compute_adhesion(inputs, AdhesionNeeds(k_metal=bulk), workdir=tmp_path, progress=quiet)


def test_silver_and_zinc_hold_a_film_harder_than_graphene(reference_rows: list[Row]) -> None:
    """Of the committed rows; whatever the error that is common to all hosts."""
    work = {
        r.item: r.read(AdhesionValues).work_of_adhesion_j_m2
        for r in reference_rows
        if r.kind == "adhesion" and r.status == "ok"
    }
    assert min(work["ag_111"], work["zn_0001"]) > work["pristine_graphene"] > 0


def test_the_stated_surface_energies_are_those_of_the_benchmark(reference_rows: list[Row]) -> None:
    file = Path(__file__).parents[2] / "benchmarks" / "k_surface_energy.csv"
    with file.open(encoding="utf-8") as lines:
        gamma = {r["level"]: float(r["k_surface_energy_j_m2"]) for r in csv.DictReader(lines)}
    assert gamma["standard"] == pytest.approx(PBE_SURFACE_ENERGY_J_M2, abs=0.005)
    for row in reference_rows:
        if row.kind == "adhesion" and row.status == "ok":
            values = row.read(AdhesionValues)
            assert values.k_surface_energy_j_m2 == pytest.approx(gamma[row.level], abs=5e-4)
            assert values.wets is None
