// The layer functions: DarkNet's control flow for its own dialects, and the stage sequences of
// harness/darkparity/spec/layers.py for the others. Source: pjreddie/darknet@f6afaabc src/batchnorm_layer.c.
#pragma once

#include "dialect.hpp"

#include <cstddef>

namespace darkparity {

enum class LayerType { BATCHNORM, CONVOLUTIONAL, CONNECTED };

// DarkNet's `layer`, reduced to what batch normalization touches. The memory belongs to the caller.
// (batch, out_c, out_h*out_w): output, delta, x, x_norm; all others: (out_c,).
struct Layer {
    LayerType type;
    int batch, out_c, out_h, out_w;
    float *output, *delta, *x, *x_norm;
    float *scales, *biases, *scale_updates, *bias_updates;
    float *mean, *variance, *rolling_mean, *rolling_variance;
    float *mean_delta, *variance_delta; // unused (may be null) where the backward is not three_term
    float *rolling_weight;              // likewise where the dialect has none
};

// DarkNet's `network`: input and delta are those of the layer before (used by a BATCHNORM layer only).
struct Network {
    bool train;
    const float *input;
    float *delta;
    float *workspace; // workspace_size() floats; may be null if that is 0
};

std::size_t workspace_size(const Layer &l, const Dialect &dialect);

// :5-71 Initial content of all buffers. pjreddie leaves x, x_norm, mean_delta and variance_delta unallocated
// on the CPU, so that its stand-alone layer crashes; here they exist and are zero.
void make_batchnorm_layer(Layer l, const Dialect &dialect);
// :135-159
void forward_batchnorm_layer(Layer l, Network net, const Dialect &dialect);
// :161-179
void backward_batchnorm_layer(Layer l, Network net, const Dialect &dialect);

} // namespace darkparity
