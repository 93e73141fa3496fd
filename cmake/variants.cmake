# Other builds of the compiled module, for the self-test's honest variants; never in a wheel:
# cmake -S . -B build -DDARKPARITY_VARIANTS=ON, then DARKPARITY_VARIANTS=build/variants darkparity selftest.
option(DARKPARITY_VARIANTS "Build the compiled module at -O0, -O2 and contracted -O3 -march=native" OFF)
if(NOT DARKPARITY_VARIANTS)
  return()
endif()

include(cmake/core.cmake)
set(VARIANT_cpp_o0 -O0 -ffp-contract=off)
set(VARIANT_cpp_o2 -O2 -ffp-contract=off)
set(VARIANT_cpp_o3_native -O3 -march=native -ffp-contract=fast)
foreach(variant cpp_o0 cpp_o2 cpp_o3_native)
  pybind11_add_module(${variant} NO_EXTRAS cpp/python/bindings.cpp cpp/kernels.cpp cpp/layer.cpp)
  target_include_directories(${variant} PRIVATE cpp)
  target_compile_options(${variant} PRIVATE ${VARIANT_${variant}})
  string(JOIN " " FLAGS ${VARIANT_${variant}})
  describe_core(${variant} "${FLAGS}")
  set_target_properties(${variant} PROPERTIES OUTPUT_NAME _core LIBRARY_OUTPUT_DIRECTORY variants/${variant})
endforeach()
