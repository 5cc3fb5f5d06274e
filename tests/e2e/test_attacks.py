"""Model code that attacks, run by the command as root: each attack is contained, and its row says so."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from onnx_convert.isolation import users
from onnx_convert.report.model import Report
from onnx_convert.workers.process import landlock
from tests.e2e import command
from tests.e2e.attacks import stage as stages
from tests.e2e.attacks.catalogue import ATTACKS, TEXTS, Attack
from tests.e2e.attacks.stage import Stage

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(users.available() is not None, reason="only root can run model code as another user"),
    pytest.mark.skipif(landlock.version() < 6, reason="the kernel's Landlock is missing or too old"),
]
ALONE = ("fill-disk",)
TOGETHER = tuple(attack for attack in ATTACKS if attack.name not in ALONE)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-attacks-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def stage(folder: Path) -> Stage:
    return stages.build(folder, TOGETHER)


@pytest.fixture(scope="module")
def docker(stage: Stage) -> Iterator[socket.socket]:
    with stages.listen(stage.folder / "docker.sock") as server:
        yield server


@pytest.fixture(scope="module")
def ended(stage: Stage, docker: socket.socket) -> command.Ended:
    assert docker.fileno()
    return _run(stage, {})


def _run(stage: Stage, more: dict[str, str], *arguments: str) -> command.Ended:
    program = Path(sys.executable).with_name("onnx-convert")
    options = ("--no-cache", "--cache-dir", stage.places()["cache"], *arguments)
    return command.run(stage.repository, *options, program=(str(program),), **stage.variables(), **more)


@pytest.mark.parametrize("attack", TOGETHER, ids=lambda attack: attack.name)
def test_an_attack_is_contained_and_its_row_says_so(ended: command.Ended, attack: Attack) -> None:
    stages.judge(ended.row(attack.name), attack)


@pytest.mark.parametrize("name", ["good-first", "good-last"])
def test_other_models_are_whole(ended: command.Ended, name: str) -> None:
    row = ended.row(name)
    assert (row["status"], ended.codes(name)) == ("passed", set())
    assert (ended.out / row["artifact"]["path"]).stat().st_size == row["artifact"]["bytes"]


def test_the_command_says_that_models_failed(ended: command.Ended) -> None:
    assert ended.code == 1, ended.output
    assert Report.model_validate(ended.report).complete


def test_nothing_of_others_was_written(ended: command.Ended, stage: Stage) -> None:
    assert ended.report
    assert stage.untouched() == {"victim.txt": "victim", "env": "", "output": "", "path": "", "summary": ""}
    assert not (stage.repository / "planted.py").exists()
    assert [path.name for path in (stage.repository / "open").iterdir()] == ["victim.txt"]
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=stage.repository, capture_output=True, check=True)
    assert changed.stdout == b""


def test_nothing_that_was_planted_was_run(ended: command.Ended, stage: Stage) -> None:
    assert ended.report
    assert list(stage.loot.iterdir()) == []
    assert not Path("/tmp/onnx-convert-attack").exists()
    assert not Path("/dev/shm/onnx-convert-attack").exists()


def test_nothing_reached_docker(ended: command.Ended, docker: socket.socket) -> None:
    assert ended.report
    with pytest.raises(BlockingIOError):
        docker.accept()


def test_no_token_is_in_anything_that_was_written(ended: command.Ended) -> None:
    written = [path for path in ended.out.rglob("*") if path.is_file()]
    assert "s3cret" not in ended.output
    assert [path for path in written if b"s3cret" in path.read_bytes()] == []


def test_nothing_that_was_printed_is_a_command_or_markup(ended: command.Ended) -> None:
    lines = [line for line in ended.output.splitlines() if re.match(r"\s*(::|##\[)", line)]
    assert not [line for line in lines if re.match(r"\s*(::(set-output|add-mask|stop-commands)|##\[)", line)]
    assert not [line for line in lines if "file=planted" in line.split("::")[1]]
    assert "\x1b]0;planted" not in ended.output
    hostile = r"</details>@everyone|<script>alert|</table><script|(?<!\w)@everyone"
    outside_of_code = re.sub(r"(`+).*?\1", "", (ended.out / "comment.md").read_text())
    assert "raise-markup" in (ended.out / "comment.md").read_text()
    assert not re.search(hostile, outside_of_code)
    assert not re.search(r"</details>@everyone|<script>alert|</table><script", (ended.out / "report.html").read_text())


def test_what_is_kept_is_plain_files(ended: command.Ended) -> None:
    modes = {path: path.lstat() for path in ended.out.rglob("*")}
    assert not [
        path for path, facts in modes.items() if not (stat.S_ISREG(facts.st_mode) or stat.S_ISDIR(facts.st_mode))
    ]
    assert not [path for path, facts in modes.items() if facts.st_mode & 0o7022 or facts.st_uid != os.getuid()]


def test_no_process_is_left(ended: command.Ended, stage: Stage) -> None:
    assert ended.report
    left = [path for path in Path("/proc").glob("[0-9]*") if str(stage.folder) in _cwd(path)]
    assert left == []


def test_a_full_disk_ends_one_row(folder: Path) -> None:
    attacks = tuple(attack for attack in ATTACKS if attack.name in ALONE)
    place = folder / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=1777", "tmpfs", place], check=True)
    try:
        (folder / "disk").mkdir(mode=0o755)
        stage = stages.build(folder / "disk", attacks)
        ended = _run(stage, {"TMPDIR": str(place)}, "--jobs", "1")
    finally:
        subprocess.run(["umount", place], check=True)
    for attack in attacks:
        stages.judge(ended.row(attack.name), attack)
    assert [ended.row(name)["status"] for name in ("good-first", "good-last")] == ["passed", "passed"]


def test_the_catalogue_has_as_many_attacks_as_were_asked_for() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 60
    assert TEXTS.attacks


def _cwd(process: Path) -> str:
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return ""
