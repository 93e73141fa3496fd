// The kernels against hand-worked answers, without Python or a framework: exit status 1 and one line per
// failure. Layer answers: x = 1 2 3 4 5 6 7 9 (batch 2, one channel, 2x2), evaluated in float64 from each
// dialect's formula.
#include "dialects.hpp"
#include "kernels.hpp"
#include "layer.hpp"

#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

using namespace darkparity;

namespace {

int failures = 0;

void near(const char *what, double got, double want, double tolerance) {
    if (std::fabs(got - want) <= tolerance)
        return;
    std::printf("%s: got %.9g, want %.9g within %.1g\n", what, got, want, tolerance);
    ++failures;
}

void equal(const char *what, double got, double want) {
    near(what, got, want, 0);
}

void is_nan(const char *what, double got) {
    near(what, std::isnan(got) ? 1 : 0, 1, 0);
}

// A layer with its own memory.
struct Example {
    std::vector<float> full[4], channel[10], input, net_delta, workspace;
    Layer l{};
    Dialect dialect;

    Example(const Dialect &row, std::vector<float> x, int batch, int size) : input(std::move(x)), dialect(row) {
        l.type = LayerType::BATCHNORM;
        l.batch = batch;
        l.out_c = 1;
        l.out_h = 1;
        l.out_w = size;
        float **fulls[] = {&l.output, &l.delta, &l.x, &l.x_norm};
        float **channels[] = {&l.scales,   &l.biases,       &l.scale_updates,    &l.bias_updates, &l.mean,
                              &l.variance, &l.rolling_mean, &l.rolling_variance, &l.mean_delta,   &l.variance_delta};
        for (int i = 0; i < 4; ++i) {
            full[i].resize(input.size());
            *fulls[i] = full[i].data();
        }
        for (int i = 0; i < 10; ++i) {
            channel[i].resize(1);
            *channels[i] = channel[i].data();
        }
        net_delta.resize(input.size());
        workspace.resize(workspace_size(l, dialect));
        make_batchnorm_layer(l, dialect);
    }

    Network network(bool train) { return {train, input.data(), net_delta.data(), workspace.data()}; }
    void forward(bool train = true) { forward_batchnorm_layer(l, network(train), dialect); }

    void backward(const std::vector<float> &delta, bool train = true) {
        copy_cpu(int(delta.size()), delta.data(), 1, l.delta, 1);
        backward_batchnorm_layer(l, network(train), dialect);
    }
};

const std::vector<float> X = {1, 2, 3, 4, 5, 6, 7, 9};
const std::vector<float> DELTA = {.1f, -.2f, .3f, .4f, -.5f, .6f, .7f, -.8f};

void training_step(const char *name, const Dialect &dialect, double y0, double rolling, double dx0) {
    std::printf("%s\n", name);
    Example e(dialect, X, 2, 4);
    e.forward();
    near("y0", e.l.output[0], y0, 3e-7);
    near("rolling variance", e.l.rolling_variance[0], rolling, rolling * 2e-7);
    e.backward(DELTA);
    near("dx0", e.l.delta[0], dx0, 2e-8);
    equal("net.delta is delta", e.net_delta[0], e.l.delta[0]);
    near("bias_updates", e.l.bias_updates[0], dialect.bias_gradient ? .6 : 0, 1e-7);
}

void training_steps() {
    training_step("darknet", darknet(), -1.3580489, 0.07125, -0.03292420);
    training_step("darknet-gpu", darknet_gpu(), -1.3580485, 0.07125, -0.03292420);
    training_step("alexeyab", alexeyab({.9f, .1f}, false), -1.3580485, 0.7125, -0.03292431);
    training_step("alexeyab connected", alexeyab({.95f, .05f}, true), -1.3580485, 0.35625, -0.03292431);
    training_step("alexeyab-gpu", alexeyab_gpu(), -1.4518147, 0.06234375, -0.04165611);
    training_step("cudnn", cudnn(InferenceBackward::rolling_copied), -1.4518147, 0.07125, -0.04165600);
    training_step("pytorch", pytorch(), -1.4518148, 1.6125, -0.04165599);
}

void blas() {
    float x[] = {1, 2, 3, 4, 5}, y[] = {10, 20, 30, 40};
    copy_cpu(2, x, 2, y, 3);
    equal("copy_cpu Y[3]", y[3], 3);
    equal("copy_cpu leaves the gap", y[1], 20);
    axpy_cpu(2, .5f, x, 4, y, 1);
    equal("axpy_cpu Y[1]", y[1], 22.5);
    scal_cpu(3, -2, x, 2);
    equal("scal_cpu X[4]", x[4], -10);
    equal("scal_cpu leaves the gap", x[3], 4);
}

// Two channels, batch 2, spatial 2: channel 0 holds 1 3 5 7, channel 1 holds 0 0 4 4.
void routines() {
    float x[] = {1, 3, 0, 0, 5, 7, 4, 4}, mean[2], variance[2], updates[] = {1, 2};
    mean_cpu(x, 2, 2, 2, mean);
    equal("mean 0", mean[0], 4);
    equal("mean 1", mean[1], 2);
    variance_cpu(x, mean, 2, 2, 2, variance, 0);
    equal("variance 0, ddof 0", variance[0], 5);
    equal("variance 1, ddof 0", variance[1], 4);
    variance_cpu(x, mean, 2, 2, 2, variance, 1);
    near("variance 0, ddof 1", variance[0], 20. / 3., 1e-6);
    backward_bias(updates, x, 2, 2, 2);
    equal("backward_bias adds", updates[0], 17);
    equal("backward_bias 1", updates[1], 10);
    backward_scale_cpu(x, x, 2, 2, 2, updates);
    equal("backward_scale adds squares", updates[1], 42);
    float four[] = {4, 4}, sums[2], terms[2];
    mean_delta_cpu(x, four, 2, 2, 2, sums, NONE);
    equal("mean_delta -16/2", sums[0], -8);
    variance_delta_cpu(x, x, mean, four, 2, 2, 2, terms, NONE);
    equal("variance_delta -.5*20/8", terms[0], -1.25);
    normalize_delta_cpu(x, mean, four, sums, terms, 2, 2, 2, x, NONE); // 1/2 - 1.25*2*(1-4)/4 - 8/4
    equal("normalize_delta", x[0], .375);
    float y[] = {0, 0, 6, 10, 0, 0, 2, 6};
    normalize_cpu(y, mean, four, 2, 2, 2, {1, Place::outside}); // (6 - 2) / (2 + 1)
    near("normalize, epsilon outside", y[2], 4. / 3., 1e-7);
    scale_bias(y, mean, 2, 2, 2);
    add_bias(y, four, 2, 2, 2);
    near("scale_bias, add_bias", y[2], 8. / 3. + 4, 1e-6);
}

void degenerate() {
    Example one(darknet(), {3}, 1, 1);
    one.forward();
    is_nan("m = 1: variance 0 * inf", one.l.variance[0]);
    is_nan("m = 1: output", one.l.output[0]);
    one.forward();
    is_nan("m = 1: rolling stays poisoned", one.l.rolling_variance[0]);
    Example fresh(darknet(), {1, 2}, 1, 2);
    fresh.forward(false);
    near("inference before training divides by 1e-6", fresh.l.output[0], 1e6, 1);
    equal("inference leaves mean", fresh.l.mean[0], 0);
    equal("inference saves x", fresh.l.x[1], 2);
}

void inference_backward() {
    Example e(darknet(), X, 2, 4);
    e.forward();
    e.backward(DELTA);
    e.backward(DELTA, false);
    near("darknet: all three terms on rolling statistics", e.l.delta[0], -5.9996652, 4e-6);
    equal("darknet: mean survives", e.l.mean[0], 4.625);
    near("bias_updates accumulate", e.l.bias_updates[0], 1.2, 2e-7);
    Example copied(alexeyab_gpu(), X, 2, 4);
    copied.forward();
    copied.backward(DELTA, false);
    equal("alexeyab-gpu: mean overwritten", copied.l.mean[0], copied.l.rolling_mean[0]);
    Example fixed(pytorch(), X, 2, 4);
    fixed.forward();
    fixed.backward(DELTA, false);
    near("pytorch: constants", fixed.l.delta[0], .1 / std::sqrt(1.6125 + 1e-5), 1e-8);
    Example mistaken(cudnn(InferenceBackward::rolling_as_inverse_std), {0, 2}, 1, 2);
    mistaken.l.rolling_variance[0] = 4; // taken for 1/std: r = 4, x_hat = 0 8
    mistaken.forward(false);
    mistaken.backward({1, 0}, false);
    equal("darknet-cudnn: 4 - 4/2 - 0", mistaken.l.delta[0], 2);
}

} // namespace

int main() {
    blas();
    routines();
    training_steps();
    degenerate();
    inference_backward();
    std::printf("%d failure(s)\n", failures);
    return failures != 0;
}
