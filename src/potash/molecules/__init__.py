"""Molecules: geometries, orbitals, redox potentials, ion binding."""
