"""Work of adhesion of a potassium film on a surface (kind ``adhesion``)."""

from __future__ import annotations

from typing import ClassVar, Literal

from potash.results.adsorption import AdsorptionNeeds, SurfaceInputs
from potash.results.model import Models, Record, Values


class KFilm(Record):
    """The film of potassium, and the cell in which it is put on the surface."""

    plane: Literal["(110)"] = "(110)"
    """Plane of bcc potassium that lies on the surface."""
    layers: int = 2
    """Atomic layers."""
    max_mismatch: float = 0.05
    """Largest strain of the film in any direction of the plane."""
    max_atoms: int = 200
    """Atoms of surface and film together; where no cell of so few fits, it is refused."""


class AdhesionInputs(SurfaceInputs):
    """Inputs of a work of adhesion."""

    KIND: ClassVar[str] = "adhesion"

    film: KFilm
    """The film."""


class AdhesionNeeds(AdsorptionNeeds):
    """What a film of potassium is made from: its lattice and its energy in the bulk."""


class AdhesionValues(Values):
    """Work of adhesion of a potassium film, and whether potassium wets the surface."""

    KIND: ClassVar[str] = "adhesion"

    facet: str
    """Surface plane, as of an adsorption."""
    termination: str
    """Composition of the top layer."""
    polar: bool
    """Whether the termination leaves a dipole; then it is never the value of a host."""
    work_of_adhesion_j_m2: float
    """(E(surface) + E(strained film) - E(both)) / area, J/m^2, each relaxed in one and the same
    cell; positive: they hold together."""
    k_surface_energy_j_m2: float
    """Surface energy of K(110) at the same level, J/m^2."""
    wets: bool | None = None
    """Whether the work of adhesion is at least twice that surface energy; absent where the level
    does not know the surface energy of K."""
    contact_angle_deg: float | None = None
    """Contact angle of K in vacuum by Young and Dupre, degrees; absent where it wets."""
    strain_energy_j_m2: float
    """Energy of the strained film less that at the lattice of bulk K, both relaxed and free,
    over the area, J/m^2; it is not in the work of adhesion."""
    mismatch_a: float
    """Length of the cell's first vector over that of the unstrained film, less one."""
    mismatch_b: float
    """The same along its second vector."""
    mismatch_angle_deg: float
    """Angle between them, less that of the unstrained film, degrees."""
    strain_smallest: float
    """Smaller principal strain of the film; negative: compressed."""
    strain_largest: float
    """Larger principal strain of the film."""
    area_angstrom2: float
    """Area of the cell, square angstrom."""
    n_atoms: int
    """Atoms in the cell, the film included."""
    n_film_atoms: int
    """Of those in the film."""
    gap_angstrom: float
    """Lowest atom of the film above the highest of the surface, angstrom."""
    surface_held: bool | None = None
    """True where the film tears the surface apart and the value is that of the surface held."""
    reconstructed_work_j_m2: float | None = None
    """Work of adhesion with what is gained by tearing the surface apart, J/m^2."""
    e_surface_ev: float
    """Total energy of the relaxed surface alone, eV."""
    e_film_ev: float
    """Total energy of the relaxed strained film alone, eV."""
    e_both_ev: float
    """Total energy of the surface with the film, eV."""
    force_calls: int
    """Force evaluations, all together."""


ADHESION = Models(AdhesionInputs, AdhesionNeeds, AdhesionValues, main="work_of_adhesion_j_m2")
