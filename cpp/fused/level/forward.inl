// Forward pass of cpp-fused. Included by level.cpp only.
#pragma once

#include "channels.inl"

namespace darkparity::fused {
namespace {

// What this mode of the dialect writes and the caller wants; null for the rest.
struct Outputs {
    float *output, *x, *x_norm;

    explicit Outputs(const LayerPass &pass)
        : output(pass.l.output), x(pass.train || pass.dialect->saves_x == SavesX::always ? pass.l.x : nullptr),
          x_norm(pass.train && pass.dialect->saves_x_norm ? pass.l.x_norm : nullptr) {}

    bool saving() const { return x || x_norm; }
};

// output = (x - mean) * factor * scale + bias, one operation after the other; x_norm is the value before
// scale. Coefficients: mean, factor, scale, bias. SAVING: x and x_norm are wanted too.
template <bool PER_POSITION, bool SAVING, bool STREAMED>
void write_outputs(const LayerPass &pass, const Block &block, const Table<4> &table, const Outputs &to) {
    const Outputs out = to; // locals: the compiler must assume that a store changes anything else
    const float *const input = pass.from;
    const bool cached = pass.in_place;
    const Index next = pass.sums ? 0 : -block.ahead(pass, 0);
    for_outputs<PER_POSITION, STREAMED, SAVING>(
        pass, block, table, [=](Index at, int n, const Coefficients<4> &c) ALWAYS_INLINE {
            if (next)
                prefetch(input + at + next);
            const Floats x = take(input + at, n), y = (x - c.value[0]) * c.value[1];
            if (SAVING && out.x)
                put<STREAMED>(out.x + at, x, n);
            if (SAVING && out.x_norm)
                put<STREAMED>(out.x_norm + at, y, n);
            if (!SAVING || out.output) {
                const Floats scaled = y * c.value[2] + c.value[3];
                (SAVING && cached) ? put<false>(out.output + at, scaled, n) : put<STREAMED>(out.output + at, scaled, n);
            }
        });
}

template <bool PER_POSITION, bool SAVING>
void write_outputs(const LayerPass &pass, const Block &block, const Table<4> &table, const Outputs &to) {
    pass.streamed && (SAVING || !pass.in_place) ? write_outputs<PER_POSITION, SAVING, true>(pass, block, table, to)
                                                : write_outputs<PER_POSITION, SAVING, false>(pass, block, table, to);
}

void write_outputs(const LayerPass &pass, const Block &block, const Table<4> &table) {
    const Outputs to(pass);
    if (!to.saving() && !to.output)
        return;
    if (block.per_position)
        to.saving() ? write_outputs<true, true>(pass, block, table, to)
                    : write_outputs<true, false>(pass, block, table, to);
    else
        to.saving() ? write_outputs<false, true>(pass, block, table, to)
                    : write_outputs<false, false>(pass, block, table, to);
}

// Channels shorter than a vector: sums per position first, row by row. Column by column the rows of 64
// images, 4 KiB apart, would take each other's place in the first-level cache: a sixth more time.
void sum_positions(const LayerPass &pass, const Block &block, double *sum, double *square) {
    std::memset(sum, 0, MOST_POSITIONS * sizeof(double));
    std::memset(square, 0, MOST_POSITIONS * sizeof(double));
    const float *x = pass.from + pass.at(0, block.first);
    for (Index image = 0; image < pass.l.batch; image += TOGETHER) {
        const Index images = pass.l.batch - image;
        for (int i = 0; i < block.row; i += LANES) {
            const int n = min(LANES, block.row - i);
            Doubles s[2], q[2];
            load_pair(sum + i, s);
            load_pair(square + i, q);
            UNROLL
            for (int k = 0; k < TOGETHER; ++k)
                if (k < images) {
                    const Floats v = take(x + pass.at(image + k, 0) + i, n);
                    const Doubles low = widen(lower(v)), high = widen(upper(v));
                    s[0] += low;
                    s[1] += high;
                    q[0] = add_product(low, low, q[0]);
                    q[1] = add_product(high, high, q[1]);
                }
            store_pair(sum + i, s);
            store_pair(square + i, q);
        }
    }
    fold_positions(sum, block.count, pass.spatial);
    fold_positions(square, block.count, pass.spatial);
}

// sum, square: one number per channel, for the channels of the block.
void sum_channels(const LayerPass &pass, const Block &block, double *sum, double *square) {
    if (block.per_position)
        return sum_positions(pass, block, sum, square);
    Moments moments[MOST_CHANNELS] = {};
    for (int image = 0; image < pass.l.batch; ++image)
        for (int c = 0; c < block.count; ++c) {
            const float *x = pass.from + pass.at(image, block.first + c);
            moments[c].add(x, pass.spatial, block.ahead(pass, image));
        }
    for (int c = 0; c < block.count; ++c) {
        sum[c] = moments[c].sum.total();
        square[c] = moments[c].square.total();
    }
}

void forward(const LayerPass &pass, int index) {
    const Block block(pass, index);
    const Layer &l = pass.l;
    PerChannel mean, factor;
    if (pass.train) {
        alignas(64) double sum[MOST_POSITIONS], square[MOST_POSITIONS];
        sum_channels(pass, block, sum, square);
        centre(pass, block, sum, square);
        train_channels(pass, block, sum, square, mean, factor);
    } else {
        PerChannel variance;
        take_rolling(pass, block, mean, variance);
        inverse(variance, pass.dialect->normalize, block.count, factor);
    }
    Table<4> table;
    table.set(block, {mean, factor, l.scales + block.first, l.biases + block.first});
    write_outputs(pass, block, table);
    drain();
}

} // namespace
} // namespace darkparity::fused
