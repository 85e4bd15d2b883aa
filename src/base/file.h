/* Files: read whole with a ceiling, written atomically, hashed. */
#ifndef FR_BASE_FILE_H
#define FR_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"

/* The whole file into *out (cleared first). Errors as fr_file_open's; FR_E_IO
 * when it cannot be read, FR_E_LIMIT when it is larger than ceiling bytes; *out is then empty. */
FR_CHECKED int fr_file_read(const char *path, size_t ceiling, struct fr_text *out,
                            struct fr_error *err);
/* The same of a text: without the byte-order mark that it may begin with; FR_E_INPUT when it holds
 * a NUL, which would end it unseen. */
FR_CHECKED int fr_file_read_text(const char *path, size_t ceiling, struct fr_text *out,
                                 struct fr_error *err);
/* A stream to read a file from, which the caller closes (fclose). FR_E_INPUT when there is none,
 * for a directory, and for a pipe that nobody writes to: waiting for one would never end; FR_E_IO
 * when the system refuses. */
FR_CHECKED int fr_file_open(FILE **out, const char *path, struct fr_error *err);
/* Writes beside the target under a name that nobody has, fsyncs, renames: the file is the old or
 * the new one, never half. Links are followed: what they lead to is replaced, they stay. What is
 * there and no regular file (a device, a pipe) is written into; FR_E_IO for a directory, and for a
 * pipe that nobody reads. */
FR_CHECKED int fr_file_write(const char *path, const void *bytes, size_t n, struct fr_error *err);
/* The same for a file made of several pieces, so that a large one need not be copied together. */
struct fr_bytes {
    const void *data;
    size_t n;
};
FR_CHECKED int fr_file_write_parts(const char *path, const struct fr_bytes *parts, int n_parts,
                                   struct fr_error *err);
/* The same for a file that is written bit by bit: create opens a stream beside the target, commit
 * closes it and puts it in the target's place (or, when anything failed, removes it), discard
 * removes it. Both take the stream. */
FR_CHECKED int fr_file_create(FILE **out, const char *path, struct fr_error *err);
FR_CHECKED int fr_file_commit(FILE *take_stream, const char *path, struct fr_error *err);
void fr_file_discard(FILE *take_stream, const char *path);
/* For a signal that ends the program: removes what open streams have written beside their targets.
 */
void fr_file_abandon(void);
/* Removes from a directory that nobody else writes into what killed processes left of files that
 * they were writing. */
void fr_dir_sweep(const char *path);
/* What a command reads, when it is a regular file: nothing that is written later in this process
 * takes its place, whatever it is called there. FR_E_INPUT from all of the above, and from check,
 * which tells it before anything is done. */
void fr_file_keep(const char *path);
FR_CHECKED int fr_file_check_kept(const char *path, struct fr_error *err);
/* FR_E_IO for an errno met while writing path, with what to do about it: the one wording of a full
 * disk and of a place that cannot be written. */
int fr_file_fail(struct fr_error *err, const char *path, int system_error);
/* mkdir -p. */
FR_CHECKED int fr_dir_make(const char *path, struct fr_error *err);
bool fr_file_exists(const char *path);
/* Would two paths be written as one regular file, which may be not there yet? */
bool fr_file_is_same(const char *a, const char *b);
/* Appends the path of a file of the project's data: below $FLUIDREP_DATA, else where the program
 * was built to look. */
void fr_data_path(const char *relative, struct fr_text *out);

/* What tells a file from another, or from what it was before, without reading it: size, device,
 * inode, and the times of its last change of contents and of anything, in text. "" when there is no
 * such file, or when it changed less than two seconds ago: a later change might then not show. */
enum { FR_FILE_STAMP = 128 };
void fr_file_stamp(const char *path, char out[FR_FILE_STAMP]);

#define FR_SHA256_TEXT 65 /* 64 hexadecimal digits and NUL */
FR_CHECKED int fr_file_sha256(const char *path, char out[FR_SHA256_TEXT], struct fr_error *err);
void fr_sha256(const void *bytes, size_t n, char out[FR_SHA256_TEXT]);

#endif
