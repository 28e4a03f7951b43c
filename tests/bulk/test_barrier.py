"""Barriers in metals by EMT beside bands written by hand, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.geometry import get_distances
from ase.mep import NEB
from ase.optimize import BFGS

from potash.bulk.band_hops import HopRecord, MigratingIon, hop_record
from potash.bulk.barrier import MAX_FORCE_EV_ANGSTROM, compute_barrier
from potash.bulk.hollows import with_hollows
from potash.bulk.hops import SiteHop, distinct_hops
from potash.engines.adsorption_levels import adsorption_level
from potash.errors import InputError, RefusedError
from potash.results.barrier import BarrierInputs
from potash.results.calculation import Outcome
from potash.results.model import NoNeeds
from potash.running.barriers import barrier_of

COPPER = bulk("Cu", "fcc", a=3.59)
LITHIUM = bulk("Li", "fcc", a=3.59)
DISGUISED = adsorption_level("emt", calculator="tests.bulk.copper_in_disguise:make")


def quiet(_fraction: float, _note: str) -> None:
    """Ignore progress."""


def computed(crystal: Atoms, folder: Path, **options: Any) -> Outcome:
    calculation = barrier_of(
        crystal, DISGUISED, ion="Li", **{"image_distance_angstrom": 7.0, **options}
    )
    assert isinstance(calculation.inputs, BarrierInputs)
    return compute_barrier(calculation.inputs, NoNeeds(), workdir=folder, progress=quiet)


def by_hand(metal: Atoms, n_images: int = 3) -> float:
    """Return the barrier of a vacancy in a 3x3x3 supercell, by ASE alone."""
    full = metal * (3, 3, 3)
    first = full[1:].copy()  # type: ignore[index]
    neighbour = int(np.argmin(full.get_distances(0, range(1, len(full)), mic=True)))
    last = first.copy()
    last.positions[neighbour] -= full.get_distance(0, neighbour + 1, mic=True, vector=True)
    for end in (first, last):
        end.calc = EMT()
        BFGS(end, logfile=None).run(fmax=0.02)
    images = [first, *(first.copy() for _ in range(n_images)), last]
    for image in images[1:-1]:
        image.calc = EMT()
    band = NEB(images, climb=True, method="improvedtangent")
    band.interpolate()
    BFGS(band, logfile=None).run(fmax=0.02, steps=200)
    return max(i.get_potential_energy() for i in images) - first.get_potential_energy()


@pytest.mark.parametrize(
    "symbol, a", [("Cu", 3.59), pytest.param("Al", 3.994, marks=pytest.mark.physics)]
)
def test_a_vacancy_hop_is_that_of_a_band_written_by_hand(symbol: str, a: float) -> None:
    metal = bulk(symbol, "fcc", a=a)
    ion = MigratingIon.of(metal, symbol, "vacancy", (3, 3, 3))
    hop = distinct_hops(metal, [0], 3.0)[0][0]
    found = hop_record(ion, hop, EMT(), n_images=3, max_force=0.02)
    assert found.converged
    assert found.residual_force_ev_angstrom < 0.02
    assert found.saddle_ev is not None
    assert found.saddle_ev - found.energies_ev[0] == pytest.approx(by_hand(metal), abs=0.005)


def test_a_hop_and_the_way_back_have_one_saddle() -> None:
    ion = MigratingIon.of(COPPER, "Cu", "vacancy", (3, 3, 3))
    hop = distinct_hops(COPPER, [0], 3.0)[0][0]
    there, back = (
        hop_record(ion, way, EMT(), n_images=3, max_force=0.03) for way in (hop, hop.back)
    )
    assert there.saddle_ev == pytest.approx(back.saddle_ev, abs=0.004)
    assert there.energies_ev[0] == pytest.approx(back.energies_ev[-1], abs=0.004)


def test_ends_of_a_hop_hold_the_ion_on_either_site_and_nothing_else_moves() -> None:
    ion = MigratingIon.of(COPPER, "Cu", "vacancy", (3, 3, 3))
    hop = SiteHop(0, 0, (0, 0, -1), 2.54)
    first, last = ion.ends(hop)
    assert len(first) == ion.n_atoms == 26
    assert np.array_equal(first.positions[:-1], last.positions[:-1])
    step = last.positions[-1] - first.positions[-1]
    assert step == pytest.approx(COPPER.cell[2])
    assert min(first.get_distances(25, range(25), mic=True)) == pytest.approx(2.5385, abs=1e-3)


def test_the_barrier_of_a_crystal_is_that_of_its_lowest_network(tmp_path: Path) -> None:
    """In fcc the nearest hop, of one kind, spans three directions: all barriers are its own."""
    outcome = computed(LITHIUM, tmp_path)
    values = outcome.values
    assert (outcome.status, outcome.reason) == ("ok", "")
    nearest = values.hops[0]
    assert nearest.per_cell == 6
    assert nearest.barrier_ev == pytest.approx(nearest.barrier_back_ev, abs=0.005)
    assert values.migration_barrier_ev == pytest.approx(nearest.barrier_ev, abs=0.005)
    assert values.migration_barrier_ev == values.barrier_2d_ev == values.barrier_3d_ev
    assert values.image_distance_angstrom > 7.0
    assert values.n_atoms == np.prod(values.supercell) - 1
    assert values.residual_force_ev_angstrom < MAX_FORCE_EV_ANGSTROM
    assert outcome.reference_state == "energy of the vacancy on its lowest site"
    assert {"crystal", "hop_1_start", "hop_1_saddle", "hop_1_end"} <= set(outcome.structures)


def test_a_run_that_was_ended_goes_on_behind_its_finished_hops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def ended_in_the_second(ion: MigratingIon, hop: SiteHop, *engine: Any, **more: Any) -> Any:
        asked.append(round(hop.distance_angstrom, 2))
        if len(asked) == 2:
            raise KeyboardInterrupt
        if len(asked) == 3:
            return HopRecord(reason="pretended", force_calls=7)
        return hop_record(ion, hop, *engine, **more)

    monkeypatch.setattr("potash.bulk.hops.LONGER_HOPS", 1.5)
    monkeypatch.setattr("potash.bulk.barrier.hop_record", ended_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        computed(LITHIUM, tmp_path)
    outcome = computed(LITHIUM, tmp_path)
    assert asked == [2.54, 3.59, 3.59]
    first, second = outcome.values.hops
    assert first.barrier_ev == pytest.approx(outcome.values.migration_barrier_ev)
    assert (second.barrier_ev, second.reason) == (None, "pretended")
    assert outcome.reason == "1 of 2 hops have no result: pretended"


def test_too_many_atoms_are_refused_with_their_number(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"would have 343 atoms, and .* up to 250"):
        computed(LITHIUM, tmp_path, image_distance_angstrom=17.0)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"ion": "K"}, "Li holds no K"),
        ({"image_distance_angstrom": 40.0}, "no supercell of up to 8 cells"),
    ],
)
def test_what_cannot_be_planned_is_bad_input(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        barrier_of(LITHIUM, DISGUISED, **{"ion": "Li", **options})


def test_levels_that_are_no_potentials_are_refused() -> None:
    pretended = DISGUISED.model_copy(update={"theory": "dft", "name": "standard"})
    with pytest.raises(InputError, match="with potentials, not at standard"):
        barrier_of(LITHIUM, pretended, ion="Li")


def test_an_interstitial_moves_between_hollows(tmp_path: Path) -> None:
    ion = MigratingIon.of(LITHIUM, "Li", "interstitial", (3, 3, 3))
    assert len(ion.sites) > 0
    hop = distinct_hops(ion.crystal, ion.sites, 3.0)[0][0]
    first, last = ion.ends(hop)
    assert len(first) == len(last) == ion.n_atoms == 28
    assert "X" not in first.symbols
    step = last.positions[-1] - first.positions[-1]
    assert np.linalg.norm(step) == pytest.approx(hop.distance_angstrom)


def test_hollows_of_fcc_are_its_tetrahedra_and_octahedron() -> None:
    fcc = bulk("K", "fcc", a=7.5)
    hollows = with_hollows(fcc)[1:]
    radii = sorted(
        float(np.linalg.norm(v)) for h in hollows for v in [nearest_vector(fcc, h.position)]
    )
    expected = [7.5 * np.sqrt(3) / 4, 7.5 * np.sqrt(3) / 4, 7.5 / 2]
    assert radii == pytest.approx(expected, abs=1e-3)


def nearest_vector(crystal: Atoms, place: np.ndarray) -> np.ndarray:
    vectors, lengths = get_distances([place], crystal.positions, cell=crystal.cell, pbc=True)
    return vectors[0][int(np.argmin(lengths[0]))]


@pytest.mark.physics
def test_potassium_sulfide_at_screen(tmp_path: Path) -> None:
    """One kind of hop, along the edge of the cube of K; a regression of the potential's number."""
    calculation = barrier_of("k2s", adsorption_level("screen"))
    outcome = compute_barrier(calculation.inputs, NoNeeds(), workdir=tmp_path, progress=quiet)
    assert outcome.status == "ok"
    assert outcome.values.migration_barrier_ev == pytest.approx(0.30, abs=0.03)
    assert outcome.values.site_spread_ev < 0.01
