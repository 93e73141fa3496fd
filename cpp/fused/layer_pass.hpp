// What fused.cpp and the kernels of each level (level.cpp) tell each other.
#pragma once

#include "dialect.hpp"
#include "layer.hpp"

#include <cstddef>

namespace darkparity::fused {

// Of an element of an array: sums of two may exceed an int, although no array does.
using Index = std::ptrdiff_t;

// One call of a layer function. Channels are worked on in blocks, fixed by the geometry alone; one block is
// one thread's work from its first sum to its last output, so that results do not depend on the thread count.
struct LayerPass {
    Layer l;
    const Dialect *dialect;
    bool train;
    const float *from; // forward: what is normalized; backward: the incoming delta
    float *net_delta;  // backward only
    int spatial;
    int channels_per_block;
    bool sums;              // false: one pass, a forward in inference mode
    bool prefetched;        // a block and the next one fit in the cache
    bool streamed;          // outputs go past the caches, except
    bool in_place;          // the one that replaces `from`: its lines are in the cache, storing them plainly
                            // reads nothing more. Symptom of streaming it: an inference takes twice the time
    const float *alignment; // the beginning of an output; the others have the same if streamed

    // Inlined everywhere: a copy shared between levels could be the one of another instruction set.
    [[gnu::always_inline]] double m() const { return double(l.batch) * spatial; }
    [[gnu::always_inline]] Index at(Index image, int channel) const { return (image * l.out_c + channel) * spatial; }
};

// The kernels of one level.
struct Kernels {
    void (*forward)(const LayerPass &pass, int block);
    void (*backward)(const LayerPass &pass, int block);
    using Floor = void(const float *const *reads, int read_count, float *const *writes, int write_count, Index n);
    Floor *streamed_floor, *cached_floor;
};

// Below this spatial size, vectors go across channels and positions instead of along one channel's run. At
// least the widest vector: a vector then never holds more than two channels.
constexpr int SHORT_SPATIAL = 16;
// The most channels in one block.
constexpr int MOST_CHANNELS = 32;
// The most positions (channels * spatial) in one block of a pass with spatial < SHORT_SPATIAL. Their sums and
// coefficients take 6 to 8 KiB of the first-level cache. With twice as many a call is a tenth faster, or 2.5
// times as slow: where the processor's other thread, perhaps a stranger's, uses its half of that cache.
constexpr int MOST_POSITIONS = 256;

} // namespace darkparity::fused
