"""What stands beside an adsorption energy."""

from __future__ import annotations

from potash.evidence.surface_properties import SurfaceProperties, surface_properties
from tests.synthetic_rows import adsorption, make_row

ENERGY = adsorption("cu_111", -0.8)


def found(*rows):
    return surface_properties(rows, {"cu_111": ENERGY})["cu_111"]


def thickness(status="ok", change=0.02, needs=None, **fields):
    return make_row(
        "thickness",
        "cu_111",
        status=status,
        values={} if change is None else {"thickness_change_ev": change},
        provenance={"inputs": {}, "needs": {"adsorption": needs or ENERGY.key}},
        **fields,
    )


def test_nothing_is_known_of_a_bare_adsorption_energy():
    assert found() == SurfaceProperties()


def test_the_best_level_counts_and_then_the_latest():
    old = make_row("hop", "cu_111", values={"hop_barrier_ev": 0.3})
    new = make_row(
        "hop", "cu_111", values={"hop_barrier_ev": 0.2}, started="2026-02-01T00:00:00+00:00"
    )
    better = make_row("hop", "cu_111", "standard", values={"hop_barrier_ev": 0.1})
    assert found(new, old).hop_barrier_ev == 0.2
    properties = found(better, new, old)
    assert (properties.hop_barrier_ev, properties.keys) == (0.1, {"hop": better.key})


def test_charge_and_barrier_of_other_models_and_failed_ones_do_not_count():
    rows = (
        make_row("charge", "al_111", values={"k_charge_e": 0.9}),
        make_row("charge", "cu_111", status="failed", reason="no convergence"),
        make_row("hop", "cu_111", status="refused", reason="too large"),
    )
    assert found(*rows) == SurfaceProperties()
    assert found(make_row("charge", "cu_111", values={"k_charge_e": 0.4})).k_charge_e == 0.4


def test_a_work_of_adhesion_counts_with_what_its_row_says_of_it():
    def film(work, **fields):
        values = {"work_of_adhesion_j_m2": work, "polar": fields.pop("polar", False)}
        return make_row("adhesion", "cu_111", values=values, **fields)

    old = film(0.3, reason="uncalibrated")
    new = film(0.4, reason="uncalibrated, too", started="2026-02-01T00:00:00+00:00")
    properties = found(new, old)
    assert properties.work_of_adhesion_j_m2 == 0.4
    assert properties.flags == ("work of adhesion: uncalibrated, too",)
    assert properties.keys == {"adhesion": new.key}
    assert found(film(0.9, polar=True)) == SurfaceProperties()
    assert found(film(0.9, status="anomalous", reason="not relaxed")) == SurfaceProperties()


def test_a_check_of_thickness_counts_for_the_row_that_it_checked():
    assert found(thickness(needs="another")) == SurfaceProperties()
    passed = found(thickness())
    assert (passed.thickness_change_ev, passed.flags) == (0.02, ())
    late = found(thickness("anomalous", 0.12, reason="changes by +0.12 eV"))
    assert late.flags == ("not converged with thickness: changes by +0.12 eV",)
    broken = found(thickness("failed", None, reason="no site"))
    assert (broken.thickness_change_ev, broken.flags) == (
        None,
        ("not converged with thickness: no site",),
    )


def test_a_later_check_that_passes_takes_the_flag_away():
    failed = thickness("anomalous", 0.12, reason="changes")
    passed = thickness(started="2026-02-01T00:00:00+00:00")
    assert found(failed, passed).flags == ()
