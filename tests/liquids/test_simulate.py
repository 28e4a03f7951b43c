"""A liquid from its inputs to a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash.catalog.catalog import load_catalog
from potash.catalog.formulations import Amount, Component, Formulation
from potash.engines.gromacs_files import write_gro
from potash.engines.md_levels import liquid_level
from potash.errors import InputError, RefusedError
from potash.liquids.forcefield import load_force_field
from potash.liquids.liquid import build
from potash.liquids.simulate import compute_liquid, liquid_calculation
from potash.results.liquid import LiquidInputs
from potash.results.model import NoNeeds

CATALOG = load_catalog()


def inputs(item: str, **options: object) -> LiquidInputs:
    level = liquid_level("screen-openmm-pair")
    found = liquid_calculation(CATALOG.electrolytes[item], CATALOG, level, **options)  # type: ignore[arg-type]
    return found.inputs


def quiet(fraction: float, text: str) -> None:
    assert 0.0 <= fraction <= 1.0


def test_a_solid_is_refused(tmp_path: Path) -> None:
    solid = next(e.id for e in CATALOG.electrolytes.values() if e.kind == "solid_inorganic")
    with pytest.raises(RefusedError, match="cannot be simulated as a liquid"):
        compute_liquid(inputs(solid), NoNeeds(), workdir=tmp_path, progress=quiet)


def test_all_species_without_parameters_are_named(tmp_path: Path) -> None:
    data = inputs("kfsi_dme_1m")
    plain = data.plain()
    for part in plain["parts"]:
        for particle in part["particles"]:
            if particle["species"] in ("fsi_minus", "dme"):
                particle.update(species="x_" + particle["species"], smiles="[BH4-]")
    data = LiquidInputs.model_validate(plain)
    with pytest.raises(RefusedError, match=r"x_fsi_minus.*x_dme"):
        compute_liquid(data, NoNeeds(), workdir=tmp_path, progress=quiet)


def test_too_few_atoms_for_the_cutoff(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ask for 850 or more"):
        compute_liquid(
            inputs("kfsi_dme_1m", n_atoms=200), NoNeeds(), workdir=tmp_path, progress=quiet
        )


def test_unknown_engine(tmp_path: Path) -> None:
    data = inputs("kfsi_dme_1m")
    data = data.model_copy(update={"level": {**data.level, "engine": "abacus"}})
    with pytest.raises(InputError, match="use openmm or gromacs"):
        compute_liquid(data, NoNeeds(), workdir=tmp_path, progress=quiet)


def test_gro_file_reads_back(tmp_path: Path) -> None:
    import numpy as np
    from MDAnalysis import Universe

    topology = build(inputs("kfsi_dme_1m"), load_force_field("opls-clp-pair")).topology
    positions = np.random.default_rng(1).uniform(0, 20, (topology.n_atoms, 3))
    write_gro(tmp_path / "a.gro", topology, positions, np.eye(3) * 23.0)
    universe = Universe(str(tmp_path / "a.gro"))
    np.testing.assert_allclose(universe.atoms.positions, positions, atol=1e-4)
    assert list(universe.residues.resnames[:1]) == [topology.molecules[0][0].residue]
    assert universe.dimensions[:3] == pytest.approx([23.0] * 3)


@pytest.mark.physics
def test_a_short_run_gives_a_row_and_continues_for_free(tmp_path: Path) -> None:
    data = inputs("kfsi_dme_1m", n_atoms=850, equilibration_ps=6.0, production_ps=1.5)
    outcome = compute_liquid(data, NoNeeds(), workdir=tmp_path, progress=quiet)
    values = outcome.values
    assert outcome.status == "ok"
    assert values.converged is False
    assert "not converged: one run of 2 ps" in outcome.reason
    for per in ("per_anion", "per_cation"):
        assert sum(getattr(values, f"{per}_{k}") for k in ("ssip", "cip", "agg")) == pytest.approx(
            1.0
        )
    assert 0.8 < values.density_g_ml < 1.2
    assert values.coordination["K-O(DME)"].value > 2.0
    assert values.temperature_k == pytest.approx(298.15, abs=25)
    assert values.concentration_mol_l["K"] == pytest.approx(1.0, abs=0.25)
    assert len(outcome.structures["final"].splitlines()) == values.n_atoms + 2

    def never(fraction: float, text: str) -> None:
        assert text == "analysing"

    again = compute_liquid(data, NoNeeds(), workdir=tmp_path, progress=never)
    assert again.values == values


@pytest.mark.physics
def test_a_pure_liquid_has_density_and_motion_but_no_speciation(tmp_path: Path) -> None:
    dme = Formulation(
        id="pure_dme",
        name="DME",
        components=(Component(species="dme", role="solvent", amount=Amount(unit="pure")),),
    )
    planned = liquid_calculation(
        dme, CATALOG, liquid_level("screen"), n_atoms=900, equilibration_ps=4.0, production_ps=1.5
    )
    values = compute_liquid(planned.inputs, NoNeeds(), workdir=tmp_path, progress=quiet).values
    assert 0.7 < values.density_g_ml < 1.0
    assert set(values.diffusion_m2_s) == {"DME"}
    assert values.per_anion_ssip is None
