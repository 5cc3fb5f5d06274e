"""Numbers with a unit, as they are written in the spec. Apart from the model so that `check` needs no pydantic."""

from __future__ import annotations

import math
import re

_UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_SIZES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}

DURATION = r"^[0-9]{1,9}(\.[0-9]{1,9})? ?(ms|s|m|h)$"
SIZE = r"^[0-9]{1,15}(\.[0-9]{1,9})? ?([KkMmGg][Ii]?)?[Bb]$"
PERCENTAGE = r"^[0-9]{1,9}(\.[0-9]{1,9})? ?%$"


def seconds(value: object) -> object:
    """Seconds of "90s", "15m", "1h" or "500ms"; a number as it is. Raises ValueError for any other string."""
    if not isinstance(value, str):
        return value
    if found := re.match(r"([\d.]+) ?(\w+)$", value, re.ASCII) if re.match(DURATION, value) else None:
        return float(found[1]) * _UNITS[found[2]]
    raise ValueError('a duration is a number with a unit, such as "90s", "15m" or "1h"')


def size_bytes(value: object) -> object:
    """Bytes of "512MB" (powers of 1000) or "4GiB" (powers of 1024); a number as it is. Raises ValueError."""
    if not isinstance(value, str):
        return value
    if found := re.match(r"([\d.]+) ?(\w+)$", value, re.ASCII) if re.match(SIZE, value) else None:
        return int(float(found[1]) * _SIZES[found[2].upper()])
    raise ValueError('a size is a number with a unit, such as "512MB" or "4GiB"')


def fraction(value: object) -> object:
    """0.05 of "5%"; a number as it is. Raises ValueError for any other string."""
    if not isinstance(value, str):
        return value
    if re.match(PERCENTAGE, value):
        return float(value.rstrip(" %")) / 100
    raise ValueError('a limit is a percentage, such as "5%"')


def finite(value: object) -> object:
    """The value, unless it is a NaN or infinite: raises ValueError."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a tolerance is a finite number")
    return value
