"""Telling somebody that a run has ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from potash.errors import InputError
from potash.workflows import notify as module
from potash.workflows.notify import checked, notify, notify_end

TOLD = {"campaign": "alloys", "state": "done", "text": "3 calculations: 3 ok"}


def script(folder: Path, body: str) -> str:
    file = folder / "tell.sh"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return str(file)


def test_the_command_gets_the_file_and_what_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = script(tmp_path, 'echo "$POTASH_CAMPAIGN|$POTASH_STATE|$POTASH_TEXT|$1|$2" > told')
    command = command.replace("tell.sh", "tell.sh 'to the lab'")
    here = tmp_path / "answer; rm -rf x.html"
    monkeypatch.chdir(tmp_path)
    assert notify(command, file=here, **TOLD) == ""
    said = (tmp_path / "told").read_text().strip()
    assert said == f"alloys|done|3 calculations: 3 ok|to the lab|{here}"


def test_what_goes_wrong_is_returned_and_told_and_nothing_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = script(tmp_path, "echo no route to host >&2; exit 3")
    assert "ended with 3: no route to host" in notify(failing, file=tmp_path, **TOLD)
    assert "did not run" in notify("no-such-command-here x", file=tmp_path, **TOLD)
    monkeypatch.setattr(module, "LIMIT_S", 0.2)
    assert "timed out" in notify(script(tmp_path, "exec sleep 5"), file=tmp_path, **TOLD)
    heard: list[str] = []
    file = tmp_path / "alloys.yaml"
    notify_end(failing, "done", tmp_path, "x", campaign_file=file, tell=heard.append)
    assert heard
    assert "nobody was notified" in heard[0]
    notify_end(None, "done", tmp_path, "x", campaign_file=file, tell=heard.append)
    assert len(heard) == 1


@pytest.mark.parametrize("target", ["", "   ", "no-such-command-here", "'unclosed", "a/b/c"])
def test_a_target_that_cannot_work_is_refused_before_the_run(target: str) -> None:
    with pytest.raises(InputError) as error:
        checked(target)
    assert error.value.source == "--notify"


def test_commands_and_blocks_are_taken_and_work_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path, "true")
    monkeypatch.chdir(tmp_path)
    assert checked("./tell.sh 'to the lab'") == f"{tmp_path}/tell.sh 'to the lab'"
    assert checked("slack-webhook/lab") == "slack-webhook/lab"
