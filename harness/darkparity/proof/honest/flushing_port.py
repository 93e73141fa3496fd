"""The NumPy port with the processor's own flush-to-zero on during each call; served in a child only.

The parent compiles the helper and names it in the environment variable HELPER.
"""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Callable
from typing import Any

from darkparity.implementations.shipped import numpy_port
from darkparity.spec import OPERATIONS

HELPER = "DARKPARITY_FLUSH_HELPER"
DARKPARITY = {"name": "flush_to_zero", "dialect": None, "labels": ("two_pass",), "version": "honest"}
_switch = ctypes.CDLL(os.environ[HELPER]).flush_to_zero


def _flushing(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        _switch(1)
        try:
            return function(*args, **named)
        finally:
            _switch(0)

    return call


for _name in OPERATIONS:
    if hasattr(numpy_port, _name):
        globals()[_name] = _flushing(getattr(numpy_port, _name))
