"""Crystals and CIF texts that several tests share."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.spacegroup import crystal

CIF_HEAD = """data_{name}
_cell_length_a {a}
_cell_length_b {a}
_cell_length_c {a}
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M {group}
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
"""


def cif(sites: str, *, name: str = "x", a: str = "3.61", occupancy: bool = False) -> str:
    """Return a CIF in F m -3 m; ``sites`` are lines of label, element, x, y, z (occupancy)."""
    head = CIF_HEAD.format(name=name, a=a, group="'F m -3 m'")
    return head + ("_atom_site_occupancy\n" if occupancy else "") + sites + "\n"


def v2o5() -> Atoms:
    """V2O5 as reported, Pmmn with a = 11.5: layers of VO5 along c (Enjalbert and Galy 1986)."""
    sites = [
        ("V", (0.10118, 0.25, 0.8917)),
        ("O", (0.1043, 0.25, 0.531)),
        ("O", (0.9311, 0.25, 0.003)),
        ("O", (0.25, 0.25, 0.001)),
    ]
    return _crystal(sites, 59, (11.512, 3.564, 4.368, 90, 90, 90), setting=2)


def fepo4() -> Atoms:
    """Heterosite FePO4, Pnma with a = 9.8, b = 5.8, c = 4.8."""
    sites = [
        ("Fe", (0.2753, 0.25, 0.9478)),
        ("P", (0.0940, 0.25, 0.3951)),
        ("O", (0.1215, 0.25, 0.7088)),
        ("O", (0.4394, 0.25, 0.1598)),
        ("O", (0.1663, 0.0447, 0.2503)),
    ]
    return _crystal(sites, 62, (9.8142, 5.7893, 4.7820, 90, 90, 90))


def ago() -> Atoms:
    """AgO, P2_1/c with a = 5.86 > c = 5.50."""
    sites = [("Ag", (0, 0, 0)), ("Ag", (0.5, 0, 0.5)), ("O", (0.295, 0.35, 0.23))]
    return _crystal(sites, 14, (5.8592, 3.4842, 5.4995, 90, 107.51, 90))


def mos2() -> Atoms:
    """2H MoS2: layers 2.97 angstrom apart from S to S."""
    sites = [("Mo", (1 / 3, 2 / 3, 0.25)), ("S", (1 / 3, 2 / 3, 0.621))]
    return _crystal(sites, 194, (3.16, 3.16, 12.294, 90, 90, 120))


def graphite(spacing: float = 3.3555) -> Atoms:
    """AB graphite with any distance between its layers."""
    positions = [(0, 0, 0.25), (0, 0, 0.75), (1 / 3, 2 / 3, 0.25), (2 / 3, 1 / 3, 0.75)]
    cell = [2.464, 2.464, 2 * spacing, 90, 90, 120]
    return Atoms("C4", scaled_positions=positions, cell=cell, pbc=True)


def _crystal(
    sites: list[tuple[str, tuple[float, float, float]]],
    group: int,
    cell: tuple[float, ...],
    setting: int = 1,
) -> Atoms:
    built = crystal(
        [s for s, _ in sites],
        basis=[p for _, p in sites],
        spacegroup=group,
        setting=setting,
        cellpar=cell,
    )
    return Atoms(
        built.numbers,
        scaled_positions=np.round(built.get_scaled_positions(), 6),
        cell=built.cell,
        pbc=True,
    )
