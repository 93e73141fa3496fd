# darknet_peer: the original, asked over the wire; only where Debian's `darknet` package is. It links that package's
# library by its path in /usr/lib, so a wheel that holds it is of use on such machines alone. Therefore OFF here and
# in wheels; `pip install -e`, which is for this machine, turns it ON (pyproject.toml), and so does the environment
# variable DARKPARITY_PEER=ON for any other pip command.
option(DARKPARITY_PEER "Build darknet_peer where libdarknet.so and darknet.h are found" OFF)
if(NOT DARKPARITY_PEER)
  return()
endif()

find_library(DARKNET_LIBRARY darknet PATHS /usr/lib/darknet)
find_path(DARKNET_INCLUDE darknet.h PATHS /usr/lib/darknet/include)
if(NOT DARKNET_LIBRARY OR NOT DARKNET_INCLUDE)
  message(STATUS "No darknet_peer: apt-get install -y --no-install-recommends darknet")
  return()
endif()

enable_language(C)
execute_process(COMMAND dpkg-query -W -f \${Version} darknet OUTPUT_VARIABLE DARKNET_VERSION ERROR_QUIET)
get_filename_component(DARKNET_DIRECTORY "${DARKNET_LIBRARY}" DIRECTORY)
add_executable(darknet_peer cpp/peer/darknet_peer.c)
# The protocol is the C starter's, which includes operations.h.
target_include_directories(darknet_peer PRIVATE cpp/peer harness/darkparity/starters/c)
target_include_directories(darknet_peer SYSTEM PRIVATE "${DARKNET_INCLUDE}")
target_link_libraries(darknet_peer PRIVATE "${DARKNET_LIBRARY}")
target_compile_options(darknet_peer PRIVATE ${WARNING_FLAGS})
target_compile_definitions(darknet_peer PRIVATE "DARKPARITY_DARKNET_VERSION=\"${DARKNET_VERSION}\"")
set_target_properties(darknet_peer PROPERTIES INSTALL_RPATH "${DARKNET_DIRECTORY}")
if(DARKPARITY_PYTHON)
  install(TARGETS darknet_peer RUNTIME DESTINATION darkparity)
endif()
