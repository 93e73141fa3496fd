// Walks that end at the last int, where i + 16 is none any more: what a layer of 2^31 - 1 floats does, without its
// memory. Exit status 1 and one line per failure.
#pragma GCC diagnostic ignored "-Wunused-function" // the rest of sums.inl
#include "fused/level/sums.inl"

#include <climits>
#include <cstdio>

using namespace darkparity::fused;

namespace {

int failures = 0;

// Every float from `begin` to the end of a run of INT_MAX is given to one step, once and in order.
void ends_at_the_last_int(Index begin) {
    Index next = begin, steps = 0;
    for_lanes(begin, INT_MAX, [&](Index i, int, int n) {
        if (n == 0 && i >= INT_MAX)
            return;
        failures += i != next || n < 1 || n > LANES;
        next = i + n;
        ++steps;
    });
    if (next == INT_MAX && steps == (INT_MAX - begin + LANES - 1) / LANES)
        return;
    std::printf("from %td: %td steps to %td\n", begin, steps, next);
    ++failures;
}

} // namespace

int main() {
    for (int length = 0; length < 3 * SUM_LANES; ++length)
        ends_at_the_last_int(Index(INT_MAX) - length);
    std::printf("%d failure(s)\n", failures);
    return failures != 0;
}
