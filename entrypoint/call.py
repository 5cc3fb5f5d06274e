"""The action's inputs as one call of `onnx-convert`: inputs and environment go in, a value comes out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from entrypoint.event import base_of
from entrypoint.inputs import CallError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from entrypoint.decide import Task
    from entrypoint.inputs import Inputs

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


@dataclass(frozen=True, slots=True)
class Call:
    """One call: where, on what, and with which arguments and environment.

    `spec`, `out`, `cache` and `shards` are absolute and below `workspace`; `repository` is the checkout that holds
    `spec`, which is the workspace or below it. `environ` holds no token. Without `arguments` there is nothing to call.
    """

    workspace: Path
    repository: Path
    spec: Path
    out: Path
    cache: Path
    shards: Path
    arguments: tuple[str, ...]
    environ: Mapping[str, str]


def call(environ: Mapping[str, str], inputs: Inputs, task: Task) -> Call:
    """The call that a task asks for. Raises CallError for an input that is wrong."""
    workspace = Path(environ.get("GITHUB_WORKSPACE") or "/github/workspace").resolve()
    spec = _inside(workspace, "spec", inputs.spec)
    out = _inside(workspace, "output-dir", inputs.output_dir)
    cache = _inside(workspace, "cache-dir", inputs.cache_dir)
    shards = _inside(workspace, "shards-dir", inputs.shards_dir)
    repository = next((one for one in _parents(spec, workspace) if (one / ".git").exists()), workspace)
    kept = child_environ(environ, workspace, repository)
    named = str(spec.relative_to(workspace))
    models = [f"--model={name}" for name in inputs.models]
    arguments: tuple[str, ...] = ()
    if task == "run":
        base = inputs.baseline if inputs.baseline != "auto" else base_of(environ, repository, kept) or "none"
        providers = [f"--provider={name}" for name in inputs.providers]
        shard = [f"--shard={inputs.shard}"] if inputs.shard else []
        folders = (f"--out={out}", f"--cache-dir={cache}")
        arguments = ("run", *folders, *models, *providers, *shard, f"--baseline={base}", "--", named)
    elif task == "plan":
        if not inputs.shards:
            raise CallError("shards: `mode: plan` needs to know over how many legs", "write `shards: 4`, for example")
        counts = (f"--shards={inputs.shards}", f"--gpu-shards={inputs.gpu_shards}")
        # An earlier report in the output folder, which nothing is written to here, says how long models took.
        known = (f"--cache-dir={cache}", *([f"--durations={out}"] if (out / "report.json").is_file() else ()))
        arguments = ("plan", *models, *counts, *known, "--", named)
    elif task == "merge":
        arguments = ("merge", f"--out={out}", "--", str(shards))
    return Call(workspace, repository, spec, out, cache, shards, arguments, kept)


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


def _parents(path: Path, last: Path) -> list[Path]:
    return [one for one in path.parents if one.is_relative_to(last)]


def _inside(workspace: Path, name: str, text: str) -> Path:
    path = (workspace / text).resolve()
    if path == workspace or not path.is_relative_to(workspace):
        raise CallError(
            f"{name}: `{text}` is not inside the workspace", "give a path relative to the repository's root"
        )
    if ".git" in path.relative_to(workspace).parts:
        raise CallError(f"{name}: `{text}` is inside .git", "give a path outside git's own folder")
    return path
