"""What to measure next: candidates that are promising, or that teach most, by BayBE.

A Gaussian process learns one measured figure of merit from what each candidate is made of.
Whether it may speak is decided by cross-validation: where it does not beat the mean of the
measured values, the batch is spread over the candidates instead.
"""

from __future__ import annotations

import contextlib
import importlib.util
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from potash.bench.preparation import prepare
from potash.catalog.catalog import Catalog
from potash.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

FOLDS = 5
LEAST_MEASURED = 8
"""With fewer measured candidates there is nothing to cross-validate."""
_TARGET = "figure of merit"
_DRAWS = 2000

Features = Mapping[str, Mapping[str, float]]
"""Candidate to feature to number; every candidate has the same features."""


@dataclass(frozen=True)
class Suggestion:
    """The next batch.

    Attributes
    ----------
    candidates
        In the order of the choice.
    learnt
        Whether the model chose; else the batch is spread over what was not measured.
    skill
        1 - squared error of cross-validation / that of the mean (1 = perfect, 0 = the mean);
        None with fewer than :data:`LEAST_MEASURED` measured candidates.
    gain
        Expected best of the batch minus that of a random batch, in the unit of the figure
        of merit; None where the model does not speak.
    why
        In words.
    """

    candidates: tuple[str, ...]
    learnt: bool
    skill: float | None
    gain: float | None
    why: str


def formulation_features(catalog: Catalog) -> Features:
    """Return mole fractions and molarity of every electrolyte that can be made.

    Features that no two electrolytes differ in are not there; electrolytes that cannot be
    made (open compositions, solids) are not there either.
    """
    made = {}
    for name, formulation in catalog.electrolytes.items():
        try:
            made[name] = prepare(formulation, catalog, 1.0)
        except InputError:
            continue
    species = sorted({w.species for p in made.values() for w in p.weighings})
    found = {}
    for name, preparation in made.items():
        total = sum(w.moles_mmol for w in preparation.weighings)
        share = {w.species: w.moles_mmol / total for w in preparation.weighings}
        found[name] = {s: round(share.get(s, 0.0), 6) for s in species}
        found[name]["molarity"] = round(sum(preparation.molarity.values()), 6)
    return found


def suggest(
    features: Features,
    measured: Mapping[str, float],
    *,
    batch: int,
    maximise: bool = True,
    pending: Sequence[str] = (),
    seed: int = 0,
) -> Suggestion:
    """Return the next candidates to measure.

    Parameters
    ----------
    features
        Of every candidate, measured ones too.
    measured
        Candidate to its figure of merit.
    batch
        How many to choose.
    maximise
        Whether a larger figure is better.
    pending
        Candidates that are being measured: not chosen again.
    seed
        Of the choice.

    Raises
    ------
    InputError
        If BayBE is not installed, or too few candidates are left.
    """
    left = [name for name in features if name not in measured and name not in pending]
    if len(left) < batch:
        raise InputError(f"only {len(left)} candidates are left, too few for {batch}")
    skill = cross_validated_skill(features, measured, seed=seed)
    if skill is None or skill <= 0:
        why = (
            f"{len(measured)} measured candidates are too few to learn from (it needs "
            f"{LEAST_MEASURED}): spread over the compositions"
            if skill is None
            else f"not learnable yet: the model predicts no better than the mean (skill "
            f"{skill:.2f}): spread over the compositions"
        )
        return Suggestion(
            _spread(features, [*measured, *pending], left, batch), False, skill, None, why
        )
    chosen = modelled_batch(
        features, measured, left, batch=batch, maximise=maximise, pending=pending, seed=seed
    )
    gain = _gain(features, measured, left, chosen, maximise, seed)
    why = f"the model explains {skill:.0%} of the variance in cross-validation"
    return Suggestion(chosen, True, skill, gain, why)


def cross_validated_skill(
    features: Features, measured: Mapping[str, float], *, seed: int
) -> float | None:
    """Return 1 - squared error of the model / of the mean, over folds; None with too few."""
    names = sorted(measured)
    if len(names) < LEAST_MEASURED:
        return None
    order = np.random.default_rng(seed).permutation(len(names))
    model = null = 0.0
    for fold in range(FOLDS):
        out = [names[i] for i in order[fold::FOLDS]]
        training = {n: measured[n] for n in names if n not in out}
        truth = np.array([measured[n] for n in out])
        mean, _ = _posterior(features, training, out)
        model += float(((truth - mean) ** 2).sum())
        null += float(((truth - np.mean(list(training.values()))) ** 2).sum())
    return 1 - model / null if null > 0 else None


def _spread(
    features: Features, taken: Sequence[str], left: Sequence[str], batch: int
) -> tuple[str, ...]:
    """Return candidates far from those taken and from one another (greedy, farthest first)."""
    columns = sorted(next(iter(features.values())))
    table = {n: np.array([f[c] for c in columns]) for n, f in features.items()}
    spread = np.ptp(np.stack(list(table.values())), axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    near = [table[n] for n in taken] or [np.mean(list(table.values()), axis=0)]
    chosen: list[str] = []
    for _ in range(batch):
        distance = {
            n: min(float(np.linalg.norm((table[n] - x) / scale)) for x in near)
            for n in left
            if n not in chosen
        }
        best = max(sorted(distance), key=lambda n: distance[n])
        chosen.append(best)
        near.append(table[best])
    return tuple(chosen)


def modelled_batch(
    features: Features,
    measured: Mapping[str, float],
    left: Sequence[str],
    *,
    batch: int,
    maximise: bool = True,
    pending: Sequence[str] = (),
    seed: int = 0,
) -> tuple[str, ...]:
    """Return the batch that BayBE's Gaussian process chooses, whatever its skill.

    Parameters
    ----------
    features, measured, batch, maximise, pending, seed
        As of :func:`suggest`.
    left
        Candidates to choose from.
    """
    _require_baybe()
    from baybe.recommenders import BotorchRecommender

    with _quiet(seed):
        found = BotorchRecommender().recommend(
            batch_size=batch,
            searchspace=_space(features, left),
            objective=_objective(maximise),
            measurements=_table(features, measured),
            pending_experiments=_rows(features, pending) if pending else None,
        )
    # The index of the space is that of the candidates, which may share their features.
    return tuple(left[int(i)] for i in found.index)


def _gain(
    features: Features,
    measured: Mapping[str, float],
    left: Sequence[str],
    chosen: Sequence[str],
    maximise: bool,
    seed: int,
) -> float:
    """Return by how much the best of a batch is expected to beat that of a random batch."""
    mean, covariance = _posterior(features, measured, left)
    sign = 1.0 if maximise else -1.0
    rng = np.random.default_rng(seed)
    draws = rng.multivariate_normal(sign * mean, covariance, size=_DRAWS, method="eigh")
    own = draws[:, [list(left).index(n) for n in chosen]].max(axis=1)
    picks = np.argsort(rng.random(draws.shape), axis=1)[:, : len(chosen)]
    at_random = np.take_along_axis(draws, picks, axis=1).max(axis=1)
    return float(own.mean() - at_random.mean())


def _require_baybe() -> None:
    if importlib.util.find_spec("baybe") is None:
        raise InputError("suggestions need the package baybe: pip install 'potash[suggest]'")


def _posterior(
    features: Features, measured: Mapping[str, float], names: Sequence[str]
) -> tuple[Any, Any]:
    """Return mean and covariance of the figure of merit of some candidates."""
    _require_baybe()
    from baybe.surrogates import GaussianProcessSurrogate

    with _quiet(0):
        surrogate = GaussianProcessSurrogate()
        surrogate.fit(
            _space(features, list(features)), _objective(True), _table(features, measured)
        )
        posterior: Any = surrogate.posterior(_rows(features, names))
        mean = posterior.mean.detach().numpy().ravel()
        covariance = posterior.covariance_matrix.detach().numpy()
    return mean, covariance


def _objective(maximise: bool) -> Any:
    from baybe.targets import NumericalTarget

    return NumericalTarget(_TARGET, minimize=not maximise).to_objective()


def _space(features: Features, names: Sequence[str]) -> Any:
    from baybe.parameters import NumericalDiscreteParameter
    from baybe.searchspace import SearchSpace

    table = _rows(features, list(features))
    parameters = [
        NumericalDiscreteParameter(str(column), sorted(set(values.tolist())))
        for column, values in table.items()
        if values.nunique() > 1
    ]
    varying = [p.name for p in parameters]
    return SearchSpace.from_dataframe(_rows(features, names)[varying], parameters=parameters)


def _rows(features: Features, names: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    columns = sorted(next(iter(features.values())))
    return pd.DataFrame([[features[n][c] for c in columns] for n in names], columns=columns)


def _table(features: Features, measured: Mapping[str, float]) -> pd.DataFrame:
    names = sorted(measured)
    return _rows(features, names).assign(**{_TARGET: [measured[n] for n in names]})


@contextlib.contextmanager
def _quiet(seed: int) -> Iterator[None]:
    """Seed torch for the block, and keep the warnings of the fit to itself."""
    import torch

    state = torch.get_rng_state()
    torch.manual_seed(seed)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.set_rng_state(state)
