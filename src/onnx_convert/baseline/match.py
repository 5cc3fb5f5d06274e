"""Which row of the base a row of the head is, and whether it is still the same, without converting either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from onnx_convert.assemble import declared_files
from onnx_convert.baseline.values import CommitBase
from onnx_convert.cache.digests import States
from onnx_convert.report.model import Comparison, LatencyComparison

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from onnx_convert.baseline.values import FolderBase
    from onnx_convert.plan import Row
    from onnx_convert.report.model import ModelReport
    from onnx_convert.spec.load import LoadedSpec
    from onnx_convert.stages.values import Counterpart

    Find = Callable[[str], Counterpart | None]
    """What is known of a row of the base by its key without converting it; None where that is still to be done."""

_LEFT_OUT = frozenset(
    {
        "benchmark",
        "memory",
        "opset",
        "parity",
        "provider_options",
        "provider_requirements",
        "source",
        "timeout",
        "variants",
    }
)
"""Keys of a model that do not decide its artifact, or that a row has in another form."""
_JUDGES = frozenset({"rtol", "atol", "samples", "seed"})
"""Keys of `parity` that do: the simplifier and the choice between exporters go by them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A converted row of the head: the files that its conversion read, relative to the root, and its files' digests.

    `providers` are those that it is measured on.
    """

    row: Row
    reads: frozenset[str]
    digests: tuple[str, ...]
    providers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """What a row is against the base, and its counterpart there as far as that is known."""

    comparison: Comparison
    counterpart: Counterpart | None = None


def conversion_inputs(loaded: LoadedSpec, row: Row) -> dict[str, Any]:
    """What of the spec decides the artifact of a row, as JSON values. Files are named in it, not their content."""
    return {
        **row.model.model_dump(mode="json", exclude=set(_LEFT_OUT)),
        "framework": row.framework_name,
        "source": [row.source.path.relative_to(loaded.root).as_posix(), row.source.symbol],
        "folder": loaded.folder.relative_to(loaded.root).as_posix(),
        "opset": [row.opset, row.model.opset == "auto"],
        "variant": row.variant,
        "parity": row.model.parity.model_dump(mode="json", include=set(_JUDGES)),
    }


def unchanged(head: LoadedSpec, subject: Subject, base: LoadedSpec, other: Row, states: States | None = None) -> bool:
    """Whether a row of the base, were it converted now, would be made from the same as a row of the head was.

    Any doubt is a no: a file that cannot be read, or that leads out of the repository.
    """
    try:
        if conversion_inputs(head, subject.row) != conversion_inputs(base, other):
            return False
        declared = declared_files(head, subject.row)
        if declared != declared_files(base, other):
            return False
        states = states or States()
        return all(states.of(head.root, read) == states.of(base.root, read) for read in {*declared, *subject.reads})
    except (OSError, ValueError):
        return False


class Matcher:
    """The rows of a base beside those of the head, whose keys, all of the spec's, are `keys`."""

    def __init__(self, head: LoadedSpec, keys: Collection[str], base: CommitBase | FolderBase, find: Find) -> None:
        self._head, self._keys, self._base, self._find = head, frozenset(keys), base, find
        self._rows = {row.key: row for row in base.rows} if isinstance(base, CommitBase) else {}
        self._kinds = (
            {row.key: (row.framework_name, row.variant) for row in base.rows}
            if isinstance(base, CommitBase)
            else {row.name: (row.framework, row.variant) for row in base.report.models}
        )
        self._known: dict[str, Counterpart | None] = {}
        self._states = States()

    def settle(self, subject: Subject) -> Settled | None:
        """What a row is against the base; None where rows of the base have to be converted to tell."""
        if subject.row.key in self._kinds:
            return self._same_name(subject)
        return self._renamed(subject)

    def wanted(self, subject: Subject) -> tuple[str, ...]:
        """The keys of the base that have to be converted before a row can be settled."""
        keys = [subject.row.key] if subject.row.key in self._kinds else self._candidates(subject)
        return tuple(key for key in keys if self._lookup(key) is None)

    def learn(self, counterpart: Counterpart) -> None:
        """A row of the base was converted. Called from any thread."""
        self._known[counterpart.row.name] = counterpart

    def deleted(self, rows: Iterable[ModelReport]) -> tuple[str, ...]:
        """The rows that only the base has, without those that the head has under another name."""
        renamed = {row.comparison.base for row in rows if row.comparison}
        return tuple(key for key in self._kinds if key not in self._keys and key not in renamed)

    def _same_name(self, subject: Subject) -> Settled | None:
        key = subject.row.key
        if self._unchanged(subject, key):
            return self._identical(subject)
        found = self._lookup(key)
        if found is None:
            return None
        if not found.files:
            return Settled(Comparison(baseline=self._base.name, status="failed", reason=found.reason), found)
        if found.digests == subject.digests:
            return self._identical(subject, found=found)
        return Settled(Comparison(baseline=self._base.name, status="compared"), found)

    def _renamed(self, subject: Subject) -> Settled | None:
        candidates = self._candidates(subject)
        for key in candidates:
            if self._unchanged(subject, key):
                return self._identical(subject, key)
        known = {key: self._lookup(key) for key in candidates}
        for key, found in known.items():
            if found and found.digests == subject.digests:
                return self._identical(subject, key, found)
        if None in known.values():
            return None
        return Settled(Comparison(baseline=self._base.name, status="new"))

    def _candidates(self, subject: Subject) -> list[str]:
        """The rows that a row which only the head has could have been."""
        kind = (subject.row.framework_name, subject.row.variant)
        return [key for key, other in self._kinds.items() if other == kind and key not in self._keys]

    def _unchanged(self, subject: Subject, key: str) -> bool:
        other = self._rows.get(key)
        return (
            other is not None
            and isinstance(self._base, CommitBase)
            and unchanged(self._head, subject, self._base.loaded, other, self._states)
        )

    def _identical(self, subject: Subject, key: str | None = None, found: Counterpart | None = None) -> Settled:
        latency = tuple(LatencyComparison(provider=one, verdict="identical") for one in subject.providers)
        return Settled(
            Comparison(baseline=self._base.name, status="identical", base=key, size_ratio=1.0, latency=latency), found
        )

    def _lookup(self, key: str) -> Counterpart | None:
        if key not in self._known:
            self._known.setdefault(key, self._find(key))  # another thread may have learnt it meanwhile
        return self._known[key]
