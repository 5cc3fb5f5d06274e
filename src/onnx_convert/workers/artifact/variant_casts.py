"""Which operators of a float16 model ONNX Runtime's CPU provider computes in float32 after all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnxruntime as ort

from onnx_convert.workers.artifact import graphs
from onnx_convert.workers.artifact.simplify import EXTERNAL_FROM, save

if TYPE_CHECKING:
    import onnx

    from onnx_convert.workers.protocol import Job

_CAST = "InsertedPrecisionFreeCast_"
"""What ONNX Runtime calls the casts that it inserts where it has no kernel for float16."""


def note_casts(job: Job, model: onnx.ModelProto) -> None:
    """Note OCA387 with the number of operators; nothing where the model does not load, which the checker will say."""
    weight_bytes = graphs.size(model).weight_bytes
    if weight_bytes > EXTERNAL_FROM:
        return  # ONNX Runtime would have to write it out once more
    source, loaded = job.out / "half.onnx", job.out / "loaded.onnx"
    save(model, source, weight_bytes=weight_bytes)
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.optimized_model_filepath = str(loaded)
    if job.get("library"):
        options.register_custom_ops_library(job["library"])
    try:
        ort.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
        nodes = list(graphs.load(loaded).graph.node)
    except Exception:  # ONNX Runtime's exceptions have no base of their own
        return
    finally:
        source.unlink(missing_ok=True)
        loaded.unlink(missing_ok=True)
    inserted = {node.output[0] for node in nodes if node.name.startswith(_CAST)}
    single = sum(1 for node in nodes if not node.name.startswith(_CAST) and inserted & {*node.input})
    if single:
        message = (
            f"ONNX Runtime's CPU provider computes {single} of {len(model.graph.node)} nodes in float32 after casts"
        )
        job.note("OCA387", message)
