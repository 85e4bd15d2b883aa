# fr_assets: the files of the report inside the program, so that it needs nothing at run time and
# its reports open offline. Declared in src/report/assets.h: a new src/report/NAME.{css,js,json,sql}
# becomes fr_asset_NAME_{css,js,json,sql} and is declared there by hand (NAME alone for vega's bundles
# is vega_js, vega_lite_js, vega_embed_js); those of src/view/ in src/view/assets.h. A new src/report/figures/NAME.vl.json is found here and
# becomes a row of fr_figure_assets. Rejected: C arrays of numbers, which take seconds to compile and
# a second tool to write.
file(GLOB asset_files CONFIGURE_DEPENDS "src/report/*.css" "src/report/*.js" "src/report/*.json"
    "src/report/*.sql" "src/view/*.css" "src/view/*.js")
file(GLOB figure_files CONFIGURE_DEPENDS "src/report/figures/*.vl.json")
list(SORT figure_files)
foreach(bundle vega vega-lite vega-embed)
    list(APPEND asset_files "${FR_VEGA_DIR}/${bundle}/build/${bundle}.min.js")
endforeach()

set(text "/* Written by cmake/Assets.cmake: bytes, a NUL after them, and their count without it. */
#include \"${PROJECT_SOURCE_DIR}/src/report/assets.h\"\n")
set(rows)
foreach(path IN LISTS asset_files figure_files)
    if(NOT EXISTS "${path}")
        message(FATAL_ERROR "${path} is missing: run scripts/setup again")
    endif()
    get_filename_component(name "${path}" NAME)
    string(REPLACE ".min.js" ".js" name "${name}")
    string(REPLACE ".vl.json" "" figure "${name}")
    string(MAKE_C_IDENTIFIER "fr_asset_${name}" name)
    string(APPEND text "__asm__(\".pushsection .rodata\\n\"
        \".balign 16\\n.global ${name}\\n.type ${name}, %object\\n${name}:\\n\"
        \".incbin \\\"${path}\\\"\\n1: .byte 0\\n.size ${name}, . - ${name}\\n\"
        \".balign 8\\n.global ${name}_size\\n.type ${name}_size, %object\\n.size ${name}_size, 8\\n\"
        \"${name}_size: .quad 1b - ${name}\\n.popsection\");\n")
    if(path IN_LIST figure_files)
        string(APPEND text "extern const unsigned char ${name}[];\nextern const size_t ${name}_size;\n")
        string(APPEND rows "    {\"${figure}\", ${name}, &${name}_size},\n")
    endif()
endforeach()
string(APPEND text "const struct fr_figure_asset fr_figure_assets[] = {\n${rows}};
const int fr_n_figure_assets = sizeof fr_figure_assets / sizeof *fr_figure_assets;\n")
file(CONFIGURE OUTPUT "${FR_GENERATED_DIR}/assets.c" CONTENT "${text}" @ONLY)
set_source_files_properties("${FR_GENERATED_DIR}/assets.c" PROPERTIES
    OBJECT_DEPENDS "${asset_files};${figure_files}")
add_library(fr_assets STATIC "${FR_GENERATED_DIR}/assets.c")
