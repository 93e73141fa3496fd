"""A dialect of one's own: a known one with some values changed, named after exactly that."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from darkparity.errors import UsageError

from .choices import Backward, InferenceBackward, SavedStatistic
from .dialect import Dialect
from .shorthand import SHORT, shortened, spelt_out
from .values import NOTHING, Value, text_of, values

#: What may be said about a dialect beside its values.
ABOUT = ("name", "summary", "source")
#: The groups that a row may lack.
_ABSENT = ("rolling_connected",)
#: Choices that only a backward from 1/std can follow.
_INVERSE_STD_ONLY = (
    ("saved_statistic", SavedStatistic.INVERSE_STD),
    ("inference_backward", InferenceBackward.FIXED),
    ("inference_backward", InferenceBackward.ROLLING_AS_INVERSE_STD),
)


def derived(base: Dialect, words: Mapping[str, Any], root: Dialect | None = None) -> Dialect:
    """`base` with what `words` say. root: the known dialect that its name starts from (None: `base` itself).

    words: values by name, words that set several, groups as a Mapping or in order, and what is ABOUT it.
    Raises UsageError.
    """
    root = root or base
    about = {name: str(words[name]) for name in ABOUT if name in words}
    given = _flat({name: value for name, value in words.items() if name not in ABOUT})
    _check_names(given)
    row = _changed(base, spelt_out(base, given))
    _check_sense(row)
    changed = _differences(root, row)
    if not changed and not about:
        return root
    return _described(root, row, changed, about)


def _differences(root: Dialect, row: Dialect) -> dict[str, Any]:
    """Values of `row` that are not those of `root`, by name."""
    lost = [v.field for v in values().values() if v.part and getattr(row, v.field) is None != getattr(root, v.field)]
    changed = {v.name: v.of(row) for v in values().values() if v.field not in lost and v.of(row) != v.of(root)}
    return changed | dict.fromkeys(lost)


def _described(root: Dialect, row: Dialect, changed: Mapping[str, Any], about: Mapping[str, str]) -> Dialect:
    texts = {name: text_of(value) for name, value in shortened(root, row, changed).items()}
    said = ", ".join(f"{name} {text}" for name, text in texts.items())
    summary = about.get("summary", f"{root.name} with {said}" if said else root.summary)
    mine = {
        (name if name in _ABSENT else values()[name].field): about.get("source", f"changed from {root.name}: {said}")
        for name in changed
    }
    return replace(
        row,
        name=f"{root.name}({','.join(f'{name}={text}' for name, text in texts.items())})" if texts else root.name,
        summary=f"{about['name']}: {summary}" if "name" in about else summary,
        sources={**root.sources, **mine},
    )


def _flat(words: Mapping[str, Any]) -> dict[str, Any]:
    """Groups taken apart: {"rolling": {"decay": .9}} is {"rolling_decay": .9}."""
    groups: dict[str, list[Value]] = {}
    for value in values().values():
        if value.part:
            groups.setdefault(value.field, []).append(value)
    found: dict[str, Any] = {}
    for name, given in words.items():
        if name not in groups or given is None or given == NOTHING:
            found[name] = given
            continue
        parts = _parts(name, given)
        found |= {f"{name}_{part}": value for part, value in parts.items()}
    return found


def _parts(name: str, given: Any) -> dict[str, Any]:
    if is_dataclass(given) and not isinstance(given, type):
        return {f.metadata.get("wire", f.name): getattr(given, f.name) for f in fields(given)}
    if isinstance(given, Mapping):
        return dict(given)
    names = [v.name for v in values().values() if v.field == name]
    listed = given if isinstance(given, list | tuple) else [given]
    least = 1 if f"{name}_epsilon" in names else len(names)  # an epsilon keeps its place
    if not least <= len(listed) <= len(names):
        raise UsageError(f"{name} is {given!r}, has parts: give {', '.join(names)}")
    return {part.removeprefix(f"{name}_"): value for part, value in zip(names, listed, strict=False)}


def _check_names(given: Iterable[str]) -> None:
    known = [*SHORT, *values(), *_ABSENT]
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3)
            hint = f"did you mean {', '.join(close)}?" if close else f"known: {', '.join(known)}"
            raise UsageError(f"a dialect has no {name!r}; {hint}")


def _changed(base: Dialect, given: Mapping[str, Any]) -> Dialect:
    """The row with values of its fields replaced."""
    new: dict[str, Any] = {}
    for name, value in given.items():
        if name in _ABSENT:
            _check_absent(name, value)
            new.setdefault(name, None)
            continue
        into = values()[name]
        read = into.read(name, value)
        new[into.field] = replace(_group(base, new, into.field), **{into.part: read}) if into.part else read
    return replace(base, **new)


def _check_absent(name: str, value: Any) -> None:
    if value is not None and value != NOTHING:
        raise UsageError(f"{name} is {value!r}, must be {NOTHING} or given as {name}_decay and {name}_gain")


def _check_sense(row: Dialect) -> None:
    for field, word in _INVERSE_STD_ONLY:
        if row.backward is Backward.THREE_TERM and getattr(row, field) is word:
            raise UsageError(f"{field} {word} makes no sense with backward three_term, which reads a variance; "
                             f"give backward=inverse_std or another {field}")  # fmt: skip


def _group(base: Dialect, new: Mapping[str, Any], field: str) -> Any:
    """What a group holds so far; a CONNECTED layer without a rolling of its own starts from that of all layers."""
    held = new.get(field) or getattr(base, field)
    return held if held is not None else new.get("rolling", base.rolling)
