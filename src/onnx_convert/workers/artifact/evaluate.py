"""Run one case in a session and compare what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.runtimes.interface import Refused
from onnx_convert.workers.artifact import cases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from onnx_convert.runtimes.interface import Session
    from onnx_convert.workers.artifact.metrics import Accumulator


def add_case(session: Session, case: cases.Case, inputs: Sequence[str], found: Mapping[str, Accumulator]) -> None:
    """Run a case and add what came out to the accumulator of each output, in the original's order."""
    outputs = list(found)
    positions = cases.align(session.outputs, outputs)
    if positions is None or len(session.outputs) != len(outputs):
        reason = (
            f"the ONNX model has {len(session.outputs)} outputs ({', '.join(session.outputs)}), "
            f"the original {len(outputs)} ({', '.join(outputs)})"
        )
        _fail_all(found, reason)
        return
    try:
        actual = session.run(cases.feeds(case, inputs, session.inputs))
    except Refused as refused:
        _fail_all(found, str(refused))
        return
    for position, accumulator, expected in zip(positions, found.values(), case.outputs(len(outputs)), strict=True):
        accumulator.add(actual[position], expected)


def _fail_all(found: Mapping[str, Accumulator], reason: str) -> None:
    for accumulator in found.values():
        accumulator.fail(reason)
