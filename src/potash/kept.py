"""The user's cache folder: what can be made again, and is kept to save the time."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


def cache_folder() -> Path | None:
    """Return the folder of what is kept, or None where nothing is to be kept.

    That of the XDG convention, or what ``POTASH_CACHE`` names; ``off`` keeps nothing.
    """
    named = os.environ.get("POTASH_CACHE", "")
    if named.lower() == "off":
        return None
    if named:
        return Path(named)
    home = os.environ.get("XDG_CACHE_HOME", "")
    with contextlib.suppress(RuntimeError):  # a user without a home
        return (Path(home) if home else Path.home() / ".cache") / "potash"
    return None


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Yield a path of this process's own in the folder of the target; removed at the end.

    Two processes that write the same document each write their own, and the last to
    rename it wins; neither ever reads half of one.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".part-") as part:
        yield Path(part) / target.name


def forget_oldest(folder: Path, pattern: str, most: int) -> None:
    """Remove the files and folders of a pattern, but for the ``most`` newest."""
    kept = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in kept[most:]:
        if old.is_dir():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.unlink(missing_ok=True)
