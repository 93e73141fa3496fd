"""The accumulators are members of the object and never set back to 0."""

import numpy as np

CAUSE = "the accumulator of the mean is not cleared between calls"
RIGHT = (
    r"earlier calls",
    r"call to call",
    r"between calls",
    r"not (cleared|reset|zeroed)",
    r"(previous|old|last) (call|content|mean|result|value)",
    r"accumulat\w+ .*(call|clear|zero|reset)",
)
SET = "heldout"
DARKPARITY = dict(name="members", dialect="darknet")


class Statistics:
    def __init__(self):
        self.total = {}

    def mean(self, x):
        total = self.total.setdefault(x.shape[1], np.zeros(x.shape[1], np.float32))
        for image in x:
            total += image.sum(axis=1, dtype=np.float32)
        return total / np.float32(x.shape[0] * x.shape[2])


statistics = Statistics()


def mean_cpu(x):
    return statistics.mean(x)
