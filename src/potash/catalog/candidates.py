"""Candidates that a question brings along: a library of SMILES, a folder of structures, a sweep.

They become entries of the catalogue, so that everything that is computed, ranked and reported
finds them where it finds all others; the question then names their ids under ``only``.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from rdkit import Chem

from potash.catalog.catalog import Catalog
from potash.catalog.consistency import unknown_id
from potash.catalog.formulations import Formulation
from potash.catalog.hosts import AtomisticModel, Host, MaterialClass, ModelKind
from potash.catalog.question import Question
from potash.catalog.species import Species, SpeciesRole
from potash.catalog.sweep import Sweep, swept
from potash.errors import InputError
from potash.structures.library import LibraryEntry, read_library
from potash.structures.smiles import parse_molecule
from potash.structures.substrate_classes import substrate_class

if TYPE_CHECKING:
    from ase import Atoms

    from potash.structures.recipes import SlabRecipe, StructureRecipe

STRUCTURE_SUFFIXES = (".cif", ".mcif", ".vasp", ".poscar", ".extxyz", ".xyz")
"""Files of a folder that are taken for structures, beside POSCAR and CONTCAR."""

_NO_STEREO = "UHFFFAOYSA"
"""Second block of the InChIKey of a molecule without stereochemistry or isotopes."""


def with_candidates(question: Question, catalog: Catalog) -> tuple[Question, Catalog]:
    """Return a question and a catalogue with the candidates that the question brings along.

    Parameters
    ----------
    question
        As the campaign file asks it, with paths as seen from the current folder.
    catalog
        What is there already. A molecule of a library that it holds keeps its id there, and
        so its rows; so does a formulation of a sweep.

    Raises
    ------
    InputError
        If a file is empty, a line or structure cannot be read, two candidates have one id, an
        id is unknown, or the rules of a sweep leave nothing; ``field`` is that part of the
        question, or the line of the file that ``source`` names.
    """
    hosts, electrolytes, molecules = question.hosts, question.electrolytes, question.molecules
    if hosts is not None and hosts.among.source is not None:
        with _about("hosts.among.from"):
            catalog, names = _hosts_of(hosts.among.source, catalog)
        hosts = hosts.among_only(names)
    if molecules is not None and molecules.among.source is not None:
        with _about("molecules.among.from"):
            roles = [r for r in molecules.among.roles if r != "salt"] or ["solvent"]
            catalog, species = _species_of(molecules.among.source, catalog, roles)
        # What a user's own list is for is the user's to say.
        molecules = molecules.among_only([s.id for s in species], roles=())
    if electrolytes is not None and electrolytes.among.sweep is not None:
        with _about("electrolytes.among.sweep"):
            catalog, names = _formulations_of(electrolytes.among.sweep, catalog)
        electrolytes = electrolytes.among_only(names)
    parts = {"hosts": hosts, "electrolytes": electrolytes, "molecules": molecules}
    return question.model_copy(update=parts), catalog


@contextmanager
def _about(part: str) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        if error.source:
            raise
        raise InputError(error.message, field=f"question.{part}") from None


def _species_of(
    path: Path, catalog: Catalog, roles: Sequence[SpeciesRole]
) -> tuple[Catalog, list[Species]]:
    """Return the catalogue with the molecules of a library, and those molecules."""
    library = read_library(path)
    if library.errors:
        first, *others = library.errors
        more = f" (and {len(others)} more such lines)" if others else ""
        raise InputError(f"{first.message}{more}", source=str(path), field=f"line {first.line}")
    known = {s.canonical_smiles: s for s in catalog.species.values() if s.canonical_smiles}
    found: list[Species] = []
    new: dict[str, LibraryEntry] = {}
    for entry in library.entries:
        if entry.smiles in known:
            found.append(known[entry.smiles])
            continue
        name = _id_of(entry)
        line = f"line {entry.lines[0]}"
        if name in new:
            other = new[name]
            raise InputError(
                f"the id {name!r} is that of line {other.lines[0]} ({other.smiles}) too; "
                "name one of them otherwise",
                source=str(path),
                field=line,
            )
        if name in catalog.species or name in catalog.salts:
            held = catalog.species[name].smiles if name in catalog.species else "a salt"
            raise InputError(
                f"the id {name!r} is that of {held} in the catalogue, not of {entry.smiles}; "
                "name it otherwise",
                source=str(path),
                field=line,
            )
        new[name] = entry
        found.append(
            Species(
                id=name,
                name=entry.name,
                smiles=entry.smiles,
                charge=Chem.GetFormalCharge(parse_molecule(entry.smiles)),
                roles=tuple(roles),
            )
        )
    species = {**catalog.species, **{s.id: s for s in found}}
    return replace(catalog, species=species, added=catalog.added | set(new)), found


def _id_of(entry: LibraryEntry) -> str:
    """Return the id of a library's molecule: its name, or its InChIKey where it has none."""
    slug = "" if entry.name == entry.smiles else _slug(entry.name)
    if slug:
        return slug
    key = str(Chem.MolToInchiKey(parse_molecule(entry.smiles)))  # type: ignore[no-untyped-call]
    skeleton, stereo, _ = key.split("-")
    return _slug(skeleton if stereo.startswith(_NO_STEREO) else f"{skeleton}_{stereo}")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _hosts_of(folder: Path, catalog: Catalog) -> tuple[Catalog, list[str]]:
    """Return the catalogue with a host for every structure in a folder, and their ids."""
    if not folder.is_dir():
        raise InputError(f"{str(folder)!r} is a file; a folder of structures is expected")
    files = sorted(
        p
        for p in folder.iterdir()
        if p.suffix.lower() in STRUCTURE_SUFFIXES or p.name in ("POSCAR", "CONTCAR")
    )
    if not files:
        kinds = ", ".join(STRUCTURE_SUFFIXES)
        raise InputError(f"the folder {str(folder)!r} holds no structure file ({kinds})")
    hosts: dict[str, Host] = {}
    models: dict[str, AtomisticModel] = {}
    for path in files:
        model, host = _host_of(path)
        if host.id in hosts:
            raise InputError(
                f"the id {host.id!r} is that of another file of the folder too; rename one",
                source=str(path),
            )
        if host.id in catalog.hosts or host.id in catalog.models:
            raise InputError(
                f"the id {host.id!r} is already taken in the catalogue; rename the file",
                source=str(path),
            )
        hosts[host.id], models[model.id] = host, model
    extended = replace(
        catalog,
        hosts={**catalog.hosts, **hosts},
        models={**catalog.models, **models},
        added=catalog.added | set(hosts),
    )
    return extended, list(hosts)


def _host_of(path: Path) -> tuple[AtomisticModel, Host]:
    # Half a second to import, and few campaigns need them.
    from potash.structures.files import read_atoms
    from potash.structures.recipes import SlabRecipe

    name = _slug(path.stem)
    if not name:
        raise InputError("its name makes no id; use letters and digits", source=str(path))
    atoms = read_atoms(path)
    recipe = _recipe(atoms, path)
    kind: ModelKind = "slab"
    if not isinstance(recipe, SlabRecipe) and recipe.lattice is None:
        kind = "cluster"
    counts = {s: list(atoms.symbols).count(s) for s in atoms.symbols}
    found = substrate_class(counts)
    material: MaterialClass = next((c for c in get_args(MaterialClass) if c == found), "other")
    formula = atoms.symbols.formula.reduce()[0].format("hill")
    model = AtomisticModel(
        id=name,
        label=path.stem,
        kind=kind,
        formula=formula,
        recipe=recipe,
        facets=(recipe.facet,) if not isinstance(recipe, SlabRecipe) else (_facet(recipe),),
    )
    return model, Host(id=name, name=path.stem, material_class=material, models=(name,))


def _facet(recipe: SlabRecipe) -> str:
    from potash.structures.planes import facet_text

    return facet_text(recipe)


def _recipe(atoms: Atoms, path: Path) -> SlabRecipe | StructureRecipe:
    """Return the recipe of a structure; of a crystal that of its natural plane."""
    from potash.structures.facets import natural_plane
    from potash.structures.given import recipes_from_atoms
    from potash.structures.recipes import SlabRecipe
    from potash.structures.vacuum import open_axes

    crystal = not open_axes(atoms).any()
    with warnings.catch_warnings():  # pymatgen warns about its own use of a function
        warnings.filterwarnings("ignore", category=FutureWarning, module="pymatgen")
        first = recipes_from_atoms(atoms, facet="(001)" if crystal else None, source=str(path))[0]
        return natural_plane(first) if isinstance(first, SlabRecipe) else first


def _formulations_of(sweep: Sweep, catalog: Catalog) -> tuple[Catalog, list[str]]:
    """Return the catalogue with the formulations of a sweep, and their ids."""
    for name in sweep.salts:
        if name not in catalog.salts:
            raise InputError(unknown_id("salt", name, catalog.salts))
    catalog, solvents = _liquids_of(sweep.solvents, sweep.solvents_from, "solvent", catalog)
    catalog, diluents = _liquids_of(sweep.diluents, sweep.diluents_from, "diluent", catalog)
    salts = {name: catalog.salts[name] for name in sweep.salts}
    there = {_composition(f): f for f in catalog.electrolytes.values()}
    chosen: list[Formulation] = []
    for formulation in swept(sweep, solvents, diluents, salts, catalog.species):
        known = there.get(_composition(formulation))
        if known is None and formulation.id in catalog.electrolytes:
            raise InputError(
                f"the id {formulation.id!r} is that of another composition in the catalogue"
            )
        chosen.append(known or formulation)
    new = {f.id: f for f in chosen if f.id not in catalog.electrolytes}
    extended = replace(
        catalog,
        electrolytes={**catalog.electrolytes, **new},
        added=catalog.added | set(new),
        proposed=catalog.proposed | set(new),
    )
    return extended, [f.id for f in chosen]


def _liquids_of(
    ids: Sequence[str], path: Path | None, role: SpeciesRole, catalog: Catalog
) -> tuple[Catalog, dict[str, Species]]:
    """Return the catalogue and the liquids that are named or in a file, by their ids."""
    for name in ids:
        if name not in catalog.species:
            raise InputError(unknown_id("species", name, catalog.species))
    found = {name: catalog.species[name] for name in ids}
    if path is not None:
        catalog, read = _species_of(path, catalog, (role,))
        found |= {s.id: s for s in read}
    return catalog, found


def _composition(formulation: Formulation) -> frozenset[tuple[str, float | None, str]]:
    """Return what a formulation is made of, however it is called."""
    if formulation.kind != "liquid" or formulation.temperature_k != 298.15:
        return frozenset({(formulation.id, None, "itself")})
    return frozenset((c.species, c.used.value, c.used.unit) for c in formulation.components)
