"""`python -m onnx_convert.environments lock`: make the locks anew from what the package index has today."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from onnx_convert.environments import locks
from onnx_convert.environments.sources import uv_environ
from onnx_convert.environments.uv import Uv, UvError

if TYPE_CHECKING:
    from pathlib import Path

_LOCAL = ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")


def main(arguments: list[str]) -> int:
    """Lock every environment, or those that are named."""
    if arguments[:1] != ["lock"]:
        print("usage: python -m onnx_convert.environments lock [NAME...]", file=sys.stderr)
        return 2
    # The default index alone: a folder with wheels for this machine would leave the other platforms without a hash.
    environ = {name: value for name, value in uv_environ(os.environ).items() if name not in _LOCAL}
    uv = Uv(environ)
    for name in arguments[1:] or locks.names():
        folder = locks.folder_of(name)
        try:
            found = uv.run(
                *("pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade"),
                *("--no-header", "--no-annotate", "--no-emit-index-url"),
                *(*_overrides(folder), folder / "requirements.in"),
            )
        except UvError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
        header = "# What the environment holds. Made by `make lock` from requirements.in; do not edit.\n"
        (folder / "requirements.lock").write_text(header + locks.without_cuda(found), "utf-8")
        print(f"{name}: {len(locks.parse(found))} packages resolved", file=sys.stderr)
    return 0


def _overrides(folder: Path) -> tuple[str | Path, ...]:
    """What an environment asks for in place of what its packages ask for."""
    path = folder / "overrides.txt"
    return ("--override", path) if path.is_file() else ()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
