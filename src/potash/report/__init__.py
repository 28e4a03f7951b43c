"""The report: one self-contained HTML file, and the plotting style of all figures."""

from __future__ import annotations

from potash.report.page import write_report

__all__ = ["write_report"]
