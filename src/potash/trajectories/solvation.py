"""Speciation: who is in whose first shell (SSIP, CIP, AGG), frame by frame.

Per anion, the convention of Raman spectroscopy: SSIP or free = no cation within
the cutoff of any donor atom of the anion, CIP = exactly one distinct cation,
AGG = two or more. Per cation: the same counts of distinct anions. The two are
different numbers and are never mixed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from MDAnalysis import AtomGroup
from MDAnalysis.analysis.base import AnalysisBase
from MDAnalysis.analysis.results import ResultsGroup
from numpy.typing import NDArray

from potash.errors import InputError
from potash.trajectories.contacts import contacts
from potash.trajectories.kernels import minimum_height
from potash.trajectories.opening import times_known
from potash.trajectories.residence import ContactLog, Residence, joined_events, residence
from potash.trajectories.shells import count_shells
from potash.trajectories.system import System, describe

Ints = NDArray[np.int64]


class Speciation(AnalysisBase):  # type: ignore[misc]
    """Count ion pairs, aggregates and first shells along a trajectory.

    Parameters
    ----------
    cation
        Atoms of the cations; atoms of one molecule are one cation.
    anion
        Donor atoms of the anions, every atom that is given.
    solvent
        Donor atoms of the solvent molecules; none by default.
    cutoff
        Distance in angstrom within which (inclusive) a cation and a donor atom
        are bound: one for all, or one for every label (``{"K-O(DME)": 3.6}``).
    sensitivity
        The fractions are repeated with all cutoffs changed by this much, in angstrom.
    residence_tolerance_ps
        Follow every contact and report residence times; separations up to this
        long do not end a contact. By default nothing is followed.
    system
        Molecules and species, if already known (:func:`potash.trajectories.system.describe`).

    Attributes
    ----------
    results.per_anion, results.per_cation
        Fractions ``ssip``, ``cip``, ``agg``, and the split of ``agg`` into
        ``agg_1`` (exactly two counter-ions) and ``agg_2`` (three or more).
    results.per_ion
        The same fractions of the ions of every species, cations and anions.
    results.coordination
        Label to ``value`` (donor atoms per cation) and ``cutoff_angstrom``.
    results.ligands
        Species to mean number of distinct molecules bound to a cation.
    results.clusters
        Cluster size (ions, cations and anions together) to the fraction of
        ions that are in clusters of that size.
    results.shells
        Composition, a tuple of molecules per species in the order of
        ``results.species``, to the fraction of cations with that first shell.
    results.sensitivity
        ``-0.2`` and ``+0.2`` (the change in angstrom) to ``per_anion`` and ``per_cation``.
    results.series
        Per-frame values: ``per_anion_ssip``, ..., and every label's coordination number.
    results.residence
        Species to :class:`potash.trajectories.residence.Residence`; empty unless asked
        for, or when the times of the frames are unknown or uneven.

    Raises
    ------
    InputError
        Without a periodic box, with a box smaller than twice the cutoff, with
        overlapping or empty selections, or when a label has no cutoff.

    Examples
    --------
    Two K+ with one donor atom of an anion near the first of them:

    >>> import MDAnalysis as mda
    >>> made = mda.Universe.empty(3, n_residues=3, atom_resindex=[0, 1, 2], trajectory=True)
    >>> made.add_TopologyAttr("names", ["K", "K", "O"])
    >>> made.add_TopologyAttr("resnames", ["K", "K", "ANI"])
    >>> made.atoms.positions = [[0, 0, 0], [10, 10, 10], [2.7, 0, 0]]
    >>> made.dimensions = [20, 20, 20, 90, 90, 90]
    >>> k, anion = made.select_atoms("name K"), made.select_atoms("resname ANI")
    >>> found = Speciation(k, anion, cutoff=3.6).run().results
    >>> float(found.per_anion["cip"]), float(found.per_cation["ssip"])
    (1.0, 0.5)
    """

    _analysis_algorithm_is_parallelizable = True

    @classmethod
    def get_supported_backends(cls) -> tuple[str, ...]:
        """Backends of ``run``: frames are independent."""
        return ("serial", "multiprocessing", "dask")

    def __init__(
        self,
        cation: AtomGroup,
        anion: AtomGroup,
        solvent: AtomGroup | None = None,
        *,
        cutoff: float | Mapping[str, float],
        sensitivity: float = 0.2,
        residence_tolerance_ps: float | None = None,
        system: System | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(cation.universe.trajectory, **kwargs)
        self.times_known = times_known(cation.universe)
        self.residence_tolerance_ps = residence_tolerance_ps
        known = describe(cation.universe) if system is None else system
        solvent_atoms = [] if solvent is None else solvent.indices
        self.contacts = contacts(
            known,
            *(np.asarray(x, np.int64) for x in (cation.indices, anion.indices, solvent_atoms)),
        )
        labels = self.contacts.labels
        if isinstance(cutoff, Mapping):
            missing = [label for row in labels for label in row if label not in cutoff]
            if missing:
                raise InputError(f"no cutoff for {', '.join(missing)}", source="cutoff")
            self.cutoffs = np.array([[float(cutoff[label]) for label in row] for row in labels])
        else:
            self.cutoffs = np.full((len(labels), len(labels[0])), float(cutoff))
        if not np.all(np.isfinite(self.cutoffs)) or np.min(self.cutoffs) <= sensitivity:
            raise InputError(
                f"a cutoff must be larger than {sensitivity} angstrom", source="cutoff"
            )
        self.shifts = np.array([0.0, -sensitivity, sensitivity])
        self.bound = np.empty((16 * self.contacts.n_cations, 2), np.int64)
        self.n_bound = 0

    def _prepare(self) -> None:
        c, n = self.contacts, self.n_frames
        # Attributes of ``results`` are slow to reach: frames use the arrays themselves.
        self._anions = np.zeros((n, 3, max(len(c.anion_kinds), 1), 4), np.int32)
        self._cations = np.zeros((n, 3, len(c.cation_kinds), 4), np.int32)
        self._donors = np.zeros((n, 3, *self.cutoffs.shape), np.int32)
        self._frame_clusters = np.zeros(c.n_cations + c.n_anions + 1, np.int64)
        self._clusters = np.zeros_like(self._frame_clusters)
        self._shells: Counter[int] = Counter()
        self._pending = np.zeros((256, c.n_cations), np.int64)
        self._n_pending = 0
        self.results.anion_counts = self._anions
        self.results.cation_counts = self._cations
        self.results.donor_counts = self._donors
        self.results.cluster_counts = self._clusters
        self.results.shell_counts = self._shells
        self._log = ContactLog()
        self.results.contact_logs = [self._log]

    def _single_frame(self) -> None:
        dimensions = self._ts.dimensions
        if dimensions is None:
            raise InputError(f"frame {self._ts.frame} has no periodic box; speciation needs one")
        self._count(self._ts.positions, dimensions)
        if self.n_bound > len(self.bound):
            self.bound = np.empty((2 * self.n_bound, 2), np.int64)
            self._count(self._ts.positions, dimensions)
        if self.n_bound < 0:
            raise InputError(
                f"the box of frame {self._ts.frame} ({minimum_height(dimensions):.2f} angstrom "
                f"between faces) is too small for a cutoff of {np.max(self.cutoffs):.2f} angstrom"
            )
        self._clusters += self._frame_clusters
        if self.residence_tolerance_ps is not None:
            n_ligands = len(self.contacts.anion_of_ligand)
            pairs = self.bound[: self.n_bound]
            self._log.add(pairs[:, 0] * n_ligands + pairs[:, 1])
        self._n_pending += 1
        if self._n_pending == len(self._pending) or self._frame_index == self.n_frames - 1:
            codes, times = np.unique(self._pending[: self._n_pending], return_counts=True)
            for code, count in zip(codes.tolist(), times.tolist(), strict=True):
                self._shells[code] += count
            self._n_pending = 0

    def _count(self, positions: NDArray[np.float32], dimensions: NDArray[np.float32]) -> None:
        c, i = self.contacts, self._frame_index
        self.n_bound = count_shells(
            positions, dimensions, c.cation_atoms, c.cation_of_atom, c.class_of_atom,
            c.donors, c.ligand_of_donor, c.group_of_donor, self.cutoffs,
            c.anion_of_ligand, c.species_of_ligand, c.kind_of_cation, c.kind_of_anion, self.shifts,
            self._anions[i], self._cations[i], self._donors[i],
            self._frame_clusters, self._pending[self._n_pending], self.bound,
        )  # fmt: skip

    def _get_aggregator(self) -> ResultsGroup:
        stack = ResultsGroup.ndarray_vstack
        return ResultsGroup(
            lookup={
                "anion_counts": stack,
                "cation_counts": stack,
                "donor_counts": stack,
                "cluster_counts": ResultsGroup.ndarray_sum,
                "shell_counts": lambda counters: sum(counters, Counter()),
                "contact_logs": ResultsGroup.flatten_sequence,
            }
        )

    def _conclude(self) -> None:
        c, results = self.contacts, self.results
        n_frames = len(results.anion_counts)
        if n_frames == 0:
            raise InputError("no frame to analyse: start, stop and step leave none")
        atoms = np.bincount(c.class_of_atom, minlength=len(self.cutoffs))
        coordination = results.donor_counts[:, 0] / atoms[None, :, None]
        results.series = {}
        results.per_ion = {
            name: _fractions(counts[:, 0, kind].sum(axis=0))
            for counts, names in (
                (results.cation_counts, c.cation_kinds),
                (results.anion_counts, c.anion_kinds),
            )
            for kind, name in enumerate(names)
        }
        anion_counts = results.anion_counts.sum(axis=2)
        cation_counts = results.cation_counts.sum(axis=2)
        for name, counts in (("per_anion", anion_counts), ("per_cation", cation_counts)):
            n_ions = max(int(counts[0, 0].sum()), 1)
            results[name] = _fractions(counts[:, 0].sum(axis=0))
            results.series[f"{name}_ssip"] = counts[:, 0, 0] / n_ions
            results.series[f"{name}_cip"] = counts[:, 0, 1] / n_ions
            results.series[f"{name}_agg"] = counts[:, 0, 2:].sum(axis=1) / n_ions
        results.sensitivity = {
            f"{self.shifts[s]:+g}": {
                "per_anion": _fractions(anion_counts[:, s].sum(axis=0)),
                "per_cation": _fractions(cation_counts[:, s].sum(axis=0)),
            }
            for s in (1, 2)
        }
        results.coordination = {}
        for kind, row in enumerate(c.labels):
            for group, label in enumerate(row):
                results.series[label] = coordination[:, kind, group]
                results.coordination[label] = {
                    "value": float(coordination[:, kind, group].mean()),
                    "cutoff_angstrom": float(self.cutoffs[kind, group]),
                }
        ions = results.cluster_counts.sum()
        results.clusters = {
            int(size): float(results.cluster_counts[size] / ions)
            for size in np.flatnonzero(results.cluster_counts)
        }
        results.residence = self._residence()
        results.species = c.species
        total = sum(results.shell_counts.values())
        results.shells = {
            tuple(int(code // 32**k % 32) for k in range(len(c.species))): count / total
            for code, count in results.shell_counts.most_common()
        }
        results.ligands = {
            name: sum(shell[k] * share for shell, share in results.shells.items())
            for k, name in enumerate(c.species)
        }

    def _residence(self) -> dict[str, Residence]:
        """Lifetimes by species."""
        steps = np.diff(self.times)
        known = self.times_known and len(steps) > 0 and steps.min() > 0.0
        if self.residence_tolerance_ps is None or not known or np.ptp(steps) > 0.01 * steps.mean():
            return {}
        c, events = self.contacts, joined_events(self.results.contact_logs)
        species = c.species_of_ligand[events[:, 0] % len(c.anion_of_ligand)]
        return {
            name: residence(
                events[species == k], len(self.times), steps.mean(), self.residence_tolerance_ps
            )
            for k, name in enumerate(c.species)
        }


def _fractions(counts: NDArray[np.int64]) -> dict[str, float]:
    """Fractions from the numbers of ions with 0, 1, 2 and 3 or more counter-ions."""
    total = max(int(counts.sum()), 1)
    return {
        "ssip": float(counts[0] / total),
        "cip": float(counts[1] / total),
        "agg": float((counts[2] + counts[3]) / total),
        "agg_1": float(counts[2] / total),
        "agg_2": float(counts[3] / total),
    }
