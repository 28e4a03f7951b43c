"""Compute the reference campaign of the hosts: small cells at DFT, all models at `screen`.

    python scripts/reference_hosts.py dft|screen|reference [MODEL ...] [--limit SECONDS]

Every row goes to a store of its own as it is finished, so that the campaign
can be stopped and started at any time; after each row all of them are written
to `results/reference/hosts/`. Calibration cells are smaller than ranked ones
(K-K about 5 angstrom): the same cell is computed at `screen` and by DFT, which
gives the error of the potential, and never ranked.
"""

from __future__ import annotations

import argparse
import datetime
import fcntl
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from potash.calculation import Calculation, Outcome
from potash.catalog.catalog import load_catalog
from potash.catalog.hosts import AtomisticModel
from potash.catalog.recipes import BulkRecipe, recipe_data, recipe_from_data
from potash.engines.levels import Level
from potash.engines.potentials import adsorption_level
from potash.errors import PotashError, RefusedError
from potash.hosts.adsorption import compute_adsorption, compute_k_metal
from potash.hosts.plan import adsorption_calculations, k_metal_calculation
from potash.store.exchange import export_rows, import_rows
from potash.store.rows import Row

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "results" / "reference" / "hosts"
SCRATCH = ROOT / "results" / "reference-work"

DFT_ORDER = (
    "al_111",
    "pristine_graphene",
    "cu_111",
    "pyridinic_n_graphene",
    "pd_111",
    "ti3c2t2",
    "kf_100",
    "graphitic_n_graphene",
    "ag_111",
    "k2s_111",
    "li2o_111",
    "cu3pt_111",
)


def small_cell(model: AtomisticModel) -> dict[str, object]:
    """Return the recipe of a model in its calibration cell."""
    data = recipe_data(model.recipe)  # type: ignore[arg-type]
    if data["builder"] == "slab":
        data |= {"min_k_k_distance_angstrom": 4.6, "min_thickness_angstrom": 4.5}
        data |= {"vacuum_angstrom": 13.0}
    elif data["builder"] == "graphene":
        data |= {"supercell": [3, 3], "vacuum_angstrom": 12.0}
    elif data["builder"] == "mxene":
        data |= {"supercell": [2, 2], "vacuum_angstrom": 12.0}
    return data


def compute(calculation: Calculation, known: dict[str, Row]) -> Row:
    """Return the known row of a calculation, or compute it."""
    if calculation.key in known:
        return known[calculation.key]
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    clock = time.monotonic()
    function = compute_k_metal if calculation.kind == "k_metal" else compute_adsorption
    try:
        needs = {role: known[key].values for role, key in calculation.needs.items()}
        outcome = function(
            calculation.inputs,
            needs,
            workdir=SCRATCH / calculation.key[:16],
            progress=lambda _fraction, _text: None,
        )
    except PotashError as error:
        status = "refused" if isinstance(error, RefusedError) else "failed"
        outcome = Outcome(status=status, reason=str(error))  # type: ignore[arg-type]
    row = Row.from_outcome(calculation, outcome, started=started, seconds=time.monotonic() - clock)
    known[row.key] = row
    value = row.values.get("adsorption_energy_ev", row.values.get("energy_ev_per_atom"))
    print(row.level, row.model, row.status, value, f"{row.seconds:.0f} s", row.reason, flush=True)
    write(known)
    return row


def write(rows: Mapping[str, Row]) -> None:
    """Add rows to the exported tables, replacing each file in one step.

    Another process may be writing its own rows to the same tables.
    """
    with (
        (SCRATCH / "lock").open("w") as lock,
        tempfile.TemporaryDirectory(dir=SCRATCH) as name,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        merged = {row.key: row for row in import_rows(FOLDER)} | dict(rows)
        for path in export_rows(merged.values(), Path(name), file_format="csv"):
            path.replace(FOLDER / path.name)


def main() -> None:
    """Run the part of the campaign that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("dft", "screen", "reference"))
    parser.add_argument("models", nargs="*")
    parser.add_argument("--limit", type=float, default=float("inf"))
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    known = {row.key: row for row in import_rows(FOLDER)}
    catalog = load_catalog()
    names = arguments.models or (DFT_ORDER if arguments.part != "screen" else catalog.models)
    levels: list[Level] = [adsorption_level("screen")]
    if arguments.part != "screen":
        levels.append(adsorption_level("standard" if arguments.part == "dft" else "reference"))
    for level in levels:
        compute(k_metal_calculation(level), known)
    begun = time.monotonic()
    queue: list[tuple[int, float, Calculation]] = []
    for place, name in enumerate(names):
        model = catalog.models.get(name)
        if model is None or model.recipe is None or isinstance(model.recipe, BulkRecipe):
            continue
        screening = arguments.part == "screen"
        recipe = model.recipe if screening else recipe_from_data(small_cell(model))
        for level in levels:
            try:
                found = adsorption_calculations(recipe, level, item=name, model=name)
            except PotashError as error:
                print(name, "cannot be built:", error, flush=True)
                continue
            # First terminations come before second ones, and what serves many hosts for
            # little time comes before the rest.
            hosts = sum(name in host.models for host in catalog.hosts.values())
            for turn, calculation in enumerate(found if screening else found[:1]):
                weight = calculation.cost_s / max(hosts, 0.3) if screening else place
                queue.append((turn, weight, calculation))
    for _, _, calculation in sorted(queue, key=lambda entry: entry[:2]):
        if time.monotonic() - begun > arguments.limit:
            return
        compute(calculation, known)


if __name__ == "__main__":
    main()
