"""What a Python file defines and imports, read with `ast`; nothing in it is run."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SIZE_LIMIT = 4 * 2**20


class PythonFileError(Exception):
    """The file is not Python; the message says where and why."""


@dataclass(frozen=True, slots=True)
class PythonFile:
    """A module's names at top level and the packages it imports anywhere.

    `open` says that it may have more names than can be read: by a star import or a module `__getattr__`.
    """

    names: frozenset[str]
    packages: frozenset[str]
    open: bool


@lru_cache(maxsize=256)
def read(path: Path) -> PythonFile:
    """The facts of a file. Raises PythonFileError for one that cannot be parsed."""
    module = parse(path)
    names = frozenset(name for statement in _statements(module.body) for name in _bound(statement))
    packages = frozenset(name for statement in _statements(module.body, inner=True) for name in _packages(statement))
    return PythonFile(names - {"*"}, packages, bool(names & {"*", "__getattr__"}))


def parse(path: Path) -> ast.Module:
    """The syntax tree of a file. Raises PythonFileError."""
    try:
        data = path.read_bytes()
        if len(data) > SIZE_LIMIT:
            raise PythonFileError(f"it is larger than {SIZE_LIMIT // 2**20} MiB")
        return ast.parse(data)
    except SyntaxError as error:
        raise PythonFileError(f"line {error.lineno}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:  # NUL bytes, nesting
        raise PythonFileError(str(error) or type(error).__name__) from None
    except OSError as error:
        raise PythonFileError(str(error.strerror)) from None


def _statements(body: Sequence[ast.stmt], *, inner: bool = False) -> Iterator[ast.stmt]:
    """The statements of a block with those in `if`, `try`, `with` and loops; `inner`: and in functions and classes.

    Expressions hold no statements: not to look into them is what makes this fast. An `elif` lies inside the one before,
    as deep as there are many, so this does not recurse.
    """
    left = list(body)
    while left:
        statement = left.pop()
        yield statement
        if not inner and isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for name in ("body", "orelse", "finalbody"):
            left += getattr(statement, name, ())
        for branch in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            left += branch.body


def _bound(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Import() | ast.ImportFrom():
            yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))


def _packages(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
        yield statement.module.partition(".")[0]
