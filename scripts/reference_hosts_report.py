"""Tables of the hosts' reference rows: counts, errors of the potentials, ordering checks.

    python scripts/reference_hosts_report.py

Reads `results/reference/hosts/` and writes beside the rows `pairs.csv` (every surface at
a level and at DFT, raw and corrected by a model that has not seen it) and
`accuracy.csv` (mean errors and rank correlations per class) and `lcao.csv` (LCAO against
plane waves); prints the counts per level, how many hosts have a value, and the orders
that the review states.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from potash.calibration import ErrorModel, Estimate, fit, leave_one_out, sample
from potash.catalog.catalog import Catalog, load_catalog
from potash.evidence.adsorption import model_evidence
from potash.evidence.adsorption_energies import AdsorptionEnergy, adsorption_energies
from potash.evidence.dft_uncertainty import row_components
from potash.ranking.hosts import rank_hosts
from potash.ranking.table import RankedTable
from potash.results.charge import ChargeValues
from potash.store.importing import import_rows
from potash.store.rows import Row

FOLDER = Path(__file__).resolve().parents[1] / "results" / "reference" / "hosts"
N_DRAWS = 20_000
ORDERS = (
    ("pyridinic N binds K more strongly than pristine graphene", "pyridinic_n_graphene",
     "pristine_graphene"),
    ("Pd binds K more strongly than Cu3Pt", "pd_111", "cu3pt_111"),
    ("Cu3Pt binds K more strongly than Cu", "cu3pt_111", "cu_111"),
    ("Cu6Sn5 binds K more strongly than Cu", "cu6sn5_001", "cu_111"),
    ("Cu6Sn5 binds K more strongly than Sn", "cu6sn5_001", "beta_sn_100"),
)  # fmt: skip


def unseen(model: ErrorModel, index: int) -> float | None:
    """Return one pair corrected by a model fitted to the others; None where that abstains."""
    pair = model.pairs[index]
    rest = fit(
        [*model.pairs[:index], *model.pairs[index + 1 :]],
        quantity=model.quantity,
        level=model.level,
        reference=model.reference,
    )
    return rest.estimate(pair.computed, pair.group).value


def pair_lines(model: ErrorModel) -> Iterator[list[Any]]:
    """Yield one line per pair."""
    for index, pair in enumerate(model.pairs):
        value = unseen(model, index)
        yield [
            pair.label, pair.group, model.level, model.reference, round(pair.computed, 3),
            round(pair.reference, 3), round(pair.computed - pair.reference, 3),
            "" if value is None else round(value, 3),
            "" if value is None else round(value - pair.reference, 3),
        ]  # fmt: skip


def accuracy_lines(model: ErrorModel) -> Iterator[list[object]]:
    """Yield one line per class and one over all of them."""
    groups = [*sorted({p.group for p in model.pairs}), None]
    for group in groups:
        pairs = [p for p in model.pairs if group in (None, p.group)]
        raw = [p.computed - p.reference for p in pairs]
        loo = leave_one_out(model, group=group)
        order: object = ""
        if len(pairs) >= 4:
            order = round(
                float(spearmanr([p.computed for p in pairs], [p.reference for p in pairs])[0]), 2
            )
        yield [
            model.level, model.reference, group or "all", len(pairs),
            round(float(np.mean(np.abs(raw))), 3), round(float(np.mean(raw)), 3), order,
            "" if loo is None else loo.n_predicted,
            "" if loo is None else round(loo.mae_corrected, 3),
            "" if loo is None or loo.spearman is None else round(loo.spearman, 2),
        ]  # fmt: skip


def lcao_lines(rows: list[Row], models: list[ErrorModel], catalog: Catalog) -> list[list[object]]:
    """Return surface, class and error of LCAO against plane waves, raw and corrected unseen."""
    found = [m for m in models if (m.level, m.reference) == ("standard-lcao", "standard")]
    classes = {
        e.row.item: e.group
        for e in adsorption_energies(rows, catalog.models)
        if e.row.level == "standard-lcao"
    }
    return sorted(
        [classes[line[0].split()[0]], *line[:1], *line[4:]]
        for model in found
        for line in pair_lines(model)
    )


def write(name: str, header: tuple[str, ...], lines: list[list[object]]) -> None:
    """Write one table beside the rows and print it."""
    with (FOLDER / name).open("w", newline="") as file:
        csv.writer(file).writerows([header, *lines])
    print(f"\n{name}", ", ".join(header), *(", ".join(map(str, x)) for x in lines), sep="\n")


def print_counts(rows: list[Row], table: RankedTable, catalog: Catalog) -> None:
    """Print how many rows there are of each level, and how many hosts have a value."""
    counts = Counter((r.kind, r.level, r.status) for r in rows)
    for (kind, level, status), n in sorted(counts.items()):
        print(f"{kind:12}{level:16}{status:10}{n:5}")
    hosts = [e for e in table.entries if e.id in catalog.hosts]
    statuses = Counter(e.status for e in hosts)
    print(f"{len(hosts)} hosts:", ", ".join(f"{n} {s}" for s, n in statuses.most_common()))
    for entry in hosts:
        if entry.status != "computed":
            print(f"  {entry.status}: {entry.id}: {entry.reason}")


def print_orders(rows: list[Row], catalog: Catalog) -> None:
    """Print the orders that the review states, with intervals and what they allow to say.

    The interval of a difference is narrower than those of the values where both share
    the error of their class.
    """
    evidence, _ = model_evidence(rows, catalog.models)
    for text, strong, weak in ORDERS:
        if strong not in evidence or weak not in evidence:
            print(f"{text}: not computed")
            continue
        print(f"{text}: {order(evidence[strong].estimate, evidence[weak].estimate)}")


def order(strong: Estimate, weak: Estimate) -> str:
    """Return whether one lies below the other, from joint draws, with the numbers."""
    shown = [
        f"{e.raw if e.value is None else e.value:+.2f} "
        + (f"[{e.low:+.2f}, {e.high:+.2f}]" if e.known else f"[{e.reason}]")
        for e in (strong, weak)
    ]
    numbers = " against ".join(shown)
    if not (strong.known and weak.known):
        return f"unresolved ({numbers} eV)"
    draws = sample([strong, weak], n_draws=N_DRAWS, rng=np.random.default_rng(1))
    low, high = np.quantile(draws[:, 0] - draws[:, 1], [0.025, 0.975])
    verdict = "agrees" if high < 0 else "disagrees" if low > 0 else "unresolved"
    return f"{verdict} ({numbers}, difference [{low:+.2f}, {high:+.2f}] eV)"


def print_dft_orders(rows: list[Row], catalog: Catalog) -> None:
    """Print the same orders where DFT has both surfaces at one level, in cells as alike as any."""
    energies = adsorption_energies(rows, catalog.models)
    for text, strong, weak in ORDERS:
        for level in ("standard", "reference"):
            found = [e for e in energies if e.row.level == level]
            pairs = [
                (a, b) for a in found for b in found if (a.row.item, b.row.item) == (strong, weak)
            ]
            if not pairs:
                continue
            both = min(pairs, key=lambda pair: abs(distance(pair[0]) - distance(pair[1])))
            estimates = [
                Estimate(raw=e.energy_ev, value=e.energy_ev, components=row_components(e))
                for e in both
            ]
            print(
                f"{text}, {level}: {order(*estimates)}, "
                f"K-K {distance(both[0]):.1f} and {distance(both[1]):.1f} angstrom"
            )


def distance(energy: AdsorptionEnergy) -> float:
    """Return the distance of K from its periodic image, angstrom."""
    return energy.values.k_k_distance_angstrom or 0.0


def print_charges(rows: list[Row]) -> None:
    """Print the charge of K on every surface that has one, most positive first."""
    charges = {
        r.item: r.read(ChargeValues).k_charge_e
        for r in rows
        if r.kind == "charge" and r.status == "ok"
    }
    for item, charge in sorted(charges.items(), key=lambda x: -x[1]):
        print(f"charge of K on {item}: {charge:+.3f} e (Hirshfeld)")


def main() -> None:
    """Write and print everything."""
    rows, catalog = import_rows(FOLDER), load_catalog()
    table = rank_hosts(rows, catalog)
    print_counts(rows, table, catalog)
    models = [m for m in table.error_models if m.pairs]
    write(
        "pairs.csv",
        ("surface", "class", "level", "dft_level", "adsorption_energy_ev", "dft_ev", "error_ev",
         "corrected_unseen_ev", "corrected_error_ev"),
        [line for model in models for line in pair_lines(model)],
    )  # fmt: skip
    write(
        "accuracy.csv",
        ("level", "dft_level", "class", "n_pairs", "mae_ev", "mean_error_ev", "spearman",
         "n_left_out", "mae_corrected_ev", "spearman_corrected"),
        [line for model in models for line in accuracy_lines(model)],
    )  # fmt: skip
    write(
        "lcao.csv",
        ("class", "surface", "lcao_ev", "plane_waves_ev", "error_ev", "corrected_unseen_ev",
         "corrected_error_ev"),
        lcao_lines(rows, models, catalog),
    )  # fmt: skip
    print()
    print_orders(rows, catalog)
    print_dft_orders(rows, catalog)
    print_charges(rows)


if __name__ == "__main__":
    main()
