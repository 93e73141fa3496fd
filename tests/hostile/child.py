"""A port that answers well, save for one operation: `python child.py FAULT` then does what FAULT says."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from safetensors.numpy import save

from darkparity.dialects import DIALECTS
from darkparity.formats import messages
from darkparity.implementations import load
from darkparity.spec import Call

TRIGGER, BEFORE = "add_bias", "mean_cpu"
PORT = load("numpy")


def fill(buffer: memoryview) -> None:
    got = 0
    while got < len(buffer):
        piece = os.read(0, len(buffer) - got)
        if not piece:
            raise SystemExit
        buffer[got : got + len(piece)] = piece
        got += len(piece)


def say(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


def right(asked: messages.Message) -> dict[str, np.ndarray]:
    content = asked.content
    attributes = messages.attributes_of(content["operation"], content["attributes"])
    return PORT.run(Call(content["operation"], DIALECTS[content["dialect"]], asked.arrays, attributes))


def reply(asked: messages.Message, arrays: dict[str, np.ndarray] | None = None, behind: int = 0) -> bytes:
    content = {"kind": messages.RESULT, "seq": asked.content["seq"] - behind}
    return messages.encode(content, right(asked) if arrays is None else arrays)


def raw(asked: messages.Message, header: bytes, body: bytes = b"") -> None:
    say(len(header).to_bytes(8, "little") + header + body)


def hog(asked: messages.Message) -> None:
    kept = []
    while True:
        kept.append(bytearray(b"x" * (64 << 20)))


def half(asked: messages.Message) -> None:
    say(reply(asked)[:-5])
    os._exit(0)


def double(asked: messages.Message) -> None:
    message = f'{{"version": 1, "kind": "result", "seq": {asked.content["seq"]}}}'
    say(save({n: a.astype(np.float64) for n, a in right(asked).items()}, {"message": message}))


def family(asked: messages.Message) -> None:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    os.abort()


def silent(asked: messages.Message) -> None:
    os.close(1)
    time.sleep(600)


def loud(asked: messages.Message) -> None:
    for _ in range(300):
        os.write(2, b"nothing but noise\n" * 1000)
    say(reply(asked))


def mute(asked: messages.Message) -> None:
    os.close(2)
    time.sleep(0.2)
    say(reply(asked))


def overlapping(asked: messages.Message) -> None:
    row = b'{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
    message = b'"__metadata__":{"message":"{}"}'
    raw(asked, b'{"output":' + row + b',"x":' + row + b"," + message + b"}", bytes(8))


FAULTS: dict[str, Callable[[messages.Message], object]] = {
    "segfault": lambda asked: ctypes.string_at(0),
    "abort": lambda asked: os.abort(),
    "exit": lambda asked: os._exit(3),
    "leaves": lambda asked: os._exit(0),
    "killed": lambda asked: os.kill(os.getpid(), 9),
    "hang": lambda asked: time.sleep(600),
    "hog": hog,
    "garbage": lambda asked: say(bytes(range(100, 200))),
    "half": half,
    "chatter_before": lambda asked: say(b"computing ...\n" + reply(asked)),
    "chatter_after": lambda asked: say(reply(asked) + b"done\n"),
    "wrong_name": lambda asked: say(reply(asked, {"result": right(asked)["output"]})),
    "wrong_shape": lambda asked: say(reply(asked, {n: a[:, :, :-1] for n, a in right(asked).items()})),
    "wrong_dtype": double,
    "late": lambda asked: say(reply(asked, behind=1)),
    "overlapping": overlapping,
    "huge": lambda asked: raw(asked, b'{"x":{"dtype":"F32","shape":[800000000],"data_offsets":[0,3200000000]}}'),
    "family": family,
    "silent": silent,
    "raises": lambda asked: say(
        messages.encode({"kind": messages.ERROR, "seq": asked.content["seq"], "error": "failed", "reason": "no luck"})
    ),
    "declines": lambda asked: say(
        messages.encode(
            {"kind": messages.ERROR, "seq": asked.content["seq"], "error": "unsupported", "reason": "later"}
        )
    ),
    "deaf": lambda asked: None,
    "loud": loud,
    "mute": mute,
}


def hello(asked: messages.Message, fault: str) -> None:
    if fault == "dies_in_handshake":
        sys.exit("no licence found")
    if fault == "no_handshake":
        time.sleep(600)
    operations = list(PORT.describe().operations) if fault != "offers_nonsense" else ["fly"]
    say(messages.encode({"kind": messages.HELLO, "seq": 0, "name": fault, "operations": operations}))


def main(fault: str) -> None:
    while True:
        asked = messages.read(fill)
        if asked.kind == messages.HELLO:
            hello(asked, fault)
        elif asked.kind == messages.BYE:
            return
        elif asked.content["operation"] == TRIGGER:
            FAULTS[fault](asked)
        else:
            if fault == "deaf" and asked.content["operation"] == BEFORE:
                os.close(0)
            say(reply(asked))
            if fault == "deaf":
                time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1])
