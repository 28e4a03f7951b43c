"""Files of LAMMPS: dumps with every header, and the columns of data files."""

from __future__ import annotations

import gzip
import re
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from MDAnalysis.coordinates.base import ReaderBase
from MDAnalysis.lib.mdamath import triclinic_box, triclinic_vectors
from MDAnalysis.lib.util import store_init_arguments
from numpy.typing import NDArray

from potash.errors import InputError

ATOM_STYLES: Final = {
    "atomic": "id type x y z",
    "charge": "id type charge x y z",
    "dipole": "id type charge x y z",
    "sphere": "id type diameter density x y z",
    "bond": "id resid type x y z",
    "angle": "id resid type x y z",
    "molecular": "id resid type x y z",
    "full": "id resid type charge x y z",
}
"""Columns of the Atoms section by the name of LAMMPS' atom style."""
TIME_UNITS_PS: Final = {"fs": 1e-3, "ps": 1.0, "ns": 1e3, "us": 1e6}
_UNITS: Final = {"real": "fs", "metal": "ps"}
_COORDINATES: Final = (
    ("x", "y", "z"),
    ("xs", "ys", "zs"),
    ("xu", "yu", "zu"),
    ("xsu", "ysu", "zsu"),
)


def atom_columns(path: Path, style: str | None) -> str:
    """Return the columns of a data file's Atoms section, in MDAnalysis' words.

    Parameters
    ----------
    path
        The data file.
    style
        Name of an atom style, or columns such as ``id type x y z``; by default what the file
        says (``Atoms # charge``), else what its numbers allow.

    Raises
    ------
    InputError
        If the style is unknown, or the file neither says it nor leaves one possibility.
    """
    if style is not None:
        columns = ATOM_STYLES.get(style, style)
        words = columns.split()
        if not {"id", "type", "x", "y", "z"} <= set(words):
            raise InputError(
                f"{style!r} is no atom style; choose from {', '.join(ATOM_STYLES)}, or list the "
                "columns, such as 'id type x y z'",
                source="atom_style",
            )
        return columns
    with _opened(path) as file:
        for line in file:
            words = line.split("#")[0].split()
            if words == ["Atoms"]:
                hint = line.partition("#")[2].split()
                first = next((row.split("#")[0].split() for row in file if row.strip()), [])
                if hint:
                    if hint[0] in ATOM_STYLES:
                        return ATOM_STYLES[hint[0]]
                    raise InputError(
                        f"has the atom style {hint[0]!r}, which is not known here; list its "
                        "columns by the argument atom_style, such as 'id type x y z'",
                        source=str(path),
                    )
                return _guessed_columns(path, first)
    raise InputError("has no section Atoms", source=str(path))


def _guessed_columns(path: Path, row: list[str]) -> str:
    """Columns of a section without a hint; with image flags there are three more."""
    whole = [bool(re.fullmatch(r"[+-]?\d+", word)) for word in row]
    n = len(row) - (3 if len(row) in (8, 9, 10) and all(whole[-3:]) else 0)
    if n == 5:
        return ATOM_STYLES["atomic"]
    if n == 6 and not whole[2]:
        return ATOM_STYLES["charge"]
    if n == 7 and whole[2] and not whole[3]:
        return ATOM_STYLES["full"]
    raise InputError(
        f"does not say its atom style (as in 'Atoms # full'), and {len(row)} columns may be "
        "several; give it by the argument atom_style, such as full, molecular, charge or atomic",
        source=str(path),
    )


def _opened(path: str | Path) -> IO[str]:
    if str(path).endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return Path(path).open(encoding="utf-8", errors="replace")


class LammpsDump(ReaderBase):  # type: ignore[misc]
    """Frames of a text dump, plain or gzipped, for MDAnalysis.

    Reads ``ITEM: TIME`` and ``ITEM: UNITS`` where there are, any order of columns, orthogonal,
    triclinic and general triclinic boxes. Atoms are ordered by id.

    Parameters
    ----------
    filename
        The dump.
    dt_ps
        Time between its frames in picoseconds.
    time_unit
        Unit of ``ITEM: TIME`` (``fs``, ``ps``, ``ns``, ``us``) where the file does not name it.

    Attributes
    ----------
    times_known
        Whether times are in picoseconds; else they are numbers of frames.
    columns
        Columns of the first frame that are texts or numbers of atoms: ``type``, ``element``,
        ``mol``, ``mass``, ``q``, ordered by id.
    """

    format = "LAMMPSTEXT"
    units = {"time": "ps", "length": "Angstrom"}  # noqa: RUF012 - MDAnalysis' own protocol

    @store_init_arguments  # type: ignore[untyped-decorator]
    def __init__(
        self,
        filename: Any,
        dt_ps: float | None = None,
        time_unit: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(filename, **kwargs)
        self._dt_ps, self._time_unit = dt_ps, time_unit
        self._offsets: list[tuple[int, int]] = []
        self._file: IO[Any] | None = None
        self._scan()
        self.n_frames = len(self._offsets)
        self.times_known = dt_ps is not None or self._unit_ps is not None
        self.ts = self._Timestep(self.n_atoms, **self._ts_kwargs)
        self.columns = self._columns_of_first()
        self._read_frame(0)

    def _scan(self) -> None:
        """Find where every frame begins; check the units of the first."""
        n_atoms: int | None = None
        line_number = 0
        begin: tuple[int, int] | None = None
        with self._opened() as file:
            where = 0
            while line := file.readline():
                line_number += 1
                if not line.strip():
                    where = file.tell()
                    continue
                if not line.startswith(b"ITEM:"):
                    raise self._bad(
                        line_number, "'ITEM:' is expected here, as in LAMMPS' text dumps"
                    )
                begin = begin or (where, line_number - 1)
                if line.startswith(b"ITEM: ATOMS"):
                    if n_atoms is None:
                        raise self._bad(line_number, "ITEM: ATOMS before ITEM: NUMBER OF ATOMS")
                    for k, row in enumerate(islice(file, n_atoms), start=1):
                        if row.startswith(b"ITEM:"):
                            raise self._bad(
                                line_number + k, f"this frame has fewer lines than {n_atoms} atoms"
                            )
                    line_number += n_atoms
                    self._offsets.append(begin)
                    begin = None
                else:
                    for _ in range(_lines_of(line)):
                        value = file.readline()
                        line_number += 1
                    if line.startswith(b"ITEM: NUMBER OF ATOMS"):
                        n_atoms = self._number(value, line_number)
                        if not 0 < n_atoms < 10**9:
                            raise self._bad(line_number, f"{n_atoms} is no number of atoms")
                where = file.tell()
        if begin is not None:  # a header without atoms: reading it says so
            self._offsets.append(begin)
        if not self._offsets or n_atoms is None:
            raise InputError("holds no frame of a LAMMPS dump", source=self.filename)
        header = self._header(0)
        self.n_atoms = header.n_atoms
        unit = self._time_unit or (_UNITS.get(header.units) if header.units else None)
        if header.units and header.units not in _UNITS:
            raise InputError(
                f"is in LAMMPS units {header.units!r}; only real and metal are in angstrom",
                source=self.filename,
            )
        if unit is not None and unit not in TIME_UNITS_PS:
            raise InputError(
                f"{unit!r} is no unit of time; choose from {', '.join(TIME_UNITS_PS)}",
                source="time_unit",
            )
        self._unit_ps = TIME_UNITS_PS[unit] if unit and header.time is not None else None
        self.holds_time = header.time is not None
        first = header.step
        second = self._header(1).step if len(self._offsets) > 1 else first + 1
        self._step_ps = None
        if self._dt_ps is not None:
            self._step_ps = self._dt_ps / ((second - first) or 1)

    def _number(self, text: bytes, line: int) -> int:
        try:
            return int(text)
        except ValueError:
            raise self._bad(
                line, f"{_short(text)!r} stands where a whole number is expected"
            ) from None

    def _bad(self, line: int, problem: str) -> InputError:
        return InputError(f"line {line}: {problem}", source=self.filename)

    def _opened(self) -> IO[Any]:
        if self.filename.endswith(".gz"):
            return gzip.open(self.filename)  # type: ignore[return-value]
        return Path(self.filename).open("rb")

    def close(self) -> None:
        """Close the file."""
        if getattr(self, "_file", None) is not None:
            self._file.close()  # type: ignore[union-attr]
        self._file = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_file": None}

    def _at(self, frame: int) -> IO[Any]:
        if self._file is None:
            self._file = self._opened()
        self._file.seek(self._offsets[frame][0])
        return self._file

    def _header(self, frame: int) -> _Header:
        """Read a frame up to its atoms; the file then stands at the first of them."""
        file, line_number = self._at(frame), self._offsets[frame][1]
        found = _Header(line=line_number)
        while line := file.readline():
            line_number += 1
            if line.startswith(b"ITEM: ATOMS"):
                found.columns = line.decode("utf-8", "replace").split()[2:]
                found.line = line_number
                return found
            rows = [file.readline() for _ in range(_lines_of(line))]
            if line.startswith(b"ITEM: TIMESTEP"):
                found.step = self._number(rows[0], line_number + 1)
            elif line.startswith(b"ITEM: NUMBER OF ATOMS"):
                found.n_atoms = self._number(rows[0], line_number + 1)
            elif line.startswith(b"ITEM: TIME"):
                found.time = self._floats(rows[0], line_number + 1, (1,))[0]
            elif line.startswith(b"ITEM: UNITS"):
                found.units = rows[0].decode("utf-8", "replace").strip()
            elif line.startswith(b"ITEM: BOX BOUNDS"):
                found.bounds = [
                    self._floats(row, line_number + 1 + k, (2, 3, 4)) for k, row in enumerate(rows)
                ]
            line_number += len(rows)
        raise self._bad(line_number, f"frame {frame} ends before its atoms")

    def _floats(self, text: bytes, line: int, n: tuple[int, ...]) -> list[float]:
        try:
            values = [float(word) for word in text.split()]
        except ValueError:
            values = []
        if len(values) not in n or not np.isfinite(values).all():
            raise self._bad(line, f"{_short(text)!r} should hold {n[0]} numbers")
        return values

    def _rows(self, frame: int, header: _Header) -> list[bytes]:
        if header.n_atoms != self.n_atoms:
            raise self._bad(
                header.line,
                f"frame {frame} has {header.n_atoms} atoms and the first {self.n_atoms}; "
                "all frames must have the same",
            )
        assert self._file is not None
        rows = list(islice(self._file, self.n_atoms))
        if len(rows) < self.n_atoms or not rows[-1].endswith(b"\n"):
            raise self._bad(
                header.line + len(rows),
                f"frame {frame} ends early ({len(rows)} of {self.n_atoms} atoms)",
            )
        return rows

    def _table(self, rows: list[bytes], header: _Header, wanted: list[str]) -> NDArray[np.float64]:
        places = [header.columns.index(name) for name in wanted]
        try:
            return np.loadtxt(rows, usecols=places, ndmin=2, comments=None)
        except (ValueError, IndexError, UnicodeDecodeError, OverflowError):
            for k, row in enumerate(rows):
                words = row.split()
                try:
                    for place in places:
                        float(words[place])
                except (ValueError, IndexError):
                    raise self._bad(
                        header.line + 1 + k,
                        f"{_short(row)!r} should hold the {len(header.columns)} columns "
                        f"{' '.join(header.columns)}",
                    ) from None
            raise self._bad(header.line, "the atoms of this frame cannot be read") from None

    def _columns_of_first(self) -> dict[str, NDArray[Any]]:
        header = self._header(0)
        rows = [row.decode("utf-8", "replace").split() for row in self._rows(0, header)]
        order = self._order(header, rows)
        found: dict[str, NDArray[Any]] = {}
        for name in ("type", "element", "mol", "mass", "q"):
            if name in header.columns:
                place = header.columns.index(name)
                values = np.array([row[place] if len(row) > place else "" for row in rows])
                found[name] = values[order]
        return found

    def _order(self, header: _Header, rows: list[list[str]]) -> NDArray[np.int64]:
        if "id" not in header.columns:
            return np.arange(len(rows))
        place = header.columns.index("id")
        try:
            return np.argsort(np.array([int(row[place]) for row in rows]), kind="stable")
        except (ValueError, IndexError, OverflowError):
            return np.arange(len(rows))

    def _read_frame(self, frame: int) -> Any:
        if not 0 <= frame < self.n_frames:
            raise OSError(f"there is no frame {frame}")
        header = self._header(frame)
        names = next((c for c in _COORDINATES if set(c) <= set(header.columns)), None)
        if names is None:
            raise self._bad(header.line, "no columns x y z, xs ys zs, xu yu zu or xsu ysu zsu")
        rows = self._rows(frame, header)
        ids = ["id"] if "id" in header.columns else []
        table = self._table(rows, header, [*names, *ids])
        if ids:
            order = np.argsort(table[:, 3], kind="stable")
            if np.any(np.diff(table[order, 3]) <= 0):
                raise self._bad(header.line, f"frame {frame} gives an atom id twice")
            table = table[order]
        box, origin, turned = self._box(header)
        positions = table[:, :3]
        if names[0].startswith("xs"):
            positions = positions @ triclinic_vectors(box).astype(float)
        elif turned is not None:  # general triclinic: into the orientation of the box
            positions = (positions - origin) @ turned
        else:
            positions = positions - origin
        ts = self.ts
        ts.frame = frame
        ts.positions = positions.astype(np.float32)
        ts.dimensions = box
        ts.data["step"] = header.step
        if self._step_ps is not None:
            ts.time = header.step * self._step_ps
        elif self._unit_ps is not None and header.time is not None:
            ts.time = header.time * self._unit_ps
        else:
            ts.time = float(frame)
        return ts

    def _box(
        self, header: _Header
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64] | None]:
        """Box as lengths and angles, its origin, and the turn into that orientation."""
        if len(header.bounds) != 3 or len({len(row) for row in header.bounds}) != 1:
            raise self._bad(header.line, "no ITEM: BOX BOUNDS of three lines before the atoms")
        bounds = np.array(header.bounds)
        turned = None
        if bounds.shape[1] == 4:
            vectors, origin = bounds[:, :3], bounds[:, 3]
        else:
            low, high = bounds[:, 0].copy(), bounds[:, 1].copy()
            xy, xz, yz = bounds[:, 2] if bounds.shape[1] == 3 else (0.0, 0.0, 0.0)
            low[0] -= min(0.0, xy, xz, xy + xz)
            high[0] -= max(0.0, xy, xz, xy + xz)
            low[1] -= min(0.0, yz)
            high[1] -= max(0.0, yz)
            size = high - low
            vectors = np.array([[size[0], 0, 0], [xy, size[1], 0], [xz, yz, size[2]]])
            origin = low
        if not np.linalg.det(vectors) > 0.0:
            raise self._bad(header.line, "the box has no volume")
        box = np.asarray(triclinic_box(*vectors), np.float32)
        if bounds.shape[1] == 4:
            turned = np.linalg.inv(vectors) @ triclinic_vectors(box).astype(float)
        return box, origin, turned

    def _read_next_timestep(self, ts: Any = None) -> Any:
        if self.ts.frame + 1 >= self.n_frames:
            raise EOFError
        return self._read_frame(self.ts.frame + 1)

    def _reopen(self) -> None:
        self.ts.frame = -1


class _Header:
    """What stands before the atoms of a frame."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.step = 0
        self.n_atoms = 0
        self.time: float | None = None
        self.units = ""
        self.bounds: list[list[float]] = []
        self.columns: list[str] = []


def _lines_of(item: bytes) -> int:
    """Lines that follow a header line."""
    return 3 if item.startswith(b"ITEM: BOX BOUNDS") else 1


def _short(text: bytes) -> str:
    shown = text.decode("utf-8", "replace").strip()
    return shown if len(shown) <= 40 else shown[:37] + "..."
