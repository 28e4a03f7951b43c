"""Adsorption of one potassium atom on one surface (kind ``adsorption``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from potash.results.k_metal import KMetalValues
from potash.results.model import Fingerprint, Inputs, Models, Needs, Record, Values
from potash.structures.miller import CrystalPlane
from potash.structures.recipes import Recipe

Verdict = Literal[
    "ok", "desorbed", "reconstructed", "K absorbed into the bulk", "not converged", "not relaxed"
]
"""What became of potassium on one site."""


class SiteSearch(Record):
    """How thoroughly the sites of a surface are searched."""

    max_sites: int = 24
    """Candidates at most."""
    relax_sites: int = 3
    """Relaxations at most; twice as many while no site is usable."""
    window_ev: float = 0.6
    """Sites above the best frozen energy by more (eV) are not relaxed."""
    max_force: float = 0.05
    """Largest force of a converged relaxation, eV/angstrom."""
    max_steps: int = 120
    """Limit of a relaxation."""


class HeightSearch(Record):
    """How DFT finds the height of K over the frozen substrate: by forces, in Newton steps."""

    max_force: float = 0.13
    """No further height is computed where the force on K along the normal is below this,
    eV/angstrom: one Newton step from there gives the energy."""
    max_gain: float = 0.01
    """And where that step gains less than this, eV: far from a soft minimum forces are small."""
    max_points: int = 6
    """Heights at most."""


class SurfaceInputs(Inputs):
    """One termination of a surface and how potassium is put on it; shared by several kinds."""

    KIND: ClassVar[str]

    level: Fingerprint
    """Level of theory."""
    recipe: Recipe
    """How the surface is built."""
    termination: str
    """Which of its terminations, as :class:`potash.structures.surface.Surface` names it."""
    adsorbate: Literal["K"] = "K"
    """What is adsorbed."""
    charge: int = 0
    """Charge of the cell in elementary charges; anything but 0 is refused."""
    search: SiteSearch
    """How thoroughly sites are searched."""
    electron_acceptor: bool | None = None
    """Whether the substrate can take potassium's electron, where that is known; else it is
    presumed from the composition (:mod:`potash.structures.insulators`)."""


class AdsorptionInputs(SurfaceInputs):
    """Inputs of an adsorption energy."""

    KIND: ClassVar[str] = "adsorption"

    screen: Fingerprint | None = None
    """Potential that gives the geometry; DFT only."""
    heights_angstrom: tuple[float, ...] | None = None
    """Heights of K that DFT computes, angstrom above that of the potential, the minimum being that
    of a parabola; DFT only, and only where it does not search by forces."""
    height_search: HeightSearch | None = None
    """How DFT finds the height of K by forces; DFT only."""
    unpaired_electron: bool | None = None
    """True where the substrate does not take the electron of K, which stays unpaired: DFT with K
    is then spin-polarised."""


class AdsorptionNeeds(Needs):
    """What an adsorption energy is measured from."""

    k_metal: KMetalValues
    """Bulk potassium at the same level."""


class SearchedSite(Record):
    """One site after the search."""

    site: str
    """Name, unique on this surface, such as ``hollow 2``."""
    multiplicity: int
    """Equivalent sites in the cell."""
    frozen_adsorption_energy_ev: float
    """Estimated adsorption energy (eV) over the frozen surface."""
    height_angstrom: float
    """K above the atoms it touches, along the normal, angstrom."""
    verdict: Verdict
    """What became of it."""
    steps: int
    """Force calls of the relaxation."""
    adsorption_energy_ev: float | None = None
    """Relaxed adsorption energy, eV; absent where it was not relaxed."""
    same_as: str | None = None
    """Name of a better site that it relaxed into."""


class ComputedPoint(Record):
    """One geometry that DFT computed for an adsorption energy."""

    k_height_angstrom: float | None = None
    """Height of K above the atoms it touches, angstrom; absent for the surface without K. The
    substrate is that of the structure ``best``."""
    energy_ev: float
    """Total energy, eV."""
    forces_ev_angstrom: tuple[tuple[float, float, float], ...]
    """Forces on all atoms in the order of ``best``, K last."""


class AdsorptionValues(Values):
    """Adsorption energy of one K, against bcc potassium at the same level."""

    KIND: ClassVar[str] = "adsorption"

    facet: str
    """Surface plane, such as ``(111)``, in hexagonal axes ``(10-10)``, or ``basal``."""
    plane: CrystalPlane | None = None
    """The crystal plane of a cut slab: its index, whose axes it counts in, their cell, and the
    distance between lattice planes, in the lattice that the recipe starts from."""
    termination: str
    """Composition of the top layer."""
    polar: bool
    """Whether the termination leaves a dipole; then it is never the value of a host."""
    n_atoms: int
    """Atoms in the cell, K included."""
    e_k_metal_ev: float | None = None
    """Energy of bcc potassium per atom at the same level, eV."""
    e_slab_ev: float | None = None
    """Total energy of the surface alone, eV."""
    e_slab_k_ev: float | None = None
    """Total energy of the surface with K, eV."""
    adsorption_energy_ev: float | None = None
    """E(surface + K) - E(surface) - E(K metal), eV; negative: K binds more strongly than in
    its metal. Absent where no site is usable."""
    binding_energy_ev: float | None = None
    """Cohesive energy of K metal (experiment) minus the adsorption energy, eV."""
    site: str | None = None
    """Name of the best site."""
    height_angstrom: float | None = None
    """K above the atoms it touches, along the normal, angstrom."""
    k_k_distance_angstrom: float | None = None
    """Shortest distance between periodic images of K, angstrom; absent for clusters."""
    surface_energy_j_m2: float | None = None
    """Surface energy (J/m^2) of a stoichiometric slab, relaxed on its upper side."""
    surface_held: bool | None = None
    """True where K tears the surface apart and the value is that of the surface held."""
    reconstructed_energy_ev: float | None = None
    """Adsorption energy (eV) on the surface that K tore apart."""
    force_calls: int | None = None
    """Force evaluations, all together."""
    sites: tuple[SearchedSite, ...] | None = None
    """Every site of the search, best first; potentials only."""
    functional_shift_ev: Mapping[str, float] | None = None
    """Functional to its adsorption energy minus that of PBE, eV; DFT only."""
    dispersion_shift_ev: float | None = None
    """What D3(BJ) would add to the adsorption energy, eV; DFT only."""
    distortion_energy_ev: float | None = None
    """What the substrate paid for its distortion, eV, by the potential; in the energy."""
    screen_interaction_ev: float | None = None
    """Energy of K (eV, not against K metal) over the frozen distorted substrate by the
    potential; DFT only."""
    hubbard_u_ev: Mapping[str, float] | None = None
    """Element to its Hubbard U, eV, where there is one; DFT only."""
    heights_angstrom: tuple[float, ...] | None = None
    """Heights of K that DFT computed, angstrom."""
    energies_ev: tuple[float, ...] | None = None
    """Total energies at these heights, eV."""
    k_forces_ev_angstrom: tuple[float, ...] | None = None
    """Forces on K along the normal at these heights, eV/angstrom; positive: away."""
    k_stiffness_ev_angstrom2: float | None = None
    """Second derivative of the energy of K along the normal by the potential; DFT only."""
    points: tuple[ComputedPoint, ...] | None = None
    """What DFT computed, with all forces; DFT only."""
    magnetic_moment_mu_b: float | None = None
    """Magnetic moment of the cell with K in Bohr magnetons; absent without spin polarisation."""
    work_function_ev: float | None = None
    """Work function (eV) of the side that K goes on, without K; DFT only."""
    work_function_with_k_ev: float | None = None
    """The same with K."""


ADSORPTION = Models(
    AdsorptionInputs, AdsorptionNeeds, AdsorptionValues, main="adsorption_energy_ev"
)
