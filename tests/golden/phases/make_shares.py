#!/usr/bin/env python3
"""Golden numbers for tests/unit/analyses/phases_test.c: what the analysis of phases writes of five traces of prose, on
three puzzles in two namings: shares of tokens, agreement with its bootstrap over puzzles, similarity weighed by tokens.
Labels are those of make_phases.py, random numbers those of ../analyses/common.py. A trace is a prompt of three tokens, the
prose of make_phases.py with its lines in another order for every puzzle, and an answer; a token is a word with the blanks
before it. Lines of the output, namings and phases by index, rules 0: cues, part as in phase_share:
    share       naming rules along part phase  traces tokens share          along 0: the trace, 1: tokens
    agreement   phase  traces puzzles cues mentions both kappa low high     phase -1: all
    similarity  kind rules phase  mean low high mean_timestamp namings
usage: make_shares.py >shares.tsv"""
import math
import pathlib
import re
import sys

import numpy as np
from scipy.stats import t as student

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "analyses"))
from common import Rng, row  # noqa: E402
from make_phases import PHASES, TEXTS, WORDS, kappa, kappa_of, label  # noqa: E402

SEED, STREAM, RESAMPLES, PARTS, STEP, END = 77, 6, 300, 20, 8, 40
OTHER = {"attack": "illuminate", "succumb": "silence", "overcome": "distill", "feast": "divest", "planet": "aura",
         "province": "essence", "harmony": "nexus", "pain": "pulse", "craves": "harmonizes"}
TRACES = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]  # naming, puzzle


def text_of(naming, puzzle):
    lines = TEXTS["prose"].splitlines(keepends=True)
    text = "".join(lines[2 * puzzle:] + lines[:2 * puzzle])
    for old, new in OTHER.items() if naming == 1 else ():
        text = text.replace(old, new).replace(old.capitalize(), new.capitalize())
    return text


def labels_of(naming, puzzle):
    text = text_of(naming, puzzle)
    words = {OTHER[w] if naming == 1 else w: k for w, k in WORDS.items()}
    starts = [m.start() for m in re.finditer(r"\s*\S+", text)]
    out = np.zeros((2, len(starts)), int)
    for r, rules in enumerate(("cues", "mentions")):
        for begin, end, phase in label(text, "prose", rules, words):
            out[r, [begin <= s < end for s in starts]] = PHASES.index(phase)
    return out


def grid_of(labels):
    grid = np.zeros((len(PHASES), len(PHASES)))
    np.add.at(grid, (labels[0], labels[1]), 1)
    return grid


def percentiles(draws):
    draws = [d for d in draws if not np.isnan(d)]
    return np.percentile(draws, [2.5, 97.5]) if 10 * len(draws) >= 9 * RESAMPLES else (np.nan, np.nan)


print("# Made by make_shares.py; columns are described there.")
tokens = {}
grids = [np.zeros((len(PHASES), len(PHASES))) for _ in range(3)]
for naming in range(2):
    counts = {}
    for puzzle in [p for n, p in TRACES if n == naming]:
        labels = labels_of(naming, puzzle)
        grids[puzzle] += grid_of(labels)
        n = labels.shape[1]
        for r in range(2):
            reached = set()
            for i, phase in enumerate(labels[r]):
                for along, part in ((0, i * PARTS // n + 1), (1, (i // STEP + 1) * STEP)):
                    if along == 1 and part > END:
                        continue
                    cell = counts.setdefault((r, along, part), [0, np.zeros(len(PHASES), int)])
                    cell[1][phase] += 1
                    cell[0] += (along, part) not in reached
                    reached.add((along, part))
    for (r, along, part), (traces, by_phase) in sorted(counts.items()):
        for phase in range(len(PHASES)):
            row("share", naming, r, along, part, phase, traces, by_phase[phase], by_phase[phase] / by_phase.sum())
            if along == 1:
                tokens[naming, r, part, phase] = by_phase[phase]

total = sum(grids)
figures = [lambda g, p=p: kappa(g) if p < 0 else kappa_of(g, p) for p in range(-1, len(PHASES))]
rng, draws = Rng(SEED, STREAM), [[] for _ in figures]
for _ in range(RESAMPLES):
    drawn = sum(grids[rng.below(3)] for _ in range(3))
    for values, figure in zip(draws, figures):
        values.append(figure(drawn))
for p in range(-1, len(PHASES)):
    has = slice(None) if p < 0 else p
    both = np.trace(total) if p < 0 else total[p, p]
    row("agreement", p, len(TRACES), 3, total[has].sum(), total[:, has].sum(), both, figures[p + 1](total),
        *percentiles(draws[p + 1]))

def value(kind, naming, part, left_out=None):
    """What the curve is of, and, written by the test, what it would be of without the other naming."""
    x = math.sin(part / 10 + 2 * naming + kind)
    return x if left_out is None else 0.8 * x + 0.1 * left_out


for kind in range(2):
    for r in range(2):
        for phase in range(len(PHASES)):
            means, times, without = [], [], {}
            for naming in range(2):
                parts = [t for t in range(STEP, END + 1, STEP) if tokens.get((naming, r, t, phase), 0) > 0]
                weights = np.array([tokens[naming, r, t, phase] for t in parts], float)
                if len(parts) > 0:
                    means.append(weights @ [value(kind, naming, t) for t in parts] / weights.sum())
                    times.append(weights @ np.array(parts, float) / weights.sum())
                    without[1 - naming] = weights @ [value(kind, naming, t, 1 - naming) for t in parts] / weights.sum()
            if not means:
                continue
            low = high = np.nan
            if len(means) > 1:  # of two, each left out: half of the squares, t with one degree of freedom
                half = student.ppf(0.975, 1) * abs(without[0] - without[1]) / 2
                low, high = np.mean(means) - half, np.mean(means) + half
            row("similarity", kind, r, phase, np.mean(means), low, high, np.mean(times), len(means))
