"""How far the dialects lie from each other, by the oracle: docs/dialects-measured.md and its plots."""

from .measured import PAGE, matrix, page

__all__ = ["PAGE", "matrix", "page"]
