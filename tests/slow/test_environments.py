"""The same verdicts in every environment, in short; and that a difference would be seen."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from darkparity.robustness.environments import PLAIN, QUICK, verdicts

RUN = [sys.executable, "-m", "darkparity.robustness.environments", "--quick"]
#: NumPy sums wrongly: its port is found out, or the environment.
WRONG = f"import numpy; right = numpy.add.reduce; numpy.mean = lambda *a, **k: 0; {PLAIN.start}"


def test_verdicts_are_the_same_everywhere() -> None:
    done = subprocess.run(RUN, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("the same") == len(QUICK)


def test_what_differs_is_seen(tmp_path: Path) -> None:
    assert "exit code 7: " in verdicts(replace(PLAIN, start="raise SystemExit(7)"), tmp_path)
    assert "beware" in verdicts(replace(PLAIN, start=f"import sys; print('beware', file=sys.stderr); {PLAIN.start}"),
                                tmp_path)  # fmt: skip
