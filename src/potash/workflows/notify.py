"""Tell somebody that a run has ended: by a command, or by a block of Prefect's."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from potash.errors import InputError

LIMIT_S = 120.0
"""A command that takes longer is stopped."""

_BLOCK = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")


def checked(target: str, *, own_server: bool = True) -> str:
    """Return a target that works from any folder; refuse one that cannot work, before any run.

    Parameters
    ----------
    target
        See :func:`notify`.
    own_server
        Whether the run is on a server that outlives it; a temporary one has no blocks.

    Raises
    ------
    InputError
        If the target is neither a command nor looks like a block, or is a block of no server.
    """
    try:
        words = shlex.split(target)
    except ValueError as error:
        raise InputError(f"{target!r} cannot be read: {error}", source="--notify") from None
    if not words:
        raise InputError("an empty command notifies nobody", source="--notify")
    if found := shutil.which(words[0]):
        return shlex.join([str(Path(found).absolute()), *words[1:]])
    if _BLOCK.fullmatch(target):
        if not own_server:
            raise InputError(
                f"the block {target!r} has to be on a Prefect server of yours: name that server "
                "in PREFECT_API_URL",
                source="--notify",
            )
        return target
    raise InputError(
        f"there is no command {words[0]!r}, and it is no block of Prefect's, "
        "such as 'slack-webhook/lab'",
        source="--notify",
    )


def notify_end(
    target: str | None,
    state: str,
    file: Path,
    text: str,
    *,
    campaign_file: Path,
    tell: Callable[[str], object],
) -> None:
    """Tell whoever wants to know that a run has ended; what goes wrong with that is only told.

    Parameters
    ----------
    target, state, file, text
        See :func:`notify`; without a target nobody is told.
    campaign_file
        Whose stem names the campaign.
    tell
        Called with what went wrong.
    """
    if target is None:
        return
    wrong = notify(target, campaign=campaign_file.stem, state=state, file=file, text=text)
    if wrong:
        tell(f"nobody was notified: {wrong}")


def notify(target: str, *, campaign: str, state: str, file: Path, text: str) -> str:
    """Tell that a run has ended; return what went wrong with that, or ''.

    Parameters
    ----------
    target
        A command, which is run without a shell in the file's folder, with the file as
        last argument and the variables ``POTASH_CAMPAIGN``, ``POTASH_STATE`` and
        ``POTASH_TEXT``; or a notification block of Prefect's as ``TYPE/NAME``.
    campaign, state
        Which run, and how it ended: ``done`` or ``failed``.
    file
        The answer, or where the run left its files.
    text
        What happened, in a sentence.
    """
    if _BLOCK.fullmatch(target):
        return _by_block(target, f"{campaign}: {state}", f"{text}\n{file}")
    told = {"POTASH_CAMPAIGN": campaign, "POTASH_STATE": state, "POTASH_TEXT": text}
    try:
        done = subprocess.run(
            [*shlex.split(target), str(file)],
            cwd=file if file.is_dir() else file.parent,
            env=os.environ | told,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{target!r} did not run: {error}"
    last = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return (
        f"{target!r} ended with {done.returncode}: {''.join(last[-1:])}" if done.returncode else ""
    )


def _by_block(target: str, subject: str, body: str) -> str:
    from prefect.blocks.core import Block

    try:
        block: Any = Block.load(target)
        block.notify(body, subject=subject)
    except Exception as error:  # of whatever service the block stands for
        return f"the block {target!r} could not be used: {' '.join(str(error).split())}"
    return ""
