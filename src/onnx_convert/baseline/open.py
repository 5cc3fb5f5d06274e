"""What `--baseline` says, as a base: opened for the time of a run, and nothing left behind."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.baseline.checkout import check_out
from onnx_convert.baseline.commit import merge_base
from onnx_convert.baseline.folder import REPORT, open_folder
from onnx_convert.baseline.repository import Repository
from onnx_convert.baseline.values import CommitBase, NoBase, OutOfReachError
from onnx_convert.plan import make_plan
from onnx_convert.spec.check import problems
from onnx_convert.spec.load import LoadedSpec, load
from onnx_convert.spec.problem import SpecError
from onnx_convert.stages.values import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from onnx_convert.baseline.values import Base
    from onnx_convert.plan import Row

NONE = "none"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which models of the base: those of `only`, or all; and with `renamed`, those that the head has no more."""

    only: Collection[str]
    renamed: bool

    def of(self, earlier: LoadedSpec, head: LoadedSpec) -> tuple[str, ...]:
        return tuple(
            name
            for name in earlier.models
            if not self.only or name in self.only or (self.renamed and name not in head.models)
        )


@contextmanager
def open_base(
    asked: str,
    loaded: LoadedSpec,
    only: Collection[str],
    *,
    renamed: bool = False,
    environ: Mapping[str, str],
    say: Callable[[str], None],
    temporary: Path | None = None,
) -> Iterator[Base | None]:
    """The base that is asked for: "none", a folder with a report.json, or the name of a commit; a folder goes first.

    Of a commit it is the merge base with HEAD, checked out below `temporary` (the system's folder unless given) while
    the block runs, with the rows of the models in `only`, or of all; where models of `only` may have been `renamed`,
    with those that the spec has no more. Raises BaselineError.
    """
    with ExitStack() as stack:
        yield _open(asked, loaded, _Wanted(only, renamed), Repository(loaded.root, environ), say, stack, temporary)


def _open(
    asked: str,
    loaded: LoadedSpec,
    wanted: _Wanted,
    repository: Repository,
    say: Callable[[str], None],
    stack: ExitStack,
    temporary: Path | None,
) -> Base | None:
    if asked == NONE:
        return None
    if Path(asked, REPORT).is_file():
        return open_folder(asked, repository)
    try:
        commit = merge_base(repository, asked, say)
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="onnx-convert-base-", dir=temporary, ignore_cleanup_errors=True)
        )
        earlier = _spec(loaded, check_out(repository, commit, Path(folder)), commit)
        return CommitBase(commit[:7], commit, earlier, _rows(earlier, wanted.of(earlier, loaded)))
    except OutOfReachError as error:
        return NoBase(asked, str(error))


def _spec(loaded: LoadedSpec, root: Path, commit: str) -> LoadedSpec:
    """The spec as the commit has it. Raises OutOfReachError where it has none, or none that is valid."""
    root = root.resolve()
    place = loaded.path.parent.resolve() / loaded.path.name
    path = root / place.relative_to(loaded.root) if place.is_relative_to(loaded.root) else place
    if not path.resolve().is_relative_to(root):
        raise OutOfReachError(f"{loaded.file} is not inside the repository at {commit[:7]}")
    if not path.is_file():
        raise OutOfReachError(f"there is no {loaded.file} at {commit[:7]}")
    try:
        return load(path, root=root)
    except SpecError as error:
        raise OutOfReachError(f"{loaded.file} is not valid at {commit[:7]}: {error.problems[0].message}") from None


def _rows(earlier: LoadedSpec, names: Collection[str]) -> tuple[Row, ...]:
    """The rows of these models; what is wrong with a model's files is its row's obstacle."""
    if not names:
        return ()
    found = problems(earlier)
    obstacles = {
        name: Finding(one.code, one.message, one.hint)
        for one in reversed(found)
        if one.severity == "error"
        for name in one.models
    }
    rows = make_plan(earlier, found, names)
    return tuple(row if row.base else replace(row, obstacle=obstacles.get(row.name)) for row in rows)
