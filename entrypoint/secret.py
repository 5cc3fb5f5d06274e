"""The token, taken out of the environment once and kept where no other process reads it."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from pydantic import SecretStr

from entrypoint.inputs import variable

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_PR_SET_DUMPABLE = 4


def take_token(environ: MutableMapping[str, str]) -> SecretStr:
    """The input `token`, which is in the environment no more; empty where there is none."""
    return SecretStr(environ.pop(variable("token"), "").strip())


def close_memory() -> None:
    """Close this process's memory, and the environment it was started with, to every other process.

    Deleting a variable leaves it in /proc/self/environ. A process that is not dumpable can be read by nobody without
    CAP_SYS_PTRACE, which containers do not have, root or not (prctl(2), ptrace(2)). Children are dumpable again.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
