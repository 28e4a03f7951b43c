"""``potash adsorb`` on bad files and facets: one line on standard error, exit 2."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ase.build import bulk, fcc111
from ase.io import write

from potash import cli
from tests.structures.crystals import cif


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "occ_q.cif").write_text(cif("Cu1 Cu 0 0 0 ?\n", occupancy=True))
    (tmp_path / "occ_dot.cif").write_text(cif("Cu1 Cu 0 0 0 .\n", occupancy=True))
    (tmp_path / "half.cif").write_text(cif("Cu1 Cu 0 0 0 0.5\n", occupancy=True))
    blocks = cif("Cu1 Cu 0 0 0\n", name="first") + cif("Ag1 Ag 0 0 0\n", name="second")
    (tmp_path / "two.cif").write_text(blocks)
    (tmp_path / "bad.cif").write_text("data_x\nloop_\n_a\n_b\n1 2 3\n")
    (tmp_path / "empty.cif").touch()
    (tmp_path / "folder.cif").mkdir()
    write(tmp_path / "cu.cif", bulk("Cu"))
    write(tmp_path / "vac6.cif", fcc111("Al", (2, 2, 4), vacuum=3.0, periodic=True))
    write(tmp_path / "slab.cif", fcc111("Al", (2, 2, 4), vacuum=6.0, periodic=True))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["occ_q.cif", "--facet", "1,1,1"], "site Cu1 has the occupancy '?'"),
        (["occ_dot.cif"], "site Cu1 has the occupancy '.'"),
        (["half.cif"], "partially occupied (0.5)"),
        (["two.cif"], "say which one: two.cif#first, two.cif#second"),
        (["two.cif#third"], "no data block with a structure is named 'third'"),
        (["bad.cif"], "is not valid CIF: 2:0"),
        (["empty.cif"], "is empty"),
        (["folder.cif"], "is a folder"),
        (["absent.cif"], "there is no such file"),
        (["x" * 300 + ".cif"], "name too long"),
        (["x" * 300], "name too long"),
        (["vac6.cif"], "only 6.0 angstrom of vacuum along cell vector c"),
        (["vac6.cif"], "at least 10 angstrom"),
        (["slab.cif", "--facet", "1,1,1"], "is a slab or sheet already; a facet (1,1,1)"),
        (["cu.cif", "--facet", "garbage"], "'garbage' is not a Miller index"),
        (["cu.cif", "--facet", "10-10"], "the axes are not hexagonal"),
        (["cu_111", "--facet", "garbage"], "'garbage' is not a Miller index"),
        (["cu_foil", "--facet", "1,1"], "'1,1' is not a Miller index"),
        (["pristine_graphene", "--facet", "1,1,0"], "pristine_graphene: facet: '1,1,0' asks"),
    ],
)
def test_one_line_and_exit_2(
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["potash", "adsorb", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert words.lower() in " ".join(output.err.split()).lower()
    assert "Error" not in output.err
    assert output.err.startswith("error: ")
