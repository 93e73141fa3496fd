"""The implementations that ship: NumPy, C++, fused C++, PyTorch."""
