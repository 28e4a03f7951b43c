"""What the elements of a material cost, and how few countries they come from.

Both are proxies for a first look, not the price of a product. Prices per kilogram are those that
pymatgen ships (CostDB: element prices as of 2013, each with its reference in the file); the
Herfindahl-Hirschman indices of production and reserves, 0 to 10,000 (one supplier), are those of
Gaultois et al., Chem. Mater. 2013, 25, 2911 (10.1021/cm400893e), averaged by mass.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from ase.data import atomic_masses, atomic_numbers

PRICE = "element_price_usd_kg"
HHI_PRODUCTION, HHI_RESERVE = "hhi_production", "hhi_reserve"


def element_costs(counts: Mapping[str, int]) -> dict[str, float]:
    """Return price and indices of a composition; what is not known of one element is absent.

    Parameters
    ----------
    counts
        Element to number of atoms.

    Examples
    --------
    >>> gold, iron = element_costs({"Au": 1}), element_costs({"Fe": 1})
    >>> gold["element_price_usd_kg"] > 1e4 * iron["element_price_usd_kg"]
    True
    """
    masses = {e: n * float(atomic_masses[atomic_numbers[e]]) for e, n in counts.items()}
    total = sum(masses.values())
    found = {}
    for column, table in _tables().items():
        if all(e in table for e in masses):
            found[column] = sum(m / total * table[e] for e, m in masses.items())
    return found


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Mapping[str, float]]:
    # The files alone: pymatgen's own readers of them load its plots and a BibTeX parser (2 s).
    folder = files("pymatgen.analysis")
    text = (folder / "costdb_elements.csv").read_text(encoding="utf-8")
    prices: dict[str, float] = {}
    for symbol, usd_kg, *_ in csv.reader(text.splitlines(), quotechar="|"):
        prices[symbol] = min(float(usd_kg), prices.get(symbol, math.inf))
    text = (folder / "hhi_data.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    indices = {symbol: (float(p), float(r)) for symbol, p, r in csv.reader(lines)}
    return {
        PRICE: prices,
        HHI_PRODUCTION: {e: p for e, (p, _) in indices.items()},
        HHI_RESERVE: {e: r for e, (_, r) in indices.items()},
    }
