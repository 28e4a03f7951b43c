"""The catalogue: hosts, species, formulations, claims and campaigns as typed data.

Loaded when asked for: a misspelt id is told before the models of the entries are.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from potash.catalog.catalog import Catalog, load_catalog
    from potash.catalog.formulations import Formulation
    from potash.catalog.hosts import AtomisticModel, Host
    from potash.catalog.species import Salt, Species

_MODULE = {
    "AtomisticModel": "hosts",
    "Catalog": "catalog",
    "Formulation": "formulations",
    "Host": "hosts",
    "Salt": "species",
    "Species": "species",
    "load_catalog": "catalog",
}

__all__ = [
    "AtomisticModel",
    "Catalog",
    "Formulation",
    "Host",
    "Salt",
    "Species",
    "load_catalog",
]


def __getattr__(name: str) -> Any:
    """Load the module of a public name (PEP 562)."""
    if name not in _MODULE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)
