"""One `check` from request to exit code: ask, write the run, show it."""

from __future__ import annotations

import shlex
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from dataclasses import field as default
from functools import partial
from pathlib import Path
from typing import IO, Any

from darkparity.cli.show.diagnoses import diagnoses, show_diagnoses
from darkparity.cli.show.network import show_network
from darkparity.cli.show.screen import print_json, progress, screen
from darkparity.cli.show.views import as_json, show_head, show_result
from darkparity.dialects import DEFAULT
from darkparity.judging import known
from darkparity.judging.parallel import close, run_parallel
from darkparity.judging.participants import Access, Field, gather
from darkparity.judging.runner import RECORDED, Participant, Result, run
from darkparity.problems.golden.store import Store, default_store
from darkparity.problems.network.own import own_network
from darkparity.problems.problem import Problem
from darkparity.problems.select import Filters, entries, from_file, select
from darkparity.report.runfile import Writer, described, footer, header, pair_records, result_record
from darkparity.report.shards import pick
from darkparity.report.summary import summarize

DEFAULT_OUTPUT = Path("darkparity-run.jsonl")
#: Stands in a recording's reproducing command, which has no implementation to name: cheap, always there.
_COMPANION = "numpy"


@dataclass(frozen=True)
class Request:
    """The options of one `check`."""

    implementations: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    store: Path | None = None
    input: Path | None = None
    cfg: Path | None = None
    weights: Path | None = None
    seed: int = 0
    strict: bool = False
    output: Path | None = None
    json: bool = False
    ways: Access = default(default_factory=Access)
    jobs: int = 1
    shard: str | None = None
    networks: bool = False
    known: Path | None = None

    def options(self) -> dict[str, Any]:
        """What the header records."""
        return {
            "implementations": self.implementations,
            "case": self.cases,
            "operation": self.operations,
            "dialect": self.dialects,
            "store": self.store and str(self.store),
            "input": self.input and str(self.input),
            "cfg": self.cfg and str(self.cfg),
            "weights": self.weights and str(self.weights),
            "strict": self.strict,
            **self.ways.options(),
            "jobs": self.jobs,
            "shard": self.shard,
            "networks": self.networks,
            "known": self.known and str(self.known),
        }

    def reproduce(self, asked: str, problem: Problem) -> str:
        """The shortest command that asks one implementation this one problem again."""
        words = [
            "darkparity",
            "check",
            *self.ways.words(asked or _COMPANION),
            *shlex.split(problem.reproduce),
        ]
        if "--dialect" not in words and (self.dialects or problem.dialect.name != DEFAULT):
            words += ["--dialect", problem.dialect.name]
        options = {"--store": self.store, "--input": self.input, "--seed": self.seed or None}
        for option, value in options.items():
            if value is not None and option not in words:
                words += [option, str(value)]
        return shlex.join(words)


def judge(request: Request) -> int:
    """Run one check. Raises what `main` turns into messages."""
    started = time.perf_counter()
    field, store, problems, notes = _prepared(request)
    with _output(request) as (stream, note):
        writer = Writer(stream)
        writer.write(
            header(store, request.options(), _described(field, problems), field.absent, request.seed) | notes
        )
        console = screen()
        if not request.json:
            show_head(console, writer.run, len(problems))
        with _orderly_end():
            try:
                _ask(request, field, problems, writer)
                for found in diagnoses(field.participants, problems, writer.run):
                    writer.write(found.as_record())
            finally:
                close(field.participants)
        outcome = summarize(writer.run)
        writer.write(footer(outcome.counts, outcome.exit_code, time.perf_counter() - started))
    if request.json:
        print_json(as_json(writer.run, note))
    else:
        show_result(console, writer.run, note)
        show_network(console, writer.run.header)
    return outcome.exit_code


def diagnose_only(request: Request) -> int:
    """Judge without a run file and say only why it deviates."""
    field, store, problems, notes = _prepared(request)
    writer = Writer(None)
    head = header(store, request.options(), _described(field, problems), field.absent, request.seed)
    writer.write(head | notes)
    with _orderly_end():
        try:
            _ask(request, field, problems, writer)
            found = [d.as_record() for d in diagnoses(field.participants, problems, writer.run)]
        finally:
            close(field.participants)
    outcome = summarize(writer.run)
    if request.json:
        print_json({"diagnoses": found, "counts": dict(outcome.counts), "exit_code": outcome.exit_code})
    elif found:
        show_diagnoses(screen(), found)
    else:
        print(f"nothing to explain: {', '.join(f'{n} {v}' for v, n in outcome.counts.items())}")
    return outcome.exit_code


def _prepared(request: Request) -> tuple[Field, Store | None, list[Problem], dict[str, Any]]:
    """Who is asked, from which store, what, and notes for the header."""
    field = gather(request.implementations, request.dialects, request.ways)
    filters = Filters(field.dialects(request.dialects), request.operations, request.cases, request.networks)
    store, problems, notes = _problems(request, filters)
    if request.known is not None:
        notes |= {"known": _known(request.known, field, filters, store, problems)}
    return field, store, pick(problems, request.shard), notes


def _plan(request: Request) -> tuple[Sequence[Participant], Sequence[Problem]]:
    field, _, problems, _ = _prepared(request)
    return field.participants, problems


def _problems(request: Request, filters: Filters) -> tuple[Store | None, list[Problem], dict[str, Any]]:
    """What is asked, and what the header says about a file of the user's."""
    if request.cfg is not None or request.weights is not None:
        problems, notes = own_network(request.cfg, request.weights, request.input, filters, request.seed)
        return None, problems, notes
    if request.input is not None:
        problems, ignored, drawn = from_file(request.input, filters, request.seed)
        return None, problems, {"input": {"path": str(request.input), "ignored": ignored, "drawn": drawn}}
    store = default_store(request.store)
    return store, select(store, filters), {}


def _known(
    path: Path, field: Field, filters: Filters, store: Store | None, problems: Sequence[Problem]
) -> list[dict[str, Any]]:
    """Known differences; an entry for a case that the filters leave out is not stale."""
    there = [e for d in filters.dialects for e in entries(store, d)] if store else []
    identities = [known.Identity(e.id, e.case) for e in there] or [_identity(q) for q in problems]
    names = {RECORDED, *field.asked, *(c.name for c in field.participants)}
    return known.listed(known.read(path), names, identities)


def _identity(problem: Problem) -> known.Identity:
    return known.Identity.of(problem.id, problem.dialect.name, problem.operation)


def _described(field: Field, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    rows = [described(text, c.description) for text, c in zip(field.asked, field.participants, strict=True)]
    if any(q.recorded for q in problems):
        rows.append({"asked": "", "name": RECORDED, "version": "as found in the file", "labels": []})
    return rows


def _ask(request: Request, field: Field, problems: Sequence[Problem], writer: Writer) -> None:
    by_id = {q.id: q for q in problems}
    asked = {c.name: text for text, c in zip(field.asked, field.participants, strict=True)}
    total = len(problems) * len(field.participants) + sum(bool(q.recorded) for q in problems)
    with progress(request.json) as move:
        record = _recorder(request, by_id, asked, writer, total, move)
        if request.jobs > 1:
            matrix = run_parallel(partial(_plan, request), request.jobs, len(problems), record)
        else:
            matrix = run(field.participants, problems, record)
    for pair in pair_records(matrix):
        writer.write(pair)


def _recorder(
    request: Request,
    problems: dict[str, Problem],
    asked: dict[str, str],
    writer: Writer,
    total: int,
    move: Callable[[str, int, int], None],
) -> Callable[[Result], None]:
    listed = known.unlisted(writer.run.header.get("known", ()))

    def record(result: Result) -> None:
        problem = problems[result.case]
        text = asked.get(result.implementation, "")
        excuse = known.find(listed, (result.implementation, text), _identity(problem))
        extra = {"reproduce": request.reproduce(text, problem)} | (
            {"known": asdict(excuse)} if excuse else {}
        )
        writer.write({**result_record(result, problem), **extra})
        move(f"{result.implementation} {result.case}", len(writer.run.results), total)

    return record


@contextmanager
def _orderly_end() -> Iterator[None]:
    """SIGTERM (a CI's time limit) ends the run as Ctrl-C does, so that no child outlives it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _output(request: Request) -> Iterator[tuple[IO[str] | None, str]]:
    """The run file and its name; that the default one cannot be written is said, and no error."""
    path = request.output or DEFAULT_OUTPUT
    try:
        stream = path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        if request.output is not None:
            raise
        yield None, f"not written: {error}"
        return
    with stream:
        yield stream, str(path)
