"""What GitHub did not do, as a diagnostic with the permission that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from github import BadCredentialsException, GithubException, RateLimitExceededException

from onnx_convert.diagnostics import diagnose
from onnx_convert.github.patience import kind_of

if TYPE_CHECKING:
    from onnx_convert.github.permission import Permission
    from onnx_convert.report.model import Diagnostic


class AstrayError(GithubException):
    """GitHub's answer leads to an address that the token must not go to; the text says which."""

    def __init__(self, message: str) -> None:
        super().__init__(421, {"message": message})  # 421 Misdirected Request


class RefusedError(Exception):
    """Something was not done on GitHub; `diagnostic` says why, `permission` what would have to be granted."""

    def __init__(self, diagnostic: Diagnostic, permission: Permission | None = None) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.permission = permission


def refused(error: Exception, permission: Permission) -> RefusedError:
    """The refusal that a failed request is, when it was made to do what `permission` is for."""
    what = f"could not {permission.purpose}"
    if isinstance(error, AstrayError):
        return RefusedError(diagnose("OCA706", f"{what}: {message_of(error)}"))
    if not isinstance(error, GithubException):
        return RefusedError(diagnose("OCA700", f"{what}: {_reason(error)}"))
    code = _code(error)
    said = f"{what}: GitHub said {error.status}, {message_of(error) or 'without a reason'}"
    if code != "OCA702":
        return RefusedError(diagnose(code, said))
    return RefusedError(diagnose(code, f"{said}; the token lacks `{permission.key}: {permission.level}`"), permission)


def _code(error: GithubException) -> str:
    if isinstance(error, RateLimitExceededException) or kind_of(error) == "not done":
        return "OCA703"
    if error.status >= 500:
        return "OCA700"
    if isinstance(error, BadCredentialsException):
        return "OCA701"
    return {401: "OCA701", 403: "OCA702", 404: "OCA702"}.get(error.status, "OCA704")


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
    names |= {"SSLError": "its certificate is not trusted", "ProxyError": "the proxy did not let the request through"}
    return names.get(type(error).__name__, "it could not be reached")
