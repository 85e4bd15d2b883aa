"""The whole job by us and by others: the same SmolLM2 weights, puzzles and machine, on the CPU.

    make real-model && cmake --build build/test
    FLUIDREP_LIBRARY=build/test/libfluidrep.so python3 bench/peers/job.py --directory DIR [--threads 1] [--only NAME]...

The job, for 8 Mystery Blocksworld prompts whose reasoning has been begun: generate 200 tokens greedily, all prompts at
once; read the rows of all layers at every mention of a concept in prompt and generated text; make concepts' vectors of
them; and, of each trace, go on from a prefix of 150 generated tokens under 6 conditions, 40 tokens each: not edited, and
the rows of mentions among the generated tokens 50 to 150 mixed half and half, in all layers, with the concept's vector,
another concept's, noise of its norm, the mean of all concepts, or nothing (identity). The prefix is shared.

Every library runs in a process of its own, in the code that stands here between `# user` marks, which is what a user
would write and what is counted as lines (no blank lines, no comments); `the job's own` lines are what all share. `wall` and
`cpu` are the medians over --rounds of the job after opening: cpu is user and system time of the process, threads
added up, which a busy machine touches less. `peak` is the process's greatest resident memory, loading included. Tokens,
rows and continuations are held against those of Hugging Face in single precision.

Needs torch, transformers, gguf, cffi, and for their rows transformer-lens and nnsight, all from pip; --vllm PYTHON names
the interpreter of an environment that holds vLLM's CPU build, of which only the first step is measured, since it neither
gives nor takes rows. DIR keeps what is prepared: the weights as Hugging Face reads them and as GGUF in single precision,
Q8_0 and Q4_0 (all of the same values, rounded on for the last two), puzzles, and each library's results.
"""
import argparse
import inspect
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

from common import ROOT, lens_boot, peak_mb, real_model, tensor_of, versions, write_directory, write_gguf

sys.path.insert(0, str(ROOT / "python"))
GENERATE, WINDOW, CONTINUE = 200, (50, 150), 40
OPENING = "Let me think. First I look at the facts: object"


# ---- the job's own, the same for all -----------------------------------------------------------------------------------


def mean_rows(rows, concepts, n_concepts):
    """rows: of each trace [layer][mention][D]; concepts: of each trace [mention]. -> [layer][concept][D]"""
    import numpy as np

    rows, concepts = np.concatenate(rows, axis=1), np.concatenate(concepts)
    return np.stack([rows[:, concepts == c].mean(axis=1) for c in range(n_concepts)], axis=1)


def conditions(means):
    """Vectors [condition][layer][concept][D], and the share [condition] of the old row that stays."""
    import numpy as np

    noise = np.random.default_rng(1).standard_normal(means.shape).astype(np.float32)
    noise *= np.linalg.norm(means, axis=2, keepdims=True) / np.linalg.norm(noise, axis=2, keepdims=True)
    single = np.broadcast_to(means.mean(axis=1, keepdims=True), means.shape)
    vectors = np.stack([means, means, np.roll(means, 1, axis=1), noise, single, means])
    return vectors.astype(np.float32), [None, 0.5, 0.5, 0.5, 0.5, 1.0]


# ---- ours --------------------------------------------------------------------------------------------------------------
# user


def ours_open(path, n_texts, **options):
    import fluidrep

    return fluidrep.Model(path, slots=max(n_texts, 6), context_tokens=1024, chunk_tokens=128, **options)


def ours_generate(model, texts):
    return model.generate_all([model.tokenize(text) for text in texts], GENERATE)


def ours_capture(model, text, words):
    import fluidrep

    tokens = model.tokenize(text)
    found = fluidrep.mentions(tokens, words, inflected=False)
    return (tokens.ids, [m.first for m in found], [m.concept for m in found],
            model.capture(tokens, range(1, model.layers + 1), found))


def ours_continue(model, ids, begin, positions, concepts, vectors, shares):
    import fluidrep

    made, step = [], []
    model.prefill(ids[:begin], fluidrep.STEM)
    for slot, share in enumerate(shares):
        model.clear_edits()
        model.copy_stem(slot, begin)
        for layer in range(model.layers if share is not None else 0):
            for concept in set(concepts):
                model.edit(layer + 1, [p for p, c in zip(positions, concepts) if c == concept],
                           vectors[slot, layer, concept], share)
        step.append(model.prefill(ids[begin:], slot, begin))
    model.clear_edits()
    for _ in range(CONTINUE):
        made.append(step[:len(shares)])
        step = model.decode(step).tolist()
    return [list(tokens) for tokens in zip(*made)]


# end
# ---- Hugging Face ------------------------------------------------------------------------------------------------------
# user


def find_mentions(tokenizer, text, words):
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ends, positions, concepts = [end for _, end in encoded["offset_mapping"]], [], []
    for match in re.finditer(r"\b(" + "|".join(words) + r")\b", text, re.I):
        positions.append(next(i for i, end in enumerate(ends) if end > match.start()))
        concepts.append(words.index(match[1].lower()))
    return encoded["input_ids"], positions, concepts


def hf_open(directory, dtype):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(directory, padding_side="left")
    tokenizer.pad_token = tokenizer.eos_token
    return AutoModelForCausalLM.from_pretrained(directory, dtype=getattr(torch, dtype)), tokenizer


def hf_generate(model, tokenizer, texts):
    inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
    return model.generate(**inputs, max_new_tokens=GENERATE, do_sample=False)[:, inputs["input_ids"].shape[1]:].tolist()


def hf_capture(model, ids, positions):
    import torch

    rows = []
    handles = [layer.register_forward_hook(lambda m, i, o: rows.append(tensor_of(o)[0, positions].float().clone()))
               for layer in model.model.layers]
    model.model(torch.tensor([ids]), use_cache=False)
    for handle in handles:
        handle.remove()
    return torch.stack(rows).numpy()


def shared_prefix(model, ids, begin, n):
    import torch
    from transformers import DynamicCache

    cache = DynamicCache()
    model(torch.tensor([ids[:begin]]), past_key_values=cache, logits_to_keep=1)
    cache.batch_repeat_interleave(n)
    return cache


def mixer(begin, positions, concepts, vectors, shares, dtype):
    import torch

    at = torch.tensor([p - begin for p in positions], dtype=torch.long)  # there may be none
    vectors = torch.from_numpy(vectors[:, :, concepts]).to(dtype)  # [condition][layer][mention][D]
    shares = torch.tensor([1.0 if s is None else s for s in shares])[:, None, None].to(dtype)

    def mix(h, layer):
        h[:, at] = shares * h[:, at] + (1 - shares) * vectors[:, layer]
        return h

    return mix


def hf_continue(model, ids, begin, positions, concepts, vectors, shares):
    import torch

    cache = shared_prefix(model, ids, begin, len(shares))
    mix = mixer(begin, positions, concepts, vectors, shares, model.dtype)
    handles = [layer.register_forward_hook(  # decoding steps hold one token
        lambda m, i, o, layer=n: mix(o, layer) if o.shape[1] > 1 else o) for n, layer in enumerate(model.model.layers)]
    batch = torch.tensor([ids]).repeat(len(shares), 1)
    made = model.generate(batch, attention_mask=torch.ones_like(batch), past_key_values=cache,
                          max_new_tokens=CONTINUE, do_sample=False)
    for handle in handles:
        handle.remove()
    return made[:, len(ids):].tolist()


# end
# ---- nnsight -----------------------------------------------------------------------------------------------------------
# user


def nnsight_open(directory):
    from nnsight.modeling.transformers import TransformersModel

    model, tokenizer = hf_open(directory, "float32")
    return TransformersModel(model, tokenizer=tokenizer, task="text-generation"), tokenizer


def nnsight_generate(model, tokenizer, texts):
    inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
    with model.generate(dict(inputs), max_new_tokens=GENERATE, do_sample=False) as tracer:
        made = tracer.result.save()
    return made[:, inputs["input_ids"].shape[1]:].tolist()


def nnsight_capture(model, ids, positions):
    import torch

    rows = []
    with model.trace(torch.tensor([ids]), use_cache=False, logits_to_keep=1):
        for layer in model.model.layers:
            rows.append(layer.output[0, positions].clone().save())
    return torch.stack(list(rows)).numpy()


def nnsight_continue(model, ids, begin, positions, concepts, vectors, shares):
    import torch

    cache = shared_prefix(model._module, ids, begin, len(shares))
    mix = mixer(begin, positions, concepts, vectors, shares, torch.float32)
    batch = torch.tensor([ids]).repeat(len(shares), 1)
    inputs = {"input_ids": batch, "attention_mask": torch.ones_like(batch)}
    with model.generate(inputs, past_key_values=cache, max_new_tokens=CONTINUE, do_sample=False) as tracer:
        for n, layer in enumerate(model.model.layers):  # of the first step, the prefix
            layer.output = mix(layer.output.clone(), n)
        made = tracer.result.save()
    return made[:, len(ids):].tolist()


# end
# ---- TransformerLens ---------------------------------------------------------------------------------------------------
# user


def lens_generate(bridge, tokenizer, texts):
    inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
    made = bridge.generate(inputs["input_ids"], attention_mask=inputs["attention_mask"], max_new_tokens=GENERATE,
                           do_sample=False, verbose=False, return_type="tokens")
    return made[:, inputs["input_ids"].shape[1]:].tolist()


def lens_capture(bridge, ids, positions):
    import torch

    rows = []
    hooks = [(f"blocks.{i}.hook_resid_post", lambda value, hook: rows.append(value[0, positions].clone()) and None)
             for i in range(bridge.cfg.n_layers)]
    bridge.run_with_hooks(torch.tensor([ids]), return_type=None, fwd_hooks=hooks)
    return torch.stack(rows).numpy()


def lens_continue(bridge, ids, begin, positions, concepts, vectors, shares):
    import torch

    made = []
    step = dict(use_cache=True, return_type="logits_and_cache")
    _, cache = bridge(torch.tensor([ids[:begin]]), **step)
    cache.batch_repeat_interleave(len(shares))
    mix = mixer(begin, positions, concepts, vectors, shares, torch.float32)
    hooks = [(f"blocks.{i}.hook_resid_post", lambda value, hook, layer=i: mix(value.clone(), layer))
             for i in range(bridge.cfg.n_layers)]
    with bridge.hooks(fwd_hooks=hooks):
        logits, cache = bridge(torch.tensor([ids[begin:]]).repeat(len(shares), 1), past_key_values=cache, **step)
    for _ in range(CONTINUE):
        made.append(logits[:, -1].argmax(1))
        logits, cache = bridge(made[-1][:, None], past_key_values=cache, **step)
    return torch.stack(made, dim=1).tolist()


# end
# ---- vLLM, which only generates ----------------------------------------------------------------------------------------
# user


def vllm_open(directory):
    from vllm import LLM

    return LLM(directory, dtype="float32", max_model_len=1024, max_num_seqs=8, enforce_eager=True)


def vllm_generate(model, texts):
    from vllm import SamplingParams

    prompts = [{"prompt_token_ids": model.get_tokenizer()(text, add_special_tokens=False)["input_ids"]} for text in texts]
    made = model.generate(prompts, SamplingParams(temperature=0, max_tokens=GENERATE))
    return [list(one.outputs[0].token_ids) for one in made]


# end
HF = [find_mentions, hf_open, hf_generate, hf_capture, shared_prefix, mixer, hf_continue]
OURS = [ours_open, ours_generate, ours_capture, ours_continue]
# name: the functions a user writes, what is opened, options of ours
LIBRARIES = {
    "Hugging Face": (HF, "float32", {}),
    "Hugging Face, bfloat16": (HF, "bfloat16", {}),
    "nnsight": ([find_mentions, hf_open, shared_prefix, mixer, nnsight_open, nnsight_generate, nnsight_capture,
                 nnsight_continue], "float32", {}),
    "TransformerLens": ([find_mentions, hf_open, mixer, lens_boot, lens_generate, lens_capture, lens_continue],
                        "float32", {}),
    "vLLM": ([vllm_open, vllm_generate], "float32", {}),
    # with flash attention llama.cpp rounds keys and values to half in every step, whatever the cache holds
    "ours, single precision": (OURS, "F32", {"kv_type": "f32", "flash_attention": False}),
    # as the others: a row may depend, in its last bits, on what it is computed beside
    "ours, single precision, not deterministic": (OURS, "F32", {"kv_type": "f32", "flash_attention": False,
                                                                "deterministic": False}),
    "ours, single precision, attention in half": (OURS, "F32", {"flash_attention": True}),
    "ours, Q8_0": (OURS, "Q8_0", {"flash_attention": True}),
    "ours, Q4_1, the file as it is": (OURS, "Q4_1", {"flash_attention": True}),
    "ours, Q4_0, repacked": (OURS, "Q4_0", {"flash_attention": True, "deterministic": False}),
}


def lines_of(functions):
    text = [line.strip() for function in functions for line in inspect.getsource(function).splitlines()]
    return sum(1 for line in text if line and not line.startswith("#") and not line.startswith('"""'))


def now():
    return time.perf_counter(), sum(os.times()[:4])


def steps_of(name, directory, n_texts, words, threads):
    """Opens a library's model; what generates texts, gives ids as text, captures and continues."""
    _, form, options = LIBRARIES[name]
    if name.startswith("ours"):
        path = real_model() if form == "Q4_1" else str(directory / f"{form}.gguf")
        model = ours_open(path, n_texts, threads=threads, **options)
        return (lambda texts: ours_generate(model, texts), model.text, lambda text: ours_capture(model, text, words),
                lambda *given: ours_continue(model, *given))
    if name == "vLLM":
        model = vllm_open(str(directory / "weights"))
        return lambda texts: vllm_generate(model, texts), None, None, None
    if name == "nnsight":
        model, tokenizer = nnsight_open(directory / "weights")
        generate, capture, go_on = nnsight_generate, nnsight_capture, nnsight_continue
    else:
        model, tokenizer = hf_open(directory / "weights", form)
        generate, capture, go_on = hf_generate, hf_capture, hf_continue
    if name == "TransformerLens":
        model, generate, capture, go_on = lens_boot(model, directory / "weights"), lens_generate, lens_capture, lens_continue

    def read(text):
        ids, positions, concepts = find_mentions(tokenizer, text, words)
        return ids, positions, concepts, capture(model, ids, positions)

    return (lambda texts: generate(model, tokenizer, texts), lambda ids: tokenizer.decode(ids, skip_special_tokens=True),
            read, lambda *given: go_on(model, *given))


def job(steps, texts, words, ends):
    import numpy as np

    generate, text_of, capture, go_on = steps
    clock = [now()]
    made = [list(map(int, tokens)) for tokens in generate(texts)]
    made = [tokens[:next((i for i, t in enumerate(tokens) if t in ends), len(tokens))] for tokens in made]
    clock.append(now())
    result = {"made": made}
    if capture is not None:
        read = [capture(text + text_of(tokens)) for text, tokens in zip(texts, made)]
        clock.append(now())
        vectors, shares = conditions(mean_rows([r[3] for r in read], [np.array(r[2]) for r in read], len(words)))
        result["continued"] = []
        for (ids, positions, concepts, _), tokens in zip(read, made):
            n_prompt = len(ids) - len(tokens)
            end = min(n_prompt + WINDOW[1], len(ids))
            begin = min(n_prompt + WINDOW[0], end - 2)  # of a trace that ended early
            inside = [(p, c) for p, c in zip(positions, concepts) if begin <= p < end]
            result["continued"].append(go_on(list(ids[:end]), begin, [p for p, _ in inside], [c for _, c in inside],
                                             vectors, shares))
        clock.append(now())
        result.update(ids=[list(map(int, r[0])) for r in read], positions=[list(map(int, r[1])) for r in read],
                      rows=np.concatenate([r[3] for r in read], axis=1))
    result["wall"], result["cpu"] = ([b[k] - a[k] for a, b in zip(clock, clock[1:])] for k in (0, 1))
    return result


def run_library(name, directory, rounds, threads):
    """In a process of its own: rounds of the job; the last one's results go to the directory."""
    import numpy as np

    given = json.loads((directory / "prompts.json").read_text())
    start, gradients = time.perf_counter(), None
    if not name.startswith("ours"):
        import torch

        torch.set_num_threads(threads)
        gradients = torch.no_grad()
        gradients.__enter__()
    steps = steps_of(name, directory, len(given["texts"]), given["words"], threads)
    opened, results = time.perf_counter() - start, []
    for _ in range(rounds):
        results.append(job(steps, given["texts"], given["words"], given["ends"]))
    last = results[-1]
    if "rows" in last:
        np.save(directory / f"{name}.npy", last.pop("rows"))
    last.update(open=opened, peak_mb=peak_mb(), wall=[r["wall"] for r in results], cpu=[r["cpu"] for r in results])
    (directory / f"{name}.json").write_text(json.dumps(last))


def prepare(directory, n_prompts):
    if not (directory / "weights").exists():
        write_directory(real_model(), str(directory / "weights.new"))
        (directory / "weights.new").rename(directory / "weights")
    for kind in ("F32", "Q8_0", "Q4_0"):
        if not (directory / f"{kind}.gguf").exists():
            write_gguf(real_model(), str(directory / "new.gguf"), kind)
            (directory / "new.gguf").rename(directory / f"{kind}.gguf")
    import fluidrep
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(directory / "weights")
    model = fluidrep.Model(real_model(), vocabulary_only=True)
    puzzles = directory / f"puzzles-{n_prompts}"
    if not puzzles.exists():
        program = pathlib.Path(os.environ["FLUIDREP_LIBRARY"]).parent / "fluidrep"
        subprocess.run([program, "puzzles", "generate", "--blocks", "4", "--count", str(n_prompts), "--out", puzzles],
                       check=True, stdout=subprocess.DEVNULL)
    problems = [fluidrep.Puzzle(str(puzzles / f"instance-{i + 1}.pddl"), "1") for i in range(n_prompts)]
    texts = [model.chat(problem.prompt()) + OPENING for problem in problems]
    for text in texts:
        if tokenizer(text, add_special_tokens=False)["input_ids"] != model.tokenize(text).ids.tolist():
            sys.exit(f"the tokenizers differ on: {text}")
    ends = [i for i in range(64) if model.ends(i)]
    (directory / "prompts.json").write_text(json.dumps({"texts": texts, "words": problems[0].words, "ends": ends}))
    return [len(model.tokenize(text)) for text in texts]


def first_differences(a, b):
    """How many of the sequences are equal, and where the first that is not begins to differ."""
    equal = sum(x == y for x, y in zip(a, b))
    at = [next((i for i, (p, q) in enumerate(zip(x, y)) if p != q), min(len(x), len(y))) for x, y in zip(a, b) if x != y]
    return f"{equal} of {len(a)}" + (f", first at token {min(at)}" if at else "")


def compared(result, reference, directory, name):
    import numpy as np

    made = first_differences(result["made"], reference["made"])
    if "ids" not in result:
        return made, "", ""
    rows, against, ours, theirs = [], [], 0, 0
    mine, other = np.load(directory / f"{name}.npy"), np.load(directory / "Hugging Face.npy")
    for k, positions in enumerate(result["positions"]):  # only rows that see the same tokens are the same rows
        n, m = len(positions), len(reference["positions"][k])
        a, b = result["ids"][k], reference["ids"][k]
        same = next((i for i, (p, q) in enumerate(zip(a, b)) if p != q), min(len(a), len(b)))
        count = sum(p < same for p in positions)
        if positions[:count] != reference["positions"][k][:count]:
            return made, "mentions differ", ""
        rows.append(mine[:, ours:ours + count])
        against.append(other[:, theirs:theirs + count])
        ours, theirs = ours + n, theirs + m
    rows, against = (np.concatenate(r, axis=1).astype(np.float64) for r in (rows, against))
    off = np.abs(rows - against).max(2) / np.sqrt((against**2).mean(2))
    flat = lambda r: [tokens for trace in r["continued"] for tokens in trace]
    identity = sum(trace[0] == trace[-1] for trace in result["continued"])
    return (made, f"{off.max():.1e} ({rows.shape[1]})",
            f"{first_differences(flat(result), flat(reference))}; identity {identity} of {len(result['continued'])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=pathlib.Path, required=True)
    parser.add_argument("--prompts", type=int, default=8, help="1 to 8")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--only", action="append", choices=list(LIBRARIES))
    parser.add_argument("--vllm", metavar="PYTHON", help="an interpreter that has vLLM's CPU build")
    parser.add_argument("--table", action="store_true", help="of the results that DIR holds; nothing is run")
    parser.add_argument("--library", help=argparse.SUPPRESS)
    options = parser.parse_args()
    directory = options.directory
    if options.library:
        return run_library(options.library, directory, options.rounds, options.threads)
    directory.mkdir(exist_ok=True)
    if not options.table:
        lengths = prepare(directory, options.prompts)
        print(f"{len(lengths)} prompts of {min(lengths)} to {max(lengths)} tokens; {options.threads} threads; {versions()}\n")
    for name in options.only or LIBRARIES:
        if options.table or name == "vLLM" and not options.vllm:
            continue
        command = [options.vllm if name == "vLLM" else sys.executable, __file__, "--directory", directory, "--library",
                   name, "--rounds", str(options.rounds), "--threads", str(options.threads)]
        (directory / f"{name}.json").unlink(missing_ok=True)
        with open(directory / f"{name}.log", "w") as log:
            done = subprocess.run(command, stdout=log, stderr=log, env={**os.environ, "OMP_NUM_THREADS": str(options.threads)})
        if done.returncode != 0:
            print(f"{name} did not run: {(directory / f'{name}.log').read_text().strip().splitlines()[-1]}", flush=True)
    if not (directory / "Hugging Face.json").exists():
        sys.exit("no results of Hugging Face, against which the others are held")
    reference = json.loads((directory / "Hugging Face.json").read_text())
    print(f"the job's own: {lines_of([mean_rows, conditions])} lines\n")
    print("| by | wall, s | cpu, s | generate, capture, continue: cpu, s | peak MB | opening, s | lines | traces as Hugging "
          "Face's | rows off by at most, of r.m.s. (rows) | continuations as Hugging Face's |")
    print("| --- | ---: | ---: | --- | ---: | ---: | ---: | --- | --- | --- |")
    for name, (functions, _, _) in LIBRARIES.items():
        if not (directory / f"{name}.json").exists():
            continue
        result = json.loads((directory / f"{name}.json").read_text())
        of_rounds = sorted(result["cpu"], key=sum)[len(result["cpu"]) // 2]
        print(f"| {name} | {statistics.median(map(sum, result['wall'])):.1f} | {sum(of_rounds):.1f} | "
              + ", ".join(f"{s:.1f}" for s in of_rounds) + f" | {result['peak_mb']:.0f} | {result['open']:.1f} | "
              f"{lines_of(functions)} | " + " | ".join(compared(result, reference, directory, name)) + " |")


main()
