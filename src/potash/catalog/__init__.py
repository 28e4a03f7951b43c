"""The catalogue: hosts, species, formulations, claims and campaigns as typed data."""

from potash.catalog.catalog import Catalog, load_catalog
from potash.catalog.formulations import Formulation
from potash.catalog.hosts import AtomisticModel, Host
from potash.catalog.species import Salt, Species

__all__ = [
    "AtomisticModel",
    "Catalog",
    "Formulation",
    "Host",
    "Salt",
    "Species",
    "load_catalog",
]
