"""What becomes of a molecule when it takes or loses an electron in solution.

The new redox state is relaxed with GFN2-xTB in a dielectric continuum: from the
geometry it had, and with each weak single bond stretched, because a break often
hides behind a small barrier. The lowest end point is the answer; where it has
fallen apart, its fragments are named.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from ase.data import chemical_symbols, covalent_radii
from numpy.typing import NDArray
from rdkit import Chem

from potash.engines.xtb import Solvent, XtbResult
from potash.errors import CalculationError
from potash.molecules.tight_binding import relax_gfn2
from potash.structures.molecule import Structure

FloatArray = NDArray[np.float64]
_STRETCH = 1.7
_MOST_BONDS = 8
_BROKEN_RATIO = 1.35


@dataclass(frozen=True)
class ReactedState:
    """The relaxed state after electron transfer.

    Attributes
    ----------
    structure
        Relaxed geometry, with its charge and spin.
    intact_structure
        Relaxed geometry with all bonds kept, ``None`` if the direct relaxation broke one.
    broken_bonds
        Element pairs of the bonds that broke, such as ``("F-S",)``.
    fragments
        Formulas of the pieces with their charges, such as ``("F (-0.94)", ...)``.
    spontaneous
        Whether the break needed no stretching (no barrier at this level).
    gain_ev
        Energy by which the broken state lies below the intact one (0 if intact).
    """

    structure: Structure
    intact_structure: Structure | None
    broken_bonds: tuple[str, ...]
    fragments: tuple[str, ...]
    spontaneous: bool
    gain_ev: float

    @property
    def dissociative(self) -> bool:
        """Whether a bond broke."""
        return bool(self.broken_bonds)

    @property
    def frees_fluoride(self) -> bool:
        """Whether a fluoride ion leaves, which K+ turns into KF."""
        return any(f.startswith("F (-") for f in self.fragments)


def transfer(
    structure: Structure,
    bonds: list[tuple[int, int]],
    added: int,
    dielectric_constant: float,
    *,
    weak_bonds: list[tuple[int, int]],
) -> ReactedState:
    """Return the relaxed state after ``added`` electrons (+1 reduction, -1 oxidation).

    Parameters
    ----------
    structure
        The molecule before, relaxed.
    bonds
        Bonded atom pairs before.
    added
        +1 or -1.
    dielectric_constant
        Of the continuum.
    weak_bonds
        Bonds to be tried stretched; those of reductions, as a rule.

    Raises
    ------
    CalculationError
        If no relaxation succeeds.
    """
    charge = structure.charge - added
    unpaired = abs(structure.unpaired - 1)
    medium = Solvent("alpb", dielectric_constant)
    starts = [structure.positions, *(_stretched(structure, bonds, b) for b in weak_bonds)]
    found: list[tuple[float, int, FloatArray, XtbResult, tuple[str, ...]]] = []
    trouble = ""
    for index, start in enumerate(starts):
        try:
            positions, result = relax_gfn2(
                Structure(structure.numbers, start, charge, unpaired),
                solvent=medium,
                force_ev_angstrom=0.03,
                max_evaluations=200,
            )
        except CalculationError as error:
            trouble = str(error)
            continue
        broken = _broken(structure, bonds, positions)
        found.append((result.energy_ev, index, positions, result, broken))
    if not found:
        raise CalculationError(trouble)
    best = min(found, key=lambda item: item[:2])
    intact = min((f for f in found if not f[4]), key=lambda item: item[:2], default=None)
    state = Structure(structure.numbers, best[2], charge, unpaired)
    kept = None if intact is None else Structure(structure.numbers, intact[2], charge, unpaired)
    return ReactedState(
        structure=state,
        intact_structure=kept,
        broken_bonds=best[4],
        fragments=_fragments(state, best[3].charges_e) if best[4] else (),
        spontaneous=bool(best[4]) and any(f[1] == 0 and f[4] for f in found),
        gain_ev=(intact[0] - best[0]) if intact is not None else 0.0,
    )


def molecule_bonds(mol: Chem.Mol) -> list[tuple[int, int]]:
    """Return the bonds of a molecule with explicit hydrogens."""
    return [(b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in mol.GetBonds()]


def weak_bonds(mol: Chem.Mol) -> list[tuple[int, int]]:
    """Return single bonds that a reduction may break, one of each symmetry class.

    Bonds between a carbon, sulfur, phosphorus, silicon or nitrogen atom and an
    electronegative leaving atom (O, N, F, Cl, Br, I, S), outside aromatic rings; not
    bonds to hydrogen, nor those of which neither side is activated by an unsaturated
    neighbour, sulfur or phosphorus, unless there is nothing else.
    """
    rank = list(Chem.CanonicalRankAtoms(mol, breakTies=False))
    chosen: dict[tuple[int, ...], tuple[bool, tuple[int, int]]] = {}
    for bond in mol.GetBonds():
        a, b = bond.GetBeginAtom(), bond.GetEndAtom()
        symbols = {a.GetSymbol(), b.GetSymbol()}
        if bond.GetBondType() != Chem.BondType.SINGLE or "H" in symbols:
            continue
        if not symbols & {"O", "N", "F", "Cl", "Br", "I", "S"} or bond.GetIsAromatic():
            continue
        active = any(_activated(atom) for atom in (a, b))
        key = tuple(sorted((rank[a.GetIdx()], rank[b.GetIdx()])))
        chosen.setdefault(key, (active, (a.GetIdx(), b.GetIdx())))
    activated = [pair for active, pair in chosen.values() if active]
    return (activated or [pair for _, pair in chosen.values()])[:_MOST_BONDS]


def _activated(atom: Chem.Atom) -> bool:
    if atom.GetSymbol() in ("S", "P"):
        return True
    return any(
        b.GetBondTypeAsDouble() > 1 for n in (atom, *atom.GetNeighbors()) for b in n.GetBonds()
    )


def _stretched(
    structure: Structure, bonds: list[tuple[int, int]], bond: tuple[int, int]
) -> FloatArray:
    """Return positions with one bond stretched 1.7 times, the smaller side moved as a whole."""
    remaining = [pair for pair in bonds if set(pair) != set(bond)]
    i, j = bond
    side = _connected(j, remaining)
    if i in side:  # in a ring: pull the two atoms apart alone
        side = {j}
    elif len(side) > len(structure.numbers) / 2:
        i, j = j, i
        side = _connected(j, remaining)
    positions = structure.positions.copy()
    vector = positions[j] - positions[i]
    positions[sorted(side)] += (_STRETCH - 1.0) * vector
    return positions


def _connected(start: int, bonds: list[tuple[int, int]]) -> set[int]:
    """Return the atoms that bonds connect with ``start``, itself included."""
    neighbours: dict[int, list[int]] = {}
    for i, j in bonds:
        neighbours.setdefault(i, []).append(j)
        neighbours.setdefault(j, []).append(i)
    reached, frontier = {start}, [start]
    while frontier:
        new = [n for n in neighbours.get(frontier.pop(), []) if n not in reached]
        reached.update(new)
        frontier.extend(new)
    return reached


def _ratios(structure: Structure) -> FloatArray:
    radii = covalent_radii[list(structure.numbers)]
    delta = structure.positions[:, None] - structure.positions[None, :]
    ratio = np.sqrt((delta**2).sum(axis=2)) / (radii[:, None] + radii[None, :])
    np.fill_diagonal(ratio, np.inf)
    return np.asarray(ratio)


def _broken(
    before: Structure, bonds: list[tuple[int, int]], positions: FloatArray
) -> tuple[str, ...]:
    """Return the element pairs of the bonds that are longer than 1.35 covalent radii sums."""
    ratio = _ratios(Structure(before.numbers, positions, before.charge))
    return tuple(
        sorted(
            "-".join(
                sorted((chemical_symbols[before.numbers[i]], chemical_symbols[before.numbers[j]]))
            )
            for i, j in bonds
            if ratio[i, j] > _BROKEN_RATIO
        )
    )


def _fragments(structure: Structure, charges: FloatArray) -> tuple[str, ...]:
    """Return Hill formula and Mulliken charge of each connected piece, largest first."""
    joined = [(int(i), int(j)) for i, j in np.argwhere(_ratios(structure) < _BROKEN_RATIO)]
    left, pieces = set(range(len(structure.numbers))), []
    while left:
        piece = _connected(min(left), joined)
        pieces.append(piece)
        left -= piece
    pieces.sort(key=lambda piece: (-len(piece), min(piece)))
    return tuple(
        f"{_hill(structure, piece)} ({charges[sorted(piece)].sum():+.2f})" for piece in pieces
    )


def _hill(structure: Structure, atoms: set[int]) -> str:
    counts = Counter(chemical_symbols[structure.numbers[i]] for i in atoms)
    order = sorted(counts)
    if "C" in counts:
        order = ["C", *(["H"] if "H" in counts else []), *(s for s in order if s not in "CH")]
    return "".join(s + (str(counts[s]) if counts[s] > 1 else "") for s in order)
