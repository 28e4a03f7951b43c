"""Results: what a calculation is, and what it returns."""
