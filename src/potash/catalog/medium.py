"""The dielectric constant of a medium."""

from __future__ import annotations

from potash.catalog.catalog import Catalog
from potash.errors import InputError


def dielectric_constant(medium: float | str, catalog: Catalog) -> float:
    """Return the dielectric constant of a medium given as a number or by a species.

    Raises
    ------
    InputError
        If there is no such species, or the catalogue has no permittivity of it.
    """
    if isinstance(medium, int | float):
        return float(medium)
    measured = catalog.get_species(medium).permittivity
    if measured is None:
        known = sorted(s.id for s in catalog.species.values() if s.permittivity is not None)
        raise InputError(
            f"the catalogue has no permittivity of {medium!r}; give a number, or one of "
            f"{', '.join(known)}"
        )
    return measured.value
