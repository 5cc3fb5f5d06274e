"""The model card: what an artifact is, for whoever meets it alone on a release. Markdown.

Names and messages of the report are hostile; the example is Python, in which they are literals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from onnx_convert.report import numbers
from onnx_convert.report.gfm import Markdown, code, prose
from onnx_convert.report.markdown.template import template
from onnx_convert.report.markdown.values import Table, whole
from onnx_convert.report.mixture import mixture
from onnx_convert.report.surroundings import settings
from onnx_convert.report.text import one_line
from onnx_convert.report.verdict import by_noise, cause, counted, measured, shape_of, strain, worst_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from onnx_convert.report.model import Artifact, Machine, ModelReport, Parity, ProviderResult, Report, Tensor

_NUMPY = re.compile(r"bool|float(16|32|64)|u?int(8|16|32|64)|complex(64|128)")
_BUILT_IN = frozenset({"", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview.training", "ai.onnx.training", "com.microsoft"})
"""Domains whose operators come with ONNX Runtime."""
_TENSORS = 64
"""Inputs, and outputs, that are shown; manifest.json has all."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the artifact as it is on the release. `size` is in bytes, `sha256` hexadecimal."""

    name: str
    size: int
    sha256: str


def card(report: Report, row: ModelReport, files: tuple[File, ...]) -> str:
    """The card of a row with an artifact, which consists of `files`, the ONNX file last."""
    artifact = row.artifact
    assert artifact is not None
    text = template("card.md.j2").render(
        title=code(PurePosixPath(artifact.path).stem, 120),
        model=code(files[-1].name, 120),
        summary=_summary(report, row, artifact),
        warning=_warning(report, row),
        files=Table.of(("File", "SHA-256", "Size"), 2, map(_file, files)),
        tensors=Table.of(("", "Name", "Type", "Shape"), 4, _tensors(row)),
        example=_example(row, artifact, files[-1].name),
        libraries=Markdown(", ".join(code(name, 60) for name in artifact.opsets if name not in _BUILT_IN)),
        parity=tuple(_parity(row.parity)) if row.parity else (),
        cases=_cases(row.parity) if row.parity and row.parity.cases else None,
        latency=_latency(row) if measured(row) else None,
        machines=tuple(_machines(report, row)),
        made=tuple(_made(report, row, artifact)),
        findings=tuple(_findings(row)),
    )
    return f"{text.rstrip()}\n"


def _summary(report: Report, row: ModelReport, artifact: Artifact) -> Markdown:
    opsets = ", ".join(f"{code(name or 'ai.onnx', 60)} {version}" for name, version in artifact.opsets.items())
    parts = (
        f"An ONNX model in {code(row.variant, 40)}",
        f"converted from {code(row.framework, 30)}" if row.framework else "",
        f"{numbers.size(artifact.bytes)}, {counted(artifact.nodes, 'node')}",
        f"opset {opsets}",
        f"IR version {artifact.ir_version}",
        f"of commit {code(report.commit, 64)}" if report.commit else "",
    )
    return Markdown(", ".join(filter(None, parts)) + ".")


def _warning(report: Report, row: ModelReport) -> Markdown | None:
    if row.status in {"failed", "error"}:
        return Markdown(f"**This model failed a check: {cause(row)}.** It was published all the same.")
    if row.status == "skipped" or not report.complete:
        return Markdown("**Not everything about this model was checked.** It was published all the same.")
    return None


def _file(file: File) -> tuple[str, ...]:
    return code(file.name), code(file.sha256), whole(numbers.size(file.size))


def _findings(row: ModelReport) -> Iterator[Markdown]:
    for one in worst_first(row.diagnostics):
        if one.severity != "note":
            yield Markdown(f"**{one.code}** {prose(one.message)}")


def _tensors(row: ModelReport) -> Iterator[tuple[str, ...]]:
    for what, tensors in (("input", row.inputs), ("output", row.outputs)):
        for one in tensors[:_TENSORS]:
            shape = ", ".join("?" if size is None else str(size) for size in one.shape)
            yield what, code(one.name, 120), code(one.dtype, 60), code(f"[{shape}]", 120)


def _example(row: ModelReport, artifact: Artifact, name: str) -> Markdown | None:
    """A script that runs the model, in a fence; None where NumPy has no such inputs."""
    sizes = _sizes(row)
    values = [_zeros(one, sizes) for one in row.inputs]
    if not row.inputs or len(row.inputs) > _TENSORS or None in values:
        return None
    extended = any(domain not in _BUILT_IN for domain in artifact.opsets)
    lines = [
        "import numpy as np",
        "import onnxruntime as ort",
        "",
        *(["options = ort.SessionOptions()", 'options.register_custom_ops_library("…")'] if extended else []),
        f"session = ort.InferenceSession({_literal(name)}, {'options, ' if extended else ''}"
        'providers=["CPUExecutionProvider"])',
        "inputs = {",
        *(f"    {_literal(one.name)}: {value}," for one, value in zip(row.inputs, values, strict=True)),
        "}",
        "for output, value in zip(session.get_outputs(), session.run(None, inputs)):",
        '    print(output.name, getattr(value, "shape", type(value)))',
    ]
    text = "\n".join(lines)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return Markdown(f"{fence}python\n{text}\n{fence}")


def _sizes(row: ModelReport) -> dict[str, int]:
    """Sizes of dynamic dimensions that the model was seen to run with."""
    tried = [*(one.dims for one in row.benchmark), *(one.dims for one in (row.parity.cases if row.parity else ()))]
    return dict(item for dims in reversed(tried) for item in dims.items())


def _zeros(tensor: Tensor, sizes: dict[str, int]) -> str | None:
    shape = [size if isinstance(size, int) else sizes.get(size or "", 1) for size in tensor.shape]
    if tensor.dtype in {"string", "str"}:
        return f'np.full({tuple(shape)}, "", dtype=object)'
    return f"np.zeros({tuple(shape)}, dtype=np.{tensor.dtype})" if _NUMPY.fullmatch(tensor.dtype) else None


def _literal(text: str) -> str:
    """A Python literal of ASCII, quoted as formatters do where that is as good."""
    shown = ascii(text)
    return f'"{shown[1:-1]}"' if shown[0] == "'" and not {'"', "\\"} & set(shown) else shown


def _parity(parity: Parity) -> Iterator[Markdown]:
    if parity.status == "skipped":
        yield Markdown(f"Not checked: {prose(parity.reason or 'no reason given', 300)}")
        return
    verdict = "agrees" if parity.status == "passed" else "**does not agree**"
    if by_noise(parity):
        limit = f"a signal to noise of at least {numbers.decibels(parity.min_sqnr)}"
    else:
        limit = f"rtol {parity.rtol:g}, atol {parity.atol:g}"
        limit += f", at most {numbers.share(parity.max_mismatch)} of elements beyond" if parity.max_mismatch else ""
    sampled = f" over {counted(parity.samples, 'sample')} a case" if parity.samples else ""
    yield Markdown(
        f"It {verdict} with the original framework within {limit}{sampled}. The worst case of each provider:"
    )


def _cases(parity: Parity) -> Table:
    providers = dict.fromkeys(one.provider for one in parity.cases)
    worst = {one.provider: one for one in sorted(parity.cases, key=lambda one: strain(one, noise=by_noise(parity)))}
    return Table.of(
        ("Provider", "Output", "Dimensions", "Max abs", "Max rel", "SQNR", "Mismatched"),
        3,
        (
            (
                code(one.provider, 30),
                code(one.output, 60),
                code(shape_of(one.dims), 120),
                numbers.error(one.max_abs),
                numbers.error(one.max_rel),
                numbers.decibels(one.sqnr_db),
                whole(f"{one.mismatched:,} of {one.elements:,}") if one.reason is None else prose(one.reason, 300),
            )
            for one in map(worst.__getitem__, providers)
        ),
    )


def _latency(row: ModelReport) -> Table:
    return Table.of(
        ("Provider", "Ran on", "Dimensions", "Threads", "Median", "90 %", "99 %", "A second"),
        3,
        (_measurement(one) for one in measured(row).values()),
    )


def _measurement(one: ProviderResult) -> tuple[str, ...]:
    latency = one.latency_ms
    assert latency is not None
    parts = ", ".join(f"{code(name, 40)} {share}" for name, share in mixture(one))
    spread = numbers.interval(latency.median, latency.ci95)
    return (
        code(one.provider, 30),
        parts or numbers.NONE,
        code(shape_of(one.dims), 120),
        numbers.NONE if one.threads is None else str(one.threads),
        whole(f"{numbers.latency(latency.median)} {spread}"),
        whole(numbers.latency(latency.p90)),
        whole(numbers.latency(latency.p99)),
        numbers.NONE if one.throughput_per_s is None else f"{one.throughput_per_s:,.0f}",
    )


def _machines(report: Report, row: ModelReport) -> Iterator[Markdown]:
    """Where it was measured: one machine, or that of each leg with the providers it measured."""
    by_leg: dict[int | None, list[str]] = {}
    for one in measured(row).values():
        by_leg.setdefault(one.leg, []).append(one.provider)
    machines = {leg.index: leg.machine for leg in report.legs}
    for leg, providers in by_leg.items():
        machine = report.machine if leg is None else machines.get(leg, report.machine)
        names = "" if len(by_leg) == 1 else f"{', '.join(code(name, 30) for name in providers)}: "
        yield Markdown(f"{names}{_machine(machine)}.")


def _machine(machine: Machine) -> str:
    parts = (
        code(machine.cpu, 120),
        counted(machine.cores, "core"),
        f"{numbers.size(machine.memory_bytes)} of memory",
        *(prose(one, 160) for one in settings(machine)),
    )
    return ", ".join(parts)


def _made(report: Report, row: ModelReport, artifact: Artifact) -> Iterable[Markdown]:
    if row.export:
        yield Markdown(f"Exporter: {code(row.export.exporter, 60)}")
        if row.export.versions:
            yield Markdown(f"Made with {_versions(row.export.versions)}")
        simplification = row.export.simplification
        if simplification and simplification.simplifier and simplification.status == "kept":
            before = artifact.nodes_before_simplify
            yield Markdown(
                f"Simplified by {simplification.simplifier}" + (f", from {before:,} nodes" if before else "")
            )
    if report.machine.versions:
        yield Markdown(f"Checked with {_versions(report.machine.versions)}")
    if row.variant_of:
        yield Markdown(
            f"Made from {code(row.variant_of.model, 120)}, {numbers.times(row.variant_of.size_ratio)} in size"
        )
    yield Markdown(
        f"Spec {code(report.spec, 200)}" + (f" of commit {code(report.commit, 64)}" if report.commit else "")
    )
    yield Markdown(
        f"By onnx-convert-action {code(report.tool.version, 40)} on {code(one_line(report.started, 40), 40)}"
    )


def _versions(versions: dict[str, str]) -> str:
    return ", ".join(code(f"{name} {version}", 60) for name, version in versions.items())
