"""The action's inputs as one call of `onnx-convert run`: the environment goes in, a value comes out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from entrypoint.event import base_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MODES = ("auto", "run")
LATER_MODES = ("plan", "merge", "comment", "publish")

KEPT = frozenset(
    {
        *("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TERM", "COLUMNS", "NO_COLOR", "FORCE_COLOR"),
        *("CI", "GITHUB_ACTIONS", "GITHUB_WORKSPACE", "GITHUB_REPOSITORY", "GITHUB_REF", "GITHUB_SHA"),
        *("GITHUB_EVENT_NAME", "GITHUB_RUN_ID", "GITHUB_SERVER_URL"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    }
)
KEPT_PREFIXES = ("ONNX_CONVERT_", "PIP_", "UV_")
"""What the run may see of the job's environment. Everything else stays here: tokens, inputs, the command files."""

HOME = "/root"
"""Not GitHub's /github/home: what is left there belongs to root, and a later step could not delete it."""


class CallError(Exception):
    """An input that cannot be meant; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Call:
    """One run: where, on what, and with which arguments and environment.

    `spec`, `out` and `cache` are absolute and below `workspace`; `repository` is the checkout that holds `spec`, which
    is the workspace or below it. `environ` holds no token.
    """

    workspace: Path
    repository: Path
    spec: Path
    out: Path
    cache: Path
    arguments: tuple[str, ...]
    environ: Mapping[str, str]


def call(environ: Mapping[str, str]) -> Call:
    """The call that a job's environment asks for. Raises CallError for an input that is wrong."""
    workspace = Path(environ.get("GITHUB_WORKSPACE") or "/github/workspace").resolve()
    _check_mode(_input(environ, "mode") or "auto")
    spec = _inside(workspace, "spec", _input(environ, "spec") or "onnx-convert.toml")
    out = _inside(workspace, "output-dir", _input(environ, "output-dir") or "onnx-convert-out")
    cache = _inside(workspace, "cache-dir", _input(environ, "cache-dir") or ".cache/onnx-convert")
    models = re.split(r"[\s,]+", _input(environ, "models")) if _input(environ, "models") else []
    repository = next((one for one in _parents(spec, workspace) if (one / ".git").exists()), workspace)
    base = _input(environ, "baseline") or "auto"
    kept = child_environ(environ, workspace, repository)
    if base == "auto":
        base = base_of(environ, repository, kept) or "none"
    return Call(
        workspace=workspace,
        repository=repository,
        spec=spec,
        out=out,
        cache=cache,
        arguments=(
            "run",
            f"--out={out}",
            f"--cache-dir={cache}",
            *(f"--model={name}" for name in models if name),
            f"--baseline={base}",
            "--",
            str(spec.relative_to(workspace)),
        ),
        environ=kept,
    )


def child_environ(environ: Mapping[str, str], workspace: Path, repository: Path) -> dict[str, str]:
    """What the run sees of the environment, with git told that this repository may belong to someone else.

    The runner's user owns the workspace and a container action is root, which git calls dubious ownership. The
    exception goes to this process tree only (`GIT_CONFIG_COUNT` is git's command scope, where `safe.directory` counts).
    """
    kept = {name: value for name, value in environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
    return kept | {
        "HOME": HOME,
        "PYTHONUNBUFFERED": "1",
        "GITHUB_WORKSPACE": str(workspace),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": str(repository),
    }


def _input(environ: Mapping[str, str], name: str) -> str:
    # The runner upper-cases an input's name and keeps its hyphens.
    return environ.get(f"INPUT_{name.upper()}", "").strip()


def _parents(path: Path, last: Path) -> list[Path]:
    return [one for one in path.parents if one.is_relative_to(last)]


def _check_mode(mode: str) -> None:
    if mode in LATER_MODES:
        raise CallError(f"mode: `{mode}` is not in this version", "use `auto` or `run`")
    if mode not in MODES:
        raise CallError(f"mode: there is no mode `{mode}`", "use `auto` or `run`")


def _inside(workspace: Path, name: str, text: str) -> Path:
    path = (workspace / text).resolve()
    if path == workspace or not path.is_relative_to(workspace):
        raise CallError(
            f"{name}: `{text}` is not inside the workspace", "give a path relative to the repository's root"
        )
    if ".git" in path.relative_to(workspace).parts:
        raise CallError(f"{name}: `{text}` is inside .git", "give a path outside git's own folder")
    return path
