"""A value measured in the laboratory (kind ``measurement``, level ``experiment``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from pydantic import model_validator

from potash.results.calculation import key_of
from potash.results.model import Inputs, Models, NoNeeds, Record, Values

EXPERIMENT = "experiment"
"""Level of every measured row."""


@dataclass(frozen=True)
class Property:
    """What can be measured."""

    column: str
    """Name, ending in its unit."""
    label: str
    """For people."""
    units: Mapping[str, float]
    """Unit as written in a file to the factor that brings it to the column's; templates ask
    for the first."""
    lowest: float
    """A value below is a mistake."""
    highest: float
    """A value above is a mistake."""
    direction: int = 0
    """1: larger is better, -1: smaller is; 0: no direction can be defended."""


PROPERTIES: Mapping[str, Property] = {
    p.column: p
    for p in (
        Property(
            "coulombic_efficiency", "coulombic efficiency", {"%": 0.01, "1": 1.0}, 0.0, 1.05, 1
        ),
        Property("life_h", "cycling life", {"h": 1.0, "d": 24.0, "min": 1 / 60}, 0.0, 1e6, 1),
        Property("overpotential_mv", "overpotential", {"mV": 1.0, "V": 1e3}, 0.0, 5e3, -1),
        Property(
            "voltage_hysteresis_mv", "voltage hysteresis", {"mV": 1.0, "V": 1e3}, 0.0, 1e4, -1
        ),
        Property(
            "conductivity_s_m",
            "ionic conductivity",
            {"mS/cm": 0.1, "S/m": 1.0, "S/cm": 100.0, "uS/cm": 1e-4},
            0.0,
            100.0,
            1,
        ),
        Property("raman_ssip", "Raman fraction free", {"1": 1.0, "%": 0.01}, 0.0, 1.0),
        Property("raman_cip", "Raman fraction CIP", {"1": 1.0, "%": 0.01}, 0.0, 1.0),
        Property("raman_agg", "Raman fraction AGG", {"1": 1.0, "%": 0.01}, 0.0, 1.0),
        Property("density_g_ml", "density", {"g/mL": 1.0, "g/cm3": 1.0, "kg/m3": 1e-3}, 0.0, 25.0),
        Property("diffusion_k_m2_s", "diffusion of K+", {"m2/s": 1.0, "cm2/s": 1e-4}, 0.0, 1e-7, 1),
        Property(
            "oxidation_limit_v", "oxidation onset vs K/K+", {"V": 1.0, "mV": 1e-3}, 0.0, 10.0, 1
        ),
    )
}
"""Column to property."""


class Measured(Record):
    """A measured value with its conditions: what inputs and values of a row share."""

    quantity: str
    """Column of :data:`PROPERTIES`."""
    value: float
    """In the property's unit."""
    uncertainty: float | None = None
    """Half-width of the 95 % interval, or what the source gives, in the same unit."""
    protocol: str
    """How it was measured, such as ``k_cu_ce`` or ``symmetric``."""
    replicate: str
    """Cell or sample."""
    temperature_k: float | None = None
    """Temperature, K."""
    current_ma_cm2: float | None = None
    """Current density of a cell, mA/cm2."""
    capacity_mah_cm2: float | None = None
    """Areal capacity plated per cycle, mA h/cm2."""
    supersedes: str | None = None
    """Key of the measurement that this one corrects."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        known = PROPERTIES.get(self.quantity)
        if known is None:
            raise ValueError(f"{self.quantity!r} is not a property that can be recorded")
        if not known.lowest <= self.value <= known.highest:
            raise ValueError(
                f"{self.value:g} is outside {known.lowest:g} to {known.highest:g}, "
                f"what {known.label} can be"
            )
        if self.uncertainty is not None and self.uncertainty < 0:
            raise ValueError("an uncertainty cannot be negative")
        return self

    @property
    def conditions(self) -> tuple[str, ...]:
        """What replicates must share to be joined: protocol, temperature, current, capacity."""
        numbers = (self.temperature_k, self.current_ma_cm2, self.capacity_mah_cm2)
        return (self.protocol, *(str(x) for x in numbers))


class MeasurementInputs(Measured, Inputs):
    """What a measurement is: all of it enters the key, so that nothing is overwritten."""

    KIND: ClassVar[str] = "measurement"

    candidate: str
    """Id of a host or an electrolyte."""
    source: str
    """Who measured it, or where it was published."""

    @property
    def identity(self) -> tuple[str, ...]:
        """What two values must share to be the same measurement."""
        return (self.candidate, self.quantity, self.replicate, *self.conditions)

    @property
    def key(self) -> str:
        """Key of its row."""
        return key_of(self.KIND, self.plain(), {})


class MeasurementValues(Measured, Values):
    """What a row says, all of it: a measurement has no other result than itself."""

    KIND: ClassVar[str] = "measurement"

    measured_by: str
    """Who measured it, or where it was published."""
    added: str = ""
    """When it was recorded."""
    note: str = ""
    """What the record says beside."""


MEASUREMENT = Models(MeasurementInputs, NoNeeds, MeasurementValues, main="value")
