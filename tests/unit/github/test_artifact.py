"""Artifacts that a stranger's job made: what is in them is read within bounds, or refused."""

from __future__ import annotations

import hashlib
import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.github import artifact
from onnx_convert.github.artifact import read
from onnx_convert.github.refusal import RefusedError
from onnx_convert.report.model import Artifact, ModelReport, Report
from onnx_convert.report.write import SIZE_LIMIT, to_json
from tests.unit.report import sample

MODEL = b"a model" * 100
REPORT = sample.report((sample.row(),))
TEXT = to_json(REPORT).encode()


def zipped(*files: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return made.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(RefusedError) as caught:
        read(io.BytesIO(content), "onnx-convert")
    return f"{caught.value.diagnostic.code} {caught.value.diagnostic.message}"


def beside(model: bytes, *, sha256: str | None = None, size: int | None = None) -> tuple[Report, ModelReport]:
    made = Artifact(
        path="models/a/a.onnx",
        bytes=len(model) if size is None else size,
        sha256=sha256 or hashlib.sha256(model).hexdigest(),
        opsets={"ai.onnx": 17},
        ir_version=8,
        nodes=1,
    )
    row = sample.row("a", artifact=made)
    return sample.report((row,)), row


@pytest.mark.parametrize("folder", ["", "onnx-convert-out/", "a/b/"])
def test_the_report_is_found_at_the_top_or_in_the_one_folder_that_has_it(folder: str) -> None:
    found = read(io.BytesIO(zipped((f"{folder}report.json", TEXT), ("other.json", b"{}"))), "onnx-convert")
    assert (found.report, found.verified) == (REPORT, 0)


def test_a_report_at_the_top_is_meant_whatever_folders_hold() -> None:
    content = zipped(("report.json", TEXT), ("old/report.json", b"{}"))
    assert read(io.BytesIO(content), "onnx-convert").report == REPORT


@pytest.mark.parametrize(
    "files",
    [
        (),
        (("report.json.txt", TEXT),),
        (("a/report.json", TEXT), ("b/report.json", TEXT)),
        (("report.json", TEXT), ("report.json", TEXT)),
    ],
    ids=["empty", "another name", "two folders", "twice"],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_where_it_is_not_clear_which_report_is_meant_none_is(files: tuple[tuple[str, bytes], ...]) -> None:
    said = refused(zipped(*files))
    assert said.startswith("OCA751 the artifact 'onnx-convert' holds ")
    assert said.endswith(" report.json")


def test_what_is_no_zip_is_told() -> None:
    for content in (b"", b"{}", TEXT, zipped(("report.json", TEXT))[:-30], b"PK\x05\x06" + b"\0" * 18):
        assert refused(content).startswith("OCA751 ")


def test_a_file_whose_lzma_properties_are_none_is_told() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("report.json", TEXT)
    content = bytearray(made.getvalue())
    content[30 + len("report.json") + 4] = 0xFF  # behind header, name, version and size of the properties
    assert refused(bytes(content)) == "OCA751 the artifact 'onnx-convert' is no zip that can be read: LZMAError"


def test_models_beside_the_report_are_those_it_tells_of() -> None:
    report, row = beside(MODEL)
    text = to_json(report).encode()
    assert row.artifact
    found = read(io.BytesIO(zipped(("out/report.json", text), (f"out/{row.artifact.path}", MODEL))), "x")
    assert found.verified == 1
    assert read(io.BytesIO(zipped(("report.json", text))), "x").verified == 0


@pytest.mark.parametrize("lie", [{"sha256": "0" * 64}, {"size": 1}])
def test_a_model_that_is_another_than_the_report_says_is_refused(lie: dict[str, str | int]) -> None:
    report, _ = beside(MODEL, **lie)  # type: ignore[arg-type]
    content = zipped(("report.json", to_json(report).encode()), ("models/a/a.onnx", MODEL))
    assert refused(content) == "OCA753 the model beside the report is not the one of row 'a'"


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "models/../../x", "C:\\x"])
def test_a_path_leads_nowhere_but_to_a_name_in_the_zip(path: str) -> None:
    report, row = beside(MODEL)
    assert row.artifact
    elsewhere = row.model_copy(update={"artifact": row.artifact.model_copy(update={"path": path})})
    text = to_json(report.model_copy(update={"models": (elsewhere,)})).encode()
    assert read(io.BytesIO(zipped(("report.json", text))), "x").verified == 0


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[" * 100_000, TEXT[:-10], TEXT.replace(b'"models"', b'"modles"'), b"\xff"]
)
def test_what_is_no_report_is_told(text: bytes) -> None:
    assert refused(zipped(("report.json", text))).startswith("OCA752 report.json is not a report: ")


def test_a_bomb_is_refused_by_what_it_says_of_its_size() -> None:
    bomb = zipped(("report.json", b"\0" * (SIZE_LIMIT + 1)))
    assert len(bomb) < SIZE_LIMIT / 500
    assert refused(bomb).startswith("OCA751 ")


def claiming(content: bytes, size: int) -> bytes:
    """A zip with one file, whose uncompressed size is said to be another, in both places that say it."""
    directory = content.index(b"PK\x01\x02")
    made = bytearray(content)
    struct.pack_into("<I", made, 22, size)
    struct.pack_into("<I", made, directory + 24, size)
    return bytes(made)


def test_a_bomb_that_hides_its_size_is_read_no_further_than_it_said() -> None:
    bomb = claiming(zipped(("report.json", b" " * (SIZE_LIMIT + 1))), 100)
    tracemalloc.start()
    try:
        said = refused(bomb)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert said.startswith("OCA75")
    assert most < 8 * 2**20


def test_a_directory_that_says_it_is_huge_is_not_read() -> None:
    content = bytearray(zipped(("report.json", TEXT), *((f"{n:05}" * 40, b"") for n in range(6_000))))
    assert len(content) > artifact.DIRECTORY
    tracemalloc.start()
    try:
        said = refused(bytes(content))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert said == "OCA751 the artifact 'onnx-convert' is no zip that can be read: BadZipFile"
    assert most < 4 * artifact.DIRECTORY


def test_an_encrypted_report_is_refused() -> None:
    content = bytearray(zipped(("report.json", TEXT)))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(content)).startswith("OCA751 ")


@pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 99])
def test_ways_to_compress_that_nobody_uses_for_artifacts_are_refused(method: int) -> None:
    content = bytearray(zipped(("report.json", TEXT)))
    struct.pack_into("<H", content, 8, method)
    struct.pack_into("<H", content, content.index(b"PK\x01\x02") + 10, method)
    assert refused(bytes(content)).startswith("OCA751 ")


def test_content_that_is_not_what_was_packed_is_refused() -> None:
    content = bytearray(zipped(("report.json", TEXT)))
    struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 16, zlib.crc32(b"other"))
    struct.pack_into("<I", content, 14, zlib.crc32(b"other"))
    assert refused(bytes(content)).startswith("OCA751 ")


@given(st.binary(max_size=4_000))
def test_whatever_the_bytes_are_they_are_refused(content: bytes) -> None:
    assert refused(content).startswith("OCA75")


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_zip_that_was_changed_anywhere_is_a_report_or_refused(changes: list[tuple[int, int]]) -> None:
    content = bytearray(zipped(("report.json", TEXT)))
    for position, value in changes:
        content[position % len(content)] = value
    try:
        assert isinstance(read(io.BytesIO(bytes(content)), "x").report, Report)
    except RefusedError as error:
        refusal = error
        assert refusal.diagnostic.code in {"OCA751", "OCA752"}
