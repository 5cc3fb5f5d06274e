"""How many bits JAX computes with: 32, or 64 where the spec asks for it.

JAX makes every 64-bit array a 32-bit one unless x64 is on, and x64 is on for the whole process or not at all. It has to
be decided before the source is loaded, whose parameters get their dtypes then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax

if TYPE_CHECKING:
    from onnx_convert.workers.original.source import TensorInfo
    from onnx_convert.workers.protocol import Job

OPTION = "enable_double_precision"
"""jax2onnx's option for the same."""


def configure(job: Job) -> bool:
    """Switch x64 on where an input is declared float64 or the export option asks for it; whether it is on."""
    declared = (values.get("dtype") for values in (job.get("inputs") or {}).values())
    wanted = bool((job.get("export_options") or {}).get(OPTION)) or "float64" in declared
    if wanted:
        jax.config.update("jax_enable_x64", True)
    return bool(jax.config.jax_enable_x64)


def tell_narrowed(inputs: tuple[TensorInfo, ...], job: Job) -> None:
    """A note where the model computes with fewer bits than an input is declared with."""
    names = [t.name for t in inputs if t.dtype in {"int64", "uint64"}]
    if names and not jax.config.jax_enable_x64:
        shown = ", ".join(f"`{name}`" for name in names)
        job.note("OCA258", f"JAX computes with 32 bits what it is given in {shown}; the graph casts its input alike")
