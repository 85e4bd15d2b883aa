# Sourced by the study tests: a study of seconds on the embedded organism, written to small.yaml in the
# current directory. Variables MODEL, SEED and NAMINGS may be set before.
write_small_study() {
    cat >small.yaml <<YAML
study: small
seed: ${SEED:-1}
model:
  path: ${MODEL:-$FR_SOURCE_DIR/models/organism.gguf}
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
  table: ${NAMINGS:-$FR_SOURCE_DIR/data/namings.tsv}
  use: [clean, "1", "2"]
generation: {max_tokens: 1000}
representations: {window_tokens: 160, grid_step: 40, grid_end: 240, min_mentions: 1,
  sets: [matched, halves, panel, other_span], matched_mentions: 2}
analyses: {reference_timestamp: 240, pca_timestamp: 240, resamples: 50}
statistics: {permutations: 50}
experiments:
  - {name: positive, vectors: [in_naming, cross_loo], controls: [shuffled, identity], at: 240,
     layers: [2], window: [40, 80]}
YAML
}
