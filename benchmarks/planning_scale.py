"""How long it takes to read, plan and skip campaigns of many known molecules, and how much memory.

    python benchmarks/planning_scale.py [N ...] [--screen]

For each N (1,000, 10,000 and 100,000 by default) a process of its own writes a campaign of N
molecules (a catalogue folder with N species), fills a store with a row for each, and then does
what `potash run` does with them before and after the work: read, plan, pass over what is
known, gather the rows. With ``--screen``, the same for a file of N SMILES and `potash screen`.
Times are CPU seconds of one core, beside wall-clock seconds; the memory is the peak of the
process at the end of each step. Results (November 2026, CPU s; before: commit beabcab) are in
`docs/validation/planning.md`.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from potash.engines.registry import level
from potash.evidence.known import campaign_rows
from potash.molecules.library import library_calculations
from potash.results.calculation import Calculation, Outcome
from potash.results.species import SpeciesValues
from potash.running.drain import Submitted, drain
from potash.running.schedule import in_order
from potash.store import Row, Store
from potash.structures.library import read_library
from potash.workflows.planned import plan_file

SIZES = (1_000, 10_000, 100_000)
BATCH = 5_000
T = TypeVar("T")


UNITS = ("C", "O", "N", "S", "C(C)", "C(F)", "C(=O)", "C(O)", "C(N)", "N(C)")


def smiles(number: int) -> str:
    """Return one of 100,000 different chains of seven units, of 10 to 15 heavy atoms."""
    return "FC" + "".join(UNITS[int(digit)] for digit in f"{number:05d}") + "CCl"


def write_campaign(folder: Path, n: int) -> Path:
    own = folder / "own"
    own.mkdir()
    lines = ["species:"]
    for i in range(n):
        formula = CalcMolFormula(Chem.MolFromSmiles(smiles(i)))
        lines.append(
            f"  - {{id: m{i}, name: m{i}, smiles: {smiles(i)}, charge: 0, formula: {formula}}}"
        )
    (own / "species.yaml").write_text("\n".join(lines) + "\n")
    items = ", ".join(f"m{i}" for i in range(n))
    file = folder / "campaign.yaml"
    file.write_text(f"name: scale\ncatalog: own\nmolecules: {{items: [{items}]}}\n")
    return file


def fill(store: Store, calculations: list[Calculation]) -> None:
    """Give every calculation a row, without computing it."""
    values = SpeciesValues(
        charge=0,
        n_atoms=30,
        energy_ev=-1000.0,
        n_conformers_embedded=8,
        n_conformers_relaxed=2,
        lowest_conformer_weight=0.6,
        orbital_method="GFN2-xTB",
        homo_ev=-7.1,
        lumo_ev=1.2,
        ip_ea_method="IPEA1-xTB",
        ip_vertical_ev=9.5,
        ea_bound=False,
    )
    outcome = Outcome(status="ok", values=values)
    for start in range(0, len(calculations), BATCH):
        part = calculations[start : start + BATCH]
        store.add_missing(
            Row.from_outcome(c, outcome, started="2026-11-01T00:00:00", seconds=1.0) for c in part
        )


def never(_portion: object) -> Submitted:
    raise AssertionError("everything is known")


class Clock:
    """Prints CPU and wall-clock seconds and peak memory of each step."""

    def __init__(self) -> None:
        self.steps: dict[str, tuple[float, float, float]] = {}

    def __call__(self, step: str, function: Callable[[], T]) -> T:
        cpu, wall = time.process_time(), time.perf_counter()
        found = function()
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        spent = time.process_time() - cpu, time.perf_counter() - wall, peak_mb
        self.steps[step] = spent
        print(f"  {step:22} {spent[0]:8.2f} s CPU {spent[1]:8.2f} s {peak_mb:7.0f} MB", flush=True)
        return found


def campaign(n: int, folder: Path, clock: Clock) -> None:
    file = write_campaign(folder, n)
    planned = clock("read and plan", lambda: plan_file(file))
    store = Store(folder / "rows.sqlite")
    fill(store, [c for stage in planned.stages for c in stage.calculations])
    work = in_order(planned.stages, 2)
    computed = clock("pass over known", lambda: drain(work, store, never, in_flight=4))
    assert computed == 0
    rows = clock(
        "gather rows", lambda: campaign_rows([c.key for c in work], store, planned.catalog)
    )
    assert len(rows) == n


def screen(n: int, folder: Path, clock: Clock) -> None:
    file = folder / "library.smi"
    file.write_text("".join(f"{smiles(i)} m{i}\n" for i in range(n)))
    of_theory = level("molecules", "screen")
    planned, _ = clock("read and plan", lambda: library_calculations(read_library(file), of_theory))
    store = Store(folder / "rows.sqlite")
    fill(store, planned)
    clock("pass over known", lambda: drain(planned, store, never, in_flight=4))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="at most 100,000")
    parser.add_argument("--screen", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        clock = Clock()
        with tempfile.TemporaryDirectory() as folder:
            (screen if chosen.screen else campaign)(chosen.sizes[0], Path(folder), clock)
        cpu, wall = (sum(step[k] for step in clock.steps.values()) for k in (0, 1))
        peak = max(step[2] for step in clock.steps.values())
        print(json.dumps({"n": chosen.sizes[0], "cpu_s": cpu, "wall_s": wall, "peak_mb": peak}))
        return
    for n in chosen.sizes:
        print(f"{n} known molecules, {'SMILES file' if chosen.screen else 'campaign'}", flush=True)
        options = ["--screen"] if chosen.screen else []
        subprocess.run([sys.executable, __file__, str(n), "--inside", *options], check=True)


if __name__ == "__main__":
    main()
