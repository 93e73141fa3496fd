// DarkNet's batch-normalization routines: its names, parameter names, loops and order of operations.
//
// Arrays: x, x_norm, delta, output (batch, filters, spatial); all others (filters,); contiguous float32.
// Sizes are ints as in DarkNet, so batch*filters*spatial must not exceed INT_MAX (bindings.cpp checks).
// Constants come from the dialect. Source lines: pjreddie/darknet@f6afaabc.
#pragma once

#include "dialect.hpp"

namespace darkparity {

// src/blas.c:226-230
void copy_cpu(int N, const float *X, int INCX, float *Y, int INCY);
// src/blas.c:207-211
void scal_cpu(int N, float ALPHA, float *X, int INCX);
// src/blas.c:201-205
void axpy_cpu(int N, float ALPHA, const float *X, int INCX, float *Y, int INCY);

// src/blas.c:94-108
void mean_cpu(const float *x, int batch, int filters, int spatial, float *mean);
// src/blas.c:110-124; DarkNet's ddof is 1
void variance_cpu(const float *x, const float *mean, int batch, int filters, int spatial, float *variance, int ddof);
// src/blas.c:147-158
void normalize_cpu(float *x, const float *mean, const float *variance, int batch, int filters, int spatial,
                   Epsilon epsilon);

// src/convolutional_layer.c:437-447
void scale_bias(float *output, const float *scales, int batch, int n, int size);
// src/convolutional_layer.c:425-435
void add_bias(float *output, const float *biases, int batch, int n, int size);
// src/convolutional_layer.c:449-457; adds to bias_updates
void backward_bias(float *bias_updates, const float *delta, int batch, int n, int size);
// src/batchnorm_layer.c:73-86; adds to scale_updates
void backward_scale_cpu(const float *x_norm, const float *delta, int batch, int n, int size, float *scale_updates);

// src/batchnorm_layer.c:88-101
void mean_delta_cpu(const float *delta, const float *variance, int batch, int filters, int spatial, float *mean_delta,
                    Epsilon epsilon);
// src/batchnorm_layer.c:102-116
void variance_delta_cpu(const float *x, const float *delta, const float *mean, const float *variance, int batch,
                        int filters, int spatial, float *variance_delta, Epsilon epsilon);
// src/batchnorm_layer.c:117-128
void normalize_delta_cpu(const float *x, const float *mean, const float *variance, const float *mean_delta,
                         const float *variance_delta, int batch, int filters, int spatial, float *delta,
                         Epsilon epsilon);

// The stages of cuDNN's and the frameworks' backward, which DarkNet's CPU code does not have; named as in
// harness/darkparity/spec/layers.py. `inverse_std` may be `variance`: inverted in place.
void inverse_std(const float *variance, int filters, float *inverse_std, Epsilon epsilon);
// 1/inverse_std^2 - epsilon (MXNet)
void variance_of_inverse_std(const float *inverse_std, int filters, float *variance, Epsilon epsilon);
// Caffe: one more batch in the sums, and a statistic out of its sum (0 where nothing went in)
void add_weight(float *rolling_weight, int filters, Rolling constants);
void weighed(const float *rolling, const float *rolling_weight, int filters, float *statistic);
void x_hat(const float *x, const float *mean, const float *inverse_std, int batch, int filters, int spatial,
           float *x_hat);
// delta (already times scales) becomes delta r - sum(delta) r / m - x_hat r sum(delta x_hat) / m
void inverse_std_delta(const float *x, const float *mean, const float *inverse_std, int batch, int filters, int spatial,
                       float *delta);
// delta (already times scales) becomes delta r: the statistics are constants
void fixed_delta(const float *inverse_std, int batch, int filters, int spatial, float *delta);

} // namespace darkparity
