"""`python -m darkparity.robustness.mutation`: every reader against mutated input, and a table of what happened.

Bounded by --count, or by --seconds; --endless goes on, round by round, until Ctrl-C. Exit code 1 on findings.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import count as rounds
from pathlib import Path

from .conversation import message_formats
from .own_files import own_formats
from .trial import Format, Outcome, attack, limits
from .users_files import network_formats, tensor_formats

#: Of each format: about 10 s in all.
_COUNT = 300
#: Files in memory: on a disk, half of the time is its own.
_MEMORY = "/dev/shm"


def formats(desk: Path, wanted: Sequence[str] = ()) -> list[Format]:
    """All, or those whose name matches one of `wanted`. desk: an empty directory to work in."""
    every = [*message_formats(), *own_formats(desk), *network_formats(desk), *tensor_formats(desk)]
    return [f for f in every if not wanted or any(fnmatchcase(f.name, pattern) for pattern in wanted)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Attack, print the table, keep an example of every finding where asked."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(dir=_MEMORY if Path(_MEMORY).is_dir() else None) as directory:
        chosen = formats(Path(directory), options.format)
        found = 0
        for seed in rounds(options.seed) if options.endless else [options.seed]:
            outcomes = list(_attacked(chosen, options, seed))
            found += sum(outcome.found for outcome in outcomes)
            _keep(outcomes, options.keep)
    return 1 if found or not chosen else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m darkparity.robustness.mutation", description=__doc__)
    parser.add_argument("format", nargs="*", metavar="FORMAT", help="Only these; patterns as of a shell.")
    parser.add_argument("--count", type=int, default=None, help=f"Mutations of each format; {_COUNT}.")
    parser.add_argument("--seconds", type=float, default=None, help="Of the processor, in all, instead of --count.")
    parser.add_argument("--endless", action="store_true", help="Again and again, each round with the next seed.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None, help="Directory for the first input of each finding.")
    return parser.parse_args(arguments)


def _attacked(chosen: Sequence[Format], options: argparse.Namespace, seed: int) -> Iterator[Outcome]:
    """Each format in turn; its row is printed when it is done."""
    print(f"seed {seed}\n{'format':<28}{'mutations':>11}{'accepted':>10}{'clear error':>13}{'findings':>10}")
    total = Outcome("all")
    share = options.seconds and options.seconds / len(chosen)
    for each in chosen:
        with limits():
            until = time.process_time() + share if share else None
            outcome = attack(each, seed, options.count or (sys.maxsize if share else _COUNT), until)
        _print_row(outcome)
        for finding in outcome.findings.values():
            print(f"    {finding.count} x {finding.what}")
        total.accepted, total.refused = total.accepted + outcome.accepted, total.refused + outcome.refused
        total.findings |= {f"{each.name}: {what}": finding for what, finding in outcome.findings.items()}
        yield outcome
    _print_row(total)


def _print_row(outcome: Outcome) -> None:
    cells = (outcome.mutations, 10), (outcome.accepted, 9), (outcome.refused, 12), (outcome.found, 9)
    print(f"{outcome.format:<28}" + "".join(f" {number:>{width},}" for number, width in cells), flush=True)


def _keep(outcomes: Sequence[Outcome], directory: Path | None) -> None:
    if directory is None:
        return
    directory.mkdir(parents=True, exist_ok=True)
    for outcome in outcomes:
        for number, finding in enumerate(outcome.findings.values()):
            (directory / f"{outcome.format.replace(' ', '-')}-{number}").write_bytes(finding.example)


if __name__ == "__main__":
    raise SystemExit(main())
