"""Reports to render: one with everything a run can end in, and ones that are too large or hostile."""

from __future__ import annotations

import math
import random
from typing import Any

from onnx_convert.report.model import (
    Artifact,
    Attempt,
    Baseline,
    Blame,
    Case,
    Comparison,
    Conditions,
    Diagnostic,
    Export,
    Gpu,
    Latency,
    LatencyComparison,
    Machine,
    ModelReport,
    PairedLatency,
    Parity,
    ProviderResult,
    Report,
    Simplification,
    Tensor,
    Tool,
    VariantOf,
    WorstElement,
)

HOSTILE = (
    "@octocat fixes #1 GH-2 org/repo#3 0123456789abcdef a|b `x` ``` </details> <!-- --> <b>x</b> [l](http://e.x) ![i]"
    "(http://e.x/p.png) www.e.x me@e.x\n\n# h\n| t | t |\n|-|-|\n"
    "::error::x ##[error]y %%{init: {}}%% \x1b[31m\u202e ]]> &amp;"
)


def latency(median: float, spread: float = 0.03, seed: int = 0) -> Latency:
    draw = random.Random(seed)
    values = sorted(median * math.exp(draw.gauss(0, spread)) for _ in range(2_001))
    quantiles = tuple(round(values[i * 20], 6) for i in range(101))
    return Latency(
        median=quantiles[50],
        p90=quantiles[90],
        p99=quantiles[99],
        ci95=(quantiles[46], quantiles[54]),
        quantiles=quantiles,
    )


def measured(name: str, median: float, **more: Any) -> ProviderResult:
    effective = {} if name == "native" else {f"{name.upper()}ExecutionProvider": 1.0}
    values: dict[str, Any] = {
        "provider": name,
        "status": "measured",
        "effective": effective,
        "threads": 2,
        "dims": {"batch": 1},
        "latency_ms": latency(median, seed=len(name)),
        "throughput_per_s": 1e3 / median,
        "iterations": 4_000,
        "warmup_iterations": 50,
        "steady": True,
        "load_ms": 41.5,
        "peak_memory_bytes": 181_000_000,
    }
    return ProviderResult(**values | more)


def case(max_abs: float | None = 3.1e-6, *, passed: bool = True, **more: Any) -> Case:
    values: dict[str, Any] = {
        "provider": "cpu",
        "dims": {"batch": 4, "height": 224},
        "output": "logits",
        "samples": 4,
        "max_abs": max_abs,
        "max_rel": None if max_abs is None else max_abs * 40,
        "mean_abs": None if max_abs is None else max_abs / 10,
        "cosine": 1.0,
        "sqnr_db": 121.3,
        "agreement": 1.0,
        "mismatched": 0 if passed else 37,
        "elements": 40,
        "detectable": 1.2e-5,
        "passed": passed,
    }
    return Case(**values | more)


def artifact(model: str, **more: Any) -> Artifact:
    values: dict[str, Any] = {
        "path": f"models/{model}/{model}.onnx",
        "bytes": 4_213_000,
        "sha256": "3f" * 32,
        "opsets": {"ai.onnx": 17},
        "ir_version": 8,
        "nodes": 5,
        "nodes_before_simplify": 9,
        "operators": {"Conv": 2, "Relu": 2, "Gemm": 1},
    }
    return Artifact(**values | more)


def diagnostic(code: str = "OCA501", message: str = "it differs", **more: Any) -> Diagnostic:
    values: dict[str, Any] = {"code": code, "severity": "error", "message": message, "hint": "look at the case"}
    return Diagnostic(**values | more)


def row(model: str = "tiny-cnn", **more: Any) -> ModelReport:
    dims = ({"batch": 1, "height": 224}, {"batch": 4, "height": 224}, {"batch": 4, "height": 256})
    values: dict[str, Any] = {
        "name": model,
        "framework": "pytorch",
        "opset": 17,
        "status": "passed",
        "seconds": 11.4,
        "inputs": (Tensor(name="image", dtype="float32", shape=("batch", 3, "height", "width")),),
        "outputs": (Tensor(name="logits", dtype="float32", shape=("batch", 10)),),
        "artifact": artifact(model),
        "export": Export(
            exporter="torchscript",
            reason="dynamo writes opset 18 for an asked 17",
            versions={"torch": "2.13.0+cpu", "onnx": "1.23.2"},
            seconds=2.1,
            simplification=Simplification(simplifier="onnxsim", status="kept", seconds=0.4),
        ),
        "parity": Parity(
            status="passed",
            rtol=1e-3,
            atol=1e-5,
            samples=4,
            cases=tuple(case(3.1e-6 / (1 + i), dims=dim) for i, dim in enumerate(dims)),
        ),
        "benchmark": (measured("cpu", 1.23), measured("native", 2.87)),
    }
    return ModelReport(**values | more)


def on_two_legs(model: str = "tiny-cnn") -> ModelReport:
    """A row of a merged report: a leg without a GPU and one with it measured, each beside the original framework."""
    results = (("cpu", 1, 1.0), ("native", 1, 2.9), ("tensorrt", 2, 0.2), ("native", 2, 1.0))
    return row(model, benchmark=tuple(measured(name, median, leg=leg) for name, leg, median in results))


def variant(model: str = "tiny-cnn", **more: Any) -> ModelReport:
    """The float16 row of a model."""
    values: dict[str, Any] = {
        "variant": "fp16",
        "artifact": artifact(f"{model}+fp16", bytes=2_150_000, nodes=7, nodes_before_simplify=None),
        "parity": Parity(
            status="passed", rtol=1e-3, atol=1e-5, max_mismatch=1.0, min_sqnr=40.0, samples=4, cases=(case(2.1e-3),)
        ),
        "variant_of": VariantOf(
            model=model,
            size_ratio=0.5103,
            operators={"Conv": 2, "Gemm": 1},
            kept={"Mul": 1},
            weights=5,
            latency=(PairedLatency(provider="cpu", ratio=1.312, ci=(1.288, 1.341)),),
        ),
    }
    return row(f"{model}+fp16", **values | more)


def failing_parity(name: str = "two-heads") -> ModelReport:
    cases = (
        case(2.2e-6, output="boxes"),
        case(
            0.128,
            passed=False,
            output="scores",
            agreement=0.75,
            sqnr_db=14.2,
            max_rel=math.inf,
            worst=(WorstElement(index=(3, 7), expected=0.5, actual=math.nan),),
        ),
        case(None, passed=False, output="mask", reason="shape (4, 10) is not (4, 10, 1)", elements=0, mismatched=0),
    )
    return row(
        name,
        status="failed",
        parity=Parity(
            status="failed",
            rtol=1e-3,
            atol=1e-5,
            samples=4,
            cases=cases,
            blame=Blame(stage="simplify", node="/head/Softmax_3", module="head.softmax"),
        ),
        diagnostics=(
            diagnostic(
                "OCA501",
                "output `scores` differs on cpu: max abs 0.13, 37 of 40 elements beyond atol + rtol*|b|",
                hint="set simplify = false, or raise parity.atol if the difference is acceptable",
                file="onnx-convert.toml",
                line=12,
                column=1,
            ),
            diagnostic("OCA402", "simplification changed results and was undone", severity="warning", hint=""),
        ),
    )


def report(models: tuple[ModelReport, ...] | None = None, **more: Any) -> Report:
    """A run of six models of which three did not do well."""
    comparison = Comparison(
        baseline="a1b2c3d",
        size_ratio=1.002,
        latency=(
            LatencyComparison(provider="cpu", ratio=1.082, ci=(1.061, 1.103), verdict="slower"),
            LatencyComparison(provider="openvino", ratio=1.004, ci=(0.97, 1.04), verdict="inconclusive"),
        ),
    )
    missing = "libnvinfer.so.10: cannot open shared object file"
    unavailable = ProviderResult(provider="tensorrt", status="unavailable", reason=missing)
    rows = models or (
        row(
            comparison=comparison,
            benchmark=(measured("cpu", 1.23), measured("openvino", 0.98), measured("native", 2.87)),
        ),
        row(
            "iris",
            framework="sklearn",
            cached=True,
            seconds=0.0,
            artifact=artifact(
                "iris", bytes=21_400, nodes=1, nodes_before_simplify=None, opsets={"ai.onnx": 17, "ai.onnx.ml": 3}
            ),
            export=Export(exporter="skl2onnx", versions={"scikit-learn": "1.9.1"}),
            benchmark=(measured("cpu", 0.0213), measured("native", 4.31)),
        ),
        failing_parity(),
        row(
            "efficientnet-lite0",
            status="failed",
            artifact=artifact("efficientnet-lite0", bytes=18_600_000, nodes=149, nodes_before_simplify=352),
            benchmark=(measured("cpu", 38.2), unavailable, measured("native", 61.0)),
            diagnostics=(
                diagnostic(
                    "OCA601",
                    f"provider tensorrt unavailable: {missing}",
                    hint="leave `provider` out of gates.fail-on where runners lack the device",
                ),
            ),
        ),
        row(
            "minilm",
            status="error",
            artifact=None,
            parity=None,
            benchmark=(),
            outputs=(),
            seconds=61.0,
            export=Export(
                exporter="dynamo", attempts=(Attempt(exporter="torchscript", reason="RuntimeError: data-dependent"),)
            ),
            diagnostics=(
                diagnostic(
                    "OCA301",
                    "the exporter raised: Unsupported: aten::scaled_dot_product_attention(q)",
                    hint='set exporter = "dynamo" or opset = 18',
                    file="onnx-convert.toml",
                    line=31,
                ),
            ),
        ),
        row(
            "legacy",
            framework=None,
            status="skipped",
            opset=None,
            artifact=None,
            export=None,
            parity=None,
            benchmark=(),
            seconds=0.0,
            diagnostics=(diagnostic("OCA381", "int8-dynamic would change nothing", severity="note", hint=""),),
        ),
    )
    values: dict[str, Any] = {
        "tool": Tool(version="1.0.0"),
        "conclusion": "failure" if any(one.status in {"failed", "error"} for one in rows) else "success",
        "machine": Machine(
            cpu="AMD EPYC 7763 64-Core Processor",
            cores=2,
            memory_bytes=8_300_000_000,
            platform="Linux-6.1-x86_64",
            python="3.11.2",
            container=True,
            versions={"onnxruntime": "1.32.0"},
        ),
        "spec": "onnx-convert.toml",
        "commit": "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334",
        "started": "2026-11-24T04:11:41Z",
        "seconds": 93.2,
        "fail_on": ("convert", "opset", "parity"),
        "models": rows,
    }
    return Report(**values | more)


def hostile(text: str = HOSTILE) -> Report:
    """Every string that a report can take from outside is `text`."""
    bad = case(0.5, passed=False, provider=text, output=text, dims={text: 3}, reason=text)
    found = diagnostic(message=text, hint=text, file=text, line=3)
    shares: dict[str, Any] = {"effective": {text: 0.5}, "time_share": {text: 0.25}, "operators": {text: {text: 1}}}
    provider = measured("cpu", 1.0, provider=text, nodes=text, **shares)
    broken = ProviderResult(provider=text + "2", status="failed", reason=text)
    named: dict[str, Any] = {"name": text, "framework": text, "variant": text, "log": text}
    rows = tuple(
        row(
            **named,
            opset=opset,
            status=status,
            artifact=artifact("x", path=text, sha256=text, opsets={text: 17}, operators={text: 1}),
            export=Export(
                exporter=text, reason=text, versions={text: text}, attempts=(Attempt(exporter=text, reason=text),)
            ),
            parity=Parity(
                status="failed",
                rtol=0,
                atol=0,
                reason=text,
                cases=(bad,),
                blame=Blame(stage="export", node=text, module=text),
            ),
            benchmark=(provider, broken, measured("native", 2.0)),
            comparison=Comparison(
                baseline=text,
                status=compared,
                reason=text,
                base=f"{text}2",
                operators={text: (1, 2)},
                opsets={text: (17, None)},
                nodes=(1, 2),
                size_ratio=2.0,
                latency=(
                    LatencyComparison(
                        provider=text,
                        ratio=2,
                        ci=(1.5, 3),
                        verdict="slower",
                        reason=text,
                        detectable=0.1,
                        base_ms=latency(1.0),
                        head_ms=latency(2.0, seed=1),
                        spread=latency(2.0, seed=2).quantiles,
                    ),
                ),
            ),
            variant_of=VariantOf(
                model=text,
                size_ratio=0.5,
                operators={text: 1},
                kept={text: 2},
                latency=(PairedLatency(provider=text, ratio=2, ci=(1, 3)),),
            ),
            diagnostics=(found, diagnostic("OCA599", text, severity="warning")),
        )
        for opset, status, compared in ((17, "failed", "compared"), (18, "passed", "failed"), (19, "passed", "new"))
    )
    machine = Machine(
        cpu=text,
        cores=1,
        governor=text,
        memory_bytes=1,
        conditions=Conditions(seconds=9.0, load=0.4, steal=0.0, others=0.04, pressure=0.1),
        platform=text,
        python=text,
        versions={text: text},
        gpus=(Gpu(name=text, driver=text),),
    )
    return report(
        rows,
        tool=Tool(version=text),
        machine=machine,
        spec=text,
        commit=text,
        fail_on=(text,),
        diagnostics=(found,),
        baseline=Baseline(name=text, kind="folder", commit=text, reason=text, deleted=(text,)),
    )


def large(models: int = 200, message: int = 80) -> Report:
    """Many models, a third of them failing, with messages of so many characters."""
    kinds = (row, failing_parity, lambda name: row(name, cached=True))
    rows = tuple(kinds[i % 3](f"model-{i:03d}") for i in range(models))
    words = ("ärger " * (message // 6 + 1))[:message]
    found = diagnostic(message=words)
    told = tuple(
        one.model_copy(update={"diagnostics": (found, *one.diagnostics)}) if one.status == "failed" else one
        for one in rows
    )
    return report(told)
