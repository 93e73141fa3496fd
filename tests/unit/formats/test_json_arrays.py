"""Numbers and arrays as JSON text: any parser reads back the same bits; what is no array is refused by name."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from darkparity.formats.json_arrays import array_text, bound_text, number_text, parse_array
from darkparity.formats.json_text import dumps
from darkparity.formats.strict_json import CodecError, parse_json


def bits_of(value: float) -> int:
    return int(np.float32(value).view(np.uint32))


def value_of(bits: int) -> float:
    with np.errstate(invalid="ignore"):
        return float(np.uint32(bits).view(np.float32))


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
@example(0x15AE43FD)
@example(0x80000000)
@example(0x00000001)
@example(0x7F7FFFFF)
@example(0x00800000)
@example(0xFF800000)
def test_every_float32_survives_a_parser_that_goes_through_double(bits: int) -> None:
    written = number_text(value_of(bits))
    (read,) = parse_array({"shape": [1], "data": [json.loads(written)]}, "v")
    assert np.isnan(read) if np.isnan(value_of(bits)) else bits_of(read) == bits


def test_the_one_float32_that_needs_a_digit_more() -> None:
    """7 digits are enough for a direct parser and wrong through double; number_text must not write them."""
    value = value_of(0x15AE43FD)
    written, short = number_text(value), np.format_float_scientific(np.float32(value))
    assert len(re.sub(r"e.*|\D", "", short)) == 7
    assert bits_of(float(short)) == 0x15AE43FE
    assert len(re.sub(r"e.*|\D", "", written)) == 8


@pytest.mark.parametrize(("value", "written"), [(-0.0, "-0.0"), (0.0, "0"), (np.inf, '"Infinity"'),
                                                (-np.inf, '"-Infinity"'), (np.nan, '"NaN"'), (0.5, "0.5"),
                                                (value_of(bits_of(0.1)), "0.1"),
                                                (2.0**24, "16777216")])  # fmt: skip
def test_numbers_are_short(value: float, written: str) -> None:
    assert float(json.loads(number_text(value))) == float(json.loads(written)) or np.isnan(value)
    assert len(number_text(value)) <= len(written)
    assert number_text(value)[0] == written[0]


def test_a_double_is_no_float32() -> None:
    with pytest.raises(CodecError, match="not a float32"):
        number_text(0.1)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.floats(1e-300, 1e300))
@example(1.0)
@example(1e-45)
def test_bounds_are_rounded_up_to_3_digits(value: float) -> None:
    written = bound_text(value)
    assert Decimal(value) <= Decimal(written) <= Decimal(value) * Decimal("1.011")
    assert len(re.sub(r"e.*|\D", "", written).strip("0")) <= 3


def test_special_bounds() -> None:
    assert (bound_text(0.0), bound_text(np.inf)) == ("0", '"Infinity"')


def test_arrays_round_trip() -> None:
    array = np.array([[[0.1, -0.0], [np.nan, np.inf]], [[-np.inf, 1e-45], [3.4e38, 0]]], np.float32)
    back = parse_array(parse_json(array_text(array)), "v")
    assert back.shape == array.shape
    assert back.dtype == np.float32
    same = np.isnan(array) | (back.view(np.uint32) == array.view(np.uint32))
    assert same.all()


@pytest.mark.parametrize(("content", "message"), [
    ('{"a": 1, "a": 2}', "duplicate key 'a'"), ('{"a": NaN}', 'bare NaN: write it as the string "NaN"'),
    ('{"a": -Infinity}', "bare -Infinity"), ("{", "not JSON"),
])  # fmt: skip
def test_lax_json_is_refused(content: str, message: str) -> None:
    with pytest.raises(CodecError, match=message):
        parse_json(content)


@pytest.mark.parametrize(("value", "message"), [
    ({"shape": [1], "data": [3.5e38]}, "mean: element 0 overflows float32"),
    ({"shape": [2], "data": [1]}, "mean: 1 numbers for shape"),
    ({"shape": [1], "data": ["nan"]}, "mean: not an array"), ({"data": []}, "mean: not an array"),
    ([1.0], "mean: not an array"),
])  # fmt: skip
def test_what_is_no_array_is_refused_by_name(value: Any, message: str) -> None:
    with pytest.raises(CodecError, match=message):
        parse_array(value, "mean")


def test_a_file_has_a_key_and_a_row_of_numbers_on_a_line() -> None:
    inputs = {"x": np.array([[0.5, 1], [2, np.inf]], np.float32), "bounds": {"y": np.array([1 / 3]), "none": {}}}
    assert (
        dumps({"id": "a", "list": [1, 2], "inputs": inputs}, ["inputs"])
        == """{
  "id": "a",
  "list": [1, 2],
  "inputs": {
    "x": {"shape": [2, 2], "data": [
      0.5, 1,
      2, "Infinity"]},
    "bounds": {
      "y": {"shape": [1], "data": [
      0.334]},
      "none": {}}}
}
"""
    )
