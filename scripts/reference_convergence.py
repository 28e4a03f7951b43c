"""Convergence of the `reference` adsorption energies with cutoff, k-points, vacuum and coverage.

    python scripts/reference_convergence.py [SYSTEM ...] [--cutoffs [EV ...]]
        [--kpoints [A ...]] [--vacuum [A ...]]

Each surface of the `reference` rows is taken as it is (K on it and the same substrate
without K, both frozen) and one setting is changed at a time; K metal is computed at
the same cutoff. Coverage is that of the `screen` and `standard` rows of one model in
different cells. Finished points are kept in `results/reference-work/`, so that it can be
stopped and started; points that `results/reference/hosts/convergence.csv` has and that are
not asked for again stay in it. An option without values leaves out that series; the
k-points of bcc K are lengths of its own and always computed.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from ase import Atoms
from ase.build import bulk
from ase.io import read

from potash.engines.adsorption_levels import adsorption_level
from potash.engines.gpaw import Point, run_points
from potash.results.adsorption import AdsorptionValues
from potash.results.k_metal import KMetalValues
from potash.store.importing import import_rows
from potash.store.rows import Row
from potash.structures.plain_atoms import bare

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "results" / "reference" / "hosts"
SCRATCH = ROOT / "results" / "reference-work" / "convergence"
SYSTEMS = ("k_metal", "al_111", "pristine_graphene", "cu_111")
CUTOFFS_EV = (400, 500, 600)
KPOINT_LENGTHS_ANGSTROM = (20.0, 25.0, 30.0, 36.0)
BULK_KPOINT_LENGTHS_ANGSTROM = (25.0, 37.0, 50.0)
ADDED_VACUUM_ANGSTROM = (0.0, 4.0)
TIME_LIMIT_S = 3 * 3600.0
COLUMNS = ("system", "level", "quantity", "parameter", "value", "unit", "energy_ev", "change_ev")


def changed(level: Mapping[str, Any], parameter: str, value: float) -> dict[str, Any]:
    """Return the fingerprint of the level with one setting changed."""
    if parameter == "cutoff":
        settings = {**level["parameters"], "mode": {"name": "pw", "ecut": value}}
        return {**level, "parameters": settings}
    if parameter == "k_point_length":
        return {**level, "kpoint_length_angstrom": value}
    if parameter == "bulk_k_point_length":
        return {**level, "bulk_kpoint_length_angstrom": value}
    return dict(level)


def energy(atoms: Atoms, level: Mapping[str, Any], name: str) -> float:
    """Return the total energy of a structure, from a finished run where there is one."""
    found = run_points([Point(name, atoms)], level, SCRATCH / name, time_limit_s=TIME_LIMIT_S)
    return float(found[name]["energy_ev"])


def metal(level: Mapping[str, Any], lattice: float, label: str) -> float:
    """Return the energy per atom of bcc K."""
    return energy(bulk("K", "bcc", a=lattice), level, f"k-{label}")


def k_metal_series(
    level: Mapping[str, Any], lattice: float, cutoffs: Sequence[float]
) -> Iterator[tuple[str, float, float]]:
    """Yield parameter, value and energy per atom of bcc K."""
    for cutoff in cutoffs:
        yield "cutoff", cutoff, metal(changed(level, "cutoff", cutoff), lattice, f"{cutoff}eV")
    for length in BULK_KPOINT_LENGTHS_ANGSTROM:
        other = changed(level, "bulk_k_point_length", length)
        yield "bulk_k_point_length", length, metal(other, lattice, f"k{length:g}")


def surface_series(
    row: Row,
    level: Mapping[str, Any],
    lattice: float,
    cutoffs: Sequence[float],
    kpoint_lengths: Sequence[float],
    vacua: Sequence[float],
) -> Iterator[tuple[str, float, float]]:
    """Yield parameter, value and adsorption energy over the frozen substrate of a row."""
    best = bare(read(StringIO(row.structures["best"]), format="extxyz"))
    base = {"cutoff": level["parameters"]["mode"]["ecut"]}
    base |= {"k_point_length": level["kpoint_length_angstrom"], "added_vacuum": 0.0}
    series = {"cutoff": cutoffs, "k_point_length": kpoint_lengths}
    series |= {"added_vacuum": vacua}
    known: dict[tuple[float, ...], float] = {}
    for parameter, values in series.items():
        for value in values:
            point = {**base, parameter: value}
            key = tuple(point.values())
            if key not in known:
                settings = changed(level, "cutoff", point["cutoff"])
                settings = changed(settings, "k_point_length", point["k_point_length"])
                atoms = best.copy()
                atoms.cell[2, 2] += point["added_vacuum"]
                label = "-".join(f"{x:g}" for x in key)
                known[key] = (
                    energy(atoms, settings, f"{row.item}-with-{label}")
                    - energy(atoms[:-1], settings, f"{row.item}-without-{label}")
                    - metal(settings, lattice, f"{point['cutoff']:g}eV")
                )
            yield parameter, value, known[key]


def coverage_series(rows: list[Row], item: str, level: str) -> Iterator[tuple[str, float, float]]:
    """Yield the adsorption energies of one model at one level in cells of different size."""
    found = [
        r for r in rows if r.item == item and r.level == level and r.kind == "adsorption"
        and r.status == "ok"
    ]  # fmt: skip
    points = [
        (round(values.k_k_distance_angstrom, 2), values.adsorption_energy_ev)
        for values in (row.read(AdsorptionValues) for row in found)
        if values.k_k_distance_angstrom is not None and values.adsorption_energy_ev is not None
    ]
    for distance, energy_ev in sorted(points):
        yield "k_k_distance", distance, energy_ev


Points = dict[tuple[str, str, str, float], float]
"""Level, quantity, parameter and its value to the energy, of one system."""


def records(system: str, points: Points) -> Iterator[list[str]]:
    """Yield lines of the table; each change is from the finest setting of its series."""
    for series in dict.fromkeys(key[:3] for key in points):
        part = {key[3]: found for key, found in points.items() if key[:3] == series}
        unit = "eV" if series[2] == "cutoff" else "angstrom"
        for value in sorted(part):
            change = part[value] - part[max(part)]
            yield [system, *series, f"{value:g}", unit, f"{part[value]:.4f}", f"{change:+.4f}"]


def read_table(table: Path) -> dict[str, Points]:
    """Return system to its points, of the table as it is."""
    found: dict[str, Points] = {}
    if table.exists():
        with table.open(newline="") as file:
            for line in csv.DictReader(file):
                key = (line["level"], line["quantity"], line["parameter"], float(line["value"]))
                found.setdefault(line["system"], {})[key] = float(line["energy_ev"])
    return found


def main() -> None:
    """Compute what is missing and write the table after every system."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("systems", nargs="*", default=SYSTEMS)
    parser.add_argument("--cutoffs", type=float, nargs="*", default=CUTOFFS_EV)
    parser.add_argument("--kpoints", type=float, nargs="*", default=KPOINT_LENGTHS_ANGSTROM)
    parser.add_argument("--vacuum", type=float, nargs="*", default=ADDED_VACUUM_ANGSTROM)
    arguments = parser.parse_args()
    level = adsorption_level("reference").fingerprint
    rows = import_rows(FOLDER)
    (reference,) = [r for r in rows if r.kind == "k_metal" and r.level == "reference"]
    lattice = reference.read(KMetalValues).lattice_constant_angstrom
    table = FOLDER / "convergence.csv"
    for system in arguments.systems:
        quantity = "energy_ev_per_atom" if system == "k_metal" else "adsorption_energy_ev"
        found: dict[str, list[tuple[str, float, float]]] = {}
        if system == "k_metal":
            found["reference"] = list(k_metal_series(level, lattice, arguments.cutoffs))
        else:
            for row in [r for r in rows if r.item == system and r.level == "reference"][:1]:
                found["reference"] = list(
                    surface_series(
                        row,
                        level,
                        lattice,
                        arguments.cutoffs,
                        arguments.kpoints,
                        arguments.vacuum,
                    )
                )
            for name in ("screen", "standard"):
                found[name] = list(coverage_series(rows, system, name))
        # Read only now: another process may have added a system meanwhile.
        systems = read_table(table)
        points = systems.setdefault(system, {})
        for name, series in found.items():
            points |= {(name, quantity, p, value): energy_ev for p, value, energy_ev in series}
        with table.open("w", newline="") as file:
            csv.writer(file).writerows(
                [COLUMNS, *(line for name, part in systems.items() for line in records(name, part))]
            )
        print(*(" ".join(line) for line in records(system, points)), sep="\n", flush=True)


if __name__ == "__main__":
    main()
