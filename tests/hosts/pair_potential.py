"""A calculator as a user would name it: one Morse potential for every pair."""

from __future__ import annotations

from ase.calculators.morse import MorsePotential


def make() -> MorsePotential:
    """Return a potential whose bcc minimum is near that of K."""
    return MorsePotential(epsilon=0.2, r0=4.75, rho0=5.0, rcut1=8.0, rcut2=9.0)
