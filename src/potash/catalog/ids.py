"""The ids of the shipped catalogue, read in hundredths of a second: no entry is validated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

from potash.catalog.yaml_text import load_shipped
from potash.resources import data_dir

EntryKind = Literal[
    "host", "model", "species", "salt", "electrolyte", "claim", "equation", "misprint"
]

_FILES: Final[Mapping[EntryKind, tuple[str, str, str]]] = {
    "host": ("structures", "hosts.yaml", "hosts"),
    "model": ("structures", "models.yaml", "models"),
    "species": ("molecules", "species.yaml", "species"),
    "salt": ("molecules", "salts.yaml", "salts"),
    "electrolyte": ("molecules", "electrolytes.yaml", "electrolytes"),
    "claim": ("molecules", "claims.yaml", "claims"),
    "equation": ("molecules", "claims.yaml", "equations"),
    "misprint": ("molecules", "claims.yaml", "misprints"),
}


@lru_cache(maxsize=len(_FILES))
def shipped_ids(kind: EntryKind) -> Mapping[str, tuple[str, ...]]:
    """Return the ids of one kind of entry with their other names, in the order of the file.

    >>> shipped_ids("salt")["kfsi"]
    ('potassium bis(fluorosulfonyl)imide',)
    """
    folder, name, key = _FILES[kind]
    entries = load_shipped(data_dir(folder) / name)[key]
    return {
        str(entry["id"]): tuple(
            str(text) for text in (entry.get("name"), *entry.get("abbreviations", ())) if text
        )
        for entry in entries
    }
