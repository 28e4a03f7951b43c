"""What reads and computes nothing anew: trajectories, stores, ranked tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from potash.catalog.campaign import CriterionSpec, RankingPart
from potash.catalog.catalog import Catalog, load_catalog
from potash.catalog.hosts import Population
from potash.catalog.question import AmongHosts
from potash.evidence.known import known_rows
from potash.ranking.table import RankedTable
from potash.ranking.tables import ranked_electrolytes, ranked_hosts, ranked_molecules
from potash.ranking.tiers import Wish
from potash.results.model import record_from
from potash.store.default import default_store_url
from potash.store.rows import Row
from potash.store.store import Store
from potash.trajectories.analysis import analyze as analyze_universe
from potash.trajectories.analysis_result import AnalysisResult
from potash.trajectories.apart import analyze_apart

if TYPE_CHECKING:
    from MDAnalysis import Universe


def analyze(
    universe: Universe | str | Path,
    trajectory: str | Path | None = None,
    *,
    cation: str | None = None,
    anion: str | None = None,
    solvent: str | None = None,
    cutoff: float | Mapping[str, float] | None = None,
    start: int | None = None,
    stop: int | None = None,
    step: int | None = None,
    temperature_k: float | None = None,
    viscosity_pa_s: float | None = None,
    dt_ps: float | None = None,
    time_unit: str | None = None,
    atom_style: str | None = None,
    elements: Mapping[str, str] | None = None,
    n_workers: int = 1,
    progress: Callable[[float], None] | None = None,
) -> AnalysisResult:
    """Analyse anyone's trajectory of an electrolyte: ion pairing, coordination, diffusion.

    Parameters
    ----------
    universe
        An MDAnalysis universe with a periodic box, or a topology file of GROMACS, LAMMPS,
        AMBER, OpenMM, CHARMM, VASP (XDATCAR), ASE or XYZ with a lattice. Files are read in a
        process of their own, which a damaged one may end.
    trajectory
        File with the frames, where the first argument is a topology file.
    cation, anion, solvent
        Selections in MDAnalysis' language, taken literally: every atom selected is a cation
        or donor. By default all free metal ions, the donor atoms of the anions (by formula,
        else by charge; O, N and F, in AlCl4 or iodide what there is), and the O, N and F
        atoms of all other molecules.
    cutoff
        Radius of the first shell in angstrom, one or one for each label such as ``K-O(DME)``;
        by default the first minimum of each pair's g(r).
    start, stop, step
        Frames.
    temperature_k, viscosity_pa_s
        For the conductivity, and both for the finite-size correction of D (Yeh and Hummer,
        doi:10.1021/jp0477147).
    dt_ps
        Time between frames where the files do not hold it.
    time_unit
        ``fs``, ``ps``, ``ns``: unit of the times in a LAMMPS dump that does not name it.
    atom_style
        Atom style (``full``, ``charge``, ...) or columns of a LAMMPS data file that does not
        say it.
    elements
        Atom name or type to element where the files do not tell, such as ``{"NA": "Na",
        "3": "CH2"}``: ``CH2`` is a carbon with two hydrogens lumped into it, ``X`` a virtual site.
    n_workers
        Processes that share the frames; a script must then guard its entry.
    progress
        Called now and then with the fraction that is done.

    Returns
    -------
    AnalysisResult
        ``per_anion`` and ``per_cation``: fractions of ions with no (``ssip``), exactly one
        (``cip``), two or more (``agg``) distinct counter-ions in the first shell; further
        coordination, g(r), diffusion (m^2/s), residence times (ps), density (g/mL), and
        ``half_widths`` of the 95 % intervals over blocks of the run.

    Raises
    ------
    InputError
        If files, selections or cutoffs are not usable, or there is no box, ion or frame; if
        an element cannot be told, molecules make no sense, or charges do not add up.

    Examples
    --------
    >>> import potash
    >>> options = {"cation": "name K", "anion": "resname FSI", "cutoff": 3.6}
    >>> found = potash.analyze("run.gro", "run.xtc", **options)  # doctest: +SKIP
    >>> found.per_anion.cip, found.half_widths["per_anion_cip"]  # doctest: +SKIP
    """
    options: dict[str, Any] = {
        "cation": cation,
        "anion": anion,
        "solvent": solvent,
        "cutoff": cutoff,
        "start": start,
        "stop": stop,
        "step": step,
        "temperature_k": temperature_k,
        "viscosity_pa_s": viscosity_pa_s,
        "elements": None if elements is None else dict(elements),
        "n_workers": n_workers,
        "progress": progress,
    }
    if isinstance(universe, str | Path):
        return analyze_apart(
            universe, trajectory, dt_ps=dt_ps, time_unit=time_unit, atom_style=atom_style, **options
        )
    if trajectory is not None:
        universe.load_new(str(trajectory), **({} if dt_ps is None else {"dt": dt_ps}))
    return analyze_universe(universe, **options)


def open_store(url: str | Path | None = None) -> Store:
    """Open the store at a file or URL, made where there is none.

    Parameters
    ----------
    url
        A SQLite file, or ``postgresql://USER@HOST/DB``; by default that of the command
        line: ``$POTASH_STORE``, or ``results/store.sqlite`` in the current folder.

    Raises
    ------
    InputError
        If the URL cannot be parsed, its driver is missing, or it cannot be opened.

    Examples
    --------
    >>> import potash, tempfile
    >>> store = potash.open_store(tempfile.mkdtemp() + "/rows.sqlite")
    >>> store.rows(kind="adsorption")
    []
    """
    return Store(url or default_store_url())


def rank_hosts(
    store: Store | str | Path | None = None,
    *,
    rows: Iterable[Row] | None = None,
    catalog: Catalog | None = None,
    criteria: Sequence[CriterionSpec | Mapping[str, Any]] = (),
    populations: Sequence[Population] = (),
) -> RankedTable:
    """Rank the hosts by what is known of them: in, in doubt or out of the best, and why.

    Parameters
    ----------
    store
        Its rows are ranked with those of Potash's reference campaign.
    rows
        Rank these instead; the reference rows then serve the error models only.
    catalog
        Hosts and models; by default those that ship with Potash.
    criteria
        What to reward, as under ``ranking:`` of a campaign file: ``column``, ``worst``,
        ``best`` and ``weight``. By default the corrected adsorption energy of K, most
        negative first.
    populations
        Rank only ``substrate`` (hosts, current collectors, layers that conduct), ``separator``
        (with coatings and fillers) or ``phase`` (products, SEI phases, layers that do not
        conduct), or several together. By default substrates, with the others in the table
        without a rank.

    Returns
    -------
    RankedTable
        ``to_frame()`` is the table in pandas; ``verdict`` says what the ranking is worth.

    Raises
    ------
    InputError
        If the store cannot be opened, or a criterion is not usable.

    Examples
    --------
    >>> import potash
    >>> table = potash.rank_hosts()  # doctest: +SKIP
    >>> table.to_frame()[["id", "adsorption_energy_ev", "tier", "probability_in"]]  # doctest: +SKIP
    """
    catalog = catalog or load_catalog()
    ranking = record_from(RankingPart, {"hosts": tuple(criteria)}, source="criteria")
    among = record_from(AmongHosts, {"populations": tuple(populations)}, source="populations")
    return ranked_hosts(_rows(store, rows, catalog), catalog, ranking, Wish(among=among))


def rank_electrolytes(
    store: Store | str | Path | None = None,
    *,
    rows: Iterable[Row] | None = None,
    catalog: Catalog | None = None,
    criteria: Sequence[CriterionSpec | Mapping[str, Any]] = (),
) -> RankedTable:
    """Rank the electrolytes by what is known of them, with intervals and verdicts.

    Parameters
    ----------
    store, rows, catalog
        As for :func:`rank_hosts`.
    criteria
        What to reward; by default the oxidation limit and the diffusion of K+, equally.

    Returns
    -------
    RankedTable
        As for :func:`rank_hosts`.

    Raises
    ------
    InputError
        If the store cannot be opened, or a criterion is not usable.

    Examples
    --------
    >>> import potash
    >>> table = potash.rank_electrolytes()  # doctest: +SKIP
    >>> table.verdict  # doctest: +SKIP
    """
    catalog = catalog or load_catalog()
    ranking = record_from(RankingPart, {"electrolytes": tuple(criteria)}, source="criteria")
    return ranked_electrolytes(_rows(store, rows, catalog), catalog, ranking)


def rank_molecules(
    store: Store | str | Path | None = None,
    *,
    rows: Iterable[Row] | None = None,
    catalog: Catalog | None = None,
) -> RankedTable:
    """Rank solvents, diluents, additives and salts by their oxidation potential in solution.

    Parameters
    ----------
    store, rows, catalog
        As for :func:`rank_hosts`.

    Returns
    -------
    RankedTable
        As for :func:`rank_hosts`. A salt stands by the ion that gives way first.

    Raises
    ------
    InputError
        If the store cannot be opened.

    Examples
    --------
    >>> import potash
    >>> table = potash.rank_molecules()  # doctest: +SKIP
    >>> table.choose, sorted({e.tier for e in table.ranked})  # doctest: +SKIP
    (10, ['in', 'in_doubt', 'out'])
    """
    catalog = catalog or load_catalog()
    return ranked_molecules(_rows(store, rows, catalog), catalog)


def _rows(
    store: Store | str | Path | None, rows: Iterable[Row] | None, catalog: Catalog
) -> list[Row]:
    if rows is not None:
        return list(rows)
    opened = store if store is None or isinstance(store, Store) else Store(store)
    return known_rows(opened, catalog)
