"""From the name of a commit to its merge base with HEAD, fetching history that a shallow clone lacks."""

from __future__ import annotations

import difflib
import re
import time
from typing import TYPE_CHECKING

from onnx_convert.baseline.values import BaselineError, OutOfReachError

if TYPE_CHECKING:
    from collections.abc import Callable

    from onnx_convert.baseline.repository import Answer, Repository

SECONDS = 300.0
"""How long everything that is fetched may take together."""

_DEEPER = ("--deepen=16", "--deepen=128", "--deepen=1024", "--unshallow")
"""Most pull requests are a few commits old; the whole history is the last resort."""

_HASH = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_FETCHABLE = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./#+@-]*")
"""What can stand for one thing at the remote: a name or a hash, no expression and no option."""

_REFUSED = re.compile(r"could not read|Authentication failed|terminal prompts|Permission denied|not found|\b40[134]\b")
_DEEP = "give actions/checkout `fetch-depth: 0`"


def merge_base(repository: Repository, asked: str, say: Callable[[str], None], seconds: float = SECONDS) -> str:
    """The merge base of HEAD and the commit asked for, in full. `say` is told of what is fetched.

    Raises BaselineError for what no commit is called, OutOfReachError for what this clone cannot get.
    """
    if not (inside := repository.ask("rev-parse", "--git-dir")).good:
        if (repository.root / ".git").exists():
            raise OutOfReachError(f"git refuses the repository: {inside.complaint}")
        raise BaselineError(f'"{asked}" is no folder with a report.json, and no commit: here is no git repository')
    head = repository.commit("HEAD")
    if head is None:
        raise OutOfReachError("HEAD is no commit: nothing is committed yet")
    remote = _Remote(repository, say, seconds)
    return _common(repository, remote, head, _commit(repository, remote, asked))


class _Remote:
    """Where more history comes from, as long as there is time."""

    def __init__(self, repository: Repository, say: Callable[[str], None], seconds: float) -> None:
        names = repository.ask("remote").out.split()
        self.name = "origin" if "origin" in names else next(iter(names), None)
        self._repository, self._say, self._until = repository, say, time.monotonic() + seconds

    def fetch(self, what: str, wants: str, *flags: str) -> Answer:
        """Fetch what is wanted, hashes a line each. Raises OutOfReachError without a remote or time."""
        self._say(f"fetching {what} from {self.name} for the baseline")
        # A FETCH_HEAD of the container's root could not be written by the checkout's owner in a later step.
        quiet = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head")
        return self._ask(*quiet, *flags, "--stdin", given=wants)

    def hash_of(self, name: str) -> str | None:
        """The hash of a branch, a tag or a whole name of a ref there. Raises OutOfReachError."""
        kinds = (f"refs/heads/{name}", f"refs/tags/{name}", name)
        listed = self._ask("ls-remote", "--quiet", after=kinds)
        if not listed.good:
            raise OutOfReachError(f"{name} is not in this clone, and {_refusal(self, listed)}")
        refs = {ref: found for found, _, ref in (line.partition("\t") for line in listed.out.splitlines())}
        return next((refs[kind] for kind in kinds if kind in refs), None)

    def _ask(self, *arguments: str, after: tuple[str, ...] = (), given: str = "") -> Answer:
        if self.name is None:
            raise OutOfReachError("this clone does not have enough history, and no remote to get more from")
        left = self._until - time.monotonic()
        if left <= 0:
            raise OutOfReachError(f"fetching history took too long; {_DEEP}")
        return self._repository.ask(*arguments, self.name, *after, given=given, seconds=left)


def _commit(repository: Repository, remote: _Remote, asked: str) -> str:
    """The commit asked for; from the remote where this clone does not have it."""
    if asked.startswith("-"):
        raise _unknown(repository, asked)
    found = repository.commit(asked) or repository.commit(f"refs/remotes/{remote.name}/{asked}")
    if found:
        return found
    shallow, whole = _shallow(repository), _HASH.fullmatch(asked)
    if not shallow and not whole:
        raise _unknown(repository, asked)
    if not _FETCHABLE.fullmatch(asked):
        raise OutOfReachError(f'"{asked}" is not in this shallow clone; {_DEEP}')
    wanted = asked if whole else remote.hash_of(asked)
    if wanted is None:
        raise _unknown(repository, asked)
    fetched = remote.fetch(_short(asked), wanted, *(("--depth=1",) if shallow else ()))
    found = repository.commit(wanted)
    if found is None:
        raise OutOfReachError(f"{_short(asked)} is not in this clone, and {_refusal(remote, fetched)}")
    return found


def _common(repository: Repository, remote: _Remote, head: str, commit: str) -> str:
    """The merge base, with as much more of the history as it takes."""
    for depth in (*_DEEPER, None):
        found = repository.ask("merge-base", head, commit)
        if found.good:
            return found.out.split()[0]
        if depth is None or not _shallow(repository):
            break
        # The remote has given each end before, and from there git counts; HEAD itself may be nowhere but here.
        ends = (repository.folder / "shallow").read_text("ascii")
        fetched = remote.fetch("history", ends, depth)
        if not fetched.good:
            raise OutOfReachError(f"the clone is shallow, and {_refusal(remote, fetched)}")
    raise OutOfReachError(f"HEAD and {_short(commit)} have no commit in common")


def _shallow(repository: Repository) -> bool:
    return repository.ask("rev-parse", "--is-shallow-repository").out == "true"


def _refusal(remote: _Remote, fetched: Answer) -> str:
    said = f"{remote.name} did not give it: {fetched.complaint}"
    if _REFUSED.search(fetched.complaint):
        return f"{said}; {_DEEP}, or leave its `persist-credentials` on"
    return f"{said}; {_DEEP}"


def _unknown(repository: Repository, asked: str) -> BaselineError:
    """That there is neither such a folder nor such a commit, with the names that come close."""
    listed = repository.ask("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
    names = [name for name in listed.out.splitlines() if not name.endswith("/HEAD")]
    close = difflib.get_close_matches(asked, names, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    return BaselineError(f'"{asked}" is neither a commit nor a folder with a report.json{hint}')


def _short(name: str) -> str:
    return name[:7] if _HASH.fullmatch(name) else name
