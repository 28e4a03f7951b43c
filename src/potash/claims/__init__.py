"""The review's claims, each with a verdict computed from rows.

A verdict is ``agrees`` or ``disagrees`` only beyond the errors of the numbers
(or the claim's own tolerance), else ``unresolved``; what no row can decide is
``not_computed`` and says what would have to be computed.
"""

from __future__ import annotations

from potash.claims.judging import claim_records, judge_claims
from potash.claims.verdict import ClaimVerdict

__all__ = ["ClaimVerdict", "claim_records", "judge_claims"]
