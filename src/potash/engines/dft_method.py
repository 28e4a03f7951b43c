"""Density functionals with their basis sets, as every level of molecules names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class DftMethod:
    """A density functional, a basis set and numerical settings.

    Attributes
    ----------
    xc
        Functional in PySCF's naming.
    basis
        Orbital basis set.
    dispersion
        Add DFT-D3(BJ) with the parameters of ``xc``.
    grid_level
        PySCF integration grid, 0 to 9.
    energy_tolerance_hartree
        Self-consistency threshold.
    dielectric_constant
        Of the polarisable continuum; ``None`` is vacuum.
    """

    xc: str
    basis: str
    dispersion: bool = False
    grid_level: int = 2
    energy_tolerance_hartree: float = 1e-7
    dielectric_constant: float | None = None

    def with_basis(self, basis: str) -> DftMethod:
        """Return the same method in another basis set."""
        return replace(self, basis=basis)

    def in_medium(self, dielectric_constant: float | None) -> DftMethod:
        """Return the same method in a polarisable continuum (``None``: vacuum)."""
        return replace(self, dielectric_constant=dielectric_constant)

    def as_json(self) -> dict[str, Any]:
        """Return every setting as plain data, for fingerprints."""
        return {
            "xc": self.xc,
            "basis": self.basis,
            "dispersion": "d3bj" if self.dispersion else "none",
            "grid_level": self.grid_level,
            "energy_tolerance_hartree": self.energy_tolerance_hartree,
            "dielectric_constant": self.dielectric_constant,
        }

    @property
    def label(self) -> str:
        """Name as in tables: ``B3LYP-D3(BJ)/def2-SVPD``."""
        name = self.xc.upper() + ("-D3(BJ)" if self.dispersion else "")
        medium = "" if self.dielectric_constant is None else f", eps {self.dielectric_constant:g}"
        return f"{name}/{self.basis}{medium}"


def method_from_json(data: Mapping[str, Any]) -> DftMethod:
    """Return the method that :meth:`DftMethod.as_json` described."""
    medium = data["dielectric_constant"]
    return DftMethod(
        xc=str(data["xc"]),
        basis=str(data["basis"]),
        dispersion=data["dispersion"] == "d3bj",
        grid_level=int(data["grid_level"]),
        energy_tolerance_hartree=float(data["energy_tolerance_hartree"]),
        dielectric_constant=None if medium is None else float(medium),
    )


# Energy differences of one molecule: a finer grid than 1 and a tighter threshold than 1e-6
# hartree change the ionisation energies of methanol, acetonitrile, DMSO and EC by 0.1 meV.
_QUICK: dict[str, Any] = {"grid_level": 1, "energy_tolerance_hartree": 1e-6}
B3LYP_SVP = DftMethod("b3lyp", "def2-SVP", **_QUICK)
B3LYP_SVPD = DftMethod("b3lyp", "def2-SVPD", **_QUICK)
B3LYP_D3_SVP = DftMethod("b3lyp", "def2-SVP", dispersion=True, grid_level=1)
B3LYP_D3_SVPD = DftMethod("b3lyp", "def2-SVPD", dispersion=True, **_QUICK)
CAM_B3LYP_TZVPD = DftMethod("camb3lyp", "def2-TZVPD")
