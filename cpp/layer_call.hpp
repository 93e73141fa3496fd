// The arrays of one layer call, from keyword arguments to a Layer; one table says which function uses which.
#pragma once

#include "arrays.hpp"
#include "layer.hpp"

#include <vector>

namespace darkparity {

// What a layer function does with an array: '-' nothing, 'r' reads, 'w' writes; 't' writes if three_term, 's'
// if the dialect has rolling_weight.
struct Field {
    const char *name;
    float *Layer::*member;
    bool full;
    char forward, backward, make;
};

constexpr Field FIELDS[] = {
    {"output", &Layer::output, true, 'w', '-', 'w'},
    {"delta", &Layer::delta, true, '-', 'w', 'w'},
    {"x", &Layer::x, true, 'w', 'r', 'w'},
    {"x_norm", &Layer::x_norm, true, 'w', 'r', 'w'},
    {"scales", &Layer::scales, false, 'r', 'r', 'w'},
    {"biases", &Layer::biases, false, 'r', '-', 'w'},
    {"scale_updates", &Layer::scale_updates, false, '-', 'w', 'w'},
    {"bias_updates", &Layer::bias_updates, false, '-', 'w', 'w'},
    {"mean", &Layer::mean, false, 'w', 'w', 'w'}, // backward: written by AlexeyAB's GPU dialects
    {"variance", &Layer::variance, false, 'w', 'w', 'w'},
    {"rolling_mean", &Layer::rolling_mean, false, 'w', 'w', 'w'}, // backward: written by MXNet
    {"rolling_variance", &Layer::rolling_variance, false, 'w', 'w', 'w'},
    {"rolling_weight", &Layer::rolling_weight, false, 's', 's', 's'},
    {"mean_delta", &Layer::mean_delta, false, '-', 't', 'w'},
    {"variance_delta", &Layer::variance_delta, false, '-', 't', 'w'},
};

inline bool used(char use, const Dialect &dialect) {
    return use == 't' ? dialect.backward == Backward::three_term
                      : use == 's' ? dialect.rolling_weight : use != '-';
}

// Takes the arrays of one layer call out of its keyword arguments; what is missing or left over is refused.
struct LayerCall {
    const Dialect &dialect;
    py::dict left;
    Layer layer{};
    Network net{};
    Geometry geometry{};
    std::vector<float> workspace{};

    py::array take(const char *name) {
        if (!left.contains(name))
            throw py::type_error(std::string("missing array ") + name);
        py::object value = left.attr("pop")(name);
        if (!py::isinstance<py::array>(value))
            throw py::type_error(std::string(name) + " must be a numpy array");
        return value;
    }

    void bind(char Field::*role) {
        for (const Field &field : FIELDS) {
            char use = field.*role;
            if (!used(use, dialect))
                continue;
            py::array a = take(field.name);
            layer.*field.member = field.full ? geometry.full(a, field.name, use != 'r')
                                             : geometry.channel(a, field.name, use != 'r');
        }
    }

    void check(int out_h, int out_w) {
        if (py::len(left))
            throw py::type_error("unexpected array(s) " + std::string(py::str(py::list(left))));
        if (out_h < 1 || out_w < 1 || std::int64_t(out_h) * out_w != geometry.spatial)
            throw py::value_error("out_h*out_w must be the arrays' spatial size " +
                                  std::to_string(geometry.spatial));
        layer.batch = geometry.batch, layer.out_c = geometry.channels;
        layer.out_h = out_h, layer.out_w = out_w;
    }

    void finish(int out_h, int out_w) {
        check(out_h, out_w);
        workspace.resize(workspace_size(layer, dialect));
        net.workspace = workspace.data();
    }
};

} // namespace darkparity
