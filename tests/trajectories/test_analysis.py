"""The whole analysis: reference figures, defaults, its JSON contract, refusals."""

from __future__ import annotations

import json
from dataclasses import asdict

import MDAnalysis as mda  # noqa: N813
import numpy as np
import pytest

from potash.errors import InputError
from potash.trajectories.analysis import analyze, analyze_files
from potash.trajectories.averages import mean_of_series, statistical_inefficiency
from tests.trajectories.synthetic import ORTHORHOMBIC, TRICLINIC, ions_and_solvent, universe
from tests.trajectories.test_solvation import random_frames


def small(box=ORTHORHOMBIC, n_frames=120, seed=0):
    """An electrolyte that jitters about random places."""
    rng = np.random.default_rng(seed)
    frame = random_frames(seed, box, n_frames=1)
    steps = np.cumsum(rng.normal(0, 0.05, (n_frames, frame.shape[1], 3)), axis=0)
    return ions_and_solvent(frame + steps, box, 6, 5)


def test_every_number_is_plain_json_and_adds_up():
    found = analyze(small(), anion="resname ANI", cutoff=3.4)
    data = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert sum(data["per_anion"].values()) == pytest.approx(1)
    assert sum(data["per_cation"].values()) == pytest.approx(1)
    assert set(data["coordination"]) == {"K-O(ANI)", "K-F(ANI)", "K-O(SOL)"}
    assert data["coordination"]["K-O(SOL)"]["cutoff_angstrom"] == 3.4
    assert data["composition"]["SOL"] == {"formula": "O", "molecules": 12}
    assert data["n_frames"] == 120
    assert data["last_ps"] == 119.0
    assert set(data["rdf"]) == {"K-O(ANI)", "K-F(ANI)", "K-O(SOL)", "K-K"}
    for curve in data["rdf"].values():
        assert len(curve["r_angstrom"]) == len(curve["g"]) == len(curve["coordination_number"])
    mass = 6 * 39.0983 + 5 * (15.999 + 18.998) + 12 * 15.999
    assert data["density_g_ml"] == pytest.approx(mass / (14 * 15 * 16) / 0.602214076, rel=1e-4)
    assert set(data["diffusion_m2_s"]) == {"K", "ANI", "SOL"}
    assert all("status" in entry for entry in data["diffusion_m2_s"].values())
    assert data["sensitivity"].keys() == {"-0.2", "+0.2"}


def test_row_values_are_the_columns_of_a_liquid():
    found = analyze(small(), anion="resname ANI", cutoff=3.4)
    row = found.row_values()
    for per in ("per_anion", "per_cation"):
        for kind in ("ssip", "cip", "agg"):
            assert row[f"{per}_{kind}"] == pytest.approx(
                getattr(getattr(found, per), kind), rel=1e-6
            )
            series = row["time_series"][f"{per}_{kind}"]
            assert np.mean(series) == pytest.approx(row[f"{per}_{kind}"], rel=1e-6)
    assert len(row["time_series"]["time_ps"]) == row["n_frames"] == 120
    assert row["production_ps"] == 119.0
    assert row["converged"] is False
    assert "5 ion pairs" in row["convergence_note"]
    json.dumps(row, allow_nan=False)


def test_temperature_gives_a_conductivity_and_topology_charges_their_own():
    rng = np.random.default_rng(6)
    frame = random_frames(6, ORTHORHOMBIC, n_frames=1)
    heads = np.cumsum(rng.normal(0, 0.2, (1500, 23, 3)), axis=0)
    steps = heads[:, [*range(6), *np.repeat(np.arange(6, 11), 2), *range(11, 23)]]
    made = ions_and_solvent(frame + steps, ORTHORHOMBIC, 6, 5)
    plain = analyze(made, anion="resname ANI", cutoff=3.0, temperature_k=300.0)
    assert "add up to +1 e" in plain.conductivity.status  # six K, five anions
    none = analyze(made, anion="resname ANI", cutoff=3.0)
    assert none.conductivity.status == "not computed: no temperature given"
    five = made.select_atoms("not index 0")
    made = mda.Merge(five).load_new(
        np.delete(made.trajectory.timeseries(order="fac"), 0, axis=1), dimensions=ORTHORHOMBIC
    )
    made.add_TopologyAttr("charges", [0.8] * 5 + [-0.4] * 10 + [0.0] * 12)
    found = analyze(made, anion="resname ANI", cutoff=3.0, temperature_k=300.0).as_dict()
    current = found["conductivity"]
    assert current["status"] == "diffusive"
    values = current["formal_charges"]
    assert values["charges"] == {"K": 1.0, "ANI": -1.0}
    assert sum(v["value"] for v in values["transference"].values()) == pytest.approx(1)
    scaled = current["force_field_charges"]
    ratio = scaled["nernst_einstein_s_m"]["value"] / values["nernst_einstein_s_m"]["value"]
    assert ratio == pytest.approx(0.64, rel=1e-3)
    assert set(found["residence_ps"]) == {"ANI", "SOL"}
    json.dumps(found, allow_nan=False)


def test_two_processes_find_what_one_finds():
    options = {"anion": "resname ANI", "cutoff": 3.4}
    one, two = analyze(small(), **options), analyze(small(), n_workers=2, **options)
    assert two.as_dict() == one.as_dict()


def test_running_coordination_of_the_rdf_is_that_of_the_shells():
    found = analyze(small(), anion="resname ANI", cutoff=3.5)
    curve = found.as_dict()["rdf"]["K-O(SOL)"]
    at = curve["r_angstrom"].index(pytest.approx(3.475))
    assert curve["coordination_number"][at] == pytest.approx(
        found.coordination["K-O(SOL)"].value, rel=1e-6
    )


def test_a_selection_is_taken_literally():
    made = small()
    all_atoms = analyze(made, anion="resname ANI", cutoff=3.4)
    oxygens = analyze(made, anion="resname ANI and name O1", cutoff=3.4)
    assert set(oxygens.coordination) == {"K-O(ANI)", "K-O(SOL)"}
    assert oxygens.per_anion.ssip >= all_atoms.per_anion.ssip
    only = analyze(
        made, anion="resname ANI", solvent="resname ANI and name Z or resname SOL", cutoff=3
    )
    assert set(only.coordination) == {"K-O(ANI)", "K-F(ANI)", "K-O(SOL)"}


def test_cutoffs_come_from_the_first_minimum_or_are_borrowed():
    """K on a grid, four O of the solvent at 2.7 and four at 5 angstrom, anions far off."""
    rng = np.random.default_rng(4)
    grid = np.stack(np.meshgrid(*[[0.0, 14.0]] * 3), axis=-1).reshape(-1, 3)
    frames = []
    for _ in range(60):

        def around(radius, n):
            v = rng.normal(size=(len(grid), n, 3))
            v *= (radius + rng.normal(0, 0.12, v.shape[:2]))[..., None] / np.linalg.norm(v, axis=2)[
                ..., None
            ]
            return (grid[:, None] + v).reshape(-1, 3)

        heads = around(6.0, 1)
        anions = np.stack([heads, heads + np.array([1.4, 0, 0])], axis=1).reshape(-1, 3)
        frames.append(np.concatenate([grid, anions, around(2.7, 4), around(5.0, 4)]))
    made = ions_and_solvent(np.array(frames), np.array([28, 28, 28, 90, 90, 90.0]), 8, 8)
    found = analyze(made, anion="resname ANI")
    solvent = found.coordination["K-O(SOL)"]
    assert solvent.cutoff_source == "first minimum of g(r)"
    assert 3.0 < solvent.cutoff_angstrom < 4.6
    assert solvent.value == pytest.approx(4.0, abs=0.01)
    for label in ("K-O(ANI)", "K-F(ANI)"):
        borrowed = found.coordination[label]
        assert borrowed.cutoff_angstrom == solvent.cutoff_angstrom
        assert borrowed.cutoff_source.startswith("that of K-O(SOL)")
    assert found.per_anion.ssip == pytest.approx(1.0, abs=0.1)


def test_triclinic_single_frame_and_frame_range():
    single = analyze(small(TRICLINIC), anion="resname ANI", cutoff=3.4, start=3, stop=4)
    assert single.n_frames == 1
    assert single.half_widths == {}
    assert single.to_frame()[["low", "high"]].isna().all().all()
    assert single.notes[-1] == "a single frame"
    assert all(d.value_m2_s is None for d in single.diffusion.values())
    part = analyze(small(TRICLINIC), anion="resname ANI", cutoff=3.4, start=20, step=10)
    assert part.n_frames == 10
    frame = part.to_frame().set_index("quantity")
    half = part.half_widths["density_g_ml"]
    assert frame.high["density"] - frame.value["density"] == pytest.approx(half)
    assert frame.value["density"] - frame.low["density"] == pytest.approx(half)
    assert part.first_ps == 20.0


def test_unusable_input_is_one_line():
    made = small(n_frames=3)
    with pytest.raises(
        InputError, match=r"no anion recognised among 6 K, 5 ANI \(FO\), 12 SOL \(O\)"
    ):
        analyze(made)
    with pytest.raises(InputError, match="no frame is left of 3"):
        analyze(made, anion="resname ANI", start=10)
    with pytest.raises(InputError, match="selects no atom"):
        analyze(made, anion="resname FSI")
    with pytest.raises(InputError, match="selects no atom"):
        analyze(made, cation="name Li")
    with pytest.raises(InputError, match="share a molecule"):
        analyze(made, cation="name K", anion="name K")
    with pytest.raises(InputError, match=r"no contact peak .* give a cutoff"):
        analyze(made, anion="resname ANI")
    bond = np.array([[[1.0, 1, 1], [2.0, 1, 1]]])
    water = universe(["O", "H"], [0, 0], ["HO"], bond, ORTHORHOMBIC)
    with pytest.raises(InputError, match="no cation found"):
        analyze(water)
    bare = small(n_frames=3)
    bare.trajectory.dimensions_array[:] = 0
    with pytest.raises(InputError, match="no periodic box"):
        analyze(bare, anion="resname ANI", cutoff=3.0)


def test_a_truncated_trajectory_is_one_line(tmp_path):
    made = small()
    made.atoms.write(tmp_path / "x.gro")
    made.atoms.write(tmp_path / "x.xtc", frames="all")
    raw = (tmp_path / "x.xtc").read_bytes()
    (tmp_path / "x.xtc").write_bytes(raw[: len(raw) // 2 + 77])
    with pytest.raises(InputError, match=r"x\.xtc: cannot be read to the end") as error:
        analyze_files(tmp_path / "x.gro", tmp_path / "x.xtc", anion="resname ANI", cutoff=3.0)
    assert "\n" not in str(error.value)


def test_a_frame_of_another_length_is_no_end_of_the_trajectory(tmp_path):
    """MDAnalysis' iteration would end at it, and the analysis would be of the frames before."""
    made = small()
    made.atoms.write(tmp_path / "x.gro")
    made.atoms.write(tmp_path / "x.dcd", frames="all")
    raw = bytearray((tmp_path / "x.dcd").read_bytes())
    frame = (len(raw) - raw.find((48).to_bytes(4, "little"))) // made.trajectory.n_frames
    raw[-2 * frame] += 4  # the length of a record in the last frame but one
    (tmp_path / "x.dcd").write_bytes(raw)
    with pytest.raises(InputError, match=r"x\.dcd: cannot be read to the end"):
        analyze_files(tmp_path / "x.gro", tmp_path / "x.dcd", anion="resname ANI", cutoff=3.0)


def test_inefficiency_of_an_autoregressive_series():
    """AR(1): g = (1 + phi) / (1 - phi)."""
    rng = np.random.default_rng(0)
    for phi in (0.0, 0.5, 0.9):
        x = np.zeros(100_000)
        noise = rng.normal(size=len(x))
        for i in range(1, len(x)):
            x[i] = phi * x[i - 1] + noise[i]
        assert statistical_inefficiency(x) == pytest.approx((1 + phi) / (1 - phi), rel=0.15)
    assert statistical_inefficiency(np.ones(50)) == 1.0


def test_intervals_of_correlated_series_cover_the_mean():
    """phi = 0.95 has 39 frames per sample; uncorrelated errors would cover 30 %."""
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(60):
        noise = rng.normal(size=5000)
        x = np.zeros(5000)
        for i in range(1, 5000):
            x[i] = 0.95 * x[i - 1] + noise[i]
        found = mean_of_series(x)
        covered += abs(found.value) <= found.half_width
    assert covered >= 51


def test_a_drifting_series_is_not_converged():
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 0.1, 2000)
    assert mean_of_series(noise).converged
    assert not mean_of_series(noise + np.linspace(0, 1, 2000)).converged
    assert mean_of_series(np.array([1.0, 2.0])).half_width is None


@pytest.mark.reference
def test_kfsi_in_dme(reference_data):
    folder = reference_data / "kfsi_dme_md"
    files = folder / "kfsi_dme.gro", folder / "kfsi_dme.xtc"
    found = analyze_files(*files, cation="name K", anion="resname FSI", cutoff=3.6)
    assert found.n_frames == 545
    assert asdict(found.per_anion) == pytest.approx(
        {"ssip": 0.5132, "cip": 0.2565, "agg": 0.2303}, abs=1e-3
    )
    assert asdict(found.per_cation) == pytest.approx(
        {"ssip": 0.3478, "cip": 0.5531, "agg": 0.0991}, abs=1e-3
    )
    assert found.coordination["K-O(DME)"].value == pytest.approx(5.905, abs=1e-3)
    assert found.density_g_ml == pytest.approx(1.013, abs=1e-3)
    assert not found.converged
    assert found.diffusion["K"].status == "not diffusive yet"
    default = analyze_files(*files)
    assert 3.5 < default.coordination["K-O(DME)"].cutoff_angstrom < 4.6
    assert set(default.coordination) == {"K-O(DME)", "K-O(FSI)", "K-N(FSI)", "K-F(FSI)"}


def test_brownian_ions_conduct_as_nernst_and_einstein_say() -> None:
    """Twelve pairs in a box of 24 angstrom: sigma = e^2 N (D+ + D-) / (V k T), D = step^2 / 2."""
    rng = np.random.default_rng(8)
    n, step, edge, temperature = 12, 0.2, 24.0, 300.0
    heads = rng.uniform(0, edge, (1, 3 * n, 3)) + np.cumsum(
        rng.normal(0, step, (3000, 3 * n, 3)), axis=0
    )
    ions = [*range(n), *np.repeat(np.arange(n, 2 * n), 2), *range(2 * n, 3 * n)]
    positions = heads[:, ions]
    positions[:, n + 1 : 3 * n : 2] += [1.5, 0.0, 0.0]
    box = np.array([edge, edge, edge, 90.0, 90.0, 90.0])
    made = ions_and_solvent(positions, box, n, n)
    found = analyze(made, anion="resname ANI", cutoff=3.0, temperature_k=temperature)
    current = found.conductivity
    values = current.formal_charges or current.apparent
    diffusion = step**2 / 2 * 1e-8
    charge, boltzmann = 1.602176634e-19, 1.380649e-23
    expected = charge**2 * n * 2 * diffusion / ((edge * 1e-10) ** 3 * boltzmann * temperature)
    assert values.nernst_einstein_s_m.value == pytest.approx(expected, rel=0.2)
    assert values.einstein_helfand_s_m.value == pytest.approx(expected, rel=0.5)
