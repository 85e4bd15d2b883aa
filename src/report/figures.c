/* The report's figures of behaviour and of representations (method.md 4: A2, A3, the heat map);
 * steering's are in figures_steering.c. Each is a row: queries, selectors, a Vega-Lite
 * specification without data, a caption that says what is plotted, n, and which interval. */
#include "report/figures.h"

#include <math.h>

#include "report/terms.h"

/* ---- accuracy -------------------------------------------------------------------------------- */

static const char *const split_labels[][2] = {{"all", "all"},
                                              {"collect", "collecting"},
                                              {"evaluate", "evaluation"},
                                              {NULL, NULL}};

static void fill_accuracy(struct fr_page *page, json_t *values, const json_t *datasets) {
    (void)page;
    if (fr_figure_extent(json_object_get(datasets, "accuracy"), "paper", -1) < 0)
        return;
    FR_ASSERT(json_array_append_new(json_object_get(values, "labels"),
                                    json_string("the paper's QwQ-32B")) == 0);
    FR_ASSERT(json_array_append_new(json_object_get(values, "colours"), json_string(FR_ORANGE)) ==
              0);
}

static const char *caption_accuracy(struct fr_page *page) {
    return fr_page_format(
        page,
        "Share of puzzles solved by the model's own greedy rollouts, per naming; n = %s puzzles "
        "per naming. Whiskers: Wilson 95%% intervals over puzzles. Dashed: mean over the mystery "
        "namings. Diamonds, where present: the accuracy the paper reports for QwQ-32B on 300 "
        "four-block puzzles under the same words, another model with another prompt, for "
        "orientation.",
        fr_page_escape(
            page,
            fr_page_string(
                page,
                "SELECT iif(min(n) = max(n), min(n), min(n) || ' to ' || max(n)) FROM accuracy"
                " WHERE split = (SELECT split FROM accuracy ORDER BY split <> 'all', split LIMIT "
                "1)")));
}

/* clang-format off */
static const char spec_accuracy[] =
    "{'height': 260, 'data': {'name': 'accuracy'},"
    " 'transform': [{'filter': 'datum.split == p_split'}],"
    " 'layer': [{'mark': {'type': 'bar', 'width': {'band': 0.72}},"
    "   'encoding': {'x': {'field': 'naming', 'type': 'nominal', 'sort': null, 'title':"
    " 'naming',"
    "     'axis': {'ticks': false}},"
    "    'y': {'field': 'accuracy', 'type': 'quantitative', 'title': 'puzzles solved',"
    "     'scale': {'domain': [0, 1]}, 'axis': {'format': '.0%', 'tickCount': 5}},"
    "    'color': {'field': 'label', 'type': 'nominal',"
    "     'scale': {'domain': '$labels', 'range': '$colours'}},"
    "    'tooltip': [{'field': 'naming', 'type': 'nominal'},"
    "     {'field': 'solved', 'type': 'quantitative'},"
    "     {'field': 'n', 'type': 'quantitative'},"
    "     {'field': 'accuracy', 'type': 'quantitative', 'format': '.1%'},"
    "     {'field': 'low', 'type': 'quantitative', 'format': '.1%'},"
    "     {'field': 'high', 'type': 'quantitative', 'format': '.1%'},"
    "     {'field': 'paper', 'type': 'quantitative', 'format': '.0%', 'title': 'QwQ-32B'},"
    "     {'field': 'tokens', 'type': 'quantitative', 'format': '.0f',"
    "      'title': 'mean reasoning tokens'}]}},"
    "  {'mark': {'type': 'rule', 'color': '#333333', 'strokeWidth': 1.2},"
    "   'encoding': {'x': {'field': 'naming', 'type': 'nominal', 'sort': null},"
    "    'y': {'field': 'low', 'type': 'quantitative'}, 'y2': {'field': 'high'}}},"
    "  {'transform': [{'filter': 'datum.mystery && isValid(datum.accuracy)'},"
    "    {'aggregate': [{'op': 'mean', 'field': 'accuracy', 'as': 'mean'}]}],"
    "   'mark': {'type': 'rule', 'color': '#333333', 'strokeDash': [5, 4], 'opacity': 0.8},"
    "   'encoding': {'y': {'field': 'mean', 'type': 'quantitative'},"
    "    'tooltip': [{'field': 'mean', 'type': 'quantitative', 'format': '.1%',"
    "      'title': 'mean over mystery namings'}]}},"
    "  {'transform': [{'filter': 'isValid(datum.paper)'}],"
    "   'mark': {'type': 'point', 'shape': 'diamond', 'filled': true, 'size': 70, 'opacity': 1,"
    "    'stroke': '#333333', 'strokeWidth': 0.8},"
    "   'encoding': {'x': {'field': 'naming', 'type': 'nominal', 'sort': null},"
    "    'y': {'field': 'paper', 'type': 'quantitative'},"
    "    'color': {'datum': 'the paper`s QwQ-32B'},"
    "    'tooltip': [{'field': 'naming', 'type': 'nominal'},"
    "     {'field': 'paper', 'type': 'quantitative', 'format': '.0%', 'title': 'QwQ-32B'}]}}]}";
/* clang-format on */

const struct fr_figure fr_figure_accuracy = {
    .name = "accuracy",
    .title = "Accuracy per naming",
    .description = "Bar chart of the share of puzzles solved under each naming, with intervals.",
    .csv = "accuracy",
    .missing = "No accuracies: no rollouts have been judged yet.",
    .datasets = {{"accuracy", "ttiidddddttb",
                  "SELECT a.naming AS naming, a.split AS split, a.n AS n, a.solved AS solved,"
                  " a.accuracy AS accuracy, a.low AS low, a.high AS high,"
                  " a.mean_reasoning_tokens AS tokens, a.paper_accuracy AS paper,"
                  " CASE WHEN n.role = 'clean' THEN 'clean naming' WHEN n.excluded THEN"
                  " 'mystery, left out later' ELSE 'mystery naming' END AS label,"
                  " CASE WHEN n.role = 'clean' THEN '" FR_GREEN "' WHEN n.excluded THEN"
                  " '" FR_LIGHT_GREY "' ELSE '" FR_BLUE "' END AS colour,"
                  " coalesce(n.role, '') <> 'clean' AS mystery"
                  " FROM accuracy a LEFT JOIN naming n ON n.id = a.naming WHERE EXISTS (SELECT 1"
                  " FROM accuracy o WHERE o.split = a.split AND o.accuracy IS NOT NULL) ORDER BY "
                  "a.split <> 'all', a.split, " FR_SQL_ORDER_NAMINGS}},
    .selectors = {{"p_split", "Puzzles ", 0, "split", NULL, split_labels}},
    .label_column = "label",
    .colour_column = "colour",
    .fill = fill_accuracy,
    .spec = spec_accuracy,
    .caption = caption_accuracy,
};

/* ---- A3: similarity over timestamps ---------------------------------------------------------- */

static const char *const variant_labels[][2] = {{"all", "all namings, as the paper"},
                                                {"loo", "leave-one-out"},
                                                {"loo_shuffled", "shuffled labels (control)"},
                                                {NULL, NULL}};
static const char *const kind_labels[][2] = {{"action", "actions"},
                                             {"predicate", "predicates"},
                                             {NULL, NULL}};

/* One scale for all selections, so that they can be compared. */
static void fill_similarity(struct fr_page *page, json_t *values, const json_t *datasets) {
    (void)page;
    double low = -0.1, high = 0.1;
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(datasets, "similarity"), i, row) {
        static const char *const columns[] = {"mean", "low", "high"};
        for (int c = 0; c < 3; c++) {
            const json_t *x = json_object_get(row, columns[c]);
            if (json_is_number(x)) {
                low = fmin(low, json_number_value(x));
                high = fmax(high, json_number_value(x));
            }
        }
    }
    FR_ASSERT(json_object_set_new(values, "domain",
                                  json_pack("[ff]", floor(low * 10) / 10, ceil(high * 10) / 10)) ==
              0);
}

static const char *caption_similarity(struct fr_page *page) {
    return fr_page_format(
        page,
        "Cosine between a naming's centred representation of a concept at timestamp T (mean over "
        "its mentions in the %s tokens before T; tokens count from the start of the %s) and the "
        "cross-naming representation at T = %s (dotted line): of the same concept, and of the "
        "other concepts of its kind. Mean over n = %s namings; bands: 95%% bootstrap intervals "
        "over namings. <em>Leave-one-out</em> leaves the naming itself out of the cross-naming "
        "mean; <em>all</em> is the paper's variant, which contains it and is therefore higher by "
        "construction. Dashed grey: the same-concept curve after the concept labels of every "
        "naming were permuted at random within their kind, the control, expected near zero. The "
        "figure opens at "
        "layer %s, the depth nearest to the paper's 40 of 64.",
        fr_page_setting(page, "representations.window_tokens"),
        fr_page_setting(page, "representations.origin"),
        fr_page_escape(
            page,
            fr_page_string(page,
                           "SELECT group_concat(DISTINCT reference_timestamp) FROM similarity")),
        fr_page_escape(page,
                       fr_page_string(page,
                                      "SELECT iif(min(n_namings) = max(n_namings), max(n_namings),"
                                      " min(n_namings) || ' to ' || max(n_namings)) FROM "
                                      "similarity WHERE n_namings > 0")),
        fr_page_escape(page, fr_page_string(page, FR_SQL_LAYER_OF("similarity"))));
}

/* clang-format off */
static const char spec_similarity[] =
    "{'height': 300, 'data': {'name': 'similarity'},"
    " 'transform': [{'filter': 'datum.layer == p_layer && datum.kind == p_kind'}],"
    " 'layer': [{'data': {'name': 'reference'},"
    "   'mark': {'type': 'rule', 'strokeDash': [2, 3], 'color': '#888888'},"
    "   'encoding': {'x': {'field': 'timestamp', 'type': 'quantitative'}}},"
    "  {'data': {'values': [{}]},"
    "   'mark': {'type': 'rule', 'color': '#888888', 'strokeWidth': 0.8},"
    "   'encoding': {'y': {'datum': 0}}},"
    "  {'transform': [{'filter': 'datum.variant == p_variant'}],"
    "   'mark': {'type': 'area', 'opacity': 0.2},"
    "   'encoding': {'x': {'field': 'timestamp', 'type': 'quantitative'},"
    "    'y': {'field': 'low', 'type': 'quantitative'}, 'y2': {'field': 'high'},"
    "    'color': {'field': 'relation', 'type': 'nominal'}}},"
    "  {'transform': [{'filter': 'datum.variant == `loo_shuffled` && p_variant !="
    " `loo_shuffled` && datum.relation == `same concept`'}],"
    "   'mark': {'type': 'line', 'strokeDash': [5, 4], 'strokeWidth': 1.5},"
    "   'encoding': {'x': {'field': 'timestamp', 'type': 'quantitative'},"
    "    'y': {'field': 'mean', 'type': 'quantitative'},"
    "    'color': {'datum': 'same, labels shuffled'}}},"
    "  {'transform': [{'filter': 'datum.variant == p_variant'}],"
    "   'mark': {'type': 'line', 'strokeWidth': 2.2, 'point': {'size': 22}},"
    "   'encoding': {'x': {'field': 'timestamp', 'type': 'quantitative', 'title': 'timestamp T"
    " (tokens)',"
    "     'scale': {'zero': false, 'nice': false, 'padding': 6}, 'axis': {'grid': false}},"
    "    'y': {'field': 'mean', 'type': 'quantitative', 'title': 'cosine similarity',"
    "     'scale': {'domain': '$domain', 'nice': false}},"
    "    'color': {'field': 'relation', 'type': 'nominal',"
    "     'scale': {'domain': ['same concept', 'different concepts', 'same, labels shuffled'],"
    "      'range': ['$blue', '$vermilion', '$grey']}},"
    "    'tooltip': [{'field': 'relation', 'type': 'nominal'},"
    "     {'field': 'timestamp', 'type': 'quantitative'},"
    "     {'field': 'mean', 'type': 'quantitative', 'format': '.3f'},"
    "     {'field': 'low', 'type': 'quantitative', 'format': '.3f'},"
    "     {'field': 'high', 'type': 'quantitative', 'format': '.3f'},"
    "     {'field': 'n_namings', 'type': 'quantitative', 'title': 'namings'}]}}]}";
/* clang-format on */

const struct fr_figure fr_figure_similarity = {
    .name = "similarity",
    .title = "Similarity to the cross-naming representation over the reasoning",
    .description = "Lines of cosine similarity over timestamps for same and different concepts, "
                   "with selectors for layer, kind of concept and variant.",
    .csv = "similarity",
    .missing =
        "No similarity curves: representations have not been collected or no cell had enough "
        "mentions.",
    .datasets = {{"similarity", "itttidddi",
                  "SELECT layer, variant, kind, iif(relation = 'same', 'same concept',"
                  " 'different concepts') AS relation, timestamp, mean, low, high, n_namings"
                  " FROM similarity s WHERE EXISTS (SELECT 1 FROM similarity o WHERE o.layer ="
                  " s.layer AND o.variant = s.variant AND o.kind = s.kind AND o.mean IS NOT NULL)"
                  " ORDER BY layer, kind, variant <> 'loo', variant,"
                  " relation = 'different', timestamp"},
                 {"reference", "i",
                  "SELECT DISTINCT reference_timestamp AS timestamp FROM similarity"}},
    .selectors = {{"p_layer", "Layer ", 0, "layer", FR_SQL_LAYER_OF("similarity"), NULL},
                  {"p_kind", "Concepts ", 0, "kind", NULL, kind_labels},
                  {"p_variant", "Variant ", 0, "variant", NULL, variant_labels}},
    .fill = fill_similarity,
    .spec = spec_similarity,
    .caption = caption_similarity,
};

/* ---- layer x timestamp ----------------------------------------------------------------------- */

static void fill_heat_map(struct fr_page *page, json_t *values, const json_t *datasets) {
    (void)page;
    const double most = fr_figure_extent(json_object_get(datasets, "gap"), "gap", 0.1);
    FR_ASSERT(json_object_set_new(values, "domain", json_pack("[fif]", -most, 0, most)) == 0);
    FR_ASSERT(json_object_set_new(values, "height",
                                  fr_figure_height(json_object_get(datasets, "gap"), "layer")) ==
              0);
}

static const char *caption_heat_map(struct fr_page *page) {
    return fr_page_format(
        page,
        "Same-concept minus different-concept cosine with the leave-one-out cross-naming "
        "representation, per layer and timestamp; mean over up to n = %s namings (intervals are in "
        "the curves above and in the table). Blue: a concept resembles itself across namings more "
        "than it resembles others. Blank: too few mentions.",
        fr_page_escape(
            page,
            fr_page_string(page, "SELECT max(n_namings) FROM similarity WHERE variant = 'loo'")));
}

/* clang-format off */
static const char spec_layers[] =
    "{'height': '$height', 'data': {'name': 'gap'},"
    " 'transform': [{'filter': 'datum.kind == p_kind'}], 'mark': {'type': 'rect'},"
    " 'encoding': {'x': {'field': 'timestamp', 'type': 'ordinal', 'title': 'timestamp T"
    " (tokens)'},"
    "  'y': {'field': 'layer', 'type': 'ordinal', 'sort': 'descending', 'title': 'layer',"
    "   'axis': {'labelOverlap': true}},"
    "  'color': {'field': 'gap', 'type': 'quantitative', 'title': 'same minus different',"
    "   'scale': {'domain': '$domain', 'range': ['$vermilion', '#f4f4f4', '$blue'],"
    "    'interpolate': 'lab'},"
    "   'legend': {'gradientLength': 180, 'format': '.2f'}},"
    "  'tooltip': [{'field': 'layer', 'type': 'ordinal'}, {'field': 'timestamp', 'type':"
    " 'ordinal'},"
    "   {'field': 'gap', 'type': 'quantitative', 'format': '.3f',"
    "    'title': 'same - different'},"
    "   {'field': 'same', 'type': 'quantitative', 'format': '.3f'},"
    "   {'field': 'different', 'type': 'quantitative', 'format': '.3f'}]}}";
/* clang-format on */

const struct fr_figure fr_figure_heat_map = {
    .name = "layers",
    .title = "Where and when concepts align",
    .description = "Heat map of same-minus-different similarity over layers and timestamps.",
    .csv = "similarity",
    .missing =
        "No heat map over layers and timestamps: the leave-one-out similarity has no values.",
    .datasets =
        {{"gap", "itiddd",
          "SELECT s.layer AS layer, s.kind AS kind, s.timestamp AS timestamp,"
          " s.mean - d.mean AS gap, s.mean AS same, d.mean AS different"
          " FROM similarity s JOIN similarity d ON d.layer = s.layer AND d.kind = s.kind AND"
          " d.variant = s.variant AND d.timestamp = s.timestamp AND d.relation = 'different'"
          " WHERE s.variant = 'loo' AND s.relation = 'same' AND s.mean IS NOT NULL AND"
          " d.mean IS NOT NULL ORDER BY s.layer, s.kind, s.timestamp"}},
    .selectors = {{"p_kind", "Concepts ", 0, "kind", NULL, kind_labels}},
    .fill = fill_heat_map,
    .spec = spec_layers,
    .caption = caption_heat_map,
};

/* ---- A2: principal components ---------------------------------------------------------------- */

static const char *caption_pca(struct fr_page *page) {
    return fr_page_format(
        page,
        "Principal components of the centred representations, one point per naming and concept "
        "(up to n = %s points at T = %s), computed per layer. Colour and shape: the concept; the "
        "label beside a point: its naming. Pointing at a point brings out its naming. A projection "
        "shows two directions only; the line above the plot and the next figure measure the "
        "separation in the full width.",
        fr_page_escape(page, fr_page_string(page, "SELECT max(n) FROM (SELECT count(*) AS n FROM "
                                                  "pca GROUP BY layer, kind, timestamp)")),
        fr_page_escape(
            page,
            fr_page_string(
                page,
                "SELECT group_concat(timestamp, ', ') FROM (SELECT DISTINCT timestamp FROM pca)")));
}

/* clang-format off */
static const char spec_pca[] =
    "{'height': 420, 'data': {'name': 'pca'}, 'usermeta': {'narrow_columns': 3},"
    " 'params': [{'name': 'p_axes', 'value': '1 and 2',"
    "   'bind': {'input': 'select', 'name': 'Components ',"
    "    'options': ['1 and 2', '1 and 3', '2 and 3']}},"
    "  {'name': 'p_labels', 'value': true, 'bind': {'input': 'checkbox', 'name': 'Labels '}}],"
    " 'transform': [{'filter': 'datum.layer == p_layer && datum.kind == p_kind &&"
    " datum.timestamp == p_time'},"
    "  {'calculate': 'p_axes == `2 and 3` ? datum.y : datum.x', 'as': 'px'},"
    "  {'calculate': 'p_axes == `1 and 2` ? datum.y : datum.z', 'as': 'py'},"
    "  {'filter': 'isValid(datum.px) && isValid(datum.py)'}],"
    " 'layer': [{'data': {'values': [{}]},"
    "   'mark': {'type': 'rule', 'color': '#888888', 'strokeWidth': 0.6},"
    "   'encoding': {'x': {'datum': 0}}},"
    "  {'data': {'values': [{}]},"
    "   'mark': {'type': 'rule', 'color': '#888888', 'strokeWidth': 0.6},"
    "   'encoding': {'y': {'datum': 0}}},"
    "  {'params': [{'name': 'p_hover',"
    "     'select': {'type': 'point', 'fields': ['naming'], 'on': 'pointerover',"
    "      'clear': 'pointerout'}}],"
    "   'mark': {'type': 'point', 'filled': true, 'size': 75},"
    "   'encoding': {'x': {'field': 'px', 'type': 'quantitative', 'title': 'first of the two"
    " components',"
    "     'axis': {'grid': false, 'tickCount': 5}, 'scale': {'padding': 12}},"
    "    'y': {'field': 'py', 'type': 'quantitative', 'title': 'second of the two components',"
    "     'axis': {'grid': false, 'tickCount': 5}, 'scale': {'padding': 12}},"
    "    'color': {'field': 'concept', 'type': 'nominal', 'sort': null, 'legend': {'offset':"
    " 46},"
    "     'scale': {'range': ['$blue', '$vermilion', '$green', '$orange', '$purple', '$sky',"
    " '$black',"
    "       '$yellow']}},"
    "    'shape': {'field': 'concept', 'type': 'nominal', 'sort': null, 'legend': {'offset':"
    " 46},"
    "     'scale': {'range': ['circle', 'diamond', 'square', 'triangle-up', 'triangle-down',"
    " 'cross',"
    "       'triangle-right', 'triangle-left']}},"
    "    'opacity': {'condition': {'param': 'p_hover', 'value': 0.9}, 'value': 0.12},"
    "    'tooltip': [{'field': 'concept', 'type': 'nominal'}, {'field': 'naming', 'type':"
    " 'nominal'},"
    "     {'field': 'px', 'type': 'quantitative', 'format': '.2f', 'title': 'across'},"
    "     {'field': 'py', 'type': 'quantitative', 'format': '.2f', 'title': 'up'}]}},"
    "  {'mark': {'type': 'text', 'dx': 8, 'dy': -6, 'fontSize': 9, 'align': 'left',"
    "    'opacity': {'expr': 'p_labels ? 0.75 : 0'}, 'tooltip': null},"
    "   'encoding': {'x': {'field': 'px', 'type': 'quantitative'},"
    "    'y': {'field': 'py', 'type': 'quantitative'},"
    "    'text': {'field': 'naming', 'type': 'nominal'}}},"
    "  {'data': {'name': 'separation'},"
    "   'transform': [{'filter': 'datum.layer == p_layer && datum.kind == p_kind &&"
    " datum.timestamp == p_time'},"
    "    {'calculate': '[`components ` + p_axes + `: ` + format((p_axes == `2 and 3` ?"
    " datum.explained_2 : datum.explained_1), `.0%`) + `, ` + format((p_axes == `1 and 2` ?"
    " datum.explained_2 : datum.explained_3), `.0%`) + ` of variance`, `silhouette ` +"
    " (isValid(datum.silhouette) ? format(datum.silhouette, `.2f`) : `missing`) + `, shuffled"
    " ` + (isValid(datum.silhouette_shuffled) ? format(datum.silhouette_shuffled, `.2f`) :"
    " `missing`)]',"
    "     'as': 'line'}],"
    "   'mark': {'type': 'text', 'align': 'left', 'baseline': 'top', 'fontSize': 12,"
    "    'lineHeight': 16},"
    "   'encoding': {'x': {'value': 4}, 'y': {'value': -40}, 'text': {'field': 'line'}}}]}";
/* clang-format on */

const struct fr_figure fr_figure_pca = {
    .name = "pca",
    .title = "Concepts across namings, by layer",
    .description = "Scatter plot of principal components; points are namings and concepts, with a "
                   "slider for the layer.",
    .csv = "pca separation",
    .missing = "No principal components: fewer than three points had enough mentions.",
    .datasets =
        {{"pca", "itittddd",
          "SELECT c.layer AS layer, c.kind AS kind, c.timestamp AS timestamp,"
          " c.naming AS naming, c.concept AS concept, c.x AS x, c.y AS y, c.z AS z FROM pca c"
          " LEFT JOIN naming n ON n.id = c.naming WHERE c.x IS NOT NULL ORDER BY c.layer, c.kind, "
          "c.timestamp,"
          " " FR_SQL_CONCEPT_ORDER ", c.concept, n.position, c.naming"},
         {"separation", "itiddddd",
          "SELECT layer, kind, timestamp, silhouette, silhouette_shuffled, explained_1,"
          " explained_2, explained_3 FROM separation"}},
    .selectors = {{"p_layer", "Layer ", 0, "layer", FR_SQL_LAYER_OF("pca"), NULL},
                  {"p_kind", "Concepts ", 0, "kind", NULL, kind_labels},
                  {"p_time", "T ", 0, "timestamp", NULL, NULL}},
    .spec = spec_pca,
    .caption = caption_pca,
};

static const char *caption_separation(struct fr_page *page) {
    return fr_page_format(
        page,
        "How well namings agree on concepts, per layer, in the full width: mean silhouette of the "
        "concepts' clusters (from &minus;1 to 1), and the share of the variance that lies between "
        "concepts. n = %s points. Dashed: the mean of the same figures over label shuffles within "
        "namings, the level that chance gives.",
        fr_page_escape(
            page,
            fr_page_string(
                page,
                "SELECT iif(min(n_points) = max(n_points), max(n_points),"
                " min(n_points) || ' to ' || max(n_points)) FROM separation WHERE n_points > 0")));
}

/* clang-format off */
static const char spec_separation[] =
    "{'height': 220, 'data': {'name': 'separation'},"
    " 'transform': [{'filter': 'datum.kind == p_kind && datum.timestamp == p_time'}],"
    " 'layer': [{'data': {'values': [{}]},"
    "   'mark': {'type': 'rule', 'color': '#888888', 'strokeWidth': 0.8},"
    "   'encoding': {'y': {'datum': 0}}},"
    "  {'mark': {'type': 'line', 'strokeWidth': 2},"
    "   'encoding': {'x': {'field': 'layer', 'type': 'ordinal'},"
    "    'y': {'field': 'value', 'type': 'quantitative'},"
    "    'color': {'field': 'measure', 'type': 'nominal'},"
    "    'strokeDash': {'field': 'labels', 'type': 'nominal',"
    "     'scale': {'domain': ['true labels', 'shuffled labels'], 'range': [[1, 0], [5, 4]]},"
    "     'legend': {'symbolType': 'stroke', 'symbolSize': 300, 'symbolStrokeColor': '$grey',"
    "      'symbolStrokeWidth': 2}}}},"
    "  {'mark': {'type': 'point', 'filled': true, 'size': 45, 'opacity': 1},"
    "   'encoding': {'x': {'field': 'layer', 'type': 'ordinal', 'title': 'layer', 'axis':"
    " {'grid': false}},"
    "    'y': {'field': 'value', 'type': 'quantitative', 'title': 'separation'},"
    "    'color': {'field': 'measure', 'type': 'nominal',"
    "     'scale': {'domain': ['silhouette', 'between-concept variance'],"
    "      'range': ['$blue', '$vermilion']}},"
    "    'tooltip': [{'field': 'measure', 'type': 'nominal'}, {'field': 'labels', 'type':"
    " 'nominal'},"
    "     {'field': 'layer', 'type': 'ordinal'},"
    "     {'field': 'value', 'type': 'quantitative', 'format': '.3f'},"
    "     {'field': 'n_points', 'type': 'quantitative', 'title': 'points'}]}}]}";
/* clang-format on */

const struct fr_figure fr_figure_separation = {
    .name = "separation",
    .title = "Separation of concepts by layer",
    .description = "Line chart of silhouette and variance ratio per layer, beside their values "
                   "after shuffling labels.",
    .csv = "separation",
    .missing = "No separation figures: fewer than three points had enough mentions.",
    .datasets = {{"separation", "itiittd",
                  "SELECT layer, kind, timestamp, n_points, measure, labels, CASE which"
                  " WHEN 1 THEN silhouette WHEN 2 THEN silhouette_shuffled"
                  " WHEN 3 THEN variance_ratio ELSE variance_ratio_shuffled END AS value"
                  " FROM separation, (SELECT 1 AS which, 'silhouette' AS measure,"
                  " 'true labels' AS labels UNION ALL VALUES (2, 'silhouette', 'shuffled labels'),"
                  " (3, 'between-concept variance', 'true labels'),"
                  " (4, 'between-concept variance', 'shuffled labels'))"
                  " WHERE value IS NOT NULL ORDER BY kind, timestamp, which, layer"}},
    .selectors = {{"p_kind", "Concepts ", 0, "kind", NULL, kind_labels},
                  {"p_time", "T ", 0, "timestamp", NULL, NULL}},
    .spec = spec_separation,
    .caption = caption_separation,
};

/* ---- the data behind the representations ----------------------------------------------------- */

static const char *const trace_labels[][2] = {{"all", "all traces"},
                                              {"solved", "solved traces"},
                                              {NULL, NULL}};

static void fill_mentions(struct fr_page *page, json_t *values, const json_t *datasets) {
    (void)page;
    FR_ASSERT(json_object_set_new(values, "height",
                                  fr_figure_height(json_object_get(datasets, "mentions"),
                                                   "concept")) == 0);
}

static const char *caption_mentions(struct fr_page *page) {
    return fr_page_format(
        page,
        "Mentions behind a representation: for each concept and timestamp, the mean over n = %s "
        "namings of the number of mentions in the window that ends there, summed over traces. A "
        "cell with fewer mentions than the configured minimum (%s) is missing, never zero.",
        fr_page_escape(page,
                       fr_page_string(page, "SELECT count(DISTINCT naming) FROM mention_count")),
        fr_page_setting(page, "representations.min_mentions"));
}

/* clang-format off */
static const char spec_mentions[] =
    "{'height': '$height', 'data': {'name': 'mentions'},"
    " 'transform': [{'filter': 'datum.traces == p_traces'}], 'mark': {'type': 'rect'},"
    " 'encoding': {'x': {'field': 'timestamp', 'type': 'ordinal', 'title': 'timestamp T"
    " (tokens)'},"
    "  'y': {'field': 'concept', 'type': 'nominal', 'sort': null, 'title': null},"
    "  'color': {'field': 'mean', 'type': 'quantitative', 'title': 'mentions per naming',"
    "   'scale': {'type': 'symlog', 'scheme': 'viridis'},"
    "   'legend': {'gradientLength': 180, 'format': '~s', 'tickCount': 4}},"
    "  'tooltip': [{'field': 'concept', 'type': 'nominal'}, {'field': 'timestamp', 'type':"
    " 'ordinal'},"
    "   {'field': 'mean', 'type': 'quantitative', 'format': '.1f',"
    "    'title': 'mean per naming'},"
    "   {'field': 'fewest', 'type': 'quantitative', 'title': 'fewest in a naming'}]}}";
/* clang-format on */

const struct fr_figure fr_figure_mentions = {
    .name = "mentions",
    .title = "Mentions per concept and timestamp",
    .description = "Heat map of the number of mentions behind each representation.",
    .csv = "mention_count",
    .missing = "No mentions have been counted.",
    .datasets =
        {{"mentions", "ttidi",
          "SELECT c.traces AS traces, c.concept AS concept, c.timestamp AS timestamp,"
          " avg(c.mentions) AS mean, min(c.mentions) AS fewest FROM mention_count c"
          " GROUP BY c.traces, c.concept, c.timestamp ORDER BY c.traces, " FR_SQL_CONCEPT_ORDER
          ", c.concept, c.timestamp"}},
    .selectors = {{"p_traces", "Traces ", 0, "traces", NULL, trace_labels}},
    .fill = fill_mentions,
    .spec = spec_mentions,
    .caption = caption_mentions,
};
