"""Label the committed host rows with the plane that their recipe was cut along.

Facet (four indices in hexagonal axes) and plane (axes, cell, spacing) follow from a row's
inputs alone. Rows computed before they were part of the values get them here; numbers and
keys stay.

    python scripts/reference_planes.py results/reference/hosts
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from potash.results.adsorption import AdsorptionValues, SurfaceInputs
from potash.results.kinds import MODELS
from potash.store import export_rows, import_rows
from potash.store.rows import Row
from potash.structures.facets import cut_of
from potash.structures.planes import crystal_plane, facet_text


def labelled(row: Row) -> Row:
    """Return a row with facet and plane as its recipe says; others as they are."""
    models = MODELS[row.kind]
    if not issubclass(models.inputs, SurfaceInputs) or "facet" not in row.values:
        return row
    slab = cut_of(row.read(models.inputs).recipe)
    if slab is None:
        return row
    values = {**row.values, "facet": facet_text(slab)}
    if issubclass(models.values, AdsorptionValues):
        values["plane"] = crystal_plane(slab).model_dump(mode="json")
    return replace(row, values=values)


def main() -> None:
    """Read the rows of a folder and write them back, labelled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="such as results/reference/hosts")
    folder = parser.parse_args().folder
    before = import_rows(folder)
    after = [labelled(row) for row in before]
    export_rows(after, folder, file_format="csv")
    changed = sum(a != b for a, b in zip(after, before, strict=True))
    print(f"{changed} of {len(after)} rows were labelled")


if __name__ == "__main__":
    main()
