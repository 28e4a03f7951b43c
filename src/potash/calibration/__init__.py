"""What a level of theory is wrong by, learned from pairs with a better one."""

from potash.calibration.error_model import (
    ErrorModel,
    GroupError,
    LeaveOneOut,
    Pair,
    fit,
    leave_one_out,
)
from potash.calibration.estimates import DEFAULT_COVERAGE, Estimate, own_interval, sample

__all__ = [
    "DEFAULT_COVERAGE",
    "ErrorModel",
    "Estimate",
    "GroupError",
    "LeaveOneOut",
    "Pair",
    "fit",
    "leave_one_out",
    "own_interval",
    "sample",
]
