"""A Llama decoder that computes one packed group at a time: a prefix read once, and many turns after it.

A group is flat: `prefix` tokens, then the tokens of every turn, without padding. A turn sees the prefix and
itself; inside a turn, `branch` 0 is the message and each further branch one task's question and answer,
which sees the message and itself. Positions restart after the prefix (and after the message).
"""
import dataclasses

import torch
import torch.nn.functional as F
from torch import nn


@dataclasses.dataclass
class Config:
    vocabulary: int = 4096
    width: int = 256
    layers: int = 4
    heads: int = 4
    hidden: int = 704
    rope_base: float = 10000.0
    epsilon: float = 1e-5
    context: int = 2048


class Norm(nn.Module):
    def __init__(self, width, epsilon):
        super().__init__()
        self.weight, self.epsilon = nn.Parameter(torch.ones(width)), epsilon

    def forward(self, x):
        return F.rms_norm(x, self.weight.shape, self.weight, self.epsilon)


def rotate(x, turns):
    """Rotary embedding of neighbouring pairs, as llama.cpp does it for the architecture `llama`."""
    return torch.view_as_real(torch.view_as_complex(x.float().unflatten(-1, (-1, 2))) * turns).flatten(-2).to(x.dtype)


class Layout:
    """Cuts a group into chunks of whole turns; each chunk has the mask of what its tokens see."""

    def __init__(self, prefix, lengths, branches, device="cpu", size=192):
        self.prefix, self.chunks = prefix, []
        hidden = torch.full((prefix, prefix), float("-inf"), device=device).triu(1)
        self.chunks.append((0, prefix, hidden))
        branches = torch.as_tensor(branches, device=device)
        turn_of = torch.repeat_interleave(torch.arange(len(lengths)), torch.as_tensor(lengths)).to(device)
        start = end = 0
        for i, length in enumerate(lengths):
            end += length
            if i + 1 == len(lengths) or end + lengths[i + 1] - start > size:
                turn, branch = turn_of[start:end], branches[start:end]
                at = torch.arange(end - start, device=device)
                seen = (at[:, None] >= at) & (turn[:, None] == turn) & ((branch == 0) | (branch[:, None] == branch))
                bias = torch.zeros(end - start, prefix + end - start, device=device)
                bias[:, prefix:].masked_fill_(~seen, float("-inf"))
                self.chunks.append((prefix + start, prefix + end, bias))
                start = end


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.size = c.heads, c.width // c.heads
        self.qkv = nn.Linear(c.width, 3 * c.width, bias=False)
        self.out = nn.Linear(c.width, c.width, bias=False)

    def forward(self, x, turns, layout):
        q, k, v = self.qkv(x).view(-1, 3, self.heads, self.size).permute(1, 2, 0, 3).contiguous()
        q, k = rotate(q * self.size ** -0.5, turns), rotate(k, turns)  # heads, tokens, size
        out = []
        for start, end, bias in layout.chunks:
            keys, values = k[:, start:end], v[:, start:end]
            if start:
                keys = torch.cat([k[:, :layout.prefix], keys], 1)
                values = torch.cat([v[:, :layout.prefix], values], 1)
            scores = torch.baddbmm(bias.to(q.dtype), q[:, start:end], keys.mT)
            out.append(scores.softmax(-1) @ values)
        return self.out(torch.cat(out, 1).transpose(0, 1).flatten(1))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.attention_norm, self.attention = Norm(c.width, c.epsilon), Attention(c)
        self.norm = Norm(c.width, c.epsilon)
        self.gate_up = nn.Linear(c.width, 2 * c.hidden, bias=False)
        self.down = nn.Linear(c.hidden, c.width, bias=False)

    def forward(self, x, turns, layout, wanted=slice(None)):
        x = (x + self.attention(self.attention_norm(x), turns, layout))[wanted]
        gate, up = self.gate_up(self.norm(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Llama(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.config = c
        self.embedding = nn.Embedding(c.vocabulary, c.width)
        self.blocks = nn.ModuleList(Block(c) for _ in range(c.layers))
        self.norm = Norm(c.width, c.epsilon)
        size = c.width // c.heads
        angles = torch.arange(c.context)[:, None] * c.rope_base ** (-torch.arange(0, size, 2) / size)
        self.register_buffer("rope", torch.polar(torch.ones_like(angles), angles), persistent=False)
        for name, weight in self.named_parameters():
            if name.endswith(("out.weight", "down.weight")):
                nn.init.zeros_(weight)
            elif weight.dim() == 2:
                nn.init.normal_(weight, std=0.6 if "embedding" in name else c.width ** -0.5)
        # Large embeddings keep the tokens audible beside what the young blocks write; the last norm makes up for it.
        nn.init.constant_(self.norm.weight, 0.08)

    def forward(self, tokens, positions, layout, wanted, dropout=0.0):
        """The logits at the `wanted` indices of the flat group."""
        x = F.dropout(self.embedding(tokens), dropout, self.training)
        turns = self.rope[positions]
        for block in self.blocks[:-1]:
            x = block(x, turns, layout)
        x = self.blocks[-1](x, turns, layout, wanted)
        x = F.dropout(self.norm(x), dropout, self.training)
        return F.linear(x, self.embedding.weight)


@torch.no_grad()
def relate_spellings(model, tokens, space, share=0.8):
    """Starts tokens that differ in a leading space or in case alike, so that ` Visa` in a message helps to say `Visa`."""
    weight = model.embedding.weight
    first = {}
    for i, token in enumerate(tokens):
        stem = token.removeprefix(space).lower()
        origin = first.setdefault(stem, i)
        if origin != i and stem:
            weight[i] = share * weight[origin] + (1 - share ** 2) ** 0.5 * weight[i]


@torch.no_grad()
def build_copying_heads(model, previous=6.0, match=20.0, say=4.0):
    """Starts the model with heads that copy, which training alone would take millions of tokens to find.

    The last head of layer 0 attends to the previous token (by the phases of the fast rotary pairs, on a constant
    part of every embedding) and notes it in a subspace of its own. The last two heads of layer 1 attend to the
    tokens whose noted predecessor is the current token (in the slow rotary pairs, so at any distance) and say them:
    an induction circuit, as in Olsson et al., "In-context Learning and Induction Heads", 2022.
    """
    c, embedding = model.config, model.embedding.weight
    size, width, noted = c.width // c.heads, c.width, 20
    basis = torch.linalg.qr(torch.randn(width, width))[0].T
    constant, reads, notes = basis[0], basis[1:1 + 2 * noted], basis[41:41 + 2 * noted]
    norm = embedding.norm(dim=1).mean()
    for direction in (constant[None], notes):
        embedding.sub_(embedding @ direction.T @ direction)
    embedding.add_(norm * constant)  # the same for every token: no logit changes
    magnitude = (width / 2) ** 0.5  # of the constant and of the token's own part after the norm

    def head(block, h):
        attention = block.attention
        q, k, v = attention.qkv.weight.view(3, c.heads, size, width)[:, h]
        out = attention.out.weight.view(width, c.heads, size)[:, h]
        for matrix in (q, k, v, out):
            matrix.zero_()
        return q, k, v, out

    q, k, v, out = head(model.blocks[0], c.heads - 1)
    pairs = torch.arange(size // 2)
    angles = c.rope_base ** (-2 * pairs / size)
    fast = (pairs < 10).float()
    scale = (previous * size ** 0.5 / ((1 - angles.cos()) * fast).sum()).sqrt() / magnitude
    q[0::2] = torch.outer(fast * scale, constant)
    k[0::2] = torch.outer(fast * scale * angles.cos(), constant)
    k[1::2] = torch.outer(fast * scale * angles.sin(), constant)
    v[:2 * noted] = reads
    out[:, :2 * noted] = notes.T * 2 * norm / magnitude
    for i in range(2):
        q, k, v, out = head(model.blocks[1], c.heads - 1 - i)
        part = slice(noted * i, noted * (i + 1))
        strength = (match * size ** 0.5) ** 0.5 / ((noted / width) ** 0.5 * magnitude)
        q[-noted:], k[-noted:] = reads[part] * strength, notes[part] * strength / 2
        v.copy_(basis[100 + i * size:100 + (i + 1) * size] if width >= 100 + 2 * size else torch.randn(size, width) / width ** 0.5)
        out.copy_(v.T * 2 * say * norm / magnitude)
