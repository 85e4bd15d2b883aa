/* Experiments expand to conditions, conditions to edits: how many, what they are called, which are
 * shared, and what each is measured against. */
#include "test.h"

#include <string.h>

#include "base/memory.h"
#include "experiments/experiments.h"

static const struct fr_concepts concepts = {
    .n = 3,
    .names = {(char[]){"pick-up"}, (char[]){"stack"}, (char[]){"clear"}},
    .kinds = {FR_CONCEPT_ACTION, FR_CONCEPT_ACTION, FR_CONCEPT_PREDICATE},
};
static struct fr_experiments experiments;
static struct fr_conditions conditions;
static struct fr_error err;

static int tear_down(void **state) {
    (void)state;
    fr_conditions_release(&conditions);
    fr_experiments_release(&experiments);
    return 0;
}

/* One with these vectors, layer 5 and the defaults. */
static struct fr_experiment *add(const char *name, enum fr_vector_kind vectors) {
    struct fr_experiment *e = fr_experiments_append(&experiments, fr_strdup(name));
    e->n_vectors = 1;
    e->vectors[0] = (int)vectors;
    e->n_layers = 1;
    e->layers[0] = (struct fr_range){5, 6};
    return e;
}

static void add_control(struct fr_experiment *e, int control) {
    e->controls[e->n_controls++] = control;
}

static void expand(bool share_starts) {
    fr_conditions_release(&conditions);
    assert_ok(fr_conditions_expand(&experiments, share_starts, &concepts, "c.yaml", &conditions,
                                   &err),
              err);
    for (int i = 0; i < conditions.n; i++) {
        const struct fr_condition *c = &conditions.items[i];
        assert_in_range(c->edit, 0, conditions.n_edits - 1);
        const struct fr_edit_kind *edit = &conditions.edits[c->edit];
        assert_int_equal(edit->baseline, c->role == FR_ROLE_BASELINE);
        if (c->role == FR_ROLE_BASELINE) {
            assert_int_equal(c->against, -1);
            assert_string_equal(c->experiment, "");
            continue;
        }
        assert_in_range(c->against, 0, conditions.n - 1);
        assert_int_not_equal(c->against, i);
        const struct fr_condition *against = &conditions.items[c->against];
        const struct fr_edit_kind *other = &conditions.edits[against->edit];
        /* the same prefix, up to its end */
        assert_int_equal(edit->window.end, other->window.end);
        if (against->role == FR_ROLE_BASELINE) {
            assert_true(c->against < i); /* it stands before */
            assert_int_equal(other->window.first, share_starts ? -1 : edit->window.first);
        }
        for (int k = 0; k < i; k++)
            assert_true(strcmp(conditions.items[k].experiment, c->experiment) != 0 ||
                        strcmp(conditions.items[k].name, c->name) != 0);
    }
    /* every edit has a condition, and no two edits are the same */
    char **texts = fr_alloc((size_t)conditions.n_edits, sizeof *texts);
    for (int i = 0; i < conditions.n; i++) {
        struct fr_text text = {0};
        const int k = conditions.items[i].edit;
        if (texts[k] != NULL)
            continue;
        fr_edit_kind_render(&conditions.edits[k], &text);
        texts[k] = fr_text_take(&text);
        for (int j = 0; j < conditions.n_edits; j++)
            assert_true(j == k || texts[j] == NULL || strcmp(texts[j], texts[k]) != 0);
    }
    for (int k = 0; k < conditions.n_edits; k++) {
        assert_non_null(texts[k]);
        free(texts[k]);
    }
    free(texts);
}

static void refused(int code, const char *want) {
    static const struct fr_conditions zero;
    fr_conditions_release(&conditions);
    assert_int_equal(fr_conditions_expand(&experiments, true, &concepts, "c.yaml", &conditions,
                                          &err),
                     code);
    if (strstr(err.text, want) == NULL || strchr(err.text, '\n') != NULL)
        fail_msg("\"%s\" does not say: %s", err.text, want);
    assert_memory_equal(&conditions, &zero, sizeof zero);
}

static int count_role(enum fr_role role) {
    int n = 0;
    for (int i = 0; i < conditions.n; i++)
        n += conditions.items[i].role == (int)role;
    return n;
}

static const struct fr_condition *find(const char *name) {
    for (int i = 0; i < conditions.n; i++)
        if (strcmp(conditions.items[i].name, name) == 0)
            return &conditions.items[i];
    struct fr_text all = {0};
    for (int i = 0; i < conditions.n; i++)
        fr_text_printf(&all, "\n%s", conditions.items[i].name);
    fail_msg("no condition \"%s\" in:%s", name, fr_text_get(&all));
    return NULL;
}

static const struct fr_edit_kind *edit_of(const char *name) {
    return &conditions.edits[find(name)->edit];
}

/* ---- counts and names ------------------------------------------------------------------------ */

static void one_value_of_everything_is_one_condition_beside_its_baseline(void **state) {
    (void)state;
    (void)add("one", FR_VECTOR_CROSS_LOO);
    expand(true);
    assert_int_equal(conditions.n, 2);
    assert_int_equal(conditions.n_edits, 2);
    const struct fr_condition *c = find("cross_loo, layer 5");
    assert_ptr_equal(c, &conditions.items[1]);
    assert_string_equal(c->experiment, "one");
    assert_string_equal(c->series, "cross_loo");
    assert_string_equal(c->family, "one");
    assert_int_equal(c->role, FR_ROLE_MATCHED);
    assert_string_equal(c->colour, fr_vector_kind_colour[FR_VECTOR_CROSS_LOO]);
    assert_string_equal(c->shape, fr_vector_kind_shape[FR_VECTOR_CROSS_LOO]);
    assert_int_equal(c->against, 0);
    const struct fr_edit_kind *e = edit_of("cross_loo, layer 5");
    assert_int_equal(e->vectors, FR_VECTOR_CROSS_LOO);
    assert_int_equal(e->control, FR_CONTROL_NONE);
    assert_int_equal(e->traces, FR_TRACES_SOLVED);
    assert_int_equal(e->timestamp, 7000);
    assert_int_equal(e->operation, FR_EDIT_MIX);
    assert_near(e->scale, 2.0 / 3, 0);
    assert_near(e->strength, 1, 0);
    assert_true(e->keep_norm);
    assert_string_equal(conditions.items[0].name, "baseline to 2500");
}

static void a_sweep_is_the_product_of_its_fields(void **state) {
    (void)state;
    struct fr_experiment *e = add("sweep", FR_VECTOR_IN_NAMING);
    e->vectors[e->n_vectors++] = FR_VECTOR_SYMBOLIC_ALL;
    e->n_at = 2, e->at[0] = 100, e->at[1] = 200;
    e->n_operations = 2, e->operations[0] = FR_EDIT_MIX, e->operations[1] = FR_EDIT_ADD;
    e->n_strengths = 3, e->strengths[0] = 1, e->strengths[1] = 10, e->strengths[2] = 20;
    e->n_keep_norm = 2, e->keep_norm[0] = true, e->keep_norm[1] = false;
    e->n_layers = 2, e->layers[1] = (struct fr_range){1, 21};
    e->n_windows = 2, e->windows[0] = (struct fr_range){0, 50},
    e->windows[1] = (struct fr_range){20, 90};
    add_control(e, FR_CONTROL_SHUFFLED);
    add_control(e, FR_CONTROL_SINGLE); /* there is none of in_naming */
    expand(true);
    const int combinations = 2 * 2 * 3 * 2 * 2 * 2;
    assert_int_equal(count_role(FR_ROLE_MATCHED), combinations * 2);
    assert_int_equal(count_role(FR_ROLE_CONTROL), combinations * 3);
    assert_int_equal(count_role(FR_ROLE_BASELINE), 2);
    assert_int_equal(conditions.n, combinations * 5 + 2);
    assert_int_equal(conditions.n_edits, conditions.n);
    const struct fr_condition *c = find("symbolic_all, single, at 200, window 20-90, add, strength "
                                        "20, norm free, layers 1-20");
    assert_string_equal(c->series,
                        "symbolic_all, single, at 200, window 20-90, add, strength 20, norm free");
    const struct fr_edit_kind *k = &conditions.edits[c->edit];
    assert_int_equal(k->control, FR_CONTROL_SINGLE);
    assert_int_equal(k->timestamp, 200);
    assert_int_equal(k->window.first, 20);
    assert_int_equal(k->window.end, 90);
    assert_int_equal(k->operation, FR_EDIT_ADD);
    assert_near(k->strength, 20, 0);
    assert_false(k->keep_norm);
    assert_int_equal(k->layers.first, 1);
    assert_int_equal(k->layers.end, 21);
    (void)find("in_naming, at 100, window 0-50, mix, strength 1, norm kept, layer 5");
}

static void sets_of_concepts_and_mentions_are_swept(void **state) {
    (void)state;
    struct fr_experiment *e = add("sets", FR_VECTOR_CLEAN);
    e->concepts[e->n_concepts++] = fr_strdup("predicates");
    e->concepts[e->n_concepts++] = fr_strdup("stack");
    e->mentions[e->n_mentions++] = FR_MENTIONS_PROMPT;
    e->n_first = 2, e->first[1] = 3;
    add_control(e, FR_CONTROL_IDENTITY);
    expand(true);
    /* an identity edits the rows of its own set, so that there is one for each */
    assert_int_equal(conditions.n, 1 + 2 * 3 * 2 * 2);
    assert_int_equal(conditions.n_edits, conditions.n);
    const struct fr_edit_kind *k = edit_of("clean, stack, prompt mentions, first 3, layer 5");
    assert_int_equal(k->concepts, FR_CONCEPTS_ONE + 1);
    assert_int_equal(k->mentions, FR_MENTIONS_PROMPT);
    assert_int_equal(k->first, 3);
    struct fr_text text = {0};
    fr_edit_kind_render(k, &text);
    assert_non_null(
        strstr(fr_text_get(&text), " concepts=stack mentions=prompt first_mentions=3 window="));
    fr_text_clear(&text);
    fr_edit_kind_render(edit_of("clean, all, all mentions, layer 5"), &text);
    assert_null(strstr(fr_text_get(&text), "concepts="));
    assert_null(strstr(fr_text_get(&text), "mentions="));
    fr_text_release(&text);
    assert_int_equal(edit_of("clean, predicates, all mentions, layer 5")->concepts,
                     FR_CONCEPTS_PREDICATES);
    (void)find("identity, stack, all mentions, first 3, layer 5");

    free(e->concepts[2]);
    e->concepts[2] = fr_strdup("stak");
    refused(FR_E_INPUT, "experiment sets: concepts: the domain has no \"stak\"; the nearest is "
                        "\"stack\"");
    /* where the domain is not known yet any name may be one */
    assert_ok(fr_conditions_expand(&experiments, true, NULL, "c.yaml", &conditions, &err), err);
}

static void jitter_is_of_noise_alone(void **state) {
    (void)state;
    struct fr_experiment *e = add("jitter", FR_VECTOR_NOISE);
    e->operations[0] = FR_EDIT_JITTER;
    e->n_scales = 2, e->scales[0] = 0.01, e->scales[1] = 0.1;
    expand(true);
    assert_near(edit_of("noise, scale 0.1, layer 5")->scale, 0.1, 0);
    e->vectors[e->n_vectors++] = FR_VECTOR_CLEAN;
    refused(FR_E_INPUT,
            "experiment jitter: operation jitter is of vectors noise, and of them alone");
    e->n_vectors = 1;
    e->operations[e->n_operations++] = FR_EDIT_ADD;
    refused(FR_E_INPUT, "operation jitter is of vectors noise");
    e->n_operations = 1;
    e->operations[0] = FR_EDIT_ADD;
    refused(FR_E_INPUT, "operation jitter is of vectors noise");
    e->operations[0] = FR_EDIT_JITTER;
    add_control(e, FR_CONTROL_SHUFFLED);
    refused(FR_E_INPUT, "controls: there is none of these vectors");
}

static void a_direction_is_projected_out_whatever_its_length(void **state) {
    (void)state;
    struct fr_experiment *e = add("out", FR_VECTOR_CLEAN);
    e->operations[0] = FR_EDIT_PROJECT;
    expand(true);
    assert_int_equal(edit_of("clean, layer 5")->operation, FR_EDIT_PROJECT);
    e->n_strengths = 2, e->strengths[1] = 2;
    refused(FR_E_INPUT, "experiment out: strength: project takes a direction out");
    e->vectors[0] = FR_VECTOR_SYMBOLIC_ALL;
    expand(true);
}

static void vectors_of_failed_traces_stand_beside_those_of_solved_ones(void **state) {
    (void)state;
    struct fr_experiment *e = add("both", FR_VECTOR_IN_NAMING);
    e->traces[e->n_traces++] = FR_TRACES_FAILED;
    expand(true);
    assert_int_equal(conditions.n, 3);
    assert_int_equal(edit_of("in_naming, of solved traces, layer 5")->traces, FR_TRACES_SOLVED);
    assert_int_equal(edit_of("in_naming, of failed traces, layer 5")->traces, FR_TRACES_FAILED);
}

static void names_say_only_what_is_swept(void **state) {
    (void)state;
    struct fr_experiment *e = add("scales", FR_VECTOR_CLEAN);
    e->n_scales = 2, e->scales[0] = 0.5, e->scales[1] = 1.0 / 3;
    e->at[0] = 4000;
    e->keep_norm[0] = false;
    e->strengths[0] = 7;
    add_control(e, FR_CONTROL_RANDOM);
    expand(true);
    assert_int_equal(conditions.n, 5);
    assert_near(edit_of("clean, scale 0.5, layer 5")->scale, 0.5, 0);
    assert_near(edit_of("clean, scale 0.333, layer 5")->scale, 1.0 / 3, 0);
    assert_int_equal(edit_of("clean, random, scale 0.333, layer 5")->control, FR_CONTROL_RANDOM);
}

static void a_scale_is_of_the_mix_alone(void **state) {
    (void)state;
    struct fr_experiment *e = add("both", FR_VECTOR_CLEAN);
    e->n_scales = 3, e->scales[0] = 0.2, e->scales[1] = 0.5, e->scales[2] = 0.8;
    e->n_operations = 2, e->operations[0] = FR_EDIT_MIX, e->operations[1] = FR_EDIT_REPLACE;
    expand(true);
    /* three mixes, one replacement, the baseline */
    assert_int_equal(conditions.n, 5);
    assert_int_equal(conditions.n_edits, 5);
    (void)find("clean, mix, scale 0.8, layer 5");
    (void)find("clean, replace, layer 5");
}

static void arms_are_taken_as_written(void **state) {
    (void)state;
    struct fr_experiment *e = fr_experiments_append(&experiments, fr_strdup("positive"));
    static const struct fr_vector_arm arms[] = {
        {FR_VECTOR_IN_NAMING, FR_CONTROL_IDENTITY},
        {FR_VECTOR_CROSS_LOO, FR_CONTROL_SHUFFLED},
        {FR_VECTOR_IN_NAMING, FR_CONTROL_NONE},
    };
    memcpy(e->arms, arms, sizeof arms);
    e->n_arms = 3;
    e->n_layers = 2, e->layers[0] = (struct fr_range){3, 4}, e->layers[1] = (struct fr_range){1, 2};
    expand(true);
    static const char *const names[] = {
        "baseline to 2500",   "identity, layer 3", "cross_loo, shuffled, layer 3",
        "in_naming, layer 3", "identity, layer 1", "cross_loo, shuffled, layer 1",
        "in_naming, layer 1",
    };
    static const enum fr_role roles[] = {FR_ROLE_BASELINE, FR_ROLE_IDENTITY, FR_ROLE_CONTROL,
                                         FR_ROLE_MATCHED,  FR_ROLE_IDENTITY, FR_ROLE_CONTROL,
                                         FR_ROLE_MATCHED};
    assert_int_equal(conditions.n, 7);
    for (int i = 0; i < 7; i++) {
        assert_string_equal(conditions.items[i].name, names[i]);
        assert_int_equal(conditions.items[i].role, roles[i]);
        assert_int_equal(conditions.items[i].against, i == 0 ? -1 : 0);
    }
}

static void controls_are_grey_or_black_and_what_is_matched_is_coloured(void **state) {
    (void)state;
    struct fr_experiment *e = add("one", FR_VECTOR_SYMBOLIC_LOO);
    for (int control = FR_CONTROL_SHUFFLED; control < FR_N_CONTROL_NAMES; control++)
        add_control(e, control);
    expand(true);
    assert_int_equal(conditions.n, 6);
    for (int i = 0; i < conditions.n; i++) {
        const struct fr_condition *c = &conditions.items[i];
        assert_int_equal(strlen(c->colour), 7);
        const bool grey = memcmp(c->colour + 1, c->colour + 3, 2) == 0 &&
                          memcmp(c->colour + 1, c->colour + 5, 2) == 0;
        assert_int_equal(grey, c->role != FR_ROLE_MATCHED);
        for (int k = 1; k < i; k++) /* no two look alike */
            assert_true(strcmp(c->colour, conditions.items[k].colour) != 0 ||
                        strcmp(c->shape, conditions.items[k].shape) != 0);
    }
}

/* ---- what is shared -------------------------------------------------------------------------- */

static void the_same_edit_of_two_experiments_is_run_once(void **state) {
    (void)state;
    struct fr_experiment *e = add("one", FR_VECTOR_CROSS_LOO);
    e->n_scales = 2, e->scales[0] = 0.5, e->scales[1] = 2.0 / 3;
    e = add("two", FR_VECTOR_CROSS_LOO);
    e->family = (free(e->family), fr_strdup("shared"));
    expand(true);
    /* one baseline, two of the first, one of the second, which is one of the first's */
    assert_int_equal(conditions.n, 4);
    assert_int_equal(conditions.n_edits, 3);
    const struct fr_condition *second = &conditions.items[3];
    assert_string_equal(second->experiment, "two");
    assert_string_equal(second->family, "shared");
    assert_int_equal(second->edit, find("cross_loo, scale 0.667, layer 5")->edit);
    assert_string_equal(find("cross_loo, scale 0.667, layer 5")->family, "one");
}

static void whatever_changes_a_run_makes_another_edit(void **state) {
    (void)state;
    (void)add("same", FR_VECTOR_CROSS_LOO);
    (void)add("same-too", FR_VECTOR_CROSS_LOO);
    (void)add("vectors", FR_VECTOR_CROSS_ALL);
    add("traces", FR_VECTOR_CROSS_LOO)->traces[0] = FR_TRACES_ALL;
    add("at", FR_VECTOR_CROSS_LOO)->at[0] = 6800;
    add("operation", FR_VECTOR_CROSS_LOO)->operations[0] = FR_EDIT_ADD;
    add("scale", FR_VECTOR_CROSS_LOO)->scales[0] = nextafter(2.0 / 3, 1);
    add("strength", FR_VECTOR_CROSS_LOO)->strengths[0] = 2;
    add("norm", FR_VECTOR_CROSS_LOO)->keep_norm[0] = false;
    add("layers", FR_VECTOR_CROSS_LOO)->layers[0].end++;
    add("window", FR_VECTOR_CROSS_LOO)->windows[0].first++;
    expand(true);
    assert_int_equal(count_role(FR_ROLE_MATCHED), 11);
    assert_int_equal(conditions.n_edits, 1 + 10);
}

static void one_identity_serves_all_vectors_scales_and_operations(void **state) {
    (void)state;
    struct fr_experiment *e = add("one", FR_VECTOR_IN_NAMING);
    e->vectors[e->n_vectors++] = FR_VECTOR_CROSS_LOO;
    e->n_scales = 2, e->scales[0] = 0.5, e->scales[1] = 0.6;
    e->n_strengths = 2, e->strengths[0] = 3, e->strengths[1] = 4;
    e->n_operations = 2, e->operations[0] = FR_EDIT_REPLACE, e->operations[1] = FR_EDIT_MIX;
    e->n_keep_norm = 2, e->keep_norm[0] = false, e->keep_norm[1] = true;
    e->n_layers = 2, e->layers[1] = (struct fr_range){7, 9};
    add_control(e, FR_CONTROL_IDENTITY);
    expand(true);
    assert_int_equal(count_role(FR_ROLE_IDENTITY), 1); /* at the first of the layers */
    const struct fr_edit_kind *k = edit_of("identity, layer 5");
    assert_int_equal(k->operation, FR_EDIT_MIX);
    assert_near(k->scale, 1, 0);
    assert_near(k->strength, 1, 0);
    assert_true(k->keep_norm);
    assert_int_equal(k->control, FR_CONTROL_NONE); /* the vectors are there, with no weight */
    assert_int_equal(find("identity, layer 5")->against, 0);
}

static void baselines_are_shared_by_their_end_or_each_window_has_its_own(void **state) {
    (void)state;
    struct fr_experiment *e = add("one", FR_VECTOR_CLEAN);
    e->n_windows = 3;
    e->windows[0] = (struct fr_range){0, 50};
    e->windows[1] = (struct fr_range){20, 50};
    e->windows[2] = (struct fr_range){20, 90};
    e = add("two", FR_VECTOR_MEAN);
    e->windows[0] = (struct fr_range){20, 50};
    expand(true); /* without flash attention rows do not depend on where a prefix was cut */
    assert_int_equal(count_role(FR_ROLE_BASELINE), 2);
    assert_int_equal(find("clean, window 0-50, layer 5")->against,
                     find("clean, window 20-50, layer 5")->against);
    assert_int_equal(find("mean, layer 5")->against, find("clean, window 0-50, layer 5")->against);
    assert_string_equal(conditions.items[find("mean, layer 5")->against].name, "baseline to 50");
    expand(false);
    assert_int_equal(count_role(FR_ROLE_BASELINE), 3);
    assert_int_not_equal(find("clean, window 0-50, layer 5")->against,
                         find("clean, window 20-50, layer 5")->against);
    assert_int_equal(find("mean, layer 5")->against, find("clean, window 20-50, layer 5")->against);
    assert_string_equal(conditions.items[find("mean, layer 5")->against].name,
                        "baseline, window 20-50");
}

/* ---- against --------------------------------------------------------------------------------- */

static void matched_conditions_are_measured_against_the_control_that_is_named(void **state) {
    (void)state;
    struct fr_experiment *e = add("one", FR_VECTOR_SYMBOLIC_LOO);
    e->vectors[e->n_vectors++] = FR_VECTOR_SYMBOLIC_ALL;
    e->n_strengths = 2, e->strengths[0] = 1, e->strengths[1] = 10;
    add_control(e, FR_CONTROL_RANDOM);
    add_control(e, FR_CONTROL_SHUFFLED);
    e->against = FR_CONTROL_SHUFFLED;
    expand(true);
    static const char *const pairs[][2] = {
        {"symbolic_loo, strength 1, layer 5", "symbolic_loo, shuffled, strength 1, layer 5"},
        {"symbolic_loo, strength 10, layer 5", "symbolic_loo, shuffled, strength 10, layer 5"},
        {"symbolic_all, strength 10, layer 5", "symbolic_all, shuffled, strength 10, layer 5"},
        {"symbolic_loo, shuffled, strength 1, layer 5", "baseline to 2500"},
        {"symbolic_loo, random, strength 1, layer 5", "baseline to 2500"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_string_equal(conditions.items[find(pairs[i][0])->against].name, pairs[i][1]);
}

static void the_identity_may_be_what_is_measured_against(void **state) {
    (void)state;
    struct fr_experiment *e = add("one", FR_VECTOR_CLEAN);
    e->vectors[e->n_vectors++] = FR_VECTOR_MEAN;
    e->n_layers = 2, e->layers[1] = (struct fr_range){7, 9};
    add_control(e, FR_CONTROL_IDENTITY);
    e->against = FR_CONTROL_IDENTITY;
    expand(true);
    assert_string_equal(conditions.items[find("clean, layers 7-8")->against].name,
                        "identity, layers 7-8");
    assert_string_equal(conditions.items[find("clean, layer 5")->against].name,
                        "identity, layer 5");
    assert_string_equal(conditions.items[find("mean, layer 5")->against].name, "identity, layer 5");
    assert_string_equal(conditions.items[find("identity, layer 5")->against].name,
                        "baseline to 2500");
}

static void what_against_names_must_be_among_the_controls(void **state) {
    (void)state;
    struct fr_experiment *e = add("one", FR_VECTOR_CLEAN);
    e->line = 12;
    add_control(e, FR_CONTROL_RANDOM);
    e->against = FR_CONTROL_SHUFFLED;
    refused(FR_E_INPUT, "c.yaml:12: experiment one: against: shuffled, but there is no condition "
                        "\"clean, shuffled, layer 5\"; add it to controls");
    e->vectors[e->n_vectors++] = FR_VECTOR_MEAN; /* which has no random control */
    e->against = FR_CONTROL_RANDOM;
    refused(FR_E_INPUT, "there is no condition \"mean, random, layer 5\"");
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void a_list_of_scales_is_of_operations_that_have_one(void **state) {
    (void)state;
    struct fr_experiment *e = add("one", FR_VECTOR_CROSS_LOO);
    e->scales[e->n_scales++] = 0.5;
    e->operations[0] = FR_EDIT_ADD;
    refused(FR_E_INPUT, "experiment one: scale: these operations have none");
    e->operations[e->n_operations++] = FR_EDIT_MIX;
    expand(true);
}

static void names_are_unique_and_controls_apply(void **state) {
    (void)state;
    (void)add("one", FR_VECTOR_CLEAN);
    struct fr_experiment *e = add("one", FR_VECTOR_MEAN);
    e->line = 3;
    refused(FR_E_INPUT, "c.yaml:3: experiment one: another experiment has this name");
    e->line = 0;
    refused(FR_E_INPUT, "c.yaml: experiment one: another experiment has this name");
    e->name[0] = 'x';
    add_control(e, FR_CONTROL_SHUFFLED);
    refused(FR_E_INPUT, "experiment xne: controls: there is none of these vectors");
    e->vectors[0] = FR_VECTOR_CROSS_ALL;
    e->controls[0] = FR_CONTROL_SINGLE;
    refused(FR_E_INPUT, "controls: single is r_mean for every concept");
    e->controls[0] = FR_CONTROL_IDENTITY; /* of any */
    expand(true);
}

/* Three digits name a scale; two that differ behind them must not become one. */
static void two_values_of_one_name_are_refused(void **state) {
    (void)state;
    struct fr_experiment *e = add("one", FR_VECTOR_CLEAN);
    e->line = 4;
    e->n_scales = 2, e->scales[0] = 0.3331, e->scales[1] = 0.3332;
    refused(FR_E_INPUT, "c.yaml:4: experiment one: two conditions are called \"clean, scale 0.333, "
                        "layer 5\"");
    e->scales[1] = 0.334;
    expand(true);
    assert_int_equal(count_role(FR_ROLE_MATCHED), 2);
}

static void too_large_a_product_is_refused(void **state) {
    (void)state;
    struct fr_experiment *e = add("one", FR_VECTOR_CLEAN);
    e->n_layers = e->n_strengths = FR_SWEEP;
    for (int i = 0; i < FR_SWEEP; i++) {
        e->layers[i] = (struct fr_range){i + 1, i + 2};
        e->strengths[i] = i + 1;
    }
    e->n_at = 2, e->at[1] = 6800;
    refused(FR_E_LIMIT, "experiment one: more than 4,096 combinations; sweep fewer values");
    e->n_at = 1;
    refused(FR_E_LIMIT, "experiment one: more than 4,096 conditions; sweep fewer values");
    e->n_strengths--;
    expand(true);
    assert_int_equal(conditions.n, 64 * 63 + 1);
}

static void no_experiments_are_no_conditions(void **state) {
    (void)state;
    expand(true);
    assert_int_equal(conditions.n, 0);
    assert_int_equal(conditions.n_edits, 0);
}

static void an_edit_says_all_that_it_is_in_one_line(void **state) {
    (void)state;
    struct fr_text text = {0};
    struct fr_edit_kind edit = {.vectors = FR_VECTOR_SYMBOLIC_LOO,
                                .control = FR_CONTROL_SINGLE,
                                .traces = FR_TRACES_SOLVED,
                                .timestamp = 7000,
                                .strength = 10,
                                .operation = FR_EDIT_MIX,
                                .scale = 0.1,
                                .keep_norm = true,
                                .layers = {1, 21},
                                .window = {1500, 2500}};
    fr_edit_kind_render(&edit, &text);
    assert_string_equal(fr_text_get(&text),
                        "vectors=symbolic_loo control=single traces=solved at=7000 strength=10 "
                        "operation=mix scale=0.10000000000000001 keep_norm=true layers=1-20 "
                        "window=1500-2500");
    fr_text_clear(&text);
    edit.operation = FR_EDIT_REPLACE;
    fr_edit_kind_render(&edit, &text);
    assert_null(strstr(fr_text_get(&text), "scale="));
    fr_text_clear(&text);
    fr_edit_kind_render(&(struct fr_edit_kind){.baseline = true, .window = {-1, 90}}, &text);
    assert_string_equal(fr_text_get(&text), "baseline window_end=90");
    fr_text_clear(&text);
    fr_edit_kind_render(&(struct fr_edit_kind){.baseline = true, .window = {0, 90}}, &text);
    assert_string_equal(fr_text_get(&text), "baseline window=0-90");
    fr_text_release(&text);
}

int main(void) {
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(one_value_of_everything_is_one_condition_beside_its_baseline),
        TEST(a_sweep_is_the_product_of_its_fields),
        TEST(sets_of_concepts_and_mentions_are_swept),
        TEST(jitter_is_of_noise_alone),
        TEST(a_direction_is_projected_out_whatever_its_length),
        TEST(vectors_of_failed_traces_stand_beside_those_of_solved_ones),
        TEST(names_say_only_what_is_swept),
        TEST(a_scale_is_of_the_mix_alone),
        TEST(arms_are_taken_as_written),
        TEST(controls_are_grey_or_black_and_what_is_matched_is_coloured),
        TEST(the_same_edit_of_two_experiments_is_run_once),
        TEST(whatever_changes_a_run_makes_another_edit),
        TEST(one_identity_serves_all_vectors_scales_and_operations),
        TEST(baselines_are_shared_by_their_end_or_each_window_has_its_own),
        TEST(matched_conditions_are_measured_against_the_control_that_is_named),
        TEST(the_identity_may_be_what_is_measured_against),
        TEST(what_against_names_must_be_among_the_controls),
        TEST(a_list_of_scales_is_of_operations_that_have_one),
        TEST(names_are_unique_and_controls_apply),
        TEST(two_values_of_one_name_are_refused),
        TEST(too_large_a_product_is_refused),
        TEST(no_experiments_are_no_conditions),
        TEST(an_edit_says_all_that_it_is_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
