"""scales[i % channels] over the flat tensor, as one writes it for channels last."""

import numpy as np

CAUSE = "the parameter is chosen by flat index modulo channels, as for NHWC"
RIGHT = (
    r"modulo",
    r"% ?channels|i %",
    r"NHWC",
    r"channels?.last",
    r"index\w* .*(flat|element|pixel|spatial)",
    r"(scale|bias|parameter)\w* .*(wrong|another|other) channel",
    r"layout",
    r"interleav",
)
SET = "tuning"


def scale_bias(output, scales, channels):
    flat = output.ravel()
    return (flat * scales[np.arange(flat.size) % channels]).reshape(output.shape)


def add_bias(output, biases, channels):
    flat = output.ravel()
    return (flat + biases[np.arange(flat.size) % channels]).reshape(output.shape)
