"""One reader against many mutations: how many it accepts, how many it refuses clearly, and what else happens."""

from __future__ import annotations

import gc
import random
import resource
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from darkparity.errors import FAULT, DarkparityError
from darkparity.formats.text import LIMIT

from .mutate import Mutation, mutated

#: Processor seconds of one file of a few kB; the slowest takes 0.1. Without it quadratic readers pass.
SECONDS = 5.0
#: Bytes beyond what the process holds; the files are of a few kB. Without it a bomb passes.
MEMORY = 1 << 30
#: Characters: a sentence or two and a piece of foreign text, not the file.
_LONGEST = 2 * LIMIT


@dataclass(frozen=True)
class Format:
    """seeds: valid files. read: raises a DarkparityError for what is none. finish: makes a mutation whole, by
    a length or checksum, so that it reaches deeper."""

    name: str
    seeds: Sequence[bytes]
    read: Callable[[bytes], object]
    mutations: Sequence[Mutation]
    finish: Callable[[bytes], bytes] = bytes


def through(path: Path, read: Callable[[Path], object]) -> Callable[[bytes], object]:
    """A reader of paths as a reader of content."""

    def reader(data: bytes) -> object:
        path.write_bytes(data)
        return read(path)

    return reader


@dataclass
class Finding:
    """One kind of misbehaviour: how often, and the first input."""

    what: str
    example: bytes
    count: int = 1


@dataclass
class Outcome:
    """What happened to the mutations of one format."""

    format: str
    accepted: int = 0
    refused: int = 0
    findings: dict[str, Finding] = field(default_factory=dict)

    @property
    def mutations(self) -> int:
        return self.accepted + self.refused + self.found

    @property
    def found(self) -> int:
        return sum(finding.count for finding in self.findings.values())

    def add(self, what: str, data: bytes) -> None:
        """Count a finding."""
        if what in self.findings:
            self.findings[what].count += 1
        else:
            self.findings[what] = Finding(what, data)


class _TooSlow(BaseException):
    """Not an Exception: readers that turn any into a message must not swallow it."""


def attack(format: Format, seed: int, count: int, until: float | None = None) -> Outcome:
    """`count` mutations, or as many as fit before `until` (time.process_time). Raises what a seed raises."""
    outcome, rng = Outcome(format.name), random.Random(f"{seed}/{format.name}")
    for data in format.seeds:
        format.read(format.finish(data))
    done = 0
    while done < count and (until is None or time.process_time() < until):
        data = format.finish(mutated(rng, format.seeds, format.mutations))
        what = _ask(format, data)
        if what not in ("accepted", "refused"):
            gc.collect()  # arrays of earlier inputs that tracebacks still hold are not this one's
            what = _ask(format, data)
        if what == "accepted":
            outcome.accepted += 1
        elif what == "refused":
            outcome.refused += 1
        else:
            outcome.add(what, data)
        done += 1
    return outcome


def _ask(format: Format, data: bytes) -> str:
    """`accepted`, `refused`, or what went wrong."""
    try:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        format.read(data)
    except DarkparityError as error:
        return _judged(error)
    except _TooSlow:
        return f"takes more than {SECONDS:g} s"
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, too, is no answer
        return f"{type(error).__name__} at {_place(error)}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return "accepted"


def _judged(error: DarkparityError) -> str:
    text, cause = str(error), error.__context__
    while cause is not None:
        if isinstance(cause, MemoryError):
            return f"takes more than {MEMORY >> 20} MiB at {_place(cause)}"
        cause = cause.__context__
    if error.exit_code == FAULT:
        return f"{type(error).__name__} counts as a fault of the harness at {_place(error)}"
    if len(text) > _LONGEST:
        return f"a message of more than {_LONGEST} characters at {_place(error)}"
    if not text.replace("\n", "").isprintable():
        return f"a message that does not print at {_place(error)}"
    return "refused"


def _place(error: BaseException) -> str:
    """The innermost line of ours."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "darkparity" in Path(f.filename).parts]
    if not frames:
        return "?"
    parts = Path(frames[-1].filename).parts
    inside = "/".join(parts[len(parts) - parts[::-1].index("darkparity") :])
    return f"{inside}:{frames[-1].lineno}"


@contextmanager
def limits() -> Iterator[None]:
    """Within, warnings are silent, who takes too long is stopped, and who takes too much memory gets MemoryError."""

    def stop(number: int, frame: FrameType | None) -> Any:
        raise _TooSlow

    earlier_handler = signal.signal(signal.SIGPROF, stop)
    earlier = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, earlier[1]))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, earlier)
        signal.signal(signal.SIGPROF, earlier_handler)
