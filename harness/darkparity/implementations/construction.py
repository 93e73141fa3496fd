"""An object with arguments as it is written on a command line, `BatchNorm2d(eps=1e-3)`: parsed, never evaluated."""

from __future__ import annotations

import ast
import functools
from typing import Any

from darkparity.errors import UsageError


def is_construction(text: str) -> bool:
    """Whether `text` is meant as one."""
    return text.endswith(")")


def parsed(text: str) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """Dotted name, positional and named arguments; arguments are literals. Raises UsageError."""
    name, _, rest = text.partition("(")
    try:
        call = ast.parse(f"_({rest}", mode="eval").body
        if (
            not isinstance(call, ast.Call)
            or not isinstance(call.func, ast.Name)
            or None in (k.arg for k in call.keywords)
        ):
            raise ValueError("something follows the parentheses")
        named = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
        return name, tuple(map(ast.literal_eval, call.args)), named
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        why = getattr(error, "msg", "")
        raise UsageError(
            f"{text}: arguments must be numbers, words in quotes, True, False or None{why and f' ({why})'}"
        ) from None


def constructed(target: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """An object made of a class or function; where the number of channels is still to be given, what makes one."""
    if positional:
        return target(*positional, **named)
    return functools.partial(target, **named)
