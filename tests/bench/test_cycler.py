"""Cycler files in the Battery Data Format beside numbers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash.bench.cycler import cycler_lines, is_bdf, read_bdf
from potash.errors import InputError

HEAD = "Test Time / s,Voltage / V,Current / A,Cycle Count / 1"


def half_cell(path: Path, efficiencies: list[float], *, head: str = HEAD) -> Path:
    """Write plating of 3.6 C at 1 mA, and stripping of as much as comes back, cycle by cycle."""
    lines, time = [head], 0.0
    for cycle, efficiency in enumerate(efficiencies, start=1):
        for seconds, current, voltage in ((3600.0, -1e-3, -0.05), (3600 * efficiency, 1e-3, 0.07)):
            for point in (0.0, seconds):
                lines.append(f"{time + point},{voltage},{current},{cycle}")
            lines.append(f"{time + seconds},0.0,0.0,{cycle}")
            time += seconds
    path.write_text("\n".join(lines) + "\n")
    return path


def test_efficiency_of_each_cycle_but_the_first(tmp_path: Path) -> None:
    file = half_cell(tmp_path / "cell.bdf.csv", [0.80, 0.98, 0.99, 1.00])
    assert is_bdf(file)
    found = read_bdf(file)
    assert found.coulombic_efficiency == pytest.approx((0.98, 0.99, 1.00))
    mean, half = found.efficiency()
    assert mean == pytest.approx(0.99)
    # t(0.975, 2) = 4.3027, standard error 0.01 / sqrt(3).
    assert half == pytest.approx(4.3027 * 0.01 / 3**0.5, abs=1e-5)
    assert found.overpotential_mv == pytest.approx(60.0)  # half the points at 50, half at 70
    assert found.hours == pytest.approx(4 + 0.80 + 0.98 + 0.99 + 1.00)


def test_machine_readable_names_are_the_same_columns(tmp_path: Path) -> None:
    head = "test_time_second,voltage_volt,current_ampere,cycle_count"
    file = half_cell(tmp_path / "cell.csv", [0.8, 0.9], head=head)
    mean, half = read_bdf(file).efficiency()
    assert mean == pytest.approx(0.9)
    assert half is None, "one cycle has no spread"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Cycle Count / 1", "Cycle", "no column 'Cycle Count / 1'"),
        ("-0.05,-0.001,1", "x,-0.001,1", "line 2, Voltage: 'x' is not a number"),
        ("3600.0,-0.05", "-5,-0.05", "line 3: time runs backwards"),
        ("0.001", "0.0", "no current flows"),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    file = half_cell(tmp_path / "cell.csv", [0.8, 0.9])
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(InputError, match=says):
        read_bdf(file)


def test_one_cycle_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no whole cycle after the first"):
        read_bdf(half_cell(tmp_path / "cell.csv", [0.8]))


def test_a_results_file_is_no_cycler_file(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("candidate,property\n")
    assert not is_bdf(tmp_path / "r.csv")


def test_units_of_the_instrument(tmp_path: Path) -> None:
    usual = read_bdf(half_cell(tmp_path / "cell.csv", [0.8, 0.98, 0.99]))
    lines = (tmp_path / "cell.csv").read_text().splitlines()[1:]
    other = ["Test Time / h,Voltage / mV,Current / mA,Cycle Count / 1"]
    for line in lines:
        time, voltage, current, cycle = line.split(",")
        other.append(f"{float(time) / 3600},{1e3 * float(voltage)},{1e3 * float(current)},{cycle}")
    (tmp_path / "own.csv").write_text("\n".join(other) + "\n")
    found = read_bdf(tmp_path / "own.csv")
    assert found.coulombic_efficiency == pytest.approx(usual.coulombic_efficiency)
    assert found.overpotential_mv == pytest.approx(usual.overpotential_mv)
    assert found.hours == pytest.approx(usual.hours)
    (tmp_path / "bad.csv").write_text("\n".join(["Test Time / d" + other[0][13:], *other[1:]]))
    assert not is_bdf(tmp_path / "bad.csv"), "a unit that is not known is not guessed"


def test_a_half_cell_ends_where_too_little_comes_back(tmp_path: Path) -> None:
    found = read_bdf(half_cell(tmp_path / "cell.csv", [0.7, 0.98, 0.99, 0.5, 0.9]))
    life, end = found.life_h(symmetric=False)
    # Three cycles before: 1.7, 1.98 and 1.99 h. The first does not count.
    assert life == pytest.approx(1.7 + 1.98 + 1.99)
    assert end == "coulombic efficiency 0.50"
    alive = read_bdf(half_cell(tmp_path / "other.csv", [0.7, 0.98, 0.99]))
    assert alive.life_h(symmetric=False) == (None, "no end within 5.7 h")


@pytest.mark.parametrize(("voltage", "says"), [(0.2, "polarised"), (0.01, "short circuit")])
def test_a_symmetric_cell_ends_where_its_voltage_leaves(
    tmp_path: Path, voltage: float, says: str
) -> None:
    lines, time = [HEAD], 0.0
    for cycle, volts in enumerate((0.9, 0.05, 0.05, 0.06, 0.05, voltage, 0.05), start=1):
        for current in (-1e-3, 1e-3):
            for point in (0.0, 1800.0):
                lines.append(f"{time + point},{volts},{current},{cycle}")
            lines.append(f"{time + 1800.0},0.0,0.0,{cycle}")
            time += 1800.0
    file = tmp_path / "cell.csv"
    file.write_text("\n".join(lines) + "\n")
    life, end = read_bdf(file).life_h(symmetric=True)
    assert life == pytest.approx(5.0)  # the sixth cycle of an hour
    assert end.startswith(says)
    found = cycler_lines(
        file, candidate="kfsi_dme_1m", protocol="symmetric", replicate="1", by="Ada"
    )
    assert {x.inputs.quantity: x.inputs.value for x in found} == {
        "overpotential_mv": pytest.approx(50.0),
        "life_h": pytest.approx(5.0),
    }
