"""normalize_delta_cpu adds its 1e-5 outside the root, as AlexeyAB's fork does."""

CAUSE = "normalize_delta_cpu adds its 1e-5 outside the root, as AlexeyAB's fork does."
RIGHT = (
    r"outside",
    r"alexeyab",
)
SET = "tuning"
DARKPARITY = dict(name="normalize-delta-epsilon-outside", dialect="darknet")


def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    double = [a.astype("f8") for a in (x, mean, variance, mean_delta, variance_delta, delta)]
    x, mean, variance, mean_delta, variance_delta, delta = (a[:, None] if a.ndim == 1 else a for a in double)
    m = x.shape[0] * x.shape[2]
    grad = delta / (variance**0.5 + 1e-5) + variance_delta * 2 * (x - mean) / m + mean_delta / m
    return grad.astype("f4")
