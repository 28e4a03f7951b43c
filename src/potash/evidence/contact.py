"""Whether each host survives contact with potassium, from the energies of bulk phases."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache, partial

from pymatgen.core import Composition

from potash.bulk.contact import ContactVerdict, contact_verdict
from potash.catalog.catalog import Catalog
from potash.errors import CalculationError, InputError, RefusedError
from potash.evidence.once import once
from potash.evidence.phases import PhaseSet, phase_sets
from potash.store.rows import Row


@once
def contact_verdicts(rows: Sequence[Row], catalog: Catalog) -> dict[str, ContactVerdict]:
    """Return the contact verdict of every model whose bulk composition has an energy.

    Parameters
    ----------
    rows
        Any rows; ``phase`` rows are used, of the level that has most phases.
    catalog
        For the models.

    Returns
    -------
    dict
        Model id to verdict; ``not_known`` with the reason where the check failed. A doped
        compound has that of the compound. Models
        without a bulk phase of their composition (sheets with groups, ribbons, open
        compositions) are absent: there is nothing to check.
    """
    sets = phase_sets(rows)
    if not sets:
        return {}
    found = {}
    # Models of one composition have one verdict.
    verdict_of = cache(partial(_verdict, phases=sets[0]))
    with warnings.catch_warnings():
        # pymatgen warns about its own use of a function that it will drop.
        warnings.filterwarnings("ignore", category=FutureWarning, module="pymatgen")
        for model in catalog.models.values():
            if model.kind not in ("slab", "bulk", "bulk_or_slab"):
                continue
            verdict = verdict_of(model.formula)
            if verdict is not None:
                found[model.id] = verdict
    return found


def _verdict(formula: str, phases: PhaseSet) -> ContactVerdict | None:
    reduced = _reduced(formula)
    same = [p for p in phases.phases if p.reduced == reduced]
    if not same:
        return None
    host = min(same, key=lambda p: p.energy_per_reduced_ev)
    try:
        return contact_verdict(host, phases.phases)
    except (InputError, CalculationError, RefusedError) as error:
        return ContactVerdict(reduced, "not_known", None, (), str(error))


def _reduced(formula: str) -> str:
    """Return the compound whose bulk stands for a formula; '' of an open ratio.

    A dopant, as in ``SnO2:F``, neither makes nor saves a compound from K.
    """
    compound, *dopants = formula.split(":")
    try:
        found = Composition(compound)
    except ValueError:
        return ""
    if len(dopants) > 1 or (dopants and len(found) < 2):
        return ""
    return str(found.reduced_formula)
