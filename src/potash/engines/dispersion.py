"""DFT-D3(BJ) dispersion of periodic structures through the ``dftd3`` library."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from ase.units import Bohr, Hartree


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

    periodic = bool(np.any(atoms.pbc))
    model = DispersionModel(
        np.asarray(atoms.numbers),
        atoms.positions / Bohr,
        atoms.cell.array / Bohr if periodic else None,
        np.asarray(atoms.pbc) if periodic else None,
    )
    # No three-body term: it is small, and not part of the usual D3(BJ).
    damping = RationalDampingParam(method=functional, atm=False)  # type: ignore[no-untyped-call]
    return float(model.get_dispersion(damping, grad=False)["energy"]) * Hartree
