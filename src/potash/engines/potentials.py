"""Machine-learned potentials and user-named calculators for adsorption.

Weights are found inside the installed packages and hashed without importing
torch, so that planning a campaign stays fast and needs no potential loaded.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.metadata
import importlib.util
import io
import os
import sys
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from potash.engines.levels import Level, require_installed
from potash.errors import CalculationError, InputError
from potash.results.calculation import canonical_json
from potash.results.finite import first_not_finite

# Outside every public training set worth trusting: closed shells bind by dispersion
# only, actinides and short-lived elements are all but absent from the data.
_NOBLE_GASES = frozenset({"He", "Ne", "Ar", "Kr", "Xe", "Rn"})
_ACTINIDES = frozenset({"Ac", "Th", "Pa", "U", "Np", "Pu"})
_SHORT_LIVED = frozenset({"Po", "At", "Fr", "Ra"})
EXCLUDED_ELEMENTS = _NOBLE_GASES | _ACTINIDES | _SHORT_LIVED

SMALLEST_MAX_FORCE_EV_ANGSTROM = 0.005
"""Single-precision potentials do not give forces more smoothly than this."""


@dataclass(frozen=True)
class Potential:
    """A potential whose weights ship inside a Python package.

    Attributes
    ----------
    name
        What the literature calls it.
    package
        Import name of the package.
    weights
        Path of the weight file inside the package.
    training
        What it was fitted to, and with which corrections.
    hubbard_elements
        Elements that carry a Hubbard U in the oxides and fluorides it was fitted to.
    """

    name: str
    package: str
    weights: str
    training: str
    hubbard_elements: frozenset[str] = frozenset()

    def weight_file(self) -> Path:
        """Return the path of the weights, without importing the package.

        Raises
        ------
        CalculationError
            If the package or the file is not installed.
        """
        spec = importlib.util.find_spec(self.package)
        if spec is None or spec.origin is None:
            raise CalculationError(f"{self.name} needs the package {self.package}")
        path = Path(spec.origin).parent / self.weights
        if not path.is_file():
            raise CalculationError(
                f"{self.package} is installed without the weights {self.weights}"
            )
        return path


# Of the Materials Project: +U on these metals in oxides and fluorides, and nowhere else.
_MP_HUBBARD = frozenset({"Co", "Cr", "Fe", "Mn", "Mo", "Ni", "V", "W"})

POTENTIALS: Mapping[str, Potential] = {
    "7net-0": Potential(
        name="7net-0",
        package="sevenn",
        weights="pretrained_potentials/SevenNet_0__11Jul2024/checkpoint_sevennet_0.pth",
        training="MPtrj: PBE and, for oxides and fluorides of eight transition metals, PBE+U",
        hubbard_elements=_MP_HUBBARD,
    ),
    "chgnet": Potential(
        name="chgnet",
        package="chgnet",
        weights="pretrained/0.3.0/chgnet_0.3.0_e29f68s314m37.pth.tar",
        training="MPtrj: PBE and PBE+U with the Materials Project's energy corrections",
        hubbard_elements=_MP_HUBBARD,
    ),
}

LEVELS: Mapping[str, str] = {"screen": "7net-0", "screen-chgnet": "chgnet"}
"""Level name to potential."""


@lru_cache(maxsize=32)
def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes (read once per process)."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@lru_cache(maxsize=8)
def _potential_fingerprint(name: str) -> Mapping[str, Any]:
    potential = POTENTIALS[name]
    return {
        "engine": "potential",
        "potential": name,
        "package": potential.package,
        "version": importlib.metadata.version(potential.package),
        "weights_sha256": file_sha256(potential.weight_file()),
    }


def _module_of(named: str) -> tuple[str, str]:
    module, _, factory = named.partition(":")
    if not module or not factory or not factory.isidentifier():
        raise InputError(
            f"calculator {named!r} is not of the form mypkg.module:factory", field="calculator"
        )
    return module, factory


def _import_paths() -> None:
    """Let a calculator module in the campaign's folder be found by its name."""
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.append(here)


def _user_fingerprint(named: str) -> Mapping[str, Any]:
    """Hash what a user names: the module's source and the version of its package."""
    module, factory = _module_of(named)
    _import_paths()
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        raise InputError(f"calculator module {module!r} is not found", field="calculator")
    top = module.partition(".")[0]
    owners = _owners().get(top, ())
    version = importlib.metadata.version(owners[0]) if owners else ""
    return {
        "engine": "user",
        "calculator": f"{module}:{factory}",
        "version": version,
        "source_sha256": file_sha256(Path(spec.origin)),
    }


@lru_cache(maxsize=1)
def _owners() -> Mapping[str, Sequence[str]]:
    """Return module to the packages that it comes from: every package is read for that, once."""
    return importlib.metadata.packages_distributions()


def potential_level(name: str) -> Level:
    """Return the level of a name in :data:`LEVELS`.

    Raises
    ------
    CalculationError
        If its package is not installed.
    """
    return level_of(_potential_fingerprint(LEVELS[name]), name=name)


def user_level(name: str, calculator: str) -> Level:
    """Return the level of a user's ASE calculator; see ``adsorption_level``.

    Raises
    ------
    InputError
        If the module is not found.
    """
    fingerprint = _user_fingerprint(calculator)
    return Level(
        property="adsorption",
        name=name,
        theory="potential",
        engine=calculator,
        engine_version=str(fingerprint["version"]),
        method=f"{calculator} (user's calculator)",
        fingerprint=fingerprint,
    )


def level_of(fingerprint: Mapping[str, Any], name: str = "") -> Level:
    """Return the level that a fingerprint stands for.

    Raises
    ------
    CalculationError
        If the fingerprint is of no engine of this module, or of another
        version or other weights than those installed.
    """
    if fingerprint.get("engine") == "user":
        here = _user_fingerprint(str(fingerprint["calculator"]))
        require_installed(fingerprint, here)
        return user_level(name or "user", str(fingerprint["calculator"]))
    potential = POTENTIALS.get(str(fingerprint.get("potential")))
    if fingerprint.get("engine") != "potential" or potential is None:
        raise CalculationError(f"no potential for the fingerprint {dict(fingerprint)}")
    require_installed(fingerprint, _potential_fingerprint(potential.name))
    return Level(
        property="adsorption",
        name=name or potential.name,
        theory="potential",
        engine=potential.name,
        engine_version=str(fingerprint["version"]),
        method=f"{potential.name} ({potential.package} {fingerprint['version']})",
        fingerprint=fingerprint,
        knows_electrons=False,
        excluded_elements=EXCLUDED_ELEMENTS,
        max_atomic_number=94,
        max_atoms=400,
    )


def trained_with_u(level: Level, elements: Collection[str]) -> frozenset[str]:
    """Return the elements of a composition that a level's potential learnt with a Hubbard U."""
    potential = POTENTIALS.get(level.engine)
    if potential is None or not set(elements) & {"O", "F"}:
        return frozenset()
    return potential.hubbard_elements & set(elements)


_LOADED: dict[str, Any] = {}


def calculator(fingerprint: Mapping[str, Any]) -> Any:
    """Return the ASE calculator of a fingerprint, loaded once per process.

    Runs on one thread: several potentials share a machine by processes, and
    sums over one thread are the same in every run.

    Raises
    ------
    CalculationError
        If another version is installed, or the user's factory does not give an
        ASE calculator; the calculator raises it for a property that is NaN or infinite.
    """
    key = canonical_json(fingerprint)
    if key not in _LOADED:
        level_of(fingerprint)
        if fingerprint["engine"] == "user":
            made = _load_user(str(fingerprint["calculator"]))
        else:
            made = _load_potential(POTENTIALS[str(fingerprint["potential"])])
        _LOADED[key] = _refusing_nan(made)
    return _LOADED[key]


def _refusing_nan(calculator: Any) -> Any:
    """Return the calculator, which from now on raises where it would give NaN or infinity."""
    given = calculator.get_property

    def get_property(name: str, *arguments: Any, **options: Any) -> Any:
        value = given(name, *arguments, **options)
        if bad := first_not_finite(value, name):
            raise CalculationError(
                f"the calculator gave a number that is not finite: {bad[0]} is {bad[1]}"
            )
        return value

    calculator.get_property = get_property
    return calculator


def _load_potential(potential: Potential) -> Any:
    path = potential.weight_file()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch = importlib.import_module("torch")
        torch.set_num_threads(1)
        if potential.package == "sevenn":
            sevenn = importlib.import_module("sevenn.calculator")
            return sevenn.SevenNetCalculator(path, device="cpu")
        model = importlib.import_module("chgnet.model.model")
        dynamics = importlib.import_module("chgnet.model.dynamics")
        weights = model.CHGNet.load(model_name="0.3.0", use_device="cpu", verbose=False)
        return dynamics.CHGNetCalculator(
            model=weights, use_device="cpu", on_isolated_atoms="ignore"
        )


def _load_user(named: str) -> Any:
    module, factory = _module_of(named)
    _import_paths()
    try:
        made = getattr(importlib.import_module(module), factory)()
    except Exception as error:
        raise CalculationError(f"calculator {named} could not be made: {error}") from error
    if not hasattr(made, "get_property") or not hasattr(made, "calculate"):
        raise CalculationError(f"calculator {named} did not give an ASE calculator")
    return made
