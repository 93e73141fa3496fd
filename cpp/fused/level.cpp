// The kernels of cpp-fused, compiled once per instruction set: CMakeLists.txt defines DARKPARITY_LEVEL.
#include "level/backward.inl"
#include "level/forward.inl"

namespace darkparity::fused {
namespace {

// Tile by tile, so that many arrays do not fight for the same DRAM page.
template <bool STREAMED>
void streaming_floor(const float *const *reads, int read_count, float *const *writes, int write_count, Index n) {
    for (Index i = 0; i + 16 <= n; i += 16)
        for (int k = 0; k < 16; k += LANES) {
            Floats v = load(reads[0] + i + k);
            for (int r = 1; r < read_count; ++r)
                v += load(reads[r] + i + k);
            for (int w = 0; w < write_count; ++w)
                put<STREAMED>(writes[w] + i + k, v, LANES);
        }
    drain();
}

} // namespace

extern const Kernels DARKPARITY_LEVEL; // constants are internal without it
const Kernels DARKPARITY_LEVEL = {forward, backward, streaming_floor<true>, streaming_floor<false>};

} // namespace darkparity::fused
