/* A model's file as `doctor`, --dry-run and every command look at it before the engine does: any
 * bytes behind the magic are refused with a reason, or tell a shape of which every number is one
 * that can be counted with. */
#include "fuzz/fuzz.h"
#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_file("GGUF", data, size);
    struct fr_model_info info;
    struct fr_error err = {0};
    const int code = fr_model_look(path, &info, &err);
    if (code != FR_OK) {
        fuzz_check_refusal(code, &err);
        return 0;
    }
    FR_ASSERT(memchr(info.architecture, '\0', sizeof info.architecture) != NULL);
    FR_ASSERT(memchr(info.name, '\0', sizeof info.name) != NULL);
    FR_ASSERT(info.architecture[0] != '\0');
    FR_ASSERT(info.n_layers >= 0 && info.width >= 0 && info.n_vocab >= 0);
    FR_ASSERT(info.n_parameters >= 0 && isfinite(info.weight_bytes) && info.weight_bytes >= 0);
    return 0;
}
