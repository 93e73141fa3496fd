// The Python module: the only file, with its headers arrays.hpp, layer_call.hpp and fused_call.hpp, that knows
// Python. Checks what enters and calls the kernels on the arrays' own memory with the GIL released; nothing is
// converted or copied.
#include "arrays.hpp"
#include "kernels.hpp"
#include "layer.hpp"
#include "layer_call.hpp"

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

using Names = std::vector<std::pair<std::string, int>>;

// Enum value of `word`; a word that is not in the list is a ValueError naming the field.
template <typename Enum> Enum choice(const char *field, const std::string &word, const Names &words) {
    std::string known;
    for (const auto &[name, value] : words) {
        if (name == word)
            return Enum(value);
        known += (known.empty() ? "" : ", ") + name;
    }
    throw py::value_error(std::string(field) + " is '" + word + "', must be one of " + known);
}

LayerType layer_type(const std::string &word) {
    return choice<LayerType>("type", word, {{"BATCHNORM", 0}, {"CONVOLUTIONAL", 1}, {"CONNECTED", 2}});
}

Epsilon epsilon(const std::pair<float, std::string> &given) {
    return {given.first, choice<int>("epsilon place", given.second, {{"inside", 1}, {"outside", 0}}) == 1};
}

void forward(const Dialect &dialect, const std::string &type, bool train, int out_h, int out_w,
             const py::kwargs &arrays) {
    LayerCall call{dialect, py::dict(arrays)};
    call.layer.type = layer_type(type), call.net.train = train;
    call.bind(&Field::forward);
    if (call.layer.type == LayerType::BATCHNORM)
        call.net.input = call.geometry.full(call.take("input"), "input");
    call.finish(out_h, out_w);
    py::gil_scoped_release release;
    forward_batchnorm_layer(call.layer, call.net, dialect);
}

void backward(const Dialect &dialect, const std::string &type, bool train, int out_h, int out_w,
              const py::kwargs &arrays) {
    LayerCall call{dialect, py::dict(arrays)};
    call.layer.type = layer_type(type), call.net.train = train;
    call.bind(&Field::backward);
    if (call.layer.type == LayerType::BATCHNORM)
        call.net.delta = call.geometry.full(call.take("net_delta"), "net_delta", WRITTEN);
    call.finish(out_h, out_w);
    py::gil_scoped_release release;
    backward_batchnorm_layer(call.layer, call.net, dialect);
}

void make(const Dialect &dialect, int out_h, int out_w, const py::kwargs &arrays) {
    LayerCall call{dialect, py::dict(arrays)};
    call.bind(&Field::make);
    call.finish(out_h, out_w);
    make_batchnorm_layer(call.layer, dialect);
}

Dialect dialect_row(const std::pair<float, std::string> &normalize, const std::pair<float, std::string> &mean_delta,
                    const std::pair<float, std::string> &variance_delta,
                    const std::pair<float, std::string> &normalize_delta, std::pair<float, float> rolling,
                    int variance_ddof, int rolling_ddof, float initial_rolling_variance, const std::string &backward,
                    const std::string &saved_statistic, const std::string &saves_x, bool saves_x_norm,
                    const std::string &inference_backward, bool bias_gradient, int least_divisor,
                    const std::string &rolling_updated_in, bool rolling_weight) {
    return {epsilon(normalize),
            epsilon(mean_delta),
            epsilon(variance_delta),
            epsilon(normalize_delta),
            {rolling.first, rolling.second},
            variance_ddof,
            rolling_ddof,
            initial_rolling_variance,
            choice<Backward>("backward", backward, {{"three_term", 0}, {"inverse_std", 1}}),
            choice<SavedStatistic>("saved_statistic", saved_statistic, {{"variance", 0}, {"inverse_std", 1}}),
            choice<SavesX>("saves_x", saves_x, {{"always", 0}, {"training", 1}}),
            saves_x_norm,
            choice<InferenceBackward>(
                "inference_backward", inference_backward,
                {{"rolling", 0}, {"rolling_copied", 1}, {"batch", 2}, {"fixed", 3}, {"rolling_as_inverse_std", 4}}),
            bias_gradient,
            least_divisor,
            choice<RollingUpdatedIn>("rolling_updated_in", rolling_updated_in, {{"forward", 0}, {"backward", 1}}),
            rolling_weight};
}

using Array = const py::array &;
using Release = py::gil_scoped_release;

} // namespace

// Array names and their order are those of harness/darkparity/spec/operations.py; sizes come from shapes.
PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
    py::class_<Dialect>(m, "Dialect")
        .def(py::init(&dialect_row), py::kw_only(), py::arg("normalize"), py::arg("mean_delta"),
             py::arg("variance_delta"), py::arg("normalize_delta"), py::arg("rolling"), py::arg("variance_ddof"),
             py::arg("rolling_ddof"), py::arg("initial_rolling_variance"), py::arg("backward"),
             py::arg("saved_statistic"), py::arg("saves_x"), py::arg("saves_x_norm"), py::arg("inference_backward"),
             py::arg("bias_gradient"), py::arg("least_divisor"), py::arg("rolling_updated_in"),
             py::arg("rolling_weight"));

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
            auto from = strided(X, "X", N, INCX, false), to = strided(Y, "Y", N, INCY, WRITTEN);
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
            auto from = strided(X, "X", N, INCX, false), to = strided(Y, "Y", N, INCY, WRITTEN);
            Release release;
            axpy_cpu(N, ALPHA, from, INCX, to, INCY);
        },
        py::arg("X"), py::arg("Y"), py::arg("N"), py::arg("ALPHA"), py::arg("INCX"), py::arg("INCY"));

    m.def(
        "mean_cpu",
        [](Array x, Array mean) {
            Geometry g;
            auto px = g.full(x, "x"), pmean = g.channel(mean, "mean", WRITTEN);
            Release release;
            mean_cpu(px, g.batch, g.channels, g.spatial, pmean);
        },
        py::arg("x"), py::arg("mean"));
    m.def(
        "variance_cpu",
        [](Array x, Array mean, Array variance, int ddof) {
            Geometry g;
            auto px = g.full(x, "x"), pmean = g.channel(mean, "mean"), pv = g.channel(variance, "variance", WRITTEN);
            Release release;
            variance_cpu(px, pmean, g.batch, g.channels, g.spatial, pv, ddof);
        },
        py::arg("x"), py::arg("mean"), py::arg("variance"), py::arg("ddof"));
    m.def(
        "normalize_cpu",
        [](Array x, Array mean, Array variance, const Dialect &dialect) {
            Geometry g;
            auto px = g.full(x, "x", WRITTEN), pmean = g.channel(mean, "mean"), pv = g.channel(variance, "variance");
            Release release;
            normalize_cpu(px, pmean, pv, g.batch, g.channels, g.spatial, dialect.normalize);
        },
        py::arg("x"), py::arg("mean"), py::arg("variance"), py::arg("dialect"));
    m.def(
        "scale_bias",
        [](Array output, Array scales) {
            Geometry g;
            auto po = g.full(output, "output", WRITTEN), ps = g.channel(scales, "scales");
            Release release;
            scale_bias(po, ps, g.batch, g.channels, g.spatial);
        },
        py::arg("output"), py::arg("scales"));
    m.def(
        "add_bias",
        [](Array output, Array biases) {
            Geometry g;
            auto po = g.full(output, "output", WRITTEN), pb = g.channel(biases, "biases");
            Release release;
            add_bias(po, pb, g.batch, g.channels, g.spatial);
        },
        py::arg("output"), py::arg("biases"));
    m.def(
        "backward_bias",
        [](Array bias_updates, Array delta) {
            Geometry g;
            auto pd = g.full(delta, "delta"), pb = g.channel(bias_updates, "bias_updates", WRITTEN);
            Release release;
            backward_bias(pb, pd, g.batch, g.channels, g.spatial);
        },
        py::arg("bias_updates"), py::arg("delta"));
    m.def(
        "backward_scale_cpu",
        [](Array x_norm, Array delta, Array scale_updates) {
            Geometry g;
            auto px = g.full(x_norm, "x_norm"), pd = g.full(delta, "delta");
            auto ps = g.channel(scale_updates, "scale_updates", WRITTEN);
            Release release;
            backward_scale_cpu(px, pd, g.batch, g.channels, g.spatial, ps);
        },
        py::arg("x_norm"), py::arg("delta"), py::arg("scale_updates"));

    m.def(
        "mean_delta_cpu",
        [](Array delta, Array variance, Array mean_delta, const Dialect &dialect) {
            Geometry g;
            auto pd = g.full(delta, "delta"), pv = g.channel(variance, "variance");
            auto pm = g.channel(mean_delta, "mean_delta", WRITTEN);
            Release release;
            mean_delta_cpu(pd, pv, g.batch, g.channels, g.spatial, pm, dialect.mean_delta);
        },
        py::arg("delta"), py::arg("variance"), py::arg("mean_delta"), py::arg("dialect"));
    m.def(
        "variance_delta_cpu",
        [](Array x, Array delta, Array mean, Array variance, Array variance_delta, const Dialect &dialect) {
            Geometry g;
            auto px = g.full(x, "x"), pd = g.full(delta, "delta");
            auto pm = g.channel(mean, "mean"), pv = g.channel(variance, "variance");
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
            auto px = g.full(x, "x"), pm = g.channel(mean, "mean"), pv = g.channel(variance, "variance");
            auto pmd = g.channel(mean_delta, "mean_delta"), pvd = g.channel(variance_delta, "variance_delta");
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
