// cpp-fused in Python; like bindings.cpp, whose part it is, knows Python. Needs pybind11/stl.h before it.
#pragma once

#include "fused/fused.hpp"
#include "layer_call.hpp"

namespace darkparity {

// The arrays of a fused call: `from` is read, and full arrays that are written may be absent (not wanted).
inline const float *bind_fused(LayerCall &call, Use ArrayUse::*function) {
    const float *from = call.geometry.full(call.take("from"), "from");
    for (const ArrayUse &array : ARRAY_USES) {
        const Use use = use_in(call.dialect, array.*function);
        const bool unwanted = use == Use::written && array.full && !call.left.has(array.name);
        if (use != Use::none && !unwanted)
            call.bind(array, use);
    }
    return from;
}

inline void fused_forward(const Dialect &dialect, bool train, int out_h, int out_w, const py::kwargs &arrays) {
    LayerCall call{dialect, py::dict(arrays)};
    const float *from = bind_fused(call, &ArrayUse::forward);
    call.check(out_h, out_w);
    py::gil_scoped_release release;
    fused::forward_batchnorm_layer(call.layer, from, train, dialect);
}

inline void fused_backward(const Dialect &dialect, bool train, int out_h, int out_w, const py::kwargs &arrays) {
    LayerCall call{dialect, py::dict(arrays)};
    const float *from = bind_fused(call, &ArrayUse::backward);
    float *net_delta =
        call.left.has("net_delta") ? call.geometry.full(call.take("net_delta"), "net_delta", WRITTEN) : nullptr;
    call.check(out_h, out_w);
    py::gil_scoped_release release;
    fused::backward_batchnorm_layer(call.layer, from, net_delta, train, dialect);
}

inline void fused_floor(const std::vector<py::array> &reads, const std::vector<py::array> &writes) {
    Geometry g;
    std::vector<const float *> from;
    std::vector<float *> to;
    for (const auto &a : reads)
        from.push_back(g.full(a, "reads"));
    for (const auto &a : writes) {
        to.push_back(g.full(a, "writes", WRITTEN));
        if (reinterpret_cast<std::uintptr_t>(to.back()) % 64)
            refuse("writes", "must begin at a multiple of 64 bytes");
    }
    if (from.empty())
        refuse("reads", "is empty");
    py::gil_scoped_release release;
    fused::streaming_floor(from, to, std::ptrdiff_t(g.batch) * g.channels * g.spatial);
}

inline void bind_fused(py::module_ &m) {
    m.def("fused_forward", &fused_forward, py::arg("dialect"), py::arg("train"), py::arg("out_h"), py::arg("out_w"));
    m.def("fused_backward", &fused_backward, py::arg("dialect"), py::arg("train"), py::arg("out_h"), py::arg("out_w"));
    m.def("streaming_floor", &fused_floor, py::arg("reads"), py::arg("writes"));
    m.def("simd_levels", &fused::simd_levels);
    m.def("simd", &fused::simd);
    m.def(
        "set_simd",
        [](const std::string &level) {
            if (!fused::set_simd(level))
                throw py::value_error("SIMD level '" + level + "' is not one of " +
                                      std::string(py::str(py::cast(fused::simd_levels()))));
        },
        py::arg("level"));
    m.def("threads", &fused::threads);
    m.def(
        "set_threads",
        [](int count) {
            if (count < 1)
                throw py::value_error("threads must be at least 1");
            fused::set_threads(count);
        },
        py::arg("count"));
}

} // namespace darkparity
