"""The action's process from its inputs to GitHub: a real child, a stand-in for GitHub over real HTTP, real signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from entrypoint.cancel import Cancellation
from entrypoint.decide import decide
from entrypoint.inputs import inputs_of, variable
from entrypoint.posts import Posts
from onnx_convert.github.client import connect
from onnx_convert.github.context import context_of
from onnx_convert.github.patience import Patience
from onnx_convert.report.write import to_json
from tests.github_stand_in import Fault, StandIn
from tests.github_stand_in.every_fault import every_fault
from tests.unit.github.outputs import output
from tests.unit.report import sample
from tests.unit.scale.sample import lay, shard, spec

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from onnx_convert.report.model import Report

PROJECT = Path(__file__).parents[2]
HEAD = "a" * 40
FAILED = sample.report(commit="c" * 40)
PASSED = sample.report((sample.row(),), conclusion="success", commit="c" * 40)

FIRST = """
import os, sys
from functools import partial
from entrypoint import posts
from entrypoint.main import close_memory, main
posts.connect = partial(posts.connect, between=(0.0, 0.0))  # the second between two writes is for GitHub's sake
posts.Patience = partial(posts.Patience, first=0.05)
close_memory()
sys.exit(main(os.environ, TOOL))
"""
CHILD = """
import os, pathlib, signal, sys, time
out = pathlib.Path(next((one for one in sys.argv if one.startswith('--out=')), '--out=x')[6:])
out.mkdir(exist_ok=True)
BEFORE
(out / 'report.json').write_text(pathlib.Path(REPORT).read_text())
sys.exit(CODE)
"""
WAITING = """
def end(number, frame):
    (out / 'report.json').write_text(pathlib.Path(REPORT).read_text())
    sys.exit(130)
signal.signal(signal.SIGINT, end)
pathlib.Path('ready').touch()
time.sleep(60)
"""


@dataclass
class Ended:
    """How a step ended: its exit code, its log, its outputs and its summary."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


class Job:
    """A job of GitHub's: a workspace, the runner's files, an event, and the process that is the container's first."""

    def __init__(self, folder: Path, stand_in: StandIn) -> None:
        self.folder, self.stand_in = folder, stand_in
        self.workspace = folder / "workspace"
        self.workspace.mkdir(parents=True)
        self.environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PROJECT),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_REPOSITORY": stand_in.repository,
            "GITHUB_RUN_ID": "77",
            "GITHUB_SHA": "c" * 40,
            variable("github-api-url"): stand_in.api_url,
            variable("token"): stand_in.token(),
        }

    def on(self, event: str, payload: Any = None, **inputs: str) -> Job:
        """An event and inputs."""
        (self.folder / "event.json").write_text(json.dumps(payload or {}))
        named = {variable(name.replace("_", "-")): value for name, value in inputs.items()}
        self.environ |= {"GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(self.folder / "event.json"), **named}
        return self

    def on_pull(self, *, fork: bool = False, **inputs: str) -> Job:
        """A pull request, from a fork with the token that GitHub gives those."""
        source = "stranger/models" if fork else self.stand_in.repository
        if not self.stand_in.state.pulls:
            self.stand_in.add_pull(3, head_sha=HEAD, head_repository=source)
        if fork:
            self.environ[variable("token")] = self.stand_in.token(read_only=True)
        pull = {"number": 3, "head": {"sha": HEAD, "repo": {"full_name": source}}, "base": {"sha": "b" * 40}}
        return self.on("pull_request", {"pull_request": pull}, **inputs)

    def leave(self, report: Report) -> Job:
        """What an earlier step left in the output folder."""
        (self.workspace / "onnx-convert-out").mkdir()
        (self.workspace / "onnx-convert-out/report.json").write_text(to_json(report))
        return self

    def start(
        self, report: Report = FAILED, code: int = 1, before: str = "", tool: tuple[str, ...] = ()
    ) -> subprocess.Popen[str]:
        """Start a step whose child does something and then writes a report, or with another tool."""
        path = str(self.folder / "made.json")
        Path(path).write_text(to_json(report))
        child = CHILD.replace("BEFORE", before).replace("REPORT", repr(path)).replace("CODE", str(code))
        tool = tool or (sys.executable, "-c", child)
        main = FIRST.replace("TOOL", repr(tool))
        for name in ("OUTPUT", "STEP_SUMMARY"):
            self.environ[f"GITHUB_{name}"] = str(self.folder / name.lower())
            (self.folder / name.lower()).write_text("")
        return subprocess.Popen(
            [sys.executable, "-c", main], env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def end(self, process: subprocess.Popen[str]) -> Ended:
        """Wait for a step."""
        log, _ = process.communicate(timeout=120)
        written = (self.folder / "output").read_text()
        found = re.findall(r"^(.+?)<<(.+)\n(.*)\n\2$", written, re.MULTILINE)
        token = self.environ[variable("token")]
        summary = (self.folder / "step_summary").read_text()
        assert not token or token not in log + summary + written
        outputs = {name: value for name, _, value in found}
        return Ended(process.returncode, log, outputs, summary)

    def run(self, report: Report = FAILED, code: int = 1, before: str = "", tool: tuple[str, ...] = ()) -> Ended:
        """A step from its start to its end."""
        return self.end(self.start(report, code, before, tool))

    def wait_for(self, name: str) -> None:
        """Until the child has got that far."""
        for _ in range(600):
            if (self.workspace / name).exists():
                return
            time.sleep(0.05)
        raise AssertionError(name)


@pytest.fixture
def job(tmp_path: Path, stand_in: StandIn) -> Job:
    return Job(tmp_path / "job", stand_in)


def concluded(stand_in: StandIn) -> list[tuple[str, str | None]]:
    return [(run.status, run.conclusion) for run in stand_in.check_runs(HEAD)]


def test_a_pull_request_gets_one_comment_and_one_check_with_the_findings(job: Job) -> None:
    ended = job.on_pull().run()
    (comment,), (check,) = job.stand_in.comments(3), job.stand_in.check_runs(HEAD)
    assert ended.code == 1
    assert ended.outputs["conclusion"] == "failure"
    assert ended.outputs["comment-url"].endswith(f"#issuecomment-{comment.id}")
    assert ended.outputs["check-url"].endswith(f"/runs/{check.id}")
    assert (check.name, check.status, check.conclusion) == ("onnx-convert", "completed", "failure")
    assert check.annotations
    assert "::error" not in ended.log, "what the check has on the spec's lines is not there twice"
    assert "Not posted" not in ended.summary


def test_a_second_run_edits_the_comment_and_opens_a_check_of_its_own(job: Job) -> None:
    job.on_pull().run()
    job.environ["GITHUB_RUN_ID"] = "78"
    job.run(PASSED, 0)
    (comment,) = job.stand_in.comments(3)
    assert "passed" in comment.body.splitlines()[0]
    assert concluded(job.stand_in) == [("completed", "failure"), ("completed", "success")]


def test_the_check_is_open_while_the_models_run_and_the_summary_is_there_before_the_comment(job: Job) -> None:
    process = job.on_pull().start(before="pathlib.Path('ready').touch(); time.sleep(1)")
    job.wait_for("ready")
    assert concluded(job.stand_in) == [("in_progress", None)]
    seen: list[bool] = []
    job.stand_in.fault(kind=Fault.CALL, at=1, call=lambda: seen.append(bool((job.folder / "step_summary").read_text())))
    assert job.end(process).code == 1
    assert seen == [True]


def test_a_push_gets_a_check_on_its_commit(job: Job) -> None:
    job.stand_in.add_commit("c" * 40)
    ended = job.on("push").run(PASSED, 0)
    assert [run.conclusion for run in job.stand_in.check_runs("c" * 40)] == ["success"]
    assert ended.outputs["comment-url"] == ""


def test_a_leg_says_nothing_to_github_but_its_annotations(job: Job) -> None:
    ended = job.on_pull(shard="2/8").run()
    assert not job.stand_in.requests
    assert "::error" in ended.log
    assert ended.outputs["report"] == "onnx-convert-out/report.json"


def test_without_a_token_nothing_is_posted_and_nothing_said_of_it(job: Job) -> None:
    ended = job.on_pull(token="").run()
    assert not job.stand_in.requests
    assert (ended.code, "Not posted" in ended.summary) == (1, False)


@pytest.mark.parametrize(("report", "code"), [(FAILED, 1), (PASSED, 0)])
def test_a_fork_does_all_it_can_and_says_how_the_rest_is_posted(job: Job, report: Report, code: int) -> None:
    ended = job.on_pull(fork=True).run(report, code)
    assert ended.code == code
    assert "OCA702" in ended.summary
    assert "docs/forks.md" in ended.summary
    assert ended.log.count("::warning title=OCA702::") == 2
    assert ("::error" in ended.log) == bool(code), "annotations are the step's own where there is no check"
    assert not job.stand_in.comments(3)
    assert not concluded(job.stand_in)


def test_one_permission_that_is_missing_costs_what_it_is_for_and_no_more(job: Job) -> None:
    ended = job.on_pull(token=job.stand_in.token(checks="read")).run()
    assert len(job.stand_in.comments(3)) == 1
    assert "  checks: write" in ended.summary
    assert ended.code == 1


def test_a_run_that_could_not_start_is_told_as_well(job: Job) -> None:
    (job.workspace / "onnx-convert.toml").write_text("spec-version = 1\nfoo = 1\n")
    ended = job.on_pull().run(code=2, before="sys.exit(2)")
    (comment,), (check,) = job.stand_in.comments(3), job.stand_in.check_runs(HEAD)
    assert ended.code == 2
    assert ended.outputs["report"] == ""
    assert "The run failed" in comment.body.splitlines()[0]
    assert check.conclusion == "failure"
    assert ("onnx-convert.toml", 2) in [(one["path"], one["start_line"]) for one in check.annotations]


def test_a_repository_that_answers_nothing_changes_no_verdict(job: Job) -> None:
    job.on_pull()
    job.stand_in.fault(kind=Fault.UNAUTHORIZED, at=1, times=None)
    ended = job.run(PASSED, 0)
    assert (ended.code, ended.outputs["conclusion"]) == (0, "success")
    assert "OCA701" in ended.summary


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_job_concludes_its_check_at_once_and_comments_no_more(job: Job, number: int) -> None:
    process = job.on_pull().start(before=WAITING.replace("SIGINT", signal.Signals(number).name))
    job.wait_for("ready")
    process.send_signal(number)
    assert job.end(process).code == 130
    assert concluded(job.stand_in) == [("completed", "cancelled")]
    assert not job.stand_in.comments(3)


def test_a_job_that_is_cancelled_while_it_posts_concludes_its_check_all_the_same(job: Job) -> None:
    process = job.on_pull().start(before="pathlib.Path('ready').touch(); time.sleep(1)")
    job.wait_for("ready")
    job.stand_in.fault(kind=Fault.CALL, at=1, call=lambda: process.send_signal(signal.SIGINT))
    ended = job.end(process)
    assert ended.code == 1
    assert concluded(job.stand_in) == [("completed", "cancelled")]
    assert "OCA758" in ended.summary


def test_a_job_that_is_cancelled_before_its_models_run_runs_none(job: Job) -> None:
    job.on_pull()
    process: list[subprocess.Popen[str]] = []
    started = threading.Event()

    def cancel() -> None:
        started.wait()
        process[0].send_signal(signal.SIGINT)

    job.stand_in.fault(kind=Fault.CALL, at=1, call=cancel)
    process.append(job.start(before="pathlib.Path('ready').touch()"))
    started.set()
    assert job.end(process[0]).code == 130
    assert not (job.workspace / "ready").exists()
    assert concluded(job.stand_in) == [("completed", "cancelled")]


SPY = """
seen = [repr(dict(os.environ)), open('/proc/self/environ').read()]
for place in pathlib.Path('/proc').glob('[0-9]*/cmdline'):
    try:
        seen.append(place.read_text(errors='replace'))
    except OSError:
        pass
pathlib.Path('spied').write_text(chr(10).join(seen))
"""


def test_the_token_is_in_no_childs_environment_and_on_no_command_line(job: Job) -> None:
    assert job.on_pull().run(before=SPY).code == 1
    spied = (job.workspace / "spied").read_text()
    assert "GITHUB_WORKSPACE" in spied
    assert "entrypoint.main" in spied
    assert job.environ[variable("token")] not in spied
    assert len(job.stand_in.comments(3)) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become two users")
def test_the_memory_of_the_first_process_is_closed_to_others_of_its_user() -> None:
    script = """
        import ctypes, os, subprocess, sys
        from entrypoint.secret import close_memory
        os.setgroups([]), os.setgid(65534), os.setuid(65534)
        ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE, as a process is that never changed its user
        CLOSE
        asked = ["/bin/cat", f"/proc/{os.getpid()}/environ"]
        sys.exit(subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode)
    """
    for close, code in (("close_memory()", 1), ("pass", 0)):
        command = [sys.executable, "-c", textwrap.dedent(script).replace("CLOSE", close)]
        assert subprocess.run(command, cwd=PROJECT, check=False).returncode == code


def test_mode_comment_posts_what_an_earlier_step_left(job: Job) -> None:
    ended = job.leave(FAILED).on_pull(mode="comment").run()
    assert (ended.code, len(job.stand_in.comments(3))) == (0, 1)
    assert not concluded(job.stand_in)


def test_mode_comment_that_cannot_post_is_3(job: Job) -> None:
    assert job.leave(FAILED).on_pull(mode="comment", fork=True).run().code == 3  # type: ignore[arg-type]


def test_mode_comment_without_a_report_is_3_and_says_what_to_do(job: Job) -> None:
    ended = job.on_pull(mode="comment").run()
    assert ended.code == 3
    assert "actions/download-artifact" in ended.log


@pytest.mark.parametrize("event", ["pull_request", "workflow_run"])
def test_an_event_that_does_not_say_what_it_is_about_is_a_wrong_call(job: Job, event: str) -> None:
    payload = {"workflow_run": {"event": "pull_request"}, "pull_request": {}}
    ended = job.leave(FAILED).on(event, payload, mode="comment").run()
    assert (ended.code, job.stand_in.requests) == (2, [])
    assert "::error" in ended.log


def test_a_report_that_cannot_be_told_leaves_no_check_open(job: Job) -> None:
    ended = job.on_pull().run(before="(out / 'report.json').mkdir(); sys.exit(1)")
    assert ended.code == 1
    assert concluded(job.stand_in) == [("completed", "failure")]


def test_mode_comment_on_a_push_has_nothing_to_do(job: Job) -> None:
    ended = job.on("push", mode="comment").run()
    assert (ended.code, job.stand_in.requests) == (0, [])
    assert "::notice" in ended.log


def workflow_run(stand_in: StandIn, report: bytes, **more: Any) -> dict[str, Any]:
    """The event of a fork's run, with its artifact."""
    run = stand_in.add_run(head_sha=HEAD, head_repository="stranger/models")
    stand_in.add_artifact(run.id, "onnx-convert", {"report.json": report})
    owner = {"full_name": run.head_repository, "owner": {"login": "stranger"}}
    facts = {"id": run.id, "event": "pull_request", "head_sha": HEAD, "head_branch": run.head_branch}
    return {"workflow_run": {**facts, "head_repository": owner, **more}}


def test_on_workflow_run_the_report_of_the_run_before_becomes_the_comment(job: Job) -> None:
    job.stand_in.add_pull(3, head_sha=HEAD, head_repository="stranger/models")
    ended = job.on("workflow_run", workflow_run(job.stand_in, to_json(FAILED).encode())).run()
    (comment,) = job.stand_in.comments(3)
    assert ended.code == 0
    assert ended.outputs["comment-url"].endswith(f"#issuecomment-{comment.id}")
    assert ended.outputs["conclusion"] == "failure"
    assert not (job.workspace / "onnx-convert-out").exists(), "nothing is run and nothing unpacked"


def test_on_workflow_run_a_report_that_no_run_writes_is_3(job: Job) -> None:
    job.stand_in.add_pull(3, head_sha=HEAD, head_repository="stranger/models")
    ended = job.on("workflow_run", workflow_run(job.stand_in, b"{}")).run()
    assert (ended.code, job.stand_in.comments(3)) == (3, [])
    assert "OCA752" in ended.summary


def test_on_workflow_run_a_head_that_moved_on_is_said_and_no_failure(job: Job) -> None:
    job.stand_in.add_pull(3, head_sha="e" * 40, head_repository="stranger/models")
    ended = job.on("workflow_run", workflow_run(job.stand_in, to_json(FAILED).encode())).run()
    assert (ended.code, job.stand_in.comments(3)) == (0, [])
    assert "::notice title=OCA755::" in ended.log


def test_on_workflow_run_after_a_push_there_is_nothing_to_do(job: Job) -> None:
    ended = job.on("workflow_run", workflow_run(job.stand_in, b"{}", event="push")).run()
    assert (ended.code, job.stand_in.requests) == (0, [])


ASSETS = ["a.manifest.json", "a.md", "a.onnx", "report.json", "SHA256SUMS"]
LEAVE = "import shutil; shutil.copytree('../made', out, dirs_exist_ok=True)"


def on_release(job: Job, **inputs: str) -> Report:
    """A release, and the output folder that the run is to leave. Its report."""
    release = job.stand_in.add_release("v1", sha="c" * 40)
    job.on("release", {"release": {"id": release.id, "tag_name": "v1"}}, **inputs)
    return output(job.folder / "made", {"a": b"a model"}, conclusion="success")


def test_on_a_release_the_models_that_passed_are_uploaded_to_it(job: Job) -> None:
    ended = job.run(on_release(job), 0, LEAVE)
    assert ended.code == 0, ended.log
    assert sorted(job.stand_in.assets("v1")) == sorted(ASSETS)
    assert sorted(json.loads(ended.outputs["release-assets"])) == sorted(ASSETS)
    assert not job.stand_in.check_runs("c" * 40)


def test_on_a_release_models_that_failed_are_not_uploaded_unless_that_is_wanted(job: Job) -> None:
    on_release(job)
    report = output(job.folder / "made", {"a": b"a model"}, conclusion="failure")
    assert job.run(report, 1, LEAVE).code == 1
    assert not job.stand_in.assets("v1")
    job.environ[variable("publish-failed")] = "true"
    assert job.run(report, 1, LEAVE).code == 1
    assert "a.onnx" in job.stand_in.assets("v1")


def test_a_release_whose_models_could_not_be_uploaded_is_no_success(job: Job) -> None:
    report = on_release(job, token=job.stand_in.token(contents="read"))
    ended = job.run(report, 0, LEAVE)
    assert (ended.code, ended.outputs["conclusion"]) == (3, "success")
    assert "  contents: write" in ended.summary


def test_mode_run_on_a_release_publishes_nothing(job: Job) -> None:
    assert job.run(on_release(job, mode="run"), 0, LEAVE).code == 0
    assert not job.stand_in.requests


def test_mode_publish_uploads_what_an_earlier_job_left(job: Job) -> None:
    job.stand_in.add_release("v1", sha="c" * 40)
    output(job.workspace / "onnx-convert-out", {"a": b"a model"}, conclusion="success")
    ended = job.on("workflow_dispatch", mode="publish", release_tag="v1").run()
    assert ended.code == 0, ended.log
    assert sorted(json.loads(ended.outputs["release-assets"])) == sorted(ASSETS)
    assert (job.workspace / "onnx-convert-out/SHA256SUMS").exists()


@pytest.mark.parametrize(("tag", "code"), [("v2", "OCA730"), ("", "OCA741")])
def test_mode_publish_without_its_release_is_3(job: Job, tag: str, code: str) -> None:
    output(job.workspace / "onnx-convert-out", {"a": b"a model"}, conclusion="success")
    ended = job.on("workflow_dispatch", mode="publish", release_tag=tag).run()
    assert ended.code == 3
    assert code in ended.summary


TOOL = (sys.executable, "-m", "onnx_convert")


def test_the_legs_of_a_matrix_become_one_comment_and_one_check(job: Job) -> None:
    for number, names in ((1, ("a", "b")), (2, ("c", "d"))):
        lay(shard(number, 2, names), job.workspace / f"onnx-convert-shards/leg-{number}")
    ended = job.on_pull(mode="merge").run(tool=TOOL)
    (comment,) = job.stand_in.comments(3)
    assert ended.code == 0, ended.log
    assert all(f"`{name}`" in comment.body for name in "abcd")
    assert concluded(job.stand_in) == [("completed", "success")]
    assert ended.outputs["report"] == "onnx-convert-out/report.json"


def test_a_leg_that_is_missing_is_named_in_comment_check_and_summary(job: Job) -> None:
    lay(shard(1, 2, ("a", "b")), job.workspace / "onnx-convert-shards/leg-1")
    ended = job.on_pull(mode="merge").run(tool=TOOL)
    (comment,), (check,) = job.stand_in.comments(3), job.stand_in.check_runs(HEAD)
    assert (ended.code, check.conclusion) == (2, "failure")
    for text in (comment.body, ended.summary, ended.log):
        assert "shards are missing" in text


def test_a_real_plan_is_a_matrix_of_the_models_that_are_asked_for(job: Job) -> None:
    spec(job.workspace, "abcd")
    ended = job.on_pull(mode="plan", shards="2", models="a b c").run(tool=TOOL)
    assert ended.code == 0, ended.log
    legs = json.loads(ended.outputs["matrix"])["include"]
    assert sorted(" ".join(leg["models"] for leg in legs).split()) == ["a", "b", "c"]
    assert [leg["shard"] for leg in legs] == ["1/2", "2/2"]


PLAN = {"include": [{"shard": "1/1", "models": "a b", "providers": "", "device": "cpu"}]}


def test_a_plan_becomes_the_output_matrix_in_one_line(job: Job) -> None:
    ended = job.on_pull(mode="plan", shards="4").run(before=f"print('''{json.dumps(PLAN, indent=1)}'''); sys.exit(0)")
    assert (ended.code, json.loads(ended.outputs["matrix"])) == (0, PLAN)
    assert not job.stand_in.requests


@pytest.mark.parametrize(
    "printed", ["", "{}", '{"include": []}', '{"include": [{}]}', '{"include": [{"a": 1}]}', "[" * 9_999]
)
def test_a_plan_that_is_no_matrix_is_3(job: Job, printed: str) -> None:
    ended = job.on_pull(mode="plan", shards="4").run(before=f"print('''{printed}'''); sys.exit(0)")
    assert (ended.code, "matrix" in ended.outputs) == (3, False)


def test_a_plan_that_fails_is_the_plans_failure(job: Job) -> None:
    assert job.on_pull(mode="plan", shards="4").run(before="sys.exit(2)").code == 2


class Still(Cancellation):
    """Signals are heard by a process's first thread alone, and faults are tried in many."""

    def breakable(self, seconds: float) -> AbstractContextManager[None]:
        return nullcontext()


def test_after_any_fault_at_any_request_a_repeat_ends_with_one_comment_and_one_check() -> None:
    inputs = inputs_of({})
    event = {"pull_request": {"number": 3, "head": {"sha": HEAD, "repo": {"full_name": "octo-org/models"}}}}

    def step(stand_in: StandIn) -> None:
        environ = {"GITHUB_REPOSITORY": stand_in.repository, "GITHUB_RUN_ID": "77", "GITHUB_SHA": "c" * 40}
        context = context_of(environ, event, token=stand_in.token(), api_url=stand_in.api_url)
        posts = Posts(
            context,
            decide(inputs, "pull_request"),
            inputs,
            Still(),
            lambda context: connect(context, Patience(2, first=0.001), timeout=0.3, between=(0.0, 0.0)),
        )
        posts.begin()
        posts.end(FAILED)

    def state(stand_in: StandIn) -> Any:
        comments = [one.body.rpartition("\n")[0] for one in stand_in.comments(3)]
        latest = stand_in.check_runs(HEAD)[-1]
        return comments, latest.conclusion, len(latest.annotations), {run.status for run in stand_in.check_runs(HEAD)}

    kinds = (Fault.SHORT, Fault.CALL, Fault.READ_ONLY, Fault.BAD_GATEWAY)  # the rest is in the tests of each post
    assert every_fault(step, state, lambda stand_in: stand_in.add_pull(3, head_sha=HEAD), kinds=kinds) > 60
