"""What a field of a dialect means: the text that its type is annotated with, from which documentation is made."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

#: Marks a field that the harness alone needs: neither ports nor the C++ are told it.
UNTOLD = "untold"


@cache
def _notes(kind: type) -> Mapping[str, tuple[Any, ...]]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: getattr(hint, "__metadata__", ()) for name, hint in hints.items()}


def settings(kind: type, but: str = "") -> Mapping[str, str]:
    """Field -> meaning, of the fields of a dataclass that state one and are not marked `but`."""
    return {name: note[0] for name, note in _notes(kind).items() if note and but not in note}
