"""A directory changes as a whole or not at all, wherever its writer is killed, and strangers in it stay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from darkparity.formats.directory import DirectoryError, changing
from support import files_of_at_most

INDEX = "INDEX"
OLD = {INDEX: "old", "a/changed": "old", "b/removed": "old"}
NEW = {INDEX: "new", "a/changed": "new", "c/added": "new"}
STRANGERS = {"notes.txt": "mine", "b/notes.txt": "mine"}
#: Changes OLD into NEW; killed at the n-th thing it does to the file system inside the directory.
CHANGE = f"""
import os, signal, sys
from darkparity.formats.directory import changing

left = int(sys.argv[2])

def killer(event, arguments):
    global left
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir") and "kept" in str(arguments[0]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(killer)
with changing(__import__("pathlib").Path(sys.argv[1]), "{INDEX}") as change:
    change.ours.update({[*OLD]})
    for name, content in {NEW}.items():
        change.write(name, content.encode())
    change.remove("b/removed")
"""


def held(directory: Path) -> dict[str, str]:
    return {p.relative_to(directory).as_posix(): p.read_text("utf-8") for p in directory.rglob("*") if p.is_file()}


def fill(directory: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(content, "utf-8")
    return directory


def update(directory: Path) -> None:
    with changing(directory, INDEX) as change:
        change.ours.update(OLD)
        for name, content in NEW.items():
            change.write(name, content.encode())
        change.remove("b/removed")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return fill(tmp_path / "kept", OLD | STRANGERS)


def test_strangers_stay(kept: Path) -> None:
    update(kept)
    assert held(kept) == NEW | STRANGERS


@pytest.mark.slow
def test_killed_anywhere_the_next_writer_finds_all_or_nothing(tmp_path: Path) -> None:
    outcomes = []
    for moment in range(1, 200):
        kept = fill(tmp_path / str(moment) / "kept", OLD | STRANGERS)
        done = subprocess.run([sys.executable, "-c", CHANGE, str(kept), str(moment)])
        left = {name: content for name, content in held(kept).items() if not name.startswith(".")}
        assert left[INDEX] == "old" or left == NEW | STRANGERS, "the index is new before all else is"
        with changing(kept, INDEX):
            pass
        outcomes.append(held(kept))
        assert outcomes[-1] in (OLD | STRANGERS, NEW | STRANGERS), f"killed at {moment}"
        assert not list(kept.rglob(".*"))
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert len(outcomes) > 12
    assert outcomes == sorted(outcomes, key=lambda found: found == NEW | STRANGERS)  # decided at one moment


def test_an_exception_changes_nothing_and_makes_no_directory(kept: Path, tmp_path: Path) -> None:
    for directory in (kept, tmp_path / "missing"):
        with pytest.raises(TypeError), changing(directory, INDEX) as change:
            change.write("d/more", b"x") or change.write("d/other", None)  # type: ignore[arg-type, func-returns-value]
    assert held(kept) == OLD | STRANGERS
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


def test_a_full_disk_changes_nothing_and_names_the_file(kept: Path) -> None:
    with files_of_at_most(10_000), pytest.raises(
        DirectoryError, match=r"c/large: cannot be written: .*kept is unchanged"
    ), changing(kept, INDEX) as change:  # fmt: skip
        change.write("c/large", b"x" * 20_000)
    assert held(kept) == OLD | STRANGERS


def test_one_writer_at_a_time(kept: Path) -> None:
    with changing(kept, INDEX) as change:
        change.ours.add(INDEX)
        change.write(INDEX, b"first")
        with pytest.raises(DirectoryError, match="kept: another process is writing there; run again"):
            update(kept)
    assert held(kept)[INDEX] == "first"


def test_a_writer_may_wait(kept: Path) -> None:
    entered, waited = threading.Event(), []

    def other() -> None:
        with changing(kept, INDEX):
            entered.set()
            time.sleep(0.2)
            waited.append(True)

    thread = threading.Thread(target=other)
    thread.start()
    entered.wait()
    with changing(kept, INDEX, wait=True):
        assert waited
    thread.join()


def test_a_directory_of_others_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, {"thesis.tex": "years"})
    with pytest.raises(DirectoryError, match=r"holds thesis\.tex and no INDEX; take an empty or a new directory"):
        update(tmp_path)
    assert held(tmp_path) == {"thesis.tex": "years"}


@pytest.mark.parametrize(("name", "blocked"), [("notes.txt", "notes.txt"), ("notes.txt/x", "notes.txt"), ("a", "a")])
def test_a_stranger_is_not_replaced(kept: Path, name: str, blocked: str) -> None:
    with pytest.raises(DirectoryError, match=f"{blocked}: is in the way and not listed in INDEX"), \
            changing(kept, INDEX) as change:  # fmt: skip
        change.write(name, b"x")
    assert held(kept) == OLD | STRANGERS


def test_the_directory_itself_is_never_renamed(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inode = kept.stat().st_ino
    monkeypatch.chdir(kept)
    update(Path())
    assert (kept.stat().st_ino, held(kept)) == (inode, NEW | STRANGERS)


def test_a_link_is_followed_and_stays(kept: Path) -> None:
    link = kept.with_name("link")
    link.symlink_to(kept)
    update(link)
    assert link.is_symlink()
    assert held(kept) == NEW | STRANGERS


def test_names_of_a_planted_removal_stay_inside(kept: Path) -> None:
    outside = fill(kept.parent, {"outside": "x"}) / "outside"
    fill(kept, {".darkparity-decided/.removed": "../outside"})
    with pytest.raises(ValueError, match="no name of a file in that directory"):
        update(kept)
    assert outside.exists()
    assert os.path.lexists(kept / "a/changed")
