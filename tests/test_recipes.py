"""The recipes of CONTRIBUTING: a kind, an engine and a criterion are added as they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from ase import Atoms
from MDAnalysis import Universe, Writer

from potash.catalog.catalog import load_catalog
from potash.catalog.formulations import Amount, Component, Formulation
from potash.engines import md_levels
from potash.engines.adsorption_levels import adsorption_level, level_of
from potash.engines.levels import Level
from potash.engines.md import Engine, Floats, Settings, Stage, StageResult
from potash.engines.potentials import calculator
from potash.engines.topology import Topology
from potash.hosts.adsorption import adsorption_calculations
from potash.hosts.k_metal import k_metal_calculation
from potash.liquids.dynamics import frame_interval_ps
from potash.liquids.simulate import liquid_calculation
from potash.ranking.criteria import Criterion
from potash.ranking.electrolytes import electrolyte_candidates
from potash.ranking.order import ordered
from potash.results import kinds as results_kinds
from potash.results.adsorption import AdsorptionValues
from potash.results.calculation import Calculation, Outcome, Progress
from potash.results.liquid import LiquidValues
from potash.results.model import Fingerprint, Inputs, Models, NoNeeds, Values
from potash.running import kinds as running_kinds
from potash.running.kinds import KINDS, Kind
from potash.running.local import compute_here
from potash.running.plan import stages_of
from potash.store import Row, Store, export_rows, import_rows
from potash.structures.recipes import recipe_from_data
from tests.synthetic_rows import liquid, species

CATALOG = load_catalog()


def quiet(_item: str, _fraction: float, _note: str) -> None:
    """Ignore progress."""


def computed(calculations: Sequence[Calculation], folder: Path) -> list[Row]:
    """Return the rows of calculations through the one loop that computes everything."""
    store = Store(folder / "rows.sqlite")
    try:
        return compute_here(calculations, store, folder / "work", quiet)
    finally:
        store.close()


# ------------------------------------------------------------------ a kind


class DimerInputs(Inputs):
    """Two atoms."""

    KIND: ClassVar[str] = "dimer"

    level: Fingerprint
    """Level of theory."""
    symbol: str
    """Element."""
    distance_angstrom: float
    """Between the atoms, angstrom."""


class DimerValues(Values):
    """Their energy."""

    KIND: ClassVar[str] = "dimer"

    dimer_energy_ev: float
    """Energy of the pair, eV."""
    force_ev_angstrom: float | None = None
    """Force that pulls them apart, eV/angstrom; absent where not asked for."""


DIMER = Models(DimerInputs, NoNeeds, DimerValues, main="dimer_energy_ev")


def dimer_calculation(level: Level, distance_angstrom: float) -> Calculation:
    return Calculation(
        item="ar2",
        model="pair",
        level=level.name,
        inputs=DimerInputs(
            level=level.fingerprint, symbol="Ar", distance_angstrom=distance_angstrom
        ),
    )


def compute_dimer(
    inputs: DimerInputs, _needs: NoNeeds, *, workdir: Path, progress: Progress
) -> Outcome[DimerValues]:
    level = level_of(inputs.level)
    progress(0.5, "two atoms")
    atoms = Atoms([inputs.symbol] * 2, [[0, 0, 0], [inputs.distance_angstrom, 0, 0]])
    atoms.calc = calculator(level.fingerprint)
    energy = float(atoms.get_potential_energy())
    # At no distance at all the energy is infinite: the model refuses it.
    return Outcome(
        status="ok",
        values=DimerValues(dimer_energy_ev=energy),
        uncertainty={"dimer_energy_ev": 0.01},
        reference_state="separate atoms",
        engine=level.engine,
        engine_version=level.engine_version,
    )


@pytest.fixture
def a_new_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter the kind in the two tables, as its author would."""
    kind = Kind(DIMER, compute_dimer, "hosts")
    monkeypatch.setattr(results_kinds, "MODELS", {**results_kinds.MODELS, "dimer": DIMER})
    monkeypatch.setattr(running_kinds, "KINDS", {**KINDS, "dimer": kind})


@pytest.mark.usefixtures("a_new_kind")
def test_a_new_kind_is_planned_computed_read_exported_and_imported(tmp_path: Path) -> None:
    level = adsorption_level("lj", calculator="ase.calculators.lj:LennardJones")
    near, far = dimer_calculation(level, 1.2), dimer_calculation(level, 2.0)
    assert near.key != far.key
    (stage,) = stages_of([near, far, near])
    assert (stage.name, stage.calculations) == ("hosts", (near, far))
    assert results_kinds.calculation_from(near.plain()) == near

    rows = computed([near, far], tmp_path)
    cutoff = 4 * (3.0**-12 - 3.0**-6)  # ASE's Lennard-Jones is shifted to zero at 3 sigma
    for row, distance in zip(rows, (1.2, 2.0), strict=True):
        values = row.read(DimerValues)
        expected = 4 * (distance**-12 - distance**-6) - cutoff
        assert values.dimer_energy_ev == pytest.approx(expected, abs=1e-12)
        assert values.force_ev_angstrom is None
        assert row.read(DimerInputs).distance_angstrom == distance

    export_rows(rows, tmp_path / "out", file_format="csv")
    again = {row.key: row for row in import_rows(tmp_path / "out")}
    assert again == {row.key: row for row in rows}
    assert again[near.key].read(DimerValues) == rows[0].read(DimerValues)


@pytest.mark.usefixtures("a_new_kind")
def test_infinity_makes_a_failed_row_that_names_the_value(tmp_path: Path) -> None:
    level = adsorption_level("lj", calculator="ase.calculators.lj:LennardJones")
    with np.errstate(divide="ignore", invalid="ignore"):
        (row,) = computed([dimer_calculation(level, 0.0)], tmp_path)
    assert (row.status, row.values) == ("failed", {})
    assert "energy is nan" in row.reason
    assert "finite" in row.reason


# ------------------------------------------------------------------ an engine


def test_any_ase_calculator_is_a_level_of_adsorption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file with a function that returns the calculator is all there is to write."""
    (tmp_path / "my_engine.py").write_text(
        "from ase.calculators.morse import MorsePotential\n"
        "def make():\n"
        "    return MorsePotential(epsilon=0.2, r0=4.75, rho0=5.0, rcut1=8.0, rcut2=9.0)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    level = adsorption_level("mine", calculator="my_engine:make")
    assert level.theory == "potential"
    silver = {"kind": "prototype", "prototype": "fcc", "elements": ["Ag"], "a": 6.5}
    recipe = recipe_from_data(
        {
            "builder": "slab",
            "crystal": silver,
            "miller": [1, 1, 1],
            "min_thickness_angstrom": 7.0,
        }
    )
    metal = k_metal_calculation(level)
    rows = computed(
        [metal, *adsorption_calculations(recipe, level, item="ag", model="ag_111")], tmp_path
    )
    assert [row.status for row in rows] == ["ok", "ok"]
    assert rows[1].needs == {"k_metal": metal.key}
    assert rows[1].read(AdsorptionValues).adsorption_energy_ev is not None


def run_gas(
    topology: Topology,
    positions_angstrom: Floats,
    edge_angstrom: float,
    stages: Sequence[Stage],
    settings: Settings,
    *,
    workdir: Path,
    progress: Progress,
) -> list[StageResult]:
    """Let every molecule wander without forces: enough of an engine to be analysed."""
    rng = np.random.default_rng(settings.seed)
    n_atoms = topology.n_atoms
    owner = np.repeat(
        np.arange(topology.n_molecules),
        [m.n_atoms for m, n in topology.molecules for _ in range(n)],
    )
    results, positions = [], np.array(positions_angstrom)
    box = np.eye(3) * edge_angstrom
    for stage in stages:
        progress(0.5, stage.name)
        time_ps = np.linspace(0.0, stage.duration_ps, 51)
        path = workdir / f"{stage.name}.xtc" if stage.frame_ps else None
        if path is not None:
            universe = Universe.empty(n_atoms, trajectory=True)
            universe.dimensions = [edge_angstrom] * 3 + [90.0] * 3
            with Writer(str(path), n_atoms) as writer:
                for frame in range(round(stage.duration_ps / stage.frame_ps) + 1):
                    positions += rng.normal(0.0, 0.2, (topology.n_molecules, 3))[owner]
                    universe.atoms.positions = positions
                    universe.trajectory.ts.time = frame * stage.frame_ps
                    writer.write(universe)
        results.append(
            StageResult(
                stage=stage,
                time_ps=time_ps,
                temperature_k=np.full(51, stage.temperature_k),
                potential_kj_mol=np.zeros(51),
                total_kj_mol=np.zeros(51),
                volume_angstrom3=np.full(51, edge_angstrom**3),
                trajectory=path,
                positions_angstrom=positions,
                box_angstrom=box,
            )
        )
    return results


def test_a_new_engine_of_liquids_is_one_function_and_one_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gas = Engine("Ideal gas", lambda: "1.0", seconds_per_atom_step=1e-9, run=run_gas)
    monkeypatch.setattr(md_levels, "ENGINES", {**md_levels.ENGINES, "gas": lambda: gas})
    monkeypatch.setattr(md_levels, "NAMES", (*md_levels.NAMES, "screen-gas"))
    level = md_levels.liquid_level("screen-gas")
    assert (level.theory, level.engine, level.engine_version) == ("force_field", "gas", "1.0")
    water = Formulation(
        id="pure_water",
        name="water",
        components=(Component(species="water", role="solvent", amount=Amount(unit="pure")),),
    )
    planned = liquid_calculation(
        water, CATALOG, level, n_atoms=1000, equilibration_ps=4.0, production_ps=20.0
    )
    (row,) = computed([planned], tmp_path)
    assert row.status == "ok", row.reason
    assert (row.engine, row.engine_version, row.level) == ("gas", "1.0", "screen-gas")
    values = row.read(LiquidValues)
    # The box never changes: 18.015 u per molecule in it, however the molecules move.
    n, volume = values.molecules["SOL"], values.box_angstrom**3
    assert values.density_g_ml == pytest.approx(n * 18.015 * 1.66053907 / volume, rel=1e-4)
    # A random walk of 0.2 angstrom a component and frame: D = sigma^2 / 2 dt.
    assert values.diffusion_m2_s is not None
    motion = values.diffusion_m2_s["SOL"]
    assert motion.value is not None
    expected = 0.2**2 / (2 * frame_interval_ps(20.0)) * 1e-8
    assert motion.value == pytest.approx(expected, rel=0.1)


# ------------------------------------------------------------------ a criterion


def rows_of_two_liquids() -> list[Row]:
    return [
        species("dme", "COCCOC", 9.5),
        species("fsi_minus", "O=S(=O)(F)[N-]S(=O)(=O)F", 7.1, charge=-1),
        liquid("kfsi_dme_1m", density_g_ml=1.01),
        liquid("kpf6_dme_1m", density_g_ml=0.93),
    ]


def test_a_new_criterion_ranks_by_a_quantity_with_its_uncertainty() -> None:
    """Density as an example: light electrolytes first."""
    criterion = Criterion(
        column="density_g_ml",
        label="density",
        direction="minimise",
        worst=1.2,
        best=0.8,
        why="A lighter electrolyte makes a lighter cell.",
    )
    candidates, _ = electrolyte_candidates(
        rows_of_two_liquids(), CATALOG, only=("kfsi_dme_1m", "kpf6_dme_1m"), n_draws=2000
    )
    rng = np.random.default_rng(1)
    given = []
    for candidate in candidates:
        density = candidate.entry.values["density_g_ml"]
        given.append(
            replace(
                candidate,
                central={**candidate.central, "density_g_ml": density},
                draws={**candidate.draws, "density_g_ml": density + 0.001 * rng.normal(size=2000)},
            )
        )
    order = ordered(given, [criterion])
    assert [e.id for e in order.entries] == ["kpf6_dme_1m", "kfsi_dme_1m"]
    assert [e.rank for e in order.entries] == [1, 2]
    assert order.resolved_pairs == order.pairs == 1
    turned = criterion.model_copy(update={"direction": "maximise", "worst": 0.8, "best": 1.2})
    assert [e.id for e in ordered(given, [turned]).entries] == ["kfsi_dme_1m", "kpf6_dme_1m"]
