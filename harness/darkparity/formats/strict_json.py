"""JSON of anybody's, read strictly: what is accepted is small, flat enough to walk, and means one thing only."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from darkparity.errors import UsageError

from .numbers import shown
from .text import printable

#: Characters. 64 Mi hold 5 million numbers; as nested empty lists they take 1.4 GB of memory, as much as is safe.
MAX_TEXT = 64 << 20
#: Levels of lists and objects: our deepest file has 7. Deeper ones end in RecursionError in whatever walks them.
MAX_DEPTH = 64
#: Digits of a whole number: no double has more, and int() refuses 4,300.
MAX_DIGITS = 309
#: What a number out of bounds must contain, looked for without a regular expression that starts at every digit (a
#: third of the time of reading a store): an exponent of three digits, or as many digits as no double has.
_EXPONENT = re.compile(r"e\+?0*[1-9]\d\d")
_DIGIT_OR_NOT = bytes(b"0"[0] if chr(byte).isdecimal() else b" "[0] for byte in range(256))
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_NOT_NESTING = re.compile(_STRING.pattern + r'|[^\[\]{}"]++')
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])|[\ud800-\udfff]")
_UNFIT = re.compile("[\0\ud800-\udfff]")


class CodecError(UsageError):
    """Text that is no JSON, or no array, of this format; says what and where, fit to be shown."""

    def __init__(self, text: str) -> None:
        super().__init__(printable(text))


def read_json(path: Path, limit: int = MAX_TEXT) -> Any:
    """A file of JSON in UTF-8. Raises CodecError that names the file."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
        return parse_json(data.decode("utf-8"), limit)
    except OSError as error:
        raise CodecError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CodecError(f"{path}: byte {error.start} is no UTF-8") from None
    except CodecError as error:
        raise CodecError(f"{path}: {error}") from None


def parse_json(text: str, limit: int = MAX_TEXT) -> Any:
    """The value of `text`, of at most `limit` characters. Raises CodecError, and nothing else.

    Refused: a key twice in one object, bare NaN or Infinity, numbers beyond a double, more than MAX_DEPTH
    levels, NUL and half surrogate pairs in strings.
    """
    if len(text) > limit:
        raise CodecError(f"JSON of more than {limit} characters")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            **_checking(text),
        )
    except _Number as error:
        raise CodecError(f"{error} ({_place(text, text.find(error.digits))})") from None
    except json.JSONDecodeError as error:
        raise CodecError(f"not JSON: {error.msg} ({_place(text, error.pos)})") from None
    except RecursionError:
        raise _too_deep() from None
    _check_depth(text)
    _check_strings(text)
    return value


class _Number(ValueError):
    """A number out of bounds; its text tells where."""

    def __init__(self, what: str, digits: str) -> None:
        super().__init__(what)
        self.digits = digits


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise CodecError(f"duplicate key {shown(_first_repeated(key for key, _ in pairs))}")
    return found


def _first_repeated(keys: Iterable[str]) -> str:
    counts = Counter(keys)
    return next(key for key, count in counts.items() if count > 1)


def _no_constant(text: str) -> Any:
    raise _Number(f'bare {text}: write it as the string "{text}"', text)


def _checking(text: str) -> dict[str, Any]:
    """Readers of numbers for a text in which one may be out of bounds; where none can be, JSON's own are faster."""
    return {"parse_int": _whole, "parse_float": _finite} if _may_exceed(text) else {}


def _may_exceed(text: str) -> bool:
    digits = text.encode("utf-8", "surrogatepass").translate(_DIGIT_OR_NOT)
    return b"0" * MAX_DIGITS in digits or _EXPONENT.search(text.lower()) is not None


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _Number(f"a whole number of {len(text)} digits", text)
    return int(text)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Number('a number beyond the largest double: write "Infinity"', text)
    return value


def _check_depth(text: str) -> None:
    """Each round takes away the innermost pairs."""
    brackets = _NOT_NESTING.sub("", text)
    for _ in range(MAX_DEPTH):
        if not brackets:
            return
        brackets = brackets.replace("[]", "").replace("{}", "")
    if brackets:
        raise _too_deep()


def _too_deep() -> CodecError:
    return CodecError(f"more than {MAX_DEPTH} lists and objects inside each other")


def _check_strings(text: str) -> None:
    harmless = text.isascii() and "\\u" not in text
    if harmless or not _SUSPECT.search(text):
        return
    for match in _STRING.finditer(text):
        if _UNFIT.search(json.loads(match[0])):
            what = "a string with NUL or half a surrogate pair"
            raise CodecError(f"{what} ({_place(text, match.start())})")


def _place(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    return f"line {line} column {position - text.rfind(chr(10), 0, position)}"
