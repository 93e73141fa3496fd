"""Bytes to arrays and back: JSON numbers that keep every bit, tensor files, messages."""
