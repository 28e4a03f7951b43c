from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, fcc111, graphene
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.morse import MorsePotential
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.engines.relaxation import relax
from potash.hosts.site_search import _in_plane, frozen_energies, judge, names_of, place
from potash.hosts.sites import find_sites
from potash.results.adsorption import SiteSearch


def morse() -> MorsePotential:
    return MorsePotential(epsilon=0.3, r0=3.0, rho0=4.0, rcut1=6.0, rcut2=7.0)


def slab() -> Atoms:
    atoms = fcc111("Cu", (3, 3, 2), a=4.1, vacuum=10)
    atoms.pbc = (True, True, False)
    return atoms


@pytest.mark.physics
def test_frozen_energies_are_the_minimum_of_a_fine_scan():
    atoms, engine = slab(), morse()
    sites = find_sites(atoms)
    energies, positions, calls = frozen_energies(
        atoms, [s.position for s in sites], [s.normal for s in sites], engine, "K"
    )
    for site, energy, position in zip(sites, energies, positions, strict=True):
        scan = []
        probe = atoms + Atoms("K", [position])
        probe.calc = engine
        for step in np.linspace(-0.5, 0.5, 51):
            probe.positions[-1] = position + step * site.normal
            scan.append(probe.get_potential_energy())
        assert energy == pytest.approx(min(scan), abs=0.03)
    assert calls <= 4 + 2 * (len(sites) - 1)


def test_the_same_best_site_as_relaxing_every_site():
    atoms, engine = slab(), morse()
    fixed = tuple(range(9))
    sites = find_sites(atoms)
    found, calls = place(atoms, atoms, sites, fixed, engine, SiteSearch(max_force=0.02))
    every = []
    every_calls = 0
    for site in sites:
        end = relax(atoms + Atoms("K", [site.position]), engine, fixed=fixed, max_force=0.02)
        every.append(end.energy_ev)
        every_calls += end.force_calls
    assert found[0].verdict == "ok"
    assert found[0].energy_ev == pytest.approx(min(every), abs=0.01)
    assert calls < 2 * every_calls


def test_sites_that_relax_into_one_another_are_marked():
    atoms = slab()
    sites = find_sites(atoms)
    twice = [sites[0], sites[0]]
    found, _ = place(atoms, atoms, twice, tuple(range(9)), morse(), SiteSearch())
    assert [p.same_as for p in found] == ["", found[0].name]


def test_the_search_goes_on_while_no_site_is_usable():
    """With no steps allowed every site stays unconverged, so all four are tried."""
    atoms = slab()
    plan = SiteSearch(max_steps=0, relax_sites=2, window_ev=0.0)
    found, _ = place(atoms, atoms, find_sites(atoms), tuple(range(9)), morse(), plan)
    assert [p.verdict for p in found] == ["not converged"] * 4


def test_names_are_unique():
    sites = find_sites(slab())
    names = names_of([*sites, *sites])
    assert len(set(names)) == len(names)
    assert names[0].endswith("#1")


def with_k(height: float) -> Atoms:
    atoms = slab()
    add_adsorbate(atoms, "K", height, position=atoms.positions[9, :2])
    return atoms


def test_verdicts():
    clean = slab()
    assert judge(clean, with_k(3.0), converged=True) == "ok"
    assert judge(clean, with_k(3.0), converged=False) == "not converged"
    assert judge(clean, with_k(7.0), converged=True) == "desorbed"
    moved = with_k(3.0)
    moved.positions[10] += [0.0, 0.0, 2.5]
    assert judge(clean, moved, converged=True) == "reconstructed"
    slid = with_k(3.0)  # 0.7 angstrom along the surface: bonds stretch, none is broken
    slid.positions[9] += [0.7, 0.0, 0.0]
    assert judge(clean, slid, converged=True) == "ok"
    buried = slab()
    inside = buried.positions[:9].mean(axis=0)
    inside[2] += 1.2
    buried += Atoms("K", [inside])
    assert judge(clean, buried, converged=True) == "K absorbed into the bulk"


@settings(max_examples=20, deadline=None)
@given(st.tuples(st.floats(-20, 20), st.floats(-20, 20)))
def test_verdict_is_the_same_for_every_image(shift):
    clean = slab()
    atoms = with_k(3.0)
    atoms.positions[:, :2] += shift
    clean.positions[:, :2] += shift
    atoms.positions[-1] += atoms.cell[0]
    assert judge(clean, atoms, converged=True) == "ok"


class Loose(Calculator):
    """A sheet of springs with one loose atom above it, which K pulls away."""

    implemented_properties = ("energy", "forces")

    def __init__(self, sheet: Atoms, loose: int) -> None:
        super().__init__()
        self.home, self.loose = sheet.positions.copy(), loose

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        n = len(self.home)
        forces = np.zeros((len(atoms), 3))
        away = atoms.positions[:n] - self.home
        stiffness = np.full(n, 20.0)
        stiffness[self.loose] = 0.3
        energy = 0.5 * float((stiffness[:, None] * away**2).sum())
        forces[:n] -= stiffness[:, None] * away
        if len(atoms) > n:
            # Wells over the plane for K, and a deep one between K and the loose atom.
            k = atoms.positions[n]
            height = k[2] - self.home[:, 2].min() - 4.5
            energy += 0.5 * height**2 + 0.5 * float(((k[:2] - self.k_home) ** 2).sum())
            forces[n] -= [*(k[:2] - self.k_home), height]
            step = k - atoms.positions[self.loose]
            r = float(np.linalg.norm(step))
            pull = 3.0 * np.exp(-(((r - 2.2) / 1.5) ** 2))
            energy -= pull
            slope = 2 * pull * (r - 2.2) / 1.5**2
            forces[n] -= slope * step / r
            forces[self.loose] += slope * step / r
        self.results = {"energy": energy, "forces": forces}


def test_a_surface_that_k_tears_apart_is_held_for_its_first_contact():
    sheet = graphene("C2", size=(4, 4, 1), vacuum=10.0)
    sheet.pbc = (True, True, False)
    sheet += Atoms("O", [sheet.positions[10] + [0, 0, 1.4]])
    loose = len(sheet) - 1
    engine = Loose(sheet, loose)
    engine.k_home = sheet.positions[10, :2] + [2.4, 0.0]
    found, _ = place(sheet, sheet, find_sites(sheet)[:4], (), engine, SiteSearch(relax_sites=2))
    torn = [p for p in found if p.verdict == "reconstructed"]
    assert len(torn) == 2
    assert found[0].held
    assert found[0].verdict == "ok"
    assert np.allclose(found[0].atoms.positions[:-1], sheet.positions)
    assert found[0].energy_ev > min(p.energy_ev for p in torn)


class Giving(Calculator):
    """Two wells for K: a rigid one, and a shallower one whose atom comes towards K."""

    implemented_properties = ("energy", "forces")

    def __init__(self, surface: Atoms, rigid: np.ndarray, giving: np.ndarray, atom: int) -> None:
        super().__init__()
        self.home, self.rigid, self.giving, self.atom = surface.positions, rigid, giving, atom

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        n = len(self.home)
        forces = np.zeros((len(atoms), 3))
        away = atoms.positions[:n] - self.home
        energy = 3.0 * float((away**2).sum())
        forces[:n] -= 6.0 * away
        if len(atoms) > n:
            k, up = atoms.positions[n], away[self.atom, 2]
            for centre, depth in ((self.rigid, 1.0), (self.giving, 0.6 + 3.0 * up)):
                step = k - centre
                well = np.exp(-((step / 0.8) ** 2).sum())
                energy -= depth * well
                forces[n] -= 2 * depth * well * step / 0.8**2
                if centre is self.giving:
                    forces[self.atom, 2] += 3.0 * well
        self.results = {"energy": energy, "forces": forces}


@pytest.mark.parametrize(("window_ev", "best_ev"), [(0.15, -1.0), (SiteSearch().window_ev, -1.35)])
def test_a_site_whose_surface_gives_way_is_found(window_ev, best_ev):
    """Shallower by 0.4 eV on the frozen surface, deeper by 3^2 / (2 x 6) - 0.4 relaxed."""
    surface = slab()
    sites = [s for s in find_sites(surface) if s.label.startswith(("top", "hollow"))][:2]
    top, hollow = sorted(sites, key=lambda s: not s.label.startswith("top"))
    below = int(np.linalg.norm(surface.positions - top.position, axis=1).argmin())
    engine = Giving(surface, hollow.position, top.position, below)
    plan = SiteSearch(window_ev=window_ev, max_force=0.005)
    found, _ = place(surface, surface, [top, hollow], (), engine, plan)
    assert found[0].verdict == "ok"
    assert found[0].energy_ev == pytest.approx(best_ev, abs=0.01)


@pytest.mark.parametrize("normal", [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.6, 0.0, 0.8]])
def test_the_step_off_a_site_is_a_unit_vector_across_its_normal(normal):
    across = _in_plane(np.array(normal))
    assert np.linalg.norm(across) == pytest.approx(1.0)
    assert across @ normal == pytest.approx(0.0, abs=1e-12)
