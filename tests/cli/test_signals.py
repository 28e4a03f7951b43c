"""What SIGTERM does to a command, and after it."""

from __future__ import annotations

import os
import signal
import time

import pytest

from potash import cli


def test_the_handler_of_before_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[object] = []

    def app(**_: object) -> int:
        seen.append(signal.getsignal(signal.SIGTERM))
        return 0

    monkeypatch.setattr(cli, "app", app)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert seen == [cli._terminate]
    assert signal.getsignal(signal.SIGTERM) == before


def test_sigterm_stops_a_command_with_143(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def app(**_: object) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
        return 0

    monkeypatch.setattr(cli, "app", app)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 143
    assert "stopped" in capsys.readouterr().err
