"""The reports of shards, which lie in folders that anyone filled: joined into a sound one, or refused."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from onnx_convert.report.markdown import comment
from onnx_convert.report.write import parse, to_json
from onnx_convert.scale.gather import gather
from onnx_convert.scale.refusal import RefusedError
from onnx_convert.scale.unite import unite
from tests.fuzz import documents, texts
from tests.fuzz.targets import report as reports

MAX_LEN = 32 * 2**10
_ROWS = [seed["models"][0] for seed in reports.SEEDS[:2]]


def _seed(*providers: str) -> dict[str, object]:
    """Two shards: of other models or, with providers, of other providers of the same."""
    found = {}
    for index in (1, 2):
        rows = [row | {"name": f"m{number}"} for number, row in enumerate(_ROWS, 1) if providers or number == index]
        shard = {"index": index, "count": 2, "spec_sha256": "0" * 64, "models": [row["name"] for row in rows]}
        shard |= {"spec_models": ["m1", "m2"], "providers": list(providers[index - 1 : index])}
        found[str(index)] = reports.SEEDS[0] | {"models": rows, "shard": shard}
    return found


SEEDS = [_seed(), _seed("cpu", "openvino")]
structured = st.tuples(st.sampled_from(SEEDS), documents.edits).map(
    lambda both: documents.to_json(documents.edited(*both))
)
mutate = documents.mutate
TOKENS = texts.TOKENS[:40]


@cache
def _folder() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    holder = tempfile.TemporaryDirectory(prefix="fuzz-shards-")
    root = Path(holder.name)
    for name in ("1", "2"):
        (root / name).mkdir()
    return holder, root


def one(data: bytes) -> None:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return
    root = _folder()[1]
    for name in ("1", "2"):
        each = told.get(name) if isinstance(told, dict) else told
        (root / name / "report.json").write_bytes(documents.to_json(each))
    try:
        sources = gather([root])
    except RefusedError as error:
        str(error).encode()
        return
    whole = unite([(source.shard, source.report) for source in sources])
    text = to_json(whole)
    assert to_json(parse(text.encode(), "again")) == text
    assert len(comment(whole).encode()) <= 65_536
