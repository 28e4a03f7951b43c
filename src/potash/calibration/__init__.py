"""What a level of theory is wrong by, learned from pairs with a better one."""

from potash.calibration.error_model import (
    ErrorModel,
    GroupError,
    LeaveOneOut,
    Pair,
    fit,
    leave_one_out,
)
from potash.calibration.estimates import (
    DEFAULT_COVERAGE,
    HALF_WIDTH_PER_SD,
    Component,
    Estimate,
    interval_of,
    own_interval,
    sample,
)

__all__ = [
    "DEFAULT_COVERAGE",
    "HALF_WIDTH_PER_SD",
    "Component",
    "ErrorModel",
    "Estimate",
    "GroupError",
    "LeaveOneOut",
    "Pair",
    "fit",
    "interval_of",
    "leave_one_out",
    "own_interval",
    "sample",
]
