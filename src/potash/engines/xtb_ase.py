"""ASE calculator over the tight-binding engine, for users of ASE's tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from potash.engines.xtb import Backend, Method, Solvent, XtbEngine
from potash.errors import RefusedError


class XtbCalculator(Calculator):  # type: ignore[misc]
    """ASE calculator over :class:`XtbEngine` for molecules in vacuum or implicit solvent.

    Parameters
    ----------
    charge, unpaired, method, backend, solvent
        As for :class:`XtbEngine`.
    """

    implemented_properties: ClassVar[list[str]] = ["energy", "forces", "charges"]

    def __init__(
        self,
        *,
        charge: int = 0,
        unpaired: int = 0,
        method: Method = "GFN2-xTB",
        backend: Backend = "tblite",
        solvent: Solvent | None = None,
    ) -> None:
        super().__init__()
        self._options: dict[str, Any] = {
            "charge": charge,
            "unpaired": unpaired,
            "method": method,
            "backend": backend,
            "solvent": solvent,
        }
        self._engine: XtbEngine | None = None

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Compute energy (eV), forces (eV/A) and partial charges (e)."""
        super().calculate(atoms, list(properties), list(system_changes))
        assert self.atoms is not None
        if self.atoms.pbc.any():
            raise RefusedError("the tight-binding calculator is for molecules, not periodic cells")
        if self._engine is None or "numbers" in system_changes:
            self._engine = XtbEngine([int(z) for z in self.atoms.numbers], **self._options)
        result = self._engine.evaluate(self.atoms.positions)
        self.results = {
            "energy": result.energy_ev,
            "forces": -result.gradient_ev_angstrom,
            "charges": result.charges_e,
        }
