"""Known differences: deviations that a porter has looked at and lives with, in a file that cannot rot.

```toml
format = 1                                  # optional: of this file; 1 is the only one there is

[[known]]
implementation = "mine"                     # its name, or what is typed to get it
case = "darknet-variance_cpu-ordinary_*"    # like --case: shell-style, on the id or the bare name; or a list
reason = "divides by m on purpose"
link = "https://example.org/issues/1"       # optional
```

Strict both ways: an entry that matches nothing, or a case that does not fail, fails the run.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from darkparity.errors import UsageError
from darkparity.formats.names import check_version
from darkparity.formats.records import from_json

FORMAT = 1
#: Bytes of a file; a list that people keep by hand is a hundred times shorter.
_LONGEST = 1 << 20
_TABLE = re.compile(r"^[ \t]*\[\[\s*known\s*\]\]", re.MULTILINE)


class KnownError(UsageError):
    """The file of known differences cannot be used: names file, line and field."""


@dataclass(frozen=True)
class Identity:
    """A case as a pattern sees it: id and bare name."""

    id: str
    case: str

    @classmethod
    def of(cls, problem: str, dialect: str, operation: str) -> Identity:
        """From a problem's id, which starts with the dialect's slug and the operation."""
        return cls(problem, problem.removeprefix(f"{dialect}-{operation}-"))


@dataclass(frozen=True)
class Known:
    """One entry. where: file and line."""

    implementation: str
    case: tuple[str, ...]
    reason: str
    link: str
    where: str

    def about(self, names: Collection[str], identity: Identity) -> bool:
        """Whether it speaks of this case and of an implementation that goes by one of `names`."""
        return self.implementation in names and any(_matches(pattern, identity) for pattern in self.case)

    def without_match(self, names: Collection[str], identities: Collection[Identity]) -> list[str]:
        """Patterns that mean nothing there is; all of them if no implementation goes by that name."""
        if self.implementation not in names:
            return list(self.case)
        return [pattern for pattern in self.case if not any(_matches(pattern, i) for i in identities)]

    @property
    def explanation(self) -> str:
        """The reason, with the link if there is one."""
        return self.reason + (f" ({self.link})" if self.link else "")


def _matches(pattern: str, identity: Identity) -> bool:
    return fnmatchcase(identity.id, pattern) or fnmatchcase(identity.case, pattern)


@dataclass(frozen=True)
class _Entry:
    """The fields of one table in the file."""

    implementation: str
    case: str | tuple[str, ...]
    reason: str
    link: str = ""

    def __post_init__(self) -> None:
        for name, texts in (("implementation", [self.implementation]), ("case", self.cases), ("reason", [self.reason])):
            if not texts or not all(text.strip() for text in texts):
                raise ValueError(f"{name} is empty")

    @property
    def cases(self) -> tuple[str, ...]:
        return self.case if isinstance(self.case, tuple) else (self.case,)

    def at(self, where: str) -> Known:
        return Known(self.implementation, self.cases, self.reason, self.link, where)


@dataclass(frozen=True)
class _File:
    """The whole file; entries are read one by one, each with its place."""

    known: tuple[Any, ...]
    format: int = FORMAT


def read(path: Path) -> tuple[Known, ...]:
    """Every entry of the file. Raises KnownError, FormatError."""
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # tomllib's own, numbers of 5,000 digits, deep nesting
        raise KnownError(f"{path}: is no TOML: {error}") from None
    check_version(data, "format", FORMAT, str(path))
    rows = from_json(_File, {"known": [], **data}, str(path)).known
    if not rows:
        raise KnownError(f"{path}: no entries; the file is a list of tables, each starting with [[known]]")
    lines = [text.count("\n", 0, found.start()) + 1 for found in _TABLE.finditer(text)]
    places = [f"{path}:{line}" for line in lines] if len(lines) == len(rows) else [str(path)] * len(rows)
    return tuple(from_json(_Entry, row, place).at(place) for row, place in zip(rows, places, strict=True))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
        if len(data) > _LONGEST:
            raise KnownError(f"{path}: is longer than {_LONGEST} bytes")
        return data.decode("utf-8")
    except OSError as error:
        raise KnownError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise KnownError(f"{path}: byte {error.start} is no UTF-8") from None


def find(entries: Iterable[Known], names: Collection[str], identity: Identity) -> Known | None:
    """The first entry that speaks of this implementation and case."""
    return next((entry for entry in entries if entry.about(names, identity)), None)
