"""Batch norms of well-known models: a framework's with the constants that the model sets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .dialect import Dialect
from .frameworks import KERAS, PYTORCH, TENSORFLOW_FUSED
from .own import derived


def _preset(name: str, base: Dialect, summary: str, source: str, **words: Any) -> Dialect:
    """source: who says so, under the field `name`."""
    row = derived(base, {"summary": summary, "source": source, **words})
    return replace(row, name=name, sources={**row.sources, "name": source})


_ULTRALYTICS = "ultralytics/ultralytics@0009995d ultralytics/utils/torch_utils.py (initialize_weights)"

PRESET_ROWS = (
    _preset("yolov5", PYTORCH, "YOLOv5: torch.nn.BatchNorm2d with eps 1e-3, momentum .03",
            f"ultralytics/yolov5@5081342f models/yolo.py:259, {_ULTRALYTICS}", epsilon=1e-3, momentum=0.03),
    _preset("yolov7", PYTORCH, "YOLOv7: torch.nn.BatchNorm2d with eps 1e-3, momentum .03",
            "WongKinYiu/yolov7@a207844b utils/torch_utils.py:150-151", epsilon=1e-3, momentum=0.03),
    _preset("yolov8", PYTORCH, "YOLOv8 and later: torch.nn.BatchNorm2d with eps 1e-3, momentum .03",
            _ULTRALYTICS, epsilon=1e-3, momentum=0.03),
    _preset("efficientnet", PYTORCH, "EfficientNet in PyTorch, TensorFlow's constants: eps 1e-3, momentum .01",
            "huggingface/pytorch-image-models@01419346 timm/models/_efficientnet_builder.py "
            "(BN_MOMENTUM_TF_DEFAULT, BN_EPS_TF_DEFAULT)", epsilon=1e-3, momentum=0.01),
    _preset("efficientnet-tf", TENSORFLOW_FUSED, "EfficientNet in TensorFlow: epsilon 1e-3, old weight .99",
            "tensorflow/tpu@082b2267 models/official/efficientnet/efficientnet_builder.py "
            "(batch_norm_momentum, batch_norm_epsilon)", epsilon=1e-3, momentum=0.99),
    _preset("mobilenet-v3", PYTORCH, "MobileNetV3 in torchvision: eps 1e-3, momentum .01",
            "pytorch/vision@00542d95 torchvision/models/mobilenetv3.py (norm_layer)", epsilon=1e-3, momentum=0.01),
    _preset("mobilenet-v2-keras", KERAS, "MobileNetV2 in Keras: epsilon 1e-3, old weight .999",
            "keras-team/keras@0e96cb80 keras/src/applications/mobilenet_v2.py (epsilon, momentum)",
            epsilon=1e-3, momentum=0.999),
)  # fmt: skip
