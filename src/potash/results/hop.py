"""Hop of potassium between neighbouring equivalent sites (kind ``hop``)."""

from __future__ import annotations

from typing import ClassVar

from potash.results.adsorption import SurfaceInputs
from potash.results.model import Models, NoNeeds, Values


class HopInputs(SurfaceInputs):
    """Inputs of a hop barrier."""

    KIND: ClassVar[str] = "hop"

    n_images: int
    """Images of the elastic band between its ends."""


class HopValues(Values):
    """Barrier of a hop by a climbing-image nudged elastic band."""

    KIND: ClassVar[str] = "hop"

    hop_barrier_ev: float
    """Highest energy along the path less that of the start, eV."""
    below_resolution: bool
    """Whether the barrier is not told apart from zero by a screening potential."""
    hop_distance_angstrom: float
    """Between the two sites, angstrom."""
    site: str
    """Name of the site that K hops from."""
    facet: str
    """Surface plane."""
    termination: str
    """Composition of the top layer."""
    path_energies_ev: tuple[float, ...]
    """Energies along the path from the start, eV."""
    force_calls: int
    """Force evaluations, all together."""


HOP = Models(HopInputs, NoNeeds, HopValues, main="hop_barrier_ev")
