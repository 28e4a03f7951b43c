from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111
from ase.calculators.calculator import Calculator
from hypothesis import given
from hypothesis import strategies as st

from potash.catalog.catalog import load_catalog
from potash.engines import gpaw
from potash.engines.adsorption_levels import adsorption_level
from potash.engines.dispersion import dispersion_energy_ev
from potash.engines.gpaw import Point, dft_level
from potash.engines.levels import level_sha256
from potash.errors import CalculationError, RefusedError
from potash.hosts.adsorption import adsorption_calculations, compute_adsorption, former
from potash.hosts.dft import (
    adsorption,
    dispersion_shift_ev,
    half_width_ev,
    newton_pair,
    parabola_pair,
    stiffness_ev_angstrom2,
)
from potash.hosts.k_metal import compute_k_metal, k_metal_calculation
from potash.hosts.parabola import parabola_minimum
from potash.hosts.screened_site import ScreenedSite
from potash.results.adsorption import (
    AdsorptionInputs,
    AdsorptionNeeds,
    AdsorptionValues,
    HeightSearch,
)
from potash.results.calculation import Calculation, Outcome
from potash.results.k_metal import KMetalValues
from potash.results.model import NoNeeds
from potash.store import Row, export_rows, import_rows
from potash.structures.plain_atoms import extxyz
from potash.structures.recipes import recipe_data, recipe_from_data

needs_gpaw = pytest.mark.skipif(gpaw.interpreter() is None, reason="GPAW is not installed")


def metal(energy: float, level_hash: str) -> AdsorptionNeeds:
    values = KMetalValues(
        energy_ev_per_atom=energy, lattice_constant_angstrom=5.28, level_sha256=level_hash
    )
    return AdsorptionNeeds(k_metal=values)


@given(
    st.floats(-3, 3),
    st.floats(0.1, 10),
    st.floats(-50, 50),
    st.lists(st.floats(-4, 4), min_size=3, max_size=6, unique_by=lambda x: round(x, 1)),
)
def test_parabola_minimum_is_exact_for_a_parabola(centre, stiffness, lowest, points):
    energies = [stiffness * (x - centre) ** 2 + lowest for x in points]
    at, value = parabola_minimum(points, energies)
    assert at == pytest.approx(centre, abs=1e-5)
    assert value == pytest.approx(lowest, abs=1e-5)


def test_points_without_a_minimum_are_an_error():
    with pytest.raises(CalculationError, match="no minimum"):
        parabola_minimum([0.0, 1.0, 2.0], [0.0, 1.0, 0.0])


def test_half_width_grows_with_every_part():
    parts = ({"RPBE": 0.0, "PBEsol": 0.0}, 0.0, 0.0)
    assert half_width_ev(*parts) == pytest.approx(0.07)
    assert half_width_ev({"RPBE": 0.12, "PBEsol": -0.3}, 0.0, 0.0) == pytest.approx(
        np.hypot(0.07, 0.3)
    )
    assert half_width_ev({"RPBE": 0.1}, -0.2, 0.4) == pytest.approx(
        np.sqrt(0.07**2 + 0.1**2 + 0.2**2 + 0.2**2)
    )
    assert half_width_ev(*parts, 0.02) == pytest.approx(np.hypot(0.07, 0.02))


def test_dispersion_of_k_far_from_the_surface_is_that_of_leaving_the_metal():
    """Beyond the reach of D3 only the metal's own share is left, with its sign turned."""
    slab = fcc111("Al", (2, 2, 2), a=4.05, vacuum=8.0)
    slab.pbc = (True, True, False)
    far = slab + Atoms("K", [slab.positions[-1] + [0, 0, 60.0]])
    alone = Atoms("K", cell=slab.cell, pbc=slab.pbc)
    metal = dispersion_energy_ev(bulk("K", "bcc", a=5.28))
    assert dispersion_shift_ev(far, 5.28) == pytest.approx(
        dispersion_energy_ev(alone) - metal, abs=0.01
    )


@needs_gpaw
def test_energies_of_different_settings_are_never_subtracted(tmp_path):
    level = adsorption_level("standard")
    (calculation,) = adsorption_calculations(
        recipe_from_data({"builder": "graphene"}), level, item="x", model="x"
    )
    needs = metal(-1.0, "other")
    with pytest.raises(RefusedError, match="other settings"):
        compute_adsorption(
            calculation.inputs,
            needs,
            workdir=tmp_path,
            progress=lambda _fraction, _text: None,
        )


@needs_gpaw
@pytest.mark.dft
def test_a_surface_that_k_tears_apart_is_not_relaxed(tmp_path):
    """K opens the epoxide of graphene oxide at the screening level already."""
    level = adsorption_level("reference")
    recipe = load_catalog().models["epoxy_graphene"].recipe
    small = recipe_from_data({**recipe_data(recipe), "supercell": [3, 3]})
    (calculation, *_) = adsorption_calculations(small, level, item="x", model="x")
    needs = metal(-1.22, level_sha256(level.fingerprint))
    with pytest.raises(RefusedError, match="tears this surface apart"):
        compute_adsorption(
            calculation.inputs,
            needs,
            workdir=tmp_path,
            progress=lambda _fraction, _text: None,
        )


@needs_gpaw
def test_every_level_has_keys_of_its_own():
    keys = {k_metal_calculation(adsorption_level(n)).key for n in ("screen", *gpaw.DFT_LEVELS)}
    assert len(keys) == 4


@needs_gpaw
@pytest.mark.dft
def test_bcc_potassium_by_plane_waves(tmp_path: Path):
    level = adsorption_level("reference")
    values = compute_k_metal(
        k_metal_calculation(level).inputs, NoNeeds(), workdir=tmp_path, progress=lambda _f, _t: None
    ).values
    assert values.lattice_constant_angstrom == pytest.approx(5.28, abs=0.06)
    assert np.isfinite(values.energy_ev_per_atom)


SLAB = fcc111("Al", (2, 2, 2), a=4.05, vacuum=8.0)
SLAB.pbc = (True, True, False)
WITH_K = SLAB + Atoms("K", [SLAB.positions[-1] + [0.0, 0.0, 2.9]])
SITE = ScreenedSite(
    facet="(111)", termination="Al", polar=False, site="top", height_angstrom=2.9,
    normal=(0.0, 0.0, 1.0), fixed=(0, 1, 2, 3), held=False, k_k_distance_angstrom=5.7,
    interaction_ev=-2.0, distortion_energy_ev=0.13, remarks="",
    best=extxyz(WITH_K), clean=extxyz(SLAB),
)  # fmt: skip


class Pretended:
    """Stands in for GPAW: K is bound by 2.2 eV in a parabola in its height.

    Parameters
    ----------
    at
        Height of its minimum above the potential's, angstrom.
    """

    def __init__(self, at: float = 0.0) -> None:
        self.at, self.points = at, []

    def __call__(self, point: Point) -> dict[str, Any]:
        self.points.append(point)
        n = len(point.atoms)
        record = {"energy_ev": -80.0, "forces_ev_angstrom": [[0.01, 0.0, 0.0]] * n}
        shift = 0.4
        if "K" in point.atoms.symbols:
            x = point.atoms.positions[-1, 2] - WITH_K.positions[-1, 2] - self.at
            record["energy_ev"] += -2.2 + 3.0 * x**2
            record["forces_ev_angstrom"][-1] = [0.0, 0.0, -6.0 * x]
            shift += 0.3
        if point.unpaired is not None:
            record["magnetic_moment"] = 1.0
        return record | {"functional_shift_ev": {"RPBE": shift} if point.functionals else {}}

    def points_of(self, points, *_args, **_options):
        return {point.name: self(point) for point in points}

    def session(self, *_args, **_options):
        return contextlib.nullcontext(self)


def computed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pretended: Pretended, **changed: Any
) -> Outcome[AdsorptionValues]:
    """Compute K on Al(111) with a pretended GPAW at the screening level's fingerprint."""
    monkeypatch.setattr("potash.hosts.dft.screened", lambda *_args: SITE)
    monkeypatch.setattr("potash.hosts.dft.run_points", pretended.points_of)
    monkeypatch.setattr("potash.hosts.dft.session", pretended.session)
    monkeypatch.setattr("potash.hosts.dft.level_of", lambda _f: adsorption_level("screen"))
    monkeypatch.setattr("potash.hosts.dft.relaxes", lambda _f: False)
    monkeypatch.setattr("potash.hosts.dft.hubbard_elements", lambda _f, _a: {})
    monkeypatch.setattr("potash.hosts.dft.stiffness_ev_angstrom2", lambda *_args: 6.0)
    (calculation, *_) = adsorption_calculations(
        recipe_from_data(recipe_data(load_catalog().models["al_111"].recipe)),
        adsorption_level("screen"),
        item="al_111",
        model="al_111",
    )
    k_metal = KMetalValues(
        energy_ev_per_atom=-0.9, lattice_constant_angstrom=5.28,
        level_sha256=level_sha256(calculation.inputs.level), functional_shift_ev={"RPBE": 0.1},
    )  # fmt: skip
    inputs = calculation.inputs.model_copy(update={"screen": calculation.inputs.level, **changed})
    return adsorption(inputs, k_metal, workdir=tmp_path, progress=lambda _f, _t: None)


@pytest.mark.parametrize(("search", "n_heights"), [({}, 3), ({"height_search": HeightSearch()}, 1)])
def test_the_energy_of_a_worked_example(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, search: dict[str, Any], n_heights: int
) -> None:
    """On the held surface K gains 2.2 eV against nothing, 0.9 eV of which its metal gave it too;
    the surface paid 0.13 eV for making room: -2.2 + 0.9 + 0.13 = -1.17 eV."""
    pretended = Pretended(at=0.02)
    outcome = computed(monkeypatch, tmp_path, pretended, **search)
    values = outcome.values
    assert values.adsorption_energy_ev == pytest.approx(-1.17, abs=1e-6)
    assert values.binding_energy_ev == pytest.approx(0.934 + 1.17, abs=1e-6)
    assert values.height_angstrom == pytest.approx(2.92, abs=1e-6)
    # RPBE moves K on the surface by 0.3 eV and K in its metal by 0.1 eV.
    assert values.functional_shift_ev == {"RPBE": pytest.approx(0.2)}
    assert len(values.heights_angstrom) == n_heights


@pytest.mark.usefixtures("gpaw_of_the_rows")
def test_a_large_force_asks_for_a_second_point_and_every_force_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretended = Pretended(at=-0.1)
    outcome = computed(monkeypatch, tmp_path, pretended, height_search=HeightSearch())
    values = outcome.values
    assert values.adsorption_energy_ev == pytest.approx(-1.17, abs=1e-6)
    assert values.heights_angstrom == pytest.approx((2.9, 2.8))
    assert values.k_forces_ev_angstrom == pytest.approx((-0.6, 0.0), abs=1e-6)
    assert values.k_stiffness_ev_angstrom2 == 6.0
    assert [p.k_height_angstrom for p in values.points] == [None, *values.heights_angstrom]
    assert [len(p.forces_ev_angstrom) for p in values.points] == [8, 9, 9]
    assert values.points[1].forces_ev_angstrom[-1] == pytest.approx((0.0, 0.0, -0.6), abs=1e-6)
    assert values.magnetic_moment_mu_b is None
    names = [(p.name, p.functionals, p.forces) for p in pretended.points]
    assert names == [
        ("substrate", True, True), ("K +0.0000", False, True), ("K -0.1000", False, True),
        ("K -0.1000, functionals", True, True),
    ], "the other functionals once, where K ends"  # fmt: skip
    asked = Calculation("al_111", "al_111", "standard", small_al("standard").inputs)
    row = Row.from_outcome(asked, outcome, started="2026-01-01T00:00:00+00:00", seconds=1.0)
    export_rows([row], tmp_path / "tables", file_format="csv")
    (again,) = import_rows(tmp_path / "tables")
    assert again.read(AdsorptionValues) == values
    assert again.read(AdsorptionInputs) == asked.inputs


def test_the_way_to_the_height_widens_the_interval(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    by_parabola = computed(monkeypatch, tmp_path, Pretended())
    by_force = computed(monkeypatch, tmp_path, Pretended(), height_search=HeightSearch())
    before, after = (o.uncertainty["adsorption_energy_ev"] for o in (by_parabola, by_force))
    assert after**2 - before**2 == pytest.approx(0.02**2)


def test_the_electron_of_k_is_unpaired_where_the_substrate_does_not_take_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretended = Pretended()
    search = {"height_search": HeightSearch(), "unpaired_electron": True}
    outcome = computed(monkeypatch, tmp_path, pretended, **search)
    assert [p.unpaired for p in pretended.points] == [None, 8, 8], "on K, and only there"
    assert outcome.values.magnetic_moment_mu_b == 1.0


def test_the_stiffness_is_that_of_the_potential_along_the_normal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A spring of 3 eV/angstrom^2 along z between K and its place; nothing across."""

    class Spring(Calculator):
        implemented_properties = ("energy", "forces")

        def calculate(self, atoms, *_args):
            x = atoms.positions[-1, 2] - WITH_K.positions[-1, 2]
            forces = np.zeros((len(atoms), 3))
            forces[-1, 2] = -3.0 * x
            self.results = {"energy": 1.5 * x**2, "forces": forces}

    monkeypatch.setattr("potash.hosts.dft.calculator", lambda _screen: Spring())
    up, across = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])
    assert stiffness_ev_angstrom2(WITH_K, up, {}) == pytest.approx(3.0)
    assert stiffness_ev_angstrom2(WITH_K, across, {}) == pytest.approx(0.0)


@pytest.fixture
def gpaw_of_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plan as if the GPAW of the committed rows were installed."""
    monkeypatch.setattr(gpaw, "interpreter", lambda: Path("python"))
    found = {"gpaw": "26.7.0", "gpaw-data": "1.2.1"}
    monkeypatch.setattr(gpaw, "versions", lambda _python: found)


def small_al(level: str) -> Calculation:
    """Return K on Al(111) in the cell of the committed calibration rows."""
    data = recipe_data(load_catalog().models["al_111"].recipe)
    data |= {
        "min_k_k_distance_angstrom": 4.6, "min_thickness_angstrom": 4.5, "vacuum_angstrom": 13.0
    }  # fmt: skip
    (found, *_) = adsorption_calculations(
        recipe_from_data(data), dft_level(level), item="al_111", model="al_111"
    )
    return found


@pytest.mark.usefixtures("gpaw_of_the_rows")
def test_committed_rows_answer_what_is_planned_now(reference_rows: list[Row]) -> None:
    known = {row.key: row for row in reference_rows}
    for level in ("standard", "standard-lcao"):
        planned = small_al(level)
        assert planned.key not in known
        assert planned.inputs.heights_angstrom is None
        assert planned.inputs.height_search == HeightSearch()
        before = former(planned)
        assert before is not None
        row = known[before.key]
        assert (row.item, row.level, row.status) == ("al_111", level, "ok")
    assert small_al("reference").key in known, "it relaxes K, so nothing changes"
    assert former(small_al("reference")) is None


def test_every_committed_row_by_dft_is_the_former_form_of_its_question(
    reference_rows: list[Row],
) -> None:
    rows = [r for r in reference_rows if "heights_angstrom" in r.provenance["inputs"]]
    assert len(rows) >= 24
    for row in rows:
        inputs = row.read(AdsorptionInputs)
        now = {"heights_angstrom": None, "height_search": HeightSearch(), "unpaired_electron": True}
        asked = Calculation(
            row.item, row.model, row.level, inputs.model_copy(update=now), row.provenance["needs"]
        )
        assert asked.key != row.key
        assert former(asked).key == row.key
        committed = replace(asked, inputs=inputs)
        assert former(committed) is None


@pytest.mark.usefixtures("gpaw_of_the_rows")
def test_spin_follows_who_takes_the_electron() -> None:
    rocksalt = {"kind": "prototype", "prototype": "rocksalt", "elements": ["K", "F"], "a": 5.34}
    recipe = recipe_from_data({"builder": "slab", "crystal": rocksalt, "miller": [1, 0, 0]})

    def unpaired(recipe, level="standard", **known):
        (one, *_) = adsorption_calculations(recipe, dft_level(level), item="", model="", **known)
        return one.inputs.unpaired_electron

    assert unpaired(recipe) is True
    assert unpaired(recipe, "reference") is True
    assert unpaired(recipe, electron_acceptor=True) is None
    graphene = recipe_from_data({"builder": "graphene"})
    assert unpaired(graphene) is None
    assert unpaired(graphene, electron_acceptor=False) is True


@needs_gpaw
@pytest.mark.dft
def test_force_and_parabola_agree_on_the_smallest_cell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """K over one layer of Al, coarse settings: GPAW's forces are slopes of its energies."""
    slab = fcc111("Al", (1, 1, 1), a=4.05, vacuum=5.0)
    slab.cell[:2] *= 1.4
    slab.pbc = (True, True, False)
    with_k = slab + Atoms("K", [slab.positions[-1] + [0.0, 0.0, 2.95]])
    start = SITE.model_copy(update={"best": extxyz(with_k), "clean": extxyz(slab)})
    level = dft_level("standard").fingerprint
    coarse = {**level["parameters"], "mode": {"name": "pw", "ecut": 250}}
    inputs = small_al("standard").inputs.model_copy(
        update={"level": {**level, "parameters": coarse, "kpoint_length_angstrom": 8.0}}
    )
    monkeypatch.setattr("potash.hosts.dft.stiffness_ev_angstrom2", lambda *_args: 1.5)
    by_force = newton_pair(inputs, start, tmp_path / "force", lambda _f, _t: None)
    heights = {"heights_angstrom": (-0.2, 0.0, 0.25), "height_search": None}
    by_parabola = parabola_pair(
        inputs.model_copy(update=heights), start, tmp_path / "parabola", lambda _f, _t: None
    )
    assert by_force.clean == pytest.approx(by_parabola.clean, abs=0.002)
    assert by_force.with_k == pytest.approx(by_parabola.with_k, abs=0.02)
    assert len(by_force.energies_ev) < len(by_parabola.energies_ev)
    records = (tmp_path / "force" / "points" / "results.jsonl").read_text().splitlines()
    *_, last, functionals = map(json.loads, records)
    assert functionals["energy_ev"] == last["energy_ev"], "no further SCF cycle"
    assert set(functionals["functional_shift_ev"]) == {"RPBE", "PBEsol"}
