"""Every option and argument of every command changes what is printed, written or computed.

The commands are asked for their parameters, so that a new one fails here until it has an
effect. What would take minutes (the computing itself) is replaced by functions that say
what they were asked to do.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
import typer
import yaml
from ase.build import bulk
from ase.io import write
from starlette.testclient import TestClient

from potash import cli
from potash.bench.cycler import cycler_lines
from potash.bench.recording import record
from potash.bench.results_files import read_results
from potash.catalog.campaign import load_campaign
from potash.catalog.catalog import load_catalog
from potash.engines.registry import level
from potash.molecules.orbitals import smiles_calculation
from potash.ranking.tables import ranked_tables
from potash.report.written import Written
from potash.results.calculation import Calculation, Outcome
from potash.running import local
from potash.running.plan import plan
from potash.store import Row, Store, export_rows
from potash.store.decisions import decide
from potash.store.runs import put_run
from potash.trajectories import analysis
from potash.workflows.serve import Serving
from potash.workflows.when import When
from tests.bench.test_cycler import half_cell
from tests.cli.conftest import Finished, Potash
from tests.cli.test_help import commands
from tests.store.test_runs import a_run
from tests.synthetic_rows import host_rows, liquid, liquid_rows, molecule_rows, species
from tests.trajectories.liquids import liquid as liquid_of
from tests.trajectories.test_analysis import small

CAMPAIGN: dict[str, Any] = {
    "name": "mine",
    "catalog": "own",
    "hosts": {"items": ["my_sheet"]},
    "molecules": {"items": ["my_ether", "dme"]},
    "ranking": {
        "hosts": [{"column": "adsorption_energy_ev", "worst": 1.0, "best": -4.0, "weight": 1}]
    },
    "question": {
        "molecules": {
            "choose": 3,
            "among": {"roles": "solvent"},
            "by": {"oxidation_limit_v": {"best": 7.0, "worst": 4.0}},
        }
    },
}
OWN = {
    "models": [
        {
            "id": "my_sheet_model",
            "label": "mine",
            "kind": "2d_slab",
            "formula": "C",
            "recipe": {"builder": "graphene", "supercell": [5, 5]},
        }
    ],
    "hosts": [
        {"id": "my_sheet", "name": "mine", "material_class": "carbon", "models": ["my_sheet_model"]}
    ],
    "species": [{"id": "my_ether", "name": "diethoxyethane", "smiles": "CCOCCOCC"}],
    "formulations": [
        {
            "id": "my_electrolyte",
            "name": "1.5 M KFSI in DME",
            "kind": "liquid",
            "components": [
                {"species": "kfsi", "role": "salt", "amount": {"value": 1.5, "unit": "mol/L"}},
                {"species": "dme", "role": "solvent", "amount": {"unit": "balance"}},
            ],
        }
    ],
}

ADSORB = ("adsorb", "copper.cif", "--facet", "1,1,1", "--json")
ORBITALS = ("orbitals", "dme", "--json")
BARRIER = ("barrier", "k2s", "--json")
SIMULATE = ("simulate", "kfsi_dme_1m", "--level", "screen-openmm", "--json")
ANALYZE = ("analyze", "run.gro", "run.xtc", "--anion", "resname ANI", "--cutoff", "3.0", "--json")
RUN = ("run", "campaign.yaml", "--json")
SCREEN = ("screen", "library.smi", "--json")
SERVE = ("serve", "campaign.yaml")
CRON = ("--cron", "0 20 * * *")
RESUME = ("resume", "alloys", "--store", "ran.sqlite", "--by", "Ada", "--why", "both are cheap")
STATUS = ("status", "--store", "ran.sqlite", "--json")
STORE = ("--store", "known.sqlite")
FAILED_ONLY = ("--store", "failed.sqlite")
DAMAGED = ("--store", "damaged.sqlite")
FORGET = ("store", "forget", "--kind", "species", *STORE, "--yes")
BROWSE = ("browse", *STORE, "--port", "8397")
FILES = ("files", "dme", *STORE, "--json")
MINE = ("--campaign", "campaign.yaml")

HANDOFF = ("handoff", "kfsi_dme_1m", "--json")
FILLED = ("measured", "add", "filled.csv", "--by", "Ada")
CELL = (
    "measured", "add", "cell.bdf.csv", "--by", "Ada", "--candidate", "kfsi_dme_1m",
    "--protocol", "k_cu_ce", "--replicate", "1", "--store", "measured.sqlite",
)  # fmt: skip
DECIDE = ("cu_foil", "--by", "Ada", "--why", "cheap")

Arguments = tuple[str, ...]
CHANGES: dict[str, tuple[Arguments, Arguments]] = {
    "--version": (("doctor", "--json"), ("--version",)),
    "adsorb structure": (ADSORB, ("adsorb", "silver.cif", *ADSORB[2:])),
    "adsorb --level": (ADSORB, (*ADSORB, "--level", "screen-chgnet")),
    "adsorb --calculator": (ADSORB, (*ADSORB, "--calculator", "tests.hosts.pair_potential:make")),
    "adsorb --facet": (ADSORB, ("adsorb", "copper.cif", "--facet", "1,1,0", "--json")),
    **{
        f"{name} {option}": (given, (*given, option, "3"))
        for name, given in (
            ("adsorb", ADSORB),
            ("barrier", BARRIER),
            ("orbitals", ORBITALS),
            ("simulate", SIMULATE),
        )
        for option in ("--max-hours", "--max-memory-gb")
    },
    "adsorb --store": (ADSORB, (*ADSORB, *STORE)),
    "adsorb --campaign": (
        ("adsorb", "my_sheet", "--json"),
        ("adsorb", "my_sheet", "--json", *MINE),
    ),
    "adsorb --json": (ADSORB[:-1], ADSORB),
    "barrier crystal": (BARRIER, ("barrier", "kf", "--json")),
    "barrier --ion": (("barrier", "na2k", "--json"), ("barrier", "na2k", "--ion", "Na", "--json")),
    "barrier --mechanism": (BARRIER, (*BARRIER, "--mechanism", "interstitial")),
    "barrier --level": (BARRIER, (*BARRIER, "--level", "screen-chgnet")),
    "barrier --calculator": (
        BARRIER,
        (*BARRIER, "--calculator", "tests.hosts.pair_potential:make"),
    ),
    "barrier --image-distance-angstrom": (BARRIER, (*BARRIER, "--image-distance-angstrom", "14")),
    "barrier --store": (BARRIER, (*BARRIER, *STORE)),
    "barrier --json": (BARRIER[:-1], BARRIER),
    "orbitals molecules": (ORBITALS, ("orbitals", "dme", "ec", "--json")),
    "orbitals --level": (ORBITALS, (*ORBITALS, "--level", "standard")),
    "orbitals --seed": (ORBITALS, (*ORBITALS, "--seed", "5")),
    "orbitals --store": (ORBITALS, (*ORBITALS, *STORE)),
    "orbitals --campaign": (
        ("orbitals", "my_ether", "--json"),
        ("orbitals", "my_ether", "--json", *MINE),
    ),
    "orbitals --json": (ORBITALS[:-1], ORBITALS),
    "simulate formulation": (SIMULATE, ("simulate", "kpf6_dme_1m", *SIMULATE[2:])),
    "simulate --level": (
        (*SIMULATE, "--production-ps", "6000"),
        (*SIMULATE[:3], "standard-openmm", "--json", "--production-ps", "6000"),
    ),
    "simulate --atoms": (SIMULATE, (*SIMULATE, "--atoms", "1800")),
    "simulate --equilibration-ps": (SIMULATE, (*SIMULATE, "--equilibration-ps", "55")),
    "simulate --production-ps": (SIMULATE, (*SIMULATE, "--production-ps", "777")),
    "simulate --temperature-k": (SIMULATE, (*SIMULATE, "--temperature-k", "333")),
    "simulate --seed": (SIMULATE, (*SIMULATE, "--seed", "3")),
    "simulate --store": (SIMULATE, (*SIMULATE, *STORE)),
    "simulate --campaign": (
        ("simulate", "my_electrolyte", *SIMULATE[2:]),
        ("simulate", "my_electrolyte", *SIMULATE[2:], *MINE),
    ),
    "simulate --json": (SIMULATE[:-1], SIMULATE),
    "analyze topology": (ANALYZE, ("analyze", "nothing.gro", *ANALYZE[2:])),
    "analyze trajectory": (ANALYZE, ("analyze", "run.gro", *ANALYZE[3:])),
    "analyze --cation": (ANALYZE, (*ANALYZE, "--cation", "name LI")),
    "analyze --anion": (
        ANALYZE,
        ("analyze", "run.gro", "run.xtc", "--anion", "resname SOL", *ANALYZE[5:]),
    ),
    "analyze --solvent": (ANALYZE, (*ANALYZE, "--solvent", "resname NOTHING")),
    "analyze --cutoff": (ANALYZE, (*ANALYZE[:6], "4.5", "--json")),
    "analyze --start": (ANALYZE, (*ANALYZE, "--start", "3")),
    "analyze --stop": (ANALYZE, (*ANALYZE, "--stop", "4")),
    "analyze --step": (ANALYZE, (*ANALYZE, "--step", "2")),
    "analyze --temperature-k": (ANALYZE, (*ANALYZE, "--temperature-k", "300")),
    "analyze --viscosity-pa-s": (
        (*ANALYZE, "--temperature-k", "300"),
        (*ANALYZE, "--temperature-k", "300", "--viscosity-pa-s", "0.001"),
    ),
    "analyze --dt-ps": (ANALYZE, (*ANALYZE, "--dt-ps", "5")),
    "analyze --time-unit": (
        (
            "analyze",
            "run.lammpstrj",
            "--cutoff",
            "5.3",
            "--elements",
            "2=K",
            "--elements",
            "1=Cl",
            "--json",
        ),
        (
            *(
                "analyze",
                "run.lammpstrj",
                "--cutoff",
                "5.3",
                "--elements",
                "2=K",
                "--elements",
                "1=Cl",
            ),
            *("--time-unit", "fs", "--json"),
        ),
    ),
    "analyze --atom-style": (
        ("analyze", "run.data", "--json"),
        ("analyze", "run.data", "--atom-style", "atomic", "--json"),
    ),
    "analyze --elements": (
        ("analyze", "run.lammpstrj", "--json"),
        (
            "analyze",
            "run.lammpstrj",
            "--cutoff",
            "5.3",
            "--elements",
            "2=K",
            "--elements",
            "1=Cl",
            "--json",
        ),
    ),
    "analyze --workers": (ANALYZE, (*ANALYZE, "--workers", "2")),
    "analyze --json": (ANALYZE[:-1], ANALYZE),
    "run campaign": (RUN, ("run", "other.yaml", "--json")),
    "run --runner": (RUN, (*RUN, "--runner", "dask")),
    "run --runner-option": (
        (*RUN, "--runner", "dask"),
        (*RUN, "--runner", "dask", "--runner-option", "memory_limit=1GB"),
    ),
    "run --workers": (RUN, (*RUN, "--workers", "7")),
    "run --only": (RUN, (*RUN, "--only", "hosts")),
    "run --store": (RUN, (*RUN, *STORE)),
    "run --out": (RUN, (*RUN, "--out", "elsewhere")),
    "run --notify": (RUN, (*RUN, "--notify", "touch told.txt")),
    "run --retry-failed": (
        (*RUN, "--store", "failed.sqlite"),
        (*RUN, "--store", "failed.sqlite", "--retry-failed"),
    ),
    "run --dry-run": (RUN, (*RUN, "--dry-run")),
    "new what": (("new", "campaign", "x"), ("new", "nothing", "x")),
    "new name": (("new", "campaign", "x"), ("new", "campaign", "y")),
    "new --json": (("new", "campaign", "x"), ("new", "campaign", "x", "--json")),
    "run --json": (RUN[:-1], RUN),
    "serve campaign": (SERVE, ("serve", "other.yaml")),
    "serve --cron": (SERVE, (*SERVE, *CRON)),
    "serve --every": (SERVE, (*SERVE, "--every", "30m")),
    "serve --timezone": ((*SERVE, *CRON), (*SERVE, *CRON, "--timezone", "Asia/Tokyo")),
    "serve --notify": (SERVE, (*SERVE, "--notify", "echo")),
    "serve --workers": (SERVE, (*SERVE, "--workers", "7")),
    "serve --only": (SERVE, (*SERVE, "--only", "hosts")),
    "serve --store": (SERVE, (*SERVE, *STORE)),
    "serve --out": (SERVE, (*SERVE, "--out", "elsewhere")),
    "serve --json": (SERVE, (*SERVE, "--json")),
    "resume run": (RESUME, ("resume", "oxides", *RESUME[2:])),
    "resume --by": (RESUME, (*RESUME, "--by", "Marie")),
    "resume --why": (RESUME, (*RESUME, "--why", "it is cheap")),
    "resume --approve": (RESUME, (*RESUME, "--approve", "cu_111")),
    "resume --reject": (RESUME, (*RESUME, "--reject", "cu_111")),
    "resume --store": (RESUME, ("resume", "alloys", *STORE, *RESUME[4:])),
    "resume --json": (RESUME, (*RESUME, "--json")),
    "status campaign": (STATUS, ("status", "alloys", *STATUS[1:])),
    "status --store": (STATUS, ("status", "--store", "known.sqlite", "--json")),
    "status --json": (STATUS, STATUS[:-1]),
    "browse --port": (BROWSE, ("browse", *STORE, "--port", "0")),
    "browse --open": (BROWSE, (*BROWSE, "--open")),
    "browse --store": (BROWSE, ("browse", "--store", "failed.sqlite", "--port", "8397")),
    "browse --json": (BROWSE, (*BROWSE, "--json")),
    "files item": (FILES, ("files", "my_ether", *FILES[2:])),
    "files --store": (FILES, ("files", "dme", "--store", "failed.sqlite", "--json")),
    "files --json": (FILES, FILES[:-1]),
    "ask campaign": (("ask", "campaign.yaml"), ("ask", "other.yaml")),
    "ask --store": (("ask", "campaign.yaml", "--json"), ("ask", "campaign.yaml", "--json", *STORE)),
    "ask --json": (("ask", "campaign.yaml"), ("ask", "campaign.yaml", "--json")),
    "next campaign": (("next", "campaign.yaml"), ("next", "other.yaml")),
    "next --store": (
        ("next", "campaign.yaml", "--json"),
        ("next", "campaign.yaml", "--json", *STORE),
    ),
    "next --json": (("next", "campaign.yaml"), ("next", "campaign.yaml", "--json")),
    "rank what": (("rank", "hosts"), ("rank", "electrolytes")),
    "report --out": (("report", "--json"), ("report", "--json", "--out", "there")),
    "report --store": (("report", "--out", "r"), ("report", "--out", "r", *STORE)),
    "report --campaign": (("report", "--out", "r"), ("report", "--out", "r", *MINE)),
    "report --json": (("report",), ("report", "--json")),
    "export folder": (("export", "x", *STORE), ("export", "y", *STORE)),
    "export --store": (("export", "x"), ("export", "x", *STORE)),
    "export --kind": (("export", "x", *STORE), ("export", "x", *STORE, "--kind", "liquid")),
    "export --format": (("export", "x", *STORE), ("export", "x", *STORE, "--format", "csv")),
    "export --json": (("export", "x", *STORE), ("export", "x", *STORE, "--json")),
    "import folder": (("import", "exported"), ("import", "nowhere")),
    "import --store": (("import", "exported"), ("import", "exported", *STORE)),
    "import --json": (("import", "exported"), ("import", "exported", "--json")),
    "store check --store": (("store", "check", *STORE), ("store", "check", *DAMAGED)),
    "store check --dry-run": (
        ("store", "check", *DAMAGED),
        ("store", "check", *DAMAGED, "--dry-run"),
    ),
    "store check --json": (
        ("store", "check", *DAMAGED),
        ("store", "check", *DAMAGED, "--json"),
    ),
    "store forget keys": (FORGET, (*FORGET, "0123456789")),
    "store forget --item": (FORGET, (*FORGET, "--item", "ec")),
    "store forget --status": (FORGET, (*FORGET, "--status", "failed")),
    "store forget --kind": (FORGET, (*FORGET[:3], "redox", *FORGET[4:])),
    "store forget --yes": (FORGET[:-1], FORGET),
    "store forget --store": (FORGET, (*FORGET[:4], *FAILED_ONLY, "--yes")),
    "store forget --json": (FORGET, (*FORGET, "--json")),
    "store copy target": (("store", "copy", "x", *STORE), ("store", "copy", "y", *STORE)),
    "store copy --store": (("store", "copy", "x", *STORE), ("store", "copy", "x", *FAILED_ONLY)),
    "store copy --json": (("store", "copy", "x", *STORE), ("store", "copy", "x", *STORE, "--json")),
    "screen library": (SCREEN, ("screen", "other.smi", "--json")),
    "screen --output": (SCREEN, (*SCREEN, "--output", "there")),
    "screen --level": (SCREEN, (*SCREEN, "--level", "standard")),
    "screen --processes": (SCREEN, (*SCREEN, "--processes", "9")),
    "screen --timeout-s": (SCREEN, (*SCREEN, "--timeout-s", "77")),
    "screen --max-memory-gb": (SCREEN, (*SCREEN, "--max-memory-gb", "3")),
    "screen --json": (SCREEN[:-1], SCREEN),
    "doctor --json": (("doctor",), ("doctor", "--json")),
    "handoff candidates": (HANDOFF, ("handoff", "kpf6_dme_1m", "--json")),
    "handoff --top": (HANDOFF, ("handoff", "--top", "1", "--json")),
    "handoff --of": (
        ("handoff", "--top", "1", "--json"),
        ("handoff", "--top", "1", "--of", "hosts", "--json"),
    ),
    "handoff --volume": (HANDOFF, (*HANDOFF, "--volume", "3mL")),
    "handoff --mass": (HANDOFF, (*HANDOFF, "--mass", "3g")),
    "handoff --output": (HANDOFF, (*HANDOFF, "--output", "there")),
    "handoff --store": (HANDOFF, (*HANDOFF, *STORE)),
    "handoff --campaign": (
        ("handoff", "my_electrolyte", "--json"),
        ("handoff", "my_electrolyte", "--json", *MINE),
    ),
    "handoff --json": (HANDOFF[:-1], HANDOFF),
    **{
        f"suggest {parameter}": (("suggest", "--json"), ("suggest", "--json", *arguments))
        for parameter, arguments in (
            ("--batch", ("--batch", "2")),
            ("--of", ("--of", "hosts")),
            ("--by", ("--by", "conductivity_s_m")),
            ("--store", ("--store", "measured.sqlite")),
        )
    },
    # More than there are: the refusal counts them.
    "suggest --campaign": (
        ("suggest", "--batch", "99"),
        ("suggest", "--batch", "99", *MINE),
    ),
    "suggest --json": (("suggest",), ("suggest", "--json")),
    "measured action": (("measured", "list", "--json"), ("measured", "compare", "--json")),
    "measured target": (("measured", "add", "filled.csv"), ("measured", "add", "nothing.csv")),
    "measured --by": (FILLED[:3], FILLED),
    **{
        f"measured {option}": (CELL, tuple(new if x == old else x for x in CELL))
        for option, old, new in (
            ("--candidate", "kfsi_dme_1m", "kpf6_dme_1m"),
            ("--protocol", "k_cu_ce", "symmetric"),
            ("--replicate", "1", ""),
        )
    },
    "measured --supersede": (
        (*FILLED, "--store", "measured.sqlite"),
        (*FILLED, "--store", "measured.sqlite", "--supersede"),
    ),
    "measured --output": (
        ("measured", "compare"),
        ("measured", "compare", "--output", "there"),
    ),
    "measured --store": (FILLED, (*FILLED, *STORE)),
    "measured --campaign": (
        ("measured", "list", "my_electrolyte"),
        ("measured", "list", "my_electrolyte", *MINE),
    ),
    "measured --json": (FILLED, (*FILLED, "--json")),
    "approve --in-the-lab": (("approve", *DECIDE), ("approve", *DECIDE, "--in-the-lab")),
    **{
        f"{command} {parameter}": ((command, *DECIDE), (command, *arguments))
        for command in ("approve", "reject")
        for parameter, arguments in (
            ("candidate", ("kfsi_dme_1m", *DECIDE[1:])),
            ("--by", ("cu_foil", "--by", "Ben", *DECIDE[3:])),
            ("--why", (*DECIDE[:-1], "dear")),
            ("--store", (*DECIDE, "--store", "new.sqlite")),
            ("--json", (*DECIDE, "--json")),
        )
    },
    **{
        f"{command} --campaign": (
            (command, "my_sheet", *DECIDE[1:]),
            (command, "my_sheet", *DECIDE[1:], *MINE),
        )
        for command in ("approve", "reject")
    },
    **{
        f"{command} {parameter}": ((command, "--json"), (command, "--json", *arguments))
        for command, entry in (
            ("hosts", "cu_111"),
            ("molecules", "dme"),
            ("electrolytes", "kfsi_dme_1m"),
            ("claims", "ads_cu6sn5"),
        )
        for parameter, arguments in (
            ("entry", (entry if command != "hosts" else "cu_foil",)),
            ("--store", STORE),
            ("--campaign", MINE),
        )
        # The review's claims are about entries that are shipped.
        if (command, parameter) != ("claims", "--campaign")
    },
    **{
        f"{command} --json": ((command,), (command, "--json"))
        for command in ("hosts", "molecules", "electrolytes", "claims")
    },
    **{
        f"rank {parameter}": (("rank", "hosts", "--json"), ("rank", "hosts", "--json", *arguments))
        for parameter, arguments in (
            ("--store", STORE),
            ("--campaign", MINE),
            ("--choose", ("--choose", "3")),
            ("--role", ("--role", "current_collector")),
            ("--population", ("--population", "separator")),
            ("--class", ("--class", "metal")),
            ("--with", ("--with", "Cu")),
            ("--without", ("--without", "Cu")),
            ("--stable-with-k", ("--stable-with-k",)),
            ("--where", ("--where", "adsorption_energy_ev>=-1")),
        )
    },
    "rank --json": (("rank", "hosts"), ("rank", "hosts", "--json")),
}
"""Parameter to the arguments of a command without and with it, or with another value of it."""


def parameters() -> Iterator[str]:
    group = typer.main.get_command(cli.app)
    for parameter in group.params:
        if "completion" not in str(parameter.name):
            yield str(parameter.opts[0])
    assert isinstance(group, click.Group)
    for name, command in commands(group).items():
        for parameter in command.params:
            yield f"{name} {parameter.opts[0]}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with everything that the commands are given."""
    folder = tmp_path_factory.mktemp("world")
    salt = liquid_of({"K": 20, "Cl": 20}, n_frames=5)
    salt.write_lammps(folder, style="atomic", step_fs=1000.0)
    (folder / "x.lammpstrj").rename(folder / "run.lammpstrj")
    (folder / "run.data").write_text((folder / "x.data").read_text().replace("# atomic", "# own"))
    (folder / "own").mkdir()
    for name, entries in OWN.items():
        (folder / "own" / f"{name}.yaml").write_text(yaml.safe_dump({name: entries}))
    (folder / "campaign.yaml").write_text(yaml.safe_dump(CAMPAIGN))
    (folder / "other.yaml").write_text("name: other\nmolecules: {items: [ec]}\n")
    for name, symbol in (("copper", "Cu"), ("silver", "Ag")):
        write(folder / f"{name}.cif", bulk(symbol, cubic=True))
    (folder / "library.smi").write_text("O water\nCC ethane\n")
    (folder / "other.smi").write_text("CO methanol\nnonsense\n")
    known = [
        *(*host_rows(), *molecule_rows(), *liquid_rows()),
        # Better than what the reference campaign knows of them.
        species("dme", "COCCOC", 8.0, level="reference"),
        liquid("kfsi_dme_1m", level="reference-openmm"),
    ]
    with closing(Store(folder / "known.sqlite")) as store:
        store.add_missing(known)
    campaign = load_campaign(folder / "campaign.yaml")
    calculation = plan(*campaign, only=["molecules"])[0].calculations[0]
    failed = Outcome[Any](status="failed", reason="no")
    store = Store(folder / "failed.sqlite")
    store.put(Row.from_outcome(calculation, failed, started="", seconds=0.0))
    store.close()
    shutil.copy(folder / "failed.sqlite", folder / "damaged.sqlite")
    with closing(sqlite3.connect(folder / "damaged.sqlite")) as connection, connection:
        connection.execute("UPDATE results SET reason = 'changed'")
    for name in ("alloys", "oxides"):
        waiting = a_run(campaign=name)
        with closing(Store(folder / "ran.sqlite")) as store:
            put_run(store, replace(waiting, id=f"{name}-1", state="waiting"))
    water = smiles_calculation("O", level("molecules", "screen"))
    with closing(Store(folder / "exporting.sqlite")) as store:
        store.put(Row.from_outcome(water, Outcome[Any](status="ok"), started="", seconds=0.0))
        export_rows(store.rows(), folder / "exported")
    head = "candidate,property,value,unit,protocol,replicate\n"
    for name, value in (("before", "0.99"), ("filled", "0.98")):
        line = f"kfsi_dme_1m,density_g_ml,{value},g/mL,bulk,1\n"
        (folder / f"{name}.csv").write_text(head + line)
    lines = read_results(folder / "before.csv", load_catalog(), by="Ada").lines
    half_cell(folder / "cell.bdf.csv", [0.8, 0.98, 0.99])
    more = cycler_lines(
        folder / "cell.bdf.csv",
        candidate="kfsi_dme_1m",
        protocol="k_cu_ce",
        replicate="1",
        by="Ada",
    )
    with closing(Store(folder / "measured.sqlite")) as store:
        record(store, lines)
        record(store, more)
        decide(store, "aed_atppb", "rejected", by="Ada", why="dear")
    for name, seed in (("run", 0), ("other", 1)):
        made = small(seed=seed, n_frames=400)
        made.atoms.write(folder / f"{name}.gro")
        made.atoms.write(folder / f"{name}.xtc", frames="all")
    return folder


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what computes say what it was asked to do, and compute nothing."""

    def said(calculation: Calculation, *more: object) -> Row:
        words = " ".join(str(x) for x in (calculation.key, *more))
        outcome = Outcome[Any](status="refused", reason=words)
        return Row.from_outcome(calculation, outcome, started="", seconds=0.0)

    def compute_in_child(
        calculations: Sequence[Calculation],
        store: Store,
        work_dir: Path,
        _report: object,
        limit: object,
    ) -> list[Row]:
        return [said(c, store.url, work_dir, limit) for c in calculations]

    def compute_in_processes(
        calculations: Iterable[Calculation], store: Store, work_dir: Path, **options: Any
    ) -> int:
        for name in ("finished", "check"):
            options.pop(name, None)
        print(sorted(options.items()), work_dir)
        for calculation in calculations:
            store.put(said(calculation))
        return 0

    def analyze_apart(*files: Path, n_workers: int, **more: Any) -> Any:
        print(n_workers, "processes")
        return analysis.analyze_files(*files, n_workers=1, **more)

    class Flow:
        def with_options(self, **options: Any) -> Flow:
            runner = options["task_runner"]
            wanted = ("_max_workers", "cluster_kwargs", "cluster_class", "adapt_kwargs")
            print(type(runner).__name__, {k: v for k, v in vars(runner).items() if k in wanted})
            return self

        def __call__(self, **given: Any) -> Written:
            print(json.dumps(given, sort_keys=True))
            campaign, catalog = load_campaign(Path(given["campaign_file"]))
            store = Store(given["store_url"])
            found = plan(campaign, catalog, only=given["only"])
            print([c.key for s in found for c in s.calculations if store.get(c.key) is None])
            tables = ranked_tables([], catalog, campaign.ranking)
            return Written(tables=tables, files=(), report=Path(given["output_dir"]) / "r.html")

    def show_pages(self: Any, sockets: Any) -> None:
        print(TestClient(self.config.app, base_url="http://localhost").get("/").text)

    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setattr("potash.workflows.resume.UUID", str)
    monkeypatch.setattr(
        "prefect.flow_runs.resume_flow_run", lambda run, run_input: print(run, run_input)
    )
    monkeypatch.setattr("uvicorn.Server.run", show_pages)
    monkeypatch.setattr("webbrowser.open", lambda address: print("open", address))
    monkeypatch.setattr(local, "compute_in_child", compute_in_child)

    def serve_campaign(file: Path, when: object, **options: Any) -> None:
        ready = options.pop("ready")
        print(file, when, sorted(options.items()))
        ready(Serving("campaign/mine", "http://127.0.0.1:4200", When()))

    monkeypatch.setattr("potash.workflows.serve.serve_campaign", serve_campaign)
    monkeypatch.setattr(local, "compute_in_processes", compute_in_processes)
    monkeypatch.setattr("potash.workflows.run.compute_in_processes", compute_in_processes)
    monkeypatch.setattr("prefect.flows.load_flow_from_entrypoint", lambda _path: Flow())
    monkeypatch.setattr("potash.workflows.run.api_of_run", lambda _home: nullcontext())
    monkeypatch.setattr("potash.workflows.run.crash_dead_runs", lambda: 0)
    monkeypatch.setattr("potash.workflows.run.time", SimpleNamespace(monotonic=lambda: 0.0))
    monkeypatch.setattr("potash.trajectories.apart.analyze_apart", analyze_apart)


def left(folder: Path) -> dict[str, str]:
    """Return the files that a command left, the readable ones with what is in them."""
    return {
        str(f.relative_to(folder)): f.read_text() if f.suffix in (".csv", ".html") else ""
        for f in sorted(folder.rglob("*"))
        if f.is_file() and f.suffix not in (".sqlite-wal", ".sqlite-shm")
    }


def test_every_parameter_is_here() -> None:
    assert set(CHANGES) == set(parameters())


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize("parameter", sorted(CHANGES))
def test_a_parameter_has_an_effect(
    parameter: str,
    world: Path,
    tmp_path: Path,
    potash: Potash,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs: list[tuple[Finished, dict[str, str]]] = []
    for number, arguments in enumerate(CHANGES[parameter]):
        folder = tmp_path / "run"
        shutil.copytree(world, folder)
        monkeypatch.chdir(folder)
        found = potash(*arguments)
        assert found.code in (0, 1, 2), found
        runs.append((found, left(folder)))
        folder.rename(tmp_path / f"done{number}")
    (before, files_before), (after, files_after) = runs
    # What the functions that stand for the computing say is on standard error.
    assert (before, files_before) != (after, files_after)
    for found, _ in runs:
        refusals = [line for line in found.err.splitlines() if line.startswith("error: ")]
        assert found.code != 2 or len(refusals) == 1, "a refusal is one line"
