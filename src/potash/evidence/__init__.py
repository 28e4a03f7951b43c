"""Evidence: from rows to estimates with their uncertainties."""
