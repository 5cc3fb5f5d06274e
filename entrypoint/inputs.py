"""The action's inputs: their names, their defaults, and what they say once they are checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from onnx_convert.scale.call import MOST_LEGS

if TYPE_CHECKING:
    from collections.abc import Mapping

Mode = Literal["auto", "run", "plan", "merge", "comment", "publish"]
When = Literal["always", "changes", "failures", "never"]

INPUTS: Mapping[str, str] = {
    "spec": "onnx-convert.toml",
    "mode": "auto",
    "models": "",
    "providers": "",
    "shard": "",
    "shards": "",
    "gpu-shards": "0",
    "shards-dir": "onnx-convert-shards",
    "baseline": "auto",
    "token": "",
    "github-api-url": "",
    "comment": "always",
    "check-name": "onnx-convert",
    "artifact": "onnx-convert",
    "output-dir": "onnx-convert-out",
    "cache-dir": ".cache/onnx-convert",
    "release-tag": "",
    "publish-failed": "false",
}
"""Every input with its default. In action.yml those of `token` and `github-api-url` are GitHub's own."""

EMPTY = frozenset({"token", "check-name"})
"""Inputs of which an empty one means none, and not the default."""

NAME_LIMIT = 100


class CallError(Exception):
    """An input that cannot be meant; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the inputs say. The token is none of them: it is taken out of the environment before they are read."""

    mode: Mode
    spec: str
    models: tuple[str, ...]
    providers: tuple[str, ...]
    shard: str
    shards: int
    gpu_shards: int
    shards_dir: str
    baseline: str
    api_url: str
    comment: When
    check_name: str
    artifact: str
    output_dir: str
    cache_dir: str
    release_tag: str
    publish_failed: bool


def inputs_of(environ: Mapping[str, str]) -> Inputs:
    """The inputs of a job's environment. Raises CallError for one that is wrong."""
    text = {name: _input(environ, name) for name in INPUTS if name != "token"}
    shard = text["shard"]
    if shard and not re.fullmatch(r"[1-9][0-9]{0,2}/[1-9][0-9]{0,2}", shard):
        raise CallError(f"shard: `{shard}` is no part of a whole", "write the matrix's `shard`, such as `2/8`")
    if shard and text["mode"] not in {"auto", "run"}:
        raise CallError(f"shard: a leg runs, it does not `{text['mode']}`", "use it with `mode: run`")
    for name in ("check-name", "artifact"):
        if len(text[name]) > NAME_LIMIT or not text[name].isprintable():
            raise CallError(f"{name}: {text[name][:NAME_LIMIT]!r} is no name", f"use up to {NAME_LIMIT} characters")
    return Inputs(
        mode=cast("Mode", _one_of("mode", text["mode"], get_args(Mode))),
        spec=text["spec"],
        models=_several(text["models"]),
        providers=_several(text["providers"]),
        shard=shard,
        shards=_number("shards", text["shards"], least=1) if text["shards"] else 0,
        gpu_shards=_number("gpu-shards", text["gpu-shards"], least=0),
        shards_dir=text["shards-dir"],
        baseline=text["baseline"],
        api_url=text["github-api-url"],
        comment=cast("When", _one_of("comment", text["comment"], get_args(When))),
        check_name=text["check-name"],
        artifact=text["artifact"],
        output_dir=text["output-dir"],
        cache_dir=text["cache-dir"],
        release_tag=text["release-tag"],
        publish_failed=_one_of("publish-failed", text["publish-failed"].lower(), ("true", "false")) == "true",
    )


def variable(name: str) -> str:
    """The environment variable of an input. The runner upper-cases the name and keeps its hyphens."""
    return f"INPUT_{name.upper()}"


def _input(environ: Mapping[str, str], name: str) -> str:
    given = environ.get(variable(name))
    if given is None or (not given.strip() and name not in EMPTY):
        return INPUTS[name]
    return given.strip()


def _several(text: str) -> tuple[str, ...]:
    return tuple(filter(None, re.split(r"[\s,]+", text)))


def _one_of(name: str, text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        *most, last = (f"`{one}`" for one in known)
        raise CallError(f"{name}: `{text}` is not possible", f"use {', '.join(most)} or {last}")
    return text


def _number(name: str, text: str, *, least: int) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not least <= int(text) <= MOST_LEGS:
        raise CallError(f"{name}: `{text}` is not possible", f"write a whole number from {least} to {MOST_LEGS}")
    return int(text)
