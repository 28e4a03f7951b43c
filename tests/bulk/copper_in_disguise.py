"""A calculator as a user would name it: EMT's copper under the name of lithium."""

from __future__ import annotations

from typing import Any

from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT


class Disguise(Calculator):  # type: ignore[misc]
    """Gives energy, forces and stress of the same crystal with Cu for Li."""

    implemented_properties = ("energy", "forces", "stress")

    def calculate(
        self, atoms: Any = None, properties: Any = None, system_changes: Any = all_changes
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        copper = atoms.copy()
        copper.symbols = ["Cu" if s == "Li" else s for s in atoms.symbols]
        copper.set_constraint()
        copper.calc = EMT()
        copper.get_forces()
        copper.get_stress()
        self.results = {name: copper.calc.results[name] for name in self.implemented_properties}


def make() -> Disguise:
    return Disguise()
