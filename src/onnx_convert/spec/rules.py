"""What the schema cannot say: which values of one model go together. Needs no file but the spec."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from onnx_convert.spec import units, wording
from onnx_convert.spec.problem import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from onnx_convert.spec.positions import Key

Table = dict[str, Any]

_INTEGERS = {f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)} | {
    f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)
}
_FLOATS = {"float16": 65504.0, "float32": 3.4028234663852886e38, "float64": 1.7976931348623157e308}
RESERVED = {"con", "prn", "aux", "nul"} | {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
"""Device names on Windows, which no file can have."""

_UNITS: dict[str, tuple[Callable[[object], object], float, str]] = {
    "timeout": (units.seconds, 86_400, "24h"),
    "memory": (units.size_bytes, float("inf"), ""),
}
_OPAQUE = ("args", "export-options", "provider-options")


def names(models: Table) -> Iterator[Finding]:
    """Model names that cannot be folders beside each other on every platform."""
    seen: dict[str, str] = {}
    for name in models:
        loc = ("models", name)
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            message = f"the model names {wording.quote(other)} and {wording.quote(name)} differ only in case"
            yield Finding("OCA108", message, loc, at_key=True)
        dotted = name[:1].isalnum() and name.endswith(".")
        if dotted or name.partition(".")[0].casefold() in RESERVED:
            message = f"{wording.quote(name)} cannot be a folder's name on Windows"
            yield Finding("OCA110", message, loc, "name the model otherwise", at_key=True)


def gates(table: Table) -> Iterator[Finding]:
    """The gates: nothing listed twice, limits in range."""
    yield from _duplicates(table.get("fail-on", ()), ("gates", "fail-on"))
    for key in ("max-latency-increase", "max-size-increase"):
        value = units.fraction(table.get(key, 0))
        if isinstance(value, float) and value > 100:
            yield Finding("OCA106", f"`gates.{key}` is at most 10000%", ("gates", key), "give a smaller percentage")


def model(table: Table, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """One model with the defaults merged into it; `table` is valid by the schema."""
    for key, value in table.get("inputs", {}).items():
        yield from _input(key, value, (*loc, "inputs", key))
    yield from _dims(table, loc)
    yield from _outputs(table, loc)
    if isinstance(table.get("opset"), list):
        yield from _duplicates(table["opset"], (*loc, "opset"))
    yield from _duplicates(table.get("variants", ()), (*loc, "variants"))
    yield from _providers(table, loc)
    yield from _limits(table, loc)
    for key in _OPAQUE:
        yield from _dates(table.get(key, {}), (*loc, key))


def _limits(table: Table, loc: tuple[Key, ...]) -> Iterator[Finding]:
    for key, (read, most, shown) in _UNITS.items():
        value = read(table.get(key, 1))
        if isinstance(value, int | float) and not 0 < value <= most:
            limit = f"more than nothing and at most {shown}" if shown else "more than nothing"
            yield Finding("OCA106", f"`{key}` is {limit}", (*loc, key), f"write another {key}, or leave it out")


def _dates(value: Any, loc: tuple[Key, ...]) -> Iterator[Finding]:
    if isinstance(value, dt.date | dt.time):
        yield Finding("OCA105", f"{wording.key_path(loc)} is a date or time, which no converter takes", loc)
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _dates(item, (*loc, key))


def _duplicates(values: Any, loc: tuple[Key, ...]) -> Iterator[Finding]:
    for position, value in enumerate(values):
        if value in values[:position]:
            message = f"{wording.literal(value)} is in {wording.key_path(loc)} twice"
            yield Finding("OCA122", message, (*loc, position))


def _input(name: str, table: Table, loc: tuple[Key, ...]) -> Iterator[Finding]:
    contents = [key for key in ("data", "range", "values") if key in table]
    if len(contents) > 1:
        message = (
            f"input {wording.quote(name)} has {' and '.join(f'`{key}`' for key in contents)}: only one can fill it"
        )
        yield Finding("OCA116", message, (*loc, contents[1]), at_key=True)
    if "range" in table:
        yield from _range(table["range"], table.get("dtype", "float32"), (*loc, "range"))
    if "values" in table:
        yield from _values(table["values"], table.get("dtype"), (*loc, "values"))


def _range(bounds: list[float], dtype: str, loc: tuple[Key, ...]) -> Iterator[Finding]:
    low, high = bounds
    if dtype in {"bool", "string"}:
        yield Finding("OCA116", f"`range` has no meaning for dtype {dtype}", loc, "list the `values` to pick from")
    elif not low < high:
        hint = f"write [{high}, {low}]" if low > high else "use `values` for a constant input"
        yield Finding("OCA116", f"`range` is [low, high] with low below high; found [{low}, {high}]", loc, hint)
    else:
        for position, bound in enumerate(bounds):
            yield from _in_dtype(bound, dtype, (*loc, position), finite=True)


def _values(values: list[Any], dtype: str | None, loc: tuple[Key, ...]) -> Iterator[Finding]:
    if not values:
        yield Finding("OCA106", "`values` is empty: there is nothing to pick", loc, "list at least one value")
    kinds = {"bool" if isinstance(v, bool) else "string" if isinstance(v, str) else "number" for v in values}
    if len(kinds) > 1:
        yield Finding("OCA116", f"`values` mixes {wording.any_of(sorted(kinds)).replace(' or ', ' and ')} values", loc)
        return
    for position, value in enumerate(values):
        yield from _in_dtype(value, dtype or "float64", (*loc, position)) if dtype or kinds == {"number"} else ()


def _in_dtype(value: Any, dtype: str, loc: tuple[Key, ...], *, finite: bool = False) -> Iterator[Finding]:
    """That a value can be an element of the dtype."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if dtype == "bool":
        right, need = isinstance(value, bool), "true or false"
    elif dtype == "string":
        right, need = isinstance(value, str), "a string"
    elif dtype in _INTEGERS:
        low, high = _INTEGERS[dtype]
        right = number and float(value).is_integer() and low <= value <= high
        need = f"a whole number from {low} to {high}"
    else:
        infinite = number and not finite and (value != value or abs(value) == float("inf"))  # noqa: PLR0124 - NaN
        right, need = number and (infinite or abs(value) <= _FLOATS[dtype]), f"a number up to {_FLOATS[dtype]:.6g}"
    if not right:
        message = f"{wording.key_path(loc)} does not fit dtype {dtype}: {wording.found(value)}"
        yield Finding("OCA116", message, loc, f"{dtype} takes {need}; change the value or the dtype")


def _dims(table: Table, loc: tuple[Key, ...]) -> Iterator[Finding]:
    inputs = table.get("inputs", {})
    used = {size for entry in inputs.values() for size in entry.get("shape", ()) if isinstance(size, str)}
    # Without shapes here, the model's own signature names the dimensions, and only the worker can read it.
    declared = inputs and all("shape" in entry for entry in inputs.values())
    for name, sizes in table.get("dims", {}).items():
        where = (*loc, "dims", name)
        yield from _duplicates(sizes, where)
        if declared and name not in used:
            close = wording.nearest(name, used)
            known = f"the dynamic dimensions are {', '.join(sorted(used))}" if used else "no shape has a name in it"
            hint = f"did you mean `{close}`?" if close else f"{known}; name it in a `shape`, or remove it"
            yield Finding("OCA117", f"no input has a dimension {wording.quote(name)}", where, hint, at_key=True)


def _outputs(table: Table, loc: tuple[Key, ...]) -> Iterator[Finding]:
    outputs = table.get("outputs")
    if outputs is None:
        return
    if not outputs:
        hint = "leave `outputs` out for the exporter's own names"
        yield Finding("OCA106", "`outputs` is empty", (*loc, "outputs"), hint)
    yield from _duplicates(outputs, (*loc, "outputs"))
    for name in outputs:
        if name in table.get("inputs", {}):
            message = f"{wording.quote(name)} is the name of an input and of an output"
            yield Finding(
                "OCA108", message, (*loc, "outputs", outputs.index(name)), "give the output a name of its own"
            )
    for name in table.get("parity", {}).get("outputs", {}):
        if outputs and name not in outputs:
            close = wording.nearest(name, outputs)
            hint = f"did you mean `{close}`?" if close else f"the outputs are {', '.join(outputs)}"
            where = (*loc, "parity", "outputs", name)
            yield Finding("OCA117", f"no output is named {wording.quote(name)}", where, hint, at_key=True)


def _providers(table: Table, loc: tuple[Key, ...]) -> Iterator[Finding]:
    benchmark = table.get("benchmark", {})
    providers = benchmark.get("providers", ["cpu"]) if isinstance(benchmark, dict) else []
    where = (*loc, "benchmark", "providers")
    yield from _duplicates(providers, where)
    if isinstance(benchmark, dict) and not providers:
        hint = "write `benchmark = false` to measure nothing"
        yield Finding("OCA106", "`benchmark.providers` is empty", where, hint)
    keys = ("provider-options", "provider-requirements")
    for key, name in ((one, name) for one in keys for name in table.get(one, {})):
        close = wording.nearest(name, providers) if providers and name not in providers else None
        if close:
            message = f"`{key}` has {wording.quote(name)}, which is not in `benchmark.providers`"
            yield Finding("OCA117", message, (*loc, key, name), f"did you mean `{close}`?", at_key=True)
