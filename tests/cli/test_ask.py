import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from potash.catalog.campaign import load_campaign
from potash.catalog.question import Question
from potash.cli import app, main
from potash.ranking.asking import answers
from potash.store.rows import Row

MOLECULES = {
    "choose": 3,
    "among": {"roles": "solvent", "without_elements": "F"},
    "by": {"oxidation_limit_v": {"best": 7.0, "worst": 4.0}},
}


def asked(folder: Path, **parts: object) -> Path:
    file = folder / "question.yaml"
    file.write_text(yaml.safe_dump({"name": "q", "question": parts}))
    return file


def test_the_answer_comes_first_and_fits(tmp_path: Path) -> None:
    file = asked(tmp_path, molecules=MOLECULES)
    found = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["ask", str(file)])
    assert found.exit_code == 0, found.output
    lines = found.stdout.splitlines()
    assert "nswered" in lines[0]
    assert "the 3 molecules to make next" in lines[0]
    assert max(map(len, lines)) <= 80
    assert "among the best 3" in found.stdout


def test_json_holds_every_candidate_with_tier_probability_and_why(tmp_path: Path) -> None:
    file = asked(tmp_path, molecules=MOLECULES)
    found = CliRunner().invoke(app, ["ask", str(file), "--json"])
    part = json.loads(found.stdout)["molecules"]
    assert part["choose"] == 3
    assert sum(c["chosen"] for c in part["candidates"]) == 3
    assert {c["tier"] for c in part["candidates"]} <= {"in", "in_doubt", "out"}
    fluorinated = next(c for c in part["candidates"] if c["id"] == "tte")
    assert fluorinated["tier"] == "out"
    assert "holds F" in fluorinated["why"]


@pytest.mark.parametrize(
    "question, message",
    [
        ({"molecules": {**MOLECULES, "choose": 500}}, "500 cannot be chosen of"),
        (
            {"molecules": {**MOLECULES, "by": {"x_ev": {"best": 1, "worst": 0}}}},
            "by 'x_ev': no such quantity is known",
        ),
        (
            {"molecules": {**MOLECULES, "by": {"oxidation_limt_v": {"best": 1, "worst": 0}}}},
            "did you mean 'oxidation_limit_v'",
        ),
        (
            {"molecules": {**MOLECULES, "by": {"dipole_debye": {"best": 1, "worst": 0}}}},
            "by 'dipole_debye': its error is known of none",
        ),
        (
            {"molecules": {**MOLECULES, "among": {"only": ["dme", "ec"]}}},
            "3 cannot be chosen of 2 molecules that meet the conditions",
        ),
        (
            {"molecules": {**MOLECULES, "by": {"lumo_ev": {"best": 1, "worst": 1}}}},
            "best and worst are given together and differ",
        ),
        (
            {"molecules": {**MOLECULES, "among": {"lumo_ev": {}}}},
            "give at_least, at_most",
        ),
        ({"molecules": {**MOLECULES, "among": {"from": "absent.smi"}}}, "no file or folder"),
        ({"molecules": {**MOLECULES, "confidence": 1}}, "less than 1"),
        (
            {"molecules": {**MOLECULES, "among": {"oxidation_limit_v": {"at_least": 90}}}},
            "no molecule meets the conditions",
        ),
        (
            {
                "molecules": {
                    **MOLECULES,
                    "among": {"oxidation_limit_v": {"at_least": 5, "at_most": 4}},
                }
            },
            "nothing is at least 5 and at most 4",
        ),
    ],
)
def test_bad_questions_are_one_line(
    tmp_path: Path,
    question: dict[str, object],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = asked(tmp_path, **question)
    monkeypatch.setattr("sys.argv", ["potash", "ask", str(file)])
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    assert end.value.code == 2
    assert message in said.err
    assert "question.yaml" in said.err
    assert said.err.count("\n") == 1


def test_a_campaign_without_a_question_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "campaign.yaml"
    file.write_text("name: c\nmolecules: {items: [dme]}\n")
    monkeypatch.setattr("sys.argv", ["potash", "ask", str(file)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "asks no question" in capsys.readouterr().err


CHANGES: dict[str, object] = {
    "choose": 5,
    "confidence": 0.6,
    "meaning": "all_right",
    "equal_within": {"oxidation_limit_v": 1.5},
    "by": {"oxidation_limit_v": {"best": 5.5, "worst": 4.0}},
    "among.only": ["dme", "ec", "dec", "pc", "thf"],
    "among.without": ["ec"],
    "among.without_elements": ["F", "N"],
    "among.roles": ["solvent", "diluent"],
    "among.molar_mass_g_mol": {"at_most": 100.0},
}


@pytest.mark.parametrize("key", sorted(CHANGES))
def test_every_key_changes_the_answer(
    key: str, reference_rows: tuple[Row, ...], tmp_path: Path
) -> None:
    base = {
        **MOLECULES,
        "choose": 4,
        "among": {"roles": "solvent", "without_elements": "F"},
    }
    changed: dict[str, object] = dict(base)
    if key.startswith("among."):
        changed["among"] = {**base["among"], key.removeprefix("among."): CHANGES[key]}  # type: ignore[dict-item]
    else:
        changed[key] = CHANGES[key]
    told = []
    for part in (base, changed):
        _, catalog = load_campaign(asked(tmp_path, molecules=part))
        question = Question.model_validate({"molecules": part})
        found = answers(question, reference_rows, catalog, n_draws=500)["molecules"]
        told.append((found.confidence, [(p.id, p.tier, p.chosen) for p in found.placed]))
    assert told[0] != told[1]
