"""The residual stream by Hugging Face transformers, in double precision, on the weights of a GGUF.

    python3 make_hidden_states.py OUT.safetensors MODEL.gguf TOKENS POSITION...

TOKENS: the sequence's length; its ids are 7919 (i + 1) + 104729 (i % 7) modulo the vocabulary, so that no
tokenizer is needed and no end of text is far. For each POSITION the rows after every block, layers 1 to n, are
kept: the output of each decoder layer caught by a hook, which for the last one is the row before the final norm
(output_hidden_states gives it after). Also kept: the logits' argmax and greatest value there.

Independent of ours: weights are read and dequantised by the gguf package, the model is transformers' own
Qwen2ForCausalLM or LlamaForCausalLM, attention eager. Needs: torch, transformers, gguf, safetensors.
What was run, from this directory, with the test program as the writer of the random files:

    W=../../../build/test/tests/test_model_hidden_states
    $W --write qwen2 r.gguf && python3 make_hidden_states.py random-qwen2.safetensors r.gguf 100 0 1 63 64 99
    $W --write llama r.gguf && python3 make_hidden_states.py random-llama.safetensors r.gguf 100 0 1 63 64 99
    python3 make_hidden_states.py organism.safetensors ../../../models/organism.gguf 200 0 63 64 199
    python3 make_hidden_states.py organism-ambiguous.safetensors ../../../models/organism-ambiguous.gguf 200 0 63 64 199
    python3 make_hidden_states.py smollm2.safetensors "$(../../../scripts/real-model)" 150 70 149
"""
import hashlib
import sys

import gguf
import numpy as np
import torch
from safetensors.numpy import save_file
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM


def unpermute(weight, n_heads):
    """llama.cpp's converter interleaves the halves of each rotated head of architecture llama; undone."""
    rows = weight.shape[0]
    return weight.reshape(n_heads, rows // n_heads // 2, 2, -1).swapaxes(1, 2).reshape(rows, -1)


def load(path):
    reader = gguf.GGUFReader(path)
    field = lambda name: reader.fields[name].contents() if name in reader.fields else None
    architecture = field("general.architecture")
    number = lambda name: field(f"{architecture}.{name}")
    n_heads, n_kv = number("attention.head_count"), number("attention.head_count_kv")
    tensors = {t.name: gguf.dequantize(t.data, t.tensor_type).astype(np.float64) for t in reader.tensors}
    theta = float(number("rope.freq_base") or 10000.0)
    settings = dict(
        vocab_size=tensors["token_embd.weight"].shape[0],
        hidden_size=number("embedding_length"),
        intermediate_size=number("feed_forward_length"),
        num_hidden_layers=number("block_count"),
        num_attention_heads=n_heads,
        num_key_value_heads=n_kv,
        max_position_embeddings=number("context_length"),
        rms_norm_eps=float(number("attention.layer_norm_rms_epsilon")),
        rope_theta=theta,
        rope_parameters={"rope_type": "default", "rope_theta": theta},
        tie_word_embeddings=False,
        attn_implementation="eager",
    )
    kind = {"qwen2": (Qwen2Config, Qwen2ForCausalLM), "llama": (LlamaConfig, LlamaForCausalLM)}[architecture]
    torch.set_default_dtype(torch.float64)
    model = kind[1](kind[0](**settings)).eval()
    names = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj",
             "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
             "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
    state = {"model.embed_tokens.weight": tensors["token_embd.weight"],
             "model.norm.weight": tensors["output_norm.weight"],
             "lm_head.weight": tensors.get("output.weight", tensors["token_embd.weight"])}
    for name, value in tensors.items():
        if not name.startswith("blk."):
            continue
        _, layer, part, what = name.split(".")
        if architecture == "llama" and part in ("attn_q", "attn_k"):
            value = unpermute(value, n_heads if part == "attn_q" else n_kv)
        state[f"model.layers.{layer}.{names[part]}.{what}"] = value
    missing, unexpected = model.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in state.items()}, strict=False)
    if unexpected or [m for m in missing if "rotary" not in m]:
        sys.exit(f"{path}: tensors missing {missing}, unexpected {unexpected}")
    return model


def main():
    out, path, n, positions = sys.argv[1], sys.argv[2], int(sys.argv[3]), [int(p) for p in sys.argv[4:]]
    model = load(path)
    tokens = [(7919 * (i + 1) + 104729 * (i % 7)) % model.config.vocab_size for i in range(n)]
    rows = []
    for layer in model.model.layers:
        layer.register_forward_hook(
            lambda module, inputs, output: rows.append((output[0] if isinstance(output, tuple) else output)[0]))
    with torch.no_grad():
        logits = model(torch.tensor([tokens]), use_cache=False).logits[0]
    h = torch.stack(rows)[:, positions].permute(1, 0, 2)  # [position, layer, width]
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    save_file({"rows": np.ascontiguousarray(h.numpy().astype(np.float32)),  # save_file takes the bytes as they lie
               "positions": np.array(positions, np.int32),
               "tokens": np.array(tokens, np.int32),
               "next": logits[positions].argmax(1).numpy().astype(np.int32),
               "next_logit": logits[positions].max(1).values.numpy().astype(np.float32)},
              out, metadata={"model_sha256": digest})


main()
