"""The file that tells of a job's event: in it are titles, branches and hashes that a stranger chose."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from entrypoint.event import base_of, triggered_by
from onnx_convert.github.context import context_of
from onnx_convert.github.event import event_of
from onnx_convert.github.stamp import read_stamp, stamp_of
from onnx_convert.report.gfm import marker
from tests.fuzz import documents, texts

_HASH = "0123456789abcdef" * 2 + "01234567"
_REPOSITORY = {"full_name": "octo/models", "owner": {"login": "octo"}}
SEEDS = [
    {"pull_request": {"number": 7, "head": {"sha": _HASH, "repo": _REPOSITORY, "ref": "a"}, "base": {"sha": _HASH}}},
    {"release": {"id": 5, "tag_name": "v1"}},
    {"merge_group": {"base_sha": _HASH}},
    {"workflow_run": {"id": 42, "event": "pull_request", "run_attempt": 2, "head_sha": _HASH, "head_branch": "main"}
     | {"head_repository": _REPOSITORY}},
]  # fmt: skip
structured = st.tuples(st.sampled_from(SEEDS), documents.edits).map(
    lambda both: documents.to_json(documents.edited(*both))
)
mutate = documents.mutate
TOKENS = ("pull_request", "workflow_run", "release", "head", "sha", _HASH, "\\ud800", "1e999", *texts.TOKENS[:9])
_EVENTS = ("pull_request", "pull_request_target", "merge_group", "workflow_run", "release", "push")


@cache
def _folder() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    holder = tempfile.TemporaryDirectory(prefix="fuzz-event-")
    return holder, Path(holder.name)


def one(data: bytes) -> None:
    folder = _folder()[1]
    path = folder / "event.json"
    path.write_bytes(data)
    environ = {"GITHUB_EVENT_PATH": str(path), "GITHUB_REPOSITORY": "octo/models", "GITHUB_RUN_ID": "1"}
    for name in _EVENTS:
        base = base_of(environ | {"GITHUB_EVENT_NAME": name}, folder, {})
        assert base is None or set(base) <= set("0123456789abcdef")
    event = event_of(environ)
    assert isinstance(triggered_by(event), str)
    context = context_of(environ | {"GITHUB_EVENT_NAME": "workflow_run"}, event)
    assert context.repository == "octo/models"
    assert set(context.head_sha) <= set("0123456789abcdef")
    stamp = stamp_of(context, "0" * 32)
    assert read_stamp(f"text\n\n{marker('', str(stamp))}", "") == stamp
