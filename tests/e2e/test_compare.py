"""`onnx-convert compare` as a person types it, on real files and output folders."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper, parser

from onnx_convert.report.model import Report
from tests.e2e import command

QUICK = ("--seconds", "0.2")


@dataclass(frozen=True, slots=True)
class Compared:
    """How the command ended: exit code, standard output, error output, and the report it wrote."""

    code: int
    out: str
    err: str
    report: dict[str, Any]

    @property
    def row(self) -> dict[str, Any]:
        (row,) = self.report["models"]
        return dict(row)

    @property
    def errors(self) -> set[str]:
        return {one["code"] for one in self.row["diagnostics"] if one["severity"] == "error"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that other users cannot enter, and no repository: where a person's files are."""
    with tempfile.TemporaryDirectory(prefix="onnx-convert-compare-test-") as made:
        assert Path(made).stat().st_mode & 0o077 == 0
        yield Path(made)


def write(path: Path, layers: int = 2, *, x: str = "x", shape: str = "batch, 64", seed: int = 0, **how: Any) -> Path:
    """A network of `layers` linear layers of 64 units, each with the identity for weights."""
    lines = [f"m{i} = MatMul(h{i}, w) h{i + 1} = Add(m{i}, b)" for i in range(layers)]
    rows = shape.split(",", maxsplit=1)[0]
    text = (
        f'<ir_version: 8, opset_import: ["": {how.get("opset", 17)}]> net (float[{shape}] {x}) => '
        f"(float[{rows}, 64] {how.get('y', 'y')}) "
        f"{{ h0 = Identity({x}) {' '.join(lines)} {how.get('y', 'y')} = Relu(h{layers}) }}"
    )
    model = parser.parse_model(text)
    bias = np.random.default_rng(seed).normal(size=64).astype(np.float32)
    for name, array in (("w", np.eye(64, dtype=np.float32)), ("b", bias * (0 if how.get("flat") else 1))):
        model.graph.initializer.append(numpy_helper.from_array(array, name))
    beside = {"save_as_external_data": True, "location": f"{path.name}.data", "size_threshold": 0}
    onnx.save(model, path, **(beside if how.get("external") else {}))
    return path


@pytest.fixture(scope="module")
def model(folder: Path) -> Path:
    return write(folder / "base.onnx", flat=True)


def start(*arguments: Any, folder: Path, **more: str) -> Compared:
    told = folder / "told.json"
    told.unlink(missing_ok=True)
    called = [sys.executable, "-m", "onnx_convert", "compare", *map(str, arguments), "--json", str(told)]
    done = subprocess.run(called, cwd=folder, env=command.environ(**more), capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    report = json.loads(told.read_text()) if told.exists() else {}
    if report:
        Report.model_validate_json(told.read_text())
    return Compared(done.returncode, done.stdout, done.stderr, report)


@pytest.fixture(scope="module")
def compare(folder: Path) -> Callable[..., Compared]:
    return lambda *arguments, **more: start(*arguments, folder=folder, **more)


def test_the_same_bytes_are_identical_and_not_measured(
    compare: Callable[..., Compared], folder: Path, model: Path
) -> None:
    copy = shutil.copy(model, folder / "copy.onnx")
    ended = compare(model, copy, "--provider", "cpu")
    assert ended.code == 0
    assert ended.out.splitlines()[-1].startswith("✓ identical")
    comparison = ended.row["comparison"]
    assert comparison["status"] == "identical"
    (latency,) = comparison["latency"]
    assert (latency["verdict"], latency["ratio"], latency["base_ms"]) == ("identical", None, None)


def test_a_network_many_times_as_deep_agrees_and_is_slower(
    compare: Callable[..., Compared], folder: Path, model: Path
) -> None:
    deep = write(folder / "deep.onnx", 64, flat=True)
    ended = compare(model, deep, "--dim", "batch=64", "--threads", "1", "--seconds", "8")
    assert ended.row["parity"]["status"] == "passed"
    comparison = ended.row["comparison"]
    assert comparison["nodes"] == [6, 130]
    assert comparison["operators"]["MatMul"] == [2, 64]
    (latency,) = comparison["latency"]
    assert latency["verdict"] == "slower"
    assert ended.errors == {"OCA650"}
    assert ended.code == 1
    assert "slower beyond the limit" in ended.out
    assert "head/" in ended.out  # the picture
    assert "deep.onnx: slower on cpu" in ended.err


def test_on_a_terminal_the_estimate_so_far_can_be_watched(folder: Path, model: Path) -> None:
    deep = write(folder / "deep.onnx", 64, flat=True)
    called = [sys.executable, "-m", "onnx_convert", "compare", str(model), str(deep), "--seconds", "2"]
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    environ = command.environ(CI="", GITHUB_ACTIONS="", TERM="xterm")
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        process = subprocess.Popen(called, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        text = b""
        with suppress(OSError):  # how Linux says that nobody holds the other end any more
            while piece := terminal.read(2**16):
                text += piece
        assert process.wait() == 1
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text.decode())
    assert "waiting" in shown
    assert re.search(r"cpu +[\d.]+ .s +[\d.]+ .s +\+.*% .*latency: \w+ so far, .* s", shown)
    assert "confirmation" in shown


def test_what_is_slower_within_the_limit_passes(compare: Callable[..., Compared], folder: Path, model: Path) -> None:
    deep = write(folder / "deep.onnx", 64, flat=True)
    ended = compare(
        model, deep, "--dim", "batch=64", "--threads", "1", "--seconds", "2", "--max-latency-increase", "10000%"
    )
    assert ended.code == 0
    assert ended.errors == set()


def test_other_results_fail_and_are_named(compare: Callable[..., Compared], folder: Path, model: Path) -> None:
    ended = compare(model, write(folder / "other.onnx", seed=1), *QUICK)
    assert ended.code == 1
    assert "OCA501" in ended.errors
    assert 'output "y" differs from' in ended.out
    assert ended.row["comparison"]["parity"][1] > 0.1


def test_a_tolerance_allows_what_it_says(compare: Callable[..., Compared], folder: Path, model: Path) -> None:
    other = write(folder / "other.onnx", seed=1)
    assert compare(model, other, *QUICK, "--atol", "100", "--max-latency-increase", "1000%").code == 0


def test_sizes_of_dynamic_dimensions_are_chosen_and_said_or_given(
    compare: Callable[..., Compared], folder: Path, model: Path
) -> None:
    newer = write(folder / "newer.onnx", flat=True, opset=18)
    limit = ("--max-latency-increase", "1000%")
    chosen = compare(model, newer, *QUICK, *limit)
    assert {case["dims"]["batch"] for case in chosen.row["parity"]["cases"]} == {1, 4}
    assert "at batch=1; batch=4 (--dim batch=SIZE for others)" in " ".join(chosen.out.split())
    assert chosen.row["comparison"]["opsets"] == {"ai.onnx": [17, 18]}
    given = compare(model, newer, *QUICK, *limit, "--dim", "batch=3")
    assert [case["dims"] for case in given.row["parity"]["cases"]] == [{"batch": 3}]
    assert given.code == 0


def test_what_the_head_fixes_is_the_size_that_is_compared(
    compare: Callable[..., Compared], folder: Path, model: Path
) -> None:
    fixed = write(folder / "fixed.onnx", flat=True, shape="2, 64")
    ended = compare(model, fixed, *QUICK, "--max-latency-increase", "1000%")
    assert [case["dims"] for case in ended.row["parity"]["cases"]] == [{"batch": 2}]
    assert ended.code == 0


def test_real_samples_are_what_is_compared(compare: Callable[..., Compared], folder: Path, model: Path) -> None:
    """Below minus ten, where Relu cuts everything off, the two biases cannot be told from each other."""
    np.save(folder / "low.npy", np.full((8, 64), -100, np.float32))
    other = write(folder / "other.onnx", seed=1)
    ended = compare(model, other, *QUICK, "--data", "x=low.npy", "--max-latency-increase", "1000%")
    assert ended.row["parity"]["status"] == "passed"


def test_outputs_of_other_names_are_compared_by_position_and_that_is_said(
    compare: Callable[..., Compared], folder: Path, model: Path
) -> None:
    renamed = write(folder / "renamed.onnx", flat=True, y="logits")
    ended = compare(model, renamed, *QUICK, "--max-latency-increase", "1000%")
    assert ended.code == 0
    assert "OCA663" in {one["code"] for one in ended.row["diagnostics"]}
    assert "y with logits" in ended.out


def test_weights_beside_the_file_come_along_and_count_for_identity(
    compare: Callable[..., Compared], folder: Path, model: Path
) -> None:
    """onnx.save writes external data for its owner only."""
    for name in ("one", "two"):
        (folder / name).mkdir(exist_ok=True)
    one = write(folder / "one" / "net.onnx", flat=True, external=True)
    two = write(folder / "two" / "net.onnx", seed=1, external=True)
    assert one.read_bytes() == two.read_bytes()
    same = compare(one, model, *QUICK, "--max-latency-increase", "1000%")
    assert (same.code, same.row["comparison"]["status"]) == (0, "compared")
    assert "OCA501" in compare(one, two, *QUICK).errors


def test_a_file_that_is_named_may_be_a_link_and_its_weights_may_not(
    compare: Callable[..., Compared], folder: Path, model: Path
) -> None:
    (folder / "link.onnx").symlink_to(model)
    assert compare(folder / "link.onnx", model).out.splitlines()[-1].startswith("✓ identical")
    (folder / "linked").mkdir()
    linked = write(folder / "linked" / "net.onnx", external=True)
    data = folder / "linked" / "net.onnx.data"
    data.rename(folder / "elsewhere")
    data.symlink_to(folder / "elsewhere")
    ended = compare(model, linked)
    assert ended.code == 2
    assert "OCA660" in ended.err
    assert "net.onnx.data is a symbolic link" in ended.err


@pytest.mark.parametrize("location", ["../secret", "/etc/hostname", "missing.data"])
def test_weights_outside_the_folder_or_missing_are_a_wrong_call(
    compare: Callable[..., Compared], folder: Path, model: Path, location: str
) -> None:
    at = folder / "outside"
    shutil.rmtree(at, ignore_errors=True)
    at.mkdir()
    (folder / "secret").write_bytes(b"0" * 20_000)
    path = write(at / "net.onnx", external=True)
    written = onnx.load(path, load_external_data=False)
    for tensor in written.graph.initializer:
        next(entry for entry in tensor.external_data if entry.key == "location").value = location
    path.write_bytes(written.SerializeToString())
    ended = compare(model, path)
    assert ended.code == 2
    assert "OCA660" in ended.err
    assert location in ended.err


def test_other_inputs_are_a_wrong_call_that_names_them(
    compare: Callable[..., Compared], folder: Path, model: Path
) -> None:
    ended = compare(model, write(folder / "inputs.onnx", x="image"))
    assert ended.code == 2
    assert "OCA661" in ended.err
    assert "only the head has `image` (float32[batch, 64]); only the base has `x`" in ended.err


def test_a_dimension_that_is_not_there_is_a_wrong_call(
    compare: Callable[..., Compared], folder: Path, model: Path
) -> None:
    ended = compare(model, write(folder / "other.onnx", seed=1), "--dim", "bach=3")
    assert ended.code == 2
    assert "OCA662" in ended.err
    assert "its dynamic dimensions are batch" in ended.err


@pytest.mark.parametrize("content", [b"", b"GIF89a, not a model", None])
def test_a_file_that_is_no_model_or_cut_off_is_a_wrong_call(
    compare: Callable[..., Compared], folder: Path, model: Path, content: bytes | None
) -> None:
    broken = folder / "broken.onnx"
    broken.write_bytes(model.read_bytes()[:-100] if content is None else content)
    ended = compare(model, broken)
    assert ended.code == 2
    assert "OCA351" in ended.err
    assert "broken.onnx: " in ended.err


def test_a_path_that_is_not_there_is_a_wrong_call(compare: Callable[..., Compared], folder: Path, model: Path) -> None:
    for other, said in (("gone.onnx", "gone.onnx is not there"), (folder, "is a folder and"), ("told", "not there")):
        ended = compare(model, other)
        assert ended.code == 2
        assert "OCA660" in ended.err
        assert said in ended.err
    assert "no output folder" in compare(folder, folder).err


def test_a_provider_that_is_not_there_fails_and_has_no_number(
    compare: Callable[..., Compared], folder: Path, model: Path
) -> None:
    ended = compare(model, write(folder / "newer.onnx", flat=True, opset=18), "--provider", "qnn", *QUICK)
    assert ended.code == 1
    assert "OCA601" in ended.errors
    (latency,) = ended.row["comparison"]["latency"]
    assert (latency["ratio"], latency["base_ms"]) == (None, None)


def test_what_is_around_the_models_has_an_exit_code_of_its_own(
    compare: Callable[..., Compared], folder: Path, model: Path
) -> None:
    ended = compare(model, model, "--cache-dir", "/proc/no-such-place")
    assert ended.code == 3
    assert "error[OCA006]" in ended.err
    called = [sys.executable, "-m", "onnx_convert", "compare", str(model), str(model), "--json", "nowhere/told.json"]
    done = subprocess.run(called, cwd=folder, env=command.environ(), capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "error[OCA905]" in done.stderr


def test_nothing_is_left_behind_when_it_is_interrupted(folder: Path, model: Path) -> None:
    deep, own = write(folder / "deep.onnx", 64, flat=True), folder / "tmp"
    own.mkdir()
    own.chmod(0o711)
    called = [sys.executable, "-m", "onnx_convert", "compare", str(model), str(deep), "--seconds", "60"]
    environ = command.environ(TMPDIR=str(own))
    process = subprocess.Popen(called, cwd=folder, env=environ, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    said = [process.stderr.readline() for _ in range(3)]
    assert said[-1] == f"{deep}: latency on cpu\n"
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert process.stderr.read().endswith("interrupted\n")
    process.stderr.close()
    assert list(own.iterdir()) == []


@pytest.fixture(scope="module")
def outputs(folder: Path) -> tuple[Path, Path]:
    """Two output folders: of the same spec, before and after a model was made deeper, one renamed and one broken."""
    made = []
    for name, layers, last in (("before", 2, "old"), ("after", 3, "new")):
        repository = folder / name
        repository.mkdir()
        write(repository / "same.onnx", flat=True)
        write(repository / "deeper.onnx", layers, flat=True)
        write(repository / "broken.onnx", flat=True, seed=layers)
        tables = "".join(
            f'[models.{model}]\nsource = "{file}.onnx"\n'
            for model, file in (("same", "same"), ("deeper", "deeper"), ("broken", "broken"), (last, "same"))
        )
        spec = f"spec-version = 1\n[defaults]\nbenchmark = false\nsimplify = false\n{tables}"
        (repository / "onnx-convert.toml").write_text(spec)
        ended = command.run(repository, "--no-cache")
        assert ended.code == 0, ended.output
        made.append(ended.out)
    (made[1] / "models/broken/broken.onnx").write_bytes(b"something else")
    return made[0], made[1]


def test_folders_are_compared_row_by_row(compare: Callable[..., Compared], outputs: tuple[Path, Path]) -> None:
    ended = compare(*outputs, *QUICK, "--max-latency-increase", "10000%")
    rows = {row["name"]: row for row in ended.report["models"]}
    assert {name: row["comparison"]["status"] for name, row in rows.items()} == {
        "same": "identical",
        "deeper": "compared",
        "broken": "failed",
        "new": "new",
    }
    assert rows["deeper"]["parity"]["status"] == "passed"
    assert [one["provider"] for one in rows["deeper"]["comparison"]["latency"]] == ["cpu"]
    assert [one["code"] for one in rows["broken"]["diagnostics"]] == ["OCA664"]
    assert "is not the file that its report tells of" in " ".join(ended.out.split())
    assert ended.report["baseline"]["deleted"] == ["old"]
    assert "only in the head: new" in ended.out
    assert "only in the base: old" in ended.out
    assert ended.code == 1
