"""Why two runs of a module on the same inputs differ: operators that draw random numbers, and state that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN = (bool, int, float, str, type(None))
_NAMED = 5


class _Drawing(TorchDispatchMode):  # type: ignore[misc] # torch has no types where this is checked
    """Collects the operators that PyTorch itself tags as depending on its random generator."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if torch.Tag.nondeterministic_seeded in func.tags:
            self.names[str(func.overloadpacket)] = None
        return func(*args, **(kwargs or {}))


def explain(model: Any, call: Callable[[], object]) -> str | None:
    """What is known of the difference after one more run, as a sentence's end; None if nothing is."""
    before = _state(model)
    with torch.no_grad(), _Drawing() as drawing:
        call()
    after = _state(model)
    changed = [name for name, value in after.items() if before.get(name) != value]
    reasons = []
    if drawing.names:
        reasons.append(f"it draws random numbers with {_first(list(drawing.names))}")
    if changed:
        reasons.append(f"each run changes {_first(changed)}")
    return " and ".join(reasons) or None


def _state(model: Any) -> dict[str, Any]:
    """Versions of buffers, which every change in place raises, and plain attributes of all submodules."""
    state: dict[str, Any] = {name: (id(buffer), buffer._version) for name, buffer in model.named_buffers()}
    if isinstance(model, torch.jit.ScriptModule):
        return state
    for prefix, part in model.named_modules():
        for name, value in vars(part).items():
            if isinstance(value, _PLAIN) and not name.startswith("_"):
                state[f"{prefix}.{name}" if prefix else name] = value
            elif isinstance(value, list | dict | set):
                state[f"{prefix}.{name}" if prefix else name] = len(value)
    return state


def _first(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(f"`{name}`" for name in names[:_NAMED]) + more
