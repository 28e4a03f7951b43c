"""The trace of a ladder: what was run, why, what it cost and what doubt it took away.

One JSON line per event in the output folder. A round of the ladder is written when it begins and
again when it has ended: of two lines with one number the later counts, so that a run that was
killed leaves its last round open for the next run to close.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from potash.errors import InputError

Reason = Literal["answered", "budget", "nothing"]
"""Why a ladder ended: every part is answered at the confidence asked for, what is worth running
costs more than is left, or nothing known to Potash can settle it."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Standing(_Line):
    """Where one part of a question stood.

    Attributes
    ----------
    confidence
        See :class:`~potash.ranking.membership.Answer`.
    doubt
        Sum of p (1 - p) over its candidates.
    """

    confidence: float
    doubt: float


class Decision(_Line):
    """One thing that was run.

    Attributes
    ----------
    part, candidate, column, level
        For which candidate of which part of the question, which quantity, at which level.
    why
        One sentence.
    keys
        Of the rows that it was to give.
    predicted_s, actual_s
        Core-seconds; the actual ones as the rows say, None while none has ended.
    predicted_fall
        Expected fall of the doubt of its part.
    statuses
        Of the rows, in the order of the keys; ``missing`` where there is none.
    """

    part: str
    candidate: str
    column: str
    level: str
    why: str
    keys: tuple[str, ...]
    predicted_s: float
    predicted_fall: float
    actual_s: float | None = None
    statuses: tuple[str, ...] = ()


class Round(_Line):
    """What was run side by side, before and after.

    Attributes
    ----------
    number
        Counts from 1, over all runs of a campaign.
    started
        UTC time, ISO 8601.
    decisions
        What was run.
    before, after
        Part of the question to where it stood; nothing after while the round is open.
    """

    event: Literal["round"] = "round"
    number: int
    started: str
    decisions: tuple[Decision, ...]
    before: Mapping[str, Standing]
    after: Mapping[str, Standing] | None = None

    @property
    def predicted_s(self) -> float:
        """Expected core-seconds."""
        return sum(d.predicted_s for d in self.decisions)

    @property
    def actual_s(self) -> float:
        """Core-seconds that the rows say."""
        return sum(d.actual_s or 0.0 for d in self.decisions)

    @property
    def predicted_fall(self) -> float:
        """Expected fall of the doubt over all parts, each decision for itself."""
        return sum(d.predicted_fall for d in self.decisions)

    @property
    def actual_fall(self) -> float | None:
        """Fall of the doubt over all parts; None while the round is open.

        Negative where a result made more candidates doubtful than it settled.
        """
        if self.after is None:
            return None
        before = sum(s.doubt for s in self.before.values())
        return before - sum(s.doubt for s in self.after.values())


class End(_Line):
    """Why a run of the ladder ended.

    Attributes
    ----------
    reason
        Why it ended.
    said
        The same in one sentence.
    core_hours
        Spent on the question, over all runs.
    standing
        Part of the question to where it stands.
    """

    event: Literal["end"] = "end"
    reason: Reason
    said: str
    core_hours: float
    standing: Mapping[str, Standing]


_LINE: TypeAdapter[Round | End] = TypeAdapter(Annotated[Round | End, Field(discriminator="event")])


class Trace:
    """The trace in a file, which is made with the first event.

    Parameters
    ----------
    path
        JSON lines.

    Raises
    ------
    InputError
        If a line but the last is no event.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rounds: dict[int, Round] = {}
        self.end: End | None = None
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        for number, line in enumerate(lines, start=1):
            try:
                event = _LINE.validate_python(json.loads(line))
            except (ValueError, ValidationError) as error:
                if number == len(lines):  # the run was killed while it wrote
                    self._rewrite(lines[:-1])
                    break
                said = str(error).splitlines()[0]
                raise InputError(
                    f"line {number} is no event of a trace ({said}); move the file away",
                    source=str(path),
                ) from None
            self._take(event)

    @property
    def rounds(self) -> Sequence[Round]:
        """All rounds, in order."""
        return tuple(self._rounds[n] for n in sorted(self._rounds))

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of all rows that were to be computed, in order, each once."""
        return tuple(dict.fromkeys(k for r in self.rounds for d in r.decisions for k in d.keys))

    @property
    def spent_s(self) -> float:
        """Core-seconds of all rounds."""
        return sum(r.actual_s for r in self.rounds)

    def add(self, event: Round | End) -> None:
        """Append an event."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(event.model_dump_json() + "\n")
        self._take(event)

    def _take(self, event: Round | End) -> None:
        if isinstance(event, Round):
            self._rounds[event.number] = event
            self.end = None
        else:
            self.end = event

    def _rewrite(self, lines: Sequence[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        self.path.write_text(text, encoding="utf-8")
