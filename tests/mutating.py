"""Files of ours, damaged at random: each is accepted or refused with an error that is the user's."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from darkparity.errors import UsageError

#: What a field may hold instead of what it should.
STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 10**30, 10**400, 1e308, -0.0, "", "x", "NaN", "\ud800", "\0", "../../outside",
    "/outside", "a" * 5000, [], {}, [[]], {"": {}}, [10**9, 10**9], {"shape": [-2, -3], "data": [1] * 6},
    {"shape": [0, 2**40], "data": []}, {"shape": [1], "data": [1e39]}, json.loads("[" * 60 + "]" * 60),
)  # fmt: skip
_PIECES = (b"", b"[" * 3000, b'"', b"\\", b"{", b"}", b"\xff", b"1e999", b"9" * 5000, b"NaN", b"\x00", b"-")


def mutants(seed: bytes, count: int, structured: bool) -> Iterator[bytes]:
    """`count` damaged copies of `seed`, the same in every run. structured: it is JSON, whose values change too."""
    source = random.Random(len(seed))
    for turn in range(count):
        yield _value_changed(seed, source) if structured and turn % 2 else _bytes_changed(seed, source)


def _bytes_changed(seed: bytes, source: random.Random) -> bytes:
    begin = source.randrange(len(seed) + 1)
    end = source.choice((begin, begin + 1, source.randrange(begin, len(seed) + 1)))
    piece = source.choice((*_PIECES, bytes([source.randrange(256)]), seed[:end], seed[begin:end] * 2))
    return seed[:begin] + piece + seed[end:]


def _value_changed(seed: bytes, source: random.Random) -> bytes:
    data = json.loads(seed)
    places = list(_places(data))
    holder, key = source.choice(places)
    action = source.randrange(4)
    if action == 0:
        del holder[key]
    elif action == 1 and isinstance(holder, dict):
        holder[source.choice(("x", "../y", "", "version", "\ud800"))] = holder.pop(key)
    elif action == 2:
        other, at = source.choice(places)
        holder[key] = copy.deepcopy(other[at])
    else:
        holder[key] = source.choice(STRANGE)
    return json.dumps(data).encode()


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(items)[:40]:
        yield data, key
        yield from _places(value)


def accepted(read: Callable[[bytes], object], seed: bytes, count: int, structured: bool = True) -> int:
    """How many mutants `read` accepts. Whatever else than UsageError it raises comes through, with the mutant."""
    found = 0
    for mutant in mutants(seed, count, structured):
        try:
            read(mutant)
            found += 1
        except UsageError:
            pass
        except Exception as error:
            error.add_note(f"read from {mutant[:2000]!r}")
            raise
    return found
