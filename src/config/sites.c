/* representations.sites: which sites need which others, or settings. */
#include "config/config.h"

bool fr_config_reads(const struct fr_config *c, int site) {
    for (int i = 0; i < c->n_sites; i++)
        if (c->sites[i] == site)
            return true;
    return false;
}

int fr_config_check_sites(const struct fr_config *c, const char *path, struct fr_error *err) {
    static const struct {
        int site, needs;
        const char *why;
    } needs[] = {
        {FR_SITE_HEADS, FR_SITE_ATTENTION, "whose sum they are held to"},
        {FR_SITE_HEADS, FR_SITE_MLP, "which is the rest of what a block adds"},
        {FR_SITE_SOURCES, FR_SITE_HEADS, "which tell whose sources count"},
    };
    if (!fr_config_reads(c, FR_SITE_BLOCK))
        return fr_fail(err, FR_E_INPUT,
                       "%s: representations.sites without block, which every analysis reads; write "
                       "[block, ...]",
                       path);
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (fr_config_reads(c, needs[i].site) && !fr_config_reads(c, needs[i].needs))
            return fr_fail(err, FR_E_INPUT,
                           "%s: representations.sites has %s without %s, %s; write [block, "
                           "attention, mlp, heads, sources], or leave %s out",
                           path, fr_site_name[needs[i].site], fr_site_name[needs[i].needs],
                           needs[i].why, fr_site_name[needs[i].site]);
    if (fr_config_reads(c, FR_SITE_SOURCES) && c->flash_attention)
        return fr_fail(err, FR_E_INPUT,
                       "%s: representations.sites has sources, and flash attention keeps no "
                       "weights; set model.flash_attention to false, or leave sources out",
                       path);
    return FR_OK;
}
