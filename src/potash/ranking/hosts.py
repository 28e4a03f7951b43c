"""Rank potassium hosts by the corrected adsorption energy of K."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from potash.bulk.contact import ContactVerdict
from potash.calibration import leave_one_out
from potash.catalog.catalog import Catalog
from potash.catalog.hosts import POPULATIONS, AtomisticModel
from potash.catalog.question import AmongHosts
from potash.evidence.adsorption_energies import QUANTITY
from potash.evidence.adsorption_errors import AdsorptionErrors
from potash.ranking.answering import Condition
from potash.ranking.conditions import host_conditions, model_conditions
from potash.ranking.criteria import Criterion
from potash.ranking.host_candidates import WORK, host_candidates, usual_draws
from potash.ranking.order import Candidate
from potash.ranking.table import RankedTable
from potash.ranking.tiers import Wish, ranked_table
from potash.store.rows import Row

HOST_CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        column=QUANTITY,
        label="K adsorption energy",
        direction="minimise",
        worst=0.0,
        best=-1.0,
        weight=1.0,
        why=(
            "K wets and seeds where it is bound more strongly than in K metal; at 0 eV it "
            "would rather join K metal. Below -1 eV more binding is not rewarded further in "
            "the desirability, because such hosts tend to react; the order itself follows "
            "the energy."
        ),
    ),
)

FURTHER_HOST_CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        column=WORK,
        label="work of adhesion of K",
        direction="maximise",
        worst=0.0,
        best=0.2,
        weight=1.0,
        why=(
            "A film of K that is parted from the host more easily than K from itself draws "
            "together into droplets; from twice the surface energy of K on (about 0.2 J/m2) it "
            "wets, and holding it harder is not rewarded further in the desirability."
        ),
    ),
)
"""What a campaign may rank hosts by beside, or instead of, :data:`HOST_CRITERIA`."""

HOST_NOTES: tuple[str, ...] = (
    "Adsorption energy = E(slab+K) - E(slab) - E(K, bcc bulk, same level): negative = bound "
    "more strongly than in K metal.",
    "A host's value is that of the first of its models that can be built; until that is computed "
    "the host is not ranked. Its other models widen the interval and the rank range and never set "
    "the value. Hosts that share that model tie.",
    "A host whose bulk reacts with K at 0 V vs K/K+ has the value of its products, or none: what K "
    "meets first, the pristine surface, is shown as first contact and does not count.",
    "An interval exists only where the class of the model is calibrated by pairs of levels (or "
    "the DFT row states its own); a host without one has an open place, whatever its number.",
)


def rank_hosts(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    contact: Mapping[str, ContactVerdict] | None = None,
    criteria: Sequence[Criterion] = HOST_CRITERIA,
    wish: Wish | None = None,
    only: Sequence[str] | None = None,
    with_models: bool = True,
    seed: int = 20_250_101,
    n_draws: int | None = None,
) -> RankedTable:
    """Return every host of the catalogue, those with a value ranked.

    Parameters
    ----------
    rows
        Any rows; adsorption rows are used.
    catalog
        Hosts and their models.
    calibration_rows
        Further rows that serve the error models only, such as those of the
        reference campaign; rows given twice count once.
    contact
        Model id to whether its bulk survives K. A host that reacts has the value of its
        products, or none, and its pristine value as ``first_contact_energy_ev``; a check
        that failed is flagged with its reason.
    criteria
        What to reward.
    wish
        How many make up the best, and among whom (:class:`AmongHosts`). Where that names no
        population, role or id, substrates are ranked; separators and phases have no rank here.
    only
        Ids of hosts to keep; all by default.
    with_models
        Also rank computed models that set the value of no host in the table,
        under their own id and label (``entry`` is then ``model``).
    seed, n_draws
        Of the Monte Carlo; the same seed gives the same table. 4000 draws by default, fewer of
        thousands of candidates.
    """
    n_draws = n_draws or usual_draws(rows, catalog)
    candidates, errors = host_candidates(
        rows,
        catalog,
        calibration_rows=calibration_rows,
        contact=contact,
        only=only,
        with_models=with_models,
        seed=seed,
        n_draws=n_draws,
    )
    wish = wish or Wish()
    among = AmongHosts.model_validate(wish.among.model_dump(exclude_unset=True, by_alias=True))
    if among.usual:
        if only is None:
            candidates = [_apart(c) for c in candidates]
        among = among.model_copy(update={"populations": tuple(POPULATIONS)})
    conditions = {
        c.entry.id: host_conditions(among, catalog.hosts[c.entry.id], catalog, contact or {})
        if not c.entry.is_model
        else _model_conditions(among, c, catalog, contact or {})
        for c in candidates
    }
    table = ranked_table(
        "hosts",
        candidates,
        criteria,
        wish,
        conditions=conditions,
        notes=HOST_NOTES + calibration_notes(errors),
        error_models=[errors.models[k] for k in sorted(errors.models)],
        seed=seed,
        n_draws=n_draws,
    )
    apart = Counter(str(e.values["population"]) for e in table.entries if e.values["ranked_apart"])
    if not apart:
        return table
    named = ", ".join(
        f"{apart[p]} {name} (population {p})" for p, name in POPULATIONS.items() if apart[p]
    )
    return replace(table, verdict=f"{table.verdict} Ranked apart: {named}.", apart=dict(apart))


def _apart(candidate: Candidate) -> Candidate:
    """Return a candidate that is no substrate without a place among them."""
    entry = candidate.entry
    population = entry.values["population"]
    if population == "substrate":
        return candidate
    name = POPULATIONS[population]
    reason = "; ".join(filter(None, (f"ranked apart, among {name}", entry.reason)))
    entry = replace(entry, reason=reason, values={**entry.values, "ranked_apart": True})
    return replace(candidate, entry=entry, apart=True)


def _model_conditions(
    among: AmongHosts,
    candidate: Candidate,
    catalog: Catalog,
    contact: Mapping[str, ContactVerdict],
) -> tuple[Condition, ...]:
    """Return the conditions on a model that stands for itself.

    Of one that the catalogue does not hold id, class and population are known.
    """
    entry = candidate.entry
    population = str(entry.values["population"])
    model = catalog.models.get(entry.id)
    if model is not None:
        return model_conditions(among, model, entry.group, population, contact)
    stranger = AtomisticModel.model_construct(id=entry.id, formula="", kind="slab")
    return tuple(
        c if c.name in ("only", "populations", "classes") else replace(c, met=None, why=_STRANGE)
        for c in model_conditions(among, stranger, entry.group, population, contact)
    )


_STRANGE = "its structure is not in the catalogue"


def calibration_notes(errors: AdsorptionErrors) -> tuple[str, ...]:
    """Return one sentence per error model (pairs, classes, leave-one-out error), one on DFT."""
    notes = []
    for (level, reference), model in sorted(errors.models.items()):
        loo = leave_one_out(model)
        n = len(model.pairs)
        text = f"{level} against {reference}: {n} pair{'s' if n > 1 else ''}"
        if model.groups:
            text += f", calibrated classes {', '.join(sorted(model.groups))}"
        else:
            text += ", no class calibrated"
        if loo is not None:
            text += (
                f"; leave-one-out mean error {loo.mae_corrected:.2f} eV over {loo.n_predicted} "
                f"(uncorrected {loo.mae_uncorrected:.2f} eV)"
            )
        notes.append(text + ".")
    if errors.dft.functional is not None:
        notes.append(
            "The density functional is one variable of all values on the scale of DFT: "
            f"{errors.dft.functional}."
        )
    return tuple(notes)
