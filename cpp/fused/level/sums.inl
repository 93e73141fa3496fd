// Sums of cpp-fused. Included by level.cpp only. Element i of a run is added in lane i % SUM_LANES at
// every level, so that all levels return the same bits.
//
// Forward, in double: every term is a float32 or a square of one, exact in double (48 bits), so a sum of m
// terms errs by at most m 2^-53 of the sum of magnitudes. Centred squares come from the same pass as the mean
// where that is safe: sum x^2 - (sum x)^2 / m errs by at most 2 m 2^-53 sum x^2, which is below 2^-25 of the
// result if it is at least m 2^-27 sum x^2 (m = 4096: |mean| below 180 standard deviations). What the label
// two_pass wants exact stays exact: integers below 2^(24 + 27) in units of the square of the data's grid.
// Anything else, infinities and NaN included, takes a second pass, x - mean rounded as DarkNet's.
//
// Backward, in float32 for a while and then in double: terms are rounded as DarkNet's, and no term takes part
// in more than RUN - 1 float32 additions and one rounding at the end. That is within the label pairwise (19
// and more), and within m - 1 where m is small: a lane adds at most m terms. Exact wherever float32 partial
// sums are. Half the time of converting every factor to double.
#pragma once

#include "rows.inl"

namespace darkparity::fused {
namespace {

constexpr int SUM_LANES = 16; // the widest vector of floats; memory that comes in lines asks for no more
constexpr int VECTORS = SUM_LANES / LANES;
constexpr int RUN = 16;                         // float32 additions into a lane before it goes on in double
constexpr double CANCELLATION = 1. / (1 << 27); // times m; see above

// Doubles for the floats of one vector.
INLINE void load_pair(const double *p, Doubles *to) {
    to[0] = reinterpret_cast<const Doubles *>(p)[0], to[1] = reinterpret_cast<const Doubles *>(p)[1];
}

INLINE void store_pair(double *p, const Doubles *from) {
    reinterpret_cast<Doubles *>(p)[0] = from[0], reinterpret_cast<Doubles *>(p)[1] = from[1];
}

INLINE void widen_into(double *p, Floats v) {
    Doubles sum[2];
    load_pair(p, sum);
    sum[0] += widen(lower(v)), sum[1] += widen(upper(v));
    store_pair(p, sum);
}

struct Lanes {
    alignas(64) double lane[SUM_LANES];

    double total() const {
        double sum[SUM_LANES];
        for (int i = 0; i < SUM_LANES; ++i)
            sum[i] = lane[i];
        for (int width = SUM_LANES / 2; width; width /= 2)
            for (int i = 0; i < width; ++i)
                sum[i] += sum[i + width];
        return sum[0];
    }
};

// Calls step(i, k, n) for vector k of each SUM_LANES elements of a run, i floats from its beginning; n: how
// many of its floats belong to the run, LANES or, at the end, less (also none). Like all loops here it adds to
// no index what may lead beyond an int: a channel may have 2147483647 floats.
template <typename Step> INLINE void for_lanes(int begin, int end, Step step) {
    int i = begin;
    for (; end - i >= SUM_LANES; i += SUM_LANES)
        UNROLL
    for (int k = 0; k < VECTORS; ++k)
        step(i + k * LANES, k, LANES);
    if (i < end)
        UNROLL
    for (int k = 0; k < VECTORS; ++k)
        step(i + k * LANES, k, clamp(end - i - k * LANES, 0, LANES));
}

// Sums of one channel in a forward pass, of x and of its squares.
struct Moments {
    Lanes sum, square;

    // A run of n floats; ahead: how far behind each float to prefetch.
    void add(const float *x, int n, long ahead) {
        Doubles s[VECTORS][2], q[VECTORS][2];
        UNROLL
        for (int k = 0; k < VECTORS; ++k)
            load_pair(sum.lane + k * LANES, s[k]), load_pair(square.lane + k * LANES, q[k]);
        for_lanes(0, n, [&](int i, int k, int count) INLINE_LAMBDA {
            if (k == 0)
                prefetch(x + i + ahead); // of the last, partial step too: its line is nobody else's
            const Floats v = take(x + i, count);
            const Doubles low = widen(lower(v)), high = widen(upper(v));
            s[k][0] += low, s[k][1] += high;
            q[k][0] = add_product(low, low, q[k][0]), q[k][1] = add_product(high, high, q[k][1]);
        });
        UNROLL
        for (int k = 0; k < VECTORS; ++k)
            store_pair(sum.lane + k * LANES, s[k]), store_pair(square.lane + k * LANES, q[k]);
    }
};

// Sums of one channel in a backward pass: of delta, delta * x_norm, scale * delta * (x - mean).
constexpr int PRODUCTS = 3;
struct Products {
    Lanes sum[PRODUCTS];

    // A run of n floats: terms(i, n, t) finds the terms of n floats from the i-th on.
    template <typename Terms> INLINE_MEMBER void add(int n, Terms terms) {
        for (int begin = 0, end = 0; begin < n; begin = end) {
            Floats part[PRODUCTS][VECTORS] = {};
            end = begin + min(RUN * SUM_LANES, n - begin);
            for_lanes(begin, end, [&](int i, int k, int count) INLINE_LAMBDA {
                Floats t[PRODUCTS];
                terms(i, count, t);
                UNROLL
                for (int p = 0; p < PRODUCTS; ++p)
                    part[p][k] += t[p];
            });
            UNROLL
            for (int p = 0; p < PRODUCTS; ++p)
                UNROLL
            for (int k = 0; k < VECTORS; ++k)
                widen_into(sum[p].lane + k * LANES, part[p][k]);
        }
    }
};

// Sums per position become sums per channel, in place.
void fold_positions(double *sum, int channels, int spatial) {
    for (int c = 0; c < channels && spatial > 1; ++c) {
        double total = sum[c * spatial];
        for (int i = 1; i < spatial; ++i)
            total += sum[c * spatial + i];
        sum[c] = total;
    }
}

// sum (x - mean)^2 of one channel in a pass of its own, x - mean rounded to float32 as DarkNet's.
double centred_squares(const Job &job, int channel, float mean) {
    double total = 0;
    for (int image = 0; image < job.l.batch; ++image) {
        const float *x = job.from + job.at(image, channel);
        Lanes squares = {};
        int i = 0;
        for (; job.spatial - i >= HALF; i += HALF) {
            Doubles &group = *reinterpret_cast<Doubles *>(squares.lane + i % SUM_LANES);
            const Doubles difference = widen(load_half(x + i) - mean);
            group = add_product(difference, difference, group);
        }
        for (; i < job.spatial; ++i) {
            const float difference = x[i] - mean;
            squares.lane[i % SUM_LANES] += double(difference) * difference;
        }
        total += squares.total();
    }
    return total;
}

} // namespace
} // namespace darkparity::fused
