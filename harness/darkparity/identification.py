"""The use case: what batch norm an implementation or a recording is. The command line and `darkparity.identify` come
here."""

from __future__ import annotations

from typing import Any

from darkparity.errors import UsageError
from darkparity.judging.identifying import Identity, identify_recording
from darkparity.judging.identifying import identify as ask
from darkparity.judging.participants import gathered, one_of
from darkparity.preparing import access_of
from darkparity.problems.select import mode_of
from darkparity.request import Request, only_dialect


def identify(implementation: Any = (), /, **options: Any) -> Identity:
    """Say what batch norm an implementation or a recording is: the row of its dialect, field by field.

    implementation: a name as the command line takes it, or an object, as for `check`; none with `input` or `programs`.

    options: `dialect` (whose arrays an implementation is asked for), `input` (a recording, see docs/recordings.md) with
    `mode` and `seed`, `programs`, `isolate`, `timeout`, `memory`; all as for `check`.

    The result has `identified`, `row` (a Dialect, named so that `dialect=` takes it), `nearest`, `differs`, `same`,
    `left` (arrays that no row explains) and `fields` with value, interval and evidence. Raises UsageError for what
    cannot be used, InputError for an unusable recording.

    >>> identify("numpy").same
    ('darknet',)
    """
    return identified(Request.of(implementation, **options))


def identified(request: Request) -> Identity:
    """Ask the implementation of a request, or read its recording. Raises UsageError, InputError."""
    only_dialect(request)
    if request.input is not None:
        if request.implementations or request.programs:
            raise UsageError("--input is a recording of somebody's answers: give it or an implementation, not both")
        return identify_recording(request.input, request.seed, mode_of(request.mode))
    if not request.implementations and not request.programs:
        raise UsageError("nothing to identify: name an implementation, or give --exec CMD or --input FILE")
    with gathered(request.implementations, request.dialect, access_of(request)) as participants:
        return ask(one_of(participants)[0])
