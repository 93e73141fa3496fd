"""JSON of anybody's: what is refused, with which sentence, and that refusing costs no more than reading."""

from __future__ import annotations

import contextlib
import math
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkparity.errors import UsageError
from darkparity.formats.json_arrays import parse_array
from darkparity.formats.numbers import NotANumber, number, plain
from darkparity.formats.strict_json import MAX_DEPTH, CodecError, parse_json, read_json

REFUSED = [
    ('{"a": 1, "b": 2, "a": 3}', "duplicate key 'a'"),
    ('{"a":\n 1' + "0" * 5000 + "}", r"a whole number of 5001 digits \(line 2 column 2\)"),
    ("[1e999]", r'a number beyond the largest double: write "Infinity" \(line 1 column 2\)'),
    ("[-1e999]", "a number beyond the largest double"),
    ("9" * 308 + "9.5e5", "a number beyond the largest double"),
    ("[1, NaN]", r'bare NaN: write it as the string "NaN" \(line 1 column 5\)'),
    ('["a", "\\ud800"]', r"a string with NUL or half a surrogate pair \(line 1 column 7\)"),
    ('{"\\udc00": 1}', "half a surrogate pair"),
    ('"\\\\\\ud800"', "half a surrogate pair"),
    ('"\ud800"', "half a surrogate pair"),
    ('"a\\u0000b"', "a string with NUL"),
    ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), f"more than {MAX_DEPTH} lists and objects inside each other"),
    ("[" * 10**6, f"more than {MAX_DEPTH} lists"),
    ('{"a":' * 10**5, f"more than {MAX_DEPTH} lists"),
    ("", r"not JSON: Expecting value \(line 1 column 1\)"),
    ('"open', "not JSON: Unterminated string"),
    ("[1] [2]", "not JSON: Extra data"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_is_refused_says_what_and_where(text: str, said: str) -> None:
    with pytest.raises(CodecError, match=said) as caught:
        parse_json(text)
    assert len(str(caught.value)) < 200


TAKEN: list[tuple[str, Any]] = [
    ("[" * MAX_DEPTH + "]" * MAX_DEPTH, None),
    ('"[[[[{{{{"', "[[[[{{{{"),
    ('["\\\\ud800", "\\ud83d\\ude00", "\\\\u0000"]', ["\\ud800", "\U0001f600", "\\u0000"]),
    ("1" + "0" * 308, 10**308),
    ("[1e308, -0.0, 1e-999]", [1e308, -0.0, 0.0]),
]


@pytest.mark.parametrize(("text", "value"), TAKEN)
def test_what_looks_alike_and_is_right_is_taken(text: str, value: Any) -> None:
    found = parse_json(text)
    assert value is None or found == value


def test_duplicates_are_found_in_linear_time() -> None:
    """880 kB of this took 110 s when every key was counted anew."""
    text = "{" + ",".join(f'"k{n}":1' for n in range(80_000)) + ',"k79999":1}'
    started = time.process_time()
    with pytest.raises(CodecError, match="duplicate key 'k79999'"):
        parse_json(text)
    assert time.process_time() - started < 2


def test_text_beyond_the_limit_is_not_parsed() -> None:
    with pytest.raises(CodecError, match="JSON of more than 10 characters"):
        parse_json("[" * 11, limit=10)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text() | st.binary().map(lambda b: b.decode("latin-1")) | st.text(alphabet='[]{}",:\\u0d8e1.-\ud800 '))
def test_nothing_else_is_ever_raised(text: str) -> None:
    with contextlib.suppress(CodecError):
        parse_json(text)


FILES = [
    (b"\xff{}", "byte 0 is no UTF-8"),
    (b"{", "not JSON"),
    (b" " * 20, "JSON of more than 16 characters"),
    (None, "cannot be read: No such file or directory"),
]


@pytest.mark.parametrize(("content", "said"), FILES)
def test_a_file_is_named(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "some.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CodecError, match=f"some.json: {said}"):
        read_json(path, limit=16)


def test_errors_are_the_users_and_can_be_shown() -> None:
    with pytest.raises(UsageError) as caught:
        parse_json('{"\\u001b[31m\\r": 1, "\\u001b[31m\\r": 2}')
    assert str(caught.value) == r"duplicate key '\x1b[31m\r'"
    assert str(CodecError("\x1b[31m")) == r"\x1b[31m"


# Numbers


@pytest.mark.parametrize("value", [math.inf, -math.inf, 0.0, 1.5, -3e300])
def test_numbers_come_back(value: float) -> None:
    assert number(plain(value)) == value
    assert math.isnan(number(plain(math.nan)))


@pytest.mark.parametrize("value", ["nan", "inf", "1", "", True, None, [], {}, 10**400])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(NotANumber, match="needs a number, got "):
        number(value)


# Arrays

NO_ARRAYS: list[tuple[Any, str]] = [
    ({"shape": [10**300, 10**300], "data": []}, "shape needs a list of up to 8 counts"),
    ({"shape": [0, 2**62], "data": []}, "shape needs"),
    ({"shape": [1] * 100, "data": [1]}, "shape needs"),
    ({"shape": [-1, -1], "data": [1]}, "shape needs"),
    ({"shape": [True], "data": [1]}, "shape needs"),
    ({"shape": "1", "data": [1]}, "shape needs"),
    ({"shape": [3], "data": "123"}, "data needs a list of numbers, got '123'"),
    ({"shape": [1], "data": [True]}, "element 0 needs a number, got true"),
    ({"shape": [2], "data": [1, [2]]}, "element 1 needs a number, got a list"),
    ({"shape": [1], "data": [10**400]}, "element 0 needs a number, got a whole number of 1329 bits"),
]


@pytest.mark.parametrize(("value", "said"), NO_ARRAYS, ids=[said for _, said in NO_ARRAYS])
def test_what_is_no_array(value: Any, said: str) -> None:
    with pytest.raises(CodecError, match=f"^x: not an array: {said}"):
        parse_array(value, "x")
