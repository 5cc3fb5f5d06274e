"""Each framework's image: its environment built from its lock in a clean container, and a model converted there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from onnx_convert.environments import locks
from tests.e2e import engine
from tests.support import fragments, harness

pytestmark = [pytest.mark.container, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module", params=["tensorflow", "jax", "mxnet"])
def framework(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def image(client: str, project: Path, framework: str) -> Iterator[str]:
    tag = f"{engine.IMAGE}-{framework}"
    build = [client, "build", "--target", framework, "--tag", tag, str(project)]
    built = subprocess.run(build, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert built.returncode == 0, built.stdout[-5000:]
    yield tag
    subprocess.run([client, "rmi", "--force", tag], capture_output=True, check=False)


def run(client: str, image: str, *arguments: str, mounts: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """`onnx-convert` in a fresh container that reaches no network."""
    volumes = [part for mount in mounts for part in ("--volume", mount)]
    command = [client, "run", "--network", "none", *volumes, "--entrypoint", "onnx-convert", image, *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def test_the_environment_has_the_versions_of_its_lock_and_a_size(client: str, image: str, framework: str) -> None:
    listed = run(client, image, "env", "list").stdout
    # A lock has versions for other platforms and Pythons too.
    locked = {f"{each.name} {each.version}" for each in locks.parse(locks.lock_of(framework))}
    own = re.split(rf"^(?={framework} )|^(?=onnx )", listed, flags=re.MULTILINE)
    (lines,) = [part for part in own if part.startswith(f"{framework} ")]
    shown = {" ".join(pair) for pair in re.findall(r"([a-z][\w-]+) (\d[\w.]+)", lines)}
    assert shown <= locked
    assert len(shown) >= 3
    assert " MB" in listed


def test_a_model_of_the_support_matrix_converts_with_nothing_to_be_fetched(
    client: str, image: str, framework: str
) -> None:
    parts = fragments.read([framework])
    name = next(iter(parts[0].forms))
    with harness.repository(parts) as root:
        (root / harness.SPEC).write_text(fragments.join(parts, opsets=[17]))
        mounts = (f"{root}:/repository:ro",)
        asked = ("run", f"/repository/{harness.SPEC}", "--model", name, "--out", "/out", "--no-cache")
        ended = run(client, image, *asked, mounts=mounts)
    assert f"{name}: passed" in ended.stdout, ended.stdout
    assert "building its environment" not in ended.stdout
