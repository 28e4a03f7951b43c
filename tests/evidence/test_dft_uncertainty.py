"""What DFT leaves open: the line of the functional, dispersion, the rest of a row's half-width."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from potash.calibration import Estimate, sample
from potash.catalog.catalog import load_catalog
from potash.evidence.adsorption_energies import adsorption_energies
from potash.evidence.dft_uncertainty import dft_uncertainty, fit_functional_line, row_components
from tests.synthetic_rows import make_row

CATALOG = load_catalog()
MODELS = ("cu_111", "al_111", "ag_111", "ni_111", "fe_110", "pt_111", "zn_0001")
ENERGIES = (-0.8, -0.4, -0.6, -0.9, -1.1, -1.3, 0.2)
SCATTER = (0.02, -0.01, 0.03, -0.02, 0.0, 0.01, -0.03)


def dft(model, energy, rpbe, d3=-0.15, half=0.3, level="standard", **values):
    return make_row(
        "adsorption",
        model,
        level,
        values={
            "adsorption_energy_ev": energy,
            "functional_shift_ev": {"RPBE": rpbe, "PBEsol": -1.2 * rpbe},
            "dispersion_shift_ev": d3,
            "k_k_distance_angstrom": 5.0,
            **values,
        },
        uncertainty={"adsorption_energy_ev": half},
    )


ROWS = [
    dft(m, e, 0.06 - 0.08 * e + s, d3=-0.1 - 0.02 * i)
    for i, (m, e, s) in enumerate(zip(MODELS, ENERGIES, SCATTER, strict=True))
]


def energies(rows):
    return adsorption_energies(rows, CATALOG.models)


def test_the_line_against_scipy():
    line = fit_functional_line(energies(ROWS))
    shifts = [r.values["functional_shift_ev"]["RPBE"] for r in ROWS]
    expected = stats.linregress(ENERGIES, shifts)
    assert (line.slope, line.intercept_ev) == pytest.approx((expected.slope, expected.intercept))
    assert line.r == pytest.approx(expected.rvalue)
    # The standard error of the slope is the residual's over the root of the squares of E.
    spread = np.sum((np.array(ENERGIES) - np.mean(ENERGIES)) ** 2)
    assert line.residual_sd_ev == pytest.approx(expected.stderr * math.sqrt(spread))
    assert line.mirror_r == pytest.approx(-1.0)
    assert line.n == 7
    assert line.shift_ev(-2.0) == pytest.approx(expected.intercept - 2.0 * expected.slope)
    # Prediction error at E from the errors of slope and intercept and their covariance.
    at = -2.0
    variance = (
        line.residual_sd_ev**2
        + expected.intercept_stderr**2
        + (at * expected.stderr) ** 2
        - 2 * at * np.mean(ENERGIES) * expected.stderr**2
    )
    assert line.prediction_sd_ev(at) == pytest.approx(math.sqrt(variance))


def test_levels_of_one_surface_count_once_and_a_small_basis_not_at_all():
    again = [dft(m, e, 0.5, level="standard-lcao") for m, e in zip(MODELS, ENERGIES, strict=True)]
    better = [dft("cu_111", -0.8, 0.06 + 0.064 + 0.02, level="reference")]
    found = dft_uncertainty(energies([*ROWS, *again, *better]))
    alone = dft_uncertainty(energies(ROWS)).functional
    assert found.functional.n == alone.n
    assert found.functional.intercept_ev == pytest.approx(alone.intercept_ev)
    assert found.functional.residual_sd_ev == pytest.approx(alone.residual_sd_ev)


def test_six_surfaces_are_enough_for_a_line():
    found = dft_uncertainty(energies(ROWS[:6]))
    assert (found.functional.n, sum(found.dispersion.n.values())) == (6, 6)


def test_too_few_surfaces_give_no_line_and_the_largest_shift_to_all():
    found = dft_uncertainty(energies(ROWS[:5]))
    assert found.functional is None
    assert found.dispersion is None
    parts = {c.name: c for c in found.components(-0.5, "metal", "standard")}
    largest = max(abs(r.values["functional_shift_ev"]["RPBE"]) for r in ROWS[:5])
    assert parts["density functional"].scale == pytest.approx(largest / 1.959964)
    assert not parts["density functional"].shared
    assert parts["dispersion"].scale == pytest.approx(0.18 / 1.959964)


def test_a_corrected_value_gets_the_shifts_of_its_energy_and_class():
    found = dft_uncertainty(energies(ROWS))
    line = found.functional
    parts = {c.name: c for c in found.components(-0.5, "metal", "standard")}
    functional = parts["density functional"]
    assert functional.shared
    assert functional.scale == pytest.approx(line.shift_ev(-0.5) / 1.959964)
    assert found.components(2.0, "metal", "standard")[0].scale < 0 < functional.scale
    off = parts["density functional, off the common line"]
    assert (off.shared, off.degrees_of_freedom) == (False, 5)
    assert off.scale == pytest.approx(line.prediction_sd_ev(-0.5) / 1.959964)
    d3 = [r.values["dispersion_shift_ev"] for r in ROWS]
    assert parts["dispersion"].scale == pytest.approx(np.mean(d3) / 1.959964)
    off = parts["dispersion, off the mean of the class"]
    assert off.scale == pytest.approx(np.std(d3, ddof=1) * math.sqrt(1 + 1 / 7) / 1.959964)
    assert off.degrees_of_freedom == 6


def test_the_rest_is_that_of_rows_of_the_class_at_the_level():
    found = dft_uncertainty(energies(ROWS))
    rest = [
        0.3**2 - r.values["functional_shift_ev"]["RPBE"] ** 2 - r.values["dispersion_shift_ev"] ** 2
        for r in ROWS
    ]
    for level, group in (("standard", "metal"), ("standard", "unheard of"), ("reference", "metal")):
        part = found.components(-0.5, group, level)[-1]
        assert part.name == f"numbers and geometry of {level}"
        assert part.scale == pytest.approx(math.sqrt(np.mean(rest)) / 1.959964)


def test_a_row_keeps_the_half_width_that_it_states():
    [found] = energies([dft("cu_111", -0.8, 0.12, d3=-0.28, half=0.33)])
    parts = row_components(found)
    assert [c.shared for c in parts] == [True, True, False]
    assert parts[0].scale == pytest.approx(0.12 / 1.959964)
    assert parts[1].scale == pytest.approx(-0.28 / 1.959964)
    whole = Estimate(raw=-0.8, value=-0.8, components=parts)
    assert (whole.low, whole.high) == pytest.approx((-1.13, -0.47), abs=1e-5)


def test_a_screening_row_states_nothing_about_dft():
    [found] = energies([dft("cu_111", -0.8, 0.12, level="screen")])
    assert row_components(found) == ()
    assert dft_uncertainty([found]).components(0.0, "metal", "standard") == ()


def test_functional_and_dispersion_move_all_dft_values_together():
    pair = energies([dft("cu_111", -0.8, 0.2, d3=-0.2, half=0.3), dft("al_111", -0.4, 0.2, -0.2)])
    own = math.sqrt(0.3**2 - 2 * 0.2**2) / 1.959964
    drawn = sample(
        [Estimate(raw=e.energy_ev, value=e.energy_ev, components=row_components(e)) for e in pair],
        n_draws=50_000,
        rng=np.random.default_rng(0),
    )
    assert np.std(drawn[:, 0] - drawn[:, 1]) == pytest.approx(own * math.sqrt(2), rel=0.02)
    assert np.std(drawn[:, 0]) == pytest.approx(0.3 / 1.959964, rel=0.02)
