"""A library of 1,000 solvents to ask a question of: ``python benchmarks/funnel_library.py``.

Writes ``funnel.smi`` beside ``funnel.yaml``, which asks for ten solvents of it by constraints on
oxidation, binding to K+, molar mass and fluorine. The molecules are enumerated: ten end groups on
both sides of twenty cores (ethers, carbonates, esters, nitriles, sulfones, phosphates, ...).
"""

from __future__ import annotations

import sys
from pathlib import Path

from molecules_throughput import enumerated

FILE = Path(__file__).with_name("funnel.smi")
N = 1000


def library(n: int = N) -> list[str]:
    """Return the lines of the library: SMILES and name."""
    return [f"{smiles} s{i:04d}" for i, smiles in enumerate(enumerated(n), start=1)]


def main() -> int:
    """Write the file."""
    FILE.write_text("\n".join(library()) + "\n")
    print(FILE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
