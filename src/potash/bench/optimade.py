"""Structures as OPTIMADE entries (v1.2), ready to be served or uploaded."""

from __future__ import annotations

import io
import math
import string
from collections.abc import Mapping
from functools import reduce
from itertools import product
from typing import Any


def optimade_structures(structures: Mapping[str, str], *, modified: str) -> dict[str, Any]:
    r"""Return a document with one ``structures`` entry for each structure.

    Parameters
    ----------
    structures
        Id to extended-XYZ text, as rows hold them.
    modified
        When they were computed, ISO 8601.

    Examples
    --------
    >>> text = (
    ...     '2\nLattice="4 0 0 0 4 0 0 0 20" Properties=species:S:1:pos:R:3 pbc="T T F"'
    ...     "\nCu 0 0 5\nK 0 0 8\n"
    ... )
    >>> (entry,) = optimade_structures({"k_on_cu": text}, modified="2026-11-27T00:00:00Z")["data"]
    >>> entry["attributes"]["chemical_formula_reduced"], entry["attributes"]["dimension_types"]
    ('CuK', [1, 1, 0])
    """
    data = [
        {"id": name, "type": "structures", "attributes": _attributes(text, modified)}
        for name, text in sorted(structures.items())
    ]
    return {"data": data, "meta": {"api_version": "1.2.0", "data_returned": len(data)}}


def _attributes(text: str, modified: str) -> dict[str, Any]:
    from ase.io import read

    atoms: Any = read(io.StringIO(text), format="extxyz")
    symbols = atoms.get_chemical_symbols()
    elements = sorted(set(symbols))
    counts = {e: symbols.count(e) for e in elements}
    divisor = reduce(math.gcd, counts.values())
    periodic = [int(x) for x in atoms.pbc]
    lattice = [
        vector if open_ else [None, None, None]
        for vector, open_ in zip(atoms.cell.tolist(), periodic, strict=True)
    ]
    shares = [counts[e] / len(symbols) for e in elements]
    anonymous = sorted((n // divisor for n in counts.values()), reverse=True)
    return {
        "elements": elements,
        "nelements": len(elements),
        "elements_ratios": shares,
        "chemical_formula_descriptive": _formula(counts),
        "chemical_formula_reduced": _formula({e: n // divisor for e, n in counts.items()}),
        "chemical_formula_anonymous": _formula(dict(zip(_letters(), anonymous, strict=False))),
        "dimension_types": periodic,
        "nperiodic_dimensions": sum(periodic),
        "lattice_vectors": lattice if any(periodic) else None,
        "cartesian_site_positions": atoms.positions.tolist(),
        "nsites": len(symbols),
        "species": [{"name": e, "chemical_symbols": [e], "concentration": [1.0]} for e in elements],
        "species_at_sites": symbols,
        "structure_features": [],
        "last_modified": modified,
        "immutable_id": None,
    }


def _formula(counts: Mapping[str, int]) -> str:
    return "".join(f"{e}{n if n > 1 else ''}" for e, n in counts.items())


def _letters() -> list[str]:
    """Return A to Z, Aa to Zz: the symbols of anonymous formulas."""
    pairs = [a + b for b, a in product(string.ascii_lowercase, string.ascii_uppercase)]
    return [*string.ascii_uppercase, *pairs]
