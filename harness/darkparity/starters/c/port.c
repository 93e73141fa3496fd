/* DarkNet's batch normalization behind darkparity's wire protocol (docs/protocol.md). C99, POSIX, no library.
 *
 *   cc -O2 -ffp-contract=off -o port port.c -lm
 *   darkparity check --exec ./port                   a process, asked over its standard input and output
 *   ./port cases/CASE/request.safetensors ...        offline: writes cases/CASE/answer.safetensors
 *
 * To make it yours: replace the functions of part 1 by calls of your code, and delete the lines of `run` (in
 * part 3) that you have nothing for: "unsupported" is no failure. Part 2 can stay as it is. Or leave all of it as it
 * is: with -DPORT_OPERATIONS='"mine.h"' your header defines part 1, `make`, `forward`, `backward` and ABOUT.
 */
#define _POSIX_C_SOURCE 200809L /* fdopen, clock_gettime */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef PORT_OPERATIONS
/* ---- 1. DarkNet's loops (pjreddie/darknet@f6afaabc). No -ffast-math; -ffp-contract=off: no fused a*b + c */

/* Full arrays are (batch, channels, spatial). EACH visits channel f of all images, ROW of image b: at `i`. */
#define CHANNELS for (int f = 0; f < filters; ++f)
#define ROW for (int i = (b*filters + f)*spatial, end = i + spatial; i < end; ++i)
#define EACH for (int b = 0; b < batch; ++b) ROW

static void copy_cpu(int N, float *X, int INCX, float *Y, int INCY) {
    for (int i = 0; i < N; ++i) Y[i*INCY] = X[i*INCX];
}
static void scal_cpu(int N, float ALPHA, float *X, int INCX) {
    for (int i = 0; i < N; ++i) X[i*INCX] *= ALPHA;
}
static void axpy_cpu(int N, float ALPHA, float *X, int INCX, float *Y, int INCY) {
    for (int i = 0; i < N; ++i) Y[i*INCY] += ALPHA*X[i*INCX];
}
static void mean_cpu(float *x, int batch, int filters, int spatial, float *mean) {
    float scale = 1./(batch*spatial);
    CHANNELS { mean[f] = 0; EACH mean[f] += x[i]; mean[f] *= scale; }
}
static void variance_cpu(float *x, float *mean, int batch, int filters, int spatial, float *variance) {
    float scale = 1./(batch*spatial - 1); /* one value per channel: 0 * infinity, NaN as in DarkNet */
    CHANNELS { variance[f] = 0; EACH variance[f] += pow(x[i] - mean[f], 2); variance[f] *= scale; }
}
static void normalize_cpu(float *x, float *mean, float *variance, int batch, int filters, int spatial) {
    CHANNELS EACH x[i] = (x[i] - mean[f])/(sqrt(variance[f]) + .000001f);
}
static void scale_bias(float *output, float *scales, int batch, int filters, int spatial) {
    CHANNELS EACH output[i] *= scales[f];
}
static void add_bias(float *output, float *biases, int batch, int filters, int spatial) {
    CHANNELS EACH output[i] += biases[f];
}
static void backward_bias(float *bias_updates, float *delta, int batch, int filters, int spatial) {
    for (int b = 0; b < batch; ++b)
        CHANNELS { float sum = 0; ROW sum += delta[i]; bias_updates[f] += sum; /* accumulates over calls */ }
}
static void backward_scale_cpu(float *x_norm, float *delta, int batch, int filters, int spatial, float *scale_updates) {
    CHANNELS { float sum = 0; EACH sum += delta[i]*x_norm[i]; scale_updates[f] += sum; /* accumulates */ }
}
static void mean_delta_cpu(float *delta, float *variance, int batch, int filters, int spatial, float *mean_delta) {
    CHANNELS { mean_delta[f] = 0; EACH mean_delta[f] += delta[i]; }
    CHANNELS mean_delta[f] *= -1./sqrt(variance[f] + .00001f);
}
static void variance_delta_cpu(float *x, float *delta, float *mean, float *variance, int batch, int filters,
                               int spatial, float *variance_delta) {
    CHANNELS { variance_delta[f] = 0; EACH variance_delta[f] += delta[i]*(x[i] - mean[f]); }
    CHANNELS variance_delta[f] *= -.5*pow(variance[f] + .00001f, -3./2.);
}
static void normalize_delta_cpu(float *x, float *mean, float *variance, float *mean_delta,
                                float *variance_delta, int batch, int filters, int spatial, float *delta) {
    int m = batch*spatial; /* not m - 1, although the variance was divided by that */
    CHANNELS EACH delta[i] = delta[i]/sqrt(variance[f] + .00001f)
                             + variance_delta[f]*2.*(x[i] - mean[f])/m + mean_delta[f]/m;
}
#endif

/* ---- 2. The protocol: safetensors messages with JSON in them, looked up in the text itself */

static struct array { char name[32]; float *data; int rank, ours; long shape[3]; size_t size; } arrays[40];
static int count, batch, channels, spatial; /* of the current request, as is all this */
static const char *attributes;
static FILE *replies; /* only messages: what your code prints goes to standard error (see main) */
static void give_up(const char *why) { fprintf(stderr, "port: %s\n", why); exit(2); }
static const char *space(const char *p) { return p + strspn(p, " \t\r\n"); }
static int is(const char *text, const char *name) { /* text: the rest of a JSON string, up to its quote */
    return !strncmp(text, name, strlen(name)) && text[strlen(name)] == '"';
}
static const char *skip(const char *p) { /* behind one value: {...}, [...], "..." or a word */
    int depth = 0;
    do {
        if (*p == '"') { while (*++p && *p != '"') p += *p == '\\' && p[1]; p += *p == '"'; }
        else if (*p && strchr("{[]},:", *p)) depth += !!strchr("{[", *p) - !!strchr("]}", *p), ++p;
        else p += strcspn(p, ",:{}[]\" \t\r\n");
        p = space(p);
    } while (depth > 0 && *p);
    return p;
}
/* Start with p at an object's brace; each call returns the p for the next one, NULL at the end. */
static const char *next(const char *p, const char **name, const char **value) {
    if ((*p != '{' && *p != ',') || *(p = space(p + 1)) != '"') return NULL;
    *name = p + 1, *value = space(skip(p) + 1);
    return skip(*value);
}
static const char *get(const char *object, const char *key) { /* a string comes without its opening quote */
    const char *name, *value;
    while ((object = next(object, &name, &value)))
        if (is(name, key)) return value + (*value == '"');
    return give_up(key), NULL;
}
static int integer(const char *name) { return atoi(get(attributes, name)); }
static float number(const char *name) { return strtof(get(attributes, name), NULL); } /* "0x1.8p+0", "nan" */
static struct array *find(const char *name) {
    for (int i = 0; i < count; ++i) if (is(name, arrays[i].name)) return arrays + i;
    return NULL;
}
static struct array *add(const char *name) {
    if (count == 40) give_up("too many arrays");
    struct array *a = memset(arrays + count++, 0, sizeof *arrays);
    snprintf(a->name, sizeof a->name, "%.*s", (int)strcspn(name, "\""), name);
    return a;
}
/* An array of the request, or a new one of zeros: FULL (batch, channels, spatial), CHANNEL (channels). */
static float *array(const char *name, int rank) {
    struct array *a = find(name);
    if (a) return a->data;
    a = add(name), a->rank = rank, a->ours = 1;
    a->shape[0] = rank == 3 ? batch : channels, a->shape[1] = channels, a->shape[2] = spatial;
    a->size = (size_t)channels*(rank == 3 ? (size_t)batch*(size_t)spatial : 1);
    if (!(a->data = calloc(a->size, sizeof(float)))) give_up("out of memory");
    return a->data;
}
#define FULL(name) array(#name "\"", 3)
#define CHANNEL(name) array(#name "\"", 1)
static void read_exactly(void *to, size_t n) { if (fread(to, 1, n, stdin) != n) give_up("half a message"); }
static size_t describe(const char *name, const char *row, size_t *begin) { /* returns where its bytes end */
    struct array *a = add(name);
    char *p = (char *)space(get(row, "shape") + 1);
    for (a->size = 1; *p != ']'; p = (char *)space(p), p = (char *)space(p + (*p == ','))) {
        if (a->rank == 3) give_up("an array of more than three axes");
        a->size *= (size_t)(a->shape[a->rank++] = strtol(p, &p, 10));
    }
    if (a->rank == 3) batch = (int)a->shape[0], channels = (int)a->shape[1], spatial = (int)a->shape[2];
    *begin = strtoul(get(row, "data_offsets") + 1, &p, 10);
    return strtoul(space(p) + 1, NULL, 10);
}
/* The next message: arrays in `arrays`, the JSON text in `message` returned; NULL at the end. */
static char *read_message(char **header, char **body) {
    uint64_t length; /* little-endian, as is the machine */
    size_t begin[40], end, total = 0;
    const char *name, *value, *message = NULL;
    if (fread(&length, 1, 8, stdin) != 8) return NULL;
    if (length > 1 << 20 || !(*header = calloc(1, length + 1))) give_up("no message");
    read_exactly(*header, length);
    for (const char *p = space(*header); (p = next(p, &name, &value));) {
        if (is(name, "__metadata__")) message = get(value, "message");
        else if ((end = describe(name, value, begin + count)) > total) total = end;
    }
    if (!message || !(*body = malloc(total + 1))) give_up("no message");
    read_exactly(*body, total);
    for (int i = 0; i < count; ++i) arrays[i].data = (float *)(*body + begin[i]);
    char *to = *header; /* unescape in place: it only gets shorter */
    for (; *message && *message != '"'; *to++ = *message++) message += *message == '\\';
    *to = 0;
    return *header;
}
/* rest: more members, each after a comma. outputs: a JSON list of names. */
static void reply(const char *kind, int seq, const char *rest, const char *outputs) {
    static char text[16384], content[4096];
    struct array *sent[40], *a;
    size_t begin = 0;
    int many = 0, n = sprintf(text, "{\"__metadata__\":{\"message\":\"");
    sprintf(content, "{\"version\":1,\"kind\":\"%s\",\"seq\":%d%s}", kind, seq, rest);
    for (const char *c = content; *c; text[n++] = *c++) if (*c == '"') text[n++] = '\\';
    n += sprintf(text + n, "\"}");
    for (const char *p = space(outputs + 1); *p == '"'; p = skip(p), p = space(p + (*p == ','))) {
        if (!(a = find(p + 1)) || many == 40) continue; /* not sent: "not observed", which is never a pass */
        n += sprintf(text + n, ",\"%s\":{\"dtype\":\"F32\",\"shape\":[%ld", a->name, a->shape[0]);
        for (int i = 1; i < a->rank; ++i) n += sprintf(text + n, ",%ld", a->shape[i]);
        n += sprintf(text + n, "],\"data_offsets\":[%zu,%zu]}", begin, begin + 4*a->size);
        begin += 4*a->size, sent[many++] = a;
    }
    uint64_t length = (uint64_t)(n + sprintf(text + n, "}"));
    fwrite(&length, 1, 8, replies), fwrite(text, 1, length, replies);
    for (int i = 0; i < many; ++i) fwrite(sent[i]->data, 4, sent[i]->size, replies);
    fflush(replies);
}

/* ---- 3. What is offered: the operations of docs/specification.md; in place, outputs by their names. */

#define SIZES batch, channels, spatial
#ifdef PORT_OPERATIONS
#include PORT_OPERATIONS
#else
#define ABOUT ",\"name\":\"my_port\",\"dialects\":[\"darknet\"],\"labels\":[\"two_pass\",\"ieee\"]"

static void make(void) {
    batch = integer("batch"), channels = integer("c"), spatial = integer("w")*integer("h");
    FULL(output), FULL(delta), FULL(x), FULL(x_norm), CHANNEL(biases), CHANNEL(bias_updates), CHANNEL(scale_updates);
    CHANNEL(mean), CHANNEL(variance), CHANNEL(rolling_mean), CHANNEL(rolling_variance), CHANNEL(mean_delta);
    CHANNEL(variance_delta);
    for (int f = 0; f < channels; ++f) CHANNEL(scales)[f] = 1;
}
static void forward(int batchnorm, int train) {
    int n = batch*channels*spatial;
    if (batchnorm) copy_cpu(n, FULL(input), 1, FULL(output), 1); /* other layers bring their own output */
    copy_cpu(n, FULL(output), 1, FULL(x), 1);
    if (train) {
        mean_cpu(FULL(output), SIZES, CHANNEL(mean));
        variance_cpu(FULL(output), CHANNEL(mean), SIZES, CHANNEL(variance));
        scal_cpu(channels, .99, CHANNEL(rolling_mean), 1);
        axpy_cpu(channels, .01, CHANNEL(mean), 1, CHANNEL(rolling_mean), 1);
        scal_cpu(channels, .99, CHANNEL(rolling_variance), 1);
        axpy_cpu(channels, .01, CHANNEL(variance), 1, CHANNEL(rolling_variance), 1);
        normalize_cpu(FULL(output), CHANNEL(mean), CHANNEL(variance), SIZES);
        copy_cpu(n, FULL(output), 1, FULL(x_norm), 1);
    } else normalize_cpu(FULL(output), CHANNEL(rolling_mean), CHANNEL(rolling_variance), SIZES);
    scale_bias(FULL(output), CHANNEL(scales), SIZES);
    add_bias(FULL(output), CHANNEL(biases), SIZES);
}
static void backward(int batchnorm, int train) {
    float *mean = train ? CHANNEL(mean) : CHANNEL(rolling_mean); /* for this call only */
    float *variance = train ? CHANNEL(variance) : CHANNEL(rolling_variance);
    backward_bias(CHANNEL(bias_updates), FULL(delta), SIZES);
    backward_scale_cpu(FULL(x_norm), FULL(delta), SIZES, CHANNEL(scale_updates));
    scale_bias(FULL(delta), CHANNEL(scales), SIZES);
    mean_delta_cpu(FULL(delta), variance, SIZES, CHANNEL(mean_delta));
    variance_delta_cpu(FULL(x), FULL(delta), mean, variance, SIZES, CHANNEL(variance_delta));
    normalize_delta_cpu(FULL(x), mean, variance, CHANNEL(mean_delta), CHANNEL(variance_delta), SIZES, FULL(delta));
    if (batchnorm) copy_cpu(batch*channels*spatial, FULL(delta), 1, FULL(net_delta), 1);
}
#endif
static char offered[1024];
static int on(const char *asked, const char *name) { /* asked "?": none; collects the names for hello */
    if (*asked == '?') sprintf(offered + strlen(offered), "%s\"%s\"", *offered ? "," : "", name);
    return is(asked, name);
}
#define ON(operation) if (on(name, #operation) && (known = 1))
#define FLAGS is(get(attributes, "type"), "BATCHNORM"), *get(attributes, "train") == 't'
static int run(const char *name) {
    int known = 0;
    ON(copy_cpu) copy_cpu(integer("N"), CHANNEL(X), integer("INCX"), CHANNEL(Y), integer("INCY"));
    ON(scal_cpu) scal_cpu(integer("N"), number("ALPHA"), CHANNEL(X), integer("INCX"));
    ON(axpy_cpu) axpy_cpu(integer("N"), number("ALPHA"), CHANNEL(X), integer("INCX"), CHANNEL(Y), integer("INCY"));
    ON(mean_cpu) mean_cpu(FULL(x), SIZES, CHANNEL(mean));
    ON(variance_cpu) variance_cpu(FULL(x), CHANNEL(mean), SIZES, CHANNEL(variance));
    ON(normalize_cpu) normalize_cpu(FULL(x), CHANNEL(mean), CHANNEL(variance), SIZES);
    ON(scale_bias) scale_bias(FULL(output), CHANNEL(scales), SIZES);
    ON(add_bias) add_bias(FULL(output), CHANNEL(biases), SIZES);
    ON(backward_bias) backward_bias(CHANNEL(bias_updates), FULL(delta), SIZES);
    ON(backward_scale_cpu) backward_scale_cpu(FULL(x_norm), FULL(delta), SIZES, CHANNEL(scale_updates));
    ON(mean_delta_cpu) mean_delta_cpu(FULL(delta), CHANNEL(variance), SIZES, CHANNEL(mean_delta));
    ON(variance_delta_cpu) variance_delta_cpu(FULL(x), FULL(delta), CHANNEL(mean), CHANNEL(variance), SIZES,
                                              CHANNEL(variance_delta));
    ON(normalize_delta_cpu) normalize_delta_cpu(FULL(x), CHANNEL(mean), CHANNEL(variance), CHANNEL(mean_delta),
                                                CHANNEL(variance_delta), SIZES, FULL(delta));
    ON(make_batchnorm_layer) make();
    ON(forward_batchnorm_layer) forward(FLAGS);
    ON(backward_batchnorm_layer) backward(FLAGS);
    return known;
}
static void hello(int seq) {
    char rest[2048];
    if (!*offered) run("?");
    sprintf(rest, ABOUT ",\"operations\":[%s]", offered);
    reply("hello", seq, rest, "[]");
}
static void answer(int seq, const char *content) {
    char seconds[64]; /* `darkparity bench` shows them beside the time of the whole exchange */
    struct timespec from, to;
    attributes = get(content, "attributes");
    clock_gettime(CLOCK_MONOTONIC, &from);
    int known = is(get(content, "dialect"), "darknet") && run(get(content, "operation"));
    clock_gettime(CLOCK_MONOTONIC, &to);
    sprintf(seconds, ",\"seconds\":%.9f", difftime(to.tv_sec, from.tv_sec) + 1e-9*(double)(to.tv_nsec - from.tv_nsec));
    if (known) reply("result", seq, seconds, get(content, "outputs"));
    else reply("error", seq, ",\"error\":\"unsupported\",\"reason\":\"not here\"", "[]");
}
static int answer_one(void) { /* 0 at the end of the conversation */
    char *header = NULL, *body = NULL, *content = read_message(&header, &body);
    if (!content || is(get(content, "kind"), "bye")) return 0;
    int seq = atoi(get(content, "seq"));
    if (is(get(content, "kind"), "hello")) hello(seq);
    else answer(seq, content);
    for (; count; --count) if (arrays[count - 1].ours) free(arrays[count - 1].data);
    free(header), free(body);
    return 1;
}

int main(int argc, char **argv) {
    if (!(replies = fdopen(dup(1), "wb")) || dup2(2, 1) < 0) give_up("no standard output");
    if (argc == 1) while (answer_one()) {}
    for (int i = 1; i < argc; ++i) { /* offline: ask the file, write the answer next to it */
        char answer[4096], *name = strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i];
        snprintf(answer, sizeof answer, "%.*sanswer.safetensors", (int)(name - argv[i]), argv[i]);
        if (!freopen(argv[i], "rb", stdin) || fclose(replies) || !(replies = fopen(answer, "wb"))) give_up(argv[i]);
        answer_one();
    }
}
