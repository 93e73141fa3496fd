#include "kernels.hpp"

#include <cfloat>
#include <cmath>

#ifdef __FAST_MATH__
#error "-ffast-math (-Ofast) reorders sums and drops NaN: no longer DarkNet's arithmetic"
#endif
#if FLT_EVAL_METHOD != 0
#error "float expressions must be evaluated in float (32-bit x86: -msse2 -mfpmath=sse)"
#endif

// `double(...)` marks what C promotes in DarkNet's source: its sqrt and pow are the double functions and
// its 1. and 2. are double constants; C++'s overloads for float would round earlier.

namespace darkparity {

namespace {

double root(float variance, Epsilon epsilon) {
    return epsilon.inside() ? std::sqrt(double(variance + epsilon.value)) : std::sqrt(double(variance)) + epsilon.value;
}

// root(...)^-3, as DarkNet's pow(variance + epsilon, -3/2) where the epsilon is inside
double root_to_minus_3(float variance, Epsilon epsilon) {
    return epsilon.inside() ? std::pow(double(variance + epsilon.value), -3. / 2.)
                            : std::pow(root(variance, epsilon), -3.);
}

float sum_array(const float *a, int n) {
    float sum = 0;
    for (int i = 0; i < n; ++i)
        sum += a[i];
    return sum;
}

} // namespace

void copy_cpu(int N, const float *X, int INCX, float *Y, int INCY) {
    for (int i = 0; i < N; ++i)
        Y[i * INCY] = X[i * INCX];
}

void scal_cpu(int N, float ALPHA, float *X, int INCX) {
    for (int i = 0; i < N; ++i)
        X[i * INCX] *= ALPHA;
}

void axpy_cpu(int N, float ALPHA, const float *X, int INCX, float *Y, int INCY) {
    for (int i = 0; i < N; ++i)
        Y[i * INCY] += ALPHA * X[i * INCX];
}

void mean_cpu(const float *x, int batch, int filters, int spatial, float *mean) {
    const float scale = float(1. / (batch * spatial)); // a rounded reciprocal, not a division by m
    for (int i = 0; i < filters; ++i) {
        mean[i] = 0;
        for (int j = 0; j < batch; ++j)
            for (int k = 0; k < spatial; ++k)
                mean[i] += x[j * filters * spatial + i * spatial + k];
        mean[i] *= scale;
    }
}

void variance_cpu(const float *x, const float *mean, int batch, int filters, int spatial, float *variance, int ddof) {
    const float scale = float(1. / (batch * spatial - ddof)); // infinite for m = ddof: 0 * inf is NaN
    for (int i = 0; i < filters; ++i) {
        variance[i] = 0;
        for (int j = 0; j < batch; ++j)
            for (int k = 0; k < spatial; ++k) {
                const int index = j * filters * spatial + i * spatial + k;
                variance[i] = float(variance[i] + std::pow(double(x[index] - mean[i]), 2));
            }
        variance[i] *= scale;
    }
}

void normalize_cpu(float *x, const float *mean, const float *variance, int batch, int filters, int spatial,
                   Epsilon epsilon) {
    for (int b = 0; b < batch; ++b)
        for (int f = 0; f < filters; ++f) {
            const double divisor = root(variance[f], epsilon); // DarkNet recomputes it per element: same bits
            for (int i = 0; i < spatial; ++i) {
                const int index = b * filters * spatial + f * spatial + i;
                x[index] = float(double(x[index] - mean[f]) / divisor);
            }
        }
}

void scale_bias(float *output, const float *scales, int batch, int n, int size) {
    for (int b = 0; b < batch; ++b)
        for (int i = 0; i < n; ++i)
            for (int j = 0; j < size; ++j)
                output[(b * n + i) * size + j] *= scales[i];
}

void add_bias(float *output, const float *biases, int batch, int n, int size) {
    for (int b = 0; b < batch; ++b)
        for (int i = 0; i < n; ++i)
            for (int j = 0; j < size; ++j)
                output[(b * n + i) * size + j] += biases[i];
}

void backward_bias(float *bias_updates, const float *delta, int batch, int n, int size) {
    for (int b = 0; b < batch; ++b)
        for (int i = 0; i < n; ++i)
            bias_updates[i] += sum_array(delta + size * (i + b * n), size);
}

void backward_scale_cpu(const float *x_norm, const float *delta, int batch, int n, int size, float *scale_updates) {
    for (int f = 0; f < n; ++f) {
        float sum = 0;
        for (int b = 0; b < batch; ++b)
            for (int i = 0; i < size; ++i) {
                const int index = i + size * (f + n * b);
                sum += delta[index] * x_norm[index];
            }
        scale_updates[f] += sum;
    }
}

void mean_delta_cpu(const float *delta, const float *variance, int batch, int filters, int spatial, float *mean_delta,
                    Epsilon epsilon) {
    for (int i = 0; i < filters; ++i) {
        mean_delta[i] = 0;
        for (int j = 0; j < batch; ++j)
            for (int k = 0; k < spatial; ++k)
                mean_delta[i] += delta[j * filters * spatial + i * spatial + k];
        mean_delta[i] = float(mean_delta[i] * (-1. / root(variance[i], epsilon)));
    }
}

void variance_delta_cpu(const float *x, const float *delta, const float *mean, const float *variance, int batch,
                        int filters, int spatial, float *variance_delta, Epsilon epsilon) {
    for (int i = 0; i < filters; ++i) {
        variance_delta[i] = 0;
        for (int j = 0; j < batch; ++j)
            for (int k = 0; k < spatial; ++k) {
                const int index = j * filters * spatial + i * spatial + k;
                variance_delta[i] += delta[index] * (x[index] - mean[i]);
            }
        variance_delta[i] = float(variance_delta[i] * (-.5 * root_to_minus_3(variance[i], epsilon)));
    }
}

void normalize_delta_cpu(const float *x, const float *mean, const float *variance, const float *mean_delta,
                         const float *variance_delta, int batch, int filters, int spatial, float *delta,
                         Epsilon epsilon) {
    const int m = spatial * batch; // also where the variance was divided by m - 1
    for (int j = 0; j < batch; ++j)
        for (int f = 0; f < filters; ++f) {
            const double divisor = root(variance[f], epsilon);
            for (int k = 0; k < spatial; ++k) {
                const int index = j * filters * spatial + f * spatial + k;
                delta[index] = float(delta[index] * 1. / divisor + variance_delta[f] * 2. * (x[index] - mean[f]) / m +
                                     mean_delta[f] / float(m));
            }
        }
}

void inverse_std(const float *variance, int filters, float *inverse_std, Epsilon epsilon) {
    for (int f = 0; f < filters; ++f)
        inverse_std[f] = float(1. / root(variance[f], epsilon));
}

void variance_of_inverse_std(const float *inverse_std, int filters, float *variance, Epsilon epsilon) {
    for (int f = 0; f < filters; ++f)
        variance[f] = float(1. / (inverse_std[f] * inverse_std[f]) - epsilon.value);
}

void weighed(const float *rolling, const float *rolling_weight, int filters, float *statistic) {
    for (int f = 0; f < filters; ++f) {
        const float factor = rolling_weight[f] == 0 ? 0 : 1 / rolling_weight[f];
        statistic[f] = rolling[f] * factor;
    }
}

void add_weight(float *rolling_weight, int filters, Rolling constants) {
    for (int f = 0; f < filters; ++f)
        rolling_weight[f] = rolling_weight[f] * constants.decay + constants.gain;
}

void x_hat(const float *x, const float *mean, const float *inverse_std, int batch, int filters, int spatial,
           float *x_hat) {
    for (int b = 0; b < batch; ++b)
        for (int f = 0; f < filters; ++f)
            for (int i = 0; i < spatial; ++i) {
                const int index = b * filters * spatial + f * spatial + i;
                x_hat[index] = (x[index] - mean[f]) * inverse_std[f];
            }
}

void inverse_std_delta(const float *x, const float *mean, const float *inverse_std, int batch, int filters, int spatial,
                       float *delta) {
    const float m = float(batch * spatial);
    for (int f = 0; f < filters; ++f) {
        const float r = inverse_std[f];
        float sum = 0, sum_x_hat = 0;
        for (int b = 0; b < batch; ++b)
            for (int i = 0; i < spatial; ++i) {
                const int index = b * filters * spatial + f * spatial + i;
                sum += delta[index];
                sum_x_hat += delta[index] * ((x[index] - mean[f]) * r);
            }
        for (int b = 0; b < batch; ++b)
            for (int i = 0; i < spatial; ++i) {
                const int index = b * filters * spatial + f * spatial + i;
                const float x_hat = (x[index] - mean[f]) * r;
                delta[index] = delta[index] * r - sum * r / m - x_hat * r * sum_x_hat / m;
            }
    }
}

void fixed_delta(const float *inverse_std, int batch, int filters, int spatial, float *delta) {
    scale_bias(delta, inverse_std, batch, filters, spatial);
}

} // namespace darkparity
