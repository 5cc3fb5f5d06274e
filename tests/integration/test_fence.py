"""The fence, with real processes: what a worker can do and how its end is told."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from onnx_convert.environments import Environment
from onnx_convert.isolation import Fence, Limits, Outcome, hostile, users
from onnx_convert.workers.process import landlock, processes

pytestmark = pytest.mark.integration

BEHAVIOUR = Path(__file__).with_name("fence_workers") / "behaviour.py"
OWN_USER = users.available() is None and users.obstacle(BEHAVIOUR) is None
needs_own_user = pytest.mark.skipif(not OWN_USER, reason="only root can give a worker a user of its own")

needs_landlock = pytest.mark.skipif(landlock.version() == 0, reason="the kernel has no Landlock")
needs_scopes = pytest.mark.skipif(landlock.version() < 6, reason="the kernel's Landlock knows no scopes")

A_MINUTE = Limits(seconds=60)
ENVIRON = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C.UTF-8",
    "GITHUB_TOKEN": "secret",
    "ACTIONS_RUNTIME_TOKEN": "secret",
    "INPUT_TOKEN": "secret",
    "RUNNER_TEMP": "/tmp",
    "HTTPS_PROXY": "http://name:secret@proxy",
    "PYTHONPATH": "/tmp",
    "LD_PRELOAD": "",
}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can enter, which pytest's tmp_path is not."""
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-test-"))
    folder.chmod(0o755)
    yield folder
    hostile.remove(folder)
    assert not folder.exists()


@pytest.fixture
def fence(open_folder: Path) -> Iterator[Fence]:
    with Fence(open_folder / "work", environ=ENVIRON) as fence:
        yield fence


@pytest.fixture
def repository(open_folder: Path) -> Path:
    root = open_folder / "repository"
    (root / "sub").mkdir(parents=True)
    (root / "helper.py").write_text("VALUE = 7\n")
    (root / "json.py").write_text("raise SystemExit('shadowed')\n")
    (root / "broken.py").write_text("def call():\n    return 1 / 0\n")
    (root / "data.txt").write_text("data")
    (root / "sub" / "more.txt").write_text("more")
    return root


def tiny(preload: tuple[str, ...] = ()) -> Environment:
    """An environment of the standard library only, with an interpreter that every user can run."""
    return Environment("tiny", Path("/usr/bin/python3.11"), (), preload, "0" * 64)


def run(fence: Fence, do: str, limits: Limits = A_MINUTE, **values: Any) -> Outcome:
    return fence.run(tiny(), str(BEHAVIOUR), {"do": do, **values}, limits)


def told(outcome: Outcome) -> tuple[str, str]:
    assert outcome.failure is not None
    assert outcome.result is None
    return outcome.failure.code, outcome.failure.message


def result(outcome: Outcome) -> dict[str, Any]:
    assert outcome.failure is None, outcome
    assert outcome.result is not None
    return outcome.result


def gone(pid: int) -> bool:
    return not processes.alive(pid)


class TestWhatAWorkerSees:
    @needs_own_user
    def test_it_is_another_user_without_groups_or_privileges(self, fence: Fence) -> None:
        seen = result(run(fence, "tell"))
        assert seen["uid"] in users.UIDS
        assert seen["groups"] == []
        assert int(seen["status"]["CapEff"], 16) == 0
        assert seen["status"]["NoNewPrivs"] == "1"
        assert fence.warnings == ()

    @needs_own_user
    def test_it_cannot_become_root_again(self, fence: Fence) -> None:
        assert not any(result(run(fence, "gain_privileges")).values())

    def test_its_environment_has_nothing_that_is_not_on_the_list(self, fence: Fence) -> None:
        environ = result(run(fence, "tell"))["environ"]
        assert not [name for name in environ if name.startswith(("GITHUB_", "ACTIONS_", "INPUT_", "RUNNER_", "LD_PRE"))]
        assert "secret" not in json.dumps(environ)
        assert "PYTHONPATH" not in environ
        assert environ["HF_HUB_OFFLINE"] == "1"

    def test_it_has_a_home_and_a_temporary_folder_of_its_own_which_are_gone_afterwards(self, fence: Fence) -> None:
        outcome = run(fence, "tell")
        environ = result(outcome)["environ"]
        assert environ["HOME"] == str(outcome.folder / "home")
        assert environ["TMPDIR"] == str(outcome.folder / "tmp")
        assert not (outcome.folder / "home").exists()

    def test_it_has_no_descriptors_but_input_output_and_events(self, fence: Fence) -> None:
        seen = result(run(fence, "tell"))
        assert seen["descriptors"] == [0, 1, 2, 3]
        assert seen["stdin"] == ""

    def test_it_leads_a_session_and_is_the_first_to_go_when_memory_runs_out(self, fence: Fence) -> None:
        seen = result(run(fence, "tell"))
        assert seen["session"]
        assert seen["oom"] == 1000

    def test_strings_hash_alike_in_every_run(self, open_folder: Path) -> None:
        hashes = set()
        for each in ("a", "b"):
            with Fence(open_folder / each, environ=ENVIRON) as fence:
                hashes.add(result(run(fence, "tell"))["hash"])
        assert len(hashes) == 1

    def test_it_starts_in_the_repository_whose_modules_shadow_nothing(self, fence: Fence, repository: Path) -> None:
        seen = result(run(fence, "tell", repository=repository, source={"path": str(repository / "sub" / "m.py")}))
        assert seen["cwd"] == str(repository)
        assert seen["path"][-2:] == [str(repository), str(repository / "sub")]

    def test_files_it_opens_and_modules_it_imports_are_reported(self, fence: Fence, repository: Path) -> None:
        outcome = run(fence, "read_and_import", repository=repository)
        assert result(outcome) == {"helper": 7, "shadowed": True}
        assert outcome.reads == ("data.txt", "helper.py", "sub/more.txt")
        assert not (repository / "__pycache__").exists()

    @needs_own_user
    def test_it_writes_only_to_its_own_folders_and_cannot_read_the_core(self, fence: Fence, repository: Path) -> None:
        done = result(run(fence, "write_everywhere", repository=repository, core=os.getpid()))
        assert done == {"out": True, "home": True, "tmp": True, ".": False, "repository": False, "core": False}

    @needs_own_user
    def test_shared_memory_it_leaves_is_removed(self, fence: Fence) -> None:
        assert not Path(result(run(fence, "leave_stray_memory"))["path"]).exists()

    @needs_own_user
    def test_jobs_side_by_side_are_different_users(self, fence: Fence) -> None:
        outcomes: list[Outcome] = []
        threads = [threading.Thread(target=lambda: outcomes.append(run(fence, "tell"))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(outcomes) == 8
        assert all(result(outcome)["uid"] in users.UIDS for outcome in outcomes)

    @needs_own_user
    def test_where_a_path_is_closed_it_stays_the_same_user_and_says_why(self, fence: Fence, repository: Path) -> None:
        repository.chmod(0o700)
        seen = result(run(fence, "tell", repository=repository))
        assert seen["uid"] == os.getuid()
        assert seen["status"]["NoNewPrivs"] == "1"
        (warning,) = fence.warnings
        assert warning.code == "OCA010"
        assert f"{repository} is closed to other users" in warning.message
        assert "chmod" in warning.hint

    @needs_own_user
    def test_a_path_among_a_models_arguments_does_not_keep_it_root(self, fence: Fence, open_folder: Path) -> None:
        (open_folder / "closed").mkdir(mode=0o700)
        seen = result(run(fence, "tell", args={"file": str(open_folder / "closed"), "git": "/root"}))
        assert seen["uid"] in users.UIDS
        assert fence.warnings == ()

    @needs_own_user
    def test_where_every_user_is_taken_nothing_is_started(
        self, fence: Fence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(users, "LOCKS", tmp_path / "locks")
        with ExitStack() as stack:
            with suppress(users.NoFreeUserError):
                while True:
                    stack.enter_context(users.lease())
            code, message = told(run(fence, "tell"))
        assert (code, "user ids from 60706 to 61183 are taken" in message) == ("OCA031", True)
        assert result(run(fence, "tell"))["uid"] in users.UIDS

    def test_what_a_models_requirements_brought_is_imported_by_its_own_process_alone(
        self, fence: Fence, open_folder: Path
    ) -> None:
        layer = open_folder / "layer"
        layer.mkdir()
        (layer / "colorsys.py").write_text("raise SystemExit('run by the template')\n")
        environment = dataclasses.replace(tiny(preload=("colorsys",)), layers=(layer,))
        outcome = fence.run(environment, str(BEHAVIOUR), {"do": "tell"}, A_MINUTE)
        assert result(outcome)["path"][0] == str(layer)

    @needs_landlock
    @pytest.mark.parametrize("mode", [0o755, 0o700], ids=["another user", "the same user"])
    def test_landlock_confines_it_to_its_own_folders_and_hides_gits(
        self, fence: Fence, repository: Path, open_folder: Path, mode: int
    ) -> None:
        (repository / ".git").mkdir()
        (repository / ".git" / "config").write_text("secret")
        (repository / "link").symlink_to(".git/config")
        for each in (repository, open_folder):
            each.chmod(mode | 0o022)
        seen = result(run(fence, "reach", repository=repository, source={"path": str(repository)}))
        assert seen == {"wrote": ["home", "out", "tmp", "/dev/shm"], "read": ["data.txt", "/etc/passwd"]}

    @needs_landlock
    def test_a_job_that_is_not_about_the_repository_reads_nothing_of_gits_either(
        self, open_folder: Path, repository: Path
    ) -> None:
        (repository / ".git").mkdir()
        (repository / ".git" / "config").write_text("secret")
        with Fence(open_folder / "work", environ=ENVIRON, repository=repository) as fence:
            code, message = told(run(fence, "open_file", path=str(repository / ".git/config")))
        assert (code, "PermissionError" in message) == ("OCA030", True)


class TestHowItEnds:
    def test_a_crash_names_the_signal_and_the_phase_and_the_log_holds_the_stack(self, fence: Fence) -> None:
        outcome = run(fence, "segfault")
        assert told(outcome) == ("OCA020", "it was ended by signal 11 (SIGSEGV) while exporting")
        assert outcome.phase == "export"
        assert "about to crash" in outcome.log
        assert "in segfault" in outcome.log

    def test_sys_exit_is_said_with_its_status(self, fence: Fence) -> None:
        assert told(run(fence, "call_sys_exit")) == ("OCA021", "it called sys.exit(3) while loading")

    @pytest.mark.parametrize("status", [0, 7])
    def test_os_exit_is_an_end_without_a_result(self, fence: Fence, status: int) -> None:
        outcome = run(fence, "call_os_exit", status=status)
        assert told(outcome) == ("OCA021", f"it ended its process with exit code {status} while loading")

    def test_an_exception_is_said_with_the_line_of_the_repository(self, fence: Fence, repository: Path) -> None:
        outcome = run(fence, "raise_from_repository", repository=repository)
        message = "it raised ZeroDivisionError while loading (broken.py:2): division by zero"
        assert told(outcome) == ("OCA030", message)
        assert "Traceback" in outcome.log

    @pytest.mark.parametrize(
        ("do", "kind"),
        [("raise_error", "ValueError"), ("interrupt", "KeyboardInterrupt"), ("recurse", "RecursionError"),
         ("raise_unprintable", "Unprintable"), ("return_no_json", "TypeError")],
    )  # fmt: skip
    def test_whatever_is_raised_ends_the_job_as_an_error(self, fence: Fence, do: str, kind: str) -> None:
        code, message = told(run(fence, do))
        assert code == "OCA030"
        assert message.startswith(f"it raised {kind} while loading")

    def test_a_failure_the_worker_recognises_keeps_its_code_and_its_notes(self, fence: Fence) -> None:
        outcome = run(fence, "raise_worker_error")
        assert told(outcome) == ("OCA021", "no such thing")
        assert outcome.failure is not None
        assert outcome.failure.hint == "use another"
        assert [note.message for note in outcome.notes] == ["first a note"]

    @pytest.mark.parametrize(("do", "doing"), [("hang", "running the original model"), ("hang_deaf", "loading")])
    def test_a_hang_ends_at_the_time_limit(self, fence: Fence, do: str, doing: str) -> None:
        outcome = run(fence, do, Limits(seconds=0.5))
        assert told(outcome) == ("OCA022", f"it ran longer than 0.5 s while {doing} (limit `timeout`)")

    @pytest.mark.parametrize("do", ["take_memory", "take_memory_at_once"])
    def test_memory_beyond_the_limit_ends_it(self, fence: Fence, do: str) -> None:
        outcome = run(fence, do, Limits(seconds=60, memory_bytes=200_000_000))
        assert told(outcome) == ("OCA023", "it needed more than 200 MB while loading (limit `memory`)")

    def test_a_fork_bomb_ends_at_the_process_limit(self, fence: Fence) -> None:
        outcome = run(fence, "fork_bomb", Limits(seconds=60, processes=40))
        assert told(outcome) == ("OCA024", "it started more than 40 processes while loading")

    def test_a_daemon_is_ended_and_noted(self, fence: Fence) -> None:
        outcome = run(fence, "leave_daemon")
        assert gone(result(outcome)["daemon"])
        assert [(note.code, note.message) for note in outcome.notes] == [
            ("OCA026", "it left a process running, which had to be ended")
        ]

    def test_a_thread_that_does_not_end_cannot_hold_it(self, fence: Fence) -> None:
        assert result(run(fence, "leave_thread")) == {"done": True}

    def test_of_much_output_the_beginning_and_the_end_are_kept(self, fence: Fence) -> None:
        outcome = run(fence, "print_gigabytes", Limits(seconds=120, log_bytes=1000), mebibytes=1024)
        assert result(outcome) == {"done": True}
        assert outcome.log.startswith("the beginning\n")
        assert outcome.log.endswith("\\xff the end")
        assert len(outcome.log) < 1200
        assert [note.code for note in outcome.notes] == ["OCA027"]

    def test_what_it_and_its_children_print_is_only_its_log(
        self, fence: Fence, capfd: pytest.CaptureFixture[str]
    ) -> None:
        assert run(fence, "print_command").log == "::error::not from us\na child's words\n"
        assert capfd.readouterr() == ("", "")

    def test_noise_on_the_event_channel_changes_nothing(self, fence: Fence) -> None:
        outcome = run(fence, "shout_on_events")
        assert outcome.failure is None
        assert outcome.phase == "compare"

    def test_progress_is_heard_with_the_last_report_last_however_often_it_is_told(self, fence: Fence) -> None:
        heard: list[dict[str, Any]] = []
        job = {"do": "report_progress"}
        outcome = fence.run(tiny(), str(BEHAVIOUR), job, Limits(seconds=60), heard.append)
        assert outcome.failure is None
        assert heard[-1] == {"epochs": 4_999}
        assert len(heard) < 5_000 / 2

    def test_a_framework_that_does_not_import_is_a_failure_with_its_traceback(self, fence: Fence) -> None:
        broken = tiny(preload=("no_such_framework",))
        outcome = fence.run(broken, str(BEHAVIOUR), {"do": "tell"}, Limits(seconds=60))
        assert told(outcome)[0] == "OCA005"
        assert "No module named 'no_such_framework'" in told(outcome)[1]
        assert "Traceback" in outcome.log

    def test_an_interpreter_that_is_not_there_is_a_failure(self, fence: Fence) -> None:
        missing = Environment("gone", Path("/usr/bin/no-such-python"), (), (), "")
        assert told(fence.run(missing, str(BEHAVIOUR), {}, Limits(seconds=60)))[0] == "OCA005"

    def test_a_job_that_is_not_json_is_a_failure(self, fence: Fence) -> None:
        assert told(run(fence, "tell", value=object()))[0] == "OCA028"


class TestLies:
    @pytest.mark.parametrize(
        ("kind", "reason"),
        [("fifo", "missing"), ("link", "missing"), ("folder", "not a regular file"), ("huge", "at most 8,388,608")],
    )
    def test_a_result_that_is_no_small_regular_file_is_refused(self, fence: Fence, kind: str, reason: str) -> None:
        code, message = told(run(fence, "lie", kind=kind))
        assert code in {"OCA021", "OCA025"}
        assert reason in message or code == "OCA021"

    @pytest.mark.parametrize(
        "text",
        ["", "{", "[" * 100_000, "[]", '{"ok": 1}', '{"ok": true}', '{"ok": true, "result": []}',
         '{"ok": true, "result": {}, "notes": [{"code": "OCA999", "message": "x"}]}',
         '{"ok": true, "result": {}, "reads": ["../../etc/passwd"]}',
         '{"ok": false, "error": {"type": "X", "message": 3}}', "1" * 5000],
        ids=range(11),
    )  # fmt: skip
    def test_a_result_of_another_form_is_refused(self, fence: Fence, text: str) -> None:
        code, message = told(run(fence, "lie", kind="text", text=text))
        assert code == "OCA025"
        assert message.startswith("its result file is not valid: ")

    def test_what_it_leaves_is_plain_files_that_others_can_read(self, fence: Fence) -> None:
        out = run(fence, "leave_traps").folder / "out"
        names = sorted(path.name for path in out.iterdir())
        assert names == ["cases", "closed", "deep", "model.onnx", "result.json"]
        assert sorted(path.name for path in (out / "cases").iterdir()) == ["0000"]
        for path in (out / "model.onnx", out / "closed" / "file", out / "cases" / "0000" / "in0.npy"):
            assert path.stat().st_uid == os.getuid()
            assert path.stat().st_mode & 0o7777 == 0o644
        deepest = max(len(Path(folder).relative_to(out).parts) for folder, _, _ in os.walk(out / "deep"))
        assert deepest <= hostile.DEPTH


class TestTemplatesAndClosing:
    def test_a_template_that_was_killed_is_started_again(self, fence: Fence, open_folder: Path) -> None:
        run(fence, "tell")
        (template,) = [pid for pid in processes.children(os.getpid()) if b"template.py" in _command(pid)]
        os.kill(template, 9)
        assert result(run(fence, "leave_thread")) == {"done": True}

    @pytest.mark.parametrize("do", ["kill_parent", "kill_grandparent"])
    @needs_scopes
    def test_where_the_user_is_the_same_landlock_lets_it_kill_nothing_of_ours(
        self, fence: Fence, repository: Path, do: str
    ) -> None:
        repository.chmod(0o700)
        code, message = told(run(fence, do, repository=repository))
        assert (code, "PermissionError" in message) == ("OCA030", True)

    @pytest.mark.parametrize("which", ["warden", "template"])
    def test_a_killed_process_of_ours_loses_one_job_at_most(self, fence: Fence, repository: Path, which: str) -> None:
        repository.chmod(0o700)
        outcomes: list[Outcome] = []
        thread = threading.Thread(target=lambda: outcomes.append(run(fence, "hang", Limits(2), repository=repository)))
        thread.start()
        while not (found := [pid for template in _templates() for pid in processes.children(template)]):
            time.sleep(0.01)
        os.kill(found[0] if which == "warden" else _templates()[0], 9)
        thread.join()
        assert told(outcomes[0])[0] in {"OCA022", "OCA023", "OCA028"}
        assert result(run(fence, "leave_thread")) == {"done": True}

    @needs_own_user
    def test_another_user_cannot_kill_what_watches_it(self, fence: Fence) -> None:
        code, message = told(run(fence, "kill_parent"))
        assert code == "OCA030"
        assert "PermissionError" in message

    def test_closing_ends_jobs_and_removes_everything(self, open_folder: Path) -> None:
        fence = Fence(open_folder / "work", environ=ENVIRON)
        outcomes: list[Outcome] = []
        thread = threading.Thread(target=lambda: outcomes.append(run(fence, "hang_deaf")))
        thread.start()
        while not any(processes.children(pid) for pid in _templates()):
            time.sleep(0.01)
        below = [pid for template in _templates() for pid in (template, *processes.descendants(template))]
        fence.close()
        fence.close()
        thread.join()
        code, message = told(outcomes[0])
        assert code == "OCA029"
        assert message.startswith("the run was broken off while it was ")
        assert all(map(gone, below))
        assert list((open_folder / "work").iterdir()) == []

    def test_no_job_outlives_a_core_that_is_killed(self, open_folder: Path) -> None:
        script = (
            "import os, sys, threading, time\n"
            "sys.path.insert(0, sys.argv[2])\n"
            "import test_fence as t\n"
            "from pathlib import Path\n"
            "fence = t.Fence(Path(sys.argv[1]), environ=t.ENVIRON)\n"
            "threading.Thread(target=lambda: t.run(fence, 'hang_deaf')).start()\n"
            "from onnx_convert.workers.process import processes\n"
            "while len(found := processes.descendants(os.getpid())) < 3: time.sleep(0.01)\n"
            "print(*found, flush=True)\n"
        )
        command = [sys.executable, "-c", script, str(open_folder / "work"), str(Path(__file__).parent)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as core:
            assert core.stdout is not None
            below = [int(pid) for pid in core.stdout.readline().split()]
            core.kill()
        assert len(below) >= 3
        deadline = time.monotonic() + 20
        while not all(map(gone, below)) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert all(map(gone, below))


def _templates() -> list[int]:
    return [pid for pid in processes.children(os.getpid()) if b"template.py" in _command(pid)]


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
