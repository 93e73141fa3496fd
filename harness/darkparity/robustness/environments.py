"""`python -m darkparity.robustness.environments`: one check in many environments; every verdict must be the same.

`--installed` adds other versions of NumPy and of Python, which takes pip, a network and minutes; `--quick` leaves out
all but what costs one start of Python. Exit code 1 if a verdict, the exit code or the absence of warnings differs.
What an environment lacks is printed as `not run`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from darkparity.problems.golden.store import default_store
from darkparity.report.run import read

_CHECK = ("check", "cpp", "numpy", "--operation", "mean_cpu", "--operation", "normalize_cpu")
_START = "import sys; from darkparity.cli import main; sys.exit(main())"
#: As a program does that embeds Python, and GUI toolkits: numbers are then printed and read with a comma.
_IN_LOCALE = f"import locale; locale.setlocale(locale.LC_ALL, ''); {_START}"
_CHECKOUT = Path(__file__).resolve().parents[3]
#: NumPy -> why: the oldest that pyproject.toml allows, and whatever is the newest.
_NUMPY = {"numpy==1.26.4": "oldest", "numpy": "newest"}
_PYTHONS = ("python3.12", "python3.13", "python3.14")


@dataclass(frozen=True)
class Environment:
    """variables: None removes one. lacking: why it cannot be had here."""

    name: str
    variables: Mapping[str, str | None] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    directory: str = "plain"
    port: str = "port.py"
    start: str = _START
    python: tuple[str, ...] = (sys.executable,)
    lacking: str = ""


PLAIN = Environment("plain")
QUICK = (
    Environment("LC_ALL=C, no UTF-8", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    Environment("python -O", options=("-O",)),
    Environment("PYTHONHASHSEED=0", {"PYTHONHASHSEED": "0"}),
    Environment("no HOME", {"HOME": "/nonexistent", "TMPDIR": None}),
    Environment("spaces and accents", directory="ein Ordner, größer ☃", port="mein pört 1.py"),
)
MORE = (
    Environment("python -OO", options=("-OO",)),
    Environment("python -X dev -W error", options=("-X", "dev", "-W", "error")),
    Environment("python -s -P", options=("-s", "-P")),
    Environment("PYTHONHASHSEED=1", {"PYTHONHASHSEED": "1"}),
    Environment("HOME that cannot be written", {"HOME": "/proc", "XDG_CACHE_HOME": "/proc"}),
    Environment("UTF-8 mode, POSIX", {"LC_ALL": "POSIX", "PYTHONUTF8": "1"}),
    Environment("no variables but PATH", dict.fromkeys(set(os.environ) - {"PATH", "PYTHONPATH"})),
    Environment("TERM=dumb, COLUMNS=1", {"TERM": "dumb", "COLUMNS": "1", "NO_COLOR": "1"}),
    Environment("eight threads", dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "8")),
)


def environments(scratch: Path, quick: bool, installed: bool) -> Iterator[Environment]:
    """Those asked for."""
    yield from QUICK
    if not quick:
        yield from MORE
        yield _comma(scratch / "locales")
        yield _nobody()
    if installed:
        yield from (_with_numpy(scratch / why, wanted, why) for wanted, why in _NUMPY.items())
        yield from (_with_python(scratch / python, python) for python in _PYTHONS)


def _comma(directory: Path) -> Environment:
    """A locale with a decimal comma, made here if there is the source of one."""
    name, made = "decimal comma (de_DE)", directory / "de_DE.UTF-8"
    directory.mkdir()
    if shutil.which("localedef") is None or _failed("localedef", "-i", "de_DE", "-f", "UTF-8", str(made)):
        return Environment(name, lacking="localedef makes no de_DE.UTF-8 here")
    return Environment(name, {"LOCPATH": str(directory), "LC_ALL": "de_DE.UTF-8"}, start=_IN_LOCALE)


def _nobody() -> Environment:
    """Another user, who owns nothing; with the system's Python if it cannot reach this one."""
    name, become = "user nobody", ("runuser", "-u", "nobody", "--")
    version = ".".join(map(str, sys.version_info[:2]))
    for python in (sys.executable, f"/usr/bin/python{version}"):
        if os.getuid() == 0 and not _failed(*become, python, "-c", ""):
            path = {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "HOME": "/nonexistent"}
            return Environment(name, path, python=(*become, python))
    return Environment(name, lacking="only root can become another user, who must reach a Python of this version")


def _with_numpy(directory: Path, wanted: str, why: str) -> Environment:
    pip = ("python3", "-m", "pip", "--python", sys.executable, "install")  # this environment may have none
    lacking = "pip cannot install it" if _failed(*pip, "--no-deps", "--target", str(directory), wanted) else ""
    found = next((p.stem.split("-")[1].removesuffix(".dist") for p in directory.glob("numpy-*.dist-info")), wanted)
    path = os.pathsep.join([str(directory), *sys.path])
    return Environment(f"NumPy {found} ({why})", {"PYTHONPATH": path}, lacking=lacking)


def _with_python(directory: Path, python: str) -> Environment:
    """darkparity built and installed from this checkout."""
    here = str(directory / "bin" / "python")
    if shutil.which(python) is None:
        return Environment(python, lacking="no such interpreter in PATH")
    if _failed(python, "-m", "venv", str(directory)) or _failed(here, "-m", "pip", "install", "-q", str(_CHECKOUT)):
        return Environment(python, lacking="darkparity cannot be installed there")
    return Environment(python, {"PYTHONPATH": None}, python=(here,))


def _failed(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


def verdicts(environment: Environment, scratch: Path) -> frozenset[tuple[str, str, str]] | str:
    """Implementation, case and verdict of everything asked; or what went wrong."""
    directory = scratch / environment.directory
    _lay(directory, environment.port)
    output = directory / "run.jsonl"
    output.unlink(missing_ok=True)
    store = ("--store", str(default_store().path.resolve()), "--output", str(output))
    command = [*environment.python, *environment.options, "-c", environment.start, *_CHECK, environment.port, *store]
    variables = {**os.environ, **environment.variables}
    done = subprocess.run(command, cwd=directory, capture_output=True, check=False,
                          env={name: value for name, value in variables.items() if value is not None})  # fmt: skip
    if done.returncode or done.stderr:
        words = (done.stderr or done.stdout).decode("utf-8", "replace")
        return f"exit code {done.returncode}: {words.strip()[-400:]}"
    return frozenset((r.implementation, r.case, r.verdict.word) for r in read(output).results)


def _lay(directory: Path, port: str) -> None:
    directory.mkdir(exist_ok=True)
    directory.chmod(0o777)  # anybody's
    source = (Path(__file__).parents[1] / "implementations" / "shipped" / "numpy_port.py").read_text("utf-8")
    (directory / port).write_text(source.replace('"name": "numpy"', '"name": "port"'), "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everywhere; print a row for each environment."""
    parser = argparse.ArgumentParser(prog="python -m darkparity.robustness.environments", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--installed", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory).resolve()
        scratch.chmod(0o755)
        expected = verdicts(PLAIN, scratch)
        if isinstance(expected, str):
            print(f"{PLAIN.name}: {expected}")
            return 1
        print(f"{PLAIN.name:<32}{len(expected)} verdicts: {', '.join({verdict for _, _, verdict in expected})}")
        rows = environments(scratch, options.quick, options.installed)
        differing = [row.name for row in rows if _differs(row, expected, scratch)]
    return 1 if differing else 0


def _differs(row: Environment, expected: frozenset[tuple[str, str, str]], scratch: Path) -> bool:
    found = row.lacking or verdicts(row, scratch)
    if row.lacking:
        said = f"not run: {row.lacking}"
    elif isinstance(found, str):
        said = f"DIFFERS: {found}"
    else:
        said = "the same" if found == expected else f"DIFFERS: {sorted(found ^ expected)[:3]}"
    print(f"{row.name:<32}{said}", flush=True)
    return said.startswith("DIFFERS")


if __name__ == "__main__":
    raise SystemExit(main())
