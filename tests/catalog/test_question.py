from pathlib import Path

import pytest
from pydantic import ValidationError

from potash.catalog.loading import load_model
from potash.catalog.question import Bound, HostQuestion, Preference, Question
from potash.errors import InputError

TEXT = """
hosts:
  choose: 5
  among: {roles: [host, current_collector], stable_with_k: true, without_elements: [Pt, Pd]}
  by:
    adsorption_energy_ev: {best: -1.0, worst: 0.0, weight: 2}
    hop_barrier_ev: {at_most: 0.1, fade: 0.2}
  equal_within: {adsorption_energy_ev: 0.1}
electrolytes:
  choose: 3
  among:
    without_elements: F
    oxidation_limit_v: {at_least: 4.0}
    per_anion_agg: {between: [0.1, 0.5]}
  by: {density_g_ml: {best: 0.8, worst: 1.4}}
molecules:
  choose: 10
  among: {roles: solvent}
  by: {oxidation_limit_v: {best: 6, worst: 4}}
"""


def read(tmp_path: Path, text: str) -> Question:
    path = tmp_path / "q.yaml"
    path.write_text(text)
    return load_model(path, Question)


def test_a_question_as_users_write_it(tmp_path: Path) -> None:
    question = read(tmp_path, TEXT)
    assert list(question.parts) == ["hosts", "electrolytes", "molecules"]
    assert question.hosts is not None
    assert question.hosts.among.roles == ("host", "current_collector")
    assert question.hosts.confidence == 0.9
    assert question.electrolytes is not None
    bounds = question.electrolytes.among.bounds
    assert (bounds["oxidation_limit_v"].low, bounds["oxidation_limit_v"].high) == (4.0, None)
    assert (bounds["per_anion_agg"].low, bounds["per_anion_agg"].high) == (0.1, 0.5)
    assert question.molecules is not None
    assert question.molecules.among.roles == ("solvent",)


def test_the_indifference_is_in_units_of_the_overall_desirability() -> None:
    by = {
        "adsorption_energy_ev": Preference(best=-1.0, worst=1.0, weight=3),
        "hop_barrier_ev": Preference(at_most=0.1, fade=0.2, weight=1),
    }
    question = HostQuestion(
        choose=1, by=by, equal_within={"adsorption_energy_ev": 0.1, "hop_barrier_ev": 0.02}
    )
    # 3/4 of 0.1/2 and 1/4 of 0.02/0.2.
    assert question.indifference == pytest.approx(0.0375 + 0.025)


@pytest.mark.parametrize(
    "change, message",
    [
        ("hosts: {choose: 0, by: {x: {best: 1, worst: 0}}}", "greater than or equal to 1"),
        ("hosts: {choose: 2, by: {}}", "at least 1 item"),
        ("hosts: {choose: 2, by: {x: {best: 1, worst: 1}}}", "differ"),
        ("hosts: {choose: 2, by: {x: {best: 1}}}", "together"),
        ("hosts: {choose: 2, by: {x: {at_least: 1}}}", "fade"),
        ("hosts: {choose: 2, by: {x: {best: 1, worst: 0, fade: 1}}}", "fade"),
        ("hosts: {choose: 2, by: {x: {best: 1, worst: 0, at_least: 2}}}", "one shape"),
        ("hosts: {choose: 2, by: {x: {best: 1, worst: 0}}, confidence: 1}", "less than 1"),
        ("hosts: {choose: 2, by: {x: {best: 1, worst: 0}}, equal_within: {y: 1}}", "not under"),
        ("hosts: {choose: 2, by: {x: {best: 1, worst: 0}}, among: {y: 3}}", "y"),
        (
            "hosts: {choose: 2, by: {x: {best: 1, worst: 0}}, "
            "among: {y: {at_least: 2, at_most: 1}}}",
            "nothing is at least 2 and at most 1",
        ),
        ("hosts: {choose: 2, by: {x: {best: 1, worst: 0}}, among: {roles: [hosts]}}", "roles"),
        ("hosts: {choose: 2, by: {x: {best: 1, worst: 0}}, among: {without_elements: Qq}}", "Qq"),
        ("cathodes: {choose: 2}", "cathodes"),
        ("{}", "nothing is asked"),
    ],
)
def test_bad_questions_are_one_line(tmp_path: Path, change: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, change)
    assert "\n" not in str(caught.value)


def test_a_bound_needs_a_bound() -> None:
    with pytest.raises(ValidationError, match="give at_least"):
        Bound()
