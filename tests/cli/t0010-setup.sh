# scripts/setup and libllama: what a built library is keyed by, that a cache of another machine is noticed, that a
# library which computes wrongly, or dies, is not used, and that ours has no AMX in it.
set -eu
root=$FR_SOURCE_DIR cache=$PWD/cache
prefix=${FR_VOCABULARY%/share/*}
. "$root/scripts/llama.pin"
. "$root/scripts/llama.sh"
[ -f "$prefix/made-from" ] || { echo "skipped: $prefix was not built by scripts/setup"; exit 77; }
differs() { ! cmp -s "$1" "$2" || { echo "the key does not tell: $3"; exit 1; }; }

# The key: the same again here; another with another processor, compiler or options.
llama_material >here
llama_material | cmp - here
printf 'model name\t: Another\nflags\t\t: fpu sse2 amx_tile\n' >cpuinfo
(CPUINFO=cpuinfo llama_material) >other
differs here other 'the processor'
cat >cc-13 <<'SH'
#!/bin/sh
[ "$1" != --version ] || { echo 'cc 13'; exit 0; }
exec cc "$@"
SH
chmod +x cc-13
(CC=./cc-13 llama_material) >other
differs here other 'the compiler'
(CFLAGS=-fno-tree-vectorize llama_material) >other
differs here other 'the flags'
(llama_options="$llama_options -DGGML_NATIVE=OFF" && llama_material) >other
differs here other 'the options'

# An entry that was made from something else, or does not say from what.
mkdir entry
if llama_fits entry; then echo 'an entry of unknown origin fits'; exit 1; fi
llama_material >entry/made-from
llama_fits entry
if (CPUINFO=cpuinfo llama_fits entry); then echo 'an entry fits another machine'; exit 1; fi

# No tile instruction, although the compiler may know this processor's.
case $(uname -m) in
x86_64)
    llama_flags | grep -q -e '-mno-amx-tile'
    [ "$(echo 'int x;' | cc -march=sapphirerapids $(llama_flags) -dM -E -x c - | grep -c AMX)" = 0 ]
    if objdump -d "$prefix"/lib/libggml-cpu.so | grep -E '\b(ldtilecfg|tileload|tdp[a-z0-9]+)'; then
        echo 'libggml-cpu uses AMX'
        exit 1
    fi
    ;;
esac

# The probe: right here; a kernel that computes wrongly or dies is told by name.
cat >shim.c <<'C'
#include <dlfcn.h>
#include <ggml-backend.h>
#include <ggml.h>
#include <signal.h>
#include <stdlib.h>
enum ggml_status ggml_backend_graph_compute(ggml_backend_t backend, struct ggml_cgraph *graph) {
    static int n;
    enum ggml_status (*real)(ggml_backend_t, struct ggml_cgraph *) =
        (enum ggml_status(*)(ggml_backend_t, struct ggml_cgraph *))dlsym(RTLD_NEXT, "ggml_backend_graph_compute");
    const enum ggml_status status = real(backend, graph);
    struct ggml_tensor *out = ggml_graph_node(graph, -1);
    if (++n == 3 && getenv("SHIM_KILLS") != NULL)
        raise(SIGILL);
    if (n == 3)
        ((float *)out->data)[7] *= 1.5F;
    return status;
}
C
mkdir work
llama_probe work "$(llama_link "$prefix")" || { echo 'libllama is wrong here'; exit 1; }
grep -Eq '^[0-9]{3} kernels are right$' work/log
for family in 'f32 weights in CPU memory, 1 row' 'q4_K weights in' 'bf16 experts' 'attention over q8_0, flash' \
    'attention over f32, no flash, heads of 64, 33 rows' 'q6_K rows read'; do
    grep -q "^$family" work/log || { echo "the probe leaves out: $family"; exit 1; }
done
cc -shared -fPIC -D_GNU_SOURCE -o shim.so shim.c $(llama_link "$prefix") -ldl
status=0
LD_PRELOAD=$PWD/shim.so work/probe >out.txt 2>err.txt || status=$?
[ "$status" = 1 ] && tail -n 1 out.txt | grep -q '^f32 weights in CPU memory, 5 rows: wrong numbers: off by' || { tail -n 3 out.txt; exit 1; }
status=0
SHIM_KILLS=1 LD_PRELOAD=$PWD/shim.so work/probe >out.txt 2>err.txt || status=$?
[ "$status" = $((128 + 4)) ] && [ "$(tail -n 1 out.txt)" = 'f32 weights in CPU memory, 5 rows' ]

# What was proved is remembered for this library and processor alone.
mkdir cache
llama_proves "$prefix"
[ "$(ls cache/proved | wc -l)" = 1 ]
(CPUINFO=cpuinfo && llama_proves "$prefix")
[ "$(ls cache/proved | wc -l)" = 2 ]

# The whole script, in a copy of the project: an installed library is used when it is right, ours when it is not, and
# an entry of another machine is removed before anything is built.
mkdir copy
cp -r "$root/scripts" "$root/report" copy/
rm -rf copy/report/node_modules
export FLUIDREP_CACHE=$cache
ln -s "$prefix" "$(dirname "$prefix")"/vega-* cache/
mkdir installed
cp -r "$prefix/include" "$prefix/lib" installed/
sed "s#=$prefix#=$PWD/installed#" "$prefix/lib/pkgconfig/llama.pc" >installed/lib/pkgconfig/llama.pc
export PKG_CONFIG_PATH=$PWD/installed/lib/pkgconfig
copy/scripts/setup >out.txt 2>err.txt || { cat out.txt err.txt; exit 1; }
[ ! -s out.txt ] && grep -q "FR_LLAMA_PREFIX \"$PWD/installed\"" copy/build/setup.cmake
rm installed/lib/libggml-base.so*
echo 'no library' >installed/lib/libggml-base.so
copy/scripts/setup >out.txt 2>err.txt || { cat out.txt err.txt; exit 1; }
grep -q '^setup: installed libllama .* is not usable here (.*); using our own$' out.txt
grep -q "FR_LLAMA_PREFIX \"$cache/${prefix##*/}\"" copy/build/setup.cmake
unset PKG_CONFIG_PATH

rm "cache/${prefix##*/}"
mkdir -p "cache/${prefix##*/}/lib" bin
sed 's/^model name.*/model name: Another/' "$prefix/made-from" >"cache/${prefix##*/}/made-from"
printf '#!/bin/sh\necho "no network in this test" >&2\nexit 1\n' >bin/npm
chmod +x bin/npm
status=0
PATH=$PWD/bin:$PATH copy/scripts/setup >out.txt 2>err.txt || status=$?
[ "$status" = 1 ] && grep -q 'was made on another machine, or is not whole; building it again$' out.txt
grep -q 'no network in this test' err.txt
[ ! -e "cache/${prefix##*/}" ]
