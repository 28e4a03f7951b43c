"""Telling somebody that a run has ended."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from prefect import flow

from potash.errors import InputError
from potash.workflows import notify as module
from potash.workflows.notify import checked, notify, notify_end
from potash.workflows.run import run_campaign

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


def test_a_block_is_refused_where_the_server_is_gone_after_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "x.yaml").write_text("name: x\nmolecules: {items: [dme], levels: [screen]}\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="on a Prefect server of yours") as error:
        run_campaign(tmp_path / "x.yaml", store_url="s.sqlite", notify="slack-webhook/lab")
    assert error.value.source == "--notify"
    assert not (tmp_path / "results").exists(), "nothing is begun"


@pytest.fixture
def heard() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """An address that takes what a webhook sends, and what it got."""
    found: list[dict[str, str]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", found
        server.shutdown()


@pytest.mark.server
@pytest.mark.timeout(900)
def test_a_block_of_a_real_server_sends_it(
    tmp_path: Path, heard: tuple[str, list[dict[str, str]]]
) -> None:
    from prefect.blocks.notifications import CustomWebhookNotificationBlock
    from prefect.testing.utilities import prefect_test_harness

    address, got = heard
    with prefect_test_harness(server_startup_timeout=600):
        saved: Any = CustomWebhookNotificationBlock(
            name="lab", url=address, json_data={"subject": "{{subject}}", "text": "{{body}}"}
        )
        saved.save("lab")
        told: list[str] = []

        @flow
        def campaign() -> None:
            # As the flow of a served campaign does.
            notify_end(
                "custom-webhook/lab", "done", tmp_path, "3 calculations: 3 ok",
                campaign_file=Path("alloys.yaml"), tell=told.append,
            )  # fmt: skip

        campaign()
        assert got == [{"subject": "alloys: done", "text": f"3 calculations: 3 ok\n{tmp_path}"}]
        # And outside of any flow, as a run in the terminal does.
        assert notify("custom-webhook/lab", file=tmp_path, **TOLD) == ""
        assert len(got) == 2
        wrong = notify("custom-webhook/nobody", file=tmp_path, **TOLD)
    assert told == []
    assert "the block 'custom-webhook/nobody' could not be used: Unable to find" in wrong
