"""GROMACS files: topology, coordinates and run parameters."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np

from potash.engines.md import Floats, Settings, Stage, repartitioned_masses
from potash.engines.openmm import ryckaert_bellemans
from potash.engines.topology import KJ_PER_A2_TO_NM2, Molecule, Topology
from potash.errors import CalculationError, RefusedError

SAMPLE_PS = 0.2
LOG_PS = 2.0
BAROSTAT_TAU_PS = 2.0
# Of organic liquids, about; it only sets how fast the barostat answers.
COMPRESSIBILITY_1_BAR = 1.0e-4


def write_topology(path: Path, topology: Topology, settings: Settings) -> None:
    """Write a self-contained ``.top`` file."""
    lines = [
        "[ defaults ]",
        f"1 3 yes {topology.lennard_jones_14} {topology.coulomb_14}",
        "",
        "[ atomtypes ]",
    ]
    for number, (molecule, _) in enumerate(topology.molecules):
        for i, (sigma, epsilon) in enumerate(
            zip(molecule.sigma_angstrom, molecule.epsilon_kj_mol, strict=True)
        ):
            lines.append(f"t{number}_{i} 0 1.0 0.0 A {sigma / 10:.8g} {epsilon:.8g}")
    lines += _explicit_pairs(topology)
    for number, (molecule, _) in enumerate(topology.molecules):
        lines += _molecule_lines(molecule, number, settings)
    lines += ["", "[ system ]", topology.title, "", "[ molecules ]"]
    lines += [f"{m.residue} {count}" for m, count in topology.molecules]
    path.write_text("\n".join(lines) + "\n")


def _explicit_pairs(topology: Topology) -> list[str]:
    """Return explicit parameters for the pairs that do not mix geometrically.

    Raises
    ------
    RefusedError
        If a pair has an r^-4 term.
    """
    atoms = [
        (f"t{number}_{i}", molecule, i)
        for number, (molecule, _) in enumerate(topology.molecules)
        if molecule.mixing != "geometric"
        for i in range(molecule.n_atoms)
    ]
    found = []
    for (one, a, i), (other, b, j) in combinations_with_replacement(atoms, 2):
        sigma, epsilon = a.lennard_jones(i, b, j)
        found.append(f"{one} {other} 1 {sigma / 10:.8g} {epsilon:.8g}")
    of_type: dict[str, list[str]] = {}
    for number, (molecule, _) in enumerate(topology.molecules):
        for i, name in enumerate(molecule.types):
            of_type.setdefault(name, []).append(f"t{number}_{i}")
    for term in topology.pairs:
        if term.c4_kj_mol_a4:
            raise RefusedError("GROMACS has no r^-4 term between an ion and an atom; use OpenMM")
        for one in of_type.get(term.cation, ()):
            found += [
                f"{one} {other} 1 {term.sigma_angstrom / 10:.8g} {term.epsilon_kj_mol:.8g}"
                for other in of_type.get(term.donor, ())
            ]
    return ["", "[ nonbond_params ]", *found] if found else []


def _pair_lines(molecule: Molecule) -> list[str]:
    """Return the pairs three bonds apart; in full where the factors are the molecule's own."""
    third = sorted(molecule.pairs_by_distance()[1])
    if molecule.coulomb_14 is None or molecule.lennard_jones_14 is None:
        return [f"{i + 1} {j + 1} 1" for i, j in third]
    lines = []
    for i, j in third:
        sigma, epsilon = molecule.lennard_jones(i, molecule, j)
        lines.append(
            f"{i + 1} {j + 1} 2 {molecule.coulomb_14:.8g}"
            f" {molecule.charges_e[i]:.8f} {molecule.charges_e[j]:.8f}"
            f" {sigma / 10:.8g} {epsilon * molecule.lennard_jones_14:.8g}"
        )
    return lines


def _molecule_lines(molecule: Molecule, number: int, settings: Settings) -> list[str]:
    masses = repartitioned_masses(molecule.masses_u, molecule.bonds, settings.hydrogen_mass_u)
    lines = ["", "[ moleculetype ]", f"{molecule.residue} 3", "", "[ atoms ]"]
    for i, (name, charge, mass) in enumerate(
        zip(molecule.names, molecule.charges_e, masses, strict=True)
    ):
        lines.append(
            f"{i + 1} t{number}_{i} 1 {molecule.residue} {name} {i + 1} {charge:.8f} {mass:.6f}"
        )
    if molecule.constraints:
        return lines + _rigid_water_lines(molecule)
    if molecule.bonds:
        lines += ["", "[ bonds ]"]
        lines += [
            f"{i + 1} {j + 1} 1 {r0 / 10:.8g} {k * KJ_PER_A2_TO_NM2:.8g}"
            for i, j, r0, k in molecule.bonds
        ]
    if pairs := _pair_lines(molecule):
        lines += ["", "[ pairs ]", *pairs]
    if molecule.angles:
        lines += ["", "[ angles ]"]
        lines += [
            f"{i + 1} {j + 1} {k + 1} 1 {theta:.8g} {force:.8g}"
            for i, j, k, theta, force in molecule.angles
        ]
    if molecule.dihedrals or molecule.impropers:
        lines += ["", "[ dihedrals ]"]
    for i, j, k, last, *v in molecule.dihedrals:
        terms = " ".join(f"{c:.8g}" for c in ryckaert_bellemans(*v))
        lines.append(f"{i + 1} {j + 1} {k + 1} {last + 1} 3 {terms}")
    for i, j, k, last, v2 in molecule.impropers:
        lines.append(f"{i + 1} {j + 1} {k + 1} {last + 1} 4 180.0 {v2 / 2:.8g} 2")
    return lines


def _rigid_water_lines(molecule: Molecule) -> list[str]:
    """Return the SETTLE entry of a rigid three-site molecule, central atom first."""
    if molecule.n_atoms != 3 or len(molecule.constraints) != 1 or molecule.elements[0] != "O":
        raise CalculationError(f"{molecule.species}: GROMACS keeps only three-site water rigid")
    lengths = {r0 for _, _, r0, _ in molecule.bonds}
    return [
        "",
        "[ settles ]",
        f"1 1 {lengths.pop() / 10:.8g} {molecule.constraints[0][2] / 10:.8g}",
        "",
        "[ exclusions ]",
        "1 2 3",
        "2 1 3",
        "3 1 2",
    ]


def write_gro(
    path: Path, topology: Topology, positions_angstrom: Floats, box_angstrom: Floats
) -> None:
    """Write positions as a GRO file with 6 decimals (nm)."""
    lines = [topology.title, f"{topology.n_atoms:5d}"]
    row = 0
    for number, (molecule, _) in enumerate(topology.instances(), start=1):
        for name in molecule.names:
            x, y, z = positions_angstrom[row] / 10
            row += 1
            lines.append(
                f"{number % 100000:5d}{molecule.residue:<5s}{name:>5s}{row % 100000:5d}"
                f"{x:11.6f}{y:11.6f}{z:11.6f}"
            )
    a, b, c = box_angstrom / 10
    lines.append(" ".join(f"{v:.6f}" for v in (a[0], b[1], c[2])))
    path.write_text("\n".join(lines) + "\n")


def read_gro(path: Path) -> tuple[Floats, Floats]:
    """Return positions ``(n, 3)`` and box vectors ``(3, 3)`` in angstrom of a GRO file."""
    lines = path.read_text().splitlines()
    number = int(lines[1])
    width = lines[2].find(".", lines[2].find(".") + 1) - lines[2].find(".")
    positions = np.array(
        [
            [float(line[20 + k * width : 20 + (k + 1) * width]) for k in range(3)]
            for line in lines[2 : 2 + number]
        ]
    )
    edges = [float(v) for v in lines[2 + number].split()]
    box = np.diag(edges[:3])
    if len(edges) == 9:
        box[0, 1], box[0, 2], box[1, 0], box[1, 2], box[2, 0], box[2, 1] = edges[3:]
    return positions * 10, box * 10


def mdp(stage: Stage, settings: Settings, *, first: bool, seed: int) -> str:
    """Return the run parameters of a stage."""
    step_ps = settings.timestep_fs / 1000
    frame = round((stage.frame_ps or 0) / step_ps)
    sample = max(1, round((stage.stress_ps or SAMPLE_PS) / step_ps))
    options = force_options(settings) | {
        "integrator": "md" if stage.ensemble == "nve" else "sd",
        "dt": f"{step_ps:.6f}",
        "nsteps": str(round(stage.duration_ps / step_ps)),
        "nstenergy": str(sample),
        "nstcalcenergy": str(sample),
        "nstlog": str(max(1, round(LOG_PS / step_ps))),
        "nstxout-compressed": str(frame),
        "constraints": "h-bonds",
        "lincs-order": "6",
        "lincs-iter": "2",
        "continuation": "no" if first else "yes",
        "gen-vel": "yes" if first else "no",
        "gen-temp": f"{stage.temperature_k}",
        "gen-seed": str(seed),
        "ld-seed": str(seed),
        "comm-mode": "linear",
    }
    if stage.ensemble != "nve":
        options |= {
            "tc-grps": "System",
            "tau-t": f"{1 / stage.friction_ps}",
            "ref-t": f"{stage.temperature_k}",
        }
    if stage.ensemble == "npt":
        options |= {
            "pcoupl": "C-rescale",
            "tau-p": str(BAROSTAT_TAU_PS),
            "ref-p": str(stage.pressure_bar),
            "compressibility": str(COMPRESSIBILITY_1_BAR),
        }
    return mdp_text(options)


def force_options(settings: Settings) -> dict[str, str]:
    """Return the run parameters that set the forces."""
    cutoff = f"{settings.cutoff_angstrom / 10}"
    return {
        "cutoff-scheme": "Verlet",
        "verlet-buffer-tolerance": "0.001",
        "coulombtype": "PME",
        "rcoulomb": cutoff,
        "rvdw": cutoff,
        "vdw-modifier": "None",
        "coulomb-modifier": "None",
        "fourierspacing": "0.12",
        "DispCorr": "EnerPres" if settings.dispersion_correction else "no",
    }


def mdp_text(options: Mapping[str, str]) -> str:
    """Return run parameters as the text of an mdp file."""
    return "".join(f"{key} = {value}\n" for key, value in options.items())
