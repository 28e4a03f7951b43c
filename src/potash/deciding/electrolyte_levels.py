"""Which calculations could tell more about a formulation: of its components, or further runs."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median

from potash.calibration import HALF_WIDTH_PER_SD
from potash.catalog.catalog import Catalog
from potash.catalog.formulations import Formulation
from potash.deciding.levels import Rung
from potash.deciding.molecule_levels import (
    IONISATION,
    SIDES,
    MoleculesEvidence,
    limiting,
    species_rungs,
)
from potash.evidence.electrolytes import neutral_components
from potash.evidence.liquids import MIN_SEEDS, SPECIATION, LiquidEvidence, Measured
from potash.evidence.potentials import active_species
from potash.evidence.predicted import BINDING

FORMULATION_IONISATION = "oxidation_limit_ip_ev"
SIMULATED_KINDS = ("liquid", "ionic_liquid")
LIQUID_COLUMNS = (*SPECIATION, "density_g_ml", "diffusion_k_m2_s")


def electrolyte_rungs(
    known: MoleculesEvidence,
    liquids: Mapping[str, LiquidEvidence],
    catalog: Catalog,
    columns: Iterable[str],
    *,
    liquid_level: str,
    used_seeds: Mapping[str, Sequence[int]],
    measured: Collection[tuple[str, str]] = (),
) -> list[Rung]:
    """Return what could be computed next of formulations.

    A limit follows the component that gives way first, the hold on K+ the one that binds it most
    strongly; either needs the components that have no value yet.
    A liquid gains by further runs; its first runs are those that give a spread.

    Parameters
    ----------
    known, liquids
        The evidence on species and on simulated formulations.
    catalog, columns
        Components, and quantities that are asked about.
    liquid_level
        Level of formulations that were never simulated.
    used_seeds
        Formulation id to seeds of its runs.
    measured
        Formulation id and column of what was measured: no run changes what counts there.
    """
    found: list[Rung] = []
    typical = _typical_run_sds(liquids.values())
    for formulation in catalog.electrolytes.values():
        name = formulation.id
        for column in columns:
            parts = _parts(formulation, column, catalog)
            if parts is not None:
                own = IONISATION if column == FORMULATION_IONISATION else column
                # The potential of a formulation is read from redox rows alone.
                of_parts = {
                    p: species_rungs(catalog.species[p], own, known, from_ionisation=False)
                    for p in parts
                }
                found += [
                    replace(r, candidate=name, column=column)
                    for r in limiting(of_parts, own, known)
                ]
            elif column in LIQUID_COLUMNS and formulation.kind in SIMULATED_KINDS:
                known_run, seeds = liquids.get(name), used_seeds.get(name, ())
                if not formulation.open_amounts and (name, column) not in measured:
                    found += _liquid(name, column, known_run, typical, liquid_level, seeds)
    return found


def _parts(formulation: Formulation, column: str, catalog: Catalog) -> Sequence[str] | None:
    """Return the components that a quantity is decided by; None for one of the liquid."""
    if column in SIDES:
        return active_species(formulation.id, catalog)
    if column in (FORMULATION_IONISATION, BINDING):
        return neutral_components(formulation, catalog)
    return None


def _typical_run_sds(liquids: Iterable[LiquidEvidence]) -> dict[str, float]:
    """Return column to the median standard deviation of one run."""
    found: dict[str, list[float]] = {}
    for liquid in liquids:
        for column, measured in liquid.properties.items():
            if measured.known:
                found.setdefault(column, []).append(_run_sd(measured, len(liquid.rows)))
    return {column: median(sds) for column, sds in found.items()}


def _run_sd(measured: Measured, n_runs: int) -> float:
    assert measured.low is not None
    assert measured.high is not None
    return (measured.high - measured.low) / (2 * HALF_WIDTH_PER_SD) * math.sqrt(n_runs)


def _liquid(
    name: str,
    column: str,
    liquid: LiquidEvidence | None,
    typical: Mapping[str, float],
    level: str,
    used: Sequence[int],
) -> list[Rung]:
    if column not in typical:
        return []
    measured = None if liquid is None else liquid.properties.get(column)
    if liquid is None:
        seeds = _new_seeds(used, 1)
        sd = typical[column]
        return [Rung(name, column, "liquid", (name,), level, sd, True, seeds=seeds)]
    if measured is None or not measured.known:
        return []  # more runs of this length would not give it either
    n = len(liquid.rows)
    more = max(MIN_SEEDS - n, 1)  # two runs give no spread
    sd = max(_run_sd(measured, n) / math.sqrt(more), 1e-30)
    return [
        Rung(
            candidate=name,
            column=column,
            kind="liquid",
            items=(name,),
            level=liquid.level,
            error_sd=sd,
            first=False,
            like=liquid.rows[0],
            seeds=_new_seeds(used, more),
        )
    ]


def _new_seeds(used: Sequence[int], n: int) -> tuple[int, ...]:
    start = max(used, default=0) + 1
    return tuple(range(start, start + n))
