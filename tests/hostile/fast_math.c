/* What linking with -Ofast does to a process where the compiler still does it: subnormals are flushed. */
#include <xmmintrin.h>

__attribute__((constructor)) static void flush(void) { _mm_setcsr(_mm_getcsr() | 0x8040); }
