"""Species rows become one estimate per molecule: ionisation energies with intervals."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rdkit import Chem

from potash.calibration import ErrorModel, Estimate, Pair, fit, own_interval
from potash.errors import InputError
from potash.evidence.ladder import LADDER, rung
from potash.evidence.once import once
from potash.evidence.stated import stated_half_width
from potash.resources import data_dir
from potash.results.species import SpeciesValues
from potash.store.rows import Row
from potash.structures.smiles import canonical_smiles, parse_smiles

IP = "ip_vertical_ev"
EXPERIMENT = "experiment"
_KEPT = 65_536
"""Molecules whose class and canonical SMILES are kept: a ladder asks for them in every round."""
MIN_PAIRS = 2
"""A single ion says nothing about the bias of ions: their electrons are bound differently."""


@dataclass(frozen=True)
class SpeciesEvidence:
    """What the rows say about one species.

    Attributes
    ----------
    item, group
        Species id and calibration class (:func:`species_class`).
    row
        The row at the best level whose error is known, else at the best level.
    ionisation
        Vertical ionisation energy, corrected where that is justified; eV.
    levels
        Levels that have a usable row.
    """

    item: str
    group: str
    row: Row
    ionisation: Estimate
    levels: tuple[str, ...]

    @property
    def ip_ev(self) -> float:
        """Corrected value where there is one, else the computed one."""
        value = self.ionisation.value
        return self.ionisation.raw if value is None else value


@lru_cache(maxsize=_KEPT)
def species_class(smiles: str, charge: int) -> str:
    """Return the class that ionisation energies are calibrated in.

    ``anion``, ``cation``, ``polyanion`` and ``polycation`` by charge. Neutral
    molecules by composition, because what leaves is a lone pair in one and a
    bond's electron in another: ``organic`` (C, H and other elements: every electrolyte solvent),
    ``hydrocarbon``, and ``other neutral`` (without C or without H).
    """
    if charge:
        many = "poly" if abs(charge) > 1 else ""
        return f"{many}anion" if charge < 0 else f"{many}cation"
    try:
        molecule = parse_smiles(smiles)
    except InputError:
        return "other neutral"
    elements = {atom.GetSymbol() for atom in Chem.AddHs(molecule).GetAtoms()}
    if not {"C", "H"} <= elements:
        return "other neutral"
    return "hydrocarbon" if elements == {"C", "H"} else "organic"


@lru_cache(maxsize=_KEPT)
def canonical(smiles: str) -> str:
    """Return RDKit's canonical SMILES, or the text itself where RDKit cannot read it."""
    try:
        return canonical_smiles(parse_smiles(smiles))
    except InputError:
        return smiles


def read_ionisation_energies(path: Path) -> dict[str, float]:
    """Read measured vertical ionisation energies, canonical SMILES to eV.

    The file is CSV with ``#`` comment lines and the columns ``smiles``,
    ``vertical_exp_ev`` and, optionally, ``verified``: rows marked ``no`` were
    not read from a source and are left out.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, or a number is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=str(path)) from error
    reader = csv.DictReader(line for line in lines if line.strip() and not line.startswith("#"))
    missing = {"smiles", "vertical_exp_ev"} - set(reader.fieldnames or ())
    if missing:
        raise InputError(f"the column {min(missing)!r} is missing", source=str(path))
    found = {}
    for record in reader:
        text = (record["vertical_exp_ev"] or "").strip()
        if not text or (record.get("verified") or "yes").strip().lower() == "no":
            continue
        try:
            found[canonical(record["smiles"])] = float(text)
        except ValueError:
            raise InputError(
                f"{text!r} is not an ionisation energy in eV",
                source=str(path),
                field=record["smiles"],
            ) from None
    return found


@lru_cache(maxsize=1)
def measured_ionisation_energies() -> Mapping[str, float]:
    """Return the measured ionisation energies of the catalogue, canonical SMILES to eV."""
    return read_ionisation_energies(data_dir("molecules") / "ionization_energies.csv")


@dataclass(frozen=True)
class _Ionisation:
    """A usable row with its ionisation energy."""

    row: Row
    ip_ev: float
    smiles: str
    group: str

    @property
    def preference(self) -> tuple[int, str, str]:
        """A sort key that grows with the level, then with time."""
        return (rung(self.row.level), self.row.started, self.row.key)


def _usable(rows: Iterable[Row]) -> list[_Ionisation]:
    found = []
    for row in rows:
        if row.kind == "species" and row.status == "ok":
            values = row.read(SpeciesValues)
            if values.ip_vertical_ev is not None:
                smiles = canonical(values.smiles or "")
                group = species_class(smiles, values.charge)
                found.append(_Ionisation(row, values.ip_vertical_ev, smiles, group))
    return found


def ionisation_error_models(
    rows: Sequence[Row], measured: Mapping[str, float]
) -> dict[tuple[str, str], ErrorModel]:
    """Fit each level against experiment and against every better level.

    Parameters
    ----------
    rows
        Any rows; usable species rows count.
    measured
        From :func:`read_ionisation_energies`.
    """
    return _error_models(_usable(rows), measured)


def _error_models(
    usable: Sequence[_Ionisation], measured: Mapping[str, float]
) -> dict[tuple[str, str], ErrorModel]:
    by_level: dict[str, dict[str, _Ionisation]] = {}
    for found in sorted(usable, key=lambda x: (x.row.started, x.row.key)):
        by_level.setdefault(found.row.level, {})[found.smiles] = found
    models = {}
    for level, members in by_level.items():
        targets: list[tuple[str, Mapping[str, float]]] = [(EXPERIMENT, measured)]
        for better in LADDER[LADDER.index(level) + 1 :] if level in LADDER else ():
            targets.append((better, {s: x.ip_ev for s, x in by_level.get(better, {}).items()}))
        for target, known in targets:
            pairs = [
                Pair(x.row.item, x.group, x.ip_ev, known[smiles])
                for smiles, x in sorted(members.items())
                if smiles in known
            ]
            if pairs:
                models[level, target] = fit(
                    pairs, quantity=IP, level=level, reference=target, min_pairs=MIN_PAIRS
                )
    return models


def _corrected(found: _Ionisation, models: Mapping[tuple[str, str], ErrorModel]) -> Estimate:
    estimate = expected_ionisation(found.ip_ev, found.group, found.row.level, models)
    stated = stated_half_width(found.row, IP, found.ip_ev)
    if not estimate.known and stated is not None:
        return own_interval(found.ip_ev, stated, group=found.group)
    return estimate


def expected_ionisation(
    ip_ev: float, group: str, level: str, models: Mapping[tuple[str, str], ErrorModel]
) -> Estimate:
    """Return an ionisation energy corrected by the error models alone, also before it is computed.

    Parameters
    ----------
    ip_ev
        As a row of the level gives it, or as it is expected to; eV.
    group
        Class of the molecule (:func:`species_class`).
    level
        Level of theory.
    models
        ``(level, better level or experiment)`` to error model.
    """
    first: Estimate | None = None
    for target in (EXPERIMENT, "reference", "standard"):
        model = models.get((level, target))
        if model is None:
            continue
        estimate = model.estimate(ip_ev, group)
        if estimate.known:
            return estimate
        first = first or estimate
    reason = f"no pair of {level} and experiment or a better level of class {group!r}"
    return first or Estimate(raw=ip_ev, group=group, reason=reason)


@once
def species_evidence(
    rows: Sequence[Row],
    measured: Mapping[str, float],
    *,
    calibration_rows: Sequence[Row] = (),
) -> tuple[dict[str, SpeciesEvidence], dict[tuple[str, str], ErrorModel]]:
    """Return the evidence on each species with an ionisation energy, and the error models.

    Parameters
    ----------
    rows
        Any rows; usable species rows count.
    measured
        Canonical SMILES to measured vertical ionisation energy, eV.
    calibration_rows
        Further rows for the error models only.
    """
    everything = _usable({r.key: r for r in (*calibration_rows, *rows)}.values())
    models = _error_models(everything, measured)
    asked = {r.key for r in rows}
    by_species: dict[str, list[_Ionisation]] = {}
    for found in everything:
        if found.row.key in asked:
            by_species.setdefault(found.row.item, []).append(found)
    evidence = {}
    for item, members in by_species.items():
        estimates = {x.row.key: _corrected(x, models) for x in members}
        best = max(members, key=lambda x: (estimates[x.row.key].known, *x.preference))
        levels = tuple(sorted({x.row.level for x in members}))
        evidence[item] = SpeciesEvidence(
            item, best.group, best.row, estimates[best.row.key], levels
        )
    return evidence, models


def ionisation_estimates(
    rows: Sequence[Row],
    measured: Mapping[str, float],
    *,
    calibration_rows: Sequence[Row] = (),
) -> dict[str, Estimate]:
    """Return the corrected ionisation energy of every usable row, by its key.

    Parameters are those of :func:`species_evidence`.
    """
    everything = _usable({r.key: r for r in (*calibration_rows, *rows)}.values())
    models = _error_models(everything, measured)
    asked = {r.key for r in rows}
    return {x.row.key: _corrected(x, models) for x in everything if x.row.key in asked}
