"""What every value of a report is, and the numbers in it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer


def _to_json(value: float) -> float | str:
    # JSON has no NaN or infinity; a reader in any language gets a string that says which.
    if value != value:  # noqa: PLR0124 - the definition of NaN
        return "nan"
    return {float("inf"): "inf", float("-inf"): "-inf"}.get(value, value)


def _from_json(value: object) -> object:
    return float(value) if isinstance(value, str) and value in {"nan", "inf", "-inf"} else value


Number = Annotated[
    float,
    BeforeValidator(_from_json, json_schema_input_type=float | Literal["nan", "inf", "-inf"]),
    PlainSerializer(_to_json, return_type=float | str, when_used="json"),
]
"""A float that may be NaN or infinite; those are the strings "nan", "inf" and "-inf" in JSON."""

Integer = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
"""A whole number that every reader can hold, and that is a float at need."""


class Value(BaseModel):
    """Base of every report value: frozen, unknown keys refused, so that a hostile report cannot smuggle."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")
