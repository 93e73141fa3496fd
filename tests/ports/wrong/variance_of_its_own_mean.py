"""variance_cpu computes the mean again, as numpy.var(ddof=1) does, and never looks at the mean it is given."""

import numpy as np

CAUSE = "the mean argument is ignored; the mean is computed again from x"
RIGHT = (
    r"mean .*(comput\w+|taken|calculated) (again|anew)",
    r"recomput\w+ .*mean",
    r"mean .*recomput",
    r"ignores? .*mean",
    r"mean .*(is )?ignored",
    r"own mean",
    r"given mean",
)
SET = "tuning"


def variance_cpu(x, mean):
    channels = np.moveaxis(x, 1, 0).reshape(x.shape[1], -1)
    return np.array([row.var(ddof=1) if row.size > 1 else np.nan for row in channels], np.float32)
