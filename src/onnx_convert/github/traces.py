"""Exceptions without what a traceback tells of a request: frames of HTTP clients hold its headers, and so the token.

Whoever shows a traceback with the values of its variables, or keeps an exception, shows and keeps them too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from requests import RequestException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


def without_frames(action: Callable[[], T]) -> T:
    """The result of `action`. What it raises has no frames but the caller's, and knows no request."""
    try:
        return action()
    except BaseException as error:  # an interrupt too, whose traceback shows where it came
        for one in chain(error, contexts=True):
            one.__traceback__ = None
            if isinstance(one, RequestException):
                one.request = one.response = None
        raise error.with_traceback(None)  # noqa: B904 - it is the same exception


def chain(error: BaseException, *, contexts: bool = False) -> Iterator[BaseException]:
    """An exception and what it was raised for; requests puts urllib3's into its arguments.

    With `contexts` also those that were being handled when it was raised, which need not be its causes.
    """
    seen: list[BaseException] = [error]
    for one in seen:
        inner = (one.__cause__, one.__context__ if contexts else None, getattr(one, "reason", None), *one.args)
        seen += [each for each in inner if isinstance(each, BaseException) and each not in seen]
    yield from seen
