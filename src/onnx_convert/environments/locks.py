"""Locks: what an environment holds, to the version and the hash.

    python -m onnx_convert.environments lock

makes each `requirements.lock` from the `requirements.in` beside it, for every platform and Python version. They lie in
`frameworks/NAME/`, and in `runtimes/NAME/` for providers that need an environment of their own.
PyTorch's line carries no hash: its CPU builds come from another place on each platform (see `torch`), and the CUDA
packages that its ordinary wheel asks for are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from onnx_convert import frameworks, runtimes

FOLDERS = tuple(Path(str(package.__file__)).parent for package in (frameworks, runtimes))
"""Where environments are described: a folder in one of these, with its `requirements.in`."""

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")
_CUDA = re.compile(r"^(nvidia-.*|cuda-.*|triton.*)$")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a lock: a normalised name, and its lines as they stand, hashes included."""

    name: str
    text: str

    @property
    def pin(self) -> str:
        """The requirement without its hashes."""
        return self.text.split("\\\n")[0].strip()

    @property
    def version(self) -> str:
        """The pinned version."""
        return self.pin.partition("==")[2].partition(";")[0].strip()


def normalise(name: str) -> str:
    """A project's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse(text: str) -> tuple[Requirement, ...]:
    """Requirements of a requirements file, comments and options left out."""
    joined = re.sub(r"\\\n\s*", "\\\n    ", text)
    named = ((_NAME.match(line), line) for line in re.split(r"(?<!\\)\n", joined))
    return tuple(Requirement(normalise(found[0]), line) for found, line in named if found)


def folder_of(name: str) -> Path:
    """Where an environment is described. Raises KeyError for one that is not."""
    for folder in FOLDERS:
        if (folder / name / "requirements.in").is_file():
            return folder / name
    raise KeyError(name)


def lock_of(name: str) -> str:
    """The text of an environment's lock. Raises KeyError for one that has none."""
    try:
        return (folder_of(name) / "requirements.lock").read_text("utf-8")
    except FileNotFoundError:
        raise KeyError(name) from None


def names() -> tuple[str, ...]:
    """The environments: those of frameworks, then those of runtimes, whose locks may keep to a framework's."""
    return tuple(path.parent.name for folder in FOLDERS for path in sorted(folder.glob("*/requirements.in")))


def direct(name: str) -> tuple[str, ...]:
    """The packages an environment's requirements name themselves, in their order."""
    return tuple(each.name for each in parse((folder_of(name) / "requirements.in").read_text("utf-8")))


def without_cuda(compiled: str) -> str:
    """A lock from what uv resolved: no CUDA packages, and PyTorch by its plain version alone."""
    lines: dict[str, None] = {}
    for each in parse(compiled):
        if each.name == "torch":
            lines[f"torch=={each.version.partition('+')[0]}"] = None
        elif not _CUDA.match(each.name):
            lines[each.text.rstrip()] = None
    return "\n".join(lines) + "\n"


def is_cuda(name: str) -> bool:
    """Whether a package is only there for NVIDIA's GPUs."""
    return _CUDA.match(normalise(name)) is not None
