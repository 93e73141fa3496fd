""".npy and .npz without np.load: sizes are checked before memory is taken, and nothing can be unpickled."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

_MAGIC, _ZIP = b"\x93NUMPY", b"PK"
#: NumPy's own limit; a header of one plain array has about 120 bytes.
_MAX_HEADER = 10_000
#: An archive may unpack to this much, or to _EXPANSION times its size. 3.5 MB of zeros took 8 GB otherwise;
#: trained float32 numbers shrink to 0.9 of their size.
MAX_UNPACKED, _EXPANSION = 4 << 30, 4
_ENCRYPTED = 0x1  # flag bit 0 of a zip member


class NotNumPy(ValueError):
    """What a file or a member holds instead of an array."""


def npy(path: Path) -> np.ndarray:
    """The array of a .npy file. Raises NotNumPy, OSError, MemoryError."""
    with path.open("rb") as file:
        if file.read(len(_ZIP)) == _ZIP:
            raise NotNumPy("an archive of arrays under the name .npy; rename it to .npz")
        file.seek(0)
        return _array(file, path.stat().st_size)


def npz(path: Path) -> Mapping[str, np.ndarray]:
    """The arrays of a .npz file by name. Raises NotNumPy, OSError, MemoryError."""
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) == _MAGIC:
            raise NotNumPy("a single array under the name .npz; rename it to .npy")
        try:
            with zipfile.ZipFile(file) as archive:
                members = [info for info in archive.infolist() if not info.is_dir()]
                _check_size(sum(info.file_size for info in members), path.stat().st_size)
                return _members(archive, members)
        except zipfile.BadZipFile as error:
            raise NotNumPy(f"no archive of arrays ({error})") from None


def _check_size(unpacked: int, packed: int) -> None:
    if unpacked > max(MAX_UNPACKED, _EXPANSION * packed):
        raise NotNumPy(
            f"unpacks from {packed / 2**20:.1f} MiB to {unpacked / 2**30:.1f} GiB; above {MAX_UNPACKED >> 30} GiB "
            "only archives that hardly shrink are read: save it with np.savez or as .safetensors"
        )


def _members(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for info in members:
        name = info.filename.removesuffix(".npy")
        if name in found:
            raise NotNumPy(f"holds {name!r} twice")
        found[name] = _member(archive, info)
    return found


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    what = f"member {info.filename!r}"
    if not info.filename.endswith(".npy"):
        raise NotNumPy(f"{what} is no .npy array")
    if info.flag_bits & _ENCRYPTED:
        raise NotNumPy(f"{what} is encrypted")
    try:
        with archive.open(info) as file:
            return _array(file, info.file_size)
    except MemoryError:
        raise
    except Exception as error:  # zlib, lzma and bz2 have an error each, zipfile raises several builtin ones
        raise NotNumPy(f"{what}: {str(error) or type(error).__name__}") from None


def _array(file: IO[bytes], size: int) -> np.ndarray:
    """One array, of `size` bytes with its header."""
    shape, fortran, dtype = _header(file)
    count = math.prod(shape)
    claimed, there = count * dtype.itemsize, size - file.tell()
    if claimed > there:
        raise NotNumPy(f"claims {claimed} bytes ({dtype} of shape {_short(shape)}), {there} are there")
    data = bytearray(claimed)
    got = file.readinto(data)  # type: ignore[attr-defined]
    if got != claimed:
        raise NotNumPy(f"ends after {got} of {claimed} bytes")
    return np.frombuffer(data, dtype, count).reshape(shape, order="F" if fortran else "C")


def _short(shape: tuple[int, ...]) -> str:
    return str(shape) if math.prod(shape) < 1 << 62 else f"with {len(shape)} axes"


_HEADERS: Mapping[tuple[int, int], Callable[..., Any]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether columns come first, and dtype."""
    start = file.read(len(_MAGIC) + 2)
    if start[:-2] != _MAGIC or len(start) < len(_MAGIC) + 2:
        raise NotNumPy(f"no .npy array: begins with {start!r}")
    version = (start[-2], start[-1])
    if version not in _HEADERS:
        raise NotNumPy(f"version {version[0]}.{version[1]} of .npy, which plain arrays do not need")
    try:
        shape, fortran, dtype = _HEADERS[version](file, max_header_size=_MAX_HEADER)
    except Exception as error:  # Python's parser: SyntaxError, TokenError, RecursionError, ...
        raise NotNumPy(f"broken .npy header ({type(error).__name__})") from None
    if dtype.hasobject:
        raise NotNumPy("a pickled object, which may run code; save plain arrays")
    if dtype.names or dtype.subdtype or not dtype.itemsize or any(n < 0 for n in shape):
        raise NotNumPy(f"no plain array of numbers: {dtype} of shape {_short(shape)}")
    return shape, fortran, dtype
