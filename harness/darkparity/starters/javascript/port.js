// DarkNet's batch normalization behind darkparity's wire protocol (docs/protocol.md). Node, no packages.
//
//   darkparity check --exec "node port.js"
//
// To make it yours: replace the functions of part 1 by calls of your code, and delete what you do not have:
// operations that are missing in `operations` are "unsupported", which is no failure. Parts 2 and 3 can stay.
"use strict";
const fs = require("fs");

// ---- 1. DarkNet's loops (pjreddie/darknet@f6afaabc), in place
//
// JavaScript computes in float64. Storing into a Float32Array rounds; where C has a float that is not stored,
// f32 rounds. Where DarkNet computes in double (sqrt, pow, 1. and 2.) nothing rounds before the store.

const f32 = Math.fround;
const inside = (variance) => f32(variance + f32(0.00001)); // backward's epsilon stands inside the root

// Full arrays are (batch, channels, spatial). Calls visit(i, f) for every element i, channel f by channel.
function each({ batch, channels, spatial }, visit, before = () => {}, after = () => {}) {
  for (let f = 0; f < channels; ++f) {
    before(f);
    for (let b = 0; b < batch; ++b) {
      const begin = (b * channels + f) * spatial;
      for (let i = begin; i < begin + spatial; ++i) visit(i, f);
    }
    after(f);
  }
}

const blas = {
  copy_cpu({ X, Y, N, INCX, INCY }) {
    for (let i = 0; i < N; ++i) Y[i * INCY] = X[i * INCX];
  },
  scal_cpu({ X, N, ALPHA, INCX }) {
    for (let i = 0; i < N; ++i) X[i * INCX] *= ALPHA;
  },
  axpy_cpu({ X, Y, N, ALPHA, INCX, INCY }) {
    for (let i = 0; i < N; ++i) Y[i * INCY] += f32(ALPHA * X[i * INCX]);
  },
};

const statistics = {
  mean_cpu({ x, mean, sizes }) {
    const scale = f32(1 / (sizes.batch * sizes.spatial));
    mean.fill(0);
    each(sizes, (i, f) => { mean[f] += x[i]; });
    for (let f = 0; f < mean.length; ++f) mean[f] *= scale;
  },
  variance_cpu({ x, mean, variance, sizes }) {
    const scale = f32(1 / (sizes.batch * sizes.spatial - 1)); // one value: 0 * Infinity, NaN as in DarkNet
    variance.fill(0);
    each(sizes, (i, f) => { variance[f] += f32(x[i] - mean[f]) ** 2; });
    for (let f = 0; f < variance.length; ++f) variance[f] *= scale;
  },
  normalize_cpu({ x, mean, variance, sizes }) {
    each(sizes, (i, f) => { x[i] = f32(x[i] - mean[f]) / (Math.sqrt(variance[f]) + f32(0.000001)); });
  },
  scale_bias({ output, scales, sizes }) {
    each(sizes, (i, f) => { output[i] *= scales[f]; });
  },
  add_bias({ output, biases, sizes }) {
    each(sizes, (i, f) => { output[i] += biases[f]; });
  },
};

const gradients = {
  backward_bias({ bias_updates, delta, sizes: { batch, channels, spatial } }) {
    for (let b = 0; b < batch; ++b)
      for (let f = 0; f < channels; ++f) {
        let sum = 0;
        for (let i = 0; i < spatial; ++i) sum = f32(sum + delta[(b * channels + f) * spatial + i]);
        bias_updates[f] += sum; // accumulates over calls
      }
  },
  backward_scale_cpu({ x_norm, delta, scale_updates, sizes }) {
    let sum;
    each(sizes, (i) => { sum = f32(sum + f32(delta[i] * x_norm[i])); },
      () => { sum = 0; }, (f) => { scale_updates[f] += sum; }); // accumulates over calls
  },
  mean_delta_cpu({ delta, variance, mean_delta, sizes }) {
    mean_delta.fill(0);
    each(sizes, (i, f) => { mean_delta[f] += delta[i]; });
    for (let f = 0; f < variance.length; ++f) mean_delta[f] *= -1 / Math.sqrt(inside(variance[f]));
  },
  variance_delta_cpu({ x, delta, mean, variance, variance_delta, sizes }) {
    variance_delta.fill(0);
    each(sizes, (i, f) => { variance_delta[f] += f32(delta[i] * f32(x[i] - mean[f])); });
    for (let f = 0; f < variance.length; ++f) variance_delta[f] *= -0.5 * inside(variance[f]) ** -1.5;
  },
  normalize_delta_cpu({ x, mean, variance, mean_delta, variance_delta, delta, sizes }) {
    const m = sizes.batch * sizes.spatial; // not m - 1, although the variance was divided by that
    each(sizes, (i, f) => {
      delta[i] = delta[i] / Math.sqrt(inside(variance[f]))
        + variance_delta[f] * 2 * f32(x[i] - mean[f]) / m + f32(mean_delta[f] / m);
    });
  },
};

const layers = {
  make_batchnorm_layer(l) {
    l.sizes = { batch: l.batch, channels: l.c, spatial: l.w * l.h };
    for (const name of l.outputs) l[name] = blank(name, l.sizes);
    l.scales.fill(1);
  },
  forward_batchnorm_layer(l) {
    const { sizes } = l;
    if (l.type === "BATCHNORM") l.output.set(l.input); // other layers bring their own output
    l.x.set(l.output);
    if (l.train) {
      statistics.mean_cpu({ ...l, x: l.output });
      statistics.variance_cpu({ ...l, x: l.output });
      for (const [rolling, now] of [[l.rolling_mean, l.mean], [l.rolling_variance, l.variance]]) {
        blas.scal_cpu({ X: rolling, N: sizes.channels, ALPHA: f32(0.99), INCX: 1 });
        blas.axpy_cpu({ X: now, Y: rolling, N: sizes.channels, ALPHA: f32(0.01), INCX: 1, INCY: 1 });
      }
      statistics.normalize_cpu({ ...l, x: l.output });
      l.x_norm.set(l.output);
    } else {
      statistics.normalize_cpu({ x: l.output, mean: l.rolling_mean, variance: l.rolling_variance, sizes });
    }
    statistics.scale_bias(l);
    statistics.add_bias(l);
  },
  backward_batchnorm_layer(l) {
    // In inference mode with the rolling statistics, for this call only.
    const used = l.train ? l : { ...l, mean: l.rolling_mean, variance: l.rolling_variance };
    gradients.backward_bias(l);
    gradients.backward_scale_cpu(l);
    statistics.scale_bias({ ...l, output: l.delta });
    gradients.mean_delta_cpu(used);
    gradients.variance_delta_cpu(used);
    gradients.normalize_delta_cpu(used);
    if (l.type === "BATCHNORM") l.net_delta.set(l.delta);
  },
};

const operations = { ...blas, ...statistics, ...gradients, ...layers };

// ---- 2. What a function is called with: arrays and attributes by name, and `sizes`.

function blank(name, { batch, channels, spatial }) {
  const full = ["output", "delta", "net_delta", "x", "x_norm"].includes(name);
  const array = new Float32Array(full ? batch * channels * spatial : channels);
  array.shape = full ? [batch, channels, spatial] : [channels];
  return array;
}

// "0x1.8p-3", C's hexadecimal notation of real numbers, which JavaScript cannot read; "inf", "nan".
function real(text) {
  const [, sign, whole, fraction, power] = /^(-?)0x([0-9a-f]+)\.?([0-9a-f]*)p([-+]\d+)$/.exec(text) || [];
  if (whole === undefined) return { inf: Infinity, "-inf": -Infinity }[text] ?? NaN;
  const digits = parseInt(whole + fraction, 16) * 2 ** (Number(power) - 4 * fraction.length);
  return sign ? -digits : digits;
}

function run({ operation, attributes, outputs }, arrays) {
  const call = { ...attributes, ...arrays, outputs };
  if ("ALPHA" in call) call.ALPHA = real(call.ALPHA);
  const full = Object.values(arrays).find((array) => array.shape.length === 3);
  if (full) {
    const [batch, channels, spatial] = full.shape;
    call.sizes = { batch, channels, spatial };
    for (const name of outputs) call[name] ??= blank(name, call.sizes);
  }
  operations[operation](call);
  return Object.fromEntries(outputs.map((name) => [name, call[name]]));
}

// ---- 3. The protocol: safetensors messages on standard input and output.

function readExactly(bytes) {
  const buffer = Buffer.alloc(bytes);
  for (let got = 0, n; got < bytes; got += n) {
    n = fs.readSync(0, buffer, got, bytes - got, null);
    if (n === 0) process.exit(got ? 2 : 0); // the end of the conversation, or of half a message
  }
  return buffer;
}

function readMessage() {
  const { __metadata__, ...rows } = JSON.parse(readExactly(Number(readExactly(8).readBigUInt64LE())));
  const body = readExactly(Math.max(0, ...Object.values(rows).map((row) => row.data_offsets[1])));
  const arrays = {};
  for (const [name, { shape, data_offsets }] of Object.entries(rows)) {
    arrays[name] = new Float32Array(new Uint8Array(body.subarray(...data_offsets)).buffer); // a copy, aligned
    arrays[name].shape = shape;
  }
  return [JSON.parse(__metadata__.message), arrays];
}

function write(buffer) {
  for (let sent = 0; sent < buffer.length;) sent += fs.writeSync(1, buffer, sent);
}

function reply(content, arrays = {}) {
  const header = { __metadata__: { message: JSON.stringify({ version: 1, ...content }) } };
  let begin = 0;
  for (const [name, array] of Object.entries(arrays)) {
    header[name] = { dtype: "F32", shape: array.shape, data_offsets: [begin, begin += array.byteLength] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const bodies = Object.values(arrays).map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength));
  write(Buffer.concat([length, text, ...bodies]));
}

for (;;) {
  const [content, arrays] = readMessage();
  const { kind, seq } = content;
  if (kind === "bye") break;
  if (kind === "hello") {
    const claims = { dialects: ["darknet"], labels: ["two_pass", "ieee"] };
    const about = { name: "my_port", details: `Node ${process.version}` };
    reply({ kind, seq, ...about, ...claims, operations: Object.keys(operations) });
  } else if (content.dialect === "darknet" && content.operation in operations) {
    reply({ kind: "result", seq }, run(content, arrays));
  } else {
    reply({ kind: "error", seq, error: "unsupported", reason: "not in this port" });
  }
}
