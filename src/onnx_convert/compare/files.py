"""Files to compare, put where workers can read them: they may lie in folders that are closed to other users."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from onnx_convert.isolation import Limits
from onnx_convert.isolation.hostile import HostileFileError, take
from onnx_convert.stages.export import check
from onnx_convert.stages.results import LyingWorkerError, OutlineResult, parse
from onnx_convert.stages.values import Finding, OnnxFile

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.stages.values import Workplace

LIMITS = Limits(seconds=900.0)
_UNUSABLE = frozenset({"OCA346", "OCA351", "OCA352", "OCA354", "OCA355", "OCA356", "OCA359", "OCA360"})
"""What the checker says of a file that cannot be run; whatever else it finds, two files can be compared."""


class CallError(Exception):
    """The call is wrong; the finding says in what."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Side:
    """One of two models: its name for people, its copy, and the digests of all its files by name."""

    name: str
    file: OnnxFile
    digests: dict[str, str]
    findings: tuple[Finding, ...] = ()

    @property
    def sha256(self) -> str:
        """The digest of the ONNX file itself."""
        return self.digests[self.file.path.name]


def identical(base: Side, head: Side) -> bool:
    """Whether graph and weights are the same bytes; the name of the ONNX file does not matter."""
    return base.sha256 == head.sha256 and _beside(base) == _beside(head)


def _beside(side: Side) -> dict[str, str]:
    return {name: digest for name, digest in side.digests.items() if name != side.file.path.name}


def stage(path: Path, name: str, folder: Path, workplace: Workplace) -> Side:
    """Copy an ONNX file and its external data into `folder` and look it over. Raises CallError, EnvironmentFailed.

    Links are followed to the file that was named, and to nothing beside it.
    """
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    own = path.resolve()
    digests = {own.name: _copy(own.parent, own.name, folder, name)}
    environment = workplace.environments.get("onnx")
    staged = folder / own.name
    outcome = workplace.fence.run(environment, "onnx_convert.workers.artifact.outline", {"model": str(staged)}, LIMITS)
    if outcome.failure:
        raise CallError(_about(name, Finding.of(outcome.failure)))
    try:
        outline = parse(OutlineResult, outcome.result or {})
    except LyingWorkerError as lie:
        raise CallError(Finding("OCA901", f"{name}: {lie}")) from None
    beside = [str(PurePosixPath(location)) for location in outline.external]  # "./weights" is "weights"
    for location in beside:
        if location not in digests:
            digests[location] = _copy(own.parent, location, folder, name)
    facts, _ = check(environment, workplace, staged, {}, LIMITS)
    if isinstance(facts, Finding):
        raise CallError(_about(name, facts))
    problems = tuple(Finding(one.code, f"{name}: {one.message}", one.hint) for one in facts.problems)
    if fatal := next((one for one in problems if one.code in _UNUSABLE), None):
        raise CallError(fatal)
    data = tuple(folder / location for location in digests if location != own.name)
    return Side(name, OnnxFile(staged, data, facts), digests, problems)


def stage_data(data: dict[str, Path], folder: Path) -> dict[str, Path]:
    """Copy files of samples into `folder`. Raises CallError."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    copies: dict[str, Path] = {}
    for number, (name, path) in enumerate(data.items()):
        own, below = path.resolve(), folder / str(number)  # two files may have one name
        below.mkdir()
        _copy(own.parent, own.name, below, f"--data {name}")
        copies[name] = below / own.name
    return copies


def _copy(folder: Path, location: str, target: Path, name: str) -> str:
    """Copy a file with the folders below `folder` that lead to it, readable by everybody; its digest."""
    copy = target / location
    if os.path.islink(folder / location):  # noqa: PTH114 - which raises nothing, whatever the name
        message = f"{name}: {location} is a symbolic link, and only the file that is named may be one"
        raise CallError(Finding("OCA660", message))
    try:
        if not location.startswith("/") and ".." not in location.split("/"):
            copy.parent.mkdir(parents=True, exist_ok=True)
        taken = take(folder, location, copy)
    except (HostileFileError, OSError, ValueError) as error:
        raise CallError(Finding("OCA660", f"{name}: {error}")) from None
    copy.chmod(0o644)
    for parent in copy.relative_to(target).parents:
        (target / parent).chmod(0o755)
    return taken.sha256


def _about(name: str, finding: Finding) -> Finding:
    return Finding(finding.code, f"{name}: {finding.message}", finding.hint, finding.key, finding.gate)
