// Forward pass of cpp-fused. Included by level.cpp only.
#pragma once

#include "channels.inl"

namespace darkparity::fused {
namespace {

// What this mode of the dialect writes and the caller wants; null for the rest.
struct Outputs {
    float *output, *x, *x_norm;

    explicit Outputs(const Job &job)
        : output(job.l.output), x(job.train || job.dialect->saves_x == SavesX::always ? job.l.x : nullptr),
          x_norm(job.train && job.dialect->saves_x_norm ? job.l.x_norm : nullptr) {}

    bool saving() const { return x || x_norm; }
};

// output = (x - mean) * factor * scale + bias, one operation after the other; x_norm is the value before
// scale. Coefficients: mean, factor, scale, bias. SAVING: x and x_norm are wanted too.
template <bool EACH, bool SAVING, bool STREAMED>
void write_outputs(const Job &job, const Block &block, const Table<4> &table, const Outputs &to) {
    const Outputs out = to; // locals: the compiler must assume that a store changes anything else
    const float *const input = job.from;
    const bool plain = job.in_place;
    const long next = job.sums ? 0 : -block.ahead(job, 0);
    for_outputs<EACH, STREAMED, SAVING>(job, block, table, [=](long at, int n, const Coefficients<4> &c) INLINE_LAMBDA {
        if (next)
            prefetch(input + at + next);
        const Floats x = take(input + at, n), y = (x - c.value[0]) * c.value[1];
        if (SAVING && out.x)
            put<STREAMED>(out.x + at, x, n);
        if (SAVING && out.x_norm)
            put<STREAMED>(out.x_norm + at, y, n);
        if (!SAVING || out.output) {
            const Floats scaled = y * c.value[2] + c.value[3];
            (SAVING && plain) ? put<false>(out.output + at, scaled, n) : put<STREAMED>(out.output + at, scaled, n);
        }
    });
}

template <bool EACH, bool SAVING>
void write_outputs(const Job &job, const Block &block, const Table<4> &table, const Outputs &to) {
    job.streamed && (SAVING || !job.in_place) ? write_outputs<EACH, SAVING, true>(job, block, table, to)
                                              : write_outputs<EACH, SAVING, false>(job, block, table, to);
}

void write_outputs(const Job &job, const Block &block, const Table<4> &table) {
    const Outputs to(job);
    if (!to.saving() && !to.output)
        return;
    if (block.each)
        to.saving() ? write_outputs<true, true>(job, block, table, to)
                    : write_outputs<true, false>(job, block, table, to);
    else
        to.saving() ? write_outputs<false, true>(job, block, table, to)
                    : write_outputs<false, false>(job, block, table, to);
}

// Channels shorter than a vector: sums per position first, row by row. Column by column the rows of 64
// images, 4 KiB apart, would take each other's place in the first-level cache: a sixth more time.
void sum_positions(const Job &job, const Block &block, double *sum, double *square) {
    std::memset(sum, 0, MOST_POSITIONS * sizeof(double)), std::memset(square, 0, MOST_POSITIONS * sizeof(double));
    const float *x = job.from + job.at(0, block.first);
    for (int image = 0, images = 0; image < job.l.batch; image += images) {
        images = min(TOGETHER, job.l.batch - image);
        for (int i = 0; i < block.row; i += LANES) {
            const int n = min(LANES, block.row - i);
            Doubles s[2], q[2];
            load_pair(sum + i, s), load_pair(square + i, q);
            UNROLL
            for (int k = 0; k < TOGETHER; ++k)
                if (k < images) {
                    const Floats v = take(x + job.at(image + k, 0) + i, n);
                    const Doubles low = widen(lower(v)), high = widen(upper(v));
                    s[0] += low, s[1] += high;
                    q[0] = add_product(low, low, q[0]), q[1] = add_product(high, high, q[1]);
                }
            store_pair(sum + i, s), store_pair(square + i, q);
        }
    }
    fold_positions(sum, block.count, job.spatial), fold_positions(square, block.count, job.spatial);
}

// sum, square: one number per channel, for the channels of the block.
void sum_channels(const Job &job, const Block &block, double *sum, double *square) {
    if (block.each)
        return sum_positions(job, block, sum, square);
    Moments moments[MOST_CHANNELS] = {};
    for (int image = 0; image < job.l.batch; ++image)
        for (int c = 0; c < block.count; ++c) {
            const float *x = job.from + job.at(image, block.first + c);
            moments[c].add(x, job.spatial, block.ahead(job, image));
        }
    for (int c = 0; c < block.count; ++c)
        sum[c] = moments[c].sum.total(), square[c] = moments[c].square.total();
}

void forward(const Job &job, int index) {
    const Block block(job, index);
    const Layer &l = job.l;
    PerChannel mean, factor;
    if (job.train) {
        alignas(64) double sum[MOST_POSITIONS], square[MOST_POSITIONS];
        sum_channels(job, block, sum, square);
        centre(job, block, sum, square);
        train_channels(job, block, sum, square, mean, factor);
    } else {
        PerChannel variance;
        take_rolling(job, block, mean, variance);
        inverse(variance, job.dialect->normalize, block.count, factor);
    }
    Table<4> table;
    table.set(block, {mean, factor, l.scales + block.first, l.biases + block.first});
    write_outputs(job, block, table);
    drain();
}

} // namespace
} // namespace darkparity::fused
