"""Synthetic calculations of every kind that tests plan without computing."""

from __future__ import annotations

from collections.abc import Mapping

from potash.results.adsorption import AdsorptionInputs, SiteSearch
from potash.results.calculation import Calculation
from potash.results.k_metal import KMetalInputs
from potash.results.liquid import LiquidInputs
from potash.results.model import Inputs
from potash.results.species import ConformerSearch, SpeciesInputs
from potash.results.thickness import ThicknessInputs
from potash.structures.recipes import GrapheneRecipe


def inputs(kind: str, number: int) -> Inputs:
    """Return inputs of a kind; another number gives another key."""
    level = {"engine": "synthetic", "number": number}
    if kind == "k_metal":
        return KMetalInputs(level=level)
    if kind == "species":
        return SpeciesInputs(
            level=level, smiles="O", charge=0, unpaired=0, seed=7, search=ConformerSearch()
        )
    if kind == "liquid":
        return LiquidInputs(
            protocol=0,
            level=level,
            kind="liquid",
            parts=(),
            assumptions=(),
            parameters={},
            charge_scale=0.8,
            temperature_k=298.15,
            n_atoms=1000,
            equilibration_ps=10.0,
            production_ps=10.0,
            seed=7,
        )
    surface = {"adsorption": AdsorptionInputs, "thickness": ThicknessInputs}[kind]
    return surface(level=level, recipe=GrapheneRecipe(), termination="C", search=SiteSearch())


def calculation(
    number: int,
    cost_s: float = 30.0,
    kind: str = "species",
    needs: Mapping[str, str] | None = None,
) -> Calculation:
    return Calculation(
        item=f"m{number}",
        model="",
        level="screen",
        inputs=inputs(kind, number),
        needs=needs or {},
        cost_s=cost_s,
    )
