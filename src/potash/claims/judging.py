"""Put every claim of the catalogue before its judge."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from potash.catalog.catalog import Catalog
from potash.catalog.claims import Claim
from potash.claims import (
    adsorption,
    analytic,
    barriers,
    binding,
    fluoride,
    liquids,
    reactions,
    redox,
)
from potash.claims.grounds import Grounds, Judge, gather
from potash.claims.unjudged import without_judge
from potash.claims.verdict import ClaimVerdict, Finding, with_claim
from potash.store.rows import Row

JUDGES: Mapping[str, Judge] = {
    **adsorption.JUDGES,
    **binding.JUDGES,
    **redox.JUDGES,
    **fluoride.JUDGES,
    **liquids.JUDGES,
    **analytic.JUDGES,
    **reactions.JUDGES,
    **barriers.JUDGES,
}
"""Claim id to the function that judges it."""


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
    grounds = gather(
        rows, catalog, calibration_rows=calibration_rows, measured_ip_ev=measured_ip_ev
    )
    with warnings.catch_warnings():
        # pymatgen warns about its own use of a function that it will drop.
        warnings.filterwarnings("ignore", category=FutureWarning, module="pymatgen")
        return tuple(with_claim(c, _finding(c, grounds)) for c in catalog.claims.values())


def _finding(claim: Claim, grounds: Grounds) -> Finding:
    judge = JUDGES.get(claim.id)
    return without_judge(claim) if judge is None else judge(grounds)


def claim_records(
    rows: Sequence[Row], catalog: Catalog, *, calibration_rows: Sequence[Row] = ()
) -> list[dict[str, Any]]:
    """Return the records of ``potash claims --json``: one per claim."""
    verdicts = judge_claims(rows, catalog, calibration_rows=calibration_rows)
    return [v.record() for v in verdicts]
