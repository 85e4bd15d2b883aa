/* Edit plans and tap plans as data: building, checking, applying one edit to one row
 * (method.md section 5; the paper's steering, patching and negative steering are operations of
 * one table).
 *
 * The arithmetic is in double precision inside, and the cases that must change nothing (MIX with
 * scale 1, the others with scale 0) return before touching a bit: an identity run is then
 * the baseline by construction, and running one still proves the harness around it. Rejected:
 * float arithmetic, where keep_norm moved rows of width 5,120 by several units in the last
 * place. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/backend.h"

const char *const fr_edit_operation_name[FR_EDIT_OPERATION_COUNT] = {
    [FR_EDIT_MIX] = "mix",           [FR_EDIT_REPLACE] = "replace", [FR_EDIT_ADD] = "add",
    [FR_EDIT_SUBTRACT] = "subtract", [FR_EDIT_JITTER] = "jitter",   [FR_EDIT_PROJECT] = "project",
};

void fr_edit_plan_release(struct fr_edit_plan *plan) {
    if (plan == NULL)
        return;
    free(plan->edits);
    *plan = (struct fr_edit_plan){0};
}

void fr_edit_plan_append(struct fr_edit_plan *plan, const struct fr_edit *edit) {
    FR_RESERVE(plan->edits, plan->n_edits, plan->capacity);
    plan->edits[plan->n_edits++] = *edit;
}

static bool edit_changes_nothing(const struct fr_edit *edit) {
    switch ((enum fr_edit_operation)edit->operation) {
    case FR_EDIT_MIX:
        return edit->scale == 1.0f;
    case FR_EDIT_ADD:
    case FR_EDIT_SUBTRACT:
    case FR_EDIT_JITTER:
    case FR_EDIT_PROJECT:
        return edit->scale == 0.0f;
    case FR_EDIT_REPLACE:
    case FR_EDIT_OPERATION_COUNT:
        break;
    }
    return false;
}

static double product_of(const float *a, const float *b, int width) {
    double sum = 0.0;
    for (int i = 0; i < width; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static double norm_of(const float *v, int width) { return sqrt(product_of(v, v, width)); }

void fr_edit_apply(const struct fr_edit *edit, const float *v, float *h, int width) {
    FR_ASSERT(edit->operation < FR_EDIT_OPERATION_COUNT);
    if (edit_changes_nothing(edit))
        return;
    const double scale = (double)edit->scale;
    double h_weight = 0.0, v_weight = 1.0; /* h' = h_weight h + v_weight v */
    switch ((enum fr_edit_operation)edit->operation) {
    case FR_EDIT_MIX:
        h_weight = scale;
        v_weight = 1.0 - scale;
        break;
    case FR_EDIT_ADD:
        h_weight = 1.0;
        v_weight = scale;
        break;
    case FR_EDIT_SUBTRACT:
        h_weight = 1.0;
        v_weight = -scale;
        break;
    case FR_EDIT_JITTER: {
        const double norm = norm_of(v, width);
        h_weight = 1.0;
        v_weight = norm > 0.0 ? scale * norm_of(h, width) / norm : 0.0;
        break;
    }
    case FR_EDIT_PROJECT: {
        const double square = product_of(v, v, width);
        h_weight = 1.0;
        v_weight = square > 0.0 ? -scale * product_of(h, v, width) / square : 0.0;
        break;
    }
    case FR_EDIT_REPLACE:
    case FR_EDIT_OPERATION_COUNT:
        break;
    }
    double factor = 1.0;
    if (edit->keep_norm) {
        double before = 0.0, after = 0.0;
        for (int i = 0; i < width; i++) {
            const double old = (double)h[i];
            const double new = h_weight *old + v_weight *(double)v[i];
            before += old * old;
            after += new *new;
        }
        /* A row edited to exactly zero has no direction to keep: it stays zero. */
        if (after > 0.0)
            factor = sqrt(before / after);
    }
    for (int i = 0; i < width; i++)
        h[i] = (float)(factor * (h_weight * (double)h[i] + v_weight * (double)v[i]));
}

int fr_positions_find(const int32_t *positions, int n, int32_t position) {
    int low = 0, high = n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (positions[middle] < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int fr_edit_plan_find(const struct fr_edit_plan *plan, int32_t position) {
    int low = 0, high = plan->n_edits;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (plan->edits[middle].position < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
