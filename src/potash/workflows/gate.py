"""The gate of a campaign: a person decides which of its best candidates go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from prefect import suspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment, flow_run
from pydantic import Field

from potash.catalog.campaign_parts import GatePart
from potash.errors import InputError
from potash.ranking.table import RankedTable
from potash.store import Store
from potash.store.decisions import decide, states
from potash.store.runs import recent_runs

GATED = ("hosts", "electrolytes")
"""Rankings whose candidates can go to the bench."""
PROPOSER = "potash"


class Approval(RunInput):
    """What a person decides; what is in neither list stays proposed."""

    approve: list[str] = Field(default=[], description="Ids that go on.")
    reject: list[str] = Field(default=[], description="Ids that do not.")
    by: str = Field(min_length=1, description="Your name.")
    why: str = Field(min_length=1, description="The reason, in a sentence.")


def pass_gate(
    part: GatePart,
    tables: Mapping[str, RankedTable],
    store: Store,
    campaign: str,
    tell: Callable[[str], object],
) -> None:
    """Propose the best undecided candidates, and wait until a person has decided.

    Waiting ends this process: the run is suspended, and goes on in another one when it is
    resumed, with all rows known. Where the run is of no deployment (``potash run``) nothing
    waits: the candidates are proposed, and ``potash approve`` decides. Without an undecided
    candidate, or while an earlier run of the campaign waits, this one does not wait.

    Parameters
    ----------
    part
        The campaign's gate.
    tables
        Rankings by name.
    store
        Where decisions are kept.
    campaign
        Its name.
    tell
        Called with what happens, in a line.

    Raises
    ------
    InputError
        If what was decided names none of the proposed candidates.
    """
    proposed = propose(part, tables, store, campaign)
    if not proposed:
        return
    names = ", ".join(proposed)
    if not deployment.id:
        tell(f"proposed: {names}; potash approve ID --by NAME --why ... decides")
        return
    others = [r for r in recent_runs(store, campaign=campaign, limit=1000) if r.id != flow_run.id]
    if any(run.state == "waiting" for run in others):
        tell(f"proposed: {names}; an earlier run waits for the decision already")
        return
    tell(f"proposed: {names}; the run waits for a decision")
    asked = Approval.with_initial_data(
        description=f"Which candidates of **{campaign}** go on? Proposed: {names}.",
        approve=list(proposed),
    )
    enact(suspend_flow_run(wait_for_input=asked, key="gate"), proposed, store, tell)


def propose(
    part: GatePart, tables: Mapping[str, RankedTable], store: Store, campaign: str
) -> tuple[str, ...]:
    """Return the best candidates that nobody has decided about; new ones become proposed."""
    if not part.approve:
        return ()
    known = states(store)
    found: list[str] = []
    for name in GATED:
        for place, entry in enumerate(tables[name].ranked[: part.propose], 1):
            if entry.id not in known:
                why = f"place {place} of the {name} of campaign {campaign}"
                decide(store, entry.id, "proposed", by=PROPOSER, why=why)
            if entry.id not in known or known[entry.id].state == "proposed":
                found.append(entry.id)
    return tuple(found)


def enact(
    given: Approval, proposed: Sequence[str], store: Store, tell: Callable[[str], object]
) -> None:
    """Keep what a person decided.

    Raises
    ------
    InputError
        If an id was not proposed, or stands in both lists; then nothing is kept.
    """
    for name in (*given.approve, *given.reject):
        if name not in proposed:
            raise InputError(f"{name!r} was not proposed; proposed: {', '.join(proposed)}")
        if name in given.approve and name in given.reject:
            raise InputError(f"{name!r} is both approved and rejected")
    for name in given.approve:
        tell(f"{name}: {decide(store, name, 'approved', by=given.by, why=given.why).words()}")
    for name in given.reject:
        tell(f"{name}: {decide(store, name, 'rejected', by=given.by, why=given.why).words()}")
