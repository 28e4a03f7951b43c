"""``potash analyze``: anyone's trajectory of a liquid."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from potash.cli.common import (
    JsonOption,
    output_width,
    print_json,
    print_lines,
    print_paragraph,
    print_title,
)
from potash.cli.progress import prints_to_stderr, progress_bars
from potash.errors import InputError


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
    time_unit: Annotated[
        str | None, typer.Option(help="Unit of a LAMMPS dump's times: fs, ps, ns.")
    ] = None,
    atom_style: Annotated[
        str | None, typer.Option(help="Atom style of a LAMMPS data file that does not say it.")
    ] = None,
    elements: Annotated[
        list[str] | None,
        typer.Option(help="NAME=ELEMENT of atoms that the files do not tell, as 3=CH2."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    json_output: JsonOption = False,
) -> None:
    """Analyse anyone's trajectory.

    Ion pairing (SSIP, CIP, AGG), coordination, diffusion, conductivity and residence
    times, with intervals and whether they are converged.

    Example: potash analyze run.gro run.xtc --cation 'name K' --anion 'resname FSI' --cutoff 3.6
    """
    from potash.trajectories.apart import analyze_apart

    with progress_bars() as report, prints_to_stderr():
        result = analyze_apart(
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
            time_unit=time_unit,
            atom_style=atom_style,
            elements=_elements(elements or []),
            n_workers=workers,
            progress=lambda fraction: report("analysis", fraction, ""),
        )
    data = result.as_dict()
    if json_output:
        print_json({"source": "own", **data})
        return
    from potash.report.liquid_text import liquid_lines

    span = f"{data['n_frames']} frames, {data['n_atoms']} atoms"
    print_title(f"{topology.name}: {span}")
    fractions = {
        f"{per}_{kind}": data[per][kind]
        for per in ("per_anion", "per_cation")
        for kind in data[per]
    }
    print_lines(liquid_lines({**data, **fractions}, data["half_widths"], output_width()))
    for note in data["notes"]:
        print_paragraph(note)


def _elements(pairs: list[str]) -> dict[str, str]:
    """Read ``NAME=ELEMENT`` pairs."""
    found = {}
    for pair in pairs:
        name, mark, element = pair.partition("=")
        if not mark:
            raise InputError(f"{pair!r} should be NAME=ELEMENT, as in 3=CH2", source="--elements")
        found[name] = element
    return found


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(analyze)
