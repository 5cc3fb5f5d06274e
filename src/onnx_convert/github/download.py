"""Downloads of assets, as a stream. GitHub sends them on to its storage, which must not see the token.

PyGithub holds a download in memory whole, and follows to a few hosts only, of which an Enterprise Server's are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import requests

from onnx_convert.github.traces import without_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from onnx_convert.github.client import GitHub

T = TypeVar("T")
_CHUNK = 2**20


def download(github: GitHub, asset: int, take: Callable[[Iterator[bytes]], T]) -> T:
    """What `take` makes of the bytes of a release's asset; anew from the first byte after a fault.

    Raises one of FAULTS.
    """
    return github.requester.insist(lambda: without_frames(lambda: _once(github, asset, take)), repeatable=True)


def _once(github: GitHub, asset: int, take: Callable[[Iterator[bytes]], T]) -> T:
    context = github.context
    assert context.token is not None
    url = f"{context.api_url}/repos/{context.repository}/releases/assets/{asset}"
    headers = {"Authorization": f"Bearer {context.token.get_secret_value()}", "Accept": "application/octet-stream"}
    with requests.Session() as session:
        session.auth = lambda request: request  # else a .netrc would replace the token
        # On its way to another host or port requests takes the header away.
        with session.get(url, headers=headers, timeout=github.requester.timeout, stream=True) as answer:
            if answer.status_code >= 400:
                raise github.requester.createException(answer.status_code, dict(answer.headers), answer.reason)
            return take(answer.iter_content(_CHUNK))
