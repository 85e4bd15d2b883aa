// llama_loader FILE: a control vector as llama.cpp's tools load it (common/, of the pinned source), on standard output:
// the directions of layers 1, 2 ... as floats, in the layout that llama_set_adapter_cvec takes. For tests.
#include "common.h"

#include <cstdio>

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    const common_control_vector_data loaded = common_control_vector_load({{1.0f, argv[1]}});
    if (loaded.n_embd <= 0)
        return 1;
    std::fprintf(stderr, "width %d\n", loaded.n_embd);
    return std::fwrite(loaded.data.data(), sizeof(float), loaded.data.size(), stdout) == loaded.data.size() ? 0 : 1;
}
