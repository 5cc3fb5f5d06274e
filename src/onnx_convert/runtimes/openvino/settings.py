"""What both doors to OpenVINO share: how it computes unless options say otherwise, and how to read what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

DEVICE = "device"
"""The option that names OpenVINO's device."""

CPU = "CPU"
_LOAD_CONFIG = "load_config"
# "Exception from src/inference/src/cpp/core.cpp:107:\n", "Check '...' failed at src/...convert.cpp:92:\n"
_PLACE = re.compile(r"(?:Exception from|Check '[^\n]*' failed at) \S+\.[ch]pp:\d+:?\s*")


def comparable(threads: int) -> dict[str, Any]:
    """Properties of the CPU device for one request at a time, as ONNX Runtime's CPU provider computes.

    By itself OpenVINO takes all cores, and bfloat16 on CPUs that have instructions for it: on such a one a perceptron's
    outputs are off by 4e-3 of the largest.
    """
    return {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": "1", "INFERENCE_PRECISION_HINT": "f32"}


def plugin_options(options: Mapping[str, Any], threads: int) -> tuple[dict[str, Any], str]:
    """Options of ONNX Runtime's plug-in, and the device that `device` names.

    The plug-in ignores `num_of_threads` and `precision`: properties go in `load_config`, a table for each device, where
    those of the user win. A `load_config` that is text is passed as it is.
    """
    told = {name: value for name, value in options.items() if name != DEVICE}
    given = options.get(_LOAD_CONFIG, {})
    if isinstance(given, Mapping):
        told[_LOAD_CONFIG] = json.dumps({**given, CPU: {**comparable(threads), **given.get(CPU, {})}})
    return told, str(options.get(DEVICE, CPU))


def without_places(message: str) -> str:
    """A message of OpenVINO's without the places in its C++ sources."""
    return _PLACE.sub("", message)
