from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.report import numbers


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (numbers.error(3.14e-6), "3.1e-06"),
        (numbers.error(0.0), "0"),
        (numbers.error(math.nan), "nan"),
        (numbers.error(math.inf), "inf"),
        (numbers.error(None), "\u2013"),
        (numbers.latency(0.0874), "87.4 µs"),
        (numbers.latency(0.99951), "1.00 ms"),
        (numbers.latency(1.234), "1.23 ms"),
        (numbers.latency(9.996), "10.0 ms"),
        (numbers.latency(999.6), "1.00 s"),
        (numbers.latency(123_456), "123 s"),
        (numbers.interval(1.23, (1.21, 1.24)), "± 0.02"),
        (numbers.interval(0.0874, (0.0864, 0.0876)), "± 1"),
        (numbers.interval(0.0467, (0.036, 0.05)), "± 10"),
        (numbers.interval(0.0026, (0.0026, 0.002601)), "± 0.001"),
        (numbers.size(812), "812 B"),
        (numbers.size(4_213_000), "4.2 MB"),
        (numbers.size(999_960), "1.0 MB"),
        (numbers.size(5e15), "5,000.0 TB"),
        (numbers.change(1.031), "+3.1 %"),
        (numbers.change(0.98), "\u22122.0 %"),
        (numbers.change(0.99999), "+0.0 %"),
        (numbers.changes((0.99, 1.01)), "[\u22121.0 %, +1.0 %]"),
        (numbers.changes(None), ""),
        (numbers.speed_up(2.87, 1.23), "2.3\u00d7"),
        (numbers.speed_up(4310, 21), "205\u00d7"),
        (numbers.speed_up(1, 0), "\u2013"),
        (numbers.times(0.5103), "0.51\u00d7 fp32"),
        (numbers.times(31.2, (30.94, 31.9)), "31\u00d7 fp32 [30.94, 31.90]"),
        (numbers.duration(0.44), "0.4 s"),
        (numbers.duration(9.96), "10 s"),
        (numbers.duration(185), "3 min 05 s"),
        (numbers.duration(3_725), "1 h 02 min"),
    ],
)
def test_numbers_read_like_this(said: str, expected: str) -> None:
    assert said == expected


@given(st.floats(), st.floats())
def test_no_float_is_too_strange_to_be_shown(a: float, b: float) -> None:
    shown = [
        numbers.error(a), numbers.latency(a), numbers.interval(a, (a, b)), numbers.size(a), numbers.change(a),
        numbers.changes((a, b)), numbers.speed_up(a, b), numbers.duration(a),
        numbers.times(a, (a, b)),
    ]  # fmt: skip
    assert all(text and "\n" not in text for text in shown)


@given(st.floats(min_value=1e-3, max_value=9e5))
def test_a_latency_is_shown_to_half_a_percent(milliseconds: float) -> None:
    value, unit = numbers.latency(milliseconds).replace(",", "").split(" ")
    assert float(value) * {"µs": 1e-3, "ms": 1, "s": 1e3}[unit] == pytest.approx(milliseconds, rel=5.1e-3)
