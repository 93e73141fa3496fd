"""The options of one check: a table that `darkparity.check`, its help and the command line all read."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from types import ModuleType
from typing import Any

from darkparity.dialects import CHANGES, listed, names_of
from darkparity.errors import UsageError

Names = tuple[str, ...]


def _option(default: Any, flag: str, metavar: str, help: str, least: float | None = None) -> Any:
    """A field of Request: flag, metavar and help of the command line; least: the smallest value."""
    return field(default=default, metadata=dict(flag=flag, metavar=metavar, help=help, least=least))


@dataclass(frozen=True)
class Request:
    """What is asked of whom, and how. `of` makes one from what people give."""

    implementations: tuple[Any, ...] = ()
    dialect: Names = _option(
        (),
        "--dialect",
        "NAME",
        "Dialect: a name, FILE.toml, or 'pytorch(epsilon=1e-3)'; repeatable (default: darknet).",
    )
    cases: Names = _option((), "--case", "PATTERN", "Only cases whose id or bare name matches; repeatable.")
    operations: Names = _option((), "--operation", "NAME", "Only this operation; repeatable.")
    networks: bool = _option(False, "--networks", "", "All layers of yolov3-tiny and darknet53 instead of three.")
    input: Path | None = _option(
        None, "--input", "FILE", "Your own tensors instead of the cases; with --cfg: image or activations."
    )
    cfg: Path | None = _option(None, "--cfg", "NET.cfg", "Check the batch-normalized layers of your own network.")
    module: str | None = _option(
        None, "--module", "FILE:NAME", "With --cfg: your PyTorch network, or a function that makes it, layer by layer."
    )
    pair: Names = _option((), "--pair", "NAME=LAYER", "Which layer a batch norm of --module is; repeatable.")
    weights: Path | None = _option(None, "--weights", "NET.weights", "Parameters of the network given with --cfg.")
    mode: str | None = _option(None, "--mode", "training|inference", "Mode that --input was recorded in.")
    seed: int = _option(0, "--seed", "N", "Seed of arrays that --input lacks.")
    store: Path | None = _option(None, "--store", "DIR", "Golden store (default: ./golden, else the packaged one).")
    shard: str | None = _option(
        None, "--shard", "I/N", "Only every Nth case, from the Ith on; `merge` joins the run files."
    )
    programs: Names = _option((), "--exec", "CMD", "Check a program that speaks docs/protocol.md; repeatable.")
    isolate: bool = _option(False, "--isolate", "", "Run every implementation in a process of its own.")
    timeout: float = _option(20.0, "--timeout", "S", "Seconds that a child process may take per case.", 0.001)
    memory: int | None = _option(None, "--memory", "MB", "Memory that a child process may use, MB (Linux only).", 1)
    jobs: int = _option(1, "--jobs", "N", "Number of processes that judge.", 1)
    repeat: int = _option(1, "--repeat", "N", "Ask every case N times; answers must not change.", 1)
    redraw: int | None = _option(
        None, "--redraw", "SEED", "Also ask cases with inputs drawn anew; --isolate does, from a secret seed.", 0
    )
    strict: bool = _option(False, "--strict", "", "Also fail on unsupported operations and outputs not returned.")
    known: Path | None = _option(
        None, "--known", "FILE", "Known differences (TOML); entries that no longer fail are errors."
    )
    output: Path | None = _option(None, "--output", "FILE", "Run file, JSON lines (`check`: darkparity-run.jsonl).")

    @classmethod
    def of(cls, implementations: Any = (), **given: Any) -> Request:
        """From what a caller gave: one text or several, paths as text; what changes a dialect goes into its name.

        Raises UsageError.
        """
        several = isinstance(implementations, list | tuple)
        changes = {name: given.pop(name) for name in CHANGES if name in given}
        dialects = names_of(listed(given.pop("dialect", None)), changes)
        options = {name: _taken(_field(name), value) for name, value in given.items()}
        return cls(tuple(implementations) if several else (implementations,), dialects, **options)

    def as_options(self) -> Mapping[str, Any]:
        """What the header of a run records."""
        named = {f.name: getattr(self, f.name) for f in fields(self)}
        plain = {name: str(value) if isinstance(value, Path) else value for name, value in named.items()}
        return {**plain, "implementations": tuple(map(name_of, self.implementations))}


#: Option -> its field.
OPTIONS: dict[str, Field[Any]] = {f.name: f for f in fields(Request) if f.metadata}


def only_dialect(request: Request) -> str:
    """The dialect asked for, "" for none. Raises UsageError for several."""
    if len(request.dialect) > 1:
        raise UsageError(f"--dialect is given {len(request.dialect)} times; one is needed here")
    return request.dialect[0] if request.dialect else ""


def name_of(target: Any) -> str:
    """What to type for an object: a name is its own, a module's is its import path, else `module:Class`."""
    if isinstance(target, str):
        return target
    if isinstance(target, ModuleType):
        return target.__name__
    cls = target if isinstance(target, type) else type(target)
    return f"{cls.__module__}:{cls.__qualname__}"


def _field(name: str) -> Field[Any]:
    if name not in OPTIONS:
        close = difflib.get_close_matches(name, [*OPTIONS, *CHANGES], n=3)
        hint = f"did you mean {', '.join(close)}?" if close else f"known: {', '.join(OPTIONS)}"
        raise UsageError(f"no option {name!r}; {hint}")
    return OPTIONS[name]


def _taken(option: Field[Any], value: Any) -> Any:
    """A value as its field holds it."""
    kind, least = str(option.type), option.metadata["least"]
    if kind == "Names":
        return (value,) if isinstance(value, str) else tuple(value or ())
    if value is None:
        return option.default
    if kind.startswith("Path"):
        return Path(value)
    wanted: Any = {"bool": bool, "int": int, "float": (int, float), "str": str}[kind.partition(" ")[0]]
    if not isinstance(value, wanted) or (wanted is not bool and isinstance(value, bool)):
        raise UsageError(f"{option.name}={value!r}: needs {kind}")
    if least is not None and value < least:
        raise UsageError(f"{option.name}={value!r}: must be at least {least}")
    return value
