"""Teaches the head to see concepts, and if asked the last blocks of the encoder with it.

    python train_head.py FEATURES CONCEPTS OUT.pt EPOCHS [TUNED_STEPS]

FEATURES is what encode.py wrote. Every tenth scene is kept back to choose the temperature of the probabilities.
"""

import json
import math
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

import model
from concepts import Concepts


def load(path):
    with open(path + ".jsonl") as f:
        truths = [json.loads(line) for line in f]
    size = 192 * 7 * 7
    raw = np.memmap(path + ".bin", np.float16, "r")
    n = min(len(truths), len(raw) // size)
    stats = np.fromfile(path + ".stats", np.float16)[:n * 294].reshape(n, 294)
    return np.asarray(raw[:n * size]).reshape(n, 192, 7, 7), torch.from_numpy(stats.astype(np.float32)), truths[:n]


def targets(truths, concepts):
    y = torch.zeros(len(truths), concepts.size)
    for i, t in enumerate(truths):
        y[i, concepts.indices(t)] = 1
    bare = torch.tensor([t["mode"] != "beauty" for t in truths])
    return y, bare


def loss_of(logits, y, bare, concepts):
    total = 0
    for name, n, several in concepts.groups:
        at = concepts.start[name]
        part, want = logits[:, at:at + n], y[:, at:at + n]
        if several:
            loss = F.binary_cross_entropy_with_logits(part, want, reduction="none").sum(1)
        else:
            loss = -(part.log_softmax(1) * want).sum(1)
        if name in ("color", "materials"):
            # Without its materials a picture shows neither.
            loss = loss * ~bare
        total = total + loss.mean() * {"noun": 1.0, "light": .7, "weather": .7, "mode": .5, "view": .5}.get(name, .35)
    return total


def features_of(top, x, rows):
    """What the last blocks make of some rows."""
    see = model.fast(top, torch.randn(2, 192, 7, 7))
    return torch.from_numpy(np.concatenate([see(x[rows[i:i + 64]].astype(np.float32)) for i in range(0, len(rows), 64)]))


def right(logits, y, concepts, name):
    n = dict((k, c) for k, c, _ in concepts.groups)[name]
    at = concepts.start[name]
    return (logits[:, at:at + n].argmax(1) == y[:, at:at + n].argmax(1)).float().mean().item()


def main(features, concepts_path, out, epochs, tuned=0):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    concepts = Concepts.load(concepts_path)
    x, stats, truths = load(features)
    y, bare = targets(truths, concepts)
    kept = np.array([t["seed"] % 10 == 7 for t in truths])
    counts = {}
    for t in truths:
        counts[t["noun"]] = counts.get(t["noun"], 0) + 1
    weight = np.array([0 if k else counts[t["noun"]] ** -.5 for t, k in zip(truths, kept)])
    weight /= weight.sum()
    top, head = model.Top(model.backbone()).eval(), model.Heads(concepts.size, concepts.groups[0][1])
    began = time.time()
    pooled = features_of(top, x, np.arange(len(x)))
    print(len(x), "rows,", kept.sum(), "kept back; features", round(time.time() - began), "s", flush=True)
    for n, member in enumerate(head.members):
        learn(member, np.random.default_rng(1 + n), pooled, stats, y, bare, kept, weight, concepts, float(epochs))
    finish(top, head, pooled, stats, y, kept, concepts, out)
    if int(tuned):
        tune(top, head, x, stats, y, bare, kept, weight, concepts, int(tuned), np.random.default_rng(9))
        rows = np.flatnonzero(kept)
        pooled[rows] = features_of(top, x, rows)
        finish(top, head, pooled, stats, y, kept, concepts, out)


def learn(head, draw, pooled, stats, y, bare, kept, weight, concepts, epochs):
    """One head, on features that stay."""
    optimizer = torch.optim.AdamW(head.parameters(), lr=1e-3, weight_decay=.05)
    size = 128
    steps = int(epochs * (~kept).sum() / size)
    for k in range(steps):
        head.train()
        for g in optimizer.param_groups:
            g["lr"] = 1.5e-3 * min(1, (k + 1) / 30) * (.02 + .98 * .5 * (1 + math.cos(math.pi * k / steps)))
        rows = draw.choice(len(pooled), size, p=weight)
        loss = loss_of(head(pooled[rows], stats[rows]), y[rows], bare[rows], concepts)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if k % 200 == 199 or k == steps - 1:
            head.eval()
            with torch.no_grad():
                seen = head(pooled[kept], stats[kept])
            print(f"{k + 1}/{steps} loss {loss.item():.2f} kept " + " ".join(f"{n} {right(seen, y[kept], concepts, n):.3f}" for n in ("noun", "light", "mode", "view", "weather", "color")), flush=True)


def finish(top, head, pooled, stats, y, kept, concepts, out):
    """Chooses the temperature and saves."""
    head.eval()
    with torch.no_grad():
        seen = head(pooled[kept], stats[kept])
    n = concepts.groups[0][1]
    best = min((F.cross_entropy(seen[:, :n] / t, y[kept][:, :n].argmax(1)).item(), t) for t in (.6, .7, .8, .9, 1, 1.1, 1.25, 1.4, 1.6, 1.8, 2.0, 2.3))
    print("kept noun", right(seen, y[kept], concepts, "noun"), "temperature", best[1], "loss", best[0], flush=True)
    torch.save({"top": top.state_dict(), "head": head.state_dict(), "temperature": best[1]}, out)


def tune(top, head, x, stats, y, bare, kept, weight, concepts, steps, draw):
    """The last blocks learn too, slowly; their batch statistics stay."""
    optimizer = torch.optim.AdamW([{"params": head.parameters()}, {"params": top.parameters()}], weight_decay=.05)
    began = time.time()
    for k in range(steps):
        head.train()
        slope = min(1, (k + 1) / 30) * (.03 + .97 * .5 * (1 + math.cos(math.pi * k / steps)))
        optimizer.param_groups[0]["lr"], optimizer.param_groups[1]["lr"] = 4e-4 * slope, 3e-4 * slope
        rows = draw.choice(len(x), 32, p=weight)
        loss = loss_of(head(top(torch.from_numpy(x[rows].astype(np.float32))), stats[rows]), y[rows], bare[rows], concepts)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(top.parameters(), 2.0)
        optimizer.step()
        if k % 50 == 49 or k == steps - 1:
            head.eval()
            with torch.no_grad():
                some = np.flatnonzero(kept)[:256]
                seen = head(top(torch.from_numpy(x[some].astype(np.float32))), stats[some])
            print(f"tuned {k + 1}/{steps} loss {loss.item():.2f} noun {right(seen, y[some], concepts, 'noun'):.3f} {(time.time() - began) / (k + 1):.2f} s/step", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
