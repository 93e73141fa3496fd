// Backward pass of cpp-fused. Included by fused_level.cpp only.
#pragma once

#include "fused_channels.hpp"

namespace darkparity::fused {
namespace {

// three_term: delta*scale*factor + (x - mean)*slope*per_m + shift.
// inverse_std: (delta*scale - shift - x_hat*slope) * factor, x_hat = (x - mean)*factor; fixed:
// delta*scale*factor.
enum class Formula { three_term, inverse_std, fixed };

// Coefficients: mean, scale, factor (1/std), slope, per_m, shift. The order of operations is that of the
// formulas in oracle/formulas.py: with coefficients multiplied beforehand, products overflow or lose bits to
// underflow where DarkNet's do not.
template <Formula FORMULA> INLINE Floats gradient(Floats delta, Floats x, const Coefficients<6> &c) {
    const Floats mean = c.value[0], scale = c.value[1], factor = c.value[2], slope = c.value[3],
                 per_m = c.value[4], shift = c.value[5];
    const Floats scaled = delta * scale, difference = x - mean;
    if (FORMULA == Formula::fixed)
        return scaled * factor;
    if (FORMULA == Formula::three_term)
        return scaled * factor + difference * slope * per_m + shift;
    return (scaled - shift - difference * factor * slope) * factor;
}

// Last image first: what the sums read last is still in the cache.
template <Formula FORMULA, bool EACH, bool STREAMED>
void write_delta(const Job &job, const Block &block, const Table<6> &table) {
    const float *const from = job.from, *const x = job.l.x;
    float *const delta = job.l.delta, *const net_delta = job.net_delta;
    const bool plain = job.in_place;
    for (int image = job.l.batch - 1; image >= 0; --image) {
        const long row = job.at(image, block.first), next = block.next(job, image);
        for_vectors<EACH>(block, table, STREAMED ? head_of(job, row) : 0,
                          [=](int i, int n, const Coefficients<6> &c) INLINE_LAMBDA {
                              const long at = row + i;
                              prefetch(from + at + next), prefetch(x + at + next);
                              const Floats result = gradient<FORMULA>(take(from + at, n), take(x + at, n), c);
                              plain ? put<false>(delta + at, result, n)
                                    : put<STREAMED>(delta + at, result, n);
                              if (net_delta)
                                  put<STREAMED>(net_delta + at, result, n);
                          });
    }
}

template <Formula FORMULA> void write_delta(const Job &job, const Block &block, const Table<6> &table) {
    const bool streamed = job.streamed && (job.net_delta || !job.in_place);
    if (block.each)
        streamed ? write_delta<FORMULA, true, true>(job, block, table)
                 : write_delta<FORMULA, true, false>(job, block, table);
    else
        streamed ? write_delta<FORMULA, false, true>(job, block, table)
                 : write_delta<FORMULA, false, false>(job, block, table);
}

Formula formula(const Job &job) {
    if (job.dialect->backward == Backward::three_term)
        return Formula::three_term;
    return !job.train && job.dialect->inference_backward == InferenceBackward::fixed ? Formula::fixed
                                                                                     : Formula::inverse_std;
}

void write_delta(const Job &job, const Block &block, const Table<6> &table) {
    switch (formula(job)) {
    case Formula::three_term:
        return write_delta<Formula::three_term>(job, block, table);
    case Formula::inverse_std:
        return write_delta<Formula::inverse_std>(job, block, table);
    case Formula::fixed:
        return write_delta<Formula::fixed>(job, block, table);
    }
}

// Channels shorter than a vector: sums per position first, over all images at once.
template <bool NORM> void sum_positions(const Job &job, const Block &block, const float *mean, Sums &sums) {
    const long row = job.at(0, block.first);
    for (int p = 0; p < block.row; p += SUM_LANES) {
        const int n = min(SUM_LANES, block.row - p);
        const long at = row + p;
        Products products = {};
        products.add<NORM, true>(job.from + at, job.l.x + at, job.l.x_norm + at, mean + p, n, SUM_LANES,
                                 job.l.batch, job.at(1, 0));
        std::memcpy(sums.delta + p, &products.delta, n * sizeof(double));
        std::memcpy(sums.scale + p, &products.by_norm, n * sizeof(double));
        std::memcpy(sums.by_x + p, &products.by_x, n * sizeof(double));
    }
    fold_positions(sums.delta, block.count, job.spatial);
    fold_positions(sums.scale, block.count, job.spatial);
    fold_positions(sums.by_x, block.count, job.spatial);
}

template <bool NORM> void sum_channels(const Job &job, const Block &block, const float *mean, Sums &sums) {
    if (block.each)
        return sum_positions<NORM>(job, block, mean, sums);
    Products products[MOST_CHANNELS] = {};
    for (int image = 0; image < job.l.batch; ++image)
        for (int c = 0; c < block.count; ++c) {
            const long at = job.at(image, block.first + c);
            products[c].add<NORM, false>(job.from + at, job.l.x + at, job.l.x_norm + at, mean + c,
                                         job.spatial, block.ahead(job, image));
        }
    for (int c = 0; c < block.count; ++c) {
        sums.delta[c] = products[c].delta.total(), sums.scale[c] = products[c].by_norm.total();
        sums.by_x[c] = products[c].by_x.total();
    }
}

// Finds all sums; writes the per-channel outputs.
void sum_block(const Job &job, const Block &block, Statistics &s, Sums &sums) {
    Table<1> means;
    find_statistics(job, block, s);
    means.set(0, block, s.mean);
    const bool three_term = job.dialect->backward == Backward::three_term;
    three_term ? sum_channels<true>(job, block, means.rows[0], sums)
               : sum_channels<false>(job, block, means.rows[0], sums);
    scale_sums(job, block, s, sums);
    if (job.dialect->bias_gradient)
        accumulate(job.l.bias_updates + block.first, sums.delta, block.count);
    accumulate(job.l.scale_updates + block.first, sums.scale, block.count);
    if (three_term)
        three_terms(job, block, s, sums);
}

void set_coefficients(const Job &job, const Block &block, const Statistics &s, const Sums &sums,
                      Table<6> &table) {
    const bool three_term = job.dialect->backward == Backward::three_term;
    const double m = job.m();
    PerChannel factor, slope, per_m, shift;
    if (three_term)
        inverse(s.variance, job.dialect->normalize_delta, block.count, factor);
    else
        assign(factor, s.inverse_std, block.count);
    for (int c = 0; c < block.count; ++c) {
        slope[c] = three_term ? 2 * job.l.variance_delta[block.first + c] : float(sums.by_x[c] / m);
        shift[c] = three_term ? float(job.l.mean_delta[block.first + c] / m) : float(sums.scaled[c] / m);
        per_m[c] = float(1. / m);
    }
    const float *const values[] = {s.mean, job.l.scales + block.first, factor, slope, per_m, shift};
    for (int k = 0; k < 6; ++k)
        table.set(k, block, values[k]);
}

void backward(const Job &job, int index) {
    const Block block(job, index);
    Statistics statistics;
    Sums sums;
    sum_block(job, block, statistics, sums);
    if (!job.l.delta)
        return;
    Table<6> table;
    set_coefficients(job, block, statistics, sums, table);
    write_delta(job, block, table);
    drain();
}

} // namespace
} // namespace darkparity::fused
