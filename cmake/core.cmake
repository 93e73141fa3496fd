# What every build of the compiled module `_core` needs.
set(PYBIND11_FINDPYTHON ON)
find_package(pybind11 CONFIG REQUIRED)

# Compiler and flags go into report headers: results may depend on them.
function(describe_core target flags)
  set(compiler "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_SYSTEM_PROCESSOR}")
  target_compile_definitions(
    ${target} PRIVATE "DARKPARITY_FLAGS=\"${flags}\"" "DARKPARITY_PYBIND11=\"${pybind11_VERSION}\""
                      "DARKPARITY_COMPILER=\"${compiler}\"")
endfunction()
