"""The stand-in as a process of its own, whose state a file holds."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.github_stand_in import StandIn
from tests.unit.github_stand_in.asking import Repo, ask


def test_a_process_begins_with_what_its_file_says_and_keeps_it_there(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with StandIn(state_file=file) as before:
        before.add_pull(1)
        before.add_release("v1", assets={"model.onnx": bytes(range(256))})
        token = before.token()
    call = [sys.executable, "-m", "tests.github_stand_in", "--state", str(file)]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = f"{process.stdout.readline().strip()}/repos/octo-org/models/issues/1/comments"
        assert ask(url, "POST", {"body": "text"}, token=token).status == 201
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    with StandIn(state_file=file) as after:
        assert [it.body for it in after.comments(1)] == ["text"]
        assert after.assets("v1")["model.onnx"].content == bytes(range(256))


def test_a_process_tells_of_violations_when_it_ends(tmp_path: Path) -> None:
    call = [sys.executable, "-m", "tests.github_stand_in"]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ask(f"{process.stdout.readline().strip()}/nothing")
        process.send_signal(signal.SIGINT)
        assert process.wait() == 1
        assert "GET /nothing: no such operation" in process.stderr.read()


def test_a_state_can_be_written_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    pull = {"number": 3, "head_sha": "a", "head_branch": "x", "head_repository": None, "base_sha": "b"}
    file.write_text(json.dumps({"repository": "o/r", "pulls": {"3": pull}}))
    with StandIn(state_file=file) as stand_in:
        assert Repo(stand_in)("pulls/3").json["number"] == 3
