"""What a worker is seen to read. Each runs in a process of its own, since an audit hook cannot be taken off."""

import json
import subprocess
import sys

import pytest

BEGIN = """
import ctypes, glob, importlib, importlib.metadata, json, mmap, os, sqlite3, subprocess, sys
from pathlib import Path
from onnx_convert.workers.process.reads import Reads
root = sys.argv[1]
os.chdir(root)
sys.path.append(root)
sys.dont_write_bytecode = True
reads = Reads(root, (root + "/.venv",))
"""
END = "\nprint(json.dumps(reads.files()))"


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "weights").mkdir()
    (tmp_path / ".venv").mkdir()
    for name in ("data.txt", "weights/a.bin", "weights/b.bin", ".venv/installed.py"):
        (tmp_path / name).write_text("text")
    (tmp_path / "helper.py").write_text("VALUE = 7")
    return tmp_path


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("open('data.txt').close()", ["data.txt"]),
        ("Path(root, 'weights', 'a.bin').read_bytes()", ["weights/a.bin"]),
        ("os.close(os.open(b'data.txt', os.O_RDONLY))", ["data.txt"]),
        ("import helper", ["helper.py"]),
        ("open('new.txt', 'w').close()", []),
        ("open('.venv/installed.py').close()", []),
        ("os.path.exists('data.txt')", []),
        ("open('/etc/hostname').close()", []),
    ],
)
def test_files_that_are_opened_or_imported(repository, code, seen):
    assert found(repository, code) == seen


def test_a_file_that_was_looked_for_and_is_not_there(repository):
    assert found(repository, "try: open('settings.json')\nexcept OSError: pass") == ["settings.json"]


@pytest.mark.parametrize(
    "code",
    [
        "glob.glob('weights/*.bin')",
        "list(Path('weights').iterdir())",
        "os.listdir('weights')",
        "next(os.walk('weights'))",
    ],
)
def test_a_folder_that_is_listed(repository, code):
    assert found(repository, code) == ["weights/"]


def test_the_repository_itself_when_it_is_listed(repository):
    assert found(repository, "os.listdir()") == ["./"]


@pytest.mark.parametrize(
    "code",
    [
        "importlib.import_module('helper')",
        "importlib.metadata.version('pydantic')",
        "try: import nowhere\nexcept ImportError: pass",
    ],
)
def test_looking_for_a_module_or_a_package_lists_nothing(repository, code):
    assert [name for name in found(repository, code) if name.endswith("/")] == []


def test_a_module_that_the_models_own_code_looked_for_and_is_not_there(repository):
    (repository / "package").mkdir()
    (repository / "package" / "__init__.py").touch()
    lines = [
        f"try: import {name}\nexcept ImportError: pass\n"
        for name in ("nowhere", "package.nothing", "json.nothing", "helper")
    ]
    (repository / "model.py").write_text("".join(lines))
    assert found(repository, "import model\ntry: import unheard_of\nexcept ImportError: pass") == [
        "helper.py",
        "model.py",
        "nowhere.py",
        "nowhere/__init__.py",
        "package/__init__.py",
        "package/nothing.py",
        "package/nothing/__init__.py",
    ]


def test_a_module_that_is_no_file_is_none(repository):
    code = "module = type(sys)('made'); module.__file__ = '_ops.py'; sys.modules['made'] = module"
    assert found(repository, code) == []


def test_a_database_a_library_and_a_program(repository):
    (repository / "run.sh").write_text("#!/bin/sh\n")
    (repository / "run.sh").chmod(0o755)
    code = """
sqlite3.connect('data.db').close()
try: ctypes.CDLL(root + '/weights/a.bin')
except OSError: pass
subprocess.run([root + '/run.sh', 'data.txt'])
"""
    assert found(repository, code) == ["data.db", "data.txt", "run.sh", "weights/a.bin"]


def test_what_is_still_mapped_or_open_at_the_end_whoever_opened_it(repository):
    """As native code does it: libc's own open() raises no audit event."""
    code = """
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
descriptor = libc.open(b'weights/a.bin', 0)
libc.mmap(None, 4, mmap.PROT_READ, mmap.MAP_PRIVATE, descriptor, 0)
libc.close(descriptor)
libc.open(b'weights/b.bin', 0)
libc.close(libc.open(b'data.txt', 0))
"""
    assert found(repository, code) == ["weights/a.bin", "weights/b.bin"]


@pytest.mark.parametrize("name", ["b'\\\\xff'", "'\\\\udcff'", "'a\\\\0b'", "3000", "object()"])
def test_a_name_that_is_none_does_no_harm(repository, name):
    assert "data.txt" in found(repository, f"try: open({name})\nexcept Exception: pass\nopen('data.txt').close()")


def found(repository, code):
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code + END, str(repository)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
