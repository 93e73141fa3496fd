"""A dialect of one's own in a file.

```toml
base = "pytorch"          # a known dialect or an expression
name = "yolov7"           # these three are optional
summary = "YOLOv7 as we train it"
source = "utils/torch_utils.py"
epsilon = 1e-3            # any value by name: docs/dialects.md
momentum = 0.03
rolling_ddof = 0
```
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from darkparity.errors import UsageError

SUFFIX = ".toml"
#: Bytes; what people write by hand is a hundred times shorter.
_LONGEST = 1 << 16


def read(path: Path) -> dict[str, Any]:
    """What the file says. Raises UsageError with the place."""
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
        if len(data) > _LONGEST:
            raise UsageError(f"{path}: longer than {_LONGEST} bytes; a dialect is a few lines")
        return tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: byte {error.start} is no UTF-8") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{path}: is no TOML: {error}") from None
