"""The environments of this machine: found, or built when they are first needed."""

from __future__ import annotations

import hashlib
import importlib
import os
import re
import sysconfig
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.diagnostics import diagnose
from onnx_convert.environments import build, interpreter, locks
from onnx_convert.environments.sources import uv_environ
from onnx_convert.environments.torch import CudaBuildError
from onnx_convert.environments.uv import Uv, UvError
from onnx_convert.environments.values import Environment, EnvironmentFailed, Installed
from onnx_convert.isolation import users
from onnx_convert.runtimes.registry import RUNTIMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PREBUILT = (Path("/opt/onnx-convert"),)
"""Where container images bring environments."""

_BUILDER = "1"  # raised when the same lock is to be built differently
_INCLUDE = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[ =]\s*(\S+)", re.MULTILINE)


def default_root(environ: Mapping[str, str]) -> Path:
    """Where environments are kept: $ONNX_CONVERT_CACHE, else the user's cache; root's is one that others can enter."""
    if named := environ.get("ONNX_CONVERT_CACHE"):
        return Path(named).absolute()
    if os.geteuid() == 0 and users.available() is None:
        return Path("/var/cache/onnx-convert")
    cache = environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME") or "/") / ".cache"
    return Path(cache).absolute() / "onnx-convert"


class Environments:
    """Finds environments and builds those that are missing; safe between threads and processes.

    `root` is written to: `environments/NAME-DIGEST`, `layers/NAME-DIGEST`. `prebuilt` are roots of the same form that
    are looked into first and never written. `say` is told what takes time.
    """

    def __init__(
        self,
        root: Path,
        *,
        environ: Mapping[str, str],
        say: Callable[[str], None],
        prebuilt: tuple[Path, ...] = PREBUILT,
    ) -> None:
        self._root = root.absolute()
        self._prebuilt = prebuilt
        self._environ = environ
        self._say = say

    @cached_property
    def _interpreter(self) -> tuple[Path, str]:
        return interpreter.choose(self._environ)

    def digest(self, name: str, requirements: Path | None = None) -> str:
        """What an environment will be made of, as 64 hexadecimal digits; builds nothing.

        Raises KeyError for an environment that is not described, OSError if `requirements` cannot be read.
        """
        parts = [_BUILDER, name, locks.lock_of(name), self._interpreter[1], sysconfig.get_platform()]
        if requirements is not None:
            parts += _texts(requirements)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def get(self, name: str, requirements: Path | None = None) -> Environment:
        """An environment that is ready, built if it is not there yet. Raises EnvironmentFailed."""
        base = self._folder(self._recipe(name))
        layers: tuple[Path, ...] = ()
        digest = self.digest(name)
        if requirements is not None:
            try:
                digest = self.digest(name, requirements)
            except OSError as error:
                raise _failed("OCA003", f"{requirements.name} cannot be read: {error.strerror}") from None
            layers = (self._layer(self._recipe(name), base, requirements, digest),)
        return Environment(name, base / "bin" / "python", layers, _preload(name), digest)

    def has(self, name: str) -> bool:
        """Whether an environment is ready, so that `get` would build nothing."""
        where = f"environments/{name}-{self.digest(name)[:16]}"
        return any(build.stamp_of(root / where) is not None for root in (*self._prebuilt, self._root))

    def versions(self, name: str) -> dict[str, str]:
        """Of the packages that an environment's requirements name; empty where it is not ready. Builds nothing."""
        with suppress(EnvironmentFailed):
            where = f"environments/{name}-{self.digest(name)[:16]}"
            found = (_installed(root / where) for root in (*self._prebuilt, self._root))
            return next((one.versions for one in found if one), {})
        return {}

    def installed(self) -> tuple[Installed, ...]:
        """Every complete environment of this machine, prebuilt ones first."""
        folders = (path for root in (*self._prebuilt, self._root) for path in sorted(root.glob("environments/*")))
        return tuple(found for path in folders if (found := _installed(path)) is not None)

    def _recipe(self, name: str) -> build.Recipe:
        path, version = self._interpreter
        return build.Recipe(name, self.digest(name), locks.lock_of(name), path, version)

    def _folder(self, recipe: build.Recipe) -> Path:
        def make(folder: Path) -> None:
            self._say(f"{recipe.name}: building its environment, which is done once")
            started = time.monotonic()
            build.build_environment(Uv(uv_environ(self._environ)), recipe, folder, self._say)
            self._say(f"{recipe.name}: environment ready after {time.monotonic() - started:.0f} s")

        try:
            return self._find_or_make("environments", recipe, make)
        except UvError as error:
            raise _failed("OCA001", f"the {recipe.name} environment could not be built: {error}") from None
        except CudaBuildError as error:
            raise _failed("OCA004", f"the package index gave {error}") from None

    def _layer(self, recipe: build.Recipe, base: Path, requirements: Path, digest: str) -> Path:
        layer = build.Recipe(recipe.name, digest, recipe.lock, recipe.interpreter, recipe.version)

        def make(folder: Path) -> None:
            self._say(f"{recipe.name}: installing {requirements.name}")
            build.build_layer(Uv(uv_environ(self._environ)), layer, base, requirements, folder)

        try:
            return self._find_or_make("layers", layer, make)
        except UvError as error:
            message = f"{requirements.name} cannot be installed over the {recipe.name} environment: {error}"
            raise _failed("OCA003", message) from None

    def _find_or_make(self, kind: str, recipe: build.Recipe, make: Callable[[Path], None]) -> Path:
        where = f"{kind}/{recipe.name}-{recipe.digest[:16]}"
        for root in (*self._prebuilt, self._root):
            if build.stamp_of(root / where) is not None:
                return root / where
        folder = self._root / where
        try:
            for parent in (self._root, folder.parent):
                parent.mkdir(parents=True, exist_ok=True)
            with build.exclusive(self._root / "locks" / f"{folder.name}.lock", self._say):
                if build.stamp_of(folder) is None:
                    make(folder)
        except OSError as error:
            raise _failed("OCA006", f"{error.filename or folder} cannot be written: {error.strerror}") from None
        return folder


def _texts(requirements: Path, depth: int = 8) -> Iterator[str]:
    """The text of a requirements file and of those it includes. What it includes and is not there is uv's to name."""
    text = requirements.read_text("utf-8", "replace")
    yield text
    for included in _INCLUDE.findall(text) if depth else ():
        path = requirements.parent / included
        if path.is_file():
            yield from _texts(path, depth - 1)


def _preload(name: str) -> tuple[str, ...]:
    if name in RUNTIMES:
        return RUNTIMES[name].preload
    module = importlib.import_module(f"onnx_convert.frameworks.{name}.source")
    preload: tuple[str, ...] = module.FRAMEWORK.preload
    return preload


def _installed(path: Path) -> Installed | None:
    stamp = build.stamp_of(path)
    if stamp is None:
        return None
    try:
        name = str(stamp["name"])
        versions = {each: stamp["versions"][each] for each in locks.direct(name) if each in stamp["versions"]}
        return Installed(name, path, str(stamp["digest"]), str(stamp["python"]), versions, int(stamp["size"]))
    except (KeyError, TypeError, ValueError, OSError):  # another release's, or damaged
        return None


def _failed(code: str, message: str) -> EnvironmentFailed:
    return EnvironmentFailed(diagnose(code, message))
