// How cpp-fused walks over a block of channels and writes its outputs. Included by level.cpp only.
#pragma once

#include "fused/layer_pass.hpp"
#include "simd.inl"

namespace darkparity::fused {
namespace {

// Rows of this many floats, sixteen pages, are prefetched well enough by the hardware, and faster: .13 ns per
// float and array instead of .165 by instructions, which wait for one of the few buffers of the first-level
// cache.
constexpr int LONG_ROW = 1 << 14;

// Images of which a row is worked on together where channels are short: coefficients and sums are read once
// for both.
constexpr int TOGETHER = 2;

// The channels of one block. Their floats in one image are contiguous: a row.
struct Block {
    int first, count, row;
    bool per_position; // coefficients and sums per position: channels are shorter than a vector
    int spatial;

    Block(const LayerPass &pass, int index)
        : first(index * pass.channels_per_block), count(min(pass.channels_per_block, pass.l.out_c - first)),
          row(count * pass.spatial), per_position(pass.spatial < SHORT_SPATIAL), spatial(pass.spatial) {}

    // How far behind a float the one lies that the sums read next in its place: short rows do not wake the
    // hardware's prefetching.
    Index ahead(const LayerPass &pass, int image) const {
        return row < LONG_ROW && image + 1 < pass.l.batch ? pass.at(1, 0) : 0;
    }

    // The same for a second pass: the row of the next block if both fit in the cache.
    Index next_block(const LayerPass &pass) const {
        return pass.prefetched && first + Index(2) * count <= pass.l.out_c ? row : 0;
    }
};

INLINE int misaligned(const float *p) {
    return int(reinterpret_cast<std::uintptr_t>(p) / sizeof(float) % LANES);
}

// Floats of a row before the outputs are aligned for streaming (all are aligned alike, see pass_of()).
INLINE int head_of(const LayerPass &pass, Index row) {
    return pass.streamed ? (LANES - misaligned(pass.alignment + row)) % LANES : 0;
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

// COUNT coefficients for the floats of a block: one per channel, or one per position if block.per_position.
template <int COUNT> struct Table {
    static constexpr int MOST = MOST_POSITIONS + LANES; // whole vectors are loaded at the end
    alignas(64) float rows[std::size_t(COUNT)][MOST];

    // The coefficients of every channel of the block.
    void set(const Block &block, const float *const (&values)[std::size_t(COUNT)]) {
        for (int k = 0; k < COUNT; ++k)
            if (!block.per_position || block.spatial == 1)
                std::memcpy(rows[k], values[k], std::size_t(block.count) * sizeof(float));
            else
                for (int i = 0; i < block.row; ++i)
                    rows[k][i] = values[k][i / block.spatial];
    }
};

template <int COUNT> struct Coefficients {
    Floats value[std::size_t(COUNT)];

    ALWAYS_INLINE static Coefficients of_channel(const Table<COUNT> &table, int channel) {
        Coefficients c;
        UNROLL
        for (int k = 0; k < COUNT; ++k)
            c.value[k] = Floats{} + table.rows[k][channel];
        return c;
    }

    ALWAYS_INLINE static Coefficients of_positions(const Table<COUNT> &table, int position) {
        Coefficients c;
        UNROLL
        for (int k = 0; k < COUNT; ++k)
            c.value[k] = load(table.rows[k] + position);
        return c;
    }

    // a's in the first n lanes, b's in the others
    ALWAYS_INLINE static Coefficients mixed(const Coefficients &a, const Coefficients &b, int n) {
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
template <bool PER_POSITION, int COUNT, typename Step>
INLINE void for_vectors(const Block &block, const Table<COUNT> &table, int head, Step step) {
    using Own = Coefficients<COUNT>;
    int i = min(head, block.row);
    Own own = Own::of_channel(table, 0);
    if (i > 0)
        step(0, i, PER_POSITION ? Own::of_positions(table, 0) : own);
    if (PER_POSITION) {
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
            if (i < end) { // the next channel has at least SHORT_SPATIAL floats
                step(i, LANES, Own::mixed(own, next, end - i));
                i += LANES;
            }
            own = next;
        }
    if (i < block.row)
        step(i, block.row - i, own);
}

// Calls step(at, n, coefficients) for all floats of a block, n from the at-th of the layer on. Last image
// first: what the sums read last is still in the cache. SEVERAL: several arrays are written, whose rows of two
// images, all in the same sets of the first-level cache, would take each other's place.
template <bool PER_POSITION, bool STREAMED, bool SEVERAL, int COUNT, typename Step>
INLINE void for_outputs(const LayerPass &pass, const Block &block, const Table<COUNT> &table, Step step) {
    constexpr int ROWS =
        PER_POSITION && !STREAMED && !SEVERAL ? TOGETHER : 1; // streamed, each row has its own alignment
    const Index stride = pass.at(1, 0);
    for (int image = pass.l.batch - 1; image >= 0; image -= ROWS) {
        const Index row = pass.at(image, block.first);
        const int rows = min(ROWS, image + 1);
        for_vectors<PER_POSITION>(block, table, STREAMED ? head_of(pass, row) : 0,
                                  [=](int i, int n, const Coefficients<COUNT> &c) ALWAYS_INLINE {
                                      UNROLL
                                      for (int k = 0; k < ROWS; ++k)
                                          if (k < rows)
                                              step(row + i - k * stride, n, c);
                                  });
    }
}

} // namespace
} // namespace darkparity::fused
