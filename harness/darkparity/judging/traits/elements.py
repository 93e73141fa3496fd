"""Which elements are wrong: tails, first and last, every other, a range of channels or images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import numpy as np

from .marks import Marks

Mask = np.ndarray


@dataclass(frozen=True)
class Grid:
    """Indices of the elements of one array, and its sizes."""

    image: Mask
    channel: Mask
    pixel: Mask
    batch: int
    channels: int
    spatial: int
    width: int

    @classmethod
    def of(cls, marks: Marks) -> Grid:
        batch, channels, spatial = marks.wrong.shape[-3:]
        image, channel, pixel = np.ogrid[:batch, :channels, :spatial]
        return cls(image, channel, pixel, batch, channels, spatial, marks.width)

    @property
    def column(self) -> Mask:
        return self.pixel % self.width

    @property
    def row(self) -> Mask:
        return self.pixel // self.width


@dataclass(frozen=True)
class Rule:
    """text: the elements in words. inside: whether an element is one of them. full: only arrays with all axes have
    them."""

    text: str
    inside: Callable[[Grid], Mask]
    full: bool = True


def _tail(index: Mask, size: int, block: int) -> Mask:
    """What is left over after whole blocks."""
    return index >= size - size % block


_TAILS = tuple(
    rule
    for n in (4, 8, 16, 32)
    for rule in (
        Rule(f"the last out_w modulo {n} columns of each row", lambda g, n=n: _tail(g.column, g.width, n)),  # type: ignore[misc]
        Rule(f"the last spatial modulo {n} elements of each channel", lambda g, n=n: _tail(g.pixel, g.spatial, n)),  # type: ignore[misc]
        Rule(f"the last channels modulo {n} channels", lambda g, n=n: _tail(g.channel, g.channels, n), False),  # type: ignore[misc]
    )
)
_ENDS = (
    Rule("the first channel", lambda g: g.channel == 0, False),
    Rule("the last channel", lambda g: g.channel == g.channels - 1, False),
    Rule("the first image", lambda g: g.image == 0),
    Rule("the last image", lambda g: g.image == g.batch - 1),
    Rule("the first element of each channel", lambda g: g.pixel == 0),
    Rule("the last element of each channel", lambda g: g.pixel == g.spatial - 1),
    Rule("the first column of each row", lambda g: g.column == 0),
    Rule("the last column of each row", lambda g: g.column == g.width - 1),
    Rule("the first row", lambda g: g.row == 0),
    Rule("the last row", lambda g: g.row == (g.spatial - 1) // g.width),
    Rule("the border", lambda g: (g.column == 0) | (g.column == g.width - 1) | (g.row == 0)
         | (g.row == (g.spatial - 1) // g.width)),
    Rule("every image after the first", lambda g: g.image > 0),
    Rule("every channel after the first", lambda g: g.channel > 0, False),
    Rule("every channel but the last", lambda g: g.channel < g.channels - 1, False),
    Rule("odd images (counted from 0)", lambda g: g.image % 2 == 1),
    Rule("odd channels (counted from 0)", lambda g: g.channel % 2 == 1, False),
    Rule("even channels (counted from 0)", lambda g: g.channel % 2 == 0, False),
)  # fmt: skip
_STRIDES = tuple(
    Rule(f"one element in {n} of each channel, from element {k} on", lambda g, n=n, k=k: g.pixel % n == k)  # type: ignore[misc]
    for n in (2, 3, 4, 8) for k in range(n)
)  # fmt: skip
_BLOCKS = tuple(
    Rule(f"channels from {n} on", lambda g, n=n: g.channel >= n, False)  # type: ignore[misc]
    for n in (2, 4, 8, 16, 32, 64, 128, 256, 512)
)
_PIXELS = tuple(
    Rule(f"the elements from {n} on of each channel", lambda g, n=n: g.pixel >= n)  # type: ignore[misc]
    for n in (4, 8, 16, 32, 64, 128, 256, 1024)
)
RULES = (*_ENDS, *_TAILS, *_STRIDES, *_BLOCKS, *_PIXELS)

#: Share of the elements that a rule names which have to be wrong, and of all elements that it may name at most: the
#: elements of a wrong channel that happen to lie inside their bounds refute no rule, and "nearly all" is none.
_WRONG, _NAMED = 0.7, 0.8


def patterns(marks: Sequence[Marks]) -> Iterator[str]:
    """For each array that is wrong in part, the rule that all cases keep to, or the range in the largest one."""
    key = attrgetter("array")
    said: dict[str, list[str]] = {}
    for array, group in groupby(sorted(marks, key=key), key=key):
        mine = list(group)
        if any(m.fails for m in mine) and (text := _rule(mine) or _range(max(mine, key=_size))):
            said.setdefault(text, []).append(array)
    for text, arrays in said.items():
        yield f"{', '.join(arrays)}: wrong are {text}"


def _size(marks: Marks) -> tuple[bool, int]:
    return marks.fails, marks.wrong.size


def _rule(marks: Sequence[Marks]) -> str:
    held = ((share, -i) for i, rule in enumerate(RULES) if (share := _share(rule, marks)) >= _WRONG)
    best = max(held, default=None)
    return RULES[-best[1]].text if best else ""


def _share(rule: Rule, marks: Sequence[Marks]) -> float:
    """Of the elements that the rule names, how many are wrong; 0 where one is that it does not name."""
    named = wrong = told = 0
    for m in marks:
        if rule.full and not m.full:
            return 0.0
        inside = np.broadcast_to(rule.inside(Grid.of(m)), m.wrong.shape)
        if (m.wrong & ~inside).any():
            return 0.0
        named, wrong = named + int((inside & m.told).sum()), wrong + int(m.wrong.sum())
        told += int(m.told.sum()) if m.fails else 0
    return wrong / named if named and named <= _NAMED * told else 0.0


def _range(m: Marks) -> str:
    """Channels and images that are wrong, where they are neighbours and not all."""
    axes = (("channels", (0, 1, 3)), ("images", (0, 2, 3)))
    four = m.wrong.reshape(-1, *m.wrong.shape[-3:])
    return ", in ".join(filter(None, (_neighbours(noun, np.asarray(four.any(axis=over))) for noun, over in axes)))


def _neighbours(noun: str, wrong: Mask) -> str:
    at = np.flatnonzero(wrong)
    if len(at) == wrong.size or len(at) != at[-1] - at[0] + 1:
        return ""
    span = f"{at[0]}" if len(at) == 1 else f"{at[0]} to {at[-1]}"
    return f"{noun[:-1] if len(at) == 1 else noun} {span} of {wrong.size}"
