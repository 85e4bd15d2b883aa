# fr_version: every target that links it can include "fr_version.h", which defines FR_VERSION,
# FR_REVISION and FR_READING, a hash of the rules by which answers are read. They are looked up at each build; the file changes
# only when they do.
set(FR_GENERATED_DIR "${PROJECT_BINARY_DIR}/generated")
add_custom_target(fr_version_header
    COMMAND "${CMAKE_COMMAND}" -DSOURCE=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
        -DOUT=${FR_GENERATED_DIR}/fr_version.h -P "${PROJECT_SOURCE_DIR}/cmake/WriteVersion.cmake"
    BYPRODUCTS "${FR_GENERATED_DIR}/fr_version.h"
    COMMENT "")
add_library(fr_version INTERFACE)
target_include_directories(fr_version INTERFACE "${FR_GENERATED_DIR}")
add_dependencies(fr_version fr_version_header)
