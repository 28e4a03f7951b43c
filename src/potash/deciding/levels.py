"""Which levels could tell more about a candidate, and how wrong their values would be.

Every value carries what is common to all of them (the density functional, the zero of the
potentials). It moves all alike and decides nothing, so it counts neither as what is not known
yet nor as the error of a level.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from potash.calibration import HALF_WIDTH_PER_SD, Estimate
from potash.catalog.catalog import Catalog
from potash.evidence.adsorption import ModelEvidence
from potash.evidence.adsorption_energies import QUANTITY, model_class
from potash.evidence.adsorption_errors import expected
from potash.evidence.dft_uncertainty import DISPERSION, FUNCTIONAL
from potash.evidence.hosts import HostEvidence, HostsEvidence
from potash.evidence.ladder import LADDER, rung
from potash.evidence.potentials import SCALE
from potash.store.rows import Row

COMMON = frozenset({FUNCTIONAL, DISPERSION, SCALE})
"""Components of uncertainty that all values of a column share."""
WORTH_IT = 0.95
"""A level counts only if the error it leaves is smaller than this share of today's."""
LEAST_SD = 1e-3
"""No value is taken to be known better, in whatever unit."""


@dataclass(frozen=True)
class Rung:
    """What could be computed next of one quantity of one candidate.

    Attributes
    ----------
    candidate, column
        Id of the candidate and the quantity.
    kind
        Of the calculations: ``adsorption``, ``species``, ``redox``, ``complex`` (with one K+),
        ``fluoride_release`` or ``liquid``.
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
    replaces_sd
        Standard deviation of the value whose place it takes; infinite where there is none, or
        where it comes on top, as further runs do.
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
    replaces_sd: float = math.inf

    @property
    def adds_sd(self) -> float:
        """Error of an independent look that would leave as much open: what it tells beyond today.

        A value that takes another's place brings only the difference of their precisions. A host
        that three models may stand for is hardly known better when one of them is.

        Examples
        --------
        >>> what = ("cu", "adsorption_energy_ev", "adsorption", ("cu_111",), "standard")
        >>> one = Rung(*what, error_sd=0.3, first=False)
        >>> one.adds_sd
        0.3
        >>> round(replace(one, replaces_sd=0.5).adds_sd, 3)
        0.375
        """
        return 1.0 / math.sqrt(self.error_sd**-2 - self.replaces_sd**-2)


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
        return LEAST_SD
    # Of a heavy tail, what a normal variable with the same 95 % interval would have.
    return max((interval[1] - interval[0]) / (2 * HALF_WIDTH_PER_SD), LEAST_SD)


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
    if host.products and host.setting is None:
        return _products(host, known, catalog)
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
                        replaces_sd=now,
                    )
                )
    return found


def _products(host: HostEvidence, known: HostsEvidence, catalog: Catalog) -> list[Rung]:
    """Return the levels that would give a value to what a host turns into with K.

    None where the catalogue has no model of one of the products.
    """
    lacking = [p.model for p in host.products if p.holds_k and p.evidence is None]
    items = tuple(m for m in lacking if m is not None)
    if not items or len(items) < len(lacking):
        return []
    first, *_ = items
    return [replace(r, items=items) for r in _new_model(host, first, None, known, catalog)]


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
