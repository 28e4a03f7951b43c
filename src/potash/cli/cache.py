"""What reading commands found, kept between calls and forgotten when anything changes.

A list of hosts follows from the rows, the catalogue and the program alone. Its document is
kept in the user's cache folder under a hash of all of them, so that asking again takes as
long as reading it. The folder is that of the XDG convention, or what ``POTASH_CACHE``
names; ``POTASH_CACHE=off`` keeps nothing. Whatever cannot be read or written there is
computed as if it had never been kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from potash import __version__
from potash.cli.common import open_existing_store
from potash.kept import beside, cache_folder, forget_oldest
from potash.resources import data_dir

MOST_DOCUMENTS = 64
MOST_REPORTS = 2
_LIBRARIES = ("numpy", "scipy", "pymatgen", "rdkit", "ase", "pydantic")
"""Numbers may move in their last digit with a new release of these."""
_SUFFIXES = frozenset({".py", ".j2", ".css", ".js", ".yaml", ".xyz", ".csv", ".parquet", ".extxyz"})


def cached(
    name: str,
    arguments: Sequence[str],
    store: str | None,
    compute: Callable[[], Any],
) -> Any:
    """Return the document of a command, computed only if its inputs have changed.

    Parameters
    ----------
    name
        Of the command.
    arguments
        What else it depends on, such as the id that was asked for.
    store
        As the option names it.
    compute
        Makes the document: plain JSON data.
    """
    folder = cache_folder()
    if folder is None:
        return compute()
    file = folder / f"{name}-{_key(name, arguments, store)}.json"
    with contextlib.suppress(OSError, ValueError):
        return json.loads(file.read_text(encoding="utf-8"))
    text = json.dumps(compute(), ensure_ascii=False, allow_nan=False)
    with contextlib.suppress(OSError), beside(file) as part:
        part.write_text(text, encoding="utf-8")
        part.replace(file)
        forget_oldest(folder, f"{name}-*.json", MOST_DOCUMENTS)
    return json.loads(text)


def cached_files(
    name: str, store: str | None, out: Path, write: Callable[[], Iterable[Path]]
) -> list[Path]:
    """Return the files of a command in ``out``, written anew only if its inputs have changed.

    Parameters
    ----------
    name
        Of the command.
    store
        As the option names it.
    out
        Folder of the files; others in it stay as they are.
    write
        Writes the files below ``out`` and returns them.
    """
    folder = cache_folder()
    if folder is None:
        return list(write())
    kept = folder / f"{name}-{_key(name, (), store)}"
    with contextlib.suppress(OSError, ValueError):
        return _copied(kept, out, json.loads((kept / _LISTED).read_text(encoding="utf-8")))
    files = list(write())
    names = [str(file.relative_to(out)) for file in files]
    with contextlib.suppress(OSError), beside(kept) as part:
        _copied(out, part, names)
        (part / _LISTED).write_text(json.dumps(names), encoding="utf-8")
        if not kept.exists():
            part.replace(kept)
        forget_oldest(folder, f"{name}-*", MOST_REPORTS)
    return files


_LISTED = "files.json"


def _copied(source: Path, target: Path, names: Sequence[str]) -> list[Path]:
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)
    return [target / name for name in names]


def _key(name: str, arguments: Sequence[str], store: str | None) -> str:
    """Return the hash of everything that a document depends on."""
    digest = hashlib.sha256()
    versions = [f"{x} {_version(x)}" for x in _LIBRARIES]
    for text in (name, *arguments, __version__, sys.version, *versions):
        digest.update(f"{len(text)} {text}\n".encode())
    package = Path(__file__).resolve().parent.parent
    for root in (package, *_data_folders()):
        for path in sorted(p for p in root.rglob("*") if p.suffix in _SUFFIXES):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(root)} {len(content)}\n".encode())
            digest.update(content)
    rows = open_existing_store(store)
    if rows is not None:
        digest.update(rows.fingerprint().encode())
        rows.close()
    return digest.hexdigest()[:40]


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def _data_folders() -> list[Path]:
    found = []
    for name in ("structures", "molecules", "results/reference"):
        with contextlib.suppress(FileNotFoundError):
            found.append(data_dir(name))
    return found
