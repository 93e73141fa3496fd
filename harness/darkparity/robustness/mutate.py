"""Mutations of bytes and of text by its tokens: what editors, cut transfers, other writers and attackers make."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

#: Strings, numbers, words and single signs of JSON, TOML and .cfg.
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|[-+]?[0-9][0-9.eE+-]*|[\w*]+|[^\w\s]')
#: What has broken a reader somewhere.
_HOSTILE = (
    b"null", b"true", b"false", b"-1", b"0", b"-0.0", b"1.5", b"4294967296", b"9223372036854775808", b"1e400", b"1e308",
    b"-1e999", b"NaN", b"Infinity", b"inf", b"nan", b'"NaN"', b'"Infinity"', b'"nan"', b"1" * 400, b"1" * 5000,
    b"0x7fffffff", b"1_000", b"1.", b".5", b"1e", b'""', b'"x"', b'"../../outside"', b'"/dev/zero"', b'"a\\u0000b"',
    b'"\\ud800"', b'"\\u001b[31mPASS"', b'"\\r\\nPASS"', b'"' + b"x" * 70_000 + b'"', b"\xff\xfe", b"\x00", b"[]",
    b"{}", b"[[]]", b'{"a":1,"a":2}', b"[" * 2000, b'{"a":' * 2000, b"[" * 70 + b"]" * 70, b"(", b"]", b"}", b"'", b'"',
    b"#", b"\\", b"=", b",", b"\n",
)  # fmt: skip
_NUMBERS = (0, 1, 2, 4, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)

Mutation = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def _span(rng: random.Random, data: bytes) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + int(2 ** rng.uniform(0, 7)))


def _flip(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _byte(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _number(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A count, length or offset of 1 to 8 bytes."""
    size, at = rng.choice((1, 2, 4, 8)), rng.randrange(len(data))
    number = rng.choice(_NUMBERS) % (1 << 8 * size)
    return data[:at] + number.to_bytes(size, rng.choice(("little", "big"))) + data[at + size :]


def _cut(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    return data[: rng.randrange(len(data))]


def _drop(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + data[end:]


def _repeat(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    start, end = _span(rng, data)
    return data[:end] + data[start:end] * rng.choice((1, 2, 50)) + data[end:]


def _splice(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _tokens(data: bytes) -> list[tuple[int, int]]:
    return [match.span() for match in _TOKEN.finditer(data)] or [(0, len(data))]


def _hostile(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    start, end = rng.choice(_tokens(data))
    return data[:start] + rng.choice(_HOSTILE) + data[end:]


def _without(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A run of tokens gone: a key with its value, a list, a section."""
    tokens = _tokens(data)
    first = rng.randrange(len(tokens))
    last = min(len(tokens) - 1, first + rng.choice((0, 1, 3, 7)))
    return data[: tokens[first][0]] + data[tokens[last][1] :]


def _exchanged(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """One token in place of another: a value of another type, a key twice."""
    tokens = _tokens(data)
    (start, end), (left, right) = rng.choice(tokens), rng.choice(tokens)
    return data[:start] + data[left:right] + data[end:]


BYTES: tuple[Mutation, ...] = (_flip, _byte, _number, _cut, _drop, _repeat, _splice)
#: Text breaks where a value is, so values are hit more often than bytes.
TEXT: tuple[Mutation, ...] = (*(_hostile, _without, _exchanged) * 4, *BYTES)


def mutated(rng: random.Random, seeds: Sequence[bytes], mutations: Sequence[Mutation]) -> bytes:
    """One seed, changed once to three times."""
    data = rng.choice(seeds)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if data:
            data = rng.choice(mutations)(rng, data, seeds)
    return data
