"""What people call the arrays of a batch norm, and which of DarkNet's each is.

A name is `[<prefix><separator>]<array>[<separator>before|after|in|out]`, the separator `_`, `.` or `/`; a prefix is
one layer.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from darkparity.spec import AXES

#: DarkNet's own names.
ARRAYS = tuple(name for name, axes in AXES.items() if axes != "v")
#: Another framework's word -> DarkNet's array, and when, where the word says it.
SYNONYMS: Mapping[str, tuple[str, str]] = {
    # PyTorch: torch.nn.BatchNorm2d, torch.native_batch_norm and its backward
    "weight": ("scales", ""),
    "bias": ("biases", ""),
    "running_mean": ("rolling_mean", ""),
    "running_var": ("rolling_variance", ""),
    "running_variance": ("rolling_variance", ""),
    "save_mean": ("mean", ""),
    "grad_output": ("delta", "before"),
    "grad_input": ("delta", "after"),
    # Keras, TensorFlow, Flax
    "gamma": ("scales", ""),
    "beta": ("biases", ""),
    "scale": ("scales", ""),
    "offset": ("biases", ""),
    "moving_mean": ("rolling_mean", ""),
    "moving_var": ("rolling_variance", ""),
    "moving_variance": ("rolling_variance", ""),
    "var": ("variance", ""),
    "batch_mean": ("mean", ""),
    "batch_var": ("variance", ""),
    "batch_variance": ("variance", ""),
    # ONNX: BatchNormalization
    "b": ("biases", ""),
    "input_mean": ("rolling_mean", ""),
    "input_var": ("rolling_variance", ""),
    "y": ("output", ""),
}
_WHEN = {"before": "before", "in": "before", "after": "after", "out": "after", None: ""}
_KNOWN = sorted((*ARRAYS, *SYNONYMS), key=len, reverse=True)
_NAME = re.compile(
    rf"(?:(?P<prefix>.+?)[_./])??(?P<array>{'|'.join(_KNOWN)})(?:[_./](?P<when>before|after|in|out))?(?::0)?",
    re.IGNORECASE,
)
#: Common beside a batch norm's arrays, and none of them.
_OTHERS = ("weights", "num_batches_tracked")
#: Letters that a misspelt word shares with what was meant, and the shortest word that can be misspelt.
_ALIKE, _SHORTEST = 0.78, 4


@dataclass(frozen=True)
class ArrayName:
    """A name taken apart. when: "before", "after" or "" (bare). synonym: the other framework's word, if it is one."""

    prefix: str
    array: str
    when: str
    synonym: str = ""


def parse(name: str) -> ArrayName | None:
    """What a name says; None if nothing."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    word, when = match["array"].lower(), _WHEN[match["when"] and match["when"].lower()]
    array, implied = SYNONYMS.get(word, (word, ""))
    return ArrayName(match["prefix"] or "", array, when or implied, "" if word == array else match["array"])


def close_to(name: str) -> str:
    """The known name that `name`, or its end, is most like; empty if none is."""
    words = re.sub(r"[_./](before|after|in|out)$", "", name.removesuffix(":0").lower())
    starts = [0, *(m.end() for m in re.finditer(r"[_./]", words))]
    ends = [words[at:] for at in starts if len(words) - at >= _SHORTEST]
    pairs = [(end, known) for end in ends for known in _KNOWN if not end.endswith(known)]
    likeness, best = max(((difflib.SequenceMatcher(None, *pair).ratio(), pair[1]) for pair in pairs), default=(0.0, ""))
    return best if likeness >= _ALIKE and not words.endswith(_OTHERS) else ""
