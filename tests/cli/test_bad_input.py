"""Bad input: one clear line on standard error, exit code 2, nothing on standard output."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest

from potash import cli
from potash.errors import QuotaError


def call(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["potash", *arguments])
    code = 0
    try:
        cli.main()
    except SystemExit as end:
        code = int(end.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


FILES = {
    "malformed.yaml": "name: [x\n",
    "unknown_key.yaml": "name: x\nmolecules: {itms: [dme]}\n",
    "unknown_host.yaml": "name: x\nhosts: {items: [cu_112]}\n",
    "unknown_level.yaml": "name: x\nmolecules: {items: [dme], levels: [screeen]}\n",
    "small_box.yaml": "name: x\nliquids: {items: [kfsi_dme_1m], n_atoms: 600}\n",
    "own.yaml": "name: x\ncatalog: own\nliquids: {items: [mine]}\n",
    "own/formulations.yaml": (
        "formulations:\n"
        "- id: mine\n  name: mine\n  kind: liquid\n  components:\n"
        "  - {species: kfsi, role: salt, amount: {value: -1, unit: mol/L}}\n"
        "  - {species: dme, role: solvent, amount: {unit: balance}}\n"
    ),
    "charge.yaml": "name: x\ncatalog: charge\nmolecules: {items: [dme]}\n",
    "charge/salts.yaml": (
        "salts:\n"
        "- {id: bad_salt, name: bad, cation: k_plus, anion: fsi_minus, n_cation: 2, n_anion: 1}\n"
    ),
    "broken.cif": "data_x\n_cell_length_a nonsense\n",
    "water.xyz": "3\n\nO 0 0 0\nH 0 0.76 0.59\nH 0 -0.76 0.59\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "missing.yaml"], ["missing.yaml"]),
        (["run", "malformed.yaml"], ["malformed.yaml:2"]),
        (["run", "unknown_key.yaml"], ["unknown_key.yaml", "itms", "items"]),
        (["run", "unknown_host.yaml"], ["unknown_host.yaml", "cu_112", "cu_111"]),
        (["run", "unknown_level.yaml"], ["screeen", "screen"]),
        (["run", "small_box.yaml"], ["small_box.yaml", "n_atoms", "600", "ask for"]),
        (["run", "own.yaml"], ["formulations.yaml", "mine", "-1"]),
        (["run", "charge.yaml"], ["salts.yaml", "bad_salt"]),
        (["run", "unknown_host.yaml", "--only", "liquid"], ["liquid", "did you mean 'liquids'"]),
        (["hosts", "cu6sn5"], ["cu6sn5", "cu6sn5_cu"]),
        (["molecules", "dmee"], ["dmee"]),
        (["electrolytes", "kfsi"], ["kfsi"]),
        (["claims", "ads_cu"], ["ads_cu"]),
        (["adsorb", "broken.cif"], ["broken.cif"]),
        (["adsorb", "missing.cif"], ["missing.cif", "no such file"]),
        (["adsorb", "nonsense_id"], ["nonsense_id"]),
        (["adsorb", "cu_111", "--level", "screeen"], ["screeen", "screen-chgnet"]),
        (["adsorb", "cu_111", "--calculator", "nowhere.at:all"], ["nowhere.at"]),
        (["orbitals", "C1CC"], ["C1CC"]),
        (["orbitals", "[U]"], ["U"]),
        (["orbitals", "C" * 400], ["atoms"]),
        (["orbitals", "CC.[Na+]"], ["CC.[Na+]"]),
        (["simulate", "kfsi_dme"], ["kfsi_dme"]),
        (["simulate", "kfsi_dme_1m", "--atoms", "600"], ["kfsi_dme_1m", "600", "ask for"]),
        (["analyze", "water.xyz", "--cation", "name K"], ["name K"]),
        (["analyze", "missing.gro"], ["missing.gro"]),
        (["rank", "molecules", "--role", "solvnt"], ["--role", "solvnt", "'solvent'"]),
        (["rank", "electrolytes", "--role", "solvent"], ["--role", "electrolytes have no role"]),
        (["rank", "hosts", "--population", "separators"], ["--population", "'separator'"]),
        (["rank", "molecules", "--population", "phase"], ["--population", "no population"]),
        (["rank", "hosts", "--class", "mxnee"], ["--class", "mxnee", "'mxene'"]),
        (["rank", "hosts", "--without", "Xx"], ["--without", "Xx"]),
        (["rank", "hosts", "--choose", "500"], ["--choose", "500"]),
        (["rank", "molecules", "--where", "mass=3"], ["--where", "mass=3"]),
        (["rank", "molecules", "--where", "molar_mas_g_mol<=3"], ["--where", "'molar_mass_g_mol'"]),
        (
            [
                "rank",
                "molecules",
                "--where",
                "molar_mass_g_mol<=3",
                "--where",
                "molar_mass_g_mol>=4",
            ],
            ["--where molar_mass_g_mol", "nothing is at least 4"],
        ),
        (["rank", "molecules", "--where", "molar_mass_g_mol<=1"], ["no molecule meets"]),
        (["rank", "hosts", "--store", "nonsense://x"], ["nonsense://x", "sqlite"]),
        (["import", "missing"], ["missing", "no such folder"]),
        (["export", "rows"], ["--store"]),
    ],
)
def test_one_line_exit_code_2(
    arguments: list[str],
    says: list[str],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = call(arguments, monkeypatch, capsys)
    assert (code, out) == (2, ""), err
    assert err.startswith("error: ")
    assert err.count("\n") == 1, err
    for text in says:
        assert text in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "error, line",
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded", "a/b.csv"), "a/b.csv: the disk is full"),
        (
            OSError(errno.EROFS, "Read-only file system", "results"),
            "results: read-only file system",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "out"), "out: permission denied"),
    ],
)
def test_what_the_system_refuses_is_one_line(
    error: OSError,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(**_: object) -> None:
        raise error

    monkeypatch.setattr("potash.cli.app", refuse)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"error: {line}\n"


def test_the_quota_of_the_disk_has_an_exit_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(**_: object) -> None:
        raise QuotaError("results/x takes 2 GB")

    monkeypatch.setattr("potash.cli.app", stop)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 3
    assert capsys.readouterr().err == "error: results/x takes 2 GB\n"
