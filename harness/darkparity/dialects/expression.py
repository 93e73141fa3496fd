"""A dialect as an expression, `pytorch(epsilon=0.001,momentum=0.03)`: parsed, never evaluated."""

from __future__ import annotations

import ast
from typing import Any

from darkparity.errors import UsageError

#: Characters: with every value of a row changed there are about 800.
_LONGEST = 2000
_EXAMPLE = "pytorch(epsilon=0.001,momentum=0.03)"


def is_expression(text: str) -> bool:
    """Whether `text` is meant as one."""
    return "(" in text


def parsed(text: str) -> tuple[str, dict[str, Any]]:
    """The base's name, and words with their values. Raises UsageError."""
    base, _, rest = text.partition("(")
    try:
        if len(text) > _LONGEST:
            raise ValueError(f"longer than {_LONGEST} characters")
        call = ast.parse(f"_({rest}".strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _wrong(text, getattr(error, "msg", str(error))) from None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise _wrong(text, "something follows the parentheses")
    names = [keyword.arg for keyword in call.keywords]
    if len(set(names)) < len(names):
        raise _wrong(text, f"{next(n for n in names if names.count(n) > 1)} is given twice")
    if call.args or any(keyword.arg is None for keyword in call.keywords):
        raise _wrong(text, "every value needs its name before it")
    return base.strip(), {str(keyword.arg): _value(text, keyword) for keyword in call.keywords}


def _value(text: str, keyword: ast.keyword) -> Any:
    found = keyword.value
    if isinstance(found, ast.UnaryOp) and isinstance(found.op, ast.USub) and isinstance(found.operand, ast.Constant):
        return f"-{found.operand.value!r}"
    if isinstance(found, ast.Constant) and isinstance(found.value, str | int | float | None):
        return found.value
    words = _words(found)
    if not words:
        raise _wrong(text, f"{keyword.arg} must be a number or a word")
    return "+".join(words)


def _words(found: ast.expr) -> list[str]:
    """Names joined by `+`; none if it is anything else."""
    if isinstance(found, ast.Name):
        return [found.id]
    if isinstance(found, ast.BinOp) and isinstance(found.op, ast.Add) and isinstance(found.right, ast.Name):
        left = _words(found.left)
        return [*left, found.right.id] if left else []
    return []


def _wrong(text: str, why: str) -> UsageError:
    shown = text if len(text) <= 200 else f"{text[:200]}..."
    return UsageError(f"dialect {shown!r}: {why}; write it like {_EXAMPLE}")
