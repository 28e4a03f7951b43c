"""The Gaussian process behind suggestions, by BayBE: fit, posterior, choice of a batch."""

from __future__ import annotations

import contextlib
import importlib.util
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from potash.bench.choices import Features
from potash.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_SOURCE = "known from"
_MEASURED, _COMPUTED = "measurement", "computation"


@dataclass(frozen=True)
class Target:
    """A figure to improve.

    Attributes
    ----------
    column
        What it is.
    measured
        Candidate to its measured value.
    maximise
        Whether a larger one is better.
    computed
        Candidate to its computed value: a related task of the model (intrinsic coregionalisation),
        whose offset and correlation with the measured one it learns.
    """

    column: str
    measured: Mapping[str, float]
    maximise: bool = True
    computed: Mapping[str, float] = field(default_factory=dict)

    def among(self, names: Collection[str]) -> Target:
        """Return the target with what is known of some candidates only."""
        measured = {n: v for n, v in self.measured.items() if n in names}
        computed = {n: v for n, v in self.computed.items() if n in names}
        return Target(self.column, measured, self.maximise, computed)

    def without(self, names: Sequence[str]) -> Target:
        """Return the target without the measurements of some candidates."""
        kept = {n: v for n, v in self.measured.items() if n not in names}
        return Target(self.column, kept, self.maximise, self.computed)


def modelled_batch(
    features: Features,
    targets: Sequence[Target],
    left: Sequence[str],
    *,
    batch: int,
    pending: Sequence[str] = (),
    seed: int = 0,
) -> tuple[str, ...]:
    """Return the batch that BayBE's Gaussian process chooses, whatever its skill.

    Of one target by expected improvement, of several by the hypervolume that the batch is
    expected to add to their Pareto front; candidates that were not measured in all of them
    do not count there.

    Parameters
    ----------
    features
        Of every candidate, measured ones too.
    targets
        What to improve.
    left
        Candidates to choose from.
    batch
        How many.
    pending
        Candidates that are being measured.
    seed
        Of the choice.
    """
    require_baybe()
    from baybe.objectives import ParetoObjective
    from baybe.recommenders import BotorchRecommender

    if len(targets) == 1:
        (target,) = targets
        related = bool(target.computed)
        objective, measurements = _objective(target), _table(features, target)
    else:
        _without_compiled_kernel()
        related = False
        objective = ParetoObjective([_numerical(t) for t in targets])
        names = sorted(set.intersection(*(set(t.measured) for t in targets)))
        columns = {t.column: [t.measured[n] for n in names] for t in targets}
        measurements = _rows(features, names).assign(**columns)
    with _quiet(seed):
        found = BotorchRecommender().recommend(
            batch_size=batch,
            searchspace=_space(features, left, related=related),
            objective=objective,
            measurements=measurements,
            pending_experiments=_marked(_rows(features, pending), related) if pending else None,
        )
    # The index of the space is that of the candidates, which may share their features.
    return tuple(left[int(i)] for i in found.index)


def posterior(features: Features, target: Target, names: Sequence[str]) -> tuple[Any, Any]:
    """Return mean and covariance of a measured figure of some candidates."""
    require_baybe()
    from baybe.surrogates import GaussianProcessSurrogate

    related = bool(target.computed)
    with _quiet(0):
        surrogate = GaussianProcessSurrogate()
        surrogate.fit(
            _space(features, list(features), related=related),
            _numerical(Target(target.column, {})).to_objective(),
            _table(features, target),
        )
        found: Any = surrogate.posterior(_marked(_rows(features, names), related))
        mean = found.mean.detach().numpy().ravel()
        covariance = found.covariance_matrix.detach().numpy()
    return mean, covariance


def require_baybe() -> None:
    """Raise :class:`InputError` if BayBE is not installed."""
    if importlib.util.find_spec("baybe") is None:
        raise InputError("suggestions need the package baybe: pip install 'potash[suggest]'")


def _without_compiled_kernel() -> None:
    """Keep BoTorch from compiling its kernel for fronts, which is a little faster.

    A process that is killed while it compiles leaves a lock for which all later ones wait.
    """
    import botorch.acquisition.multi_objective.logei as fronts

    fronts._load_attempted = True


def _numerical(target: Target) -> Any:
    from baybe.targets import NumericalTarget

    return NumericalTarget(target.column, minimize=not target.maximise)


def _objective(target: Target) -> Any:
    return _numerical(target).to_objective()


def _space(features: Features, names: Sequence[str], *, related: bool) -> Any:
    from baybe.parameters import NumericalDiscreteParameter, TaskParameter
    from baybe.searchspace import SearchSpace

    table = _rows(features, list(features))
    parameters: list[Any] = [
        NumericalDiscreteParameter(str(column), sorted(set(values.tolist())))
        for column, values in table.items()
        if values.nunique() > 1
    ]
    varying = [p.name for p in parameters]
    if related:
        parameters.append(TaskParameter(_SOURCE, [_MEASURED, _COMPUTED], active_values=[_MEASURED]))
    shown = _marked(_rows(features, names)[varying], related)
    return SearchSpace.from_dataframe(shown, parameters=parameters)


def _marked(table: pd.DataFrame, related: bool, source: str = _MEASURED) -> pd.DataFrame:
    return table.assign(**{_SOURCE: source}) if related else table


def _rows(features: Features, names: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    columns = sorted(next(iter(features.values())))
    return pd.DataFrame([[features[n][c] for c in columns] for n in names], columns=columns)


def _table(features: Features, target: Target) -> pd.DataFrame:
    import pandas as pd

    parts = []
    related = bool(target.computed)
    for known, source in ((target.measured, _MEASURED), (target.computed, _COMPUTED)):
        names = sorted(known)
        if names:
            values = {target.column: [known[n] for n in names]}
            parts.append(_marked(_rows(features, names), related, source).assign(**values))
    return pd.concat(parts, ignore_index=True)


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
