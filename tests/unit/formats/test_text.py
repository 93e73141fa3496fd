"""Text of others is shown, never obeyed."""

from __future__ import annotations

import pytest

from darkparity.formats.text import LIMIT, printable, reason, said


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("rolling_mean is 3 ULP off: größer, 誤差", "rolling_mean is 3 ULP off: größer, 誤差"),
        ("\x1b[2J\x1b[32mPASS", "\\x1b[2J\\x1b[32mPASS"),
        ("failed\r\nPASS  800 conforms", "failed\\r\\nPASS  800 conforms"),
        ("bell\x07 delete\x7f c1\x9b31m nul\0", "bell\\x07 delete\\x7f c1\\x9b31m nul\\x00"),
        ("left\u202eright\u2066 line\u2028", "left\\u202eright\\u2066 line\\u2028"),
        ("half a pair \ud800", "half a pair \\ud800"),
        ("", ""),
    ],
)
def test_what_does_not_print_is_written_out(given: str, shown: str) -> None:
    assert printable(given) == shown
    assert printable(shown) == shown
    shown.encode("utf-8")


def test_the_middle_of_a_long_text_is_left_out() -> None:
    text = "start" + "x" * 50_000_000 + "\x1bend"
    shown = printable(text)
    assert len(shown) < LIMIT + 60
    assert (shown[:5], shown[-7:]) == ("start", "\\x1bend")
    assert f"{len(text) - LIMIT} characters left out" in shown
    assert printable("x" * LIMIT) == "x" * LIMIT


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_an_exception_that_cannot_be_read_is_named_all_the_same() -> None:
    assert said(ValueError("a\nb")) == "ValueError: a\\nb"
    assert said(Mute()) == "Mute: its message cannot be read: RuntimeError"
    assert reason(Mute()) == "its message cannot be read: RuntimeError"


def test_a_class_may_have_any_name() -> None:
    assert said(type("\x1b[2J", (Exception,), {})("m")) == "\\x1b[2J: m"
