"""The spec as values: what `onnx-convert.toml` means once it is valid.

Every class is frozen and refuses unknown keys; keys are kebab-case in TOML and snake_case here. The JSON Schema in
`schema/` is generated from these classes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from onnx_convert.spec import units

Framework = Literal["pytorch", "tensorflow", "sklearn", "jax", "mxnet", "onnx"]
DType = Literal[
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
    "string",
]
Gate = Literal["convert", "opset", "parity", "provider", "latency", "size"]
Variant = Literal["fp16", "int8-dynamic"]

GATES: tuple[Gate, ...] = ("convert", "opset", "parity", "provider", "latency", "size")
MODEL_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
"""A model's name becomes a folder and a file name on every platform."""

SYMBOL = r"^[A-Za-z_][A-Za-z0-9_]*$"
"""A dynamic dimension's name becomes a symbol in the ONNX file."""

_DAY = Field(gt=0, le=86_400)
_POSITIVE = Field(gt=0)
_FACTOR = Field(ge=0, le=100)
_Duration = Annotated[str, Field(pattern=units.DURATION)] | Annotated[float, _DAY]
_ByteSize = Annotated[str, Field(pattern=units.SIZE)] | Annotated[int, _POSITIVE]
_Percentage = Annotated[str, Field(pattern=units.PERCENTAGE)] | Annotated[float, _FACTOR]

# Bounds stand before the validator: pydantic applies from the right, and puts them into the JSON Schema of the number.
Seconds = Annotated[float, _DAY, BeforeValidator(units.seconds, json_schema_input_type=_Duration)]
Bytes = Annotated[int, _POSITIVE, BeforeValidator(units.size_bytes, json_schema_input_type=_ByteSize)]
Increase = Annotated[float, _FACTOR, BeforeValidator(units.fraction, json_schema_input_type=_Percentage)]
Tolerance = Annotated[float, Field(ge=0), BeforeValidator(units.finite)]
Fraction = Annotated[float, Field(ge=0, le=1), BeforeValidator(units.finite)]
Decibels = Annotated[float, Field(gt=0, le=200), BeforeValidator(units.finite)]
Size = Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]
Symbol = Annotated[str, StringConstraints(pattern=SYMBOL)]
RepositoryPath = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Opset = Annotated[int, Field(ge=7, le=99, strict=True)]


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class Value(BaseModel):
    """Base of every spec value: frozen, kebab-case keys, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=_kebab)


class Input(Value):
    """One model input. Dimensions are sizes or the names of dynamic dimensions."""

    shape: tuple[Size | Symbol, ...] | None = None
    dtype: DType | None = None
    data: RepositoryPath | None = Field(
        default=None, description="`.npy` or `.npz` with real samples, first axis the sample"
    )
    range: tuple[float, float] | None = Field(default=None, description="uniform random values in [lo, hi]")
    values: tuple[bool | int | float | str, ...] | None = Field(default=None, description="random picks from these")


class OutputParity(Value):
    """Tolerances of one output; what is unset is the model's."""

    rtol: Tolerance | None = None
    atol: Tolerance | None = None
    max_mismatch: Fraction | None = None
    min_agreement: Fraction | None = None
    min_sqnr: Decibels | None = None


class VariantParity(OutputParity):
    """Tolerances of a variant in place of the model's; see `spec.tolerances` for what is unset."""

    outputs: dict[str, OutputParity] = {}


class Parity(Value):
    """`|a - b| <= atol + rtol * |b|` for all but `max_mismatch` of the elements, as numpy.testing.assert_allclose."""

    rtol: Tolerance = 1e-3
    atol: Tolerance = 1e-5
    samples: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 4
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, strict=True)] = 0
    max_mismatch: Fraction = Field(default=0.0, description="fraction of elements that may differ")
    min_agreement: Fraction = Field(default=1.0, description="fraction of labels, or top-1 indices, that must agree")
    min_sqnr: Decibels | None = Field(
        default=None, description="signal to noise of an output as a whole, in dB, where it is set"
    )
    outputs: dict[str, OutputParity] = {}
    variants: dict[Variant, VariantParity] = Field(
        default={}, description="tolerances of a variant; where none is set, a signal to noise that its precision gives"
    )


class Benchmark(Value):
    """What is measured, for how long, with how many threads (None: physical cores)."""

    providers: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")], ...] = ("cpu",)
    seconds: Annotated[float, Field(gt=0, le=3600)] = 5.0
    threads: Annotated[int, Field(ge=1, le=1024, strict=True)] | None = None
    min_provider_share: Fraction = 1.0


class CustomOps(Value):
    """Operators outside the standard: their domains, how to export them, and how to run them."""

    opsets: dict[str, Size] = {}
    register_: RepositoryPath | None = Field(default=None, alias="register")
    library: RepositoryPath | None = None
    reference: RepositoryPath | None = None


class Model(Value):
    """One `[models.NAME]` with `[defaults]` already merged into it."""

    framework: Framework | None = Field(default=None, description="recognised from `source` where it is unset")
    source: RepositoryPath = Field(description="what to convert: a file of the repository, or `file.py:callable`")
    args: dict[str, Any] = Field(default={}, description="keyword arguments for a `file.py:callable` source")
    weights: RepositoryPath | None = Field(
        default=None,
        description="checkpoint for the source's module: `.safetensors`, `.pt`/`.pth`, `.npz`, `.h5`, `.params`",
    )
    signature: str | None = Field(default=None, description="SavedModel signature to convert")
    inputs: dict[Annotated[str, StringConstraints(min_length=1)], Input] = Field(
        default={}, description="inputs by name, in order; taken from the model where it carries its own signature"
    )
    outputs: tuple[Annotated[str, StringConstraints(min_length=1)], ...] | None = Field(
        default=None, description="names of the outputs, in order; the exporter's where unset"
    )
    dims: dict[Symbol, Annotated[tuple[Size, ...], Field(min_length=1)]] = Field(
        default={}, description="sizes to try for each dynamic dimension; the first of each is benchmarked"
    )
    opset: Opset | Annotated[tuple[Opset, ...], Field(min_length=1)] | Literal["auto"] = Field(
        default=17, description='a number, a list (one artifact each), or "auto": the lowest that converts cleanly'
    )
    exporter: Literal["auto", "dynamo", "torchscript"] = Field(default="auto", description="which PyTorch exporter")
    export_options: dict[str, Any] = Field(default={}, description="passed to the converter as they are")
    simplify: Literal["onnxsim", "onnxslim", False] = Field(default="onnxsim", description="the simplifier, or false")
    variants: tuple[Variant, ...] = Field(default=(), description="further artifacts from the same model")
    parity: Parity = Field(default=Parity(), description="tolerances and samples of the comparison")
    benchmark: Benchmark | Literal[False] = Field(
        default=Benchmark(), description="what is measured; false switches it off"
    )
    provider_options: dict[str, dict[str, Any]] = Field(
        default={}, description="options by provider, passed as they are"
    )
    provider_requirements: dict[str, RepositoryPath] = Field(
        default={}, description="a pip requirements file by provider, for the package that brings it"
    )
    custom_ops: CustomOps | None = Field(default=None, description="operators outside the standard")
    requirements: RepositoryPath | None = Field(default=None, description="a pip requirements file of this model's own")
    timeout: Seconds = Field(default=900.0, description='limit of one stage, such as "15m"')
    memory: Bytes | None = Field(default=None, description='limit of one stage, such as "4GiB"')
    trust: bool = Field(
        default=False, description="allow a source that executes code when it is loaded, such as a pickle"
    )


class Gates(Value):
    """What fails the run; a gate left out of `fail-on` is a warning."""

    fail_on: tuple[Gate, ...] = GATES
    max_latency_increase: Increase = 0.05
    max_size_increase: Increase = 0.10


class Spec(Value):
    """A valid `onnx-convert.toml`."""

    spec_version: Literal[1]
    gates: Gates = Gates()
    models: Annotated[dict[Annotated[str, StringConstraints(pattern=MODEL_NAME)], Model], Field(min_length=1)]
