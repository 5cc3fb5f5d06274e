"""The fence itself: one job, from its folder to its outcome."""

from __future__ import annotations

import json
import os
import secrets
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from onnx_convert import workers
from onnx_convert.diagnostics import diagnose
from onnx_convert.isolation import endings, hostile, users
from onnx_convert.isolation.environ import template_environ, worker_environ
from onnx_convert.isolation.results import LyingResultError, WorkerResult, read_result
from onnx_convert.isolation.supervision import Ending, Supervision
from onnx_convert.isolation.templates import TemplateError, Templates
from onnx_convert.isolation.values import Failure, Limits, Outcome
from onnx_convert.workers.process import landlock, wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from onnx_convert.environments import Environment
    from onnx_convert.isolation.values import Hear
    from onnx_convert.report.model import Diagnostic

_PACKAGE = Path(workers.__file__).parents[1]

RUNNER = (*("GITHUB_ENV", "GITHUB_EVENT_PATH", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"),)
"""Variables that name files of GitHub's runner."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One call of `run`: what to start, in which folder, as whom."""

    environment: Environment
    module: str
    job: Mapping[str, Any]
    limits: Limits
    folder: Path
    uid: int | None


class Fence:
    """Starts jobs behind the fence and ends every one of them when it is left.

    `work` holds the jobs' folders. It is made, or opened for other users to pass through, if need be; `environ` is
    what the allow-list for workers picks from. No job reads git's folder of `repository`, or of what its own job is
    about. With `keep`, folders stay for a look at them.
    """

    def __init__(
        self, work: Path, *, environ: Mapping[str, str], repository: Path | None = None, keep: bool = False
    ) -> None:
        self._work = work
        self._repository = repository
        self._environ = environ
        self._keep = keep
        self._closed = threading.Event()
        self._running = 0
        self._idle = threading.Condition()
        self._reasons: dict[str, Diagnostic] = {}
        self._folders: list[Path] = []
        self._work.mkdir(parents=True, exist_ok=True)
        self._work.chmod(0o711)
        self._templates_folder = self._work / f"templates-{secrets.token_hex(8)}"
        self._templates_folder.mkdir(mode=0o700)
        self._templates = Templates(self._templates_folder, template_environ(environ))
        self._unavailable = users.available()
        if landlock.version() == 0:
            self._reasons["landlock"] = diagnose("OCA032", "the kernel does not confine model code to its own folders")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What is to be said about the fence itself, each reason once: where it does not hold, and how to mend it."""
        return tuple(self._reasons.values())

    def run(
        self,
        environment: Environment,
        module: str,
        job: Mapping[str, Any],
        limits: Limits,
        hear: Hear | None = None,
    ) -> Outcome:
        """Run one job and wait for its end. Safe between threads; never raises for what a worker did.

        `module` is a worker's name below onnx_convert, or the absolute path of a Python file that has a `main`. `job`
        becomes job.json: JSON values and paths, all of them absolute. `hear` is called, in this thread, with what the
        worker says of its progress.
        """
        folder = self._work / f"job-{secrets.token_hex(8)}"
        self._folders.append(folder)
        with self._counted(), ExitStack() as stack:
            task = _Task(environment, module, job, limits, folder, None)
            try:
                task = replace(task, uid=self._user(stack, environment, job))
                _prepare(task)
                ending = self._supervise(task, hear)
                if ending.reason == "lost" and not ending.started:  # with its template: a new one is started
                    ending = self._supervise(task, hear)
            except (OSError, ValueError, TypeError) as error:
                hostile.remove(folder)
                folder.joinpath("out").mkdir(parents=True, exist_ok=True)
                return _unstarted(task, Failure("OCA028", f"its process could not be started: {error}"), "")
            except TemplateError as error:
                last = str(error).strip().splitlines()[-1:] or ["its interpreter ended at once"]
                between = f"{' and '.join(error.clash)} do not work together: " if error.clash else ""
                message = f"the {environment.name} environment could not be loaded: {between}{last[0]}"
                return _unstarted(task, Failure("OCA270" if error.clash else "OCA005", message), str(error))
            except (
                users.NoFreeUserError
            ):  # never as root instead: what takes the ids may be model code that wants just that
                folder.joinpath("out").mkdir(parents=True)
                taken = f"all user ids from {users.UIDS.start} to {users.UIDS.stop - 1} are taken"
                return _unstarted(task, Failure("OCA031", f"its process was not started, because {taken}"), "")
            return _collect(task, ending)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._idle:
            self._running += 1
        try:
            yield
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def _user(self, stack: ExitStack, environment: Environment, job: Mapping[str, Any]) -> int | None:
        """A uid for a job until the stack is left; None, with a warning, if it has to be this process's own.

        Raises NoFreeUserError if all are taken.
        """
        reason, remedy = self._unavailable, "start it as root, as the container does"
        if reason is None and (closed := self._closed_path(environment, job)) is not None:
            reason = f"{closed} is closed to other users"
            remedy = f"open the way for them (`chmod o+x` on folders, `chmod o+r` on files), starting with {closed}"
        if reason is None:
            return stack.enter_context(users.lease())
        if reason not in self._reasons:
            message = f"model code runs as the same user as onnx-convert, because {reason}"
            self._reasons[reason] = diagnose("OCA010", message, hint=remedy)
        return None

    def _closed_path(self, environment: Environment, job: Mapping[str, Any]) -> Path | None:
        needed = (environment.python, *environment.layers, _PACKAGE, *_needed(job))
        found = (users.obstacle(path) for path in dict.fromkeys(needed))
        return next(filter(None, found), None) or users.obstacle(self._work, passing=True)

    def _supervise(self, task: _Task, hear: Hear | None) -> Ending:
        template = self._templates.get(task.environment)
        with ExitStack() as stack:
            ours, theirs = wire.pair()
            stack.enter_context(ours)
            output, printed = _pipe(stack)
            events, said = _pipe(stack)
            # The far ends close here whether or not they were handed over; if not, the job ends at once as lost.
            with theirs, os.fdopen(printed, "wb"), os.fdopen(said, "wb"), suppress(OSError):
                template.assign(_assignment(task, self._environ, self._repository), (theirs.fileno(), printed, said))
            ending = Supervision(ours, output, events, task.limits, hear).run(self._closed.is_set)
        if ending.reason == "lost" and not ending.started:
            template.close()  # it was killed since its last job, or is being killed
        return ending

    def close(self) -> None:
        """End every process and, unless they are to be kept, remove every folder. May be called again."""
        self._closed.set()
        self._templates.close()
        with self._idle:
            self._idle.wait_for(lambda: self._running == 0, timeout=40)
        if not self._keep:
            hostile.remove(*self._folders, self._templates_folder)
            self._folders.clear()


def _needed(job: Mapping[str, Any]) -> Iterator[Path]:
    """The files and folders that a job needs and that are there.

    Only those that the core names: an absolute path among the arguments of a model, or git's own folder, which is
    closed on purpose, must not decide that model code runs as root.
    """
    known = [job.get(name) for name in ("repository", "model", "raw", "base", "cases", "case", "weights", "library")]
    known += [one.get("path") for name in ("source", "reference") if isinstance(one := job.get(name), dict)]
    inputs = job.get("inputs")
    known += [one.get("data") for one in (inputs.values() if isinstance(inputs, dict) else ()) if isinstance(one, dict)]
    for path in known:
        if isinstance(path, str | Path) and ".git" not in Path(path).parts and os.path.lexists(path):
            yield Path(path)


def _prepare(task: _Task) -> None:
    # The job's own folders are closed to the other jobs that run meanwhile; job.json stays this process's.
    task.folder.mkdir(mode=0o711)
    for name in ("out", "home", "tmp"):
        path = task.folder / name
        path.mkdir(mode=0o700)
        if task.uid is not None:
            os.chown(path, task.uid, task.uid)
    job = task.folder / "job.json"
    job.write_text(json.dumps(dict(task.job), default=_path_text), "utf-8")
    job.chmod(0o644)
    task.folder.chmod(0o711)


def _path_text(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a value of a job")


def _assignment(task: _Task, environ: Mapping[str, str], root: Path | None) -> wire.Assignment:
    repository = None if task.job.get("repository") is None else str(task.job["repository"])
    threads = task.job.get("threads")
    memory = task.limits.memory_bytes
    return wire.Assignment(
        module=task.module,
        folder=str(task.folder),
        uid=task.uid,
        cwd=repository or str(task.folder),
        environ=worker_environ(environ, task.folder, threads if isinstance(threads, int) else None),
        layers=tuple(map(str, task.environment.layers)),
        search=_search(repository, task.job.get("source") or task.job.get("reference")),
        repository=repository,
        # Resident memory is what the limit is about, and watched; address space, which is more, only bounds a leap
        # between two looks.
        data_bytes=None if memory is None else memory * 3 // 2 + 2**29,
        tasks=task.limits.processes + 16 * (os.cpu_count() or 1),  # RLIMIT_NPROC counts threads too
        hidden=_hidden([Path(each) for each in (repository, root) if each], environ),
    )


def _hidden(roots: list[Path], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Where a job's token may lie: git's folder, into which actions/checkout writes it, and the runner's files."""
    folders = dict.fromkeys(folder for root in roots for folder in (root, *root.parents))
    found = [*(folder / ".git" for folder in folders), *(Path(environ[name]) for name in RUNNER if environ.get(name))]
    if environ.get("RUNNER_TEMP"):
        found += Path(environ["RUNNER_TEMP"]).glob("git-credentials-*")  # of actions/checkout from version 6 on
    return tuple(str(path) for path in found if path.exists())


def _search(repository: str | None, source: object) -> tuple[str, ...]:
    path = source.get("path") if isinstance(source, dict) else None
    folder = None if path is None else str(Path(path).parent)
    return tuple(dict.fromkeys(filter(None, (repository, folder))))


def _pipe(stack: ExitStack) -> tuple[int, int]:
    read, write = os.pipe()
    stack.callback(os.close, read)
    return read, write


def _collect(task: _Task, ending: Ending) -> Outcome:
    out = task.folder / "out"
    owner = os.getuid() if task.uid is None else task.uid
    hostile.reclaim(out, owner)
    hostile.remove(task.folder / "home", task.folder / "tmp")
    if task.uid is not None:
        hostile.remove_strays(task.uid)
    found, lie = _read(out)
    failure = endings.failure_of(ending, task.limits, finished=os.path.lexists(out / "result.json")) or lie
    if failure is None and found.error is not None:
        failure = endings.failure_of_error(found.error, ending.phase, task.limits)
    return Outcome(
        folder=task.folder,
        result=None if failure else found.result,
        failure=failure,
        notes=found.notes + endings.notes_of(ending, task.limits),
        phase=ending.phase,
        reads=found.reads,
        seconds=ending.seconds,
        peak_memory_bytes=ending.peak_bytes,
        log=ending.log.text(),
    )


def _read(out: Path) -> tuple[WorkerResult, Failure | None]:
    try:
        return read_result(out), None
    except (hostile.HostileFileError, LyingResultError) as error:
        lie = Failure("OCA025", f"its result file is not valid: {error}")
        return WorkerResult(None, None, (), ()), lie


def _unstarted(task: _Task, failure: Failure, log: str) -> Outcome:
    return Outcome(task.folder, None, failure, (), "start", (), 0.0, 0, log)
