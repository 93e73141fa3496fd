"""What batch norm is this: the row of an implementation or a recording, field by field."""

from .asking import identify, identify_recording
from .identity import Identity, Known

__all__ = ["Identity", "Known", "identify", "identify_recording"]
