"""From a composition to a packed periodic box."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from potash.engines.topology import U_PER_A3_TO_G_ML, Molecule, Topology
from potash.errors import CalculationError, InputError

MIN_BOX_ANGSTROM = 20.0
PACKING_FRACTION = 0.90
PACKMOL_TOLERANCE_ANGSTROM = 2.0
# Between a cation and its anion in a paired start: an alkali ion's contact, about.
CONTACT_ANGSTROM = 2.7

CONCENTRATIONS = ("mol/L", "mol/kg")
RATIOS = ("molar_ratio", "volume_ratio", "mass_ratio", "balance", "pure")
PERCENTAGES = ("wt_percent", "vol_percent")


@dataclass(frozen=True)
class Part:
    """One component of a liquid; a salt is one part that holds its ions.

    Attributes
    ----------
    name
        Identifier of the species or salt.
    particles
        Species to number per formula unit, such as ``{"k_plus": 1, "fsi_minus": 1}``.
    value, unit
        Amount in ``mol/L`` (per litre of solution), ``mol/kg`` (per kilogram of
        the neutral components), ``molar_ratio``, ``volume_ratio`` (of the pure
        liquids), ``mass_ratio``, ``balance`` or ``pure`` (no value), or in
        ``wt_percent`` or ``vol_percent``.
    molar_mass_g_mol, molar_volume_ml_mol
        Of a formula unit; the volume is only as good as sizing a box needs.
    ionic
        Whether it is a salt.
    of
        Component that a percentage is of; empty for the whole.
    """

    name: str
    particles: Mapping[str, int]
    value: float
    unit: str
    molar_mass_g_mol: float
    molar_volume_ml_mol: float
    ionic: bool = False
    of: str = ""


def mole_fractions(parts: Sequence[Part]) -> dict[str, float]:
    """Return the mole fraction of each species (ions of a salt apart).

    A litre of solution is what the salt takes up plus solvents, whose volumes
    add (ideal mixing); solvents share it by their ratios. Percentages are
    added last: of the whole mixture, or of the component they name.

    Raises
    ------
    InputError
        If an amount is not positive or unknown, amounts do not fit together,
        or nothing is left for the solvent.
    """
    moles = component_moles(parts)
    species: dict[str, float] = {}
    for part in parts:
        for name, number in part.particles.items():
            species[name] = species.get(name, 0.0) + number * moles[part.name]
    total = sum(species.values())
    return {name: n / total for name, n in species.items()}


def component_moles(parts: Sequence[Part]) -> dict[str, float]:
    """Return moles of each component: per litre of solution with ``mol/L``, else to a factor.

    With ``mol/kg`` they are per kilogram of the neutral components. Volumes add, as in
    :func:`mole_fractions`.

    Raises
    ------
    InputError
        As :func:`mole_fractions`.
    """
    if not parts:
        raise InputError("a liquid needs at least one component")
    for part in parts:
        if part.unit not in (*CONCENTRATIONS, *RATIOS, *PERCENTAGES):
            raise InputError(f"the amount of {part.name} is open ({part.unit}): assume one first")
        if part.unit not in ("balance", "pure") and not part.value > 0:
            raise InputError(f"the amount of {part.name} is {part.value:g}; it must be positive")
    return _percent_moles(parts, _main_moles([p for p in parts if p.unit not in PERCENTAGES]))


def _main_moles(parts: Sequence[Part]) -> dict[str, float]:
    """Return moles of everything but the percentages (per litre where that is defined)."""
    absolute = [p for p in parts if p.unit in CONCENTRATIONS]
    share = _ratio_moles([p for p in parts if p.unit not in CONCENTRATIONS])
    if not absolute:
        return share
    if len({p.unit for p in absolute}) > 1:
        raise InputError("mol/L and mol/kg cannot be mixed in one liquid")
    if not share:
        raise InputError("a concentration needs a solvent to make up the rest")
    by_name = {p.name: p for p in parts}
    room = 1000.0
    if absolute[0].unit == "mol/L":
        room -= sum(p.value * p.molar_volume_ml_mol for p in absolute)
        size = sum(n * by_name[name].molar_volume_ml_mol for name, n in share.items())
    else:
        size = sum(
            n * by_name[name].molar_mass_g_mol
            for name, n in share.items()
            if not by_name[name].ionic
        )
    if room <= 0 or size <= 0:
        raise InputError("the salt leaves no room for a solvent")
    moles = {name: n * room / size for name, n in share.items()}
    return moles | {p.name: p.value for p in absolute}


def _ratio_moles(parts: Sequence[Part]) -> dict[str, float]:
    """Return moles up to a common factor; a lone 'balance' is one part."""
    units = {p.unit for p in parts} - {"balance", "pure"}
    if len(units) > 1:
        raise InputError(f"ratios of different kinds cannot be mixed: {', '.join(sorted(units))}")
    if units and any(p.unit in ("balance", "pure") for p in parts):
        raise InputError("'balance' cannot stand beside ratios")
    moles = {}
    for p in parts:
        if p.unit == "volume_ratio":
            moles[p.name] = p.value / p.molar_volume_ml_mol
        elif p.unit == "mass_ratio":
            moles[p.name] = p.value / p.molar_mass_g_mol
        else:
            moles[p.name] = 1.0 if p.unit in ("balance", "pure") else p.value
    return moles


def _percent_moles(parts: Sequence[Part], moles: dict[str, float]) -> dict[str, float]:
    percent = [p for p in parts if p.unit in PERCENTAGES]
    if not percent:
        return moles
    by_name = {p.name: p for p in parts}

    def size(part: Part, unit: str) -> float:
        return part.molar_mass_g_mol if unit == "wt_percent" else part.molar_volume_ml_mol

    if not moles:
        if len({p.unit for p in percent}) > 1 or abs(sum(p.value for p in percent) - 100) > 0.5:
            raise InputError("percentages alone must be of one kind and add up to 100")
        return {p.name: p.value / size(p, p.unit) for p in percent}
    out = dict(moles)
    for p in percent:
        if p.of:
            if p.of not in moles:
                raise InputError(f"{p.name} is a percentage of {p.of!r}, which has no amount")
            base = moles[p.of] * size(by_name[p.of], p.unit)
            amount = base * p.value / 100
        else:
            base = sum(n * size(by_name[name], p.unit) for name, n in moles.items())
            others = sum(q.value for q in percent if not q.of and q.unit == p.unit)
            if others >= 100:
                raise InputError("the percentages leave nothing for the rest of the liquid")
            amount = base * p.value / (100 - others)
        out[p.name] = amount / size(p, p.unit)
    return out


def molecule_counts(
    fractions: Mapping[str, float],
    charges: Mapping[str, int],
    atoms_per_molecule: Mapping[str, int],
    *,
    n_atoms: int,
    min_ion_pairs: int = 1,
) -> dict[str, int]:
    """Return whole numbers of molecules, neutral, for about ``n_atoms`` atoms.

    Ions are rounded first, the neutral species follow from their ratio to the
    ions, so that the composition is as close as whole numbers allow.

    Raises
    ------
    InputError
        If no neutral set of counts exists near the requested size.
    """
    atoms = sum(fractions[s] * atoms_per_molecule[s] for s in fractions)
    per_fraction = n_atoms / atoms
    ions = [s for s in fractions if charges[s]]
    if ions:
        rarest = min(fractions[s] for s in ions)
        pairs = max(min_ion_pairs, round(per_fraction * rarest))
        per_fraction = pairs / rarest
    counts = {s: max(1, round(per_fraction * f)) for s, f in fractions.items()}
    excess = sum(counts[s] * charges[s] for s in counts)
    for s in sorted(ions, key=lambda s: -counts[s]):
        if excess and excess % charges[s] == 0 and counts[s] - excess // charges[s] > 0:
            counts[s] -= excess // charges[s]
            excess = 0
    if excess:
        raise InputError("no neutral box of whole molecules fits this composition and size")
    return counts


def box_edge_angstrom(topology: Topology, density_g_ml: float) -> float:
    """Return the edge of the cubic box of this density."""
    if density_g_ml <= 0:
        raise InputError(f"a density of {density_g_ml:g} g/mL is impossible")
    return float((topology.mass_u * U_PER_A3_TO_G_ML / density_g_ml) ** (1 / 3))


def smallest_edge_angstrom(cutoff_angstrom: float) -> float:
    """Return the smallest box for a cutoff: twice the cutoff plus 5 %, and 20 angstrom."""
    return max(MIN_BOX_ANGSTROM, 2.1 * cutoff_angstrom)


def check_box(edge_angstrom: float, cutoff_angstrom: float) -> None:
    """Refuse a box smaller than :func:`smallest_edge_angstrom`.

    Raises
    ------
    InputError
        With the smallest edge that would do.
    """
    smallest = smallest_edge_angstrom(cutoff_angstrom)
    if edge_angstrom < smallest:
        raise InputError(
            f"a box of {edge_angstrom:.1f} A is too small for a cutoff of {cutoff_angstrom:g} A:"
            f" at least {smallest:.1f} A; ask for more atoms"
        )


def pack(
    topology: Topology,
    edge_angstrom: float,
    *,
    seed: int,
    paired: bool = False,
    timeout_s: float = 300.0,
) -> NDArray[np.float64]:
    """Return packmol's positions in a cubic periodic box, ``(n_atoms, 3)`` in angstrom.

    Deterministic for one packmol version and seed.

    Parameters
    ----------
    paired
        Place monatomic cations in contact with an anion, as far as there are both,
        instead of anywhere: the other start from which a liquid has to reach the same
        speciation.

    Raises
    ------
    CalculationError
        If packmol is missing, fails or takes too long.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [
            f"tolerance {PACKMOL_TOLERANCE_ANGSTROM}",
            f"seed {1 + seed % 1_000_000}",
            "filetype xyz",
            "output packed.xyz",
            "pbc " + f"{edge_angstrom:.4f} " * 3,
        ]
        units = _units(topology, paired)
        for k, (kinds, count) in enumerate(units):
            members = [topology.molecules[kind][0] for kind in kinds]
            rows = [
                f"{e} {x:.6f} {y:.6f} {z:.6f}"
                for molecule, where in zip(members, _together(members), strict=True)
                for e, (x, y, z) in zip(molecule.elements, where, strict=True)
            ]
            text = "\n".join([str(len(rows)), members[0].residue, *rows]) + "\n"
            (folder / f"{k}.xyz").write_text(text)
            lines += [f"structure {k}.xyz", f"  number {count}", "end structure"]
        # packmol rewinds its input, so that a pipe would not do.
        (folder / "input.inp").write_text("\n".join(lines) + "\n")
        try:
            with (folder / "input.inp").open() as given:
                done = subprocess.run(
                    [packmol_program()],
                    stdin=given,
                    cwd=folder,
                    capture_output=True,
                    text=True,
                    timeout=timeout_s,
                    check=False,
                )
        except subprocess.TimeoutExpired:
            raise CalculationError(f"packmol did not finish within {timeout_s:.0f} s") from None
        packed = folder / "packed.xyz"
        if not packed.is_file() or "Success" not in done.stdout:
            raise CalculationError(
                "packmol could not fill the box: " + done.stdout.strip()[-200:].replace("\n", " ")
            )
        rows = packed.read_text().splitlines()[2:]
    positions = np.array([[float(v) for v in row.split()[1:4]] for row in rows if row.strip()])
    if positions.shape != (topology.n_atoms, 3):
        raise CalculationError("packmol wrote another number of atoms than asked for")
    return _by_kind(positions, units, topology)


def _units(topology: Topology, paired: bool) -> list[tuple[tuple[int, ...], int]]:
    """Return what is placed as one body: indices of kinds of molecules, and how many times."""
    left = [count for _, count in topology.molecules]
    units: list[tuple[tuple[int, ...], int]] = []
    charges = [m.formal_charge for m, _ in topology.molecules]
    for cation, (molecule, _) in enumerate(topology.molecules):
        if not paired or molecule.n_atoms > 1 or charges[cation] <= 0:
            continue
        for anion in (k for k, charge in enumerate(charges) if charge < 0):
            if number := min(left[cation], left[anion]):
                units.append(((cation, anion), number))
                left[cation] -= number
                left[anion] -= number
    return units + [((kind,), count) for kind, count in enumerate(left) if count]


def _together(members: Sequence[Molecule]) -> list[NDArray[np.float64]]:
    """Return the positions of molecules that are placed as one body, a cation first.

    It stands off the most negative of the outermost atoms of the anion.
    """
    where = [np.asarray(m.positions_angstrom, float) for m in members]
    if len(members) == 2:
        anion = where[1]
        outward = anion - anion.mean(axis=0)
        reach = np.linalg.norm(outward, axis=1)
        outer = np.flatnonzero(reach >= np.median(reach))
        donor = min(outer, key=lambda i: members[1].charges_e[i])
        step = outward[donor] / max(float(reach[donor]), 1e-6) if reach[donor] else np.eye(3)[0]
        where[0] = (anion[donor] + CONTACT_ANGSTROM * step)[None]
    return where


def _by_kind(
    positions: NDArray[np.float64],
    units: Sequence[tuple[tuple[int, ...], int]],
    topology: Topology,
) -> NDArray[np.float64]:
    """Return positions written unit by unit in the order of the topology."""
    found: list[list[NDArray[np.float64]]] = [[] for _ in topology.molecules]
    first = 0
    for kinds, count in units:
        for _ in range(count):
            for kind in kinds:
                last = first + topology.molecules[kind][0].n_atoms
                found[kind].append(positions[first:last])
                first = last
    return np.vstack([part for parts in found for part in parts])


def packmol_program() -> str:
    """Return packmol beside this Python, else on PATH.

    Raises
    ------
    CalculationError
        If there is none.
    """
    beside = Path(sys.executable).parent / "packmol"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("packmol")
    if not found:
        raise CalculationError("packmol was not found: pip install packmol")
    return found
