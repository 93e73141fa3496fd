"""Implementations in another process, in any language."""
