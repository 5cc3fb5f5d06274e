"""What the inputs say once they are checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoint.inputs import INPUTS, CallError, Inputs, inputs_of, variable


def given_inputs(**inputs: str) -> Inputs:
    return inputs_of({variable(name.replace("_", "-")): value for name, value in inputs.items()})


def test_an_empty_input_is_its_default() -> None:
    everything = {name.replace("-", "_"): " " for name in INPUTS if name != "check-name"}
    assert given_inputs(**everything) == given_inputs() == inputs_of({})


def test_an_empty_check_name_is_none() -> None:
    assert given_inputs(check_name="").check_name == ""
    assert given_inputs().check_name == "onnx-convert"


def test_names_are_separated_by_spaces_commas_and_lines() -> None:
    assert given_inputs(models=" a, b\nc\td,,").models == ("a", "b", "c", "d")
    assert given_inputs(providers="cuda\ntensorrt").providers == ("cuda", "tensorrt")


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("mode", "Run", "use `auto`, `run`, `plan`, `merge`, `comment` or `publish`"),
        ("comment", "sometimes", "use `always`, `changes`, `failures` or `never`"),
        ("publish_failed", "yes", "use `true` or `false`"),
        ("shards", "0", "write a whole number from 1 to 256"),
        ("shards", "257", "write a whole number from 1 to 256"),
        ("shards", "4.0", "write a whole number from 1 to 256"),
        ("gpu_shards", "-1", "write a whole number from 0 to 256"),
        ("gpu_shards", "٣", "write a whole number from 0 to 256"),
        ("shard", "9", "write the matrix's `shard`, such as `2/8`"),
        ("shard", "0/8", "write the matrix's `shard`, such as `2/8`"),
        ("shard", "1/8 --no-cache", "write the matrix's `shard`, such as `2/8`"),
        ("check_name", "a\nb", "use up to 100 characters"),
        ("check_name", "x" * 101, "use up to 100 characters"),
        ("artifact", "a\x1bb", "use up to 100 characters"),
    ],
)
def test_a_wrong_input_is_named_and_told_what_to_write(name: str, value: str, hint: str) -> None:
    with pytest.raises(CallError, match=f"^{name.replace('_', '-')}: ") as caught:
        given_inputs(**{name: value})
    assert caught.value.hint == hint


@pytest.mark.parametrize("mode", ["plan", "merge", "comment", "publish"])
def test_a_leg_can_only_run(mode: str) -> None:
    with pytest.raises(CallError, match=r"^shard: "):
        given_inputs(mode=mode, shard="1/2")


@given(st.dictionaries(st.sampled_from(sorted(INPUTS)), st.text()))
def test_whatever_is_written_is_an_input_or_a_refusal_with_a_hint(inputs: dict[str, str]) -> None:
    try:
        inputs_of({variable(name): value for name, value in inputs.items()})
    except CallError as error:
        name, hint = str(error).partition(":")[0], error.hint
    else:
        return
    assert name in INPUTS
    assert hint
