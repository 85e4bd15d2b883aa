"""Of tests/cli/t0710-python.sh: MODEL STUDY SOURCE, in a directory with what the recipes printed."""

import _thread
import os
import sys
import threading
import time

import numpy as np

import fluidrep

model_path, directory, source = sys.argv[1:]
text, terms = "* attack x : province x planet x\n? craves B A\n", ["attack", "craves"]
m = fluidrep.Model(model_path, context_tokens=512, threads=1)


def refused(kind, words, call):
    try:
        call()
    except kind as error:
        assert words in str(error), error
    else:
        raise SystemExit(f"no error: {words}")


# docs/library.md's recipe "capture", digit for digit
t = m.tokenize(text)
found = fluidrep.mentions(t, terms)
rows = m.capture(t, layers=[1, 2], positions=found)
assert rows.shape == (2, len(found), m.width) and rows.dtype == np.float32
said = [f"{terms[f.concept]} at token {f.first}: {rows[1, i, 0]:.9g}" for i, f in enumerate(found)]
assert said == open("capture.txt").read().splitlines(), said
assert (m.capture(t, [2, 1], [f.first for f in found][::-1]) == rows[::-1, ::-1]).all()

# and "write"
chat = m.tokenize(m.chat(text))
plain = m.generate(chat, 20)
v = np.zeros(m.width, np.float32)
v[0] = 1
m.edit(layer=2, positions=range(4, 12), vector=v, scale=0.667, keep_norm=True)
assert m.text(m.generate(chat, 20)) + "\n" == open("write.txt").read()
assert np.isfinite(m.logits()).all() and m.logits().shape == (m.vocabulary,)
m.clear_edits()
assert (m.generate(chat, 20) == plain).all() and len(m.generate(chat, 0)) == 0
m.edit(2, [3], v, 1.0, "replace")
assert (m.capture(t, [2], [3])[0, 0] == v).all()
m.clear_edits()

# Ranges are of bytes, and terms are found behind characters of several.
odd = m.tokenize("\u2603 attack \u00e9 x")
assert m.text(odd.ids) == odd.text
first = fluidrep.mentions(odd, ["attack"])[0].first
assert odd.text.encode()[odd.starts[first]:].decode().strip().startswith("attack")
refused(fluidrep.Error, "the tokenizer changes the text", lambda: m.tokenize(b"x \xff".decode("utf-8", "surrogateescape")))

# The prefill goes in pieces: they give the rows of one call.
long = np.tile(t.ids, 8)
at = list(range(0, len(long), 7))
with fluidrep.Model(model_path, context_tokens=512, chunk_tokens=32, flash_attention=False, threads=1) as small:
    with fluidrep.Model(model_path, context_tokens=512, flash_attention=False, threads=1) as large:
        assert (small.capture(long, [1, 3], at) == large.capture(long, [1, 3], at)).all()
    sibling = small.sibling()
    assert (sibling.capture(long, [3], at) == small.capture(long, [3], at)).all()
    sibling.close()

# Errors in the library's words.
refused(fluidrep.InputError, "none.gguf", lambda: fluidrep.Model("none.gguf"))
refused(ValueError, "there is slots, context_tokens", lambda: fluidrep.Model(model_path, slot=1))
refused(fluidrep.Error, "the model was trained for", lambda: fluidrep.Model(model_path, context_tokens=1 << 20))
refused(fluidrep.InputError, "layer 99", lambda: m.capture(t, [99], [0]))
refused(ValueError, "the text has", lambda: m.capture(t, [1], [len(t)]))
refused(fluidrep.InputError, "mixed", lambda: m.edit(1, [0], v, 1.0, "mixed"))
refused(FileNotFoundError, "no study there", lambda: fluidrep.Study("."))

# While the library computes, Python goes on; Ctrl-C comes through, and the model is as good as before.
with fluidrep.Model(model_path, context_tokens=2048, chunk_tokens=128, threads=1) as busy:
    ids = np.tile(t.ids, 200)[:2000]
    ticks, stop = [0], threading.Event()

    def tick():
        while not stop.is_set():
            ticks[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    before = ticks[0]
    expected = busy.capture(ids, [1], [5])
    assert ticks[0] - before > 10, ticks
    stop.set()
    thread.join()
    timer = threading.Timer(0.05, _thread.interrupt_main)
    timer.start()
    try:
        for _ in range(1000):
            busy.capture(ids, [1], [5])
        raise SystemExit("Ctrl-C did not come through")
    except KeyboardInterrupt:
        pass
    assert (busy.capture(ids, [1], [5]) == expected).all()

# The sums that the program collected, made again from rows read here: the same doubles.
study = fluidrep.Study(directory)
assert study.concepts()[0] == "pick-up" and study.kinds() == [0, 0, 0, 0, 1, 1, 1, 1, 1]
assert study.namings() == ["1", "2", "4"] and "similarity" in study.tables()
traces = list(study.traces(naming="2"))
assert len(traces) == 6 and m.text(traces[0].tokens.ids) == traces[0].tokens.text
assert sum(1 for _ in study.traces(verdict="solved")) + sum(1 for _ in study.traces()) > 18
reps = study.representations("2")
window = int(study.configuration["representations.window_tokens"])
layers = reps.layers
with fluidrep.Model(model_path, threads=1, **study.model_options()) as same:
    sums = np.zeros((9, len(layers), len(reps.times), m.width))
    counts = np.zeros((9, len(reps.times)), np.int32)
    for trace in traces:
        mentioned = [x for x in fluidrep.mentions(trace.tokens, study.words("2"))
                     if x.first < min(reps.times[-1], trace.n_prompt + trace.n_reasoning)]  # not the answer
        places = sorted({p for x in mentioned for p in range(x.first, x.end)})
        rows = same.capture(trace.tokens.ids[:places[-1] + 1], layers, places)
        index = {p: i for i, p in enumerate(places)}
        for p in places:
            for x in mentioned:
                if x.first <= p < x.end:
                    inside = (reps.times > x.first) & (reps.times - window <= x.first)
                    sums[x.concept][:, inside] += (1.0 / (x.end - x.first)
                                                   * rows[:, index[p]].astype(np.float64))[:, None]
                    counts[x.concept] += inside & (p == x.first)
assert (counts == reps.counts).all() and counts.sum() > 100
with np.errstate(invalid="ignore"):
    means = (sums / np.maximum(counts, 1)[:, None, :, None]).astype(np.float32)
means[np.broadcast_to((counts == 0)[:, None, :, None], means.shape)] = np.nan
assert np.array_equal(means, reps.means, equal_nan=True)
assert np.array_equal(study.representations("2", layers=[3]).means[:, 0], means[:, 2], equal_nan=True)
refused(KeyError, "no table none", lambda: study.table("none"))
refused(KeyError, "no representations of naming 9", lambda: study.representations("9"))

# Vectors and puzzles.
cells = np.stack([study.representations(n).means[:, 2, 8] for n in study.namings()])
made, have = fluidrep.vectors(cells, study.kinds(), 0, "1", layer=3, kind="in_naming")
actions = cells[0, :4]
if have[:4].all():
    assert np.allclose(made[:4], actions - actions.mean(axis=0), atol=1e-5)
puzzle = fluidrep.Puzzle(os.path.join(source, "tests/golden/planning/worlds/blocks/four-1.pddl"), naming="1")
assert puzzle.words[0] == "attack" and "attack" in puzzle.prompt().lower()
verdict = puzzle.verdict("", style="pddl")
assert verdict.kind == "goal_unmet" and verdict.reason
print("ok")
