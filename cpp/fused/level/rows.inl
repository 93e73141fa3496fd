// How cpp-fused walks over a block of channels and writes its outputs. Included by level.cpp only.
#pragma once

#include "fused/layer_pass.hpp"
#include "simd.inl"

namespace darkparity::fused {
namespace {

// Rows of this many floats, sixteen pages, are prefetched well enough by the hardware, and faster: .13 ns per
// float and array instead of .165 by instructions, which wait for one of the few buffers of the first-level
// cache.
constexpr int LONG = 1 << 14;

// Images of which a row is worked on together where channels are short: coefficients and sums are read once
// for both.
constexpr int TOGETHER = 2;

// The channels of one block. Their floats in one image are contiguous: a row.
struct Block {
    int first, count, row;
    bool each; // coefficients and sums per position: channels are shorter than a vector
    int spatial;

    Block(const Job &job, int index)
        : first(index * job.channels_per_block), count(min(job.channels_per_block, job.l.out_c - first)),
          row(count * job.spatial), each(job.spatial < SHORT), spatial(job.spatial) {}

    // How far behind a float the one lies that the sums read next in its place: short rows do not wake the
    // hardware's prefetching.
    long ahead(const Job &job, int image) const { return row < LONG && image + 1 < job.l.batch ? job.at(1, 0) : 0; }

    // The same for a second pass: the row of the next block if both fit in the cache.
    long next_block(const Job &job) const { return job.prefetched && first + 2 * count <= job.l.out_c ? row : 0; }
};

INLINE int misaligned(const float *p) {
    return int(reinterpret_cast<std::uintptr_t>(p) / sizeof(float) % LANES);
}

// Floats of a row before the outputs are aligned for streaming (all of them are alike, see make_job).
INLINE int head_of(const Job &job, long row) {
    return job.streamed ? (LANES - misaligned(job.alignment + row)) % LANES : 0;
}

INLINE Floats take(const float *p, int count) {
    return count == LANES ? load(p) : load_part(p, count);
}

// The first `count` floats of v; whole vectors are aligned if STREAMED.
template <bool STREAMED> INLINE void put(float *p, Floats v, int count) {
    if (count < LANES)
        store_part(p, v, count);
    else
        STREAMED ? stream(p, v) : store(p, v);
}

// COUNT coefficients for the floats of a block: one per channel, or one per position if block.each.
template <int COUNT> struct Table {
    static constexpr int MOST = MOST_POSITIONS + LANES; // whole vectors are loaded at the end
    alignas(64) float rows[COUNT][MOST];

    // The coefficients of every channel of the block.
    void set(const Block &block, const float *const (&values)[COUNT]) {
        for (int k = 0; k < COUNT; ++k)
            if (!block.each || block.spatial == 1)
                std::memcpy(rows[k], values[k], block.count * sizeof(float));
            else
                for (int i = 0; i < block.row; ++i)
                    rows[k][i] = values[k][i / block.spatial];
    }
};

template <int COUNT> struct Coefficients {
    Floats value[COUNT];

    INLINE_MEMBER static Coefficients of_channel(const Table<COUNT> &table, int channel) {
        Coefficients c;
        UNROLL
        for (int k = 0; k < COUNT; ++k)
            c.value[k] = Floats{} + table.rows[k][channel];
        return c;
    }

    INLINE_MEMBER static Coefficients of_positions(const Table<COUNT> &table, int position) {
        Coefficients c;
        UNROLL
        for (int k = 0; k < COUNT; ++k)
            c.value[k] = load(table.rows[k] + position);
        return c;
    }

    // a's in the first n lanes, b's in the others
    INLINE_MEMBER static Coefficients mixed(const Coefficients &a, const Coefficients &b, int n) {
        Coefficients c;
        UNROLL
        for (int k = 0; k < COUNT; ++k)
            c.value[k] = first_lanes(n) ? a.value[k] : b.value[k];
        return c;
    }
};

// Calls step(i, n, coefficients) for the vectors of a row; n < LANES only for the first `head` floats and the
// last few. A vector in which one channel ends and the next begins is computed at once: only whole aligned
// vectors can go past the caches, and with 13 x 13 floats to a channel one vector in eleven is such.
template <bool EACH, int COUNT, typename Step>
INLINE void for_vectors(const Block &block, const Table<COUNT> &table, int head, Step step) {
    using Own = Coefficients<COUNT>;
    int i = min(head, block.row);
    Own own = Own::of_channel(table, 0);
    if (i > 0)
        step(0, i, EACH ? Own::of_positions(table, 0) : own);
    if (EACH) {
        for (; block.row - i >= LANES; i += LANES)
            step(i, LANES, Own::of_positions(table, i));
        own = Own::of_positions(table, i);
    } else
        for (int channel = 0, end = block.spatial;; end += block.spatial) {
            for (; end - i >= LANES; i += LANES)
                step(i, LANES, own);
            if (++channel == block.count)
                break;
            const Own next = Own::of_channel(table, channel);
            if (i < end) { // the next channel has at least SHORT floats
                step(i, LANES, Own::mixed(own, next, end - i));
                i += LANES;
            }
            own = next;
        }
    if (i < block.row)
        step(i, block.row - i, own);
}

// Calls step(at, n, coefficients) for all floats of a block, n from the at-th of the layer on. Last image
// first: what the sums read last is still in the cache. MANY: several arrays are written, whose rows of two
// images, all in the same sets of the first-level cache, would take each other's place.
template <bool EACH, bool STREAMED, bool MANY, int COUNT, typename Step>
INLINE void for_outputs(const Job &job, const Block &block, const Table<COUNT> &table, Step step) {
    constexpr int ROWS = EACH && !STREAMED && !MANY ? TOGETHER : 1; // streamed, each row has its own alignment
    const long stride = job.at(1, 0);
    for (int image = job.l.batch - 1; image >= 0; image -= ROWS) {
        const long row = job.at(image, block.first);
        const int rows = min(ROWS, image + 1);
        for_vectors<EACH>(block, table, STREAMED ? head_of(job, row) : 0,
                          [=](int i, int n, const Coefficients<COUNT> &c) INLINE_LAMBDA {
                              UNROLL
                              for (int k = 0; k < ROWS; ++k)
                                  if (k < rows)
                                      step(row + i - k * stride, n, c);
                          });
    }
}

} // namespace
} // namespace darkparity::fused
