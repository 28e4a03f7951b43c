"""Put every claim of the catalogue before its judge."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from potash.catalog.catalog import Catalog
from potash.catalog.claims import Claim
from potash.claims import adsorption, analytic, fluoride, liquids, molecules, reactions
from potash.claims.evidence import Evidence, gather
from potash.claims.verdict import ClaimVerdict, Finding, not_computed, with_claim
from potash.store.rows import Row

JUDGES: Mapping[str, Callable[[Evidence], Finding]] = {
    **adsorption.JUDGES,
    **molecules.JUDGES,
    **fluoride.JUDGES,
    **liquids.JUDGES,
    **analytic.JUDGES,
    **reactions.JUDGES,
}

_NEEDS: Mapping[str, str] = {
    "adsorption_energy": "adsorption energies of something other than one K on one surface",
    "bulk_property": "a bulk calculation",
    "charge_transfer": "atomic charges from a DFT density",
    "continuum_field": "a continuum model of the electrode",
    "diffusion": "long simulations",
    "fermi_vs_lumo": "work functions and molecular levels on one vacuum scale",
    "homo_lumo": "solution-phase free energies",
    "lattice_match": "interface energies of matched slabs",
    "lewis_acidity": "clusters of ion, ligand and counter-ion",
    "migration_barrier": "barriers of K in the bulk (nudged elastic band)",
    "nucleation_model": "interface energies of K with substrate and electrolyte",
    "phase_stability": "formation energies of the bulk phases and their competitors",
    "reaction_energy": "reaction energies of bulk phases or molecules with K",
    "sand_time": "diffusion of both cations in one solvent",
    "sei_composition": "defluorination energies",
    "solvation_energy": "clusters of ions and solvent with a stated definition",
    "ssip_cip_agg": "simulations of the formulations",
    "surface_diffusion": "adatom barriers on the metals",
    "transference": "a separator model beyond a bulk liquid",
    "wetting": "surface and adhesion energies",
    "young_modulus": "elastic tensors",
}
"""Kind of claim to what it takes, for claims that have no judge."""

_OWN_REASONS: Mapping[str, str] = {
    "helhce_diff": "the review gives no composition of HELHCE, LHCE and HCE to simulate",
    "nuc_time_free": "nothing to compute: a statement about what the Gibbs energy cannot tell",
    "thinfilm_graphene_al": "the printed 10.52 N m-2 is a stress, not an adhesion energy",
}


def judge_claims(
    rows: Sequence[Row],
    catalog: Catalog,
    *,
    calibration_rows: Sequence[Row] = (),
    measured_ip_ev: Mapping[str, float] | None = None,
) -> tuple[ClaimVerdict, ...]:
    """Return one verdict per claim of the catalogue, in its order.

    Parameters
    ----------
    rows
        Any rows.
    catalog
        Claims and everything that they name.
    calibration_rows
        Further rows that serve the error models only.
    measured_ip_ev
        Canonical SMILES to measured ionisation energy; the catalogue's by default.
    """
    evidence = gather(
        rows, catalog, calibration_rows=calibration_rows, measured_ip_ev=measured_ip_ev
    )
    with warnings.catch_warnings():
        # pymatgen warns about its own use of a function that it will drop.
        warnings.filterwarnings("ignore", category=FutureWarning, module="pymatgen")
        return tuple(with_claim(c, _finding(c, evidence)) for c in catalog.claims.values())


def _finding(claim: Claim, evidence: Evidence) -> Finding:
    judge = JUDGES.get(claim.id)
    if judge is not None:
        return judge(evidence)
    own = _OWN_REASONS.get(claim.id)
    if own is not None:
        return not_computed(own)
    return not_computed(f"needs {_NEEDS[claim.kind]}: {claim.quantity} ({claim.test})")


def claim_records(
    rows: Sequence[Row], catalog: Catalog, *, calibration_rows: Sequence[Row] = ()
) -> list[dict[str, Any]]:
    """Return the records of ``potash claims --json``: one per claim."""
    verdicts = judge_claims(rows, catalog, calibration_rows=calibration_rows)
    return [v.record() for v in verdicts]
