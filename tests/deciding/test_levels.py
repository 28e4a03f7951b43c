"""Levels of hosts: what each would leave open, against what is known today."""

import math

import numpy as np
import pytest

from potash.calibration import Component, Estimate
from potash.catalog.catalog import load_catalog
from potash.deciding.levels import LEAST_SD, WORTH_IT, host_rungs, own_sd
from potash.evidence.dft_uncertainty import DISPERSION, FUNCTIONAL
from potash.evidence.hosts import host_evidence
from potash.evidence.known import known_rows
from potash.evidence.ladder import rung

COLUMN = "adsorption_energy_ev"
CATALOG = load_catalog()
KNOWN = host_evidence(known_rows(None, CATALOG, {"adsorption"}), CATALOG, seed=1, n_draws=2)
RUNGS = host_rungs(KNOWN, CATALOG, [COLUMN])


def estimate(*parts: Component) -> Estimate:
    return Estimate(raw=0.0, value=0.0, components=parts)


def test_what_is_common_is_no_error_of_ones_own() -> None:
    own = (Component("scatter", 0.3), Component("bias of its class", 0.4, shared=True))
    common = (Component(FUNCTIONAL, 2.0, shared=True), Component(DISPERSION, 1.0, shared=True))
    assert own_sd(estimate(*own)) == pytest.approx(0.5)
    assert own_sd(estimate(*own, *common)) == pytest.approx(0.5)
    assert own_sd(estimate(*common)) == LEAST_SD
    assert own_sd(estimate()) == LEAST_SD


def test_bounds_of_a_quantity_do_not_make_its_error_small() -> None:
    bounded = Estimate(
        raw=0.0, value=0.0, components=(Component("s", 0.3),), lowest=0.0, highest=0.01
    )
    assert own_sd(bounded) == pytest.approx(0.3)


def test_only_other_questions_ask_nothing_of_hosts() -> None:
    assert host_rungs(KNOWN, CATALOG, ["hop_barrier_ev"]) == []


def test_every_level_tells_more_than_is_known_and_stands_above_it() -> None:
    by_host = {h.host.id: h for h in KNOWN.hosts}
    bettered = [r for r in RUNGS if not r.first]
    assert bettered
    for one in bettered:
        host = by_host[one.candidate]
        model = next(e for e in host.models if e.model == one.items[0])
        assert rung(one.level) > rung(model.row.level)
        assert one.like == model.row
        if len(host.models) == 1:
            assert one.error_sd < WORTH_IT * own_sd(model.estimate)


def test_a_better_value_of_one_of_two_models_leaves_which_of_them_it_is() -> None:
    two = [h for h in KNOWN.hosts if len([e for e in h.models if e.estimate.known]) == 2]
    for host in two:
        values = [e.value for e in host.models if e.estimate.known]
        between = abs(values[0] - values[1]) / 2  # of an equal mixture of two
        for one in (r for r in RUNGS if r.candidate == host.host.id and not r.first):
            assert one.error_sd >= between


def test_hosts_without_a_value_are_given_a_first_one_by_a_model_that_can_be_built() -> None:
    first = [r for r in RUNGS if r.first]
    assert first
    having = {h.host.id for h in KNOWN.hosts if h.setting is not None and h.setting.estimate.known}
    assert not having & {r.candidate for r in first}
    assert all(CATALOG.models[r.items[0]].has_surface for r in first)
    assert all(math.isfinite(r.error_sd) and r.error_sd > 0 for r in first)


def test_what_takes_a_values_place_tells_less_than_a_look_of_its_own() -> None:
    """Both looks together leave open what the better one does alone."""
    for one in (r for r in RUNGS if not r.first):
        assert one.adds_sd > one.error_sd
        both = (one.adds_sd**-2 + one.replaces_sd**-2) ** -0.5
        assert both == pytest.approx(one.error_sd)
    assert all(r.adds_sd == pytest.approx(r.error_sd) for r in RUNGS if r.first)


def test_hosts_of_several_models_gain_least_by_a_row_of_one() -> None:
    n_models = {h.host.id: len([e for e in h.models if e.estimate.known]) for h in KNOWN.hosts}
    gained = {
        several: [
            r.error_sd / r.replaces_sd
            for r in RUNGS
            if not r.first and r.level == "standard" and (n_models[r.candidate] > 1) == several
        ]
        for several in (False, True)
    }
    assert max(gained[False]) < np.median(gained[True])
