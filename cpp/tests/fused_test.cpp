// cpp-fused without Python: the same bits at every SIMD level and thread count, and DarkNet's own where sums
// are exact. Exit status 1 and one line per failure. It ends with a digest of all results, to be compared
// between machines: it is the same on x86-64 and arm64.
#include "dialects.hpp"
#include "fused/fused.hpp"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

using namespace darkparity;

namespace {

struct Shape {
    int batch, channels, spatial;
};

// Channels shorter than a vector, of one vector, of 13 x 13, and longer than a run of float32 additions; the
// last two are large enough for threads.
constexpr Shape SHAPES[] = {{3, 5, 1},    {2, 600, 1},  {4, 70, 9},    {5, 4, 16},  {2, 33, 17},
                            {5, 37, 169}, {1, 3, 4099}, {7, 1500, 11}, {9, 65, 169}};

// Integers from -8 to 8, in sixteenths if `fine`: sums of the coarse ones are exact in float32.
struct Numbers {
    std::uint32_t state;
    bool fine;

    float next() {
        state = state * 1664525u + 1013904223u; // Numerical Recipes' generator: any will do
        const int steps = fine ? 273 : 17;
        return float(int(state >> 8) % steps - steps / 2) / (fine ? 16.f : 1.f);
    }
};

struct Arrays {
    std::vector<float> full[4], channel[10];
    Layer l{};

    Arrays(const Shape &s, bool fine) {
        Numbers numbers{std::uint32_t(s.spatial), fine};
        l.type = LayerType::CONVOLUTIONAL;
        l.batch = s.batch;
        l.out_c = s.channels;
        l.out_h = 1;
        l.out_w = s.spatial;
        float **fulls[] = {&l.output, &l.delta, &l.x, &l.x_norm};
        float **channels[] = {&l.scales,   &l.biases,       &l.scale_updates,    &l.bias_updates, &l.mean,
                              &l.variance, &l.rolling_mean, &l.rolling_variance, &l.mean_delta,   &l.variance_delta};
        for (int i = 0; i < 4; ++i)
            *fulls[i] = filled(full[i], s.batch * s.channels * s.spatial, numbers);
        for (int i = 0; i < 10; ++i)
            *channels[i] = filled(channel[i], s.channels, numbers);
        for (float *v : {l.variance, l.rolling_variance})
            for (int c = 0; c < s.channels; ++c)
                v[c] = v[c] * v[c] + 1;
    }

    static float *filled(std::vector<float> &to, int n, Numbers &numbers) {
        to.resize(std::size_t(n));
        for (float &v : to)
            v = numbers.next();
        return to.data();
    }

    void digest(std::uint64_t &hash) const { // FNV-1a over the bits; any NaN is as good as another
        for (const auto *arrays : {full, channel})
            for (int i = 0; i < (arrays == full ? 4 : 10); ++i)
                for (float v : arrays[i]) {
                    std::uint32_t bits = 0x7fc00000;
                    if (v == v)
                        std::memcpy(&bits, &v, sizeof bits);
                    hash = (hash ^ bits) * 1099511628211u;
                }
    }
};

int failures = 0;

void expect(bool holds, const char *what, const Shape &s) {
    if (holds)
        return;
    std::printf("%s: %d x %d x %d\n", what, s.batch, s.channels, s.spatial);
    ++failures;
}

void call(Arrays &a, const Dialect &d, bool train) {
    fused::forward_batchnorm_layer(a.l, a.l.output, train, d);
    fused::backward_batchnorm_layer(a.l, a.l.delta, nullptr, train, d);
}

std::uint64_t digest_of(const Shape &s, const Dialect &d, bool train) {
    Arrays a(s, true);
    std::uint64_t hash = 14695981039346656037u;
    call(a, d, train);
    a.digest(hash);
    return hash;
}

// The digest of every dialect and mode, after comparing all levels and thread counts.
std::uint64_t levels_agree(const Shape &s) {
    std::uint64_t all = 0;
    const Dialect rows[] = {darknet(), alexeyab({.9f, .1f}, false), alexeyab_gpu(), pytorch()};
    for (const Dialect &d : rows)
        for (bool train : {true, false}) {
            fused::set_simd("plain");
            fused::set_threads(1);
            const std::uint64_t expected = digest_of(s, d, train);
            for (const auto &level : fused::simd_levels())
                for (int threads : {1, 2, 5}) {
                    fused::set_simd(level);
                    fused::set_threads(threads);
                    expect(digest_of(s, d, train) == expected, level.c_str(), s);
                }
            all = all * 31 + expected;
        }
    return all;
}

// Where all partial sums are float32 numbers there is one right answer, that of DarkNet's loops.
void exact_sums_agree(const Shape &s) {
    const Dialect d = darknet();
    const Network net{true, nullptr, nullptr, nullptr};
    Arrays ours(s, false), loops(s, false);
    fused::backward_batchnorm_layer(ours.l, ours.l.delta, nullptr, true, d);
    backward_batchnorm_layer(loops.l, net, d);
    expect(ours.channel[2] == loops.channel[2], "scale_updates", s);
    expect(ours.channel[3] == loops.channel[3], "bias_updates", s);
}

} // namespace

int main() {
    std::uint64_t all = 0;
    for (const Shape &s : SHAPES) {
        all = all * 31 + levels_agree(s);
        exact_sums_agree(s);
    }
    for (const auto &level : fused::simd_levels())
        std::printf("%s ", level.c_str());
    std::printf("digest %016llx, %d failure(s)\n", static_cast<unsigned long long>(all), failures);
    return failures != 0;
}
