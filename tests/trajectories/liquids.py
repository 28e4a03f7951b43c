"""Small made-up liquids of real molecules, their files, and counts of ion pairs by brute force."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import ase
import ase.io
import numpy as np
from ase.data import atomic_masses, atomic_numbers
from numpy.typing import NDArray

T = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
AXES = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1.0]])
ORIGIN = np.zeros((1, 3))


def _star(centre: str, ends: str, radius: float, places: NDArray[np.float64]):
    return [centre, *[ends] * len(places)], np.concatenate([ORIGIN, radius * places])


def _chain(*atoms: tuple[str, float, float, float]):
    return [a[0] for a in atoms], np.array([a[1:] for a in atoms], float)


def _methyl_hydrogens():
    for k, t in enumerate(T):
        for m, u in enumerate(T):
            if m != k:
                across = np.cross(t, u) / np.linalg.norm(np.cross(t, u))
                yield ("H", *(1.49 * t + 1.09 * (0.33 * t + 0.94 * across)))


MOLECULES = {
    **{metal: ([metal], ORIGIN) for metal in ("K", "Na", "Li", "Mg", "Cl", "Br", "I")},
    "WAT": _chain(("O", 0, 0, 0), ("H", 0.957, 0, 0), ("H", -0.24, 0.927, 0)),
    "PF6": _star("P", "F", 1.6, AXES),
    "AsF6": _star("As", "F", 1.72, AXES),
    "BF4": _star("B", "F", 1.40, T),
    "AlCl4": _star("Al", "Cl", 2.13, T),
    "BH4": _star("B", "H", 1.22, T),
    "ClO4": _star("Cl", "O", 1.44, T),
    "SCN": _chain(("S", 0, 0, 0), ("C", 1.64, 0, 0), ("N", 2.81, 0, 0)),
    "DCA": _chain(
        ("N", 0, 0, 0), ("C", 1.12, 0.68, 0), ("N", 2.1, 1.3, 0),
        ("C", -1.12, 0.68, 0), ("N", -2.1, 1.3, 0),
    ),
    "TMA": _chain(("N", 0, 0, 0), *(("C", *(1.49 * t)) for t in T), *_methyl_hydrogens()),
}  # fmt: skip


@dataclass
class Liquid:
    """Frames of rigid molecules at random lattice places, none near another's atoms."""

    names: list[str]  # of the molecules
    symbols: list[str]
    molecule: NDArray[np.int64]
    frames: NDArray[np.float64]  # (n_frames, n_atoms, 3)
    edge: float

    @property
    def box(self) -> NDArray[np.float64]:
        return np.array([self.edge, self.edge, self.edge, 90, 90, 90])

    def write_extxyz(self, path: Path) -> Path:
        cell = [self.edge] * 3
        ase.io.write(
            path,
            [ase.Atoms(self.symbols, f, cell=cell, pbc=True) for f in self.frames],
            format="extxyz",
        )
        return path

    def write_gro(self, path: Path, *, residues: list[tuple[int, str]] | None = None) -> Path:
        """All frames; ``residues`` gives number and name per atom."""
        lines = []
        residues = residues or [(m + 1, self.names[m]) for m in self.molecule.tolist()]
        for k, frame in enumerate(self.frames):
            lines += [f"liquid t= {2.0 * k:.5f} step= {k}", f"{len(self.symbols):5d}"]
            for i, (symbol, p) in enumerate(zip(self.symbols, frame / 10, strict=True)):
                number, name = residues[i]
                lines.append(
                    f"{number:5d}{name[:5]:<5}{symbol.upper():>5}{i + 1:5d}"
                    f"{p[0]:8.3f}{p[1]:8.3f}{p[2]:8.3f}"
                )
            lines.append("".join(f"{self.edge / 10:10.5f}" for _ in range(3)))
        path.write_text("\n".join(lines) + "\n")
        return path

    def write_lammps(
        self,
        folder: Path,
        *,
        style: str = "full",
        masses: dict[str, float] | None = None,
        bonds: list[tuple[int, int]] = (),
        head: tuple[str, ...] = (),
        step_fs: float | None = None,
    ) -> tuple[Path, Path]:
        """Data file and dump; ``head`` are lines before every frame, with times if step_fs."""
        kinds = sorted(set(self.symbols))
        lines = ["liquid", "", f"{len(self.symbols)} atoms", f"{len(kinds)} atom types"]
        lines += [f"{len(bonds)} bonds", "1 bond types", ""]
        lines += [f"0.0 {self.edge} {a}lo {a}hi" for a in "xyz"]
        lines += ["", "Masses", ""]
        for k, symbol in enumerate(kinds):
            mass = (masses or {}).get(symbol, atomic_masses[atomic_numbers.get(symbol, 0)])
            lines.append(f"{k + 1} {mass:.4f}")
        lines += ["", f"Atoms # {style}" if style else "Atoms", ""]
        for i, (symbol, p) in enumerate(zip(self.symbols, self.frames[0], strict=True)):
            words = {
                "full": [i + 1, self.molecule[i] + 1, kinds.index(symbol) + 1, 0.0],
                "molecular": [i + 1, self.molecule[i] + 1, kinds.index(symbol) + 1],
                "charge": [i + 1, kinds.index(symbol) + 1, 0.0],
                "atomic": [i + 1, kinds.index(symbol) + 1],
            }[style or "full"]
            lines.append(" ".join(str(w) for w in [*words, *np.round(p, 5)]))
        if bonds:
            lines += ["", "Bonds", ""]
            lines += [f"{k + 1} 1 {i + 1} {j + 1}" for k, (i, j) in enumerate(bonds)]
        data, dump = folder / "x.data", folder / "x.lammpstrj"
        data.write_text("\n".join(lines) + "\n")
        rows = []
        order = np.random.default_rng(1).permutation(len(self.symbols))
        for k, frame in enumerate(self.frames):
            rows += head if k == 0 else ()
            if step_fs is not None:
                rows += ["ITEM: TIME", f"{k * step_fs}"]
            rows += ["ITEM: TIMESTEP", str(500 * k), "ITEM: NUMBER OF ATOMS", str(len(order))]
            rows += ["ITEM: BOX BOUNDS pp pp pp", *[f"0.0 {self.edge}"] * 3]
            rows += ["ITEM: ATOMS id type x y z"]
            for i in order:
                rows.append(
                    f"{i + 1} {kinds.index(self.symbols[i]) + 1} "
                    + " ".join(f"{x:.4f}" for x in frame[i])
                )
        dump.write_text("\n".join(rows) + "\n")
        return data, dump

    def counted(
        self, cations: set[str], anions: dict[str, set[str]], cutoff: float
    ) -> dict[str, list[int]]:
        """Ions of each species with no, one, and more distinct counter-ions, over all frames."""
        found = {name: [0, 0, 0] for name in [*cations, *anions]}
        atoms = [np.flatnonzero(self.molecule == m) for m in range(len(self.names))]
        for frame in self.frames:
            touching = {m: set() for m, name in enumerate(self.names) if name in found}
            for c, name in enumerate(self.names):
                if name not in cations:
                    continue
                for a, other in enumerate(self.names):
                    if other not in anions:
                        continue
                    donors = [i for i in atoms[a] if self.symbols[i] in anions[other]]
                    d = frame[donors][:, None] - frame[atoms[c]][None]
                    d -= self.edge * np.round(d / self.edge)
                    if np.linalg.norm(d, axis=-1).min() <= cutoff:
                        touching[c].add(a)
                        touching[a].add(c)
            for m, others in touching.items():
                found[self.names[m]][min(len(others), 2)] += 1
        return found


def liquid(
    counts: dict[str, int], *, n_frames: int = 3, spacing: float = 5.2, seed: int = 0
) -> Liquid:
    """Molecules at lattice places that change from frame to frame, turned at random."""
    rng = np.random.default_rng(seed)
    names = [name for name, n in counts.items() for _ in range(n)]
    side = int(np.ceil(len(names) ** (1 / 3))) + 1
    grid = spacing * np.stack(np.meshgrid(*[np.arange(side)] * 3), -1).reshape(-1, 3)
    symbols = [s for name in names for s in MOLECULES[name][0]]
    molecule = np.repeat(np.arange(len(names)), [len(MOLECULES[n][0]) for n in names])
    frames = []
    for _ in range(n_frames):
        places = grid[rng.permutation(len(grid))[: len(names)]] + rng.uniform(
            -0.2, 0.2, (len(names), 3)
        )
        parts = []
        for name, place in zip(names, places, strict=True):
            turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
            parts.append(MOLECULES[name][1] @ turn + place)
        frames.append(np.mod(np.concatenate(parts), side * spacing))  # wrapped atom by atom
    return Liquid(names, symbols, molecule, np.array(frames), side * spacing)
