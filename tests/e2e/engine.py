"""The container engine, the image, and a copy of the project to use them on."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
IMAGE = "onnx-convert-action:e2e"
RUNNER = 64123
"""The user id that owns the workspace, as the runner's user does on GitHub; it is nobody here."""


def client() -> str | None:
    """A client whose engine answers, or None."""
    for name in ("docker", "podman"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:
            return name
    return None


def act() -> str | None:
    """`act`, from the developers' environment, where an engine's socket is known to it."""
    found = shutil.which("act", path=f"{PROJECT / '.venv/bin'}:{os.environ['PATH']}")
    socket = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
    return found if Path(socket).exists() else None


def copy_project(folder: Path) -> None:
    """The files that git would commit, as they are now, in a repository of one commit; times are kept for caches."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name, follow_symlinks=False)


def commit(folder: Path) -> str:
    """Make the folder a repository, if it is none, with everything in it committed; the commit's hash."""
    identity = ["-c", "user.name=e2e", "-c", "user.email=e2e@example.invalid", "-c", "init.defaultBranch=main"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "--allow-empty", "-m", "A project with models"]):
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True)
    return head.stdout.strip()


def give(folder: Path, uid: int) -> None:
    """Make a folder and all in it someone else's."""
    subprocess.run(["chown", "-R", "-h", f"{uid}:{uid}", str(folder)], check=True)


@dataclass(frozen=True, slots=True)
class Step:
    """What a run of the image left: exit code, the step's log, its outputs and its summary."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


def run_image(
    client: str,
    workspace: Path,
    commands: Path,
    job: Mapping[str, str] | None = None,
    *,
    mounts: Mapping[Path, str] | None = None,
    **inputs: str,
) -> Step:
    """Run the image on a workspace with the mounts and variables that GitHub's runner gives a container action.

    `job` are further variables, `mounts` further paths of this machine with theirs in the container; a server on this
    machine is reached at its own address.
    """
    commands.mkdir(exist_ok=True)
    files = {name: commands / name.lower() for name in ("ENV", "PATH", "OUTPUT", "STATE", "STEP_SUMMARY")}
    for path in files.values():
        path.touch()
        path.chmod(0o666)  # as open as a careless runner may leave them
    variables = {
        **{f"INPUT_{name.replace('_', '-').upper()}": value for name, value in inputs.items()},
        **{f"GITHUB_{name}": f"/github/file_commands/{path.name}" for name, path in files.items()},
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": "/github/workspace",
        "HOME": "/github/home",
        "INPUT_TOKEN": "s3cret",
        "GITHUB_TOKEN": "s3cret",
        "ACTIONS_RUNTIME_TOKEN": "s3cret",
        "MY_KEY": "s3cret",
        **(job or {}),
    }
    name = f"onnx-convert-e2e-{secrets.token_hex(8)}"
    ended = subprocess.run(
        [
            # Not --rm: with it, docker's client gets exit code 0 from podman's engine, whatever happened.
            *(client, "run", "--name", name, "--network", "host", "--workdir", "/github/workspace"),
            *(part for name, value in variables.items() for part in ("--env", f"{name}={value}")),
            *("--volume", f"{workspace}:/github/workspace", "--volume", f"{commands}:/github/file_commands"),
            *(part for path, inside in (mounts or {}).items() for part in ("--volume", f"{path}:{inside}")),
            IMAGE,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    subprocess.run([client, "rm", "--force", name], capture_output=True, check=False)
    outputs = re.findall(r"^(.+?)<<(.+)\n(.*)\n\2$", files["OUTPUT"].read_text(), re.MULTILINE)
    return Step(
        code=ended.returncode,
        log=ended.stdout + ended.stderr,
        outputs={name: value for name, _, value in outputs},
        summary=files["STEP_SUMMARY"].read_text(),
    )


def line_of(path: Path, text: str) -> int:
    """The first line of a file that holds a text, from 1."""
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line)
