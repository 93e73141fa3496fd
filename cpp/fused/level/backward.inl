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

template <Formula FORMULA, bool PER_POSITION, bool STREAMED>
void write_delta(const LayerPass &pass, const Block &block, const Table<5> &table) {
    const float *const from = pass.from, *const x = pass.l.x; // locals: a store may change anything else
    float *const delta = pass.l.delta, *const net_delta = pass.net_delta;
    const bool cached = pass.in_place;
    const Index next = block.next_block(pass);
    const Floats per_m = Floats{} + float(1. / pass.m());
    for_outputs<PER_POSITION, STREAMED, false>(
        pass, block, table, [=](Index at, int n, const Coefficients<5> &c) ALWAYS_INLINE {
            if (next) {
                prefetch(from + at + next);
                prefetch(x + at + next);
            }
            const Floats result = gradient<FORMULA>(take(from + at, n), take(x + at, n), c, per_m);
            cached ? put<false>(delta + at, result, n) : put<STREAMED>(delta + at, result, n);
            if (net_delta)
                put<STREAMED>(net_delta + at, result, n);
        });
}

template <Formula FORMULA> void write_delta(const LayerPass &pass, const Block &block, const Table<5> &table) {
    const bool streamed = pass.streamed && (pass.net_delta || !pass.in_place);
    if (block.per_position)
        streamed ? write_delta<FORMULA, true, true>(pass, block, table)
                 : write_delta<FORMULA, true, false>(pass, block, table);
    else
        streamed ? write_delta<FORMULA, false, true>(pass, block, table)
                 : write_delta<FORMULA, false, false>(pass, block, table);
}

Formula formula(const LayerPass &pass) {
    if (pass.dialect->backward == Backward::three_term)
        return Formula::three_term;
    return !pass.train && pass.dialect->inference_backward == InferenceBackward::fixed ? Formula::fixed
                                                                                       : Formula::inverse_std;
}

void write_delta(const LayerPass &pass, const Block &block, const Table<5> &table) {
    switch (formula(pass)) {
    case Formula::three_term:
        return write_delta<Formula::three_term>(pass, block, table);
    case Formula::inverse_std:
        return write_delta<Formula::inverse_std>(pass, block, table);
    case Formula::fixed:
        return write_delta<Formula::fixed>(pass, block, table);
    }
}

// What the sums of a backward read. norm: not read by the dialects that work x_norm out (NORM: false).
struct Sources {
    const float *delta, *x, *norm;

    explicit Sources(const LayerPass &pass, Index at)
        : delta(pass.from + at), x(pass.l.x + at), norm(pass.l.x_norm + at) {}

    template <bool NORM> ALWAYS_INLINE void prefetch_from(Index at) const {
        prefetch(delta + at);
        prefetch(x + at);
        if (NORM)
            prefetch(norm + at);
    }

    // The terms of n floats; each rounded as DarkNet's. Coefficients: mean, scale, 1/std.
    template <bool NORM> ALWAYS_INLINE void terms(Index at, int n, const Coefficients<3> &c, Floats *t) const {
        const Floats d = take(delta + at, n), difference = take(x + at, n) - c.value[0];
        const Floats hat = NORM ? take(norm + at, n) : difference * c.value[2];
        t[0] = d;
        t[1] = d * hat;
        t[2] = d * c.value[1] * (NORM ? difference : hat);
    }
};

// Channels shorter than a vector: sums per position first, row by row as in a forward.
template <bool NORM> void sum_positions(const LayerPass &pass, const Block &block, const Table<3> &table, Sums &sums) {
    double *const whole[PRODUCTS] = {sums.delta, sums.scale, sums.by_x};
    alignas(64) float part[PRODUCTS][MOST_POSITIONS];
    for (double *sum : whole)
        std::memset(sum, 0, MOST_POSITIONS * sizeof(double));
    for (Index begin = 0; begin < pass.l.batch; begin += FLOAT32_RUN) {
        std::memset(part, 0, sizeof part);
        for (Index image = begin, end = min<Index>(begin + FLOAT32_RUN, pass.l.batch); image < end; ++image) {
            const Sources sources(pass, pass.at(image, block.first));
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
        fold_positions(sum, block.count, pass.spatial);
}

template <bool NORM> void sum_channels(const LayerPass &pass, const Block &block, const Table<3> &table, Sums &sums) {
    if (block.per_position)
        return sum_positions<NORM>(pass, block, table, sums);
    Products products[MOST_CHANNELS] = {};
    for (int image = 0; image < pass.l.batch; ++image) {
        const Index ahead = block.ahead(pass, image);
        for (int c = 0; c < block.count; ++c) {
            const Sources sources(pass, pass.at(image, block.first + c));
            const Coefficients<3> own = Coefficients<3>::of_channel(table, c);
            products[c].add(pass.spatial, [&](Index i, int n, Floats *t) ALWAYS_INLINE {
                if (ahead)
                    sources.prefetch_from<NORM>(i + ahead);
                sources.terms<NORM>(i, n, own, t);
            });
        }
    }
    for (int c = 0; c < block.count; ++c) {
        sums.delta[c] = products[c].sum[0].total();
        sums.scale[c] = products[c].sum[1].total();
        sums.by_x[c] = products[c].sum[2].total();
    }
}

// Finds all sums; writes the per-channel outputs. factor: 1/std.
void sum_block(const LayerPass &pass, const Block &block, Statistics &s, Sums &sums, float *factor) {
    Table<3> table;
    find_statistics(pass, block, s);
    table.set(block, {s.mean, pass.l.scales + block.first, s.inverse_std});
    const bool three_term = pass.dialect->backward == Backward::three_term;
    three_term ? sum_channels<true>(pass, block, table, sums) : sum_channels<false>(pass, block, table, sums);
    scale_delta(pass, block, s, sums);
    if (pass.dialect->bias_gradient)
        accumulate(pass.l.bias_updates + block.first, sums.delta, block.count);
    accumulate(pass.l.scale_updates + block.first, sums.scale, block.count);
    if (three_term)
        three_terms(pass, block, s, sums, factor);
    else
        assign(factor, s.inverse_std, block.count);
}

void backward(const LayerPass &pass, int index) {
    const Block block(pass, index);
    const bool three_term = pass.dialect->backward == Backward::three_term;
    Statistics statistics;
    Sums sums;
    PerChannel factor, slope, shift;
    sum_block(pass, block, statistics, sums, factor);
    if (!pass.l.delta)
        return;
    const double per_m = 1. / pass.m(); // in double: what divides exactly still does after rounding to float32
    const float *mean_delta = pass.l.mean_delta + block.first;
    for (int c = 0; c < block.count; ++c) {
        slope[c] = three_term ? 2 * pass.l.variance_delta[block.first + c] : float(sums.by_x[c] * per_m);
        shift[c] = float((three_term ? mean_delta[c] : sums.scaled[c]) * per_m);
    }
    Table<5> table;
    table.set(block, {statistics.mean, pass.l.scales + block.first, factor, slope, shift});
    write_delta(pass, block, table);
    drain();
}

} // namespace
} // namespace darkparity::fused
