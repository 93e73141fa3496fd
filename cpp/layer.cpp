#include "layer.hpp"

#include "kernels.hpp"

#include <algorithm>

namespace darkparity {

namespace {

int spatial(const Layer &l) {
    return l.out_h * l.out_w;
}

int elements(const Layer &l) {
    return l.batch * l.out_c * spatial(l);
}

int freedom(const Layer &l, const Dialect &dialect, int ddof) {
    return dialect.freedom(l.batch * spatial(l), ddof);
}

void roll(const Layer &l, const float *batch_statistic, float *rolling, Rolling constants) {
    scal_cpu(l.out_c, constants.decay, rolling, 1);
    axpy_cpu(l.out_c, constants.gain, batch_statistic, 1, rolling, 1);
}

void update_rolling(const Layer &l, const float *variance, const Dialect &dialect) {
    roll(l, l.mean, l.rolling_mean, dialect.rolling);
    roll(l, variance, l.rolling_variance, dialect.rolling);
    if (dialect.rolling_weight)
        add_weight(l.rolling_weight, l.out_c, dialect.rolling);
}

void roll_batch(const Layer &l, const Network &net, const Dialect &dialect) {
    const float *source = l.variance;
    if (dialect.rolling_ddof != dialect.variance_ddof) {
        variance_cpu(l.output, l.mean, l.batch, l.out_c, spatial(l), net.workspace,
                     freedom(l, dialect, dialect.rolling_ddof));
        source = net.workspace;
    }
    update_rolling(l, source, dialect);
}

// In backward (MXNet): from what the forward saved.
void roll_saved(const Layer &l, const Network &net, const Dialect &dialect) {
    const float *source = l.variance;
    if (dialect.saved_statistic == SavedStatistic::inverse_std) {
        variance_of_inverse_std(l.variance, l.out_c, net.workspace, dialect.normalize);
        source = net.workspace;
    }
    update_rolling(l, source, dialect);
}

// Makes the rolling statistics the ones that `l` works with. `l` is a copy: for this call only.
void use_rolling(Layer &l, const Network &net, const Dialect &dialect) {
    l.mean = l.rolling_mean;
    l.variance = l.rolling_variance;
    if (!dialect.rolling_weight)
        return;
    l.mean = net.workspace;
    l.variance = net.workspace + l.out_c;
    weighed(l.rolling_mean, l.rolling_weight, l.out_c, l.mean);
    weighed(l.rolling_variance, l.rolling_weight, l.out_c, l.variance);
}

void forward_train(const Layer &l, const Network &net, const Dialect &dialect) {
    mean_cpu(l.output, l.batch, l.out_c, spatial(l), l.mean);
    variance_cpu(l.output, l.mean, l.batch, l.out_c, spatial(l), l.variance,
                 freedom(l, dialect, dialect.variance_ddof));
    if (dialect.rolling_updated_in == RollingUpdatedIn::forward)
        roll_batch(l, net, dialect);
    normalize_cpu(l.output, l.mean, l.variance, l.batch, l.out_c, spatial(l), dialect.normalize);
    if (dialect.saves_x_norm)
        copy_cpu(elements(l), l.output, 1, l.x_norm, 1);
    if (dialect.saved_statistic == SavedStatistic::inverse_std)
        inverse_std(l.variance, l.out_c, l.variance, dialect.normalize);
}

void backward_three_term(const Layer &l, const Dialect &dialect) {
    const int size = spatial(l);
    backward_scale_cpu(l.x_norm, l.delta, l.batch, l.out_c, size, l.scale_updates);
    scale_bias(l.delta, l.scales, l.batch, l.out_c, size);
    mean_delta_cpu(l.delta, l.variance, l.batch, l.out_c, size, l.mean_delta, dialect.mean_delta);
    variance_delta_cpu(l.x, l.delta, l.mean, l.variance, l.batch, l.out_c, size, l.variance_delta,
                       dialect.variance_delta);
    normalize_delta_cpu(l.x, l.mean, l.variance, l.mean_delta, l.variance_delta, l.batch, l.out_c, size, l.delta,
                        dialect.normalize_delta);
}

// 1/std for this backward: `variance` itself where it holds (or, in pjreddie's cuDNN inference, is
// mistaken for) the inverse, else computed into `scratch`.
const float *find_inverse_std(const Layer &l, const Dialect &dialect, bool rolling, float *scratch) {
    const bool saved = !rolling && dialect.saved_statistic == SavedStatistic::inverse_std;
    const bool mistaken = rolling && dialect.inference_backward == InferenceBackward::rolling_as_inverse_std;
    if (saved || mistaken)
        return l.variance;
    inverse_std(l.variance, l.out_c, scratch, dialect.normalize);
    return scratch;
}

void backward_inverse_std(const Layer &l, const Network &net, const Dialect &dialect, bool rolling) {
    const int size = spatial(l);
    float *scratch = net.workspace + 2 * std::size_t(l.out_c); // use_rolling() may have filled what is before
    const float *inverse = find_inverse_std(l, dialect, rolling, scratch);
    float *normalized = scratch + l.out_c;
    x_hat(l.x, l.mean, inverse, l.batch, l.out_c, size, normalized);
    backward_scale_cpu(normalized, l.delta, l.batch, l.out_c, size, l.scale_updates);
    scale_bias(l.delta, l.scales, l.batch, l.out_c, size);
    if (rolling && dialect.inference_backward == InferenceBackward::fixed)
        fixed_delta(inverse, l.batch, l.out_c, size, l.delta);
    else
        inverse_std_delta(l.x, l.mean, inverse, l.batch, l.out_c, size, l.delta);
}

// AlexeyAB's GPU paths: mean and variance stay overwritten after an inference-mode backward.
void copy_rolling(const Layer &l, const Dialect &dialect) {
    copy_cpu(l.out_c, l.rolling_mean, 1, l.mean, 1);
    if (dialect.saved_statistic == SavedStatistic::inverse_std)
        inverse_std(l.rolling_variance, l.out_c, l.variance, dialect.normalize);
    else
        copy_cpu(l.out_c, l.rolling_variance, 1, l.variance, 1);
}

} // namespace

std::size_t workspace_size(const Layer &l, const Dialect &dialect) {
    const std::size_t channels = std::size_t(l.out_c);
    if (dialect.backward == Backward::inverse_std) // mean, variance, 1/std and x_hat
        return 3 * channels + std::size_t(elements(l));
    return dialect.rolling_weight ? 2 * channels : channels;
}

void make_batchnorm_layer(Layer l, const Dialect &dialect) {
    for (float *full : {l.output, l.delta, l.x, l.x_norm})
        std::fill_n(full, elements(l), 0.f);
    for (float *per_channel : {l.biases, l.scale_updates, l.bias_updates, l.mean, l.variance, l.rolling_mean,
                               l.mean_delta, l.variance_delta})
        std::fill_n(per_channel, l.out_c, 0.f);
    std::fill_n(l.scales, l.out_c, 1.f);
    std::fill_n(l.rolling_variance, l.out_c, dialect.initial_rolling_variance);
    if (dialect.rolling_weight)
        std::fill_n(l.rolling_weight, l.out_c, 0.f);
}

void forward_batchnorm_layer(Layer l, Network net, const Dialect &dialect) {
    if (l.type == LayerType::BATCHNORM)
        copy_cpu(elements(l), net.input, 1, l.output, 1);
    if (net.train || dialect.saves_x == SavesX::always)
        copy_cpu(elements(l), l.output, 1, l.x, 1);
    if (net.train)
        forward_train(l, net, dialect);
    else {
        use_rolling(l, net, dialect);
        normalize_cpu(l.output, l.mean, l.variance, l.batch, l.out_c, spatial(l), dialect.normalize);
    }
    scale_bias(l.output, l.scales, l.batch, l.out_c, spatial(l));
    add_bias(l.output, l.biases, l.batch, l.out_c, spatial(l));
}

void backward_batchnorm_layer(Layer l, Network net, const Dialect &dialect) {
    if (net.train && dialect.rolling_updated_in == RollingUpdatedIn::backward)
        roll_saved(l, net, dialect);
    bool rolling = !net.train && dialect.inference_backward != InferenceBackward::batch;
    if (rolling && dialect.inference_backward == InferenceBackward::rolling_copied) {
        copy_rolling(l, dialect);
        rolling = false;
    }
    if (rolling)
        use_rolling(l, net, dialect);
    if (dialect.bias_gradient)
        backward_bias(l.bias_updates, l.delta, l.batch, l.out_c, spatial(l));
    if (dialect.backward == Backward::three_term)
        backward_three_term(l, dialect);
    else
        backward_inverse_std(l, net, dialect, rolling);
    if (l.type == LayerType::BATCHNORM)
        copy_cpu(elements(l), l.delta, 1, net.delta, 1);
}

} // namespace darkparity
