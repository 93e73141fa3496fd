"""Mutation of every format, in short; and that the trial sees what it is there to see."""

from __future__ import annotations

import contextlib
import random
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from darkparity.errors import DarkparityError, ProtocolError, UsageError
from darkparity.formats.tensor_files import InputError
from darkparity.robustness.mutate import BYTES, TEXT, mutated
from darkparity.robustness.trial import Format, attack, limits

pytestmark = pytest.mark.slow  # each trial has a process of its own
RUN = [sys.executable, "-m", "darkparity.robustness.mutation"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limits are Linux's")
def test_no_reader_does_anything_but_accept_or_refuse() -> None:
    done = subprocess.run([*RUN, "--count", "120"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(r"^(\w.*?) +([\d,]+) +([\d,]+) +([\d,]+) +0$", done.stdout, re.MULTILINE)
    assert len(rows) > 30
    assert all(accepted != "0" and refused != "0" for _, _, accepted, refused in rows), done.stdout


def test_a_format_that_nobody_knows_is_no_pass() -> None:
    assert subprocess.run([*RUN, "no such format"], capture_output=True, check=False).returncode == 1


def raising(error: BaseException) -> Callable[[bytes], object]:
    def read(data: bytes) -> object:
        if data != b"seed":
            raise error
        return None

    return read


def hungry(data: bytes) -> object:
    return data == b"seed" or bytearray(1 << 31)


def hungry_and_polite(data: bytes) -> object:
    try:
        return hungry(data)
    except MemoryError:
        raise InputError("larger than memory") from None


def endless(data: bytes) -> object:
    with contextlib.suppress(Exception):
        while data != b"seed":
            pass
    return None


def failing(data: bytes) -> object:
    return {b"seed": 1}[data]


FINDINGS: dict[str, tuple[Callable[[bytes], object], str]] = {
    "another exception": (failing, "KeyError at robustness"),
    "leaves": (raising(SystemExit(0)), "SystemExit"),
    "recursion": (raising(RecursionError()), "RecursionError"),
    "fault": (raising(DarkparityError("x")), "counts as a fault of the harness"),
    "memory": (hungry, "MemoryError"),
    "memory, told as the user's fault": (hungry_and_polite, "takes more than 1024 MiB"),
    "time": (endless, "takes more than 0.2 s"),
    "escapes": (raising(UsageError("\x1b[32mPASS")), "does not print"),
    "line ends": (raising(UsageError("a\rPASS")), "does not print"),
    "surrogates": (raising(UsageError("\ud800")), "does not print"),
    "length": (raising(UsageError("x" * 10_000)), "a message of more than"),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_what_is_a_finding(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darkparity.robustness.trial.SECONDS", 0.2)
    read, what = FINDINGS[name]
    with limits():
        outcome = attack(Format("x", [b"seed"], read, [lambda rng, data, others: b"other"]), 0, 2)
    assert (outcome.found, outcome.accepted, outcome.refused) == (2, 0, 0)
    (finding,) = outcome.findings.values()
    assert re.search(what, finding.what)
    assert finding.example == b"other"


@pytest.mark.parametrize("error", [UsageError("line 1:\nno"), ProtocolError("no")])
def test_what_is_none(error: DarkparityError) -> None:
    with limits():
        outcome = attack(Format("x", [b"seed"], raising(error), BYTES), 0, 50)
    assert outcome.found == 0
    assert outcome.refused > 40


def test_mutations_differ_and_come_again() -> None:
    seeds = [b'{"a": [1, 2.5, "x"], "b": null}', b"[net]\nheight=8\n"]
    one, again = ([mutated(random.Random(n), seeds, TEXT) for n in range(500)] for _ in range(2))
    assert one == again
    assert len(set(one)) > 400
    assert any(b"\\ud800" in data for data in one)
