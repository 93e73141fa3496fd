// Forward pass of cpp-fused. Included by fused_level.cpp only.
#pragma once

#include "fused_channels.hpp"

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
// scale. Coefficients: mean, factor, scale, bias. SAVING: x and x_norm are wanted too. Last image first: what
// the sums read last is still in the cache.
template <bool EACH, bool SAVING, bool STREAMED>
void write_outputs(const Job &job, const Block &block, const Table<4> &table, const Outputs &to) {
    const Outputs out = to; // locals: the compiler must assume that a store changes anything else
    const float *const input = job.from;
    const bool plain = job.in_place;
    for (int image = job.l.batch - 1; image >= 0; --image) {
        const long row = job.at(image, block.first), next = block.next(job, image);
        for_vectors<EACH>(block, table, STREAMED ? head_of(job, row) : 0,
                          [=](int i, int n, const Coefficients<4> &c) INLINE_LAMBDA {
                              const long at = row + i;
                              prefetch(input + at + next);
                              const Floats x = take(input + at, n), y = (x - c.value[0]) * c.value[1];
                              if (SAVING && out.x)
                                  put<STREAMED>(out.x + at, x, n);
                              if (SAVING && out.x_norm)
                                  put<STREAMED>(out.x_norm + at, y, n);
                              if (!SAVING || out.output) {
                                  const Floats scaled = y * c.value[2] + c.value[3];
                                  SAVING && plain ? put<false>(out.output + at, scaled, n)
                                                 : put<STREAMED>(out.output + at, scaled, n);
                              }
                          });
    }
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

// Channels shorter than a vector: sums per position first, over all images at once.
void sum_positions(const Job &job, const Block &block, double *sum, double *square) {
    const float *x = job.from + job.at(0, block.first);
    for (int p = 0; p < block.row; p += SUM_LANES) {
        const int n = min(SUM_LANES, block.row - p);
        Moments moments = {};
        moments.add(x + p, n, SUM_LANES, job.l.batch, job.at(1, 0));
        std::memcpy(sum + p, &moments.sum, n * sizeof(double));
        std::memcpy(square + p, &moments.square, n * sizeof(double));
    }
}

// sum, square: one number per channel, for the channels of the block.
void sum_channels(const Job &job, const Block &block, double *sum, double *square) {
    if (block.each) {
        sum_positions(job, block, sum, square);
        fold_positions(sum, block.count, job.spatial), fold_positions(square, block.count, job.spatial);
        return;
    }
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
        double sum[MOST_POSITIONS], square[MOST_POSITIONS];
        sum_channels(job, block, sum, square);
        centre(job, block, sum, square);
        train_channels(job, block, sum, square, mean, factor);
    } else {
        PerChannel variance;
        take_rolling(job, block, mean, variance);
        inverse(variance, job.dialect->normalize, block.count, factor);
    }
    Table<4> table;
    const float *const values[] = {mean, factor, l.scales + block.first, l.biases + block.first};
    for (int k = 0; k < 4; ++k)
        table.set(k, block, values[k]);
    write_outputs(job, block, table);
    drain();
}

} // namespace
} // namespace darkparity::fused
