"""Which tolerances judge a variant: those the spec gives it, else a signal-to-noise ratio that its precision reaches.

A lower precision errs by a share of a tensor's scale rather than of each element: near zero, `rtol` and `atol` of
float32 mean nothing. So a variant without tolerances of its own is judged by the noise in an output as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from onnx_convert.spec.model import OutputParity, Parity

if TYPE_CHECKING:
    from onnx_convert.spec.model import Variant

MIN_SQNR: dict[Variant, float] = {"fp16": 40.0, "int8-dynamic": 20.0}
"""Decibels: noise of at most 1 % and 10 % of the signal's root mean square.

One rounding to float16 leaves about 75 dB, to 8 bits about 40; what real networks add over their depth is in
docs/variants.md.
"""

_ELEMENTWISE = frozenset({"rtol", "atol", "max_mismatch"})


def of_variant(parity: Parity, variant: Variant) -> Parity:
    """The tolerances of a variant's row.

    With `rtol`, `atol` or `max-mismatch` of its own, elements count and what is unset of the three is the model's.
    Without, any element may differ and `min-sqnr` decides. `min-agreement` is the model's where the variant has none.
    What the model says of single outputs is about float32 and does not count.
    """
    own = parity.variants.get(variant)
    given = own.model_dump(exclude_unset=True, exclude={"outputs"}) if own else {}
    given = {key: value for key, value in given.items() if value is not None}
    outputs = dict(own.outputs) if own else {}
    if not _ELEMENTWISE & given.keys():
        given = {"max_mismatch": 1.0, "min_sqnr": MIN_SQNR[variant], **given}
        outputs = {name: _elements_count(one) for name, one in outputs.items()}
    inherited = {"rtol", "atol", "samples", "seed"} | ({"min_agreement"} & parity.model_fields_set)
    kept = parity.model_dump(include=inherited)
    return Parity.model_construct(_fields_set={*kept, *given, "outputs"}, **{**kept, **given, "outputs": outputs})


def _elements_count(own: OutputParity) -> OutputParity:
    """An output with element tolerances of its own is judged by them, beside outputs that are judged as a whole."""
    given = own.model_dump(exclude_none=True)
    if _ELEMENTWISE & given.keys() and "max_mismatch" not in given:
        return own.model_copy(update={"max_mismatch": 0.0})
    return own
