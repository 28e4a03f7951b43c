"""Every kind of calculation with the function that computes it: the one table of kinds.

Functions are imported here, their engines only when one of them is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar

from potash.bulk.barrier import compute_barrier
from potash.bulk.phases import compute_phase
from potash.errors import InputError
from potash.hosts.adhesion import compute_adhesion
from potash.hosts.adsorption import compute_adsorption
from potash.hosts.charge import compute_charge
from potash.hosts.hop import compute_hop
from potash.hosts.k_metal import compute_k_metal
from potash.hosts.thickness import compute_thickness
from potash.liquids.simulate import compute_liquid
from potash.molecules.complexes import compute_complex
from potash.molecules.fluoride import compute_fluoride_release
from potash.molecules.orbitals import compute_species
from potash.molecules.redox import compute_redox
from potash.results.adhesion import ADHESION
from potash.results.adsorption import ADSORPTION
from potash.results.barrier import BARRIER
from potash.results.calculation import Outcome, Progress
from potash.results.charge import CHARGE
from potash.results.complex_ import COMPLEX
from potash.results.fluoride_release import FLUORIDE_RELEASE
from potash.results.hop import HOP
from potash.results.k_metal import K_METAL
from potash.results.liquid import LIQUID
from potash.results.model import Inputs, InputsT, Models, Needs, NeedsT, Values, ValuesT
from potash.results.phase import PHASE
from potash.results.redox import REDOX
from potash.results.species import SPECIES
from potash.results.thickness import THICKNESS

StageName = Literal["references", "hosts", "molecules", "liquids"]
STAGES: tuple[StageName, ...] = ("references", "hosts", "molecules", "liquids")
"""Parts of a campaign in which its calculations are shown, in order."""

I_contra = TypeVar("I_contra", bound=Inputs, contravariant=True)
N_contra = TypeVar("N_contra", bound=Needs, contravariant=True)
V_co = TypeVar("V_co", bound=Values, covariant=True)


class Compute(Protocol[I_contra, N_contra, V_co]):
    """Computes one kind of calculation."""

    def __call__(
        self, inputs: I_contra, needs: N_contra, /, *, workdir: Path, progress: Progress
    ) -> Outcome[V_co]:
        """Compute one result.

        Parameters
        ----------
        inputs, needs
            What determines it, and the values of the rows it is computed from.
        workdir
            Folder for checkpoints, stable per key. What several calculations can share
            is kept beside it.
        progress
            Called with a fraction (0 to 1) and a note.
        """


@dataclass(frozen=True)
class Kind(Generic[InputsT, NeedsT, ValuesT]):
    """One kind of calculation.

    Attributes
    ----------
    models
        Types of its inputs, needs and values.
    compute
        Computes it.
    stage
        Part of a campaign that it belongs to.
    """

    models: Models[InputsT, NeedsT, ValuesT]
    compute: Compute[InputsT, NeedsT, ValuesT]
    stage: StageName


def _kinds(*kinds: Kind[Any, Any, Any]) -> Mapping[str, Kind[Any, Any, Any]]:
    return {kind.models.kind: kind for kind in kinds}


KINDS: Mapping[str, Kind[Any, Any, Any]] = _kinds(
    Kind(K_METAL, compute_k_metal, "references"),
    Kind(ADSORPTION, compute_adsorption, "hosts"),
    Kind(THICKNESS, compute_thickness, "hosts"),
    Kind(HOP, compute_hop, "hosts"),
    Kind(CHARGE, compute_charge, "hosts"),
    Kind(ADHESION, compute_adhesion, "hosts"),
    Kind(PHASE, compute_phase, "hosts"),
    Kind(BARRIER, compute_barrier, "hosts"),
    Kind(SPECIES, compute_species, "molecules"),
    Kind(COMPLEX, compute_complex, "molecules"),
    Kind(REDOX, compute_redox, "molecules"),
    Kind(FLUORIDE_RELEASE, compute_fluoride_release, "molecules"),
    Kind(LIQUID, compute_liquid, "liquids"),
)
"""Name to kind."""


def kind_of(name: str) -> Kind[Any, Any, Any]:
    """Return a kind by its name.

    Raises
    ------
    InputError
        If there is no such kind.
    """
    if name not in KINDS:
        raise InputError(f"{name!r} is no kind of calculation; it is one of {', '.join(KINDS)}")
    return KINDS[name]
