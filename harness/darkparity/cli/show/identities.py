"""An identified dialect on the screen and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console

from darkparity.dialects import Epsilon, Rolling
from darkparity.dialects.values import text_of
from darkparity.judging.identifying import Identity, Known
from darkparity.judging.solving.declare import expression, options, toml

from .screen import FAILED

#: Of the column of names: the longest and two spaces.
_WIDTH = len("bias_gradient of CONVOLUTIONAL") + 2


def show_identity(console: Console, found: Identity) -> None:
    """The answer, the fields, how to declare it, and what was not to be seen."""
    for line in _answer(found):
        console.print(line, style=None if found.identified else FAILED, soft_wrap=True)
    console.print()
    for known in (k for k in found.fields if not k.needs):
        console.print(f"{known.name:{_WIDTH}}{_value(known)}", soft_wrap=True)
    for needs in dict.fromkeys(k.needs for k in found.fields if k.needs):
        names = ", ".join(k.name for k in found.fields if k.needs == needs)
        console.print(f"{'not decided':{_WIDTH}}{names}: needs {needs}", soft_wrap=True)
    for line in _after(found):
        console.print(line, soft_wrap=True)


def _answer(found: Identity) -> Iterator[str]:
    if not found.answered:
        yield "nothing came back that says anything"
    elif found.left:
        yield f"no dialect answers so; the nearest is {found.row.name}, which does not explain {_few(found.left)}"
    elif found.same:
        yield f"this is {' or '.join(found.same)}" + (
            "; what was observed cannot tell them apart" if len(found.same) > 1 else ""
        )
    else:
        yield f"this is {found.row.name}: {found.nearest} with another {', '.join(found.differs)}"


def _few(texts: tuple[str, ...]) -> str:
    return "; ".join(texts[:3]) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")


def _value(known: Known) -> str:
    words = " or ".join(_text(value) for value in (known.value, *known.others))
    ends = [_between(name, i.low, i.high) for name, i in (known.intervals or {}).items()]
    sure = f" ({'; '.join(ends)})" if ends else ""
    return f"{words}{sure}, by {known.evidence}"


def _between(name: str, low: float, high: float) -> str:
    if low <= 1e-16:
        return f"{name} below {high:.2g}"
    a, b = f"{low:.6g}", f"{high:.6g}"
    return f"{name} {a} to 6 digits" if a == b else f"{name} in [{a}, {b}]"


def _text(value: object) -> str:
    if isinstance(value, Epsilon):
        return f"{text_of(value.value)} {value.place}"
    if isinstance(value, Rolling):
        return f"decay {text_of(value.decay)}, gain {text_of(value.gain)}"
    return text_of(value)


def _after(found: Identity) -> Iterator[str]:
    yield ""
    if expression(found.row):
        yield f"declare it: {options(found.row)}"
        if found.differs:
            yield f"        or: --dialect '{expression(found.row)}'"
            yield from ("", "or in a file NAME.toml:", *(f"  {line}" for line in toml(found.row).splitlines()))
    if found.silent:
        yield ""
    for why in dict.fromkeys(found.silent.values()):
        yield f"not answered: {', '.join(name for name in found.silent if found.silent[name] == why)}: {why}"


def as_json(found: Identity) -> dict[str, Any]:
    """Everything that `show_identity` tells."""
    fields = [
        {
            "field": known.name,
            "value": None if known.needs else _text(known.value),
            "others": [_text(value) for value in known.others],
            "intervals": {name: [i.low, i.high] for name, i in (known.intervals or {}).items()},
            "decided_by": known.evidence,
            "needs": known.needs,
        }
        for known in found.fields
    ]
    return {
        "identified": found.identified,
        "dialect": expression(found.row),
        "same": list(found.same),
        "nearest": found.nearest,
        "differs": list(found.differs),
        "declare": options(found.row),
        "fields": fields,
        "unexplained": list(found.left),
        "answered": list(found.answered),
        "not_answered": dict(found.silent),
        "exit_code": 0 if found.identified else 1,
    }
