"""Every ion counted and named, with exact counts by brute force."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from potash.errors import InputError
from potash.trajectories.analysis import analyze_files
from tests.trajectories.liquids import liquid

KINDS = ("ssip", "cip", "agg")
ONF = {"O", "N", "F"}


def counts_of(found, n_frames=3):
    """Ions in each state, summed over frames, of every species."""
    return {
        name: [round(getattr(ion, kind) * ion.count * n_frames) for kind in KINDS]
        for name, ion in found.per_ion.items()
    }


@pytest.mark.parametrize(
    "counts, cations, anions, cutoff",
    [
        ({"K": 9, "Na": 7, "PF6": 16, "WAT": 20}, {"K", "Na"}, {"PF6": ONF}, 4.5),
        ({"Mg": 8, "ClO4": 16, "WAT": 20}, {"Mg"}, {"ClO4": {"O"}}, 4.5),
        ({"K": 16, "PF6": 6, "SCN": 6, "Cl": 4}, {"K"},
         {"PF6": ONF, "SCN": {"S", "N"}, "Cl": {"Cl"}}, 4.8),
        ({"K": 14, "AlCl4": 14, "WAT": 9}, {"K"}, {"AlCl4": {"Cl"}}, 4.5),
        ({"Na": 14, "BH4": 14, "WAT": 9}, {"Na"}, {"BH4": {"H"}}, 4.5),
        ({"K": 12, "DCA": 6, "AsF6": 6}, {"K"}, {"DCA": {"N"}, "AsF6": {"F"}}, 4.0),
        ({"K": 10, "Br": 5, "I": 5, "WAT": 9}, {"K"}, {"Br": {"Br"}, "I": {"I"}}, 5.1),
    ],
)  # fmt: skip
def test_counts_are_those_of_a_naive_script(tmp_path, counts, cations, anions, cutoff):
    made = liquid(counts)
    found = analyze_files(made.write_extxyz(tmp_path / "x.extxyz"), cutoff=cutoff, dt_ps=1.0)
    assert counts_of(found) == made.counted(cations, anions, cutoff)
    assert {n: e.molecules for n, e in found.composition.items() if n in counts} == {
        n: k for n, k in counts.items() if n != "WAT"
    }
    states = np.sum([counts_of(found)[n] for n in anions], axis=0)
    assert astuple(found.per_anion) == pytest.approx(tuple(states / states.sum()))
    states = np.sum([counts_of(found)[n] for n in cations], axis=0)
    assert astuple(found.per_cation) == pytest.approx(tuple(states / states.sum()))


def test_charges_of_ions_are_named(tmp_path):
    made = liquid({"Mg": 4, "K": 2, "PF6": 10, "WAT": 5})
    found = analyze_files(made.write_extxyz(tmp_path / "x.extxyz"), cutoff=4.0, dt_ps=1.0)
    assert {n: (i.role, i.charge) for n, i in found.per_ion.items()} == {
        "Mg": ("cation", 2.0), "K": ("cation", 1.0), "PF6": ("anion", -1.0),
    }  # fmt: skip


def test_a_molecular_cation_is_named_and_counted_when_asked(tmp_path):
    made = liquid({"K": 6, "TMA": 6, "BF4": 12}, spacing=6.5)
    file = made.write_gro(tmp_path / "x.gro")
    alone = analyze_files(file, cutoff=5.0)
    assert any("ions that no fraction counts" in n and "6 TMA (+1)" in n for n in alone.notes)
    assert counts_of(alone) == made.counted({"K"}, {"BF4": {"F"}}, 5.0)
    both = analyze_files(file, cation="name K or (resname TMA and name N)", cutoff=5.0)
    expected = made.counted({"K"}, {"BF4": {"F"}}, 5.0)["K"]
    assert counts_of(both)["K"] == expected
    assert both.per_ion["TMA"].count == 6
    assert not any("no fraction counts" in note for note in both.notes)


def test_an_ionic_liquid_without_metal_says_what_to_name(tmp_path):
    made = liquid({"TMA": 8, "BF4": 8}, spacing=6.5)
    with pytest.raises(InputError, match=r"^cation: no cation found .* of more than one atom: TMA"):
        analyze_files(made.write_gro(tmp_path / "x.gro"), cutoff=5.0)


def test_charges_that_do_not_add_up_are_refused_unless_ions_are_named(tmp_path):
    file = liquid({"K": 6, "PF6": 4, "WAT": 3}).write_extxyz(tmp_path / "x.extxyz")
    with pytest.raises(InputError, match=r"add up to \+2 e .* 6 K \(\+1\), 4 PF6 \(-1\)"):
        analyze_files(file, cutoff=4.0)
    named = analyze_files(file, cutoff=4.0, anion="name F")
    assert any("add up to +2 e" in note for note in named.notes)


def test_lone_atoms_are_no_molecules(tmp_path):
    made = liquid({"K": 4, "Cl": 4})
    made.symbols = ["P" if s == "Cl" else s for s in made.symbols]
    with pytest.raises(InputError, match=r"4 x P .* would be lone atoms"):
        analyze_files(made.write_extxyz(tmp_path / "x.extxyz"), cutoff=4.0)
