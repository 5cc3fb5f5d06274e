"""Opening a model on TensorRT: its engines and its profiles, as ONNX Runtime is told of them without a GPU."""

from types import SimpleNamespace

import pytest

from onnx_convert.runtimes.interface import Refused
from onnx_convert.workers.artifact import engines, sessions

PROFILES = {f"trt_profile_{kind}_shapes": "x:1x3" for kind in ("min", "opt", "max")}
UNNAMED = "User needs to provide all the dynamic shape inputs with associated profiles if they want to explicitly set"


@pytest.fixture
def opened(monkeypatch):
    """The options of each session that is opened; profiles are refused with `refusal`."""
    found = []

    def runtime(refusal=None):
        def open_session(model, provider, *, options, **_):
            found.append(options)
            if refusal and PROFILES.keys() & options.keys():
                raise Refused(refusal)

        monkeypatch.setattr(sessions, "load_runtime", lambda _: SimpleNamespace(open_session=open_session))
        return found

    return runtime


def test_engines_are_built_in_the_jobs_own_folder(job, opened):
    found, work = opened(), job()
    sessions.open_model(work, b"", "tensorrt", options={"trt_fp16_enable": True})
    (options,) = found
    assert options["trt_fp16_enable"] is True
    assert options["trt_engine_cache_path"] == options["trt_timing_cache_path"] == str(work.out / "engines")


def test_engines_of_an_earlier_job_are_copied_and_not_built_upon(job, tmp_path):
    (kept := tmp_path / "kept").mkdir()
    (kept / "graph.engine").write_bytes(b"engine")
    work = job(engines=kept)
    engines.options(work)
    (work.out / "engines" / "graph.engine").write_bytes(b"changed")
    engines.options(work)
    assert (kept / "graph.engine").read_bytes() == b"engine"
    assert (work.out / "engines" / "graph.engine").read_bytes() == b"changed"


def test_whoever_switches_the_engine_cache_off_has_none(job, opened):
    found = opened()
    sessions.open_model(job(), b"", "tensorrt", options={"trt_engine_cache_enable": False})
    assert found[0]["trt_engine_cache_enable"] is False


def test_the_range_of_shapes_is_passed_on(job, opened):
    found = opened()
    sessions.open_model(job(profiles=PROFILES), b"", "tensorrt", options={})
    assert PROFILES.items() <= found[0].items()


def test_a_graph_that_is_taken_in_parts_goes_without_them_and_it_is_said_once(job, opened):
    found, work = opened(UNNAMED), job(profiles=PROFILES)
    for _ in range(2):
        sessions.open_model(work, b"", "tensorrt", options={})
    assert [bool(PROFILES.keys() & options.keys()) for options in found] == [True, False, True, False]
    assert [note["code"] for note in work.notes] == ["OCA611"]


def test_any_other_refusal_is_the_models(job, opened):
    opened("no kernel image is available")
    with pytest.raises(Refused, match="no kernel image"):
        sessions.open_model(job(profiles=PROFILES), b"", "tensorrt", options={})


def test_other_providers_know_nothing_of_engines(job, opened):
    found = opened()
    sessions.open_model(job(profiles=PROFILES), b"", "cuda", options={})
    assert found == [{}]
