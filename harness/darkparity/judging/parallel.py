"""`--jobs N`: the problems spread over N processes, each with its own implementations; results in order.

Process k asks every Nth problem from the kth on, as `--shard` does, and sends what it got through a pipe;
the parent takes them in turn. So the order is that of one process, and a slow reader holds workers back.
A worker may never return from an implementation: it is ended from outside, and its children with it.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection, wait

from darkparity import ending
from darkparity.errors import DarkparityError, UsageError
from darkparity.formats.text import said
from darkparity.implementations.wire.guard import Guard
from darkparity.problems.problem import Problem

from .distance import Matrix, Pair
from .participants import close
from .result import Result
from .runner import Participant, repeats_of, run

#: Makes participants and problems anew in each process; must be picklable, and give the same each time.
Plan = Callable[[], tuple[Sequence[Participant], Sequence[Problem]]]
#: How long a worker that has sent everything may take to close its implementations, each of which has one second.
_GOODBYE_SECONDS = 10.0
#: How long one whose pipe is closed may take to die, so that its death can be named.
_DYING_SECONDS = 0.5


class WorkerDied(UsageError):
    """A worker ended before its problems did: something in its process took it along."""


def run_parallel(plan: Plan, jobs: int, count: int, on_result: Callable[[Result], None], repeat: int = 1) -> Matrix:
    """`runner.run` over `count` problems in `jobs` processes, each case asked `repeat` times. Raises WorkerDied."""
    matrix = Matrix()
    with ExitStack() as ends:
        workers = []
        for index in range(jobs):
            workers.append(_Worker(plan, index, jobs, repeat))
            ends.callback(workers[-1].close)
        for number in range(count):
            results, part = workers[number % jobs].next()
            for result in results:
                on_result(result)
            include(matrix, part)
        for worker in workers:
            worker.close(_GOODBYE_SECONDS)
    return matrix


def include(matrix: Matrix, part: Matrix) -> None:
    """Add the distances of other problems: counts add up, maxima are maxima."""
    for key, other in part.pairs.items():
        pair = matrix.pairs.setdefault(key, Pair())
        pair.max_ulp = max(pair.max_ulp, other.max_ulp)
        pair.ratio = max(pair.ratio, other.ratio)
        pair.equal += other.equal
        pair.elements += other.elements


class _Worker:
    """One process and the pipe its results come through."""

    def __init__(self, plan: Plan, index: int, jobs: int, repeat: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._results, theirs = context.Pipe(duplex=False)
        # No daemon: an implementation may start processes of its own.
        self._process = context.Process(target=_work, args=(plan, index, jobs, repeat, theirs), daemon=False)
        self._guard = Guard()
        self._closed = False
        with theirs, _signals_later():
            self._process.start()
            assert self._process.pid is not None
            self._guard.watch(self._process.pid)

    def next(self) -> tuple[list[Result], Matrix]:
        """What its next problem gave. Raises WorkerDied, and what ended it."""
        try:
            answer = self._results.recv()
        except EOFError:
            self.close(_DYING_SECONDS)
            code = self._process.exitcode or 0
            how = f"signal {-code}" if code < 0 else f"exit status {code}"
            raise WorkerDied(
                f"a worker process ended ({how}): an implementation took it along; --isolate gives every "
                "implementation a process of its own and names the case"
            ) from None
        if isinstance(answer, Exception):
            raise answer
        results, matrix = answer
        return results, matrix

    def close(self, patience: float = 0.0) -> None:
        """End it and everything it started; `patience` seconds for it to leave by itself."""
        if self._closed:
            return
        try:
            self._results.close()  # if it still sends it sees that and ends
            wait([self._process.sentinel], patience)
        finally:
            self._guard.end()
            self._process.join()
            self._closed = True


@contextmanager
def _signals_later() -> Iterator[None]:
    """Signals wait for the end of this, and a process started in it is born with them waiting."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending.SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(plan: Plan, index: int, jobs: int, repeat: int, pipe: Connection) -> None:
    os.setsid()  # what the terminal sends reaches the parent alone, which ends this process and its group
    participants: Sequence[Participant] = ()
    with suppress(BrokenPipeError, ending.Interrupted), ending.orderly(), pipe:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ending.SIGNALS)
        try:
            participants, problems = plan()
            repeats = repeats_of(participants, repeat)
            for problem in problems[index::jobs]:
                results: list[Result] = []
                matrix = run(participants, [problem], results.append, repeats)
                pipe.send((results, matrix))
        except BrokenPipeError:
            raise
        except Exception as error:
            pipe.send(_carried(error))
        finally:
            close(participants)


def _carried(error: Exception) -> Exception:
    """`error`, if it arrives as what it is; else what it says."""
    try:
        return error if type(pickle.loads(pickle.dumps(error))) is type(error) else DarkparityError(said(error))
    except Exception:
        return DarkparityError(said(error))
