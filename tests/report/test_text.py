"""Text that fits a width without breaking a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.report.text import Column, fields, paragraph, plain, table_lines, words

WORD = st.text("abcdefghij_", min_size=1, max_size=18)
SENTENCE = st.lists(WORD, min_size=0, max_size=12).map(" ".join)
RECORDS = st.lists(
    st.fixed_dictionaries({"id": WORD, "name": SENTENCE, "value": WORD, "why": SENTENCE}),
    min_size=1,
    max_size=6,
)
COLUMNS = (
    plain("id", "id"),
    plain("name", "name", need=2, wraps=True),
    plain("value", "value", need=1),
    plain("why", "reason", wraps=True),
)


@given(records=RECORDS, width=st.sampled_from([40, 60, 80, 100]))
def test_no_line_is_too_long_and_no_word_is_broken(
    records: list[dict[str, str]], width: int
) -> None:
    lines = table_lines(COLUMNS, records, width)
    assert all(len(line) <= width for line in lines)
    printed = {word for line in lines for word in line.split()}
    for record in records:
        assert record["id"] in printed
        assert set(record["why"].split()) <= printed


def test_the_least_needed_columns_go_first_and_are_named() -> None:
    record = {"id": "cu_111", "name": "copper " * 4, "value": "-0.82", "why": "far"}
    wide = table_lines(COLUMNS, [record], 80)
    assert wide[0].split() == ["id", "name", "value", "reason"]
    # id 6, value 5, reason 6 and two gaps need 21; the name needs 24 more.
    narrow = table_lines(COLUMNS, [record], 30)
    assert narrow[0].split() == ["id", "value", "reason"]
    assert "Not shown in 30 columns: name." in " ".join(narrow)


def test_a_column_that_says_nothing_is_left_out_in_silence() -> None:
    records = [{"id": "cu_111", "name": "copper", "value": "-0.82", "why": None}]
    lines = table_lines(COLUMNS, records, 80)
    assert lines[0].split() == ["id", "name", "value"]
    assert not any("Not shown" in line for line in lines)


def test_numbers_are_not_wrapped() -> None:
    interval = Column("E ads, eV", lambda r: r["e"])
    lines = table_lines(
        [plain("id", "id"), interval, plain("why", "why", wraps=True)],
        [{"id": "a", "e": "-0.82 [-1.10, -0.54]", "why": "word " * 30}],
        60,
    )
    assert "-0.82 [-1.10, -0.54]" in lines[2]


def test_records_become_paragraphs_where_no_table_fits() -> None:
    columns = [plain("id", "id"), plain("a", "first"), plain("b", "second")]
    lines = table_lines(columns, [{"id": "x" * 20, "a": "y" * 20, "b": None}], 40)
    assert lines == ["x" * 20, "  first  " + "y" * 20]


def test_fields_keep_names_and_values_apart() -> None:
    lines = fields([("status", "computed"), ("reason", "one two three four five six")], 30)
    assert lines[0] == "  status  computed"
    assert lines[1].startswith("  reason  one two three")
    assert all(len(line) <= 30 for line in lines)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), ("", "-"), ([], "-"), (False, "no"), (("a", 2), "a, 2"), (1.5, "1.5")],
)
def test_words(value: object, text: str) -> None:
    assert words(value) == text


def test_only_a_word_longer_than_the_width_is_cut() -> None:
    lines = paragraph("ab " + "c" * 25, 20)
    assert "".join(lines).replace(" ", "") == "ab" + "c" * 25
    assert all(len(line) <= 20 for line in lines)
