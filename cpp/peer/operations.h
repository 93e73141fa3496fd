/* The operations of darknet_peer: the routines and layer functions of the original, libdarknet.so. */
#include <darknet.h> /* declares the three of BLAS; the others are in headers that are not installed */

void mean_cpu(float *x, int batch, int filters, int spatial, float *mean);
void variance_cpu(float *x, float *mean, int batch, int filters, int spatial, float *variance);
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

#define ABOUT                                                                                                          \
    ",\"name\":\"darknet\",\"implementation_version\":\"" DARKPARITY_DARKNET_VERSION "\",\"dialects\":[\"darknet\"],"  \
    "\"labels\":[],\"details\":\"Debian's libdarknet.so (-Ofast: flushes subnormal numbers to zero); x, x_norm, "      \
    "mean_delta and variance_delta, which make_batchnorm_layer leaves unallocated, are supplied\""

/* Moves what the library allocated into an array of the reply. */
static void keep(float *array, float *made, size_t n) {
    memcpy(array, made, n * sizeof *made);
    free(made);
}

/* DarkNet leaves x, x_norm, mean_delta and variance_delta unallocated on the CPU: those are ours, zero. */
static void make(void) {
    batch = integer("batch");
    channels = integer("c");
    spatial = integer("w") * integer("h");
    layer made = make_batchnorm_layer(batch, integer("w"), integer("h"), channels);
    size_t n = (size_t)channels, all = n * (size_t)batch * (size_t)spatial;
    FULL(x);
    FULL(x_norm);
    CHANNEL(mean_delta);
    CHANNEL(variance_delta);
    keep(FULL(output), made.output, all);
    keep(FULL(delta), made.delta, all);
    keep(CHANNEL(scales), made.scales, n);
    keep(CHANNEL(biases), made.biases, n);
    keep(CHANNEL(scale_updates), made.scale_updates, n);
    keep(CHANNEL(bias_updates), made.bias_updates, n);
    keep(CHANNEL(mean), made.mean, n);
    keep(CHANNEL(variance), made.variance, n);
    keep(CHANNEL(rolling_mean), made.rolling_mean, n);
    keep(CHANNEL(rolling_variance), made.rolling_variance, n);
}

/* What both layer functions use. Only `type == BATCHNORM` matters to them. */
static layer layer_of(int batchnorm) {
    layer l = {0};
    l.type = batchnorm ? BATCHNORM : CONVOLUTIONAL;
    l.batch_normalize = 1;
    l.batch = batch;
    l.out_h = l.h = integer("out_h");
    l.out_w = l.w = integer("out_w");
    l.out_c = l.c = l.n = channels;
    l.outputs = l.inputs = l.out_h * l.out_w * l.out_c;
    l.x = FULL(x);
    l.x_norm = FULL(x_norm);
    l.scales = CHANNEL(scales);
    l.mean = CHANNEL(mean);
    l.variance = CHANNEL(variance);
    l.rolling_mean = CHANNEL(rolling_mean);
    l.rolling_variance = CHANNEL(rolling_variance);
    return l;
}

static void forward(int batchnorm, int train) {
    layer l = layer_of(batchnorm);
    network net = {.batch = batch, .train = train};
    if (batchnorm)
        net.input = FULL(input);
    l.biases = CHANNEL(biases);
    l.output = FULL(output);
    forward_batchnorm_layer(l, net);
}

static void backward(int batchnorm, int train) {
    layer l = layer_of(batchnorm);
    network net = {.batch = batch, .train = train};
    if (batchnorm)
        net.delta = FULL(net_delta);
    l.delta = FULL(delta);
    l.bias_updates = CHANNEL(bias_updates);
    l.scale_updates = CHANNEL(scale_updates);
    l.mean_delta = CHANNEL(mean_delta);
    l.variance_delta = CHANNEL(variance_delta);
    backward_batchnorm_layer(l, net);
}
