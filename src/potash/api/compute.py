"""One call, one calculation: adsorption, molecules, potentials, complexes, liquids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ase import Atoms

from potash.api.results import Adsorption, Complex, Molecule, Redox, Simulation
from potash.api.rows import Progress, as_atoms, computed, computed_one, raise_for, usable
from potash.catalog.catalog import Catalog, load_catalog
from potash.catalog.formulations import Formulation
from potash.catalog.medium import dielectric_constant
from potash.engines.registry import level as level_of_theory
from potash.evidence.adsorption import estimates, model_evidence
from potash.evidence.known import reference_rows
from potash.evidence.species import measured_ionisation_energies, species_evidence
from potash.liquids.simulate import liquid_calculation
from potash.molecules.complexes import complex_calculation
from potash.molecules.named import species_named
from potash.molecules.orbitals import species_calculation
from potash.molecules.redox import redox_calculation
from potash.results.adsorption import AdsorptionValues
from potash.running.plan import adsorption_of
from potash.store.store import Store

if TYPE_CHECKING:
    import pymatgen.core


def adsorb(
    structure: Atoms | pymatgen.core.Structure | str | Path,
    *,
    level: str = "screen",
    facet: str | Sequence[int] | None = None,
    calculator: str | None = None,
    store: Store | str | Path | None = None,
    catalog: Catalog | None = None,
    progress: Progress | None = None,
) -> Adsorption:
    """Compute how strongly potassium adsorbs on a surface.

    ``adsorption_energy_ev`` = E(surface + K) - E(surface) - E(K, bcc, per atom), all at one
    level: negative where K binds more strongly than in its metal. All sites up to symmetry
    are tried, the best few relaxed; the number is that of the strongest.

    Parameters
    ----------
    structure
        ASE atoms, a pymatgen structure, a file (CIF, POSCAR, extended XYZ, what else ASE
        reads; ``FILE#BLOCK`` where it holds several structures), or the id of a host or
        model of the catalogue. A cell with empty space along one vector is the slab or sheet
        that it is, and needs 10 A of it (its own fixed atoms are held, else the lower half);
        one whose atoms touch all over is a crystal that is cut. The rule is in
        :mod:`potash.structures.vacuum`.
    level
        Level of theory: ``screen`` (7net-0), ``screen-chgnet``, and with GPAW installed
        ``standard-lcao``, ``standard``, ``reference``.
    facet
        Miller indices of the cut of a crystal, such as ``(1, 1, 0)``, ``"1,1,0"`` or, in
        hexagonal axes, ``"(10-10)"``; by default every plane with indices up to 1 of a
        structure, the model's own of an id. They count in the axes of the structure, and in
        its conventional cell where it is primitive (:mod:`potash.structures.indexing`).
    calculator
        ``package.module:factory`` of a function that returns an ASE calculator, instead of
        the level's own; ``level`` is then only its name in the row.
    store
        Where rows are looked up and kept (:func:`potash.open_store`, a file, a URL). By
        default nothing is kept.
    catalog
        Where ids are looked up; by default the one that ships with Potash.
    progress
        Called with a fraction and a note.

    Returns
    -------
    Adsorption
        Energies in eV, distances in A.

    Raises
    ------
    InputError
        If the structure, facet, level or id is not usable.
    RefusedError
        If every surface is outside the validity of the level.
    CalculationError
        If no surface gave a number.

    Notes
    -----
    The corrected value with its 95 % interval (``estimate``) rests on the rows of Potash's
    reference campaign; potentials overbind K by 0.2 to 0.9 eV.

    Examples
    --------
    >>> from ase.build import fcc111
    >>> import potash
    >>> k = potash.adsorb(fcc111("Al", (2, 2, 3), vacuum=8.0))  # doctest: +SKIP
    >>> k.values.adsorption_energy_ev, k.values.site  # doctest: +SKIP
    """
    catalog = catalog or load_catalog()
    target = as_atoms(structure)
    calculations = adsorption_of(
        target if isinstance(target, Atoms) else str(target),
        catalog,
        level,
        calculator=calculator,
        facet=facet,
    )
    rows = computed(calculations, store, progress)
    surfaces = [r for r in rows if r.kind == "adsorption"]
    usable = [
        r
        for r in surfaces
        if r.status in ("ok", "anomalous")
        and r.read(AdsorptionValues).adsorption_energy_ev is not None
    ]
    if not usable:
        raise_for(surfaces)
    calibration = reference_rows()
    corrected = estimates(usable, catalog.models, calibration_rows=calibration)
    evidence, _ = model_evidence(usable, catalog.models, calibration_rows=calibration)
    # In the order of the catalogue: a host's value is that of its first model.
    standing = next((evidence[r.item].row for r in usable if r.item in evidence), usable[0])
    found = tuple(Adsorption(r, corrected.get(r.key)) for r in usable)
    return Adsorption(
        standing,
        corrected.get(standing.key),
        surfaces=found,
        without_number={r.model: r.reason for r in surfaces if r not in usable},
    )


def molecule(
    smiles: str,
    *,
    level: str = "screen",
    seed: int = 1,
    store: Store | str | Path | None = None,
    catalog: Catalog | None = None,
    progress: Progress | None = None,
) -> Molecule:
    """Compute orbital energies, ionisation energy and electron affinity of a molecule or ion.

    In the gas phase and vertical: IP = E(q+1) - E(q) and EA = E(q) - E(q-1) at the geometry
    of charge q, the lowest relaxed conformer. An electron that is not bound has no EA:
    ``ea_bound`` is then False.

    Parameters
    ----------
    smiles
        SMILES, or the id of a species of the catalogue.
    level
        ``screen`` (GFN2-xTB geometry and orbitals, IPEA1-xTB energies), ``standard``
        (B3LYP/def2-SVP) or ``reference`` (CAM-B3LYP/def2-TZVPD).
    seed
        Of the conformer search.
    store, catalog, progress
        As for :func:`adsorb`.

    Returns
    -------
    Molecule
        Energies in eV; ``estimate`` is the IP corrected to experiment.

    Raises
    ------
    InputError
        If it is no id and no SMILES of one connected molecule.
    RefusedError
        If the level is not valid for it (bare atomic ions at ``screen``, elements beyond Rn).
    CalculationError
        If no conformer or no energy converges.

    Examples
    --------
    >>> import potash
    >>> water = potash.molecule("O")
    >>> round(water.values.ip_vertical_ev, 1), water.values.ea_bound
    (13.8, False)
    """
    species = species_named(smiles, catalog or load_catalog())
    calculation = species_calculation(species, level_of_theory("molecules", level), seed=seed)
    row = computed_one(calculation, smiles, store, progress)
    known, _ = species_evidence(
        [row], measured_ionisation_energies(), calibration_rows=reference_rows()
    )
    return Molecule(row, known[row.item].ionisation if row.item in known else None)


def redox(
    smiles: str,
    *,
    level: str = "screen",
    medium: float | str = "dme",
    seed: int = 1,
    store: Store | str | Path | None = None,
    catalog: Catalog | None = None,
    progress: Progress | None = None,
) -> Redox:
    """Compute the oxidation and reduction potential of a species in a liquid, against K/K+.

    From free energies in a continuum, without vibrations, on an absolute potential of K/K+
    of 1.51 V (hydrogen electrode at 4.44 V; its 0.2 V are in the interval). Bonds may break
    on reduction: the lowest state that is found counts, and the row says which bonds broke.

    Parameters
    ----------
    smiles
        SMILES, or the id of a species of the catalogue.
    level
        ``screen``, ``standard`` or ``reference``, as for :func:`molecule`.
    medium
        Relative permittivity of the liquid, or the id of a solvent whose measured one it is.
    seed
        Of the conformer search.
    store, catalog, progress
        As for :func:`adsorb`.

    Returns
    -------
    Redox
        Potentials in V against K/K+, energies in eV.

    Raises
    ------
    InputError
        If it is no id and no SMILES of one connected molecule, or the medium is unknown.
    RefusedError
        If the level is not valid for it.
    CalculationError
        If no energy converges.

    Examples
    --------
    >>> import potash
    >>> dme = potash.redox("COCCOC", medium=7.2)  # doctest: +SKIP
    >>> dme.values.potential_oxidation_v_vs_k  # doctest: +SKIP
    >>> dme.interval("potential_oxidation_v_vs_k")  # doctest: +SKIP
    """
    catalog = catalog or load_catalog()
    calculation = redox_calculation(
        species_named(smiles, catalog),
        level_of_theory("molecules", level),
        dielectric_constant=dielectric_constant(medium, catalog),
        seed=seed,
    )
    return Redox(computed_one(calculation, smiles, store, progress))


def complex_(
    metal: str,
    ligands: str | Sequence[str],
    *,
    level: str = "screen",
    seed: int = 1,
    store: Store | str | Path | None = None,
    catalog: Catalog | None = None,
    progress: Progress | None = None,
) -> Complex:
    """Compute a complex of an alkali ion with solvents or anions in the gas phase.

    ``binding_energy_ev`` = sum of E(relaxed parts) - E(complex): positive where it is bound.
    Several starting placements are relaxed; the lowest counts.

    Parameters
    ----------
    metal
        ``Li``, ``Na`` or ``K``: the bare cation.
    ligands
        SMILES or species ids; repeat one for several of it.
    level
        ``screen`` (GFN2-xTB, which overbinds alkali ions), ``standard``
        (B3LYP-D3(BJ)/def2-SVPD, with counterpoise and 298 K enthalpy) or ``reference``.
    seed
        Of the placements and conformers.
    store, catalog, progress
        As for :func:`adsorb`.

    Returns
    -------
    Complex
        Energies in eV.

    Raises
    ------
    InputError
        If the metal or a ligand is not known.
    RefusedError
        If the level is not valid for it.
    CalculationError
        If no placement converges.

    Examples
    --------
    >>> import potash
    >>> pair = potash.complex_("K", "O")
    >>> 0.8 < pair.values.binding_energy_ev < 1.2
    True
    """
    catalog = catalog or load_catalog()
    names = [ligands] if isinstance(ligands, str) else list(ligands)
    calculation = complex_calculation(
        metal,
        [species_named(name, catalog) for name in names],
        level_of_theory("molecules", level),
        seed=seed,
    )
    (row,) = computed([calculation], store, progress)
    return Complex(usable(row))


def simulate(
    formulation: str | Formulation,
    *,
    level: str = "screen",
    n_atoms: int = 1500,
    equilibration_ps: float = 100.0,
    production_ps: float = 1000.0,
    temperature_k: float | None = None,
    seed: int = 1,
    store: Store | str | Path | None = None,
    catalog: Catalog | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Simulate a liquid electrolyte: box, equilibration, production, analysis.

    With a store it goes on from its last checkpoint when it was interrupted.

    Parameters
    ----------
    formulation
        Id of an electrolyte of the catalogue, or a formulation of your own whose species
        and salts are in ``catalog``.
    level
        Level of theory of property ``liquids``.
    n_atoms
        About how many atoms the box holds.
    equilibration_ps, production_ps
        Lengths of the two parts.
    temperature_k
        By default the formulation's own.
    seed
        Of packing, velocities, thermostat and barostat.
    store, catalog, progress
        As for :func:`adsorb`.

    Returns
    -------
    Simulation
        Fractions of ions that pair, coordination numbers, density (g/mL), diffusion
        coefficients (m^2/s); ``interval`` gives the 95 % intervals over blocks of this run.

    Raises
    ------
    InputError
        If the formulation is unknown or impossible, or a number is out of range.
    RefusedError
        If it cannot be simulated: a solid, an open amount, a species without parameters.
    CalculationError
        If the simulation does not stay stable or does not equilibrate.

    Examples
    --------
    >>> import potash
    >>> liquid = potash.simulate("kfsi_dme_1m", production_ps=200)  # doctest: +SKIP
    >>> liquid.values.per_anion_cip, liquid.interval("per_anion_cip")  # doctest: +SKIP
    """
    catalog = catalog or load_catalog()
    if isinstance(formulation, str):
        formulation = catalog.get_electrolyte(formulation)
    calculation = liquid_calculation(
        formulation,
        catalog,
        level_of_theory("liquids", level),
        seed=seed,
        n_atoms=n_atoms,
        equilibration_ps=equilibration_ps,
        production_ps=production_ps,
        temperature_k=temperature_k,
    )
    (row,) = computed([calculation], store, progress)
    return Simulation(usable(row))
