"""What GitHub did not do, as a diagnostic with the permission that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from github import BadCredentialsException, GithubException, RateLimitExceededException

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.patience import kind_of

if TYPE_CHECKING:
    from onnx_convert.github.permission import Permission
    from onnx_convert.report.model import Diagnostic


class RefusedError(Exception):
    """Something was not done on GitHub; `diagnostic` says why, `permission` what would have to be granted."""

    def __init__(self, diagnostic: Diagnostic, permission: Permission | None = None) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.permission = permission


def refused(error: Exception, permission: Permission) -> RefusedError:
    """The refusal that a failed request is, when it was made to do what `permission` is for."""
    what = f"could not {permission.purpose}"
    if not isinstance(error, GithubException):
        return RefusedError(diagnose("OCA700", f"{what}: {_reason(error)}"))
    said = f"GitHub said {error.status}, {message_of(error) or 'without a reason'}"
    if isinstance(error, RateLimitExceededException) or kind_of(error) == "not done":
        return RefusedError(diagnose("OCA703", f"{what}: {said}"))
    if error.status >= 500:
        return RefusedError(diagnose("OCA700", f"{what}: {said}"))
    if isinstance(error, BadCredentialsException) or error.status == 401:
        return RefusedError(diagnose("OCA701", f"{what}: {said}"))
    if error.status in {403, 404}:
        return RefusedError(
            diagnose("OCA702", f"{what}: {said}; the token lacks `{permission.key}: {permission.level}`"), permission
        )
    return RefusedError(diagnose("OCA704", f"{what}: {said}"))


def message_of(error: GithubException) -> str:
    """What GitHub said, with the messages of its `errors`, in one line of at most 500 characters."""
    data = error.data if isinstance(error.data, dict) else {}
    errors = data.get("errors")
    single = [
        str(one.get("message") or one.get("code") or "") if isinstance(one, dict) else str(one)
        for one in (errors if isinstance(errors, list) else [])
    ]
    return " ".join(": ".join(filter(None, (str(data.get("message") or ""), *single))).split())[:500]


def _reason(error: Exception) -> str:
    # The text of requests' exceptions holds addresses and object ids, which help nobody.
    names = {"ConnectTimeout": "it did not answer in time", "ReadTimeout": "it did not answer in time"}
    names |= {"JSONDecodeError": "its answer broke off", "ChunkedEncodingError": "its answer broke off"}
    return names.get(type(error).__name__, "it could not be reached")
