// Sums of cpp-fused, in double. Included by fused_level.cpp only.
//
// Why the labels hold. `float64` means sums in a float64 accumulator: k = 1 counts the rounding to float32.
// Every term added here is a float32 or a product of two of them, exact in double (48 bits), so a sum of m
// terms errs by at most m 2^-53 of the sum of magnitudes. `two_pass` asks for exact results where the partial
// sums of the terms that the formula names are all float32: then they, and their products with a coefficient,
// are exact in double.
//
// Centred squares come from the same pass as the mean where that is safe: sum x^2 - (sum x)^2 / m errs by at
// most 2 m 2^-53 sum x^2, which is below 2^-25 of the result if it is at least m 2^-27 sum x^2 (m = 4096:
// |mean| below 180 standard deviations). What two_pass wants exact stays exact: integers below 2^(24 + 27) in
// units of the square of the data's grid. Anything else, infinities and NaN included, takes a second pass, x
// - mean rounded as DarkNet's.
#pragma once

#include "fused_job.hpp"
#include "simd.hpp"

#include <initializer_list>

namespace darkparity::fused {
namespace {

// Sums run in this many lanes at every level: element i of a run is added in lane i % SUM_LANES, so that all
// levels return the same bits. 32: four independent additions in flight per sum with the widest vectors.
constexpr int SUM_LANES = 32;
constexpr int GROUPS = SUM_LANES / HALF;
constexpr double CANCELLATION = 1. / (1 << 27); // times m; see above

struct Lanes {
    alignas(64) double lane[SUM_LANES];

    Doubles &group(int k) { return *reinterpret_cast<Doubles *>(lane + k * HALF); }

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

// Sums of one channel in a forward pass.
struct Moments {
    Lanes sum, square;

    // `rows` runs of n floats, `stride` apart; ahead: how far behind each float to prefetch
    void add(const float *x, int n, long ahead, int rows = 1, long stride = 0) {
        Doubles s[GROUPS], q[GROUPS];
        UNROLL for (int k = 0; k < GROUPS; ++k) s[k] = sum.group(k), q[k] = square.group(k);
        const auto step = [&](int k, Halves h) INLINE_LAMBDA {
            const Doubles v = widen(h);
            s[k] += v, q[k] = add_product(v, v, q[k]);
        };
        for (; rows > 0; --rows, x += stride) {
            int i = 0;
            for (; n - i >= SUM_LANES; i += SUM_LANES) {
                prefetch(x + i + ahead), prefetch(x + i + ahead + SUM_LANES / 2);
                UNROLL for (int k = 0; k < GROUPS; ++k) step(k, load_half(x + i + k * HALF));
            }
            UNROLL for (int k = 0; k < GROUPS; ++k) // of 13 x 13 floats, three of the last four are empty
                if (const int left = n - i - k * HALF; left > 0)
                    step(k, load_half_part(x + i + k * HALF, left));
        }
        UNROLL for (int k = 0; k < GROUPS; ++k) sum.group(k) = s[k], square.group(k) = q[k];
    }
};

// Sums of one channel in a backward pass: of delta, delta * x_norm, delta * (x - mean).
struct Products {
    Lanes delta, by_norm, by_x;

    // x_norm: used if NORM. mean must be finite: behind the run's end 0 * (0 - mean) is added.
    // EACH: mean[i] is that of element i, for n <= SUM_LANES; else mean[0] is that of all.
    template <bool NORM, bool EACH>
    void add(const float *d, const float *x, const float *x_norm, const float *mean, int n, long ahead,
             int rows = 1, long stride = 0) {
        Doubles sd[GROUPS], sn[GROUPS], sx[GROUPS];
        UNROLL for (int k = 0; k < GROUPS; ++k) sd[k] = delta.group(k), sn[k] = by_norm.group(k),
                                                sx[k] = by_x.group(k);
        const Halves same = Halves{} + *mean;
        const auto step = [&](int k, Halves hd, Halves hx, Halves hn) INLINE_LAMBDA {
            const Doubles v = widen(hd);
            sd[k] += v;
            sx[k] = add_product(v, widen(hx - (EACH ? load_half(mean + k * HALF) : same)), sx[k]);
            if (NORM)
                sn[k] = add_product(v, widen(hn), sn[k]);
        };
        for (; rows > 0; --rows, d += stride, x += stride, x_norm += stride) {
            int i = 0;
            for (; n - i >= SUM_LANES; i += SUM_LANES) {
                for (const float *p : {d + i + ahead, x + i + ahead, (NORM ? x_norm : x) + i + ahead})
                    prefetch(p), prefetch(p + SUM_LANES / 2);
                UNROLL for (int k = 0; k < GROUPS; ++k) {
                    const int at = i + k * HALF;
                    step(k, load_half(d + at), load_half(x + at), NORM ? load_half(x_norm + at) : Halves{});
                }
            }
            UNROLL for (int k = 0; k < GROUPS; ++k)
                if (const int at = i + k * HALF, left = n - at; left > 0)
                    step(k, load_half_part(d + at, left), load_half_part(x + at, left),
                         NORM ? load_half_part(x_norm + at, left) : Halves{});
        }
        UNROLL for (int k = 0; k < GROUPS; ++k) delta.group(k) = sd[k], by_norm.group(k) = sn[k],
                                                by_x.group(k) = sx[k];
    }
};

// Sums per position become sums per channel, in place.
void fold_positions(double *sum, int channels, int spatial) {
    for (int c = 0; c < channels; ++c) {
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
            Doubles &group = squares.group(i / HALF % GROUPS);
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
