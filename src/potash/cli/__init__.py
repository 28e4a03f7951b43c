"""The command line. Exit codes: 0 done, 1 some calculations failed, 2 bad input."""

from __future__ import annotations

import sys
import warnings

import typer

from potash.cli import campaigns, catalogue, compute, doctor, library
from potash.cli.common import messages
from potash.errors import PotashError

app = typer.Typer(
    name="potash",
    help="Screening of hosts and electrolytes for potassium-metal batteries.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (campaigns, catalogue, compute, library, doctor):
    module.register(app)


def main() -> None:
    """Run the command line; a user's mistake is one line and exit code 2."""
    # Deprecation notices of libraries are for their developers, not for our users.
    warnings.simplefilter("ignore")
    try:
        app()
    except PotashError as error:
        messages.print(f"error: {error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except BrokenPipeError:
        # The reader of our output (head, jq) has seen enough.
        sys.stderr.close()
        sys.exit(0)
