"""Filters of a ranking: what the options say, as conditions of a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from potash.errors import InputError
from potash.spelling import nearest

if TYPE_CHECKING:
    from potash.ranking.tiers import Wish

_WHERE = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(>=|<=)\s*(\S+)\s*$")


def wish_of(
    kind: str,
    choose: int | None,
    *,
    roles: Sequence[str],
    populations: Sequence[str],
    classes: Sequence[str],
    with_elements: str | None,
    without_elements: str | None,
    stable_with_k: bool,
    where: Sequence[str],
) -> Wish:
    """Return what a ranking is asked for.

    Parameters
    ----------
    kind
        ``hosts``, ``electrolytes`` or ``molecules``.
    choose
        How many make up the best; None: the usual.
    roles, populations, classes
        Any of these; ``all`` populations is each of them.
    with_elements, without_elements
        Symbols, comma-separated.
    stable_with_k
        Only hosts that survive contact with K.
    where
        Conditions on quantities, such as ``oxidation_limit_v>=4``.

    Raises
    ------
    InputError
        For a role, class or element that there is none of, a condition that cannot be read or
        met, and an option that this kind has no use for.
    """
    from pydantic import ValidationError

    from potash.catalog.hosts import POPULATIONS
    from potash.catalog.question import Among, AmongElectrolytes, AmongHosts, AmongMolecules
    from potash.ranking.tiers import Wish

    models: dict[str, type[Among]] = {
        "hosts": AmongHosts,
        "electrolytes": AmongElectrolytes,
        "molecules": AmongMolecules,
    }
    model = models[kind]
    given: dict[str, Any] = {
        "roles": tuple(roles),
        "populations": tuple(POPULATIONS) if "all" in populations else tuple(populations),
        "classes": tuple(classes),
        "stable_with_k": stable_with_k or None,
        "with_elements": _elements(with_elements),
        "without_elements": _elements(without_elements),
    }
    fields = {name: value for name, value in given.items() if value}
    for name in fields:
        if name not in model.model_fields:
            raise InputError(f"{kind} have no {_WHAT[name]} to go by", source=_OPTIONS[name])
    bounds = _bounds(where)
    try:
        return Wish(choose, model.model_validate(fields | bounds))
    except ValidationError as error:
        first = error.errors()[0]
        place = str(first["loc"][0])
        known = re.findall(r"'([^']+)'", str(first.get("ctx", {}).get("expected", "")))
        value = first["input"]
        if known:
            message = f"{value!r} is not one of {', '.join(known)}{nearest(str(value), known)}"
        else:
            message = str(first["msg"]).removeprefix("Value error, ")
        raise InputError(message, source=_OPTIONS.get(place, f"--where {place}")) from None


_WHAT = {
    "roles": "role",
    "populations": "population",
    "classes": "class",
    "stable_with_k": "contact with K",
}
_OPTIONS = {
    "roles": "--role",
    "populations": "--population",
    "classes": "--class",
    "stable_with_k": "--stable-with-k",
    "with_elements": "--with",
    "without_elements": "--without",
}


def _elements(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _bounds(where: Sequence[str]) -> dict[str, dict[str, float]]:
    bounds: dict[str, dict[str, float]] = {}
    for text in where:
        found = _WHERE.match(text)
        try:
            if found is None:
                raise ValueError
            column, sign, value = found.groups()
            side = "at_least" if sign == ">=" else "at_most"
            bounds.setdefault(column, {})[side] = float(value)
        except ValueError:
            raise InputError(
                f"{text!r} is not of the form quantity>=number or quantity<=number",
                source="--where",
            ) from None
    return bounds
