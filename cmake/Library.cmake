# libfluidrep, shared and static, of the rooms up to library/. The shared one shows what
# include/fluidrep/ declares (tests/cli/t0700-library.sh compares the list); the static one keeps the
# rooms' symbols inside, too: one object, in which all other names are made local.
# Installed: headers, both libraries, pkg-config, find_package(fluidrep). cpack makes the .deb.
set(FR_SOVERSION 0)
set(objects)
foreach(room IN LISTS FR_ROOMS)
    list(APPEND objects $<TARGET_OBJECTS:fr_${room}>)
    if(room STREQUAL "library")
        break()
    endif()
endforeach()

add_library(fluidrep_shared SHARED ${objects})
add_library(fluidrep_static STATIC "${PROJECT_BINARY_DIR}/libfluidrep.o")
add_custom_command(OUTPUT "${PROJECT_BINARY_DIR}/libfluidrep.o"
    COMMAND "${CMAKE_LINKER}" -r --force-group-allocation -o "${PROJECT_BINARY_DIR}/libfluidrep.o" ${objects}
        "${FR_JINJA_PREFIX}/lib/libjinja.a"
    COMMAND "${CMAKE_OBJCOPY}" --wildcard "--keep-global-symbol=fluidrep_*" --strip-debug
        "${PROJECT_BINARY_DIR}/libfluidrep.o"
    DEPENDS ${objects} COMMAND_EXPAND_LISTS VERBATIM COMMENT "")
set_source_files_properties("${PROJECT_BINARY_DIR}/libfluidrep.o" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
foreach(kind shared static)
    set_target_properties(fluidrep_${kind} PROPERTIES OUTPUT_NAME fluidrep EXPORT_NAME ${kind} LINKER_LANGUAGE CXX)
    target_include_directories(fluidrep_${kind} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
set_target_properties(fluidrep_shared PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${FR_SOVERSION})
target_link_libraries(fluidrep_shared PRIVATE fr_libraries fr_llama fr_jinja)
target_link_options(fluidrep_shared PRIVATE "LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/fluidrep.map"
    LINKER:--no-undefined LINKER:--as-needed)
set_target_properties(fluidrep_shared PROPERTIES LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/fluidrep.map")
if(FR_SANITIZE)
    target_link_options(fluidrep_shared PRIVATE -fsanitize=${FR_SANITIZE})
endif()

if(EXISTS "${FR_LLAMA_PREFIX}/share/LICENSE.llama.cpp")
    set_target_properties(fluidrep_shared PROPERTIES INSTALL_RPATH_USE_LINK_PATH OFF
        INSTALL_RPATH "$ORIGIN/fluidrep")
    set(FR_PRIVATE_LIBS "-L\${libdir}/fluidrep -Wl,-rpath,\${libdir}/fluidrep -lllama -lggml -lggml-base -lggml-cpu")
else()
    set(FR_PRIVATE_LIBS "-lllama -lggml -lggml-base")
endif()
configure_file(cmake/fluidrep.pc.in "${FR_GENERATED_DIR}/fluidrep.pc" @ONLY)

# Beside the libraries whatever the system's habits, so that the package can be moved as a whole.
install(TARGETS fluidrep_shared LIBRARY DESTINATION lib)
install(TARGETS fluidrep_static ARCHIVE DESTINATION lib)
install(DIRECTORY include/fluidrep DESTINATION include)
install(FILES "${FR_GENERATED_DIR}/fluidrep.pc" DESTINATION lib/pkgconfig)
install(FILES cmake/fluidrep-config.cmake DESTINATION lib/cmake/fluidrep)
include(CMakePackageConfigHelpers)
write_basic_package_version_file("${FR_GENERATED_DIR}/fluidrep-config-version.cmake"
    VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES "${FR_GENERATED_DIR}/fluidrep-config-version.cmake" DESTINATION lib/cmake/fluidrep)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME fluidrep)
set(CPACK_PACKAGE_CONTACT "fluidrep")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Reads and writes what reasoning models represent while they reason")
set(CPACK_PACKAGING_INSTALL_PREFIX "/usr")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${FR_LLAMA_PREFIX}/lib")
set(CPACK_STRIP_FILES ON)
include(CPack)
