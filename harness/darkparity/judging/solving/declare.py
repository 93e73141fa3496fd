"""How a solved row is declared: as a known dialect with changes, by an expression, options or a TOML file."""

from __future__ import annotations

import shlex
from dataclasses import replace

from darkparity.dialects import CHANGES, Dialect, dialect, is_named
from darkparity.dialects.expression import parsed


def named_after(row: Dialect, base: str) -> Dialect:
    """The row as `base` with changes: its name says which."""
    return dialect(replace(row, name=base))


def expression(row: Dialect) -> str:
    """What `--dialect` takes; empty for a row that has no declaration (a divisor of m + 1)."""
    return row.name if is_named(row.name) else ""


def options(row: Dialect) -> str:
    """Command-line options that declare the row."""
    if not expression(row):
        return ""
    base, words = _words(row)
    return " ".join(["--dialect", base, *(word for name, text in words.items() for word in _option(name, text))])


def toml(row: Dialect) -> str:
    """The content of a file that declares the row."""
    base, words = _words(row)
    lines = {"base": f'"{base}"', **{name: _quoted(text) for name, text in words.items()}}
    return "".join(f"{name} = {text}\n" for name, text in lines.items())


def _words(row: Dialect) -> tuple[str, dict[str, str]]:
    if "(" not in row.name:
        return row.name, {}
    base, words = parsed(row.name)
    return base, {name: str(value) for name, value in words.items()}


def _option(name: str, text: str) -> tuple[str, str]:
    if name in CHANGES:
        return CHANGES[name].flag, shlex.quote(text)
    return CHANGES["field"].flag, shlex.quote(f"{name}={text}")


def _quoted(text: str) -> str:
    """Numbers and truths bare, words in quotes."""
    try:
        float(text)
    except ValueError:
        return text if text in ("true", "false") else f'"{text}"'
    return text
