"""Head against base: which row is which, and which is still what it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from onnx_convert.baseline.match import Matcher, Subject, unchanged
from onnx_convert.baseline.values import CommitBase, FolderBase
from onnx_convert.plan import Row, make_plan
from onnx_convert.report.model import Artifact, Machine, ModelReport, Report, Tool
from onnx_convert.spec.load import LoadedSpec, load
from onnx_convert.stages.values import Counterpart

NET = """[models.net]
source = "net.py:Net"
framework = "pytorch"
weights = "net.npz"
inputs.x = { shape = ["batch", 3] }
"""
OTHER = NET.replace("models.net", "models.other")


def repository(root: Path, spec: str = NET) -> LoadedSpec:
    (root / "lib").mkdir(parents=True, exist_ok=True)
    (root / "net.py").write_text("import lib.layers")
    (root / "lib" / "layers.py").write_text("width = 3")
    (root / "net.npz").write_bytes(b"weights")
    (root / "onnx-convert.toml").write_text(f"spec-version = 1\n{spec}")
    return load(root / "onnx-convert.toml", root=root)


def subject(row: Row, *digests: str) -> Subject:
    return Subject(row, frozenset({"net.py", "lib/layers.py"}), digests or ("new",), ("cpu",))


def still(tmp_path: Path, head: str = NET, base: str = NET, then: Callable[[Path], object] | None = None) -> bool:
    """Whether a row is what it was, after something was done to the base."""
    now, before = repository(tmp_path / "head", head), repository(tmp_path / "base", base)
    if then:
        then(before.root)
    ((row, *_), (other, *_)) = (make_plan(one) for one in (now, before))
    return unchanged(now, subject(row), before, other)


def test_a_row_from_the_same_entry_and_files_is_unchanged(tmp_path: Path) -> None:
    assert still(tmp_path)


@pytest.mark.parametrize("file", ["net.py", "lib/layers.py", "net.npz"])
@pytest.mark.parametrize("what", ["changed", "gone", "of the same size"])
def test_a_file_that_was_read_or_declared_makes_it_another(tmp_path: Path, file: str, what: str) -> None:
    def spoil(root: Path) -> None:
        content = (root / file).read_bytes()
        (root / file).unlink()
        if what != "gone":
            (root / file).write_bytes(content[::-1] if what == "of the same size" else b"another")

    now, before = repository(tmp_path / "head"), repository(tmp_path / "base")
    (row,), (other,) = make_plan(now), make_plan(before)
    spoil(before.root)
    assert not unchanged(now, subject(row), before, other)


def test_a_file_that_nobody_read_may_change(tmp_path: Path) -> None:
    assert still(tmp_path, then=lambda root: (root / "README.md").write_text("new"))


@pytest.mark.parametrize(
    "line",
    [
        "opset = 18",
        'exporter = "dynamo"',
        "simplify = false",
        "args = { width = 4 }",
        "parity = { rtol = 0.1 }",
        "parity = { samples = 9 }",
        "dims = { batch = [2] }",
        "export-options = { do_constant_folding = false }",
    ],
)
def test_what_decides_the_artifact_makes_it_another(tmp_path: Path, line: str) -> None:
    assert not still(tmp_path, NET, f"{NET}{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "benchmark = false",
        'benchmark = { providers = ["cpu", "openvino"], seconds = 9 }',
        'timeout = "1m"',
        'memory = "1GiB"',
        "parity = { max-mismatch = 0.5 }",
        "provider-options.cpu = { a = 1 }",
        'variants = ["fp16"]',
        "opset = 17",
        "opset = [17]",
    ],
)
def test_what_only_judges_or_measures_it_does_not(tmp_path: Path, line: str) -> None:
    assert still(tmp_path, NET, f"{NET}{line}\n")


def test_a_link_that_leads_out_of_the_repository_is_a_doubt(tmp_path: Path) -> None:
    def link(root: Path) -> None:
        (root / "net.npz").unlink()
        (tmp_path / "net.npz").write_bytes(b"weights")
        (root / "net.npz").symlink_to(tmp_path / "net.npz")

    now, before = repository(tmp_path / "head"), repository(tmp_path / "base")
    (row,), (other,) = make_plan(now), make_plan(before)
    link(before.root)
    assert not unchanged(now, subject(row), before, other)


class Base:
    """A base whose rows are known only where a test says so."""

    def __init__(self, tmp_path: Path, head: str, base: str, known: dict[str, Counterpart] | None = None) -> None:
        self.head, before = repository(tmp_path / "head", head), repository(tmp_path / "base", base)
        (before.root / "lib" / "layers.py").write_text("width = 4")  # nothing is unchanged
        self.before, self.rows = before, {row.key: row for row in make_plan(self.head)}
        commit = CommitBase("a1b2c3d", "a1b2c3d", before, make_plan(before))
        self.matcher = Matcher(self.head, self.rows, commit, (known or {}).get)

    def settled(self, key: str, *digests: str) -> tuple[str, str | None] | None:
        found = self.matcher.settle(subject(self.rows[key], *digests))
        return (found.comparison.status, found.comparison.base) if found else None

    def wanted(self, key: str) -> tuple[str, ...]:
        return self.matcher.wanted(subject(self.rows[key]))


def counterpart(key: str, *digests: str) -> Counterpart:
    row = ModelReport(name=key, framework="pytorch", opset=17, status="passed" if digests else "error")
    files = tuple(Path(f"{key}.onnx{position}") for position, _ in enumerate(digests))
    return Counterpart(row, files, digests, None if digests else "it raised ValueError")


def test_a_row_that_changed_is_open_until_the_base_is_converted(tmp_path: Path) -> None:
    base = Base(tmp_path, NET, NET)
    assert (base.settled("net"), base.wanted("net")) == (None, ("net",))
    base.matcher.learn(counterpart("net", "old"))
    assert (base.settled("net", "new"), base.wanted("net")) == (("compared", None), ())


def test_the_same_digest_is_identical_and_external_data_counts(tmp_path: Path) -> None:
    base = Base(tmp_path, NET, NET, {"net": counterpart("net", "graph", "weights")})
    assert base.settled("net", "graph", "weights") == ("identical", None)
    assert base.settled("net", "graph", "other weights") == ("compared", None)
    found = base.matcher.settle(subject(base.rows["net"], "graph", "weights"))
    assert found is not None
    (latency,) = found.comparison.latency
    assert (latency.provider, latency.verdict, latency.ratio) == ("cpu", "identical", None)


def test_a_base_that_failed_says_why(tmp_path: Path) -> None:
    base = Base(tmp_path, NET, NET, {"net": counterpart("net")})
    found = base.matcher.settle(subject(base.rows["net"]))
    assert found is not None
    assert (found.comparison.status, found.comparison.reason) == ("failed", "it raised ValueError")


def test_a_new_name_with_an_old_digest_is_a_renamed_row(tmp_path: Path) -> None:
    base = Base(tmp_path, OTHER, NET, {"net": counterpart("net", "same")})
    assert base.settled("other", "same") == ("identical", "net")
    assert base.settled("other", "another") == ("new", None)


def test_a_new_name_waits_for_the_rows_that_it_could_have_been(tmp_path: Path) -> None:
    base = Base(tmp_path, OTHER, NET)
    assert (base.settled("other"), base.wanted("other")) == (None, ("net",))


def test_a_row_of_another_framework_or_variant_is_not_a_candidate(tmp_path: Path) -> None:
    onnx = '[models.old]\nsource = "net.onnx"\n'
    for folder in ("head", "base"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "net.onnx").touch()
    base = Base(tmp_path, OTHER, onnx)
    assert (base.settled("other"), base.wanted("other")) == (("new", None), ())


def test_a_row_that_the_head_still_has_was_not_renamed(tmp_path: Path) -> None:
    base = Base(tmp_path, NET + OTHER, NET, {"net": counterpart("net", "same")})
    assert base.settled("other", "same") == ("new", None)


def test_a_new_name_for_the_same_entry_and_files_needs_no_conversion(tmp_path: Path) -> None:
    base = Base(tmp_path, OTHER, NET)
    (base.before.root / "lib" / "layers.py").write_text("width = 3")
    assert base.settled("other") == ("identical", "net")


def test_deleted_rows_are_those_that_nobody_is_now(tmp_path: Path) -> None:
    base = Base(tmp_path, OTHER, NET + NET.replace("models.net", "models.gone"), {
        "net": counterpart("net", "same"), "gone": counterpart("gone", "gone"),
    })  # fmt: skip
    found = base.matcher.settle(subject(base.rows["other"], "same"))
    assert found is not None
    row = ModelReport(name="other", framework="pytorch", opset=17, status="passed", comparison=found.comparison)
    assert base.matcher.deleted([row]) == ("gone",)
    assert base.matcher.deleted([row.model_copy(update={"comparison": None})]) == ("net", "gone")


def test_the_rows_of_a_folder_are_those_of_its_report(tmp_path: Path) -> None:
    head = repository(tmp_path)
    (row,) = make_plan(head)
    artifact = Artifact(path="models/net/net.onnx", bytes=1, sha256="0", opsets={}, ir_version=8, nodes=1)
    reported = ModelReport(name="net", framework="pytorch", opset=17, status="passed", artifact=artifact)
    machine = Machine(cpu="", cores=1, memory_bytes=1, platform="", python="")
    report = Report(
        tool=Tool(version="1"),
        conclusion="success",
        machine=machine,
        spec="",
        started="",
        models=(reported, reported.model_copy(update={"name": "gone"})),
    )
    base = FolderBase("out", tmp_path / "out", report)
    matcher = Matcher(head, ["net"], base, {"net": replace(counterpart("net", "old"), row=reported)}.get)
    found = matcher.settle(subject(row))
    assert found is not None
    assert (found.comparison.status, found.comparison.baseline) == ("compared", "out")
    assert matcher.deleted([]) == ("gone",)
