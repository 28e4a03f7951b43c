"""Every key of a question changes the answer, or is refused: hosts, electrolytes and molecules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ase.build import bulk
from ase.io import write

from potash.catalog.campaign import Campaign, load_campaign
from potash.errors import InputError
from potash.evidence.known import reference_rows
from potash.ranking.answering import Placed
from potash.ranking.asking import answers
from potash.store.rows import Row
from tests.workflows.test_every_key import keys, with_value

Plain = dict[str, Any]

SHAPES: Mapping[str, Plain] = {
    "best": {"best": 1.0, "worst": 0.0},
    "worst": {"best": 1.0, "worst": 0.0},
    "weight": {"best": 1.0, "worst": 0.0},
    "at_least": {"at_least": 0.5, "fade": 0.5},
    "at_most": {"at_most": 0.5, "fade": 0.5},
    "between": {"between": [0.4, 0.6], "fade": 0.2},
    "fade": {"at_least": 0.9, "fade": 0.5},
}
"""Key of a preference to one of that shape, in units of the column's range."""
CHANGED: Mapping[str, Any] = {
    "best": 0.4,
    "worst": 0.6,
    "weight": 20.0,
    "at_least": 0.9,
    "at_most": 0.1,
    "between": [0.0, 0.2],
    "fade": 3.0,
}

COLUMNS: Mapping[str, tuple[str, float, float, str, Plain]] = {
    "hosts": ("adsorption_energy_ev", 0.5, -1.5, "hhi_production", {"best": 9000, "worst": 0}),
    "electrolytes": (
        "oxidation_limit_v",
        *(3.0, 7.0),
        "fluorine_mass_fraction",
        {"best": 0.5, "worst": 0},
    ),
    "molecules": ("oxidation_limit_v", 3.0, 7.0, "molar_mass_g_mol", {"best": 300, "worst": 50}),
}
"""Kind to a column with the range that 0 and 1 stand for, and another that pulls elsewhere."""

AMONG: Mapping[str, Mapping[str, Any]] = {
    "hosts": {
        "only": ["cu_foil", "al_foil", "ti3c2", "al2o3_pp", "porous_metal_foams"],
        "without": ["sb_nic"],
        "with_elements": ["Cu"],
        "without_elements": ["C"],
        "from": "cifs",
        "roles": ["current_collector"],
        "populations": ["separator"],
        "classes": ["metal", "mxene"],
        "stable_with_k": True,
    },
    "electrolytes": {
        "only": ["kfsi_dme_1m", "kpf6_dme_1m", "kfsi_ecdec_1m", "kpf6_ecdec_08"],
        "without": ["tmp_lhce"],
        "with_elements": ["P"],
        "without_elements": ["P"],
        "salts": ["kpf6"],
        "solvents": ["ec"],
    },
    "molecules": {
        "only": ["dme", "ec", "dec", "pc"],
        "without": ["ote"],
        "with_elements": ["F"],
        "without_elements": ["F"],
        "from": "lib.smi",
        "roles": ["solvent"],
    },
}
SWEEP: Plain = {
    "salts": ["kfsi", "kno3"],
    "solvents": ["dme", "adn"],
    "diluents": ["tte", "ec"],
    "molarities_mol_l": [1.0],
    "volume_ratios": [[1.0, 1.0]],
}
PRICED: Plain = {
    **SWEEP,
    "prices_usd_kg": {"kfsi": 90, "kno3": 5, "dme": 10, "adn": 12, "tte": 80, "ec": 4},
    "dearest_usd_kg": 100,
}
BY_MOLES: Plain = {
    **{k: v for k, v in SWEEP.items() if k in ("salts", "solvents", "diluents")},
    "molar_ratios": [[1.0, 2.0, 2.0]],
}
SWEEPS: Mapping[str, tuple[Plain, Any]] = {
    "salts": (SWEEP, ["kpf6"]),
    "solvents": (SWEEP, ["ec"]),
    "solvents_from": (SWEEP, "lib.smi"),
    "diluents": (SWEEP, ["tte"]),
    "diluents_from": (SWEEP, "lib.smi"),
    "molarities_mol_l": (SWEEP, [2.0]),
    "volume_ratios": (SWEEP, [[1.0, 2.0]]),
    "molar_ratios": (BY_MOLES, [[1.0, 3.0, 3.0]]),
    "miscible": (SWEEP, [["dme", "ec"]]),
    "immiscible": (SWEEP, [["dme", "tte"]]),
    "fluorine_free": (SWEEP, True),
    "prices_usd_kg": (PRICED, {**PRICED["prices_usd_kg"], "dme": 200}),
    "dearest_usd_kg": (PRICED, 85),
}


def preference(kind: str, shape: Plain) -> Plain:
    """Return a preference in the unit of the kind's column."""
    _, zero, one, *_ = COLUMNS[kind]

    def at(x: float) -> float:
        return zero + x * (one - zero)

    if "best" in shape:
        return {"best": at(shape["best"]), "worst": at(shape["worst"])} | {
            k: v for k, v in shape.items() if k == "weight"
        }
    found: Plain = {"fade": abs(one - zero) * shape["fade"]}
    for key in ("at_least", "at_most"):
        if key in shape:
            found[key] = at(shape[key])
    if "between" in shape:
        found["between"] = sorted(at(x) for x in shape["between"])
    return found


def base(kind: str, shape: str = "best") -> Plain:
    column, *_, other, pull = COLUMNS[kind]
    return {
        "choose": 3,
        "by": {column: preference(kind, SHAPES[shape]), other: pull},
        "confidence": 0.9,
    }


def changes() -> Iterator[tuple[str, str, Plain, Plain]]:
    """Yield key, kind, question and changed question."""
    for kind, (column, *_) in COLUMNS.items():
        start = base(kind)
        for key, value in (
            ("choose", 5),
            ("meaning", "all_right"),
            ("equal_within", {column: 1.5}),
        ):
            yield key, kind, start, {**start, key: value}
        many = {**start, "choose": 10}
        yield "confidence", kind, many, {**many, "confidence": 0.55}
        for key, value in AMONG[kind].items():
            yield f"among.{key}", kind, start, {**start, "among": {key: value}}
        for key, value in CHANGED.items():
            shaped = base(kind, key)
            shape = {**SHAPES[key], key: value}
            yield (
                f"by.{key}",
                kind,
                shaped,
                {**shaped, "by": {**shaped["by"], column: preference(kind, shape)}},
            )
    for key, (sweep, value) in SWEEPS.items():
        swept = {**base("electrolytes"), "choose": 2, "among": {"sweep": sweep}}
        changed = with_value(swept, ["among", "sweep", key], value)
        yield f"among.sweep.{key}", "electrolytes", swept, changed


ALL = {f"question.{kind}.{key}": (kind, one, other) for key, kind, one, other in changes()}


@lru_cache(maxsize=1)
def rows_by_kind() -> Mapping[str, list[Row]]:
    """Return the reference rows that each kind of question reads."""
    rows = reference_rows()
    kinds = {
        "hosts": ("adsorption", "phase"),
        "electrolytes": ("redox", "liquid"),
        "molecules": ("redox",),
    }
    return {kind: [r for r in rows if r.kind in names] for kind, names in kinds.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("question")
    (folder / "cifs").mkdir()
    write(folder / "cifs" / "copper.cif", bulk("Cu"))
    write(folder / "cifs" / "silver.cif", bulk("Ag"))
    write(folder / "cifs" / "gold.cif", bulk("Au"))
    (folder / "lib.smi").write_text("CCOCCCOCC one\nCCOCCCCOCC two\nCOC(=O)OC three\n")
    return folder


_known: dict[str, Any] = {}


def _seen(placed: Placed) -> tuple[object, ...]:
    probability = round(placed.probability_in, 6)
    return placed.id, placed.tier, probability, placed.chosen, placed.unknown


def told(folder: Path, kind: str, part: Plain) -> Any:
    """Return who is in, out and in doubt, or why the question is refused."""
    text = json.dumps({"name": "q", "question": {kind: part}}, sort_keys=True)
    if text not in _known:
        file = folder / "campaign.yaml"
        file.write_text(yaml.safe_dump(json.loads(text)))
        try:
            campaign, catalog = load_campaign(file)
            assert campaign.question is not None
            rows = rows_by_kind()[kind]
            found = answers(campaign.question, rows, catalog, n_draws=300)
            _known[text] = [
                (round(p.confidence, 6), [_seen(x) for x in p.placed]) for p in found.values()
            ]
        except InputError as error:
            _known[text] = str(error)
    return _known[text]


def test_every_key_is_here() -> None:
    named = {key.replace(".source", ".from") for key in keys(Campaign)}
    assert set(ALL) == {key for key in named if key.startswith("question.")}


@pytest.mark.parametrize("key", sorted(ALL))
def test_a_key_changes_the_answer(folder: Path, key: str) -> None:
    kind, before, after = ALL[key]
    answered, changed = told(folder, kind, before), told(folder, kind, after)
    assert not isinstance(answered, str), answered
    assert not isinstance(changed, str), changed
    assert answered != changed


@pytest.mark.parametrize("kind", sorted(COLUMNS))
def test_a_bound_on_any_quantity_changes_the_answer(folder: Path, kind: str) -> None:
    column, zero, one, *_ = COLUMNS[kind]
    bound = {"at_least" if one > zero else "at_most": zero + 0.95 * (one - zero)}
    start = base(kind)
    assert told(folder, kind, start) != told(folder, kind, {**start, "among": {column: bound}})


@pytest.mark.parametrize("kind", sorted(COLUMNS))
def test_a_key_that_does_not_exist_is_refused(folder: Path, kind: str) -> None:
    assert "unknown key 'surprise'" in told(folder, kind, {**base(kind), "surprise": 1})
