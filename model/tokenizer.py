"""A byte-level BPE tokenizer (GGUF: model `gpt2`, pre-tokenizer `qwen2`): training, encoding, decoding.

Merges are learnt on words without their leading space; the merges that glue a space to a piece come last.
So ` Nordvik` and `Nordvik` split alike but for the first piece, which makes copying a span much easier.
"""
import collections
import json

import regex

WORDS = regex.compile(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
                      r"|\s*[\r\n]+|\s+(?!\S)|\s+")
CONTROL = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
# Plain text that is one token wherever it stands: the frame around each record's text.
USER_DEFINED = ["<message>\n", "\n</message>\n\nTask: "]


def byte_alphabet():
    """GPT-2's mapping of bytes to printable characters."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    return {**{b: chr(b) for b in printable}, **{b: chr(256 + i) for i, b in enumerate(others)}}


BYTES = byte_alphabet()
CHARACTERS = {c: b for b, c in BYTES.items()}
SPACE = BYTES[32]


def merged(symbols, pair):
    out, i = [], 0
    while i < len(symbols):
        if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == pair:
            out.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return out


def train(texts, size):
    """Learns a vocabulary of `size` tokens; returns what `Tokenizer` takes."""
    counts, spaced = collections.Counter(), collections.Counter()
    for text in texts:
        for word in WORDS.findall(text):
            stem = word[1:] if len(word) > 1 and not word[0].isalnum() and word[1].isalpha() else word.removeprefix(" ")
            stem = "".join(BYTES[b] for b in stem.encode())
            counts[stem] += 1
            spaced[stem] += word.startswith(" ")
    words = [(list(word), n) for word, n in counts.items() if word]
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for i, (symbols, n) in enumerate(words):
        for pair in zip(symbols, symbols[1:]):
            pairs[pair] += n
            where[pair].add(i)
    merges = []
    budget = size - 256 - len(CONTROL) - len(USER_DEFINED)
    while len(merges) < budget * 0.6:
        pair = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(pair)
        for i in sorted(where.pop(pair)):
            symbols, n = words[i]
            for old in zip(symbols, symbols[1:]):
                pairs[old] -= n
            words[i] = (merged(symbols, pair), n)
            for new in zip(words[i][0], words[i][0][1:]):
                pairs[new] += n
                where[new].add(i)
        pairs.pop(pair, None)
    starts = collections.Counter()
    for (symbols, _), word in zip(words, [w for w in counts if w]):
        starts[symbols[0]] += spaced[word]
    merges += [(SPACE, piece) for piece, _ in starts.most_common() if piece != SPACE][:budget - len(merges)]
    tokens = [BYTES[b] for b in range(256)] + [a + b for a, b in merges]
    return {"tokens": list(dict.fromkeys(tokens)) + USER_DEFINED + CONTROL, "merges": merges}


class Tokenizer:
    def __init__(self, tokens, merges):
        self.tokens, self.merges = tokens, [tuple(m) for m in merges]
        self.ids = {t: i for i, t in enumerate(tokens)}
        self.ranks = {m: i for i, m in enumerate(self.merges)}
        self.system, self.user, self.assistant, self.end = (self.ids[t] for t in CONTROL)
        self.words = {}
        self.frames = regex.compile("(" + "|".join(map(regex.escape, USER_DEFINED)) + ")")

    @staticmethod
    def load(path):
        with open(path, encoding="utf-8") as f:
            return Tokenizer(**json.load(f))

    def word(self, word):
        if (ids := self.words.get(word)) is None:
            symbols = [BYTES[b] for b in word.encode()]
            while len(symbols) > 1:
                pair = min(zip(symbols, symbols[1:]), key=lambda p: self.ranks.get(p, 1 << 30))
                if pair not in self.ranks:
                    break
                symbols = merged(symbols, pair)
            ids = self.words[word] = [self.ids[s] for s in symbols]
        return ids

    def encode(self, text):
        """One piece of plain text, as llama.cpp tokenizes it with parse_special off."""
        out = []
        for part in self.frames.split(text):
            if part in USER_DEFINED:
                out.append(self.ids[part])
            else:
                for word in WORDS.findall(part):
                    out.extend(self.word(word))
        return out

    def piece(self, token):
        """The bytes of one token; none for a control token."""
        text = self.tokens[token]
        if text in CONTROL:
            return b""
        return text.encode() if text in USER_DEFINED else bytes(CHARACTERS[c] for c in text)

    def decode(self, ids):
        return b"".join(map(self.piece, ids)).decode("utf-8", "replace")
