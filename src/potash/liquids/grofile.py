"""GRO files: names, residues, positions and box of a topology."""

from __future__ import annotations

from pathlib import Path

from potash.engines.md import Floats
from potash.engines.topology import Topology


def write_gro(
    path: Path, topology: Topology, positions_angstrom: Floats, box_angstrom: Floats
) -> None:
    """Write a GRO file (nm); residue and atom numbers wrap at 100,000 as the format does.

    Parameters
    ----------
    positions_angstrom
        ``(n_atoms, 3)``, in the order of the topology.
    box_angstrom
        Box vectors as rows.
    """
    lines = [topology.title, f"{topology.n_atoms:5d}"]
    row = 0
    for number, (molecule, _) in enumerate(topology.instances(), start=1):
        for name in molecule.names:
            x, y, z = positions_angstrom[row] / 10
            row += 1
            lines.append(
                f"{number % 100000:5d}{molecule.residue:<5s}{name:>5s}{row % 100000:5d}"
                f"{x:8.3f}{y:8.3f}{z:8.3f}"
            )
    a, b, c = box_angstrom / 10
    lines.append("".join(f"{v:10.5f}" for v in (a[0], b[1], c[2])))
    path.write_text("\n".join(lines) + "\n")
