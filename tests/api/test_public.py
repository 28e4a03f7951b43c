"""The public surface: exactly these names, loaded when they are used."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import potash

PUBLIC = [
    "AnalysisResult",
    "Answers",
    "Adsorption",
    "CalculationError",
    "Barrier",
    "Catalog",
    "Complex",
    "InputError",
    "Molecule",
    "PotashError",
    "RankedTable",
    "Redox",
    "RefusedError",
    "Simulation",
    "Store",
    "__version__",
    "adsorb",
    "analyze",
    "ask",
    "barrier",
    "complex_",
    "handoff",
    "load_catalog",
    "molecule",
    "open_store",
    "rank_electrolytes",
    "rank_molecules",
    "rank_hosts",
    "redox",
    "simulate",
]


def test_the_public_names_are_these_and_all_of_them_load():
    assert sorted(potash.__all__) == sorted(PUBLIC)
    assert dir(potash) == sorted(PUBLIC)
    for name in PUBLIC:
        assert getattr(potash, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'adsorbe'"):
        _ = potash.adsorbe  # type: ignore[attr-defined]


def test_type_checkers_see_the_same_names_from_the_same_places():
    tree = ast.parse(Path(potash.__file__).read_text(encoding="utf-8"))
    block = next(
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    seen = {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname == alias.name
    }
    assert seen == potash._HOMES


def test_importing_loads_no_library():
    code = "import sys, potash; dir(potash); print(*sorted({m.split('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    heavy = {"torch", "pymatgen", "pandas", "numpy", "ase", "rdkit", "MDAnalysis", "sqlalchemy"}
    assert not loaded & (heavy | {"matplotlib", "prefect", "pydantic", "scipy"})


@pytest.mark.parametrize("name", [n for n in PUBLIC if n not in ("__version__",)])
def test_every_public_name_says_what_it_is(name):
    assert len(inspect.getdoc(getattr(potash, name)) or "") > 30


@pytest.mark.parametrize("name", [n for n in PUBLIC if n[0].islower()])
def test_every_function_documents_its_arguments_errors_and_shows_an_example(name):
    function = getattr(potash, name)
    text = inspect.getdoc(function) or ""
    for heading in ("Parameters\n---", "Raises\n---", "Examples\n---"):
        assert heading in text, (name, heading)
    documented = text.split("Parameters\n")[1].split("\nRaises\n")[0]
    for argument in inspect.signature(function).parameters:
        assert argument in documented, (name, argument)
