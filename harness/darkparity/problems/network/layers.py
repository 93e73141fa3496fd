"""What a section of a .cfg makes of its input: sizes, and its arrays in a .weights file, in file order.

Source: pjreddie/darknet@f6afaabc src/parser.c (parse_*, load_*_weights) and the make_*_layer functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Size = tuple[int, int, int]  # height, width, channels


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


@dataclass(frozen=True)
class Shape:
    """What a section's function sees: its options, the size that enters, and the layers before it."""

    options: Mapping[str, str]
    input: Size
    before: Sequence[Layer]

    def number(self, name: str, default: int) -> int:
        text = self.options.get(name, str(default))
        try:
            return int(float(text))  # atoi takes "1." too
        except ValueError:
            raise LayerError(f"{name}={text} is no number") from None

    def positive(self, name: str, default: int) -> int:
        value = self.number(name, default)
        if value < 1:
            raise LayerError(f"{name}={value} must be at least 1")
        return value

    @property
    def normalized(self) -> bool:
        return bool(self.number("batch_normalize", 0))

    @property
    def window(self) -> tuple[int, int, int]:
        """filters, size, stride."""
        return self.positive("filters", 1), self.positive("size", 1), self.positive("stride", 1)

    @property
    def padding(self) -> int:
        return self.positive("size", 1) // 2 if self.number("pad", 0) else self.number("padding", 0)


Made = tuple[Size, tuple[Part, ...]]
_STATISTICS = ("scales", "rolling_mean", "rolling_variance")


def _loaded(shape: Shape, arrays: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    """What the file holds: nothing under `dontload`, no statistics under `dontloadscales`."""
    if shape.number("dontload", 0):
        return ()
    skipped = _STATISTICS if shape.number("dontloadscales", 0) else ()
    return tuple((name, count) for name, count in arrays if name not in skipped)


def _statistics(count: int, normalized: bool) -> tuple[tuple[str, int], ...]:
    return tuple((name, count) for name in _STATISTICS) if normalized else ()


def _window(shape: Shape, padding: int, size: int, axis: int) -> int:
    stride = shape.positive(("stride_y", "stride_x")[axis], shape.positive("stride", 1))
    length = (shape.input[axis] + padding - size) // stride + 1
    if length < 1:
        raise LayerError(f"a window of {size} does not fit into {shape.input[axis]} (padding {padding})")
    return length


def _convolutional(shape: Shape) -> Made:
    (filters, size, _), groups = shape.window, shape.positive("groups", 1)
    if shape.input[2] % groups:
        raise LayerError(f"groups={groups} does not divide the {shape.input[2]} channels that enter")
    height, width = (_window(shape, 2 * shape.padding, size, axis) for axis in (0, 1))
    weights = shape.input[2] // groups * filters * size * size
    arrays = (("biases", filters), *_statistics(filters, shape.normalized), ("weights", weights))
    out = (height, width, filters)
    return out, (Part("CONVOLUTIONAL", out, _loaded(shape, arrays), shape.normalized),)


def _deconvolutional(shape: Shape) -> Made:
    filters, size, stride = shape.window
    height, width = ((n - 1) * stride + size - 2 * shape.padding for n in shape.input[:2])
    arrays = (("biases", filters), *_statistics(filters, shape.normalized),
              ("weights", shape.input[2] * filters * size * size))  # fmt: skip
    out = (height, width, filters)
    return out, (Part("CONVOLUTIONAL", out, _loaded(shape, arrays), shape.normalized),)


def _dense(shape: Shape, inputs: int, outputs: int, suffix: str = "") -> Part:
    arrays = (("biases", outputs), ("weights", inputs * outputs), *_statistics(outputs, shape.normalized))
    return Part("CONNECTED", (1, 1, outputs), _loaded(shape, arrays), shape.normalized, suffix)


def _count(size: Size) -> int:
    return size[0] * size[1] * size[2]


def _connected(shape: Shape) -> Made:
    outputs = shape.positive("output", 1)
    return (1, 1, outputs), (_dense(shape, _count(shape.input), outputs),)


def _recurrent(*parts: tuple[str, bool]) -> Callable[[Shape], Made]:
    """Connected layers in the order of the file: (name, whether it sees the input rather than the state)."""

    def made(shape: Shape) -> Made:
        outputs, inputs = shape.positive("output", 1), _count(shape.input)
        dense = tuple(_dense(shape, inputs if outer else outputs, outputs, name) for name, outer in parts)
        return (1, 1, outputs), dense

    return made


def _batchnorm(shape: Shape) -> Made:
    arrays = _loaded(shape, _statistics(shape.input[2], True))  # biases before them in AlexeyAB's: weights.py
    return shape.input, (Part("BATCHNORM", shape.input, arrays, True),)


def _local(shape: Shape) -> Made:
    filters, size, stride = shape.window
    less = 1 if shape.number("pad", 0) else size
    height, width = ((n - less) // stride + 1 for n in shape.input[:2])
    count = height * width * filters
    arrays = (("biases", count), ("weights", size * size * shape.input[2] * count))
    return (height, width, filters), (Part("LOCAL", (height, width, filters), _loaded(shape, arrays), False),)


def _maxpool(shape: Shape) -> Made:
    size = shape.positive("size", shape.positive("stride", 1))
    padding = shape.number("padding", size - 1)
    return (_window(shape, padding, size, 0), _window(shape, padding, size, 1), shape.input[2]), ()


def _route(shape: Shape) -> Made:
    sources = [_source(shape, text) for text in shape.options.get("layers", "").split(",") if text]
    if not sources:
        raise LayerError("needs layers=")
    groups = shape.positive("groups", 1)
    if len({s.output[:2] for s in sources}) > 1:
        sizes = ", ".join(f"{s.output[1]}x{s.output[0]} of layer {s.index}" for s in sources)
        raise LayerError(f"joins layers of different sizes: {sizes}")
    return (*sources[0].output[:2], sum(s.output[2] for s in sources) // groups), ()


def _source(shape: Shape, text: str) -> Layer:
    try:
        index = int(text)
    except ValueError:
        raise LayerError(f"{text!r} is no layer") from None
    place = index if index >= 0 else len(shape.before) + index
    if not 0 <= place < len(shape.before):
        raise LayerError(f"refers to layer {text}, which is not before it")
    return shape.before[place]


def _shortcut(shape: Shape) -> Made:
    for text in shape.options.get("from", "").split(","):
        _source(shape, text)
    return shape.input, ()


def _upsample(shape: Shape) -> Made:
    stride = shape.number("stride", 2)
    height, width, channels = shape.input
    if stride < 0:
        return (height // -stride, width // -stride, channels), ()
    return (height * stride, width * stride, channels), ()


def _reorg(shape: Shape) -> Made:
    stride, (height, width, channels) = shape.positive("stride", 1), shape.input
    if shape.number("reverse", 0):
        return (height * stride, width * stride, channels // stride**2), ()
    return (height // stride, width // stride, channels * stride**2), ()


def _crop(shape: Shape) -> Made:
    return (shape.positive("crop_height", 1), shape.positive("crop_width", 1), shape.input[2]), ()


def _avgpool(shape: Shape) -> Made:
    return (1, 1, shape.input[2]), ()


def _same(shape: Shape) -> Made:
    return shape.input, ()


_SAME = ("softmax", "soft", "cost", "dropout", "activation", "normalization", "lrn", "region", "yolo",
         "detection", "l2norm", "logistic", "iseg", "gaussian_yolo")  # fmt: skip
_STATE, _OUTER = False, True

#: Section -> what it makes. A row added here can be read.
KINDS: Mapping[str, Callable[[Shape], Made]] = {
    **dict.fromkeys(("convolutional", "conv"), _convolutional),
    **dict.fromkeys(("deconvolutional", "deconv"), _deconvolutional),
    **dict.fromkeys(("connected", "conn"), _connected),
    "batchnorm": _batchnorm,
    "local": _local,
    "rnn": _recurrent(("input", _OUTER), ("self", _STATE), ("output", _STATE)),
    "gru": _recurrent(*((f"w{g}", _STATE) for g in "zrh"), *((f"u{g}", _OUTER) for g in "zrh")),
    "lstm": _recurrent(*((f"w{g}", _STATE) for g in "ifog"), *((f"u{g}", _OUTER) for g in "ifog")),
    **dict.fromkeys(("maxpool", "max"), _maxpool),
    **dict.fromkeys(("avgpool", "avg"), _avgpool),
    "route": _route,
    "shortcut": _shortcut,
    "upsample": _upsample,
    "reorg": _reorg,
    "crop": _crop,
    **dict.fromkeys(_SAME, _same),
}
