"""Programs beside the package are not run by the tests, but they must fit the package."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("scripts", "benchmarks", "workflows", "docs/_ext")
PROGRAMS = sorted(
    path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).glob("*.py")
)


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_program_finds_everything_it_imports(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if program.parts[0] == "docs":
        pytest.importorskip("sphinx")
    for folder in FOLDERS:
        monkeypatch.syspath_prepend(ROOT / folder)
    name = f"program_{program.stem}"
    spec = importlib.util.spec_from_file_location(name, ROOT / program)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
