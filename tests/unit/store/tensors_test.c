/* Tensor files: what is saved is loaded, the bytes are the format's, damage is named. */
#include "unit/store/store_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

static char *dir;

static int setup(void **state) {
    (void)state;
    dir = fr_strdup(make_directory());
    return 0;
}

static int teardown(void **state) {
    (void)state;
    remove_directory(dir);
    free(dir);
    return 0;
}

static void assert_same(const struct fr_tensor *a, const struct fr_tensor *b) {
    assert_non_null(b);
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->dtype, b->dtype);
    assert_int_equal(a->n_dims, b->n_dims);
    size_t n = a->dtype == FR_F32 || a->dtype == FR_I32 ? 4 : 8;
    assert_int_equal((uintptr_t)b->data % n, 0); /* aligned */
    for (int i = 0; i < a->n_dims; i++) {
        assert_true(a->dims[i] == b->dims[i]);
        n *= (size_t)a->dims[i];
    }
    if (n > 0)
        assert_memory_equal(a->data, b->data, n);
}

static void tensors_of_every_kind_come_back(void **state) {
    (void)state;
    float f32[6] = {0.1f, -0.0f, NAN, INFINITY, 1e-45f, 3};
    double f64[3] = {1.0 / 3, 1e-310, NAN};
    int32_t i32[5] = {INT32_MIN, -1, 0, 1, INT32_MAX};
    int64_t i64[2] = {INT64_MIN, INT64_MAX};
    const struct fr_tensor saved[] = {
        {"odd", FR_I32, 1, {5}, i32},
        {"sums", FR_F64, 1, {3}, f64},
        {"h", FR_F32, 2, {2, 3}, f32},
        {"long", FR_I64, 6, {1, 1, 2, 1, 1, 1}, i64},
        {"scalar", FR_F32, 0, {0}, f32},
        {"empty", FR_F64, 2, {3, 0}, NULL},
        {"none", FR_I32, 3, {0, INT64_MAX, INT64_MAX}, NULL},
        {"caf\xc3\xa9 \"quoted\"", FR_I32, 1, {1}, i32},
    };
    const char *const metadata[][2] = {{"window_tokens", "100"}, {"origin", "reasoning \"x\""}};
    struct fr_error err = {0};
    struct fr_tensor_file file;
    const char *path = file_in(dir, "a.safetensors");
    assert_ok(fr_tensors_save(path, saved, 8, metadata, 2, &err), err);
    assert_ok(fr_tensors_load(&file, path, &err), err);
    assert_int_equal(file.n, 8);
    for (int i = 0; i < 8; i++)
        assert_same(&saved[i], fr_tensors_find(&file, saved[i].name));
    assert_null(fr_tensors_find(&file, "absent"));
    assert_int_equal(file.n_metadata, 2);
    assert_string_equal(fr_tensors_find_metadata(&file, "window_tokens"), "100");
    assert_string_equal(fr_tensors_find_metadata(&file, "origin"), "reasoning \"x\"");
    assert_null(fr_tensors_find_metadata(&file, "absent"));
    fr_tensors_release(&file);
    fr_tensors_release(&file);
}

/* As of a program that was started without standard input. */
static void a_file_that_is_descriptor_0_is_read(void **state) {
    (void)state;
    int32_t some[2] = {5, 6}, back[2] = {0};
    const struct fr_tensor saved = {"some", FR_I32, 1, {2}, some};
    struct fr_error err = {0};
    struct fr_tensor_file file;
    const char *path = file_in(dir, "zero.safetensors");
    assert_ok(fr_tensors_save(path, &saved, 1, NULL, 0, &err), err);
    const int kept = dup(STDIN_FILENO);
    (void)close(STDIN_FILENO);
    assert_ok(fr_tensors_open(&file, path, &err), err);
    assert_int_equal(file.fd, STDIN_FILENO);
    assert_ok(fr_tensors_read(&file, &file.tensors[0], 0, 2, back, &err), err);
    assert_memory_equal(back, some, sizeof some);
    fr_tensors_release(&file);
    assert_int_equal(close(STDIN_FILENO), -1);
    if (kept >= 0) {
        assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
        (void)close(kept);
    }
}

static void a_file_without_tensors_comes_back(void **state) {
    (void)state;
    struct fr_error err = {0};
    struct fr_tensor_file file;
    const char *path = file_in(dir, "none.safetensors");
    assert_ok(fr_tensors_save(path, NULL, 0, NULL, 0, &err), err);
    assert_ok(fr_tensors_load(&file, path, &err), err);
    assert_int_equal(file.n, 0);
    assert_int_equal(file.n_metadata, 0);
    fr_tensors_release(&file);
}

/* Byte for byte: the header's length, sorted keys, padding, larger elements first. */
static void the_bytes_are_those_of_the_format(void **state) {
    (void)state;
    int32_t b[2] = {1, -1};
    double a[1] = {1};
    const struct fr_tensor saved[] = {{"b", FR_I32, 1, {2}, b}, {"c", FR_F64, 1, {1}, a}};
    const char *const metadata[][2] = {{"k", "v"}};
    static const char header[] = "{\"__metadata__\":{\"k\":\"v\"},"
                                 "\"b\":{\"data_offsets\":[8,16],\"dtype\":\"I32\",\"shape\":[2]},"
                                 "\"c\":{\"data_offsets\":[0,8],\"dtype\":\"F64\",\"shape\":[1]}}";
    struct fr_error err = {0};
    struct fr_text bytes = {0}, expected = {0};
    const char *path = file_in(dir, "b.safetensors");
    assert_ok(fr_tensors_save(path, saved, 2, metadata, 1, &err), err);
    assert_ok(fr_file_read(path, 1 << 20, &bytes, &err), err);
    const size_t padded = (sizeof header - 1 + 7) / 8 * 8;
    fr_text_append(&expected, (const char[]){(char)padded, 0, 0, 0, 0, 0, 0, 0}, 8);
    fr_text_printf(&expected, "%-*s", (int)padded, header);
    fr_text_append(&expected, "\0\0\0\0\0\0\xf0\x3f\1\0\0\0\xff\xff\xff\xff", 16);
    assert_int_equal(bytes.len, expected.len);
    assert_memory_equal(bytes.data, expected.data, expected.len);
    fr_text_release(&bytes);
    fr_text_release(&expected);
}

static void the_order_of_the_callers_tensors_does_not_change_the_file(void **state) {
    (void)state;
    double x[2] = {1, 2};
    const struct fr_tensor one[] = {{"a", FR_F64, 1, {2}, x},
                                    {"b", FR_F32, 1, {1}, x},
                                    {"c", FR_F32, 1, {3}, x}};
    const struct fr_tensor two[] = {one[2], one[0], one[1]};
    struct fr_error err = {0};
    struct fr_text bytes[2] = {{0}, {0}};
    const char *path = file_in(dir, "c.safetensors");
    assert_ok(fr_tensors_save(path, one, 3, NULL, 0, &err), err);
    assert_ok(fr_file_read(path, 1 << 20, &bytes[0], &err), err);
    assert_ok(fr_tensors_save(path, two, 3, NULL, 0, &err), err);
    assert_ok(fr_file_read(path, 1 << 20, &bytes[1], &err), err);
    assert_int_equal(bytes[0].len, bytes[1].len);
    assert_memory_equal(bytes[0].data, bytes[1].data, bytes[0].len);
    fr_text_release(&bytes[0]);
    fr_text_release(&bytes[1]);
}

static void saving_replaces_a_file_whole_or_not_at_all(void **state) {
    (void)state;
    double x[2] = {1, 2};
    const struct fr_tensor tensor = {"a", FR_F64, 1, {2}, x};
    struct fr_error err = {0};
    struct fr_tensor_file file;
    const char *path = file_in(dir, "d.safetensors");
    assert_ok(fr_tensors_save(path, &tensor, 1, NULL, 0, &err), err);
    x[0] = 5;
    const struct rlimit old = limit_files(16);
    const int code = fr_tensors_save(path, &tensor, 1, NULL, 0, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(code, FR_E_IO);
    assert_says(&err, FR_E_IO, "d.safetensors: larger than a file may grow");
    assert_ok(fr_tensors_load(&file, path, &err), err);
    assert_near(((const double *)file.tensors[0].data)[0], 1, 0);
    fr_tensors_release(&file);
}

/* ---- damage -------------------------------------------------------------------------------- */

/* Writes a file with this header (unpadded) and n_data bytes of data. */
static const char *write_file(const char *header, size_t n_data) {
    struct fr_text bytes = {0};
    struct fr_error err = {0};
    const uint64_t length = strlen(header);
    fr_text_append(&bytes, (const char *)&length, 8);
    fr_text_add(&bytes, header);
    for (size_t i = 0; i < n_data; i++)
        fr_text_append(&bytes, "x", 1);
    const char *path = file_in(dir, "damaged.safetensors");
    assert_ok(fr_file_write(path, bytes.data, bytes.len, &err), err);
    fr_text_release(&bytes);
    return path;
}

static void assert_load_says(const char *path, int code, const char *words) {
    struct fr_tensor_file file;
    struct fr_error err = {0};
    if (fr_tensors_load(&file, path, &err) == FR_OK)
        fail_msg("loaded, instead of: %s", words);
    assert_says(&err, code, words);
    assert_says(&err, code, path);
    assert_int_equal(file.n, 0);
    assert_null(file.bytes);
}

#define A(rest) "{\"a\":{\"dtype\":\"F32\"," rest "}}"
#define TWO(b_start, b_end)                                                                        \
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"                             \
    "\"b\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[" #b_start "," #b_end "]}}"

static void a_damaged_header_is_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *header;
        size_t n_data;
        const char *words;
    } cases[] = {
        /* not JSON, or not the right kind of JSON */
        {"", 0, "header byte"},
        {"{\"a\":", 8, "header byte"},
        {"[1, 2]", 0, "its header is not an object"},
        {"{\"a\":{\"dtype\":\"F32\"}} {}", 0, "header byte"},
        {"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0, "duplicate object key"},
        {"{\"a\xff\":1}", 0, "header byte"},
        {"{\"a\\u0000b\":1}", 0, "header byte"},
        {"{\"a\":7}", 0, "tensor a: not described by dtype, shape and data_offsets"},
        {A("\"shape\":[2]"), 8, "not described by dtype, shape and data_offsets"},
        {A("\"shape\":[2],\"data_offsets\":[0,8],\"strides\":[1]"), 8, "not described by"},
        {A("\"shape\":2,\"data_offsets\":[0,8]"), 8, "not described by"},
        {"{\"a\":{\"dtype\":3,\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "not described by"},
        {"{\"a\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
         "dtype BF16 is none of F32, F64, I32, I64"},
        {"{\"__metadata__\":[]}", 0, "__metadata__ is not an object"},
        {"{\"__metadata__\":{\"k\":1}}", 0, "__metadata__ holds something else than strings"},
        /* shapes */
        {A("\"shape\":[-2],\"data_offsets\":[0,8]"), 8, "a dimension is not a whole number"},
        {A("\"shape\":[2.0],\"data_offsets\":[0,8]"), 8, "a dimension is not a whole number"},
        {A("\"shape\":[[2]],\"data_offsets\":[0,8]"), 8, "a dimension is not a whole number"},
        {A("\"shape\":[1,1,1,1,1,1,2],\"data_offsets\":[0,8]"), 8, "more than 6 dimensions"},
        {A("\"shape\":[3],\"data_offsets\":[0,8]"), 8, "do not give the number of its bytes"},
        {A("\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]"), 0,
         "do not give the number of its bytes"},
        {A("\"shape\":[9223372036854775807,9223372036854775807],\"data_offsets\":[0,4]"), 4,
         "do not give the number of its bytes"},
        {A("\"shape\":[99999999999999999999],\"data_offsets\":[0,8]"), 8, "header byte"},
        {"{\"a\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
         "do not give the number of its bytes"},
        /* offsets */
        {A("\"shape\":[2],\"data_offsets\":[0]"), 8, "not a pair of whole numbers"},
        {A("\"shape\":[2],\"data_offsets\":[0,8,8]"), 8, "not a pair of whole numbers"},
        {A("\"shape\":[2],\"data_offsets\":[0,8.0]"), 8, "not a pair of whole numbers"},
        {A("\"shape\":[2],\"data_offsets\":[-8,0]"), 8, "outside the file's data"},
        {A("\"shape\":[2],\"data_offsets\":[8,0]"), 8, "outside the file's data"},
        {A("\"shape\":[2],\"data_offsets\":[0,8]"), 7, "outside the file's data"},
        {A("\"shape\":[2],\"data_offsets\":[0,9223372036854775807]"), 8, "outside the file's"},
        {A("\"shape\":[2],\"data_offsets\":[0,8]"), 9, "bytes after the last tensor"},
        {A("\"shape\":[2],\"data_offsets\":[8,16]"), 16, "a gap lies before it"},
        {A("\"shape\":[1],\"data_offsets\":[2,6]"), 6, "not aligned to its element size"},
        {"{}", 8, "bytes after the last tensor"},
        {TWO(0, 8), 8, "overlaps the tensor before it"},
        {TWO(4, 12), 12, "tensor b: overlaps the tensor before it"},
        {TWO(12, 20), 20, "tensor b: a gap lies before it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_load_says(write_file(cases[i].header, cases[i].n_data), FR_E_INPUT, cases[i].words);
    /* and the undamaged ones are not refused */
    struct fr_tensor_file file;
    struct fr_error err = {0};
    assert_ok(fr_tensors_load(&file, write_file(TWO(8, 16), 16), &err), err);
    fr_tensors_release(&file);
}

static void a_deeply_nested_header_is_refused(void **state) {
    (void)state;
    struct fr_text header = {0};
    fr_text_add(&header, "{\"a\":");
    for (int i = 0; i < 100000; i++)
        fr_text_add(&header, "[");
    assert_load_says(write_file(fr_text_get(&header), 0), FR_E_INPUT, "maximum parsing depth");
    fr_text_release(&header);
}

static void a_hostile_header_length_is_refused(void **state) {
    (void)state;
    static const struct {
        uint64_t length;
        const char *words;
    } cases[] = {
        {100, "its header is longer than the file"},
        {UINT64_MAX, "its header is longer than the file"},
        {INT64_MAX, "its header is longer than the file"},
        {UINT64_MAX - 7, "its header is longer than the file"},
        {0, "header byte"},
    };
    struct fr_error err = {0};
    const char *path = file_in(dir, "length.safetensors");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[16] = "........{}      ";
        memcpy(bytes, &cases[i].length, 8);
        assert_ok(fr_file_write(path, bytes, sizeof bytes, &err), err);
        assert_load_says(path, FR_E_INPUT, cases[i].words);
    }
    assert_ok(fr_file_write(path, "1234567", 7, &err), err);
    assert_load_says(path, FR_E_INPUT, "shorter than 8 bytes");
    /* A header as long as the (sparse) file claims, but more than any of ours. */
    const uint64_t length = (uint64_t)17 << 20;
    assert_ok(fr_file_write(path, &length, 8, &err), err);
    assert_int_equal(truncate(path, (off_t)length + 8), 0);
    assert_load_says(path, FR_E_INPUT, "its header is longer than 16 MiB");
}

static void a_file_larger_than_memory_is_an_error_not_an_end(void **state) {
    (void)state;
    const char *path =
        write_file(A("\"shape\":[2199023255552],\"data_offsets\":[0,8796093022208]"), 0);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    if (truncate(path, st.st_size + 8796093022208) != 0) {
        print_message("skipped: the file system has no sparse files of 8 TiB\n");
        skip();
    }
    struct fr_tensor_file file;
    struct fr_error err = {0};
    const int code = fr_tensors_load(&file, path, &err);
    assert_int_equal(code, FR_E_LIMIT);
    assert_says(&err, FR_E_LIMIT, "do not fit into memory");
}

static void every_truncation_of_a_file_is_refused(void **state) {
    (void)state;
    double x[4] = {1, 2, 3, 4};
    const struct fr_tensor tensors[] = {{"a", FR_F64, 1, {4}, x}, {"b", FR_F32, 1, {3}, x}};
    struct fr_error err = {0};
    struct fr_tensor_file file;
    struct fr_text bytes = {0};
    const char *path = file_in(dir, "e.safetensors"), *cut = file_in(dir, "cut.safetensors");
    assert_ok(fr_tensors_save(path, tensors, 2, NULL, 0, &err), err);
    assert_ok(fr_file_read(path, 1 << 20, &bytes, &err), err);
    for (size_t n = 0; n < bytes.len; n++) {
        const int fd = open(cut, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, bytes.data, n), n);
        (void)close(fd);
        assert_int_equal(fr_tensors_load(&file, cut, &err), FR_E_INPUT);
    }
    fr_text_release(&bytes);
}

static void what_is_no_file_is_refused_at_once(void **state) {
    (void)state;
    assert_load_says(file_in(dir, "absent"), FR_E_IO, "No such file or directory");
    assert_load_says(dir, FR_E_INPUT, "not a file");
    assert_int_equal(mkfifo(file_in(dir, "pipe"), 0666), 0);
    assert_load_says(file_in(dir, "pipe"), FR_E_INPUT, "not a file");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(tensors_of_every_kind_come_back),
        TEST(a_file_that_is_descriptor_0_is_read),
        TEST(a_file_without_tensors_comes_back),
        TEST(the_bytes_are_those_of_the_format),
        TEST(the_order_of_the_callers_tensors_does_not_change_the_file),
        TEST(saving_replaces_a_file_whole_or_not_at_all),
        TEST(a_damaged_header_is_refused_by_name),
        TEST(a_deeply_nested_header_is_refused),
        TEST(a_hostile_header_length_is_refused),
        TEST(a_file_larger_than_memory_is_an_error_not_an_end),
        TEST(every_truncation_of_a_file_is_refused),
        TEST(what_is_no_file_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
