"""Layer functions for those who keep their timings with pytest-benchmark."""
