// Backward pass of cpp-fused. Included by level.cpp only.
#pragma once

#include "channels.inl"

namespace darkparity::fused {
namespace {

// three_term: delta*scale*factor + (x - mean)*slope*per_m + shift.
// inverse_std: (delta*scale - shift - x_hat*slope) * factor, x_hat = (x - mean)*factor; fixed:
// delta*scale*factor.
enum class Formula { three_term, inverse_std, fixed };

// Coefficients: mean, scale, factor (1/std), slope, shift. The order of operations is that of the
// formulas in oracle/formulas.py: with coefficients multiplied beforehand, products overflow or lose bits to
// underflow where DarkNet's do not.
template <Formula FORMULA> INLINE Floats gradient(Floats delta, Floats x, const Coefficients<5> &c, Floats per_m) {
    const Floats mean = c.value[0], scale = c.value[1], factor = c.value[2], slope = c.value[3], shift = c.value[4];
    const Floats scaled = delta * scale, difference = x - mean;
    if (FORMULA == Formula::fixed)
        return scaled * factor;
    if (FORMULA == Formula::three_term)
        return scaled * factor + difference * slope * per_m + shift;
    return (scaled - shift - difference * factor * slope) * factor;
}

template <Formula FORMULA, bool EACH, bool STREAMED>
void write_delta(const Job &job, const Block &block, const Table<5> &table) {
    const float *const from = job.from, *const x = job.l.x; // locals: a store may change anything else
    float *const delta = job.l.delta, *const net_delta = job.net_delta;
    const bool plain = job.in_place;
    const long next = block.next_block(job);
    const Floats per_m = Floats{} + float(1. / job.m());
    for_outputs<EACH, STREAMED, false>(job, block, table, [=](long at, int n, const Coefficients<5> &c) INLINE_LAMBDA {
        if (next)
            prefetch(from + at + next), prefetch(x + at + next);
        const Floats result = gradient<FORMULA>(take(from + at, n), take(x + at, n), c, per_m);
        plain ? put<false>(delta + at, result, n) : put<STREAMED>(delta + at, result, n);
        if (net_delta)
            put<STREAMED>(net_delta + at, result, n);
    });
}

template <Formula FORMULA> void write_delta(const Job &job, const Block &block, const Table<5> &table) {
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

void write_delta(const Job &job, const Block &block, const Table<5> &table) {
    switch (formula(job)) {
    case Formula::three_term:
        return write_delta<Formula::three_term>(job, block, table);
    case Formula::inverse_std:
        return write_delta<Formula::inverse_std>(job, block, table);
    case Formula::fixed:
        return write_delta<Formula::fixed>(job, block, table);
    }
}

// What the sums of a backward read. norm: not read by the dialects that work x_norm out (NORM: false).
struct Sources {
    const float *delta, *x, *norm;

    explicit Sources(const Job &job, long at) : delta(job.from + at), x(job.l.x + at), norm(job.l.x_norm + at) {}

    template <bool NORM> INLINE_MEMBER void prefetch_from(long at) const {
        prefetch(delta + at), prefetch(x + at);
        if (NORM)
            prefetch(norm + at);
    }

    // The terms of n floats; each rounded as DarkNet's. Coefficients: mean, scale, 1/std.
    template <bool NORM> INLINE_MEMBER void terms(long at, int n, const Coefficients<3> &c, Floats *t) const {
        const Floats d = take(delta + at, n), difference = take(x + at, n) - c.value[0];
        const Floats hat = NORM ? take(norm + at, n) : difference * c.value[2];
        t[0] = d, t[1] = d * hat, t[2] = d * c.value[1] * (NORM ? difference : hat);
    }
};

// Channels shorter than a vector: sums per position first, row by row as in a forward.
template <bool NORM> void sum_positions(const Job &job, const Block &block, const Table<3> &table, Sums &sums) {
    double *const whole[PRODUCTS] = {sums.delta, sums.scale, sums.by_x};
    alignas(64) float part[PRODUCTS][MOST_POSITIONS];
    for (double *sum : whole)
        std::memset(sum, 0, MOST_POSITIONS * sizeof(double));
    for (int begin = 0, end = 0; begin < job.l.batch; begin = end) {
        end = begin + min(RUN, job.l.batch - begin);
        std::memset(part, 0, sizeof part);
        for (int image = begin; image < end; ++image) {
            const Sources sources(job, job.at(image, block.first));
            for (int i = 0; i < block.row; i += LANES) {
                Floats t[PRODUCTS];
                sources.terms<NORM>(i, min(LANES, block.row - i), Coefficients<3>::of_positions(table, i), t);
                UNROLL
                for (int p = 0; p < PRODUCTS; ++p)
                    store(part[p] + i, load(part[p] + i) + t[p]);
            }
        }
        for (int p = 0; p < PRODUCTS; ++p)
            for (int i = 0; i < block.row; i += LANES)
                widen_into(whole[p] + i, load(part[p] + i));
    }
    for (double *sum : whole)
        fold_positions(sum, block.count, job.spatial);
}

template <bool NORM> void sum_channels(const Job &job, const Block &block, const Table<3> &table, Sums &sums) {
    if (block.each)
        return sum_positions<NORM>(job, block, table, sums);
    Products products[MOST_CHANNELS] = {};
    for (int image = 0; image < job.l.batch; ++image) {
        const long ahead = block.ahead(job, image);
        for (int c = 0; c < block.count; ++c) {
            const Sources sources(job, job.at(image, block.first + c));
            const Coefficients<3> own = Coefficients<3>::of_channel(table, c);
            products[c].add(job.spatial, [&](int i, int n, Floats *t) INLINE_LAMBDA {
                if (ahead)
                    sources.prefetch_from<NORM>(i + ahead);
                sources.terms<NORM>(i, n, own, t);
            });
        }
    }
    for (int c = 0; c < block.count; ++c) {
        sums.delta[c] = products[c].sum[0].total(), sums.scale[c] = products[c].sum[1].total();
        sums.by_x[c] = products[c].sum[2].total();
    }
}

// Finds all sums; writes the per-channel outputs. factor: 1/std.
void sum_block(const Job &job, const Block &block, Statistics &s, Sums &sums, float *factor) {
    Table<3> table;
    find_statistics(job, block, s);
    table.set(block, {s.mean, job.l.scales + block.first, s.inverse_std});
    const bool three_term = job.dialect->backward == Backward::three_term;
    three_term ? sum_channels<true>(job, block, table, sums) : sum_channels<false>(job, block, table, sums);
    scale_delta(job, block, s, sums);
    if (job.dialect->bias_gradient)
        accumulate(job.l.bias_updates + block.first, sums.delta, block.count);
    accumulate(job.l.scale_updates + block.first, sums.scale, block.count);
    if (three_term)
        three_terms(job, block, s, sums, factor);
    else
        assign(factor, s.inverse_std, block.count);
}

void backward(const Job &job, int index) {
    const Block block(job, index);
    const bool three_term = job.dialect->backward == Backward::three_term;
    Statistics statistics;
    Sums sums;
    PerChannel factor, slope, shift;
    sum_block(job, block, statistics, sums, factor);
    if (!job.l.delta)
        return;
    const double per_m = 1. / job.m(); // in double: what divides exactly still does after rounding to float32
    const float *mean_delta = job.l.mean_delta + block.first;
    for (int c = 0; c < block.count; ++c) {
        slope[c] = three_term ? 2 * job.l.variance_delta[block.first + c] : float(sums.by_x[c] * per_m);
        shift[c] = float((three_term ? mean_delta[c] : sums.scaled[c]) * per_m);
    }
    Table<5> table;
    table.set(block, {statistics.mean, job.l.scales + block.first, factor, slope, shift});
    write_delta(job, block, table);
    drain();
}

} // namespace
} // namespace darkparity::fused
