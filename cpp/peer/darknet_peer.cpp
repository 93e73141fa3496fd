// The original: Debian's build of pjreddie's DarkNet (/usr/lib/darknet/libdarknet.so), asked over the wire protocol.
// A process of its own, because the library was linked with -Ofast: loading it sets flush-to-zero.
#include "peer_wire.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <darknet.h>
#include <functional>
#include <limits>
#include <unistd.h>

// src/blas.h, src/batchnorm_layer.h and src/convolutional_layer.h are not installed.
extern "C" {
void copy_cpu(int N, float *X, int INCX, float *Y, int INCY);
void scal_cpu(int N, float ALPHA, float *X, int INCX);
void axpy_cpu(int N, float ALPHA, float *X, int INCX, float *Y, int INCY);
void mean_cpu(float *x, int batch, int filters, int spatial, float *mean);
void variance_cpu(float *x, float *mean, int batch, int filters, int spatial, float *variance);
void normalize_cpu(float *x, float *mean, float *variance, int batch, int filters, int spatial);
void scale_bias(float *output, float *scales, int batch, int n, int size);
void add_bias(float *output, float *biases, int batch, int n, int size);
void backward_bias(float *bias_updates, float *delta, int batch, int n, int size);
void backward_scale_cpu(float *x_norm, float *delta, int batch, int n, int size, float *scale_updates);
void mean_delta_cpu(float *delta, float *variance, int batch, int filters, int spatial, float *mean_delta);
void variance_delta_cpu(float *x, float *delta, float *mean, float *variance, int batch, int filters, int spatial,
                        float *variance_delta);
void normalize_delta_cpu(float *x, float *mean, float *variance, float *mean_delta, float *variance_delta, int batch,
                         int filters, int spatial, float *delta);
layer make_batchnorm_layer(int batch, int w, int h, int c);
void forward_batchnorm_layer(layer l, network net);
void backward_batchnorm_layer(layer l, network net);
}

namespace {

// One request: its arrays (copies, to be overwritten), attributes and sizes.
class Call {
public:
    explicit Call(wire::Message &asked) : arrays(asked.arrays), attributes_(asked.content.at("attributes")) {
        for (const auto &[name, array] : arrays)
            if (array.shape.size() == 3) size(array.shape[0], array.shape[1], array.shape[2]);
    }

    wire::Arrays &arrays;
    int b = 0, c = 0, s = 0; // batch, channels, spatial

    void size(int batch, int channels, int spatial) { b = batch, c = channels, s = spatial; }
    int integer(const char *name) const { return static_cast<int>(attributes_.at(name).integer()); }
    float number(const char *name) const { return std::strtof(attributes_.at(name).text.c_str(), nullptr); }
    const std::string &text(const char *name) const { return attributes_.at(name).text; }

    // The memory of an array that was sent.
    float *operator[](const char *name) {
        const auto found = arrays.find(name);
        if (found == arrays.end()) throw std::runtime_error(std::string("no array ") + name);
        return found->second.values.data();
    }
    // The memory of an array that was not: per channel, or whole.
    float *blank(const char *name, bool whole = false) {
        wire::Array &array = arrays[name];
        array.shape = whole ? std::vector<long>{b, c, s} : std::vector<long>{c};
        array.values.assign(whole ? std::size_t(b) * c * s : c, std::numeric_limits<float>::quiet_NaN());
        return array.values.data();
    }

private:
    const wire::Json &attributes_;
};

// DarkNet's make_batchnorm_layer leaves x, x_norm, mean_delta and variance_delta unallocated on the CPU: those are
// ours, zero. Everything else is what the library made.
void make(Call &call) {
    call.size(call.integer("batch"), call.integer("c"), call.integer("h") * call.integer("w"));
    layer made = make_batchnorm_layer(call.b, call.integer("w"), call.integer("h"), call.c);
    const std::pair<const char *, float *> whole[] = {
        {"output", made.output}, {"delta", made.delta}, {"x", made.x}, {"x_norm", made.x_norm}};
    const std::pair<const char *, float *> channels[] = {
        {"scales", made.scales},         {"biases", made.biases},
        {"scale_updates", made.scale_updates}, {"bias_updates", made.bias_updates},
        {"mean", made.mean},             {"variance", made.variance},
        {"rolling_mean", made.rolling_mean},   {"rolling_variance", made.rolling_variance},
        {"mean_delta", made.mean_delta}, {"variance_delta", made.variance_delta}};
    auto keep = [](float *target, float *made_by_darknet, std::size_t count) {
        if (made_by_darknet) std::copy(made_by_darknet, made_by_darknet + count, target);
        else std::fill(target, target + count, 0.0f);
        std::free(made_by_darknet);
    };
    for (const auto &[name, memory] : whole) keep(call.blank(name, true), memory, std::size_t(call.b) * call.c * call.s);
    for (const auto &[name, memory] : channels) keep(call.blank(name), memory, call.c);
}

layer layer_of(Call &call) {
    static const std::map<std::string, LAYER_TYPE> types = {
        {"BATCHNORM", BATCHNORM}, {"CONVOLUTIONAL", CONVOLUTIONAL}, {"CONNECTED", CONNECTED}};
    layer l;
    std::memset(static_cast<void *>(&l), 0, sizeof l);
    l.type = types.at(call.text("type"));
    l.batch_normalize = 1;
    l.batch = call.b;
    l.out_h = l.h = call.integer("out_h");
    l.out_w = l.w = call.integer("out_w");
    l.out_c = l.c = l.n = call.c;
    l.outputs = l.inputs = l.out_h * l.out_w * l.out_c;
    l.x = call["x"], l.x_norm = call["x_norm"], l.scales = call["scales"];
    l.mean = call["mean"], l.variance = call["variance"];
    l.rolling_mean = call["rolling_mean"], l.rolling_variance = call["rolling_variance"];
    return l;
}

network network_of(Call &call) {
    network net;
    std::memset(static_cast<void *>(&net), 0, sizeof net);
    net.batch = call.b;
    net.train = call.text("train") == "true";
    return net;
}

void forward(Call &call) {
    layer l = layer_of(call);
    network net = network_of(call);
    l.biases = call["biases"];
    if (l.type == BATCHNORM) net.input = call["input"];
    l.output = l.type == BATCHNORM ? call.blank("output", true) : call["output"];
    forward_batchnorm_layer(l, net);
}

void backward(Call &call) {
    layer l = layer_of(call);
    network net = network_of(call);
    l.delta = call["delta"];
    l.bias_updates = call["bias_updates"], l.scale_updates = call["scale_updates"];
    l.mean_delta = call.blank("mean_delta"), l.variance_delta = call.blank("variance_delta");
    if (l.type == BATCHNORM) net.delta = call.blank("net_delta", true);
    backward_batchnorm_layer(l, net);
}

using Function = std::function<void(Call &)>;

const std::vector<std::pair<std::string, Function>> functions = {
    {"copy_cpu", [](Call &a) { copy_cpu(a.integer("N"), a["X"], a.integer("INCX"), a["Y"], a.integer("INCY")); }},
    {"scal_cpu", [](Call &a) { scal_cpu(a.integer("N"), a.number("ALPHA"), a["X"], a.integer("INCX")); }},
    {"axpy_cpu", [](Call &a) { axpy_cpu(a.integer("N"), a.number("ALPHA"), a["X"], a.integer("INCX"), a["Y"],
                                        a.integer("INCY")); }},
    {"mean_cpu", [](Call &a) { mean_cpu(a["x"], a.b, a.c, a.s, a.blank("mean")); }},
    {"variance_cpu", [](Call &a) { variance_cpu(a["x"], a["mean"], a.b, a.c, a.s, a.blank("variance")); }},
    {"normalize_cpu", [](Call &a) { normalize_cpu(a["x"], a["mean"], a["variance"], a.b, a.c, a.s); }},
    {"scale_bias", [](Call &a) { scale_bias(a["output"], a["scales"], a.b, a.c, a.s); }},
    {"add_bias", [](Call &a) { add_bias(a["output"], a["biases"], a.b, a.c, a.s); }},
    {"backward_bias", [](Call &a) { backward_bias(a["bias_updates"], a["delta"], a.b, a.c, a.s); }},
    {"backward_scale_cpu",
     [](Call &a) { backward_scale_cpu(a["x_norm"], a["delta"], a.b, a.c, a.s, a["scale_updates"]); }},
    {"mean_delta_cpu",
     [](Call &a) { mean_delta_cpu(a["delta"], a["variance"], a.b, a.c, a.s, a.blank("mean_delta")); }},
    {"variance_delta_cpu",
     [](Call &a) { variance_delta_cpu(a["x"], a["delta"], a["mean"], a["variance"], a.b, a.c, a.s,
                                      a.blank("variance_delta")); }},
    {"normalize_delta_cpu",
     [](Call &a) { normalize_delta_cpu(a["x"], a["mean"], a["variance"], a["mean_delta"], a["variance_delta"], a.b,
                                       a.c, a.s, a["delta"]); }},
    {"make_batchnorm_layer", make},
    {"forward_batchnorm_layer", forward},
    {"backward_batchnorm_layer", backward},
};

std::string reply(const std::string &kind, const std::string &seq, const std::string &rest = "") {
    return "{\"version\":1,\"kind\":\"" + kind + "\",\"seq\":" + seq + rest + "}";
}

void hello(const std::string &seq) {
    std::string names;
    for (const auto &entry : functions) names += (names.empty() ? "" : ",") + wire::quoted(entry.first);
    wire::write(reply("hello", seq,
                      ",\"name\":\"darknet\",\"implementation_version\":\"" DARKPARITY_DARKNET_VERSION "\","
                      "\"dialects\":[\"darknet\"],\"labels\":[],\"operations\":[" + names + "],"
                      "\"details\":\"Debian's libdarknet.so (-Ofast: flushes subnormal numbers to zero); x, x_norm, "
                      "mean_delta and variance_delta, which make_batchnorm_layer leaves unallocated, are supplied\""));
}

void answer(wire::Message &asked, const std::string &seq) {
    const std::string name = asked.content.at("operation").text;
    const auto found = std::find_if(functions.begin(), functions.end(), [&](auto &f) { return f.first == name; });
    if (found == functions.end() || asked.content.at("dialect").text != "darknet")
        return wire::write(reply("error", seq, ",\"error\":\"unsupported\",\"reason\":\"no " + name + " here\""));
    Call call(asked);
    const auto started = std::chrono::steady_clock::now();
    found->second(call);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.9f", taken.count());
    wire::Arrays wanted;
    for (const wire::Json &output : asked.content.at("outputs").items)
        if (call.arrays.count(output.text)) wanted[output.text] = call.arrays[output.text];
    wire::write(reply("result", seq, ",\"seconds\":" + std::string(seconds)), wanted);
}

} // namespace

int main() {
    // The library prints; only messages may reach stdout.
    const int replies = dup(STDOUT_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    stdout = fdopen(replies, "wb");
    wire::Message asked;
    try {
        while (wire::read(asked)) {
            const std::string kind = asked.content.at("kind").text;
            const std::string seq = kind == "bye" ? "" : asked.content.at("seq").text;
            if (kind == "bye") return 0;
            if (kind == "hello") hello(seq);
            else answer(asked, seq);
        }
    } catch (const std::exception &error) {
        wire::write(reply("error", "null", ",\"error\":\"protocol\",\"reason\":" + wire::quoted(error.what())));
        return 2;
    }
    return 0;
}
