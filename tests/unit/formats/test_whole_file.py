"""A file changes as a whole or not at all; what killed writers left is cleared, what is no file is not replaced."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from darkparity.formats.whole_file import WholeFile, write_whole
from support import files_of_at_most

#: Begins a file and is killed.
KILLED = """
import os, pathlib, signal, sys
from darkparity.formats.whole_file import WholeFile
WholeFile(pathlib.Path(sys.argv[1])).write(b"half")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "kept").write_bytes(b"earlier")
    return tmp_path / "kept"


def names(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir())


def test_the_earlier_file_stays_until_the_new_one_is_put(path: Path) -> None:
    file = WholeFile(path)
    file.write(b"new")
    assert (path.read_bytes(), file.place.read_bytes()) == (b"earlier", b"new")
    file.put()
    assert (path.read_bytes(), names(path)) == (b"new", ["kept"])


def test_the_next_writer_clears_what_a_killed_one_left_and_nothing_else(path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    living, strangers = WholeFile(path), [".kept.txt", ".kept-1.partial", ".other.1.partial"]
    for name in strangers:
        path.with_name(name).write_bytes(b"")
    assert len(names(path)) == 3 + len(strangers)
    write_whole(path, b"new")
    assert names(path) == sorted(["kept", living.place.name, *strangers])
    living.put()
    assert names(path) == sorted(["kept", *strangers])


def test_a_full_disk_names_the_file_and_leaves_nothing(path: Path) -> None:
    with files_of_at_most(10), pytest.raises(OSError, match=r"File too large: '.*/kept'$"):
        write_whole(path, b"x" * 20)
    assert (path.read_bytes(), names(path)) == (b"earlier", ["kept"])


def test_a_missing_directory_is_told_of_the_file(path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing/kept'$"):
        write_whole(path.parent / "missing" / "kept", b"")


def test_a_link_is_followed_and_stays(path: Path) -> None:
    link = path.parent / "link"
    link.symlink_to("kept")
    write_whole(link, b"new")
    assert (link.is_symlink(), path.read_bytes(), names(path)) == (True, b"new", ["kept", "link"])


def test_a_pipe_is_written_and_stays(tmp_path: Path) -> None:
    """As /dev/stdout and /dev/null, which must not become files."""
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"new")
    reader.join()
    assert (got, stat.S_ISFIFO(pipe.stat().st_mode), names(pipe)) == ([b"new"], True, ["pipe"])


def test_what_was_interrupted_is_kept_beside(path: Path) -> None:
    file = WholeFile(path)
    file.write(b"half")
    file.leave()
    assert (path.read_bytes(), file.place.read_bytes()) == (b"earlier", b"half")
