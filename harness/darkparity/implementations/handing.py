"""What a function's array parameters receive, and how its answer is read back: one way for every kind of function."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from darkparity.errors import ProtocolError
from darkparity.spec import OPERATIONS, Call

from .layout import NCS, Layout, handed, shape_in
from .returned import as_output, by_name

#: A NaN that no arithmetic produces, so that an array nobody wrote to can be told from a NaN result.
_UNWRITTEN = np.uint32(0x7FC0D5A1)
#: Floats of that NaN before and behind each copy: what reads past an end computes NaN, what writes there is seen.
#: One cache line of 64 bytes, which keeps the alignment that NumPy gives.
_GUARD = 16


class HandCopies:
    """Private copies: a function may write into its arguments, and what it wrote there is read back.

    outputs: the wanted ones; None: all. layout: how the port has its arrays.
    """

    def __init__(self, call: Call, outputs: Sequence[str] | None = None, layout: Layout = NCS) -> None:
        self.call, self.layout = call, layout
        self.outputs = None if outputs is None else tuple(outputs)
        self._handed: dict[str, np.ndarray] = {}
        self._rooms: dict[str, np.ndarray] = {}

    def give(self, name: str) -> np.ndarray:
        """What a parameter `name` receives; an array that the call does not have is NaN all over."""
        given = name in self.call.arrays
        self._handed[name] = self._hand(name, self._source(name)) if given else self._blank(name)
        return self._handed[name]

    def collect(self, returned: Any) -> dict[str, np.ndarray]:
        """The wanted outputs by name, returned or written. Raises ProtocolError."""
        wanted = [n for n in self.call.outputs if self.outputs is None or n in self.outputs]
        lent = {n for n in self.call.outputs if n in self._handed}
        if returned is None and not lent:
            raise ProtocolError(f"{self.call.operation} returned None and takes none of its output arrays "
                                f"({', '.join(self.call.outputs)}) as a parameter")  # fmt: skip
        if returned is None:
            return {n: self._read(n) for n in wanted if n in lent}
        given = by_name(self.call, returned)
        found = {n: self._kept(as_output(self.call, n, given[n], self.layout)) for n in wanted if n in given}
        also = {n: self._read(n) for n in wanted if n in lent and n not in found and self._written(n)}
        return {n: (found | also)[n] for n in wanted if n in found or n in also}

    def spoilt(self) -> list[str]:
        """Arrays that the operation only reads and the function wrote to."""
        read = set(self.call.arrays) - set(OPERATIONS[self.call.operation].outputs)
        return [name for name in self._handed if name in read and self._written(name)]

    def overrun(self) -> list[str]:
        """Arrays beyond whose ends the function wrote."""
        return [n for n, r in self._rooms.items() if not (_unwritten(r[:_GUARD]) and _unwritten(r[-_GUARD:]))]

    def _source(self, name: str) -> np.ndarray:
        """An array of the call as the port has it."""
        return handed(self.call, name, self.call.arrays[name], self.layout)

    def _read(self, name: str) -> np.ndarray:
        """What was handed over, as it is now, in the specification's shape."""
        return np.ascontiguousarray(as_output(self.call, name, self._handed[name], self.layout))

    def _hand(self, name: str, array: np.ndarray) -> np.ndarray:
        inside = self._room(name, array.shape)
        inside[...] = array
        return inside

    def _blank(self, name: str) -> np.ndarray:
        return self._room(name, shape_in(self.call, name, self.layout))

    def _room(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """An array of `shape` inside a larger one, NaN all over."""
        self._rooms[name] = np.full(math.prod(shape) + 2 * _GUARD, _UNWRITTEN, np.uint32)
        return self._rooms[name][_GUARD:-_GUARD].view(np.float32).reshape(shape)

    def _kept(self, array: np.ndarray) -> np.ndarray:
        """A copy unless it is one of ours: a port may reuse its buffers in the next call."""
        ours = any(array is handed for handed in self._handed.values())
        return array if ours else np.array(array, order="C", copy=True)

    def _written(self, name: str) -> bool:
        """Whether the function changed any bit of what it was handed."""
        before = self._source(name).view(np.uint32) if name in self.call.arrays else _UNWRITTEN
        return not bool(np.all(self._handed[name].view(np.uint32) == before))


class LendReadOnly(HandCopies):
    """The caller's own arrays, read-only, for a function that is told which outputs are wanted: it returns fresh
    arrays, which are not copied again."""

    def _hand(self, name: str, array: np.ndarray) -> np.ndarray:
        view = np.ascontiguousarray(array).view()
        view.flags.writeable = False
        return view

    def _kept(self, array: np.ndarray) -> np.ndarray:
        return array if array.flags.c_contiguous and array.flags.writeable else np.array(array, order="C")

    def _written(self, name: str) -> bool:
        return False  # it could not


class HandOver(HandCopies):
    """The caller's arrays themselves, which the function may overwrite: to time it alone."""

    def _hand(self, name: str, array: np.ndarray) -> np.ndarray:
        return array


def _unwritten(bits: np.ndarray) -> bool:
    return bool((bits == _UNWRITTEN).all())
