"""Names out of a file that become paths, and format versions: looked at before anything is done with them."""

from __future__ import annotations

import re
from typing import Any

from .numbers import shown
from .records import FormatError

#: A part of a path that means the same everywhere: no `..`, nothing hidden, nothing a shell or a terminal acts on.
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}")


def checked_name(name: str, where: str) -> str:
    """`name`, if it stays inside whatever directory it is joined to. where: the file, for the message.

    Raises FormatError.
    """
    if not all(_PART.fullmatch(part) for part in name.split("/")):
        raise FormatError(f"{where}: {shown(name)} is no name of a file in that directory")
    return name


def check_version(data: Any, key: str, known: int, where: str) -> None:
    """Refuse a file of another format before its other fields are looked at. Raises FormatError."""
    if isinstance(data, dict) and key in data and (type(data[key]) is not int or data[key] != known):
        raise FormatError(f"{where}: {key} {shown(data[key])}: this version of darkparity reads {known} only; "
                          "write the file with this version, or use the one that wrote it")  # fmt: skip
