"""The report: one self-contained HTML file, tables for the terminal, and one plotting style."""
