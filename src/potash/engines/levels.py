"""Levels of theory: named, with every parameter and with validity rules that refuse."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any, Literal

from ase.data import atomic_numbers
from pydantic import BaseModel, ConfigDict, Field

from potash.errors import RefusedError
from potash.results.calculation import canonical_json

Property = Literal["adsorption", "molecules", "liquids"]


class Level(BaseModel):
    """A level of theory.

    Attributes
    ----------
    property
        What it is for.
    name
        What users call it: ``screen``, ``standard``, ``reference``, or the name
        of an alternative such as ``screen-chgnet``.
    engine
        Program or potential, for people to read.
    method
        One line for tables, such as ``7net-0 (sevenn 0.13.0)``.
    fingerprint
        Everything that determines a number at this level: parameters, engine
        version or weight hash. It goes into the key of every result.
    max_atomic_number, excluded_elements, charges, max_atoms
        Validity: what lies outside is refused by :meth:`check`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    property: Property
    name: str
    engine: str
    method: str
    fingerprint: Mapping[str, Any]
    max_atomic_number: int = Field(default=94, ge=1)
    excluded_elements: frozenset[str] = frozenset()
    charges: tuple[int, int] = (0, 0)
    max_atoms: int = 500

    def check(self, elements: Collection[str], *, charge: int = 0, n_atoms: int = 1) -> None:
        """Raise :class:`RefusedError` if the level is not valid for such a system."""
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


def engine_versions(fingerprint: Mapping[str, Any]) -> str:
    """Return the versions that a level's fingerprint holds, as one line."""
    return ", ".join(f"{name} {v}" for name, v in sorted(fingerprint["versions"].items()))


def level_sha256(fingerprint: Mapping[str, Any]) -> str:
    """Return a hash of a level's fingerprint, by which energies are matched."""
    return hashlib.sha256(canonical_json(fingerprint).encode()).hexdigest()
