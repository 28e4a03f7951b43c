"""Near matches of names."""

from __future__ import annotations

from potash.spelling import nearest, nearest_word, unknown


def test_nearest() -> None:
    assert nearest("grafite", ["graphite", "copper"]) == "; did you mean 'graphite'?"
    assert nearest("DME", ["dme"]) == "; did you mean 'dme'?"
    assert nearest("xyz", ["graphite"]) == ""


def test_a_part_of_a_name_finds_the_shortest_that_holds_it() -> None:
    known = ["copper_graphene_foam", "epoxy_graphene", "cu_111"]
    assert nearest_word("graphene", known) == "epoxy_graphene"
    assert nearest_word("cu", known) is None, "two letters are in everything"


def test_other_names_of_an_entry_lead_to_its_id() -> None:
    known = {"g2": ("diethylene glycol dimethyl ether", "diglyme"), "dme": ()}
    assert unknown("species", "digylme", known).endswith("did you mean 'g2'?")
    assert unknown("species", "qqqq", known) == "unknown species 'qqqq'; see the list of ids"
