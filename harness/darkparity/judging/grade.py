"""Answers that a port wrote next to exported inputs, judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from darkparity.errors import DarkparityError, ProtocolError
from darkparity.formats import messages
from darkparity.formats.numbers import shown
from darkparity.formats.strict_json import CodecError, read_json
from darkparity.implementations.protocol import EVERY, Description
from darkparity.implementations.returned import outputs_in
from darkparity.implementations.wire.external import described_by, refusal
from darkparity.problems.exported import FORMATS, Export, OfflineError
from darkparity.problems.problem import Problem
from darkparity.spec import OPERATIONS, Arrays, Call

from .result import Result
from .runner import Participant, ask

#: What a port may say of itself, next to its answers: the content of a `hello` reply.
ABOUT = "IMPLEMENTATION.json"


@dataclass(frozen=True)
class Grading:
    """Answers found in a directory, and who gave them.

    extra: files that answer no case. missing: cases of declared operations that have no answer.
    """

    answers: Path
    description: Description
    extra: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def of(self, problem: Problem) -> list[Path]:
        """The answer files of one case."""
        return [p for suffix in FORMATS if (p := self.answers / problem.id / f"answer.{suffix}").is_file()]

    def offers(self, problem: Problem) -> bool:
        """Whether the port says that it has the operation, in the dialect."""
        told = self.description
        return problem.operation in told.operations and told.offers(problem.dialect.name)


def open_answers(exported: Export, answers: Path) -> Grading:
    """Look at what a port wrote. Raises OfflineError if it describes itself wrongly."""
    known = {q.id for q in exported.problems}
    extra = [p.relative_to(answers).as_posix() for p in sorted(answers.glob("*/answer.*"))
             if p.parent.name not in known or p.suffix[1:] not in FORMATS]  # fmt: skip
    about = answers / ABOUT
    try:
        content = read_json(about) if about.exists() else {}
        claim = {"operations": list(OPERATIONS), "dialects": [EVERY], **content}
        description = described_by(claim, answers.resolve().name)
    except CodecError as error:
        raise OfflineError(str(error)) from None
    except (ProtocolError, TypeError) as error:
        raise OfflineError(f"{about}: {error}") from None
    grading = Grading(answers, description, tuple(extra))
    missing = (p.id for p in exported.problems if grading.offers(p) and not grading.of(p))
    return replace(grading, missing=tuple(missing))


def grade(exported: Export, grading: Grading) -> Iterator[Result]:
    """Judge every answer that is there."""
    for problem in exported.problems:
        if problem.id not in grading.missing:
            yield ask(Participant(_Answers(grading.of(problem)), grading.description), problem)[0]


def answers_in(grading: Grading) -> Callable[[Problem], Arrays | None]:
    """What the port wrote for a case; None where that is nothing, or cannot be read: its own verdict says so."""

    def answers(problem: Problem) -> Arrays | None:
        try:
            return _Answers(grading.of(problem)).run(problem.call)
        except (OSError, DarkparityError):
            return None

    return answers


@dataclass(frozen=True)
class _Answers:
    """The answer files of one case as an implementation that can be asked just that."""

    paths: Sequence[Path]

    def describe(self) -> Description:
        """Offers nothing: a failing layer cannot be replayed routine by routine."""
        return Description("answers", "", (), ())

    def run(self, call: Call, outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        if len(self.paths) > 1:
            raise ProtocolError(f"two answers: {', '.join(p.name for p in self.paths)}; leave one")
        (path,) = self.paths
        message = FORMATS[path.suffix[1:]][1](path.read_bytes())
        kind, case = message.content.get("kind"), message.content.get("case", path.parent.name)
        if kind == messages.ERROR:
            raise refusal(message.content)
        if kind != messages.RESULT or case != path.parent.name:
            raise ProtocolError(f"{path.name} is {shown(kind)} for {shown(case)}, not a result for {path.parent.name}")
        return outputs_in(call, message.arrays)
