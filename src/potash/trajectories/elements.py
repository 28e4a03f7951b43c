"""The element of every atom of a trajectory: as given, by mass, by name; never by guess.

A force field may lump hydrogens into their carbon (united atoms: CH2 weighs 14.03, nearly a
nitrogen) or move mass from heavy atoms to their hydrogens (a water oxygen then weighs 11.97,
nearly a carbon). Both are told apart here. What stays open is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import MDAnalysis as mda  # noqa: N813  (its documented short name)
import numpy as np
from ase.data import atomic_masses, atomic_numbers
from numpy.typing import NDArray

from potash.errors import InputError
from potash.trajectories.near import Pairs

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
HYDROGEN: Final = float(atomic_masses[1])
_TOLERANCE: Final = 0.12
"""Amu by which a mass may be off: force fields write 12.0, 35.5, 19.0 and 32.1."""
_USUAL: Final = (
    *("H", "Li", "Be", "B", "C", "N", "O", "F", "Na", "Mg", "Al", "Si", "P", "S", "Cl", "Ar"),
    *("K", "Ca", "Ti", "V", "Cr", "Mn", "Fe", "Ni", "Cu", "Zn", "Ga", "Ge", "As", "Se", "Br"),
    *("Rb", "Sr", "Zr", "Nb", "Mo", "Ag", "In", "Sn", "Sb", "Te", "I", "Cs", "Ba", "Ta", "W"),
    *("Pt", "Au", "Hg", "Pb", "Bi"),
)
_ION_NAMES: Final = {  # CHARMM's
    "POT": "K", "SOD": "Na", "LIT": "Li", "CES": "Cs", "RUB": "Rb", "CAL": "Ca", "CLA": "Cl",
}  # fmt: skip
_LONE_IONS: Final = {"NA": "Na", "CA": "Ca", "CS": "Cs", "BA": "Ba"}
"""Names that are ions where the atom stands alone, and N, C, C, B in a molecule."""
_ASK: Final = {"SI": ("Si", "S"), "SE": ("Se", "S"), "SN": ("Sn", "S"), "SB": ("Sb", "S")}
_TWO_LETTERS: Final = {"LI", "MG", "AL", "CL", "BR", "RB", "ZN", "SR", "AS", "TI", "FE"}
_VIRTUAL_NAMES: Final = re.compile(r"^(M|MW|EP|EPW|LP|IW|DUM|VS)\d*$")


@dataclass(frozen=True)
class Elements:
    """Elements of all atoms.

    Attributes
    ----------
    symbols
        Element symbol of every atom, ``X`` for a virtual site.
    hydrogens
        Hydrogens lumped into every atom (united atoms), 0 for most.
    masses
        In amu: those of the topology, else those of the elements.
    notes
        What was told apart by more than a symbol, for the reader of the results.
    """

    symbols: NDArray[np.str_]
    hydrogens: Ints
    masses: Floats
    notes: tuple[str, ...] = ()


def elements_of(universe: mda.Universe, near: Pairs, given: Mapping[str, str]) -> Elements:
    """Return the element of every atom.

    In this order: what ``given`` says for its name or type; the topology's own element; its
    mass, which must agree with its name; its name.

    Parameters
    ----------
    universe
        The trajectory. Masses and elements that MDAnalysis guessed do not count.
    near
        Pairs of near atoms (:func:`potash.trajectories.near.near_pairs`).
    given
        Atom name or type to element; ``CH2`` is a carbon with two lumped hydrogens and
        ``X`` a virtual site.

    Raises
    ------
    InputError
        If an element cannot be told; it names the atoms and what to say.
    """
    atoms = universe.atoms
    n = len(atoms)
    names = _texts(universe, "names", n)
    types = _texts(universe, "types", n)
    labels = np.where(names == "", types, names)
    chosen = {name: _bead(name, text) for name, text in given.items()}
    unknown = sorted(set(chosen) - set(names) - set(types))
    if unknown:
        raise InputError(
            f"no atom has the name or type {unknown[0]!r}; there are "
            f"{', '.join(sorted(set(labels))[:12])}",
            source="elements",
        )
    own = _texts(universe, "elements", n)
    masses = _real_masses(universe, n)
    single = _alone(universe, names)
    weighed = bool(np.any(masses > 0.0))
    restored, moved = _restored(masses, near)
    groups = np.abs(masses[:, None] - [13.019, 15.035]).min(axis=1, initial=1.0) < 0.03
    lumped = bool(np.any(groups) or not np.any((masses > 0.9) & (masses < 4.1)))
    symbols = np.full(n, "X", dtype="U2")
    hydrogens = np.zeros(n, np.int64)
    cache: dict[tuple[str, str, str, float, bool], tuple[str, int]] = {}
    for i in range(n):
        key = (names[i], types[i], own[i], round(float(restored[i]), 3), bool(single[i]))
        if key not in cache:
            cache[key] = _told(*key, chosen, moved, lumped, weighed, str(labels[i]))
        symbols[i], hydrogens[i] = cache[key]
    notes = []
    beads = sorted({_text(s, h) for s, h in cache.values() if h})
    if beads:
        notes.append(f"united atoms, with hydrogens lumped into them: {', '.join(beads)}")
    if moved:
        notes.append("masses are repartitioned to the hydrogens; elements are those before that")
    if not np.any(masses > 0.0):
        masses = np.array([atomic_masses[atomic_numbers[s]] if s != "X" else 0.0 for s in symbols])
        masses += HYDROGEN * hydrogens
    return Elements(symbols, hydrogens, np.nan_to_num(masses), tuple(notes))


def _told(
    name: str,
    kind: str,
    own: str,
    mass: float,
    single: bool,
    chosen: Mapping[str, tuple[str, int]],
    moved: bool,
    lumped: bool,
    weighed: bool,
    label: str,
) -> tuple[str, int]:
    """Element and lumped hydrogens of one kind of atom, from all that is said of it."""
    for text in (name, kind):
        if text and text in chosen:
            return chosen[text]
    if own.capitalize() in atomic_numbers and own.capitalize() != "X":
        return own.capitalize(), 0
    by_name = _elements_of_name(name, single)
    if mass == 0.0 and (weighed or _VIRTUAL_NAMES.match(name.upper())):
        return "X", 0
    by_mass = _elements_of_mass(mass, lumped)
    how = f"atoms {label!r}" + (f" of mass {mass:.3f}" if mass > 0.0 else "")
    if by_mass:
        agreed = [found for found in by_mass if not by_name or found[0] in by_name]
        if not agreed:
            raise _asked(
                f"{how}: the name says {' or '.join(by_name)}, the mass "
                f"{' or '.join(_text(*found) for found in by_mass)}",
                label,
                _text(*by_mass[0]),
            )
        if len(agreed) > 1:
            texts = [_text(*found) for found in agreed]
            raise _asked(f"{how} may be {' or '.join(texts)}", label, texts[0])
        return agreed[0]
    if mass > 0.0 and not (by_name and moved):
        raise _asked(f"{how} are of no element or CHn group", label, "CH2")
    if len(by_name) == 1:
        return by_name[0], 0
    if by_name:
        raise _asked(f"{how} may be {' or '.join(by_name)}", label, by_name[0])
    raise _asked(f"the element of {how} is not known", label, "O")


def _asked(problem: str, label: str, example: str) -> InputError:
    return InputError(
        f"{problem}; say which by the argument elements, as in '{label}={example}'",
        source="elements",
    )


def _bead(name: str, text: str) -> tuple[str, int]:
    """Read ``O``, ``CH2`` or ``X``."""
    match = re.fullmatch(r"([A-Z][a-z]?)(?:(H)(\d?))?", text.strip())
    if match is None or (match.group(1) not in atomic_numbers):
        raise InputError(
            f"{text!r} for {name!r} is no element; write O, Na, CH2 (with lumped hydrogens) or X "
            "(a virtual site)",
            source="elements",
        )
    return match.group(1), int(match.group(3) or 1) if match.group(2) else 0


def _text(symbol: str, hydrogens: int) -> str:
    return symbol if not hydrogens else f"{symbol}H{hydrogens if hydrogens > 1 else ''}"


def _texts(universe: mda.Universe, attribute: str, n: int) -> NDArray[np.str_]:
    """Return a text attribute of the atoms, empty where it is absent or was guessed."""
    if not hasattr(universe.atoms, attribute) or _is_guessed(universe, attribute):
        return np.full(n, "", dtype="U8")
    values = [str(v).strip() for v in getattr(universe.atoms, attribute)]
    return np.asarray(values) if values else np.full(0, "", dtype="U8")


def _is_guessed(universe: mda.Universe, attribute: str) -> bool:
    found = [a for a in universe._topology.attrs if a.attrname == attribute]
    return bool(found and found[0].is_guessed)


def _real_masses(universe: mda.Universe, n: int) -> Floats:
    """Return the masses of the topology; zeros where it has none that mean something."""
    if not hasattr(universe.atoms, "masses") or _is_guessed(universe, "masses"):
        return np.zeros(n)
    masses = np.nan_to_num(np.array(universe.atoms.masses, dtype=float))
    # LAMMPS dumps get 1 for every atom.
    return np.zeros(n) if n and np.all(masses == 1.0) else masses


def _alone(universe: mda.Universe, names: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Whether an atom is a residue of its own, or in one where all have its name (all ions)."""
    residue = np.asarray(universe.atoms.resindices)
    size = np.bincount(residue)[residue]
    kinds: dict[int, set[str]] = {}
    for r, name in zip(residue.tolist(), names.tolist(), strict=True):
        kinds.setdefault(r, set()).add(name)
    alike = np.array([len(kinds[r]) == 1 for r in residue.tolist()])
    return np.asarray((size == 1) | alike)


def _elements_of_name(name: str, single: bool) -> tuple[str, ...]:
    """Elements that an atom name such as ``O12``, ``CL3`` or (alone) ``NA+`` may mean."""
    match = re.match(r"[A-Za-z]+", re.sub(r"^[0-9]+", "", name.strip()))
    if match is None:
        return ()
    word = match.group()
    upper = word.upper()
    if single and upper in _ION_NAMES:
        return (_ION_NAMES[upper],)
    if single and upper in _LONE_IONS:
        return (_LONE_IONS[upper],)
    two = word[:2].capitalize()
    # In a molecule CA, NA, HG... are numbered C, N, H; a mixed-case Si or Na is meant.
    if word[:2] == two and len(word) == 2 and two.upper() in {*_ASK, *_LONE_IONS}:
        return (two,)
    if upper[:2] in _ASK:
        return _ASK[upper[:2]]
    if upper[:2] in _TWO_LETTERS:
        return (two,)
    return (upper[0],) if upper[0] in atomic_numbers else ()


def _elements_of_mass(mass: float, lumped: bool) -> list[tuple[str, int]]:
    """Elements and CHn groups of a mass in amu: the nearest, and others as near as makes no odds.

    Where the force field may lump hydrogens, 14.0 is N (14.007) or a rounded CH2 (14.027).
    """
    if mass <= 0.0:
        return []
    if abs(mass - 2.014) < 0.02:
        return [("H", 0)]
    found = [(abs(float(atomic_masses[atomic_numbers[s]]) - mass), s, 0) for s in _USUAL]
    carbon = float(atomic_masses[6])
    found += [(abs(carbon + h * HYDROGEN - mass), "C", h) for h in (1, 2, 3, 4)]
    found = sorted(f for f in found if f[0] < _TOLERANCE)
    rounded = abs(10.0 * mass - round(10.0 * mass)) < 1e-3  # 14.0 says less than 14.007
    blur = 0.0205 if rounded and lumped else 0.0
    return [(s, h) for off, s, h in found if off <= found[0][0] + blur]


def _restored(masses: Floats, near: Pairs) -> tuple[Floats, bool]:
    """Masses before repartitioning, and whether there was one.

    Hydrogens of 1.2 to 4.1 amu (not deuterium) got their surplus from the heavy atom next to
    them; it is given back.
    """
    heavy_h = (masses > 1.2) & (masses < 4.1) & (np.abs(masses - 2.014) > 0.02)
    if not np.any(heavy_h):
        return masses, False
    result = masses.copy()
    pairs, distances = near
    nearest: dict[int, tuple[float, int]] = {}
    for (i, j), d in zip(pairs.tolist(), distances.tolist(), strict=True):
        for h, x in ((i, j), (j, i)):
            if heavy_h[h] and masses[x] > 4.1 and d < nearest.get(h, (1.35, -1))[0]:
                nearest[h] = (d, x)
    for h, (_, x) in nearest.items():
        result[x] += masses[h] - HYDROGEN
    result[heavy_h] = HYDROGEN
    return result, True


def hill_formula(symbols: list[str], hydrogens: list[int]) -> str:
    """Return the formula in Hill order, lumped hydrogens counted, virtual sites not.

    Examples
    --------
    >>> hill_formula(["C", "O", "C"], [3, 0, 3])
    'C2H6O'
    """
    counts: dict[str, int] = {}
    for symbol, lumped in zip(symbols, hydrogens, strict=True):
        counts[symbol] = counts.get(symbol, 0) + 1
        if lumped:
            counts["H"] = counts.get("H", 0) + lumped
    if len(counts) > 1:
        counts.pop("X", None)
    order = sorted(counts)
    if "C" in counts:
        order = ["C", *(["H"] if "H" in counts else []), *(e for e in order if e not in "CH")]
    return "".join(f"{e}{counts[e] if counts[e] > 1 else ''}" for e in order)
