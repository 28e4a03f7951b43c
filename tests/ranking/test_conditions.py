"""What is not known of a condition comes with what would settle it."""

from __future__ import annotations

import pytest

from potash.bulk.contact import ContactVerdict
from potash.catalog.catalog import load_catalog
from potash.catalog.question import AmongHosts
from potash.ranking.answering import Condition
from potash.ranking.conditions import host_conditions, most_allowed

CATALOG = load_catalog()
STABLE = AmongHosts(stable_with_k=True)


def stability(host, contact):
    conditions = host_conditions(STABLE, CATALOG.hosts[host], CATALOG, contact)
    (found,) = (c for c in conditions if c.name == "stable_with_k")
    return found


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("ti3c2", "ti3c2 is a sheet, no bulk phase: a simulation of contact would settle it"),
        ("cowo4_pc", "the energy of bulk CoWO4 would settle it"),
        ("graphite", "C ; KC8 is no single bulk phase: an experiment would settle it"),
    ],
)
def test_without_a_verdict_it_says_what_is_missing(host, why):
    found = stability(host, {})
    assert found.met is None
    assert why in found.why.replace(CATALOG.hosts[host].models[0], host)


def test_within_the_resolution_better_energies_would_settle_it():
    model = CATALOG.hosts["lif"].models[0]
    close = ContactVerdict("LiF", "unresolved", None, (), "LiF + K -> KF + Li: +0.139 eV/atom")
    found = stability("lif", {model: close})
    assert found.met is None
    assert found.why == f"{close.reason}; DFT energies of these phases would settle it"
    gone = ContactVerdict("LiF", "reacts", None, (), "gains energy")
    assert stability("lif", {model: gone}).met is False
    assert stability("lif", {model: ContactVerdict("LiF", "survives", None, (), "")}).met is True


@pytest.mark.parametrize(
    ("among", "allowed"),
    [
        ({}, {"cu_foil"}),
        ({"populations": "separator"}, {"gf_separator"}),
        ({"populations": ["phase", "separator"]}, {"gf_separator", "kf"}),
        ({"roles": ["separator_coating", "SEI component"]}, {"gf_separator", "kf"}),
        ({"only": ["kf", "cu_foil"]}, {"cu_foil", "kf"}),
    ],
)
def test_substrates_are_asked_about_where_nothing_says_who(among, allowed):
    asked = AmongHosts.model_validate(among)
    hosts = ("cu_foil", "gf_separator", "kf")
    found = {
        h
        for h in hosts
        if all(c.met for c in host_conditions(asked, CATALOG.hosts[h], CATALOG, {}))
    }
    assert found == allowed


def test_a_group_is_allowed_if_one_of_its_members_is():
    def met(*states):
        return tuple(Condition(str(i), s) for i, s in enumerate(states))

    assert most_allowed([met(True, False), met(False, True)]) == 0
    assert most_allowed([met(True, False), met(None, None), met(True, None)]) == 2
    assert most_allowed([met(True, True), met(True, True)]) == 0
