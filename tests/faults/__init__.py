"""Faults injected into real runs, each followed by a resume and a check of the ledger."""
