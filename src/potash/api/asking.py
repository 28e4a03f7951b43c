"""A campaign's question: its answer from what is known, and what to compute next for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from potash.catalog.campaign import Campaign, load_campaign
from potash.catalog.catalog import Catalog, load_catalog
from potash.catalog.question import Kind, Question
from potash.deciding.costs import MIN_MEASURED, Costs
from potash.deciding.future import Certainty, price_of_certainty
from potash.deciding.known import rungs_of
from potash.deciding.levels import Rung
from potash.deciding.options import Advice, Options, Tried, advice, options
from potash.errors import InputError
from potash.evidence.known import known_rows, reference_rows
from potash.evidence.predicted import K_COMPLEX
from potash.ranking.answering import PartAnswer
from potash.ranking.asking import answers
from potash.results.calculation import Calculation
from potash.results.model import record_from
from potash.running.possible import Possible
from potash.store.rows import Row
from potash.store.store import Store

if TYPE_CHECKING:
    import pandas as pd

MOST_ADVISED = 10
"""Steps that are planned for each part of a question."""
_SAMPLE = 16
"""Rows of a kind and level that its cost is learnt from."""


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers to a question, and what to compute next.

    Attributes
    ----------
    parts
        Part of the question to its answer.
    options
        Part of the question to what could be computed for it; parts that are answered and
        whose candidates are all screened are absent.
    advice
        What to compute next, the best first. Screening of candidates that nobody has looked at
        comes before all else.
    seed
        Of the draws.
    """

    parts: Mapping[Kind, PartAnswer]
    options: Mapping[Kind, Options]
    advice: tuple[Advice, ...]
    seed: int

    @property
    def answered(self) -> bool:
        """Whether every part is answered at the confidence that it asks for."""
        return all(part.answered for part in self.parts.values())

    def certainty(self, *, core_hours: float | None = None) -> dict[Kind, Certainty]:
        """Return what more certainty would cost, for each part that is not answered.

        See :func:`~potash.deciding.future.price_of_certainty`.
        """
        return {
            kind: price_of_certainty(self.parts[kind], found, core_hours=core_hours, seed=self.seed)
            for kind, found in self.options.items()
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one line per candidate, the most probable of each part first, as pandas."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "kind": kind,
                    "id": p.id,
                    "name": p.name,
                    "tier": p.tier,
                    "probability_in": p.probability_in,
                    "chosen": p.chosen,
                    "why": p.why,
                }
                for kind, part in self.parts.items()
                for p in part.placed
            ]
        )


class Asking:
    """Answers one campaign's question again and again, as rows come in.

    Parameters
    ----------
    campaign
        With a question.
    catalog
        Its catalogue.
    only
        Parts of the question to look at; all by default.

    Raises
    ------
    InputError
        If the campaign asks no question, or not about these parts.
    """

    def __init__(
        self, campaign: Campaign, catalog: Catalog, *, only: Sequence[Kind] | None = None
    ) -> None:
        if campaign.question is None:
            raise InputError("this campaign asks no question", field="question")
        parts = campaign.question.parts
        kept = {kind: part for kind, part in parts.items() if only is None or kind in only}
        self.campaign, self.catalog = campaign, catalog
        self.question = Question.model_validate(kept) if kept else None
        self._possible = Possible(campaign, catalog)
        self._n_seen: dict[tuple[str, str], int] = {}
        self._seen: dict[tuple[str, str], list[tuple[float, float]]] = {}

    def answers(self, rows: Sequence[Row]) -> dict[Kind, PartAnswer]:
        """Return the answer to every part, from rows of any source."""
        if self.question is None:
            return {}
        return answers(
            self.question,
            rows,
            self.catalog,
            calibration_rows=reference_rows(),
            seed=self.campaign.seed,
        )

    def state(self, rows: Sequence[Row], *, most: int = MOST_ADVISED) -> Answers:
        """Return the answers with what to compute next.

        Parameters
        ----------
        rows
            All that is known: of the reference campaign, and own ones.
        most
            How much is advised of each part, first values apart.
        """
        found = self.answers(rows)
        tried, seed = Tried.of(rows), self.campaign.seed
        could: dict[Kind, Options] = {}
        each: list[Advice] = []
        for kind, part in found.items():
            rungs = self._rungs(kind, part, rows)
            costs = self._costs({(r.kind, r.level) for r in rungs}, rows)
            some = options(part, rungs, partial(self._rough_s, costs), self._unusable, tried)
            # Somebody whom nobody has looked at is screened even where the answer seems clear.
            some = replace(some, further=()) if part.answered else some
            if some.first or not part.answered:
                could[kind] = some
                each += advice(part, some, self._plan, costs, tried, seed=seed, most=most)
        opening = [a for a in each if a.opening]
        return Answers(
            parts=found,
            options=could,
            advice=tuple(opening or sorted(each, key=lambda a: -a.per_hour)),
            seed=seed,
        )

    def _rungs(self, kind: Kind, part: PartAnswer, rows: Sequence[Row]) -> list[Rung]:
        return rungs_of(
            kind,
            part.question,
            rows,
            self.catalog,
            calibration_rows=reference_rows(),
            liquid_level=self.campaign.liquids.level,
        )

    def _unusable(self, rung: Rung) -> str:
        return self._possible.why_no_level(rung.kind, rung.level)

    def _rough_s(self, costs: Costs, rung: Rung) -> float | None:
        planned = [
            self._possible.planned_s(rung.kind, item, rung.level, rung.like) for item in rung.items
        ]
        known = [s for s in planned if s is not None]
        if len(known) < len(planned):
            return None
        return costs.of_planned(rung.kind, rung.level, sum(known)) * max(len(rung.seeds), 1)

    def _plan(self, rung: Rung) -> tuple[Calculation, ...]:
        found: dict[str, Calculation] = {}
        for item in rung.items:
            for seed in rung.seeds or (0,):
                way = self._possible.way(rung.kind, item, rung.level, like=rung.like, seed=seed)
                found |= {c.key: c for c in way.calculations}
        return tuple(found.values())

    def _costs(self, wanted: set[tuple[str, str]], rows: Sequence[Row]) -> Costs:
        """Return what calculations cost: here where enough were run here, else as we measured."""
        for kind, level in wanted:
            having = [r for r in rows if (r.kind, r.level, r.status) == (kind, level, "ok")]
            if len(having) != self._n_seen.get((kind, level)):
                self._n_seen[kind, level] = len(having)
                self._seen[kind, level] = self._pairs(having)
        return Costs.measured(self._seen)

    def _pairs(self, rows: Sequence[Row]) -> list[tuple[float, float]]:
        """Return planned and measured core-seconds of the latest rows, own ones where possible."""
        own = [r for r in rows if r.key not in self._reference]
        chosen = own if len(own) >= MIN_MEASURED else rows
        latest = sorted(chosen, key=lambda r: (r.started, r.key), reverse=True)[:_SAMPLE]
        planned = (
            (self._possible.planned_s(r.kind, _of(r), r.level, r), r.core_seconds) for r in latest
        )
        return [(plan, seconds) for plan, seconds in planned if plan is not None]

    @cached_property
    def _reference(self) -> frozenset[str]:
        return frozenset(r.key for r in reference_rows())


def _of(row: Row) -> str:
    """Return what a row is of; of a complex with one K+ the species that holds it."""
    return row.item.removeprefix(K_COMPLEX) if row.kind == "complex" else row.item


def ask(
    question: str | Path | Question | Mapping[str, Any],
    store: Store | str | Path | None = None,
    *,
    catalog: Catalog | None = None,
    seed: int | None = None,
) -> Answers:
    """Answer a question from what is known, and say what to compute next for it.

    Nothing is computed. Known are the rows of Potash's reference campaign and those of a store.

    Parameters
    ----------
    question
        A campaign file, or what stands under ``question:`` in one.
    store
        Its rows count, too.
    catalog
        Candidates; by default the campaign's, or those that ship with Potash.
    seed
        Of the draws; by default the campaign's, or 1.

    Returns
    -------
    ~potash.api.asking.Answers
        ``parts`` (who is in, in doubt, out, and why), ``advice`` (what to compute next, with
        expected gain and core-seconds), ``certainty()`` (what more certainty would cost).

    Raises
    ------
    InputError
        If the question is not usable, or cannot be answered at all.

    Examples
    --------
    >>> import potash
    >>> by = {"oxidation_limit_v": {"best": 7.0, "worst": 4.0}}
    >>> among = {"roles": "solvent", "without_elements": "F"}
    >>> found = potash.ask({"molecules": {"choose": 3, "among": among, "by": by}})
    >>> [p.id for p in found.parts["molecules"].placed if p.chosen][0]
    'water'
    """
    if isinstance(question, str | Path):
        campaign, own = load_campaign(Path(question))
        catalog = catalog or own
        source = str(question)
    else:
        source = "question"
        asked = (
            question
            if isinstance(question, Question)
            else record_from(Question, dict(question), source=source)
        )
        campaign = Campaign(name="question", question=asked)
        catalog = catalog or load_catalog()
    if seed is not None:
        campaign = campaign.model_copy(update={"seed": seed})
    opened = store if store is None or isinstance(store, Store) else Store(store)
    try:
        return Asking(campaign, catalog).state(known_rows(opened, catalog))
    except InputError as error:
        raise InputError(error.message, source=source, field=error.field) from None
