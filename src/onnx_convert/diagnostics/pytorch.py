"""OCA278-OCA289 and OCA344-OCA349: PyTorch, beside what all frameworks share."""

from __future__ import annotations

from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA278",
        title="the module is quantised already",
        severity="error",
        hint='give the float module and write variants = ["int8-dynamic"]',
        cause=(
            "Layers or weights are of torch.ao, torchao or another quantisation package. Their packed weights and "
            "`quantized::` operators have no ONNX counterpart in either exporter."
        ),
        remedy=(
            'Return the float module and ask for the quantised artifact with `variants = ["int8-dynamic"]`: it is '
            "quantised in ONNX, compared with the float module and measured beside it."
        ),
        upstream=(
            "https://github.com/pytorch/pytorch/issues/123555",
            "https://github.com/pytorch/pytorch/issues/113817",
        ),
    ),
    Entry(
        code="OCA280",
        title="the shape of an input does not match",
        severity="error",
        hint="compare `inputs.NAME.shape` and `dims` with the first layer",
        cause="A layer of the model refuses the shape that reaches it. The message is PyTorch's own, with its line.",
        remedy=(
            "Correct the constant sizes in `inputs.NAME.shape`. If the layer lies deep in the model, a size in `dims` "
            "is probably too small or not divisible as the model wants."
        ),
    ),
    Entry(
        code="OCA281",
        title="the dtype of an input does not match",
        severity="error",
        hint="give the input the `dtype` of the weights, or an integer one for indices",
        cause=(
            "A layer refuses the dtype that reaches it: float32 values for weights of another precision (a module in "
            "float16 or bfloat16), or floats where indices are wanted."
        ),
        remedy=(
            'Set `inputs.NAME.dtype`: `"int64"` for indices, `"float16"` for a module that was made with `.half()`. '
            "numpy has no bfloat16: let such a module convert its inputs itself, or call `.float()` on it."
        ),
    ),
    Entry(
        code="OCA344",
        title="the operator converts only in other circumstances",
        severity="error",
        hint="try the other exporter, or the circumstances that the message names",
        cause=(
            "The TorchScript exporter has ONNX for the operator, but not for these arguments or unknown shapes, such "
            "as adaptive pooling to a size that does not divide the input's."
        ),
        remedy=(
            'Leave `exporter` at "auto", so that dynamo is tried, or choose it; give the dimensions it depends on '
            "constant sizes; or write the operation with others."
        ),
        upstream=("https://github.com/pytorch/pytorch/issues/42653",),
    ),
    Entry(
        code="OCA345",
        title="complex numbers",
        severity="error",
        hint='use `exporter = "dynamo"`, or compute with real and imaginary parts',
        cause="ONNX Runtime has no operators on complex tensors, and the TorchScript exporter does not split them.",
        remedy=(
            "dynamo writes complex tensors as pairs of real numbers and knows the Fourier transforms: use it, and "
            "return `torch.view_as_real` of what is complex. Complex weights stay a limit of both."
        ),
        upstream=(
            "https://github.com/pytorch/pytorch/issues/59246",
            "https://github.com/pytorch/pytorch/issues/126972",
        ),
    ),
    Entry(
        code="OCA346",
        title="ONNX Runtime cannot run an operator in this dtype",
        severity="error",
        hint="call `.float()` on the module before it is exported",
        cause=(
            "The artifact is valid, and ONNX Runtime's CPU provider has no kernel for an operator in the dtype it is "
            "used with. It has none for arithmetic in bfloat16, and unlike float16 it is not widened on its own."
        ),
        remedy=(
            'Call `.float()` on the module, and ask for `variants = ["fp16"]` where half the size is the point. '
            "Providers for GPUs run bfloat16; an artifact for them cannot be checked on this machine."
        ),
        upstream=(
            "https://github.com/microsoft/onnxruntime/issues/26311",
            "https://github.com/microsoft/onnxruntime/issues/28768",
        ),
    ),
    Entry(
        code="OCA347",
        title="a function that the TorchScript exporter cannot follow",
        severity="error",
        hint='use `exporter = "dynamo"` and opset 18 or above',
        cause="torch.cond, torch.compile and other functions of dynamo cannot be traced by torch.jit.",
        remedy='Leave `exporter` at "auto" or use `"dynamo"`. It writes opset 18 and above itself.',
    ),
    Entry(
        code="OCA348",
        title="a torch.autograd.Function without `symbolic`",
        severity="error",
        hint="leave `autograd_inlining` on, or give the function a static method `symbolic`",
        cause=(
            "With `autograd_inlining = false` the exporter writes a torch.autograd.Function as one operator, and only "
            "its `symbolic` method says which."
        ),
        remedy=(
            "Leave the option out: the exporter then follows `forward`. To write one operator, define "
            "`symbolic(g, ...)` and declare the operator's domain in `custom-ops`."
        ),
        upstream=("https://github.com/pytorch/pytorch/issues/61813",),
    ),
)
