"""What fuzzing found stays mended, and a little of it is done anew: always the same, in seconds."""

from __future__ import annotations

import pytest

from tests.fuzz import corpus, engines
from tests.fuzz.__main__ import main, run
from tests.fuzz.targets import find, names

RUNS = 40
SEED = 0
IN_PROCESS = [name for name in names() if not getattr(find(name), "NATIVE", False)]
NATIVE = [name for name in names() if name not in IN_PROCESS]


@pytest.mark.parametrize("target", IN_PROCESS)
def test_every_input_of_the_corpus_is_taken_or_refused(target: str) -> None:
    assert engines.replay(target, corpus.inputs(target)) > 0


@pytest.mark.parametrize("target", IN_PROCESS)
def test_new_inputs_are_taken_or_refused(target: str) -> None:
    assert engines.by_hypothesis(target, RUNS, 600, SEED) >= RUNS // 2


@pytest.mark.parametrize("target", NATIVE)
def test_files_of_models_are_taken_or_refused_without_a_crash(target: str) -> None:
    files = [str(file) for file in corpus.inputs(target)]
    assert files
    assert main([target, "--replay", *files]) == 0
    found = run(target, "hypothesis", RUNS, 600, SEED, keep=False)
    assert found.defect == ""
    assert found.executions >= RUNS // 2


def test_the_corpus_is_small() -> None:
    files = [file for file in corpus.CORPUS.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 2**20
    assert {file.parent.name for file in files} == {*names()}


def test_a_crash_is_found_kept_and_said(tmp_path, monkeypatch, capfd) -> None:
    monkeypatch.setattr(corpus, "CRASHES", tmp_path)
    monkeypatch.setattr(find("paths"), "one", lambda data: 1 / (data.count(b"..") == 0))
    with pytest.raises(ZeroDivisionError):
        engines.by_hypothesis("paths", 500, 600, SEED)
    [kept] = tmp_path.iterdir()
    assert kept.read_bytes() == b".."


def test_a_run_by_coverage_counts_what_it_did() -> None:
    pytest.importorskip("atheris")
    found = run("result", "atheris", 200, 60, SEED, keep=False)
    assert found.defect == ""
    assert found.executions >= 200
    assert found.coverage is not None
    assert found.coverage[1] > 50
