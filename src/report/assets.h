/* The report's files, inside the program: see cmake/Assets.cmake, which makes fr_asset_NAME_EXT of
 * each src/report/NAME.EXT (css, js, json, sql) and of the three browser bundles of Vega, and the
 * table of the figures. Each has one NUL byte after it, not counted in its size, so that it can
 * also be used as a string. Embedding a script in HTML is safe as it is only while it holds no
 * "</script"; the report's test checks. */
#ifndef FR_REPORT_ASSETS_H
#define FR_REPORT_ASSETS_H

#include <stddef.h>

extern const unsigned char fr_asset_vega_js[];
extern const size_t fr_asset_vega_js_size;
extern const unsigned char fr_asset_vega_lite_js[];
extern const size_t fr_asset_vega_lite_js_size;
extern const unsigned char fr_asset_vega_embed_js[];
extern const size_t fr_asset_vega_embed_js_size;

extern const unsigned char fr_asset_report_css[];
extern const size_t fr_asset_report_css_size;
extern const unsigned char fr_asset_report_js[];
extern const size_t fr_asset_report_js_size;
extern const unsigned char fr_asset_render_js[];
extern const size_t fr_asset_render_js_size;
extern const unsigned char fr_asset_figure_json[];
extern const size_t fr_asset_figure_json_size;
extern const unsigned char fr_asset_statements_sql[];
extern const size_t fr_asset_statements_sql_size;
extern const unsigned char fr_asset_compared_models_sql[];
extern const size_t fr_asset_compared_models_sql_size;
extern const unsigned char fr_asset_cards_sql[];
extern const size_t fr_asset_cards_sql_size;
extern const unsigned char fr_asset_contrasts_sql[];
extern const size_t fr_asset_contrasts_sql_size;
extern const unsigned char fr_asset_run_verdicts_sql[];
extern const size_t fr_asset_run_verdicts_sql_size;
extern const unsigned char fr_asset_models_sql[];
extern const size_t fr_asset_models_sql_size;
extern const unsigned char fr_asset_heads_sql[];
extern const size_t fr_asset_heads_sql_size;
extern const unsigned char fr_asset_mechanism_sql[];
extern const size_t fr_asset_mechanism_sql_size;
extern const unsigned char fr_asset_methods_sql[];
extern const size_t fr_asset_methods_sql_size;
extern const unsigned char fr_asset_terms_sql[];
extern const size_t fr_asset_terms_sql_size;

/* src/report/figures/NAME.vl.json, in the order of their names. */
struct fr_figure_asset {
    const char *name;
    const unsigned char *bytes;
    const size_t *size;
};
extern const struct fr_figure_asset fr_figure_assets[];
extern const int fr_n_figure_assets;

#endif
