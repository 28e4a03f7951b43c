"""Files that the examples of the documentation read."""

from __future__ import annotations

from pathlib import Path

from tests.trajectories.test_analysis import small


def write_trajectory(folder: Path) -> None:
    """Write ``run.gro`` and ``run.xtc``: K ions, FSI-like anions and a solvent."""
    universe = small()
    anions = universe.select_atoms("resname ANI").residues
    anions.resnames = ["FSI"] * len(anions)
    universe.atoms.write(folder / "run.gro")
    universe.atoms.write(folder / "run.xtc", frames="all")
