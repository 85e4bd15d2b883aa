/* Configurations: what is accepted has a canonical text, which says the same when it is made again.
 */
#include "fuzz/fuzz.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size);
    struct fr_config config;
    struct fr_error err = {0};
    int code = fr_config_parse(&config, text, "fuzz.yaml", &err);
    if (code != FR_OK) {
        fuzz_check_refusal(code, &err);
    } else {
        struct fr_text once = {0}, twice = {0};
        fr_config_render(&config, &once);
        fr_config_render(&config, &twice);
        FR_ASSERT(strcmp(fr_text_get(&once), fr_text_get(&twice)) == 0);
        fr_text_release(&once);
        fr_text_release(&twice);
        fr_config_release(&config);
    }
    free(text);
    return 0;
}
