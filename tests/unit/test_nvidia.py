"""NVIDIA's driver and GPUs: what is missing is named, and what `nvidia-smi` prints is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.nvidia import gpus, lacking, parse
from onnx_convert.report.model import Gpu

H200 = "NVIDIA H200, 580.82.07, 143771, 345, 1980, 3201, 3201, 9.0\n"
MISSING = "libcuda.so.1: cannot open shared object file: No such file or directory"


def there(_):
    return None


def absent(_):
    return MISSING


def test_a_machine_with_driver_and_device_lacks_nothing():
    assert lacking(there, lambda path: path == "/dev/nvidiactl") is None


@pytest.mark.parametrize("device", ["/dev/dxg", "/dev/nvgpu"])
def test_other_systems_have_other_devices(device):
    assert lacking(there, lambda path: path == device) is None


def test_a_missing_driver_is_named_with_the_loaders_reason():
    assert lacking(absent, lambda _: True) == f"this machine has no NVIDIA driver ({MISSING})"


def test_a_driver_without_a_device_is_not_enough():
    assert lacking(there, lambda _: False) == "this machine has no GPU device (/dev/nvidiactl is missing)"


def test_both_are_named_where_both_are_missing():
    reason = lacking(absent, lambda _: False)
    assert reason is not None
    assert "libcuda.so.1" in reason
    assert "/dev/nvidiactl" in reason


def test_a_gpu_is_read_with_driver_memory_and_clocks():
    assert parse(H200) == (
        Gpu(
            name="NVIDIA H200",
            driver="580.82.07",
            memory_bytes=143771 * 2**20,
            clock_mhz=345,
            clock_max_mhz=1980,
            memory_clock_mhz=3201,
            memory_clock_max_mhz=3201,
            compute_capability="9.0",
        ),
    )


def test_every_gpu_is_read():
    assert [gpu.name for gpu in parse(H200 * 2)] == ["NVIDIA H200"] * 2


def test_what_the_board_does_not_tell_is_none():
    (gpu,) = parse("GRID T4, 580.1, 16384, [N/A], [Not Supported], [N/A], [N/A], [N/A]")
    assert (gpu.clock_mhz, gpu.clock_max_mhz, gpu.compute_capability) == (None, None, None)


def test_an_error_of_nvidia_smi_is_no_gpu():
    assert parse("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n") == ()


def test_without_nvidia_smi_there_is_no_gpu():
    assert gpus(lambda: "") == ()


@given(st.text())
def test_no_text_breaks_the_parser(text):
    parse(text)
