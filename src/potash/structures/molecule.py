"""A molecule or ion at one geometry, and its form as text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Structure:
    """A molecule or ion at one geometry.

    Attributes
    ----------
    numbers
        Atomic numbers.
    positions
        Cartesian coordinates in A, shape (n_atoms, 3).
    charge, unpaired
        Total charge and number of unpaired electrons.
    """

    numbers: tuple[int, ...]
    positions: FloatArray
    charge: int = 0
    unpaired: int = 0

    @property
    def symbols(self) -> list[str]:
        """Element symbols, one per atom."""
        table = Chem.GetPeriodicTable()
        return [table.GetElementSymbol(int(z)) for z in self.numbers]

    def extxyz(self, **info: float | str) -> str:
        """Return extended-XYZ text with charge, unpaired electrons and ``info`` as comment keys."""
        keys = {"charge": self.charge, "unpaired_electrons": self.unpaired, **info}
        head = " ".join(f'{k}="{v}"' if isinstance(v, str) else f"{k}={v}" for k, v in keys.items())
        lines = [str(len(self.numbers)), f'Properties=species:S:1:pos:R:3 {head} pbc="F F F"']
        lines += [
            f"{s:2s} {x:14.8f} {y:14.8f} {z:14.8f}"
            for s, (x, y, z) in zip(self.symbols, self.positions, strict=True)
        ]
        return "\n".join(lines) + "\n"
