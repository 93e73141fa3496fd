// cpp-fused: the layer functions in as few passes over memory as their outputs allow. Same layer, same
// dialects, other loops; docs/performance.md says what is read and written, level/sums.inl why its sums are
// exact enough.
#pragma once

#include "dialect.hpp"
#include "layer.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace darkparity::fused {

// `from` holds what is normalized (it may be l.output itself). l.x and l.x_norm may be null: not wanted, and
// then neither computed nor written. An array that the mode does not write is left alone, as in layer.hpp.
void forward_batchnorm_layer(const Layer &l, const float *from, bool train, const Dialect &dialect);

// `delta` is the incoming gradient (it may be l.delta itself). l.delta may be null: not wanted; so may
// `net_delta`, a second copy of l.delta.
void backward_batchnorm_layer(const Layer &l, const float *delta, float *net_delta, bool train, const Dialect &dialect);

// Writes the sum of `reads` to each of `writes`, of arrays of 4 MiB and more past the caches: what the memory
// allows at best, for measuring. n: a multiple of 16, what is beyond is left out.
void streaming_floor(const std::vector<const float *> &reads, const std::vector<float *> &writes, std::ptrdiff_t n);

// Instruction sets compiled in that this machine has, best last; the last one is used until set_simd.
std::vector<std::string> simd_levels();
// false: not in simd_levels()
bool set_simd(const std::string &level);
std::string simd();

// How many threads share the channels. 1 unless the environment variable DARKPARITY_THREADS or a call says
// otherwise; a build without OpenMP has one whatever is set. No result depends on it.
int threads();
void set_threads(int count);

} // namespace darkparity::fused
