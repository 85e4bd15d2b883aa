/* The page's files, inside the program: src/view/view.css and view.js (cmake/Assets.cmake). */
#ifndef FR_VIEW_ASSETS_H
#define FR_VIEW_ASSETS_H

#include <stddef.h>

extern const unsigned char fr_asset_view_css[];
extern const size_t fr_asset_view_css_size;
extern const unsigned char fr_asset_view_js[];
extern const size_t fr_asset_view_js_size;

#endif
