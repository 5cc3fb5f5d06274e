"""The command line: what it prints, its exit codes, and what it does not import."""

import shutil
import subprocess
import sys

import pytest

from onnx_convert.cli import main

GOOD = 'spec-version = 1\n\n[models.tiny]\nsource = "model.py:build"\ninputs.x = { shape = ["batch", 4] }\n'


@pytest.fixture
def repository(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "model.py").write_text("import torch\n\n\ndef build():\n    return torch.nn.Linear(4, 3)\n")
    (tmp_path / "onnx-convert.toml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments", [["--help"], ["check"], ["explain", "OCA901"], ["--version"], ["plan", "--shards", "2"]]
)
def test_commands_that_convert_nothing_import_no_numerics(repository, arguments):
    code = (
        "import sys\nfrom onnx_convert.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'onnx', 'onnxruntime', 'torch', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=repository, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_check_says_ok(repository, capsys):
    assert main(["check"]) == 0
    assert "1 model, ok" in capsys.readouterr().out


def test_check_of_a_wrong_spec_shows_the_line_and_exits_2(repository, capsys):
    (repository / "onnx-convert.toml").write_text(GOOD.replace("source", "sorce"))
    assert main(["check"]) == 2
    error = capsys.readouterr().err
    assert "onnx-convert.toml:4:1" in error
    assert "source" in error
    assert "Traceback" not in error


def test_a_spec_that_is_not_there_is_said(repository, capsys):
    assert main(["run", "nowhere.toml"]) == 2
    assert "nowhere.toml" in capsys.readouterr().err


def test_an_unknown_model_is_answered_with_the_closest_one(repository, capsys):
    assert main(["run", "--model", "tini"]) == 2
    assert 'did you mean "tiny"?' in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["rum"], ["run", "--jobs", "0"], ["run", "--jobs", "many"], ["env"]])
def test_a_wrong_call_exits_2(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_explain_prints_cause_and_remedy(capsys):
    assert main(["explain", "oca902"]) == 0
    printed = capsys.readouterr().out
    assert "interrupted" in printed


def test_explain_of_an_unknown_code_names_close_ones(capsys):
    assert main(["explain", "OCA9O2"]) == 2
    assert "OCA902" in capsys.readouterr().err


def test_init_writes_a_spec_once(repository, capsys):
    (repository / "onnx-convert.toml").unlink()
    assert main(["init"]) == 0
    assert (repository / "onnx-convert.toml").read_text().startswith("#") or "spec-version = 1" in (
        repository / "onnx-convert.toml"
    ).read_text()
    assert main(["init"]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["init", "--force"]) == 0


def test_env_build_of_an_unknown_framework_names_the_known_ones(capsys, tmp_path):
    assert main(["env", "build", "caffe", "--cache-dir", str(tmp_path)]) == 2
    assert "pytorch" in capsys.readouterr().err


@pytest.mark.parametrize("asked", ["mian", "--out", "no/such/folder", "onnx-convert.toml"])
def test_a_baseline_that_is_neither_a_commit_nor_a_folder_exits_2(repository, asked, capsys):
    shutil.rmtree(repository / ".git")
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.invalid"]
        subprocess.run(["git", *identity, *arguments], cwd=repository, check=True)
    assert main(["run", f"--baseline={asked}"]) == 2
    said = capsys.readouterr().err
    assert f'error: "{asked}" is neither a commit nor a folder with a report.json' in said
    assert asked != "mian" or "did you mean main?" in said


@pytest.mark.parametrize("size", ["2", "two GB", "-1GB", ""])
def test_a_size_of_the_cache_has_a_unit(repository, size, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["run", f"--cache-size={size}"])
    assert ended.value.code == 2
    assert 'a size is a number with a unit, such as "512MB" or "4GiB"' in capsys.readouterr().err


def test_a_wrong_size_of_the_cache_in_the_environment_is_said(repository, monkeypatch, capsys):
    monkeypatch.setenv("ONNX_CONVERT_CACHE_SIZE", "plenty")
    assert main(["run"]) == 2
    assert "ONNX_CONVERT_CACHE_SIZE='plenty': a size is a number with a unit" in capsys.readouterr().err
