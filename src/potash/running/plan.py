"""From what a user asks for to the calculations that answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Literal

from ase import Atoms

from potash.bulk.phases import phase_calculation
from potash.catalog.campaign import Campaign
from potash.catalog.campaign_parts import HostFile, HostsPart
from potash.catalog.catalog import Catalog
from potash.catalog.consistency import unknown_id
from potash.catalog.medium import dielectric_constant
from potash.catalog.phases import load_phases
from potash.catalog.selection import (
    selected_electrolytes,
    selected_models,
    selected_salts,
    selected_species,
)
from potash.engines.adsorption_levels import adsorption_level
from potash.engines.levels import Level, Property
from potash.engines.registry import adsorption_theory
from potash.engines.registry import level as named_level
from potash.errors import InputError
from potash.hosts.adhesion import adhesion_calculation
from potash.hosts.adsorption import adsorption_calculations
from potash.hosts.charge import charge_calculation
from potash.hosts.hop import hop_calculation
from potash.hosts.k_metal import k_metal_calculation
from potash.hosts.targets import Target, model_targets, structure_targets
from potash.hosts.thickness import thickness_calculation
from potash.liquids.simulate import liquid_calculation
from potash.molecules.complexes import complex_calculation, salt_calculation
from potash.molecules.fluoride import fluoride_release_calculation
from potash.molecules.orbitals import smiles_calculation, species_calculation
from potash.molecules.redox import redox_calculation
from potash.results.calculation import Calculation
from potash.running.barriers import barriers
from potash.running.kinds import STAGES, StageName, kind_of
from potash.running.schedule import Stage
from potash.structures.facets import has_facets
from potash.structures.files import names_a_file
from potash.structures.miller import Facet, miller_index

LevelAt = Callable[[Property, str], Level]
"""Property and name to a level of theory."""

PARTS = ("hosts", "molecules", "liquids")
STRUCTURE_SUFFIXES = (".cif", ".vasp", ".poscar", ".extxyz", ".xyz")


def plan(
    campaign: Campaign, catalog: Catalog, *, only: Sequence[str] | None = None
) -> tuple[Stage, ...]:
    """Return a campaign's calculations, in stages that build on one another.

    Parameters
    ----------
    campaign, catalog
        As :func:`potash.catalog.campaign.load_campaign` returns them.
    only
        Any of ``hosts``, ``molecules``, ``liquids``; all by default.

    Raises
    ------
    InputError
        If ``only`` or a level has an unknown name.
    RefusedError
        If the engine of a level is not installed.
    """
    for part in only or ():
        if part not in PARTS:
            raise InputError(f"{part!r} is not one of {', '.join(PARTS)}", source="--only")
    wanted = set(only or PARTS)
    level_at: LevelAt = cache(named_level)  # a level reads versions and weights: once a campaign
    planned: list[Calculation] = []
    if "hosts" in wanted:
        planned += _hosts(campaign, catalog, level_at)
        planned += barriers(campaign.barriers, level_at)
    if "molecules" in wanted:
        planned += _molecules(campaign, catalog, level_at)
    if "liquids" in wanted:
        planned += _liquids(campaign, catalog, level_at)
    if wanted == set(PARTS) and campaign.question is None:
        kinds = {c.kind for c in planned}
        for kind in campaign.limits:
            if kind not in kinds:
                raise InputError(
                    f"has no effect: nothing of the kind {kind} is computed, only "
                    f"{', '.join(sorted(kinds))}",
                    field=f"limits/{kind}",
                )
    return stages_of(planned)


def stages_of(planned: Iterable[Calculation]) -> tuple[Stage, ...]:
    """Return calculations by the part of a campaign that their kind belongs to, each key once.

    Raises
    ------
    InputError
        If one is of a kind that :data:`potash.running.kinds.KINDS` does not have.
    """
    members: dict[StageName, dict[str, Calculation]] = {name: {} for name in STAGES}
    for calculation in planned:
        members[kind_of(calculation.kind).stage][calculation.key] = calculation
    return tuple(Stage(name, tuple(found.values())) for name, found in members.items() if found)


def _hosts(campaign: Campaign, catalog: Catalog, level_at: LevelAt) -> list[Calculation]:
    part = campaign.hosts
    found: list[Calculation] = []
    own: list[Level] = []
    if part.calculator is not None:
        own.append(adsorption_level(part.calculator.replace(":", "."), calculator=part.calculator))
    items = [(model_targets(m, part.facets), names) for m, names in selected_models(part, catalog)]
    files = [(_file_targets(file), part.levels) for file in part.files]
    for targets, names in (*items, *files):
        for level in (*(level_at("adsorption", name) for name in names), *own):
            surfaces = _adsorption(targets, level)
            found += [k_metal_calculation(level), *surfaces]
            found += _also(part, targets[0], surfaces, level)
    if part.phases:
        named = dict.fromkeys((*part.levels, *part.extra))
        levels = [level_at("adsorption", name) for name in named] + own
        found += [
            phase_calculation(phase, level)
            for level in levels
            if level.theory == "potential"
            for phase in load_phases().values()
        ]
    _refuse_idle_host_keys(part, found)
    if part.facets == "all" and all(len(targets) == 1 for targets, _ in items):
        raise InputError(
            "'all' has no effect: none of the items is cut from a crystal with other planes",
            field="hosts/facets",
        )
    return found


def _file_targets(file: HostFile) -> list[Target]:
    if file.facets == "all":
        return structure_targets(file.file)
    return [t for facet in file.facets for t in structure_targets(file.file, facet)]


def _adsorption(targets: Sequence[Target], level: Level) -> list[Calculation]:
    return [
        calculation
        for target in targets
        for calculation in adsorption_calculations(
            target.recipe,
            level,
            item=target.item,
            model=target.model,
            max_terminations=target.max_terminations,
            electron_acceptor=target.electron_acceptor,
        )
    ]


def _also(
    part: HostsPart, target: Target, surfaces: Sequence[Calculation], level: Level
) -> list[Calculation]:
    """Return what else is asked for on an item's surfaces, as far as the level can do it."""
    found: list[Calculation] = []
    recipe, item, model = target.recipe, target.item, target.model
    if "thickness" in part.also:
        found += [c for a in surfaces if (c := thickness_calculation(a)) is not None]
    for name, calculation in (("hop", hop_calculation), ("adhesion", adhesion_calculation)):
        if name in part.also and level.theory == "potential":
            accepts = target.electron_acceptor
            found.append(
                calculation(recipe, level, item=item, model=model, electron_acceptor=accepts)
            )
    if "charge" in part.also and level.theory == "dft":
        found.append(charge_calculation(recipe, level, item=item, model=model))
    return found


def _refuse_idle_host_keys(part: HostsPart, planned: Sequence[Calculation]) -> None:
    """Refuse what was asked for and came to nothing at any of the items and levels."""
    kinds = {c.kind for c in planned}
    needs = {
        "thickness": "a surface cut from a crystal that is not layered, and a potential",
        "hop": "a level that is a potential",
        "adhesion": "a level that is a potential",
        "charge": "a level that is DFT, such as standard",
    }
    for what in part.also:
        if what not in kinds:
            raise InputError(f"{what} has no effect: it needs {needs[what]}", field="hosts/also")
    if part.phases and "phase" not in kinds:
        raise InputError(
            "has no effect: it needs a level that is a potential", field="hosts/phases"
        )


def _molecules(campaign: Campaign, catalog: Catalog, level_at: LevelAt) -> list[Calculation]:
    found = [
        species_calculation(species, level_at("molecules", name), seed=campaign.seed)
        for species, names in selected_species(campaign.molecules, catalog)
        for name in names
    ]
    if campaign.molecules.redox:
        epsilon = dielectric_constant(campaign.molecules.medium, catalog)
        found += [
            redox_calculation(
                species,
                level_at("molecules", name),
                dielectric_constant=epsilon,
                seed=campaign.seed,
            )
            for species, names in selected_species(campaign.molecules, catalog)
            for name in names
        ]
    if campaign.molecules.fluoride_release:
        found += [
            fluoride_release_calculation(species, level_at("molecules", name), seed=campaign.seed)
            for species, names in selected_species(campaign.molecules, catalog)
            if "F" in species.composition
            for name in names
        ]
    if campaign.molecules.ion_pairs:
        found += [
            salt_calculation(
                salt,
                catalog.species[salt.cation],
                catalog.species[salt.anion],
                level_at("molecules", name),
                seed=campaign.seed,
            )
            for salt, names in selected_salts(campaign.molecules, catalog)
            for name in names
        ]
    for spec in campaign.complexes.items:
        ligands = [catalog.get_species(name) for name in spec.ligands]
        found += [
            complex_calculation(
                spec.metal, ligands, level_at("molecules", name), seed=campaign.seed
            )
            for name in campaign.complexes.levels
        ]
    return found


def _liquids(campaign: Campaign, catalog: Catalog, level_at: LevelAt) -> list[Calculation]:
    part = campaign.liquids
    return [
        liquid_calculation(
            formulation,
            catalog,
            level_at("liquids", part.level),
            seed=seed,
            n_atoms=part.n_atoms,
            equilibration_ps=part.equilibration_ps,
            production_ps=part.production_ps,
            temperature_k=part.temperature_k,
            charge_scale=part.charge_scale,
        )
        for formulation in selected_electrolytes(part, catalog)
        for seed in part.seeds
    ]


def adsorption_of(
    target: str | Atoms,
    catalog: Catalog,
    level_name: str,
    *,
    calculator: str | None = None,
    facet: Facet | None = None,
) -> list[Calculation]:
    """Return the calculations for K on a structure, a structure file, a host or a model.

    Parameters
    ----------
    target
        ASE atoms, the path of a structure file (``FILE#BLOCK`` where it holds several), or
        an id.
    catalog
        Where ids are looked up.
    level_name
        Level of theory.
    calculator
        ``mypkg.module:factory`` of an ASE calculator, instead of the level's own.
    facet
        Miller index of the plane to cut: of a file's crystal, or instead of the plane of a
        catalogue model. Of a host's models those that are cut from crystals take it.

    Raises
    ------
    InputError
        If the target is neither a file nor an id, or the facet is no Miller index or
        asked of what is no crystal.
    """
    level = adsorption_theory(level_name, calculator)
    if isinstance(target, Atoms) or names_a_file(target) or _looks_like_a_file(target):
        targets = structure_targets(target, facet)
    else:
        targets = _catalogue_targets(target, catalog, facet)
    return [k_metal_calculation(level), *_once(_adsorption(targets, level))]


def _looks_like_a_file(target: str) -> bool:
    name = target.rsplit("#", 1)[0].lower()
    return "/" in target or name.endswith(STRUCTURE_SUFFIXES)


def _catalogue_targets(name: str, catalog: Catalog, facet: Facet | None) -> list[Target]:
    if facet is not None:
        miller_index(facet, field="facet")
    facets: Literal["first"] | list[Facet] = "first" if facet is None else [facet]
    if name in catalog.models:
        return model_targets(catalog.models[name], facets)
    if name not in catalog.hosts:
        raise InputError(
            unknown_id("host, model or file", name, {**catalog.hosts, **catalog.models})
        )
    models = [catalog.models[model] for model in catalog.hosts[name].models]
    usable = [m for m in models if m.has_surface]
    if facet is not None:
        usable = [m for m in models if m.recipe is not None and has_facets(m.recipe)]
    if not usable:
        reasons = "; ".join(f"{m.id}: {m.why_no_surface or m.kind}" for m in models)
        what = "cut from a crystal" if facet is not None else "with a surface"
        raise InputError(f"host {name!r} has no model {what} ({reasons})")
    return [target for model in usable for target in model_targets(model, facets)]


def molecules_of(
    targets: Sequence[str], catalog: Catalog, level_name: str, *, seed: int
) -> list[Calculation]:
    """Return the calculations for molecules named by species id or SMILES.

    Raises
    ------
    InputError
        If a target is no id and not a SMILES that can be computed.
    """
    level = named_level("molecules", level_name)
    return [
        species_calculation(catalog.species[target], level, seed=seed)
        if target in catalog.species
        else smiles_calculation(target, level, seed=seed, source=target)
        for target in targets
    ]


def _once(calculations: Iterable[Calculation]) -> tuple[Calculation, ...]:
    return tuple({c.key: c for c in calculations}.values())
