"""Compute the reference campaign of the hosts: all models at `screen`, and what calibrates them.

    python scripts/reference_hosts.py PART [MODEL ...] [--limit SECONDS]

Parts: ``screen`` (every model in the cell that is ranked), ``thickness`` and ``hop``
(the same at `screen`), ``adhesion`` (of a K film, at `screen`), ``ranked`` (that cell at
`standard`), and on small cells ``standard``, ``lcao`` and ``reference`` (each beside
`screen` and `screen-chgnet`) and ``charge``. Small cells are denser (K-K about 5 angstrom): the
same cell by the potentials and by DFT gives the potentials' errors, and is never ranked.

Every row goes to `results/reference/hosts/` as it is finished, so that the
campaign can be stopped and started at any time, and parts can run side by side.
With ``--limit``, nothing is begun after that many seconds.
"""

from __future__ import annotations

import argparse
import fcntl
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from potash.catalog.catalog import Catalog, load_catalog
from potash.catalog.hosts import AtomisticModel
from potash.engines.adsorption_levels import adsorption_level
from potash.engines.levels import Level
from potash.errors import PotashError
from potash.hosts.adhesion import adhesion_calculation
from potash.hosts.adsorption import adsorption_calculations
from potash.hosts.charge import charge_calculation
from potash.hosts.hop import hop_calculation
from potash.hosts.k_metal import k_metal_calculation
from potash.hosts.thickness import thickness_calculation
from potash.results.calculation import Calculation
from potash.results.kinds import MODELS
from potash.running.limits import Limit, Limits
from potash.running.local import compute_in_processes
from potash.store import Row, Store, export_rows, import_rows
from potash.structures.recipes import BulkRecipe, Recipe, recipe_data, recipe_from_data

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "results" / "reference" / "hosts"
SCRATCH = ROOT / "results" / "reference-work"

TIMEOUT_S = 12 * 3600.0
SCREEN = ("screen", "screen-chgnet")
PARTS: Mapping[str, tuple[str, ...]] = {
    "screen": ("screen",),
    "thickness": ("screen",),
    "hop": ("screen",),
    "adhesion": ("screen",),
    "ranked": ("standard",),
    "standard": (*SCREEN, "standard"),
    "lcao": ("standard-lcao",),
    "reference": (*SCREEN, "reference"),
    "charge": ("standard",),
}
"""Part to the levels that it computes."""

# One class after another, the cheapest model of each first, so that every class has a pair
# early and a second one soon.
DFT_ORDER = (
    *("pristine_graphene", "al_111", "vs2_basal", "k3bi_001", "kf_100", "sio2_quartz_001"),
    *("pyridinic_n_graphene", "ti3c2t2", "vacancy_graphene", "pt_111", "k2s_111", "k3sb_bulk"),
    *("k3ocl_100", "li2co3_slab", "graphitic_n_graphene", "cu_111", "graphdiyne", "ag_111"),
    *("na2k_laves", "ki_bii3", "zno_10m10", "pyrrolic_n_graphene", "snse_100", "cu3pt_111"),
    *("alf3_012", "ti3cnt2", "pd_111", "li2o_111", "p_doped_graphene", "k2se_111", "beta_sn_100"),
    *("cu2sb_001", "biocl_001", "al2o3_0001", "ti3c2s2", "sb_0001", "thiophenic_s_graphene"),
    *("k2o_111", "cu6sn5_001", "zn_0001", "bi_0001", "nio_100", "cu2se_111", "k3p_001"),
)
CHARGE_ORDER = ("pristine_graphene", "nio_100", "pyridinic_n_graphene", "graphitic_n_graphene")
REFERENCE_ORDER = ("al_111", "pristine_graphene", "cu_111", "kf_100", "k2s_111", "pt_111")
THICKNESS_ORDER = ("al_111", "cu_111", "pd_111", "kf_100", "k2s_111", "zno_10m10", "k3bi_001")
HOP_ORDER = ("pristine_graphene", "cu_111", "al_111", "ti3c2t2", "pyridinic_n_graphene")
ADHESION_ORDER = (
    *("ag_111", "pristine_graphene", "zn_0001", "cu_111", "al_111", "ti3c2t2", "pd_111", "lif_100"),
    *("k2s_111", "graphite_kc8", "snse_100", "bi_0001", "beta_sn_100", "pt_111", "ni_111"),
    *("ti3c2s2", "vs2_basal", "sb_0001", "cu3pt_111", "cu2sb_001", "pyridinic_n_graphene"),
    *("cu2se_111", "cu6sn5_001", "zno_10m10", "se_doped_cu2o_111"),
)
ORDERS = {"charge": CHARGE_ORDER, "reference": REFERENCE_ORDER, "lcao": REFERENCE_ORDER} | {
    "thickness": THICKNESS_ORDER,
    "hop": HOP_ORDER,
    "adhesion": ADHESION_ORDER,
}


def small_cell(model: AtomisticModel, part: str) -> dict[str, object]:
    """Return the recipe of a model in its calibration cell.

    Charges are computed on thinner slabs: they are compared with one another, and the
    slabs that have any (oxides with spin and +U) are by far the slowest.
    """
    data = recipe_data(model.recipe)  # type: ignore[arg-type]
    if data["builder"] == "slab":
        data |= {"min_k_k_distance_angstrom": 4.6}
        data |= {"min_thickness_angstrom": 4.0 if part == "charge" else 4.5}
        data |= {"vacuum_angstrom": 13.0}
    elif data["builder"] == "graphene":
        data |= {"supercell": [3, 3], "vacuum_angstrom": 12.0}
    elif data["builder"] == "mxene":
        data |= {"supercell": [2, 2], "vacuum_angstrom": 12.0}
    return data


def finished(row: Row) -> None:
    """Show a new row and export it."""
    models = MODELS[row.kind]
    value = None
    if row.status in ("ok", "anomalous"):
        value = getattr(row.read(models.values), models.main)
    print(
        row.kind, row.level, row.model, row.status, value, f"{row.seconds:.0f} s", row.reason,
        flush=True,
    )  # fmt: skip
    write({row.key: row})


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


def planned(part: str, name: str, model: AtomisticModel, level: Level) -> list[Calculation]:
    """Return the calculations of one model at one level for one part of the campaign."""
    recipe: Recipe = model.recipe  # type: ignore[assignment]
    if part in ("standard", "lcao", "reference", "charge"):
        recipe = recipe_from_data(small_cell(model, part))
    if part == "hop":
        return [hop_calculation(recipe, level, item=name, model=name)]
    if part == "adhesion":
        return [adhesion_calculation(recipe, level, item=name, model=name)]
    if part == "charge":
        return [charge_calculation(recipe, level, item=name, model=name)]
    found = adsorption_calculations(recipe, level, item=name, model=name)
    if part == "thickness":
        check = thickness_calculation(found[0])
        return [found[0]] if check is None else [found[0], check]
    return found if part == "screen" else found[:1]


def queue(
    part: str, names: Sequence[str], catalog: Catalog, levels: Sequence[Level]
) -> Iterator[Calculation]:
    """Yield the calculations of a part, the most useful first."""
    queued: list[tuple[int, float, Calculation]] = []
    for position, name in enumerate(names):
        model = catalog.models.get(name)
        if model is None or model.recipe is None or isinstance(model.recipe, BulkRecipe):
            continue
        # First terminations come before second ones, and what serves many hosts for
        # little time comes before the rest.
        hosts = sum(name in host.models for host in catalog.hosts.values())
        for level in levels:
            try:
                found = planned(part, name, model, level)
            except PotashError as error:
                print(name, "cannot be built:", error, flush=True)
                continue
            for turn, calculation in enumerate(found):
                if part == "screen":
                    queued.append((turn, calculation.cost_s / max(hosts, 0.3), calculation))
                else:
                    queued.append((position, 0.0, calculation))
    for _, _, calculation in sorted(queued, key=lambda entry: entry[:2]):
        yield calculation


def main() -> None:
    """Run the part of the campaign that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("models", nargs="*")
    parser.add_argument("--limit", type=float, default=float("inf"))
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    store, catalog = Store(SCRATCH / "hosts.sqlite"), load_catalog()
    store.add_missing(import_rows(FOLDER))
    part = arguments.part
    levels = [adsorption_level(name) for name in PARTS[part]]
    names = arguments.models or (
        catalog.models if part == "screen" else ORDERS.get(part, DFT_ORDER)
    )
    begun = time.monotonic()
    compute_in_processes(
        [
            *map(k_metal_calculation, levels),
            *queue(part, list(names), catalog, levels),
        ],
        store,
        SCRATCH,
        processes=1,
        limits=Limits(Limit(TIMEOUT_S)),
        finished=finished,
        stop=lambda: time.monotonic() - begun > arguments.limit,
    )


if __name__ == "__main__":
    main()
