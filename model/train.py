"""Trains the model on packed groups, with checkpoints, on CPU processes or one GPU.

    OMP_NUM_THREADS=1 torchrun --nproc_per_node 2 train.py --work DIR --steps 2000
    python train.py --work DIR --device cuda --layers 8 --width 384 --hidden 1024 --heads 6 --groups 16 --steps 6000

It resumes from DIR/checkpoint.pt; matrices are trained by Muon, the embedding and the norms by AdamW.
"""
import argparse
import itertools
import json
import multiprocessing
import os
import pathlib
import random
import threading
import time

import torch
import torch.distributed as dist
import torch.nn.functional as F

import datasets
from groups import Builder, corpus
from model import Config, Layout, Llama, build_copying_heads, relate_spellings
from tokenizer import SPACE, Tokenizer, train as train_tokenizer

MIX = {"banking": 0.14, "clinc": 0.06, "mixed": 0.03, "restaurants": 0.13, "generated": 0.58, "drill": 0.06}


def orthogonal(g, steps=5):
    """Muon's Newton-Schulz iteration: the nearest matrix with all singular values about one."""
    tall = g.shape[-2] > g.shape[-1]
    x = (g.mT if tall else g) / (g.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.mT if tall else x


class Optimizer:
    """Muon for the blocks' matrices, AdamW for all else. The ranks share the Muon work."""

    def __init__(self, model, rank, world, matrix_rate, rate, decay=0.06):
        self.rank, self.world, self.matrix_rate, self.rate, self.decay = rank, world, matrix_rate, rate, decay
        self.matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and "embedding" not in n]
        self.others = [p for n, p in model.named_parameters() if p.dim() != 2 or "embedding" in n]
        self.momentum = [torch.zeros_like(p) for p in self.matrices]
        groups = [{"params": [p for p in self.others if p.dim() == 2], "lr": rate},
                  {"params": [p for p in self.others if p.dim() == 1], "lr": rate / 3}]
        self.adam = torch.optim.AdamW(groups, betas=(0.9, 0.95), weight_decay=0.0)

    def step(self, scale, momentum):
        updates = [torch.zeros_like(p) for p in self.matrices]
        for i, (p, m) in enumerate(zip(self.matrices, self.momentum)):
            m.lerp_(p.grad, 1 - momentum)
            if i % self.world == self.rank:
                parts = 3 if p.shape[0] == 3 * p.shape[1] else 1  # query, key and value are three matrices
                g = p.grad.lerp(m, momentum).unflatten(0, (parts, -1))
                updates[i] = orthogonal(g).flatten(0, 1) * max(1, g.shape[-2] / g.shape[-1]) ** 0.5
        summed(updates, self.world)
        rate = self.matrix_rate * scale
        for p, update in zip(self.matrices, updates):
            p.data.mul_(1 - rate * self.decay).add_(update, alpha=-rate)
        for group, rate in zip(self.adam.param_groups, (self.rate, self.rate / 3)):
            group["lr"] = rate * scale
        self.adam.step()


def summed(tensors, world):
    if world > 1:
        flat = torch.cat([t.flatten() for t in tensors])
        dist.all_reduce(flat)
        for t, part in zip(tensors, flat.split([t.numel() for t in tensors])):
            t.copy_(part.view_as(t))


def loss_of(model, group, device, dropout):
    layout = Layout(group.prefix, group.lengths, group.branches, device, 192 if device == "cpu" else 1 << 20)
    tensor = lambda v, **k: torch.tensor(v, device=device, **k)
    targets, weights = tensor(group.targets), tensor(group.weights)
    with torch.autocast("cuda", torch.bfloat16, enabled=device == "cuda"):
        logits = model(tensor(group.tokens), tensor(group.positions), layout, tensor(group.wanted), dropout)
    losses = F.cross_entropy(logits.float(), targets, reduction="none")
    return (losses * weights).sum() / weights.sum(), (logits.argmax(-1) == targets), weights


@torch.no_grad()
def validate(model, builder, device, rank, count=2):
    """Per kind: the share of rightly predicted chosen tokens, the loss."""
    model.eval()
    out = []
    for kind in MIX:
        builder.seed(f"{kind}/{rank}")
        for _ in range(count):
            loss, right, weights = loss_of(model, builder.group(kind, 1.0), device, 0.0)
            chosen = weights >= 0.5
            out += [loss, right[chosen].float().mean()]
    model.train()
    return torch.stack([o.cpu() for o in out]).view(len(MIX), count, 2).mean(1)


def plan(args, rank, start):
    """The key, kind and stage of every group of this process, in order."""
    for step in range(start, args.steps):
        rng = random.Random(f"{args.seed}/{rank}/{step}")
        mix = {**MIX, "drill": 1.0} if step < args.steps * args.drills else MIX
        for i, kind in enumerate(rng.choices(list(mix), list(mix.values()), k=args.groups)):
            yield f"{args.seed}/{rank}/{step}/{i}", kind, min(1.0, step / (args.steps * args.grow))


def prepare(args):
    global builder
    tokenizer = Tokenizer.load(pathlib.Path(args.work) / "tokenizer.json")
    builder = Builder(tokenizer, datasets.load(args.data, "train"), args.seed, limit=args.limit)


def build(item):
    key, kind, stage = item
    builder.seed(key)
    return builder.group(kind, stage)


def stream(args, rank, start):
    """The groups of the plan, built here or ahead by worker processes."""
    if not args.workers:
        prepare(args)
        yield from map(build, plan(args, rank, start))
        return
    ahead = threading.Semaphore(64 * args.workers)

    def held_back():
        for item in plan(args, rank, start):
            ahead.acquire()
            yield item

    with multiprocessing.get_context("spawn").Pool(args.workers, prepare, (args,)) as pool:
        for group in pool.imap(build, held_back(), chunksize=4):
            ahead.release()
            yield group


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder of the public sets")
    parser.add_argument("--work", required=True, help="folder of tokenizer, checkpoint and log")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--groups", type=int, default=2, help="groups per step and process")
    parser.add_argument("--limit", type=int, default=2000, help="tokens of a group")
    parser.add_argument("--decay", type=float, default=0.5, help="share of the steps in which the rate falls to zero")
    parser.add_argument("--drills", type=float, default=0.2, help="share of the steps in which half the groups are drills")
    parser.add_argument("--grow", type=float, default=0.7, help="share of the steps after which label sets are full-sized")
    parser.add_argument("--workers", type=int, default=0, help="processes that build groups ahead")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--matrix-rate", type=float, default=0.01, help="Muon's rate")
    parser.add_argument("--rate", type=float, default=6e-3, help="AdamW's rate")
    parser.add_argument("--seed", type=int, default=1)
    for name in ("layers", "width", "heads", "hidden"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Config, name))
    args = parser.parse_args()
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    if world > 1:
        dist.init_process_group("gloo")
    work = pathlib.Path(args.work)
    if rank == 0 and not (work / "tokenizer.json").exists():
        work.mkdir(parents=True, exist_ok=True)
        (work / "tokenizer.json").write_text(json.dumps(train_tokenizer(corpus(args.data), 4096)), encoding="utf-8")
    if world > 1:
        dist.barrier()
    tokenizer = Tokenizer.load(work / "tokenizer.json")
    torch.manual_seed(args.seed)
    model = Llama(Config(layers=args.layers, width=args.width, heads=args.heads, hidden=args.hidden))
    relate_spellings(model, tokenizer.tokens, SPACE)
    build_copying_heads(model)
    model.to(args.device)
    optimizer = Optimizer(model, rank, world, args.matrix_rate, args.rate)
    average = {n: p.detach().clone() for n, p in model.named_parameters()}
    start, spent = 0, 0.0
    if (work / "checkpoint.pt").exists():
        state = torch.load(work / "checkpoint.pt", map_location=args.device)
        model.load_state_dict(state["model"])
        optimizer.momentum = state["momentum"]
        optimizer.adam.load_state_dict(state["adam"])
        average, start, spent = state["average"], state["step"], state["seconds"]
    checker = Builder(tokenizer, datasets.load(args.data, "validation"), args.seed, "heldout", limit=1500)

    def save(step):
        torch.save({"model": model.state_dict(), "average": average, "momentum": optimizer.momentum, "step": step,
                    "adam": optimizer.adam.state_dict(), "config": model.config.__dict__,
                    "seconds": spent + time.time() - began}, work / "checkpoint.tmp")
        os.replace(work / "checkpoint.tmp", work / "checkpoint.pt")

    groups = stream(args, rank, start)
    began, tokens, total, seen = time.time(), 0, 0.0, 0
    for step in range(start, args.steps):
        torch.manual_seed(args.seed * 1_000_003 + step * world + rank)
        for p in model.parameters():
            p.grad = torch.zeros_like(p)
        for group in itertools.islice(groups, args.groups):
            loss, _, _ = loss_of(model, group, args.device, args.dropout)
            (loss / (args.groups * world)).backward()
            tokens, total, seen = tokens + len(group), total + loss.item(), seen + 1
        summed([p.grad for p in model.parameters()], world)
        scale = min(1.0, (step + 1) / 60, (args.steps - step) / (args.steps * args.decay))
        optimizer.step(scale, momentum=min(0.95, 0.85 + step / 3000))
        keep = min(0.99, step / (step + 20))
        for n, p in model.named_parameters():
            average[n].lerp_(p.detach(), 1 - keep)
        if (step + 1) % 20 == 0 and rank == 0:
            seconds = time.time() - began
            print(f"step {step + 1} loss {total / seen:.3f} {tokens * world / seconds:.0f} tokens/s "
                  f"{seconds / (step + 1 - start):.2f} s/step scale {scale:.2f}", flush=True)
            total, seen = 0.0, 0
        if (step + 1) % 100 == 0 or step + 1 == args.steps:
            figures = [validate(model, checker, args.device, rank) / world]
            summed(figures, world)
            if rank == 0:
                print("  " + "  ".join(f"{k} {loss:.3f}/{right:.3f}" for k, (loss, right) in zip(MIX, figures[0].tolist())),
                      flush=True)
        if ((step + 1) % 50 == 0 or step + 1 == args.steps) and rank == 0:
            save(step + 1)


if __name__ == "__main__":
    main()
