// DarkNet's routines as they are, with pointers and in place, as a Python module for port.py.
//
//   c++ -O2 -ffp-contract=off -std=c++17 -shared -fPIC $(python -m pybind11 --includes) darknet_loops.cpp
//       -o darknet_loops.so                                                          (one line)
//   darkparity check port.py
//
// To make it yours: replace part 1 by `extern "C"` declarations of your functions and link your library.
#include <cmath>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

// ---- 1. DarkNet's loops (pjreddie/darknet@f6afaabc). Full arrays are (batch, channels, spatial).
// `double(...)` marks what C promotes: its sqrt and pow are the double functions, C++ has others for float.

namespace {

// Visits channel f of all images; i is the element.
template <class Visit> void each(int batch, int filters, int spatial, int f, Visit visit) {
    for (int b = 0; b < batch; ++b)
        for (int i = (b * filters + f) * spatial, end = i + spatial; i < end; ++i)
            visit(i);
}

void copy_cpu(int N, float *X, int INCX, float *Y, int INCY) {
    for (int i = 0; i < N; ++i) Y[i * INCY] = X[i * INCX];
}

void scal_cpu(int N, float ALPHA, float *X, int INCX) {
    for (int i = 0; i < N; ++i) X[i * INCX] *= ALPHA;
}

void axpy_cpu(int N, float ALPHA, float *X, int INCX, float *Y, int INCY) {
    for (int i = 0; i < N; ++i) Y[i * INCY] += ALPHA * X[i * INCX];
}

void mean_cpu(float *x, int batch, int filters, int spatial, float *mean) {
    const float scale = 1. / (batch * spatial);
    for (int f = 0; f < filters; ++f) {
        mean[f] = 0;
        each(batch, filters, spatial, f, [&](int i) { mean[f] += x[i]; });
        mean[f] *= scale;
    }
}

void variance_cpu(float *x, float *mean, int batch, int filters, int spatial, float *variance) {
    const float scale = 1. / (batch * spatial - 1); // one value per channel: 0 * infinity, NaN as in DarkNet
    for (int f = 0; f < filters; ++f) {
        variance[f] = 0;
        each(batch, filters, spatial, f, [&](int i) { variance[f] += std::pow(double(x[i] - mean[f]), 2); });
        variance[f] *= scale;
    }
}

void normalize_cpu(float *x, float *mean, float *variance, int batch, int filters, int spatial) {
    for (int f = 0; f < filters; ++f) {
        const double root = std::sqrt(double(variance[f])) + .000001f;
        each(batch, filters, spatial, f, [&](int i) { x[i] = (x[i] - mean[f]) / root; });
    }
}

void scale_bias(float *output, float *scales, int batch, int n, int size) {
    for (int f = 0; f < n; ++f) each(batch, n, size, f, [&](int i) { output[i] *= scales[f]; });
}

void add_bias(float *output, float *biases, int batch, int n, int size) {
    for (int f = 0; f < n; ++f) each(batch, n, size, f, [&](int i) { output[i] += biases[f]; });
}

void backward_bias(float *bias_updates, float *delta, int batch, int n, int size) {
    for (int b = 0; b < batch; ++b)
        for (int f = 0; f < n; ++f) {
            float sum = 0;
            for (int i = 0; i < size; ++i) sum += delta[(b * n + f) * size + i];
            bias_updates[f] += sum; // accumulates over calls
        }
}

void backward_scale_cpu(float *x_norm, float *delta, int batch, int n, int size, float *scale_updates) {
    for (int f = 0; f < n; ++f) {
        float sum = 0;
        each(batch, n, size, f, [&](int i) { sum += delta[i] * x_norm[i]; });
        scale_updates[f] += sum; // accumulates over calls
    }
}

void mean_delta_cpu(float *delta, float *variance, int batch, int filters, int spatial, float *mean_delta) {
    for (int f = 0; f < filters; ++f) {
        mean_delta[f] = 0;
        each(batch, filters, spatial, f, [&](int i) { mean_delta[f] += delta[i]; });
        mean_delta[f] *= -1. / std::sqrt(double(variance[f] + .00001f));
    }
}

void variance_delta_cpu(float *x, float *delta, float *mean, float *variance, int batch, int filters,
                        int spatial, float *variance_delta) {
    for (int f = 0; f < filters; ++f) {
        variance_delta[f] = 0;
        each(batch, filters, spatial, f, [&](int i) { variance_delta[f] += delta[i] * (x[i] - mean[f]); });
        variance_delta[f] *= -.5 * std::pow(double(variance[f] + .00001f), -3. / 2.);
    }
}

void normalize_delta_cpu(float *x, float *mean, float *variance, float *mean_delta, float *variance_delta,
                         int batch, int filters, int spatial, float *delta) {
    const int m = batch * spatial; // not m - 1, although the variance was divided by that
    for (int f = 0; f < filters; ++f) {
        const double root = std::sqrt(double(variance[f] + .00001f));
        each(batch, filters, spatial, f, [&](int i) {
            delta[i] = delta[i] / root + variance_delta[f] * 2. * (x[i] - mean[f]) / m + mean_delta[f] / m;
        });
    }
}

// ---- 2. A function with pointers becomes one that takes NumPy arrays and writes into them.

namespace py = pybind11;
using Floats = py::array_t<float, py::array::c_style>;

template <class T> struct FromPython {
    using type = T;
    static T get(T value) { return value; }
};
template <> struct FromPython<float *> {
    using type = Floats;
    static float *get(Floats &array) { return array.mutable_data(); }
};

// noconvert: an array of another dtype or layout is refused. Converted, it would be a copy, and what the
// function writes would be lost.
template <class... A> void bind(py::module_ &m, const char *name, void (*function)(A...)) {
    m.def(name, [function](typename FromPython<A>::type... a) { function(FromPython<A>::get(a)...); },
          (static_cast<void>(sizeof(A)), py::arg().noconvert())...);
}

} // namespace

PYBIND11_MODULE(darknet_loops, m) {
    bind(m, "copy_cpu", copy_cpu);
    bind(m, "scal_cpu", scal_cpu);
    bind(m, "axpy_cpu", axpy_cpu);
    bind(m, "mean_cpu", mean_cpu);
    bind(m, "variance_cpu", variance_cpu);
    bind(m, "normalize_cpu", normalize_cpu);
    bind(m, "scale_bias", scale_bias);
    bind(m, "add_bias", add_bias);
    bind(m, "backward_bias", backward_bias);
    bind(m, "backward_scale_cpu", backward_scale_cpu);
    bind(m, "mean_delta_cpu", mean_delta_cpu);
    bind(m, "variance_delta_cpu", variance_delta_cpu);
    bind(m, "normalize_delta_cpu", normalize_delta_cpu);
}
