"""One training step of the organism's shape in PyTorch on the CPU, to set beside organism-train's tokens per second.

    python3 bench/peers/train_step.py [--threads 2] [--seconds 20] [--only float32]

Needs torch (2.9.1 is what the results are of) and transformers, whose Qwen2 is the net; nothing is fetched while it runs.
A step is forward, loss of every token, backward, clipping and AdamW on sequences of equal length, random tokens, in
float32 and in bfloat16 autocast. Sequences of one length spare PyTorch the padding that ours does not make. Prints one
JSON object a line: `tokens_per_second` and `processor_seconds` a step (of all threads) are medians over the steps that
fit in --seconds, after two that do not count. Ours: `organism-train` with the same --width and so on; it takes Muon for
the matrices unless told `--optimizer adamw`.
"""
import argparse
import json
import os
import resource
import statistics
import time

os.environ["HF_HUB_OFFLINE"] = "1"
PRECISIONS = ["float32", "bfloat16"]


def build(options):
    from transformers import Qwen2Config, Qwen2ForCausalLM

    return Qwen2ForCausalLM(Qwen2Config(
        vocab_size=options.vocabulary, hidden_size=options.width, num_hidden_layers=options.layers,
        num_attention_heads=options.heads, num_key_value_heads=options.kv_heads, intermediate_size=options.ff,
        max_position_embeddings=1024, rope_theta=10000.0, tie_word_embeddings=True, use_cache=False,
        attn_implementation="sdpa"))


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(options, precision):
    import torch

    torch.manual_seed(1)
    model = build(options).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.05)
    sequences = max(1, round(options.tokens_per_step / options.length))
    tokens = torch.randint(0, options.vocabulary, (sequences, options.length))

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            logits = model(input_ids=tokens).logits[:, :-1]
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), tokens[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    first = step()
    step()
    wall, processor, last = [], [], first
    deadline = time.perf_counter() + options.seconds
    while len(wall) < 3 or time.perf_counter() < deadline:
        start, used = time.perf_counter(), processor_seconds()
        last = step()
        wall.append(time.perf_counter() - start)
        processor.append(processor_seconds() - used)
    return {
        "what": "training step", "library": f"torch {torch.__version__}", "precision": precision,
        "threads": options.threads, "parameters": sum(p.numel() for p in model.parameters()),
        "tokens": sequences * options.length, "steps": len(wall),
        "tokens_per_second": round(sequences * options.length / statistics.median(wall)),
        "processor_seconds": round(statistics.median(processor), 3),
        "processor_microseconds_per_token": round(1e6 * statistics.median(processor) / tokens.numel(), 1),
        "loss": [round(first, 3), round(last, 3)],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--only", choices=PRECISIONS)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--kv-heads", type=int, default=2)
    parser.add_argument("--ff", type=int, default=384)
    parser.add_argument("--vocabulary", type=int, default=1548)
    parser.add_argument("--length", type=int, default=650)
    parser.add_argument("--tokens-per-step", type=int, default=8192)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    for precision in [options.only] if options.only else PRECISIONS:
        print(json.dumps(measure(options, precision)), flush=True)


main()
