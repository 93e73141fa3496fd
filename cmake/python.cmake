# The compiled module `_core` of the wheel.
include(cmake/core.cmake)

pybind11_add_module(_core cpp/python/bindings.cpp)
target_link_libraries(_core PRIVATE bn)
target_compile_options(_core PRIVATE ${WARNING_FLAGS})
string(TOUPPER "${CMAKE_BUILD_TYPE}" CONFIG)
string(JOIN " " FLAGS ${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${CONFIG}} ${NUMERIC_FLAGS})
describe_core(_core "${FLAGS}")
install(TARGETS _core DESTINATION darkparity)
