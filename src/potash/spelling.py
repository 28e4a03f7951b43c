"""The nearest known name, for messages about one that is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches


def nearest_word(word: str, allowed: Sequence[str]) -> str | None:
    """Return the allowed word that is most like ``word`` apart from case, or None.

    Where none is spelt alike, the shortest that contains it: ``epoxy`` finds
    ``epoxy_graphene``.

    >>> nearest_word("Graphit", ["graphite", "copper"])
    'graphite'
    """
    by_lower = {a.lower(): a for a in reversed(allowed)}
    sought = word.lower()
    match = get_close_matches(sought, list(by_lower), n=1, cutoff=0.6)
    if match:
        return by_lower[match[0]]
    holding = [a for a in by_lower if len(sought) > 2 and sought in a]
    return by_lower[min(holding, key=lambda a: (len(a), a))] if holding else None


def nearest(word: str, allowed: Sequence[str]) -> str:
    """Return ``"; did you mean 'x'?"``, or nothing if no allowed word is close."""
    match = nearest_word(word, allowed)
    return f"; did you mean {match!r}?" if match else ""


def unknown(what: str, name: str, known: Mapping[str, Iterable[str]]) -> str:
    """Return the message for an id that does not exist, with the nearest one.

    Parameters
    ----------
    what
        Such as ``host``.
    name
        What was typed.
    known
        Id to its other names, which count too: for ``diglyme`` the message offers ``g2``.
    """
    ids = {entry_id: entry_id for entry_id in known}
    for entry_id, others in known.items():
        for other in others:
            ids.setdefault(other, entry_id)
    near = nearest_word(name, list(ids))
    hint = f"; did you mean {ids[near]!r}?" if near else "; see the list of ids"
    return f"unknown {what} {name!r}{hint}"
