"""What OpenVINO is told by either door, and what is kept of what it says."""

import json

from onnx_convert.runtimes.openvino.settings import comparable, plugin_options, without_places


def cpu_of(options):
    told, _ = plugin_options(options, 3)
    return json.loads(told["load_config"])["CPU"]


def test_both_doors_compute_in_float32_with_the_same_threads_one_request_at_a_time():
    assert comparable(3) == {"INFERENCE_NUM_THREADS": 3, "NUM_STREAMS": "1", "INFERENCE_PRECISION_HINT": "f32"}
    assert cpu_of({}) == comparable(3)


def test_properties_of_the_user_win_one_by_one():
    given = {"load_config": {"CPU": {"INFERENCE_PRECISION_HINT": "bf16"}, "GPU": {"NUM_STREAMS": "2"}}}
    assert cpu_of(given) == {**comparable(3), "INFERENCE_PRECISION_HINT": "bf16"}
    assert json.loads(plugin_options(given, 3)[0]["load_config"])["GPU"] == {"NUM_STREAMS": "2"}


def test_a_configuration_that_is_text_and_other_options_are_passed_as_they_are():
    told, _ = plugin_options({"load_config": '{"CPU": {}}', "cache_dir": "cache"}, 3)
    assert told == {"load_config": '{"CPU": {}}', "cache_dir": "cache"}


def test_the_device_is_the_cpu_unless_it_is_named_and_no_option_of_the_plug_in():
    assert plugin_options({}, 1)[1] == "CPU"
    told, device = plugin_options({"device": "GPU"}, 1)
    assert (device, "device" in told) == ("GPU", False)


def test_a_message_has_no_places_in_somebody_elses_sources():
    said = (
        "Exception from src/inference/src/cpp/infer_request.cpp:67:\n"
        "Check 'shape.compatible(ov::PartialShape(tensor->get_shape()))' failed at src/plugins/intel_cpu/x.cpp:385:\n"
        "Can't set the input tensor with index: 0, because the model input (shape=[]) and the tensor are incompatible"
    )
    assert without_places(said) == (
        "Can't set the input tensor with index: 0, because the model input (shape=[]) and the tensor are incompatible"
    )
