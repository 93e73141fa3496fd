"""Every command that writes, small enough to be run hundreds of times on a `desk`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from darkparity.errors import UsageError
from darkparity.problems.golden.store import default_store

from .desk import OPERATION


@dataclass(frozen=True)
class Command:
    """target: the file or directory that it writes. codes: of a clean end. verdicts: what it always shows."""

    name: str
    arguments: tuple[str, ...]
    target: str
    codes: frozenset[int] = frozenset((0,))
    verdicts: str = ""


def commands() -> list[Command]:
    """`selftest --write` and `bench --plot` write as `bench --save` does, and take minutes."""
    store = ("--store", str(default_store().path.resolve()))
    asked = ("--operation", OPERATION, *store)
    return [
        Command("check", ("check", "numpy", *asked, "--output", "run.jsonl"), "run.jsonl", verdicts="conforms"),
        Command("merge", ("merge", "shard1.jsonl", "shard2.jsonl", "-o", "merged.jsonl"), "merged.jsonl",
                verdicts="conforms"),
        Command("grade", ("grade", "cases", "answers", "--output", "graded.jsonl"), "graded.jsonl",
                verdicts="conforms"),
        Command("export", ("export", "exported", *asked, "--format", "json"), "exported"),
        # 1: something changed
        Command("golden regenerate", ("golden", "regenerate", "--store", "store"), "store", frozenset((0, 1))),
        Command("bench --save", ("bench", "numpy", "--shape", "1x2x2x2", "--mode", "training", "--rounds", "2",
                                 "--seconds", "0.01", "--save", "bench.json"), "bench.json", verdicts="numpy"),
        # 1: something was found
        Command("fuzz --save", ("fuzz", "port.py", "--operation", "scale_bias", "--seed", "3", "--max-examples", "20",
                                "--save", "found"), "found", frozenset((1,)), "deviates"),
        Command("new-port", ("new-port", "pybind11", "started"), "started"),
    ]  # fmt: skip


def chosen(names: Sequence[str] = ()) -> list[Command]:
    """Those of these names, or all. Raises UsageError for one that there is not."""
    every = {command.name: command for command in commands()}
    if unknown := [name for name in names if name not in every]:
        raise UsageError(f"no command {unknown[0]!r}; there are {', '.join(every)}")
    return [every[name] for name in names or every]
