"""What a provider's latency is made of: how much each execution provider had of the nodes and of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.report import numbers

if TYPE_CHECKING:
    from onnx_convert.report.model import ProviderResult


def mixture(result: ProviderResult) -> tuple[tuple[str, str], ...]:
    """Each execution provider that had a part, and its share: `62% of nodes, 40% of time`, `100%` of one that had all.

    Where the share of time is not known, that of the nodes stands alone.
    """
    names = dict.fromkeys((*result.effective, *result.time_share))
    return tuple((name, _share(result, name)) for name in names)


def _share(result: ProviderResult, name: str) -> str:
    nodes, time = result.effective.get(name, 0.0), result.time_share.get(name, 0.0)
    if not result.time_share or nodes == time:
        return numbers.share(nodes)
    return f"{numbers.share(nodes)} of nodes, {numbers.share(time)} of time"
