/* What a server answers: any bytes, come in one piece or in pieces of any sizes, are the same
 * answer or the same fault; an answer is no longer than was asked for, and one that is whole says
 * why it ended, or that it did. The first byte chooses the sizes of the pieces. */
#include "fuzz/fuzz.h"
#include "sources/endpoint.h"

enum { MOST = 200 };

static bool feed(struct fr_answer_reader *r, const uint8_t *data, size_t size, unsigned seed) {
    bool good = true;
    for (size_t i = 0; good && i < size;) {
        seed = seed * 1103515245u + 12345u;
        const size_t piece = seed == 0 ? size : 1 + (seed >> 16) % 7;
        const size_t n = size - i < piece ? size - i : piece;
        good = fr_answer_add(r, (const char *)data + i, n, MOST);
        i += n;
    }
    return good && fr_answer_end(r);
}

static void check_same(const struct fr_answer *a, const struct fr_answer *b) {
    FR_ASSERT(a->text.len == b->text.len && a->reasoning.len == b->reasoning.len);
    FR_ASSERT(memcmp(fr_text_get(&a->text), fr_text_get(&b->text), a->text.len) == 0);
    FR_ASSERT(memcmp(fr_text_get(&a->reasoning), fr_text_get(&b->reasoning), a->reasoning.len) ==
              0);
    FR_ASSERT(a->n_ids == b->n_ids && a->ids_missing == b->ids_missing);
    FR_ASSERT(a->n_ids == 0 || memcmp(a->ids, b->ids, (size_t)a->n_ids * sizeof *a->ids) == 0);
    FR_ASSERT(strcmp(a->finish, b->finish) == 0 && strcmp(a->error, b->error) == 0);
    FR_ASSERT(strcmp(a->model, b->model) == 0 && strcmp(a->fingerprint, b->fingerprint) == 0);
    FR_ASSERT(a->prompt_tokens == b->prompt_tokens);
    FR_ASSERT(a->completion_tokens == b->completion_tokens);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    struct fr_answer_reader small = {0}, large = {0};
    const bool in_pieces = feed(&small, data + 1, size - 1, data[0] + 1u);
    const bool whole =
        fr_answer_add(&large, (const char *)data + 1, size - 1, MOST) && fr_answer_end(&large);
    FR_ASSERT(in_pieces == whole);
    FR_ASSERT(whole == !large.broken && whole == (large.fault[0] == '\0'));
    FR_ASSERT(memchr(large.fault, '\0', sizeof large.fault) != NULL);
    if (whole) {
        check_same(&small.answer, &large.answer);
        FR_ASSERT(large.answer.finish[0] != '\0' || large.answer.error[0] != '\0' || large.done ||
                  (large.is_document && large.answer.n_chunks > 0));
        FR_ASSERT(large.answer.completion_tokens >= -1 && large.answer.prompt_tokens >= -1);
        for (int i = 0; i < large.answer.n_ids; i++)
            FR_ASSERT(large.answer.ids[i] >= 0);
    }
    fr_answer_reader_release(&small);
    fr_answer_reader_release(&large);
    return 0;
}
