"""DFT-D3(BJ) dispersion of periodic structures through the ``dftd3`` library."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.units import Bohr, Hartree

_FAR_ANGSTROM = 30.0


def dispersion_energy_ev(atoms: Atoms, functional: str = "PBE") -> float:
    """Return the D3(BJ) energy of a structure, in eV per cell.

    Two-body terms with the damping of a functional (Grimme, Ehrlich and
    Goerigk, doi:10.1002/jcc.21759).

    Parameters
    ----------
    atoms
        Structure with its periodicity; a missing cell vector needs none.
    functional
        Name of the functional whose damping is used.
    """
    from dftd3.interface import DispersionModel, RationalDampingParam

    isolated = np.flatnonzero(~np.asarray(atoms.pbc))
    boxed = atoms.copy()
    if 0 < len(isolated) < 3:
        # The library goes wrong for atoms outside the cell along an axis without period:
        # give every axis one, too long to matter.
        boxed.cell = boxed.cell.complete()
        boxed.center(vacuum=_FAR_ANGSTROM, axis=tuple(int(i) for i in isolated))
        boxed.pbc = True
    periodic = len(isolated) < 3
    model = DispersionModel(
        np.asarray(boxed.numbers),
        boxed.positions / Bohr,
        boxed.cell.array / Bohr if periodic else None,
        np.asarray(boxed.pbc) if periodic else None,
    )
    # No three-body term: it is small, and not part of the usual D3(BJ).
    damping = RationalDampingParam(method=functional, atm=False)  # type: ignore[no-untyped-call]
    energy = float(model.get_dispersion(damping, grad=False)["energy"])
    return float(energy * Hartree)
