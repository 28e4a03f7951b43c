"""From adsorption rows to one estimate per model."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from potash.calibration import sample
from potash.catalog.catalog import load_catalog
from potash.evidence.adsorption import estimates, model_evidence
from potash.evidence.adsorption_energies import adsorption_energies
from potash.evidence.adsorption_errors import adsorption_pairs
from tests.synthetic_rows import adsorption, graphene_with_k, make_row, metal_with_k

MODELS = load_catalog().models
METALS = ("cu_111", "al_111", "ag_111", "ni_111", "fe_110", "pt_111")
ERRORS = (0.20, 0.16, 0.24, 0.22, 0.18, 0.2)
STEP = (0.05, 0.02, 0.08)


def dft(model, energy, level="standard", half=0.2, **values):
    return make_row(
        "adsorption",
        model,
        level,
        values={"adsorption_energy_ev": energy, "k_k_distance_angstrom": 9.8, **values},
        uncertainty={"adsorption_energy_ev": half},
    )


def screened(extra=()):
    """Six metals at `screen` and `standard`, three of them at `reference`."""
    rows = []
    for i, (model, error) in enumerate(zip(METALS, ERRORS, strict=True)):
        rows += [adsorption(model, -0.6 - 0.1 * i), dft(model, -0.6 - 0.1 * i + error)]
    for i, step in enumerate(STEP):
        energy = -0.6 - 0.1 * i + ERRORS[i] + step
        rows.append(dft(METALS[i], energy, "reference"))
    return [*rows, *extra]


def test_both_steps_are_components_with_degrees_of_freedom_of_their_own():
    row = adsorption("pristine_graphene", -0.5)
    pair = [adsorption("graphdiyne", -0.8), dft("graphdiyne", -0.4)]
    found = estimates([row], MODELS, calibration_rows=screened(pair))[row.key]
    parts = {c.name.removeprefix("adsorption_energy_ev of "): c for c in found.components}
    first, second = "screen against standard: ", "standard against reference: "
    # Six metals with a spread of their own, one carbon with the pooled one: 5 degrees.
    assert parts[first + "scatter"].degrees_of_freedom == 5
    assert parts[first + "scatter"].scale == pytest.approx(np.std(ERRORS, ddof=1))
    assert parts[second + "scatter"].degrees_of_freedom == 2
    assert parts[second + "scatter"].scale == pytest.approx(np.std(STEP, ddof=1))
    step = parts[second + "average bias"]
    assert step.shared
    assert step.scale == pytest.approx(np.std(STEP, ddof=1) / math.sqrt(3))
    assert [parts[second + "scatter"].shared, parts[first + "scatter"].shared] == [False, False]
    assert found.value == pytest.approx(-0.5 + 0.4 + np.mean(STEP), abs=0.02)


def test_two_rows_of_one_surface_are_one_pair():
    """A row by the former way of finding the height, and one by today's."""
    before, now = dft("graphdiyne", -0.4), dft("graphdiyne", -0.39)
    before = replace(before, started="2020-01-01T00:00:00+00:00")
    rows = [adsorption("graphdiyne", -0.8), before, now, *screened()]
    energies = adsorption_energies(rows, MODELS)
    pairs = [p for p in adsorption_pairs(energies, "screen", "standard") if "graph" in p.label]
    assert [p.reference for p in pairs] == [-0.39]


def test_the_bias_of_the_second_step_moves_all_that_took_it():
    """Two classes: their difference does not hold the step's bias, each value does."""
    pair = [adsorption("graphdiyne", -0.8), dft("graphdiyne", -0.4)]
    rows = [adsorption("pristine_graphene", -0.5), adsorption("zn_0001", -0.7)]
    found = estimates(rows, MODELS, calibration_rows=screened(pair))
    drawn = sample([found[r.key] for r in rows], n_draws=200_000, rng=np.random.default_rng(0))
    scales = {}
    for r in rows:
        for c in found[r.key].components:
            scales.setdefault(c.name, []).append((c.scale, c.shared, c.degrees_of_freedom))
    # From the interquartile range of normal mixtures the second moments are not finite: compare
    # with draws of the components put together by hand.
    rng = np.random.default_rng(1)
    chi = {dof: rng.chisquare(dof, 200_000) / dof for dof in (2.0, 5.0)}
    difference = np.zeros(200_000)
    for found_scales in scales.values():
        (scale, shared, dof), *other = found_scales
        factor = 1.0 if math.isinf(dof) else 1.0 / np.sqrt(chi[dof])
        if shared:
            scale = scale - other[0][0] if other else scale
            difference += factor * scale * rng.standard_normal(200_000)
        else:
            for s, _, _ in found_scales:
                difference += factor * s * rng.standard_normal(200_000)
    expected = np.subtract(*np.quantile(difference, [0.9, 0.1]))
    assert np.subtract(*np.quantile(drawn[:, 0] - drawn[:, 1], [0.9, 0.1])) == pytest.approx(
        expected, rel=0.02
    )


def test_a_screening_value_carries_what_dft_leaves_open():
    """The same pairs, with DFT rows that state 0.4 eV of their own against hardly any."""
    row = adsorption("zn_0001", -0.7)
    widths = []
    for half in (0.4, 1e-6):
        rows = [r for r in screened() if r.level == "screen"]
        rows += [dft(m, -0.6 - 0.1 * i + e, half=half) for i, (m, e) in
                 enumerate(zip(METALS, ERRORS, strict=True))]  # fmt: skip
        found = estimates([row], MODELS, calibration_rows=rows)[row.key]
        widths.append(found.high - found.low)
    assert widths[0] > 0.8 > 0.3 > widths[1]


def test_a_dft_value_keeps_its_own_uncertainty_when_it_is_corrected():
    row = dft("zn_0001", -0.7, half=0.4)
    found = estimates([row], MODELS, calibration_rows=screened())[row.key]
    assert found.value == pytest.approx(-0.7 + np.mean(STEP))
    assert sum(c.scale**2 for c in found.components if math.isinf(c.degrees_of_freedom)) == (
        pytest.approx((0.4 / 1.959964) ** 2)
    )


def test_a_dft_value_at_the_top_has_the_interval_that_it_states():
    row = dft("zn_0001", -0.7, "reference", half=0.25)
    found = estimates([row], MODELS)[row.key]
    assert (found.low, found.high) == pytest.approx((-0.95, -0.45), abs=1e-5)


@pytest.mark.parametrize(
    ("distance", "ranked"), [(4.0, False), (5.1, False), (7.9, False), (7.96, True), (9.8, True)]
)
def test_only_dilute_potassium_stands_for_a_model(distance, ranked):
    """K-K of 8 A, with 0.05 A of slack for lattice constants."""
    evidence, _ = model_evidence(
        [adsorption("cu_111", -0.8, k_k_distance_angstrom=distance)], MODELS
    )
    assert ("cu_111" in evidence) is ranked


def test_a_cluster_has_no_images_and_counts():
    rows = [make_row("adsorption", "cu_111", values={"adsorption_energy_ev": -0.8})]
    assert "cu_111" in model_evidence(rows, MODELS)[0]


def test_of_several_surfaces_the_one_of_lowest_energy_stands():
    rows = [
        adsorption("cu_111", -0.8, facet="(111)", surface_energy_j_m2=1.3),
        adsorption("cu_111", -1.9, facet="(110)", surface_energy_j_m2=1.6),
    ]
    found = model_evidence(rows, MODELS)[0]["cu_111"]
    assert found.value == -0.8
    assert [r.key for r in found.others] == [rows[1].key]
    # Without it, the facet that the catalogue lists first.
    unknown = [adsorption("cu_111", -1.9, facet="(110)"), adsorption("cu_111", -0.8)]
    assert model_evidence(unknown, MODELS)[0]["cu_111"].value == -0.8


def test_the_better_level_stands_and_an_alternative_only_where_it_is_alone():
    rows = [
        adsorption("cu_111", -0.8, "screen-chgnet"),
        adsorption("cu_111", -1.0),
    ]
    assert model_evidence(rows, MODELS)[0]["cu_111"].value == -1.0
    assert model_evidence(rows[:1], MODELS)[0]["cu_111"].value == -0.8


def test_the_class_is_that_of_the_computed_slab():
    rows = [
        adsorption("cu_111", -0.8, pictures=metal_with_k("Cu")),
        adsorption("pristine_graphene", -0.4, pictures=graphene_with_k()),
        adsorption("ti3c2t2", -1.9),
        adsorption("cu6sn5_001", -0.9),
    ]
    found = {e.row.item: e.group for e in adsorption_energies(rows, MODELS)}
    assert found == {
        "cu_111": "metal",
        "pristine_graphene": "carbon",
        "ti3c2t2": "mxene",
        "cu6sn5_001": "alloy",
    }


def test_rows_without_a_usable_site_are_no_energies():
    rows = [
        make_row("adsorption", "cu_111", status="failed"),
        make_row("adsorption", "cu_111", status="anomalous"),
        make_row("adsorption", "cu_111"),
    ]
    assert adsorption_energies(rows, MODELS) == []
