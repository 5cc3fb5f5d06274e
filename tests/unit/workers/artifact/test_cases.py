"""Cases: inputs and reference outputs by position."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onnx_convert.workers.artifact.cases import Case, align, one_of_each, read
from onnx_convert.workers.protocol import WorkerError


def test_names_are_matched_by_name_where_all_are_there_else_by_order():
    assert align(["a", "b", "c"], ["c", "a"]) == [2, 0]
    assert align(["a", "b"], ["x", "y"]) == [0, 1]
    assert align(["a", "b"], ["b", "y"]) == [0, 1]
    assert align(["a", "b", "c"], ["x", "y"]) is None


@given(
    st.lists(st.text(max_size=3), unique=True).flatmap(lambda names: st.tuples(st.just(names), st.permutations(names)))
)
def test_a_permutation_is_undone(pair):
    names, wanted = pair
    positions = align(names, wanted)
    assert positions is not None
    assert [names[position] for position in positions] == wanted


def test_one_case_of_every_combination_is_the_first(job):
    sizes = [{"n": 1, "m": 2}, {"m": 2, "n": 1}, {"n": 3, "m": 2}]
    listed = read(job(cases="/cases", case_list=[{"dims": dims, "sample": k} for k, dims in enumerate(sizes)]))
    assert [case.index for case in one_of_each(listed)] == [0, 2]
    assert listed[2].folder.name == "0002"


@pytest.mark.parametrize("empty", [[], ()])
def test_no_cases_are_no_combinations(empty, job):
    assert one_of_each(read(job(cases="/cases", case_list=empty))) == []


def test_an_archive_in_the_place_of_an_array_is_refused(tmp_path):
    with (tmp_path / "in0.npy").open("wb") as file:
        np.savez(file, x=np.zeros(3))
    with pytest.raises(WorkerError, match=r"in0\.npy is an archive, not an array") as refused:
        Case(0, {}, 0, tmp_path).inputs(1)
    assert refused.value.code == "OCA520"
