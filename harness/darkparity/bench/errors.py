"""What the user did that cannot be measured."""


class BenchError(ValueError):
    """Nothing can be measured or compared; says what to do."""
