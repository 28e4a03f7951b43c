"""One hop of an ion in a supercell: its two ends relaxed, and the band between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from ase import Atoms

from potash.bulk.hollows import HOLLOW, with_hollows
from potash.bulk.hops import SiteHop
from potash.bulk.repeats import Repeats
from potash.engines.band import climb
from potash.engines.relaxation import relax
from potash.results.barrier import Mechanism
from potash.structures.plain_atoms import bare, extxyz

_END_STEPS, _BAND_STEPS = 300, 100
_UNEVEN_ANGSTROM, _SEED = 0.02, 1
"""Images start a little off the straight line, which may run along a ridge."""


@dataclass(frozen=True, eq=False)
class MigratingIon:
    """An ion in a crystal, and the sites between which it hops.

    Attributes
    ----------
    crystal
        Relaxed primitive cell; for interstitials with its hollows as atoms ``X``.
    sites
        Indices of the sites in it.
    symbol
        Element of the ion.
    mechanism
        ``vacancy`` or ``interstitial``.
    repeats
        Primitive cells of the supercell along each vector.
    """

    crystal: Atoms
    sites: tuple[int, ...]
    symbol: str
    mechanism: Mechanism
    repeats: Repeats

    @classmethod
    def of(cls, crystal: Atoms, symbol: str, mechanism: Mechanism, repeats: Repeats) -> Self:
        """Return an ion with its sites in a crystal."""
        full = with_hollows(crystal) if mechanism == "interstitial" else crystal
        wanted = HOLLOW if mechanism == "interstitial" else symbol
        sites = tuple(i for i, s in enumerate(full.symbols) if s == wanted)
        return cls(full, sites, symbol, mechanism, repeats)

    @property
    def n_atoms(self) -> int:
        """Atoms of the supercell in which it hops."""
        cells = self.repeats[0] * self.repeats[1] * self.repeats[2]
        if self.mechanism == "vacancy":
            return cells * len(self.crystal) - 1
        return cells * (len(self.crystal) - len(self.sites)) + 1

    def ends(self, hop: SiteHop) -> tuple[Atoms, Atoms]:
        """Return the unrelaxed ends of a hop, the hopping ion last.

        A vacancy goes from the hop's start to its end, the ion the other way; an
        interstitial goes from start to end itself.
        """
        full = self.crystal * self.repeats
        shape = np.array(self.repeats)
        here = self.crystal.positions[self.sites[hop.start]]
        there = self.crystal.positions[self.sites[hop.end]] + hop.image @ self.crystal.cell.array
        if self.mechanism == "vacancy":
            x, y, z = np.array(hop.image) % shape
            cell = (x * shape[1] + y) * shape[2] + z
            gone = {self.sites[hop.start], cell * len(self.crystal) + self.sites[hop.end]}
            rest = full[[i for i in range(len(full)) if i not in gone]]
            way = (there, here)
        else:
            rest = full[[i for i, s in enumerate(full.symbols) if s != HOLLOW]]
            way = (here, there)
        first, last = (rest + Atoms(self.symbol, positions=[place]) for place in way)
        return first, last


@dataclass(frozen=True)
class HopRecord:
    """What one band gave; plain data.

    Attributes
    ----------
    energies_ev
        Total energies along the path, the ends included.
    saddle_ev
        The highest of them; None where there is no path.
    residual_force_ev_angstrom
        Largest force across the path that is left.
    converged
        Whether it fell below the limit.
    force_calls
        Evaluations for ends and band.
    reason
        Why there is no path; ''.
    structures
        ``start``, ``saddle`` and ``end`` as extended XYZ.
    """

    energies_ev: Sequence[float] = ()
    saddle_ev: float | None = None
    residual_force_ev_angstrom: float = 0.0
    converged: bool = False
    force_calls: int = 0
    reason: str = ""
    structures: Mapping[str, str] = field(default_factory=dict)


def hop_record(
    ion: MigratingIon, hop: SiteHop, engine: Any, *, n_images: int, max_force: float
) -> HopRecord:
    """Relax the ends of a hop and the band between them.

    Parameters
    ----------
    ion
        With its crystal and supercell.
    hop
        Between two of its sites.
    engine
        ASE calculator.
    n_images
        Between the ends.
    max_force
        Convergence of the band, eV/angstrom; the ends are relaxed to half of it.
    """
    ends = [
        relax(atoms, engine, max_force=max_force / 2, max_steps=_END_STEPS)
        for atoms in ion.ends(hop)
    ]
    calls = sum(end.force_calls for end in ends)
    first, last = (end.atoms for end in ends)
    step = last.positions[-1] - first.positions[-1]
    if not all(end.converged for end in ends):
        return HopRecord(
            force_calls=calls, reason=f"an end of the hop did not relax in {_END_STEPS} steps"
        )
    if np.linalg.norm(step) < 0.5 * hop.distance_angstrom:
        return HopRecord(force_calls=calls, reason="both ends of the hop relax to one place")
    noise = np.random.default_rng(_SEED)
    images = []
    for fraction in np.linspace(0.0, 1.0, n_images + 2):
        image = bare(first)
        image.positions += fraction * (last.positions - first.positions)
        if 0.0 < fraction < 1.0:
            image.positions[-1] += noise.normal(0.0, _UNEVEN_ANGSTROM, 3)
        image.calc = engine
        images.append(image)
    band = climb(images, max_force=max_force, max_steps=_BAND_STEPS, newton=True)
    top = int(np.argmax(band.energies_ev))
    return HopRecord(
        energies_ev=band.energies_ev,
        saddle_ev=band.energies_ev[top],
        residual_force_ev_angstrom=band.residual_force_ev_angstrom,
        converged=band.converged,
        force_calls=calls + band.force_calls,
        structures={
            name: extxyz(image, energy_ev=energy)
            for name, image, energy in (
                ("start", images[0], band.energies_ev[0]),
                ("saddle", images[top], band.energies_ev[top]),
                ("end", images[-1], band.energies_ev[-1]),
            )
        },
    )
