"""What a calculation of barriers has behind it, on disk, for the run that goes on after it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ase import Atoms

from potash.bulk.band_hops import HopRecord
from potash.structures.plain_atoms import atoms_of, extxyz

_FILE = "hops.json"


class KeptHops:
    """The relaxed crystal and the finished hops of one calculation.

    Parameters
    ----------
    folder
        Of the calculation; its file is read where a run before has left one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data: dict[str, Any] = {"hops": {}}
        with contextlib.suppress(OSError, ValueError):  # none, or not written to its end
            self._data = json.loads((folder / _FILE).read_text(encoding="utf-8"))

    @property
    def crystal(self) -> tuple[Atoms, int] | None:
        """The relaxed crystal and the force calls that it took; None where there is none yet."""
        text = self._data.get("crystal")
        return None if text is None else (atoms_of(text), int(self._data["crystal_calls"]))

    def keep_crystal(self, atoms: Atoms, force_calls: int) -> tuple[Atoms, int]:
        """Keep the relaxed crystal, and return it as a later run would read it."""
        text = extxyz(atoms)
        self._data |= {"crystal": text, "crystal_calls": force_calls}
        self._write()
        return atoms_of(text), force_calls

    def hop(self, number: int) -> HopRecord | None:
        """Return a finished hop, or None."""
        data = self._data["hops"].get(str(number))
        return None if data is None else HopRecord(**data)

    def keep_hop(self, number: int, record: HopRecord) -> None:
        """Keep a finished hop."""
        self._data["hops"][str(number)] = asdict(record)
        self._write()

    def _write(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f"{_FILE}.partial"
        partial.write_text(json.dumps(self._data), encoding="utf-8")
        partial.replace(self._folder / _FILE)
