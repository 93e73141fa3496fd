"""The C++ port around another build of the compiled module, named in the environment; served in a child only."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys

from darkparity.spec import OPERATIONS

MODULE, NAME = "DARKPARITY_VARIANT_MODULE", "DARKPARITY_VARIANT_NAME"

_spec = importlib.util.spec_from_file_location("darkparity._core", os.environ[MODULE])
assert _spec is not None
assert _spec.loader is not None
_core = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_core)
sys.modules["darkparity._core"] = _core
importlib.import_module("darkparity")._core = _core  # type: ignore[attr-defined]
_port = importlib.import_module("darkparity.implementations.shipped.cpp_port")

DARKPARITY = {**_port.DARKPARITY, "name": os.environ[NAME]}
globals().update({name: getattr(_port, name) for name in OPERATIONS if hasattr(_port, name)})
