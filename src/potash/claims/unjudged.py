"""What it would take to judge the claims that have no judge, and which nothing here can."""

from __future__ import annotations

from collections.abc import Mapping

from potash.catalog.claims import Claim, ClaimKind
from potash.claims.verdict import Finding, not_computed

NOT_COMPUTABLE: Mapping[str, str] = {
    "flux_uniform": (
        "a continuum model of current through a porous layer, whose geometry and conductivity "
        "the review does not give; nothing atomistic decides it"
    ),
    "helhce_diff": "the review gives no composition of HELHCE, LHCE and HCE to simulate",
    "nuc_overpot": (
        "nucleation overpotentials of cells with an interphase: they hold kinetics, and energies "
        "of interfaces with the electrolyte, which no method here gives"
    ),
    "nuc_time_free": "nothing to compute: a statement about what the Gibbs energy cannot tell",
    "thinfilm_graphene_al": (
        "the printed 10.52 N m-2 is a stress, not an adhesion energy, and the carbon coating that "
        "it is compared with is not described"
    ),
    "transference_al2o3": (
        "transference through coated separators: a property of pores and coatings, not of a bulk "
        "liquid"
    ),
}
"""Claim to why no method here can decide it."""

_NEEDS: Mapping[ClaimKind, str] = {
    "adsorption_energy": "adsorption energies of something other than one K on one surface",
    "charge_transfer": "atomic charges from a DFT density",
    "diffusion": "mobilities of K+ in a pore or polymer, from long simulations",
    "fermi_vs_lumo": "work functions and molecular levels on one vacuum scale",
    "lattice_match": "interface energies of matched slabs",
    "lewis_acidity": "clusters of ion, ligand and counter-ion",
    "migration_barrier": "barriers of K in crystals that the catalogue does not hold",
    "reaction_energy": "reaction energies of bulk phases or molecules with K",
    "sand_time": "diffusion of both cations in one solvent",
    "solvation_energy": "clusters of ions and solvent with a stated definition",
    "surface_diffusion": "adatom barriers on the metals",
    "wetting": "surface and adhesion energies",
    "young_modulus": "elastic tensors",
}
"""Kind of claim to what it takes."""

_MELTING = "molecular dynamics of liquid and solid Na-K by a potential"

_OWN_NEEDS: Mapping[str, str] = {
    "ads_fgo": "the release of fluoride by a cluster of fluorinated graphene oxide",
    "ba_lattice": "relaxed cells of K3SbSe4 with and without Ba",
    "bader_nio": (
        "Bader charges; the rows hold Hirshfeld charges, another partition, whose order says "
        "nothing about Bader's"
    ),
    "charge_ng_al": "work functions of N-doped graphene and aluminium",
    "na_k_liquid": _MELTING,
    "na_melt": _MELTING,
    "nak_dissolves": _MELTING,
}
"""Claim to what it takes, where its kind does not say."""


def without_judge(claim: Claim) -> Finding:
    """Return why a claim has no verdict, and what it would take."""
    never = NOT_COMPUTABLE.get(claim.id)
    if never is not None:
        return Finding("not_computable", never)
    needed = _OWN_NEEDS.get(claim.id) or _NEEDS[claim.kind]
    return not_computed(f"needs {needed}: {claim.quantity} ({claim.test})")
