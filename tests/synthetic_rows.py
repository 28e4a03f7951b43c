"""Synthetic rows on the real catalogue; the numbers are made up and mean nothing."""

from __future__ import annotations

import hashlib
import io

import numpy as np
from ase.build import add_adsorbate, fcc111, graphene
from ase.io import write

from potash.results.kinds import MODELS
from potash.results.model import record_from
from potash.store.rows import Row

ELECTRONIC = {
    "charge": 0,
    "n_atoms": 1,
    "energy_ev": -100.0,
    "orbital_method": "made up",
    "ip_ea_method": "made up",
    "ea_bound": False,
}
REQUIRED = {
    "k_metal": {"energy_ev_per_atom": -1.0, "lattice_constant_angstrom": 5.3, "level_sha256": "0"},
    "adsorption": {"facet": "(111)", "termination": "", "polar": False, "n_atoms": 17},
    "thickness": {"facet": "(111)", "termination": "", "n_atoms": 26},
    "hop": {
        "hop_barrier_ev": 0.1,
        "below_resolution": False,
        "hop_distance_angstrom": 2.5,
        "site": "hollow",
        "facet": "(111)",
        "termination": "",
        "path_energies_ev": [0.0, 0.1, 0.0],
        "force_calls": 1,
    },
    "charge": {
        "k_charge_e": 0.3,
        "substrate_charge_by_element_e": {},
        "charge_method": "Hirshfeld",
        "site": "hollow",
        "facet": "(111)",
        "termination": "",
    },
    "adhesion": {
        "facet": "(111)",
        "termination": "",
        "polar": False,
        "work_of_adhesion_j_m2": 0.4,
        "k_surface_energy_j_m2": 0.1,
        "wets": True,
        "strain_energy_j_m2": 0.01,
        "mismatch_a": 0.01,
        "mismatch_b": -0.02,
        "mismatch_angle_deg": 0.0,
        "strain_smallest": -0.02,
        "strain_largest": 0.01,
        "area_angstrom2": 80.0,
        "n_atoms": 48,
        "n_film_atoms": 8,
        "gap_angstrom": 2.8,
        "e_surface_ev": -100.0,
        "e_film_ev": -10.0,
        "e_both_ev": -112.0,
        "force_calls": 50,
    },
    "phase": {
        "energy_ev_per_atom": -1.0,
        "volume_angstrom3_per_formula": 70.0,
        "volume_change": 0.0,
        "n_atoms": 1,
        "force_calls": 1,
    },
    "barrier": {
        "ion": "K",
        "mechanism": "vacancy",
        "migration_barrier_ev": 0.3,
        "barrier_2d_ev": 0.3,
        "barrier_3d_ev": 0.4,
        "hops": [],
        "n_atoms": 23,
        "supercell": [2, 2, 2],
        "image_distance_angstrom": 10.5,
        "n_images": 3,
        "residual_force_ev_angstrom": 0.04,
        "site_spread_ev": 0.0,
        "volume_change": 0.0,
        "force_calls": 37,
    },
    "species": {
        **ELECTRONIC,
        "n_conformers_embedded": 1,
        "n_conformers_relaxed": 1,
        "lowest_conformer_weight": 1.0,
    },
    "complex": {
        **ELECTRONIC,
        "metal": "K",
        "ligands": ["dme"],
        "n_starts": 1,
        "binding_energy_ev": 1.0,
    },
    "redox": {
        "smiles": "C",
        "charge": 0,
        "dielectric_constant": 7.2,
        "absolute_she_v": 4.44,
        "absolute_k_v": 1.509,
        "potential_oxidation_v_vs_k": 4.5,
        "potential_oxidation_vertical_v_vs_k": 4.6,
        "oxidation_dissociative": False,
    },
    "fluoride_release": {
        "smiles": "CF",
        "charge": 0,
        "reaction_energy_ev": -1.0,
        "reaction_energy_k_atom_ev": -1.934,
        "bond": "C-F",
        "n_fluorine_sites": 1,
        "radical_intact": True,
    },
    "liquid": {
        "temperature_k": 298.15,
        "density_g_ml": 1.01,
        "production_ps": 100.0,
        "equilibration_ps": 30.0,
        "n_atoms": 1000,
        "box_angstrom": 22.0,
        "molecules": {},
        "concentration_mol_l": {},
        "ion_charge_scale": 0.8,
        "gates": {
            "temperature_k": 298.0,
            "temperature_limit_k": 6.0,
            "density_change": 0.0,
            "production_density_change": 0.0,
            "heating_k_ps": 0.0,
        },
        "converged": False,
        "convergence_note": "",
    },
}
"""What every usable row of a kind holds; the rest is up to the test."""


def make_row(kind, item, level="screen", *, model="", status="ok", values=None, **fields):
    key = hashlib.sha256(repr((kind, item, model, level, values, fields)).encode()).hexdigest()
    if status in ("ok", "anomalous"):
        values = {**REQUIRED.get(kind, {}), **(values or {})}
        record_from(MODELS[kind].values, values, source=f"synthetic {kind} row of {item}")
    return Row(
        key=key,
        kind=kind,
        item=item,
        model=model or item,
        level=level,
        status=status,
        values=values or {},
        started=fields.pop("started", "2026-01-01T00:00:00+00:00"),
        **fields,
    )


def extxyz(atoms):
    buffer = io.StringIO()
    atoms.info.clear()
    write(buffer, atoms, format="extxyz")
    return buffer.getvalue()


def graphene_with_k():
    sheet = graphene(size=(4, 4, 1), vacuum=8.0)
    sheet.pbc = True
    clean = sheet.copy()
    add_adsorbate(sheet, "K", 2.7, position=(0.0, 2.84))
    return extxyz(clean), extxyz(sheet)


def metal_with_k(symbol):
    slab = fcc111(symbol, (3, 3, 4), vacuum=8.0, orthogonal=False)
    clean = slab.copy()
    add_adsorbate(slab, "K", 2.75, "fcc")
    slab.pbc = True
    return extxyz(clean), extxyz(slab)


def adsorption(model, energy, level="screen", *, termination="", pictures=None, **values):
    return make_row(
        "adsorption",
        model,
        level,
        model=f"{model}:{termination}" if termination else model,
        values={
            "adsorption_energy_ev": energy,
            "binding_energy_ev": 0.934 - energy,
            "k_k_distance_angstrom": 9.8,
            "termination": termination,
            **values,
        },
        structures=dict(zip(("clean", "best"), pictures, strict=True)) if pictures else {},
        reference_state="K metal (bcc bulk, same level and settings)",
        engine="synthetic",
        engine_version="0",
        seconds=12.5,
        host="nowhere",
        provenance={"inputs": {"recipe": {"builder": "test </script>"}}, "needs": {}},
    )


def species(item, smiles, ip, level="screen", charge=0):
    return make_row(
        "species",
        item,
        level,
        values={
            "smiles": smiles,
            "charge": charge,
            "ip_vertical_ev": ip,
            "homo_ev": -ip - 1.0,
            "lumo_ev": -1.0,
            "dipole_debye": 1.5,
            "ea_bound": False,
        },
    )


def liquid(item, d=3e-10, half=0.5e-10, level="screen", seed=1, **values):
    return make_row(
        "liquid",
        item,
        level,
        values={
            "per_anion_ssip": 0.5,
            "per_anion_cip": 0.4,
            "per_anion_agg": 0.1,
            "density_g_ml": 1.01,
            "converged": False,
            "composition": {"K": {"formula": "K", "molecules": 20}},
            "diffusion_m2_s": {
                "K": {"value": d, "low": d - half, "high": d + half, "status": "diffusive"}
            },
            **values,
        },
        uncertainty={"per_anion_ssip": 0.07, "density_g_ml": 0.01},
        seed=seed,
        engine="synthetic",
    )


PURE = {  # SMILES to ionisation energies: computed 0.5 eV too low, +- 0.02, and measured
    "CCOCC": (9.31, 9.82),
    "CCO": (10.20, 10.69),
    "CO": (10.52, 11.04),
    "CC=O": (9.72, 10.20),
    "COC": (9.50, 10.00),
    "CCN": (8.92, 9.41),
}


def ionisation_benchmark():
    return [species(f"b{i}", s, ip) for i, (s, (ip, _)) in enumerate(PURE.items())]


def redox(item, oxidation, half=0.5, level="screen", **values):
    return make_row(
        "redox",
        item,
        level,
        values={
            "potential_oxidation_v_vs_k": oxidation,
            "potential_reduction_v_vs_k": 0.1,
            **values,
        },
        uncertainty={}
        if half is None
        else {"potential_oxidation_v_vs_k": half, "potential_reduction_v_vs_k": half},
    )


def rdf():
    r = np.linspace(0.5, 10, 200)
    g = np.exp(-(((r - 2.75) / 0.25) ** 2)) * 8 + 1 / (1 + np.exp(-(r - 4) * 3))
    n = np.cumsum(g * r**2) * 0.004
    curve = {"r_angstrom": r.tolist(), "g": g.tolist(), "coordination_number": n.tolist()}
    return {"K-O(DME)": curve, "K-O(FSI)": curve}


def coordination(value, pair="K-O(DME)", source="made up"):
    return {pair: {"value": value, "cutoff_angstrom": 3.6, "cutoff_source": source}}


PAIRS = {  # model: (screen, standard)
    "pristine_graphene": (-0.43, 0.15),
    "epoxy_graphene": (-1.4, -1.05),
    "graphitic_n_graphene": (-0.3, 0.12),
    "pyridinic_n_graphene": (-1.74, -1.35),
    "cu_111": (-0.99, -0.82),
    "al_111": (-0.76, -0.45),
    "pd_111": (-1.54, -1.32),
    "ag_111": (-0.81, -0.66),
}


def host_rows():
    """Eight models at two levels, one (nio) at one level only, one refused, one failed."""
    rows = []
    for model, (low, high) in PAIRS.items():
        pictures = (
            metal_with_k(model[:2].capitalize()) if model.endswith("_111") else graphene_with_k()
        )
        rows.append(adsorption(model, low, pictures=pictures, facet="(111)", site="hollow"))
        if model not in ("pd_111", "pyridinic_n_graphene"):
            rows.append(adsorption(model, high, "standard", pictures=pictures, facet="(111)"))
    rows.append(adsorption("f_doped_sno2_110", -1.2))
    rows.append(
        make_row("adsorption", "k3vo4_tetragonal", status="failed", reason="the cell did not relax")
    )
    rows.append(make_row("adsorption", "mg_0001", status="refused", reason="outside <validity>"))
    return rows


def molecule_rows():
    return [
        species("dme", "COCCOC", 9.5),
        species("ec", "O=C1OCCO1", 11.0),
        species("dec", "CCOC(=O)OCC", 10.7),
        species("fsi_minus", "O=S(=O)(F)[N-]S(=O)(=O)F", 7.1, charge=-1),
        make_row(
            "redox",
            "dme",
            values={"potential_oxidation_v_vs_k": 4.3, "potential_reduction_v_vs_k": -0.4},
            uncertainty={"potential_oxidation_v_vs_k": 0.9, "potential_reduction_v_vs_k": 0.9},
        ),
        make_row(
            "complex",
            "k_dme",
            values={"metal": "K", "ligands": ["dme"], "binding_energy_ev": 1.2},
            reference_state="free ion and ligand",
        ),
    ]


def liquid_rows():
    return [
        liquid("kfsi_dme_1m", rdf=rdf(), coordination=coordination(6.0)),
        liquid("kpf6_dme_1m", d=3.4e-10, per_anion_ssip=0.7, per_anion_cip=0.25, rdf=rdf()),
    ]
