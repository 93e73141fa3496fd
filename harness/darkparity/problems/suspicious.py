"""Arrays that are read as they stand, and that somebody should look at again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

#: Values that decide whether a file was written with few digits, channels that are named.
_TELLING, _SHOWN = 8, 8
#: Decimal places that text dumps have ("%.4f", "%f"); float32 itself has 7 to 8 digits.
_PLACES = range(1, 7)


def suspicious(where: str, arrays: Mapping[str, np.ndarray], recorded: bool) -> Iterator[str]:
    """What is odd about the arrays of one layer, in words. arrays: by DarkNet's names. recorded: results are there."""
    for name, array in arrays.items():
        if name in ("variance", "rolling_variance"):
            yield from _negative(f"{where}{name}", array)
        if recorded:
            yield from _rounded(f"{where}{name}", array)


def _negative(name: str, array: np.ndarray) -> Iterator[str]:
    at = np.flatnonzero(array.ravel() < 0)
    if at.size:
        channels = ", ".join(map(str, at[:_SHOWN])) + (", ..." if at.size > _SHOWN else "")
        yield (f"{name}: {at.size} of {array.size} variances are negative (channels {channels}; least "
               f"{array.min():.3g}): no average of squares is; the root of one is NaN")  # fmt: skip


def _rounded(name: str, array: np.ndarray) -> Iterator[str]:
    """Values that a text file cut off."""
    v = array.ravel().astype(np.float64)
    v = v[np.isfinite(v)]
    for places in _PLACES:
        unit = 10.0**-places
        telling = v[(np.spacing(np.abs(v).astype(np.float32)) < unit / 8) & (v * 1024 != np.round(v * 1024))]
        if telling.size < _TELLING:
            return
        if np.all(np.round(telling, places).astype(np.float32) == telling.astype(np.float32)):
            yield f"{name}: every value has at most {places} decimal places: it was rounded when it was written"
            return
