"""Every kind of row, calculated or measured, with the types of its inputs, needs and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from potash.results.adhesion import ADHESION
from potash.results.adsorption import ADSORPTION
from potash.results.barrier import BARRIER
from potash.results.calculation import Calculation
from potash.results.charge import CHARGE
from potash.results.complex_ import COMPLEX
from potash.results.fluoride_release import FLUORIDE_RELEASE
from potash.results.hop import HOP
from potash.results.k_metal import K_METAL
from potash.results.liquid import LIQUID
from potash.results.measurement import MEASUREMENT
from potash.results.model import Models
from potash.results.phase import PHASE
from potash.results.redox import REDOX
from potash.results.species import SPECIES
from potash.results.thickness import THICKNESS

MODELS: Mapping[str, Models[Any, Any, Any]] = {
    models.kind: models
    for models in (
        K_METAL, ADSORPTION, THICKNESS, HOP, CHARGE, ADHESION, PHASE, BARRIER,
        SPECIES, REDOX, COMPLEX, FLUORIDE_RELEASE, LIQUID, MEASUREMENT,
    )
}  # fmt: skip
"""Kind to its types."""


def calculation_from(data: Mapping[str, Any]) -> Calculation:
    """Return the calculation that :meth:`Calculation.plain` wrote down."""
    fields = {name: value for name, value in data.items() if name != "kind"}
    inputs = MODELS[data["kind"]].inputs.model_validate(data["inputs"])
    return Calculation(**{**fields, "inputs": inputs})
