"""How `compare` is called: its arguments as one frozen value."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

MAX_SIZE = 2**31 - 1
_PROVIDER = "abcdefghijklmnopqrstuvwxyz0123456789_-"


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked for: `head` is compared with `base`.

    `dims` and `data` are by the name of a dynamic dimension and of an input. `max_increase` is a fraction, `threads`
    None the physical cores, `rtol` and `atol` None the usual ones.
    """

    base: Path
    head: Path
    dims: dict[str, tuple[int, ...]]
    data: dict[str, Path]
    providers: tuple[str, ...] = ("cpu",)
    seconds: float = 10.0
    threads: int | None = None
    rtol: float | None = None
    atol: float | None = None
    max_increase: float = 0.05
    json: Path | None = None

    @classmethod
    def of(cls, options: argparse.Namespace) -> Call:
        """The call that the command's options make; each name once, the sizes of a dimension in their order."""
        dims: dict[str, tuple[int, ...]] = {}
        for name, size in options.dim:
            dims[name] = (*dims.get(name, ()), size)
        return cls(
            base=options.base,
            head=options.head,
            dims=dims,
            data=dict(options.data),
            providers=tuple(dict.fromkeys(options.provider or ["cpu"])),
            seconds=options.seconds,
            threads=options.threads,
            rtol=options.rtol,
            atol=options.atol,
            max_increase=options.max_latency_increase,
            json=options.json,
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command, but for those that every command has."""
    parser.add_argument("base", type=Path, metavar="A", help="an ONNX file or an output folder: the base")
    parser.add_argument("head", type=Path, metavar="B", help="what is compared with it")
    add = parser.add_argument
    add(
        "--dim", action="append", default=[], type=dimension, metavar="NAME=SIZE",
        help="a size of a dynamic dimension; the first of a name is measured (1 and 4, or 32 and 48, are chosen)",
    )  # fmt: skip
    add(
        "--data", action="append", default=[], type=sample, metavar="NAME=FILE",
        help="samples of an input, .npy or .npz, first axis the sample (seeded random values)",
    )  # fmt: skip
    add("--provider", action="append", default=[], type=_provider, help="where it runs; may be repeated (cpu)")
    add(
        "--seconds",
        type=seconds,
        default=10.0,
        metavar="N",
        help="about so long a provider; three times that while the answer is open (%(default)g)",
    )
    add("--threads", type=_count, metavar="N", help="threads of a call (physical cores)")
    add("--rtol", type=tolerance, metavar="X", help="relative tolerance of parity (1e-3)")
    add("--atol", type=tolerance, metavar="X", help="absolute tolerance of parity (1e-5)")
    add(
        "--max-latency-increase", type=increase, default=0.05, metavar="X",
        help="what is slower by more fails, such as 5%% (5%%)",
    )  # fmt: skip
    add("--json", type=Path, metavar="FILE", help="write the comparison as a report")


def dimension(text: str) -> tuple[str, int]:
    """`NAME=SIZE`; the name may hold anything, as a graph's may. Raises ArgumentTypeError."""
    name, equals, size = text.rpartition("=")
    if not (name and equals and size.isascii() and size.isdigit() and len(size) < 11 and 1 <= int(size) <= MAX_SIZE):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=SIZE, such as batch=8")
    return name, int(size)


def sample(text: str) -> tuple[str, Path]:
    """`NAME=FILE`. Raises ArgumentTypeError."""
    name, _, file = text.partition("=")
    if not (name and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE, such as image=images.npy")
    return name, Path(file)


def increase(text: str) -> float:
    """`5%`, or the fraction `0.05`. Raises ArgumentTypeError."""
    return _number(text.removesuffix("%"), 0, 10_000, f"{text!r} is not an increase, such as 5%") / (
        100 if text.endswith("%") else 1
    )


def seconds(text: str) -> float:
    """More than 0 and at most an hour. Raises ArgumentTypeError."""
    return _number(text, 1e-3, 3600, f"{text!r} is not a time of up to 3600 seconds")


def tolerance(text: str) -> float:
    """At least 0 and finite. Raises ArgumentTypeError."""
    return _number(text, 0, 1e300, f"{text!r} is not a tolerance, such as 1e-3")


def _number(text: str, low: float, high: float, wrong: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(wrong) from None
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(wrong)
    return value


def _count(text: str) -> int:
    return int(_number(text if text.isdigit() else "", 1, 1024, f"{text!r} is not a number of threads"))


def _provider(text: str) -> str:
    if not text or text[0] in "_-" or set(text) - set(_PROVIDER):
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a provider, such as cpu")
    return text
