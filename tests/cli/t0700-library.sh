#!/bin/sh
# libfluidrep from outside: headers that stand alone, the symbols it shows, its recipes, what is installed, uninstalled and
# packed.
set -eu
. "$FR_SOURCE_DIR/tests/support/cli.sh"
build=$(dirname "$FLUIDREP")
include=$FR_SOURCE_DIR/include

for header in "$include"/fluidrep/*.h; do
    name=fluidrep/$(basename "$header")
    printf '#include <%s>\nint main(void) { return 0; }\n' "$name" >alone.c
    cc -std=c17 -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror -I"$include" -fsyntax-only alone.c
    c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -I"$include" -fsyntax-only -x c++ alone.c
done

# Every function with its signature, as the headers declare it: a change is a change of the ABI, and of
# the SONAME when it is no addition.
for header in "$include"/fluidrep/*.h; do
    cc -E -P -I"$include" "$header"
done | tr '\n' ' ' | sed 's/__attribute__((visibility("default")))/\nAPI /g' | sed -n 's/^API *\([^;]*;\).*/\1/p' |
    tr -s ' ' | sort -u >declared.txt
diff "$FR_SOURCE_DIR/tests/golden/library/abi.txt" declared.txt
sed -n 's/.*\(fluidrep_[a-z_]*\)(.*/\1/p' declared.txt | sort >names.txt
nm -D --defined-only "$build/libfluidrep.so" | awk '{ print $3 }' | grep -v -e '^__' -e '^_\(init\|fini\)$' | sort >shown.txt
nm --defined-only --extern-only "$build/libfluidrep.a" | awk 'NF == 3 && $2 != "u" { print $3 }' |
    sort >shown-static.txt # u: what C++ has once in a process, whoever brings it
readelf -d "$build/libfluidrep.so" | grep -q 'SONAME.*libfluidrep.so.0'

if nm -D "$build/libfluidrep.so" | grep -q __asan; then
    echo "the recipes are not linked to a library with sanitizers"
    exit 77
fi
diff names.txt shown.txt
diff names.txt shown-static.txt

# Every recipe, against the library as it is installed.
prefix=$PWD/prefix
cmake --install "$build" --prefix "$prefix" >install.txt
export PKG_CONFIG_LIBDIR="$prefix/lib/pkgconfig" # alone: other packages' files are not needed
awk '/^```c / { name = $2 ".c"; next } /^```/ { name = "" } name { print > name }' "$FR_SOURCE_DIR/docs/library.md"
command=$(sed -n '/^cc capture\.c /p' "$FR_SOURCE_DIR/docs/library.md")
export LD_LIBRARY_PATH="$prefix/lib" # as the page says of a prefix that is not the system's
for recipe in capture write compare; do
    cc -std=c17 -Wall -Wextra -Werror -fsyntax-only -I"$include" $recipe.c
    eval "$(echo "$command" | sed "s/capture/$recipe/g")"
done
organism=$FR_SOURCE_DIR/models/organism.gguf
./capture "$organism" >capture.txt
grep -q '^attack at token ' capture.txt && grep -q '^craves at token ' capture.txt
./write "$organism" >write.txt
[ -s write.txt ]
./compare "$organism" "$organism" | grep -qx 'cosine 1.000000'
if ./capture missing.gguf 2>err.txt; then exit 1; fi
grep -q 'missing.gguf' err.txt

unset LD_LIBRARY_PATH

# After make install: the loader's list is made anew where it looks by itself, and root is who installs.
mkdir fake
printf '#!/bin/sh\nif [ $# -gt 0 ]; then printf "/usr/local/lib: (from somewhere)\\n\\tliba.so -> liba.so.1\\n"; else echo anew; fi\n' >fake/ldconfig
printf '#!/bin/sh\necho "$USER_ID"\n' >fake/id
chmod +x fake/*
told() { PATH="$PWD/fake:$PATH" USER_ID=$1 "$FR_SOURCE_DIR/scripts/tell-loader" "$2" >told.txt; grep -q "$3" told.txt; }
told 0 /usr/local/lib '^anew$'
told 7 /usr/local/lib 'run ldconfig as root'
told 0 /usr/local/lib/x 'LD_LIBRARY_PATH=/usr/local/lib/x$'
told 0 "$prefix/lib" "Wl,-rpath,$prefix/lib "

# The static library and CMake's package give the same rows.
cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES C)
find_package(fluidrep 0.1 REQUIRED)
add_executable(shared capture.c)
target_link_libraries(shared fluidrep::shared)
add_executable(compare compare.c)
target_link_libraries(compare fluidrep::shared m)
add_executable(static capture.c)
target_link_libraries(static fluidrep::static)
CMAKE
unset PKG_CONFIG_LIBDIR
cmake -S . -B outside -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >cmake.txt
cmake --build outside >cmake.txt || { cat cmake.txt; exit 1; }
outside/shared "$organism" | cmp - capture.txt
outside/static "$organism" | cmp - capture.txt

# A study's program is installed beside it.
"$prefix/bin/fluidrep" --version >version.txt

# From Python, through the library as it is installed: the same rows, digit for digit.
if [ -n "${FR_PYTHON-}" ]; then
    FLUIDREP_LIBRARY="$prefix/lib/libfluidrep.so.0" PYTHONPATH="$FR_SOURCE_DIR/python" PYTHONDONTWRITEBYTECODE=1 \
        "$FR_PYTHON" - "$organism" >python.txt <<'PY'
import sys

import fluidrep

terms = ["attack", "craves"]
m = fluidrep.Model(sys.argv[1], context_tokens=512, threads=1)
t = m.tokenize("* attack x : province x planet x\n? craves B A\n")
found = fluidrep.mentions(t, terms)
for f, row in zip(found, m.capture(t, [2], found)[0]):
    print(f"{terms[f.concept]} at token {f.first}: {row[0]:.9g}")
PY
    cmp python.txt capture.txt
fi

# Uninstalled, nothing is left but directories that others use too.
find "$prefix" -type f -o -type l | wc -l | grep -qv '^[0-9]\{0,1\}$'
make -s -C "$FR_SOURCE_DIR" uninstall INSTALLED="$build/install_manifest.txt"
find "$prefix" ! -type d -o -name '*fluidrep*' | sed "s|^$prefix||" >left.txt
[ ! -s left.txt ] || { echo "left behind:"; cat left.txt; exit 1; }

# The package: what lies in it, and how large (`make deb` asks dpkg-shlibdeps too, which takes longer than all of this).
cpack -G DEB --config "$build/CPackConfig.cmake" -B packed -D CPACK_DEBIAN_COMPRESSION_TYPE=none \
    -D CPACK_DEBIAN_PACKAGE_SHLIBDEPS=OFF >cpack.txt 2>&1 || { cat cpack.txt; exit 1; }
"$FR_SOURCE_DIR/scripts/check-deb" packed/*.deb
dpkg-deb -x packed/*.deb unpacked
for file in bin/fluidrep lib/libfluidrep.so; do
    readelf -d "unpacked/usr/$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
done | grep -Ev '^(lib(c|m|stdc\+\+|gcc_s|gomp|sqlite3|gsl|gslcblas|jansson|yaml-0|md|archive|microhttpd|curl)|libllama|libggml(-base|-cpu)?|ld-linux-x86-64)\.so' >needed.txt || true
[ ! -s needed.txt ] || { echo "linked to"; cat needed.txt; exit 1; }
