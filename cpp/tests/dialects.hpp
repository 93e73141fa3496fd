// Rows of harness/darkparity/dialects for the C++ tests, which run without Python.
#pragma once

#include "dialect.hpp"

namespace darkparity {

constexpr Epsilon NONE{0.f, Place::inside}, INSIDE_1E5{1e-5f, Place::inside}, INSIDE_1E6{1e-6f, Place::inside},
    OUTSIDE_1E6{1e-6f, Place::outside};

inline Dialect darknet() {
    Dialect d;
    d.normalize = OUTSIDE_1E6;
    d.mean_delta = INSIDE_1E5;
    d.variance_delta = INSIDE_1E5;
    d.normalize_delta = INSIDE_1E5;
    d.rolling = {.99f, .01f};
    d.variance_ddof = 1;
    d.rolling_ddof = 1;
    d.saves_x_norm = true;
    d.bias_gradient = true;
    return d; // the rest is zero, the first word of each choice
}

inline Dialect darknet_gpu() {
    Dialect d = darknet();
    d.normalize = INSIDE_1E5;
    return d;
}

inline Dialect alexeyab(Rolling rolling, bool bias_gradient) {
    Dialect d = darknet_gpu();
    d.normalize_delta = {1e-5f, Place::outside};
    d.rolling = rolling;
    d.bias_gradient = bias_gradient;
    d.saves_x = SavesX::training;
    d.inference_backward = InferenceBackward::batch;
    return d;
}

inline Dialect alexeyab_gpu() {
    Dialect d = darknet_gpu();
    d.mean_delta = INSIDE_1E6;
    d.variance_delta = INSIDE_1E6;
    d.normalize_delta = OUTSIDE_1E6;
    d.variance_ddof = 0;
    d.rolling_ddof = 0;
    d.saves_x = SavesX::training;
    d.inference_backward = InferenceBackward::rolling_copied;
    return d;
}

inline Dialect cudnn(InferenceBackward inference) {
    Dialect d = darknet_gpu();
    d.variance_ddof = 0;
    d.saves_x_norm = false;
    d.inference_backward = inference;
    d.backward = Backward::inverse_std;
    d.saved_statistic = SavedStatistic::inverse_std;
    return d;
}

inline Dialect pytorch() {
    Dialect d = cudnn(InferenceBackward::fixed);
    d.saved_statistic = SavedStatistic::variance;
    d.rolling = {.9f, .1f};
    d.initial_rolling_variance = 1;
    return d;
}

} // namespace darkparity
