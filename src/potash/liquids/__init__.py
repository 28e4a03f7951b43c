"""liquids."""
