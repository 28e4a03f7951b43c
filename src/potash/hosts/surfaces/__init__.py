"""Surfaces of hosts: from a recipe to the atoms that potassium meets.

The order of a calculation at any level of theory:

1. ``bulk = bulk_of(recipe)``: the cell whose lattice the level relaxes first,
   only along its periodic directions (``bulk.pbc``): a crystal for a slab, the
   primitive sheet for graphene, a MXene or a tube; None where there is nothing
   to relax first (molecules, structures given atom by atom).
2. ``build(recipe, relaxed_bulk)``: the surfaces on that lattice, the most
   credible first. Without a relaxed bulk, on the recipe's own lattice.

A slab or sheet has ``pbc = (True, True, False)``, its normal along z and vacuum
along c; a ribbon or tube is periodic along x only; a molecule not at all.
"""

from __future__ import annotations

from potash.hosts.surfaces.building import build, bulk_of
from potash.hosts.surfaces.checks import check_structure, vacuum_gap_angstrom
from potash.hosts.surfaces.crystals import crystal_atoms
from potash.hosts.surfaces.facets import all_facets
from potash.hosts.surfaces.files import recipes_from_file
from potash.hosts.surfaces.slabs import thicker
from potash.hosts.surfaces.surface import Surface

__all__ = [
    "Surface",
    "all_facets",
    "build",
    "bulk_of",
    "check_structure",
    "crystal_atoms",
    "recipes_from_file",
    "thicker",
    "vacuum_gap_angstrom",
]
