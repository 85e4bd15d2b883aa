/* The configuration file; see config.h. libyaml parses; the tables say what is allowed and what a
 * key binds. */
#include "config/config.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "config/fields.h"
#include "model/model.h"
#include "naming/inflection.h"
#include "planning/planning.h"
#include "prompts/prompts.h"
#include "representations/representations.h"

enum { CONFIG_CEILING = 1 << 20 };

const char *const fr_unfinished_name[FR_UNFINISHED_COUNT] = {"auto", "again", "forced", "prefill"};
const char *const fr_endpoint_api_name[FR_ENDPOINT_API_COUNT] = {"completions", "tokens", "chat"};
const char *const fr_too_long_name[FR_TOO_LONG_COUNT] = {"cut", "leave_out"};
const char *const fr_extra_set_name[FR_EXTRA_SET_COUNT] = {"failed", "matched",    "halves",
                                                           "panel",  "other_span", "same_puzzles",
                                                           "phases"};
const char *const fr_stage_names[FR_N_STAGES] = {
#define FR_X(NAME, name) #name,
    FR_STAGE_LIST(FR_X)
#undef FR_X
};

/* steering.conditions: what its names mean. */
enum { N_LEGACY = 7 };
static const char *const legacy_names[N_LEGACY] = {"in_naming", "cross_all", "cross_loo",
                                                   "random",    "shuffled",  "cross_shuffled",
                                                   "identity"};
static const struct fr_vector_arm legacy_arms[N_LEGACY] = {
    {FR_VECTOR_IN_NAMING, FR_CONTROL_NONE},     {FR_VECTOR_CROSS_ALL, FR_CONTROL_NONE},
    {FR_VECTOR_CROSS_LOO, FR_CONTROL_NONE},     {FR_VECTOR_IN_NAMING, FR_CONTROL_RANDOM},
    {FR_VECTOR_IN_NAMING, FR_CONTROL_SHUFFLED}, {FR_VECTOR_CROSS_LOO, FR_CONTROL_SHUFFLED},
    {FR_VECTOR_IN_NAMING, FR_CONTROL_IDENTITY},
};

#define AT(field) offsetof(struct fr_config, field)
#define ONE(field) AT(field), 0, 0, FR_LIST_SET
#define LIST(items, n) AT(items), AT(n), FR_CONFIG_LIST, FR_LIST_SET
#define SHARES(items, n) AT(items), AT(n), FR_CONFIG_LIST, FR_LIST_REPEATS
static const struct fr_field keys[] = {
    {"", "study", FR_FIELD_TEXT, ONE(study), 0, 0, NULL, NULL, 0, FR_SCOPE_NOTHING, false,
     "name of the study, for the report"},
    {"", "seed", FR_FIELD_INT, ONE(seed), 0, INT_MAX, "1", NULL, 0, FR_SCOPE_PUZZLES, false,
     "seed of everything random"},
    {"model", "path", FR_FIELD_TEXT, ONE(model_path), 0, 0, NULL, NULL, 0, FR_SCOPE_NOTHING, false,
     "GGUF file"},
    {"model", "slots", FR_FIELD_INT, ONE(slots), 1, FR_SLOTS_MAX, "16", NULL, 0, FR_SCOPE_SLOTS,
     false, "sequences decoded together"},
    {"model", "workers", FR_FIELD_INT, ONE(workers), 0, 256, "0", NULL, 0, FR_SCOPE_NOTHING, false,
     "models side by side, each with its own slots and threads; 0: one a core for small models on "
     "the "
     "processor, else 1"},
    {"model", "context_tokens", FR_FIELD_INT, ONE(context_tokens), 16, FR_MAX_TOKENS, NULL, NULL, 0,
     FR_SCOPE_NOTHING, false, "context of one sequence"},
    {"model", "chunk_tokens", FR_FIELD_INT, ONE(chunk_tokens), 1, 65536, "512", NULL, 0,
     FR_SCOPE_ROWS, false, "prefill goes in chunks of this many tokens"},
    {"model", "threads", FR_FIELD_INT, ONE(threads), 0, 1024, "0", NULL, 0, FR_SCOPE_ROWS, false,
     "0: all cores"},
    {"model", "gpu_layers", FR_FIELD_INT, ONE(gpu_layers), -1, 1000, "0", NULL, 0,
     FR_SCOPE_ROLLOUTS, false, "-1: all layers on the GPU"},
    {"model", "main_gpu", FR_FIELD_INT, ONE(main_gpu), 0, 15, "0", NULL, 0, FR_SCOPE_ROLLOUTS,
     false, "the device of all of it (split_mode none), or of what is not split (row)"},
    {"model", "split_mode", FR_FIELD_CHOICE, ONE(split_mode), 0, 0, "layer", fr_split_mode_name,
     FR_SPLIT_MODE_COUNT, FR_SCOPE_ROLLOUTS, false,
     "over several devices: layer by layer, row (each matrix over all), or none: one device"},
    {"model", "tensor_split", FR_FIELD_DOUBLES, SHARES(tensor_split, n_tensor_split), 0, 1e6, "[]",
     NULL, 0, FR_SCOPE_ROLLOUTS, false, "shares of the devices; empty: by their free memory"},
    {"model", "like", FR_FIELD_TEXT, ONE(model_like), 0, 0, "\"\"", NULL, 0, FR_SCOPE_NOTHING,
     false,
     "for --dry-run without the file: a known model and a type, qwq-32b q8_0, or its numbers"},
    {"model", "flash_attention", FR_FIELD_BOOL, ONE(flash_attention), 0, 0, "false", NULL, 0,
     FR_SCOPE_ROLLOUTS, false, "faster for large models, slower for tiny heads on a CPU"},
    {"model", "kv_type", FR_FIELD_CHOICE, ONE(kv_type), 0, 0, "f16", fr_kv_type_name,
     FR_KV_TYPE_COUNT, FR_SCOPE_ROLLOUTS, false,
     "what keys and values are stored as; the quantised ones need flash_attention, f32 is refused "
     "with it"},
    {"model", "deterministic", FR_FIELD_BOOL, ONE(deterministic), 0, 0, "true", NULL, 0,
     FR_SCOPE_ROLLOUTS, false, "bit-identical results whatever the number of slots, or refused"},
    {"puzzles", "domain", FR_FIELD_TEXT, ONE(domain_path), 0, 0, NULL, NULL, 0, FR_SCOPE_NOTHING,
     false, "PDDL file of the domain"},
    {"puzzles", "directory", FR_FIELD_TEXT, ONE(puzzles_path), 0, 0, "\"\"", NULL, 0,
     FR_SCOPE_NOTHING, false,
     "PDDL problems of any domain; empty: Blocksworld puzzles are generated"},
    {"puzzles", "blocks", FR_FIELD_INT, ONE(blocks), 2, 8, "4", NULL, 0, FR_SCOPE_PUZZLES, false,
     "of generated puzzles (paper section 2.2: 4)"},
    {"puzzles", "collect", FR_FIELD_INT, ONE(n_collect), 1, 100000, "200", NULL, 0,
     FR_SCOPE_PUZZLES, true, "puzzles representations come from (paper: 0..199)"},
    {"puzzles", "evaluate", FR_FIELD_INT, ONE(n_evaluate), 0, 100000, "100", NULL, 0,
     FR_SCOPE_PUZZLES, true,
     "held-out puzzles steering is judged on (paper: 200..299); 0 without steering"},
    {"puzzles", "min_plan_length", FR_FIELD_INT, ONE(min_plan_length), 1, 64, "2", NULL, 0,
     FR_SCOPE_PUZZLES, false, "shortest optimal plan"},
    {"puzzles", "distinct", FR_FIELD_CHOICE, ONE(distinct), 0, 0, "puzzles", fr_distinct_name,
     FR_DISTINCT_COUNT, FR_SCOPE_PUZZLES, false,
     "generated puzzles differ as they are, or in their classes: up to renaming"},
    {"puzzles", "max_states", FR_FIELD_INT, ONE(max_states), 1000, 1000000000, "1000000", NULL, 0,
     FR_SCOPE_PUZZLES, false,
     "of a directory: a problem whose shortest plan takes a longer search is left out"},
    {"traces", "import", FR_FIELD_TEXT, ONE(traces_path), 0, 0, "\"\"", NULL, 0, FR_SCOPE_NOTHING,
     false, "recorded traces to replay, one JSON object a line; empty: the model writes its own"},
    {"traces", "naming", FR_FIELD_TEXT, ONE(traces_naming), 0, 0, "\"\"", NULL, 0, FR_SCOPE_PUZZLES,
     false, "naming of the lines that do not tell theirs"},
    {"traces", "problems", FR_FIELD_TEXT, ONE(traces_problems), 0, 0, "\"\"", NULL, 0,
     FR_SCOPE_PUZZLES, false,
     "their PDDL problems by instance, DIR/instance-%d.pddl; empty: the line's own, else as its "
     "prompt says"},
    {"traces", "match", FR_FIELD_BOOL, ONE(match), 0, 0, "false", NULL, 0, FR_SCOPE_PUZZLES, false,
     "every trace in every mystery naming of the study, renamed, so that only the words differ"},
    {"traces", "too_long", FR_FIELD_CHOICE, ONE(too_long), 0, 0, "cut", fr_too_long_name,
     FR_TOO_LONG_COUNT, FR_SCOPE_PUZZLES, false,
     "a trace of more than generation.max_tokens is cut, or leave_out"},
    {"endpoint", "url", FR_FIELD_TEXT, ONE(endpoint_url), 0, 0, "\"\"", NULL, 0, FR_SCOPE_NOTHING,
     false,
     "a server that speaks the OpenAI protocol generates the traces: http://127.0.0.1:8000/v1 "
     "(docs/scale.md); empty: they are generated here"},
    {"endpoint", "model", FR_FIELD_TEXT, ONE(endpoint_model), 0, 0, "\"\"", NULL, 0,
     FR_SCOPE_ROLLOUTS, false, "its name there; model.path gives tokens, replays and steers"},
    {"endpoint", "api", FR_FIELD_CHOICE, ONE(endpoint_api), 0, 0, "completions",
     fr_endpoint_api_name, FR_ENDPOINT_API_COUNT, FR_SCOPE_ROLLOUTS, false,
     "completions: the prompt as text, the model's own chat template in it; tokens: as token ids "
     "(vLLM, SGLang, llama-server); chat: as messages, which the server puts into its template"},
    {"endpoint", "key_env", FR_FIELD_TEXT, ONE(endpoint_key_env), 0, 0, "\"\"", NULL, 0,
     FR_SCOPE_NOTHING, false,
     "name of the environment's variable that holds the key, such as OPENAI_API_KEY; it is never "
     "stored or printed"},
    {"endpoint", "concurrency", FR_FIELD_INT, ONE(endpoint_concurrency), 1, 1024, "16", NULL, 0,
     FR_SCOPE_NOTHING, false, "requests under way at once"},
    {"endpoint", "extra", FR_FIELD_TEXT, ONE(endpoint_extra), 0, 0, "\"\"", NULL, 0,
     FR_SCOPE_ROLLOUTS, false,
     "a JSON object whose keys every request has too, or with null has not: '{\"top_k\": 1, "
     "\"return_token_ids\": true}' (vLLM), '{\"logprobs\": 1}' (llama-server's way to tell ids)"},
    {"endpoint", "max_total_tokens", FR_FIELD_INT, ONE(endpoint_max_tokens), 0, INT_MAX, "0", NULL,
     0, FR_SCOPE_NOTHING, false,
     "of prompts and answers, lost ones too, over all runs into this directory: no request is made "
     "that could go beyond; 0: no limit"},
    {"endpoint", "stall_seconds", FR_FIELD_INT, ONE(endpoint_stall), 1, 86400, "600", NULL, 0,
     FR_SCOPE_NOTHING, false, "an answer that brings no word for so long is asked for again"},
    {"endpoint", "retries", FR_FIELD_INT, ONE(endpoint_retries), 0, 1000, "6", NULL, 0,
     FR_SCOPE_NOTHING, false,
     "of a request: busy servers (429), faults of theirs (5xx), time-outs and cut answers; after "
     "1, 2, 4 ... 60 seconds, or as the server says"},
    {"namings", "table", FR_FIELD_TEXT, ONE(namings_path), 0, 0, NULL, NULL, 0, FR_SCOPE_NOTHING,
     false, "tab-separated table of namings"},
    {"namings", "use", FR_FIELD_TEXTS, LIST(namings.items, namings.n), 0, 0, "[all]", NULL, 0,
     FR_SCOPE_NOTHING, false, "ids, the clean one among them; [all]: the whole table"},
    {"namings", "exclude", FR_FIELD_TEXTS, LIST(excluded.items, excluded.n), 0, 0, "[\"3\"]", NULL,
     0, FR_SCOPE_ANALYSES, false,
     "ids left out of representations and steering (paper: 3, which QwQ recognises)"},
    {"namings", "accuracy_only", FR_FIELD_TEXTS, LIST(accuracy_only.items, accuracy_only.n), 0, 0,
     "[]", NULL, 0, FR_SCOPE_ANALYSES, false,
     "ids left out as well, and never replayed: only their accuracy is asked (paper: 16 to 20)"},
    {"prompt", "style", FR_FIELD_CHOICE, ONE(style), 0, 0, "terse", fr_style_name, FR_STYLE_COUNT,
     FR_SCOPE_PUZZLES, false,
     "planbench, paper (as the paper changed it), terse (the organism's dialect), inferred (terse, "
     "the actions shown by what they did to an example), or ambiguous (terse, two actions that are "
     "alike not shown)"},
    {"prompt", "wording", FR_FIELD_TEXT, ONE(wording_path), 0, 0, "\"\"", NULL, 0, FR_SCOPE_NOTHING,
     false, "wording file; empty: beside the domain, else the project's, else made from the PDDL"},
    {"prompt", "shots", FR_FIELD_INT, ONE(shots), 0, 1, "1", NULL, 0, FR_SCOPE_PUZZLES, false,
     "solved examples before the puzzle (paper: 1; the terse style has none, inferred always one)"},
    {"prompt", "example", FR_FIELD_TEXT, ONE(example_path), 0, 0, "\"\"", NULL, 0, FR_SCOPE_NOTHING,
     false,
     "PDDL problem that every prompt shows solved (the style paper: "
     "data/problems/paper-example.pddl); empty: the puzzle before"},
    {"prompt", "fact_order", FR_FIELD_CHOICE, ONE(fact_order), 0, 0, "style", fr_fact_order_name,
     FR_FACTS_COUNT, FR_SCOPE_PUZZLES, false,
     "facts in the order of the naming's words (planbench), or of the clean ones under every "
     "naming "
     "(paper); style: as the style has it"},
    {"prompt", "chat_template", FR_FIELD_TEXT, ONE(chat_template), 0, 0, "\"\"", NULL, 0,
     FR_SCOPE_NOTHING, false,
     "a file of Jinja, else a name: none (the message as it is), another template of the GGUF, or "
     "a "
     "format of libllama's (chatml, llama3 ...); empty: the model's own"},
    {"prompt", "reasoning", FR_FIELD_CHOICE, ONE(reasoning), 0, 0, "auto", fr_reasoning_name,
     FR_REASONING_COUNT, FR_SCOPE_ROLLOUTS, false,
     "tags: the model reasons first, between tags; none: its answer is its whole text; a template "
     "with a switch for it (enable_thinking) is told; auto: tags when its template or vocabulary "
     "has them"},
    {"prompt", "system", FR_FIELD_TEXT, ONE(system), 0, 0, "\"\"", NULL, 0, FR_SCOPE_ROLLOUTS,
     false,
     "system message, such as Nemotron's \"detailed thinking on\"; empty: the template's own, if "
     "it "
     "has one (Qwen2.5's has)"},
    {"prompt", "instruction", FR_FIELD_TEXT, ONE(instruction), 0, 0, "\"\"", NULL, 0,
     FR_SCOPE_ROLLOUTS, false, "a paragraph beside the question"},
    {"prompt", "preset", FR_FIELD_CHOICE, ONE(preset), 0, 0, "none", fr_preset_name,
     FR_PRESET_COUNT, FR_SCOPE_ROLLOUTS, false,
     "instruction by name: cot asks for reasoning before the plan (paper table 1, rows with CoT; "
     "its "
     "text is not given there)"},
    {"prompt", "instruction_first", FR_FIELD_BOOL, ONE(instruction_first), 0, 0, "false", NULL, 0,
     FR_SCOPE_ROLLOUTS, false, "the instruction stands before the question, not after it"},
    {"generation", "max_tokens", FR_FIELD_INT, ONE(max_tokens), 16, FR_MAX_TOKENS, NULL, NULL, 0,
     FR_SCOPE_PUZZLES, false, "prompt and generated tokens of a trace (paper: 24576)"},
    {"generation", "unfinished", FR_FIELD_CHOICE, ONE(unfinished), 0, 0, "auto", fr_unfinished_name,
     FR_UNFINISHED_COUNT, FR_SCOPE_NOTHING, false,
     "a trace that was begun when the program stopped: again, from its prompt; forced, its tokens "
     "decoded once more as they were; prefill, read at once, which its row says; auto: again where "
     "model.deterministic is true, else prefill"},
    {"representations", "origin", FR_FIELD_CHOICE, ONE(origin), 0, 0, "reasoning", fr_origin_name,
     FR_ORIGIN_COUNT, FR_SCOPE_REPRESENTATIONS, false, "what timestamps count from"},
    {"representations", "window_tokens", FR_FIELD_INT, ONE(window_tokens), 1, FR_MAX_TOKENS, "100",
     NULL, 0, FR_SCOPE_REPRESENTATIONS, false, "w; paper section 2.4: 100, its appendix: 200"},
    {"representations", "grid_step", FR_FIELD_INT, ONE(grid_step), 1, FR_MAX_TOKENS, "200", NULL, 0,
     FR_SCOPE_REPRESENTATIONS, false, "tokens between timestamps (paper: 200)"},
    {"representations", "grid_end", FR_FIELD_INT, ONE(grid_end), 1, FR_MAX_TOKENS, "12000", NULL, 0,
     FR_SCOPE_REPRESENTATIONS, true, "last timestamp (paper: 12000)"},
    {"representations", "min_mentions", FR_FIELD_INT, ONE(min_mentions), 1, 1000000, "10", NULL, 0,
     FR_SCOPE_ANALYSES, false, "a cell with fewer is missing"},
    {"representations", "previous_token", FR_FIELD_BOOL, ONE(previous_token), 0, 0, "true", NULL, 0,
     FR_SCOPE_REPRESENTATIONS, false, "a mention includes the token before its word"},
    {"representations", "inflections", FR_FIELD_CHOICE, ONE(inflections), 0, 0, "inflected",
     fr_inflection_rule_name, FR_INFLECTION_RULE_COUNT, FR_SCOPE_REPRESENTATIONS, false,
     "a mention is the word in all its forms (craves, craving), or exact: the word alone"},
    {"representations", "solved_traces", FR_FIELD_INT, ONE(solved_traces), 1, 1000000, "40", NULL,
     0, FR_SCOPE_REPRESENTATIONS, false,
     "solved traces per naming behind steering vectors (paper: 40)"},
    {"representations", "sites", FR_FIELD_CHOICES, AT(sites), AT(n_sites), FR_SITE_COUNT,
     FR_LIST_SWEEP, 0, 0, "[block]", fr_site_name, FR_SITE_COUNT, FR_SCOPE_REPRESENTATIONS, true,
     "where rows are read: block (after it), attention and mlp (what they add), heads (what "
     "attention's heads give), sources (where they look: needs flash_attention false)"},
    {"representations", "sets", FR_FIELD_CHOICES, AT(sets), AT(n_sets), FR_EXTRA_SET_COUNT,
     FR_LIST_SET, 0, 0, "[]", fr_extra_set_name, FR_EXTRA_SET_COUNT, FR_SCOPE_REPRESENTATIONS, true,
     "sums kept beside all and solved traces': failed (with same_puzzles, groups of traces at "
     "reference_timestamp too, read again where that changes), and controls of a rising curve: "
     "matched "
     "(matched_mentions in every cell), halves (of the puzzles), panel (traces that reach "
     "panel_end), other_span (previous_token the other way round); same_puzzles (as many solved as "
     "failed traces of each puzzle, over the namings); phases (of the reasoning)"},
    {"representations", "matched_mentions", FR_FIELD_INT, ONE(matched_mentions), 1, 10000, "10",
     NULL, 0, FR_SCOPE_NOTHING, false, "of a count-matched cell; one with fewer is missing"},
    {"representations", "panel_end", FR_FIELD_INT, ONE(panel_end), 0, FR_MAX_TOKENS, "0", NULL, 0,
     FR_SCOPE_NOTHING, false, "timestamp that traces of the panel reach; 0: grid_end"},
    {"representations", "memory_mib", FR_FIELD_INT, ONE(sums_mib), 0, 1048576, "0", NULL, 0,
     FR_SCOPE_NOTHING, false,
     "sums that take more are added up in their file; 0: an eighth of the machine's memory, for "
     "all of them together"},
    {"analyses", "reference_timestamp", FR_FIELD_INT, ONE(reference_timestamp), 1, FR_MAX_TOKENS,
     "7000", NULL, 0, FR_SCOPE_ANALYSES, false,
     "similarity is measured against cross-naming here (paper: 7000)"},
    {"analyses", "pca_timestamp", FR_FIELD_INT, ONE(pca_timestamp), 1, FR_MAX_TOKENS, "7000", NULL,
     0, FR_SCOPE_ANALYSES, false, "PCA is taken here (paper: 7000)"},
    {"analyses", "pair_naming", FR_FIELD_TEXT, ONE(pair_naming), 0, 0, "\"\"", NULL, 0,
     FR_SCOPE_ANALYSES, false, "held against every other naming (paper: 1); empty: the first"},
    {"analyses", "pair_timestamps", FR_FIELD_INTS, LIST(pair_timestamps, n_pair_timestamps), 1,
     FR_MAX_TOKENS, "[]", NULL, 0, FR_SCOPE_ANALYSES, false,
     "its timestamps (paper figure 2); empty: 2, 4, 7 and 10 sevenths of the reference"},
    {"analyses", "resamples", FR_FIELD_INT, ONE(resamples), 10, 1000000, "2000", NULL, 0,
     FR_SCOPE_ANALYSES, false, "bootstrap resamples, of representations and accuracies"},
    {"steering", "conditions", FR_FIELD_CHOICES, LIST(steering.conditions, steering.n_conditions),
     0, 0, "[in_naming, cross_all, cross_loo, random, shuffled, cross_shuffled, identity]",
     legacy_names, N_LEGACY, FR_SCOPE_LEGACY, false,
     "rows of the steering table (paper section 4.1)"},
    {"steering", "layers", FR_FIELD_INTS, LIST(steering.layers, steering.n_layers), 1, 1000, "[]",
     NULL, 0, FR_SCOPE_LEGACY, false,
     "one layer at a time; empty: no steering (paper: 1, 5, 10, 20, ... 60)"},
    {"steering", "window_start", FR_FIELD_INT, ONE(steering.window_start), 0, FR_MAX_TOKENS, "1500",
     NULL, 0, FR_SCOPE_LEGACY, false, "mentions from here are edited (paper: 1500)"},
    {"steering", "window_end", FR_FIELD_INT, ONE(steering.window_end), 1, FR_MAX_TOKENS, "2500",
     NULL, 0, FR_SCOPE_LEGACY, false, "to here; the prefix ends here (paper: 2500)"},
    {"steering", "vector_timestamp", FR_FIELD_INT, ONE(steering.timestamp), 1, FR_MAX_TOKENS,
     "7000", NULL, 0, FR_SCOPE_LEGACY, false, "vectors come from here (paper: 7000)"},
    {"steering", "scale", FR_FIELD_DOUBLE, ONE(steering.scale), 0, 1, "0.6666666666666666", NULL, 0,
     FR_SCOPE_LEGACY, false, "s of h' = s h + (1 - s) v (paper: 2/3)"},
    {"steering", "permutations", FR_FIELD_INT, ONE(permutations), 10, 10000000, "10000", NULL, 0,
     FR_SCOPE_LEGACY, false, "statistics.permutations"},
    {"statistics", "permutations", FR_FIELD_INT, ONE(permutations), 10, 10000000, "10000", NULL, 0,
     FR_SCOPE_STATISTICS, false,
     "flips of signs that are drawn: of pairs, and of namings beyond 16 (up to 16 all are "
     "counted)"},
};
enum { N_KEYS = sizeof keys / sizeof *keys };

int fr_stage_find(const char *name) {
    for (int i = 0; i < FR_N_STAGES; i++)
        if (strcmp(fr_stage_names[i], name) == 0)
            return i;
    return -1;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static int unknown_key(const struct fr_field_reader *r, const char *section, const char *name,
                       int line) {
    const char *candidates[2 * N_KEYS + 1];
    int n = 0;
    for (int i = 0; i < N_KEYS; i++) {
        if (strcmp(keys[i].section, section) == 0)
            candidates[n++] = keys[i].name;
        if (*section == '\0' && *keys[i].section != '\0')
            candidates[n++] = keys[i].section;
    }
    if (*section == '\0')
        candidates[n++] = "experiments";
    const char *near = *name != '\0' ? fr_nearest(name, candidates, n) : NULL;
    if (near != NULL)
        return fr_fail(r->err, FR_E_INPUT,
                       "%s:%d: unknown key \"%s%s%.60s\"; the nearest is \"%s%s%s\"", r->path, line,
                       section, *section ? "." : "", name, section, *section ? "." : "", near);
    for (int i = 0; i < N_KEYS; i++) /* perhaps the right key in the wrong section */
        if (strcmp(keys[i].name, name) == 0 && keys[i].scope != FR_SCOPE_LEGACY)
            return fr_fail(r->err, FR_E_INPUT,
                           "%s:%d: unknown key \"%s%s%.60s\"; \"%s\" belongs to section \"%s\"",
                           r->path, line, section, *section ? "." : "", name, name,
                           keys[i].section);
    return fr_fail(r->err, FR_E_INPUT,
                   "%s:%d: unknown key \"%s%s%.60s\"; fluidrep run --help-config lists all keys",
                   r->path, line, section, *section ? "." : "", name);
}

static int find_key(const char *section, const char *name) {
    for (int i = 0; i < N_KEYS; i++)
        if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0)
            return i;
    return -1;
}

static bool is_section(const char *name) {
    for (int i = 0; i < N_KEYS; i++)
        if (*name != '\0' && strcmp(keys[i].section, name) == 0)
            return true;
    return false;
}

/* What was read, of the keys and of the list beside them. */
struct seen {
    bool keys[N_KEYS];
    bool experiments;
};

static int read_mapping(struct fr_config *out, const struct fr_field_reader *r,
                        const yaml_node_t *map, const char *section, struct seen *seen) {
    int code = FR_OK;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start;
         code == FR_OK && p < map->data.mapping.pairs.top; p++) {
        const yaml_node_t *name_node = yaml_document_get_node(r->document, p->key);
        const yaml_node_t *value = yaml_document_get_node(r->document, p->value);
        const char *name = fr_yaml_scalar(name_node);
        const int line = fr_yaml_line(name_node);
        if (name == NULL)
            return fr_fail(r->err, FR_E_INPUT, "%s:%d: a key must be a plain word", r->path, line);
        if (*section == '\0' && is_section(name)) {
            if (strcmp(name, "steering") == 0)
                out->steering.line = line;
            code = value->type == YAML_MAPPING_NODE
                       ? read_mapping(out, r, value, name, seen)
                       : fr_fail(r->err, FR_E_INPUT,
                                 "%s:%d: %s is a section; write its keys below it, indented",
                                 r->path, line, name);
            continue;
        }
        const bool list = *section == '\0' && strcmp(name, "experiments") == 0;
        const int i = list ? 0 : find_key(section, name);
        if (i < 0)
            return unknown_key(r, section, name, line);
        bool *again = list ? &seen->experiments : &seen->keys[i];
        if (*again)
            return fr_fail(r->err, FR_E_INPUT, "%s:%d: key \"%s\" is given twice; keep one",
                           r->path, line, name);
        *again = true;
        code = list ? fr_experiments_read(r, value, &out->experiments)
                    : fr_field_read(r, &keys[i], value, out);
    }
    return code;
}

static int parse_yaml(struct fr_config *out, const char *text, const char *path, struct seen *seen,
                      struct fr_error *err) {
    yaml_document_t document;
    int code = fr_yaml_parse(&document, text, path, err);
    if (code != FR_OK)
        return code;
    const yaml_node_t *root = yaml_document_get_root_node(&document);
    const struct fr_field_reader r = {path, "", &document, err};
    if (root == NULL || root->type != YAML_MAPPING_NODE)
        code = fr_fail(err, FR_E_INPUT, "%s:1: expected \"key: value\" lines", path);
    else
        code = read_mapping(out, &r, root, "", seen);
    yaml_document_delete(&document);
    return code;
}

/* Defaults are written as YAML too, so that one reader serves both. */
static int apply_defaults(struct fr_config *out, struct fr_error *err) {
    struct fr_text yaml = {0};
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < N_KEYS; i++) {
        struct seen seen = {0};
        if (keys[i].fallback == NULL)
            continue;
        fr_text_clear(&yaml);
        if (*keys[i].section != '\0')
            fr_text_printf(&yaml, "%s: {%s: %s}\n", keys[i].section, keys[i].name,
                           keys[i].fallback);
        else
            fr_text_printf(&yaml, "%s: %s\n", keys[i].name, keys[i].fallback);
        code = parse_yaml(out, fr_text_get(&yaml), "defaults", &seen, err);
    }
    fr_text_release(&yaml);
    return code;
}

/* ---- what no single key can tell ------------------------------------------------------------- */

/* The section `steering` becomes an experiment, so that everything behind knows only these. */
static int read_legacy(struct fr_config *c, const char *path, struct fr_error *err) {
    if (c->steering.n_layers == 0 || c->steering.n_conditions == 0)
        return FR_OK;
    if (c->experiments.n > 0)
        return fr_fail(err, FR_E_INPUT,
                       "%s: steering.layers and experiments both; write the section steering as "
                       "one of the experiments",
                       path);
    const int code = fr_config_check_steering(c, path, err);
    if (code != FR_OK)
        return code;
    struct fr_experiment *e = fr_experiments_append(&c->experiments, fr_strdup("positive"));
    e->line = c->steering.line;
    for (int i = 0; i < c->steering.n_conditions; i++)
        e->arms[e->n_arms++] = legacy_arms[c->steering.conditions[i]];
    for (int i = 0; i < c->steering.n_layers; i++)
        e->layers[e->n_layers++] =
            (struct fr_range){c->steering.layers[i], c->steering.layers[i] + 1};
    e->windows[0] = (struct fr_range){c->steering.window_start, c->steering.window_end};
    e->at[0] = c->steering.timestamp;
    e->scales[0] = c->steering.scale;
    return FR_OK;
}

static int check_experiment(const struct fr_config *c, const struct fr_experiment *e,
                            const char *path, struct fr_error *err) {
    char name[128];
    int code = FR_OK;
    bool own = false; /* another study's timestamps are its own matter */
    for (int i = 0; i < e->n_from; i++)
        own = own || strcmp(e->from[i], FR_FROM_THIS) == 0;
    for (int i = 0; own && code == FR_OK && i < e->n_at; i++) {
        (void)snprintf(name, sizeof name, "experiments.%.80s.at", e->name);
        code = fr_config_check_timestamp(c, path, name, e->at[i], err);
    }
    for (int i = 0; code == FR_OK && i < e->n_windows; i++)
        if (e->windows[i].end >= c->max_tokens)
            code = fr_fail(err, FR_E_INPUT,
                           "%s:%d: experiments.%s.window ends at %d, but a trace has at most "
                           "generation.max_tokens %d tokens; end it below",
                           path, e->line, e->name, e->windows[i].end, c->max_tokens);
    return code;
}

static int check_experiments(const struct fr_config *c, const char *path, struct fr_error *err) {
    int code = FR_OK;
    for (int i = 0; code == FR_OK && i < c->experiments.n; i++)
        code = check_experiment(c, &c->experiments.items[i], path, err);
    if (code == FR_OK && c->experiments.n > 0 && c->n_evaluate == 0)
        code = fr_fail(err, FR_E_INPUT,
                       "%s: puzzles.evaluate 0 leaves nothing to steer; leave the experiments out",
                       path);
    struct fr_conditions conditions;
    if (code == FR_OK)
        code = fr_conditions_expand(&c->experiments, true, NULL, path, &conditions, err);
    if (code == FR_OK)
        fr_conditions_release(&conditions);
    return code;
}

static int check_traces(const struct fr_config *c, const char *path, struct fr_error *err) {
    const bool imports = *c->traces_path != '\0';
    if (imports && *c->puzzles_path != '\0')
        return fr_fail(err, FR_E_INPUT,
                       "%s: puzzles.directory, but the puzzles are those of traces.import; "
                       "traces.problems tells where their PDDL is",
                       path);
    if (!imports && (*c->traces_naming != '\0' || *c->traces_problems != '\0' || c->match))
        return fr_fail(err, FR_E_INPUT, "%s: traces.%s without traces.import", path,
                       *c->traces_naming     ? "naming"
                       : *c->traces_problems ? "problems"
                                             : "match");
    const char *place = strstr(c->traces_problems, "%d");
    if (*c->traces_problems != '\0' && (place == NULL || strchr(place + 1, '%') != NULL ||
                                        strchr(c->traces_problems, '%') != place))
        return fr_fail(err, FR_E_INPUT, "%s: traces.problems: \"%.80s\" needs one %%d", path,
                       c->traces_problems);
    return FR_OK;
}

static int check_prompts(const struct fr_config *c, const char *path, struct fr_error *err) {
    const enum fr_style_examples examples = fr_style_examples((enum fr_prompt_style)c->style);
    if (examples == FR_EXAMPLES_ALWAYS && c->shots == 0)
        return fr_fail(
            err, FR_E_INPUT,
            "%s: prompt.shots 0, but the %s style always shows one solved example; leave "
            "prompt.shots out",
            path, fr_style_name[c->style]);
    if (*c->traces_path == '\0' && examples != FR_EXAMPLES_NEVER && c->shots > 0 &&
        *c->example_path == '\0' && c->n_collect < 2)
        return fr_fail(err, FR_E_INPUT,
                       "%s: prompt.shots 1 takes its examples from the puzzles to collect from; "
                       "puzzles.collect must be 2 or more",
                       path);
    return FR_OK;
}

static int check_shown(const struct fr_config *c, const char *path, struct fr_error *err) {
    const bool own = *c->traces_path == '\0';
    const bool may_show =
        fr_style_examples((enum fr_prompt_style)c->style) == FR_EXAMPLES_OPTIONAL && c->shots > 0;
    if (*c->example_path != '\0' && !(may_show && own))
        return fr_fail(err, FR_E_INPUT, "%s: prompt.example, but %s; leave it out", path,
                       own ? "prompts of this style and prompt.shots take none"
                           : "the prompts of traces.import are taken as they are");
    if (c->style == FR_STYLE_PAPER && may_show && own && *c->example_path == '\0')
        return fr_fail(err, FR_E_INPUT,
                       "%s: prompt.style paper shows one example before every puzzle; give it with "
                       "prompt.example: data/problems/paper-example.pddl is the paper's",
                       path);
    if (c->fact_order != FR_FACTS_STYLE &&
        (fr_style_is_terse((enum fr_prompt_style)c->style) || !own))
        return fr_fail(err, FR_E_INPUT,
                       "%s: prompt.fact_order is of the styles planbench and paper", path);
    return FR_OK;
}

/* The texts are lines of the canonical form. */
static int check_said(const struct fr_config *c, const char *path, struct fr_error *err) {
    const char *const names[] = {"system", "instruction"};
    const char *const texts[] = {c->system, c->instruction};
    for (int i = 0; i < 2; i++)
        if (texts[i][strcspn(texts[i], "\r\n")] != '\0')
            return fr_fail(err, FR_E_INPUT, "%s: prompt.%s: more than one line; write it as one",
                           path, names[i]);
    if (*c->instruction != '\0' && c->preset != FR_PRESET_NONE)
        return fr_fail(err, FR_E_INPUT,
                       "%s: prompt.instruction and prompt.preset %s both; keep one", path,
                       fr_preset_name[c->preset]);
    const bool instructs = *c->instruction != '\0' || c->preset != FR_PRESET_NONE;
    if (c->instruction_first && !instructs)
        return fr_fail(err, FR_E_INPUT,
                       "%s: prompt.instruction_first without prompt.instruction or prompt.preset",
                       path);
    if (instructs && *c->traces_path != '\0')
        return fr_fail(err, FR_E_INPUT,
                       "%s: prompt.%s with traces.import, whose prompts are taken as they are; "
                       "leave it out",
                       path, c->preset != FR_PRESET_NONE ? "preset" : "instruction");
    return FR_OK;
}

static int check_together(struct fr_config *c, const char *path, struct fr_error *err) {
    if (c->max_tokens > c->context_tokens)
        return fr_fail(err, FR_E_INPUT,
                       "%s: generation.max_tokens %d exceeds model.context_tokens %d; a trace must "
                       "fit its slot",
                       path, c->max_tokens, c->context_tokens);
    if (c->n_tensor_split > FR_DEVICES_MOST)
        return fr_fail(err, FR_E_INPUT, "%s: model.tensor_split: %d shares; at most %d devices",
                       path, c->n_tensor_split, (int)FR_DEVICES_MOST);
    if (c->grid_end < c->grid_step)
        return fr_fail(
            err, FR_E_INPUT,
            "%s: representations.grid_end %d is below grid_step %d; no timestamp is left", path,
            c->grid_end, c->grid_step);
    int code = check_traces(c, path, err);
    if (code == FR_OK)
        code = fr_config_check_sites(c, path, err);
    if (code == FR_OK)
        code = check_prompts(c, path, err);
    if (code == FR_OK)
        code = check_shown(c, path, err);
    if (code == FR_OK)
        code = check_said(c, path, err);
    if (code == FR_OK)
        code = fr_config_check_timestamp(c, path, "analyses.reference_timestamp",
                                         c->reference_timestamp, err);
    if (code == FR_OK)
        code = fr_config_check_timestamp(c, path, "analyses.pca_timestamp", c->pca_timestamp, err);
    for (int i = 0; code == FR_OK && i < c->n_pair_timestamps; i++)
        code = fr_config_check_timestamp(c, path, "analyses.pair_timestamps", c->pair_timestamps[i],
                                         err);
    if (code == FR_OK && c->panel_end > 0)
        code = fr_config_check_timestamp(c, path, "representations.panel_end", c->panel_end, err);
    if (code == FR_OK)
        code = read_legacy(c, path, err);
    return code == FR_OK ? check_experiments(c, path, err) : code;
}

/* ---- in and out ------------------------------------------------------------------------------ */

int fr_config_parse(struct fr_config *out, const char *text, const char *path,
                    struct fr_error *err) {
    *out = (struct fr_config){0};
    struct seen seen = {0};
    int code = apply_defaults(out, err);
    if (code == FR_OK)
        code = parse_yaml(out, text, path, &seen, err);
    for (int i = 0; code == FR_OK && i < N_KEYS; i++)
        if (keys[i].fallback == NULL && !seen.keys[i])
            code =
                fr_fail(err, FR_E_INPUT, "%s: key \"%s%s%s\" is missing; %s", path, keys[i].section,
                        *keys[i].section ? "." : "", keys[i].name, keys[i].help);
    if (code == FR_OK)
        code = fr_config_check_study(out, path, err);
    if (code == FR_OK)
        code = check_together(out, path, err);
    if (code != FR_OK)
        fr_config_release(out);
    return code;
}

int fr_config_load(struct fr_config *out, const char *path, struct fr_error *err) {
    struct fr_text text = {0};
    *out = (struct fr_config){0};
    int code = fr_file_read_text(path, CONFIG_CEILING, &text, err);
    if (code == FR_OK)
        code = fr_config_parse(out, fr_text_get(&text), path, err);
    fr_text_release(&text);
    return code;
}

void fr_config_release(struct fr_config *config) {
    for (int i = 0; i < N_KEYS; i++)
        fr_field_clear(&keys[i], config);
    fr_experiments_release(&config->experiments);
    *config = (struct fr_config){0};
}

static void render_key(const struct fr_config *config, int i, struct fr_text *out) {
    fr_field_name(&keys[i], out);
    fr_text_add(out, ": ");
    fr_field_render(&keys[i], config, out);
    fr_text_add(out, "\n");
}

void fr_config_render(const struct fr_config *config, struct fr_text *out) {
    for (int i = 0; i < N_KEYS; i++)
        if (keys[i].scope != FR_SCOPE_LEGACY)
            render_key(config, i, out);
    fr_experiments_render(&config->experiments, out);
}

/* The stage that the key binds in this configuration, or -1. */
static int bound_stage(const struct fr_config *config, enum fr_scope scope) {
    if (scope == FR_SCOPE_SLOTS)
        return config->deterministic ? -1 : FR_STAGE_ROLLOUTS;
    if (scope == FR_SCOPE_ROWS)
        return config->deterministic && !config->flash_attention ? -1 : FR_STAGE_ROLLOUTS;
    return (int)scope < FR_N_STAGES ? (int)scope : -1;
}

void fr_config_render_stage(const struct fr_config *config, enum fr_stage stage,
                            struct fr_text *out) {
    for (int i = 0; i < N_KEYS; i++)
        if (bound_stage(config, keys[i].scope) == (int)stage)
            render_key(config, i, out);
    if (stage == FR_STAGE_STEERING)
        fr_experiments_render(&config->experiments, out);
}

/* "section.key" of a canonical line. */
static int find_full(const char *name, size_t n) {
    struct fr_text full = {0};
    int found = -1;
    for (int i = 0; found < 0 && i < N_KEYS; i++) {
        fr_text_clear(&full);
        fr_field_name(&keys[i], &full);
        if (full.len == n && memcmp(full.data, name, n) == 0)
            found = i;
    }
    fr_text_release(&full);
    return found;
}

int fr_config_parse_canonical(struct fr_config *out, const char *lines, const char *name,
                              struct fr_error *err) {
    struct fr_text yaml = {0}, section = {0};
    size_t n;
    for (const char *line; fr_line_next(&lines, &line, &n);) {
        const size_t n_name = strcspn(line, ":\n");
        const int i = find_full(line, n_name);
        if (i >= 0 && n_name + 2 <= n) {
            const bool list = keys[i].type >= FR_FIELD_INTS;
            if (strcmp(keys[i].section, fr_text_get(&section)) != 0) {
                fr_text_clear(&section);
                fr_text_add(&section, keys[i].section);
                fr_text_printf(&yaml, "%s:\n", keys[i].section);
            }
            fr_text_printf(&yaml, "%s%s: %s", *keys[i].section ? "  " : "", keys[i].name,
                           list ? "" : "\"");
            for (const char *p = line + n_name + 2; p < line + n; p++)
                fr_text_printf(&yaml, "%s%c", !list && (*p == '"' || *p == '\\') ? "\\" : "", *p);
            fr_text_add(&yaml, list ? "\n" : "\"\n");
        }
    }
    const int code = fr_config_parse(out, fr_text_get(&yaml), name, err);
    fr_text_release(&yaml);
    fr_text_release(&section);
    return code;
}

/* Does the list hold every item of the other? Both are canonical: "[a, b]". */
static bool holds_all(const char *list, const char *other) {
    for (const char *item = other + 1; *item != '\0' && *item != ']';) {
        const size_t n = strcspn(item, ",]");
        bool found = false;
        for (const char *p = list + 1; *p != '\0' && !found;) {
            const size_t k = strcspn(p, ",]");
            found = k == n && memcmp(p, item, n) == 0;
            p += k;
            p += strspn(p, ", ]");
        }
        if (!found)
            return false;
        item += n;
        item += strspn(item, ", ");
    }
    return true;
}

enum fr_change fr_config_compare(const char *key, const char *before, const char *now) {
    const int i = find_full(key, strlen(key));
    if (strcmp(before, now) == 0)
        return FR_SAME;
    if (i < 0 || !keys[i].grows)
        return FR_CHANGED;
    if (keys[i].type >= FR_FIELD_INTS)
        return holds_all(now, before) ? FR_GROWN : FR_SHRUNK;
    return strtol(now, NULL, 10) > strtol(before, NULL, 10) ? FR_GROWN : FR_SHRUNK;
}

char *fr_config_default(const char *key) {
    const int i = find_full(key, strlen(key));
    struct fr_config config = {0};
    struct fr_text out = {0};
    struct fr_error ignored;
    if (i < 0 || keys[i].fallback == NULL)
        return NULL;
    const int code = apply_defaults(&config, &ignored);
    FR_ASSERT(code == FR_OK);
    fr_field_render(&keys[i], &config, &out);
    fr_config_release(&config);
    return fr_text_take(&out);
}

bool fr_config_describe(const char *key, struct fr_text *out) {
    const int i = find_full(key, strlen(key));
    if (i < 0)
        return false;
    fr_text_add(out, keys[i].help);
    if (keys[i].fallback != NULL)
        fr_text_printf(out, " [default %s]", keys[i].fallback);
    return true;
}

void fr_config_help(struct fr_text *out) {
    for (int i = 0; i < N_KEYS; i++) {
        struct fr_text name = {0};
        fr_field_name(&keys[i], &name);
        if (keys[i].scope == FR_SCOPE_LEGACY)
            fr_text_printf(out, "%-37s (see experiments) %s", fr_text_get(&name), keys[i].help);
        else
            fr_text_printf(out, "%-37s %s", fr_text_get(&name), keys[i].help);
        if (keys[i].fallback != NULL)
            fr_text_printf(out, " [default %s]\n", keys[i].fallback);
        else
            fr_text_add(out, " [required]\n");
        fr_text_release(&name);
    }
    fr_experiments_help(out);
}

void fr_config_resolve(const char *config_path, const char *path, struct fr_text *out) {
    const char *slash = strrchr(config_path, '/');
    if (*path != '/' && slash != NULL)
        fr_text_append(out, config_path, (size_t)(slash - config_path) + 1);
    fr_text_add(out, path);
}

int fr_config_grid_index(const struct fr_config *config, int timestamp) {
    return timestamp / config->grid_step - 1;
}
