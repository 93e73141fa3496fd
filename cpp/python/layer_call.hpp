// The arrays of one layer call, from keyword arguments to a Layer; one table says which function uses which.
#pragma once

#include "arrays.hpp"
#include "layer.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <vector>

namespace darkparity {

// What a layer function does with an array.
enum class Use {
    none,
    read,
    written,
    written_if_three_term,
    written_if_rolling_weight,
};

// An array of a layer and its use by each function. full: (batch, channels, spatial), else (channels,).
struct ArrayUse {
    const char *name;
    float *Layer::*member;
    bool full;
    Use forward, backward, make;
};

constexpr ArrayUse ARRAY_USES[] = {
    {"output", &Layer::output, true, Use::written, Use::none, Use::written},
    {"delta", &Layer::delta, true, Use::none, Use::written, Use::written},
    {"x", &Layer::x, true, Use::written, Use::read, Use::written},
    {"x_norm", &Layer::x_norm, true, Use::written, Use::read, Use::written},
    {"scales", &Layer::scales, false, Use::read, Use::read, Use::written},
    {"biases", &Layer::biases, false, Use::read, Use::none, Use::written},
    {"scale_updates", &Layer::scale_updates, false, Use::none, Use::written, Use::written},
    {"bias_updates", &Layer::bias_updates, false, Use::none, Use::written, Use::written},
    // mean, variance: a backward writes them in AlexeyAB's GPU dialects, rolling_* in MXNet's
    {"mean", &Layer::mean, false, Use::written, Use::written, Use::written},
    {"variance", &Layer::variance, false, Use::written, Use::written, Use::written},
    {"rolling_mean", &Layer::rolling_mean, false, Use::written, Use::written, Use::written},
    {"rolling_variance", &Layer::rolling_variance, false, Use::written, Use::written, Use::written},
    {"rolling_weight", &Layer::rolling_weight, false, Use::written_if_rolling_weight, Use::written_if_rolling_weight,
     Use::written_if_rolling_weight},
    {"mean_delta", &Layer::mean_delta, false, Use::none, Use::written_if_three_term, Use::written},
    {"variance_delta", &Layer::variance_delta, false, Use::none, Use::written_if_three_term, Use::written},
};

// Resolves the uses that depend on the dialect.
inline Use use_in(const Dialect &dialect, Use use) {
    if (use == Use::written_if_three_term)
        return dialect.backward == Backward::three_term ? Use::written : Use::none;
    if (use == Use::written_if_rolling_weight)
        return dialect.rolling_weight ? Use::written : Use::none;
    return use;
}

// Keyword arguments that are taken one by one. Read once and found by comparing names: a Python dict makes a
// string of every name looked up; symptom: ten arrays took 3 us, a tenth of a call on 64 x 1024 floats.
class KeywordArrays {
  public:
    KeywordArrays(const py::dict &arguments) : arguments(arguments) {
        rest.reserve(std::size(ARRAY_USES) + 3);
        for (const auto &[name, value] : arguments)
            rest.push_back({text(name), value});
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

    // The name as UTF-8, which a name with a lone surrogate does not have.
    static const char *text(py::handle name) {
        if (const char *utf8 = PyUnicode_AsUTF8(name.ptr()))
            return utf8;
        PyErr_Clear();
        throw py::type_error("unexpected array(s) [" + std::string(py::repr(name)) + "]");
    }

    py::dict arguments;
    std::vector<Argument> rest;
};

// Takes the arrays of one layer call out of its keyword arguments; what is missing or left over is refused.
struct LayerCall {
    const Dialect &dialect;
    KeywordArrays left;
    Layer layer{};
    Network net{};
    Geometry geometry{};
    std::vector<float> workspace{};

    py::array take(const char *name) { return left.take(name); }

    void bind(const ArrayUse &array, Use use) {
        const py::array a = take(array.name);
        const bool written = use == Use::written;
        layer.*array.member =
            array.full ? geometry.full(a, array.name, written) : geometry.channel(a, array.name, written);
    }

    void bind(Use ArrayUse::*function) {
        for (const ArrayUse &array : ARRAY_USES)
            if (const Use use = use_in(dialect, array.*function); use != Use::none)
                bind(array, use);
    }

    void check(int out_h, int out_w) {
        left.refuse_rest();
        if (out_h < 1 || out_w < 1 || std::int64_t(out_h) * out_w != geometry.spatial)
            throw py::value_error("out_h*out_w must be the arrays' spatial size " + std::to_string(geometry.spatial));
        layer.batch = geometry.batch;
        layer.out_c = geometry.channels;
        layer.out_h = out_h;
        layer.out_w = out_w;
    }

    void finish(int out_h, int out_w) {
        check(out_h, out_w);
        workspace.resize(workspace_size(layer, dialect));
        net.workspace = workspace.data();
    }
};

} // namespace darkparity
