"""How often the diagnosis names the cause in ports written by hand: `python -m darkparity.proof.ports DIRECTORY`.

A port is a Python file that `darkparity check` takes. Its constants are read here, not run:

    CAUSE    one sentence: what its author did wrong
    RIGHT    patterns, case ignored; a sentence that matches one of them names the cause. None: the port is honest
    SET      "tuning" or "heldout"
    DIALECT  the dialect it is judged against; without it, the one in its DARKPARITY
    OTHER    of an honest port: a dialect that it does not compute, under which it must not be accused
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

SETS = ("tuning", "heldout")
#: Explanations that a reader looks at before giving up.
_LOOKED_AT = 3
#: Names of what excuses an honest port instead of accusing it.
_EXCUSE = re.compile(r"^(dialect|constants?|labels?|modes?)\b")


@dataclass(frozen=True)
class Port:
    """A file and what its constants say; `right` is empty for an honest port."""

    path: Path
    right: tuple[str, ...] = ()
    set: str = ""
    dialect: str = ""
    other: str = ""


@dataclass(frozen=True)
class Answer:
    """What one check said. names, sentences: of the explanations, best first; sentences also hold a diagnosis that
    names none. Seconds are processor time, of the whole check with its imports and of the diagnosis alone."""

    caught: bool
    names: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    seconds: float = 0.0
    diagnosis_seconds: float = 0.0
    fault: str = ""


@dataclass(frozen=True)
class Score:
    """How one port fared. word: `right` (first, or `rank` says which), `wrong`, `none` named; `honest` or `accused`."""

    port: str
    word: str
    caught: bool
    rank: int | None
    first: str
    seconds: float
    diagnosis_seconds: float


def ports_in(directory: Path, chosen_set: str = "", only: str = "*") -> list[Port]:
    """The ports of a directory, by name. Raises OSError, SyntaxError, ValueError for constants that are no literals."""
    found = (read(path) for path in sorted(directory.glob(f"{only.removesuffix('.py')}.py")))
    return [port for port in found if chosen_set in ("", port.set)]


def read(path: Path) -> Port:
    """The constants of a file, without running it."""
    known = {name.upper(): name for name in ("right", "set", "dialect", "other")}
    constants: dict[str, Any] = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in known:
            constants[known[node.targets[0].id]] = ast.literal_eval(node.value)
    return Port(path, **constants)


def checked(path: str, dialect: str) -> Answer:
    """Check a port in this process; a port that changes global state needs a fresh one."""
    from darkparity.checking import Watcher, run
    from darkparity.request import Request

    class Clock(Watcher):
        judged_at = 0.0

        def judged(self, *_: Any) -> None:
            self.judged_at = time.process_time()

    clock = Clock()
    found = run(Request.of(path, **({"dialect": dialect} if dialect else {})), clock)
    ended = time.process_time()
    causes = [cause for diagnosis in found.diagnoses for cause in diagnosis.explanations]
    sentences = [cause.sentence for cause in causes] or [diagnosis.sentence for diagnosis in found.diagnoses]
    names = tuple(cause.name for cause in causes)
    return Answer(bool(found.failures), names, tuple(sentences), ended, ended - clock.judged_at)


def asked(port: Port, dialect: str) -> Answer:
    """Check a port in a process of its own."""
    command = [sys.executable, "-m", "darkparity.proof.ports", "--one", str(port.path), dialect]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return Answer(False, fault=(done.stderr.strip() or f"exit {done.returncode}").splitlines()[-1])
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return Answer(**{**told, "names": tuple(told["names"]), "sentences": tuple(told["sentences"])})


def score(port: Port, ask: Callable[[Port, str], Answer] = asked) -> Score:
    """Check one port and compare what is said with what its author says."""
    answer = ask(port, port.dialect)
    if port.right:
        return _wrong(port, answer)
    other = ask(port, port.other) if port.other and not answer.caught else answer
    parts = [part for name in other.names for part in name.split(" + ")]
    accused = answer.caught or not all(_EXCUSE.search(part) for part in parts)
    return _scored(port, "accused" if accused else "honest", other, None)


def _wrong(port: Port, answer: Answer) -> Score:
    rank = next((i for i, sentence in enumerate(answer.sentences) if _matches(port.right, sentence)), None)
    unnamed = "wrong" if answer.names else "none"
    return _scored(port, "right" if rank == 0 else unnamed, answer, rank)


def _matches(patterns: Sequence[str], sentence: str) -> bool:
    return any(re.search(pattern, sentence, re.IGNORECASE) for pattern in patterns)


def _scored(port: Port, word: str, answer: Answer, rank: int | None) -> Score:
    first = answer.fault or (answer.sentences[0] if answer.sentences else "")
    return Score(port.path.stem, word, answer.caught, rank, first, answer.seconds, answer.diagnosis_seconds)


def totals(scores: Sequence[Score]) -> dict[str, float]:
    """Counts, and shares of the wrong ports in percent; seconds of the processor."""
    honest = [s for s in scores if s.word in ("honest", "accused")]
    wrong = [s for s in scores if s not in honest]

    def percent(count: int) -> float:
        return round(100 * count / len(wrong), 1) if wrong else 0.0

    times = [s.diagnosis_seconds for s in wrong] or [0.0]
    return {
        "wrong ports": len(wrong),
        "caught": sum(s.caught for s in wrong),
        "right first %": percent(sum(s.rank == 0 for s in wrong)),
        f"right in first {_LOOKED_AT} %": percent(sum(s.rank is not None and s.rank < _LOOKED_AT for s in wrong)),
        "none named %": percent(sum(s.word == "none" for s in wrong)),
        "wrong named %": percent(sum(s.word == "wrong" for s in wrong)),
        "diagnosis, median s": round(statistics.median(times), 2),
        "diagnosis, most s": round(max(times), 2),
        "honest ports": len(honest),
        "accused": sum(s.word == "accused" for s in honest),
    }


def scored(ports: Iterable[Port], jobs: int) -> Iterator[Score]:
    """Each in turn, `jobs` at a time."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(score, ports)


def _row(s: Score) -> str:
    caught = "caught" if s.caught else "passes"
    return f"{s.port:<44} {caught} {s.word:<8} {s.seconds:6.1f} {s.diagnosis_seconds:6.1f}  {s.first}"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m darkparity.proof.ports", description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?", metavar="DIRECTORY")
    parser.add_argument("--set", choices=SETS, default="")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="Files whose name matches, as of a shell.")
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    parser.add_argument("--json", action="store_true", help="One object on standard output instead of a table.")
    parser.add_argument("--one", nargs=2, metavar=("FILE", "DIALECT"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not options.one:
        options.ports = ports_in(options.directory or parser.error("DIRECTORY is missing"), options.set, options.only)
        if not options.ports:
            parser.error(f"{options.directory}: no such ports in it")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Score a directory; 1 unless every wrong port is caught and no honest one accused."""
    options = _options(arguments)
    if options.one:
        print(json.dumps(asdict(checked(*options.one))))
        return 0
    show: Callable[[str], None] = partial(print, flush=True, file=sys.stderr if options.json else sys.stdout)
    scores = []
    for found in scored(options.ports, options.jobs):
        show(_row(found))
        scores.append(found)
    all_in_all = totals(scores)
    if options.json:
        print(json.dumps({"totals": all_in_all, "ports": [asdict(s) for s in scores]}, indent=1))
    for name, value in all_in_all.items():
        show(f"{name:<24} {value:g}")
    return 0 if all_in_all["caught"] == all_in_all["wrong ports"] and not all_in_all["accused"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
