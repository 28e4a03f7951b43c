"""Levels of theory: named, with every parameter and with validity rules that refuse."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any, Literal

from ase.data import atomic_numbers
from pydantic import BaseModel, ConfigDict, Field

from potash.errors import CalculationError, RefusedError
from potash.results.calculation import canonical_json

Property = Literal["adsorption", "molecules", "liquids"]
Theory = Literal["potential", "tight_binding", "dft", "force_field"]
"""What gives the energies of a level; ``potential`` is whatever an ASE calculator computes
cheaply enough to relax surfaces with."""


class Level(BaseModel):
    """A level of theory.

    Attributes
    ----------
    property
        What it is for.
    name
        What users call it: ``screen``, ``standard``, ``reference``, or the name
        of an alternative such as ``screen-chgnet``.
    theory
        What gives the energies. Where the science differs between levels, it asks
        this, never for the name of a program.
    engine, engine_version
        Program or potential and its version, for people to read.
    method
        One line for tables, such as ``7net-0 (sevenn 0.13.0)``.
    fingerprint
        Everything that determines a number at this level: parameters, engine
        version or weight hash. It goes into the key of every result.
    max_atomic_number, excluded_elements, charges, max_atoms
        Validity: what lies outside is refused by :meth:`check`.
    knows_electrons
        Whether it knows electrons, and with them whether a substrate can take the one of
        potassium. Potentials do not: they bind K to insulators by up to 2 eV too strongly.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    property: Property
    name: str
    theory: Theory
    engine: str
    engine_version: str = ""
    method: str
    fingerprint: Mapping[str, Any]
    max_atomic_number: int = Field(default=94, ge=1)
    excluded_elements: frozenset[str] = frozenset()
    charges: tuple[int, int] = (0, 0)
    max_atoms: int = 500
    knows_electrons: bool = True

    def check(self, elements: Collection[str], *, charge: int = 0, n_atoms: int = 1) -> None:
        """Refuse a system that the level is not valid for.

        Parameters
        ----------
        elements
            Symbols.
        charge
            Of the whole system, elementary charges.
        n_atoms
            Atoms.

        Raises
        ------
        RefusedError
            It names the element, charge or size, and what would be right.
        """
        for symbol in sorted(set(elements)):
            if (
                symbol in self.excluded_elements
                or atomic_numbers.get(symbol, 999) > self.max_atomic_number
            ):
                raise RefusedError(f"element {symbol} is outside the validity of {self.method}")
        low, high = self.charges
        if not low <= charge <= high:
            raise RefusedError(
                f"charge {charge:+d} is outside the validity of {self.method} "
                f"({low:+d} to {high:+d})"
            )
        if n_atoms > self.max_atoms:
            raise RefusedError(
                f"{n_atoms} atoms are more than {self.method} is meant for ({self.max_atoms})"
            )


def versions_text(versions: Mapping[str, str]) -> str:
    """Return package versions as one line."""
    return ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))


def require_installed(planned: Mapping[str, Any], installed: Mapping[str, Any]) -> None:
    """Check that what is installed is what a calculation was planned for.

    Raises
    ------
    CalculationError
        If a version, a hash or a parameter differs; it names which.
    """
    if canonical_json(planned) != canonical_json(installed):
        names = sorted({*planned, *installed})
        differing = [
            f"{name}: planned {planned.get(name)}, installed {installed.get(name)}"
            for name in names
            if planned.get(name) != installed.get(name)
        ]
        raise CalculationError(
            f"the installed engine is not the one of this calculation ({'; '.join(differing)})"
        )


def level_sha256(fingerprint: Mapping[str, Any]) -> str:
    """Return a hash of a level's fingerprint, by which energies are matched."""
    return hashlib.sha256(canonical_json(fingerprint).encode()).hexdigest()
