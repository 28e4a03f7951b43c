"""The best site by the screening potential, found once for all DFT calculations on a surface."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from ase import Atoms
from ase.io import read
from pydantic import ValidationError

from potash.engines.potentials import calculator
from potash.errors import CalculationError
from potash.hosts.energies import k_k_distance_angstrom
from potash.hosts.screening import remarks, screen
from potash.results.adsorption import SurfaceInputs
from potash.results.calculation import Progress, canonical_json
from potash.results.model import Fingerprint, Record
from potash.structures.miller import CrystalPlane
from potash.structures.plain_atoms import bare, extxyz

_KEPT = "site.json"
_WAIT_S = 2.0


class ScreenedSite(Record):
    """The best site by the screening potential, with what belongs to it."""

    facet: str
    """Surface plane."""
    plane: CrystalPlane | None = None
    """The same with its axes, where the surface is cut from a crystal."""
    termination: str
    """Composition of the top layer."""
    polar: bool
    """Whether the termination leaves a dipole."""
    site: str
    """Name of the site."""
    height_angstrom: float
    """K above the atoms it touches, angstrom."""
    normal: tuple[float, float, float]
    """Direction away from the surface."""
    fixed: tuple[int, ...]
    """Atoms of the surface that do not move."""
    held: bool
    """Whether the surface was held, because K tears it apart."""
    k_k_distance_angstrom: float | None = None
    """Shortest distance between periodic images of K, angstrom."""
    interaction_ev: float
    """Energy of K over the frozen distorted substrate, eV."""
    distortion_energy_ev: float
    """What the substrate paid for its distortion, eV."""
    remarks: str
    """What a reader must know about a row."""
    best: str
    """Surface with K, extended XYZ."""
    clean: str
    """Relaxed surface without K, extended XYZ."""

    @property
    def best_atoms(self) -> Atoms:
        """Surface with K, which is the last atom."""
        return bare(read(StringIO(self.best), format="extxyz"))

    @property
    def clean_atoms(self) -> Atoms:
        """Relaxed surface without K."""
        return bare(read(StringIO(self.clean), format="extxyz"))


def screened(
    inputs: SurfaceInputs, screen_level: Fingerprint, workdir: Path, progress: Progress
) -> ScreenedSite:
    """Return the best site by the screening potential, from another calculation where possible.

    All DFT calculations on one surface start from one screened geometry. It is kept beside
    their folders, in a folder named by what determines it. One process screens at a time;
    the others wait for it, and go on where it was if it dies.

    Parameters
    ----------
    inputs
        Surface and search.
    screen_level
        Fingerprint of the screening potential.
    workdir
        Of the calculation; its parent is that of all calculations of a store.
    progress
        Called with a fraction and a text.

    Raises
    ------
    RefusedError, CalculationError
        As :func:`potash.hosts.screening.screen`, and if no site is usable.
    """
    plain = inputs.plain()
    same = {k: plain[k] for k in ("recipe", "termination", "charge", "search")}
    same["screen"] = screen_level
    digest = hashlib.sha256(canonical_json(same).encode()).hexdigest()
    folder = workdir.parent / "screened" / digest[:32]
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder, progress):
        known = _known(folder / _KEPT)
        if known is not None:
            return known
        found = _search(inputs, screen_level, folder, progress)
        partial = folder / "site.partial"
        partial.write_text(found.model_dump_json(), encoding="utf-8")
        partial.replace(folder / _KEPT)
    return found


def _known(kept: Path) -> ScreenedSite | None:
    """Return what was kept; nothing where it is absent or damaged."""
    try:
        return ScreenedSite.model_validate_json(kept.read_text(encoding="utf-8"))
    except (FileNotFoundError, UnicodeDecodeError, ValidationError):
        return None


@contextlib.contextmanager
def _alone(folder: Path, progress: Progress) -> Iterator[None]:
    """Hold a folder; the kernel gives it up when this process ends, however that happens."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                progress(0.0, "another calculation screens this surface; waiting")
                time.sleep(_WAIT_S)
            except OSError:
                break  # a file system without locks: both screen, and the last one is kept
        yield
    finally:
        os.close(handle)


def _search(
    inputs: SurfaceInputs, screen_level: Fingerprint, workdir: Path, progress: Progress
) -> ScreenedSite:
    found = screen(inputs, screen_level, workdir=workdir, progress=progress)
    best = found.placed[0]
    if best.atoms is None or best.energy_ev is None or best.verdict != "ok":
        raise CalculationError(f"the screening level has no usable site ({best.verdict})")
    substrate = bare(best.atoms[:-1])
    substrate.calc = calculator(screen_level)
    distorted = float(substrate.get_potential_energy())
    x, y, z = (float(c) for c in best.site.normal)
    return ScreenedSite(
        facet=found.surface.facet,
        plane=found.surface.plane,
        termination=found.surface.termination,
        polar=found.surface.polar,
        site=best.name,
        height_angstrom=best.height_angstrom,
        normal=(x, y, z),
        fixed=found.surface.fixed,
        held=best.held,
        k_k_distance_angstrom=k_k_distance_angstrom(found.surface.atoms),
        interaction_ev=best.energy_ev - distorted,
        distortion_energy_ev=distorted - found.clean.energy_ev,
        remarks=remarks(found),
        best=extxyz(best.atoms),
        clean=extxyz(found.clean.atoms),
    )
