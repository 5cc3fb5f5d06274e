"""Environments, really built; from pip's configured sources as on any machine. The interpreter's own cache helps."""

from __future__ import annotations

import os
import runpy
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from onnx_convert.environments import Environment, EnvironmentFailed, Environments
from onnx_convert.environments.build import STAMP
from onnx_convert.isolation import Fence, Limits, hostile, users

pytestmark = pytest.mark.integration

VERSIONS = (
    "import sys, importlib, json; print(json.dumps({n: importlib.import_module(n).__version__ for n in sys.argv[1:]}))"
)


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A folder that other users can enter, so that a layer is built as one of them where that is possible."""
    folder = Path(tempfile.mkdtemp(prefix="onnx-convert-test-"))
    folder.chmod(0o755)
    yield folder
    hostile.remove(folder)


@pytest.fixture
def requirements(root: Path, request: pytest.FixtureRequest) -> Path:
    """A model's requirements file, empty, that other users can read."""
    folder = root / request.node.name
    folder.mkdir()
    return folder / "requirements.txt"


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def environments(root: Path, said: list[str]) -> Environments:
    return Environments(root, environ=os.environ, say=said.append, prebuilt=())


@pytest.fixture(scope="module")
def sklearn(environments: Environments) -> Environment:
    return environments.get("sklearn")


def python(environment: Environment, code: str, *arguments: str) -> str:
    search = {"PYTHONPATH": os.pathsep.join(map(str, environment.layers))}
    done = subprocess.run(
        [environment.python, "-c", code, *arguments], env=search, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_an_environment_is_built_once_and_found_afterwards(
    environments: Environments, sklearn: Environment, said: list[str]
) -> None:
    assert any(line.startswith("sklearn: environment ready") for line in said)
    before = len(said)
    assert environments.get("sklearn") == sklearn
    assert len(said) == before


def test_it_holds_what_is_locked(sklearn: Environment, environments: Environments) -> None:
    (found,) = [each for each in environments.installed() if each.name == "sklearn"]
    assert f'"skl2onnx": "{found.versions["skl2onnx"]}"' in python(sklearn, VERSIONS, "skl2onnx", "sklearn", "onnx")
    assert found.digest == sklearn.digest


def test_other_users_can_read_all_of_it(sklearn: Environment) -> None:
    for folder, _, files in os.walk(sklearn.python.parents[1]):
        assert Path(folder).stat().st_mode & 0o005 == 0o005, folder
        for name in files:
            mode = Path(folder, name).lstat().st_mode
            assert stat.S_ISLNK(mode) or mode & stat.S_IROTH, name


def test_skl2onnx_works_with_the_locked_versions(sklearn: Environment) -> None:
    code = (
        "import numpy as np; from sklearn.ensemble import *; from skl2onnx import to_onnx\n"
        "x = np.random.default_rng(0).normal(size=(60, 4)).astype('float32'); y = (x[:, 0] > 0).astype('int64')\n"
        "for kind in (HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier):\n"
        "    print(to_onnx(kind().fit(x, y), x[:1], target_opset=17).opset_import[0].domain != 'none')\n"
    )
    assert python(sklearn, code).split() == ["True"] * 3


def test_a_template_of_it_forks_jobs(sklearn: Environment, root: Path) -> None:
    worker = root / "worker.py"
    worker.write_text("def main(job):\n    import sklearn\n    return {'version': sklearn.__version__}\n")
    with Fence(root / "work", environ=os.environ) as fence:
        outcome = fence.run(sklearn, str(worker), {}, Limits(seconds=120))
    assert outcome.failure is None
    assert outcome.result is not None


def test_a_models_requirements_are_a_layer_that_repeats_nothing(
    environments: Environments, sklearn: Environment, requirements: Path
) -> None:
    requirements.write_text("toolz\nscikit-learn\n")
    environment = environments.get("sklearn", requirements)
    (layer,) = environment.layers
    names = {path.name.split("-")[0] for path in layer.glob("*.dist-info")}
    assert names == {"toolz"}
    assert environment.digest != sklearn.digest
    assert "toolz" in python(environment, VERSIONS, "toolz", "numpy")


def test_requirements_that_conflict_are_refused_with_uvs_reason(environments: Environments, requirements: Path) -> None:
    requirements.write_text("scikit-learn<1\n")
    with pytest.raises(EnvironmentFailed) as failed:
        environments.get("sklearn", requirements)
    assert failed.value.diagnostic.code == "OCA003"
    assert "scikit-learn" in failed.value.diagnostic.message
    assert "requirements.txt" in failed.value.diagnostic.message


def test_requirements_that_only_we_can_read_are_installed_too(environments: Environments, requirements: Path) -> None:
    requirements.write_text("toolz\n")
    requirements.chmod(0o600)
    (layer,) = environments.get("onnx", requirements).layers
    assert (layer / "toolz" / "__init__.py").exists()


def test_a_source_package_is_built_without_a_secret_of_ours(root: Path, requirements: Path) -> None:
    package = requirements.parent / "package"
    package.mkdir()
    (package / "pyproject.toml").write_text('[project]\nname = "nosy"\nversion = "1"\n')
    (package / "setup.py").write_text(
        "import os, setuptools\n"
        "open('nosy.py', 'w').write(f'UID = {os.getuid()}\\nSEEN = {sorted(os.environ)!r}\\n')\n"
        "setuptools.setup(py_modules=['nosy'])\n"
    )
    requirements.write_text(f"{package}\n")
    for path in (package, *package.iterdir()):
        path.chmod(0o777)
    environments = Environments(root, environ={**os.environ, "GITHUB_TOKEN": "secret"}, say=lambda _: None, prebuilt=())
    (layer,) = environments.get("onnx", requirements).layers
    found = runpy.run_path(str(layer / "nosy.py"))
    if users.available() is None:
        assert found["UID"] in users.UIDS
        assert "GITHUB_TOKEN" not in found["SEEN"]


def test_requirements_that_are_missing_are_named(environments: Environments, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match="cannot be read: No such file"):
        environments.get("sklearn", tmp_path / "gone.txt")


def test_a_build_that_was_broken_off_is_built_anew(environments: Environments, root: Path) -> None:
    folder = environments.get("onnx").python.parents[1]
    (folder / STAMP).unlink()
    (folder / "half").write_text("x")
    environments.get("onnx")
    assert (folder / STAMP).exists()
    assert not (folder / "half").exists()


def test_two_at_once_build_one(root: Path) -> None:
    said: list[str] = []
    environments = Environments(root / "two", environ=os.environ, say=said.append, prebuilt=())
    threads = [threading.Thread(target=environments.get, args=("onnx",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([line for line in said if "environment ready" in line]) == 1


def test_an_index_that_cannot_be_reached_is_a_diagnostic(root: Path) -> None:
    environ = {
        **os.environ,
        "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple",
        "UV_NO_CACHE": "1",
        "UV_HTTP_RETRIES": "0",
    }
    environ |= {"PIP_CONFIG_FILE": "/dev/null"}
    environments = Environments(root / "unreachable", environ=environ, say=lambda _: None, prebuilt=())
    with pytest.raises(EnvironmentFailed) as failed:
        environments.get("onnx")
    assert failed.value.diagnostic.code == "OCA001"
    assert list((root / "unreachable" / "environments").iterdir()) == []


def test_a_root_that_cannot_be_written_is_a_diagnostic(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    environments = Environments(tmp_path / "file" / "cache", environ=os.environ, say=lambda _: None, prebuilt=())
    with pytest.raises(EnvironmentFailed) as failed:
        environments.get("onnx")
    assert failed.value.diagnostic.code == "OCA006"


def test_pytorch_is_its_cpu_build_without_cuda_packages(environments: Environments, requirements: Path) -> None:
    environment = environments.get("pytorch")
    assert python(environment, "import torch; print(torch.version.cuda)").strip() == "None"
    requirements.write_text("efficientnet-lite-pytorch\n")  # requires torch
    (layer,) = environments.get("pytorch", requirements).layers
    assert {path.name.split("-")[0] for path in layer.glob("*.dist-info")} == {"efficientnet_lite_pytorch"}
