// The arrays of one layer call, from keyword arguments to a Layer; one table says which function uses which.
#pragma once

#include "arrays.hpp"
#include "layer.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
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
    return use == 't' ? dialect.backward == Backward::three_term : use == 's' ? dialect.rolling_weight : use != '-';
}

// Keyword arguments that are taken one by one. Read once and found by comparing names: a Python dict makes a
// string of every name looked up; symptom: ten arrays took 3 us, a tenth of a call on 64 x 1024 floats.
class Named {
  public:
    Named(const py::dict &arguments) : arguments(arguments) {
        rest.reserve(std::size(FIELDS) + 3);
        for (const auto &[name, value] : arguments)
            rest.push_back({PyUnicode_AsUTF8(name.ptr()), value});
    }

    bool has(const char *name) const {
        return std::any_of(rest.begin(), rest.end(), [=](auto &a) { return !std::strcmp(a.name, name); });
    }

    py::array take(const char *name) {
        const auto at = std::find_if(rest.begin(), rest.end(), [=](auto &a) { return !std::strcmp(a.name, name); });
        if (at == rest.end())
            throw py::type_error(std::string("missing array ") + name);
        const py::handle value = at->value;
        rest.erase(at);
        if (!py::isinstance<py::array>(value))
            throw py::type_error(std::string(name) + " must be a numpy array");
        return py::reinterpret_borrow<py::array>(value);
    }

    void refuse_rest() const {
        if (rest.empty())
            return;
        py::list names;
        for (const auto &a : rest)
            names.append(a.name);
        throw py::type_error("unexpected array(s) " + std::string(py::str(names)));
    }

  private:
    struct Argument {
        const char *name; // owned by the key, which `arguments` holds
        py::handle value;
    };
    py::dict arguments;
    std::vector<Argument> rest;
};

// Takes the arrays of one layer call out of its keyword arguments; what is missing or left over is refused.
struct LayerCall {
    const Dialect &dialect;
    Named left;
    Layer layer{};
    Network net{};
    Geometry geometry{};
    std::vector<float> workspace{};

    py::array take(const char *name) { return left.take(name); }

    void bind(char Field::*role) {
        for (const Field &field : FIELDS) {
            char use = field.*role;
            if (!used(use, dialect))
                continue;
            py::array a = take(field.name);
            layer.*field.member =
                field.full ? geometry.full(a, field.name, use != 'r') : geometry.channel(a, field.name, use != 'r');
        }
    }

    void check(int out_h, int out_w) {
        left.refuse_rest();
        if (out_h < 1 || out_w < 1 || std::int64_t(out_h) * out_w != geometry.spatial)
            throw py::value_error("out_h*out_w must be the arrays' spatial size " + std::to_string(geometry.spatial));
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
