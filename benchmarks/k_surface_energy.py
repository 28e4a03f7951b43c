"""Surface energy of K(110) by DFT and by the potentials: what a work of adhesion is set against.

    python benchmarks/k_surface_energy.py [LAYERS ...]

Slabs of bcc K, relaxed by the potentials at their own lattice constants; by DFT (level `standard`)
at 5.285 angstrom as cut. Its energy of bulk K is the slope of the slabs' energies against their
layers, so that k-points and cutoff cancel (Fiorentini and Methfessel, J. Phys.: Condens. Matter
1996, 8, 6525, doi:10.1088/0953-8984/8/36/005); against the committed bulk row slabs of three and
five layers give 0.11 and 0.12 J/m2. One line for each level goes to `k_surface_energy.csv`.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from potash.engines.adsorption_levels import adsorption_level
from potash.engines.gpaw import Point, run_points
from potash.engines.potentials import calculator
from potash.engines.relaxation import bcc_minimum
from potash.hosts.k_film import k_film, k_surface_energy_j_m2
from potash.structures.plain_atoms import area_angstrom2
from potash.units import EV_ANGSTROM2_IN_J_M2

POTENTIALS = ("screen", "screen-chgnet")
DFT = "standard"
LATTICE_ANGSTROM = 5.285
TIME_LIMIT_S = 3600.0
HERE = Path(__file__).parent
WORK = HERE.parent / "results" / "reference-work" / "k_surface_energy"


def by_potential(name: str) -> tuple[float, float]:
    """Return lattice constant (angstrom) and surface energy (J/m^2) of a potential."""
    engine = calculator(adsorption_level(name).fingerprint)
    lattice, energy = bcc_minimum("K", engine, low=4.9, high=5.8)
    return lattice, k_surface_energy_j_m2(lattice, energy, engine)


def by_dft(layers: list[int], work: Path) -> tuple[float, float]:
    """Return lattice constant (angstrom) and surface energy (J/m^2) of DFT."""
    energies = []
    for n in layers:
        point = Point(f"K110_{n}", k_film(LATTICE_ANGSTROM, n))
        fingerprint = adsorption_level(DFT).fingerprint
        found = run_points([point], fingerprint, work / point.name, time_limit_s=TIME_LIMIT_S)
        energies.append(float(found[point.name]["energy_ev"]))
        print(n, energies[-1], flush=True)
    _, excess = np.polyfit(layers, energies, 1)
    area = area_angstrom2(k_film(LATTICE_ANGSTROM, 1).cell.array)
    return LATTICE_ANGSTROM, float(excess) / (2 * area) * EV_ANGSTROM2_IN_J_M2


def main() -> None:
    """Write the table."""
    layers = [int(n) for n in sys.argv[1:]] or [3, 5]
    rows = [(name, *by_potential(name)) for name in POTENTIALS]
    rows.append((DFT, *by_dft(layers, WORK)))
    with (HERE / "k_surface_energy.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("level", "lattice_constant_angstrom", "k_surface_energy_j_m2"))
        writer.writerows((name, round(a, 4), round(gamma, 4)) for name, a, gamma in rows)


if __name__ == "__main__":
    main()
