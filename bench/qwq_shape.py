#!/usr/bin/env python3
"""The paper's model at its true size, with random weights: does it open, replay and steer here?

    make qwq-shape                              # builds what is needed; 40 minutes, 12 GB
    python3 bench/qwq_shape.py --layers 4       # a miniature of it, in minutes

Writes a GGUF of QwQ-32B's shape (bench/qwq_shape.c), dry-runs configs/paper-qwq32b.yaml against it, replays 256 tokens in
two namings through all layers, is killed after the first (SIGKILL) and goes on, steers with an identity, and compares what
was estimated with what it took. With --compare it replays once more without being killed, for the same bytes. Each step's seconds and peak resident memory (mapped weights included) are printed as it
ends, as a row of a Markdown table; the first thing that is not as it should be ends the script with status 1.

The file of weights is deleted at the end, but for --keep. Nothing here is a result about a model."""
import argparse
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORDS = ["README.md", "ARCHITECTURE.md", "DEVIATIONS.md", "docs/method.md", "data/namings.tsv", "data/words.tsv",
         "data/traces/organism.jsonl"]

STUDY = """study: qwq-shape
seed: 1
model: {path: %(model)s, slots: 2, context_tokens: 288, chunk_tokens: 128, flash_attention: false, deterministic: true}
puzzles: {domain: %(root)s/data/domains/blocksworld.pddl, collect: 1, evaluate: 1}
traces: {import: %(root)s/data/traces/organism.jsonl, match: true}
namings: {table: %(root)s/data/namings.tsv, use: ["1", "2"], exclude: []}
generation: {max_tokens: 272}
representations: {origin: prompt, window_tokens: 120, grid_step: 64, grid_end: 256, min_mentions: 1}
analyses: {reference_timestamp: 256, pca_timestamp: 256, resamples: 50}
statistics: {permutations: 50}
experiments:
  - {name: positive, vectors: [cross_loo], controls: [identity], at: 256, traces: all, layers: [%(layer)d],
     window: [224, 256]}
"""


def fail(text):
    sys.exit("qwq_shape: " + text)


def row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)


class Step:
    """A command, its seconds and its peak memory; out and err are what it said."""

    def __init__(self, where, name, command, kill_when=None):
        paths = [os.path.join(where, "step.out"), os.path.join(where, "step.err")]
        begun = time.monotonic()
        with open(paths[0], "w") as out, open(paths[1], "w") as err:
            child = subprocess.Popen(command, stdout=out, stderr=err, cwd=where)
            while kill_when is not None and child.poll() is None:
                if kill_when():
                    child.send_signal(signal.SIGKILL)
                    break
                time.sleep(0.05)
            if child.returncode is None:
                _, status, usage = os.wait4(child.pid, 0)
                child.returncode = os.waitstatus_to_exitcode(status)
                self.peak = "%.2f" % (usage.ru_maxrss / 1024 ** 2)
            else:
                self.peak = "?"
        self.seconds, self.status = time.monotonic() - begun, child.returncode
        self.out, self.err = (open(path).read() for path in paths)
        row(name, "%.0f" % self.seconds, self.peak)
        if self.status != (-signal.SIGKILL if kill_when is not None else 0):
            fail("%s: status %s: %s%s" % (name, self.status, self.err[-2000:], self.out[-2000:]))


def stage_seconds(step, stage):
    """Of "  steering  12.3 s, tokens: ..." on standard error."""
    found = re.search(r"^ *%s +(?:.* )?([0-9.]+) s\b" % stage, step.err, re.MULTILINE)
    if found is None:
        fail("no time of %s in: %s" % (stage, step.err))
    return float(found.group(1))


def paper_configuration(model, n_layers, where):
    """The paper's, with this file; of a miniature, with the layers that it has."""
    with open(os.path.join(ROOT, "configs/paper-qwq32b.yaml")) as file:
        text = file.read()
    text = re.sub(r"(?m)^  path: .*", "  path: " + model, text).replace("../data", ROOT + "/data")
    if n_layers < 64:
        text = re.sub(r"layers: \[[^]]*\]", "layers: [%d]" % n_layers, text)
    path = os.path.join(where, "paper.yaml")
    with open(path, "w") as file:
        file.write(text)
    return path


def compare(a, b):
    """Every file of representations is there twice and the same."""
    names = sorted(os.listdir(os.path.join(a, "reps")))
    if not names or names != sorted(os.listdir(os.path.join(b, "reps"))):
        fail("reps/ of %s and %s hold different files" % (a, b))
    for name in names:
        with open(os.path.join(a, "reps", name), "rb") as x, open(os.path.join(b, "reps", name), "rb") as y:
            if x.read() != y.read():
                fail("%s: a killed study and one that was not differ" % name)
    return len(names)


def sums_stored(study):
    """How many files of sums the study's database has."""
    try:
        with sqlite3.connect("file:%s/study.db?mode=ro" % study, uri=True) as db:
            return db.execute("SELECT count(*) FROM sums").fetchone()[0]
    except sqlite3.Error:  # not there yet
        return 0


def estimate_row(name, hours, seconds):
    row(name + ", estimated of taken", "%.0f of %.0f" % (3600 * hours, seconds), "%.2f" % (3600 * hours / seconds))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, default=64, help="of the model (64); fewer for a miniature")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--build", default=os.path.join(ROOT, "build/test"), help="where fluidrep and tests/qwq_shape are")
    parser.add_argument("--dir", default=os.path.join(ROOT, "build/qwq-shape"), help="made; needs room for 9 GB")
    parser.add_argument("--compare", action="store_true", help="replay also in one go, and compare every byte")
    parser.add_argument("--keep", action="store_true", help="leave the file of weights there, for another time")
    options = parser.parse_args()
    where, program = os.path.abspath(options.dir), os.path.join(options.build, "fluidrep")
    os.makedirs(where, exist_ok=True)
    model = os.path.join(where, "qwq-shape-%d-%d.gguf" % (options.layers, options.seed))
    gigabytes = 0.45 + 0.13 * options.layers
    if not os.path.exists(model) and shutil.disk_usage(where).free < (gigabytes + 1) * 1e9:
        fail("%s: not %.0f GB free; give another --dir" % (where, gigabytes + 1))
    for name in ("whole", "killed"):
        shutil.rmtree(os.path.join(where, name), ignore_errors=True)
    try:
        run(options, where, program, model)
    finally:
        if not options.keep and os.path.exists(model):
            os.unlink(model)


def run(options, where, program, model):
    row("step", "seconds", "peak GiB")
    row("---", "---:", "---:")
    if not os.path.exists(model):
        Step(where, "generate %d layers" % options.layers,
             [os.path.join(options.build, "tests/qwq_shape"), model + ".part", str(options.seed), str(options.layers)] +
             [os.path.join(ROOT, name) for name in WORDS])
        os.rename(model + ".part", model)
    size = os.path.getsize(model)
    dry = ["run", paper_configuration(model, options.layers, where), "--dry-run"]
    paper = Step(where, "the paper's study, --dry-run", [program, *dry])
    config = os.path.join(where, "shape.yaml")
    with open(config, "w") as file:
        file.write(STUDY % {"model": model, "root": ROOT, "layer": (5 * options.layers + 4) // 8})
    plan = json.loads(Step(where, "this study, --dry-run", [program, "run", config, "--dry-run", "--json"]).out)
    hours = {stage["stage"]: stage["hours"] for stage in plan["stages"]}

    # Killed when the first naming's sums are there.
    reps = os.path.join(where, "killed", "reps")
    command = [program, "run", config, "--out", "killed"]
    Step(where, "replay 256 tokens in 2 namings, killed after the first", [*command, "--until", "representations"],
         lambda: sums_stored(os.path.dirname(reps)) > 0)
    there = {name: os.stat(os.path.join(reps, name)).st_mtime_ns for name in os.listdir(reps)
             if name.endswith(".safetensors")}
    again = Step(where, "the rest of it", [*command, "--until", "representations"])
    for name, stamp in there.items():
        if os.stat(os.path.join(reps, name)).st_mtime_ns != stamp:
            fail("%s was there before the kill and was made again" % name)
    if options.compare:
        Step(where, "replay in one go", [program, "run", config, "--out", "whole", "--until", "representations"])
        print("%d files of sums are the same, byte for byte" %
              compare(os.path.join(where, "whole"), os.path.join(where, "killed")))
    steered = Step(where, "steer: baselines, edits, identities", command)
    estimate_row("replay of one", hours["representations"] / 2, stage_seconds(again, "representations"))
    estimate_row("steering", hours["steering"], stage_seconds(steered, "steering"))

    print("\nThe file has %.2f GB, the tokenizer 152,064 tokens; a prompt of this study has %d of them." %
          (size / 1e9, plan["prompt_tokens_mean"]))
    said = re.search(r"(?m)^Identity control: .*", steered.out)
    print(said.group(0) if said else "")
    print("\nThe paper's study, as --dry-run sees it here:\n\n" + re.sub(r"(?m)^", "    ", paper.out.rstrip()))
    if not said or "2 of 2 runs" not in said.group(0):
        fail("an identity did not leave its run as it was")


if __name__ == "__main__":
    main()
