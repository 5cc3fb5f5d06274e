"""The shards that lie in folders, read as anyone's, and whether they are all of one run.

Whoever filled a folder may have lied: no link in it is followed, and names in a report become paths only where they
are those of files.
"""

from __future__ import annotations

import re
import stat
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from onnx_convert.report.text import one_line
from onnx_convert.report.write import ReportError, read
from onnx_convert.scale.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from onnx_convert.report.model import Report, Shard

REPORT = "report.json"
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(\+[A-Za-z0-9.-]{1,40})?")
"""A row's name: a model's, and what its variant or opset adds."""
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Source:
    """A shard: the output folder that it lies in, and its report."""

    folder: Path
    report: Report
    shard: Shard

    @property
    def said(self) -> str:
        """How it is called in a message."""
        return f"{self.folder} (shard {self.shard.index}/{self.shard.count})"


def gather(folders: Sequence[Path]) -> tuple[Source, ...]:
    """All shards of one run, in their order, whatever the order of the folders. Raises RefusedError."""
    found = dict.fromkeys(place.resolve() for folder in folders for place in _places(folder))
    sources = sorted(map(_source, found), key=lambda one: (one.shard.index, str(one.folder)))
    _refuse_foreign(sources)
    _refuse_doubled(sources)
    _refuse_missing(sources)
    return tuple(sources)


def model_of(row: str) -> str:
    """The model of a row, by the row's name: a model's own has no "+"."""
    return row.partition("+")[0]


def _places(folder: Path) -> list[Path]:
    if _is_file(folder / REPORT):
        return [folder]
    try:
        found = [one for one in sorted(folder.iterdir()) if not one.is_symlink() and _is_file(one / REPORT)]
    except OSError as error:
        raise RefusedError("OCA770", f"{folder} cannot be read: {error.strerror}") from None
    if not found:
        raise RefusedError("OCA770", f"neither {folder} nor a folder in it has a {REPORT}")
    return found


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _source(folder: Path) -> Source:
    try:
        report = read(folder / REPORT)
    except ReportError as error:
        raise RefusedError("OCA770", str(error)) from None
    if report.shard is None:
        merged = "that was merged already" if report.legs else "of a run without --shard"
        raise RefusedError("OCA770", f"{folder / REPORT} is a report {merged}")
    source = Source(folder, report, report.shard)
    rows = [row.name for row in report.models]
    wrong = [name for name in (*rows, *report.shard.spec_models) if not _KEY.fullmatch(name)]
    if wrong or max(Counter(rows).values(), default=0) > 1:
        raise RefusedError("OCA770", f"{source.said} has rows that no run writes: {_names(wrong or rows)}")
    if {*map(model_of, rows)} != set(report.shard.models) or not set(report.shard.models) <= {
        *report.shard.spec_models
    }:
        raise RefusedError("OCA773", f"the rows of {source.said} are not those of its models")
    return source


def _identity(source: Source) -> dict[str, object]:
    """What all shards of a run have in common, by what it is called."""
    report, shard = source.report, source.shard
    return {
        "tool version": report.tool.version,
        "schema": report.schema_version,
        "spec": report.spec,
        "spec digest": shard.spec_sha256,
        "models": shard.spec_models,
        "commit": report.commit,
        "number of shards": shard.count,
        "gates": (report.fail_on, report.max_latency_increase, report.max_size_increase),
    }


def _refuse_foreign(sources: Sequence[Source]) -> None:
    """Of several runs the one with the most shards is taken for the right one, of equal ones the first."""
    identities = [_identity(source) for source in sources]
    right = max(identities, key=identities.count)
    said = [
        f"{source.said} is of another run: " + ", ".join(_differences(own, right))
        for source, own in zip(sources, identities, strict=True)
        if own != right
    ]
    if said:
        raise RefusedError("OCA773", one_line("; ".join(said[:_NAMED]), 4_000))


def _differences(own: dict[str, object], right: dict[str, object]) -> Iterator[str]:
    for what, value in own.items():
        if value != right[what]:
            shown = not isinstance(value, tuple)
            yield (
                f"{what} {one_line(str(value), 80)} for {one_line(str(right[what]), 80)}" if shown else f"other {what}"
            )


def _refuse_doubled(sources: Sequence[Source]) -> None:
    for one, other in combinations(sources, 2):
        if one.shard.index == other.shard.index:
            raise RefusedError("OCA772", f"{one.said} and {other.folder} are the same shard")
        both = set(one.shard.models) & set(other.shard.models)
        apart = set(one.shard.providers).isdisjoint(other.shard.providers)
        if both and not (one.shard.providers and other.shard.providers and apart):
            raise RefusedError("OCA772", f"{one.said} and {other.said} both did {_names(sorted(both))}")


def _refuse_missing(sources: Sequence[Source]) -> None:
    """Models that no shard has are only missing where a shard is: a matrix may be of some models."""
    shard = sources[0].shard
    missing = sorted({*range(1, shard.count + 1)} - {source.shard.index for source in sources})
    if not missing:
        return
    done = {name for source in sources for name in source.shard.models}
    left = [name for name in shard.spec_models if name not in done]
    not_done = f"not done: {_names(left)}" if left else "every model was done, but not on all of its providers"
    which = _names([f"{index}/{shard.count}" for index in missing])
    raise RefusedError("OCA771", f"{len(missing)} of {shard.count} shards are missing: {which}; {not_done}")


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(one_line(name, 100) for name in names[:_NAMED]) + more
