"""Writes a checkpoint as GGUF for llama.cpp: matrices in Q8_0, norms in F32, tokenizer and chat template inside.

    python export.py --work DIR --out headrace-small.gguf [--temperature 1.1]
"""
import argparse
import pathlib
import struct

import numpy
import torch

from tokenizer import CONTROL, USER_DEFINED, Tokenizer

CHAT_TEMPLATE = ("{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
                 "{% if add_generation_prompt %}<|assistant|>{% endif %}")
ALIGNMENT = 32
F32, Q8_0 = 0, 8


def text(value):
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def metadata(key, value):
    """One key and value; a numpy scalar or array gives the type."""
    def typed(v):
        if isinstance(v, bool):
            return 7, struct.pack("<?", v)
        if isinstance(v, int):
            return 4, struct.pack("<I", v)
        if isinstance(v, float):
            return 6, struct.pack("<f", v)
        if isinstance(v, str):
            return 8, text(v)
        if isinstance(v, numpy.ndarray):
            return 9, struct.pack("<IQ", 5, len(v)) + v.astype("<i4").tobytes()
        return 9, struct.pack("<IQ", 8, len(v)) + b"".join(map(text, v))
    kind, raw = typed(value)
    return text(key) + struct.pack("<I", kind) + raw


def quantize(matrix):
    """Q8_0: blocks of 32 values, one f16 scale and 32 signed bytes each."""
    blocks = matrix.reshape(-1, 32)
    scale = (numpy.abs(blocks).max(1) / 127).astype(numpy.float32)
    inverse = numpy.where(scale > 0, 1 / numpy.maximum(scale, 1e-30), 0)
    values = numpy.round(blocks * inverse[:, None]).astype(numpy.int8)
    out = numpy.empty(len(blocks), numpy.dtype([("scale", "<f2"), ("values", "i1", 32)]))
    out["scale"], out["values"] = scale, values
    return out


def dequantize(blocks, shape):
    return (blocks["scale"].astype(numpy.float32)[:, None] * blocks["values"]).reshape(shape)


def load_weights(work, temperature=1.0, source="model"):
    """The checkpoint's float weights by name; the temperature is folded into the last norm."""
    state = torch.load(pathlib.Path(work) / "checkpoint.pt", map_location="cpu")
    weights = {k: v.float() for k, v in state[source].items()}
    weights["norm.weight"] = weights["norm.weight"] / temperature
    return state["config"], weights


def as_shipped(weights):
    """The weights after quantization."""
    return {k: v if v.dim() == 1 else torch.from_numpy(dequantize(quantize(v.numpy()), v.shape)) for k, v in weights.items()}


def tensors(weights, layers):
    """llama.cpp's names. The rotary pairs are neighbours in training already, so nothing is permuted."""
    yield "token_embd.weight", weights["embedding.weight"]
    yield "output_norm.weight", weights["norm.weight"]
    for i in range(layers):
        source, target = f"blocks.{i}.", f"blk.{i}."
        yield target + "attn_norm.weight", weights[source + "attention_norm.weight"]
        for name, part in zip("qkv", weights[source + "attention.qkv.weight"].chunk(3)):
            yield f"{target}attn_{name}.weight", part
        yield target + "attn_output.weight", weights[source + "attention.out.weight"]
        yield target + "ffn_norm.weight", weights[source + "norm.weight"]
        gate, up = weights[source + "gate_up.weight"].chunk(2)
        yield target + "ffn_gate.weight", gate
        yield target + "ffn_up.weight", up
        yield target + "ffn_down.weight", weights[source + "down.weight"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True)
    parser.add_argument("--out", default="headrace-small.gguf")
    parser.add_argument("--temperature", type=float, default=1.0, help="divides all logits")
    parser.add_argument("--weights", choices=["model", "average"], default="model")
    args = parser.parse_args()
    config, weights = load_weights(args.work, args.temperature, args.weights)
    tokenizer = Tokenizer.load(pathlib.Path(args.work) / "tokenizer.json")
    kinds = [3 if t in CONTROL else 4 if t in USER_DEFINED else 1 for t in tokenizer.tokens]
    keys = {
        "general.architecture": "llama", "general.name": "headrace-small", "general.file_type": 7,
        "general.quantization_version": 2, "general.alignment": ALIGNMENT,
        "llama.context_length": config["context"], "llama.embedding_length": config["width"],
        "llama.block_count": config["layers"], "llama.feed_forward_length": config["hidden"],
        "llama.attention.head_count": config["heads"], "llama.attention.head_count_kv": config["heads"],
        "llama.attention.layer_norm_rms_epsilon": config["epsilon"], "llama.rope.freq_base": config["rope_base"],
        "llama.rope.dimension_count": config["width"] // config["heads"], "llama.vocab_size": config["vocabulary"],
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2", "tokenizer.ggml.tokens": tokenizer.tokens,
        "tokenizer.ggml.token_type": numpy.array(kinds), "tokenizer.ggml.merges": [" ".join(m) for m in tokenizer.merges],
        "tokenizer.ggml.bos_token_id": tokenizer.end, "tokenizer.ggml.eos_token_id": tokenizer.end,
        "tokenizer.ggml.eot_token_id": tokenizer.end, "tokenizer.ggml.padding_token_id": tokenizer.end,
        "tokenizer.ggml.add_bos_token": False, "tokenizer.chat_template": CHAT_TEMPLATE,
    }
    header, body = b"", bytearray()
    named = list(tensors(weights, config["layers"]))
    for name, tensor in named:
        array = tensor.numpy()
        raw, kind = (array.astype("<f4"), F32) if array.ndim == 1 else (quantize(array), Q8_0)
        header += text(name) + struct.pack(f"<I{array.ndim}QIQ", array.ndim, *reversed(array.shape), kind, len(body))
        body += raw.tobytes()
        body += bytes(-len(body) % ALIGNMENT)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(named), len(keys)) + b"".join(metadata(*i) for i in keys.items()) + header
    pathlib.Path(args.out).write_bytes(head + bytes(-len(head) % ALIGNMENT) + body)
    print(f"{args.out}: {sum(t.numel() for _, t in named):,} parameters, {pathlib.Path(args.out).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
