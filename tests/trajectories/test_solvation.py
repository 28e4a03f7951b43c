"""Speciation against placed ions, a naive count, invariances and published counts."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.errors import InputError
from potash.trajectories.opening import open_universe
from potash.trajectories.solvation import Speciation
from potash.trajectories.system import describe, find_anions, find_cations
from tests.trajectories.synthetic import (
    ORTHORHOMBIC,
    TRICLINIC,
    ions_and_solvent,
    naive_distance,
    universe,
    wrap,
)


def speciate(made, cutoff=3.0, **kwargs):
    solvent = made.select_atoms("resname SOL")
    return Speciation(
        made.select_atoms("name K"),
        made.select_atoms("resname ANI"),
        solvent if len(solvent) else None,
        cutoff=cutoff,
        **kwargs,
    ).run()


def random_frames(seed, box, n_frames=4, n_cations=6, n_anions=5, n_solvent=12):
    rng = np.random.default_rng(seed)
    n = n_cations + n_anions + n_solvent
    heads = rng.uniform(0, 1, (n_frames, n, 3)) @ np.diag(box[:3])
    tails = heads[:, n_cations : n_cations + n_anions] + rng.normal(0, 0.8, (n_frames, n_anions, 3))
    anions = np.stack([heads[:, n_cations : n_cations + n_anions], tails], axis=2)
    parts = [
        heads[:, :n_cations],
        anions.reshape(n_frames, -1, 3),
        heads[:, n_cations + n_anions :],
    ]
    return np.concatenate(parts, axis=1)


def test_placed_ions_give_the_counts_that_were_placed():
    # Anion 1 alone; anion 2 at one K; anion 3 between two K; anion 4 among three K.
    k = [[5, 5, 5], [15, 5, 5], [19, 5, 5], [5, 15, 5], [8, 15, 5], [6.5, 17.6, 5], [25, 25, 25]]
    anions = [
        [[15, 25, 5], [15, 26.5, 5]],
        [[7, 5, 5], [8.5, 5, 5]],
        [[17, 5, 5], [17, 6.5, 5]],
        [[6.5, 15.9, 5], [6.5, 15.9, 6.5]],
    ]
    positions = np.array([[*k, *np.reshape(anions, (-1, 3))]], float)
    made = ions_and_solvent(positions, np.array([30, 30, 30, 90, 90, 90.0]), 7, 4)
    results = speciate(made, 2.2).results
    assert results.per_anion == {
        "ssip": 0.25,
        "cip": 0.25,
        "agg": 0.5,
        "agg_1": 0.25,
        "agg_2": 0.25,
    }
    assert results.per_cation["ssip"] == pytest.approx(1 / 7)
    assert results.per_cation["cip"] == pytest.approx(6 / 7)
    assert results.per_cation["agg"] == 0
    # Ions: 1 K and 1 anion alone, a pair, a triple, a quadruple.
    assert results.clusters == pytest.approx({1: 2 / 11, 2: 2 / 11, 3: 3 / 11, 4: 4 / 11})
    assert results.coordination["K-O(ANI)"]["value"] == pytest.approx(6 / 7)
    assert results.ligands == pytest.approx({"ANI": 6 / 7})
    assert results.shells == pytest.approx({(1,): 6 / 7, (0,): 1 / 7})


def test_one_cation_touching_two_atoms_of_an_anion_is_one_pair():
    positions = np.array([[[5, 5, 5], [4.2, 7, 5], [5.8, 7, 5]]], float)
    results = speciate(ions_and_solvent(positions, ORTHORHOMBIC, 1, 1), 2.5).results
    assert results.per_anion["cip"] == results.per_cation["cip"] == 1.0
    assert results.coordination["K-O(ANI)"]["value"] == 1.0
    assert results.coordination["K-F(ANI)"]["value"] == 1.0
    assert results.ligands == {"ANI": 1.0}


def naive_counts(positions, box, n_cations, n_anions, cutoff):
    touch = np.zeros((n_cations, n_anions), bool)
    oxygens = 0
    for i in range(n_cations):
        for j in range(n_anions):
            for atom in (0, 1):
                at = n_cations + 2 * j + atom
                touch[i, j] |= naive_distance(positions[i], positions[at], box) <= cutoff
        for at in range(n_cations + 2 * n_anions, len(positions)):
            oxygens += naive_distance(positions[i], positions[at], box) <= cutoff
    return touch.sum(axis=0), touch.sum(axis=1), oxygens


@pytest.mark.parametrize("box", [ORTHORHOMBIC, TRICLINIC], ids=["orthorhombic", "triclinic"])
def test_counts_equal_a_naive_loop(box):
    frames = random_frames(1, box)
    made = ions_and_solvent(frames, box, 6, 5)
    results = speciate(made, 3.4).results
    counts = [naive_counts(f, box, 6, 5, 3.4) for f in np.float32(frames).astype(float)]
    per_anion = np.concatenate([c[0] for c in counts])
    per_cation = np.concatenate([c[1] for c in counts])
    for name, numbers in (("per_anion", per_anion), ("per_cation", per_cation)):
        assert results[name]["ssip"] == pytest.approx(np.mean(numbers == 0))
        assert results[name]["cip"] == pytest.approx(np.mean(numbers == 1))
        assert results[name]["agg"] == pytest.approx(np.mean(numbers >= 2))
        assert results[name]["agg_2"] == pytest.approx(np.mean(numbers >= 3))
        agg = [np.mean(np.array(c[0 if name == "per_anion" else 1]) >= 2) for c in counts]
        assert results.series[f"{name}_agg"] == pytest.approx(agg)
    oxygens = sum(c[2] for c in counts) / (4 * 6)
    assert oxygens > 0
    assert results.coordination["K-O(SOL)"]["value"] == pytest.approx(oxygens)
    assert results.ligands["SOL"] == pytest.approx(oxygens)  # one donor each
    for change, entry in results.sensitivity.items():
        shifted = [
            naive_counts(f, box, 6, 5, 3.4 + float(change))[0]
            for f in np.float32(frames).astype(float)
        ]
        assert entry["per_anion"]["ssip"] == pytest.approx(np.mean(np.concatenate(shifted) == 0))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_order_of_ions_translation_and_wrapping_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    frames = random_frames(rng.integers(2**31), TRICLINIC, n_frames=2)
    moved = frames + rng.uniform(-40, 40, 3)
    order = np.concatenate([rng.permutation(6), 6 + np.arange(10), 16 + rng.permutation(12)])
    pairs = 6 + 2 * rng.permutation(5)
    order[6:16] = np.stack([pairs, pairs + 1], axis=1).ravel()
    moved = np.array([wrap(f, TRICLINIC) for f in moved])[:, order]
    one = speciate(ions_and_solvent(frames, TRICLINIC, 6, 5), 3.4).results
    two = speciate(ions_and_solvent(moved, TRICLINIC, 6, 5), 3.4).results
    assert two.per_anion == pytest.approx(one.per_anion)
    assert two.clusters == pytest.approx(one.clusters)
    assert two.shells == pytest.approx(one.shells)
    assert two.coordination == one.coordination


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1.0, 5.5))
def test_fractions_add_up_and_pairs_balance(seed, cutoff):
    made = ions_and_solvent(random_frames(seed, ORTHORHOMBIC), ORTHORHOMBIC, 6, 5)
    results = speciate(made, cutoff).results
    for name in ("per_anion", "per_cation"):
        share = results[name]
        assert share["ssip"] + share["cip"] + share["agg"] == pytest.approx(1)
        assert share["agg_1"] + share["agg_2"] == pytest.approx(share["agg"])
    assert sum(results.clusters.values()) == pytest.approx(1)
    assert sum(results.shells.values()) == pytest.approx(1)
    assert results.sensitivity["-0.2"]["per_anion"]["ssip"] >= results.per_anion["ssip"]
    assert results.sensitivity["+0.2"]["per_anion"]["ssip"] <= results.per_anion["ssip"]


def test_every_pair_has_its_own_cutoff():
    # O of the anion at 2.8, F of another at 2.8 angstrom.
    positions = np.array([[[5, 5, 5], [7.8, 5, 5], [9.3, 5, 5], [5, 9.3, 5], [5, 7.8, 5]]], float)
    made = ions_and_solvent(positions, ORTHORHOMBIC, 1, 2)
    results = speciate(made, {"K-O(ANI)": 3.0, "K-F(ANI)": 2.5}).results
    assert results.per_anion["cip"] == 0.5
    assert results.coordination["K-F(ANI)"] == {"value": 0.0, "cutoff_angstrom": 2.5}
    with pytest.raises(InputError, match=r"no cutoff for K-F\(ANI\)"):
        speciate(made, {"K-O(ANI)": 3.0})


def test_processes_give_what_one_process_gives(tmp_path):
    import MDAnalysis as mda  # noqa: N813

    made = ions_and_solvent(random_frames(4, ORTHORHOMBIC, n_frames=12), ORTHORHOMBIC, 6, 5)
    made.atoms.write(tmp_path / "x.gro")
    made.atoms.write(tmp_path / "x.xtc", frames="all")
    read = mda.Universe(str(tmp_path / "x.gro"), str(tmp_path / "x.xtc"))
    groups = read.select_atoms("name K"), read.select_atoms("resname ANI")
    one = Speciation(*groups, cutoff=3.4).run().results
    two = Speciation(*groups, cutoff=3.4).run(backend="multiprocessing", n_workers=2).results
    assert two.per_anion == one.per_anion
    assert two.shells == one.shells
    assert two.clusters == one.clusters
    assert two.series["K-O(ANI)"] == pytest.approx(one.series["K-O(ANI)"])


def test_more_contacts_than_expected_are_all_kept():
    rng = np.random.default_rng(8)
    positions = rng.uniform(0, 12, (1, 1 + 400, 3))
    made = ions_and_solvent(positions, ORTHORHOMBIC, 1, 20)
    analysis = Speciation(
        made.select_atoms("name K"),
        made.select_atoms("resname ANI"),
        made.select_atoms("resname SOL"),
        cutoff=6.5,
    ).run()
    n = sum(
        naive_distance(positions[0, 0], positions[0, j], ORTHORHOMBIC) <= 6.5
        for j in range(41, 401)
    )
    assert n > 16
    assert analysis.n_bound >= n
    assert np.all(analysis.bound[: analysis.n_bound, 0] == 0)
    assert len(set(analysis.bound[: analysis.n_bound, 1].tolist())) == analysis.n_bound


def test_no_box_small_box_overlap_and_bad_cutoffs_are_refused_in_one_line():
    frames = random_frames(1, ORTHORHOMBIC)
    bare = ions_and_solvent(frames, ORTHORHOMBIC, 6, 5)
    bare.trajectory.dimensions_array[:] = 0
    with pytest.raises(InputError, match="no periodic box"):
        speciate(bare)
    with pytest.raises(InputError, match=r"too small for a cutoff of 7\.90"):
        speciate(ions_and_solvent(frames, ORTHORHOMBIC, 6, 5), 7.9)
    made = ions_and_solvent(frames, ORTHORHOMBIC, 6, 5)
    for bad in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(InputError, match="cutoff must be larger"):
            speciate(made, bad)
    with pytest.raises(InputError, match=r"share a molecule \(ANI\)"):
        Speciation(made.select_atoms("name K or name O1"), made.select_atoms("name F1"), cutoff=3.0)
    with pytest.raises(InputError, match="holds no atom"):
        Speciation(made.atoms[:0], made.select_atoms("name F1"), cutoff=3.0)
    with pytest.raises(InputError, match="no frame"):
        Speciation(made.select_atoms("name K"), made.select_atoms("name F1"), cutoff=3.0).run(
            stop=0
        )


def test_a_molecular_cation_counts_once():
    names = ["N1", "N2", "O1"]
    positions = np.array([[[2, 2, 2], [4, 2, 2], [3, 4, 2]]], float)
    made = universe(names, [0, 0, 1], ["PYR", "ANI"], positions, ORTHORHOMBIC)
    results = Speciation(made.atoms[:2], made.atoms[2:], cutoff=2.5).run().results
    assert results.per_anion["cip"] == 1.0
    assert results.coordination["N-O(ANI)"]["value"] == 1.0


@pytest.fixture(scope="module")
def kfsi_dme(reference_data):
    folder = reference_data / "kfsi_dme_md"
    return open_universe(folder / "kfsi_dme.gro", folder / "kfsi_dme.xtc")


@pytest.mark.reference
@pytest.mark.parametrize(
    "selection, start, expected",
    [
        ("resname FSI", 0, (0.5132, 0.2565, 0.2303)),
        ("resname FSI", 120, (0.5432, 0.2342, 0.2226)),
        ("resname FSI and name O*", 0, (0.5147, 0.2704, 0.2148)),
    ],
)
def test_kfsi_in_dme_per_anion(kfsi_dme, selection, start, expected):
    made = Speciation(kfsi_dme.select_atoms("name K"), kfsi_dme.select_atoms(selection), cutoff=3.6)
    share = made.run(start=start).results.per_anion
    assert (share["ssip"], share["cip"], share["agg"]) == pytest.approx(expected, abs=1e-3)


@pytest.mark.reference
def test_kfsi_in_dme_per_cation_and_coordination(kfsi_dme):
    made = Speciation(
        kfsi_dme.select_atoms("name K"),
        kfsi_dme.select_atoms("resname FSI"),
        kfsi_dme.select_atoms("resname DME and name O*"),
        cutoff=3.6,
    ).run()
    share = made.results.per_cation
    assert (share["ssip"], share["cip"], share["agg"]) == pytest.approx(
        (0.3478, 0.5531, 0.0991), abs=1e-3
    )
    assert made.results.coordination["K-O(DME)"]["value"] == pytest.approx(5.905, abs=1e-3)


@pytest.mark.reference
@pytest.mark.parametrize("cutoff", [2.6, 2.8, 3.0])
@pytest.mark.parametrize("frames", ["wrap", "unwrap"])
def test_lithium_in_butyronitrile_and_fec(reference_data, cutoff, frames):
    """LAMMPS files of solvation-analysis' own tests, counted independently of both programs.

    There, a cation is 'AGG' when its ion cluster has more than two ions; that
    is our cluster-size distribution, since every cluster but the pairs is one
    anion between two Li.
    """
    folder = Path(os.environ.get("POTASH_SOLVATION_ANALYSIS_DATA", "nowhere")) / "bn_fec_data"
    if not folder.is_dir():
        pytest.skip("POTASH_SOLVATION_ANALYSIS_DATA does not name solvation-analysis' test data")
    with (reference_data / "ion_pair_counts_expected.csv").open() as file:
        expected = {
            row["quantity"]: float(row["value"])
            for row in csv.DictReader(file)
            if row["selection"] == "Li" and row["cutoff_angstrom"] == str(cutoff)
        }
    read = open_universe(folder / "bn_fec.data", folder / f"bn_fec_short_{frames}.dcd")
    system = describe(read)
    fluorines = np.isin(system.species[system.molecule], find_anions(system))
    results = (
        Speciation(
            read.atoms[find_cations(system)],
            read.atoms[fluorines & (system.elements == "F")],
            cutoff=cutoff,
            system=system,
        )
        .run()
        .results
    )
    n_ions, n_cations = 980, 490
    assert results.per_cation["ssip"] == pytest.approx(expected["SSIP_true_per_cation"], abs=1e-4)
    assert results.clusters[2] == pytest.approx(expected["CIP_true_per_cation"], abs=1e-4)
    in_triples = results.clusters[3] * n_ions * (2 / 3) / n_cations
    assert in_triples == pytest.approx(expected["AGG_true_per_cation"], abs=1e-4)
    assert results.per_anion["agg"] == pytest.approx(in_triples / 2, abs=1e-4)
