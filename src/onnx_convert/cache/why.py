"""Why a cached row is not what is asked for now, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from onnx_convert.cache.digests import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SHOWN = 60


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What of a row's key is not the same, a line each; the keys are those that `KeptRows` makes."""
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if old != new:
            yield from _TOLD.get(name, _plain)(name, old, new)


def changed_files(reads: Mapping[str, str], state: Callable[[str], str]) -> tuple[str, ...]:
    """What was read and is not as it was, a line each; `state` is how it is now."""
    return tuple(
        _changed(name, then, now) for name, then in reads.items() for now in [_known(state, name)] if then != now
    )


def _known(state: Callable[[str], str], name: str) -> str:
    try:
        return state(name)
    except OSError:
        return "unreadable"


def _changed(name: str, then: str, now: str) -> str:
    if name.endswith("/"):
        return f"{name}: other files are in it"
    if now == ABSENT:
        return f"{name} is gone"
    return f"{name} is there now" if then == ABSENT else f"{name} changed"


def _tool(_name: str, old: Any, new: Any) -> Iterator[str]:
    versions = [one[0] if isinstance(one, list) and one else None for one in (old, new)]
    if versions[0] != versions[1]:
        yield f"onnx-convert: {_shown(versions[0])} → {_shown(versions[1])}"
    else:
        yield "onnx-convert: its own code changed"


def _environments(_name: str, old: Any, new: Any) -> Iterator[str]:
    old, new = _mapping(old), _mapping(new)
    for name in sorted({*old, *new}):
        if name not in old or name not in new:
            yield f"environment {name}: {'now' if name in new else 'no longer'} needed"
        elif old[name] != new[name]:
            yield f"environment {name}: its packages, its Python or the model's requirements changed"


def _machine(_name: str, old: Any, new: Any) -> Iterator[str]:
    if old is None or new is None:
        return  # that is told by `measured`
    for key, then, now in _unequal(old, new):
        yield f"machine, {key}: {_shown(then)} → {_shown(now)}"


def _measured(_name: str, _old: Any, new: Any) -> Iterator[str]:
    yield "it was not measured then" if new else "it was measured then"


def _against(_name: str, old: Any, new: Any) -> Iterator[str]:
    if new is not None:
        yield "it was compared with another base then" if old else "it was not compared with this base"


def _values(name: str, old: Any, new: Any) -> Iterator[str]:
    for key, then, now in _unequal(old, new):
        yield f"{name}, {key}: {_shown(then)} → {_shown(now)}"


def _plain(name: str, old: Any, new: Any) -> Iterator[str]:
    yield f"{name}: {_shown(old)} → {_shown(new)}"


_TOLD: dict[str, Callable[[str, Any, Any], Iterator[str]]] = {
    "against": _against,
    "environments": _environments,
    "gates": _values,
    "machine": _machine,
    "measured": _measured,
    "spec": _values,
    "tool": _tool,
}


def _unequal(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The places at which nested mappings differ, as keys of a spec are written."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            yield path, old, new
        return
    for key in sorted({*old, *new}):
        yield from _unequal(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _shown(value: Any) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
