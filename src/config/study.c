/* The name of a study, which is one of a directory too. */
#include <string.h>

#include "config/config.h"
#include "naming/naming.h"

int fr_config_check_study(const struct fr_config *c, const char *path, struct fr_error *err) {
    enum { LONGEST = 200 }; /* bytes; file systems have 255, and a fork is made beside */
    struct fr_text shown = {0};
    int code = FR_OK;
    if (strlen(c->study) > LONGEST)
        code = fr_fail(err, FR_E_INPUT, "%s: study: a name of %zu bytes; at most %d", path,
                       strlen(c->study), LONGEST);
    else if (fr_name_stranger(c->study) != NULL) {
        fr_text_add_shown(&shown, c->study);
        for (char *p = shown.data; *p != '\0'; p++)
            if (*p == '\n' || *p == '\t')
                *p = ' ';
        code = fr_fail(err, FR_E_INPUT,
                       "%s: study: \"%.60s\" is no name; use letters, digits, '-' and '_'", path,
                       fr_text_get(&shown));
    }
    fr_text_release(&shown);
    return code;
}
