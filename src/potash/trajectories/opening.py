"""Anyone's files into an MDAnalysis universe, with times only where they are known."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import MDAnalysis as mda  # noqa: N813  (its documented short name)
import numpy as np
from numpy.typing import NDArray

from potash.errors import InputError
from potash.trajectories.lammps import TIME_UNITS_PS, LammpsDump, atom_columns
from potash.trajectories.xdr import READERS
from potash.xyz_frames import check_frames

Floats = NDArray[np.float64]

_LAMMPS_DUMPS: Final = (".dump", ".lammpstrj", ".lammpsdump")
_LAMMPS_DATA: Final = (".data", ".lmp", ".lammps")
_TIMED_DCD: Final = re.compile(r"OPENMM|NAMD|CHARMM|MDANALYSIS|^\s*\*|^\s*$", re.IGNORECASE)
"""Titles of DCD files whose writers state the time step in the unit of the format."""
_TIMED_FORMATS: Final = {"XTC", "TRR", "TNG", "NCDF", "H5MD"}


def open_universe(
    topology: str | Path,
    trajectory: str | Path | None = None,
    *,
    dt_ps: float | None = None,
    time_unit: str | None = None,
    atom_style: str | None = None,
) -> mda.Universe:
    """Open a trajectory of GROMACS, LAMMPS, AMBER, OpenMM, CHARMM, VASP or ASE.

    Parameters
    ----------
    topology
        Any topology or structure file that MDAnalysis reads, LAMMPS data or dump, XYZ with a
        ``Lattice``, XDATCAR, ASE ``.traj``, GRO with any number of frames.
    trajectory
        Frames; by default those of ``topology``.
    dt_ps
        Time between frames in picoseconds, for formats that do not hold it.
    time_unit
        Unit of the times in a LAMMPS dump (``fs``, ``ps``, ``ns``) that does not name it.
    atom_style
        Atom style or columns of a LAMMPS data file that does not say it.

    Raises
    ------
    InputError
        If a file is absent or cannot be read, in one line.
    """
    if dt_ps is not None and not (math.isfinite(dt_ps) and dt_ps > 0.0):
        raise InputError(f"{dt_ps} is no time between frames; it is positive", source="dt_ps")
    if time_unit is not None and time_unit not in TIME_UNITS_PS:
        raise InputError(
            f"{time_unit!r} is no unit of time; choose from {', '.join(TIME_UNITS_PS)}",
            source="time_unit",
        )
    files = [Path(topology)] if trajectory is None else [Path(topology), Path(trajectory)]
    for file in files:
        _check_file(file)
    source = files[0]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = _topology(files[0], atom_style, has_frames=len(files) == 1)
            source = files[-1]
            frames = _frames(files[-1], made, dt_ps, time_unit, only=len(files) == 1)
    except InputError:
        raise
    except MemoryError:
        raise InputError("asks for more memory than there is", source=str(source)) from None
    except Exception as error:  # every reader raises its own kinds
        text = str(error).strip().splitlines() or [type(error).__name__]
        what = "topology" if source is files[0] and len(files) == 2 else "trajectory"
        raise InputError(f"cannot be read as a {what}: {text[0]}", source=str(source)) from None
    if frames.atoms.n_atoms == 0:
        raise InputError("holds no atoms", source=str(files[0]))
    return frames


def times_known(universe: mda.Universe) -> bool:
    """Whether the times of the frames are in picoseconds, by the file or because they were given.

    Formats that hold step numbers only, or no time, do not tell; nor does DCD by a program that
    is not known to keep to the unit of the format: LAMMPS writes its own unit there, VMD 1.
    """
    trajectory = universe.trajectory
    own = getattr(trajectory, "times_known", None)
    if own is not None:
        return bool(own)
    if getattr(trajectory, "dt_was_given", False):
        return True
    if trajectory.format == "DCD":
        header = trajectory._file.header
        return bool(_TIMED_DCD.search(str(header["remarks"])) and header["delta"] > 0)
    if "dt" in trajectory.ts.data:
        return True
    return bool(_formats(trajectory) & _TIMED_FORMATS and "time" in trajectory.ts.data)


def _formats(trajectory: Any) -> set[str]:
    found = trajectory.format
    return {found} if isinstance(found, str) else set(found)


def why_times_unknown(universe: mda.Universe) -> str:
    """Return what would make the times of the frames known, as part of a sentence."""
    if getattr(universe.trajectory, "holds_time", False):
        return (
            "the times in the file have no unit; give it (time_unit: fs for LAMMPS units real, "
            "ps for metal) or the time between frames (dt_ps)"
        )
    if universe.trajectory.format == "DCD":
        return (
            "the program that wrote this DCD is not known to state its time step in a known "
            "unit (LAMMPS and VMD do not); give the time between frames (dt_ps)"
        )
    return "the trajectory does not hold the time between frames; give it (dt_ps)"


def _check_file(file: Path) -> None:
    try:
        if file.is_dir():
            raise InputError("is a folder, not a file", source=str(file))
        if not file.is_file():
            raise InputError("there is no such file", source=str(file))
        with file.open("rb") as opened:
            if not opened.read(1):
                raise InputError("is empty", source=str(file))
    except (OSError, ValueError) as error:
        shown = str(file) if len(str(file)) <= 80 else f"{str(file)[:40]}...{str(file)[-20:]}"
        raise InputError(
            f"cannot be read: {getattr(error, 'strerror', None) or error}", source=shown
        ) from None


def _suffix(file: Path) -> str:
    name = file.name.lower().removesuffix(".gz")
    return Path(name).suffix or name


def _read_by_ase(file: Path) -> str | None:
    """ASE's name of the format, for the files that ASE reads better."""
    suffix, name = _suffix(file), file.name.upper()
    if suffix == ".extxyz" or (suffix == ".xyz" and _has_lattice(file)):
        return "extxyz"
    if suffix == ".traj" and file.read_bytes()[:4] == b"- of":
        return "traj"
    if "XDATCAR" in name:
        return "vasp-xdatcar"
    return None


def _has_lattice(file: Path) -> bool:
    with file.open(encoding="utf-8", errors="replace") as opened:
        opened.readline()
        return "lattice=" in opened.readline().lower()


def _topology(file: Path, atom_style: str | None, *, has_frames: bool) -> mda.Universe:
    """Read a topology; frames are those of the file itself."""
    suffix = _suffix(file)
    if suffix in _LAMMPS_DATA:
        columns = atom_columns(file, atom_style)
        return mda.Universe(str(file), topology_format="DATA", atom_style=columns, to_guess=())
    if suffix in _LAMMPS_DUMPS:
        return _dump_topology(LammpsDump(str(file)))
    if _read_by_ase(file):
        return _ase_topology(file, _read_by_ase(file))
    made = mda.Universe(str(file), to_guess=())
    if has_frames and not hasattr(made, "trajectory"):
        raise InputError("holds no coordinates; give a trajectory as well", source=str(file))
    return made


def _frames(
    file: Path, made: mda.Universe, dt_ps: float | None, time_unit: str | None, *, only: bool
) -> mda.Universe:
    """Load the frames of ``file`` into the universe of its topology."""
    suffix = _suffix(file)
    form = _read_by_ase(file)
    if suffix in _LAMMPS_DUMPS:
        made.load_new(str(file), format=LammpsDump, dt_ps=dt_ps, time_unit=time_unit)
    elif form:
        _load_ase(made, file, form, dt_ps)
    elif suffix == ".gro":
        _load(made, file, gro_frames(file), dt_ps)
    elif not only or dt_ps is not None:
        own = {} if suffix not in READERS else {"format": READERS[suffix]}
        made.load_new(str(file), **own, **({} if dt_ps is None else {"dt": dt_ps}))
        made.trajectory.dt_was_given = dt_ps is not None
    return made


def _dump_topology(dump: LammpsDump) -> mda.Universe:
    """Return the atoms of a dump: types, and what else its columns say."""
    columns = dump.columns
    residues, index = np.unique(columns.get("mol", np.zeros(dump.n_atoms)), return_inverse=True)
    made = mda.Universe.empty(
        dump.n_atoms, n_residues=len(residues), atom_resindex=index, trajectory=True
    )
    for column, attribute in (("type", "types"), ("element", "elements")):
        if column in columns:
            made.add_TopologyAttr(attribute, columns[column])
    for column, attribute in (("mass", "masses"), ("q", "charges")):
        if column in columns:
            made.add_TopologyAttr(attribute, columns[column].astype(float))
    return made


def _ase_frames(file: Path, form: str | None) -> Iterable[Any]:
    from ase.io import iread

    if form == "extxyz" and not file.name.lower().endswith(".gz"):
        check_frames(file)
    for frame in iread(file, index=":", format=form):
        if len(frame) == 0:
            raise InputError("holds a frame without atoms", source=str(file))
        yield frame


def _ase_topology(file: Path, form: str | None) -> mda.Universe:
    first = next(iter(_ase_frames(file, form)), None)
    if first is None:
        raise InputError("holds no frame", source=str(file))
    made = mda.Universe.empty(len(first), trajectory=True)
    symbols = first.get_chemical_symbols()
    made.add_TopologyAttr("elements", symbols)
    made.add_TopologyAttr("names", symbols)
    made.add_TopologyAttr("types", symbols)
    made.add_TopologyAttr("masses", first.get_masses())
    made.add_TopologyAttr("resnames", [""])
    return made


def _load_ase(made: mda.Universe, file: Path, form: str, dt_ps: float | None) -> None:
    from ase.geometry import cell_to_cellpar

    positions, boxes, times = [], [], []
    for frame in _ase_frames(file, form):
        if len(frame) != made.atoms.n_atoms:
            raise InputError("frames must have equal numbers of atoms", source=str(file))
        box = np.zeros(6)
        if frame.cell.rank == 3:
            # ASE rotates nothing, but MDAnalysis keeps only lengths and angles: turn the
            # positions with the cell into the lower-triangular orientation.
            box = np.asarray(cell_to_cellpar(frame.cell.array))
            standard = mda.lib.mdamath.triclinic_vectors(box).astype(float)
            positions.append((frame.get_scaled_positions(wrap=False) @ standard).astype(np.float32))
        else:
            positions.append(frame.positions.astype(np.float32))
        boxes.append(box)
        times.append(math.nan)
    _load(made, file, (np.asarray(positions), np.asarray(boxes), np.asarray(times)), dt_ps)


def _load(
    made: mda.Universe, file: Path, frames: tuple[Any, Any, Floats], dt_ps: float | None
) -> None:
    """Put frames into memory; their times are known where given, or all stated evenly."""
    positions, boxes, times = frames
    if len(positions) == 0:
        raise InputError("holds no frame", source=str(file))
    if positions.shape[1] != made.atoms.n_atoms:
        raise InputError(
            f"has {positions.shape[1]} atoms and the topology {made.atoms.n_atoms}",
            source=str(file),
        )
    steps = np.diff(times)
    even = len(steps) > 0 and bool(np.all(np.isfinite(steps)) and steps[0] > 0)
    even = even and bool(np.allclose(steps, steps[0], rtol=0.01))
    known = dt_ps is not None or even
    step = dt_ps if dt_ps is not None else float(steps.mean()) if even else 1.0
    offset = float(times[0]) if even and dt_ps is None else 0.0
    made.load_new(positions, dimensions=np.asarray(boxes, np.float32), dt=step, time_offset=offset)
    made.trajectory.times_known = known


def gro_frames(file: Path) -> tuple[NDArray[np.float32], Floats, Floats]:
    """Return all frames of a GRO file: positions and boxes in angstrom, times in picoseconds.

    Times are those after ``t=`` in the titles, not-a-number where there is none.

    Raises
    ------
    InputError
        If a line is not what the format says; it is named.
    """
    positions: list[NDArray[np.float32]] = []
    boxes: list[NDArray[np.float32]] = []
    times: list[float] = []
    number = 0
    with file.open(encoding="utf-8", errors="replace") as opened:
        while title := opened.readline():
            if not title.strip():
                number += 1
                continue
            try:
                n_atoms = int(opened.readline())
            except ValueError:
                raise _gro_error(file, number + 2, "the number of atoms") from None
            if positions and n_atoms != len(positions[0]):
                raise InputError(
                    f"line {number + 2}: {n_atoms} atoms, and the first frame has "
                    f"{len(positions[0])}",
                    source=str(file),
                )
            if not 0 < n_atoms < 10**8:
                raise _gro_error(file, number + 2, "the number of atoms")
            rows = []
            for k in range(n_atoms):
                row = opened.readline()
                if k == 0:
                    width = row[25:].find(".") + 1
                try:
                    values = [float(row[20 + width * i : 20 + width * (i + 1)]) for i in range(3)]
                except ValueError:
                    raise _gro_error(file, number + 3 + k, "an atom with three numbers") from None
                rows.append(values)
            box = opened.readline()
            boxes.append(_gro_box(file, number + 3 + n_atoms, box))
            positions.append(10.0 * np.asarray(rows, np.float32))
            time = re.search(r"\bt\s*=\s*([-+0-9.eE]+)", title)
            times.append(float(time.group(1)) if time and _is_number(time.group(1)) else math.nan)
            number += 3 + n_atoms
    return np.asarray(positions), np.asarray(boxes), np.asarray(times)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _gro_error(file: Path, line: int, what: str) -> InputError:
    return InputError(f"line {line} should hold {what}", source=str(file))


def _gro_box(file: Path, line: int, text: str) -> NDArray[np.float32]:
    try:
        values = [10.0 * float(word) for word in text.split()]
    except ValueError:
        values = []
    if len(values) not in (3, 9) or not np.all(np.isfinite(values)):
        raise _gro_error(file, line, "the box, three or nine numbers")
    x, y, z = values[:3]
    if len(values) == 3:
        return np.array([x, y, z, 90.0, 90.0, 90.0], np.float32) * (1.0 if any(values) else 0.0)
    _, _, _, xy, xz, yx, yz, zx, zy = values
    return np.asarray(
        mda.lib.mdamath.triclinic_box([x, xy, xz], [yx, y, yz], [zx, zy, z]), np.float32
    )
