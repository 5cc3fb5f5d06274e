"""What `run` does of a spec: all of it, some models, a shard of them, on all providers or some."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from onnx_convert.plan import make_plan
from onnx_convert.report.model import Shard
from onnx_convert.scale.durations import Durations
from onnx_convert.scale.legs import legs
from onnx_convert.scale.refusal import RefusedError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from onnx_convert.plan import Row
    from onnx_convert.spec.load import LoadedSpec


@dataclass(frozen=True, slots=True)
class Selection:
    """The names of the models to do, all where there are none; the providers to measure; the shard that this is."""

    models: tuple[str, ...]
    providers: tuple[str, ...] = ()
    shard: Shard | None = None

    def restricted(self, rows: Sequence[Row]) -> tuple[Row, ...]:
        """Rows that are measured on the selected providers alone; natively as ever."""
        return tuple(map(self._restricted, rows)) if self.providers else tuple(rows)

    def _restricted(self, row: Row) -> Row:
        if not row.model.benchmark:
            return row
        kept = tuple(one for one in row.model.benchmark.providers if one in self.providers)
        benchmark = row.model.benchmark.model_copy(update={"providers": kept})
        return replace(row, model=row.model.model_copy(update={"benchmark": benchmark}))


def select(options: argparse.Namespace, loaded: LoadedSpec) -> Selection:
    """What the options of `run` select of a spec. Raises RefusedError, UnknownModelError."""
    providers = _providers(options.provider, loaded)
    if options.shard is None:
        return Selection(tuple(options.model), providers)
    index, count = options.shard
    models = _of_spec(options.model, loaded) if options.model else _part(index, count, loaded)
    shard = Shard(
        index=index,
        count=count,
        spec_sha256=hashlib.sha256(loaded.text.encode()).hexdigest(),
        spec_models=tuple(loaded.spec.models),
        models=models,
        providers=providers,
    )
    return Selection(models, providers, shard)


def _of_spec(names: Sequence[str], loaded: LoadedSpec) -> tuple[str, ...]:
    """Names in the spec's order. Raises UnknownModelError."""
    return tuple(dict.fromkeys(row.name for row in make_plan(loaded, only=names)))


def _part(index: int, count: int, loaded: LoadedSpec) -> tuple[str, ...]:
    """The models of a shard by the spec alone: what another leg cannot know must not decide."""
    found = legs(make_plan(loaded), Durations({}, {}), shards=count)
    if index > len(found):
        message = f"shard {index}/{count} has no models: the spec has {len(loaded.spec.models)}"
        raise RefusedError("OCA763", message)
    return found[index - 1].models


def _providers(names: Sequence[str], loaded: LoadedSpec) -> tuple[str, ...]:
    benchmarks = [model.benchmark for model in loaded.spec.models.values() if model.benchmark]
    known = list(dict.fromkeys(one for benchmark in benchmarks for one in benchmark.providers))
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"they list {', '.join(known) or 'none'}"
            raise RefusedError("OCA762", f"no model of the spec lists the provider {name!r}", hint=hint)
    return tuple(dict.fromkeys(names))
