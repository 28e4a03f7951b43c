"""A candidate's files as an ``.eln`` archive: an RO-Crate that electronic notebooks import."""

from __future__ import annotations

import mimetypes
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from potash.bench.sheet import Sheet

_LICENSE = "https://spdx.org/licenses/CC0-1.0"
_PROGRAM = "https://github.com/potash"
_WHAT = {
    ".pdf": "sheet to read and write on",
    ".md": "the sheet as text",
    ".json": "data",
    ".csv": "table",
}


def write_eln(sheet: Sheet, files: Sequence[Path], path: Path) -> None:
    """Write an ``.eln`` archive (a zipped RO-Crate 1.1 in one folder) of a candidate.

    Parameters
    ----------
    sheet
        Gives name, date and program.
    files
        What goes in, each with its checksum and size.
    path
        Ends in ``.eln``.
    """
    from rocrate.rocrate import ROCrate

    with tempfile.TemporaryDirectory(prefix="potash-eln-") as scratch:
        root = Path(scratch) / "zip" / path.stem
        crate: Any = ROCrate(version="1.1")
        crate.name = f"Experiment sheet of {sheet.name}"
        crate.description = f"What to make and test of {sheet.id}, and what was predicted of it."
        crate.datePublished = sheet.date
        crate.metadata.extra_terms["sha256"] = "https://schema.org/sha256"
        publisher = _add(crate, _PROGRAM, "Organization", name="Potash", url=_PROGRAM)
        crate.metadata["sdPublisher"] = publisher
        crate.root_dataset["author"] = crate.root_dataset["publisher"] = publisher
        crate.metadata["version"] = "1.0"
        crate.root_dataset["license"] = _add(
            crate, _LICENSE, "CreativeWork", name="CC0 1.0 Universal",
            description="No rights reserved.",
        )  # fmt: skip
        experiment = crate.add_dataset(
            dest_path=f"{sheet.id}/",
            properties={
                "name": sheet.name,
                "description": f"{sheet.kind} {sheet.id}; {sheet.rank}",
                "dateCreated": sheet.date,
                "dateModified": sheet.date,
                "author": {"@id": _PROGRAM},
                "keywords": ", ".join(("potassium battery", sheet.kind, sheet.id)),
                "license": {"@id": _LICENSE},
            },
        )
        for file in files:
            added = crate.add_file(
                file,
                dest_path=f"{sheet.id}/{file.name}",
                properties={
                    "name": file.name,
                    "description": _WHAT.get(file.suffix, "data"),
                    "encodingFormat": mimetypes.guess_type(file.name)[0] or "text/plain",
                    "contentSize": str(file.stat().st_size),
                    "sha256": _sha256(file),
                },
            )
            experiment.append_to("hasPart", added)
        crate.write(root)
        made = shutil.make_archive(str(Path(scratch) / "crate"), "zip", root_dir=root.parent)
        shutil.move(made, path)


def _add(crate: Any, identifier: str, kind: str, **properties: str) -> Any:
    from rocrate.model.contextentity import ContextEntity

    return crate.add(ContextEntity(crate, identifier, {"@type": kind, **properties}))


def _sha256(file: Path) -> str:
    import hashlib

    return hashlib.sha256(file.read_bytes()).hexdigest()
