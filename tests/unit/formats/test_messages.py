"""The message codec: bits survive, limits hold, nonsense is named."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from darkparity.dialects import DIALECTS
from darkparity.formats import messages
from darkparity.spec import OPERATIONS, Call

MESSAGE = '"__metadata__":{"message":"{\\"version\\":1,\\"kind\\":\\"bye\\"}"}'


def framed(header: str | bytes, body: bytes = b"", length: int | None = None) -> bytes:
    raw = header if isinstance(header, bytes) else header.encode()
    return (len(raw) if length is None else length).to_bytes(8, "little") + raw + body


def row(offsets: str, shape: str = "[2]", dtype: str = "F32") -> str:
    return f'{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}'


def test_every_bit_survives() -> None:
    bits = np.array([0x80000000, 0x7FC0D5A1, 0xFF800000, 0x00000001, 0x7FA00001, 0x3F800000], np.uint32)
    sent = {"x": bits.view(np.float32).reshape(1, 2, 3), "empty": np.empty(0, np.float32)}
    got = messages.decode(messages.encode({"kind": "result", "seq": 3}, sent))
    assert got.content == {"version": 1, "kind": "result", "seq": 3}
    assert np.array_equal(got.arrays["x"].view(np.uint32), bits.reshape(1, 2, 3))
    assert got.arrays["empty"].shape == (0,)


def test_bytes_are_those_of_the_safetensors_library() -> None:
    shapes = {"y": (1, 2, 3), "empty": (0,), "x": (2,)}
    arrays = {name: np.random.default_rng(0).standard_normal(shape, np.float32) for name, shape in shapes.items()}
    text = json.dumps({"version": 1, "kind": "result", "seq": 3, "reason": 'a "quoted" \u00fc\n'})
    assert messages.encode(json.loads(text), arrays) == save(arrays, {"message": text})


def test_arrays_are_written_from_and_read_into_their_own_memory() -> None:
    x = np.arange(6, dtype=np.float32)
    head, body = messages.pieces({"kind": "result"}, {"x": x})
    assert np.shares_memory(np.frombuffer(body, np.float32), x)
    got = messages.decode(b"".join((head, body))).arrays["x"]
    assert got.flags.writeable
    assert got.flags.c_contiguous


def test_messages_follow_each_other_without_anything_between() -> None:
    data = b"".join(messages.encode({"kind": "run", "seq": n}, {"x": np.full(n, n, np.float32)}) for n in range(4))
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:

        def fill(buffer: memoryview) -> None:
            if (got := stream.readinto(buffer)) != len(buffer):  # type: ignore[attr-defined]
                raise messages.EndOfStream(got)

        assert [messages.read(fill).arrays["x"].size for _ in range(4)] == [0, 1, 2, 3]
        with pytest.raises(messages.EndOfStream):
            messages.read(fill)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not even a header length"),
        (b"\1\0", "ended after 2 of 8 bytes"),
        (framed("{}", length=1), "got 1 "),
        (framed("{}", length=(1 << 20) + 1), "2 to 1048576"),
        (b"step 1 done\n", "only messages may go to standard output"),
        (framed("{" + MESSAGE, length=200), "half a message"),
        (framed("[]"), "no JSON object"),
        (framed(b"\xff\xff"), "no strict JSON"),
        (framed("[" * 100_000), "no strict JSON"),
        (framed(f'{{{MESSAGE},"x":{row("[0,8]")},"x":{row("[0,8]")}}}', bytes(8)), "duplicate key 'x'"),
        (framed(f'{{{MESSAGE},"x":{row("[0,8]")}}}', bytes(7)), "ended after 7 of 8 bytes of the body"),
        (framed(f'{{{MESSAGE},"x":{row("[0,8]")}}}', bytes(9)), "1 bytes follow the message"),
        (framed(f'{{{MESSAGE},"x":{row("[0,16]", dtype="F64")}}}', bytes(16)), "x has dtype F64; only F32"),
        (framed(f'{{{MESSAGE},"x":{row("[0,4]")}}}', bytes(4)), "needs 8 bytes, data_offsets say 4"),
        (framed(f'{{{MESSAGE},"x":{row("[8,0]")}}}', bytes(8)), "data_offsets say -8"),
        (framed(f'{{{MESSAGE},"x":{row("[0,-8]", "[-2]")}}}'), "must be counts"),
        (framed(f'{{{MESSAGE},"x":{row("[0,0]", "[0,1180591620717411303424]")}}}'), "must be counts"),
        (framed(f'{{{MESSAGE},"x":{row("[0,4]", str([1] * 65))}}}', bytes(4)), "must be counts"),
        (framed('{"__metadata__":{"message":7}}'), "must hold texts"),
        (framed(f'{{{MESSAGE},"x":{row("[0,8]")},"y":{row("[0,8]")}}}', bytes(8)), "not safetensors"),
        (framed(f'{{{MESSAGE},"x":{row("[8,16]")}}}', bytes(16)), "not safetensors"),
        (framed(f'{{{MESSAGE},"x":{row("[0,8]", str([10**308] * 20))}}}'), "must be counts"),
        (framed(f'{{{MESSAGE},"\\u001b[31mx\\r":7}}'), r"\x1b[31mx\r: needs dtype"),
        (framed(f'{{{MESSAGE},"x":7}}'), "needs dtype, shape and data_offsets"),
        (framed(f'{{{MESSAGE},"x":{row("[0,8589934592]", "[2147483648]")}}}'), "the limit here is 4294967"),
        (framed("{}"), "no text `message`"),
        (save({}, {"message": "no"}), "`message` is no strict JSON"),
        (save({}, {"message": "[]"}), "no JSON object"),
        (save({}, {"message": '{"kind": "run"}'}), "version None of the protocol"),
        (save({}, {"message": '{"version": 2, "kind": "run"}'}), "version 2 of the protocol"),
        (save({}, {"message": '{"version": 1, "kind": "jump"}'}), "unknown kind of message 'jump'"),
    ],
)  # fmt: skip
def test_nonsense_is_named(data: bytes, says: str) -> None:
    with pytest.raises(messages.WireError) as caught:
        messages.decode(data)
    assert says in str(caught.value)


def test_what_must_not_travel_does_not() -> None:
    with pytest.raises(messages.WireError, match="x has dtype float64"):
        messages.encode({"kind": "run"}, {"x": np.zeros(1)})
    with pytest.raises(messages.WireError, match="header length"):
        messages.encode({"kind": "error", "reason": "x" * (1 << 20)})


def test_a_body_beyond_what_was_asked_is_refused_before_it_is_read() -> None:
    data = messages.encode({"kind": "result"}, {"x": np.zeros(100, np.float32)})
    position = 0

    def fill(buffer: memoryview) -> None:
        nonlocal position
        buffer[:] = data[position : position + len(buffer)]
        position += len(buffer)

    with pytest.raises(messages.WireError, match="a body of 400 bytes; the limit here is 399"):
        messages.read(fill, 399)
    assert position == len(data) - 400


@pytest.mark.parametrize("alpha", [0.01, -0.0, float("inf"), 1e-45, 3])
def test_float_attributes_travel_as_hex(alpha: float) -> None:
    sent: dict[str, Any] = {"N": 3, "ALPHA": alpha, "INCX": 1}
    content = json.loads(json.dumps(messages.request(1, Call("scal_cpu", DIALECTS["darknet"], {}, sent), ("X",))))
    assert content["attributes"]["ALPHA"] == float(alpha).hex()
    assert messages.attributes_of("scal_cpu", content["attributes"]) == sent


def test_attributes_that_are_no_hex_are_refused() -> None:
    with pytest.raises(messages.WireError, match="must be a hex string"):
        messages.attributes_of("scal_cpu", {"N": 1, "ALPHA": 0.5, "INCX": 1})


@pytest.mark.parametrize("name", DIALECTS)
def test_a_port_needs_no_table_of_constants(name: str) -> None:
    """Every field that decides a number is there, floats as text."""
    dialect = DIALECTS[name]
    for layer_type in ("CONVOLUTIONAL", "CONNECTED"):
        row = messages.constants(dialect, layer_type)
        assert float.fromhex(row["normalize_epsilon"]) == dialect.normalize.value
        assert float.fromhex(row["rolling_decay"]) == dialect.rolling_of(layer_type).decay
        assert row["bias_gradient"] is (layer_type in dialect.bias_gradient)
        assert not any(isinstance(value, float) for value in row.values())


def test_the_example_in_the_documentation_is_this_format() -> None:
    """docs/protocol.md shows one request byte by byte."""
    from support import ROOT

    text = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    dump = text.partition("```hex\n")[2].partition("```")[0]
    data = bytes.fromhex("".join(line.split("|")[1] for line in dump.splitlines()))
    message = messages.decode(data)
    assert message.content["operation"] == "mean_cpu"
    assert message.arrays["x"].tolist() == [[[1.0, 2.5], [-0.0, 4.0]]]
    for word in (*messages.KINDS, *messages.constants(DIALECTS["darknet"], "BATCHNORM"), *OPERATIONS):
        assert f"`{word}`" in text, f"docs/protocol.md does not mention {word}"
