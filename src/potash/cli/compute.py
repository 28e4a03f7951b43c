"""Commands that compute one thing here and now: adsorb, orbitals, simulate, analyze."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from potash.cli.common import (
    CampaignOption,
    JsonOption,
    StoreOption,
    messages,
    output,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from potash.calibration import Estimate
    from potash.results.calculation import Calculation
    from potash.store import Row

LevelOption = Annotated[str, typer.Option(help="Level of theory; 'potash doctor' lists them.")]
SeedOption = Annotated[int, typer.Option(help="Random seed.")]


def adsorb(
    structure: Annotated[
        str, typer.Argument(help="Structure file (CIF, POSCAR, extxyz), host id or model id.")
    ],
    level: LevelOption = "screen",
    calculator: Annotated[
        str | None, typer.Option(help="Any ASE calculator, as mypkg.module:factory.")
    ] = None,
    facet: Annotated[
        str | None, typer.Option(help="Miller indices for a bulk file, such as 1,1,1.")
    ] = None,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Adsorb K on a structure and print the strongest site, with the reference state.

    Example: potash adsorb my_surface.cif --facet 1,1,0
    """
    from potash.catalog.campaign import load_campaign
    from potash.catalog.catalog import load_catalog
    from potash.evidence.adsorption import estimates
    from potash.evidence.known import reference_rows
    from potash.running.plan import adsorption_of

    catalog = load_catalog() if campaign is None else load_campaign(campaign)[1]
    calculations = adsorption_of(structure, catalog, level, calculator=calculator, facet=facet)
    rows = [r for r in _compute(calculations, store) if r.kind == "adsorption"]
    corrected = estimates(rows, catalog.models, calibration_rows=reference_rows())
    records = [
        {
            "item": row.item,
            "model": row.model,
            "level": row.level,
            "status": row.status,
            "reason": row.reason or None,
            "reference": row.reference_state,
            **_corrected(corrected.get(row.key)),
            **{k: v for k, v in row.values.items() if not isinstance(v, dict)},
            "key": row.key,
        }
        for row in rows
    ]
    if json_output:
        print_json(records if len(records) != 1 else records[0])
    else:
        columns = {
            "item": "model",
            "model": "surface",
            "adsorption_energy_ev": "E ads (eV)",
            "corrected_ev": "corrected (eV)",
            "corrected_interval_ev": "95 % interval",
            "site": "site",
            "height_angstrom": "height (A)",
            "status": "status",
            "reason": "reason",
        }
        print_table(f"K adsorption, {level}", columns, records)
        for reference in sorted({r.reference_state for r in rows if r.reference_state}):
            output.print(f"reference: {reference}")
        for basis in sorted({e.basis or f"not corrected: {e.reason}" for e in corrected.values()}):
            output.print(basis)
    _exit(rows)


def _corrected(estimate: Estimate | None) -> dict[str, Any]:
    """Return the corrected value of a row with its interval, or nothing where there is none."""
    if estimate is None or estimate.value is None:
        return {"corrected_ev": None, "corrected_interval_ev": None}
    interval = [estimate.low, estimate.high] if estimate.known else None
    return {"corrected_ev": estimate.value, "corrected_interval_ev": interval}


def orbitals(
    molecules: Annotated[list[str], typer.Argument(help="SMILES or species ids.")],
    level: LevelOption = "screen",
    seed: SeedOption = 1,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Compute HOMO, LUMO, ionisation energy and electron affinity of molecules.

    Example: potash orbitals COCCOC dme --level standard
    """
    from potash.catalog.campaign import load_campaign
    from potash.catalog.catalog import load_catalog
    from potash.running.plan import molecules_of

    catalog = load_catalog() if campaign is None else load_campaign(campaign)[1]
    rows = _compute(molecules_of(molecules, catalog, level, seed=seed), store)
    records = [
        {
            "item": row.item,
            "smiles": row.values.get("smiles"),
            "level": row.level,
            "status": row.status,
            "reason": row.reason or None,
            **{
                name: row.values.get(name)
                for name in ("homo_ev", "lumo_ev", "ip_vertical_ev", "ea_vertical_ev")
            },
            **{k: v for k, v in row.values.items() if isinstance(v, int | float | str)},
            "key": row.key,
        }
        for row in rows
    ]
    if json_output:
        print_json(records)
    else:
        columns = {
            "item": "molecule",
            "homo_ev": "HOMO (eV)",
            "lumo_ev": "LUMO (eV)",
            "ip_vertical_ev": "IP (eV)",
            "ea_vertical_ev": "EA (eV)",
            "status": "status",
            "reason": "reason",
        }
        print_table(f"Molecular levels in the gas phase, {level}", columns, records)
    _exit(rows)


def simulate(
    formulation: Annotated[str, typer.Argument(help="Id of a formulation.")],
    level: LevelOption = "screen",
    atoms: Annotated[int, typer.Option(min=100, help="Size of the box.")] = 1500,
    equilibration_ps: Annotated[float, typer.Option(min=0.0)] = 100.0,
    production_ps: Annotated[float, typer.Option(min=1.0)] = 1000.0,
    temperature_k: Annotated[
        float | None, typer.Option(min=1.0, help="By default the formulation's own.")
    ] = None,
    seed: SeedOption = 1,
    store: StoreOption = None,
    campaign: CampaignOption = None,
    json_output: JsonOption = False,
) -> None:
    """Simulate a liquid electrolyte: box, equilibration, production, analysis.

    Goes on from its last checkpoint when it was interrupted.

    Example: potash simulate kfsi_dme_1m --production-ps 100
    """
    from potash.catalog.campaign import load_campaign
    from potash.catalog.catalog import load_catalog
    from potash.engines.registry import level as level_of_theory
    from potash.liquids.simulate import liquid_calculation

    catalog = load_catalog() if campaign is None else load_campaign(campaign)[1]
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
    (row,) = _compute([calculation], store)
    if json_output:
        print_json({**row.as_dict(), "structures": sorted(row.structures), "provenance": row.key})
    else:
        shown = {k: v for k, v in row.values.items() if isinstance(v, int | float | str | bool)}
        print_table(
            f"{formulation}, {level}: {row.status} {row.reason}",
            {"name": "quantity", "value": "value"},
            [{"name": k, "value": v} for k, v in shown.items()],
        )
    _exit([row])


def analyze(
    topology: Annotated[Path, typer.Argument(help="Topology or structure file.")],
    trajectory: Annotated[
        Path | None, typer.Argument(help="Trajectory; none for one frame.")
    ] = None,
    cation: Annotated[str | None, typer.Option(help="Selection of the cations.")] = None,
    anion: Annotated[
        str | None, typer.Option(help="Selection of the anions' donor atoms, taken literally.")
    ] = None,
    solvent: Annotated[str | None, typer.Option(help="Selection of the solvent.")] = None,
    cutoff: Annotated[
        float | None, typer.Option(help="First-shell radius in angstrom; default: RDF minimum.")
    ] = None,
    start: Annotated[int, typer.Option(min=0, help="First frame.")] = 0,
    stop: Annotated[int | None, typer.Option(help="Frame after the last.")] = None,
    step: Annotated[int, typer.Option(min=1, help="Every n-th frame.")] = 1,
    temperature_k: Annotated[
        float | None, typer.Option(min=1.0, help="For the conductivity and D's size correction.")
    ] = None,
    viscosity_pa_s: Annotated[
        float | None, typer.Option(min=0.0, help="For the size correction of D.")
    ] = None,
    dt_ps: Annotated[
        float | None, typer.Option(min=0.0, help="Time between frames, if the files lack it.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    json_output: JsonOption = False,
) -> None:
    """Analyse anyone's trajectory: SSIP/CIP/AGG, coordination, RDF, diffusion.

    Example: potash analyze run.gro run.xtc --cation 'name K' --anion 'resname FSI' --cutoff 3.6
    """
    from potash.trajectories.analysis import analyze_files

    with _progress() as report:
        result = analyze_files(
            topology,
            trajectory,
            cation=cation,
            anion=anion,
            solvent=solvent,
            cutoff=cutoff,
            start=start,
            stop=stop,
            step=step,
            temperature_k=temperature_k,
            viscosity_pa_s=viscosity_pa_s,
            dt_ps=dt_ps,
            n_workers=workers,
            progress=lambda fraction: report("analysis", fraction, ""),
        )
    data = result.as_dict()
    if json_output:
        print_json(data)
        return
    print_table(
        f"{topology.name}: speciation over {data.get('n_frames', '?')} frames",
        {"of": "fraction", "ssip": "SSIP", "cip": "CIP", "agg": "AGG"},
        [{"of": "per anion", **data["per_anion"]}, {"of": "per cation", **data["per_cation"]}],
    )
    print_table(
        "Coordination",
        {"pair": "pair", "value": "number", "cutoff_angstrom": "within (A)"},
        [{"pair": pair, **value} for pair, value in data["coordination"].items()],
    )


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str, float, str], None]]:
    """Yield a function that moves a bar per item, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"))
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=messages,
        transient=True,
        disable=not messages.is_terminal,
    ) as progress:
        bars: dict[str, Any] = {}

        def report(item: str, fraction: float, note: str) -> None:
            if item not in bars:
                bars[item] = progress.add_task(item, total=1.0, note="")
            progress.update(bars[item], completed=fraction, note=note)

        yield report


def _compute(calculations: Sequence[Calculation], store_url: str | None) -> list[Row]:
    from potash.running.local import compute_here
    from potash.store import Store
    from potash.store.default import default_store_url

    store = Store(store_url or default_store_url())
    with _progress() as report:
        return compute_here(calculations, store, Path("results/work"), report)


def _exit(rows: Sequence[Row]) -> None:
    if any(row.status == "failed" for row in rows):
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(adsorb)
    app.command()(orbitals)
    app.command()(simulate)
    app.command()(analyze)
