"""What every MD engine takes and gives: settings, stages and their time series.

An engine is an :class:`Engine`: its name and version, how fast it is, and a
:class:`Run` that resumes from what a killed run left in its folder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from potash.engines.topology import Topology

Floats = NDArray[np.float64]
Progress = Callable[[float, str], None]

PRESSURE_BAR = 1.01325
HYDROGEN_MAX_MASS_U = 1.2


@dataclass(frozen=True)
class Settings:
    """How forces are computed and the equations of motion integrated.

    Attributes
    ----------
    cutoff_angstrom
        Lennard-Jones and direct-space Coulomb cutoff.
    ewald_tolerance
        Relative error of the Ewald sum.
    dispersion_correction
        Long-range Lennard-Jones correction to energy and pressure.
    timestep_fs
        Integration step; bonds to hydrogen are rigid.
    hydrogen_mass_u
        Mass of hydrogen, the difference taken from its neighbour; 0 leaves masses
        as they are. Moves no equilibrium property, allows longer steps.
    seed
        Of velocities, thermostat and barostat.
    """

    cutoff_angstrom: float = 10.0
    ewald_tolerance: float = 5e-4
    dispersion_correction: bool = True
    timestep_fs: float = 2.0
    hydrogen_mass_u: float = 0.0
    seed: int = 1


@dataclass(frozen=True)
class Stage:
    """One stretch of a simulation under constant conditions.

    Attributes
    ----------
    name
        Unique in a run; names its files.
    ensemble
        ``nvt``, ``npt`` or ``nve``.
    duration_ps
        Length.
    temperature_k
        Of the thermostat and, in the first stage, of the initial velocities.
    friction_ps
        Langevin friction (1/ps), or the inverse coupling time of another thermostat.
    frame_ps
        Time between trajectory frames; 0 writes none.
    pressure_bar
        Of the barostat, 1 atm unless said.
    stress_ps
        Time between samples of the pressure tensor; 0 takes none, and so does an engine
        that cannot give it.
    """

    name: str
    ensemble: Literal["nvt", "npt", "nve"]
    duration_ps: float
    temperature_k: float
    friction_ps: float = 1.0
    frame_ps: float = 0.0
    pressure_bar: float = PRESSURE_BAR
    stress_ps: float = 0.0


@dataclass(frozen=True)
class StageResult:
    """Time series of a stage.

    Attributes
    ----------
    stage
        What was run.
    time_ps, temperature_k, potential_kj_mol, total_kj_mol, volume_angstrom3
        Samples of equal length, the time from the start of the stage.
    trajectory
        XTC file, if frames were asked for.
    positions_angstrom, box_angstrom
        At the end.
    stress_bar
        Pressure tensor every ``stress_ps`` of the stage, ``(n, 3, 3)``, where asked for.
    """

    stage: Stage
    time_ps: Floats
    temperature_k: Floats
    potential_kj_mol: Floats
    total_kj_mol: Floats
    volume_angstrom3: Floats
    trajectory: Path | None
    positions_angstrom: Floats
    box_angstrom: Floats
    stress_bar: Floats | None = None


class Run(Protocol):
    """Runs a simulation, or goes on with one that was killed."""

    def __call__(
        self,
        topology: Topology,
        positions_angstrom: Floats,
        edge_angstrom: float,
        stages: Sequence[Stage],
        settings: Settings,
        *,
        workdir: Path,
        progress: Progress,
    ) -> list[StageResult]:
        """Return the result of each stage, in order.

        Parameters
        ----------
        topology
            Molecules with their force field.
        positions_angstrom
            At the start, shape (n_atoms, 3).
        edge_angstrom
            Of the cubic box at the start.
        stages
            What to run, in order.
        settings
            Forces and integration.
        workdir
            Checkpoints and trajectories; what a killed run left there is used.
        progress
            Called with a fraction (0 to 1) and a note.

        Raises
        ------
        CalculationError
            If the simulation is unstable or the program fails.
        """


@dataclass(frozen=True)
class Engine:
    """A molecular-dynamics program.

    Attributes
    ----------
    title
        Name as people write it.
    version
        Returns the version that is installed, or raises ``RefusedError``.
    seconds_per_atom_step
        Core-seconds per atom and time step, measured, for planning.
    run
        Runs a simulation.
    gives_stress
        Whether stages may ask for the pressure tensor.
    """

    title: str
    version: Callable[[], str]
    seconds_per_atom_step: float
    run: Run
    gives_stress: bool = False


def repartitioned_masses(
    masses_u: tuple[float, ...],
    bonds: tuple[tuple[int, int, float, float], ...],
    hydrogen_mass_u: float,
) -> list[float]:
    """Return masses with hydrogens made heavier at the expense of their neighbours.

    The sum stays the same. ``hydrogen_mass_u`` of 0 changes nothing.
    """
    out = list(masses_u)
    if not hydrogen_mass_u:
        return out
    for i, j, *_ in bonds:
        for light, heavy in ((i, j), (j, i)):
            if masses_u[light] < HYDROGEN_MAX_MASS_U <= masses_u[heavy]:
                out[heavy] -= hydrogen_mass_u - masses_u[light]
                out[light] = hydrogen_mass_u
    return out
