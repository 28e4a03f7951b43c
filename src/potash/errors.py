"""Errors that a user can act on.

Of several kinds, because the campaign treats them differently: bad input stops the
command (exit code 2), a refusal becomes a row that says why the method does
not apply, a failed calculation becomes a row that says what went wrong, and at
the quota of its disk a run stops until the next (exit code 3).
"""

from __future__ import annotations


class PotashError(Exception):
    """Base of every error that Potash raises on purpose."""


class InputError(PotashError):
    """Bad input from the user.

    Parameters
    ----------
    message
        What is wrong, naming the value, and what would be right.
    source
        File (or option) that holds the bad value.
    field
        Where in the file: an entry and field, such as ``hosts[3].class``.
    """

    def __init__(self, message: str, *, source: str = "", field: str = "") -> None:
        self.message = " ".join(message.split())
        self.source = source
        self.field = field
        super().__init__(": ".join(part for part in (source, field, self.message) if part))


class RefusedError(PotashError):
    """The method is not valid for this system; the row becomes ``refused``."""


class CalculationError(PotashError):
    """A calculation did not give a usable number; the row becomes ``failed``."""


class StoreError(PotashError):
    """A store cannot be read or written: damaged, full, without rights, of another version.

    The message is one line that names the store; rows that were committed are kept.
    """


class StoreAwayError(StoreError):
    """A store does not answer just now: its server is started again, or somebody writes."""


class QuotaError(PotashError):
    """A run has filled the disk that it may use; it stops before its end, and can go on."""
