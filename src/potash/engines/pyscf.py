"""Density-functional theory of molecules with PySCF: energies, gradients, frontier orbitals.

Density fitting throughout, DFT-D3(BJ) dispersion through the ``dftd3`` library,
C-PCM-type implicit solvent by dielectric constant. PySCF is imported only when a
calculation starts. PySCF: doi:10.1063/5.0006074; D3(BJ): doi:10.1002/jcc.21759;
B3LYP: doi:10.1021/j100096a001; CAM-B3LYP: doi:10.1016/j.cplett.2004.06.011;
def2 basis sets: doi:10.1039/b508541a, with diffuse functions doi:10.1063/1.3484283.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from ase.data import chemical_symbols
from numpy.typing import NDArray

from potash.engines.dft_method import DftMethod
from potash.errors import CalculationError, RefusedError
from potash.structures.molecule import Structure
from potash.units import BOHR_ANGSTROM, HARTREE_EV

FloatArray = NDArray[np.float64]

MAX_ATOMIC_NUMBER = 86
# 110 surface points per atom: three times faster than PySCF's default of 302, and within a
# few meV of it.
CONTINUUM: dict[str, Any] = {"model": "C-PCM", "lebedev_order": 17}
# The first density comes from a self-consistent run on PySCF's smallest grid, an order of
# magnitude cheaper per cycle; the run proper then needs a few cycles only. Radical ions have
# several self-consistent states a few tenths of an eV apart, and which one a run ends in is
# chance: there, the hole (or the extra electron) is also put into ``moved`` other orbitals
# next to its own, and the lowest state is carried on.
FIRST_GUESS: dict[str, Any] = {"grid_level": 0, "energy_tolerance_hartree": 1e-5, "moved": 2}
Moved = Literal["hole", "electron"]
MOVED: dict[int, Moved] = {-1: "hole", +1: "electron"}
# Beyond krypton the def2 sets come with effective core potentials.
_LAST_ALL_ELECTRON = 36
_EV_ANGSTROM = HARTREE_EV / BOHR_ANGSTROM


@dataclass(frozen=True)
class DftResult:
    """One self-consistent DFT calculation.

    Attributes
    ----------
    energy_ev
        Total energy with dispersion and solvent terms, eV.
    homo_ev, lumo_ev
        Frontier Kohn-Sham orbital energies over both spins; ``None`` if absent.
    dipole_debye
        Norm of the dipole moment (origin-dependent for ions).
    s_squared, s_squared_ideal
        <S^2> of the determinant and S(S+1) of the pure spin state.
    charges_e
        Mulliken charges, shape (n_atoms,).
    lumo_populations
        Share of each atom in the LUMO (Loewdin), shape (n_atoms,), sum 1.
    gradient_ev_angstrom
        dE/dx, shape (n_atoms, 3), if asked for.
    second_order
        Whether DIIS failed and the second-order solver was needed.
    """

    energy_ev: float
    homo_ev: float | None
    lumo_ev: float | None
    dipole_debye: float
    s_squared: float
    s_squared_ideal: float
    charges_e: FloatArray
    lumo_populations: FloatArray
    gradient_ev_angstrom: FloatArray | None
    second_order: bool

    @property
    def spin_contamination(self) -> float:
        """<S^2> minus S(S+1)."""
        return self.s_squared - self.s_squared_ideal


class DftEngine:
    """DFT energies of one molecule at changing positions.

    Keeps the last converged density as the next guess.

    Parameters
    ----------
    numbers
        Atomic numbers.
    charge, unpaired
        Total charge and number of unpaired electrons.
    method
        Functional, basis and settings.
    ghosts
        Indices of atoms that carry basis functions only (counterpoise correction).
    """

    def __init__(
        self,
        numbers: Sequence[int],
        *,
        charge: int,
        unpaired: int,
        method: DftMethod,
        ghosts: Sequence[int] = (),
    ) -> None:
        if max(numbers) > MAX_ATOMIC_NUMBER:
            raise RefusedError(f"{method.label} covers elements up to Rn (Z = 86) only")
        self.numbers = [int(z) for z in numbers]
        self.charge, self.unpaired, self.method = charge, unpaired, method
        self.ghosts = frozenset(ghosts)
        self._density: Any = None

    def evaluate(
        self, positions: FloatArray, *, gradient: bool = False, moved: Moved | None = None
    ) -> DftResult:
        """Return the self-consistent result at ``positions`` (A).

        Parameters
        ----------
        positions
            Cartesian coordinates in A, shape (n_atoms, 3).
        gradient
            Compute dE/dx as well.
        moved
            Of a radical ion: look for lower states with the ``hole`` or the extra
            ``electron`` in other orbitals. Not used once there is a density to start from.

        Raises
        ------
        CalculationError
            If neither DIIS nor the second-order solver converges.
        """
        from pyscf import lib

        lib.num_threads(1)
        molecule = self._molecule(positions)
        solver = self._solver(molecule)
        if self._density is None:
            self._density = self._first_guess(molecule, moved)
        solver.kernel(dm0=self._density)
        second_order = False
        if not solver.converged:
            second_order = True
            orbitals, occupations = solver.mo_coeff, solver.mo_occ
            solver = solver.newton()
            solver.max_cycle = 50
            solver.kernel(orbitals, occupations)
            if not solver.converged:
                raise CalculationError(
                    f"{self.method.label} did not converge at charge {self.charge:+d}, "
                    f"{self.unpaired} unpaired electrons"
                )
            solver = solver.undo_newton()
        self._density = solver.make_rdm1()
        energy, forces = float(solver.e_tot), None
        if gradient:
            nuclear = solver.nuc_grad_method()
            nuclear.verbose = 0
            # With the grid's own response the gradient is that of the energy also on coarse grids.
            nuclear.grid_response = self.method.dielectric_constant is None
            forces = np.array(nuclear.kernel())
        if self.method.dispersion:
            extra, extra_gradient = self._dispersion(positions)
            energy += extra
            forces = None if forces is None else forces + extra_gradient
        return self._result(solver, energy, forces, second_order)

    def _molecule(self, positions: FloatArray) -> Any:
        from pyscf import gto

        names = [
            ("ghost-" if i in self.ghosts else "") + chemical_symbols[z]
            for i, z in enumerate(self.numbers)
        ]
        heavy = {chemical_symbols[z] for z in self.numbers if z > _LAST_ALL_ELECTRON}
        basis = self.method.basis
        try:
            return gto.M(
                atom=[(n, tuple(x)) for n, x in zip(names, np.asarray(positions), strict=True)],
                basis=basis,
                ecp=dict.fromkeys(heavy, basis),
                charge=self.charge,
                spin=self.unpaired,
                verbose=0,
            )
        except KeyError as error:
            raise RefusedError(f"{basis} has no functions for {error}") from None
        except RuntimeError as error:
            raise CalculationError(" ".join(str(error).split())) from None

    def _solver(self, molecule: Any) -> Any:
        from pyscf import dft

        method = self.method
        solver = (dft.RKS if self.unpaired == 0 else dft.UKS)(molecule, xc=method.xc)
        solver = solver.density_fit()
        if method.dielectric_constant is not None:
            solver = solver.PCM()
            solver.with_solvent.method = CONTINUUM["model"]
            solver.with_solvent.lebedev_order = CONTINUUM["lebedev_order"]
            solver.with_solvent.eps = method.dielectric_constant
        solver.grids.level = method.grid_level
        solver.conv_tol = method.energy_tolerance_hartree
        solver.max_cycle = 60
        return solver

    def _first_guess(self, molecule: Any, moved: Moved | None) -> Any:
        """Return the density of the lowest state found on a coarse grid."""

        def run(density: Any, like: Any = None) -> Any:
            solver = self._solver(molecule)
            solver.conv_tol = FIRST_GUESS["energy_tolerance_hartree"]
            solver.grids.level = FIRST_GUESS["grid_level"]
            if like is not None:
                solver.grids, solver.with_df = like.grids, like.with_df
            solver.kernel(dm0=density)
            return solver

        best = first = run(None)
        if self.unpaired and moved is not None:
            for occupations in _moved_occupations(first.mo_occ, moved):
                other = run(first.make_rdm1(first.mo_coeff, occupations), first)
                if other.converged and other.e_tot < best.e_tot:
                    best = other
        return best.make_rdm1()

    def _dispersion(self, positions: FloatArray) -> tuple[float, FloatArray]:
        """Return D3(BJ) energy (hartree) and gradient (hartree/bohr); ghosts do not disperse."""
        from dftd3.interface import DispersionModel, RationalDampingParam

        real = [i for i in range(len(self.numbers)) if i not in self.ghosts]
        gradient = np.zeros((len(self.numbers), 3))
        model = DispersionModel(
            np.array([self.numbers[i] for i in real]), np.asarray(positions)[real] / BOHR_ANGSTROM
        )
        name = _D3_NAMES.get(self.method.xc, self.method.xc)
        parameters = RationalDampingParam(method=name)  # type: ignore[no-untyped-call]
        found = model.get_dispersion(parameters, grad=True)
        gradient[real] = found["gradient"]
        return float(found["energy"]), gradient

    def _result(
        self, solver: Any, energy: float, forces: FloatArray | None, second_order: bool
    ) -> DftResult:
        if self.unpaired == 0:
            levels, filled = [solver.mo_energy], [solver.mo_occ > 0]
            vectors = [solver.mo_coeff]
            s_squared = 0.0
        else:
            levels, filled = list(solver.mo_energy), [o > 0 for o in solver.mo_occ]
            vectors = list(solver.mo_coeff)
            s_squared = float(solver.spin_square()[0])
        occupied = [float(e[f].max()) for e, f in zip(levels, filled, strict=True) if f.any()]
        empty = [
            (float(e[~f].min()), s)
            for s, (e, f) in enumerate(zip(levels, filled, strict=True))
            if (~f).any()
        ]
        populations = np.zeros(len(self.numbers))
        if empty:
            _, spin = min(empty)
            index = int(np.flatnonzero(~filled[spin])[levels[spin][~filled[spin]].argmin()])
            populations = _atom_shares(solver, vectors[spin][:, index])
        _, charges = solver.mulliken_pop(verbose=0)
        spin_number = 0.5 * self.unpaired
        return DftResult(
            energy_ev=energy * HARTREE_EV,
            homo_ev=max(occupied) * HARTREE_EV if occupied else None,
            lumo_ev=min(empty)[0] * HARTREE_EV if empty else None,
            dipole_debye=float(np.linalg.norm(solver.dip_moment(verbose=0))),
            s_squared=s_squared,
            s_squared_ideal=spin_number * (spin_number + 1),
            charges_e=np.asarray(charges, dtype=float),
            lumo_populations=populations,
            gradient_ev_angstrom=None if forces is None else forces * _EV_ANGSTROM,
            second_order=second_order,
        )


_D3_NAMES = {"camb3lyp": "cam-b3lyp"}


def _moved_occupations(occupations: FloatArray, moved: Moved) -> list[FloatArray]:
    """Return occupations, shape (2, n_orbitals), with the odd hole or electron elsewhere.

    The hole is the lowest empty orbital of the minority spin and trades places with the
    ones just below it; the electron is the highest filled one of the majority spin and
    trades places with those just above.
    """
    spin = 1 if moved == "hole" else 0
    n_filled, n = int(occupations[spin].sum()), occupations.shape[1]
    found = []
    for step in range(1, FIRST_GUESS["moved"] + 1):
        if moved == "hole":
            empty, filled = n_filled, n_filled - step
        else:
            empty, filled = n_filled - 1 + step, n_filled - 1
        if filled >= 0 and empty < n:
            other = occupations.copy()
            other[spin, [filled, empty]] = 0.0, 1.0
            found.append(other)
    return found


def _atom_shares(solver: Any, orbital: FloatArray) -> FloatArray:
    """Return the Loewdin population of one orbital on each atom."""
    overlap = solver.get_ovlp()
    values, vectors = np.linalg.eigh(overlap)
    root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    weight = (root @ orbital) ** 2
    slices = solver.mol.aoslice_by_atom()[:, 2:4]
    shares = np.array([weight[a:b].sum() for a, b in slices])
    return np.asarray(shares / shares.sum())


def single_point(
    structure: Structure,
    method: DftMethod,
    *,
    ghosts: Sequence[int] = (),
    moved: Moved | None = None,
) -> DftResult:
    """Return one DFT calculation of a structure with its charge and spin.

    Parameters
    ----------
    structure
        Molecule or ion.
    method, ghosts
        See :class:`DftEngine`.
    moved
        See :meth:`DftEngine.evaluate`.

    Raises
    ------
    RefusedError, CalculationError
        See :class:`DftEngine`.
    """
    engine = DftEngine(
        structure.numbers,
        charge=structure.charge,
        unpaired=structure.unpaired,
        method=method,
        ghosts=ghosts,
    )
    return engine.evaluate(structure.positions, moved=moved)
