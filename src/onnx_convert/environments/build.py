"""Building an environment or a layer: whole or not at all, by one process at a time."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.environments import locks, torch
from onnx_convert.environments.uv import Uv, UvError
from onnx_convert.isolation import hostile, users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STAMP = "complete.json"
"""Written last into what was built: name, digest, Python, versions, size. What lacks it is removed and built anew."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to build: a framework's environment by its lock, from an interpreter of a version."""

    name: str
    digest: str
    lock: str
    interpreter: Path
    version: str


@contextmanager
def exclusive(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file, so that two processes, or two threads, do not build the same thing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process that builds {path.stem}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def stamp_of(folder: Path) -> dict[str, Any] | None:
    """What is in a folder that was built; None if it is not complete."""
    try:
        found = json.loads((folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_stamp(folder: Path, recipe: Recipe, packages: Path) -> None:
    """Declare a folder complete, with the versions that lie in `packages`."""
    facts = {
        "name": recipe.name,
        "digest": recipe.digest,
        "python": recipe.version,
        "versions": {
            locks.normalise(each.metadata["Name"]): each.version for each in distributions(path=[str(packages)])
        },
        "size": _size(folder),
    }
    partial = folder / f"{STAMP}.partial"
    partial.write_text(json.dumps(facts, indent=1, sort_keys=True), "utf-8")
    partial.chmod(0o644)
    partial.replace(folder / STAMP)


def build_environment(uv: Uv, recipe: Recipe, folder: Path, say: Callable[[str], None]) -> None:
    """Build an environment into `folder`. Raises UvError, CudaBuildError and OSError, leaving nothing behind."""
    requirements = locks.parse(recipe.lock)
    pytorch = next((each for each in requirements if each.name == "torch"), None)
    others = [each for each in requirements if each is not pytorch]
    with _whole(folder):
        uv.run("venv", "--python", recipe.interpreter, folder)
        python = folder / "bin" / "python"
        if pytorch is not None:
            say(f"{recipe.name}: installing torch {pytorch.version} (CPU)")
            torch.install(uv, python, pytorch.version)
            torch.verify(site_packages(folder, recipe.version))
        say(f"{recipe.name}: installing {len(others)} packages")
        lock = folder / "requirements.lock"
        lock.write_text("\n".join(each.text for each in others) + "\n", "utf-8")
        uv.run("pip", "install", "--python", python, "--no-deps", "--no-build", "--require-hashes", "-r", lock)
        write_stamp(folder, recipe, site_packages(folder, recipe.version))


def build_layer(uv: Uv, recipe: Recipe, base: Path, requirements: Path, folder: Path) -> None:
    """Build what a model's requirements need beyond the environment in `base` into `folder`.

    Raises UvError and OSError, leaving nothing behind. The versions of `base` are constraints; what it holds is not
    installed again. Requirements are the caller's and may build from source, which runs their code: where this process
    is root and can, uv runs as another user and sees nothing of this process's environment but where packages are.
    """
    pins = locks.parse(recipe.lock)
    held = {each.name for each in pins}
    options = torch.backend(uv.environ, next((each.version for each in pins if each.name == "torch"), ""))
    with _whole(folder), _bench(uv, folder, requirements) as (builder, bench):
        constraints, wanted = bench / "constraints.txt", bench / "wanted.txt"
        constraints.write_text("\n".join(each.pin for each in pins) + "\n", "utf-8")
        python = base / "bin" / "python"
        found = builder.run(
            *("pip", "compile", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
            *options,
            *("--python", python, "--constraint", constraints, requirements),
        )
        missing = [line for line in found.splitlines() if line.strip() and not _has(held, line)]
        wanted.write_text("\n".join(missing) + "\n", "utf-8")
        if missing:
            # Compiled now: the users that jobs run as cannot write here, and would compile it in every job.
            target = ("--no-deps", "--compile-bytecode", "--target", bench / "out")
            builder.run("pip", "install", "--python", python, *target, "-r", wanted)
        _move(bench / "out", folder, builder.uid)
        write_stamp(folder, recipe, folder)


def _has(held: set[str], line: str) -> bool:
    # Paths and addresses have no name to compare and are installed as they are.
    return any(each.name in held or locks.is_cuda(each.name) for each in locks.parse(line))


def site_packages(folder: Path, version: str) -> Path:
    """Where an environment's packages lie."""
    return folder / "lib" / f"python{version}" / "site-packages"


@contextmanager
def _whole(folder: Path) -> Iterator[None]:
    hostile.remove(folder)
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    try:
        yield
    except BaseException:
        hostile.remove(folder)
        raise


@contextmanager
def _bench(uv: Uv, folder: Path, requirements: Path) -> Iterator[tuple[Uv, Path]]:
    """A place to build in, `out/` in it, and the uv to do it with: as another user where that is possible."""
    bench = folder.with_name(f"{folder.name}.bench")
    hostile.remove(bench)
    bench.mkdir()
    try:
        with ExitStack() as stack:
            uid = stack.enter_context(users.lease()) if _may_change_user(bench, requirements) else None
            bench.chmod(0o755)
            out, home = bench / "out", bench / "home"
            for each in (out, home):
                each.mkdir(mode=0o755)
                if uid is not None:
                    os.chown(each, uid, uid)
            yield (uv if uid is None else Uv(_closed_environ(uv.environ, home), uid)), bench
    finally:
        hostile.remove(bench)


def _may_change_user(bench: Path, requirements: Path) -> bool:
    from uv import find_uv_bin  # noqa: PLC0415 - only needed when something is built

    if users.available() is not None or users.obstacle(bench.parent, passing=True) is not None:
        return False
    return all(users.obstacle(path) is None for path in (Path(find_uv_bin()), requirements))


def _closed_environ(environ: Any, home: Path) -> dict[str, str]:
    # Where packages are, and how to get there; a build sees no token of the run.
    named = re.compile(r"^(UV_\w+|SSL_CERT_\w+|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY|LANG|LC_\w+|PATH)$")
    secret = re.compile(r"^UV_(PUBLISH|KEYRING|CACHE|PYTHON_INSTALL|TOOL)\w*$")
    kept = {name: value for name, value in environ.items() if named.match(name) and not secret.match(name)}
    # Copies: what has a second name in the cache would be refused when it is taken over.
    own = {"HOME": str(home), "TMPDIR": str(home), "UV_CACHE_DIR": str(home / "cache"), "UV_LINK_MODE": "copy"}
    return {**kept, **own}


def _move(source: Path, target: Path, uid: int | None) -> None:
    if uid is not None:
        hostile.end_processes(uid)
        hostile.reclaim(source, uid)
    for entry in source.iterdir():
        if entry.name not in ("bin", ".lock"):  # commands of packages, which nobody runs
            shutil.move(entry, target / entry.name)


def _size(folder: Path) -> int:
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            total += Path(parent, name).lstat().st_size
    return total


__all__ = ["Recipe", "UvError", "build_environment", "build_layer", "exclusive", "site_packages", "stamp_of"]
