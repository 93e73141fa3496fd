"""`darkparity new-port`: a complete, conforming port to start one's own from."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from darkparity.errors import UsageError
from darkparity.formats.whole_file import write_whole

_PACKAGE = Path(__file__).resolve().parent.parent


class NotWritten(UsageError):
    """A file is already there; says which."""


class Language(StrEnum):
    """What there is a starting point in."""

    C = "c"
    JAVASCRIPT = "javascript"
    PYTHON = "python"
    PYTHON_WIRE = "python-wire"
    PYBIND11 = "pybind11"


@dataclass(frozen=True)
class Starter:
    """A starting point. `{dir}` and `{python}` in its commands are filled in, words with them are quoted.

    files: name -> source in the package. build: or what comes nearest. port: what `check` is given: a file,
    or a command if program.
    """

    files: dict[str, str]
    build: str
    port: str
    program: bool = False


_COMPILE = "-O2 -ffp-contract=off"
STARTERS = {
    Language.C: Starter(
        {"port.c": "starters/c/port.c"},
        f"cc {_COMPILE} -o {{dir}}/port {{dir}}/port.c -lm",
        "{dir}/port",
        program=True,
    ),
    Language.JAVASCRIPT: Starter(
        {"port.js": "starters/javascript/port.js"},
        "node --check {dir}/port.js",
        "node {dir}/port.js",
        program=True,
    ),
    Language.PYTHON: Starter(
        {"port.py": "implementations/shipped/numpy_port.py"},
        "{python} {dir}/port.py",
        "{dir}/port.py",
    ),
    Language.PYTHON_WIRE: Starter(
        {"port.py": "starters/python-wire/port.py"},
        "{python} -m pip install numpy numba",
        "{python} {dir}/port.py",
        program=True,
    ),
    Language.PYBIND11: Starter(
        {name: f"starters/pybind11/{name}" for name in ("port.py", "darknet_loops.cpp")},
        f"c++ {_COMPILE} -std=c++17 -shared -fPIC $( {{python}} -m pybind11 --includes ) "
        "{dir}/darknet_loops.cpp -o {dir}/darknet_loops.so",
        "{dir}/port.py",
    ),
}


def write(language: Language, directory: Path) -> list[Path]:
    """Write the files of a starting point; return them. Raises NotWritten before anything is written.

    Those that are there already as they should be, of a call that was killed for example, are none in the way.
    """
    files = {directory / name: _content(_PACKAGE / source) for name, source in STARTERS[language].files.items()}
    there = [str(path) for path, content in files.items() if path.exists() and _other(path, content)]
    if there:
        raise NotWritten(f"{', '.join(there)}: exists already; nothing was written")
    directory.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        write_whole(path, content)
    return list(files)


def _content(source: Path) -> bytes:
    return source.read_text("utf-8").replace('"name": "numpy"', '"name": "my_port"').encode()


def _other(path: Path, content: bytes) -> bool:
    return not path.is_file() or path.read_bytes() != content


def commands(language: Language, directory: Path) -> tuple[str, str]:
    """What to run next, in a shell: one command that builds, one that checks."""
    starter = STARTERS[language]
    port = _filled(starter.port, directory)
    check = f"--exec {shlex.quote(port)}" if starter.program else port
    return _filled(starter.build, directory), f"darkparity check {check}"


def _filled(template: str, directory: Path) -> str:
    names = {"dir": str(directory), "python": sys.executable}
    return " ".join(shlex.quote(w.format(**names)) if "{" in w else w for w in template.split(" "))


def new_port(
    language: Annotated[Language, typer.Argument(metavar="LANG", help=", ".join(Language))],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Target directory; created if missing.")],
) -> None:
    """Write a conforming port to start from.

    Prints how to build and check it.
    """
    for path in write(language, directory):
        print(f"wrote  {path}")
    for word, command in zip(("first", "then"), commands(language, directory), strict=True):
        print(f"{word:6} {command}")
