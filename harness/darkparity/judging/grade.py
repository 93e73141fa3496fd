"""Answers that a port wrote next to exported inputs, judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from darkparity.dialects import DIALECTS
from darkparity.errors import ProtocolError
from darkparity.formats import messages
from darkparity.formats.numbers import shown
from darkparity.formats.strict_json import CodecError, read_json
from darkparity.implementations.protocol import Description
from darkparity.implementations.returned import outputs_in
from darkparity.implementations.wire.external import described_by, refusal
from darkparity.problems.exported import FORMATS, Export, OfflineError
from darkparity.spec import OPERATIONS, Call

from .result import Result
from .runner import Participant, ask
from .verdict import Inconclusive

#: What a port may say of itself, next to its answers: the content of a `hello` reply.
ABOUT = "IMPLEMENTATION.json"


@dataclass
class Grading:
    """Answers found in a directory, who gave them, and what nobody asked for."""

    answers: Path
    description: Description
    extra: list[str] = field(default_factory=list)


def open_answers(exported: Export, answers: Path) -> Grading:
    """Look at what a port wrote. Raises OfflineError if it describes itself wrongly."""
    known = {q.id for q in exported.problems}
    extra = [p.relative_to(answers).as_posix() for p in sorted(answers.glob("*/answer.*"))
             if p.parent.name not in known or p.suffix[1:] not in FORMATS]  # fmt: skip
    about = answers / ABOUT
    try:
        content = read_json(about) if about.exists() else {}
        claim = {"operations": list(OPERATIONS), "dialects": list(DIALECTS), **content}
        description = described_by(claim, answers.resolve().name)
    except CodecError as error:
        raise OfflineError(str(error)) from None
    except (ProtocolError, TypeError) as error:
        raise OfflineError(f"{about}: {error}") from None
    return Grading(answers, description, extra)


def grade(exported: Export, grading: Grading) -> Iterator[Result]:
    """Judge every case's answer."""
    for problem in exported.problems:
        found = [
            p for suffix in FORMATS if (p := grading.answers / problem.id / f"answer.{suffix}").is_file()
        ]
        if not found:
            why = Inconclusive(f"no answer: neither of {problem.id}/answer.{{{','.join(FORMATS)}}} is there")
            name = grading.description.name
            yield Result(name, problem.id, problem.operation, problem.dialect.name, why)
        else:
            yield ask(Participant(_Answers(found), grading.description), problem)[0]


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
