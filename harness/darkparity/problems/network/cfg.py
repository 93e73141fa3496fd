"""A network's .cfg: sections, and the size of every layer worked out from [net] on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from darkparity.formats.numbers import shown
from darkparity.formats.tensor_files import InputError

from .layers import KINDS
from .section import Layer, LayerError, Part, Shape

#: DarkNet counts a layer's outputs in int. A row of a whole image in the widest public network (4096 pixels,
#: 2048 channels) has half of _ROW; without it a cfg of 100 bytes takes all memory.
_ELEMENTS, _ROW = 2**31 - 1, 1 << 24


@dataclass(frozen=True)
class Network:
    """input: (height, width, channels) of [net]."""

    path: Path
    input: tuple[int, int, int]
    layers: tuple[Layer, ...]

    @property
    def normalized(self) -> list[tuple[Layer, Part]]:
        """The batch-normalized layers, in order."""
        return [(layer, part) for layer in self.layers for part in layer.parts if part.normalized]


@dataclass
class _Section:
    name: str
    line: int
    options: dict[str, str] = field(default_factory=dict)


def read_cfg(path: Path) -> Network:
    """Raises InputError with file and line."""
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    sections = list(_sections(path, text))
    if not sections or sections[0].name not in ("net", "network"):
        raise InputError(f"{path}: the first section must be [net]")
    size = _input(path, sections[0])
    layers: list[Layer] = []
    for section in sections[1:]:
        layers.append(_layer(path, section, layers[-1].output if layers else size, layers))
    return Network(path, size, tuple(layers))


def _sections(path: Path, text: str) -> Iterator[_Section]:
    section: _Section | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"\s", "", raw.partition("#")[0])  # DarkNet strips blanks everywhere
        if not line or line[0] == ";":
            continue
        if line[0] == "[":
            if section:
                yield section
            section = _Section(line.strip("[]").lower(), number)
            continue
        key, equals, value = line.partition("=")
        if section is None or not equals:
            raise InputError(f"{path}:{number}: {shown(raw.strip())} is neither [section] nor key=value")
        section.options.setdefault(key, value)  # DarkNet takes the first of a name
    if section:
        yield section


def _input(path: Path, net: _Section) -> tuple[int, int, int]:
    shape = Shape(net.options, (0, 0, 0), ())
    try:
        height, width, channels = (shape.number(name, 0) for name in ("height", "width", "channels"))
        inputs = shape.number("inputs", height * width * channels)
        if not height * width * channels and inputs < 1:
            raise LayerError("has neither height, width and channels nor inputs")
        size = (height, width, channels) if height * width * channels else (1, 1, inputs)
        _check_size(size)
    except LayerError as error:
        raise InputError(f"{path}:{net.line}: [net] {error}") from None
    return size


def _check_size(size: tuple[int, int, int]) -> None:
    """What DarkNet can count, and what can be asked: rows may be left out, a row is asked whole."""
    height, width, channels = size
    if min(size) < 1:
        raise LayerError(f"comes out as {width}x{height}, {channels} channels: nothing is left")
    if width * channels > _ROW or height * width * channels > _ELEMENTS:
        raise LayerError(f"comes out as {width}x{height}, {channels} channels: too large to be a layer")


def _inside(name: str) -> str:
    """A section's name for a message."""
    return shown(name)[1:-1]


def _layer(path: Path, section: _Section, size: tuple[int, int, int], before: list[Layer]) -> Layer:
    where = f"{path}:{section.line}: layer {len(before)} [{_inside(section.name)}]"
    made = KINDS.get(section.name)
    if made is None:
        raise InputError(f"{where}: this kind of section is not read; known: {', '.join(KINDS)}")
    options: Mapping[str, str] = section.options
    try:
        output, parts = made(Shape(options, size, before))
        for made_size in (output, *(part.size for part in parts)):
            _check_size(made_size)
    except LayerError as error:
        raise InputError(f"{where}: {error}") from None
    return Layer(len(before), section.name, section.line, options, size, output, parts)
