// The choices in which batch norms differ, as plain numbers. No value lives here: the one table is
// harness/darkparity/dialects, whose field names these are; a row arrives as an argument.
#pragma once

namespace darkparity {

// A constant that keeps a denominator from zero: sqrt(variance + value) if inside, else sqrt(variance) +
// value.
struct Epsilon {
    float value;
    bool inside;
};

// rolling = decay * rolling + gain * batch
struct Rolling {
    float decay;
    float gain;
};

enum class Backward { three_term, inverse_std };

// What `variance` holds after a training forward.
enum class SavedStatistic { variance, inverse_std };

enum class SavesX { always, training };

// Which statistics an inference-mode backward uses; meaning of each: dialects/dialect.py.
enum class InferenceBackward { rolling, rolling_copied, batch, fixed, rolling_as_inverse_std };

// The function whose training call updates the rolling statistics.
enum class RollingUpdatedIn { forward, backward };

// One row, already resolved for one layer type: `rolling` and `bias_gradient` differ between types.
struct Dialect {
    Epsilon normalize;
    Epsilon mean_delta;
    Epsilon variance_delta;
    Epsilon normalize_delta;
    Rolling rolling;
    int variance_ddof;
    int rolling_ddof;
    float initial_rolling_variance;
    Backward backward;
    SavedStatistic saved_statistic;
    SavesX saves_x;
    bool saves_x_norm;
    InferenceBackward inference_backward;
    bool bias_gradient;
    int least_divisor;
    RollingUpdatedIn rolling_updated_in;
    bool rolling_weight; // rolling_* are sums, divided by the sum of their weights when used

    // `ddof`, or fewer where m - ddof would be less than a divisor may be.
    int freedom(int m, int ddof) const { return m - ddof < least_divisor ? m - least_divisor : ddof; }
};

} // namespace darkparity
