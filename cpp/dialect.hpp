// The choices in which batch norms differ, as plain numbers. No value lives here: the one table is
// harness/darkparity/dialects, whose names these are; a row arrives as an argument. Each name stands here once: the
// lists make the types, and the bindings read the same lists.
#pragma once

namespace darkparity {

// Meaning of each: dialects/dialect.py.
#define DARKPARITY_CHOICES(CHOICE)                                                                                     \
    CHOICE(Place, VALUE(inside) VALUE(outside))                                                                        \
    CHOICE(Backward, VALUE(three_term) VALUE(inverse_std))                                                             \
    CHOICE(SavedStatistic, VALUE(variance) VALUE(inverse_std))                                                         \
    CHOICE(SavesX, VALUE(always) VALUE(training))                                                                      \
    CHOICE(InferenceBackward,                                                                                          \
           VALUE(rolling) VALUE(rolling_copied) VALUE(batch) VALUE(fixed) VALUE(rolling_as_inverse_std))               \
    CHOICE(RollingUpdatedIn, VALUE(forward) VALUE(backward))

#define VALUE(name) name,
#define CHOICE(name, values) enum class name { values };
DARKPARITY_CHOICES(CHOICE)
#undef CHOICE
#undef VALUE

// A constant that keeps a denominator from zero: sqrt(variance + value) inside, sqrt(variance) + value outside.
#define DARKPARITY_EPSILON(FIELD)                                                                                      \
    FIELD(float, value)                                                                                                \
    FIELD(Place, place)

// rolling = decay * rolling + gain * batch
#define DARKPARITY_ROLLING(FIELD)                                                                                      \
    FIELD(float, decay)                                                                                                \
    FIELD(float, gain)

// One row, already resolved for one layer type: `rolling` and `bias_gradient` differ between types.
#define DARKPARITY_DIALECT(FIELD)                                                                                      \
    FIELD(Epsilon, normalize)                                                                                          \
    FIELD(Epsilon, mean_delta)                                                                                         \
    FIELD(Epsilon, variance_delta)                                                                                     \
    FIELD(Epsilon, normalize_delta)                                                                                    \
    FIELD(Rolling, rolling)                                                                                            \
    FIELD(int, variance_ddof)                                                                                          \
    FIELD(int, rolling_ddof)                                                                                           \
    FIELD(float, initial_rolling_variance)                                                                             \
    FIELD(Backward, backward)                                                                                          \
    FIELD(SavedStatistic, saved_statistic)                                                                             \
    FIELD(SavesX, saves_x)                                                                                             \
    FIELD(bool, saves_x_norm)                                                                                          \
    FIELD(InferenceBackward, inference_backward)                                                                       \
    FIELD(bool, bias_gradient)                                                                                         \
    FIELD(int, least_divisor)                                                                                          \
    FIELD(RollingUpdatedIn, rolling_updated_in)                                                                        \
    FIELD(bool, rolling_weight)

#define FIELD(type, name) type name{};
struct Epsilon {
    DARKPARITY_EPSILON(FIELD)

    bool inside() const { return place == Place::inside; }
};

struct Rolling {
    DARKPARITY_ROLLING(FIELD)
};

struct Dialect {
    DARKPARITY_DIALECT(FIELD)

    // `ddof`, or fewer where m - ddof would be less than a divisor may be.
    int freedom(int m, int ddof) const { return m - ddof < least_divisor ? m - least_divisor : ddof; }
};
#undef FIELD

} // namespace darkparity
