/* Stage 7: the CSV tables and report.html, always made from the database. */
#include "study/internal.h"

#include <stdlib.h>

#include "report/report.h"

int fr_stage_report(struct fr_study *s, struct fr_error *err) {
    char *path = NULL;
    int code = fr_store_export_csv(s->store, err);
    if (code == FR_OK)
        code = fr_report_write(s->store, &path, err);
    free(path);
    return code;
}
