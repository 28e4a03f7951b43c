"""The sheet of one candidate: everything that goes to the bench, as plain typed data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from potash.bench.predictions import Prediction, electrolyte_predictions, host_predictions
from potash.bench.preparation import Batch, Preparation, prepare
from potash.bench.protocol import REPLICATES, Test, electrolyte_tests, host_tests, reported
from potash.bench.solution import SolutionDensity
from potash.calibration import Estimate
from potash.catalog.catalog import Catalog
from potash.columns import interval_names, simulated_name
from potash.errors import InputError
from potash.results.measurement import PROPERTIES
from potash.spelling import unknown

RESULT_COLUMNS = (
    "candidate", "property", "value", "uncertainty", "unit", "protocol", "replicate",
    "temperature_c", "current_ma_cm2", "capacity_mah_cm2", "source", "note",
)  # fmt: skip
"""Columns of a results file, in the order of the template."""

UNSOURCED = (
    "Purity, drying and cost: no source here; see the supplier, and write down what you use.",
    "Hazards: only those with a source are printed. For all others see the safety data sheet.",
)

Kind = Literal["electrolyte", "host"]


@dataclass(frozen=True)
class Sheet:
    """What a person needs to make and test a candidate.

    Attributes
    ----------
    id, kind, name
        The candidate.
    date, program
        When and by what it was written.
    rank
        Its place, and what the place is worth, in words.
    state
        Where it stands on the way to the lab, in words; '' where nobody decided yet.
    composition
        As printed in the source (electrolytes), or what the host is made of.
    preparation
        What to weigh; None for hosts.
    made
        How groups made it or what they used, as far as the catalogue says.
    tests
        Cell tests.
    reported
        What groups measured.
    predictions
        What was computed, and what would confirm or refute it.
    to_know
        Cautions.
    keys
        Keys of the rows behind the predictions, by role.
    """

    id: str
    kind: Kind
    name: str
    date: str
    program: str
    rank: str
    state: str
    composition: str
    preparation: Preparation | None
    made: tuple[str, ...]
    tests: tuple[Test, ...]
    reported: tuple[str, ...]
    predictions: tuple[Prediction, ...]
    to_know: tuple[str, ...]
    keys: Mapping[str, str]

    def plain(self) -> dict[str, Any]:
        """Return JSON data."""
        return asdict(self) | {"unsourced": list(UNSOURCED)}

    def results_template(self) -> list[dict[str, str]]:
        """Return one empty result for every property and replicate of the tests."""
        rows = []
        for test in self.tests:
            for replicate in range(1, REPLICATES + 1):
                for column in test.properties:
                    rows.append(
                        dict.fromkeys(RESULT_COLUMNS, "")
                        | {
                            "candidate": self.id,
                            "property": column,
                            "unit": next(iter(PROPERTIES[column].units)),
                            "protocol": test.id,
                            "replicate": str(replicate),
                        }
                    )
        return rows


def kind_of(name: str, catalog: Catalog) -> Kind:
    """Return whether an id is of an electrolyte or a host.

    Raises
    ------
    InputError
        If it is of neither, with the nearest id.
    """
    if name in catalog.electrolytes:
        return "electrolyte"
    if name in catalog.hosts:
        return "host"
    entries = (*catalog.electrolytes.values(), *catalog.hosts.values())
    known = {e.id: (e.name, *e.abbreviations) for e in entries}
    raise InputError(unknown("host or electrolyte", name, known))


def sheet(
    name: str,
    record: Mapping[str, Any],
    catalog: Catalog,
    *,
    batch: Batch,
    date: str,
    state: str = "",
    measured_density: Estimate | None = None,
) -> Sheet:
    """Return the sheet of a candidate.

    Parameters
    ----------
    name
        Id of a host or an electrolyte.
    record
        Its record in the ranked table.
    catalog
        The catalogue that it is from.
    batch
        How much electrolyte to make.
    date
        Printed.
    state
        Where it stands, in words.
    measured_density
        Of the electrolyte, for its molarity, where there is one.

    Raises
    ------
    InputError
        If it is neither host nor electrolyte, or an electrolyte that cannot be made.
    """
    kind = kind_of(name, catalog)
    cautions = tuple(str(flag) for flag in record.get("flags", ()))
    preparation: Preparation | None = None
    if kind == "electrolyte":
        entry = catalog.electrolytes[name]
        density = _density(record, measured_density)
        preparation = prepare(entry, catalog, batch, density=density)
        cautions = (*preparation.warnings, *(c for c in cautions if not c.startswith("amounts: ")))
        composition, quantities = entry.composition_as_printed or entry.name, entry.quantities
        made = (*entry.says, *(f"not stated: {text}" for text in entry.unspecified))
        tests, predictions = electrolyte_tests(name, catalog), electrolyte_predictions(record)
    else:
        host = catalog.hosts[name]
        composition = "; ".join(catalog.models[m].label for m in host.models)
        quantities = host.quantities
        made = (
            f"substrate and form: {host.name}",
            "electrode area: not stated in the catalogue; ____ cm²",
            *host.says,
        )
        tests, predictions = host_tests(name, catalog), host_predictions(record)
        cautions = (*cautions, *host.issues)
    return Sheet(
        id=name,
        kind=kind,
        name=str(record.get("name") or name),
        date=date,
        program=_program(),
        rank=_rank(record),
        state=state,
        composition=composition,
        preparation=preparation,
        made=tuple(made),
        tests=tests,
        reported=reported(quantities),
        predictions=predictions,
        to_know=tuple(dict.fromkeys(cautions)),
        keys=dict(record.get("keys") or {}),
    )


def _density(record: Mapping[str, Any], measured: Estimate | None) -> SolutionDensity | None:
    """Return the density of the solution: a measured one, else a simulated one."""
    if measured is not None:
        return SolutionDensity(measured.raw, measured.low, measured.high, "measured")
    column = "density_g_ml"
    if column in record.get("measured", ()):
        column = simulated_name(column)
    value = record.get(column)
    if value is None:
        return None
    low, high = (record.get(end) for end in interval_names(column))
    return SolutionDensity(float(value), low, high, f"simulated ({record['level']})")


def _program() -> str:
    try:
        return f"Potash {version('potash')}"
    except PackageNotFoundError:  # a source tree that was never installed
        return "Potash"


def _rank(record: Mapping[str, Any]) -> str:
    if record.get("rank") is None:
        return f"not ranked: {record.get('reason') or 'not computed'}"
    low, high = record.get("rank_low"), record.get("rank_high")
    return f"rank {record['rank']}, between {low} and {high} within the uncertainties"
