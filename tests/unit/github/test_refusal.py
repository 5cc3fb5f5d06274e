from __future__ import annotations

from json import JSONDecodeError
from typing import Any

import pytest
import requests
from github import BadCredentialsException, GithubException, RateLimitExceededException
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.github.permission import CHECK, COMMENT
from onnx_convert.github.refusal import AstrayError, message_of, refused

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (GithubException(500, {}), "OCA700"),
        (GithubException(502, {"data": "<html>"}), "OCA700"),
        (requests.ConnectionError("http://api.example/?x"), "OCA700"),
        (JSONDecodeError("cut", "", 0), "OCA700"),
        (BadCredentialsException(401, {"message": "Bad credentials"}), "OCA701"),
        (GithubException(401, {"message": "Requires authentication"}), "OCA701"),
        (GithubException(403, {"message": "Resource not accessible by integration"}), "OCA702"),
        (GithubException(404, {"message": "Not Found"}), "OCA702"),
        (GithubException(403, {}, {"Retry-After": "3600"}), "OCA703"),
        (RateLimitExceededException(403, {}), "OCA703"),
        (GithubException(429, {}), "OCA703"),
        (GithubException(409, {}), "OCA704"),
        (GithubException(422, {}), "OCA704"),
        (AstrayError("the answer leads to https://evil.example"), "OCA706"),
    ],
)
def test_each_fault_has_its_code_and_says_what_was_not_done(error: Exception, code: str) -> None:
    found = refused(error, COMMENT)
    assert found.diagnostic.code == code
    assert found.diagnostic.message.startswith("could not post the comment: ")
    assert (found.permission == COMMENT) is (code == "OCA702")


def test_the_permission_that_is_missing_is_named() -> None:
    found = refused(GithubException(403, {"message": "Resource not accessible by integration"}), CHECK)
    assert "the token lacks `checks: write`" in found.diagnostic.message
    assert "Resource not accessible by integration" in str(found)


def test_what_github_said_of_each_field_is_told() -> None:
    data = {"message": "Validation Failed", "errors": [{"code": "already_exists"}, {"message": "too long"}, "odd"]}
    assert message_of(GithubException(422, data)) == "Validation Failed: already_exists: too long: odd"


@given(json, json)
def test_any_answer_has_a_short_message_in_one_line(data: Any, errors: Any) -> None:
    for said in (data, {"message": data, "errors": errors}):
        text = message_of(GithubException(422, said))
        assert len(text) <= 500
        assert "\n" not in text
        assert refused(GithubException(422, said), COMMENT).diagnostic.message


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ReadTimeout("HTTPConnectionPool(host='x', port=1)"), "it did not answer in time"),
        (requests.exceptions.ChunkedEncodingError("0x7f00"), "its answer broke off"),
        (requests.exceptions.SSLError("certificate verify failed"), "its certificate is not trusted"),
        (requests.exceptions.ProxyError("x"), "the proxy did not let the request through"),
        (requests.ConnectionError("x"), "it could not be reached"),
    ],
)
def test_faults_of_the_network_are_in_plain_words(error: Exception, words: str) -> None:
    assert str(refused(error, COMMENT)) == f"could not post the comment: {words}"
