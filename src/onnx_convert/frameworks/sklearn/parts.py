"""Walking an estimator: itself and every fitted one inside it, however deep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HOLDERS = (BaseEstimator, dict, list, tuple, np.ndarray)


def parts(estimator: Any) -> Iterator[Any]:
    """The estimator, then those in its attributes: steps of pipelines, members of ensembles, the best of a search."""
    seen: set[int] = set()
    waiting = [estimator]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, BaseEstimator):
            yield one
        waiting.extend(value for value in _inside(one) if isinstance(value, _HOLDERS))


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, BaseEstimator):
        return tuple(vars(value).values())
    if isinstance(value, dict):
        return tuple(value.values())
    if isinstance(value, np.ndarray):
        return list(value.flat) if value.dtype == object else ()
    return tuple(value)
