"""The report: the one value every publisher renders, and the shape of `report.json`.

Sizes are bytes, times are the unit in the name, fractions are in [0, 1]. A number is here only if it was measured on
what its row names; what could not be measured is `None` with a reason beside it. The JSON Schema in `schema/` is
generated from these classes.
"""

from onnx_convert.report.model.artifact import Artifact, Attempt, Export, Simplification, Tensor
from onnx_convert.report.model.base import Baseline, Comparison, VariantOf
from onnx_convert.report.model.finding import Diagnostic, Severity
from onnx_convert.report.model.latency import (
    BenchmarkStatus,
    Latency,
    LatencyComparison,
    PairedLatency,
    ProviderResult,
    Verdict,
)
from onnx_convert.report.model.machine import Conditions, Gpu, Limits, Machine
from onnx_convert.report.model.parity import Blame, BlameStage, Case, Parity, WorstElement
from onnx_convert.report.model.run import Conclusion, Leg, ModelReport, Report, Shard, Status, Tool
from onnx_convert.report.model.value import Integer, Number, Value

__all__ = [
    "Artifact",
    "Attempt",
    "Baseline",
    "BenchmarkStatus",
    "Blame",
    "BlameStage",
    "Case",
    "Comparison",
    "Conclusion",
    "Conditions",
    "Diagnostic",
    "Export",
    "Gpu",
    "Integer",
    "Latency",
    "LatencyComparison",
    "Leg",
    "Limits",
    "Machine",
    "ModelReport",
    "Number",
    "PairedLatency",
    "Parity",
    "ProviderResult",
    "Report",
    "Severity",
    "Shard",
    "Simplification",
    "Status",
    "Tensor",
    "Tool",
    "Value",
    "VariantOf",
    "Verdict",
    "WorstElement",
]
