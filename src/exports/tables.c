/* The result tables as CSV with their types; see exports.h. No library that writes Parquet from C
 * is packaged where this builds; the types are what a reader needs to make it in a line
 * (docs/formats.md).
 */
#include "base/file.h"
#include "exports/exports.h"

int fr_export_tables(struct fr_store *store, const char *dir, struct fr_error *err) {
    struct fr_text types = {0}, path = {0};
    fr_text_printf(&path, "%s/datapackage.json", dir);
    int code = fr_store_export_csv_to(store, dir, err);
    if (code == FR_OK)
        code = fr_store_describe_csv(store, &types, err);
    if (code == FR_OK)
        code = fr_file_write(fr_text_get(&path), fr_text_get(&types), types.len, err);
    fr_text_release(&path);
    fr_text_release(&types);
    return code;
}
