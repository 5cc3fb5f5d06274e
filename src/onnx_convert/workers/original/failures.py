"""What a user reads when code of a model raises: the error in one line and where in their repository it arose."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_LIMIT = 400
"""Characters of an exception's message that are shown."""

_NO_MEMORY = ("can't allocate memory", "cannot allocate memory", "Unable to allocate", "std::bad_alloc")


def shorten(text: str, limit: int = LINE_LIMIT) -> str:
    """The first line that says something, at most `limit` characters."""
    line = next((stripped for line in text.splitlines() if (stripped := line.strip())), "")
    return line if len(line) <= limit else line[: limit - 1] + "…"


def both_ends(text: str) -> str:
    """The first line that says something, and the last two where there are more: tools differ in where they say it."""
    first, *rest = [line for line in text.splitlines() if line.strip()] or [""]
    last = " ".join(shorten(line, LINE_LIMIT // 2) for line in rest[-2:])
    return shorten(first) + (f" … {last}" if last else "")


def place(error: BaseException, repository: Path) -> str | None:
    """`file:line` of the innermost frame that is code of the repository, None if there is none."""
    found = None
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(repository) and "site-packages" not in path.parts:
            found = f"{path.relative_to(repository)}:{frame.lineno}"
    return found


def describe(error: BaseException, repository: Path) -> str:
    """`RuntimeError: what it says (models/cnn.py:12)`."""
    try:
        text = both_ends(str(error))
    except Exception:  # an exception of the user's may not even be printable
        text = ""
    name = type(error).__name__
    where = place(error, repository)
    return (f"{name}: {text}" if text else name) + (f" ({where})" if where else "")


@contextmanager
def guarded(code: str, doing: str, repository: Path) -> Iterator[None]:
    """Turn whatever is raised inside into a WorkerError of `code`; "`doing` raised RuntimeError: …".

    A WorkerError passes as it is, and so does the lack of memory, which the fence knows by name. `sys.exit` counts as
    an error: a model has no business ending the process. A missing module has a code of its own (OCA229).
    """
    try:
        yield
    except (WorkerError, MemoryError):
        raise
    except ModuleNotFoundError as error:
        raise missing_module(error, repository) from error
    except (Exception, SystemExit) as error:
        if any(sign in str(error) for sign in _NO_MEMORY):
            raise MemoryError(shorten(str(error))) from error
        raise WorkerError(code, f"{doing} raised {describe(error, repository)}") from error


def missing_module(error: ModuleNotFoundError, repository: Path) -> WorkerError:
    """OCA229 with the module's name and the remedy."""
    module = (error.name or "?").partition(".")[0]
    where = place(error, repository)
    return WorkerError(
        "OCA229",
        f"the module `{error.name}` is not installed in the model's environment" + (f" ({where})" if where else ""),
        f"name a pip requirements file that has the package of `{module}` under the model's `requirements`",
    )
