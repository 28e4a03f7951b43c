"""Migration barrier of an alkali ion in a crystal (kind ``barrier``)."""

from __future__ import annotations

from typing import ClassVar, Literal

from potash.results.model import Fingerprint, Inputs, Models, NoNeeds, Record, Values
from potash.structures.recipes import BulkRecipe

Ion = Literal["K", "Na", "Li"]
"""What moves."""

Mechanism = Literal["vacancy", "interstitial"]
"""How: into an empty site of its own lattice, or from a hollow of the full crystal to another."""


class BarrierInputs(Inputs):
    """Inputs of a migration barrier."""

    KIND: ClassVar[str] = "barrier"

    level: Fingerprint
    """Level of theory."""
    recipe: BulkRecipe
    """The crystal."""
    ion: Ion
    """What moves."""
    mechanism: Mechanism
    """By vacancies or interstitials."""
    image_distance_angstrom: float
    """Least distance of the defect from its periodic images, on the recipe's lattice, angstrom."""
    max_hop_angstrom: float
    """Longest hop that is looked at, angstrom."""
    n_images: int
    """Images of the elastic band between its ends."""
    max_force_ev_angstrom: float
    """Convergence of the band, eV/angstrom; its ends are relaxed to half of it."""


class BarrierHop(Record):
    """One of the symmetry-distinct hops of the ion."""

    distance_angstrom: float
    """Between the two sites of the relaxed crystal, angstrom."""
    sites: tuple[int, int]
    """Start and end, numbered as the ion's sites in the primitive cell."""
    per_cell: int
    """Equivalent hops in the primitive cell, both directions as one."""
    barrier_ev: float | None = None
    """Highest energy on the way less that of the start, eV."""
    barrier_back_ev: float | None = None
    """Highest energy on the way less that of the end, eV."""
    path_energies_ev: tuple[float, ...] | None = None
    """Along the path, from the start, eV."""
    residual_force_ev_angstrom: float | None = None
    """Largest force of the band that is left, across the path, eV/angstrom."""
    converged: bool | None = None
    """Whether that is below what was asked for."""
    reason: str = ""
    """Why there is no number."""


class BarrierValues(Values):
    """Barriers of hops and of the networks that they make."""

    KIND: ClassVar[str] = "barrier"

    ion: Ion
    """What moves."""
    mechanism: Mechanism
    """By vacancies or interstitials."""
    migration_barrier_ev: float | None
    """Of the lowest network of hops that spans the crystal in at least one direction, eV: its
    highest saddle above the lowest site. None where no network does."""
    barrier_2d_ev: float | None
    """The same in at least two directions, eV."""
    barrier_3d_ev: float | None
    """The same in all three directions, eV."""
    hops: tuple[BarrierHop, ...]
    """Symmetry-distinct hops, the shortest first."""
    n_atoms: int
    """Atoms of the supercell, with the moving ion."""
    supercell: tuple[int, int, int]
    """Primitive cells of the supercell along each vector."""
    image_distance_angstrom: float
    """Between the defect and its nearest periodic image, on the relaxed lattice, angstrom."""
    n_images: int
    """Images of each band between its ends."""
    residual_force_ev_angstrom: float
    """Largest force that is left on any band, across its path, eV/angstrom."""
    site_spread_ev: float
    """Largest difference between energies of sites that symmetry makes equal, eV: 0 in a crystal
    that keeps its symmetry around the defect."""
    volume_change: float
    """Relative change of the crystal's volume from the recipe to the level's own lattice."""
    force_calls: int
    """Force evaluations, all together, without those of a run that was ended."""


BARRIER = Models(BarrierInputs, NoNeeds, BarrierValues, main="migration_barrier_ev")
