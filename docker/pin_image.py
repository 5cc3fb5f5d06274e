"""Make action.yml name the image by its digest, as released versions do.

    python3 docker/pin_image.py v1.2.3 ghcr.io/org/onnx-convert-action@sha256:...

On the main branch `uses:` builds the image from the Dockerfile. A released action.yml names, by its digest, the image
that was built from the same commit, tried and attested. So whoever pins the action by commit has pinned every byte that
runs, and nobody waits for a build. Runs on any Python 3.11, with nothing installed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]

_BUILT = re.compile(r"^( +)image: Dockerfile$", re.MULTILINE)
_BY_DIGEST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}")
_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


class PinError(ValueError):
    """What is to be released does not fit together; the text says what."""


def pinned(action: str, image: str) -> str:
    """The text of action.yml with the image `registry/name@sha256:…` in the Dockerfile's place. Raises PinError."""
    if not _BY_DIGEST.fullmatch(image):
        raise PinError(f"{image!r} names no image by digest: registry/name@sha256: and 64 hexadecimal digits")
    changed, count = _BUILT.subn(rf"\1image: docker://{image}", action)
    if count != 1:
        raise PinError(f"action.yml has {count} lines `image: Dockerfile`, not one")
    return changed


def check_version(tag: str, source: str) -> None:
    """Raises PinError unless `tag` is `v` and the version that the package's `source` declares."""
    found = _VERSION.search(source)
    if found is None or tag != f"v{found[1]}":
        raise PinError(f"the tag is {tag!r}, and the package's version is {found[1] if found else 'missing'!r}")


def main(arguments: list[str]) -> int:
    """Rewrite this project's action.yml; the exit code is 2, and nothing is written, where something does not fit."""
    try:
        tag, image = arguments
        check_version(tag, (PROJECT / "src/onnx_convert/__init__.py").read_text("utf-8"))
        text = pinned((PROJECT / "action.yml").read_text("utf-8"), image)
    except PinError as error:
        print(f"pin_image: {error}", file=sys.stderr)
        return 2
    (PROJECT / "action.yml").write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
