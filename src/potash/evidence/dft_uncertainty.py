"""What DFT itself leaves open about an adsorption energy: the functional, dispersion, the rest.

A DFT row states one half-width: of its numbers, of the shift by other functionals, of the
shift by D3, and of a distortion that DFT did not relax. The shifts are not independent from
row to row. RPBE and PBEsol move all adsorption energies along one line in the energy, to
either side, and D3 has one sign and size in a class. So the functional is one variable of
all DFT values and of everything corrected to DFT, and so is dispersion; what is left of the
stated half-width is the row's own.

A value that is corrected to DFT has no shifts of its own. It gets those that a row of its
energy and class would have: the line for the functional, the mean of the class for
dispersion; how far rows scatter about them is its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from potash.calibration import HALF_WIDTH_PER_SD, Component
from potash.evidence.adsorption_energies import QUANTITY, AdsorptionEnergy
from potash.evidence.ladder import is_dft, rung
from potash.evidence.stated import stated_half_width

FUNCTIONAL = "density functional"
DISPERSION = "dispersion"
PLANE_WAVES = ("standard", "reference")
"""Levels whose shifts count: those of a small basis are off with the basis."""
MIN_SURFACES = 6
"""Fewer surfaces give no line in the energy: the largest shift then counts for all."""


@dataclass(frozen=True)
class FunctionalLine:
    """The shift of an adsorption energy from PBE to RPBE, as a line in the energy.

    Attributes
    ----------
    n
        Number of surfaces behind it.
    intercept_ev, slope
        ``shift = intercept + slope * energy``.
    r
        Correlation of shift and energy.
    residual_sd_ev
        Scatter about the line.
    mirror_r
        Correlation of RPBE's shifts with PBEsol's: -1 where PBEsol mirrors RPBE, so that one
        variable serves both. None where a row has no shift by PBEsol.
    mean_energy_ev, energy_spread_ev2
        Mean and summed squared deviation of the energies, for the error of the line.
    """

    n: int
    intercept_ev: float
    slope: float
    r: float
    residual_sd_ev: float
    mirror_r: float | None
    mean_energy_ev: float
    energy_spread_ev2: float

    def shift_ev(self, energy_ev: float) -> float:
        """Return the shift by RPBE that a surface of this adsorption energy would have."""
        return self.intercept_ev + self.slope * energy_ev

    def prediction_sd_ev(self, energy_ev: float) -> float:
        """Return the standard error of one surface's shift about the line."""
        leverage = (energy_ev - self.mean_energy_ev) ** 2 / self.energy_spread_ev2
        return self.residual_sd_ev * math.sqrt(1.0 + 1.0 / self.n + leverage)

    def __str__(self) -> str:
        mirror = "" if self.mirror_r is None else f"; PBEsol mirrors it, r {self.mirror_r:.2f}"
        return (
            f"RPBE shift = {self.intercept_ev:.3f} {self.slope:+.3f} E eV "
            f"({self.n} surfaces, r {self.r:.2f}, residual {self.residual_sd_ev:.3f} eV{mirror})"
        )


@dataclass(frozen=True)
class DispersionShifts:
    """D3 shifts of adsorption energies, class by class.

    Attributes
    ----------
    means_ev, n
        Class to the mean over its surfaces, and to their number.
    sd_ev, degrees_of_freedom
        Scatter within the classes, pooled.
    """

    means_ev: Mapping[str, float]
    n: Mapping[str, int]
    sd_ev: float
    degrees_of_freedom: int


@dataclass(frozen=True)
class DftUncertainty:
    """What values on the scale of DFT are uncertain by.

    Attributes
    ----------
    functional, dispersion
        What is common; None where too few surfaces tell.
    largest_functional_ev, largest_dispersion_ev
        Largest shift of any row: where nothing is known to be common, each value's own.
    remaining_sd_ev
        ``(level, class)`` to the standard deviation that its rows state beyond both; the
        class ``''`` is over all classes.
    """

    functional: FunctionalLine | None
    dispersion: DispersionShifts | None
    largest_functional_ev: float
    largest_dispersion_ev: float
    remaining_sd_ev: Mapping[tuple[str, str], float]

    def components(self, energy_ev: float, group: str, level: str) -> tuple[Component, ...]:
        """Return the components of a value that was corrected to a DFT level.

        Parameters
        ----------
        energy_ev
            The corrected value.
        group
            Its class.
        level
            The level that it was corrected to.
        """
        rest = Component(f"numbers and geometry of {level}", self._remaining(level, group))
        found = (*self._functional(energy_ev), *self._dispersion(group), rest)
        return tuple(c for c in found if c.scale)

    def _functional(self, energy_ev: float) -> tuple[Component, ...]:
        line = self.functional
        if line is None:
            return (Component(FUNCTIONAL, self.largest_functional_ev / HALF_WIDTH_PER_SD),)
        return (
            _shared(FUNCTIONAL, line.shift_ev(energy_ev)),
            Component(
                f"{FUNCTIONAL}, off the common line",
                line.prediction_sd_ev(energy_ev) / HALF_WIDTH_PER_SD,
                degrees_of_freedom=line.n - 2,
                spread="scatter of functional shifts",
            ),
        )

    def _dispersion(self, group: str) -> tuple[Component, ...]:
        d3 = self.dispersion
        if d3 is None or group not in d3.means_ev:
            return (Component(DISPERSION, self.largest_dispersion_ev / HALF_WIDTH_PER_SD),)
        return (
            _shared(DISPERSION, d3.means_ev[group]),
            Component(
                f"{DISPERSION}, off the mean of the class",
                d3.sd_ev * math.sqrt(1.0 + 1.0 / d3.n[group]) / HALF_WIDTH_PER_SD,
                degrees_of_freedom=d3.degrees_of_freedom,
                spread="scatter of dispersion shifts",
            ),
        )

    def _remaining(self, level: str, group: str) -> float:
        keys = ((level, group), (level, ""), ("", ""))
        return next((self.remaining_sd_ev[k] for k in keys if k in self.remaining_sd_ev), 0.0)


def dft_uncertainty(energies: Sequence[AdsorptionEnergy]) -> DftUncertainty:
    """Learn from DFT rows what DFT leaves open.

    Parameters
    ----------
    energies
        Of any levels; those by DFT count.
    """
    dft = [e for e in energies if is_dft(e.row.level)]
    surfaces = _one_each([e for e in dft if e.row.level in PLANE_WAVES])
    remaining: dict[tuple[str, str], list[float]] = {}
    for e in dft:
        for own in (c for c in row_components(e) if not c.shared):
            for key in ((e.row.level, e.group), (e.row.level, ""), ("", "")):
                remaining.setdefault(key, []).append(own.scale**2)
    return DftUncertainty(
        functional=fit_functional_line(surfaces),
        dispersion=_dispersion(surfaces),
        largest_functional_ev=max((abs(_rpbe(e) or 0.0) for e in dft), default=0.0),
        largest_dispersion_ev=max(
            (abs(e.values.dispersion_shift_ev or 0.0) for e in dft), default=0.0
        ),
        remaining_sd_ev={k: math.sqrt(sum(v) / len(v)) for k, v in remaining.items()},
    )


def row_components(energy: AdsorptionEnergy) -> tuple[Component, ...]:
    """Return a DFT row's own half-width as components; none where it states none.

    Their summed squares are the square of the stated half-width: the shift by RPBE and that
    by D3 are the row's parts in what all DFT values share, the rest is its own.
    """
    level = energy.row.level
    half = stated_half_width(energy.row, QUANTITY, energy.energy_ev)
    if half is None or not is_dft(level):
        return ()
    functional, dispersion = _rpbe(energy) or 0.0, energy.values.dispersion_shift_ev or 0.0
    rest = max(half**2 - functional**2 - dispersion**2, 0.0)
    found = (
        _shared(FUNCTIONAL, functional),
        _shared(DISPERSION, dispersion),
        Component(f"numbers and geometry of {level}", math.sqrt(rest) / HALF_WIDTH_PER_SD),
    )
    return tuple(c for c in found if c.scale)


def fit_functional_line(surfaces: Sequence[AdsorptionEnergy]) -> FunctionalLine | None:
    """Fit RPBE's shifts of some DFT rows as a line in the adsorption energy.

    None with fewer than :data:`MIN_SURFACES` surfaces, or where all have one energy.

    Parameters
    ----------
    surfaces
        Different surfaces.
    """
    having = [(e, shift) for e in surfaces if (shift := _rpbe(e)) is not None]
    energies = np.array([e.energy_ev for e, _ in having])
    shifts = np.array([shift for _, shift in having])
    n = len(having)
    if n < MIN_SURFACES or np.ptp(energies) == 0.0:
        return None
    slope, intercept = np.polyfit(energies, shifts, 1)
    residuals = shifts - intercept - slope * energies
    return FunctionalLine(
        n=n,
        intercept_ev=float(intercept),
        slope=float(slope),
        r=float(np.corrcoef(energies, shifts)[0, 1]),
        residual_sd_ev=math.sqrt(float((residuals**2).sum()) / (n - 2)),
        mirror_r=_correlation_with_pbesol([e for e, _ in having], shifts),
        mean_energy_ev=float(energies.mean()),
        energy_spread_ev2=float(((energies - energies.mean()) ** 2).sum()),
    )


def _correlation_with_pbesol(
    surfaces: Sequence[AdsorptionEnergy], shifts: NDArray[np.float64]
) -> float | None:
    other = [(e.values.functional_shift_ev or {}).get("PBEsol", math.nan) for e in surfaces]
    return None if np.isnan(other).any() else float(np.corrcoef(shifts, other)[0, 1])


def _dispersion(surfaces: Sequence[AdsorptionEnergy]) -> DispersionShifts | None:
    by_class: dict[str, list[float]] = {}
    for e in surfaces:
        if e.values.dispersion_shift_ev is not None:
            by_class.setdefault(e.group, []).append(e.values.dispersion_shift_ev)
    means = {g: sum(x) / len(x) for g, x in by_class.items()}
    n = {g: len(x) for g, x in by_class.items()}
    degrees_of_freedom = sum(n.values()) - len(n)
    if sum(n.values()) < MIN_SURFACES or degrees_of_freedom < 2:
        return None
    squares = sum((x - means[g]) ** 2 for g, xs in by_class.items() for x in xs)
    return DispersionShifts(means, n, math.sqrt(squares / degrees_of_freedom), degrees_of_freedom)


def _rpbe(energy: AdsorptionEnergy) -> float | None:
    """Return the shift of an adsorption energy by RPBE."""
    return (energy.values.functional_shift_ev or {}).get("RPBE")


def _one_each(energies: Sequence[AdsorptionEnergy]) -> list[AdsorptionEnergy]:
    """Return one energy a surface, of the best level: levels repeat a surface's shifts."""
    kept: list[AdsorptionEnergy] = []
    for e in sorted(energies, key=lambda e: (-rung(e.row.level), e.row.started, e.row.key)):
        if not any(e.same_surface(other) for other in kept):
            kept.append(e)
    return kept


def _shared(name: str, half_width_ev: float) -> Component:
    return Component(name, half_width_ev / HALF_WIDTH_PER_SD, shared=True)
