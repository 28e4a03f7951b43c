"""What the front door returns: one computed row with its numbers, frame, atoms and figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from potash.calibration.estimates import Estimate
from potash.columns import interval_names, unit_of
from potash.quantities import measured, with_unit
from potash.report.text import fields
from potash.results.adsorption import AdsorptionValues
from potash.results.complex_ import ComplexValues
from potash.results.liquid import LiquidValues
from potash.results.model import Values
from potash.results.redox import RedoxValues
from potash.results.species import SpeciesValues
from potash.store.rows import Row

if TYPE_CHECKING:
    import pandas as pd
    from ase import Atoms
    from matplotlib.figure import Figure

V = TypeVar("V", bound=Values)
_WIDTH = 98
_ACRONYMS = frozenset({"homo", "lumo", "ip", "ea", "k", "ssip", "cip", "agg", "smiles"})


@dataclass(frozen=True, repr=False)
class Result(Generic[V]):
    """One computed row.

    Attributes
    ----------
    row
        As a store keeps it: key, level, uncertainty, reference state, structures, engine and
        version, seed, inputs.
    """

    row: Row

    MODEL: ClassVar[type[Any]]
    """Type of :attr:`values`."""
    HEADLINE: ClassVar[tuple[str, ...]]
    """Columns that the repr shows."""
    GEOMETRY: ClassVar[str] = "geometry"
    """Name of the structure that :attr:`atoms` returns."""

    @property
    def values(self) -> V:
        """The numbers, named with their unit; one that was not computed is None."""
        values: V = self.row.read(self.MODEL)
        return values

    @property
    def status(self) -> str:
        """``ok``, or ``anomalous``: computed, but not what was asked (see :attr:`reason`)."""
        return self.row.status

    @property
    def reason(self) -> str:
        """Why the row is not ``ok``, or a remark on it; '' where there is none."""
        return self.row.reason

    @property
    def level(self) -> str:
        """Name of the level of theory."""
        return self.row.level

    @property
    def key(self) -> str:
        """Hash of what determines the result; the same in every store."""
        return self.row.key

    @property
    def atoms(self) -> Atoms:
        """The geometry as ASE atoms, a new copy each time; angstrom."""
        return _atoms(self.row, self.GEOMETRY)

    def interval(self, column: str) -> tuple[float, float] | None:
        """Return the 95 % interval of a number, in its unit; None where it is not known.

        It is the calculation's own (block averages, spread of functionals), without the
        error of the level.

        Parameters
        ----------
        column
            Name of one of :attr:`values`.
        """
        own, value = self.row.uncertainty.get(column), getattr(self.values, column)
        if own is None or value is None:
            return None
        if isinstance(own, int | float):
            return value - own, value + own
        return float(own[0]), float(own[1])

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas frame of one line: labels, scalar numbers with intervals, key."""
        import pandas as pd

        return pd.DataFrame.from_records([self._record()])

    def _record(self) -> dict[str, Any]:
        names = ("item", "model", "level", "status", "reason")
        record: dict[str, Any] = {name: getattr(self.row, name) for name in names}
        for name, value in self.values.plain().items():
            if isinstance(value, bool | int | float | str):
                record[name] = value
                ends = self.interval(name)
                if ends is not None:
                    record |= dict(zip(interval_names(name), ends, strict=True))
        record |= self._corrected()
        return record | {"reference_state": self.row.reference_state, "key": self.row.key}

    def __repr__(self) -> str:
        engine, version = self.row.engine, self.row.engine_version
        engine = version if engine in version else f"{engine} {version}".strip()
        title = f"{type(self).__name__} of {self._name}, {self.level} ({engine}): {self.status}"
        pairs = [(_words(column), self._told(column)) for column in self.HEADLINE]
        pairs += [*self._more(), ("remark", self.reason), ("reference", self.row.reference_state)]
        return "\n".join([title, *fields([p for p in pairs if p[1]], _WIDTH)])

    @property
    def _name(self) -> str:
        return self.row.item

    def _told(self, column: str) -> str:
        value = getattr(self.values, column)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int | float):
            return with_unit(column, value, *(self.interval(column) or (None, None)))
        return str(value)

    def _more(self) -> list[tuple[str, str]]:
        return []

    def _corrected(self) -> dict[str, Any]:
        return {}


def _words(column: str) -> str:
    return " ".join(w.upper() if w in _ACRONYMS else w for w in unit_of(column)[0].split())


def _atoms(row: Row, name: str) -> Atoms:
    from ase.io import read

    atoms: Atoms = read(StringIO(row.structures[name]), format="extxyz")
    return atoms


def _estimate_columns(column: str, estimate: Estimate | None) -> dict[str, float | None]:
    """Return a corrected number and the ends of its interval as columns."""
    names = (column, *interval_names(column))
    if estimate is None:
        return dict.fromkeys(names)
    return dict(zip(names, (estimate.value, estimate.low, estimate.high), strict=True))


def _estimate_text(estimate: Estimate | None) -> str:
    """Return a corrected energy with its interval and what it rests on."""
    if estimate is None:
        return ""
    if not estimate.known:
        return f"not known: {estimate.reason}"
    text = measured(estimate.value, estimate.low, estimate.high)
    return f"{text} eV, 95 %: {estimate.basis}"


@dataclass(frozen=True, repr=False)
class Adsorption(Result[AdsorptionValues]):
    """K on a surface: what :func:`potash.adsorb` returns.

    Where a structure has several surfaces (a crystal without a facet, a cut with several
    terminations, a host with several models) this is the one that stands for it: of the
    first model the surface of lowest energy that is not polar, with images of K at least
    8 A apart. The others are in :attr:`surfaces` and never set the value.

    Attributes
    ----------
    row
        As a store keeps it.
    estimate
        The adsorption energy (eV) corrected to the best level that the error models of
        Potash's reference rows reach: ``value``, ``low`` and ``high`` (95 %), ``basis``;
        without a value where nothing justifies a correction (``reason``).
    surfaces
        All surfaces that gave a number, this one too; empty for one of them.
    without_number
        Name of each other surface to the reason why there is none.
    """

    estimate: Estimate | None = None
    surfaces: tuple[Adsorption, ...] = ()
    without_number: Mapping[str, str] = field(default_factory=dict)

    MODEL: ClassVar[type[AdsorptionValues]] = AdsorptionValues
    GEOMETRY: ClassVar[str] = "best"
    HEADLINE: ClassVar[tuple[str, ...]] = (
        "adsorption_energy_ev",
        "binding_energy_ev",
        "facet",
        "termination",
        "site",
        "height_angstrom",
        "k_k_distance_angstrom",
    )

    @property
    def surface(self) -> Atoms:
        """The clean relaxed surface as ASE atoms; angstrom."""
        return _atoms(self.row, "clean")

    def to_frame(self) -> pd.DataFrame:
        """Return a pandas frame with one line for each surface.

        The columns ``corrected...`` are those of :attr:`estimate`; ``stands_for_it`` marks
        the surface that sets the value.
        """
        import pandas as pd

        return pd.DataFrame.from_records(
            [s._record() | {"stands_for_it": s.key == self.key} for s in self.surfaces or (self,)]
        )

    def plot(self) -> Figure:
        """Return a matplotlib figure of the surface with K, from above and from the side."""
        from potash.api.plots import plot_adsorption

        return plot_adsorption(self)

    @property
    def _name(self) -> str:
        return f"K on {self.row.model}"

    def _corrected(self) -> dict[str, Any]:
        return _estimate_columns("corrected_ev", self.estimate)

    def _more(self) -> list[tuple[str, str]]:
        others = [
            f"{s.row.model} {s._told('adsorption_energy_ev')}"
            for s in self.surfaces
            if s.key != self.key
        ]
        silent = [f"{name}: {reason}" for name, reason in self.without_number.items()]
        return [
            ("corrected", _estimate_text(self.estimate)),
            ("other surfaces", "; ".join(others)),
            ("without a number", "; ".join(silent)),
        ]


@dataclass(frozen=True, repr=False)
class Molecule(Result[SpeciesValues]):
    """A molecule or ion in the gas phase: what :func:`potash.molecule` returns.

    Attributes
    ----------
    row
        As a store keeps it.
    estimate
        The vertical ionisation energy (eV) corrected to experiment: ``value``, ``low`` and
        ``high`` (95 %), ``basis``; without a value where its class is not calibrated.
    """

    estimate: Estimate | None = None

    MODEL: ClassVar[type[SpeciesValues]] = SpeciesValues
    HEADLINE: ClassVar[tuple[str, ...]] = (
        "smiles",
        "homo_ev",
        "lumo_ev",
        "ip_vertical_ev",
        "ea_bound",
        "ea_vertical_ev",
        "dipole_debye",
    )

    def plot(self) -> Figure:
        """Return a matplotlib figure of the orbital energies beside -IP and -EA."""
        from potash.api.plots import plot_levels

        return plot_levels(self)

    def _corrected(self) -> dict[str, Any]:
        return _estimate_columns("ip_corrected_ev", self.estimate)

    def _more(self) -> list[tuple[str, str]]:
        return [("IP corrected", _estimate_text(self.estimate))]


@dataclass(frozen=True, repr=False)
class Redox(Result[RedoxValues]):
    """Oxidation and reduction of a species in a liquid: what :func:`potash.redox` returns.

    Attributes
    ----------
    row
        As a store keeps it.
    """

    MODEL: ClassVar[type[RedoxValues]] = RedoxValues
    HEADLINE: ClassVar[tuple[str, ...]] = (
        "smiles",
        "potential_oxidation_v_vs_k",
        "oxidation_dissociative",
        "potential_reduction_v_vs_k",
        "reduction_is_upper_limit",
        "reduction_dissociative",
        "ip_adiabatic_ev",
        "ea_adiabatic_ev",
        "dielectric_constant",
    )

    def plot(self) -> Figure:
        """Return a matplotlib figure of the window between the potentials, with intervals."""
        from potash.api.plots import plot_window

        return plot_window(self)


@dataclass(frozen=True, repr=False)
class Complex(Result[ComplexValues]):
    """A metal ion with ligands in the gas phase: what :func:`potash.complex_` returns.

    Attributes
    ----------
    row
        As a store keeps it.
    """

    MODEL: ClassVar[type[ComplexValues]] = ComplexValues
    HEADLINE: ClassVar[tuple[str, ...]] = (
        "binding_energy_ev",
        "binding_energy_counterpoise_ev",
        "binding_enthalpy_298k_ev",
        "homo_ev",
        "lumo_ev",
        "ip_vertical_ev",
    )


@dataclass(frozen=True, repr=False)
class Simulation(Result[LiquidValues]):
    """A simulated liquid: what :func:`potash.simulate` returns.

    Attributes
    ----------
    row
        As a store keeps it.
    """

    MODEL: ClassVar[type[LiquidValues]] = LiquidValues
    GEOMETRY: ClassVar[str] = "final"
    HEADLINE: ClassVar[tuple[str, ...]] = (
        "density_g_ml",
        "per_anion_ssip",
        "per_anion_cip",
        "per_anion_agg",
        "temperature_k",
        "production_ps",
        "n_atoms",
        "converged",
        "convergence_note",
    )

    def plot(self) -> Figure:
        """Return a matplotlib figure of g(r) with the cutoffs, and of SSIP, CIP and AGG."""
        from potash.api.plots import plot_simulation

        return plot_simulation(self)

    def _more(self) -> list[tuple[str, str]]:
        found = self.values.diffusion_m2_s or {}
        return [
            (
                f"D({name})",
                with_unit("diffusion_m2_s", d.value, d.low, d.high)
                if d.value is not None
                else d.status,
            )
            for name, d in found.items()
        ]
