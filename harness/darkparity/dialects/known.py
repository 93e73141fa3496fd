"""The dialects that are known by name, and the one door to any other."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from darkparity.errors import UsageError

from . import toml_file
from .alexeyab import ALEXEYAB_ROWS
from .darknet import DARKNET_ROWS
from .dialect import Dialect
from .expression import is_expression, parsed
from .frameworks import FRAMEWORK_ROWS
from .own import derived
from .presets import PRESET_ROWS

DEFAULT = "darknet"
#: Each with the source of every constant; golden fixtures hold answers of all of them.
DIALECTS: Mapping[str, Dialect] = {d.name: d for d in (*DARKNET_ROWS, *ALEXEYAB_ROWS, *FRAMEWORK_ROWS)}
#: Settings of well-known models; answered by the oracle as they are asked.
PRESETS: Mapping[str, Dialect] = {d.name: d for d in PRESET_ROWS}
KNOWN: Mapping[str, Dialect] = {**DIALECTS, **PRESETS}

#: What a user may give for a dialect.
Given = str | Mapping[str, Any] | Dialect


def dialect(given: Given, folder: Path | None = None) -> Dialect:
    """The dialect that is meant: a known one, or one of one's own. Raises UsageError.

    given: a name; an expression `pytorch(epsilon=0.001)`; a path that ends in .toml, relative to `folder`;
    a Mapping as such a file holds; a row.
    """
    if isinstance(given, Dialect):
        return _derived(given, {})
    if isinstance(given, Mapping):
        return _from_mapping(given)
    if not isinstance(given, str):
        raise UsageError(
            f"a dialect is {given!r}, must be a name, an expression, a path to a .toml or a dict with `base`"
        )
    if not given.endswith(toml_file.SUFFIX):
        return named(given)
    path = (folder or Path()) / given
    try:
        return _from_mapping(toml_file.read(path))
    except UsageError as error:
        raise UsageError(_placed(str(error), path)) from None


def listed(given: Given | Iterable[Given] | None) -> tuple[Given, ...]:
    """One dialect or several, as given."""
    one = isinstance(given, str | Mapping | Dialect) or not isinstance(given, Iterable | None)
    return (given,) if one else tuple(given or ())  # type: ignore[arg-type,return-value]


def named(text: str) -> Dialect:
    """The dialect of that name or expression, as it stands in files and messages; never a path. Raises UsageError."""
    return _named(text) if is_expression(text) else _row(text)


def check_name(text: str) -> None:
    """That `text` is the name of a dialect, spelt as it is. Raises UsageError."""
    if (name := named(text).name) != text:
        raise UsageError(f"dialect {text!r} has the name {name!r}")


def is_named(text: str) -> bool:
    """Whether `named` knows it: not so the dialect of a newer version."""
    try:
        named(text)
    except UsageError:
        return False
    return True


@lru_cache(maxsize=256)
def _named(text: str) -> Dialect:
    base, words = parsed(text)
    return _derived(_row(base), words)


def _from_mapping(given: Mapping[str, Any]) -> Dialect:
    base = given.get("base")
    if not isinstance(base, str):
        raise UsageError(f"base is {'missing' if base is None else repr(base)}, must be one of {', '.join(KNOWN)}")
    return _derived(named(base), {name: value for name, value in given.items() if name != "base"})


def _derived(base: Dialect, words: Mapping[str, Any]) -> Dialect:
    return derived(base, words, _row(base.base))


def _row(name: str) -> Dialect:
    if name not in KNOWN:
        close = difflib.get_close_matches(name, KNOWN, n=3)
        hint = f"did you mean {', '.join(close)}?" if close else f"known: {', '.join(KNOWN)}"
        raise UsageError(f"no dialect {name!r}; {hint}")
    return KNOWN[name]


def _placed(message: str, path: Path) -> str:
    return message if message.startswith(str(path)) else f"{path}: {message}"


Dialect.meant = staticmethod(dialect)
