/* Sums as files: what is saved comes back bit for bit, and a file of another study is refused. */
#include "test.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"
#include "representations/representations.h"
#include "store/store.h"

enum { A = 3, L = 2, T = 4, D = 5 };
static int32_t times[T] = {50, 100, 150, 200};
static const struct fr_grid grid = {.n_times = T,
                                    .times = times,
                                    .window_tokens = 70,
                                    .previous_token = true};

static char path[64];

static int set_up(void **state) {
    (void)state;
    strcpy(path, "sums-test-XXXXXX");
    const int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state) {
    (void)state;
    return unlink(path);
}

static bool is_unreadable; /* what lies behind a file's header */

ssize_t pread(int fd, void *to, size_t n, off_t at) {
    if (!is_unreadable)
        return syscall(SYS_pread64, fd, to, n, at);
    errno = EIO;
    return -1;
}

static struct fr_sums some_sums(void) {
    struct fr_sums sums;
    struct fr_rng rng;
    fr_rng_seed(&rng, 2, 0);
    fr_sums_init(&sums, FR_SITE_BLOCK, A, L, T, D);
    for (int i = 0; i < A * L * T * D; i++)
        sums.sums[i] = fr_rng_normal(&rng);
    for (int i = 0; i < A * T; i++)
        sums.counts[i] = (int32_t)fr_rng_below(&rng, 1000);
    return sums;
}

static void saved_sums_come_back_bit_for_bit(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_sums sums = some_sums(), back;
    assert_ok(fr_sums_save(&sums, path, &grid, &err), err);
    assert_ok(fr_sums_load(&back, path, FR_SITE_BLOCK, &grid, NULL, &err), err);
    assert_true(back.n_concepts == A && back.n_layers == L && back.n_times == T && back.width == D);
    assert_memory_equal(back.sums, sums.sums, A * L * T * D * sizeof *sums.sums);
    assert_memory_equal(back.counts, sums.counts, A * T * sizeof *sums.counts);
    fr_sums_release(&sums);
    fr_sums_release(&back);
}

static void a_slice_holds_its_layers_and_times_and_no_others(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_sums sums = some_sums(), part;
    int n_layers;
    assert_ok(fr_sums_save(&sums, path, &grid, &err), err);
    assert_ok(fr_sums_layers(path, &n_layers, &err), err);
    assert_int_equal(n_layers, L);
    const struct fr_slice slice = {.first_layer = 1,
                                   .n_layers = L - 1,
                                   .first_time = 1,
                                   .n_times = T - 2};
    assert_ok(fr_sums_load(&part, path, FR_SITE_BLOCK, &grid, &slice, &err), err);
    assert_true(part.n_concepts == A && part.n_layers == L - 1 && part.n_times == T - 2);
    for (int a = 0; a < A; a++)
        for (int t = 0; t < T - 2; t++) {
            assert_int_equal(part.counts[a * (T - 2) + t], sums.counts[a * T + t + 1]);
            for (int l = 0; l < L - 1; l++)
                assert_memory_equal(fr_sums_cell(&part, a, l, t),
                                    fr_sums_cell(&sums, a, l + 1, t + 1), D * sizeof(double));
        }
    fr_sums_release(&part);
    const struct fr_slice beyond[] = {{.first_layer = 1, .n_layers = L, .n_times = T},
                                      {.n_layers = L, .first_time = T, .n_times = 1},
                                      {.first_layer = -1, .n_layers = 1, .n_times = 1},
                                      {.n_layers = -1, .n_times = 1}};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(fr_sums_load(&part, path, FR_SITE_BLOCK, &grid, &beyond[i], &err),
                         FR_E_INPUT);
        assert_null(part.sums);
    }
    fr_sums_release(&sums);
}

static void sums_of_another_grid_are_refused(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_sums sums = some_sums(), back;
    assert_ok(fr_sums_save(&sums, path, &grid, &err), err);
    int32_t shifted[T] = {50, 100, 150, 201};
    struct fr_grid others[4] = {grid, grid, grid, grid};
    others[0].times = shifted;
    others[1].n_times = T - 1;
    others[2].window_tokens = 71;
    others[3].previous_token = false;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(fr_sums_load(&back, path, FR_SITE_BLOCK, &others[i], NULL, &err),
                         FR_E_INPUT);
        assert_non_null(strstr(err.text, path));
        assert_null(back.sums);
    }
    assert_ok(fr_sums_load(&back, path, FR_SITE_BLOCK, NULL, NULL, &err), err);
    fr_sums_release(&sums);
    fr_sums_release(&back);
}

static void sums_of_another_site_are_refused(void **state) {
    (void)state;
    struct fr_error err = {0};
    for (int site = 0; site < FR_STREAM_SITES; site++)
        for (int in_file = 0; in_file < 2; in_file++) {
            struct fr_sums sums, back;
            assert_ok(fr_sums_open(&sums, site, A, L, T, D, in_file ? 0 : 1 << 20, path, &grid,
                                   &err),
                      err);
            assert_int_equal(sums.sums == NULL, in_file);
            assert_ok(fr_sums_save(&sums, path, &grid, &err), err);
            fr_sums_release(&sums);
            for (int wanted = 0; wanted < FR_STREAM_SITES; wanted++) {
                const int code = fr_sums_load(&back, path, wanted, NULL, NULL, &err);
                assert_int_equal(code, wanted == site ? FR_OK : FR_E_INPUT);
                if (wanted == site)
                    assert_int_equal(back.site, site);
                else
                    assert_non_null(strstr(err.text, fr_site_name[site]));
                fr_sums_release(&back);
            }
        }
    /* What does not name its site is of before there were others. */
    struct fr_sums sums = some_sums(), back;
    const struct fr_tensor tensors[] = {
        {.name = "sums", .dtype = FR_F64, .n_dims = 4, .dims = {A, L, T, D}, .data = sums.sums},
        {.name = "counts", .dtype = FR_I32, .n_dims = 2, .dims = {A, T}, .data = sums.counts},
        {.name = "times", .dtype = FR_I32, .n_dims = 1, .dims = {T}, .data = times},
    };
    assert_ok(fr_tensors_save(path, tensors, 3, NULL, 0, &err), err);
    assert_ok(fr_sums_load(&back, path, FR_SITE_BLOCK, NULL, NULL, &err), err);
    fr_sums_release(&back);
    assert_int_equal(fr_sums_load(&back, path, FR_SITE_MLP, NULL, NULL, &err), FR_E_INPUT);
    assert_non_null(strstr(err.text, "collected at site block, not mlp"));
    fr_sums_release(&sums);
}

static void a_tensor_file_that_holds_no_sums_is_refused(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_sums back;
    float data[A * L * T * D] = {0};
    int32_t counts[A * T] = {0};
    const struct fr_tensor floats[] = {
        {.name = "sums", .dtype = FR_F32, .n_dims = 4, .dims = {A, L, T, D}, .data = data},
        {.name = "counts", .dtype = FR_I32, .n_dims = 2, .dims = {A, T}, .data = counts},
        {.name = "times", .dtype = FR_I32, .n_dims = 1, .dims = {T}, .data = times},
    };
    double sums[A * L * T * D] = {0};
    const struct fr_tensor uneven[] = {
        {.name = "sums", .dtype = FR_F64, .n_dims = 4, .dims = {A, L, T, D}, .data = sums},
        {.name = "counts", .dtype = FR_I32, .n_dims = 2, .dims = {A - 1, T}, .data = counts},
        {.name = "times", .dtype = FR_I32, .n_dims = 1, .dims = {T}, .data = times},
    };
    const struct {
        const struct fr_tensor *tensors;
        int n;
    } files[] = {{floats, 3}, {uneven, 3}, {uneven, 1}, {uneven, 0}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_ok(fr_tensors_save(path, files[i].tensors, files[i].n, NULL, 0, &err), err);
        assert_int_equal(fr_sums_load(&back, path, FR_SITE_BLOCK, NULL, NULL, &err), FR_E_INPUT);
        assert_null(back.sums);
    }
    assert_ok(fr_file_write(path, "no tensors", 10, &err), err);
    assert_int_equal(fr_sums_load(&back, path, FR_SITE_BLOCK, NULL, NULL, &err), FR_E_INPUT);
    assert_int_equal(fr_sums_load(&back, "no-such-file", FR_SITE_BLOCK, NULL, NULL, &err), FR_E_IO);
}

/* Whatever file says so: a NaN would make a headline vanish. */
static void sums_that_are_no_numbers_and_counts_below_zero_are_refused(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_sums back;
    double sums[A * L * T * D] = {0};
    int32_t counts[A * T] = {0};
    const struct fr_tensor whole[] = {
        {.name = "sums", .dtype = FR_F64, .n_dims = 4, .dims = {A, L, T, D}, .data = sums},
        {.name = "counts", .dtype = FR_I32, .n_dims = 2, .dims = {A, T}, .data = counts},
        {.name = "times", .dtype = FR_I32, .n_dims = 1, .dims = {T}, .data = times},
    };
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 4; i++) {
        sums[A * L * T * D - 1] = i < 3 ? bad[i] : 0;
        counts[A * T - 1] = i < 3 ? 0 : -1;
        assert_ok(fr_tensors_save(path, whole, 3, NULL, 0, &err), err);
        assert_int_equal(fr_sums_load(&back, path, FR_SITE_BLOCK, NULL, NULL, &err), FR_E_INPUT);
        assert_non_null(strstr(err.text, i < 3 ? "no finite number" : "a count of -1 mentions"));
        assert_null(back.sums);
    }
    counts[A * T - 1] = 0;
    assert_ok(fr_tensors_save(path, whole, 3, NULL, 0, &err), err);
    assert_ok(fr_sums_load(&back, path, FR_SITE_BLOCK, NULL, NULL, &err), err);
    fr_sums_release(&back);
}

/* Kept in a file from the first byte on (no memory is allowed) and in memory: the same additions in
 * any order of cells give the same file, byte for byte. */
static void sums_kept_in_their_file_are_the_same_bytes(void **state) {
    (void)state;
    struct fr_error err = {0};
    char in_file[80], part[90];
    (void)snprintf(in_file, sizeof in_file, "%s-in-file", path);
    (void)snprintf(part, sizeof part, "%s.part", in_file);
    struct fr_sums memory, file;
    struct fr_rng rng;
    fr_rng_seed(&rng, 3, 0);
    fr_sums_init(&memory, FR_SITE_BLOCK, A, L, T, D);
    assert_ok(fr_sums_open(&file, FR_SITE_BLOCK, A, L, T, D, A * L * T * D * sizeof(double),
                           in_file, &grid, &err),
              err);
    assert_non_null(file.sums); /* just fits */
    fr_sums_release(&file);
    assert_ok(fr_sums_open(&file, FR_SITE_BLOCK, A, L, T, D, 0, in_file, &grid, &err), err);
    assert_null(file.sums);
    assert_true(fr_file_exists(part));
    for (int i = 0; i < 500; i++) {
        const int a = (int)fr_rng_below(&rng, A), t = (int)fr_rng_below(&rng, T);
        const int l = i / 7 % L;
        double *x = fr_sums_cell(&memory, a, l, t), *y = fr_sums_cell(&file, a, l, t);
        for (int d = 0; d < D; d++) {
            const double more = fr_rng_normal(&rng);
            x[d] += more;
            y[d] += more;
        }
        memory.counts[a * T + t] = file.counts[a * T + t] = i;
        if (i == 300)
            assert_ok(fr_sums_flush(&file, &err), err);
    }
    assert_false(fr_file_exists(in_file));
    assert_ok(fr_sums_save(&memory, path, &grid, &err), err);
    assert_ok(fr_sums_save(&file, in_file, &grid, &err), err);
    fr_sums_release(&memory);
    fr_sums_release(&file);
    assert_false(fr_file_exists(part));
    struct fr_text x = {0}, y = {0};
    assert_ok(fr_file_read(path, 1 << 20, &x, &err), err);
    assert_ok(fr_file_read(in_file, 1 << 20, &y, &err), err);
    assert_int_equal(x.len, y.len);
    assert_memory_equal(x.data, y.data, x.len);
    fr_text_release(&x);
    fr_text_release(&y);
    (void)unlink(in_file);
}

static void a_file_that_was_not_finished_leaves_nothing(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_sums sums;
    char in_file[80], part[90];
    (void)snprintf(in_file, sizeof in_file, "%s-left", path);
    (void)snprintf(part, sizeof part, "%s.part", in_file);
    assert_ok(fr_file_write(part, "of a killed run", 15, &err), err);
    assert_ok(fr_sums_open(&sums, FR_SITE_BLOCK, A, L, T, D, 0, in_file, &grid, &err), err);
    assert_near(fr_sums_cell(&sums, 0, 0, 0)[0], 0, 0);
    fr_sums_release(&sums);
    assert_false(fr_file_exists(part));
    assert_false(fr_file_exists(in_file));
    assert_int_equal(fr_sums_open(&sums, FR_SITE_BLOCK, A, L, T, D, 0, "no-such-place/sums", &grid,
                                  &err),
                     FR_E_IO);
    assert_non_null(strstr(err.text, "no-such-place/sums.part"));
    assert_null(sums.file);
}

static void a_shape_that_cannot_be_read_is_empty(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_sums sums = some_sums();
    struct fr_sums_shape shape;
    assert_ok(fr_sums_save(&sums, path, &grid, &err), err);
    is_unreadable = true;
    const int code = fr_sums_describe(path, &shape, &err);
    is_unreadable = false;
    assert_int_equal(code, FR_E_IO);
    assert_null(shape.times);
    fr_sums_release(&sums);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_that_are_no_numbers_and_counts_below_zero_are_refused),
        cmocka_unit_test(saved_sums_come_back_bit_for_bit),
        cmocka_unit_test(sums_kept_in_their_file_are_the_same_bytes),
        cmocka_unit_test(a_file_that_was_not_finished_leaves_nothing),
        cmocka_unit_test(a_slice_holds_its_layers_and_times_and_no_others),
        cmocka_unit_test(sums_of_another_grid_are_refused),
        cmocka_unit_test(sums_of_another_site_are_refused),
        cmocka_unit_test(a_tensor_file_that_holds_no_sums_is_refused),
        cmocka_unit_test(a_shape_that_cannot_be_read_is_empty),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
