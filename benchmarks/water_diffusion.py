"""Diffusion and viscosity of model water through the same code as the electrolytes.

    python benchmarks/water_diffusion.py [--model tip4p2005|spce] [--workdir DIR] [--ps 2000]

Needs GROMACS (``gmx``). 216 molecules at 0.998 g/mL and 298.15 K; the viscosity for the
finite-size correction is computed from the same run. Published for the models (SklogWiki,
after Abascal and Vega 2005, doi:10.1063/1.2121687, and Gonzalez and Abascal 2010): TIP4P/2005
D = 2.1e-9 m^2/s (uncorrected, the size of box used here), 0.855 mPa s; SPC/E 0.729 mPa s.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
from dataclasses import asdict
from pathlib import Path

from potash.trajectories.diffusion import yeh_hummer_correction
from potash.trajectories.opening import open_universe
from potash.trajectories.structure import Density
from potash.trajectories.trajectory import run_together
from potash.trajectories.transport import MeanSquaredDisplacement
from potash.trajectories.viscosity import green_kubo_viscosity, read_pressure_xvg

N_MOLECULES = 216
TEMPERATURE_K = 298.15
DENSITY_G_ML = 0.998
PRESSURES = [f"Pres-{a}{b}" for a in "XYZ" for b in "XYZ"]
# Geometry (angstrom, degree), Lennard-Jones of oxygen (angstrom, kJ/mol), charge of hydrogen (e)
# and distance of the negative charge from oxygen towards the hydrogens (angstrom).
MODELS = {
    "tip4p2005": (0.9572, 104.52, 3.1589, 93.2 * 0.00831446, 0.5564, 0.1546),
    "spce": (1.0, 109.47, 3.166, 0.650, 0.4238, 0.0),
}
PUBLISHED_D_M2_S = {"tip4p2005": 2.1e-9}
COMMON = f"""
dt = 0.002
coulombtype = PME
rcoulomb = 0.85
rvdw = 0.85
DispCorr = EnerPres
tcoupl = v-rescale
tc-grps = System
ref-t = {TEMPERATURE_K}
"""


def gmx(folder: Path, *words: str, stdin: str = "") -> None:
    subprocess.run(
        ["gmx", "-quiet", *words], cwd=folder, input=stdin, text=True, check=True,
        capture_output=True,
    )  # fmt: skip


def topology(model: str) -> str:
    """Return a GROMACS topology of rigid water, with a massless charge site where it has one."""
    oh, angle, sigma, epsilon, charge, om = MODELS[model]
    half = math.radians(angle / 2)
    site = om > 0
    on_oxygen, on_site = (0.0, -2 * charge) if site else (-2 * charge, 0.0)
    lines = ["[ defaults ]", "1 2 no 1.0 1.0", "[ atomtypes ]"]
    lines.append(f"OW 8 15.9994 0.0 A {sigma / 10:.7f} {epsilon:.7f}")
    lines += ["HW 1 1.008 0.0 A 0.0 0.0", "MW 0 0.0 0.0 D 0.0 0.0"]
    lines += ["[ moleculetype ]", "SOL 2", "[ atoms ]", f"1 OW 1 SOL OW 1 {on_oxygen} 15.9994"]
    lines += [f"{i} HW 1 SOL HW{i - 1} 1 {charge} 1.008" for i in (2, 3)]
    if site:
        lines.append(f"4 MW 1 SOL MW 1 {on_site} 0.0")
    lines += ["[ settles ]", f"1 1 {oh / 10:.6f} {2 * oh * math.sin(half) / 10:.8f}"]
    if site:
        share = om / (2 * oh * math.cos(half))
        lines += ["[ virtual_sites3 ]", f"4 1 2 3 1 {share:.8f} {share:.8f}"]
    numbers = range(1, 5 if site else 4)
    lines += [
        "[ exclusions ]",
        *(" ".join(map(str, [i, *(j for j in numbers if j != i)])) for i in numbers),
    ]
    lines += ["[ system ]", model, "[ molecules ]", f"SOL {N_MOLECULES}"]
    return "\n".join(lines) + "\n"


def simulate(folder: Path, model: str, ps: float) -> None:
    """Fill a box, minimise, equilibrate for 30 ps and run at constant volume."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "topol.top").write_text(topology(model))
    solvent = "tip4p.gro" if MODELS[model][-1] > 0 else "spc216.gro"
    length = (N_MOLECULES * 18.015 / 0.602214076 / DENSITY_G_ML) ** (1 / 3) / 10
    gmx(
        folder, "solvate", "-cs", solvent, "-box", *["1.9"] * 3, "-maxsol", str(N_MOLECULES),
        "-o", "filled.gro",
    )  # fmt: skip
    gmx(folder, "editconf", "-f", "filled.gro", "-o", "box.gro", "-box", *[f"{length:.4f}"] * 3)
    stages = {
        "min": "integrator = steep\nnsteps = 200\ncoulombtype = PME\nrcoulomb = 0.85\nrvdw = 0.85\n"
        "rlist = 0.85\nverlet-buffer-tolerance = -1\n",
        "eq": f"{COMMON}nsteps = 15000\ntau-t = 0.5\ngen-vel = yes\ngen-temp = {TEMPERATURE_K}\n"
        "gen-seed = 1\n",
        "prod": f"{COMMON}nsteps = {round(ps / 0.002)}\ntau-t = 2.0\ncontinuation = yes\n"
        "nstxout-compressed = 100\nnstenergy = 5\nnstcalcenergy = 5\n",
    }
    before = "box.gro"
    for stage, options in stages.items():
        (folder / f"{stage}.mdp").write_text(options)
        state = ["-t", "eq.cpt"] if stage == "prod" else []
        gmx(
            folder, "grompp", "-f", f"{stage}.mdp", "-c", before, "-p", "topol.top",
            "-o", f"{stage}.tpr", "-maxwarn", "2", *state,
        )  # fmt: skip
        gmx(folder, "mdrun", "-nt", "1", "-pin", "off", "-deffnm", stage)
        before = f"{stage}.gro"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", choices=sorted(MODELS), default="tip4p2005")
    parser.add_argument("--workdir", type=Path, default=Path("water_diffusion"))
    parser.add_argument("--ps", type=float, default=2000.0)
    chosen = parser.parse_args()
    folder = chosen.workdir.resolve() / chosen.model
    if not (folder / "prod.gro").is_file():
        simulate(folder, chosen.model, chosen.ps)
    gmx(folder, "energy", "-f", "prod.edr", "-o", "p.xvg", stdin="\n".join(PRESSURES) + "\n\n")
    times, pressure = read_pressure_xvg(folder / "p.xvg")
    universe = open_universe(folder / "eq.gro", folder / "prod.xtc")
    motion, density = MeanSquaredDisplacement(universe), Density(universe)
    run_together([motion, density])
    volume = float(density.results.volume.mean())
    viscosity = green_kubo_viscosity(
        pressure, float(times[1] - times[0]), volume * 1e-30, TEMPERATURE_K
    )
    found = motion.results.diffusion["SOL"]
    shift = yeh_hummer_correction(volume ** (1 / 3), TEMPERATURE_K, viscosity.value_pa_s)
    published = PUBLISHED_D_M2_S.get(chosen.model)
    result = {
        "model": chosen.model,
        "molecules": len(universe.residues),
        "run_ps": float(universe.trajectory.totaltime),
        "diffusion_uncorrected": asdict(found),
        "viscosity": asdict(viscosity),
        "finite_size_m2_s": shift,
        "diffusion_corrected_m2_s": None if found.value_m2_s is None else found.value_m2_s + shift,
    }
    if published and found.value_m2_s:
        result["published_uncorrected_m2_s"] = published
        result["deviation"] = found.value_m2_s / published - 1
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
