from __future__ import annotations

import traceback
from typing import Any

import pytest
import requests
from github import GithubException
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from onnx_convert.github.client import GitHub, PatientRequester, connect
from onnx_convert.github.context import Context
from onnx_convert.github.patience import Patience, kind_of
from onnx_convert.github.refusal import RefusedError
from onnx_convert.github.traces import chain, without_frames

TOKEN = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


def speak(url: str = "https://api.example", token: str = TOKEN) -> GitHub:
    return connect(Context("octo-org/models", api_url=url, token=SecretStr(token)), Patience())


def test_nothing_that_is_printed_shows_the_token() -> None:
    github = speak()
    things = (github, github.context, github.requester, github.unpaced, github.repository, github.patience)
    text = "".join(f"{one} {one!r}" for one in things) + str(vars(github)) + str(vars(github.requester))
    assert TOKEN not in text
    assert "octo-org/models" in text


@pytest.mark.parametrize(
    "url", ["", "api.github.com", "ftp://x", "http://", "http://x:port", "http://[::1", "http://x:99999"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        speak(url)
    assert refusal.value.diagnostic.code == "OCA706"


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(RefusedError) as refusal:
        speak("ftp://me:secret@ghe.example/api/v3")
    assert "secret" not in refusal.value.diagnostic.message
    assert "ghe.example" in refusal.value.diagnostic.message


def test_without_a_token_nothing_is_asked() -> None:
    for token in (None, SecretStr("")):
        with pytest.raises(RefusedError) as refusal:
            connect(Context("a/b", token=token), Patience())
        assert refusal.value.diagnostic.code == "OCA705"


@given(st.integers(400, 599), json, json, json)
def test_any_answer_makes_an_exception_that_can_be_judged(status: int, data: Any, message: Any, kind: Any) -> None:
    graphql = {"message": message, "errors": [{"type": kind}, message]}
    for said in (data, {"message": message}, graphql, {"errors": data}):
        error = PatientRequester.createException(status, {}, said)
        assert isinstance(error, GithubException)
        assert kind_of(error)


@pytest.mark.parametrize(("kind", "judged"), [("RATE_LIMITED", "not done"), ("FORBIDDEN", "refused")])
def test_graphql_names_its_errors_by_type_and_not_by_status(kind: str, judged: str) -> None:
    error = PatientRequester.createException(400, {}, {"errors": [{"type": kind, "message": "no"}]})
    assert kind_of(error) == judged


def test_an_exception_loses_the_frames_that_held_the_request_and_is_the_same() -> None:
    raised = requests.ConnectionError("away")

    def deepest(header: str) -> None:
        try:
            [].pop()
        except IndexError:
            raised.request = requests.Request("GET", "http://x", headers={"Authorization": header}).prepare()
            raise raised  # noqa: B904 - as requests does

    with pytest.raises(requests.ConnectionError) as caught:
        without_frames(lambda: deepest("token " + TOKEN))
    assert caught.value is raised
    assert raised.request is None
    assert "in deepest" not in "".join(traceback.format_exception(raised))
    assert all(one.__traceback__ is None for one in chain(raised, contexts=True) if one is not raised)


def test_what_raises_nothing_gives_its_result() -> None:
    assert without_frames(lambda: 3) == 3


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = ValueError(), ValueError()
    first.__cause__, second.__cause__ = second, first
    assert list(chain(first)) == [first, second]
