"""Files that users bring: tensors, images, networks."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np

from darkparity.dialects import DIALECTS
from darkparity.formats.tensor_files import load
from darkparity.problems.network import read_cfg, read_weights
from darkparity.problems.own_tensors import read as read_tensors

from .mutate import BYTES, TEXT
from .trial import Format, through

_CFG = b"""[net]
height=8
width=8
channels=3

[convolutional]
batch_normalize=1
filters=4
size=3
stride=1
pad=1
activation=leaky

[maxpool]
size=2
stride=1

[route]
layers=-1,0

[convolutional]
batch_normalize=1
filters=2
groups=2
dontload=0

[shortcut]
from=-1

[upsample]
stride=2

[crnn]
output=3
hidden=2
pad=1

[connected]
batch_normalize=1
output=5
"""


def tensor_formats(desk: Path) -> list[Format]:
    """Arrays of users: .npy, .npz, .safetensors, .png."""
    from PIL import Image
    from safetensors.numpy import save

    array = np.linspace(-1, 1, 24, dtype=np.float32).reshape(1, 3, 2, 4)
    arrays = {"input": array, "scales": array[0, :, 0, 0].copy(), "biases": array[0, :, 1, 1].copy()}
    npy, npz, png = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.save(npy, array)
    np.savez_compressed(npz, **arrays)  # type: ignore[arg-type]
    Image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3)).save(png, "PNG")
    body = b"".join(a.tobytes() for a in arrays.values())
    tensors = save(arrays)
    header = tensors[8 : 8 + int.from_bytes(tensors[:8], "little")]
    return [
        Format("npy", [npy.getvalue()], through(desk / "a.npy", load), TEXT),
        Format("npz", [npz.getvalue()], through(desk / "a.npz", load), BYTES),
        Format("npz, array", [npy.getvalue()], through(desk / "b.npz", load), TEXT, _zipped),
        Format("safetensors", [tensors], through(desk / "a.safetensors", load), BYTES),
        Format("safetensors, header", [header], through(desk / "b.safetensors", load), TEXT,
               lambda data: struct.pack("<Q", len(data)) + data + body),
        Format("own tensors", [npz.getvalue()], through(desk / "c.npz", lambda p: read_tensors(p, DIALECTS["darknet"])),
               BYTES),
        Format("png", [png.getvalue()], through(desk / "a.png", load), BYTES),
        Format("png, chunks", [png.getvalue()], through(desk / "b.png", load), BYTES, _with_checksums),
    ]  # fmt: skip


def _zipped(data: bytes) -> bytes:
    """An archive whose checksums are those of the mutated member."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("input.npy", data)
    return whole.getvalue()


def _with_checksums(data: bytes) -> bytes:
    """A PNG with the checksum of every chunk right."""
    fixed, at = bytearray(data), 8
    while at + 12 <= len(fixed):
        length = int.from_bytes(fixed[at : at + 4], "big")
        end = at + 8 + length
        if end + 4 > len(fixed):
            break
        fixed[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(fixed[at + 4 : end])))
        at = end + 4
    return bytes(fixed)


def network_formats(desk: Path) -> list[Format]:
    """.cfg and .weights."""
    network = read_cfg(_written(desk / "right.cfg", _CFG))
    count = sum(n for layer in network.layers for part in layer.parts for _, n in part.arrays)
    numbers = np.linspace(0.5, 1.5, count, dtype="<f4").tobytes()
    weights = [struct.pack("<3iQ", 0, 2, 5, 640) + numbers, struct.pack("<4i", 0, 1, 0, 64) + numbers]
    return [
        Format("cfg", [_CFG], through(desk / "net.cfg", read_cfg), TEXT),
        Format("weights", weights, through(desk / "net.weights", lambda path: read_weights(path, network)), BYTES),
    ]


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
