# cmake -DSOURCE=... -DVERSION=... -DOUT=... -P WriteVersion.cmake; see Version.cmake.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
    set(revision "unknown") # a source archive
endif()
file(CONFIGURE OUTPUT "${OUT}" @ONLY CONTENT
"/* Written at each build by cmake/WriteVersion.cmake. */
#ifndef FR_VERSION_H
#define FR_VERSION_H
#define FR_VERSION \"@VERSION@\"
#define FR_REVISION \"@revision@\"
#endif
")
