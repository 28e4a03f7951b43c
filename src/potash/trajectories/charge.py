"""Charges of the species of a trajectory, and the current they carry."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from potash.errors import InputError
from potash.trajectories.conductivity import Conductivity, conductivity
from potash.trajectories.parts import Current, ScaledConductivity
from potash.trajectories.system import System, formal_charges_of
from potash.trajectories.transport import MeanSquaredDisplacement

Ints = NDArray[np.int64]


def formal_charges(system: System, cations: Ints, anions: Ints) -> tuple[float, ...]:
    """Return the whole-number charge of every species.

    Parameters
    ----------
    system
        Molecules and species; the charges of known ions, and those of the topology (scaled or
        not), count first (:func:`potash.trajectories.system.formal_charges_of`).
    cations, anions
        Atoms of the cations and anions as selected: where nothing else tells, a cation has
        +1, the anions share evenly what makes the liquid neutral if that is whole and negative
        (else -1 each), everything else has 0.
    """
    known = formal_charges_of(system)
    kinds = system.species[system.molecule]
    open_cations = [k for k in np.unique(kinds[cations]) if not known[k]]
    open_anions = [k for k in np.unique(kinds[anions]) if not known[k]]
    charges = np.array([0.0 if q is None else float(q) for q in known])
    charges[open_cations] = 1.0
    if open_anions:
        counts = np.asarray(system.counts, float)
        shared = -float(counts @ charges) / counts[open_anions].sum()
        charges[open_anions] = shared if shared in (-1.0, -2.0, -3.0) else -1.0
    return tuple(charges.tolist())


def current_carried(
    motion: MeanSquaredDisplacement,
    charges: tuple[float, ...],
    volume_m3: float,
    temperature_k: float | None,
) -> Current:
    """Return conductivity and transference numbers, or the reason why not.

    Formal charges give the main values; those with the charges of the force
    field, where they differ, stand beside them. The window is the latest of those in
    which the ions diffuse; unless all ions are diffusive the values are called apparent.
    """
    found, system = motion.results, motion.system
    if found.note or temperature_k is None:
        return Current(f"not computed: {found.note or 'no temperature given'}")
    ions = [name for name, q in zip(system.names, charges, strict=True) if q]
    states = [found.diffusion[name] for name in ions]
    windows = [d.window_ps for d in states if d.window_ps is not None]
    if not ions or len(windows) < len(states):
        return Current(states[0].status if states else "not computed: no ions")
    window = max(windows)
    step = float(found.lag_ps[1])

    def computed(z: tuple[float, ...]) -> Conductivity:
        return conductivity(
            found.positions, system.species, system.names, z, motion.molecule_masses,
            dt_ps=step, volume_m3=volume_m3, temperature_k=temperature_k, window_ps=window,
        )  # fmt: skip

    try:
        formal = computed(charges)
    except InputError as error:
        return Current(f"not computed: {error}")
    diffusive = all(d.status == "diffusive" for d in states)
    beside, scaled = None, system.charges
    if scaled and not np.allclose(scaled, charges, atol=1e-3):
        # What a force field leaves over on neutral molecules is rounding.
        other = computed(tuple(q if f else 0.0 for q, f in zip(scaled, charges, strict=True)))
        beside = ScaledConductivity(
            other.charges, other.einstein_helfand_s_m, other.nernst_einstein_s_m
        )
    return Current(
        status="diffusive" if diffusive else "not diffusive yet",
        finite_size="uncorrected",
        temperature_k=temperature_k,
        formal_charges=formal if diffusive else None,
        apparent=None if diffusive else formal,
        force_field_charges=beside,
    )
