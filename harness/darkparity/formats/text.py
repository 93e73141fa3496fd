"""Text that others wrote, made fit to be shown: one line that no terminal obeys, and of bounded length."""

from __future__ import annotations

#: Characters kept of one piece of text: some 25 lines of a terminal. Without it a message of 50 MB is one too.
LIMIT = 2000


def printable(text: str, limit: int = LIMIT) -> str:
    """`text` on one line: what does not print becomes an escape (\\n, \\x1b, \\u202e, \\ud800), the middle is cut.

    limit: characters of `text` kept. Printable text within the limit comes back as it is.
    """
    if len(text) > limit:
        half = limit // 2
        left_out = f" ... {len(text) - 2 * half} characters left out ... "
        return _escaped(text[:half]) + left_out + _escaped(text[-half:])
    return _escaped(text)


def reason(error: BaseException) -> str:
    """What an exception of others says, fit to be shown; its `__str__` may fail as well."""
    try:
        return printable(str(error))
    except Exception as second:
        return f"its message cannot be read: {type(second).__name__}"


def said(error: BaseException) -> str:
    """`TypeName: message` of an exception of others, fit to be shown."""
    return f"{printable(type(error).__name__)}: {reason(error)}"


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
