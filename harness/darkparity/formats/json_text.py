"""JSON for people and diffs: one key on a line, and one row of numbers on a line where arrays stand."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from .json_arrays import array_text, bound_text, number_text

#: How the numbers of an array are written.
_NUMBER = {"float32": number_text, "float64": bound_text}


def dumps(content: Mapping[str, Any], row_breaks: Collection[str]) -> str:
    """`content` as the text of a file, one key on a line.

    row_breaks: keys whose objects may nest and hold arrays: float32, or bounds (float64, rounded up to 3 digits).
    """
    lines = (
        f"  {json.dumps(key)}: {_broken(value, '  ') if key in row_breaks else json.dumps(value, allow_nan=False)}"
        for key, value in content.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _broken(value: Any, indent: str) -> str:
    if isinstance(value, np.ndarray):
        return array_text(value, _NUMBER[value.dtype.name])
    rows = ",\n".join(f"{indent}  {json.dumps(key)}: {_broken(v, indent + '  ')}" for key, v in value.items())
    return f"{{\n{rows}}}" if rows else "{}"
