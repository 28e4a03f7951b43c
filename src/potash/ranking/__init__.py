"""Ranking: rows in, ordered tables with intervals and verdicts out; never an engine."""
