"""Deviations in which statistics are those of another set of elements: one image, part of a batch, several channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from darkparity.oracle.bounds import Bounded
from darkparity.oracle.formulas import FORMULAS

from .deviation import Row, formula, where
from .tampering import cut, of_first_channel, permuted, stacked

_mean, _variance, _normalize = (FORMULAS[n] for n in ("mean_cpu", "variance_cpu", "normalize_cpu"))
Groups = Callable[[Bounded], list[slice]]


def _per_image(x: Bounded) -> list[slice]:
    return [slice(b, b + 1) for b in range(x.shape[0])]


def _halves(x: Bounded) -> list[slice]:
    half = max(1, x.shape[0] // 2)
    return [s for s in (slice(0, half), slice(half, None)) if x.v[s].size]


def _pairs_of_images(x: Bounded) -> list[slice]:
    return [slice(b, b + 2) for b in range(0, x.shape[0], 2)]


def _normalized_by_part(groups: Groups) -> Any:
    """In training each group of images by its own statistics; what is saved stays that of the whole batch."""

    def wrong(d: Any, a: Any, x: Bounded, mean: Bounded, variance: Bounded) -> Bounded:
        if not a.get("train"):
            return _normalize(d, a, x, mean, variance)
        parts = [cut(x, 0, images) for images in groups(x)]
        return stacked([_normalize(d, a, part, *_statistics(d, a, part)) for part in parts])

    return wrong


def _statistics(d: Any, a: Any, x: Bounded) -> tuple[Bounded, Bounded]:
    mean = _mean(d, a, x)
    return mean, _variance(d, a, x, mean)


def _averaged(statistic: Bounded, size: int) -> Bounded:
    """One value for every block of channels: the mean of theirs."""
    channels = statistic.shape[1]
    first = np.arange(channels) // size * size
    parts = [permuted(statistic, lambda v, k=k: v[:, np.minimum(first + k, channels - 1)]) for k in range(size)]  # type: ignore[misc]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total / size


def _of_block(routine: str, size: int) -> Any:
    def wrong(d: Any, a: Any, **tensors: Bounded) -> Bounded:
        return _averaged(FORMULAS[routine](d, a, **tensors), size)

    return wrong


def _across_channels(d: Any, a: Any, x: Bounded, mean: Bounded, variance: Bounded) -> Bounded:
    """Every image by the statistics of all its channels and pixels, as a layer norm has them."""
    if not a.get("train"):
        return _normalize(d, a, x, mean, variance)
    flat = (1, x.shape[0], x.shape[1] * x.shape[2])
    rows = permuted(x, lambda v: np.ascontiguousarray(v).reshape(flat))
    return permuted(_normalize(d, a, rows, *_statistics(d, a, rows)), lambda v: v.reshape(x.shape))


def _first_pixels(x: Bounded) -> Bounded:
    return cut(x, 2, slice(0, max(1, x.shape[2] // 2)))


SUBSET_DEVIATIONS: tuple[Row, ...] = where(
    lambda d: not d.inference_only,
    formula("per_image_statistics", "training normalizes every image by its own mean and variance (instance norm)",
            "normalize_cpu", _normalized_by_part(_per_image)),
    formula("half_batch_statistics", "training normalizes each half of the batch by its own mean and variance",
            "normalize_cpu", _normalized_by_part(_halves)),
    formula("statistics_of_two_images", "training normalizes every two images by their own mean and variance",
            "normalize_cpu", _normalized_by_part(_pairs_of_images)),
    formula("layer_norm", "training normalizes every image by the statistics of all its channels", "normalize_cpu",
            _across_channels),
    formula("mean_of_two_channels", "two channels share a mean", "mean_cpu", _of_block("mean_cpu", 2)),
    formula("variance_of_two_channels", "two channels share a variance", "variance_cpu", _of_block("variance_cpu", 2)),
    formula("mean_of_half_the_pixels", "mean is that of the first half of the pixels", "mean_cpu",
            lambda d, a, x: _mean(d, a, _first_pixels(x))),
    formula("variance_of_last_image", "variance is overwritten image by image: the last one counts", "variance_cpu",
            lambda d, a, x, mean: _variance(d, a, cut(x, 0, slice(-1, None)), mean)),
    formula("variance_about_image_means", "variance is taken about the mean of each image", "variance_cpu",
            lambda d, a, x, mean: _variance(d, a, stacked([_about(part, mean) for part in
                                                           (cut(x, 0, s) for s in _per_image(x))]), mean)),
    formula("variance_of_neighbour", "variance is written one channel further", "variance_cpu",
            lambda d, a, x, mean: permuted(_variance(d, a, x, mean), lambda v: np.roll(v, 1, axis=1))),
    formula("mean_of_first_channel", "every channel gets the first channel's mean", "mean_cpu",
            lambda d, a, x: of_first_channel(_mean(d, a, x))),
    formula("variance_of_first_channel", "every channel gets the first channel's variance", "variance_cpu",
            lambda d, a, x, mean: of_first_channel(_variance(d, a, x, mean))),
)  # fmt: skip


def _about(part: Bounded, mean: Bounded) -> Bounded:
    """Shifted so that its own mean is `mean`."""
    return part - part.sum() / (part.shape[0] * part.shape[2]) + mean
