"""Levels of theory of molecules: tight binding, and DFT on its geometries or its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import metadata

from potash.engines import pyscf, xtb
from potash.engines.dft_method import (
    B3LYP_D3_SVP,
    B3LYP_D3_SVPD,
    B3LYP_SVP,
    B3LYP_SVPD,
    CAM_B3LYP_TZVPD,
    DftMethod,
    method_from_json,
)
from potash.engines.levels import Level, require_installed, versions_text
from potash.engines.xtb import Backend
from potash.errors import InputError, RefusedError
from potash.results.model import Fingerprint


def screen_level(backend: Backend = "tblite") -> Level:
    """Return the ``screen`` level of molecules (``screen-xtb-python`` for the other backend).

    The geometry is GFN2-xTB by ``backend``; IP and EA are IPEA1-xTB by tblite
    (the xtb-python wheel does not carry the IPEA1 parameters).
    """
    if backend == "xtb-program":
        raise RefusedError("the xtb program serves for checks; no level is built on it")
    versions = _versions("tblite", "rdkit", *(["xtb"] if backend == "xtb-python" else []))
    shown = versions["tblite"] if backend == "tblite" else versions["xtb"]
    return Level(
        property="molecules",
        name="screen" if backend == "tblite" else f"screen-{backend}",
        theory="tight_binding",
        engine=backend,
        engine_version=versions_text(versions),
        method=f"GFN2-xTB geometry, IPEA1-xTB IP/EA ({backend} {shown})",
        fingerprint={
            "theory": "xtb",
            "backend": backend,
            "versions": versions,
            "geometry": "GFN2-xTB",
            "ip_ea": "IPEA1-xTB",
            "ipea_shift_ev": xtb.IPEA_SHIFT_EV,
            "electronic_temperature_k": xtb.ELECTRONIC_TEMPERATURES_K[0],
        },
        max_atomic_number=xtb.MAX_ATOMIC_NUMBER,
        charges=(-3, 3),
        max_atoms=xtb.MAX_ATOMS,
    )


def standard_level() -> Level:
    """Return the ``standard`` level of molecules: B3LYP energies on GFN2-xTB geometries.

    Delta-SCF in def2-SVP for neutral molecules and cations, def2-SVPD for anions;
    ion binding with B3LYP-D3(BJ)/def2-SVPD on a B3LYP-D3(BJ)/def2-SVP geometry.
    """
    versions = _versions("pyscf", "dftd3", "tblite", "rdkit")
    return Level(
        property="molecules",
        name="standard",
        theory="dft",
        engine="pyscf",
        engine_version=versions_text(versions),
        method=f"B3LYP/def2-SVP(D) delta-SCF, GFN2-xTB geometry (pyscf {versions['pyscf']})",
        fingerprint={
            "theory": "dft-on-gfn2",
            "versions": versions,
            "first_guess": pyscf.FIRST_GUESS,
            "neutral": B3LYP_SVP.as_json(),
            "anion": B3LYP_SVPD.as_json(),
            "binding": B3LYP_D3_SVPD.as_json(),
            "binding_geometry": B3LYP_D3_SVP.as_json(),
        },
        max_atomic_number=pyscf.MAX_ATOMIC_NUMBER,
        charges=(-3, 3),
        max_atoms=80,
    )


def reference_level() -> Level:
    """Return the ``reference`` level: CAM-B3LYP/def2-TZVPD on a B3LYP-D3(BJ)/def2-SVP geometry.

    A range-separated hybrid with diffuse triple-zeta functions for every state, so
    that frontier orbitals mean more and weakly bound anions are described.
    """
    versions = _versions("pyscf", "dftd3", "tblite", "rdkit")
    return Level(
        property="molecules",
        name="reference",
        theory="dft",
        engine="pyscf",
        engine_version=versions_text(versions),
        method=f"CAM-B3LYP/def2-TZVPD delta-SCF, DFT geometry (pyscf {versions['pyscf']})",
        fingerprint={
            "theory": "dft",
            "versions": versions,
            "first_guess": pyscf.FIRST_GUESS,
            "geometry": B3LYP_D3_SVP.as_json(),
            "neutral": CAM_B3LYP_TZVPD.as_json(),
            "anion": CAM_B3LYP_TZVPD.as_json(),
            "binding": replace(CAM_B3LYP_TZVPD, dispersion=True).as_json(),
            "binding_geometry": B3LYP_D3_SVP.as_json(),
        },
        max_atomic_number=pyscf.MAX_ATOMIC_NUMBER,
        charges=(-3, 3),
        max_atoms=40,
    )


LEVELS: Mapping[str, Callable[[], Level]] = {
    "screen": screen_level,
    "screen-xtb-python": lambda: screen_level("xtb-python"),
    "standard": standard_level,
    "reference": reference_level,
}
"""Name to level."""


def molecule_level(name: str) -> Level:
    """Return a level of theory for molecules.

    Raises
    ------
    InputError
        If there is no such level.
    RefusedError
        If its engine is not installed.
    """
    if name not in LEVELS:
        raise InputError(f"{name!r} is not a level of molecules; use one of {', '.join(LEVELS)}")
    return LEVELS[name]()


def level_of(fingerprint: Fingerprint) -> Level:
    """Return the level of a fingerprint that this module made.

    Raises
    ------
    CalculationError
        If other versions are installed than it was planned for.
    """
    if fingerprint["theory"] == "xtb":
        level = screen_level(backend_of(fingerprint))
    elif methods_of(fingerprint).geometry is None:
        level = standard_level()
    else:
        level = reference_level()
    require_installed(fingerprint, level.fingerprint)
    return level


def backend_of(fingerprint: Fingerprint) -> Backend:
    """Return the library that gives the GFN2-xTB geometries of a level, DFT levels included."""
    backend: Backend = fingerprint.get("backend", "tblite")
    return backend


@dataclass(frozen=True)
class Methods:
    """The methods of a level.

    Attributes
    ----------
    neutral, anion
        Of energy differences, for neutral molecules and cations, and for anions.
    binding, binding_geometry
        Of energies and geometries of ion binding and reactions.
    geometry
        Of geometries of single molecules; ``None``: those of GFN2-xTB.
    """

    neutral: DftMethod
    anion: DftMethod
    binding: DftMethod
    binding_geometry: DftMethod
    geometry: DftMethod | None = None


def methods_of(fingerprint: Fingerprint) -> Methods:
    """Return the methods of a DFT level."""
    own = fingerprint.get("geometry")
    return Methods(
        neutral=method_from_json(fingerprint["neutral"]),
        anion=method_from_json(fingerprint["anion"]),
        binding=method_from_json(fingerprint["binding"]),
        binding_geometry=method_from_json(fingerprint["binding_geometry"]),
        geometry=None if own is None else method_from_json(own),
    )


def _versions(*packages: str) -> dict[str, str]:
    found = {}
    for package in packages:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            raise RefusedError(f"{package} is not installed here") from None
    return found
