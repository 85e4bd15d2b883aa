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

/* Texts are many and tables slow to make: those of the paper's namings are kept. */
static struct fr_rename *kept_renaming(int from, int to, int rule, int policy,
                                       struct fr_error *err) {
    enum { N = 32 };
    static struct fr_rename kept[N][N][FR_INFLECTION_RULE_COUNT][FR_COLLISION_POLICY_COUNT];
    FR_ASSERT(paper()->n <= N);
    struct fr_rename *rename = &kept[from][to][rule][policy];
    if (rename->items == NULL &&
        fr_rename_init(rename, paper(), from, to, (enum fr_inflection_rule)rule,
                       (enum fr_collision_policy)policy, err) != FR_OK)
        return NULL;
    rename->n_renamed = rename->n_collisions = rename->n_lost = 0;
    for (int i = 0; i < rename->n; i++)
        rename->items[i].count = 0;
    return rename;
}

static long count_all(const struct fr_rename *rename) {
    long count = 0;
    for (int i = 0; i < rename->n; i++)
        count += rename->items[i].count;
    return count;
}

/* One text under one policy; *kept is what keep makes of it, to be compared with refuse. */
static void check_text(struct fr_rename *there, struct fr_rename *back, const char *text, size_t n,
                       struct fr_text *kept) {
    struct fr_text moved = {0}, again = {0};
    struct fr_error err = {0};
    const int code = fr_rename_text(there, text, n, &moved, &err);
    FR_ASSERT(count_all(there) == there->n_renamed + there->n_collisions);
    if (code != FR_OK) {
        FR_ASSERT(there->policy == FR_COLLISION_REFUSE && count_all(there) == 0 && moved.len == 0);
        fuzz_check_refusal(code, &err);
    } else if (there->policy == FR_COLLISION_SWAP) {
        fuzz_require(fr_rename_text(back, fr_text_get(&moved), moved.len, &again, &err), &err);
        if (there->n_lost == 0) {
            FR_ASSERT(again.len == n && (n == 0 || memcmp(again.data, text, n) == 0));
            FR_ASSERT(there->n_renamed == back->n_renamed || there->back != NULL);
            FR_ASSERT(there->n_collisions == back->n_collisions || there->back != NULL);
        }
    } else if (there->policy == FR_COLLISION_KEEP) {
        fr_text_append(kept, fr_text_get(&moved), moved.len);
    } else { /* not refused: nothing stood there already, so keep did the same */
        FR_ASSERT(there->n_collisions == 0 && moved.len == kept->len);
        FR_ASSERT(moved.len == 0 || memcmp(moved.data, kept->data, moved.len) == 0);
    }
    fr_text_release(&moved);
    fr_text_release(&again);
}

static void check_paper(int from, int to, int rule, const char *text, size_t n) {
    struct fr_text kept = {0};
    struct fr_error err = {0};
    for (int policy = 0; policy < FR_COLLISION_POLICY_COUNT; policy++) {
        struct fr_rename *there = kept_renaming(from, to, rule, policy, &err);
        if (there == NULL) {
            fuzz_check_refusal(FR_E_INPUT, &err);
            break;
        }
        /* there and back must not be one: their counts are compared */
        struct fr_rename *back = from == to ? NULL : kept_renaming(to, from, rule, policy, &err);
        if (back != NULL)
            check_text(there, back, text, n, &kept);
    }
    fr_text_release(&kept);
}

static void check_own(const struct fr_namings *namings, const char *text, size_t n) {
    struct fr_text kept = {0};
    struct fr_error err = {0};
    for (int policy = 0; policy < FR_COLLISION_POLICY_COUNT; policy++) {
        struct fr_rename there, back;
        const int code = fr_rename_init(&there, namings, 0, namings->n - 1, FR_INFLECTION_INFLECTED,
                                        (enum fr_collision_policy)policy, &err);
        if (code != FR_OK) {
            fuzz_check_refusal(code, &err);
            break;
        }
        fuzz_require(fr_rename_init(&back, namings, namings->n - 1, 0, FR_INFLECTION_INFLECTED,
                                    (enum fr_collision_policy)policy, &err),
                     &err);
        check_text(&there, &back, text, n, &kept);
        fr_rename_release(&there);
        fr_rename_release(&back);
    }
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
        check_own(&own, bytes + n_table + 1, size - n_table - 1);
        fr_namings_release(&own);
    } else {
        check_paper(data[0] % paper()->n, data[1] % paper()->n, data[0] >> 7, bytes + 2, size - 2);
    }
    free(table);
    return 0;
}
