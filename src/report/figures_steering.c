/* The report's figures of steering (method.md 5 and 6); see figures.c. */
#include <math.h>

#include "report/figures.h"
#include "report/terms.h"

static const char *caption_steering(struct fr_page *page) {
    return fr_page_format(
        page,
        "Accuracy of the steered continuation minus that of the unedited baseline from the same "
        "prefix, in percentage points: mean over n = %s namings (%s pairs of puzzle and naming per "
        "point), per condition and edited layer. Thin line: 95%% hierarchical bootstrap interval "
        "(namings, then puzzles). Thick line: &plusmn;1 standard error over namings. Controls are "
        "grey and black; identity edits every position by nothing and must lie exactly at zero.",
        fr_page_escape(
            page,
            fr_page_string(page, "SELECT iif(min(n_namings) = max(n_namings), max(n_namings),"
                                 " min(n_namings) || ' to ' || max(n_namings)) FROM steering")),
        fr_page_escape(page,
                       fr_page_string(page,
                                      "SELECT iif(min(n_pairs) = max(n_pairs), max(n_pairs),"
                                      " min(n_pairs) || ' to ' || max(n_pairs)) FROM steering")));
}

/* Room for a point of accuracy at least, so that effects of zero are drawn as such. */
static void fill_steering(struct fr_page *page, json_t *values, const json_t *datasets) {
    (void)page;
    static const char *const columns[] = {"mean", "low", "high", "se_low", "se_high"};
    double low = -1, high = 1;
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(datasets, "steering"), i, row) {
        for (int c = 0; c < 5; c++) {
            const json_t *x = json_object_get(row, columns[c]);
            if (json_is_number(x)) {
                low = fmin(low, json_number_value(x));
                high = fmax(high, json_number_value(x));
            }
        }
    }
    FR_ASSERT(json_object_set_new(values, "domain", json_pack("[ff]", low, high)) == 0);
}

/* clang-format off */
static const char spec_steering[] =
    "{'height': 320, 'data': {'name': 'steering'},"
    " 'layer': [{'data': {'values': [{}]},"
    "   'mark': {'type': 'rule', 'color': '#888888', 'strokeWidth': 0.8},"
    "   'encoding': {'y': {'datum': 0}}},"
    "  {'transform': [{'filter': 'isValid(datum.low) && isValid(datum.high)'}],"
    "   'mark': {'type': 'rule', 'strokeWidth': 1.3},"
    "   'encoding': {'x': {'field': 'layer', 'type': 'ordinal'},"
    "    'xOffset': {'field': 'label', 'type': 'nominal', 'sort': '$labels'},"
    "    'y': {'field': 'low', 'type': 'quantitative'}, 'y2': {'field': 'high'},"
    "    'color': {'field': 'label', 'type': 'nominal'}}},"
    "  {'transform': [{'filter': 'isValid(datum.se_low) && isValid(datum.se_high)'}],"
    "   'mark': {'type': 'rule', 'strokeWidth': 5, 'opacity': 0.45},"
    "   'encoding': {'x': {'field': 'layer', 'type': 'ordinal'},"
    "    'xOffset': {'field': 'label', 'type': 'nominal', 'sort': '$labels'},"
    "    'y': {'field': 'se_low', 'type': 'quantitative'}, 'y2': {'field': 'se_high'},"
    "    'color': {'field': 'label', 'type': 'nominal'}}},"
    "  {'transform': [{'filter': 'isValid(datum.mean)'}],"
    "   'mark': {'type': 'point', 'filled': true, 'size': 85, 'opacity': 1},"
    "   'encoding': {'x': {'field': 'layer', 'type': 'ordinal', 'title': 'edited layer',"
    "     'scale': {'paddingInner': 0.4, 'paddingOuter': 0.2},"
    "     'axis': {'grid': false, 'ticks': false, 'labelPadding': 6}},"
    "    'xOffset': {'field': 'label', 'type': 'nominal', 'sort': '$labels'},"
    "    'y': {'field': 'mean', 'type': 'quantitative',"
    "     'title': 'effect on accuracy (percentage points)',"
    "     'scale': {'domain': '$domain', 'nice': true},"
    "     'axis': {'labelExpr': 'datum.value > 0 ? `+` + datum.label : datum.label'}},"
    "    'color': {'field': 'label', 'type': 'nominal', 'sort': '$labels',"
    "     'scale': {'domain': '$labels', 'range': '$colours'}, 'legend': {'columns': 3}},"
    "    'shape': {'field': 'label', 'type': 'nominal', 'sort': '$labels',"
    "     'scale': {'domain': '$labels', 'range': '$shapes'}},"
    "    'tooltip': [{'field': 'label', 'type': 'nominal', 'title': 'condition'},"
    "     {'field': 'layer', 'type': 'ordinal'},"
    "     {'field': 'mean', 'type': 'quantitative', 'format': '+.2f',"
    "      'title': 'mean effect'},"
    "     {'field': 'low', 'type': 'quantitative', 'format': '+.2f'},"
    "     {'field': 'high', 'type': 'quantitative', 'format': '+.2f'},"
    "     {'field': 'p', 'type': 'quantitative', 'format': '.3f'},"
    "     {'field': 'p_holm', 'type': 'quantitative', 'format': '.3f', 'title': 'Holm p'},"
    "     {'field': 'gained', 'type': 'quantitative'},"
    "     {'field': 'lost', 'type': 'quantitative'},"
    "     {'field': 'n_namings', 'type': 'quantitative', 'title': 'namings'},"
    "     {'field': 'n_pairs', 'type': 'quantitative', 'title': 'pairs'}]}}]}";
/* clang-format on */

const struct fr_figure fr_figure_steering = {
    .name = "steering",
    .title = "Effect of steering on accuracy",
    .description =
        "Mean effect of each steering condition per layer, with two kinds of error bars.",
    .csv = "steering steering_naming",
    .missing = "No steering effects: this study has not steered, or no experiment has finished.",
    .datasets = {{"steering", "itttiidddddddii",
                  "SELECT layer, " FR_SQL_CONDITION " AS label, " FR_SQL_CONDITION_COLOUR
                  " AS colour, " FR_SQL_CONDITION_SHAPE " AS shape, n_namings, n_pairs,"
                  " 100 * mean AS mean, 100 * (mean - standard_error) AS se_low,"
                  " 100 * (mean + standard_error) AS se_high, 100 * low AS low, 100 * high AS high,"
                  " p, p_holm, gained, lost FROM steering WHERE mean IS NOT NULL ORDER "
                  "BY " FR_SQL_CONDITION_ORDER ", layer"}},
    .label_column = "label",
    .colour_column = "colour",
    .shape_column = "shape",
    .fill = fill_steering,
    .spec = spec_steering,
    .caption = caption_steering,
};

static void fill_namings(struct fr_page *page, json_t *values, const json_t *datasets) {
    (void)page;
    const double most = fr_figure_extent(json_object_get(datasets, "effects"), "effect", 1);
    FR_ASSERT(json_object_set_new(values, "domain", json_pack("[fif]", -most, 0, most)) == 0);
    FR_ASSERT(json_object_set_new(values, "height",
                                  fr_figure_height(json_object_get(datasets, "effects"), "row")) ==
              0);
}

static const char *caption_namings(struct fr_page *page) {
    return fr_page_format(
        page,
        "Effect per naming behind the means of the figure above, in percentage points; up to n = "
        "%s pairs per cell; L: the edited layer. Blue: steering solved more than the baseline. "
        "No interval: single namings are too small to test, and are shown to see whether an "
        "effect rests on few of them.",
        fr_page_escape(page, fr_page_string(page, "SELECT max(n) FROM steering_naming")));
}

/* clang-format off */
static const char spec_steering_namings[] =
    "{'height': '$height', 'data': {'name': 'effects'}, 'mark': {'type': 'rect'},"
    " 'encoding': {'x': {'field': 'naming', 'type': 'nominal', 'sort': null, 'title': 'naming'},"
    "  'y': {'field': 'row', 'type': 'nominal', 'sort': '$labels', 'title': null,"
    "   'axis': {'labelLimit': 210, 'ticks': false}},"
    "  'color': {'field': 'effect', 'type': 'quantitative', 'title': 'effect (percentage"
    " points)',"
    "   'scale': {'domain': '$domain', 'range': ['$vermilion', '#f4f4f4', '$blue'],"
    "    'interpolate': 'lab'},"
    "   'legend': {'gradientLength': 180,"
    "    'labelExpr': 'datum.value > 0 ? `+` + datum.label : datum.label'}},"
    "  'tooltip': [{'field': 'row', 'type': 'nominal', 'title': 'condition'},"
    "   {'field': 'naming', 'type': 'nominal'},"
    "   {'field': 'effect', 'type': 'quantitative', 'format': '+.2f'},"
    "   {'field': 'n', 'type': 'quantitative'},"
    "   {'field': 'baseline', 'type': 'quantitative', 'title': 'solved unedited'},"
    "   {'field': 'steered', 'type': 'quantitative', 'title': 'solved steered'},"
    "   {'field': 'gained', 'type': 'quantitative'},"
    "   {'field': 'lost', 'type': 'quantitative'}]}}";
/* clang-format on */

const struct fr_figure fr_figure_steering_namings = {
    .name = "steering-namings",
    .title = "Effect per naming",
    .description = "Heat map of the steering effect per condition, layer and naming.",
    .csv = "steering_naming",
    .missing = "No effects per naming.",
    .datasets =
        {{"effects", "ttidiiiii",
          "SELECT replace(condition, '_', ' ') || ', L' || a.layer AS row, a.naming AS naming,"
          " a.layer AS layer, 100 * a.effect AS effect, a.n AS n, a.baseline_solved AS baseline,"
          " a.steered_solved AS steered, a.gained AS gained, a.lost AS lost"
          " FROM steering_naming a LEFT JOIN naming n ON n.id = a.naming"
          " WHERE a.effect IS NOT NULL ORDER BY " FR_SQL_CONDITION_ORDER
          ", a.layer, " FR_SQL_ORDER_NAMINGS}},
    .label_column = "row",
    .fill = fill_namings,
    .spec = spec_steering_namings,
    .caption = caption_namings,
};
