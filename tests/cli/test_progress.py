"""Nothing but results on standard output."""

from __future__ import annotations

import ctypes
import os

import pytest

from potash.cli.progress import prints_to_stderr


def test_what_libraries_print_goes_to_standard_error(
    capfd: pytest.CaptureFixture[str],
) -> None:
    libc = ctypes.CDLL(None)
    with prints_to_stderr():
        print("from Python")
        os.write(1, b"from a system call\n")
        libc.printf(b"from C\n")
    print("the result")
    libc.fflush(None)
    out, err = capfd.readouterr()
    assert out == "the result\n"
    for source in ("Python", "a system call", "C"):
        assert f"from {source}\n" in err


def test_standard_output_is_back_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="engine"), prints_to_stderr():
        raise ValueError("engine")
    print("the result")
    assert capfd.readouterr().out == "the result\n"
