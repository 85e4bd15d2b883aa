# Sourced by the study tests: a study of seconds on the embedded organism, written to small.yaml in the
# current directory. Variables MODEL, SEED and NAMINGS may be set before.
write_small_study() {
    cat >small.yaml <<YAML
study: small
seed: ${SEED:-1}
model:
  path: ${MODEL:-$FR_SOURCE_DIR/models/organism.gguf}
  slots: 4
  flash_attention: true
  threads: 1
  context_tokens: 1280
puzzles:
  domain: $FR_SOURCE_DIR/data/domains/blocksworld.pddl
  collect: 4
  evaluate: 2
namings:
  table: ${NAMINGS:-$FR_SOURCE_DIR/data/namings.tsv}
  use: [clean, "1", "2"]
generation: {max_tokens: 1150}
representations: {window_tokens: 200, grid_step: 40, grid_end: 240, min_mentions: 1}
analyses: {reference_timestamp: 240, pca_timestamp: 240, resamples: 50}
steering:
  conditions: [in_naming, cross_loo, random, shuffled, identity]
  layers: [2]
  window_start: 40
  window_end: 80
  vector_timestamp: 240
  permutations: 50
YAML
}
