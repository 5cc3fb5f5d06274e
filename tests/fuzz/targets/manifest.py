"""The manifest beside an artifact, and the report that names it: what is published is what both say, or nothing."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path

from hypothesis import strategies as st

from onnx_convert.github.assets import plan
from onnx_convert.github.refusal import RefusedError
from tests.fuzz import documents, texts
from tests.unit.report import sample

_MODEL = b"a model" * 9
_REPORT = sample.report(())
_ROW = sample.row()
_SEED = {
    "manifest": {
        "files": {"models/tiny-cnn/tiny-cnn.onnx": sha256(_MODEL).hexdigest()},
        "spec": {"opset": 17},
        "commit": None,
    },
    "path": "models/tiny-cnn/tiny-cnn.onnx",
    "sha256": sha256(_MODEL).hexdigest(),
    "external": [],
}
SEEDS = [_SEED, _SEED | {"external": ["models/tiny-cnn/tiny-cnn.onnx.data"]}]
structured = st.tuples(st.sampled_from(SEEDS), documents.edits).map(
    lambda both: documents.to_json(documents.edited(*both))
)
mutate = documents.mutate
TOKENS = (
    "models/",
    ".onnx",
    "..",
    "secret",
    "link",
    "fifo",
    sha256(_MODEL).hexdigest(),
    sha256(b"secret").hexdigest(),
    *texts.TOKENS[:9],
)


@cache
def _folder() -> tuple[tempfile.TemporaryDirectory[str], Path]:
    """An output folder with a model, a link out of it, and a secret beside it."""
    holder = tempfile.TemporaryDirectory(prefix="fuzz-manifest-")
    root = Path(holder.name) / "out"
    for name in ("tiny-cnn", "link"):
        (root / "models" / name).mkdir(parents=True)
    (Path(holder.name) / "secret").write_text("secret")
    (root / "models/tiny-cnn/tiny-cnn.onnx").write_bytes(_MODEL)
    (root / "models/link/link.onnx").symlink_to("../../../secret")
    return holder, root


def one(data: bytes) -> None:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        told = None
    told = told if isinstance(told, dict) else {}
    path, digest, external = told.get("path"), told.get("sha256"), told.get("external")
    manifest = texts.encode(json.dumps(told["manifest"], ensure_ascii=False)) if "manifest" in told else data
    root = _folder()[1]
    for name in ("tiny-cnn", "link"):
        (root / "models" / name / "manifest.json").write_bytes(manifest)
    assert _ROW.artifact is not None
    artifact = _ROW.artifact.model_copy(
        update={
            "path": path if isinstance(path, str) else _SEED["path"],
            "sha256": digest if isinstance(digest, str) else _SEED["sha256"],
            "external_data": tuple(each for each in external if isinstance(each, str))
            if isinstance(external, list)
            else (),
        }
    )
    try:
        assets = plan(root, _REPORT.model_copy(update={"models": (_ROW.model_copy(update={"artifact": artifact}),)}))
    except RefusedError as error:
        str(error).encode()
        return
    for asset in assets:
        with asset.open() as file:
            content = file.read()
        assert sha256(content).hexdigest() == asset.sha256
        assert content != b"secret"
