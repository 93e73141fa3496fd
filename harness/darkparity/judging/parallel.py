"""`--jobs N`: the problems spread over N processes, each with its own implementations; results in order.

Process k asks every Nth problem from the kth on, as `--shard` does, and sends what it got through a pipe;
the parent takes them in turn. So the order is that of one process, and a slow reader holds workers back.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from darkparity.errors import UsageError
from darkparity.problems.problem import Problem

from .distance import Matrix, Pair
from .participants import close
from .result import Result
from .runner import Participant, run

#: Makes participants and problems anew in each process; must be picklable, and give the same each time.
Plan = Callable[[], tuple[Sequence[Participant], Sequence[Problem]]]


class WorkerDied(UsageError):
    """A worker ended before its problems did: something in its process took it along."""


def run_parallel(plan: Plan, jobs: int, count: int, on_result: Callable[[Result], None]) -> Matrix:
    """`runner.run` over `count` problems in `jobs` processes. Raises WorkerDied."""
    context = multiprocessing.get_context("spawn")
    workers: list[tuple[BaseProcess, Connection]] = []
    matrix = Matrix()
    try:
        for index in range(jobs):
            process: BaseProcess
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(plan, index, jobs, theirs), daemon=False)
            process.start()
            theirs.close()
            workers.append((process, ours))
        for number in range(count):
            results, part = _next(*workers[number % jobs])
            for result in results:
                on_result(result)
            include(matrix, part)
        return matrix
    except BaseException:
        for process, _ in workers:
            process.terminate()  # it ends its children first
        raise
    finally:
        for _, pipe in workers:
            pipe.close()  # whoever still sends sees it and ends
        for process, _ in workers:
            process.join()


def include(matrix: Matrix, part: Matrix) -> None:
    """Add the distances of other problems: counts add up, maxima are maxima."""
    for key, other in part.pairs.items():
        pair = matrix.pairs.setdefault(key, Pair())
        pair.max_ulp = max(pair.max_ulp, other.max_ulp)
        pair.ratio = max(pair.ratio, other.ratio)
        pair.equal += other.equal
        pair.elements += other.elements


def _next(process: BaseProcess, pipe: Connection) -> tuple[list[Result], Matrix]:
    try:
        answer = pipe.recv()
    except EOFError:
        process.join()
        code = process.exitcode or 0
        how = f"signal {-code}" if code < 0 else f"exit status {code}"
        raise WorkerDied(
            f"a worker process ended ({how}): an implementation took it along; --isolate gives every "
            "implementation a process of its own and names the case"
        ) from None
    if isinstance(answer, Exception):
        raise answer
    results, matrix = answer
    return results, matrix


def _work(plan: Plan, index: int, jobs: int, pipe: Connection) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    participants: Sequence[Participant] = ()
    with suppress(BrokenPipeError, KeyboardInterrupt), pipe:
        try:
            participants, problems = plan()
            for problem in problems[index::jobs]:
                results: list[Result] = []
                matrix = run(participants, [problem], results.append)
                pipe.send((results, matrix))
        except BrokenPipeError:
            raise
        except Exception as error:
            pipe.send(error)
        finally:
            close(participants)
