/* An estimate against four columns of a golden row: value, interval, namings. */
#ifndef FR_TESTS_UNIT_ANALYSES_GOLDEN_ESTIMATE_H
#define FR_TESTS_UNIT_ANALYSES_GOLDEN_ESTIMATE_H

#include "analyses/analyses.h"
#include "golden/golden.h"

static inline void golden_near_estimate(const struct golden *g, const struct fr_estimate *e,
                                        int column, double tolerance) {
    golden_near(g, e->value, g->v[column], tolerance);
    golden_near(g, e->low, g->v[column + 1], tolerance);
    golden_near(g, e->high, g->v[column + 2], tolerance);
    assert_int_equal(e->n_namings, (int)g->v[column + 3]);
}

#endif
