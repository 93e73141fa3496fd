"""A user's tensor files: whatever is inside, arrays come out or an InputError that names file and member."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from darkparity.formats import numpy_files
from darkparity.formats.tensor_files import InputError, load

ONE = np.arange(6, dtype=np.float32).reshape(2, 3)


def npy(header: str, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header.encode("latin-1") + data


def described(descr: str = "'<f4'", shape: str = "(1,)") -> bytes:
    return npy(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n", b"\0\0\0\0")


def changed(make: Callable[[Path], None], start: bytes, offset: int, new: bytes) -> Callable[[Path], None]:
    """A file of `make` with `new` at `offset` from every `start`."""

    def write(path: Path) -> None:
        make(path)
        data, at = bytearray(path.read_bytes()), -1
        while (at := data.find(start, at + 1)) >= 0:
            data[at + offset : at + offset + len(new)] = new
        path.write_bytes(data)

    return write


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", compression) as opened:
            for name, data in members.items():
                opened.writestr(name, data)

    return write


def content(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data) and None  # type: ignore[func-returns-value]


def picture(kind: str) -> Callable[[Path], None]:
    return lambda path: Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(path, kind)


def png_of(width: int, height: int) -> bytes:
    """A PNG of 8 x 8 that claims another size."""
    whole = io.BytesIO()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(whole, "PNG")
    size = b"IHDR" + struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return whole.getvalue()[:12] + size + struct.pack(">I", zlib.crc32(size)) + whole.getvalue()[33:]


PLAIN = described()
DEFLATED, LZMA = archive({"a.npy": PLAIN * 50}), archive({"a.npy": PLAIN * 50}, zipfile.ZIP_LZMA)
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"

REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "npz.npy": (archive({"a.npy": PLAIN}), "an archive of arrays under the name .npy; rename it to .npz"),
    "npy.npz": (content(PLAIN), "a single array under the name .npz; rename it to .npy"),
    "empty.npz": (content(b""), "no archive of arrays"),
    "empty.npy": (content(b""), "no .npy array: begins with b''"),
    "text.npy": (content(b"1 2 3 4 5"), "no .npy array: begins with b'1 2 3 4 '"),
    "token.npy": (content(npy("{'descr': (")), r"broken .npy header \("),
    "syntax.npy": (content(npy("{]")), r"broken .npy header \("),
    "deep.npy": (content(npy("(" * 5000)), r"broken .npy header \("),
    "long.npy": (content(npy(" " * 20_000)), r"broken .npy header \("),
    "version.npy": (content(npy("{}", version=b"\x03\x00")), r"version 3.0 of .npy"),
    "claims.npy": (content(described(shape="(1 << 53,)".replace("1 << 53", str(2**53)))),
                   r"claims 36028797018963968 bytes \(float32 of shape \(9007199254740992,\)\), 4 are there"),
    "huge.npy": (content(described(shape=f"({10**3000},)")), "claims|broken"),
    "negative.npy": (content(described(shape="(-1,)")), "no plain array of numbers"),
    "object.npy": (content(described("'|O'")), "a pickled object, which may run code; save plain arrays"),
    "structured.npy": (content(described("[('a', '<f4')]")), "no plain array of numbers"),
    "nothing.npy": (content(described("'|S0'", "(100000000000,)")), "no plain array of numbers"),
    "member.npz": (archive({"data.pkl": b"x", "a.npy": PLAIN}), "member 'data.pkl' is no .npy array"),
    "object.npz": (archive({"a.npy": described("'|O'")}), "member 'a.npy': a pickled object"),
    "cut.npz": (archive({"a.npy": described(shape="(2,)")}), "member 'a.npy': claims 8 bytes .* 4 are there"),
    "name.npz": (archive({"a\x1b[31m.npy": PLAIN}), r"the array name 'a\\x1b\[31m' has characters that do not print"),
    "encrypted.npz": (changed(changed(DEFLATED, LOCAL, 6, b"\1"), CENTRAL, 8, b"\1"), "member 'a.npy' is encrypted"),
    "deflate.npz": (changed(DEFLATED, LOCAL, 36, b"\xff" * 9), "member 'a.npy': "),
    "lzma.npz": (changed(LZMA, LOCAL, 44, b"\xff" * 9), "member 'a.npy': "),
    "method.npz": (changed(changed(DEFLATED, LOCAL, 8, b"\x63"), CENTRAL, 10, b"\x63"),
                   "member 'a.npy': .*compression"),
    "jpeg.png": (picture("JPEG"), "no PNG image; the name must say the format"),
    "tiff.png": (picture("TIFF"), "no PNG image"),
    "bomb.png": (content(png_of(100_000, 100_000)), "more than 33554432 pixels"),
    "warned.png": (content(png_of(10_000, 10_000)), "more than 33554432 pixels"),
    "large.png": (content(png_of(6000, 6000)), "more than 33554432 pixels"),
    "cut.png": (content(png_of(8, 8)[:44]), "cannot be read: "),
    "floats.ppm": (content(b"Pf\n1 1\n-1.0\n\0\0\0\0"), "pixels are floats"),
    "short.safetensors": (content(b"\0" * 4), "cannot be read: "),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_names_the_file_and_says_why(tmp_path: Path, name: str) -> None:
    write, said = REFUSED[name]
    write(tmp_path / name)
    with pytest.raises(InputError, match=said) as caught:
        load(tmp_path / name)
    assert name in str(caught.value)
    assert "allow_pickle" not in str(caught.value)


def test_an_archive_that_swells_is_refused_before_it_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_files, "MAX_UNPACKED", 1 << 20)
    zeros, noise = np.zeros(1 << 19, np.float32), np.random.default_rng(0).normal(size=1 << 18)
    np.savez_compressed(tmp_path / "zeros.npz", a=zeros)
    np.savez_compressed(tmp_path / "noise.npz", a=noise)
    np.savez(tmp_path / "plain.npz", a=zeros)
    with pytest.raises(InputError, match=r"unpacks from 0.0 MiB to 0.0 GiB; above .* save it with np.savez"):
        load(tmp_path / "zeros.npz")
    assert (load(tmp_path / "noise.npz")["a"] == noise).all()
    assert (load(tmp_path / "plain.npz")["a"] == zeros).all()


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<f2", "<i4", "|b1", "<c8", "<U3"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_come_as_numpy_reads_them(tmp_path: Path, dtype: str, order: str) -> None:
    array = np.asarray(ONE.astype(dtype), order=order)  # type: ignore[call-overload]
    np.save(tmp_path / "a.npy", array)
    np.savez_compressed(tmp_path / "a.npz", one=array, none=array[:0], scalar=array[0, 0])
    expected = dict(np.load(tmp_path / "a.npz"))
    found = load(tmp_path / "a.npz")
    assert list(found) == list(expected)
    for name, value in {**found, "one": load(tmp_path / "a.npy")["input"]}.items():
        assert (value.dtype, value.shape) == (expected[name].dtype, expected[name].shape)
        assert (value == expected[name]).all()
        assert value.flags.writeable


def test_sixteen_bits_of_grey_keep_their_upper_eight(tmp_path: Path) -> None:
    """As stb_image in DarkNet; every pixel above 255 was full white."""
    values = np.array([[0, 255, 256, 0x8000, 0xFFFF]], np.uint16)
    Image.fromarray(values).save(tmp_path / "grey.png")
    found = load(tmp_path / "grey.png")["input"]
    assert (found == (values >> 8).astype(np.float32) / np.float32(255)).all()
    assert found.shape == (3, 1, 5)
