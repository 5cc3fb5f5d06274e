"""From the file to a valid spec, or to everything that is wrong with it at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onnx_convert.spec import rules, validate, wording
from onnx_convert.spec.document import Document, read
from onnx_convert.spec.merge import merged
from onnx_convert.spec.problem import Finding, SpecError, in_order
from onnx_convert.spec.render import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from onnx_convert.spec.model import Spec
    from onnx_convert.spec.positions import Key, Place

VERSION = 1


@dataclass(frozen=True)
class LoadedSpec:
    """A spec that is valid by itself; the files it names are not looked at yet.

    Paths of the spec are relative to its `folder` and stay inside the repository, whose folder is `root`. `models` are
    the models as TOML tables, with the defaults merged in; `spec` is the same as values.
    """

    path: Path
    root: Path
    document: Document
    models: dict[str, dict[str, Any]]

    @property
    def folder(self) -> Path:
        """The spec's folder: what its paths are relative to."""
        return self.path.resolve().parent

    @property
    def text(self) -> str:
        """The file's text."""
        return self.document.text

    @property
    def lines(self) -> Mapping[int, str]:
        """The file's lines by number, from 1."""
        return lines_of(self.text)

    @property
    def file(self) -> str:
        """The file's name in diagnostics: relative to the root where it is inside."""
        return self.document.file

    @cached_property
    def spec(self) -> Spec:
        """The spec as values. Made on first use, because `check` needs no pydantic."""
        from onnx_convert.spec.model import Spec  # noqa: PLC0415 - takes longer to import than all of `check`

        top = {key: value for key, value in self.document.values.items() if key != "defaults"}
        return Spec.model_validate(top | {"models": self.models})

    def place(self, *loc: Key, key: bool = False) -> Place:
        """Where a key path stands, such as `place("models", "tiny", "parity", "rtol")`; see `Document.place`."""
        return self.document.place(*loc, key=key)


def load(path: Path, *, root: Path | None = None) -> LoadedSpec:
    """Read a spec. Raises SpecError with all that is wrong, sorted by line.

    The root is the nearest parent with a `.git`, else the spec's own folder.
    """
    path = Path(path)
    root = (root or repository(path)).resolve()
    document = read(path, _shown(path, root))
    problems = in_order(document.problem(finding) for finding in _first_findings(document.values))
    if problems:
        raise SpecError(problems, document.text)
    defaults = document.values.get("defaults", {})
    models = {name: merged(defaults, table) for name, table in document.values["models"].items()}
    problems = in_order(document.problem(finding) for finding in _cross_findings(document.values, models))
    if problems:
        raise SpecError(problems, document.text)
    return LoadedSpec(path, root, document, models)


def repository(path: Path) -> Path:
    """The nearest parent with a `.git`, else the folder itself. git is not asked: it refuses other owners' folders."""
    folder = path.absolute().parent
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)


def _shown(path: Path, root: Path) -> str:
    absolute = path.resolve()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else path.as_posix()


def _first_findings(values: dict[str, Any]) -> Iterator[Finding]:
    """What is wrong with the document by the schema. A version of another tool is not judged further."""
    if not values:
        yield Finding("OCA107", "the spec is empty", hint="start with `onnx-convert init`")
        return
    version = values.get("spec-version", VERSION)
    if isinstance(version, int) and version != VERSION and not isinstance(version, bool):
        message = f"`spec-version` is {version}; this version of onnx-convert reads {VERSION}"
        yield Finding("OCA109", message, ("spec-version",))
        return
    if "spec-version" not in values:
        close = any(wording.nearest(key, ["spec-version"]) for key in values)
        hint = "the key is `spec-version`" if close else f"begin the file with `spec-version = {VERSION}`"
        yield Finding("OCA107", "`spec-version` is missing", hint=hint)
    yield from validate.violations(values)
    models = values.get("models")
    if models is None or models == {}:
        hint = 'add one: [models.NAME] with source = "..."; `onnx-convert init` writes a first spec'
        yield Finding("OCA107", "there are no models", ("models",), hint, at_key=True)
    if isinstance(models, dict):
        yield from rules.names(models)
        yield from _sources(models, values.get("defaults"))


def _sources(models: dict[str, Any], defaults: Any) -> Iterator[Finding]:
    shared = isinstance(defaults, dict) and "source" in defaults
    for name, table in models.items():
        if isinstance(table, dict) and "source" not in table and not shared:
            message = f"the model {wording.quote(name)} has no `source`"
            yield Finding(
                "OCA107", message, ("models", name), 'add source = "path/to/model", inside the repository', at_key=True
            )


def _cross_findings(values: dict[str, Any], models: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    yield from rules.gates(values.get("gates", {}))
    for name, table in models.items():
        yield from rules.model(table, ("models", name))
