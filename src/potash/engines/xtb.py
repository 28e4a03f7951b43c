"""Extended tight binding: GFN2-xTB energies, forces and orbitals, IPEA1-xTB IP and EA.

Interchangeable backends: the libraries ``tblite`` (the default: GFN2, IPEA1 and
implicit solvents) and ``xtb-python`` (GFN2 in vacuum), imported only when a calculation
starts, and the ``xtb`` program as a separate process (GFN2 in vacuum). Methods:
GFN2-xTB, doi:10.1021/acs.jctc.8b01176; IPEA1-xTB, doi:10.1039/c7sc00601b; ALPB,
doi:10.1021/acs.jctc.1c00471.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray

from potash.errors import CalculationError, RefusedError
from potash.structures.molecule import Structure
from potash.units import BOHR_ANGSTROM, HARTREE_EV

Backend = Literal["tblite", "xtb-python", "xtb-program"]
Method = Literal["GFN2-xTB", "IPEA1-xTB"]
FloatArray = NDArray[np.float64]

MAX_ATOMIC_NUMBER = 86
MAX_ATOMS = 300

# IPEA1-xTB is a reparametrised GFN1 Hamiltonian in which every electron that is
# taken from the system costs a constant too much: the raw difference of two total
# energies lies 4.8455 eV above the vertical IP (and EA) it was fitted to. The `xtb`
# program takes the same constant off in its `--vipea` run, for IP and EA alike;
# with tblite, which returns bare total energies, it is ours to subtract.
IPEA_SHIFT_EV = 4.8455

# Self-consistency is tried at 300 K first; small gaps get a smeared second chance.
ELECTRONIC_TEMPERATURES_K = (300.0, 1000.0, 3000.0)
_BOLTZMANN_HARTREE_K = 3.166808578545117e-6
_EV_ANGSTROM = HARTREE_EV / BOHR_ANGSTROM
# tblite gives dipoles in e*bohr; 1 e*bohr = 2.541746 debye (CODATA).
_DEBYE = 2.541746473


@dataclass(frozen=True)
class Solvent:
    """Implicit solvent of a tight-binding calculation.

    Attributes
    ----------
    model
        ``alpb`` (with a solvent's name: parametrised, includes cavity and
        dispersion; with a dielectric constant: electrostatics only) or ``ddcosmo``
        (domain-decomposition COSMO, electrostatics only).
    medium
        Name of the solvent, such as ``acetonitrile``, or its dielectric constant.
    """

    model: Literal["alpb", "ddcosmo"]
    medium: str | float

    @property
    def interaction(self) -> tuple[str | float, ...]:
        """Name and arguments of the interaction in tblite."""
        if self.model == "ddcosmo":
            return ("ddX-solvation", self.medium, "cosmo")
        if isinstance(self.medium, str):
            return ("alpb-solvation", self.medium)
        return ("gbe-solvation", self.medium, "p16")


@dataclass(frozen=True)
class XtbResult:
    """One self-consistent tight-binding calculation.

    Attributes
    ----------
    energy_ev
        Total (tight-binding) energy, eV.
    gradient_ev_angstrom
        dE/dx, shape (n_atoms, 3).
    charges_e
        Atomic (Mulliken) partial charges, shape (n_atoms,).
    dipole_debye
        Norm of the dipole moment; depends on the origin for ions.
    homo_ev, lumo_ev
        Frontier orbital energies, ``None`` where there is no such orbital.
    electronic_temperature_k
        Temperature at which self-consistency was reached; above 300 K the row
        deserves a flag.
    """

    energy_ev: float
    gradient_ev_angstrom: FloatArray
    charges_e: FloatArray
    dipole_debye: float
    homo_ev: float | None
    lumo_ev: float | None
    electronic_temperature_k: float


def check_geometry(numbers: Sequence[int], positions: FloatArray) -> None:
    """Raise :class:`CalculationError` if two atoms sit on top of each other.

    Tight binding can take very long, or converge to nonsense, for such a
    geometry; the limit is half the sum of the covalent radii.
    """
    radii = covalent_radii[np.asarray(numbers)]
    delta = positions[:, None, :] - positions[None, :, :]
    distance = np.sqrt((delta**2).sum(axis=2))
    limit = 0.5 * (radii[:, None] + radii[None, :])
    np.fill_diagonal(limit, -1.0)
    clash = np.argwhere(distance < limit)
    if len(clash):
        i, j = (int(k) for k in clash[0])
        raise CalculationError(f"atoms {i} and {j} are {distance[i, j]:.2f} A apart")
    if not np.isfinite(positions).all():
        raise CalculationError("the geometry holds a coordinate that is not a number")


class XtbEngine:
    """Tight-binding energies of one molecule at changing positions.

    Keeps the library's calculator and its converged wave function, so that each
    next geometry of a relaxation starts from the last.

    Parameters
    ----------
    numbers
        Atomic numbers.
    charge, unpaired
        Total charge and number of unpaired electrons.
    method
        ``GFN2-xTB`` or ``IPEA1-xTB``.
    backend
        ``tblite``, ``xtb-python`` or ``xtb-program``.
    solvent
        Implicit solvent (tblite only).

    Raises
    ------
    RefusedError
        If the element, the size, or the combination of method, backend and
        solvent is outside what the library does.
    """

    def __init__(
        self,
        numbers: Sequence[int],
        *,
        charge: int = 0,
        unpaired: int = 0,
        method: Method = "GFN2-xTB",
        backend: Backend = "tblite",
        solvent: Solvent | None = None,
    ) -> None:
        self.numbers = np.asarray(numbers, dtype=int)
        self.charge, self.unpaired = charge, unpaired
        self.method, self.backend, self.solvent = method, backend, solvent
        if self.numbers.min() < 1 or self.numbers.max() > MAX_ATOMIC_NUMBER:
            raise RefusedError(f"{method} has parameters for elements up to Rn (Z = 86) only")
        if len(self.numbers) > MAX_ATOMS:
            raise RefusedError(f"{len(self.numbers)} atoms are more than the {MAX_ATOMS} allowed")
        if backend != "tblite" and (method != "GFN2-xTB" or solvent is not None):
            raise RefusedError(f"{backend} serves GFN2-xTB in vacuum only; take tblite")
        self._calculator: Any = None
        self._result: Any = None

    def evaluate(self, positions: FloatArray) -> XtbResult:
        """Return energy, gradient, charges and frontier orbitals at ``positions`` (A).

        Raises
        ------
        CalculationError
            If atoms clash or self-consistency is not reached at any of
            ``ELECTRONIC_TEMPERATURES_K``.
        """
        positions = np.asarray(positions, dtype=float)
        check_geometry([int(z) for z in self.numbers], positions)
        run = {
            "tblite": self._tblite,
            "xtb-python": self._xtb_python,
            "xtb-program": self._xtb_program,
        }[self.backend]
        message = ""
        for temperature in ELECTRONIC_TEMPERATURES_K:
            try:
                return run(positions / BOHR_ANGSTROM, temperature)
            except Exception as error:
                if type(error).__name__ not in _LIBRARY_ERRORS:
                    raise
                message = " ".join(str(error).split())
                self._calculator = self._result = None
        raise CalculationError(f"{self.method} did not reach self-consistency: {message}")

    def _tblite(self, bohr: FloatArray, temperature: float) -> XtbResult:
        from tblite.interface import Calculator as TbliteCalculator

        if self._calculator is None:
            self._calculator = TbliteCalculator(
                self.method, self.numbers, bohr, charge=float(self.charge), uhf=self.unpaired
            )
            self._calculator.set("verbosity", 0)
            self._calculator.set("temperature", temperature * _BOLTZMANN_HARTREE_K)
            if self.solvent is not None:
                self._calculator.add(*self.solvent.interaction)
            self._temperature = temperature
        else:
            self._calculator.update(bohr)
        self._result = self._calculator.singlepoint(self._result)
        result = self._result
        occupations = np.atleast_2d(result.get("orbital-occupations")).sum(axis=0)
        levels = np.ravel(result.get("orbital-energies"))[: occupations.size]
        homo, lumo = _frontier(levels, occupations)
        return XtbResult(
            energy_ev=float(result.get("energy")) * HARTREE_EV,
            gradient_ev_angstrom=np.array(result.get("gradient")) * _EV_ANGSTROM,
            charges_e=np.array(result.get("charges")),
            dipole_debye=float(np.linalg.norm(result.get("dipole"))) * _DEBYE,
            homo_ev=homo,
            lumo_ev=lumo,
            electronic_temperature_k=self._temperature,
        )

    def _xtb_python(self, bohr: FloatArray, temperature: float) -> XtbResult:
        from xtb.interface import Calculator as XtbPythonCalculator
        from xtb.interface import Param

        if self._calculator is None:
            self._calculator = XtbPythonCalculator(
                Param.GFN2xTB, self.numbers, bohr, charge=float(self.charge), uhf=self.unpaired
            )
            self._calculator.set_verbosity("muted")
            self._calculator.set_electronic_temperature(int(temperature))
            self._temperature = temperature
        else:
            self._calculator.update(bohr)
        self._result = self._calculator.singlepoint(self._result)
        result = self._result
        homo, lumo = _frontier(result.get_orbital_eigenvalues(), result.get_orbital_occupations())
        return XtbResult(
            energy_ev=float(result.get_energy()) * HARTREE_EV,
            gradient_ev_angstrom=np.array(result.get_gradient()) * _EV_ANGSTROM,
            charges_e=np.array(result.get_charges()),
            dipole_debye=float(np.linalg.norm(result.get_dipole())) * _DEBYE,
            homo_ev=homo,
            lumo_ev=lumo,
            electronic_temperature_k=self._temperature,
        )

    def _xtb_program(self, bohr: FloatArray, temperature: float) -> XtbResult:
        from potash.engines import xtb_program

        output, gradient = xtb_program.single_point(
            [int(z) for z in self.numbers],
            bohr * BOHR_ANGSTROM,
            charge=self.charge,
            unpaired=self.unpaired,
            electronic_temperature_k=temperature,
        )
        levels = np.array(output["orbital energies/eV"]) / HARTREE_EV
        homo, lumo = _frontier(levels, np.array(output["fractional occupation"]))
        return XtbResult(
            energy_ev=output["total energy"] * HARTREE_EV,
            gradient_ev_angstrom=gradient * _EV_ANGSTROM,
            charges_e=np.array(output["partial charges"]),
            dipole_debye=float(np.linalg.norm(output["dipole"])) * _DEBYE,
            homo_ev=homo,
            lumo_ev=lumo,
            electronic_temperature_k=temperature,
        )


_LIBRARY_ERRORS = ("TBLiteRuntimeError", "TBLiteValueError", "XTBException")


def _frontier(
    energies_hartree: FloatArray, occupations: FloatArray
) -> tuple[float | None, float | None]:
    """Return HOMO and LUMO energy in eV; an orbital counts as occupied from 0.5 electrons."""
    occupied = np.flatnonzero(np.asarray(occupations) >= 0.5)
    n = int(occupied[-1]) + 1 if len(occupied) else 0
    homo = float(energies_hartree[n - 1]) * HARTREE_EV if n else None
    lumo = float(energies_hartree[n]) * HARTREE_EV if n < len(energies_hartree) else None
    return homo, lumo


def single_point(
    structure: Structure,
    *,
    method: Method = "GFN2-xTB",
    backend: Backend = "tblite",
    solvent: Solvent | None = None,
) -> XtbResult:
    """Return one tight-binding calculation of a structure with its charge and spin.

    Parameters
    ----------
    structure
        Molecule or ion.
    method, backend, solvent
        See :class:`XtbEngine`.

    Raises
    ------
    RefusedError, CalculationError
        See :class:`XtbEngine`.

    Examples
    --------
    >>> import numpy as np
    >>> hydrogen = Structure((1, 1), np.array([[0.0, 0, 0], [0, 0, 0.76]]))
    >>> round(single_point(hydrogen).energy_ev, 1)
    -26.7
    """
    engine = XtbEngine(
        structure.numbers,
        charge=structure.charge,
        unpaired=structure.unpaired,
        method=method,
        backend=backend,
        solvent=solvent,
    )
    return engine.evaluate(structure.positions)


def valence_electrons(numbers: Sequence[int], charge: int) -> int:
    """Return how many electrons GFN2-xTB treats (its atoms carry valence electrons only)."""
    return sum(_VALENCE[int(z)] for z in numbers) - charge


def _valence_table() -> dict[int, int]:
    """Valence electrons per element in GFN-xTB (noble-gas cores; filled d shells in the core)."""
    table: dict[int, int] = {}
    noble = (0, 2, 10, 18, 36, 54, 86)
    for z in range(1, MAX_ATOMIC_NUMBER + 1):
        core = max(n for n in noble if n < z)
        valence = z - core
        if core in (18, 36) and valence >= 12:
            valence -= 10
        elif core == 54 and 4 <= valence <= 17:
            valence = 3
        elif core == 54 and valence > 17:
            valence -= 14 if valence < 26 else 24
        table[z] = valence
    return table


_VALENCE = _valence_table()


def lowest_spin(numbers: Sequence[int], charge: int, unpaired: int, change: int) -> tuple[int, ...]:
    """Return the numbers of unpaired electrons to try after ``change`` electrons are added.

    One electron more or less leaves one unpaired electron more or fewer; both are
    tried for an open shell, and the lower energy wins.
    """
    if abs(change) != 1:
        raise ValueError("one electron at a time")
    electrons = valence_electrons(numbers, charge) + change
    options = {abs(unpaired - 1), unpaired + 1}
    return tuple(sorted(u for u in options if u <= electrons and (electrons - u) % 2 == 0))


def vertical_ip_ea(structure: Structure) -> tuple[float | None, float]:
    """Return vertical IP and EA in eV by IPEA1-xTB (gas phase, fixed geometry).

    IP = E(q+1) - E(q) - 4.8455 eV and EA = E(q) - E(q-1) - 4.8455 eV, where the
    shift belongs to the parametrisation (see ``IPEA_SHIFT_EV``). A negative EA
    means that the anion is unbound. The IP is ``None`` for an ion whose electrons
    are all in the core (K+, Na+, Li+), which tight binding does not treat.
    """
    numbers, charge = structure.numbers, structure.charge

    def energy(state: Structure) -> float:
        return single_point(state, method="IPEA1-xTB").energy_ev

    def lowest(change: int) -> float:
        spins = lowest_spin(numbers, charge, structure.unpaired, change)
        return min(energy(replace(structure, charge=charge - change, unpaired=u)) for u in spins)

    here = energy(structure)
    ip = None
    if valence_electrons(numbers, charge) > 0:
        ip = lowest(-1) - here - IPEA_SHIFT_EV
    return ip, here - lowest(+1) - IPEA_SHIFT_EV
