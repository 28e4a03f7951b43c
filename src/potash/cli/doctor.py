"""``potash doctor``: what is here, and what each level can do with it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib import metadata
from typing import Any

import typer

from potash.cli.common import JsonOption, print_json, print_lines, print_table
from potash.resources import in_checkout

PACKAGES = (
    "ase", "pymatgen", "rdkit", "MDAnalysis", "prefect", "xtb", "tblite", "pyscf", "openmm",
    "packmol", "sevenn", "chgnet", "torch", "numba", "sqlalchemy", "prefect-dask",
    "dask-jobqueue", "psycopg",
)  # fmt: skip
PROGRAMS = {"gmx": "--version", "xtb": "--version", "sbatch": "--version", "chromium": "--version"}
OPTIONAL = {
    "prefect-dask": "pip install 'potash[dask]'",
    "dask-jobqueue": "pip install 'potash[slurm]'",
    "psycopg": "pip install 'potash[postgres]'",
    "xtb": "wheels exist up to Python 3.11; tblite serves newer ones",
}


def doctor(json_output: JsonOption = False) -> None:
    """Say what works here, and how to get the rest.

    Engines, versions and threads, and what each level of theory can do here.

    Example: potash doctor --json
    """
    from potash.engines.registry import available_levels

    packages = [_package(name) for name in PACKAGES]
    programs = [_program(name, flag) for name, flag in PROGRAMS.items()]
    levels = available_levels()
    data: dict[str, Any] = {
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0)),
        "packages": packages,
        "programs": programs,
        "openmm_platforms": _openmm_platforms(),
        "levels": levels,
    }
    if json_output:
        print_json(data)
        return
    from potash.report.text import plain

    title = f"Python {data['python']}, {data['cores']} cores"
    version = plain("version", "version", wraps=True)
    print_table(
        title, (plain("name", "package"), version, plain("note", "note", wraps=True)), packages
    )
    print_lines([""])
    print_table("Programs (optional)", (plain("name", "program"), version), programs)
    found = data["openmm_platforms"]
    told = [f"{name} (cannot be used: {why})" if why else name for name, why in found.items()]
    print_lines(["", f"OpenMM platforms: {', '.join(told) or 'none'}", ""])
    print_table(
        "Levels of theory",
        (
            plain("property", "for"),
            plain("name", "level"),
            plain("available", "here"),
            plain("method", "method", need=1, wraps=True),
            plain("note", "note", wraps=True),
        ),
        levels,
    )


def _package(name: str) -> dict[str, Any]:
    try:
        return {"name": name, "version": metadata.version(name), "note": ""}
    except metadata.PackageNotFoundError:
        missing = "missing: make setup" if in_checkout() else f"missing: pip install {name}"
        return {"name": name, "version": None, "note": OPTIONAL.get(name, missing)}


def _program(name: str, flag: str) -> dict[str, Any]:
    path = shutil.which(name)
    if path is None:
        return {"name": name, "version": None}
    done = subprocess.run([path, flag], capture_output=True, text=True, timeout=60, check=False)
    lines = [x.strip() for x in (done.stdout + done.stderr).splitlines() if "ersion" in x]
    return {"name": name, "version": lines[0] if lines else "found"}


def _openmm_platforms() -> dict[str, str]:
    """Return the platforms that OpenMM lists, with the reason of those that cannot be used."""
    try:
        from potash.engines.openmm_platforms import platforms, why_not
    except ImportError:
        return {}
    return {name: why_not(name) for name in platforms()}


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(doctor)
