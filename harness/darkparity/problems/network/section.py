"""One section of a .cfg: its options as C reads them, and the layer that it becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from darkparity.formats.numbers import shown

Size = tuple[int, int, int]  # height, width, channels
#: DarkNet's sizes are C ints, read by atoi: what follows the digits is not looked at.
_ATOI = re.compile(r"[+-]?[0-9]+")
_INT_MAX = 2**31 - 1


class LayerError(ValueError):
    """A section that cannot be: says which option, and why."""


@dataclass(frozen=True)
class Part:
    """One set of weights. suffix: which of several in a recurrent layer. arrays: (name, count), ordered.

    type, size: of its batch normalization, where `normalized`.
    """

    type: str
    size: Size
    arrays: tuple[tuple[str, int], ...]
    normalized: bool
    suffix: str = ""


@dataclass(frozen=True)
class Layer:
    """index: as DarkNet counts, 0 is the first section after [net]. line: in the .cfg."""

    index: int
    kind: str
    line: int
    options: Mapping[str, str]
    input: Size
    output: Size
    parts: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        return f"layer {self.index} [{self.kind}]"

    @property
    def cross_iteration(self) -> bool:
        """Training normalizes by the statistics of several subdivisions."""
        return self.kind in ("convolutional", "conv") and Shape(self.options, self.input, ()).cross_iteration


@dataclass(frozen=True)
class Shape:
    """What a section's function sees: its options, the size that enters, and the layers before it."""

    options: Mapping[str, str]
    input: Size
    before: Sequence[Layer]

    def number(self, name: str, default: int) -> int:
        text = self.options.get(name)
        return default if text is None else atoi(name, text)

    def positive(self, name: str, default: int) -> int:
        value = self.number(name, default)
        if value < 1:
            raise LayerError(f"{name}={value} must be at least 1")
        return value

    @property
    def normalized(self) -> bool:
        return bool(self.number("batch_normalize", 0)) or self.cross_iteration

    @property
    def cross_iteration(self) -> bool:
        """Source: AlexeyAB/darknet src/parser.c, parse_convolutional: cbn=1 sets batch_normalize to 2."""
        return self.number("batch_normalize", 0) == 2 or bool(self.number("cbn", 0))

    @property
    def window(self) -> tuple[int, int, int]:
        """filters, size, stride."""
        return self.positive("filters", 1), self.positive("size", 1), self.positive("stride", 1)

    @property
    def padding(self) -> int:
        padding = self.positive("size", 1) // 2 if self.number("pad", 0) else self.number("padding", 0)
        if padding < 0:
            raise LayerError(f"padding={padding} must be at least 0")
        return padding

    def sources(self, name: str) -> list[Layer]:
        """The layers that an option lists. As in DarkNet, what stands empty between commas is layer 0."""
        if not self.options.get(name):
            raise LayerError(f"needs {name}=")
        return [self._source(atoi(name, text) if text else 0) for text in self.options[name].split(",")]

    def _source(self, index: int) -> Layer:
        place = index if index >= 0 else len(self.before) + index
        if not 0 <= place < len(self.before):
            raise LayerError(f"refers to layer {index}, which is not before it")
        return self.before[place]

    def refuse(self, *names: str) -> None:
        """Options that change sizes or arrays in a way that is not read here."""
        found = next((name for name in names if self.options.get(name, "0") not in ("0", "none")), None)
        if found:
            raise LayerError(f"{found}={shown(self.options[found])} is not read")


def atoi(name: str, text: str) -> int:
    """As C's; where that takes 0 for what is no number, or overflows, LayerError."""
    digits = _ATOI.match(text)
    if digits is None:
        raise LayerError(f"{name}={shown(text)} is no number")
    if len(digits[0]) > len(str(-_INT_MAX)) or abs(int(digits[0])) > _INT_MAX:
        raise LayerError(f"{name}={shown(text)} is beyond {_INT_MAX}, the largest int")
    return int(digits[0])
