"""Workflows: the Prefect side of a campaign. No science."""
