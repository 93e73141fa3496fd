"""The user ends a run; a port does not."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from darkparity import ending
from darkparity.ending import SIGNALS, Interrupted, WouldEnd, contained, orderly


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The handlers that were there are there again."""
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    assert [signal.getsignal(number) for number in SIGNALS] == before


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_becomes_an_exception_with_the_exit_code_of_the_shell(number: int) -> None:
    with pytest.raises(Interrupted) as caught, orderly():
        send(number)
    assert caught.value.exit_code == 128 + number
    assert not isinstance(caught.value, Exception)


def test_the_same_wish_twice_does_not_break_off_the_orderly_end(monkeypatch: pytest.MonkeyPatch) -> None:
    put_away: list[str] = []

    def work(name: str) -> None:
        try:
            send(signal.SIGTERM)
        finally:
            send(signal.SIGTERM)  # `timeout` sends to the process and to its group
            put_away.append(name)

    with pytest.raises(Interrupted), orderly():
        work("at once")
    assert put_away == ["at once"]
    monkeypatch.setattr(ending, "_SAME_SECONDS", 0.0)
    with pytest.raises(Interrupted), orderly():
        work("later: a wish of its own")
    assert put_away == ["at once"]


def test_another_thread_leaves_the_handlers_alone() -> None:
    seen: list[object] = []

    def look() -> None:
        with orderly():
            seen.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.mark.parametrize("raised", [SystemExit(0), KeyboardInterrupt(), GeneratorExit(), BaseException("all of it")])
def test_what_would_end_a_process_is_a_failure_of_who_raised_it(raised: BaseException) -> None:
    with orderly(), pytest.raises(WouldEnd, match=f"raised {type(raised).__name__}"), contained():
        raise raised


def test_an_ordinary_exception_stays_what_it_is() -> None:
    with pytest.raises(KeyError, match="mean"), contained():
        raise KeyError("mean")


def test_without_our_handlers_ctrl_c_is_taken_to_be_the_users() -> None:
    with pytest.raises(KeyboardInterrupt), contained():
        raise KeyboardInterrupt


@pytest.mark.parametrize("swallowed", ["pass", "raise ValueError", "raise SystemExit"])
def test_a_port_cannot_swallow_the_users_wish(swallowed: str) -> None:
    code = f"try:\n    send()\nexcept BaseException:\n    {swallowed}"
    with pytest.raises(Interrupted), orderly(), contained():
        exec(code, {"send": lambda: send(signal.SIGINT)})
