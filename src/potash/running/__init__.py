"""Running: from a campaign file to computed rows."""
