"""keras.layers.BatchNormalization with Keras' defaults."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras

DARKPARITY = dict(name="ten-lines-keras", dialect="keras")


def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    layer = keras.layers.BatchNormalization(axis=1)
    layer.build(x.shape)
    layer.set_weights([scales, biases, rolling_mean, rolling_variance])
    y = layer(x, training=train)
    _, _, mean, variance = layer.get_weights()
    return dict(output=keras.ops.convert_to_numpy(y), rolling_mean=mean, rolling_variance=variance)
