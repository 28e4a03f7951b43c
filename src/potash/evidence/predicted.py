"""Quantities of molecules at the level that counts, from cheaper levels where only those are known.

An orbital energy or a binding energy to K+ means the number at ``standard``: no experiment stands
behind it, so there it is exact by definition. A tight-binding value is carried over by a line
through the molecules of the reference campaign that have both (:mod:`potash.calibration.line`);
a potential, likewise, from the ionisation energy. What the line leaves open is the error. Only
neutral molecules: ions bind K+, and hold their electrons, differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from potash.calibration import Component, Estimate
from potash.calibration.line import Line, fit_line
from potash.evidence.potentials import Potentials
from potash.results.complex_ import ComplexValues
from potash.results.fluoride_release import FluorideReleaseValues
from potash.results.species import SpeciesValues
from potash.store.rows import Row

LUMO, HOMO, BINDING = "lumo_ev", "homo_ev", "k_binding_ev"
FLUORIDE, OXIDATION = "fluoride_release_ev", "oxidation_limit_v"
CHEAP, EXACT = "screen", "standard"
K_COMPLEX = "k_plus_"


@dataclass(frozen=True)
class Predictions:
    """Estimates of molecules, and the lines behind those that are predicted.

    Attributes
    ----------
    estimates
        Column to species id to estimate.
    lines
        Column to line, where there are pairs enough.
    typical
        Column to the estimate in the middle of its line: how well one more molecule would be
        known from its cheap value.
    """

    estimates: Mapping[str, Mapping[str, Estimate]]
    lines: Mapping[str, Line]
    typical: Mapping[str, Estimate]


def predicted(
    rows: Sequence[Row],
    potentials: Potentials | None,
    *,
    calibration_rows: Sequence[Row] = (),
) -> Predictions:
    """Return LUMO, HOMO, binding to K+ and fluoride release, and potentials that have no row.

    Parameters
    ----------
    rows
        Any rows; those of species and complexes count.
    potentials
        From redox rows: what is known needs no prediction.
    calibration_rows
        Further rows for the lines only.
    """
    pool = list({r.key: r for r in (*calibration_rows, *rows)}.values())
    estimates: dict[str, dict[str, Estimate]] = {}
    lines: dict[str, Line] = {}
    typical: dict[str, Estimate] = {}
    for column, read in _READERS.items():
        every, own = _by_level(pool, read), _by_level(rows, read)
        cheap, exact = _neutral(every, CHEAP), _neutral(every, EXACT)
        both = sorted(cheap.keys() & exact.keys())
        name = f"{column} at {EXACT} from {CHEAP}"
        line = fit_line(name, [cheap[i] for i in both], [exact[i] for i in both])
        found = {
            item: Estimate(raw=x, value=x, components=(), basis=f"{EXACT}, by definition")
            for item, (x, _) in own.get(EXACT, {}).items()
        }
        if line is not None:
            lines[column] = line
            typical[column] = line.estimate(line.mean)
            found = {item: line.estimate(x) for item, x in _neutral(own, CHEAP).items()} | found
        estimates[column] = found
    if potentials is not None:
        known = {i: e for i, e in potentials.estimates["oxidation"].items() if e.known}
        every, own = _by_level(pool, _IONISATION), _by_level(rows, _IONISATION)
        cheap = _neutral(every, CHEAP)
        both = sorted(cheap.keys() & known.keys())
        line = fit_line(
            f"oxidation potential from the ionisation energy at {CHEAP}",
            [cheap[i] for i in both],
            [known[i].value or 0.0 for i in both],
        )
        if line is not None:
            lines[OXIDATION] = line
            error = _typical_error(known[i] for i in both)
            typical[OXIDATION] = line.estimate(line.mean, error)
            estimates[OXIDATION] = {
                item: line.estimate(x, error)
                for item, x in _neutral(own, CHEAP).items()
                if item not in potentials.estimates["oxidation"]
            }
    return Predictions(estimates, lines, typical)


def _typical_error(estimates: Iterable[Estimate]) -> tuple[Component, ...]:
    """Return the components of the estimate with the median width: a new one has such, too."""
    by_width = sorted(estimates, key=lambda e: (e.high or 0.0) - (e.low or 0.0))
    return by_width[len(by_width) // 2].components or ()


_Read = Callable[[Row], tuple[float | None, bool]]
"""From a row to a value, and whether the molecule is neutral."""


def _lumo(row: Row) -> tuple[float | None, bool]:
    values = row.read(SpeciesValues)
    return values.lumo_ev, values.charge == 0


def _homo(row: Row) -> tuple[float | None, bool]:
    values = row.read(SpeciesValues)
    return values.homo_ev, values.charge == 0


def _ionisation(row: Row) -> tuple[float | None, bool]:
    values = row.read(SpeciesValues)
    return values.ip_vertical_ev, values.charge == 0


def _binding(row: Row) -> tuple[float | None, bool]:
    values = row.read(ComplexValues)
    corrected = values.binding_energy_counterpoise_ev
    found = values.binding_energy_ev if corrected is None else corrected
    return found, values.charge == 1  # that of K+


def _fluoride(row: Row) -> tuple[float | None, bool]:
    values = row.read(FluorideReleaseValues)
    return values.reaction_energy_ev, values.charge == 0


_READERS: Mapping[str, tuple[str, _Read]] = {
    LUMO: ("species", _lumo),
    HOMO: ("species", _homo),
    BINDING: ("complex", _binding),
    FLUORIDE: ("fluoride_release", _fluoride),
}
"""Column to the kind of row that has it and what reads it."""

_IONISATION = ("species", _ionisation)

_Levels = Mapping[str, Mapping[str, tuple[float, bool]]]


def _by_level(rows: Iterable[Row], reader: tuple[str, _Read]) -> _Levels:
    """Return level to species id to value and whether it is neutral, the latest row of each."""
    kind, read = reader
    found: dict[str, dict[str, tuple[float, bool]]] = {}
    for row in sorted(rows, key=lambda r: (r.started, r.key)):
        if row.kind != kind or row.status != "ok" or row.level not in (CHEAP, EXACT):
            continue
        item = row.item
        if kind == "complex":
            if not item.startswith(K_COMPLEX):
                continue
            item = item.removeprefix(K_COMPLEX)
        value, neutral = read(row)
        if value is not None:
            found.setdefault(row.level, {})[item] = (value, neutral)
    return found


def _neutral(found: _Levels, level: str) -> dict[str, float]:
    return {item: value for item, (value, neutral) in found.get(level, {}).items() if neutral}
