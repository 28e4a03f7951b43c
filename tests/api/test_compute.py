"""The front door computes: plain arguments in, typed results out, the same rows in a store."""

from __future__ import annotations

import pytest
from ase import Atoms
from ase.build import bulk, fcc100, fcc111
from ase.io import write
from matplotlib.figure import Figure
from pymatgen.core import Lattice
from pymatgen.core import Structure as Crystal

import potash
from potash.api.rows import place

PAIRS = {"level": "pairs", "calculator": "tests.hosts.pair_potential:make"}


def potassium_slab() -> Atoms:
    """Bcc-like potassium layers that the pair potential holds together."""
    slab = fcc100("K", (2, 2, 3), a=6.7, vacuum=9.0)
    slab.pbc = (True, True, False)
    return slab


def test_a_molecule_has_levels_geometry_and_interval():
    water = potash.molecule("O")
    assert water.status == "ok"
    assert water.values.homo_ev < -5.0
    assert water.values.ip_vertical_ev == pytest.approx(13.8, abs=0.2)  # GFN2/IPEA1; measured 12.6
    assert water.values.ea_bound is False
    assert water.row.level == water.level == "screen"
    assert sorted(water.atoms.get_chemical_symbols()) == ["H", "H", "O"]
    assert water.atoms.get_distance(0, 1) == pytest.approx(0.96, abs=0.02)
    assert water.estimate is not None
    assert water.estimate.low < 12.62 < water.estimate.high
    assert "IP vertical   13.79 eV" in repr(water)
    assert "experiment: " in repr(water)
    frame = water.to_frame()
    assert len(frame) == 1
    assert frame.loc[0, "homo_ev"] == water.values.homo_ev
    assert frame.loc[0, "key"] == water.key
    assert isinstance(water.plot(), Figure)


def test_an_id_and_any_spelling_of_a_smiles_are_one_row(tmp_path):
    store = potash.open_store(tmp_path / "rows.sqlite")
    first = potash.molecule("OCC", store=store)
    again = potash.molecule("C(O)C", store=store)
    assert first.key == again.key
    assert store.events("started") == {first.key: 1}
    by_path = potash.molecule("CCO", store=tmp_path / "rows.sqlite")
    assert by_path.row == again.row
    catalogue = potash.molecule("water", store=store)
    assert catalogue.key == potash.molecule("O", store=store).key


def test_a_result_cannot_be_changed_and_names_its_numbers():
    water = potash.molecule("O")
    with pytest.raises(AttributeError):
        water.row = None  # type: ignore[misc]
    with pytest.raises(AttributeError):
        _ = water.values.homo  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "result",
    [
        potash.Adsorption,
        potash.Molecule,
        potash.Redox,
        potash.Complex,
        potash.Simulation,
        potash.Barrier,
    ],
)
def test_what_a_repr_shows_are_columns_of_the_kind(result):
    assert set(result.HEADLINE) <= set(result.MODEL.model_fields)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: potash.molecule("dmee"), potash.InputError, "did you mean 'dme'"),
        (lambda: potash.molecule("C(("), potash.InputError, "cannot be read"),
        (lambda: potash.molecule("O", level="best"), potash.InputError, "levels: screen"),
        (lambda: potash.molecule("[K+]"), potash.RefusedError, "use the standard level"),
        (lambda: potash.complex_("Mg", "O"), potash.InputError, "Li, Na or K"),
        (lambda: potash.redox("O", medium="nosuch"), potash.InputError, "unknown species"),
        (lambda: potash.adsorb(42), potash.InputError, "a int is no structure"),
        (lambda: potash.adsorb("absent.cif"), potash.InputError, "no such file"),
        (lambda: potash.adsorb("cu_11"), potash.InputError, "did you mean 'cu_111'"),
        (lambda: potash.adsorb(Atoms()), potash.InputError, "no atoms"),
        (
            lambda: potash.adsorb(fcc111("Al", (2, 2, 3))),
            potash.InputError,
            "fewer than three cell vectors",
        ),
        (
            lambda: potash.adsorb(fcc111("Al", (2, 2, 3), vacuum=8.0), facet=(1, 1, 1)),
            potash.InputError,
            "a slab or sheet already",
        ),
        (lambda: potash.adsorb("cu_111", facet="garbage"), potash.InputError, "not a Miller index"),
        (lambda: potash.adsorb("cu_111", facet=(1, 1)), potash.InputError, "not a Miller index"),
        (lambda: potash.barrier("k2x"), potash.InputError, "unknown bulk phase or file"),
        (lambda: potash.barrier("cu_fcc"), potash.InputError, "Cu holds no K"),
        (lambda: potash.barrier("absent.cif"), potash.InputError, "no such file"),
        (
            lambda: potash.barrier(fcc111("Al", (2, 2, 3), vacuum=8.0)),
            potash.InputError,
            "empty space along a cell vector",
        ),
        (lambda: potash.simulate("kfsi_dme"), potash.InputError, "did you mean"),
        (lambda: potash.simulate("kfsi_dme_1m", production_ps=-1), potash.InputError, "too short"),
    ],
)
def test_errors_are_of_three_kinds(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_pymatgen_structure_with_mixed_sites_is_refused():
    mixed = Crystal(Lattice.cubic(4.0), [{"Cu": 0.5, "Au": 0.5}], [[0, 0, 0]])
    with pytest.raises(potash.InputError, match="cannot be used"):
        potash.adsorb(mixed)


def test_adsorption_on_atoms_gives_energies_and_both_structures(tmp_path):
    slab = potassium_slab()
    k = potash.adsorb(slab, store=tmp_path / "rows.sqlite", **PAIRS)
    assert k.values.adsorption_energy_ev == pytest.approx(
        k.values.e_slab_k_ev - k.values.e_slab_ev - k.values.e_k_metal_ev
    )
    assert len(k.atoms) == len(k.surface) + 1
    assert k.surfaces == (potash.Adsorption(k.row, k.estimate),)
    assert "K on K12" in repr(k)
    assert "cohesive energy of 0.934 eV/atom" in repr(k)
    frame = k.to_frame()
    assert frame["stands_for_it"].tolist() == [True]
    assert isinstance(k.plot(), Figure)
    # The same structure as a file is the same row.
    write(tmp_path / "slab.extxyz", slab)
    from_file = potash.adsorb(tmp_path / "slab.extxyz", store=tmp_path / "rows.sqlite", **PAIRS)
    assert from_file.row == k.row


@pytest.mark.physics
def test_the_surface_that_stands_for_a_crystal_has_the_lowest_energy(tmp_path):
    crystal = Crystal(Lattice.cubic(5.6), ["K", "K"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    k = potash.adsorb(crystal, store=tmp_path / "rows.sqlite", **PAIRS)
    assert {s.values.facet for s in k.surfaces} == {"(100)", "(110)", "(111)"}
    assert k.values.surface_energy_j_m2 == min(s.values.surface_energy_j_m2 for s in k.surfaces)
    assert k.to_frame()["stands_for_it"].sum() == 1
    one = potash.adsorb(crystal, facet=(1, 1, 0), store=tmp_path / "rows.sqlite", **PAIRS)
    assert [s.values.facet for s in one.surfaces] == ["(110)"]
    assert one.key in {s.key for s in k.surfaces}


def test_checkpoints_stay_beside_the_store(tmp_path):
    with place(tmp_path / "mine" / "rows.sqlite") as (store, folder):
        assert folder == tmp_path / "mine" / "work"
        assert store.rows() == []
    with place(None) as (_, folder):
        kept = folder.parent
        assert kept.is_dir()
    assert not kept.exists()


@pytest.mark.physics
def test_k_on_aluminium_by_the_screening_potential():
    k = potash.adsorb(fcc111("Al", (2, 2, 3), vacuum=8.0))
    assert k.values.adsorption_energy_ev == pytest.approx(-0.78, abs=0.02)
    assert k.estimate is not None
    assert k.estimate.low < k.estimate.value < k.estimate.high


@pytest.mark.physics
def test_redox_and_binding_of_an_ether():
    dme = potash.redox("COCCOC", medium=7.22)
    assert dme.values.potential_oxidation_v_vs_k == pytest.approx(5.44, abs=0.05)
    low, high = dme.interval("potential_oxidation_v_vs_k")
    assert low < dme.values.potential_oxidation_v_vs_k < high
    assert isinstance(dme.plot(), Figure)
    pair = potash.complex_("K", "COCCOC")
    assert pair.values.binding_energy_ev == pytest.approx(1.93, abs=0.03)
    assert pair.key == potash.complex_("K", ["dme"]).key
    assert bulk("K").symbols[0] in pair.atoms.symbols


@pytest.mark.physics
def test_a_short_simulation(tmp_path):
    liquid = potash.simulate(
        "kfsi_dme_1m",
        n_atoms=1000,
        equilibration_ps=2.0,
        production_ps=2.0,
        store=tmp_path / "s.db",
    )
    assert (
        liquid.values.per_anion_ssip + liquid.values.per_anion_cip + liquid.values.per_anion_agg
        == pytest.approx(1)
    )
    assert 0.8 < liquid.values.density_g_ml < 1.4
    assert "per anion SSIP" in repr(liquid)
    assert isinstance(liquid.plot(), Figure)
    assert "K" in liquid.atoms.symbols
