"""Sources of the form `file.py:callable`: import the file, call the callable with the spec's `args`."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import sys
from contextlib import suppress
from functools import reduce
from typing import TYPE_CHECKING, Any

from onnx_convert.workers.protocol import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import ModuleType


def build(path: Path, symbol: str, args: Mapping[str, Any], ready: Callable[[object], bool]) -> object:
    """What `symbol` of the file returns when it is called with `args`, or the symbol itself if it is `ready`.

    Raises WorkerError OCA201 for a symbol that is not there, OCA202 for arguments that do not fit, OCA203 for
    something that cannot be called. What the user's code raises passes through.
    """
    module = import_file(path)
    target = _attribute(module, path, symbol)
    if ready(target) and not inspect.isclass(target):
        return target
    if not callable(target):
        message = f"`{symbol}` in {path.name} is of type {type(target).__name__}, which cannot be called"
        raise WorkerError("OCA203", message)
    _check_arguments(target, symbol, args)
    return target(**args)


def import_file(path: Path) -> ModuleType:
    """Run a file as a module under a name that hides no other module; one that was run already is not run again."""
    for loaded in list(sys.modules.values()):
        if getattr(loaded, "__dict__", {}).get("__file__") == str(path):  # asking a lazy module itself may import it
            return loaded
    name = f"_onnx_convert_source_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise WorkerError("OCA204", f"{path.name} is not a Python file", "give `file.py:callable`")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickles look their module up while it is being run
    spec.loader.exec_module(module)
    return module


def import_shared(path: Path, root: Path) -> ModuleType:
    """The same for a file that the model imports too: under the names it has from `root` and from its own folder.

    Run twice, it would define its operators twice.
    """
    below = path.relative_to(root).with_suffix("").parts if path.is_relative_to(root) else ()
    names = [name for name in dict.fromkeys((path.stem, ".".join(below))) if name and _is_at(name, path)]
    module = importlib.import_module(names[0]) if names else import_file(path)
    for name in names:
        sys.modules.setdefault(name, module)
    return module


def _is_at(name: str, path: Path) -> bool:
    with suppress(ImportError, ValueError):
        found = importlib.util.find_spec(name)
        return found is not None and found.origin == str(path)
    return False


def _attribute(module: ModuleType, path: Path, symbol: str) -> object:
    try:
        return reduce(getattr, symbol.split("."), module)
    except AttributeError:
        names = [name for name in vars(module) if not name.startswith("_")]
        close = difflib.get_close_matches(symbol, names, n=1)
        hint = f"did you mean `{close[0]}`?" if close else f"it has: {', '.join(sorted(names)[:10]) or 'nothing'}"
        raise WorkerError("OCA201", f"{path.name} has no `{symbol}`", hint) from None


def _check_arguments(target: Callable[..., object], symbol: str, args: Mapping[str, Any]) -> None:
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):
        return  # built-in callables have none; calling them will tell
    try:
        signature.bind(**args)
    except TypeError as error:
        message = f"`args` do not fit `{symbol}{signature}`: {error}"
        raise WorkerError(
            "OCA202", message, "give `args` the parameters without a default, under their names"
        ) from None
