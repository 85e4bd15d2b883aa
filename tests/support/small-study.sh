# Sourced by the study tests: a study of seconds on an embedded organism, written to small.yaml in the
# current directory. Variables MODEL, SEED and NAMINGS may be set before.

# What both have; the namings to use, the end of the grid, and lines of further sections.
write_study() {
    cat >small.yaml <<YAML
study: small
seed: ${SEED:-1}
model:
  path: $MODEL
  slots: 4
  kv_type: f32
  threads: 1
  context_tokens: 1280
puzzles:
  domain: $FR_SOURCE_DIR/data/domains/blocksworld.pddl
  blocks: 3
  collect: 3
  evaluate: 2
namings:
  table: $NAMINGS
  use: [$1]
generation: {max_tokens: 1000}
representations: {window_tokens: 160, grid_step: 40, grid_end: $2, min_mentions: 1,
  sets: [matched, halves, panel, other_span], matched_mentions: 2}
analyses: {reference_timestamp: $2, pca_timestamp: $2, resamples: 50}
statistics: {permutations: 50}${3-}
experiments:
  - {name: positive, vectors: [in_naming, cross_loo], controls: [shuffled, identity], at: $2,
     layers: [2], window: [40, 80]}
YAML
}

# On the organism: the clean naming and two of the paper's.
write_small_study() {
    MODEL=${MODEL:-$FR_SOURCE_DIR/models/organism.gguf} NAMINGS=${NAMINGS:-$FR_SOURCE_DIR/data/namings.tsv} \
        write_study 'clean, "1", "2"' 240
}

# On the smaller organism, whose traces are short: a fifth of the time, for tests of what is stored and gone on with. It has
# 4 layers and namings 1 to 31, without one that it solves nothing in.
write_quick_study() {
    awk -F'\t' -v OFS='\t' '/^r7-2\t/ { next } /^r7-/ { $1 = ++n } { print }' "$FR_SOURCE_DIR/data/namings-ambiguous.tsv" >quick-namings.tsv
    MODEL=${MODEL:-$FR_SOURCE_DIR/models/organism-ambiguous.gguf} NAMINGS=quick-namings.tsv \
        write_study '"5", "1", "2"' 160 "
prompt: {style: ambiguous}"
}
