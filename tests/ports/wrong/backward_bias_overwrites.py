"""backward_bias stores the sum of delta in bias_updates instead of adding it to the old content."""

CAUSE = "backward_bias stores the sum of delta in bias_updates instead of adding it to the old content."
RIGHT = (
    r"overw",
    r"accumulat",
    r"old (content|value)",
    r"not add",
    r"assign",
    r"starts? (at|from) (0|zero)",
)
SET = "tuning"
DARKPARITY = dict(name="backward-bias-overwrites", dialect="darknet")


def backward_bias(bias_updates, delta, n):
    for i in range(n):
        bias_updates[i] = delta[:, i].sum()
