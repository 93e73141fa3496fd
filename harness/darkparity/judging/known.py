"""Known differences: deviations that a porter has looked at and lives with, in a file that cannot rot.

```toml
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
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from darkparity.errors import UsageError

#: field -> required.
_FIELDS = {"implementation": True, "case": True, "reason": True, "link": False}
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
        """From a problem's id, which starts with dialect and operation."""
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


def read(path: Path) -> tuple[Known, ...]:
    """Every entry of the file. Raises KnownError."""
    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KnownError(f"{path}: cannot be read: {error}") from None
    rows = data.get("known")
    strange = [key for key in data if key != "known"]
    if strange or not isinstance(rows, list) or not rows:
        problem = f"unknown {', '.join(map(repr, strange))}" if strange else "no entries"
        raise KnownError(f"{path}: {problem}; the file is a list of tables, each starting with [[known]]")
    lines = [text.count("\n", 0, found.start()) + 1 for found in _TABLE.finditer(text)]
    places = [f"{path}:{line}" for line in lines] if len(lines) == len(rows) else [str(path)] * len(rows)
    return tuple(_entry(row, place) for row, place in zip(rows, places, strict=True))


def _entry(row: Any, where: str) -> Known:
    if not isinstance(row, Mapping):
        raise KnownError(f"{where}: an entry must be a table, starting with [[known]]")
    for name in row:
        if name not in _FIELDS:
            raise KnownError(f"{where}: unknown field {name!r}; fields are {', '.join(_FIELDS)}")
    patterns = row.get("case")
    for name, required in _FIELDS.items():
        several = name == "case" and isinstance(patterns, list) and patterns
        for value in patterns if several else [row.get(name, None if required else "")]:  # type: ignore[union-attr]
            if not isinstance(value, str) or (required and not value.strip()):
                raise KnownError(
                    f"{where}: field {name!r} {'is missing' if value is None else 'must be a text'}"
                )
    cases = tuple(patterns) if isinstance(patterns, list) else (str(patterns),)
    return Known(row["implementation"], cases, row["reason"], row.get("link", ""), where)


def find(entries: Iterable[Known], names: Collection[str], identity: Identity) -> Known | None:
    """The first entry that speaks of this implementation and case."""
    return next((entry for entry in entries if entry.about(names, identity)), None)
