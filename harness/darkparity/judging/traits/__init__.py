"""What is known of a failure beside its cause: which cases, which elements, which values; never an accusation."""

from .tell import Traits

__all__ = ["Traits"]
