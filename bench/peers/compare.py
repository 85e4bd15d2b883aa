"""The same capture by us and by others: rows of the residual stream after every block, at the positions of mentions,
of the same SmolLM2 weights and tokens, on the CPU.

    make real-model && cmake --build build/test --target capture
    python3 bench/peers/compare.py [--tokens 1024] [--rounds 3] [--threads 2] [--only NAME]

Needs torch, transformers, gguf, and for their rows transformer-lens and nnsight, all from pip; nothing is fetched while
it runs. Every library runs in a process of its own: `seconds` is the median over rounds of one capture after a first
that does not count, `peak` that process's greatest resident memory, loading included. Rows are compared with those of
Hugging Face's hooks. A library that does not run is reported with what it said.

The weights are dequantised to single precision for them, since they have no kernels for GGUF's types; ours is measured
on those too, and on the file as it is, which is how a study runs it.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from common import ROOT, lens_boot, load_model, peak_mb, real_model, tensor_of, versions

LIBRARIES = ["ours, as it is", "ours, single precision", "Hugging Face hooks", "nnsight", "TransformerLens"]


def hooks(model, tokens, positions):
    rows = []
    handles = [layer.register_forward_hook(lambda m, i, o: rows.append(tensor_of(o)[0, positions].clone()))
               for layer in model.model.layers]
    model.model(tokens, use_cache=True)  # without the head: nobody wants logits, ours does not make them either
    for handle in handles:
        handle.remove()
    return rows


def nnsight_capture(model, tokens, positions):
    rows = []
    with model.trace(tokens):
        for layer in model.layers:
            rows.append(tensor_of(layer.output)[0, positions].clone().save())
    return rows


def lens_capture(bridge, tokens, positions):
    names = [f"blocks.{i}.hook_resid_post" for i in range(bridge.cfg.n_layers)]
    rows = []

    def keep(value, hook):
        rows.append(value[0, positions].clone())

    bridge.run_with_hooks(tokens, return_type=None, fwd_hooks=[(name, keep) for name in names])
    return rows


def run_peer(name, gguf, tokens_file, positions_file, rows_file, rounds, threads):
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    start = time.perf_counter()
    model = load_model(gguf)
    capture = hooks
    if name == "nnsight":
        from nnsight import NNsight

        model, capture = NNsight(model.model), nnsight_capture
    if name == "TransformerLens":
        model, capture = lens_boot(model), lens_capture
    tokens = torch.from_numpy(np.fromfile(tokens_file, np.int32).astype(np.int64))[None]
    positions = torch.from_numpy(np.fromfile(positions_file, np.int32).astype(np.int64))
    opened, seconds = time.perf_counter() - start, []
    with torch.no_grad():
        for _ in range(rounds):
            start = time.perf_counter()
            rows = capture(model, tokens, positions)
            seconds.append(time.perf_counter() - start)
    torch.stack(list(rows)).permute(1, 0, 2).contiguous().numpy().tofile(rows_file)
    print(json.dumps({"open": opened, "seconds": seconds, "peak_mb": peak_mb()}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--only", action="append", choices=LIBRARIES)
    parser.add_argument("--peer", nargs=6, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        name, gguf, tokens, positions, rows, rounds = options.peer
        return run_peer(name, gguf, tokens, positions, rows, int(rounds), options.threads)
    import numpy as np

    gguf = real_model()
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as directory:
        place = lambda name: os.path.join(directory, name)
        random.integers(3, 49152, options.tokens).astype(np.int32).tofile(place("tokens"))
        first = [at + int(random.integers(0, 19)) for at in range(0, options.tokens - 20, 20)]
        np.array(sorted(p + k for p in first for k in (0, 1)), np.int32).tofile(place("positions"))
        print(f"{options.tokens} tokens, {2 * len(first)} positions, 30 layers; {options.threads} threads; {versions()}\n")
        print("| capture by | seconds | tokens/s | peak MB | opening, s | rows differ by at most |")
        print("| --- | --- | --- | --- | --- | --- |")
        results, notes = {}, []
        for name in ["Hugging Face hooks"] + [n for n in LIBRARIES if n != "Hugging Face hooks"]:
            if options.only and name not in options.only and name != "Hugging Face hooks":
                continue
            if name.startswith("ours"):
                command = [ROOT / "build/test/tests/capture", gguf, place("tokens"), place("positions"), place("rows"),
                           str(options.rounds + 1), str(options.threads)] + ["f32"] * name.endswith("precision")
            else:
                command = [sys.executable, __file__, "--threads", str(options.threads), "--peer", name, gguf,
                           place("tokens"), place("positions"), place("rows"), str(options.rounds + 1)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                notes.append(f"{name} did not run: {done.stderr.strip().splitlines()[-1]}")
                continue
            result = json.loads(done.stdout.strip().splitlines()[-1])
            rows = np.fromfile(place("rows"), np.float32).reshape(2 * len(first), 30, -1).astype(np.float64)
            results[name] = rows
            reference = results["Hugging Face hooks"]
            scale = np.sqrt((reference**2).mean(2, keepdims=True))
            off = np.abs((rows - reference) / scale).max()
            seconds = statistics.median(result["seconds"][1:])
            print(f"| {name} | {seconds:.2f} | {options.tokens / seconds:.0f} | {result['peak_mb']:.0f} | "
                  f"{result['open']:.1f} | {off:.1e} of the row's r.m.s. |", flush=True)
        print("\n" + "\n".join(notes))


main()
