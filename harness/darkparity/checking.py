"""The use case: from a request to a run. The command line, pytest and `darkparity.check` all come here."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from darkparity.formats.text import said
from darkparity.judging import known
from darkparity.judging.changing import of_changing_answers
from darkparity.judging.diagnosis import Diagnosis
from darkparity.judging.distance import Matrix
from darkparity.judging.participants import gather
from darkparity.judging.result import Result
from darkparity.judging.runner import Participant, repeats_of
from darkparity.judging.runner import run as ask_all
from darkparity.judging.verdict import DependsOnEarlierCalls, Deviates, NotDeterministic
from darkparity.oracle.bounds import Profile
from darkparity.preparing import Prepared, access_of, identity_of, prepare, prepared, reproduce, settled
from darkparity.problems.problem import REDRAWN, Problem
from darkparity.report.failures import complaint
from darkparity.report.header import described, distances, footer, header
from darkparity.report.records import Exported, Header, StoreUsed
from darkparity.report.run import Run
from darkparity.report.runfile import Writer
from darkparity.request import OPTIONS, Request

if TYPE_CHECKING:  # loaded by the runs that need them
    from darkparity.judging.diagnose import Witness
    from darkparity.judging.grade import Grading
    from darkparity.problems.exported import Export


def check(implementations: Any = (), /, **options: Any) -> Run:
    """Judge implementations of DarkNet's batch normalization and return what was found.

        implementations: one or several, each a name as the command line takes it ("numpy", "torch@cuda",
        "package.module", "path/to/port.py"), or an object: a module, class or instance with functions named like the
        operations. Default: cpp, numpy and torch, as far as they are installed.

        options: those of `darkparity check`; several values as one text or a sequence, paths as text.
    {options}

        Nothing is printed, and nothing written unless `output` is given. Raises UsageError for what cannot be used.

        >>> run = check("numpy", cases="*tiny*")
        >>> run.conforms, run.failures
        (True, ())
    """
    return run(Request.of(implementations, **options))


def _documented(function: Callable[..., Run]) -> None:
    """Signature and docstring from the table of options, which `help` then shows."""
    lines = [f"        {o.name}: {o.metadata['help']}" for o in OPTIONS.values()]
    function.__doc__ = str(function.__doc__).format(options="\n".join(lines))
    first = inspect.Parameter("implementations", inspect.Parameter.POSITIONAL_ONLY, default=())
    rest = [
        inspect.Parameter(o.name, inspect.Parameter.KEYWORD_ONLY, default=o.default, annotation=o.type)
        for o in OPTIONS.values()
    ]
    function.__signature__ = inspect.Signature([first, *rest], return_annotation="Run")  # type: ignore[attr-defined]


_documented(check)


def assert_conforms(implementation: Any, /, **options: Any) -> None:
    """Raise AssertionError unless an implementation conforms, with what fails, where and why.

    For anybody's test. implementation and options: as for `check`. Several failures are told, three in full.
    """
    __tracebackhide__ = True
    found = check(implementation, **options)
    if not found.conforms:
        raise AssertionError(complaint(found))


class Watcher:
    """Told of a run while it grows; this one does nothing."""

    def started(self, run: Run, problems: Sequence[Problem]) -> None:
        """The header is there; `problems` are about to be asked."""

    def judged(self, result: Result, done: int, total: int) -> None:
        """One more result."""

    def written(self, note: str) -> None:
        """Where the run file is, or why there is none. Also told of a run that is interrupted."""


def run(request: Request, watcher: Watcher | None = None, default_output: Path | None = None) -> Run:
    """Judge everything a request asks. Raises UsageError and its kinds for what cannot be used.

    default_output: the run file where the request names none; that it cannot be written is no error.
    An interrupted run leaves its file without a footer and raises Interrupted or KeyboardInterrupt.
    """
    started, watcher, request = time.perf_counter(), watcher or Watcher(), settled(request)
    with prepared(request) as asked, _recording(request.output, watcher, default_output) as writer:
        writer.write(asked.header)
        watcher.started(writer.run, asked.problems)
        for distance in distances(_ask(request, asked, writer, watcher)):
            writer.write(distance)
        for found in _diagnoses_of(asked, writer.run):
            writer.write(found)
        if asked.seal is not None:
            asked.seal.check()
        writer.write(footer(writer.run.summary, time.perf_counter() - started))
    return writer.run


def graded(directory: Path, answers: Path, request: Request, watcher: Watcher | None = None) -> Run:
    """Judge the answers that a port wrote in `answers` for the cases exported to `directory`. Raises OfflineError."""
    from darkparity.judging.diagnose import Witness
    from darkparity.judging.grade import answers_in, grade, open_answers
    from darkparity.problems.exported import read_export

    started, watcher = time.perf_counter(), watcher or Watcher()
    exported = read_export(directory)
    grading = open_answers(exported, answers)
    with _recording(request.output, watcher) as writer:
        writer.write(_graded_header(exported, grading, request, directory))
        watcher.started(writer.run, exported.problems)
        for done, result in enumerate(grade(exported, grading), 1):
            writer.write(result)
            watcher.judged(result, done, len(exported.problems))
        labels = grading.description.labels
        witness = Witness(grading.description.name, answers_in(grading), Profile(affine="affine" in labels))
        for found in _diagnoses(exported.problems, {witness.name: witness}, writer.run):
            writer.write(found)
        writer.write(footer(writer.run.summary, time.perf_counter() - started))
    return writer.run


def _graded_header(exported: Export, grading: Grading, request: Request, directory: Path) -> Header:
    used = exported.manifest.store
    export = Exported(
        suite_version=exported.manifest.suite_version,
        store=StoreUsed(**used) if used else None,
        changed=exported.changed,
        extra=grading.extra,
        missing=grading.missing,
    )
    options = {"strict": request.strict, "input": str(directory), "answers": str(grading.answers)}
    who = (described(f"answers in {grading.answers}", grading.description),)
    return replace(header(None, options, 0), implementations=who, export=export, cases=len(exported.problems))


@contextmanager
def _recording(output: Path | None, watcher: Watcher, default: Path | None = None) -> Iterator[Writer[Run]]:
    """A writer whose file is put in its place at the end; what was written of an interrupted run stays beside it."""
    writer = Writer(Run(), output or default, optional=output is None)
    try:
        yield writer
        writer.finish()
    except BaseException:
        writer.abandon()
        raise
    finally:
        watcher.written(writer.note)


def _ask(request: Request, asked: Prepared, writer: Writer[Run], watcher: Watcher) -> Matrix:
    by_id = {p.id: p for p in asked.problems}
    total = len(by_id) * len(asked.participants.all) + sum(p.is_recorded for p in asked.problems)

    def record(result: Result) -> None:
        whole = _complete(request, asked, by_id[result.case], result)
        writer.write(whole)
        watcher.judged(whole, len(writer.run.results), total)

    if request.jobs > 1:
        from darkparity.judging.parallel import run_parallel

        return run_parallel(partial(_plan, request), request.jobs, len(asked.problems), record, request.repeat)
    return ask_all(asked.participants.all, asked.problems, record, repeats_of(asked.participants.all, request.repeat))


def _plan(request: Request) -> tuple[Sequence[Participant], Sequence[Problem]]:
    """What a worker process asks, made anew there."""
    participants = gather(request.implementations, request.dialect, access_of(request))
    asked = prepare(request, participants)
    return asked.participants.all, asked.problems


def _complete(request: Request, asked: Prepared, problem: Problem, result: Result) -> Result:
    """A result with its reproducing command and the known difference that speaks of it."""
    typed = asked.participants.by_name.get(result.implementation, "")
    names = (result.implementation, typed)
    excuse = known.find(asked.header.known, names, identity_of(problem))
    if problem.origin == REDRAWN and not result.failed:
        excuse = None  # that it conforms on these inputs makes no entry stale
    return replace(result, reproduce=reproduce(request, typed, problem), known=excuse)


def _diagnoses_of(asked: Prepared, run: Run) -> Iterator[Diagnosis]:
    """Of everybody who can be asked again, and of recordings."""
    if not run.failures:
        return
    from darkparity.judging.diagnose import Witness

    witnesses = map(Witness.of, (None, *asked.participants.all))
    yield from _diagnoses(asked.problems, {w.name: w for w in witnesses}, run)


_FAILED = "the diagnosis itself failed, a fault of the harness that says nothing about the implementation"
#: Verdicts that a diagnosis is for.
_DIAGNOSED = (Deviates.word, NotDeterministic.word, DependsOnEarlierCalls.word)


def _diagnoses(problems: Iterable[Problem], witnesses: Mapping[str, Witness], run: Run) -> Iterator[Diagnosis]:
    """One diagnosis for every implementation and dialect that deviates."""
    from darkparity.judging.diagnose import diagnose

    by_id = {p.id: p for p in problems}
    for key in dict.fromkeys((r.implementation, r.dialect) for r in run.failures if r.verdict.word in _DIAGNOSED):
        results = [r for r in run.results if (r.implementation, r.dialect) == key]
        changing = next((r for r in results if isinstance(r.verdict, NotDeterministic)), None)
        if changing is not None:
            yield of_changing_answers(changing)
            continue
        failing, conforming = (_of(results, by_id, word) for word in ("deviates", "conforms"))
        try:
            found = diagnose(witnesses[key[0]], failing, conforming)
        except Exception as error:  # no verdict may be lost to it
            found = Diagnosis(*key, f"{_FAILED} ({said(error)})")
        if found is not None:
            yield found


def _of(results: Iterable[Result], problems: dict[str, Problem], word: str) -> list[Problem]:
    return [problems[r.case] for r in results if r.verdict.word == word]
