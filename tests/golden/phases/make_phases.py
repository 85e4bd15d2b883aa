#!/usr/bin/env python3
"""Golden numbers for tests/unit/phases: the rules of data/phases.tsv applied once more, with regular expressions instead
of the program's walk over the text, and Cohen's kappa by its textbook formula in NumPy. Lines of the output:
    span  TEXT RULES START END PHASE     and     kappa  TEXT PHASE VALUE    (bytes standing for tokens; PHASE -1: all)
usage: make_phases.py >phases.tsv; make_phases.py RECORDED.jsonl says the same of the first 20 of PlanBench's recorded
traces of naming 1 (a minute)."""
import json
import pathlib
import re
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[3]
PHASES = ["none", "comparison", "search", "exploration", "planning", "verification"]
WORDS = {"attack": 0, "succumb": 0, "overcome": 0, "feast": 0, "planet": 1, "province": 1, "harmony": 1, "pain": 1,
         "craves": 1}
TEXTS = {
    "prose": "Okay, the initial state is: planet a, province b and harmony. The goal is that a craves b.\n\n"
             "To get that, I need to overcome a from b. What if I attack a first? That takes province a. "
             "Hmm, there is none.\n1. Attack a\n2. Overcome a from b\nSo harmony and province a hold. "
             "Let me verify: a craves b, yes. \"Is that all?\" Then the plan works. Planet b is left.\n",
    "terse": "* attack x : province x planet x harmony > pain x\n1 planet A craves C B province C harmony | A - B +"
             " ~ craves A B B + ? overcome A B : province B + pain A - ? attack A : province A + > attack A\n"
             " > attack A > overcome A B\n? craves A B + craves B C +\n",
    "agenda": "* - > succumb = > overcome = > feast - > attack\n - craves D B + craves C B\n"
              " - craves D B : D B harmony > feast D B > province B pain D : D > succumb D > planet D\n"
              " + craves C B : C harmony > attack C > pain C : C B > overcome C B > craves C B harmony\n"
              "* - > succumb = > overcome = > feast - > attack\n",
}


def rules(kind):
    rows = []
    for line in (ROOT / "data/phases.tsv").read_text().splitlines():
        if line and not line.startswith("#") and not line.startswith("rules\t"):
            cells = line.split("\t")
            if cells[1] == kind:
                rows.append(cells)
    return rows


def units(text, kind):
    """Where units start."""
    if kind == "agenda":
        inner = re.compile(r"(?!)")
    elif kind == "terse":
        inner = re.compile(r"(?<=[ \t\n])(?=[|~?>])")
    else:
        inner = re.compile(r"(?:(?<![0-9])[.?!])[\"')\]*]*[ \t\r\n]+(?=\S)")
    starts = {0}
    for match in re.finditer(r"\n\s*(?=\S)", text):
        starts.add(match.end())
    for match in inner.finditer(text):
        starts.add(match.end())
    of_line = lambda at: re.search(r"(^|\n)[ \t\r]*$", text[:at]) is not None
    out = []
    for at in sorted(s for s in starts if s < len(text)):
        out.append((at - 1 if at > 0 and text[at - 1] == " " else at, of_line(at)))
    return out


def number(cell, n):
    return cell == "-" or (n >= int(cell[:-1]) if cell.endswith("+") else n == int(cell))


def whole(phrase):
    return re.compile(r"(?<![A-Za-z0-9_])" + re.escape(phrase) + r"(?![A-Za-z0-9_])", re.I)


def found(phrases, text):
    """(start, key) of the longest phrase at each place, from the left, without overlaps."""
    pattern = re.compile(r"(?<![A-Za-z0-9_])(" + "|".join(re.escape(p) for p in sorted(phrases, key=len, reverse=True)) +
                         r")(?![A-Za-z0-9_])", re.I)
    return [(m.start(), phrases[m.group(1).lower()]) for m in pattern.finditer(text)]


def label(text, kind, which, words):
    rows = [r for r in rules(kind) if r[0] == which]
    cues = {}
    for i, row in enumerate(rows):
        for phrase in [] if row[7] == "-" else row[7].split(" | "):
            cues.setdefault(phrase.lower(), i)
    starts = units(text, kind)
    ends = [s for s, _ in starts[1:]] + [len(text)]
    cue_hits = found(cues, text) if cues else []
    word_hits = found(words, text)
    phase, spans = "none", []
    for (start, of_line), end in zip(starts, ends):
        body = text[start:end].lstrip()
        hits = {key for at, key in cue_hits if start <= at < end}
        n = [sum(start <= at < end and key == k for at, key in word_hits) for k in (0, 1)]
        for i, row in enumerate(rows):
            mark = row[3]
            if mark != "-":
                if mark.startswith("^") and not of_line:
                    continue
                mark = mark.lstrip("^")
                if not (body[:1].isdigit() if mark == "#" else body[:1] == mark):
                    continue
            if number(row[4], n[0]) and number(row[5], n[1]) and row[6] in ("-", phase) and \
                    (row[7] == "-" or i in hits):
                phase = row[2]
                break
        if spans and spans[-1][2] == phase:
            spans[-1][1] = end
        else:
            spans.append([start, end, phase])
    return spans


def counts(a, b, n):
    grid = np.zeros((len(PHASES), len(PHASES)))
    labels = []
    for spans in (a, b):
        x = np.zeros(n, int)
        for start, end, phase in spans:
            x[start:end] = PHASES.index(phase)
        labels.append(x)
    np.add.at(grid, tuple(labels), 1)
    return grid


def kappa(grid):
    grid = grid / grid.sum()
    chance = grid.sum(0) @ grid.sum(1)
    return (np.trace(grid) - chance) / (1 - chance) if chance < 1 else np.nan


def kappa_of(grid, p):
    k = np.arange(len(PHASES)) == p
    return kappa(np.array([[grid[np.ix_(x, y)].sum() for y in (~k, k)] for x in (~k, k)]))


def main():
    if len(sys.argv) > 1:
        grid = np.zeros((len(PHASES), len(PHASES)))
        for line in open(sys.argv[1]).readlines()[:20]:
            text = json.loads(line)["reasoning"]
            grid += counts(label(text, "prose", "cues", WORDS), label(text, "prose", "mentions", WORDS), len(text))
        print("agreed", np.trace(grid) / grid.sum(), "kappa", kappa(grid), [kappa_of(grid, p) for p in range(6)])
        return
    for k, (kind, text) in enumerate(TEXTS.items()):
        labels = [label(text, kind, which, WORDS) for which in ("cues", "mentions")]
        for which, spans in enumerate(labels):
            for start, end, phase in spans:
                print("span", k, which, start, end, PHASES.index(phase), sep="\t")
        grid = counts(*labels, len(text))
        for p in range(-1, len(PHASES)):
            print("kappa", k, p, repr(float(kappa(grid) if p < 0 else kappa_of(grid, p))), sep="\t")


if __name__ == "__main__":
    main()
