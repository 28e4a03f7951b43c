from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from ase.build import bulk

from potash.engines import potentials
from potash.engines.adsorption_levels import adsorption_level
from potash.engines.potentials import calculator, level_of
from potash.errors import CalculationError, InputError, RefusedError
from potash.results.calculation import canonical_json


def test_fingerprint_holds_weights_and_version():
    fingerprint = adsorption_level("screen").fingerprint
    assert fingerprint["potential"] == "7net-0"
    assert len(fingerprint["weights_sha256"]) == 64
    assert fingerprint["version"]
    other = adsorption_level("screen-chgnet").fingerprint
    assert other["weights_sha256"] != fingerprint["weights_sha256"]


def test_planning_loads_no_torch():
    code = (
        "import sys; from potash.engines.adsorption_levels import adsorption_level;"
        "import potash.hosts.adsorption; adsorption_level('screen'); print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize("element", ["Xe", "U", "Po"])
def test_elements_outside_the_training_are_refused(element):
    with pytest.raises(RefusedError, match=element):
        adsorption_level("screen").check({element, "K"})


def test_charged_cells_and_huge_cells_are_refused():
    level = adsorption_level("screen")
    with pytest.raises(RefusedError, match=r"charge \+1"):
        level.check({"Cu"}, charge=1)
    with pytest.raises(RefusedError, match="401 atoms"):
        level.check({"Cu"}, n_atoms=401)


def test_unknown_level_is_named():
    with pytest.raises(InputError, match="'good'"):
        adsorption_level("good")


def test_any_ase_calculator_is_a_level():
    level = adsorption_level("lj", calculator="ase.calculators.lj:LennardJones")
    assert level.fingerprint["calculator"] == "ase.calculators.lj:LennardJones"
    assert level.fingerprint["version"]
    made = calculator(level.fingerprint)
    atoms = bulk("Ar", cubic=True)
    atoms.calc = made
    assert np.isfinite(atoms.get_potential_energy())


@pytest.mark.parametrize("named", ["nocolon", "a.b:", ":f", "ase.calculators.lj:not a name"])
def test_malformed_calculator_names(named):
    with pytest.raises(InputError, match=r"mypkg\.module:factory"):
        adsorption_level("mine", calculator=named)


def test_missing_calculator_module():
    with pytest.raises(InputError, match="no_such_package"):
        adsorption_level("mine", calculator="no_such_package.module:make")


def test_a_factory_that_gives_no_calculator():
    level = adsorption_level("mine", calculator="json:dumps")
    with pytest.raises(CalculationError, match="json:dumps"):
        calculator(level.fingerprint)


def test_editing_a_calculator_changes_its_fingerprint(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    module = tmp_path / "my_potential_a.py"
    text = "from ase.calculators.lj import LennardJones\ndef make():\n    return LennardJones({})\n"
    module.write_text(text.format("sigma=1.0"))
    first = adsorption_level("mine", calculator="my_potential_a:make").fingerprint
    potentials.file_sha256.cache_clear()
    module.write_text(text.format("sigma=2.0"))
    second = adsorption_level("mine", calculator="my_potential_a:make").fingerprint
    assert canonical_json(first) != canonical_json(second)


def test_a_fingerprint_of_other_weights_is_not_computed():
    fingerprint = {**adsorption_level("screen").fingerprint, "weights_sha256": "0" * 64}
    with pytest.raises(CalculationError, match="weights_sha256"):
        level_of(fingerprint)


@pytest.mark.physics
@pytest.mark.parametrize("name", ["screen", "screen-chgnet"])
def test_bcc_potassium_has_its_lattice_constant(name):
    """Experiment 5.33 angstrom at room temperature, 5.23 at 5 K."""
    from potash.engines.relaxation import bcc_minimum

    a, energy = bcc_minimum("K", calculator(adsorption_level(name).fingerprint), low=4.9, high=5.8)
    assert a == pytest.approx(5.33, abs=0.12)
    assert -1.3 < energy < -0.9
