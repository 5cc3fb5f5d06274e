"""git, asked about one repository in such a way that nothing which lies in the repository is run.

Hooks, file system monitors, filters and submodules are off. What the repository's configuration says of its remote
holds: actions/checkout keeps there how to log in.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onnx_convert.report.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TIMED_OUT, NO_GIT = 124, 127
"""Exit codes of what never came to one of its own, as `timeout` and a shell give them."""

_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.prune": "false",
    # As the container's root, loose objects would lie in folders that the checkout's owner could not delete.
    "fetch.unpackLimit": "1",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
_ELSEWHERE = re.compile(r"GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|NAMESPACE|PREFIX|CONFIG_PARAMETERS|.*OBJECT_DIR.*)")
"""Variables that would make git look at another repository: a hook, for one, has them set."""

_ADVICE = frozenset({"Please make sure you have the correct access rights", "and the repository exists."})
_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_LOGIN = re.compile(r"(?<=://)[^/@\s]+@|[^/@\s:']+:[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Answer:
    """How git ended: its exit code, what it printed, and in one line what it complained of, without passwords."""

    code: int
    out: str
    complaint: str

    @property
    def good(self) -> bool:
        """Whether git did what it was asked."""
        return self.code == 0


class Repository:
    """The repository at `root`, and the environment that git runs in."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self.root = root
        self._environ = {name: value for name, value in environ.items() if not _ELSEWHERE.fullmatch(name)}

    def ask(
        self,
        *arguments: str,
        at: Path | None = None,
        given: str = "",
        seconds: float = 60.0,
        settings: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Answer:
        """Run git to its end, `at` the root unless told, with `given` as its input. Never raises for what git does."""
        variables = self._variables(_SETTINGS | dict(settings or {})) | dict(environ or {})
        try:
            process = subprocess.Popen(
                ("git", "-C", str(at or self.root), *arguments),
                env=variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # without a terminal ssh cannot ask, and its whole family can be ended
                umask=0o022,
            )
        except OSError as error:
            return Answer(NO_GIT, "", f"git cannot be run: {error.strerror}")
        with process:
            try:
                out, said = process.communicate(given.encode(), timeout=seconds)
            except subprocess.TimeoutExpired:
                return Answer(TIMED_OUT, "", f"git did not end within {seconds:.0f} s")
            finally:
                if process.poll() is None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
        return Answer(process.returncode, out.decode("utf-8", "replace").strip(), _complaint(said))

    def commit(self, name: str) -> str | None:
        """The full hash of the commit that a name stands for here, or None."""
        asked = self.ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return asked.out if asked.good and _HASH.fullmatch(asked.out) else None

    @property
    def folder(self) -> Path:
        """Git's own folder: that of all worktrees where there are several."""
        return self.root / self.ask("rev-parse", "--git-common-dir").out

    def filters(self) -> dict[str, str]:
        """Settings that switch off every filter which the configuration has, Git LFS among them."""
        found = self.ask("config", "--null", "--name-only", "--get-regexp", r"^filter\.").out.split("\0")
        names = {key.removeprefix("filter.").rpartition(".")[0] for key in filter(None, found)}
        off = {"smudge": "", "process": "", "required": "false"}
        return {f"filter.{name}.{key}": value for name in names for key, value in off.items()}

    def _variables(self, settings: Mapping[str, str]) -> dict[str, str]:
        """The environment with settings after those that it brings: in git's configuration the last one counts."""
        count = self._environ.get("GIT_CONFIG_COUNT", "")
        first = int(count) if count.isdigit() else 0
        pairs = {
            f"GIT_CONFIG_{kind}_{number}": text
            for number, setting in enumerate(settings.items(), first)
            for kind, text in zip(("KEY", "VALUE"), setting, strict=True)
        }
        own = {"GIT_CONFIG_COUNT": str(first + len(settings)), "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        return self._environ | own | pairs


def _complaint(said: bytes) -> str:
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines()]
    telling = [line for line in lines if line and line not in _ADVICE]
    return one_line(_LOGIN.sub("", "; ".join(telling[-3:])), 300)
