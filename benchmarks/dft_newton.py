"""The height of K by its force (Newton steps) beside a parabola through heights, by DFT.

    python benchmarks/dft_newton.py [--parabola] [--spin] [LEVEL/MODEL ...]

Starts from the geometries of committed rows whose energy is that of a parabola, so that nothing
differs but the way to the height, and computes them anew. With ``--parabola`` the heights of
the row are computed as well, for what they cost on this machine; the energy that counts is the
row's. With ``--spin`` the electron of K starts unpaired, which the rows leave out: a line of its
own. Times are of the processor, of GPAW alone. Each surface is written to
`benchmarks/dft_newton.csv` as it is done; a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from ase import Atoms

from potash.evidence.known import reference_rows
from potash.hosts.dft import Pair, newton_pair, parabola_pair
from potash.hosts.screened_site import ScreenedSite
from potash.results.adsorption import AdsorptionInputs, AdsorptionValues, HeightSearch
from potash.store.rows import Row
from potash.structures.plain_atoms import atoms_of, extxyz
from potash.structures.substrate_classes import counts_from_extxyz, substrate_class

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "benchmarks" / "dft_newton.csv"
SCRATCH = ROOT / "results" / "reference-work" / "newton"
FIRST_STEPS = (-0.2, 0.25)
"""Heights beside the potential's that every row has, angstrom."""
SURFACES = (
    *("standard-lcao/pyridinic_n_graphene", "standard/kf_100", "standard/al_111"),
    *("standard/pristine_graphene", "standard/k2s_111:K", "standard/k3bi_001:K"),
    *("standard/vs2_basal", "standard/pt_111", "standard-lcao/li2o_111:Li"),
)
COLUMNS = (
    *("surface", "level", "spin", "class", "n_atoms", "first_force_ev_angstrom", "points_before"),
    *("points", "adsorption_energy_before_ev", "adsorption_energy_ev", "error_ev"),
    *("cpu_before_s", "cpu_s", "magnetic_moment_mu_b"),
)


def main() -> None:
    """Compute the surfaces that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("surfaces", nargs="*", default=SURFACES)
    parser.add_argument("--parabola", action="store_true")
    parser.add_argument("--spin", action="store_true")
    arguments = parser.parse_args()
    rows = {
        f"{row.level}/{row.model}": row
        for row in sorted(reference_rows(), key=lambda row: -row.seconds)
        if row.kind == "adsorption" and "heights_angstrom" in row.values
    }
    for name in arguments.surfaces:
        line = compared(name, rows[name], with_parabola=arguments.parabola, spin=arguments.spin)
        write(line)
        print(line, flush=True)


def compared(name: str, row: Row, *, with_parabola: bool, spin: bool) -> dict[str, str]:
    """Return a line of the table."""
    values = row.read(AdsorptionValues)
    inputs = row.read(AdsorptionInputs)
    assert values.heights_angstrom is not None
    start = start_of(row)
    folder = SCRATCH / name.replace("/", "-").replace(":", "-")
    if spin:
        folder = folder / "spin"
    search = {
        "heights_angstrom": None,
        "height_search": HeightSearch(),
        "unpaired_electron": True if spin else None,
    }
    pair = newton_pair(
        inputs.model_copy(update=search), start, folder / "newton", lambda _f, _t: None
    )
    energy = adsorption_energy_ev(pair, values)
    before = values.adsorption_energy_ev
    assert before is not None
    if with_parabola:
        parabola_pair(inputs, start, folder / "parabola", lambda _f, _t: None)
    assert pair.k_forces is not None
    moment = pair.magnetic_moment
    return {
        "surface": row.model,
        "level": row.level,
        "spin": "polarised" if spin else "paired",
        "class": substrate_class(counts_from_extxyz(row.structures["clean"]), sheet=False),
        "n_atoms": str(values.n_atoms),
        "first_force_ev_angstrom": f"{pair.k_forces[0]:.3f}",
        "points_before": str(len(values.heights_angstrom)),
        "points": str(len(pair.k_forces)),
        "adsorption_energy_before_ev": f"{before:.4f}",
        "adsorption_energy_ev": f"{energy:.4f}",
        "error_ev": f"{energy - before:+.4f}",
        "cpu_before_s": cpu_s(folder / "parabola"),
        "cpu_s": cpu_s(folder / "newton"),
        "magnetic_moment_mu_b": "" if moment is None else f"{moment:.2f}",
    }


def adsorption_energy_ev(pair: Pair, values: AdsorptionValues) -> float:
    """Return the adsorption energy with the reference and the distortion of a committed row."""
    assert values.e_k_metal_ev is not None
    return pair.with_k - pair.clean - values.e_k_metal_ev + (values.distortion_energy_ev or 0.0)


def start_of(row: Row) -> ScreenedSite:
    """Return the geometry that the row began with: K at the potential's height."""
    values = row.read(AdsorptionValues)
    best = atoms_of(row.structures["best"])
    normal = (0.0, 0.0, 1.0)
    height = potential_height_angstrom(values)
    assert values.height_angstrom is not None
    best.positions[-1] += (height - values.height_angstrom) * np.asarray(normal)
    return ScreenedSite(
        facet=values.facet,
        termination=values.termination,
        polar=values.polar,
        site=values.site or "",
        height_angstrom=height,
        normal=normal,
        fixed=(),
        held=bool(values.surface_held),
        k_k_distance_angstrom=values.k_k_distance_angstrom,
        interaction_ev=values.screen_interaction_ev or 0.0,
        distortion_energy_ev=values.distortion_energy_ev or 0.0,
        remarks="",
        best=extxyz(Atoms(best)),
        clean=row.structures["clean"],
    )


def potential_height_angstrom(values: AdsorptionValues) -> float:
    """Return the one of a row's heights that has the first two others beside it."""
    heights = np.asarray(values.heights_angstrom)
    found = [
        float(h)
        for h in heights
        if all(np.abs(heights - h - step).min() < 1e-6 for step in FIRST_STEPS)
    ]
    assert len(found) == 1, found
    return found[0]


def cpu_s(folder: Path) -> str:
    """Return the processor seconds of all points below a folder; nothing where there is none."""
    records = [
        json.loads(line)
        for file in folder.rglob("results.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return f"{sum(r['cpu_seconds'] for r in records):.0f}" if records else ""


def write(line: dict[str, str]) -> None:
    """Put a line into the table; times that were measured before stay."""
    lines = []
    if TABLE.is_file():
        with TABLE.open(encoding="utf-8", newline="") as handle:
            lines = list(csv.DictReader(handle))
    same = [x for x in lines if all(x[c] == line[c] for c in COLUMNS[:3])]
    if same and not line["cpu_before_s"]:
        line["cpu_before_s"] = same[0]["cpu_before_s"]
    kept = [x for x in lines if x not in same]
    with TABLE.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted([*kept, line], key=lambda x: (x["level"], x["surface"], x["spin"])))


if __name__ == "__main__":
    main()
