"""Numbers as people read them. Every function takes any float, NaN and infinities included, and never raises."""

from __future__ import annotations

import math

NONE = "\N{EN DASH}"
"""Stands where nothing was measured."""
_MINUS = "\N{MINUS SIGN}"
_TIMES = "\N{MULTIPLICATION SIGN}"


def error(value: float | None) -> str:
    """An absolute or relative error: `3.1e-06`, `0`, `nan`; a dash where it was not measured."""
    if value is None:
        return NONE
    return "0" if value == 0 else f"{value:.1e}" if math.isfinite(value) else str(value)


def decibels(value: float | None) -> str:
    """A signal to noise: `66.9 dB`, `inf dB` where there is no noise."""
    return NONE if value is None else f"{value:.1f} dB"


def _digits(value: float, unit: str) -> str:
    """Three significant digits without an exponent."""
    if not math.isfinite(value):
        return f"{value} {unit}"
    places = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:,.{places}f} {unit}"


def latency(milliseconds: float | None) -> str:
    """A time a call takes, given in milliseconds: `87.0 µs`, `1.23 ms`, `4.56 s`."""
    if milliseconds is None:
        return NONE
    if abs(milliseconds) < 0.9995:
        return _digits(milliseconds * 1e3, "µs")
    if abs(milliseconds) < 999.5:
        return _digits(milliseconds, "ms")
    return _digits(milliseconds / 1e3, "s")


def interval(median: float, ci95: tuple[float, float]) -> str:
    """The wider half of an interval about a median, in the unit `latency` gives the median: `± 0.02`, `± 10`."""
    half = max(abs(median - ci95[0]), abs(ci95[1] - median))
    scale = 1e3 if abs(median) < 0.9995 else 1.0 if abs(median) < 999.5 else 1e-3
    rounded = float(f"{half * scale:.1g}")
    return f"± {rounded:,.9f}".rstrip("0").rstrip(".") if math.isfinite(rounded) else f"± {rounded}"


def share(fraction: float) -> str:
    """A part of a whole: `62%`. Only all of it is `100%`, and only nothing `0%`."""
    rounded = f"{fraction:.0%}"
    if rounded in {"0%", "100%"} and fraction not in (0, 1):
        return "under 1%" if rounded == "0%" else "over 99%"
    return rounded


def size(count: float | None) -> str:
    """A number of bytes in decimal units: `812 B`, `4.2 MB`."""
    if count is None:
        return NONE
    if abs(count) < 1000:
        return f"{count:.0f} B"
    units = ("kB", "MB", "GB", "TB")
    power = next((i for i, _ in enumerate(units, 1) if abs(count) < 999.95 * 1000**i), len(units))
    return f"{count / 1000**power:,.1f} {units[power - 1]}"


def change(ratio: float | None) -> str:
    """A ratio as a change: 1.031 is `+3.1 %`, 0.98 is minus 2.0 %."""
    if ratio is None:
        return NONE
    text = f"{(ratio - 1) * 100:+.1f} %"
    return text.replace("-", _MINUS) if text != "-0.0 %" else "+0.0 %"


def percent(fraction: float) -> str:
    """A fraction that is small: 0.042 is `4.2 %`."""
    return f"{fraction * 100:.1f} %"


def changes(ci: tuple[float, float] | None) -> str:
    """An interval of ratios as changes: `[+1.0 %, +5.2 %]`, empty where there is none."""
    return "" if ci is None else f"[{change(ci[0])}, {change(ci[1])}]"


def around(ratio: float, ci: tuple[float, float]) -> str:
    """A ratio and the wider half of its interval as a change, where there is little room: `+8.2 ± 0.6 %`."""
    half = max(abs(ratio - ci[0]), abs(ci[1] - ratio))
    return f"{change(ratio).removesuffix(' %')} ± {percent(half)}"


def speed_up(native: float, provider: float) -> str:
    """How many times faster than native."""
    if not provider or not math.isfinite(native / provider):
        return NONE
    ratio = native / provider
    return f"{ratio:.2g}{_TIMES}" if ratio < 9.95 else f"{ratio:,.0f}{_TIMES}"


def times(ratio: float, ci: tuple[float, float] | None = None) -> str:
    """A ratio to float32 as a factor, with its interval if it has one, such as 0.51 in [0.50, 0.53]."""
    shown = f"{ratio:.2f}" if ratio < 9.995 else f"{ratio:,.0f}"
    interval = f" [{ci[0]:.2f}, {ci[1]:.2f}]" if ci else ""
    return f"{shown}{_TIMES} fp32{interval}"


def duration(seconds: float) -> str:
    """A time a person waits: `0.4 s`, `12 s`, `3 min 05 s`, `1 h 02 min`."""
    if not math.isfinite(seconds):
        return f"{seconds} s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
