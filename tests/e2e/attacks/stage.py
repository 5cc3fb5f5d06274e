"""Where attacks take place: a repository with everything planted in it, what is to be had around it, and its spec."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onnx_convert.environments import Environments, default_root
from tests.e2e import engine
from tests.e2e.attacks.catalogue import FILES, Attack

HERE = Path(__file__).parent / "repository"
SECRET = "ghs_s3cret"
MODULES = (
    "numpy",
    "onnx",
    "onnxruntime",
    "sklearn",
    "json",
    "onnx_convert",
    "sitecustomize",
    "usercustomize",
    "conftest",
)
DATA = {"zip-bomb": "npz", "array-of-objects": "npy", "array-that-claims": "npy"}

COMMANDS = ("env", "output", "path", "summary")


@dataclass(frozen=True, slots=True)
class Stage:
    """The folders of one run: the repository, what only root may read or write, and what is open to all."""

    folder: Path

    @property
    def repository(self) -> Path:
        """The checkout that the pull request changed."""
        return self.folder / "repository"

    @property
    def loot(self) -> Path:
        """A folder that every user may write to; what was planted leaves a file here where it is run."""
        return self.folder / "loot"

    @property
    def runner(self) -> Path:
        """The runner's command files, as open as a careless runner leaves them."""
        return self.folder / "runner"

    def places(self) -> dict[str, str]:
        """Where attacks find what they are after, by name."""
        own = {name: str(self.runner / name) for name in COMMANDS}
        return own | {
            "event": str(self.runner / "event.json"),
            "temp": str(self.folder / "temp"),
            "home": str(self.folder / "home"),
            "docker": str(self.folder / "docker.sock"),
            "out": str(self.folder / "repository-out"),
            "cache": str(self.folder / "cache"),
            "shadow": str(self.folder / "shadow"),
            "readable": str(self.folder / "readable"),
        }

    def variables(self) -> dict[str, str]:
        """What the runner tells of itself in the command's environment."""
        return {
            "GITHUB_TOKEN": SECRET,
            "ACTIONS_RUNTIME_TOKEN": SECRET,
            "HTTPS_PROXY_PASSWORD": SECRET,
            "GITHUB_ENV": str(self.runner / "env"),
            "GITHUB_OUTPUT": str(self.runner / "output"),
            "GITHUB_PATH": str(self.runner / "path"),
            "GITHUB_STEP_SUMMARY": str(self.runner / "summary"),
            "GITHUB_EVENT_PATH": str(self.runner / "event.json"),
            "RUNNER_TEMP": str(self.folder / "temp"),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        }

    def untouched(self) -> dict[str, str]:
        """The files that nothing may have changed, with their content."""
        kept = [self.repository / "open/victim.txt", *(self.runner / name for name in COMMANDS)]
        return {path.name: path.read_text() for path in kept}


def build(
    folder: Path, attacks: Iterable[Attack], places: dict[str, str] | None = None, loot: str | None = None
) -> Stage:
    """Make all that there is to attack below an empty folder that other users can enter.

    `places` and `loot` say where attacks find it if that is not where it is made.
    """
    stage = Stage(folder)
    repository = stage.repository
    shutil.copytree(HERE, repository, ignore=shutil.ignore_patterns("__pycache__"))
    for path, mode in {stage.loot: 0o777, stage.runner: 0o777, folder / "temp": 0o755, folder / "home": 0o700}.items():
        path.mkdir()
        path.chmod(mode)
    for name in COMMANDS:
        (stage.runner / name).touch()
        (stage.runner / name).chmod(0o666)
    (stage.runner / "event.json").write_text(json.dumps({"client_payload": SECRET}))
    (folder / "temp/git-credentials-1.config").write_text(_extraheader())
    (folder / "home/.netrc").write_text(SECRET)
    (folder / "shadow").write_text(SECRET)
    (folder / "shadow").chmod(0o600)
    (folder / "readable").write_text("readable")
    (folder / "cache").mkdir()
    (folder / "cache/environments").symlink_to(default_root(os.environ) / "environments")
    _plant(stage, loot or str(stage.loot))
    (repository / "places.json").write_text(json.dumps(places or stage.places()))
    (repository / "onnx-convert.toml").write_text(spec(attacks))
    files = repository / "files"
    files.mkdir()
    python = Environments(default_root(os.environ), environ=os.environ, say=print).get("onnx").python
    subprocess.run([python, "-P", HERE.with_name("make.py"), files], cwd="/", check=True)
    engine.commit(repository)
    with (repository / ".git/config").open("a") as config:
        config.write(_extraheader())
    return stage


def spec(attacks: Iterable[Attack]) -> str:
    """A spec of all attacks, between two models that they must not disturb."""
    own = {attack.name for attack in FILES.attacks}
    parts = [
        "spec-version = 1\n\n[defaults]\nparity = { samples = 1 }\nbenchmark = false\nsimplify = false",
        'timeout = "60s"',
        _model("good-first", "attack.py:good"),
    ]
    for attack in attacks:
        more = dict(attack.spec)
        source = f"attack.py:{attack.symbol}" if attack.name not in own else f"files/{attack.name}.onnx"
        if attack.name in DATA:
            source, more["data"] = "attack.py:good", f"files/{attack.name}.{DATA[attack.name]}"
        if attack.name == "pickle":
            source = "files/pickle.pkl"
        parts.append(_model(attack.name, source, more))
    return "\n".join((*parts, _model("good-last", "attack.py:good"))) + "\n"


def _model(name: str, source: str, more: dict[str, object] | None = None) -> str:
    keys = dict(more or {})
    data = f', data = "{keys.pop("data")}"' if "data" in keys else ""
    lines = [f"\n[models.{name}]", f'source = "{source}"']
    if not source.endswith(".onnx"):
        lines += ['framework = "sklearn"', f'inputs.x = {{ shape = ["batch", 4], dtype = "float32"{data} }}']
    return "\n".join([*lines, *(f"{key} = {_toml(value)}" for key, value in keys.items())])


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value)


def _plant(stage: Stage, loot: str) -> None:
    """Files that tell, in a folder that every user may write to, that somebody ran them."""
    tell = f"import os\nopen({loot!r} + '/' + __name__ + str(os.getuid()), 'w')\nraise SystemExit('planted')\n"
    for name in MODULES:
        (stage.repository / f"{name}.py").write_text(tell)
    (stage.repository / "planted.pth").write_text("import planted_by_pth\n")
    (stage.repository / "planted_by_pth.py").write_text(tell)
    (stage.repository / "uv.toml").write_text('index-url = "http://127.0.0.1:9/planted"\n')
    (stage.repository / "settings.ini").symlink_to(".git/config")
    (stage.repository / "open").mkdir()
    (stage.repository / "open").chmod(0o777)
    (stage.repository / "open/victim.txt").write_text("victim")
    (stage.repository / "open/victim.txt").chmod(0o666)
    wheel = stage.repository / "helper-1.0-py3-none-any.whl"
    about = "helper-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("sklearn/__init__.py", "numpy/__init__.py", "scipy/__init__.py", "threadpoolctl.py"):
            archive.writestr(name, tell)
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: helper\nVersion: 1.0\n")
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    (stage.repository / "requirements.txt").write_text(f"{wheel}\n")


def _extraheader() -> str:
    return f'\n[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic {SECRET}\n'


def listen(path: Path) -> socket.socket:
    """A socket as Docker's is, at which nothing may arrive."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    path.chmod(0o660)
    server.listen()
    server.setblocking(False)
    return server


def judge(row: dict[str, Any], attack: Attack) -> None:
    """Assert that an attack got nowhere and that its row says so, or that there is nothing to say."""
    found = [(one["code"], one["message"]) for one in row["diagnostics"]]
    assert not [message for _, message in found if "Escaped" in message]
    if attack.code is None:
        assert row["status"] == "passed", found
    else:
        said = [message for code, message in found if code.startswith(attack.code)]
        assert [message for message in said if re.search(attack.says, message)], found
