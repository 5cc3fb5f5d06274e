"""What `run` does of a spec."""

from __future__ import annotations

import argparse
import hashlib
from typing import TYPE_CHECKING

import pytest

from onnx_convert.cli import main
from onnx_convert.plan import UnknownModelError, make_plan
from onnx_convert.scale import select
from onnx_convert.scale.call import add_selection, shard
from onnx_convert.scale.refusal import RefusedError
from tests.unit.scale.sample import providers, spec

if TYPE_CHECKING:
    from pathlib import Path

    from onnx_convert.scale.select import Selection
    from onnx_convert.spec.load import LoadedSpec

MODELS = {"a": providers("cpu"), "b": providers("cpu", "tensorrt"), "c": "benchmark = false"}


def selected(loaded: LoadedSpec, *arguments: str) -> Selection:
    parser = argparse.ArgumentParser()
    add_selection(parser)
    return select.select(parser.parse_args(arguments), loaded)


def test_without_options_all_models_are_done_on_all_providers(tmp_path: Path) -> None:
    assert selected(spec(tmp_path, MODELS)) == select.Selection(())


def test_shards_share_all_models_out(tmp_path: Path) -> None:
    loaded = spec(tmp_path, [f"m{n}" for n in range(11)])
    parts = [selected(loaded, "--shard", f"{n}/4") for n in range(1, 5)]
    assert sorted(name for part in parts for name in part.models) == sorted(loaded.spec.models)
    for index, one in enumerate(parts, 1):
        assert one.shard is not None
        assert (one.shard.index, one.shard.count, one.shard.models) == (index, 4, one.models)
        assert one.shard.spec_models == tuple(loaded.spec.models)
        assert one.shard.spec_sha256 == hashlib.sha256(loaded.path.read_bytes()).hexdigest()


def test_with_models_given_the_shard_is_only_recorded(tmp_path: Path) -> None:
    found = selected(spec(tmp_path, MODELS), "--shard", "2/9", "--model", "c", "--model", "a", "--model", "c")
    assert found.models == ("a", "c")
    assert found.shard is not None
    assert found.shard.models == ("a", "c")


def test_an_unknown_model_of_a_shard_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError, match='did you mean "a"'):
        selected(spec(tmp_path, MODELS), "--shard", "2/9", "--model", "aa")


def test_a_shard_beyond_the_models_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="shard 4/4 has no models: the spec has 3") as refused:
        selected(spec(tmp_path, MODELS), "--shard", "4/4")
    assert refused.value.diagnostic.code == "OCA763"


def test_providers_restrict_what_is_measured_of_each_model(tmp_path: Path) -> None:
    loaded = spec(tmp_path, MODELS)
    found = selected(loaded, "--provider", "tensorrt", "--shard", "1/1")
    rows = found.restricted(make_plan(loaded))
    assert [row.model.benchmark and row.model.benchmark.providers for row in rows] == [(), ("tensorrt",), False]
    assert found.shard is not None
    assert found.shard.providers == ("tensorrt",)


def test_without_providers_rows_are_as_they_were(tmp_path: Path) -> None:
    loaded = spec(tmp_path, MODELS)
    assert selected(loaded).restricted(make_plan(loaded)) == make_plan(loaded)


def test_a_provider_that_no_model_lists_is_refused_with_the_closest_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded = spec(tmp_path, MODELS)
    assert main(["run", str(loaded.path), "--provider", "tensor-rt", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "error[OCA762]: no model of the spec lists the provider 'tensor-rt'" in said
    assert "did you mean 'tensorrt'?" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["", "3", "0/3", "4/3", "1/0", "1/257", "-1/3", "1/3/5", "a/b", "\u0661/3", "1 / 3"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not I/N, such as 3/9"):
        shard(text)
