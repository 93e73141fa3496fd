"""mean_delta_cpu divides by variance + 1e-5 and forgets the root."""

CAUSE = "mean_delta_cpu divides by variance + 1e-5 and forgets the root."
RIGHT = (
    r"(not|no|without|forgets?|missing).{0,15}(root|sqrt)",
    r"by (the )?variance",
)
SET = "tuning"
DARKPARITY = dict(name="mean-delta-divides-by-variance", dialect="darknet")


def mean_delta_cpu(delta, variance):
    total = delta.astype("float64").sum(axis=(0, 2))
    return (-total / (variance.astype("float64") + 1e-5)).astype("float32")
