"""The command line: one file per verb; errors of the user's become one paragraph and an exit code."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Annotated

import typer

from darkparity.ending import Interrupted, orderly
from darkparity.errors import FAULT, INTERRUPTED, USAGE, DarkparityError
from darkparity.formats.text import printable, said

_TRACEBACK = "DARKPARITY_TRACEBACK"
#: Package that an extra brings -> the extra.
_EXTRAS = {
    "torch": "torch",
    "PIL": "io",
    "hypothesis": "fuzz",
    "pytest": "bench",
    "pytest_benchmark": "bench",
    "matplotlib": "report",
}
#: Verb -> its module in here and its function or group of verbs. Only the one asked for is imported.
_VERBS = {
    "check": "check.check",
    "diagnose": "diagnose.diagnose",
    "identify": "identify.identify",
    "golden": "golden.golden",
    "list": "listing.listing",
    "bench": "bench.bench",
    "serve": "serve.serve",
    "export": "export.export",
    "grade": "grade.grade",
    "merge": "merge.merge",
    "fuzz": "fuzz.fuzz",
    "selftest": "selftest.selftest",
    "new-port": "new_port.new_port",
}


def _application(arguments: Sequence[str]) -> typer.Typer:
    """The verb that the first argument names, or all of them, for help and for typing errors."""
    app = typer.Typer(
        name="darkparity",
        help="Checks whether an implementation of DarkNet's batch normalization computes what DarkNet computes, "
        "and shows where and why it does not.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    for verb in arguments[:1] if arguments[:1] and arguments[0] in _VERBS else _VERBS:
        module, _, name = _VERBS[verb].partition(".")
        found = getattr(import_module(f"{__name__}.{module}"), name)
        if isinstance(found, typer.Typer):
            app.add_typer(found)
        else:
            app.command(verb)(found)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        from darkparity import __version__

        print(f"darkparity {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Check whether an implementation of DarkNet's batch normalization computes what DarkNet computes.

    Exit codes: 0 conforms; 1 deviates, crashed, inconclusive or nothing judged; 2 usage or bad input;
    3 a fault of the harness itself.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file's name may hold what no encoding has
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        given = sys.argv[1:] if arguments is None else list(arguments)
        with orderly():
            _application(given)(given)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    except Interrupted as wish:
        return _say(f"interrupted by {wish}", wish.exit_code)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        if extra:
            return _say(f"this needs {error.name}: pip install 'darkparity[{extra}]'", USAGE)
        return _fault(error)
    except DarkparityError as error:
        return _say(str(error), error.exit_code) if error.exit_code != FAULT else _fault(error)
    except OSError as error:
        return _say(str(error), USAGE)
    except Exception as error:
        return _fault(error)
    return 0


def _say(message: str, code: int) -> int:
    with suppress(OSError):  # a full disk must not change the exit code
        print(f"darkparity: {printable(message)}", file=sys.stderr, flush=True)
    return code


def _fault(error: Exception) -> int:
    """Something that must not happen: where, and how to see all of it."""
    if os.environ.get(_TRACEBACK):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return _say(
        f"unexpected{where}: {said(error)}. This is a fault of the harness and says nothing "
        f"about any implementation; {_TRACEBACK}=1 shows the traceback",
        FAULT,
    )
