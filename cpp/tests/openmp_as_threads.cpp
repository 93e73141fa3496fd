// OpenMP's parallel loops on plain threads, linked before GCC's library in a build for ThreadSanitizer, which does not
// see how that library's threads wait for one another and takes every result for a data race.
#include <thread>
#include <vector>

namespace {

thread_local int number = 0, count = 1;

void work(void (*body)(void *), void *data, int mine, int of) {
    number = mine, count = of;
    body(data);
    number = 0, count = 1;
}

} // namespace

extern "C" {

void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned /*flags*/) {
    std::vector<std::thread> others;
    for (int i = 1; i < int(threads); ++i)
        others.emplace_back(work, body, data, i, int(threads));
    work(body, data, 0, int(threads));
    for (std::thread &other : others)
        other.join();
}

int omp_get_thread_num() {
    return number;
}

int omp_get_num_threads() {
    return count;
}
}
