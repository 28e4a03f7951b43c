"""Charges of the species of a trajectory, and the current they carry."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from potash.errors import InputError
from potash.trajectories.conductivity import Conductivity, conductivity
from potash.trajectories.system import System
from potash.trajectories.transport import MeanSquaredDisplacement

Ints = NDArray[np.int64]


def formal_charges(system: System, cations: Ints, anions: Ints) -> tuple[float, ...]:
    """Return the whole-number charge of every species.

    Parameters
    ----------
    system
        Molecules and species; where its topology has charges (scaled or not),
        they are rounded.
    cations, anions
        Atoms of the cations and anions, for topologies without charges: a
        cation has +1 (Mg, Ca +2), an anion -1, everything else 0.
    """
    if system.charges:
        return tuple(float(np.round(q)) for q in system.charges)
    charges = np.zeros(len(system.names))
    kinds = system.species[system.molecule]
    for atom in cations:
        charges[kinds[atom]] = 2.0 if system.elements[atom] in ("Mg", "Ca") else 1.0
    charges[np.unique(kinds[anions])] = -1.0
    return tuple(charges.tolist())


def current_carried(
    motion: MeanSquaredDisplacement,
    charges: tuple[float, ...],
    volume_m3: float,
    temperature_k: float | None,
) -> dict[str, Any]:
    """Return conductivity and transference numbers, or the reason why not, as plain data.

    Formal charges give the main values; those with the charges of the force
    field, where they differ, stand beside them. The window is the latest of those in
    which the ions diffuse; unless all ions are diffusive the values are called apparent.
    """
    found, system = motion.results, motion.system
    if found.note or temperature_k is None:
        return {"status": f"not computed: {found.note or 'no temperature given'}"}
    ions = [name for name, q in zip(system.names, charges, strict=True) if q]
    states = [found.diffusion[name] for name in ions]
    windows = [d.window_ps for d in states if d.window_ps is not None]
    if not ions or len(windows) < len(states):
        return {"status": states[0].status if states else "not computed: no ions"}
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
        return {"status": f"not computed: {error}"}
    diffusive = all(d.status == "diffusive" for d in states)
    result: dict[str, Any] = {
        "status": "diffusive" if diffusive else "not diffusive yet",
        "finite_size": "uncorrected",
        "temperature_k": temperature_k,
        ("formal_charges" if diffusive else "apparent"): asdict(formal),
    }
    scaled = system.charges
    if scaled and not np.allclose(scaled, charges, atol=1e-3):
        # What a force field leaves over on neutral molecules is rounding.
        z = tuple(q if f else 0.0 for q, f in zip(scaled, charges, strict=True))
        beside = computed(z)
        result["force_field_charges"] = {
            "charges": beside.charges,
            "einstein_helfand_s_m": asdict(beside.einstein_helfand_s_m),
            "nernst_einstein_s_m": asdict(beside.nernst_einstein_s_m),
        }
    return result
