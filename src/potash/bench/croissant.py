"""A folder of exported rows described as a Croissant data set (MLCommons, version 1.0)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from potash.columns import NO_UNIT, unit_of

FILE = "croissant.json"
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {"double": "sc:Float", "int64": "sc:Integer", "bool": "sc:Boolean"}
_ENCODING = {".parquet": "application/vnd.apache.parquet", ".csv": "text/csv"}


def croissant(folder: Path, *, name: str, version: str) -> dict[str, Any]:
    """Return the description of the tables in a folder and its sub-folders.

    Parameters
    ----------
    folder
        As ``potash export`` writes it.
    name, version
        Of the data set.

    Returns
    -------
    dict
        JSON-LD: each file with its SHA-256, each table as a record set, each column as a field
        with its unit.
    """
    files = sorted([*folder.rglob("*.parquet"), *folder.rglob("*.csv")])
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        "description": "Results of Potash: one row per calculation or measurement, with level, "
        "uncertainty and provenance. Names of columns end in their unit.",
        "license": "https://spdx.org/licenses/MIT.html",
        "version": version,
        "distribution": [_file(path, folder) for path in files],
        "recordSet": [_record_set(path, folder) for path in files],
    }


def write_croissant(folder: Path, *, name: str, version: str) -> Path:
    """Write the description of a folder of rows into it; return the file."""
    text = json.dumps(croissant(folder, name=name, version=version), indent=1, ensure_ascii=False)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")
    return folder / FILE


def _identifier(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _file(path: Path, folder: Path) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": _identifier(path, folder),
        "name": _identifier(path, folder),
        "contentUrl": _identifier(path, folder),
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": _ENCODING[path.suffix],
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def _record_set(path: Path, folder: Path) -> dict[str, Any]:
    table = _identifier(path, folder).removesuffix(path.suffix)
    return {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table}/{column}",
                "name": f"{table}/{column}",
                "description": _described(column),
                "dataType": _TYPES.get(kind, "sc:Text"),
                "source": {
                    "fileObject": {"@id": _identifier(path, folder)},
                    "extract": {"column": column},
                },
            }
            for column, kind in _columns(path)
        ],
    }


def _described(column: str) -> str:
    words, unit = unit_of(column)
    shown = unit.text if unit.scale == 1.0 else column.removeprefix(words.replace(" ", "_"))[1:]
    return words if unit is NO_UNIT else f"{words}, {shown}"


def _columns(path: Path) -> list[tuple[str, str]]:
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pa_parquet

    if path.suffix == ".parquet":
        schema = pa_parquet.read_schema(path)
    else:
        schema = pa_csv.read_csv(path).schema
    return [(field.name, str(field.type)) for field in schema]
