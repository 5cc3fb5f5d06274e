"""What a catalogue entry is. Apart from the catalogue so that entries and catalogue do not import each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx_convert.report.model import Severity


@dataclass(frozen=True, slots=True)
class Entry:
    """One known failure.

    `title` names it in a few words; `cause` explains why it happens; `remedy` is what to do, in order of likelihood;
    `hint` is the one-line remedy shown beside the message; `upstream` are issues of the tool that is at fault.
    """

    code: str
    title: str
    severity: Severity
    hint: str
    cause: str
    remedy: str
    upstream: tuple[str, ...] = ()
