"""The parts of what the analysis of a trajectory returns, as plain typed data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from potash.trajectories.conductivity import Conductivity, Estimate

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fractions:
    """Fractions of ions by the number of distinct counter-ions in the first shell."""

    ssip: float
    """None: separated by solvent, or free."""
    cip: float
    """Exactly one: contact pair."""
    agg: float
    """Two or more: aggregate."""


@dataclass(frozen=True)
class BothFractions:
    """Fractions of anions and of cations."""

    per_anion: Fractions
    """Of anions, as Raman sees them."""
    per_cation: Fractions
    """Of cations."""


@dataclass(frozen=True)
class IonFractions(Fractions):
    """What the ions of one species are, and how they pair."""

    role: Literal["cation", "anion"]
    """On which side its contacts count."""
    count: int
    """Ions in the box."""
    charge: float
    """Formal charge, e."""


@dataclass(frozen=True)
class AggregateSplit:
    """The split of the fraction ``agg``."""

    agg_1: float
    """Two counter-ions."""
    agg_2: float
    """Three or more."""


@dataclass(frozen=True)
class BothAggregates:
    """The split of aggregates of anions and of cations."""

    per_anion: AggregateSplit
    """Of anions."""
    per_cation: AggregateSplit
    """Of cations."""


@dataclass(frozen=True)
class Coordination:
    """Donor atoms around a cation."""

    value: float
    """Donor atoms per cation within the cutoff."""
    cutoff_angstrom: float
    """Radius of the first shell, angstrom."""
    cutoff_source: str
    """Where the radius is from."""


@dataclass(frozen=True)
class Shell:
    """One kind of first shell of a cation."""

    composition: Mapping[str, int]
    """Species to the number of its molecules in the shell."""
    fraction: float
    """Of all cations."""


@dataclass(frozen=True)
class Radial:
    """A radial distribution function."""

    r_angstrom: Floats
    """Middles of the bins, angstrom."""
    g: Floats
    """Density relative to the mean density."""
    coordination_number: Floats
    """Neighbours up to the outer edge of each bin."""


@dataclass(frozen=True)
class Displacement:
    """A mean squared displacement."""

    lag_ps: Floats
    """Lag times, ps."""
    msd_square_angstrom: Floats
    """Mean over molecules and time origins, square angstrom."""


@dataclass(frozen=True)
class Component:
    """A species of molecules in the box."""

    formula: str
    """Hill formula."""
    molecules: int
    """How many there are."""


@dataclass(frozen=True)
class ScaledConductivity:
    """Conductivity with the charges of the force field instead of formal ones."""

    charges: Mapping[str, float]
    """Species to the charge used, e."""
    einstein_helfand_s_m: Estimate
    """Conductivity with all correlations between ions, S/m."""
    nernst_einstein_s_m: Estimate
    """Conductivity without those between different ions, S/m."""


@dataclass(frozen=True)
class Current:
    """What is known of the current that the ions carry, or the reason why nothing is."""

    status: str
    """``diffusive``, ``not diffusive yet``, or ``not computed:`` with the reason."""
    finite_size: str | None = None
    """Correction for the size of the box: ``uncorrected``."""
    temperature_k: float | None = None
    """Temperature, K."""
    formal_charges: Conductivity | None = None
    """With formal charges; ``None`` unless all ions diffuse."""
    apparent: Conductivity | None = None
    """With formal charges, where the ions do not diffuse yet."""
    force_field_charges: ScaledConductivity | None = None
    """With the charges of the force field, where they differ."""
