"""The command line. Exit codes: 0 done, 1 some calculations failed, 2 bad input, 3 disk quota."""

from __future__ import annotations

import errno
import re
import signal
import sys
import warnings
from typing import Annotated, NoReturn

import click
import typer

from potash.cli import (
    analysis,
    barriers,
    bench,
    browse,
    campaign_files,
    campaigns,
    catalogue,
    compute,
    doctor,
    library,
    measured,
    questions,
    rows,
    schedule,
    status,
    store,
    suggest,
)
from potash.cli.common import fail
from potash.cli.secret import hide_passwords
from potash.errors import PotashError, QuotaError
from potash.spelling import nearest

app = typer.Typer(
    name="potash",
    help="Screening of hosts and electrolytes for potassium-metal batteries.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (
    campaigns,
    questions,
    schedule,
    status,
    campaign_files,
    browse,
    catalogue,
    compute,
    barriers,
    analysis,
    library,
    bench,
    measured,
    suggest,
    rows,
    store,
    doctor,
):
    module.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from potash import __version__

        typer.echo(f"potash {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Show the version."),
    ] = False,
) -> None:
    """Screening of hosts and electrolytes for potassium-metal batteries."""


class _TerminatedError(BaseException):
    """Somebody sent SIGTERM: like Ctrl-C, with another exit code."""


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise _TerminatedError


def main() -> None:
    """Run the command line; a user's mistake is one line and exit code 2."""
    # In one's own process the handler of before comes back: Python loses a SIGTERM that reaches
    # a process while it is forked, and a pool that is ended by it would wait for ever.
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        _main()
    finally:
        signal.signal(signal.SIGTERM, before)


def _main() -> None:
    hide_passwords()
    # Deprecation notices of libraries are for their developers, not for our users.
    warnings.simplefilter("ignore")
    try:
        code = app(standalone_mode=False, prog_name="potash")
    except click.exceptions.NoArgsIsHelpError as asked:
        typer.echo(asked.format_message())
        sys.exit(2)
    except click.ClickException as error:
        fail(_explained(error))
    except QuotaError as error:
        fail(str(error), code=3)
    except PotashError as error:
        fail(str(error))
    except (click.Abort, KeyboardInterrupt):
        fail("stopped", code=130)
    except _TerminatedError:
        fail("stopped", code=143)
    except BrokenPipeError:
        # The reader of our output (head, jq) has seen enough.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        fail(_of_the_system(error))
    sys.exit(code if isinstance(code, int) else 0)


def _of_the_system(error: OSError) -> str:
    """Return what the system does not let us do, such as writing to a full disk, in one line."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    what = "the disk is full" if full else " ".join((error.strerror or str(error)).lower().split())
    return f"{error.filename}: {what}" if error.filename else what


def _explained(error: click.ClickException) -> str:
    """Return click's message in one line, with the nearest name for one that is misspelt."""
    message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    if context is None:
        return message
    if found := re.match(r"No such command '(.*?)'\.", message):
        names = context.command.list_commands(context)
        return f"no command {found[1]!r}{nearest(found[1], names)}; 'potash --help' lists them"
    if isinstance(error, click.NoSuchOption):
        options = [o for p in context.command.get_params(context) for o in p.opts]
        near = nearest(error.option_name, options)
        return f"{context.command_path} has no option {error.option_name!r}{near}"
    if isinstance(error, click.BadParameter) and isinstance(
        getattr(error.param, "type", None), click.Choice
    ):
        choices = [str(c) for c in error.param.type.choices]  # type: ignore[union-attr]
        found = re.match(r"'(.*)' is not one of", error.message)
        return message.rstrip(".") + (nearest(found[1], choices) if found else "")
    return message
