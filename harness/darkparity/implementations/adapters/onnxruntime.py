"""ONNX Runtime's BatchNormalization on the CPU, training_mode 0 and 1: dialect `onnx`, forward only.

The output comes from a model as exporters write it: parameters are initializers, and only Y is fetched. The rolling
statistics of a training step come from a second model, which takes parameters as inputs and returns everything. The
two need not agree: the runtime shares the memory of equal initializers (microsoft/onnxruntime#29790).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from darkparity.dialects import DIALECTS
from darkparity.implementations.protocol import NotInstalled

ROW = DIALECTS["onnx"]
_OPSET = 15
_PARAMETERS = ("scales", "biases", "rolling_mean", "rolling_variance")
_STATISTICS = ("rolling_mean_out", "rolling_variance_out")


class Adapter:
    """A model of one node, made for each layer's arrays."""

    def __init__(self, _device: str = "") -> None:
        try:
            import onnx  # noqa: F401
            import onnxruntime
        except ImportError as error:
            raise NotInstalled("pip install 'darkparity[peers]'") from error
        self.DARKPARITY = dict(name="onnxruntime", dialect=ROW.name,
                               version=str(onnxruntime.__version__),
                               details=f"BatchNormalization {_OPSET}, CPUExecutionProvider")  # fmt: skip

    def forward_batchnorm_layer(self, type: str, train: bool, input: np.ndarray, output: np.ndarray,
                                x_norm: np.ndarray, scales: np.ndarray, biases: np.ndarray, mean: np.ndarray,
                                variance: np.ndarray, rolling_mean: np.ndarray, rolling_variance: np.ndarray
                                ) -> dict[str, np.ndarray]:  # fmt: skip
        """What the node returns; the batch's mean and variance it keeps to itself: they are not observed."""
        start = input if type == "BATCHNORM" else output
        parameters = dict(zip(_PARAMETERS, (scales, biases, rolling_mean, rolling_variance), strict=True))
        got = {"output": _session(train, parameters).run(["output"], {"input": start})[0], "x": start}
        if not train:
            return got | {"x_norm": x_norm, "mean": mean, "variance": variance,
                          "rolling_mean": rolling_mean, "rolling_variance": rolling_variance}  # fmt: skip
        rolling = _returning_all().run(_STATISTICS, {"input": start, **parameters})
        return got | dict(zip(("rolling_mean", "rolling_variance"), rolling, strict=True))


@cache
def _returning_all() -> Any:
    """The training node with parameters as inputs and all outputs."""
    return _session(True, {})


def _session(train: bool, initializers: Mapping[str, np.ndarray]) -> Any:
    """A session that holds the node for one mode; with `initializers` it returns Y alone."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(_model(train, initializers), options, providers=["CPUExecutionProvider"])


def _model(train: bool, initializers: Mapping[str, np.ndarray]) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    outputs = ("output", *(_STATISTICS if train else ()))
    node = helper.make_node("BatchNormalization", ("input", *_PARAMETERS), outputs, training_mode=int(train),
                            epsilon=ROW.normalize.value, momentum=ROW.rolling.decay)  # fmt: skip
    shapes = {"input": ["batch", "channels", "spatial"], "output": ["batch", "channels", "spatial"]}
    typed = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes.get(name, ["channels"]))
             for name in ("input", *_PARAMETERS, *outputs)}  # fmt: skip
    inputs = [typed[name] for name in ("input", *_PARAMETERS) if name not in initializers]
    fetched = [typed[name] for name in (outputs[:1] if initializers else outputs)]
    constants = [numpy_helper.from_array(array, name) for name, array in initializers.items()]
    graph = helper.make_graph([node], "batchnorm", inputs, fetched, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)
    serialized: bytes = model.SerializeToString()
    return serialized
