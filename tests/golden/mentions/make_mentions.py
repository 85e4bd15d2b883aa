#!/usr/bin/env python3
"""Mentions by another road: Python's re on characters, and tokens by set intersection.

Usage: make_mentions.py DIR, writes text.txt (the text) and mentions.tsv beside it:
  F form concept   a surface form
  T start end      a token's byte range
  M concept first end   a mention, as token positions
Whole word: no letter on either side: an ASCII letter, digit or '_', or a character from U+00C0 to
U+1FFF (dashes, quotes, arrows and the scripts without blanks are none). Alternation longest first finds the longest form, left to right,
without overlap."""
import random
import re
import sys

FORMS = [("pick-up", 0), ("put-down", 1), ("stack", 2), ("unstack", 3), ("ontable", 4), ("clear", 5),
         ("hand empty", 6), ("holding", 7), ("on", 8), ("pick", 1), ("on table", 4), ("hand", 7)]
FILLER = [" ", " ", " ", "\n", ", ", ".", "-", "_", "(", ")", "'s ", "\u00e9", "\u4e2d", "\u2192", "\u201c", "\u00ab", "s", "un",
          "re-", "7", "  ", "the", " A", " B "]
WORD = "[0-9A-Za-z_\u00c0-\u1fff]"


def main(directory):
    rng = random.Random(20260205)
    parts = []
    for _ in range(900):
        form = rng.choice(FORMS)[0]
        case = rng.randrange(4)
        parts.append(form.upper() if case == 0 else form.capitalize() if case == 1 else form)
        for _ in range(rng.randrange(4)):
            parts.append(rng.choice(FILLER))
    letters = "".join(parts)
    text = letters.encode()
    tokens, at = [], 0
    while at < len(text):
        n = rng.choice([0, 1, 1, 2, 3, 4, 5, 7, 9, 14])
        end = min(len(text), at + n)
        tokens.append((at, end))
        at = end
    tokens = [t for i, t in enumerate(tokens) if t[0] < t[1] or i % 3 == 0]
    concept = {f.lower(): a for f, a in FORMS}
    pattern = re.compile("(?<!" + WORD + ")(?:" + "|".join(
        re.escape(f) for f in sorted(concept, key=len, reverse=True)) + ")(?!" + WORD + ")",
        re.IGNORECASE | re.ASCII)
    mentions = []
    for m in pattern.finditer(letters):
        start = len(letters[:m.start()].encode())
        end = start + len(m.group())
        covered = [i for i, (s, e) in enumerate(tokens) if max(s, start) < min(e, end)]
        mentions.append((concept[m.group().lower()], covered[0], covered[-1] + 1))
    with open(directory + "/text.txt", "wb") as f:
        f.write(text)
    with open(directory + "/mentions.tsv", "w", encoding="utf-8") as f:
        for form, a in FORMS:
            f.write(f"F\t{form}\t{a}\n")
        for s, e in tokens:
            f.write(f"T\t{s}\t{e}\n")
        for a, first, end in mentions:
            f.write(f"M\t{a}\t{first}\t{end}\n")
    print(len(text), "bytes,", len(tokens), "tokens,", len(mentions), "mentions", file=sys.stderr)


main(sys.argv[1])
