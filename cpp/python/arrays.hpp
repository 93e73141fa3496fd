// NumPy arrays as checked memory: dtype, layout, shape and writability, refused by array name. Used by
// bindings.cpp only; like it, knows Python.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <climits>
#include <cstdint>
#include <string>

namespace darkparity {

namespace py = pybind11;

enum class Axes { full, channels, vector };

[[noreturn]] inline void refuse(const char *name, const std::string &why) {
    throw py::value_error(std::string(name) + " " + why);
}

inline std::string shape_of(const py::array &a) {
    return py::str(a.attr("shape"));
}

// Memory of a float32 array that must be contiguous, aligned, of the right rank and small enough for int.
inline float *memory(const py::array &a, const char *name, Axes axes, bool written) {
    if (!a.dtype().is(py::dtype::of<float>()) && !a.dtype().equal(py::dtype::of<float>()))
        throw py::type_error(std::string(name) + " has dtype " + std::string(py::str(a.dtype())) +
                             ", needs native float32: nothing is converted silently");
    if (!(a.flags() & py::array::c_style) || reinterpret_cast<std::uintptr_t>(a.data()) % alignof(float))
        refuse(name, "is not C-contiguous and aligned; pass numpy.ascontiguousarray(...)");
    if (a.ndim() != (axes == Axes::full ? 3 : 1))
        refuse(name, "has shape " + shape_of(a) + ", needs " +
                         (axes == Axes::full ? "(batch, channels, spatial)" : "one axis"));
    if (a.size() < 1 || a.size() > INT_MAX)
        refuse(name, "has " + std::to_string(a.size()) + " elements; DarkNet counts 1 to 2147483647");
    if (written && !a.writeable())
        refuse(name, "is read-only, but is written in place");
    return const_cast<float *>(static_cast<const float *>(a.data()));
}

// The sizes of one call, set by its first full array; every later array must agree.
struct Geometry {
    int batch = 0, channels = 0, spatial = 0;

    float *full(const py::array &a, const char *name, bool written = false) {
        float *data = memory(a, name, Axes::full, written);
        const int shape[] = {int(a.shape(0)), int(a.shape(1)), int(a.shape(2))};
        if (batch == 0) {
            batch = shape[0];
            channels = shape[1];
            spatial = shape[2];
        }
        if (shape[0] != batch || shape[1] != channels || shape[2] != spatial)
            refuse(name, "has shape " + shape_of(a) + ", the call has (" + std::to_string(batch) + ", " +
                             std::to_string(channels) + ", " + std::to_string(spatial) + ")");
        return data;
    }

    float *channel(const py::array &a, const char *name, bool written = false) const {
        float *data = memory(a, name, Axes::channels, written);
        if (a.size() != channels)
            refuse(name, "has shape " + shape_of(a) + ", the call has " + std::to_string(channels) + " channels");
        return data;
    }
};

constexpr bool WRITTEN = true;

inline float *strided(const py::array &a, const char *name, int N, int increment, bool written) {
    float *data = memory(a, name, Axes::vector, written);
    if (N < 1 || increment < 1)
        refuse(name, "needs N and its increment to be at least 1");
    if (std::int64_t(N - 1) * increment >= a.size())
        refuse(name, "has " + std::to_string(a.size()) + " elements, too few for N=" + std::to_string(N) +
                         " with increment " + std::to_string(increment));
    return data;
}

} // namespace darkparity
