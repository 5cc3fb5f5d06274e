"""Which folders are the shards of one run; everything else is refused by name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from onnx_convert.report.model import Report, Tool
from onnx_convert.report.write import to_json
from onnx_convert.scale.gather import gather
from onnx_convert.scale.refusal import RefusedError
from tests.unit.report.sample import HOSTILE, report, row
from tests.unit.scale.sample import SPEC, lay, lay_all, on_gpu, shard, with_gpu

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def two(**second: Any) -> list[Report]:
    """A run of two shards, the second with something else."""
    return [shard(1, 2, ("a", "c")), shard(2, 2, ("b", "d"), **second)]


def refused(folders: Sequence[Path]) -> tuple[str, str]:
    """The code and the message that folders are refused with."""
    with pytest.raises(RefusedError) as found:
        gather(folders)
    return found.value.diagnostic.code, found.value.diagnostic.message


def test_output_folders_and_folders_of_them_are_found_in_the_order_of_the_shards(tmp_path: Path) -> None:
    one, other = lay_all(two(), tmp_path)
    (tmp_path / "notes.txt").write_text("no shard")
    for folders in ([one, other], [other, one], [tmp_path], [tmp_path, one]):
        assert [source.folder for source in gather(folders)] == [one, other]


def test_models_on_cpus_and_on_gpus_are_one_run(tmp_path: Path) -> None:
    assert len(gather(lay_all(with_gpu(), tmp_path))) == 2


def test_missing_shards_are_named_with_the_models_that_were_not_done(tmp_path: Path) -> None:
    lay(shard(2, 4, ("b",)), tmp_path / "two")
    lay(shard(4, 4, ("d",)), tmp_path / "four")
    assert refused([tmp_path]) == ("OCA771", "2 of 4 shards are missing: 1/4, 3/4; not done: a, c")


def test_a_missing_gpu_shard_is_named(tmp_path: Path) -> None:
    lay(with_gpu()[0], tmp_path / "one")
    expected = "1 of 2 shards are missing: 2/2; every model was done, but not on all of its providers"
    assert refused([tmp_path]) == ("OCA771", expected)


def test_models_that_no_shard_was_asked_to_do_are_not_missing(tmp_path: Path) -> None:
    lay_all([shard(1, 2, ("a",)), shard(2, 2, ("b", "d"))], tmp_path)
    assert len(gather([tmp_path])) == 2


def test_a_shard_that_is_there_twice_is_named(tmp_path: Path) -> None:
    lay_all([*two(), two()[1]], tmp_path)
    code, message = refused([tmp_path])
    assert code == "OCA772"
    assert message == f"{tmp_path}/shard-2 (shard 2/2) and {tmp_path}/shard-3 are the same shard"


@pytest.mark.parametrize("providers", [(), ("cpu",)])
def test_a_model_that_two_shards_did_is_named(tmp_path: Path, providers: tuple[str, ...]) -> None:
    shards = [shard(1, 2, ("a", "b", "c"), providers=providers), shard(2, 2, ("b", "d"), providers=providers)]
    lay_all(shards, tmp_path)
    code, message = refused([tmp_path])
    assert code == "OCA772"
    assert message.endswith("both did b")


FOREIGN = {
    "spec digest": {"spec_sha256": "00" * 32},
    "commit": {"commit": "ffffffff"},
    "tool version": {"tool": Tool(version="0.9.0")},
    "spec": {"spec": "other.toml"},
    "models": {"spec_models": ("a", "b", "c", "d", "e")},
    "gates": {"fail_on": ("convert",)},
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_shard_of_another_run_is_named_with_what_differs(tmp_path: Path, what: str) -> None:
    lay_all([shard(1, 3, ("a",)), shard(2, 3, ("b",)), shard(3, 3, ("c", "d"), **FOREIGN[what])], tmp_path)
    code, message = refused([tmp_path])
    assert code == "OCA773"
    assert message.startswith(f"{tmp_path}/shard-3 (shard 3/3) is of another run:")
    assert what in message
    assert "shard-1" not in message


def test_a_shard_of_another_number_of_shards_is_named(tmp_path: Path) -> None:
    lay_all([*two(), shard(3, 3, ("c",))], tmp_path)
    assert refused([tmp_path]) == (
        "OCA773",
        f"{tmp_path}/shard-3 (shard 3/3) is of another run: number of shards 3 for 2",
    )


def test_a_shard_of_another_schema_is_named(tmp_path: Path) -> None:
    one, _ = lay_all(two(), tmp_path)
    text = (one / "report.json").read_text()
    (one / "report.json").write_text(text.replace('"schema_version": 1', '"schema_version": 2'))
    code, message = refused([tmp_path])
    assert code == "OCA770"
    assert f"{one}/report.json is not a report: schema_version" in message


def test_rows_that_are_not_of_the_shards_models_are_refused(tmp_path: Path) -> None:
    lay_all(two(rows=(row("b"), row("d"), row("a"))), tmp_path)
    assert refused([tmp_path]) == ("OCA773", f"the rows of {tmp_path}/shard-2 (shard 2/2) are not those of its models")


@pytest.mark.parametrize("name", ["../../etc", "b/../../x", ".hidden", "", "b\n::error::x", "b+../x", HOSTILE])
def test_rows_whose_names_are_not_those_of_files_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "one").mkdir()
    wrong = shard(1, 1, (name,), spec_models=(name,), rows=(row(name),))
    (tmp_path / "one" / "report.json").write_text(to_json(wrong))
    code, message = refused([tmp_path])
    assert code == "OCA770"
    assert "\n" not in message


def test_a_row_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(to_json(shard(1, 1, SPEC, rows=(*map(row, SPEC), row("a")))))
    assert refused([tmp_path])[0] == "OCA770"


@pytest.mark.parametrize("whole", [report(), report(legs=())])
def test_the_report_of_a_run_that_was_no_shard_is_refused(tmp_path: Path, whole: Report) -> None:
    (tmp_path / "report.json").write_text(to_json(whole))
    code, message = refused([tmp_path])
    assert code == "OCA770"
    assert "without --shard" in message


def test_a_folder_without_reports_is_refused(tmp_path: Path) -> None:
    assert refused([tmp_path / "nowhere"])[0] == "OCA770"
    assert refused([tmp_path]) == ("OCA770", f"neither {tmp_path} nor a folder in it has a report.json")


def test_links_to_reports_and_pipes_are_none(tmp_path: Path) -> None:
    outside = lay(shard(1, 1, SPEC), tmp_path / "outside")
    inside = tmp_path / "inside"
    (inside / "file").mkdir(parents=True)
    (inside / "file" / "report.json").symlink_to(outside / "report.json")
    (inside / "folder").symlink_to(outside)
    (inside / "pipe").mkdir()
    os.mkfifo(inside / "pipe" / "report.json")
    assert refused([inside])[0] == "OCA770"


def test_variants_and_opsets_are_rows_of_their_models(tmp_path: Path) -> None:
    rows = (row("b"), row("b+fp16"), row("d+opset15"), row("d+opset17"))
    assert len(gather(lay_all(two(rows=rows), tmp_path))) == 2


def test_a_gpu_shard_may_have_models_that_no_other_shard_has(tmp_path: Path) -> None:
    cpu = shard(1, 2, ("a", "b", "c"), providers=("cpu",))
    gpu = shard(2, 2, ("d",), providers=("tensorrt",), rows=(on_gpu("d"),))
    assert len(gather(lay_all([cpu, gpu], tmp_path))) == 2
