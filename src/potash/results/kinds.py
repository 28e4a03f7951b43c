"""Every kind of calculation with the types of its inputs and values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from potash.results.adsorption import AdsorptionInputs, AdsorptionValues
from potash.results.charge import ChargeInputs, ChargeValues
from potash.results.complex_ import ComplexInputs, ComplexValues
from potash.results.fluoride_release import FluorideReleaseInputs, FluorideReleaseValues
from potash.results.hop import HopInputs, HopValues
from potash.results.k_metal import KMetalInputs, KMetalValues
from potash.results.liquid import LiquidInputs, LiquidValues
from potash.results.model import Inputs, Values
from potash.results.phase import PhaseInputs, PhaseValues
from potash.results.redox import RedoxInputs, RedoxValues
from potash.results.species import SpeciesInputs, SpeciesValues
from potash.results.thickness import ThicknessInputs, ThicknessValues


@dataclass(frozen=True)
class Models:
    """Types of one kind of calculation.

    Attributes
    ----------
    inputs, values
        What determines it, and what it gives.
    """

    inputs: type[Inputs]
    values: type[Values]


MODELS: Mapping[str, Models] = {
    inputs.KIND: Models(inputs, values)
    for inputs, values in (
        (KMetalInputs, KMetalValues),
        (AdsorptionInputs, AdsorptionValues),
        (ThicknessInputs, ThicknessValues),
        (HopInputs, HopValues),
        (ChargeInputs, ChargeValues),
        (PhaseInputs, PhaseValues),
        (SpeciesInputs, SpeciesValues),
        (RedoxInputs, RedoxValues),
        (ComplexInputs, ComplexValues),
        (FluorideReleaseInputs, FluorideReleaseValues),
        (LiquidInputs, LiquidValues),
    )
}
"""Kind to its types."""
