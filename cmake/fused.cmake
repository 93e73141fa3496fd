# cpp-fused: fused/level.cpp once per instruction set, chosen at run time, and what calls it. Part of `bn`.
if(MSVC)
  return() # no vector extensions: the implementation reports itself as not installed
endif()

# -O3: GCC 12 at -O2 leaves loops over fixed counts rolled; symptom: sums kept in memory, half the speed. Not
# for Debug, whose builds are for sanitizers: they take four minutes.
# -Wno-psabi: GCC notes that vectors wider than the registers changed their calling convention; all are inlined.
# -fno-math-errno: sqrt() may set errno otherwise; symptom: one root at a time. No result changes.
set(LEVEL_FLAGS $<$<NOT:$<CONFIG:Debug>>:-O3> -Wno-psabi -fno-math-errno)
set(plain_FLAGS "") # SSE2 on x86-64, NEON on arm64
set(avx2_FLAGS -mavx2 -mfma)
# -mprefer-vector-width: GCC's tuning for most AVX-512 machines would split 64-byte vectors.
set(avx512_FLAGS -mavx512f -mavx512vl -mfma -mprefer-vector-width=512)
set(LEVELS plain)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$" AND NOT CMAKE_OSX_ARCHITECTURES MATCHES arm64)
  list(APPEND LEVELS avx2 avx512)
  target_compile_definitions(bn PRIVATE DARKPARITY_X86)
endif()
foreach(level IN LISTS LEVELS)
  add_library(fused_${level} OBJECT cpp/fused/level.cpp)
  target_include_directories(fused_${level} PRIVATE cpp)
  target_compile_definitions(fused_${level} PRIVATE DARKPARITY_LEVEL=${level})
  target_compile_options(fused_${level} PRIVATE ${NUMERIC_FLAGS} ${WARNING_FLAGS} ${LEVEL_FLAGS} ${${level}_FLAGS})
  set_target_properties(fused_${level} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)
  target_sources(bn PRIVATE $<TARGET_OBJECTS:fused_${level}>)
endforeach()

target_sources(bn PRIVATE cpp/fused/fused.cpp)
target_compile_definitions(bn PUBLIC DARKPARITY_FUSED)
find_package(OpenMP COMPONENTS CXX QUIET)
if(OpenMP_CXX_FOUND)
  target_link_libraries(bn PRIVATE OpenMP::OpenMP_CXX)
endif()
