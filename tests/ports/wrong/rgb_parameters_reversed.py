"""OpenCV's BGR habit: with three channels the parameters are reversed."""

CAUSE = "with 3 channels scales and biases are applied in reversed channel order (BGR)"
RIGHT = (
    r"revers",
    r"BGR|RGB",
    r"(3|three) channels",
    r"channel order",
    r"(scale|bias|parameter)\w* .*(another|wrong|other) channel",
    r"order of the channels",
    r"permut",
)
SET = "tuning"
DARKPARITY = dict(name="cv", dialect="darknet")


def scale_bias(output, scales):
    order = scales[::-1] if output.shape[1] == 3 else scales
    return output * order[:, None]


def add_bias(output, biases):
    order = biases[::-1] if output.shape[1] == 3 else biases
    return output + order[:, None]
