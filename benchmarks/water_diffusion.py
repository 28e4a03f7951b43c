"""Diffusion and viscosity of SPC/E water through the same code as the electrolytes.

    python benchmarks/water_diffusion.py [--workdir DIR] [--ps 800]

Needs GROMACS (``gmx``). About 270 molecules at 0.998 g/mL and 298.15 K; the
viscosity for the finite-size correction is computed from the same run.
Published for the model: 0.729 mPa s at 298 K (SklogWiki, after Gonzalez and
Abascal 2010); D near 2.5e-9 m^2/s for boxes of this size (Mark and Nilsson,
doi:10.1021/jp003020w; the number from memory, not checked against the paper).
"""

from __future__ import annotations

import argparse
import json
import subprocess
from dataclasses import asdict
from pathlib import Path

from potash.liquids.diffusion import yeh_hummer_correction
from potash.liquids.structure import Density
from potash.liquids.trajectory import open_universe, run_together
from potash.liquids.transport import MeanSquaredDisplacement
from potash.liquids.viscosity import green_kubo_viscosity, read_pressure_xvg

TEMPERATURE_K = 298.15
DENSITY_G_ML = 0.998
PRESSURES = [f"Pres-{a}{b}" for a in "XYZ" for b in "XYZ"]
COMMON = f"""
dt = 0.002
coulombtype = PME
rcoulomb = 0.9
rvdw = 0.9
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


def simulate(folder: Path, ps: float) -> None:
    """Fill a box, minimise, equilibrate for 30 ps and run at constant volume."""
    folder.mkdir(parents=True, exist_ok=True)
    gmx(folder, "solvate", "-cs", "spc216.gro", "-box", *["2.08"] * 3, "-o", "filled.gro")
    n = sum("OW" in line for line in (folder / "filled.gro").read_text().splitlines())
    (folder / "topol.top").write_text(
        '#include "oplsaa.ff/forcefield.itp"\n#include "oplsaa.ff/spce.itp"\n'
        f"[ system ]\nwater\n[ molecules ]\nSOL {n}\n"
    )
    length = (n * 18.015 / 0.602214076 / DENSITY_G_ML) ** (1 / 3) / 10
    gmx(folder, "editconf", "-f", "filled.gro", "-o", "box.gro", "-box", *[f"{length:.4f}"] * 3)
    stages = {
        "min": "integrator = steep\nnsteps = 200\ncoulombtype = PME\nrcoulomb = 0.9\nrvdw = 0.9\n",
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
    parser.add_argument("--workdir", type=Path, default=Path("water_diffusion"))
    parser.add_argument("--ps", type=float, default=800.0)
    chosen = parser.parse_args()
    folder = chosen.workdir.resolve()
    if not (folder / "prod.gro").is_file():
        simulate(folder, chosen.ps)
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
    result = {
        "molecules": len(universe.residues),
        "run_ps": float(universe.trajectory.totaltime),
        "diffusion_uncorrected": asdict(found),
        "viscosity": asdict(viscosity),
        "finite_size_m2_s": shift,
        "diffusion_corrected_m2_s": None if found.value_m2_s is None else found.value_m2_s + shift,
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
