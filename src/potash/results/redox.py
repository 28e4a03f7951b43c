"""Oxidation and reduction potentials against K/K+ (kind ``redox``)."""

from __future__ import annotations

from typing import ClassVar

from potash.results.model import Models, NoNeeds, Record, Values
from potash.results.species import MoleculeInputs


class Continuum(Record):
    """Model of the medium around a molecule."""

    model: str
    """Name, such as ``ddCOSMO``."""
    lebedev_order: int | None = None
    """Order of the angular grid; DFT only."""


class RedoxInputs(MoleculeInputs):
    """Inputs of oxidation and reduction in one medium."""

    KIND: ClassVar[str] = "redox"

    continuum: Continuum
    """Model of the medium."""
    dielectric_constant: float
    """Of the medium."""
    absolute_she_v: float
    """Absolute potential of the hydrogen electrode, V."""


class RedoxValues(Values):
    """Potentials of one molecule or ion in one medium."""

    KIND: ClassVar[str] = "redox"

    smiles: str
    """Canonical SMILES."""
    charge: int
    """Total charge, elementary charges."""
    dielectric_constant: float
    """Of the medium."""
    absolute_she_v: float
    """Absolute potential of the hydrogen electrode, V."""
    absolute_k_v: float
    """Absolute potential of K/K+ that follows from it, V."""
    potential_oxidation_v_vs_k: float
    """Oxidation potential, V vs K/K+."""
    potential_oxidation_vertical_v_vs_k: float
    """The same without relaxation of the oxidised state."""
    oxidation_dissociative: bool
    """Whether oxidation breaks a bond."""
    oxidation_broken_bonds: tuple[str, ...] | None = None
    """Element pairs of the bonds that break, such as ``F-S``."""
    oxidation_fragments: tuple[str, ...] | None = None
    """Formulas of the pieces with their charges."""
    oxidation_break_is_spontaneous: bool | None = None
    """Whether the break needs no stretching."""
    potential_oxidation_intact_v_vs_k: float | None = None
    """Potential of oxidation with all bonds kept, V vs K/K+."""
    ip_adiabatic_ev: float | None = None
    """Adiabatic ionisation energy in vacuum with all bonds kept, eV."""
    potential_reduction_v_vs_k: float | None = None
    """Reduction potential, V vs K/K+; absent where the reduced state cannot be computed."""
    potential_reduction_vertical_v_vs_k: float | None = None
    """The same without relaxation of the reduced state."""
    reduction_dissociative: bool | None = None
    """Whether reduction breaks a bond."""
    reduction_broken_bonds: tuple[str, ...] | None = None
    """Element pairs of the bonds that break."""
    reduction_fragments: tuple[str, ...] | None = None
    """Formulas of the pieces with their charges."""
    reduction_break_is_spontaneous: bool | None = None
    """Whether the break needs no stretching."""
    potential_reduction_intact_v_vs_k: float | None = None
    """Potential of reduction with all bonds kept, V vs K/K+."""
    reduction_is_upper_limit: bool | None = None
    """True where no state of the molecule holds the electron better than none."""
    reduction_frees_fluoride: bool | None = None
    """Whether a fluoride ion leaves, which K+ turns into KF."""
    ea_adiabatic_bound: bool | None = None
    """Whether an extra electron is bound in vacuum after relaxation."""
    ea_adiabatic_ev: float | None = None
    """Adiabatic electron affinity in vacuum with all bonds kept, eV; absent where unbound."""
    window_v: float | None = None
    """Oxidation minus reduction potential, V."""


REDOX = Models(RedoxInputs, NoNeeds, RedoxValues, main="potential_oxidation_v_vs_k")
