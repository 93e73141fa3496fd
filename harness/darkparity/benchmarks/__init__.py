"""What `darkparity bench` has pytest-benchmark run."""
