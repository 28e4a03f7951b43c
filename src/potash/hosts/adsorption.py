"""Adsorption of potassium on a surface (kind ``adsorption``): planned and computed.

``adsorption_energy_ev`` = E(surface + K) - E(surface) - E(K, bcc bulk, per
atom): negative where K binds more strongly than in its metal.
``binding_energy_ev`` counts from a free K atom: the cohesive energy of K metal
(0.934 eV per atom, experiment) minus the adsorption energy. A potential's own
free atom is never used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from potash.engines.adsorption_levels import adsorption_level, level_of
from potash.engines.gpaw import relaxes
from potash.engines.levels import Level
from potash.errors import InputError
from potash.hosts import dft, screening
from potash.hosts.energies import cost_s
from potash.hosts.k_metal import k_metal_calculation
from potash.results.adsorption import (
    AdsorptionInputs,
    AdsorptionNeeds,
    AdsorptionValues,
    HeightSearch,
    SiteSearch,
    SurfaceInputs,
)
from potash.results.calculation import Calculation, Outcome, Progress
from potash.structures.building import build
from potash.structures.insulators import presumed_insulator
from potash.structures.recipes import BulkRecipe, Recipe
from potash.structures.surface import Surface

S = TypeVar("S", bound=SurfaceInputs)


def adsorption_calculations(
    recipe: Recipe,
    level: Level,
    *,
    item: str,
    model: str,
    search: SiteSearch | None = None,
    max_terminations: int | None = None,
    charge: int = 0,
    electron_acceptor: bool | None = None,
    built: Sequence[tuple[str, Surface]] | None = None,
) -> list[Calculation]:
    """Return one calculation per termination of a recipe's surface, most credible first.

    Parameters
    ----------
    recipe
        Of a catalogue model or a user's file.
    level
        Level of theory of property ``adsorption``.
    item, model
        Labels of the rows.
    search
        How thoroughly sites are searched.
    max_terminations
        Keep only so many; None keeps all that the recipe asks for.
    charge
        Of the cell, in elementary charges; anything but 0 becomes a refused row.
    electron_acceptor
        Whether the substrate can take potassium's electron; None = presumed from the
        composition. Potentials are refused where it cannot.
    built
        What :func:`surfaces` returns for this recipe and model, where that is at hand: building
        takes longer than all else here.

    Raises
    ------
    InputError
        For a bulk recipe, which has no surface, or one that cannot be built.
    """
    by_dft = level.theory == "dft"
    return [
        Calculation(
            item=item,
            model=label,
            level=level.name,
            inputs=surface_inputs(
                AdsorptionInputs,
                recipe,
                surface,
                level,
                search=search,
                charge=charge,
                electron_acceptor=electron_acceptor,
                **(_by_dft(level, surface, electron_acceptor) if by_dft else {}),
            ),
            needs={"k_metal": k_metal_calculation(level).key},
            cost_s=cost_s(len(surface.atoms), level.theory),
        )
        for label, surface in (built or surfaces(recipe, model))[:max_terminations]
    ]


def _by_dft(level: Level, surface: Surface, electron_acceptor: bool | None) -> dict[str, Any]:
    """Return the inputs that DFT takes beyond those of a potential."""
    takes = electron_acceptor
    if takes is None:
        takes = not presumed_insulator(surface.atoms)
    relaxing = relaxes(level.fingerprint)
    return {
        "screen": adsorption_level("screen").fingerprint,
        "heights_angstrom": dft.HEIGHTS_ANGSTROM if relaxing else None,
        "height_search": None if relaxing else HeightSearch(),
        "unpaired_electron": None if takes else True,
    }


def former(calculation: Calculation) -> Calculation | None:
    """Return the calculation that answered the same question before forces found the height of K.

    Its row is as good an answer: K at the heights of a parabola, without spin. None where
    there was none, or where it is the same.

    Parameters
    ----------
    calculation
        Of any kind.
    """
    inputs = calculation.inputs
    if not isinstance(inputs, AdsorptionInputs) or inputs.screen is None:
        return None
    before = {
        "heights_angstrom": dft.HEIGHTS_ANGSTROM,
        "height_search": None,
        "unpaired_electron": None,
        "electron_acceptor": None,
    }
    found = replace(calculation, inputs=inputs.model_copy(update=before))
    return None if found.key == calculation.key else found


def surfaces(recipe: Recipe, model: str) -> list[tuple[str, Surface]]:
    """Return the surfaces of a recipe, each with the label of its row, most credible first.

    Raises
    ------
    InputError
        For a bulk recipe, which has no surface, or one that cannot be built.
    """
    if isinstance(recipe, BulkRecipe):
        raise InputError("a bulk model has no surface for K to adsorb on", field=model)
    found = build(recipe)
    return [(f"{model}:{s.termination}" if len(found) > 1 else model, s) for s in found]


def surface_inputs(
    inputs: type[S],
    recipe: Recipe,
    surface: Surface,
    level: Level,
    *,
    search: SiteSearch | None = None,
    charge: int = 0,
    **more: Any,
) -> S:
    """Return the inputs of a calculation of K on a surface, with ``more`` of its own kind."""
    return inputs(
        level=level.fingerprint,
        recipe=recipe,
        termination=surface.termination,
        charge=charge,
        search=search or SiteSearch(),
        **more,
    )


def compute_adsorption(
    inputs: AdsorptionInputs, needs: AdsorptionNeeds, *, workdir: Path, progress: Progress
) -> Outcome[AdsorptionValues]:
    """Return the adsorption energy of one K on one surface.

    Parameters
    ----------
    inputs
        Surface, level and search.
    needs
        Bulk potassium at the same level.
    workdir
        Relaxed geometries and finished DFT points are kept there, for a restart.
    progress
        Called with a fraction and a text.

    Raises
    ------
    RefusedError
        Outside the validity of the level, no surface, overlapping atoms,
        missing vacuum, charged cell, a K reference at other settings, or an
        engine that is not installed.
    CalculationError
        If a relaxation or an SCF cycle does not converge.
    """
    by_dft = level_of(inputs.level).theory == "dft"
    run = dft.adsorption if by_dft else screening.adsorption
    return run(inputs, needs.k_metal, workdir=workdir, progress=progress)
