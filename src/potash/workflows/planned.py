"""A campaign that was read and planned, and handing it to a flow of the same process."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

from potash.catalog.campaign import Campaign, load_campaign
from potash.catalog.catalog import Catalog
from potash.errors import InputError
from potash.ranking.campaign_criteria import criteria_of
from potash.running.former import as_known
from potash.running.limits import DAY_S, Limit, Limits
from potash.running.plan import plan
from potash.running.progress import Watch
from potash.running.schedule import Stage
from potash.store import Store


@dataclass(frozen=True)
class Planned:
    """A campaign with its catalogue and calculations.

    Attributes
    ----------
    campaign, catalog
        As read from the file.
    stages
        See :func:`potash.running.plan.plan`.
    """

    campaign: Campaign
    catalog: Catalog
    stages: tuple[Stage, ...]

    @property
    def limits(self) -> Limits:
        """What one calculation may use, by kind."""
        return Limits(
            kinds={
                kind: Limit(DAY_S if part.hours is None else part.hours * 3600.0, part.memory_gb)
                for kind, part in self.campaign.limits.items()
            }
        )

    def as_known(self, store: Store) -> Planned:
        """Return the plan with the calculations in the form of which a store has rows."""
        stages = tuple(Stage(s.name, tuple(as_known(s.calculations, store))) for s in self.stages)
        return replace(self, stages=stages)

    def all_keys(self, only: Sequence[str] | None, store: Store) -> list[str]:
        """Return the keys of the whole campaign, also where this plan is of a part of it.

        Of the form that the store has rows of.
        """
        whole = replace(self, stages=plan(self.campaign, self.catalog)) if only else self
        return [c.key for stage in whole.as_known(store).stages for c in stage.calculations]


def plan_file(path: Path, only: Sequence[str] | None = None) -> Planned:
    """Read a campaign file and plan it.

    Raises
    ------
    InputError
        If the file, an id, a level or a criterion is bad.
    RefusedError
        If the engine of a level is not installed.
    """
    with _no_collections():
        campaign, catalog = load_campaign(path)
        # A criterion that cannot be judged is told before the work.
        criteria_of(campaign.ranking)
        try:
            return Planned(campaign, catalog, plan(campaign, catalog, only=only))
        except InputError as error:
            source = error.source or str(path)
            raise InputError(error.message, source=source, field=error.field) from None


@contextmanager
def _no_collections() -> Iterator[None]:
    """Collect no garbage inside: a million objects are made that all stay, a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


_planned: ContextVar[Planned | None] = ContextVar("_planned", default=None)


_watch: ContextVar[Watch | None] = ContextVar("_watch", default=None)


@contextmanager
def handed_over(planned: Planned, watch: Watch | None = None) -> Iterator[None]:
    """Let the flow that is called inside use this plan, instead of making it a second time.

    Parameters
    ----------
    planned
        The plan.
    watch
        Shows what the flow computes beyond the plan.
    """
    tokens = _planned.set(planned), _watch.set(watch)
    try:
        yield
    finally:
        _planned.reset(tokens[0])
        _watch.reset(tokens[1])


def planned_here(path: Path, only: Sequence[str] | None) -> Planned:
    """Return what was handed over, or plan the file where nothing was: a scheduled flow."""
    return _planned.get() or plan_file(path, only)


def watch_here() -> Watch | None:
    """Return what shows the progress of this process' run; None in a scheduled flow."""
    return _watch.get()
