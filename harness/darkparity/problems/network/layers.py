"""What a section of a .cfg makes of its input: sizes, and its arrays in a .weights file, in file order.

Source: pjreddie/darknet@f6afaabc src/parser.c (parse_*, load_*_weights) and the make_*_layer functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .section import LayerError, Part, Shape, Size

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


def _convolution(shape: Shape, filters: int, suffix: str = "") -> tuple[Size, Part]:
    (_, size, _), groups = shape.window, shape.positive("groups", 1)
    if shape.input[2] % groups:
        raise LayerError(f"groups={groups} does not divide the {shape.input[2]} channels that enter")
    height, width = (_window(shape, 2 * shape.padding, size, axis) for axis in (0, 1))
    weights = shape.input[2] // groups * filters * size * size
    arrays = (("biases", filters), *_statistics(filters, shape.normalized), ("weights", weights))
    out = (height, width, filters)
    return out, Part("CONVOLUTIONAL", out, _loaded(shape, arrays), shape.normalized, suffix)


def _convolutional(shape: Shape) -> Made:
    shape.refuse("share_index", "antialiasing")
    out, part = _convolution(shape, shape.window[0])
    return out, (part,)


def _crnn(shape: Shape) -> Made:
    """Three convolutions. AlexeyAB's has a window of its own; the original one of 3 x 3 and other names."""
    options = dict(shape.options)
    if "output_filters" in options:
        options |= {"output": options["output_filters"], "hidden": options.get("hidden_filters", "1")}
        options |= {"size": "3", "stride": "1", "pad": "1"}
    out, parts = shape.input, []
    for name, filters in (("input", "hidden"), ("self", "hidden"), ("output", "output")):
        inner = Shape({"size": "3", **options}, out, shape.before)
        out, part = _convolution(inner, inner.positive(filters, 1), name)
        parts.append(part)
    return out, tuple(parts)


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
    shape.refuse("antialiasing", "maxpool_depth")
    size = shape.positive("size", shape.positive("stride", 1))
    padding = max(0, shape.number("padding", size - 1))
    return (_window(shape, padding, size, 0), _window(shape, padding, size, 1), shape.input[2]), ()


def _route(shape: Shape) -> Made:
    sources, groups = shape.sources("layers"), shape.positive("groups", 1)
    channels = sum(s.output[2] for s in sources)
    if len({s.output[:2] for s in sources}) > 1:
        sizes = ", ".join(f"{s.output[1]}x{s.output[0]} of layer {s.index}" for s in sources)
        raise LayerError(f"joins layers of different sizes: {sizes}")
    if channels % groups or not 0 <= shape.number("group_id", 0) < groups:
        raise LayerError(f"has no group {shape.number('group_id', 0)} of {groups} in {channels} channels")
    return (*sources[0].output[:2], channels // groups), ()


def _shortcut(shape: Shape) -> Made:
    """AlexeyAB's may weigh what it adds: each layer, or each channel of it."""
    count = 1 + len(shape.sources("from"))
    each = {"per_feature": 1, "per_layer": 1, "per_channel": shape.input[2]}.get(shape.options.get("weights_type", ""))
    arrays = (("weights", count * each),) if each else ()
    return shape.input, (Part("SHORTCUT", shape.input, _loaded(shape, arrays), False),) if each else ()


def _as_source(shape: Shape) -> Made:
    return shape.sources("from")[0].output, ()


def _upsample(shape: Shape) -> Made:
    stride = shape.number("stride", 2)
    height, width, channels = shape.input
    if stride == 0:
        raise LayerError("stride=0 leaves nothing")
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
    **dict.fromkeys(("scale_channels", "sam"), _as_source),
    "crnn": _crnn,
    "upsample": _upsample,
    "reorg": _reorg,
    "crop": _crop,
    **dict.fromkeys(_SAME, _same),
}
