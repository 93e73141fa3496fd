// Per-channel arithmetic of cpp-fused: from sums to coefficients, in double, rounded to float32 where DarkNet
// stores. In loops over all channels of a block, which the compiler turns into vectors: where spatial = 1,
// these divisions and roots are half of the time. Included by level.cpp only.
#pragma once

#include "sums.inl"

namespace darkparity::fused {
namespace {

using PerChannel = float[MOST_POSITIONS];

INLINE double root(float variance, Epsilon epsilon) {
    return epsilon.inside() ? __builtin_sqrt(double(variance + epsilon.value))
                            : __builtin_sqrt(double(variance)) + epsilon.value;
}

// A rounded reciprocal and one multiplication per element: the two roundings that `ieee` grants a division.
void inverse(const float *variance, Epsilon epsilon, int n, float *to) {
    for (int c = 0; c < n; ++c)
        to[c] = float(1. / root(variance[c], epsilon));
}

void assign(float *to, const float *from, int n) {
    std::memcpy(to, from, std::size_t(n) * sizeof(float));
}

// Rounded after each operation, as DarkNet's scal_cpu and axpy_cpu.
void roll(float *rolling, const float *statistic, int n, Rolling constants) {
    for (int c = 0; c < n; ++c)
        rolling[c] = rolling[c] * constants.decay + constants.gain * statistic[c];
}

// The rolling statistics after one more batch.
void update_rolling(const LayerPass &pass, const Block &block, const float *mean, const float *variance) {
    const Layer &l = pass.l;
    const Rolling &rolling = pass.dialect->rolling;
    roll(l.rolling_mean + block.first, mean, block.count, rolling);
    roll(l.rolling_variance + block.first, variance, block.count, rolling);
    if (pass.dialect->rolling_weight)
        for (int c = block.first; c < block.first + block.count; ++c)
            l.rolling_weight[c] = l.rolling_weight[c] * rolling.decay + rolling.gain;
}

// In backward (MXNet): from what the forward saved.
void roll_saved(const LayerPass &pass, const Block &block) {
    const Dialect &d = *pass.dialect;
    const float *mean = pass.l.mean + block.first, *saved = pass.l.variance + block.first;
    PerChannel variance;
    for (int c = 0; c < block.count; ++c)
        variance[c] = d.saved_statistic == SavedStatistic::variance
                          ? saved[c]
                          : float(1. / (double(saved[c]) * saved[c]) - d.normalize.value);
    update_rolling(pass, block, mean, variance);
}

// The statistics of an inference: the rolling ones, or sums over their weight (0 where nothing went in).
void take_rolling(const LayerPass &pass, const Block &block, float *mean, float *variance) {
    const Layer &l = pass.l;
    assign(mean, l.rolling_mean + block.first, block.count);
    assign(variance, l.rolling_variance + block.first, block.count);
    if (!pass.dialect->rolling_weight)
        return;
    for (int c = 0; c < block.count; ++c) {
        const float weight = l.rolling_weight[block.first + c], factor = weight == 0 ? 0 : 1 / weight;
        mean[c] *= factor;
        variance[c] *= factor;
    }
}

// sum (x - mean)^2 from sums of x and x^2, where that is safe.
void centre(const LayerPass &pass, const Block &block, const double *sum, double *square) {
    const double m = pass.m(), least = m * CANCELLATION;
    bool any = false; // of all channels at once first, as in scale_delta
    for (int c = 0; c < block.count; ++c) {
        const double mean = sum[c] / m, centred = square[c] - sum[c] * mean;
        const bool safe = centred >= square[c] * least; // no comparison with NaN holds
        square[c] = safe ? centred : -1;
        any |= !safe;
    }
    for (int c = 0; c < block.count && any; ++c)
        if (square[c] < 0)
            square[c] = centred_squares(pass, block.first + c, float(sum[c] / m));
}

// Statistics of a training forward from sums of x and (x - mean)^2; factor: what x - mean is multiplied by.
void train_channels(const LayerPass &pass, const Block &block, const double *sum, const double *centred, float *mean,
                    float *factor) {
    const Dialect &d = *pass.dialect;
    const Layer &l = pass.l;
    const int n = block.count, first = block.first;
    PerChannel variance, unbiased;
    const int count = l.batch * pass.spatial;
    const double m = pass.m(), divisor = m - d.freedom(count, d.variance_ddof);
    const double rolling_divisor = m - d.freedom(count, d.rolling_ddof);
    for (int c = 0; c < n; ++c) {
        mean[c] = float(sum[c] / m);
        variance[c] = float(centred[c] / divisor); // 0/0 is NaN where m = ddof
    }
    const float *rolled = variance;
    if (d.rolling_ddof != d.variance_ddof) {
        for (int c = 0; c < n; ++c)
            unbiased[c] = float(centred[c] / rolling_divisor);
        rolled = unbiased;
    }
    inverse(variance, d.normalize, n, factor);
    if (d.rolling_updated_in == RollingUpdatedIn::forward)
        update_rolling(pass, block, mean, rolled);
    assign(l.mean + first, mean, n);
    assign(l.variance + first, d.saved_statistic == SavedStatistic::inverse_std ? factor : variance, n);
}

// Which statistics a backward uses; inverse_std: of a dialect that is not three_term.
struct Statistics {
    PerChannel mean, variance, inverse_std;
};

// AlexeyAB's GPU paths overwrite mean and variance in an inference-mode backward.
void copy_rolling(const LayerPass &pass, const Block &block) {
    const Layer &l = pass.l;
    const int n = block.count, first = block.first;
    assign(l.mean + first, l.rolling_mean + first, n);
    if (pass.dialect->saved_statistic == SavedStatistic::inverse_std)
        inverse(l.rolling_variance + first, pass.dialect->normalize, n, l.variance + first);
    else
        assign(l.variance + first, l.rolling_variance + first, n);
}

void find_statistics(const LayerPass &pass, const Block &block, Statistics &s) {
    const Layer &l = pass.l;
    const Dialect &d = *pass.dialect;
    const int n = block.count, first = block.first;
    bool rolling = !pass.train && d.inference_backward != InferenceBackward::batch;
    if (rolling && d.inference_backward == InferenceBackward::rolling_copied) {
        copy_rolling(pass, block);
        rolling = false;
    }
    if (pass.train && d.rolling_updated_in == RollingUpdatedIn::backward)
        roll_saved(pass, block);
    if (rolling)
        take_rolling(pass, block, s.mean, s.variance);
    else {
        assign(s.mean, l.mean + first, n);
        assign(s.variance, l.variance + first, n);
    }
    const bool mistaken = rolling && d.inference_backward == InferenceBackward::rolling_as_inverse_std;
    const bool saved = !rolling && d.saved_statistic == SavedStatistic::inverse_std;
    if (d.backward == Backward::three_term)
        std::memset(s.inverse_std, 0, sizeof s.inverse_std);
    else if (saved || mistaken)
        assign(s.inverse_std, s.variance, n);
    else
        inverse(s.variance, d.normalize, n, s.inverse_std);
}

// The sums of a backward, per channel; first of all per position where channels are shorter than a vector.
struct Sums {
    alignas(64) double delta[MOST_POSITIONS]; // delta
    alignas(64) double scale[MOST_POSITIONS]; // delta x_norm, or delta x_hat
    alignas(64) double by_x[MOST_POSITIONS];  // scale delta (x - mean), or scale delta x_hat
    double scaled[MOST_POSITIONS];            // scale delta
};

// All sums of a channel element by element, in DarkNet's order of operations.
void elementwise_sums(const LayerPass &pass, const Block &block, int c, const Statistics &s, Sums &sums) {
    const bool three_term = pass.dialect->backward == Backward::three_term;
    const float scale = pass.l.scales[block.first + c];
    double delta = 0, by_norm = 0, scaled = 0, by_x = 0;
    for (int image = 0; image < pass.l.batch; ++image)
        for (Index i = pass.at(image, block.first + c), end = i + pass.spatial; i < end; ++i) {
            const float term = pass.from[i] * scale, difference = pass.l.x[i] - s.mean[c];
            const float x = three_term ? difference : difference * s.inverse_std[c];
            delta += pass.from[i];
            by_norm += double(pass.from[i]) * (three_term ? pass.l.x_norm[i] : x);
            scaled += term;
            by_x += double(term) * x;
        }
    sums.delta[c] = delta;
    sums.scale[c] = by_norm;
    sums.scaled[c] = scaled;
    sums.by_x[c] = by_x;
}

// The sum of scale delta, from that of delta. Where a coefficient is not finite, behind a run's end 0 *
// infinity was added; where the sum is not, its terms may have been small by a small scale.
void scale_delta(const LayerPass &pass, const Block &block, const Statistics &s, Sums &sums) {
    const float *scales = pass.l.scales + block.first;
    const auto unsafe = [&](int c) ALWAYS_INLINE { // infinity * 0 and NaN * 0 are NaN
        return !(s.mean[c] * 0 + scales[c] * 0 + s.inverse_std[c] * 0 + sums.delta[c] * 0 == 0);
    };
    bool any = false; // of all channels at once first: a loop that calls nothing becomes vectors
    for (int c = 0; c < block.count; ++c) {
        sums.scaled[c] = scales[c] * sums.delta[c];
        any |= unsafe(c);
    }
    for (int c = 0; c < block.count && any; ++c)
        if (unsafe(c))
            elementwise_sums(pass, block, c, s, sums);
}

void accumulate(float *updates, const double *sum, int n) {
    for (int c = 0; c < n; ++c)
        updates[c] = float(updates[c] + sum[c]);
}

// 1/std in double for the last epsilon asked for: DarkNet's three are one, and roots and divisions are most
// of a channel's time.
struct Inverse {
    double std[MOST_POSITIONS];
    Epsilon epsilon{-1, Place::outside};

    void find(const float *variance, Epsilon wanted, int n) {
        if (wanted.value == epsilon.value && wanted.place == epsilon.place)
            return;
        epsilon = wanted;
        for (int c = 0; c < n; ++c)
            std[c] = 1. / root(variance[c], wanted);
    }
};

// mean_delta and variance_delta of DarkNet's backward, and the factor of its third term.
void three_terms(const LayerPass &pass, const Block &block, const Statistics &s, const Sums &sums, float *factor) {
    const Dialect &d = *pass.dialect;
    const int n = block.count;
    PerChannel mean_delta, variance_delta;
    Inverse inverse;
    inverse.find(s.variance, d.mean_delta, n);
    for (int c = 0; c < n; ++c)
        mean_delta[c] = float(-sums.scaled[c] * inverse.std[c]);
    inverse.find(s.variance, d.variance_delta, n);
    for (int c = 0; c < n; ++c)
        variance_delta[c] = float(-.5 * sums.by_x[c] * (inverse.std[c] * inverse.std[c] * inverse.std[c]));
    inverse.find(s.variance, d.normalize_delta, n);
    for (int c = 0; c < n; ++c)
        factor[c] = float(inverse.std[c]);
    assign(pass.l.mean_delta + block.first, mean_delta, n);
    assign(pass.l.variance_delta + block.first, variance_delta, n);
}

} // namespace
} // namespace darkparity::fused
