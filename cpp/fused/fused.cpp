#include "fused.hpp"

#include "layer_pass.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace darkparity::fused {

extern const Level plain;
#ifdef DARKPARITY_X86
extern const Level avx2, avx512;
#endif

namespace {

struct Named {
    const char *name;
    const Level *level;
};

std::vector<Named> find_levels() {
    std::vector<Named> found = {{"plain", &plain}};
#ifdef DARKPARITY_X86
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        found.push_back({"avx2", &avx2});
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"))
        found.push_back({"avx512", &avx512});
#endif
    return found;
}

const std::vector<Named> &levels() {
    static const std::vector<Named> found = find_levels();
    return found;
}

std::atomic<const Named *> &current() {
    static std::atomic<const Named *> chosen{&levels().back()};
    return chosen;
}

int threads_from_environment() {
    const char *text = std::getenv("DARKPARITY_THREADS");
    return text ? std::max(1, std::atoi(text)) : 1;
}

std::atomic<int> &thread_count() {
    static std::atomic<int> count{threads_from_environment()};
    return count;
}

// Constants measured on one machine (Zen 4, 1 MiB of level-2 cache per core; docs/performance.md).
// Outputs from 4 MiB on leave the level-2 cache anyway; smaller ones are better found there by who reads them
// next.
constexpr long STREAMED_FROM = 1 << 20;
// Fewer elements than this are one thread's: with rows of 1 or 2 KiB two threads write to the same pages, and
// each one's prefetching takes lines that the other is writing to. 64 x 1024 floats, two threads: up to ten
// times as long.
constexpr long WORTH_THREADS = 3 << 15;
// A block of 1 MiB is still near when its second pass begins; with half of it rows get shorter:
constexpr long BLOCK_FLOATS = 1 << 18;
// rows much below 64 KiB begin a new page of memory every few lines. Rows of 8 KiB: a fifth more time on 13
// x 13.
constexpr int ROW_FLOATS = 1 << 14;

int channels_per_block(const Layer &l, int spatial, bool sums) {
    if (spatial < SHORT)
        return MOST_POSITIONS / spatial;
    const long fitting = sums ? BLOCK_FLOATS / (long(l.batch) * spatial) : MOST_CHANNELS;
    const long wanted = (ROW_FLOATS + spatial - 1) / spatial;
    return int(std::clamp(std::min(fitting, wanted), 1L, long(MOST_CHANNELS)));
}

// Streamed stores need whole aligned vectors at the same places of all outputs.
bool alike(std::initializer_list<const float *> outputs, const float *&alignment) {
    const auto offset = [](const float *p) { return reinterpret_cast<std::uintptr_t>(p) % 64; };
    for (const float *p : outputs) {
        if (p && alignment && offset(p) != offset(alignment))
            return false;
        alignment = p ? p : alignment;
    }
    return true;
}

Job make_job(const Layer &l, const float *from, float *net_delta, bool train, const Dialect &dialect, bool sums,
             std::initializer_list<const float *> outputs) {
    const int spatial = l.out_h * l.out_w, channels = channels_per_block(l, spatial, sums);
    const long elements = long(l.batch) * l.out_c * spatial;
    const float *alignment = nullptr;
    const bool streamed = elements >= STREAMED_FROM && alike(outputs, alignment);
    const bool in_place = from == l.output || from == l.delta;
    const bool prefetched = sums && long(l.batch) * channels * spatial <= BLOCK_FLOATS;
    return {l, &dialect, train, from, net_delta, spatial, channels, sums, prefetched, streamed, in_place, alignment};
}

void run(const Job &job, void (*block)(const Job &, int)) {
    const int blocks = (job.l.out_c - 1) / job.channels_per_block + 1;
    const bool worth = job.m() * job.l.out_c >= WORTH_THREADS;
    const int count = worth ? std::min(threads(), blocks) : 1;
    if (count == 1) { // no OpenMP at all: its threads do not survive a fork
        for (int i = 0; i < blocks; ++i)
            block(job, i);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel for num_threads(count) schedule(static)
#endif
    for (int i = 0; i < blocks; ++i)
        block(job, i);
}

const Level &level() {
    return *current().load()->level;
}

} // namespace

void forward_batchnorm_layer(const Layer &l, const float *from, bool train, const Dialect &dialect) {
    run(make_job(l, from, nullptr, train, dialect, train, {l.output, l.x, l.x_norm}), level().forward);
}

void backward_batchnorm_layer(const Layer &l, const float *delta, float *net_delta, bool train,
                              const Dialect &dialect) {
    run(make_job(l, delta, net_delta, train, dialect, true, {l.delta, net_delta}), level().backward);
}

void streaming_floor(const std::vector<const float *> &reads, const std::vector<float *> &writes, long n) {
    const int count = threads();
    const long share = (n / count + 15) / 16 * 16;
    Level::Floor *const floor = n >= STREAMED_FROM ? level().streamed_floor : level().cached_floor;
#ifdef _OPENMP
#pragma omp parallel for num_threads(count) schedule(static) if (count > 1)
#endif
    for (int t = 0; t < count; ++t) {
        const long from = t * share;
        std::vector<const float *> r(reads);
        std::vector<float *> w(writes);
        for (auto &p : r)
            p += from;
        for (auto &p : w)
            p += from;
        floor(r.data(), int(r.size()), w.data(), int(w.size()), std::min(share, n - from));
    }
}

std::vector<std::string> simd_levels() {
    std::vector<std::string> names;
    for (const Named &named : levels())
        names.push_back(named.name);
    return names;
}

bool set_simd(const std::string &name) {
    for (const Named &named : levels())
        if (named.name == name) {
            current() = &named;
            return true;
        }
    return false;
}

std::string simd() {
    return current().load()->name;
}

int threads() {
    return thread_count();
}

void set_threads(int count) {
    thread_count() = std::max(1, count);
}

bool has_threads() {
#ifdef _OPENMP
    return true;
#else
    return false;
#endif
}

} // namespace darkparity::fused
