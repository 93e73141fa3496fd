// Vectors for cpp-fused: GCC's vector extensions (Clang has them too), one width per instruction set. Only
// level.cpp includes this; it is compiled once per level (CMakeLists.txt), so everything here has
// internal linkage: an inline function shared between levels could run AVX-512 code on a machine without it.
#pragma once

#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr int LANES = 16; // floats per vector
#elif defined(__AVX2__)
constexpr int LANES = 8;
#else
constexpr int LANES = 4;
#endif
constexpr int HALF = LANES / 2; // doubles per vector, and the floats that fill one

typedef float Floats __attribute__((vector_size(LANES * sizeof(float)), may_alias));
typedef float Halves __attribute__((vector_size(HALF * sizeof(float)), may_alias));
typedef double Doubles __attribute__((vector_size(HALF * sizeof(double)), may_alias));
typedef Floats LooseFloats __attribute__((aligned(4)));
typedef Halves LooseHalves __attribute__((aligned(4)));

#define ALWAYS_INLINE __attribute__((always_inline)) // of members and lambdas
#define INLINE static inline ALWAYS_INLINE
// Loops over vectors that must stay in registers.
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

INLINE Floats load(const float *p) {
    return *reinterpret_cast<const LooseFloats *>(p);
}

INLINE void store(float *p, Floats v) {
    *reinterpret_cast<LooseFloats *>(p) = v;
}

// The first n of LANES (HALF) floats, zeros for the rest; memory behind them is not touched.
#if defined(__AVX512VL__)
INLINE Floats load_part(const float *p, int n) {
    return _mm512_maskz_loadu_ps(__mmask16((1u << n) - 1), p);
}
INLINE Halves load_half_part(const float *p, int n) { // any n: no float for n <= 0, all for n >= HALF
    return _mm256_maskz_loadu_ps(__mmask8(n >= HALF ? 255 : n > 0 ? (1u << n) - 1 : 0), p);
}
INLINE void store_part(float *p, Floats v, int n) {
    _mm512_mask_storeu_ps(p, __mmask16((1u << n) - 1), v);
}
#else
template <typename Vector> INLINE Vector load_some(const float *p, int n) {
    Vector v = {};
    for (int i = 0; i < n; ++i)
        v[i] = p[i];
    return v;
}
INLINE Floats load_part(const float *p, int n) {
    return load_some<Floats>(p, n);
}
INLINE Halves load_half_part(const float *p, int n) {
    return n >= HALF ? *reinterpret_cast<const LooseHalves *>(p) : load_some<Halves>(p, n);
}
INLINE void store_part(float *p, Floats v, int n) {
    for (int i = 0; i < n; ++i)
        p[i] = v[i];
}
#endif

typedef int Integers __attribute__((vector_size(LANES * sizeof(int))));

// True in the first n lanes.
INLINE Integers first_lanes(int n) {
    Integers lane;
    UNROLL
    for (int i = 0; i < LANES; ++i)
        lane[i] = i;
    return lane < n;
}

INLINE Doubles widen(Halves v) {
#if defined(__AVX512F__)                   // GCC 12 makes two conversions and two shuffles of __builtin_convertvector
    return _mm512_maskz_cvtps_pd(0xff, v); // the plain one warns: its header leaves a register undefined
#elif defined(__AVX2__)
    return _mm256_cvtps_pd(v);
#else
    return __builtin_convertvector(v, Doubles);
#endif
}

// The first and the last HALF floats. Not by memcpy: GCC 12 then keeps the sums that v is part of in memory.
INLINE Halves lower(Floats v) {
#if defined(__AVX512F__)
    return __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
#elif defined(__AVX2__)
    return __builtin_shufflevector(v, v, 0, 1, 2, 3);
#else
    return __builtin_shufflevector(v, v, 0, 1);
#endif
}

INLINE Halves upper(Floats v) {
#if defined(__AVX512F__)
    return __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
#elif defined(__AVX2__)
    return __builtin_shufflevector(v, v, 4, 5, 6, 7);
#else
    return __builtin_shufflevector(v, v, 2, 3);
#endif
}

INLINE Halves load_half(const float *p) {
    return *reinterpret_cast<const LooseHalves *>(p);
}

// a*b + c with an explicit FMA where there is one. Only used where a*b is exact in double (a product of two
// float32 numbers has 48 bits), so that one rounding or two give the same bits at every level.
INLINE Doubles add_product(Doubles a, Doubles b, Doubles c) {
#if defined(__AVX512F__)
    return _mm512_fmadd_pd(a, b, c);
#elif defined(__AVX2__)
    return _mm256_fmadd_pd(a, b, c);
#else
    return a * b + c;
#endif
}

// Past the caches, to an aligned address: without it, the line is first read from memory, a third of the
// traffic.
INLINE void stream(float *p, Floats v) {
#if defined(__AVX512F__)
    _mm512_stream_ps(p, v);
#elif defined(__AVX2__)
    _mm256_stream_ps(p, v);
#elif defined(__SSE2__)
    _mm_stream_ps(p, v);
#else
    *reinterpret_cast<Floats *>(p) = v;
#endif
}

// Streamed stores are weakly ordered: other threads may see them only after this.
INLINE void drain() {
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

// Into the level-2 cache: a line that will be read soon. Memory that is not there is no error.
INLINE void prefetch(const float *p) {
    __builtin_prefetch(p, 0, 2);
}

template <typename T> INLINE T min(T a, T b) {
    return a < b ? a : b;
}

} // namespace
