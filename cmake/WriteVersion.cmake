# cmake -DSOURCE=... -DVERSION=... -DOUT=... -P WriteVersion.cmake; see Version.cmake.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
    set(revision "unknown") # a source archive
endif()
# Of all that verdicts follow from; what is stored of other rules is judged again (study/judge.c).
file(GLOB_RECURSE rules "${SOURCE}/src/planning/*.[ch]" "${SOURCE}/src/naming/*.[ch]"
    "${SOURCE}/src/prompts/*.[ch]" "${SOURCE}/src/sources/*.[ch]")
set(reading "")
foreach(file IN LISTS rules)
    file(SHA256 "${file}" sha)
    string(APPEND reading "${sha}")
endforeach()
string(SHA256 reading "${reading}")
file(CONFIGURE OUTPUT "${OUT}" @ONLY CONTENT
"/* Written at each build by cmake/WriteVersion.cmake. */
#ifndef FR_VERSION_H
#define FR_VERSION_H
#define FR_VERSION \"@VERSION@\"
#define FR_REVISION \"@revision@\"
#define FR_READING \"@reading@\"
#endif
")
