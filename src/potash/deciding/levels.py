"""Which levels could tell more about a candidate, and how wrong their values would be.

Every value carries what is common to all of them (the density functional, the zero of the
potentials). It moves all alike and decides nothing, so it counts neither as what is not known
yet nor as the error of a level.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from potash.calibration import HALF_WIDTH_PER_SD, ErrorModel, Estimate
from potash.catalog.catalog import Catalog
from potash.evidence.adsorption import ModelEvidence
from potash.evidence.adsorption_energies import QUANTITY, model_class
from potash.evidence.adsorption_errors import expected
from potash.evidence.dft_uncertainty import DISPERSION, FUNCTIONAL
from potash.evidence.electrolytes import neutral_components
from potash.evidence.hosts import HostEvidence, HostsEvidence
from potash.evidence.ladder import LADDER, rung
from potash.evidence.liquids import MIN_SEEDS, SPECIATION, LiquidEvidence, Measured
from potash.evidence.potentials import SCALE, Potentials, Which, active_species
from potash.evidence.species import SpeciesEvidence, expected_ionisation, species_class
from potash.store.rows import Row

COMMON = frozenset({FUNCTIONAL, DISPERSION, SCALE})
"""Components of uncertainty that all values of a column share."""
WORTH_IT = 0.95
"""A level counts only if the error it leaves is smaller than this share of today's."""
_LEAST_SD = 1e-3

SIDES: Mapping[str, Which] = {"oxidation_limit_v": "oxidation", "reduction_limit_v": "reduction"}
IONISATION = "ip_vertical_ev"
FORMULATION_IONISATION = "oxidation_limit_ip_ev"
BARE_IONS = ("k_plus", "na_plus", "li_plus")
"""They hold their electrons in any solvent."""
SIMULATED_KINDS = ("liquid", "ionic_liquid")
LIQUID_COLUMNS = (*SPECIATION, "density_g_ml", "diffusion_k_m2_s")


@dataclass(frozen=True)
class Rung:
    """What could be computed next of one quantity of one candidate.

    Attributes
    ----------
    candidate, column
        Id of the candidate and the quantity.
    kind
        Of the calculations: ``adsorption``, ``species``, ``redox`` or ``liquid``.
    items
        Ids of what they are of: a model, some species, a formulation.
    level
        Level of theory.
    error_sd
        Standard deviation that the candidate's value would have then, but for what is common.
    first
        Whether there is no value yet.
    like
        The row that stands for the value now: of its surface, or its run with other seeds.
    seeds
        Of a liquid: one run each.
    """

    candidate: str
    column: str
    kind: str
    items: tuple[str, ...]
    level: str
    error_sd: float
    first: bool
    like: Row | None = None
    seeds: tuple[int, ...] = ()


def own_sd(estimate: Estimate) -> float:
    """Return the standard deviation of an estimate but for what is common, in its unit.

    Examples
    --------
    >>> from potash.calibration import Component
    >>> parts = (Component("scatter", 0.3), Component(FUNCTIONAL, 0.5, shared=True))
    >>> round(own_sd(Estimate(raw=0.0, value=0.0, components=parts)), 3)
    0.3
    """
    own = tuple(c for c in estimate.components or () if c.name not in COMMON)
    interval = replace(estimate, components=own, lowest=-math.inf, highest=math.inf).interval
    if not own or interval is None:
        return _LEAST_SD
    # Of a heavy tail, what a normal variable with the same 95 % interval would have.
    return max((interval[1] - interval[0]) / (2 * HALF_WIDTH_PER_SD), _LEAST_SD)


def host_rungs(known: HostsEvidence, catalog: Catalog, columns: Iterable[str]) -> list[Rung]:
    """Return what could be computed next of hosts.

    A host that several models may stand for is uncertain by which of them does, too; a better
    value of one of them leaves that.

    Parameters
    ----------
    known
        The evidence on all hosts.
    catalog
        Models.
    columns
        Quantities that are asked about.
    """
    if QUANTITY not in columns:
        return []
    return [r for host in known.hosts for r in _host(host, known, catalog)]


def _host(host: HostEvidence, known: HostsEvidence, catalog: Catalog) -> list[Rung]:
    computed = [e for e in host.models if e.estimate.known]
    if host.setting is None or not host.setting.estimate.known:
        having = host.setting
        buildable = [m for m in host.host.models if catalog.models[m].has_surface]
        model = having.model if having is not None else next(iter(buildable), None)
        return [] if model is None else _new_model(host, model, having, known, catalog)
    found = []
    now = _mixture_sd(computed, {})
    for e in computed:
        for level in LADDER[rung(e.row.level) + 1 :] if rung(e.row.level) >= 0 else LADDER:
            then = expected(e.value, e.group, level, known.errors)
            if not then.known or own_sd(then) >= WORTH_IT * own_sd(e.estimate):
                continue
            sd = _mixture_sd(computed, {e.model: own_sd(then)})
            if sd < WORTH_IT * now:
                found.append(
                    Rung(
                        candidate=host.host.id,
                        column=QUANTITY,
                        kind="adsorption",
                        items=(e.model,),
                        level=level,
                        error_sd=sd,
                        first=False,
                        like=e.row,
                    )
                )
    return found


def _new_model(
    host: HostEvidence,
    model: str,
    having: ModelEvidence | None,
    known: HostsEvidence,
    catalog: Catalog,
) -> list[Rung]:
    """Return the levels that would give a host its first value with an interval."""
    group = model_class(catalog.models.get(model)) if having is None else having.group
    energy = 0.0 if having is None else having.value
    above = -1 if having is None else rung(having.row.level)
    found = []
    for level in LADDER:
        then = expected(energy, group, level, known.errors)
        if then.known and rung(level) > above:
            found.append(
                Rung(host.host.id, QUANTITY, "adsorption", (model,), level, own_sd(then), True)
            )
    return found


def _mixture_sd(models: Sequence[ModelEvidence], replaced: Mapping[str, float]) -> float:
    """Return the standard deviation of an equal mixture of models, some with another error."""
    variances = [replaced.get(e.model, own_sd(e.estimate)) ** 2 for e in models]
    values = [e.value for e in models]
    mean = math.fsum(values) / len(values)
    between = math.fsum((v - mean) ** 2 for v in values) / len(values)
    return math.sqrt(math.fsum(variances) / len(variances) + between)


@dataclass(frozen=True)
class MoleculesEvidence:
    """What is known of species, for the levels that could tell more.

    Attributes
    ----------
    ionisation
        Species id to evidence on its ionisation energy.
    errors
        ``(level, better level or experiment)`` to the error model of ionisation energies.
    potentials
        Redox potentials; None without any.
    potential_sd
        ``(level, side)`` to what redox rows of the level leave open, but for what is common, V.
    """

    ionisation: Mapping[str, SpeciesEvidence]
    errors: Mapping[tuple[str, str], ErrorModel]
    potentials: Potentials | None
    potential_sd: Mapping[tuple[str, Which], float]


def potential_sds(found: Iterable[tuple[str, Potentials]]) -> dict[tuple[str, Which], float]:
    """Return what redox rows of each level leave open: the median over its rows.

    Parameters
    ----------
    found
        Levels with the potentials read from their rows alone.
    """
    sds: dict[tuple[str, Which], float] = {}
    for level, potentials in found:
        for side, estimates in potentials.estimates.items():
            known = [own_sd(e) for e in estimates.values() if e.known]
            if known:
                sds[level, side] = median(known)
    return sds


def molecule_rungs(
    known: MoleculesEvidence, catalog: Catalog, columns: Iterable[str]
) -> list[Rung]:
    """Return what could be computed next of species and salts.

    A salt's limit is that of the ion that gives way first. Parameters are those of
    :func:`host_rungs`.
    """
    found: list[Rung] = []
    for column in columns:
        if column == IONISATION or column in SIDES:
            for name in catalog.species:
                found += _species(name, column, known, catalog)
        if column in SIDES:
            for salt in catalog.salts.values():
                ions = [i for i in (salt.cation, salt.anion) if i not in BARE_IONS]
                of_ions = {i: _species(i, column, known, catalog) for i in ions}
                found += [replace(r, candidate=salt.id) for r in _limit(of_ions, column, known)]
    return found


def _species(name: str, column: str, known: MoleculesEvidence, catalog: Catalog) -> list[Rung]:
    """Return the levels at which one species' quantity could be computed next."""
    now: Estimate | None
    if column in SIDES:
        side = SIDES[column]
        potentials = known.potentials
        now = None if potentials is None else potentials.estimates[side].get(name)
        row = None if now is None or potentials is None else potentials.rows[name]
        sds = {level: known.potential_sd.get((level, side)) for level in LADDER}
        kind = "redox"
    else:
        evidence = known.ionisation.get(name)
        now = None if evidence is None else evidence.ionisation
        row = None if evidence is None else evidence.row
        species = catalog.species[name]
        group = (
            species_class(species.smiles or "", species.charge)
            if evidence is None
            else evidence.group
        )
        ip = 10.0 if evidence is None else evidence.ionisation.raw
        then = {level: expected_ionisation(ip, group, level, known.errors) for level in LADDER}
        sds = {level: own_sd(e) if e.known else None for level, e in then.items()}
        kind = "species"
    having = now is not None and now.known
    limit = WORTH_IT * own_sd(now) if now is not None and having else math.inf
    above = -1 if row is None else rung(row.level)
    return [
        Rung(name, column, kind, (name,), level, sd, not having)
        for level, sd in sds.items()
        if sd is not None and rung(level) > above and sd < limit
    ]


def electrolyte_rungs(
    known: MoleculesEvidence,
    liquids: Mapping[str, LiquidEvidence],
    catalog: Catalog,
    columns: Iterable[str],
    *,
    liquid_level: str,
    used_seeds: Mapping[str, Sequence[int]],
) -> list[Rung]:
    """Return what could be computed next of formulations.

    A limit follows the component that gives way first, or needs those that have no value yet.
    A liquid gains by further runs; its first runs are those that give a spread.

    Parameters
    ----------
    known, liquids
        The evidence on species and on simulated formulations.
    catalog, columns
        As of :func:`host_rungs`.
    liquid_level
        Level of formulations that were never simulated.
    used_seeds
        Formulation id to seeds of its runs.
    """
    found: list[Rung] = []
    typical = _typical_run_sds(liquids.values())
    for formulation in catalog.electrolytes.values():
        name = formulation.id
        for column in columns:
            if column == FORMULATION_IONISATION or column in SIDES:
                parts = (
                    neutral_components(formulation, catalog)
                    if column == FORMULATION_IONISATION
                    else active_species(name, catalog)
                )
                own = IONISATION if column == FORMULATION_IONISATION else column
                of_parts = {p: _species(p, own, known, catalog) for p in parts}
                found += [
                    replace(r, candidate=name, column=column) for r in _limit(of_parts, own, known)
                ]
            elif column in LIQUID_COLUMNS and formulation.kind in SIMULATED_KINDS:
                known_run, seeds = liquids.get(name), used_seeds.get(name, ())
                if not formulation.open_amounts:
                    found += _liquid(name, column, known_run, typical, liquid_level, seeds)
    return found


def _limit(
    of_parts: Mapping[str, Sequence[Rung]], column: str, known: MoleculesEvidence
) -> list[Rung]:
    lacking = [p for p, rungs in of_parts.items() if any(r.first for r in rungs)]
    if lacking:
        cheapest = [of_parts[p][0] for p in lacking]
        level = cheapest[0].level
        same = [r for r in cheapest if r.level == level]
        return [replace(same[0], items=tuple(r.candidate for r in same))]
    limiting = _gives_way_first(tuple(of_parts), column, known)
    return [] if limiting is None else list(of_parts[limiting])


def _gives_way_first(parts: Sequence[str], column: str, known: MoleculesEvidence) -> str | None:
    """Return the component that sets a formulation's limit; None where one has no value."""
    if column in SIDES:
        estimates = {} if known.potentials is None else known.potentials.estimates[SIDES[column]]
        values = {p: estimates[p].value for p in parts if p in estimates}
    else:
        values = {p: known.ionisation[p].ip_ev for p in parts if p in known.ionisation}
    numbers = {p: v for p, v in values.items() if v is not None}
    if not parts or len(numbers) < len(parts):
        return None
    first = max if column == "reduction_limit_v" else min
    return first(numbers, key=lambda p: numbers[p])


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
