"""Structures: from a file or a recipe to the atoms that potassium meets.

The order of a calculation at any level of theory:

1. ``bulk = bulk_of(recipe)``: the cell whose lattice the level relaxes first,
   only along its periodic directions (``bulk.pbc``): a crystal for a slab, the
   primitive sheet for graphene, a MXene or a tube; None where there is nothing
   to relax first (molecules, structures given atom by atom).
2. ``build(recipe, relaxed_bulk)``: the surfaces on that lattice, the most
   credible first. Without a relaxed bulk, on the recipe's own lattice.

A slab or sheet has ``pbc = (True, True, False)``, its normal along z and vacuum
along c; a ribbon or tube is periodic along x only; a molecule not at all.

What comes from outside passes one door: :func:`potash.structures.files.read_atoms` reads
a file, :func:`potash.structures.given.recipes_from_atoms` makes recipes of it. What is a
crystal and what a slab is decided in :mod:`potash.structures.vacuum`, in whose axes Miller
indices count in :mod:`potash.structures.indexing`; SMILES are read in
:mod:`potash.structures.smiles`. Nothing here knows energies.
"""
