"""Commands that compute one thing here and now: adsorb, orbitals, simulate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potash.cli.common import (
    CampaignOption,
    JsonOption,
    StoreOption,
    check_id,
    complete_ids,
    load_catalogue,
    output_width,
    print_json,
    print_lines,
    print_paragraph,
    print_table,
    print_title,
)
from potash.cli.progress import prints_to_stderr, progress_bars

if TYPE_CHECKING:
    from potash.calibration import Estimate
    from potash.engines.levels import Property
    from potash.results.calculation import Calculation
    from potash.running import limits
    from potash.store import Row

LEVEL_HELP = "Level of theory; 'potash doctor' lists them."
SeedOption = Annotated[int, typer.Option(help="Random seed.")]
MaxHoursOption = Annotated[
    float | None,
    typer.Option(min=0.0001, help="Stop a calculation that takes longer; default: 24."),
]
MaxMemoryOption = Annotated[
    float | None, typer.Option(min=0.01, help="Stop a calculation that takes more memory, in GB.")
]


def complete_levels(property_name: Property) -> Any:
    """Return the function that completes the names of levels in a shell."""

    def complete(incomplete: str) -> list[str]:
        from potash.engines.registry import NAMES

        return [name for name in NAMES[property_name] if name.startswith(incomplete)]

    return complete


AdsorptionLevel = Annotated[
    str, typer.Option(help=LEVEL_HELP, autocompletion=complete_levels("adsorption"))
]
MoleculeLevel = Annotated[
    str, typer.Option(help=LEVEL_HELP, autocompletion=complete_levels("molecules"))
]
LiquidLevel = Annotated[
    str, typer.Option(help=LEVEL_HELP, autocompletion=complete_levels("liquids"))
]


def adsorb(
    structure: Annotated[
        str,
        typer.Argument(
            help="Structure file (CIF, POSCAR, extxyz; FILE#BLOCK), host id or model id.",
            autocompletion=complete_ids("host", "model"),
        ),
    ],
    level: AdsorptionLevel = "screen",
    calculator: Annotated[
        str | None, typer.Option(help="Any ASE calculator, as mypkg.module:factory.")
    ] = None,
    facet: Annotated[
        str | None,
        typer.Option(help="Plane of a crystal (file or model), such as 1,1,0 or (10-10)."),
    ] = None,
    max_hours: MaxHoursOption = None,
    max_memory_gb: MaxMemoryOption = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Adsorb K on a structure.

    Prints the strongest site with the reference state, raw and corrected by the error
    model of the level.

    Example: potash adsorb cu_111
    """
    if calculator is None:
        check_level("adsorption", level)
    from potash.structures.files import means_a_file

    if not means_a_file(structure):
        check_id("host, model or file", ("host", "model"), structure, campaign)
    catalog = load_catalogue(campaign)
    from potash.evidence.adsorption import estimates
    from potash.evidence.known import reference_rows
    from potash.running.plan import adsorption_of

    calculations = adsorption_of(structure, catalog, level, calculator=calculator, facet=facet)
    rows = [
        r
        for r in compute_rows(calculations, store, limit_of(max_hours, max_memory_gb))
        if r.kind == "adsorption"
    ]
    corrected = estimates(rows, catalog.models, calibration_rows=reference_rows())
    records = [_adsorption_record(row, corrected.get(row.key)) for row in rows]
    if json_output:
        print_json(records if len(records) != 1 else records[0])
    else:
        from potash.report.lists import ADSORPTION

        print_table(f"K adsorption on {structure}, {level}", ADSORPTION, records)
        for line in _planes(rows):
            print_paragraph(line)
        for reference in sorted({r.reference_state for r in rows if r.reference_state}):
            print_paragraph(f"reference: {reference}")
        for basis in sorted({e.basis or f"not corrected: {e.reason}" for e in corrected.values()}):
            print_paragraph(basis)
    exit_by(rows)


def _adsorption_record(row: Row, estimate: Estimate | None) -> dict[str, Any]:
    return {
        "id": row.item,
        "item": row.item,
        "model": row.model,
        "level": row.level,
        "status": row.status,
        "reason": row.reason or None,
        "reference": row.reference_state,
        **_corrected("adsorption_energy", estimate),
        **{k: v for k, v in row.values.items() if k == "plane" or not isinstance(v, dict)},
        "source": "own",
        "key": row.key,
    }


def _planes(rows: Sequence[Row]) -> list[str]:
    """Return a line for each plane: in whose axes it counts, their cell, and its spacing."""
    from potash.results.adsorption import AdsorptionValues

    lines: dict[str, None] = {}
    for row in rows:
        plane = row.read(AdsorptionValues).plane if "plane" in row.values else None
        if plane is not None:
            cell = ", ".join(f"{n:.4g}" for n in (*plane.lengths_angstrom, *plane.angles_degree))
            lines[
                f"{row.values['facet']}: planes {plane.spacing_angstrom:.2f} A apart, axes: "
                f"{plane.axes} ({cell})"
            ] = None
    return list(lines)


def _corrected(name: str, estimate: Estimate | None) -> dict[str, Any]:
    """Return the corrected value of a row with its interval; None where there is none."""
    known = estimate is not None and estimate.value is not None
    return {
        f"{name}_corrected_ev": estimate.value if estimate is not None and known else None,
        f"{name}_low_ev": estimate.low if estimate is not None and known else None,
        f"{name}_high_ev": estimate.high if estimate is not None and known else None,
        "not_corrected": (estimate.reason or None) if estimate is not None and not known else None,
    }


def orbitals(
    molecules: Annotated[
        list[str],
        typer.Argument(help="SMILES or species ids.", autocompletion=complete_ids("species")),
    ],
    level: MoleculeLevel = "screen",
    seed: SeedOption = 1,
    max_hours: MaxHoursOption = None,
    max_memory_gb: MaxMemoryOption = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Compute levels of molecules in vacuum.

    HOMO, LUMO, ionisation energy (also corrected by the error model of the level) and
    electron affinity.

    Example: potash orbitals COCCOC dme
    """
    check_level("molecules", level)
    if campaign is None:
        _check_molecules(molecules)
    catalog = load_catalogue(campaign)
    from potash.evidence.known import reference_rows
    from potash.evidence.species import ionisation_estimates, measured_ionisation_energies
    from potash.running.plan import molecules_of

    calculations = molecules_of(molecules, catalog, level, seed=seed)
    rows = compute_rows(calculations, store, limit_of(max_hours, max_memory_gb))
    estimates = ionisation_estimates(
        rows, measured_ionisation_energies(), calibration_rows=reference_rows()
    )
    records = [
        _orbital_record(typed, row, estimates.get(row.key))
        for typed, row in zip(molecules, rows, strict=True)
    ]
    if json_output:
        print_json(records)
    else:
        from potash.report.lists import ORBITALS

        print_table(f"Molecular levels in vacuum, {level}", ORBITALS, records)
        for basis in sorted(
            {e.basis or f"IP not corrected: {e.reason}" for e in estimates.values()}
        ):
            print_paragraph(basis)
    exit_by(rows)


def _orbital_record(typed: str, row: Row, estimate: Estimate | None) -> dict[str, Any]:
    from potash.results.species import SpeciesInputs, SpeciesValues

    values = row.read(SpeciesValues) if row.status in ("ok", "anomalous") else None
    return {
        "id": typed,
        "item": typed,
        "level": row.level,
        "status": row.status,
        "reason": row.reason or None,
        "smiles": row.read(SpeciesInputs).smiles,
        "homo_ev": None if values is None else values.homo_ev,
        "lumo_ev": None if values is None else values.lumo_ev,
        "ip_vertical_ev": None if values is None else values.ip_vertical_ev,
        "ea_vertical_ev": None if values is None else values.ea_vertical_ev,
        "ea_bound": None if values is None else values.ea_bound,
        **_corrected("ip_vertical", estimate),
        **{k: v for k, v in row.values.items() if isinstance(v, int | float | str)},
        "source": "own",
        "key": row.key,
    }


def _check_molecules(molecules: Sequence[str]) -> None:
    """Refuse a word that is neither a species nor a SMILES, before the engines are loaded."""
    from potash.catalog.ids import shipped_ids
    from potash.errors import InputError
    from potash.spelling import nearest_word
    from potash.structures.smiles import parse_smiles

    known = shipped_ids("species")
    names = {name: entry for entry, others in known.items() for name in (entry, *others)}
    for typed in molecules:
        if typed in known:
            continue
        try:
            parse_smiles(typed)
        except InputError as error:
            near = nearest_word(typed, list(names))
            if near is None:
                raise
            raise InputError(
                f"{error.message}; nor is it a species: did you mean {names[near]!r}?",
                source=error.source,
                field=error.field,
            ) from None


def simulate(
    formulation: Annotated[
        str,
        typer.Argument(help="Id of a formulation.", autocompletion=complete_ids("electrolyte")),
    ],
    level: LiquidLevel = "screen",
    atoms: Annotated[int, typer.Option(min=100, help="Size of the box.")] = 1500,
    equilibration_ps: Annotated[
        float, typer.Option(min=0.0, help="Length of the equilibration.")
    ] = 100.0,
    production_ps: Annotated[
        float, typer.Option(min=1.0, help="Length of the production.")
    ] = 1000.0,
    temperature_k: Annotated[
        float | None, typer.Option(min=1.0, help="By default the formulation's own.")
    ] = None,
    seed: SeedOption = 1,
    max_hours: MaxHoursOption = None,
    max_memory_gb: MaxMemoryOption = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Simulate a liquid electrolyte.

    Box, equilibration, production, analysis; goes on from its last checkpoint when it
    was interrupted.

    Example: potash simulate kfsi_dme_1m --production-ps 100
    """
    check_level("liquids", level)
    check_id("electrolyte", ("electrolyte",), formulation, campaign)
    catalog = load_catalogue(campaign)
    from potash.engines.registry import level as level_of_theory
    from potash.liquids.simulate import liquid_calculation

    calculation = liquid_calculation(
        catalog.get_electrolyte(formulation),
        catalog,
        level_of_theory("liquids", level),
        n_atoms=atoms,
        equilibration_ps=equilibration_ps,
        production_ps=production_ps,
        temperature_k=temperature_k,
        seed=seed,
    )
    (row,) = compute_rows([calculation], store, limit_of(max_hours, max_memory_gb))
    if json_output:
        record = {"id": row.item, "source": "own", **row.as_dict()}
        print_json({**record, "structures": sorted(row.structures), "provenance": row.key})
    else:
        print_title(f"{formulation}, {row.level}, {row.model}: {row.status}")
        if row.reason:
            print_paragraph(row.reason)
        if row.values:
            from potash.report.liquid_text import liquid_lines

            print_lines(liquid_lines(row.values, row.uncertainty, output_width()))
    exit_by([row])


def limit_of(hours: float | None, memory_gb: float | None) -> limits.Limit:
    """Return what one calculation may use, from its options."""
    from potash.running.limits import DAY_S, Limit

    return Limit(DAY_S if hours is None else hours * 3600.0, memory_gb)


def compute_rows(
    calculations: Sequence[Calculation], store_url: str | None, limit: limits.Limit
) -> list[Row]:
    """Return the rows of calculations, looked up in the store or computed in a child process."""
    from potash.running.local import compute_in_child
    from potash.store import Store
    from potash.store.default import default_store_url

    store = Store(store_url or default_store_url())
    with progress_bars() as report, prints_to_stderr():
        return compute_in_child(calculations, store, Path("results/work"), report, limit)


def check_level(property_name: Property, name: str) -> None:
    """Refuse a level that does not exist, before the engines are loaded."""
    from potash.engines.registry import check_name

    check_name(property_name, name)


def exit_by(rows: Sequence[Row]) -> None:
    """End with exit code 1 where a calculation gave nothing."""
    if any(row.status in ("failed", "quarantined") for row in rows):
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(adsorb)
    app.command()(orbitals)
    app.command()(simulate)
