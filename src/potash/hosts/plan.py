"""Plan-time side of the hosts: from catalogue models and levels to calculations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ase import Atoms

from potash.engines.levels import Level
from potash.engines.potentials import adsorption_level
from potash.errors import InputError
from potash.hosts.dft import HEIGHTS_ANGSTROM
from potash.hosts.placement import Plan
from potash.hosts.screening import search_settings
from potash.results.calculation import Calculation
from potash.structures.building import build
from potash.structures.files import recipes_from_atoms, recipes_from_file
from potash.structures.recipes import (
    BulkRecipe,
    Recipe,
    SlabRecipe,
    recipe_data,
    recipe_from_data,
)
from potash.structures.slabs import thicker
from potash.structures.surface import Surface

# Measured with 7net-0 on one core: 0.01 s per atom and force call, about 100 calls.
_SECONDS_PER_ATOM = 1.0


def k_metal_calculation(level: Level) -> Calculation:
    """Return the calculation of bcc potassium, the reference of every adsorption energy."""
    return Calculation(
        kind="k_metal",
        item="k_metal",
        model="bcc",
        level=level.name,
        inputs={"level": level.fingerprint, "structure": "bcc"},
        cost_s=200.0 if level.fingerprint["engine"] == "gpaw" else 15.0,
    )


def adsorption_calculations(
    recipe: Recipe,
    level: Level,
    *,
    item: str,
    model: str,
    plan: Plan | None = None,
    max_terminations: int | None = None,
    charge: int = 0,
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
    plan
        How thoroughly sites are searched.
    max_terminations
        Keep only so many; None keeps all that the recipe asks for.
    charge
        Of the cell, in elementary charges; anything but 0 becomes a refused row.

    Raises
    ------
    InputError
        For a bulk recipe, which has no surface, or one that cannot be built.
    """
    if isinstance(recipe, BulkRecipe):
        raise InputError("a bulk model has no surface for K to adsorb on", field=model)
    surfaces = build(recipe)[:max_terminations]
    several = len(surfaces) > 1
    return [
        Calculation(
            kind="adsorption",
            item=item,
            model=f"{model}:{s.termination}" if several else model,
            level=level.name,
            inputs=_inputs(recipe, s, level, plan, charge),
            needs={"k_metal": k_metal_calculation(level).key},
            cost_s=_cost_s(s, level),
        )
        for s in surfaces
    ]


def adsorption_from_file(
    path: str | Path,
    level: Level,
    *,
    miller: tuple[int, int, int] | None = None,
    plan: Plan | None = None,
    max_terminations: int | None = 2,
) -> list[Calculation]:
    """Return the calculations for a user's structure file.

    A slab, sheet or molecule gives one; a crystal gives those of the plane
    asked for, or of all distinct planes with indices up to 1.

    Raises
    ------
    InputError
        If the file cannot be read or holds no usable structure.
    """
    recipes = recipes_from_file(path, miller=miller)
    return _on_recipes(recipes, Path(path).name, level, plan, max_terminations)


def adsorption_on_atoms(
    atoms: Atoms,
    level: Level,
    *,
    miller: tuple[int, int, int] | None = None,
    plan: Plan | None = None,
    max_terminations: int | None = 2,
) -> list[Calculation]:
    """Return the calculations for a user's ASE atoms, as :func:`adsorption_from_file` does.

    The rows are labelled with the formula; equal structures have equal keys, whether
    they come as atoms or as a file.

    Raises
    ------
    InputError
        If the structure is not usable.
    """
    recipes = recipes_from_atoms(atoms, miller=miller)
    return _on_recipes(recipes, atoms.get_chemical_formula(), level, plan, max_terminations)


def _on_recipes(
    recipes: Sequence[Recipe],
    name: str,
    level: Level,
    plan: Plan | None,
    max_terminations: int | None,
) -> list[Calculation]:
    calculations = []
    for recipe in recipes:
        facet = getattr(recipe, "miller", None)
        model = name if facet is None else f"{name} ({''.join(map(str, facet))})"
        calculations += adsorption_calculations(
            recipe,
            level,
            item=name,
            model=model,
            plan=plan,
            max_terminations=max_terminations,
        )
    return calculations


def hop_calculation(
    recipe: Recipe,
    level: Level,
    *,
    item: str,
    model: str,
    n_images: int = 5,
    plan: Plan | None = None,
) -> Calculation:
    """Return the calculation of K's hop barrier on the most credible termination.

    Raises
    ------
    InputError
        For a bulk recipe, or a level that is not a potential (a band costs
        hundreds of force calls).
    """
    if level.fingerprint["engine"] == "gpaw":
        raise InputError(
            f"hop barriers are computed with potentials, not at {level.name}", field="level"
        )
    (first, *_) = adsorption_calculations(recipe, level, item=item, model=model, plan=plan)
    return Calculation(
        kind="hop",
        item=item,
        model=first.model,
        level=level.name,
        inputs={**first.inputs, "n_images": n_images},
        cost_s=4 * first.cost_s,
    )


def charge_calculation(recipe: Recipe, level: Level, *, item: str, model: str) -> Calculation:
    """Return the calculation of K's Hirshfeld charge on the most credible termination.

    Raises
    ------
    InputError
        For a bulk recipe, or a level that is not DFT.
    """
    if level.fingerprint["engine"] != "gpaw":
        raise InputError(
            f"charges need a DFT level such as standard, not {level.name}", field="level"
        )
    (first, *_) = adsorption_calculations(recipe, level, item=item, model=model)
    inputs = {k: v for k, v in first.inputs.items() if k != "heights_angstrom"}
    return Calculation(
        kind="charge",
        item=item,
        model=first.model,
        level=level.name,
        inputs=inputs,
        cost_s=first.cost_s / 2,
    )


def thickness_calculation(checked: Calculation) -> Calculation | None:
    """Return the check of one adsorption calculation on a thicker slab.

    None where there is nothing to check: sheets, layered crystals, molecules,
    structures as given, and levels that are not potentials.
    """
    recipe = recipe_from_data(checked.inputs["recipe"])
    potential = checked.inputs["level"]["engine"] != "gpaw"
    if not potential or not isinstance(recipe, SlabRecipe) or recipe.layered:
        return None
    return Calculation(
        kind="thickness",
        item=checked.item,
        model=checked.model,
        level=checked.level,
        inputs={**checked.inputs, "recipe": recipe_data(thicker(recipe))},
        needs={**checked.needs, "adsorption": checked.key},
        cost_s=1.5 * checked.cost_s,
    )


def _cost_s(surface: Surface, level: Level) -> float:
    n = len(surface.atoms) + 1
    if level.fingerprint["engine"] != "gpaw":
        return _SECONDS_PER_ATOM * n + 5.0
    return 400.0 * (n / 19) ** 2


def _inputs(
    recipe: Recipe, surface: Surface, level: Level, plan: Plan | None, charge: int
) -> Mapping[str, Any]:
    inputs = {
        "level": level.fingerprint,
        "recipe": recipe_data(recipe),
        "termination": surface.termination,
        "adsorbate": "K",
        "charge": charge,
        "search": search_settings(plan),
    }
    if level.fingerprint["engine"] == "gpaw":
        inputs |= {
            "screen": adsorption_level("screen").fingerprint,
            "heights_angstrom": list(HEIGHTS_ANGSTROM),
        }
    return inputs
