# The libraries the project stands on: fr_libraries (all rooms), fr_llama and fr_jinja (model/ only), FR_CMOCKA.
if(NOT FR_LLAMA_PREFIX OR NOT FR_JINJA_PREFIX OR NOT FR_VEGA_DIR)
    message(FATAL_ERROR "build/setup.cmake is missing or older than what it must say: run scripts/setup first (or "
        "`make`), or give -DFR_LLAMA_PREFIX=..., -DFR_JINJA_PREFIX=... and -DFR_VEGA_DIR=.../node_modules")
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(FR_PC REQUIRED IMPORTED_TARGET sqlite3 gsl jansson yaml-0.1 libmd)
pkg_check_modules(FR_ARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(FR_HTTP REQUIRED IMPORTED_TARGET libmicrohttpd) # view/ only
pkg_check_modules(FR_CURL REQUIRED IMPORTED_TARGET libcurl)       # sources/ only
pkg_check_modules(FR_CMOCKA IMPORTED_TARGET QUIET cmocka)
pkg_check_modules(FR_OPENBLAS IMPORTED_TARGET QUIET openblas)
pkg_check_modules(FR_OPEN_MPI IMPORTED_TARGET QUIET ompi-c) # src/work/mpi/ only
if(NOT FR_OPEN_MPI_FOUND)
    set(FR_OPEN_MPI_FOUND OFF)
endif()
if(NOT FR_OPENBLAS_FOUND)
    set(FR_OPENBLAS_FOUND OFF)
endif()

add_library(fr_libraries INTERFACE)
target_link_libraries(fr_libraries INTERFACE PkgConfig::FR_PC Threads::Threads m)

# By full path, so that the program finds the very library it was built with (RPATH).
add_library(fr_llama INTERFACE)
foreach(name llama ggml ggml-base ggml-cpu)
    find_library(FR_LIB_${name} ${name} PATHS "${FR_LLAMA_PREFIX}" PATH_SUFFIXES lib
        NO_DEFAULT_PATH NO_CACHE)
    if(NOT FR_LIB_${name})
        find_library(FR_LIB_${name} ${name} NO_CACHE)
    endif()
    if(FR_LIB_${name})
        target_link_libraries(fr_llama INTERFACE "${FR_LIB_${name}}")
    elseif(NOT name STREQUAL "ggml-cpu") # a module of its own in some distributions
        message(FATAL_ERROR "lib${name} is not below ${FR_LLAMA_PREFIX}; remove build/ and run "
            "scripts/setup again")
    endif()
endforeach()
target_include_directories(fr_llama SYSTEM INTERFACE "${FR_LLAMA_PREFIX}/include")

# The interpreter of chat templates: C++, behind src/model/chat_template.cpp.
add_library(fr_jinja INTERFACE)
target_link_libraries(fr_jinja INTERFACE "${FR_JINJA_PREFIX}/lib/libjinja.a" "${FR_LIB_ggml-base}")
target_include_directories(fr_jinja SYSTEM INTERFACE "${FR_JINJA_PREFIX}/include")
