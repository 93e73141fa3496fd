"""What a function's array parameters receive, and how its answer is read back: one way for every kind of function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from darkparity.errors import ProtocolError
from darkparity.spec import OPERATIONS, Call

from .returned import as_output, by_name

#: A NaN that no arithmetic produces, so that an array nobody wrote to can be told from a NaN result.
_UNWRITTEN = np.uint32(0x7FC0D5A1)


class HandCopies:
    """Private copies: a function may write into its arguments, and what it wrote there is read back.

    outputs: the wanted ones; None: all.
    """

    def __init__(self, call: Call, outputs: Sequence[str] | None = None) -> None:
        self.call = call
        self.outputs = None if outputs is None else tuple(outputs)
        self._handed: dict[str, np.ndarray] = {}

    def give(self, name: str) -> np.ndarray:
        """What a parameter `name` receives; an array that the call does not have is NaN all over."""
        arrays = self.call.arrays
        self._handed[name] = self._hand(arrays[name]) if name in arrays else self._blank(name)
        return self._handed[name]

    def collect(self, returned: Any) -> dict[str, np.ndarray]:
        """The wanted outputs by name, returned or written. Raises ProtocolError."""
        wanted = [n for n in self.call.outputs if self.outputs is None or n in self.outputs]
        handed = {n: self._handed[n] for n in self.call.outputs if n in self._handed}
        if returned is None and not handed:
            raise ProtocolError(f"{self.call.operation} returned None and takes none of its output arrays "
                                f"({', '.join(self.call.outputs)}) as a parameter")  # fmt: skip
        if returned is None:
            return {n: handed[n] for n in wanted if n in handed}
        given = by_name(self.call, returned)
        found = {n: self._kept(as_output(self.call, n, given[n])) for n in wanted if n in given}
        also = {n: handed[n] for n in wanted if n in handed and n not in found and self._written(n)}
        return {n: (found | also)[n] for n in wanted if n in found or n in also}

    def spoilt(self) -> list[str]:
        """Arrays that the operation only reads and the function wrote to."""
        read = set(self.call.arrays) - set(OPERATIONS[self.call.operation].outputs)
        return [name for name in self._handed if name in read and self._written(name)]

    def _hand(self, array: np.ndarray) -> np.ndarray:
        return array.copy()

    def _blank(self, name: str) -> np.ndarray:
        return np.full(self.call.shape_of(name), _UNWRITTEN, np.uint32).view(np.float32)

    def _kept(self, array: np.ndarray) -> np.ndarray:
        """A copy unless it is one of ours: a port may reuse its buffers in the next call."""
        ours = any(array is handed for handed in self._handed.values())
        return array if ours else np.array(array, order="C", copy=True)

    def _written(self, name: str) -> bool:
        """Whether the function changed any bit of what it was handed."""
        arrays = self.call.arrays
        before = arrays[name].view(np.uint32) if name in arrays else _UNWRITTEN
        return not bool(np.all(self._handed[name].view(np.uint32) == before))


class LendReadOnly(HandCopies):
    """The caller's own arrays, read-only, for a function that is told which outputs are wanted: it returns fresh
    arrays, which are not copied again."""

    def _hand(self, array: np.ndarray) -> np.ndarray:
        view = array.view()
        view.flags.writeable = False
        return view

    def _kept(self, array: np.ndarray) -> np.ndarray:
        return array if array.flags.c_contiguous and array.flags.writeable else np.array(array, order="C")

    def _written(self, name: str) -> bool:
        return False  # it could not


class HandOver(HandCopies):
    """The caller's arrays themselves, which the function may overwrite: to time it alone."""

    def _hand(self, array: np.ndarray) -> np.ndarray:
        return array
