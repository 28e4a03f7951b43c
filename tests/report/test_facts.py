"""What candidates can be filtered by, against the catalogue."""

from __future__ import annotations

from potash.catalog.catalog import load_catalog
from potash.ranking.electrolytes import rank_electrolytes
from potash.ranking.hosts import rank_hosts
from potash.report.facts import electrolyte_facts, host_facts, molecule_facts
from tests.synthetic_rows import host_rows

CATALOG = load_catalog()


def test_facts_are_those_of_the_catalogue() -> None:
    hosts = host_facts(rank_hosts(host_rows(), CATALOG), CATALOG)
    assert "current_collector" in hosts.roles
    assert set(hosts.of["cu6sn5_cu"].elements) >= {"Cu", "Sn"}
    assert hosts.of["cu6sn5_cu"].group == CATALOG.hosts["cu6sn5_cu"].material_class
    formulations = electrolyte_facts(rank_electrolytes([], CATALOG), CATALOG)
    assert set(formulations.of["kfsi_dme_1m"].elements) == {"K", "F", "S", "N", "O", "C", "H"}
    assert "liquid" in formulations.groups
    molecules = molecule_facts(["dme", "O=C=O"], CATALOG)
    assert molecules.of["dme"].elements == ("C", "H", "O")
    assert "solvent" in molecules.of["dme"].roles
    assert molecules.roles == tuple(sorted(CATALOG.species["dme"].roles))  # of those listed only
