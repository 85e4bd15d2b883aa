#!/usr/bin/env python3
"""Mentions in recorded traces, tokens included, by another road: words by `re` on characters, tokens
by Hugging Face's tokenizers (the Rust library), which gets nothing but the vocabulary and the merges
of QwQ's tokenizer and the rule of its pre-tokenizer.

python3 make_trace_mentions.py PLANBENCH-DIRECTORY ggml-vocab-qwen2.gguf > trace_mentions.tsv
(pip install tokenizers gguf). Numbers only; nothing of the traces' text is written.

A trace's text is its prompt, reasoning and answer, a line feed between them. Rows:
  T set instance n_tokens crc        set 0: mystery (naming 1), 1: clean; crc32 of the ids (int32)
  C set instance rule n[9] multi crc rule 0: exact, 1: inflected; mentions by concept, how many take
                                     more than one token, crc32 of (concept, first, end)
  P rule n[6]                        set 0: what stands before a mention: line start, blank, quote,
                                     bracket, asterisk, other
Whole word: as in make_mentions.py. Which forms are inflections was decided by reading, for the
mystery words in ../naming/make_trace_forms.py; for the clean ones: the verb's forms, joined to its
particle by a blank, a hyphen or nothing. A phrase that something stands inside ("pick it up", "pick
\n up") is none, by rule; predicates count as PlanBench's prompts say them.
"""
import json
import os
import re
import struct
import sys
import zlib

import gguf
import tokenizers
from tokenizers import models, pre_tokenizers

EXACT = ["attack", "succumb", "overcome", "feast", "planet", "province", "harmony", "pain", "craves"]
INFLECTED = ["attack attacks attacked attacking attackings", "succumb succumbs succumbed succumbing succumbings",
             "overcome overcomes overcame overcoming overcomings", "feast feasts feasted feasting feastings",
             "planet planets planeted planeting planetings",
             "province provinces provinced provincing provincings",
             "harmony harmonies harmonied harmonying harmonyings", "pain pains pained paining painings",
             "craves crave craved craving cravings"]
SAID = ["on the table", "clear", "hand is empty", "holding", "on top of"]
JOINT = "[ -]?"
LETTER = "[0-9A-Za-z_\u00c0-\u1fff]"
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def phrase(verb_forms, particle):
    return f"(?:{verb_forms})" + (JOINT + particle if particle else "")


def patterns(is_clean, inflected):
    """One pattern a concept."""
    if not is_clean:
        return ["|".join(f.split()) for f in (INFLECTED if inflected else EXACT)]
    if not inflected:
        actions = [phrase("pick", "up"), phrase("put", "down"), "stack", "unstack"]
    else:
        actions = [phrase("picks|picked|pickings|picking|pick", "up"),
                   phrase("puts|puttings|putting|put", "down"),
                   "stack|stacks|stacked|stacking|stackings",
                   "unstack|unstacks|unstacked|unstacking|unstackings"]
    return actions + SAID


def qwen2(path):
    fields = gguf.GGUFReader(path).fields
    texts = {k: [bytes(fields[k].parts[i]).decode() for i in fields[k].data]
             for k in ("tokenizer.ggml.tokens", "tokenizer.ggml.merges")}
    vocabulary = {t: i for i, t in enumerate(texts["tokenizer.ggml.tokens"])}
    merges = [tuple(m.split(" ")) for m in texts["tokenizer.ggml.merges"]]
    out = tokenizers.Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    out.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(tokenizers.Regex(QWEN2), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    alphabet = byte_alphabet()
    return out, [bytes(alphabet[c] for c in t) if all(c in alphabet for c in t) else t.encode()
                 for t in texts["tokenizer.ggml.tokens"]]


def byte_alphabet():
    """GPT-2's letters for bytes."""
    plain = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or 174 <= b <= 255]
    letters = {chr(b): b for b in plain}
    letters.update({chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in plain)})
    return letters


def crc(numbers):
    return zlib.crc32(struct.pack(f"<{len(numbers)}i", *numbers))


def before(text, at):
    c = text[at - 1] if at > 0 else "\n"
    for i, group in enumerate(["\n", " ", "\"'\u201c\u201d\u2018\u2019`", "([{", "*"]):
        if c in group:
            return i
    return 5


def main(directory, vocabulary):
    tokenizer, pieces = qwen2(vocabulary)
    places = [[0] * 6, [0] * 6]
    print("# made by make_trace_mentions.py")
    for kind, name in enumerate(["mystery", "blocksworld"]):
        for line in open(os.path.join(directory, f"traces-deepseek-r1-{name}-3blocks.jsonl")):
            trace = json.loads(line)
            text = "\n".join(trace[f] for f in ("prompt", "reasoning", "answer"))
            ids = tokenizer.encode(text).ids
            ends, at = [], 0
            for i in ids:
                at += len(pieces[i])
                ends.append(at)
            assert b"".join(pieces[i] for i in ids) == text.encode()
            print("T", kind, trace["instance_id"], len(ids), crc(ids), sep="\t")
            for rule in (0, 1):
                counts, spans, multi = [0] * 9, [], 0
                token = 0
                byte_at, char_at = 0, 0
                whole = "|".join(f"(?P<c{a}>{p})" for a, p in enumerate(patterns(kind == 1, rule == 1)))
                for m in re.finditer(f"(?<!{LETTER})(?:{whole})(?!{LETTER})", text, re.I | re.A):
                    concept = int(m.lastgroup[1:])
                    byte_at += len(text[char_at:m.start()].encode())
                    char_at = m.start()
                    while ends[token] <= byte_at:
                        token += 1
                    last = token
                    while ends[last] < byte_at + len(m.group()):
                        last += 1
                    counts[concept] += 1
                    multi += last > token
                    spans += [concept, token, last + 1]
                    if kind == 0:
                        places[rule][before(text, m.start())] += 1
                print("C", kind, trace["instance_id"], rule, *counts, multi, crc(spans), sep="\t")
    for rule in (0, 1):
        print("P", rule, *places[rule], sep="\t")


main(sys.argv[1], sys.argv[2])
