"""Potash: screening of hosts and electrolytes for potassium-metal batteries.

The names below are the whole public surface; each is loaded when it is first used, so that
``import potash`` costs nothing.

Examples
--------
>>> import potash
>>> catalog = potash.load_catalog()
>>> catalog.species["dme"].name
'1,2-dimethoxyethane'
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from potash.api.asking import Answers as Answers
    from potash.api.asking import ask as ask
    from potash.api.barriers import Barrier as Barrier
    from potash.api.barriers import barrier as barrier
    from potash.api.bench import handoff as handoff
    from potash.api.compute import adsorb as adsorb
    from potash.api.compute import complex_ as complex_
    from potash.api.compute import molecule as molecule
    from potash.api.compute import redox as redox
    from potash.api.compute import simulate as simulate
    from potash.api.known import analyze as analyze
    from potash.api.known import open_store as open_store
    from potash.api.known import rank_electrolytes as rank_electrolytes
    from potash.api.known import rank_hosts as rank_hosts
    from potash.api.known import rank_molecules as rank_molecules
    from potash.api.results import Adsorption as Adsorption
    from potash.api.results import Complex as Complex
    from potash.api.results import Molecule as Molecule
    from potash.api.results import Redox as Redox
    from potash.api.results import Simulation as Simulation
    from potash.catalog.catalog import Catalog as Catalog
    from potash.catalog.catalog import load_catalog as load_catalog
    from potash.errors import CalculationError as CalculationError
    from potash.errors import InputError as InputError
    from potash.errors import PotashError as PotashError
    from potash.errors import RefusedError as RefusedError
    from potash.ranking.table import RankedTable as RankedTable
    from potash.store.store import Store as Store
    from potash.trajectories.analysis_result import AnalysisResult as AnalysisResult

try:
    __version__ = version("potash")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"

_HOMES = {
    "adsorb": "potash.api.compute",
    "barrier": "potash.api.barriers",
    "molecule": "potash.api.compute",
    "redox": "potash.api.compute",
    "complex_": "potash.api.compute",
    "simulate": "potash.api.compute",
    "analyze": "potash.api.known",
    "ask": "potash.api.asking",
    "rank_hosts": "potash.api.known",
    "rank_electrolytes": "potash.api.known",
    "rank_molecules": "potash.api.known",
    "handoff": "potash.api.bench",
    "load_catalog": "potash.catalog.catalog",
    "open_store": "potash.api.known",
    "Adsorption": "potash.api.results",
    "Answers": "potash.api.asking",
    "Barrier": "potash.api.barriers",
    "Molecule": "potash.api.results",
    "Redox": "potash.api.results",
    "Complex": "potash.api.results",
    "Simulation": "potash.api.results",
    "AnalysisResult": "potash.trajectories.analysis_result",
    "RankedTable": "potash.ranking.table",
    "Catalog": "potash.catalog.catalog",
    "Store": "potash.store.store",
    "PotashError": "potash.errors",
    "InputError": "potash.errors",
    "RefusedError": "potash.errors",
    "CalculationError": "potash.errors",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
