"""What the user did that cannot be measured."""

from darkparity.errors import UsageError


class BenchError(UsageError):
    """Nothing can be measured or compared; says what to do."""
