"""One call: the migration barrier of an ion in a crystal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ase import Atoms

from potash.api.results import Result
from potash.api.rows import Progress, as_atoms, computed, usable
from potash.bulk.barrier import IMAGE_DISTANCE_ANGSTROM
from potash.calibration.resolution import Resolution, resolution
from potash.engines.registry import adsorption_theory
from potash.results.barrier import BarrierValues, Ion, Mechanism
from potash.running.barriers import barrier_of
from potash.store.store import Store

if TYPE_CHECKING:
    import pymatgen.core


@dataclass(frozen=True, repr=False)
class Barrier(Result[BarrierValues]):
    """A migration barrier: what :func:`potash.barrier` returns.

    Attributes
    ----------
    row
        As a store keeps it.
    """

    MODEL: ClassVar[type[BarrierValues]] = BarrierValues
    HEADLINE: ClassVar[tuple[str, ...]] = (
        "migration_barrier_ev",
        "barrier_2d_ev",
        "barrier_3d_ev",
        "residual_force_ev_angstrom",
    )
    GEOMETRY: ClassVar[str] = "crystal"

    @property
    def resolution(self) -> Resolution:
        """How far its barriers are from measured ones at this level, and what that rests on."""
        return resolution("migration_barrier", self.level)


def barrier(
    structure: Atoms | pymatgen.core.Structure | str | Path,
    *,
    ion: Ion = "K",
    mechanism: Mechanism = "vacancy",
    level: str = "screen",
    image_distance_angstrom: float = IMAGE_DISTANCE_ANGSTROM,
    calculator: str | None = None,
    store: Store | str | Path | None = None,
    progress: Progress | None = None,
) -> Barrier:
    """Compute the barrier of an alkali ion that migrates in a crystal.

    The symmetry-distinct nearest hops are followed by climbing-image nudged elastic bands.
    ``migration_barrier_ev`` is that of the lowest network of hops that spans the crystal in
    at least one direction: its highest saddle above the lowest site of the defect;
    ``barrier_2d_ev`` and ``barrier_3d_ev`` are the same for two and three directions.

    Parameters
    ----------
    structure
        ASE atoms, a pymatgen structure, a structure file of a crystal, or the id of a bulk
        phase of the catalogue.
    ion
        ``K``, ``Na`` or ``Li``: what moves.
    mechanism
        ``vacancy``: into an empty site of its own lattice; ``interstitial``: from one hollow
        of the full crystal to another.
    level
        ``screen`` (7net-0) or ``screen-chgnet``.
    image_distance_angstrom
        Least distance of the defect from its periodic images, angstrom.
    calculator
        ``package.module:factory`` of a function that returns an ASE calculator with stress,
        instead of the level's own; ``level`` is then only its name in the row.
    store, progress
        As for :func:`potash.adsorb`; with a store it goes on behind the hops that are finished.

    Returns
    -------
    Barrier
        Energies in eV, distances in angstrom; ``values.hops`` holds each hop, and
        ``resolution`` what barriers of the level are worth.

    Raises
    ------
    InputError
        If the structure is no crystal or holds no such ion, or the level is no potential.
    RefusedError
        Outside the validity of the level; where the supercell or the number of distinct hops
        is too large.
    CalculationError
        If the crystal does not relax, or no hop has a result.

    Examples
    --------
    >>> import potash
    >>> found = potash.barrier("k2s")  # doctest: +SKIP
    >>> found.values.migration_barrier_ev, str(found.resolution)  # doctest: +SKIP
    """
    asked = as_atoms(structure)
    calculation = barrier_of(
        asked if isinstance(asked, Atoms) else str(asked),
        adsorption_theory(level, calculator),
        ion=ion,
        mechanism=mechanism,
        image_distance_angstrom=image_distance_angstrom,
    )
    (row,) = computed([calculation], store, progress)
    return Barrier(usable(row))
