"""Scores a checkpoint on the validation parts, on the weights as shipped (Q8_0), by the engine's procedure:
label probabilities by the labels' tokens, extraction under a JSON grammar, greedy summaries.

    python evaluate.py --work DIR [--count 300]
"""
import argparse
import json
import pathlib
import random
import re

import numpy
import torch
import torch.nn.functional as F

import datasets
import groups
import prompts
from export import as_shipped, load_weights
from generator import Generator
from model import Config, Layout, Llama, rotate
from phrases import INTENTS
from tokenizer import Tokenizer


class Reader:
    """Reads tokens one after another with a key-value cache."""

    def __init__(self, model, tokenizer):
        self.model, self.tokenizer = model, tokenizer
        pieces = [tokenizer.piece(t) for t in range(len(tokenizer.tokens))]
        self.texts = [p.decode("utf-8", "replace") for p in pieces]
        plain = [bool(p) and not re.search(rb'["\\\x00-\x1f]', p) for p in pieces]
        self.plain = torch.tensor(plain)
        self.digits = torch.tensor([bool(re.fullmatch(rb"[0-9.\-]", p)) for p in pieces])

    def read(self, tokens, past=None):
        """(logits after the last token, the new cache)"""
        model, start = self.model, past[0][0].shape[1] if past else 0
        x, cache = model.embedding(torch.tensor(tokens)), []
        turns = model.rope[start:start + len(tokens)]
        for i, block in enumerate(model.blocks):
            attention = block.attention
            q, k, v = attention.qkv(block.attention_norm(x)).view(-1, 3, attention.heads, attention.size).permute(1, 2, 0, 3)
            q, k = rotate(q, turns), rotate(k, turns)
            if past:
                k, v = torch.cat([past[i][0], k], 1), torch.cat([past[i][1], v], 1)
            cache.append((k, v))
            mask = torch.ones(len(tokens), k.shape[1], dtype=torch.bool).tril(start)
            mixed = F.scaled_dot_product_attention(q[None], k[None], v[None], attn_mask=mask)[0]
            x = x + attention.out(mixed.transpose(0, 1).flatten(1))
            gate, up = block.gate_up(block.norm(x)).chunk(2, -1)
            x = x + block.down(F.silu(gate) * up)
        return F.linear(model.norm(x[-1]), model.embedding.weight), cache

    def ask(self, system, message, name):
        return self.read(self.tokenizer.encode(message) + prompts.question(self.tokenizer, name), system)

    def summarize(self, system, message, name, most=64):
        logits, cache = self.ask(system, message, name)
        out = []
        while len(out) < most and (token := int(logits.argmax())) != self.tokenizer.end:
            out.append(token)
            logits, cache = self.read([token], cache)
        return self.tokenizer.decode(out)

    def extract(self, system, message, name, fields):
        """The JSON answer, decoded greedily among what the grammar allows."""
        encode = self.tokenizer.encode
        forced = [t for t, chosen in prompts.json_atoms(prompts.nested((f, None) for f, _, _ in fields)) if not chosen]
        logits, cache = self.ask(system, message, name)
        out, owed = "", forced[0]
        for (_, kind, _), following in zip(fields, forced[1:]):
            logits, cache = self.read(encode(owed), cache)
            out, owed = out + owed, following
            opening = '"' if kind in ("string", "date") or kind.startswith("one of") else None
            null = encode("null")
            if opening and logits[encode('"')[0]] > logits[null[0]]:
                logits, cache = self.read(encode('"'), cache)
                out, owed = out + '"', '"' + following
            elif opening or logits[null[0]] > logits[self.digits].max():
                logits, cache = self.read(null, cache)
                out += "null"
                continue
            closing = [t for t, s in enumerate(self.texts) if s and owed.startswith(s)]
            choices = kind.removeprefix("one of ").split(", ") if kind.startswith("one of") else None
            value = ""
            while True:
                allowed = self.allowed(kind, choices, value)
                if value and (not choices or value in choices) and (kind != "date" or len(value) == 10):
                    allowed[closing] = True
                token = int(logits.masked_fill(~allowed, -1e9).argmax())
                if token in closing and not (kind == "number" and self.digits[token]) or len(value) > 120:
                    break
                value += self.texts[token]
                logits, cache = self.read([token], cache)
            out += value
            if token in closing:
                logits, cache = self.read([token], cache)
                out, owed = out + self.texts[token], owed[len(self.texts[token]):]
        return json.loads(out + owed)

    def allowed(self, kind, choices, value):
        if choices:
            return torch.tensor([bool(s) and any(c.startswith(value + s) for c in choices) for s in self.texts])
        if kind == "date":
            shape = "dddd-dd-dd"[len(value):]
            ok = [len(s) == 1 and bool(shape) and (s == "-" if shape[0] == "-" else s.isdigit()) for s in self.texts]
            return torch.tensor(ok)
        return (self.digits if kind == "number" else self.plain).clone()


def classify(model, tokenizer, rows, labels, descriptions=None, name="intent", at_once=12):
    """Per row the probabilities of the labels: products of their tokens' conditionals, normalised."""
    system = prompts.prefix(tokenizer, [prompts.classify_task(name, labels, descriptions)])
    ask = prompts.question(tokenizer, name)
    answers = [tokenizer.encode(l) + [tokenizer.end] for l in labels]
    owner = torch.tensor([i for i, a in enumerate(answers) for _ in a])
    out = []
    for start in range(0, len(rows), at_once):
        group = groups.Group(system)
        for text in rows[start:start + at_once]:
            group.turn(tokenizer.encode(text) + ask[:-1], [(ask[-1:], a, [1.0] * len(a)) for a in answers], 0)
        layout = Layout(group.prefix, group.lengths, group.branches)
        logits = model(torch.tensor(group.tokens), torch.tensor(group.positions), layout, torch.tensor(group.wanted))
        scores = logits.log_softmax(-1).gather(1, torch.tensor(group.targets)[:, None]).view(len(group.lengths), -1)
        sums = torch.zeros(len(group.lengths), len(labels)).index_add_(1, owner, scores)
        out.append(sums.softmax(-1))
    return torch.cat(out)


# -- measures ------------------------------------------------------------------------------------------------

def calibration_error(probabilities, right, bins=15):
    confidence = probabilities.max(1).values
    index = (confidence * bins).long().clamp(max=bins - 1)
    return sum(abs((confidence[index == b] - right[index == b].float()).mean().item()) * (index == b).float().mean().item()
               for b in range(bins) if (index == b).any())


def best_temperature(probabilities, truth):
    """The temperature that fits the probabilities' logarithms best (search for the least log loss)."""
    logs = probabilities.clamp_min(1e-12).log()
    return min((F.cross_entropy(logs / t, truth).item(), t) for t in numpy.arange(0.5, 2.5, 0.05))[1]


def field_scores(pairs):
    """Micro F1 over (gold, predicted) values and F1 by field."""
    counts = {}
    for gold, found in pairs:
        for f in gold:
            c = counts.setdefault(f, [0, 0, 0])
            c[0] += gold[f] is not None and gold[f] == found.get(f)
            c[1] += found.get(f) is not None
            c[2] += gold[f] is not None
    f1 = lambda c: 2 * c[0] / max(1, c[1] + c[2])
    return f1([sum(x) for x in zip(*counts.values())]), {f: round(f1(c), 3) for f, c in counts.items()}


def rouge_l(gold, found):
    a, b = (re.findall(r"\w+", s.lower()) for s in (gold, found))
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return 2 * table[-1][-1] / max(1, len(a) + len(b))


DEMO_FIELDS = [(f, kind, docs[0]) for f, (kind, _, docs) in groups.FIELDS.items()]


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--count", type=int, default=300, help="rows per set at most")
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--weights", choices=["model", "average"], default="model")
    parser.add_argument("--only", default="banking,clinc,restaurants,generated")
    parser.add_argument("--show", type=int, default=0, help="wrong answers to print")
    args = parser.parse_args()
    config, weights = load_weights(args.work, args.temperature, args.weights)
    tokenizer = Tokenizer.load(pathlib.Path(args.work) / "tokenizer.json")
    model = Llama(Config(**config)).eval()
    model.load_state_dict(as_shipped(weights))
    reader = Reader(model, tokenizer)
    sets, rng = datasets.load(args.data, "validation"), random.Random(5)
    for kind, source in (("banking", sets.banking), ("clinc", sets.clinc)):
        if kind in args.only:
            labels = sorted({l for _, l in source})
            rows = rng.sample(source, min(args.count, len(source)))
            truth = torch.tensor([labels.index(l) for _, l in rows])
            p = classify(model, tokenizer, [t for t, _ in rows], labels)
            right = p.argmax(1) == truth
            print(f"{kind} {len(labels)} labels: accuracy {right.float().mean():.3f} ECE {calibration_error(p, right):.3f} "
                  f"mean confidence {p.max(1).values.mean():.3f} best temperature {best_temperature(p, truth):.2f} n {len(rows)}", flush=True)
            hits = total = 0
            for _ in range(20):
                few = rng.sample(labels, 10)
                rows = [r for r in source if r[1] in few]
                rows = rng.sample(rows, max(1, args.count // 20))
                p = classify(model, tokenizer, [t for t, _ in rows], few)
                hits += sum(few[int(i)] == l for i, (_, l) in zip(p.argmax(1), rows))
                total += len(rows)
            print(f"{kind} 10 random labels: accuracy {hits / total:.3f} n {total}", flush=True)
    if "restaurants" in args.only:
        fields = [(s, "string", None) for s in datasets.SLOTS]
        _, system = reader.read(prompts.prefix(tokenizer, [prompts.extract_task("fields", fields)]))
        pairs = []
        for text, slots in sets.restaurants[:args.count]:
            pairs.append((slots, reader.extract(system, text, "fields", fields)))
            if pairs[-1][0] != pairs[-1][1] and args.show > 0:
                args.show -= 1
                print(f"  {text!r}\n    {slots}\n    {pairs[-1][1]}")
        print("restaurants span F1 %.3f" % field_scores(pairs)[0], field_scores(pairs)[1], "n", len(pairs), flush=True)
    if "generated" in args.only:
        generator = Generator("heldout", 99)
        rows = [generator.message() for _ in range(args.count)]
        labels = [prompts.humanized(l) for l in INTENTS]
        descriptions = {prompts.humanized(l): s["description"] for l, s in INTENTS.items()}
        p = classify(model, tokenizer, [r["text"] for r in rows], labels, descriptions)
        right = torch.tensor([labels[int(i)] == prompts.humanized(r["intent"]) for i, r in zip(p.argmax(1), rows)])
        print(f"generated intent accuracy {right.float().mean():.3f} ECE {calibration_error(p, right):.3f}", flush=True)
        for r, i, ok in zip(rows, p.argmax(1), right):
            if not ok and args.show > 0:
                args.show -= 1
                print("  ", repr(r["text"]), r["intent"], "->", labels[int(i)])
        tasks = [prompts.extract_task("fields", DEMO_FIELDS), prompts.summarize_task("summary", 30)]
        systems = [reader.read(prompts.prefix(tokenizer, [t]))[1] for t in tasks]
        pairs, rouge = [], 0.0
        for r in rows:
            pairs.append((r["fields"], reader.extract(systems[0], r["text"], "fields", DEMO_FIELDS)))
            found = reader.summarize(systems[1], r["text"], "summary")
            rouge += rouge_l(r["summary"], found)
            if args.show > 0:
                args.show -= 1
                print("  ", repr(r["text"]), "\n    ", pairs[-1][1], "\n    ", found)
        print("generated field F1 %.3f" % field_scores(pairs)[0], field_scores(pairs)[1], f"ROUGE-L {rouge / len(rows):.3f} n {len(rows)}")


if __name__ == "__main__":
    main()
