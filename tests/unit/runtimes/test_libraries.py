"""What a provider's library lacks, by what the loader finds."""

import shutil
import subprocess

import pytest

from onnx_convert.runtimes.libraries import lacking, missing

LDD = """\
\tlinux-vdso.so.1 (0x00007ffd)
\tlibcublasLt.so.13 => not found
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
\tlibcuda.so.1 => not found
"""


def test_every_library_that_is_not_found_is_listed():
    assert missing(LDD) == ["libcublasLt.so.13", "libcuda.so.1"]


def test_what_the_loader_finds_is_not_missing():
    assert missing("\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\tstatically linked\n") == []


def test_a_provider_without_a_library_of_its_own_lacks_none(tmp_path):
    assert lacking(tmp_path, "cpu") is None


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_a_library_that_needs_another_one_is_told_which(tmp_path):
    needed, provider = tmp_path / "libneeded.so.7", tmp_path / "libonnxruntime_providers_mine.so"
    subprocess.run(["cc", "-shared", "-x", "c", "/dev/null", "-Wl,-soname,libneeded.so.7", "-o", needed], check=True)
    link = ["-Wl,--no-as-needed", needed, "-o", provider]
    subprocess.run(["cc", "-shared", "-x", "c", "/dev/null", "-x", "none", *link], check=True)
    needed.unlink()
    assert lacking(tmp_path, "mine") == "this machine lacks libneeded.so.7"
