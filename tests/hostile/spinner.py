"""`python spinner.py hello|run`: answers until asked that, then spins and heeds no signal. Starts at once: no NumPy."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

OPERATIONS = ["mean_cpu", "add_bias"]


def message() -> dict[str, object]:
    """The JSON of one request; its arrays are skipped."""
    size = int.from_bytes(sys.stdin.buffer.read(8), "little")
    if not size:
        raise SystemExit  # nobody asks any more
    header = json.loads(sys.stdin.buffer.read(size))
    said: dict[str, object] = json.loads(header.pop("__metadata__")["message"])
    sys.stdin.buffer.read(max([row["data_offsets"][1] for row in header.values()], default=0))
    return said


def answer(said: dict[str, object]) -> None:
    header = json.dumps({"__metadata__": {"message": json.dumps(said)}}).encode()
    sys.stdout.buffer.write(len(header).to_bytes(8, "little") + header)
    sys.stdout.buffer.flush()


def spin() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    if os.environ.get("SPINNING"):
        (Path(os.environ["SPINNING"]) / str(os.getpid())).touch()
    while True:
        pass


def main(when: str) -> None:
    while True:
        asked = message()
        if asked["kind"] == when:
            spin()
        answer({"version": 1, "kind": "hello", "seq": asked["seq"], "name": "spinner", "operations": OPERATIONS})


if __name__ == "__main__":
    main(sys.argv[1])
