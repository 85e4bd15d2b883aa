"""Of tests/cli/t0710-python.sh: MODEL STUDY SOURCE, in a directory with what the recipes printed."""

import _thread
import os
import re
import subprocess
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

# Numbers are never cut to fit, and a text has a token.
ids = chat.ids
assert (m.generate(ids.astype(np.int64).tolist(), 5) == plain[:5]).all() and (m.generate(ids.astype(float), 5) == plain[:5]).all()
for call in (lambda x: m.generate(x, 5), m.prefill, lambda x: m.generate_all([ids, x], 5), lambda x: m.capture(x, [2], [0])):
    refused(ValueError, "shape (1, ", lambda: call(ids[None]))
    refused(ValueError, "1.5 is not a whole number", lambda: call([1, 1.5]))
    refused(ValueError, "4294967301 is not a whole number of 32 bits", lambda: call(np.array([2**32 + 5])))
    refused(TypeError, "tokens of type bool", lambda: call(np.array([True, False])))
    refused(fluidrep.InputError, "a text of 0 tokens", lambda: call([]))
    refused(fluidrep.InputError, "a text of 0 tokens", lambda: call(m.tokenize("")))
refused(ValueError, "layers: 2.9", lambda: m.capture(t, [2.9], [0]))
refused(ValueError, "positions: 5.9", lambda: m.capture(t, [2], [5.9]))
refused(ValueError, "layer: 2.5", lambda: m.edit(2.5, [3], v, 1.0))
refused(ValueError, "positions: 3.5", lambda: m.edit(2, [3.5], v, 1.0))
refused(ValueError, "tokens: 1.5", lambda: m.text([1.5]))
refused(ValueError, "tokens: 1.5", lambda: m.decode([1.5]))
refused(TypeError, "token of type bool", lambda: m.ends(True))

# A direction projected out is the row without it, in double precision.
w = np.random.default_rng(1).standard_normal(m.width).astype(np.float32)
row = m.capture(t, [2], [5])[0, 0].astype(np.float64)
m.edit(2, [5], w, 1.0, "project")
without = m.capture(t, [2], [5])[0, 0].astype(np.float64)
m.clear_edits()
unit = w / np.linalg.norm(w.astype(np.float64))
assert np.abs(without - (row - (row @ unit) * unit)).max() < 1e-6 * np.linalg.norm(row) and abs(row @ unit) > 0.01
assert abs(without @ unit) < 1e-6 * np.linalg.norm(row)

long = np.tile(t.ids, 8)
# The defaults are a configuration's: rows do not depend on the chunk, and the context is what the model has.
with fluidrep.Model(model_path, threads=1) as one, fluidrep.Model(model_path, threads=1, chunk_tokens=32) as other:
    assert one.context_tokens == one.context_train == 2048
    assert (one.capture(long, [3], range(90)) == other.capture(long, [3], range(90))).all()
    one.close()
    for call in (lambda: one.width, lambda: one.generate(t, 2), lambda: one.capture(t, [1], [0]), one.logits, one.sibling,
                 lambda: one.ends(3), lambda: one.tokenize("x"), lambda: one.text([3])):
        refused(ValueError, "the model is closed", call)
    refused(fluidrep.InputError, "there are no logits before", other.logits)
refused(fluidrep.InputError, "set flash_attention to 0", lambda: fluidrep.Model(model_path, kv_type="f32", flash_attention=True))

# No token is added for the beginning of a text; its text is the token.
assert m.begin_token >= -1 and not m.begin_token_wanted
if m.begin_token >= 0:
    assert m.tokenize(m.text([m.begin_token]) + text).ids.tolist() == [m.begin_token, *t.ids.tolist()]

# Ranges are of bytes, and terms are found behind characters of several.
odd = m.tokenize("\u2603 attack \u00e9 x")
assert m.text(odd.ids) == odd.text
first = fluidrep.mentions(odd, ["attack"])[0].first
assert odd.text.encode()[odd.starts[first]:].decode().strip().startswith("attack")
refused(fluidrep.Error, "the tokenizer changes the text", lambda: m.tokenize(b"x \xff".decode("utf-8", "surrogateescape")))

# The prefill goes in pieces: they give the rows of one call.
at = list(range(0, len(long), 7))
with fluidrep.Model(model_path, context_tokens=512, chunk_tokens=32, threads=1) as small:
    with fluidrep.Model(model_path, context_tokens=512, threads=1) as large:
        assert (small.capture(long, [1, 3], at) == large.capture(long, [1, 3], at)).all()
    sibling = small.sibling()
    assert (sibling.capture(long, [3], at) == small.capture(long, [3], at)).all()
    sibling.close()

# All slots at once, from a beginning that is read once: the tokens of one at a time.
texts = [np.concatenate([long[:70], m.tokenize(end).ids]) for end in ("? craves B A\n", "x x\n", "planet C", "attack\n")]
with fluidrep.Model(model_path, slots=3, context_tokens=512, chunk_tokens=32, threads=1) as many:
    many.edit(layer=2, positions=range(4, 40), vector=v, scale=0.5)
    alone = [many.generate(one, 12) for one in texts]
    together = many.generate_all(texts, 12)
    assert [list(one) for one in together] == [list(one) for one in alone]
    assert len({tuple(one) for one in alone}) > 1 and [len(one) for one in many.generate_all(texts, 0)] == [0] * 4
    # the same by hand, in slots 1 and 2
    many.prefill(texts[0][:64], fluidrep.STEM)
    step = [-1, -1, -1]
    for slot in (1, 2):
        many.copy_stem(slot, 64)
        step[slot] = many.prefill(texts[slot][64:], slot, 64)
    for i in range(4):
        assert step == [-1, *(alone[slot][i] if i < len(alone[slot]) else step[slot] for slot in (1, 2))], (i, step)
        step = list(many.decode(step))
    many.clear(1)
    refused(fluidrep.Error, "token", lambda: many.prefill(texts[0][:4], 1, 8))
    refused(ValueError, "for 3 slots", lambda: many.decode([1] * 4))
    assert many.slots == 3 and many.chunk_tokens == 32 and many.parameters > 1e6 and many.architecture == "qwen2"
    assert not many.ends(int(t.ids[0])) and many.engine

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
assert study.namings() == study.used() == ["1", "2", "4"]
assert "similarity" in study.tables() and study.least_mentions() == 2 and study.least_mentions("half_a") == 1
traces = list(study.traces(naming="2", split="collect"))
assert len(traces) == 6 and m.text(traces[0].tokens.ids) == traces[0].tokens.text
assert sum(1 for _ in study.traces(verdict="solved")) + sum(1 for _ in study.traces()) > 21
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

# Vectors: the floats that the program writes, of every kind and control.
cells = np.stack([study.representations(n).means[:, 2, 8] for n in study.used()])
made, have = fluidrep.vectors(cells, study.kinds(), 0, "1", layer=3, kind="in_naming")
actions = cells[0, :4]
assert have[:4].all() and np.allclose(made[:4], actions - actions.mean(axis=0), atol=1e-5)
combinations = [(kind, control) for kind in ("in_naming", "cross_all", "cross_loo", "symbolic_all", "symbolic_loo", "mean")
                for control in ("none", "shuffled", "random", "single")
                if (control != "single" or kind.startswith("symbolic")) and (kind != "mean" or control == "none")]
loader, seen = os.environ.get("FR_LLAMA_LOADER", ""), set()
for kind, control in combinations if os.path.exists(loader) else []:
    subprocess.run([os.environ["FLUIDREP"], "export", directory, "control-vector", "--concept", "stack", "--vectors", kind,
                    "--control", control, "--naming", "2", "--timestamps", "360", "--strength", "3", "--out", "v.gguf"],
                   check=True, stderr=subprocess.DEVNULL)
    rows = np.frombuffer(subprocess.run([loader, "v.gguf"], check=True, capture_output=True).stdout, "<f4")
    for layer, row in enumerate(rows.reshape(-1, m.width), 2):
        made, have = study.vectors("2", kind, layer, 360, control, 3.0)
        assert have[study.concepts().index("stack")]
        made = made[study.concepts().index("stack")]
        assert (made == row).all(), (kind, control, layer)
    seen.add(rows.tobytes())
assert len(seen) in (0, len(combinations) - 1), len(seen)  # "single" is the same of both symbolic kinds
refused(KeyError, "naming 9; there is 1, 2, 4", lambda: study.vectors("9", "in_naming", 2, 360))
refused(ValueError, "timestamp 7; the study has 40, 80", lambda: study.vectors("1", "in_naming", 2, 7))

# Statistics: the study's tables again, bit for bit.
tests = fluidrep.statistics
accuracy = study.table("accuracy")
for n, solved, low, high in zip(*(accuracy[column] for column in ("n", "solved", "low", "high"))):
    assert tests.wilson(int(solved), int(n)) == (low, high)
effect, by_naming = study.table("effect"), study.table("effect_naming")
assert len(effect["condition"]) == 2
effects = np.array([by_naming["effect"][by_naming["condition"] == c] for c in effect["condition"]])
assert effects.shape == (2, 3) and effects.any()
for i, values in enumerate(effects):
    result = tests.t_test(values)
    for column, value in (("mean", result.mean), ("standard_error", result.standard_error), ("t", result.t), ("p", result.p_greater),
                          ("detectable", tests.detectable_effect(result.standard_error or np.nan, result.n)),
                          ("p_mcnemar", tests.mcnemar(int(effect["gained"][i]), int(effect["lost"][i])).p_two_sided)):
        assert np.array_equal(value, effect[column][i], equal_nan=True), (column, value, effect[column][i])
alone, most = tests.flip_test(effects)
assert (alone == effect["p_flip"]).all() and (most == effect["p_max"]).all()
assert np.array_equal(tests.holm(effect["p"]), effect["p_holm"], equal_nan=True)
outcome = tests.paired([[0, 0, 1, 0], [0, 1]], [[1, 1, 1, 0], [1, 1]], 200)
assert outcome.effect == 0.5 and outcome == tests.paired([[0, 0, 1, 0], [0, 1]], [[1, 1, 1, 0], [1, 1]], 200)
assert 0 < outcome.p < 0.3 and 0 <= outcome.low <= 0.5 <= outcome.high
refused(fluidrep.InputError, "11 of 10", lambda: tests.wilson(11, 10))
refused(ValueError, "neither 0 nor 1", lambda: tests.paired([[2]], [[1]]))
refused(ValueError, "puzzles before", lambda: tests.paired([[1]], [[1, 0]]))

# Everything that the headers offer is called by the package.
package = os.path.dirname(fluidrep.__file__)
sources = "".join(open(os.path.join(package, name), encoding="utf-8").read() for name in os.listdir(package) if name.endswith(".py"))
headers = os.path.join(package, "include")
offered = set()
for name in os.listdir(headers):
    offered.update(re.findall(r"\b(fluidrep_[a-z_]+)\(", open(os.path.join(headers, name), encoding="utf-8").read()))
assert len(offered) > 30
assert not [name for name in offered if f"lib.{name}" not in sources], offered

# Puzzles.
puzzle = fluidrep.Puzzle(os.path.join(source, "tests/golden/planning/worlds/blocks/four-1.pddl"), naming="1")
assert puzzle.words[0] == "attack" and "attack" in puzzle.prompt().lower()
verdict = puzzle.verdict("", style="pddl")
assert verdict.kind == "goal_unmet" and verdict.reason
print("ok")
