"""The tables of docs/, made from the specification and the dialects: `python -m darkparity.proof.pages.specification`.

A generated block stands between `<!-- generated: NAME -->` and `<!-- end -->`; the rest is written by hand.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from darkparity.dialects import CHANGES, DEFAULT, DIALECTS, PRESETS, Dialect, Epsilon, LayerType, Rolling, settings
from darkparity.formats.markdown import table
from darkparity.formats.messages import constants
from darkparity.spec import AXES, OPERATIONS, Operation, Stage, backward_stages, forward_stages

#: Pages with generated blocks, relative to the repository.
PAGES = ("docs/specification.md", "docs/dialects.md", "docs/protocol.md")
_BLOCK = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _operation_row(row: Operation) -> tuple[str, ...]:
    attributes = ", ".join(f"{name}: {kind.__name__}" for name, kind in row.attributes.items())
    formula = row.formula.replace("*", "\\*")  # not the start of italics
    return (f"`{row.name}`", ", ".join(row.inputs), ", ".join(row.outputs), attributes, formula, row.source)


def operations() -> str:
    """Every operation: arrays in and out, attributes, formula, lines of the original."""
    head = ("operation", "in", "out", "attributes", "computes (dialect `darknet`)", "source")
    return table(head, (_operation_row(row) for row in OPERATIONS.values()))


def arrays() -> str:
    """The axes of every array."""
    shapes = {"A": "A: (batch, channels, spatial)", "c": "c: (channels,)", "v": "v: a flat vector"}
    names = {letter: ", ".join(f"`{n}`" for n, axes in AXES.items() if axes == letter) for letter in shapes}
    return table(("axes", "arrays"), ((shapes[letter], names[letter]) for letter in shapes))


def _stage(stage: Stage) -> str:
    reads = ", ".join(name if name == array else f"{name}={array}" for name, array in stage.reads.items())
    ddof = f"; ddof={stage.attributes['ddof']}" if "ddof" in stage.attributes else ""
    return f"`{stage.routine}({reads}{ddof}) -> {stage.writes}`"


def _sequence(function: Callable[..., tuple[Stage, ...]], dialect: Dialect, train: bool) -> str:
    """The calls for all layer types as one numbered list; a call that not every type makes says so."""
    calls = {str(kind): [_stage(s) for s in function(dialect, kind, train)] for kind in LayerType}
    merged: list[str] = []
    for kind in LayerType:
        merged = list(_merged(merged, calls[kind]))
    return "".join(f"{i}. {call}{_only(call, calls)}\n" for i, call in enumerate(merged, 1))


def _merged(left: list[str], right: list[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        yield from left[i:j]
        if kind != "equal":
            yield from right[k:m]


def _only(call: str, calls: Mapping[str, list[str]]) -> str:
    kinds = [kind for kind, made in calls.items() if call in made]
    return "" if len(kinds) == len(calls) else f" ({', '.join(kinds)} only)"


def stages() -> str:
    """What the layer functions call, in order; dialects with the same calls share a list."""
    parts = []
    for title, function in (("Forward", forward_stages), ("Backward", backward_stages)):
        for train in (True, False):
            groups: dict[str, list[str]] = {}
            for dialect in DIALECTS.values():
                groups.setdefault(_sequence(function, dialect, train), []).append(f"`{dialect.name}`")
            mode = "training" if train else "inference"
            parts.append(f"### {title}, {mode}\n")
            parts += [f"{', '.join(names)}:\n\n{calls}" for calls, names in groups.items()]
    return "\n".join(parts)


def _value(value: object) -> str:
    if isinstance(value, Epsilon):
        return f"{value.value:.7g}, {value.place} the root"
    if isinstance(value, Rolling):
        return f"decay {value.decay:.7g}, gain {value.gain:.7g}"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    if value is None:
        return "as `rolling`"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def dialect_fields(kind: type[Dialect] = Dialect) -> str:
    """Every field that is a constant or a choice, and what it means."""
    return table(("field", "meaning"), ((f"`{name}`", meaning) for name, meaning in settings(kind).items()))


def wire_constants(dialect: Dialect = DIALECTS[DEFAULT]) -> str:
    """What a port is told of a dialect: name and value on the wire, and the meaning."""
    layer_type = LayerType.BATCHNORM
    sent = constants(dialect, layer_type)
    rows = ((f"`{c.name}`", f"`{json.dumps(sent[c.name])}`", c.meaning) for c in dialect.constants(layer_type))
    return table(("name", "value", "meaning"), rows)


def _source(dialect: Dialect, setting: str) -> str:
    return dialect.sources.get(setting, dialect.sources["*"])


def dialects() -> str:
    """One section per dialect: every field, its value, its source."""
    parts = []
    for dialect in DIALECTS.values():
        rows = ((f"`{name}`", _value(getattr(dialect, name)), _source(dialect, name)) for name in settings(Dialect))
        default = " (default)" if dialect.name == DEFAULT else ""
        parts.append(f"## {dialect.name}{default}\n\n{dialect.summary}.\n\n"
                     + table(("field", "value", "source"), rows))  # fmt: skip
    return "\n".join(parts)


def dialect_words() -> str:
    """What may be changed of a dialect by a word or an option."""
    rows = ((f"`{c.flag}`", f"`{c.metavar}`", c.help) for c in CHANGES.values())
    return table(("option", "value", "sets"), rows)


def presets() -> str:
    """Settings of well-known models: what they are and who says so."""
    rows = ((f"`{row.name}`", row.summary, row.sources["name"]) for row in PRESETS.values())
    return table(("preset", "what", "source"), rows)


def comparison() -> str:
    """One row per field, one column per dialect; a cell is empty where it equals the default dialect's."""
    default = DIALECTS[DEFAULT]
    others = [d for d in DIALECTS.values() if d is not default]
    rows = []
    for name in settings(Dialect):
        mine = _value(getattr(default, name))
        theirs = [_value(getattr(d, name)) for d in others]
        rows.append((f"`{name}`", mine, *("" if text == mine else text for text in theirs)))
    return table(("field", f"`{DEFAULT}`", *(f"`{d.name}`" for d in others)), rows)


BLOCKS: Mapping[str, Callable[[], str]] = {
    "operations": operations,
    "arrays": arrays,
    "stages": stages,
    "dialect-fields": dialect_fields,
    "dialect-words": dialect_words,
    "presets": presets,
    "constants": wire_constants,
    "dialects": dialects,
    "dialect-comparison": comparison,
}


def current(page: str) -> str:
    """The page's text with every generated block made anew. Raises KeyError for an unknown block."""
    return _BLOCK.sub(lambda match: match[1] + "\n" + BLOCKS[match["name"]]() + "\n" + match[3], page)


def main(root: Path) -> list[str]:
    """Rewrite the pages under `root`; return those that changed."""
    changed = []
    for name in PAGES:
        path = root / name
        before = path.read_text("utf-8")
        after = current(before)
        if after != before:
            path.write_text(after, "utf-8", newline="\n")
            changed.append(name)
    return changed


if __name__ == "__main__":
    print("\n".join(main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))) or "nothing changed")
