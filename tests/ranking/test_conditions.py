"""What is not known of a condition comes with what would settle it."""

from __future__ import annotations

import pytest

from potash.bulk.contact import ContactVerdict
from potash.catalog.catalog import load_catalog
from potash.catalog.question import AmongHosts
from potash.ranking.conditions import host_conditions

CATALOG = load_catalog()
STABLE = AmongHosts(stable_with_k=True)


def stability(host, contact):
    (found,) = host_conditions(STABLE, CATALOG.hosts[host], CATALOG, contact)
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
