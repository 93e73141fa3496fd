"""Killed, without room, or two at once: files stay whole. In short; docs/robustness.md has the long runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from darkparity.problems.golden.store import MANIFEST, Store
from darkparity.report.run import read
from support import STORE

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks, and mounts as Linux does")

KILLS = [sys.executable, "-m", "darkparity.robustness.kills"]
NO_ROOM = [sys.executable, "-m", "darkparity.robustness.no_room"]
#: A writer of run files that writes into the earlier file.
CARELESS = """
import hashlib, sys
from darkparity.formats import whole_file
from darkparity.report import runfile

class Careless(whole_file.WholeFile):
    def __init__(self, path):
        self._path = self._target = self.place = path
        self._direct, self._stream, self._written = True, path.open("wb"), hashlib.sha256()

runfile.WholeFile = Careless
from darkparity.robustness import kills, no_room
sys.exit({"kills": kills, "no_room": no_room}[sys.argv[1]].main(["check", "--count", "4"]))
"""
#: Starts a command when it is told to, everything imported, with a store of six cases.
WAITING = """
import sys
from darkparity.cli import check, golden, main
from darkparity.robustness.desk import planned
with planned(0, 6):
    print("ready", flush=True)
    input()
    sys.exit(main(sys.argv[1:]))
"""


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_killed_commands_leave_files_whole_and_can_be_run_again() -> None:
    done = run([*KILLS, "--count", "10", "--seed", "3", "check", "merge", "export", "golden regenerate", "new-port"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].split()[:2] == ["all", "10"]


def test_without_room_earlier_files_and_verdicts_stay() -> None:
    done = run([*NO_ROOM, "--seed", "3", "check", "grade", "export", "new-port"])
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_full_and_a_read_only_disk() -> None:
    alone = [shutil.which("unshare") or "unshare", "--mount", "--map-root-user"]
    if shutil.which("unshare") is None or run([*alone, "true"]).returncode:
        pytest.skip("no file system can be mounted here")
    done = run([*alone, *NO_ROOM, "check", "merge", "golden regenerate"])
    if "not run" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].split()[:2] == ["all", "9"]


@pytest.mark.parametrize("trial", ["kills", "no_room"])
def test_a_careless_writer_is_found(trial: str) -> None:
    done = run([sys.executable, "-c", CARELESS, trial])
    assert done.returncode == 1, done.stdout + done.stderr
    assert "run.jsonl is neither the earlier nor the new one: 'torn'" in done.stdout


def together(arguments: list[str], directory: Path) -> list[tuple[int, str]]:
    """What two of the same command said that were started at the same moment."""
    command = [sys.executable, "-c", WAITING, *arguments]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(command, cwd=directory, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True)
            for _ in range(2)]  # fmt: skip
    for process in both:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[0] for process in both]
    return [(process.returncode, words) for process, words in zip(both, said, strict=True)]


def test_two_checks_in_one_directory(tmp_path: Path) -> None:
    said = together(["check", "numpy", "--operation", "mean_cpu", "--store", str(STORE)], tmp_path)
    assert [code for code, _ in said] == [0, 0], said
    assert [p.name for p in tmp_path.iterdir()] == ["darkparity-run.jsonl"]
    assert read(tmp_path / "darkparity-run.jsonl").conforms


def test_two_regenerates_on_one_store(tmp_path: Path) -> None:
    store = tmp_path / "store"
    said = together(["golden", "regenerate", "--store", str(store)], tmp_path)
    for code, words in said:
        assert code in (0, 1) or (code == 2 and "another process is writing there" in words), said
    assert [p.name for p in tmp_path.iterdir()] == ["store"]
    assert sorted(p.name for p in store.iterdir()) == [MANIFEST, "darknet", "separates"]
    assert len(list(Store(store).problems())) == 6
