"""Which tolerances judge a variant."""

import pytest

from onnx_convert.spec.model import Parity
from onnx_convert.spec.tolerances import MIN_SQNR, of_variant


def parity(**values):
    return Parity.model_validate(values)


@pytest.mark.parametrize("variant", ["fp16", "int8-dynamic"])
def test_a_variant_without_tolerances_of_its_own_is_judged_by_its_signal_to_noise(variant):
    found = of_variant(parity(rtol=1e-6), variant)
    assert (found.min_sqnr, found.max_mismatch) == (MIN_SQNR[variant], 1.0)


def test_the_signal_to_noise_can_be_set():
    own = {"fp16": {"min-sqnr": 55}}
    assert of_variant(parity(variants=own), "fp16").min_sqnr == 55
    assert of_variant(parity(variants=own), "int8-dynamic").min_sqnr == MIN_SQNR["int8-dynamic"]


def test_tolerances_of_elements_take_the_place_of_the_signal_to_noise():
    found = of_variant(parity(rtol=1e-4, variants={"fp16": {"atol": 0.05}}), "fp16")
    assert (found.rtol, found.atol, found.max_mismatch, found.min_sqnr) == (1e-4, 0.05, 0.0, None)


def test_both_count_where_both_are_set():
    found = of_variant(parity(variants={"fp16": {"rtol": 0.01, "min-sqnr": 50}}), "fp16")
    assert (found.rtol, found.max_mismatch, found.min_sqnr) == (0.01, 0.0, 50)


def test_agreement_is_the_models_where_the_variant_has_none():
    asked = parity(**{"min-agreement": 0.9, "variants": {"int8-dynamic": {"min-agreement": 0.8}}})
    assert of_variant(asked, "fp16").min_agreement == 0.9
    assert of_variant(asked, "int8-dynamic").min_agreement == 0.8
    assert "min_agreement" not in of_variant(parity(), "fp16").model_fields_set  # the top-1 of scores stays ungated


def test_samples_and_seed_are_those_of_the_reference():
    found = of_variant(parity(samples=9, seed=3), "fp16")
    assert (found.samples, found.seed) == (9, 3)


def test_tolerances_of_single_outputs_are_the_variants_own():
    own = {"fp16": {"outputs": {"boxes": {"atol": 0.5}, "scores": {"min-sqnr": 60}}}}
    found = of_variant(parity(outputs={"boxes": {"atol": 1e-6}}, variants=own), "fp16")
    assert (found.outputs["boxes"].atol, found.outputs["boxes"].max_mismatch) == (0.5, 0.0)
    assert (found.outputs["scores"].min_sqnr, found.outputs["scores"].max_mismatch) == (60, None)
    assert of_variant(parity(outputs={"boxes": {"atol": 1e-6}}), "fp16").outputs == {}
