# find_package(fluidrep): the targets fluidrep::shared and, where the packages to link it with are, fluidrep::static.
get_filename_component(_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET fluidrep::shared)
    add_library(fluidrep::shared SHARED IMPORTED)
    set_target_properties(fluidrep::shared PROPERTIES IMPORTED_LOCATION "${_prefix}/lib/libfluidrep.so"
        INTERFACE_INCLUDE_DIRECTORIES "${_prefix}/include")
    find_package(PkgConfig QUIET)
    if(PkgConfig_FOUND)
        pkg_check_modules(_fluidrep QUIET sqlite3 gsl jansson yaml-0.1 libmd)
    endif()
    file(GLOB _engine "${_prefix}/lib/fluidrep/libllama.so" "${_prefix}/lib/fluidrep/libggml*.so")
    if(NOT _engine)
        set(_engine llama ggml ggml-base)
    endif()
endif()
if(_fluidrep_FOUND AND NOT TARGET fluidrep::static)
    add_library(fluidrep::static STATIC IMPORTED)
    set_target_properties(fluidrep::static PROPERTIES IMPORTED_LOCATION "${_prefix}/lib/libfluidrep.a"
        INTERFACE_INCLUDE_DIRECTORIES "${_prefix}/include"
        INTERFACE_LINK_LIBRARIES "${_engine};${_fluidrep_LINK_LIBRARIES};stdc++;m;pthread")
endif()
