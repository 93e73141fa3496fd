// The Python module; this folder alone knows Python. Checks what enters and calls the kernels on the arrays' own memory
// with the GIL released; nothing is converted or copied.
#include "arrays.hpp"
#include "kernels.hpp"
#include "layer.hpp"
#include "layer_call.hpp"

#include <pybind11/native_enum.h>
#include <pybind11/pybind11.h>
#ifdef DARKPARITY_FUSED
#include <pybind11/stl.h>

#include "fused_call.hpp"
#endif

#include <string>
#include <utility>
#include <vector>

namespace py = pybind11;
using namespace darkparity;

namespace {

LayerType layer_type(const std::string &word) {
    constexpr std::pair<const char *, LayerType> types[] = {{"BATCHNORM", LayerType::BATCHNORM},
                                                            {"CONVOLUTIONAL", LayerType::CONVOLUTIONAL},
                                                            {"CONNECTED", LayerType::CONNECTED}};
    for (const auto &[name, type] : types)
        if (word == name)
            return type;
    throw py::value_error("type is '" + word + "', must be one of BATCHNORM, CONVOLUTIONAL, CONNECTED");
}

// Enums and structs under their C++ names; a row starts as zeros, and Python sets what it has (cpp_port.core_dialect).
void bind_dialect(py::module_ &m) {
#define VALUE(word) .value(#word, Enum::word)
#define CHOICE(name, values)                                                                                           \
    {                                                                                                                  \
        using Enum = name;                                                                                             \
        py::native_enum<Enum>(m, #name, "enum.Enum") values.finalize();                                                \
    }
    DARKPARITY_CHOICES(CHOICE)
#undef CHOICE
#undef VALUE

#define FIELD(type, name) .def_readwrite(#name, &Struct::name)
#define STRUCT(name, list)                                                                                             \
    {                                                                                                                  \
        using Struct = name;                                                                                           \
        py::class_<Struct>(m, #name).def(py::init<>()) list(FIELD);                                                    \
    }
    STRUCT(Epsilon, DARKPARITY_EPSILON)
    STRUCT(Rolling, DARKPARITY_ROLLING)
    STRUCT(Dialect, DARKPARITY_DIALECT)
#undef STRUCT
#undef FIELD
}

void forward(const Dialect &dialect, const std::string &type, bool train, int out_h, int out_w,
             const py::kwargs &arrays) {
    LayerCall call{dialect, py::dict(arrays)};
    call.layer.type = layer_type(type);
    call.net.train = train;
    call.bind(&ArrayUse::forward);
    if (call.layer.type == LayerType::BATCHNORM)
        call.net.input = call.geometry.full(call.take("input"), "input");
    call.finish(out_h, out_w);
    py::gil_scoped_release release;
    forward_batchnorm_layer(call.layer, call.net, dialect);
}

void backward(const Dialect &dialect, const std::string &type, bool train, int out_h, int out_w,
              const py::kwargs &arrays) {
    LayerCall call{dialect, py::dict(arrays)};
    call.layer.type = layer_type(type);
    call.net.train = train;
    call.bind(&ArrayUse::backward);
    if (call.layer.type == LayerType::BATCHNORM)
        call.net.delta = call.geometry.full(call.take("net_delta"), "net_delta", WRITTEN);
    call.finish(out_h, out_w);
    py::gil_scoped_release release;
    backward_batchnorm_layer(call.layer, call.net, dialect);
}

void make(const Dialect &dialect, int out_h, int out_w, const py::kwargs &arrays) {
    LayerCall call{dialect, py::dict(arrays)};
    call.bind(&ArrayUse::make);
    call.finish(out_h, out_w);
    make_batchnorm_layer(call.layer, dialect);
}

using Array = const py::array &;
using Release = py::gil_scoped_release;

} // namespace

// Array names and their order are those of harness/darkparity/spec/operations.py; sizes come from shapes.
PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
    bind_dialect(m);
    m.def("build_info", [] {
        py::dict info;
        info["compiler"] = DARKPARITY_COMPILER;
        info["flags"] = DARKPARITY_FLAGS;
        info["pybind11"] = DARKPARITY_PYBIND11;
        return info;
    });

    m.def(
        "copy_cpu",
        [](Array X, Array Y, int N, int INCX, int INCY) {
            auto from = strided(X, "X", N, INCX, false);
            auto to = strided(Y, "Y", N, INCY, WRITTEN);
            Release release;
            copy_cpu(N, from, INCX, to, INCY);
        },
        py::arg("X"), py::arg("Y"), py::arg("N"), py::arg("INCX"), py::arg("INCY"));
    m.def(
        "scal_cpu",
        [](Array X, int N, float ALPHA, int INCX) {
            auto data = strided(X, "X", N, INCX, WRITTEN);
            Release release;
            scal_cpu(N, ALPHA, data, INCX);
        },
        py::arg("X"), py::arg("N"), py::arg("ALPHA"), py::arg("INCX"));
    m.def(
        "axpy_cpu",
        [](Array X, Array Y, int N, float ALPHA, int INCX, int INCY) {
            auto from = strided(X, "X", N, INCX, false);
            auto to = strided(Y, "Y", N, INCY, WRITTEN);
            Release release;
            axpy_cpu(N, ALPHA, from, INCX, to, INCY);
        },
        py::arg("X"), py::arg("Y"), py::arg("N"), py::arg("ALPHA"), py::arg("INCX"), py::arg("INCY"));

    m.def(
        "mean_cpu",
        [](Array x, Array mean) {
            Geometry g;
            auto px = g.full(x, "x");
            auto pmean = g.channel(mean, "mean", WRITTEN);
            Release release;
            mean_cpu(px, g.batch, g.channels, g.spatial, pmean);
        },
        py::arg("x"), py::arg("mean"));
    m.def(
        "variance_cpu",
        [](Array x, Array mean, Array variance, int ddof) {
            Geometry g;
            auto px = g.full(x, "x");
            auto pmean = g.channel(mean, "mean");
            auto pv = g.channel(variance, "variance", WRITTEN);
            Release release;
            variance_cpu(px, pmean, g.batch, g.channels, g.spatial, pv, ddof);
        },
        py::arg("x"), py::arg("mean"), py::arg("variance"), py::arg("ddof"));
    m.def(
        "normalize_cpu",
        [](Array x, Array mean, Array variance, const Dialect &dialect) {
            Geometry g;
            auto px = g.full(x, "x", WRITTEN);
            auto pmean = g.channel(mean, "mean");
            auto pv = g.channel(variance, "variance");
            Release release;
            normalize_cpu(px, pmean, pv, g.batch, g.channels, g.spatial, dialect.normalize);
        },
        py::arg("x"), py::arg("mean"), py::arg("variance"), py::arg("dialect"));
    m.def(
        "scale_bias",
        [](Array output, Array scales) {
            Geometry g;
            auto po = g.full(output, "output", WRITTEN);
            auto ps = g.channel(scales, "scales");
            Release release;
            scale_bias(po, ps, g.batch, g.channels, g.spatial);
        },
        py::arg("output"), py::arg("scales"));
    m.def(
        "add_bias",
        [](Array output, Array biases) {
            Geometry g;
            auto po = g.full(output, "output", WRITTEN);
            auto pb = g.channel(biases, "biases");
            Release release;
            add_bias(po, pb, g.batch, g.channels, g.spatial);
        },
        py::arg("output"), py::arg("biases"));
    m.def(
        "backward_bias",
        [](Array bias_updates, Array delta) {
            Geometry g;
            auto pd = g.full(delta, "delta");
            auto pb = g.channel(bias_updates, "bias_updates", WRITTEN);
            Release release;
            backward_bias(pb, pd, g.batch, g.channels, g.spatial);
        },
        py::arg("bias_updates"), py::arg("delta"));
    m.def(
        "backward_scale_cpu",
        [](Array x_norm, Array delta, Array scale_updates) {
            Geometry g;
            auto px = g.full(x_norm, "x_norm");
            auto pd = g.full(delta, "delta");
            auto ps = g.channel(scale_updates, "scale_updates", WRITTEN);
            Release release;
            backward_scale_cpu(px, pd, g.batch, g.channels, g.spatial, ps);
        },
        py::arg("x_norm"), py::arg("delta"), py::arg("scale_updates"));

    m.def(
        "mean_delta_cpu",
        [](Array delta, Array variance, Array mean_delta, const Dialect &dialect) {
            Geometry g;
            auto pd = g.full(delta, "delta");
            auto pv = g.channel(variance, "variance");
            auto pm = g.channel(mean_delta, "mean_delta", WRITTEN);
            Release release;
            mean_delta_cpu(pd, pv, g.batch, g.channels, g.spatial, pm, dialect.mean_delta);
        },
        py::arg("delta"), py::arg("variance"), py::arg("mean_delta"), py::arg("dialect"));
    m.def(
        "variance_delta_cpu",
        [](Array x, Array delta, Array mean, Array variance, Array variance_delta, const Dialect &dialect) {
            Geometry g;
            auto px = g.full(x, "x");
            auto pd = g.full(delta, "delta");
            auto pm = g.channel(mean, "mean");
            auto pv = g.channel(variance, "variance");
            auto pvd = g.channel(variance_delta, "variance_delta", WRITTEN);
            Release release;
            variance_delta_cpu(px, pd, pm, pv, g.batch, g.channels, g.spatial, pvd, dialect.variance_delta);
        },
        py::arg("x"), py::arg("delta"), py::arg("mean"), py::arg("variance"), py::arg("variance_delta"),
        py::arg("dialect"));
    m.def(
        "normalize_delta_cpu",
        [](Array x, Array mean, Array variance, Array mean_delta, Array variance_delta, Array delta,
           const Dialect &dialect) {
            Geometry g;
            auto px = g.full(x, "x");
            auto pm = g.channel(mean, "mean");
            auto pv = g.channel(variance, "variance");
            auto pmd = g.channel(mean_delta, "mean_delta");
            auto pvd = g.channel(variance_delta, "variance_delta");
            auto pd = g.full(delta, "delta", WRITTEN);
            Release release;
            normalize_delta_cpu(px, pm, pv, pmd, pvd, g.batch, g.channels, g.spatial, pd, dialect.normalize_delta);
        },
        py::arg("x"), py::arg("mean"), py::arg("variance"), py::arg("mean_delta"), py::arg("variance_delta"),
        py::arg("delta"), py::arg("dialect"));

    m.def("make_batchnorm_layer", &make, py::arg("dialect"), py::arg("out_h"), py::arg("out_w"));
    m.def("forward_batchnorm_layer", &forward, py::arg("dialect"), py::arg("type"), py::arg("train"), py::arg("out_h"),
          py::arg("out_w"));
    m.def("backward_batchnorm_layer", &backward, py::arg("dialect"), py::arg("type"), py::arg("train"),
          py::arg("out_h"), py::arg("out_w"));
#ifdef DARKPARITY_FUSED
    bind_fused(m);
#endif
}
