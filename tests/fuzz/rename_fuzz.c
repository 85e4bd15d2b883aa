/* Renaming: two bytes choose two of the paper's namings; or, when the bytes before the first NUL
 * are a table, its first and last naming are taken. The rest is a text. Under every policy nothing
 * but words changes hands; with swap, what is not reported as lost comes back byte for byte. */
#include "fuzz/fuzz.h"
#include "naming/rename.h"

static const struct fr_namings *paper(void) {
    static struct fr_namings namings;
    struct fr_error err = {0};
    if (namings.n == 0)
        fuzz_require(fr_namings_load(&namings, fr_test_path("data/namings.tsv"), fuzz_domain(),
                                     &err),
                     &err);
    return &namings;
}

static void check(const struct fr_namings *namings, int from, int to, enum fr_inflection_rule rule,
                  const char *text, size_t n) {
    struct fr_text moved = {0}, again = {0}, kept = {0};
    struct fr_error err = {0};
    for (int policy = 0; policy < FR_COLLISION_POLICY_COUNT; policy++) {
        struct fr_rename there, back;
        int code =
            fr_rename_init(&there, namings, from, to, rule, (enum fr_collision_policy)policy, &err);
        if (code != FR_OK) {
            fuzz_check_refusal(code, &err);
            break;
        }
        fuzz_require(fr_rename_init(&back, namings, to, from, rule,
                                    (enum fr_collision_policy)policy, &err),
                     &err);
        fr_text_clear(&moved);
        fr_text_clear(&again);
        code = fr_rename_text(&there, text, n, &moved, &err);
        if (code != FR_OK) {
            FR_ASSERT(policy == FR_COLLISION_REFUSE && there.n_renamed == 0 && moved.len == 0);
            fuzz_check_refusal(code, &err);
        } else if (policy == FR_COLLISION_SWAP) {
            fuzz_require(fr_rename_text(&back, fr_text_get(&moved), moved.len, &again, &err), &err);
            if (there.n_lost == 0) {
                FR_ASSERT(again.len == n && (n == 0 || memcmp(again.data, text, n) == 0));
                FR_ASSERT(there.n_renamed == back.n_renamed || there.back != NULL);
                FR_ASSERT(there.n_collisions == back.n_collisions || there.back != NULL);
            }
        } else if (policy == FR_COLLISION_KEEP) {
            fr_text_append(&kept, moved.len > 0 ? moved.data : "", moved.len);
        } else { /* not refused: no collision, so keep did the same */
            FR_ASSERT(there.n_collisions == 0 && moved.len == kept.len);
            FR_ASSERT(moved.len == 0 || memcmp(moved.data, kept.data, moved.len) == 0);
        }
        long count = 0;
        for (int i = 0; i < there.n; i++)
            count += there.items[i].count;
        FR_ASSERT(count == there.n_renamed + there.n_collisions);
        fr_rename_release(&there);
        fr_rename_release(&back);
    }
    fr_text_release(&moved);
    fr_text_release(&again);
    fr_text_release(&kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    const char *bytes = (const char *)data;
    const size_t n_table = strnlen(bytes, size);
    struct fr_namings own;
    struct fr_error err = {0};
    char *table = fuzz_text(data, size);
    if (n_table < size && fr_namings_parse(&own, table, "own", fuzz_domain(), &err) == FR_OK) {
        check(&own, 0, own.n - 1, FR_INFLECTION_INFLECTED, bytes + n_table + 1, size - n_table - 1);
        fr_namings_release(&own);
    } else {
        check(paper(), data[0] % paper()->n, data[1] % paper()->n,
              data[0] & 0x80 ? FR_INFLECTION_EXACT : FR_INFLECTION_INFLECTED, bytes + 2, size - 2);
    }
    free(table);
    return 0;
}
