"""The zip of another run's artifact: its report and whether the models beside it are those that it tells of."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from hashlib import sha256

from hypothesis import strategies as st

from onnx_convert.github.artifact import read
from onnx_convert.github.refusal import RefusedError
from onnx_convert.report.write import to_json
from tests.fuzz import documents, texts
from tests.unit.report import sample

MAX_LEN = 16 * 2**10
_MODEL = b"a model" * 9
_ROW = sample.row().model_copy(
    update={
        "artifact": sample.row().artifact.model_copy(
            update={"bytes": len(_MODEL), "sha256": sha256(_MODEL).hexdigest(), "external_data": ()}
        ),
        "benchmark": (),
        "parity": None,
        "diagnostics": (),
        "comparison": None,
    }
)
_REPORT = to_json(sample.report((_ROW,))).encode()
_PATH = _ROW.artifact.path

names = st.one_of(
    st.sampled_from(
        (
            "report.json",
            "out/report.json",
            "a/b/report.json",
            _PATH,
            f"out/{_PATH}",
            "../report.json",
            "/report.json",
            "x/",
            "",
        )
    ),
    texts.piece,
)
_CONTENTS = {"report": _REPORT, "model": _MODEL, "object": b"{}", "nothing": b"", "zeros": b"0" * 100_000}
contents = st.sampled_from(sorted(_CONTENTS)).map(lambda name: _CONTENTS[name]) | st.binary(max_size=60)
entries = st.lists(st.tuples(names, contents, st.sampled_from((0, 8, 12, 14))), max_size=4)
patches = st.lists(
    st.tuples(st.integers(0, 2**16), st.sampled_from((0, 1, 8, 0x7F, 0xFF)), st.sampled_from((1, 2, 4))), max_size=4
)
TOKENS = (
    "PK\x01\x02",
    "PK\x03\x04",
    "PK\x05\x06",
    "PK\x06\x06",
    "PK\x06\x07",
    "report.json",
    "\x01\x00",
    "\x08\x00",
    "\x63\x00",
    "\x09\x00",
)


def archive(of: list[tuple[str, bytes, int]], changes: list[tuple[int, int, int]]) -> bytes:
    """A zip of entries by (name, content, compression), with bytes changed."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as written:
        warnings.simplefilter("ignore")  # of a name twice
        for name, content, method in of:
            entry = zipfile.ZipInfo(texts.encode(name).decode("utf-8", "replace") or "x")
            entry.compress_type = method
            written.writestr(entry, content)
    raw = bytearray(file.getvalue())
    for place, byte, count in changes:
        for at in range(place % len(raw), min(len(raw), place % len(raw) + count)):
            raw[at] = byte
    return bytes(raw)


structured = st.builds(archive, entries, patches)


def mutate(data: bytes, random: documents.Random) -> bytes:
    """A number of a header changed, where there is one; else an archive anew."""
    headers = [at for at in range(len(data) - 4) if data[at : at + 2] == b"PK"]
    if not headers or random.random() < 0.1:
        name = random.choice(("report.json", _PATH, "".join(random.choices(texts.TOKENS, k=2))))
        return archive([("report.json", _REPORT, random.choice((0, 8))), (name, random.choice((_MODEL, b"x")), 0)], [])
    raw, at = bytearray(data), random.choice(headers) + random.randrange(4, 46)
    value = random.choice((0, 1, 8, 9, 14, 99, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFF, len(data), zlib.crc32(data)))
    form = random.choice(("<H", "<I"))
    packed = struct.pack(form, value & (0xFFFF if form == "<H" else 0xFFFFFFFF))
    raw[at : at + len(packed)] = packed
    return bytes(raw)


def one(data: bytes) -> None:
    try:
        found = read(io.BytesIO(data), "onnx-convert")
    except RefusedError as error:
        str(error).encode()
        return
    assert 0 <= found.verified <= len(found.report.models)
