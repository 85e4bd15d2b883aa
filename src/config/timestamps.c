/* Timestamps that keys give: each is one of the grid that representations are kept at. */
#include "config/config.h"

int fr_config_check_timestamp(const struct fr_config *c, const char *path, const char *name,
                              int value, struct fr_error *err) {
    if (value % c->grid_step == 0 && value <= c->grid_end)
        return FR_OK;
    int near = (value + c->grid_step / 2) / c->grid_step * c->grid_step;
    const int last = c->grid_end / c->grid_step * c->grid_step;
    near = near < c->grid_step ? c->grid_step : near > last ? last : near;
    return fr_fail(err, FR_E_INPUT,
                   "%s: %s %d is not on the grid of every %d tokens up to %d; the nearest is %d",
                   path, name, value, c->grid_step, c->grid_end, near);
}
