"""ONNX Runtime's BatchNormalization with the operator's defaults."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

DARKPARITY = dict(name="ten-lines-onnxruntime", dialect="onnx")
NAMES = ("x", "scales", "biases", "rolling_mean", "rolling_variance")


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    results = ["output", "new_mean", "new_variance"] if train else ["output"]
    node = helper.make_node("BatchNormalization", NAMES, results, training_mode=int(train))
    given = dict(zip(NAMES, (x, scales, biases, rolling_mean, rolling_variance), strict=True))
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, a.shape) for n, a in given.items()]
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in results]
    model = helper.make_model(helper.make_graph([node], "layer", inputs, outputs),
                              opset_imports=[helper.make_opsetid("", 15)], ir_version=8)  # fmt: skip
    y, *rolling = onnxruntime.InferenceSession(model.SerializeToString()).run(results, given)
    mean, variance = rolling or (rolling_mean, rolling_variance)
    return dict(output=np.asarray(y), rolling_mean=mean, rolling_variance=variance)
