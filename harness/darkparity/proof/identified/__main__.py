"""`python -m darkparity.proof.identified [COUNT] [SEED]`: hide COUNT random rows and count those that are found."""

from __future__ import annotations

import sys

from .trial import trials


def main(count: int = 200, seed: int = 0) -> int:
    """Print every row that is not found, and the counts. Returns 1 if fewer than 99 of 100 are."""
    found = []
    for trial in trials(count, seed):
        found.append(trial)
        if not trial.right:
            print(f"{trial.number}: wrong {trial.wrong}; unexplained {trial.identity.left}; {trial.identity.row.name}")
    right = sum(t.right for t in found)
    decided, seen = sum(t.decided for t in found), sum(t.seen for t in found)
    seconds = sorted(t.seconds for t in found)
    print(f"{right} of {count} rows right; of {seen} fields seen {decided} have one value; "
          f"median {seconds[count // 2]:.1f} s, slowest {seconds[-1]:.1f} s")  # fmt: skip
    return 0 if right >= 0.99 * count else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
