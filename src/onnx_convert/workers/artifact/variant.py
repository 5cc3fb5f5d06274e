"""Make a variant of an ONNX file: the same inputs, outputs and opset, computed in a lower precision."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx

from onnx_convert.workers.artifact import graphs
from onnx_convert.workers.artifact.simplify import save
from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from onnx_convert.workers.protocol import Job


@dataclass(frozen=True)
class Lowered:
    """A model in lower precision; without `operators` there is nothing that would compute in it.

    `operators` and `kept` count the float32 model's nodes by operator: those in lower precision now, and those that
    still compute in float32. `weights` is how many tensors are stored in lower precision.
    """

    model: onnx.ModelProto | None = None
    operators: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    weights: int = 0


def main(job: Job) -> dict[str, Any]:
    """Write the `variant` ("fp16", "int8-dynamic") of `model` to out/model.onnx.

    Returns `changed`, `operators`, `kept`, `weights`, `tool`, `versions`, `seconds`. Where nothing computes in that
    precision, `changed` is false and nothing is written. `cases` and `case_list`, `inputs` (declared) and `library` are
    those of the float32 model: with them, activations that float16 cannot hold are found.

    Raises WorkerError OCA385 where the converter fails, OCA386 where the opset is too old.
    """
    import onnxruntime

    from onnx_convert.workers.artifact import variant_half, variant_int8

    job.phase("variant")
    tools: dict[str, tuple[str, Callable[[Job], Lowered]]] = {
        "fp16": (variant_half.TOOL, variant_half.convert),
        "int8-dynamic": (variant_int8.TOOL, variant_int8.convert),
    }
    tool, convert = tools[job["variant"]]
    started = time.perf_counter()
    try:
        made = convert(job)
    except WorkerError:
        raise
    except Exception as error:  # the tools raise whatever their libraries do
        raise WorkerError("OCA385", f"{tool} failed: {type(error).__name__}: {error}"[:1000]) from error
    if made.model and made.operators:
        save(made.model, job.out / "model.onnx", weight_bytes=graphs.size(made.model).weight_bytes)
    return {
        "changed": bool(made.model and made.operators),
        "operators": made.operators,
        "kept": made.kept,
        "weights": made.weights,
        "tool": tool,
        "versions": {"onnxruntime": onnxruntime.__version__, "onnx": onnx.__version__},
        "seconds": time.perf_counter() - started,
    }


def load(path: Path) -> onnx.ModelProto:
    """Load a model with its weights, whatever file they are in. Raises WorkerError OCA351."""
    model = graphs.load(path)
    onnx.load_external_data_for_model(model, str(path.parent))
    return model


def load_typed(job: Job) -> onnx.ModelProto:
    """Load the job's model with the types of all its tensors; inference goes through files, so that any size passes."""
    source, typed = Path(job["model"]), job.out / "typed.onnx"
    onnx.shape_inference.infer_shapes_path(str(source), str(typed))
    model = graphs.load(typed)
    typed.unlink()
    onnx.load_external_data_for_model(model, str(source.parent))
    for tensor in graphs.weights(model):
        if tensor.float_data:
            # The float16 converter writes such values as numbers of up to three bytes each.
            tensor.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor), tensor.name))
    return model


def types(model: onnx.ModelProto) -> dict[str, int]:
    """Element types of the tensors of the main graph."""
    graph = model.graph
    values = [*graph.value_info, *graph.input, *graph.output]
    found = {value.name: value.type.tensor_type.elem_type for value in values if value.type.HasField("tensor_type")}
    return found | {tensor.name: tensor.data_type for tensor in graph.initializer}


def counted(operators: Iterable[str]) -> dict[str, int]:
    """Count operators, the most frequent first."""
    return dict(sorted(Counter(operators).items(), key=lambda item: (-item[1], item[0])))
