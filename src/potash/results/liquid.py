"""One simulated liquid (kind ``liquid``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from potash.results.model import Fingerprint, Inputs, Models, NoNeeds, Record, Values

# ---------------------------------------------------------------- inputs


class Particle(Record):
    """A molecule or ion in a component."""

    species: str
    """Id of the species."""
    number: int
    """How many there are in one formula unit of the component."""
    smiles: str
    """SMILES; empty where there is none."""
    charge: int
    """Formal charge, elementary charges."""


class LiquidPart(Record):
    """A component of a formulation, a salt taken apart into its ions."""

    name: str
    """Id of the species or salt."""
    value: float
    """Amount in ``unit``."""
    unit: str
    """Such as ``mol/L`` or ``volume_ratio``."""
    of: str
    """Component that the amount refers to; empty where there is none."""
    ionic: bool
    """Whether it is a salt."""
    particles: tuple[Particle, ...]
    """What it consists of."""


class LiquidInputs(Inputs):
    """Inputs of a simulation."""

    KIND: ClassVar[str] = "liquid"

    protocol: int
    """Counts changes of protocol and analysis that change results."""
    level: Fingerprint
    """Level of theory: engine, force field and settings."""
    kind: str
    """``liquid``, ``ionic_liquid``, or a kind that is refused."""
    parts: tuple[LiquidPart, ...]
    """Components."""
    assumptions: tuple[str, ...]
    """What the formulation assumes about amounts."""
    parameters: Mapping[str, str]
    """Species to the hash of its force-field parameters, and that of ``cation pairs``."""
    charge_scale: float
    """Factor on the charges of ions."""
    temperature_k: float
    """Temperature, K."""
    n_atoms: int
    """About how many atoms the box holds."""
    equilibration_ps: float
    """Length of the equilibration, ps."""
    production_ps: float
    """Length of the production, ps."""
    seed: int
    """Of packing, velocities, thermostat and barostat."""


# ---------------------------------------------------------------- values


class Estimate(Record):
    """A value with its 95 % interval, in the unit of the field that holds it."""

    value: float
    """Central value."""
    low: float
    """Lower end."""
    high: float
    """Upper end."""


class Diffusion(Record):
    """A self-diffusion coefficient (m^2/s), or the reason why there is none."""

    status: str
    """``diffusive``, ``not diffusive yet``, or ``not computed:`` with the reason."""
    value: float | None = None
    """Coefficient, m^2/s; absent unless diffusive."""
    low: float | None = None
    """Lower end of its 95 % interval."""
    high: float | None = None
    """Upper end."""
    apparent: float | None = None
    """Slope / 6 in the window whatever the regime, m^2/s."""
    loglog_slope: float | None = None
    """Of the mean squared displacement; 1 where diffusive."""
    loglog_slope_half_width: float | None = None
    """Half of its 95 % interval."""
    window_ps: tuple[float, float] | None = None
    """Lag times that were fitted, ps."""
    finite_size: float | None = None
    """Yeh-Hummer correction contained in the values, m^2/s; absent: uncorrected."""

    @property
    def diffusive(self) -> bool:
        """Whether the displacement grows linearly with time, so that ``value`` is there."""
        return self.status == "diffusive"


class Transport(Record):
    """Conductivity, Onsager coefficients and transference numbers."""

    einstein_helfand_s_m: Estimate
    """Conductivity with all correlations between ions, S/m."""
    nernst_einstein_s_m: Estimate
    """Conductivity without those between different ions, S/m."""
    ionicity: float
    """Ratio of the two."""
    onsager_mol2_j_m_s: Mapping[str, Estimate]
    """Pair of species (``K,FSI``) to its coefficient in the solvent-fixed frame, mol^2/(J m s)."""
    transference: Mapping[str, Estimate]
    """Charged species to the share of the current that it carries, in ``frame``."""
    frame: str
    """``solvent-fixed`` or ``barycentric``; neither gives the Bruce-Vincent number."""
    charges: Mapping[str, float]
    """Species to the charge used, elementary charges."""
    window_ps: tuple[float, float]
    """Lag times that were fitted, ps."""


class ScaledConductivity(Record):
    """Conductivity with the charges of the force field instead of formal ones."""

    charges: Mapping[str, float]
    """Species to the charge used, elementary charges."""
    einstein_helfand_s_m: Estimate
    """Conductivity with all correlations between ions, S/m."""
    nernst_einstein_s_m: Estimate
    """Conductivity without those between different ions, S/m."""


class Conductivity(Record):
    """Conductivity, or the reason why there is none."""

    status: str
    """``diffusive``, ``not diffusive yet``, or ``not computed:`` with the reason."""
    finite_size: str | None = None
    """Correction for the size of the box: ``uncorrected``."""
    temperature_k: float | None = None
    """Temperature, K."""
    formal_charges: Transport | None = None
    """With formal charges; absent unless all ions diffuse."""
    apparent: Transport | None = None
    """With formal charges, where the ions do not diffuse yet."""
    force_field_charges: ScaledConductivity | None = None
    """With the charges of the force field, where they differ."""


class Coordination(Record):
    """Donor atoms around a cation."""

    value: float
    """Donor atoms per cation within the cutoff."""
    cutoff_angstrom: float
    """Radius of the first shell, angstrom."""
    cutoff_source: str
    """Where the radius is from."""


class Residence(Record):
    """Mean time (ps) that a molecule stays in a cation's first shell."""

    status: str
    """``ok``, ``few events``, ``no contact ended`` or ``no contact``."""
    value: float | None = None
    """Mean life of a contact, ps; absent where none ended."""
    low: float | None = None
    """Lower end of its 95 % interval; a bound where no contact ended."""
    high: float | None = None
    """Upper end."""
    n_contacts: int
    """Contacts seen."""
    n_ended: int
    """Contacts whose end was seen."""


class Fractions(Record):
    """Fractions of ions by the number of distinct counter-ions in the first shell."""

    ssip: float
    """None: separated by solvent, or free."""
    cip: float
    """Exactly one: contact pair."""
    agg: float
    """Two or more: aggregate."""


class BothFractions(Record):
    """Fractions of anions and of cations."""

    per_anion: Fractions
    """Of anions, as Raman sees them."""
    per_cation: Fractions
    """Of cations."""


class AggregateSplit(Record):
    """The split of aggregates."""

    agg_1: float
    """Two counter-ions."""
    agg_2: float
    """Three or more."""


class Aggregates(Record):
    """The split of aggregates, for anions and cations."""

    per_anion: AggregateSplit
    """Of anions."""
    per_cation: AggregateSplit
    """Of cations."""


class Shell(Record):
    """One composition of a cation's first shell."""

    composition: Mapping[str, int]
    """Species to molecules."""
    fraction: float
    """Of the cations."""


class RadialDistribution(Record):
    """A radial distribution function."""

    r_angstrom: tuple[float, ...]
    """Centres of the bins, angstrom."""
    g: tuple[float, ...]
    """Distribution at these distances."""
    coordination_number: tuple[float, ...]
    """Running coordination number at the outer edges of the bins."""


class DisplacementCurve(Record):
    """Mean squared displacement over the lag time."""

    lag_ps: tuple[float, ...]
    """Lag times, ps."""
    msd_square_angstrom: tuple[float, ...]
    """Mean squared displacements, angstrom^2."""


class TimeSeries(Record):
    """Means over successive blocks of time; the fractions only where there are ions."""

    time_ps: tuple[float, ...]
    """Middle of each block, ps."""
    density_g_ml: tuple[float, ...]
    """Density, g/mL."""
    per_anion_ssip: tuple[float, ...] | None = None
    """Fraction of anions without a cation in contact."""
    per_anion_cip: tuple[float, ...] | None = None
    """With one."""
    per_anion_agg: tuple[float, ...] | None = None
    """With two or more."""
    per_cation_ssip: tuple[float, ...] | None = None
    """Fraction of cations without an anion in contact."""
    per_cation_cip: tuple[float, ...] | None = None
    """With one."""
    per_cation_agg: tuple[float, ...] | None = None
    """With two or more."""


class Composition(Record):
    """One species in the box, as the analysis found it."""

    formula: str
    """Of a molecule."""
    molecules: int
    """How many."""


class Gates(Record):
    """What was checked before a simulation counted as one."""

    temperature_k: float
    """Mean of the production, K."""
    temperature_limit_k: float
    """Largest allowed distance from the target, K."""
    density_change: float
    """Relative change of the density between the halves of the last equilibration stage."""
    production_density_change: float
    """The same for the production."""
    heating_k_ps: float
    """Rate at which energy is not conserved without thermostat, as a temperature, K/ps."""


class LiquidValues(Values):
    """What one simulation gave. Fractions and pairs only where there are ions."""

    KIND: ClassVar[str] = "liquid"

    temperature_k: float
    """Mean of the production, K."""
    density_g_ml: float
    """Mean density, g/mL."""
    production_ps: float
    """Length of the production, ps."""
    equilibration_ps: float
    """Length of the equilibration, ps."""
    discarded_ps: float | None = None
    """Beginning of the production that the analysis leaves out, ps."""
    n_atoms: int
    """Atoms in the box."""
    box_angstrom: float
    """Edge of the mean cubic box, angstrom."""
    molecules: Mapping[str, int]
    """Residue name to molecules in the box."""
    concentration_mol_l: Mapping[str, float]
    """Residue name to mol per litre of solution."""
    ion_charge_scale: float
    """Factor on the charges of ions."""
    gates: Gates
    """What was checked."""
    converged: bool
    """Whether the fractions (without ions: the density) are steady, and the run long enough."""
    convergence_note: str
    """If not, why; and remarks on species."""
    diffusion_m2_s: Mapping[str, Diffusion] | None = None
    """Species to its self-diffusion coefficient, m^2/s."""
    viscosity_pa_s: float | None = None
    """Shear viscosity from the pressure tensor, Pa s."""
    viscosity_status: str | None = None
    """``ok`` where D is corrected with it, or why not."""
    time_series: TimeSeries | None = None
    """Means over successive blocks."""
    n_frames: int | None = None
    """Frames that were analysed."""
    per_anion_ssip: float | None = None
    """Fraction of anions without a cation in contact."""
    per_anion_cip: float | None = None
    """With exactly one."""
    per_anion_agg: float | None = None
    """With two or more."""
    per_cation_ssip: float | None = None
    """Fraction of cations without an anion in contact."""
    per_cation_cip: float | None = None
    """With exactly one."""
    per_cation_agg: float | None = None
    """With two or more."""
    aggregates: Aggregates | None = None
    """The split of aggregates."""
    coordination: Mapping[str, Coordination] | None = None
    """Pair such as ``K-O(DME)`` to the donor atoms per cation."""
    ligands_per_cation: Mapping[str, float] | None = None
    """Species to distinct molecules in a cation's first shell."""
    shells: tuple[Shell, ...] | None = None
    """The most frequent first shells."""
    clusters: Mapping[int, float] | None = None
    """Cluster size in ions to the fraction of ions in such clusters."""
    sensitivity: Mapping[str, BothFractions] | None = None
    """Change of all cutoffs in angstrom (``+0.2``) to the fractions with it."""
    conductivity: Conductivity | None = None
    """Conductivity and transference numbers."""
    residence_ps: Mapping[str, Residence] | None = None
    """Species to the mean life of its contacts with cations, ps."""
    rdf: Mapping[str, RadialDistribution] | None = None
    """Pair to its radial distribution function."""
    msd: Mapping[str, DisplacementCurve] | None = None
    """Species to its mean squared displacement."""
    composition: Mapping[str, Composition] | None = None
    """Species to what it is, as the analysis found it."""


LIQUID = Models(LiquidInputs, NoNeeds, LiquidValues, main="density_g_ml")
