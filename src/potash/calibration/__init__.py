"""What a level of theory is wrong by, learned from pairs with a better one."""

from potash.calibration.error_model import ErrorModel, GroupError, Pair, UnseenClass, fit
from potash.calibration.estimates import (
    DEFAULT_COVERAGE,
    HALF_WIDTH_PER_SD,
    Component,
    Estimate,
    interval_of,
    own_interval,
    sample,
)
from potash.calibration.left_out import LeaveOneOut, leave_one_out

__all__ = [
    "DEFAULT_COVERAGE",
    "HALF_WIDTH_PER_SD",
    "Component",
    "ErrorModel",
    "Estimate",
    "GroupError",
    "LeaveOneOut",
    "Pair",
    "UnseenClass",
    "fit",
    "interval_of",
    "leave_one_out",
    "own_interval",
    "sample",
]
