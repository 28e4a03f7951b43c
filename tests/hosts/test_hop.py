from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc100
from ase.calculators.calculator import all_changes
from ase.calculators.morse import MorsePotential

from potash.engines.relaxation import relax
from potash.errors import CalculationError
from potash.hosts.hop import home, hop, nearest_copy
from potash.hosts.site_search import Placed
from potash.hosts.sites import find_sites

FIXED = tuple(range(18))


@pytest.fixture(scope="module")
def surface() -> Atoms:
    atoms = fcc100("Cu", (3, 3, 2), a=4.1, vacuum=10)
    atoms.pbc = (True, True, False)
    return atoms


def morse() -> MorsePotential:
    return MorsePotential(epsilon=0.3, r0=3.0, rho0=4.0, rcut1=6.0, rcut2=7.0)


def hollow(surface: Atoms):
    return next(s for s in find_sites(surface) if s.kind == "hollow-4")


def test_the_nearest_hollow_is_one_lattice_vector_away(surface):
    step = nearest_copy(hollow(surface), surface)
    assert np.linalg.norm(step) == pytest.approx(4.1 / np.sqrt(2), abs=1e-3)


def test_a_single_site_has_nowhere_to_hop():
    atoms = Atoms("Cu", cell=[20, 20, 20])
    site = find_sites(atoms)[0]
    with pytest.raises(CalculationError, match="no second"):
        nearest_copy(site, atoms)


@pytest.mark.physics
def test_barrier_over_the_bridge_of_a_frozen_surface(surface):
    """On a rigid (100) surface the saddle is the bridge, by symmetry."""
    site = hollow(surface)
    start = relax(surface + Atoms("K", [site.position]), morse(), fixed=FIXED, max_force=0.01)
    bridge = next(s for s in find_sites(surface) if s.kind == "bridge")
    probe = surface + Atoms("K", [bridge.position])
    probe.calc = morse()
    heights = np.linspace(-1.0, 0.6, 161)
    scan = []
    for height in heights:
        probe.positions[-1] = bridge.position + np.array([0.0, 0.0, height])
        scan.append(probe.get_potential_energy())
    expected = min(scan) - start.energy_ev
    path = hop(start.atoms, nearest_copy(site, surface), FIXED, morse(), n_images=3, max_force=0.02)
    assert path.converged
    assert path.barrier_ev == pytest.approx(expected, abs=0.01)
    assert path.energies_ev[0] == pytest.approx(0.0, abs=1e-9)
    assert path.energies_ev[1] == pytest.approx(path.energies_ev[-2], abs=0.02)
    for image in path.images:
        assert np.allclose(image.positions[list(FIXED)], surface.positions[list(FIXED)])


def test_ends_that_relax_to_one_place_are_no_hop(surface):
    site = hollow(surface)
    start = relax(surface + Atoms("K", [site.position]), morse(), fixed=FIXED, max_force=0.01)
    with pytest.raises(CalculationError, match="relax to one place"):
        hop(start.atoms, np.array([0.4, 0.2, 0.0]), FIXED, morse())


def test_home_is_the_candidate_that_the_adsorbate_stays_on(surface):
    """The bridge relaxes into the hollow: whichever is lower by noise, the hollow is home."""
    bridge = next(s for s in find_sites(surface) if s.kind == "bridge")
    place = relax(
        surface + Atoms("K", [hollow(surface).position]), morse(), fixed=FIXED, max_force=0.01
    )
    one, other = (
        Placed(site, name, 0.0, place.energy_ev, place.atoms, "ok", 1, same_as, 2.0)
        for site, name, same_as in ((bridge, "bridge", ""), (hollow(surface), "hollow", "bridge"))
    )
    assert home([one, other]) is other
    assert home([one]) is one


class Tilted(MorsePotential):
    """Morse pairs in a field along x: energies rise from site to site."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        self.results["energy"] += 0.15 * self.atoms.positions[-1, 0]
        self.results["forces"] = self.results["forces"].copy()
        self.results["forces"][-1, 0] -= 0.15


def test_sites_of_other_energy_are_no_copies(surface):
    engine = Tilted(epsilon=0.3, r0=3.0, rho0=4.0, rcut1=6.0, rcut2=7.0)
    site = hollow(surface)
    start = relax(surface + Atoms("K", [site.position]), engine, fixed=FIXED, max_force=0.02)
    step = np.array([4.1 / np.sqrt(2), 0.0, 0.0])
    with pytest.raises(CalculationError, match=r"lies \+0\.43 eV from the start"):
        hop(start.atoms, step, FIXED, engine)
