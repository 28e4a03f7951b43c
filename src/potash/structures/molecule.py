"""A molecule or ion at one geometry, and its forms as text and plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


def structure_from_json(data: Mapping[str, Any]) -> Structure:
    """Return the structure that :func:`structure_to_json` wrote."""
    return Structure(
        numbers=tuple(int(z) for z in data["numbers"]),
        positions=np.array(data["positions_angstrom"], dtype=float),
        charge=int(data["charge"]),
        unpaired=int(data["unpaired"]),
    )


def structure_to_json(structure: Structure) -> dict[str, Any]:
    """Return a structure as plain data, coordinates rounded to 1e-6 A."""
    return {
        "numbers": list(structure.numbers),
        "positions_angstrom": np.round(structure.positions, 6).tolist(),
        "charge": structure.charge,
        "unpaired": structure.unpaired,
    }
