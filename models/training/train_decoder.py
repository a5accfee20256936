"""Teaches the decoder to put concepts into words, from ground truth alone.

    python train_decoder.py TOKENIZER CONCEPTS OUT.pt STEPS TRUTH.jsonl...

Half of the samples mix the concepts of two scenes, and are captioned as either one, as often as it weighs: so the decoder
learns to be as sure as the concepts are. Light is drawn anew for scenes outdoors, so that no combination is strange to it.
"""

import copy
import json
import math
import os
import random
import sys
import time

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

import captions
import model
from concepts import Concepts


def vary(t, rng):
    t = copy.copy(t)
    if t["kind"] in ("outdoor", "vehicle") and t["light"] in ("day", "overcast", "sunset", "night") and rng.random() < .4:
        t["light"] = rng.choice(["day", "overcast", "sunset", "night"])
    if t["kind"] == "indoor" and rng.random() < .3:
        t["light"] = rng.choice(["day", "night", "neon", "sunset"])
    if t["kind"] in ("outdoor", "vehicle") and rng.random() < .2 and t["mode"] == "beauty":
        t["weather"] = rng.choice(["fog", "snow", ""])
    if t["kind"] in ("small", "object", "vehicle") and rng.random() < .15 and t["light"] in ("studio", "black"):
        t["light"] = rng.choice(["studio", "black"])
    if rng.random() < .08:
        t["mode"] = rng.choice(["clay", "wire", "beauty", "normals"])
    return t


def sharpen(one, other, w, concepts, rng, dice):
    """A row of probabilities: `one` with weight w, `other` with the rest, and a little spread."""
    p = np.zeros(concepts.size, np.float32)
    for truth, k in ((one, w), (other, 1 - w)):
        if k:
            for i in concepts.indices(truth):
                p[i] += k
    dust = rng.choice([0, 0, .05, .15])
    if dust:
        noise = dice.random(concepts.size, np.float32)
        for name, n, several in concepts.groups:
            part = slice(concepts.start[name], concepts.start[name] + n)
            spread = noise[part] * .3 if several else noise[part] ** 4 / (noise[part] ** 4).sum()
            p[part] = p[part] * (1 - dust) + spread * dust
    return p


def main(tokenizer, concepts_path, out, steps, *paths):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    rng, dice = random.Random(1), np.random.default_rng(1)
    tok = Tokenizer.from_file(tokenizer)
    truths = []
    for path in paths:
        with open(path) as f:
            truths += [t for t in map(json.loads, f) if t["split"] in ("train", "loose", "wide")]
    truths.sort(key=lambda t: (t["renderer"], t["seed"]))
    if not os.path.exists(concepts_path):
        Concepts.collect(truths).save(concepts_path)
    concepts = Concepts.load(concepts_path)
    print(len(truths), "truths,", concepts.size, "concepts", {k: n for k, n, _ in concepts.groups}, flush=True)
    tokens, dec = model.Tokens(concepts.groups), model.decoder(tok.get_vocab_size(), 0)
    params = list(tokens.parameters()) + list(dec.parameters())
    optimizer = torch.optim.AdamW(params, lr=1e-3, weight_decay=.01, foreach=True)
    steps, size, waiting, sums, began = int(steps), 48, [], 0, time.time()
    for k in range(steps):
        if not waiting:
            drawn = []
            for _ in range(size * 6):
                a, b = vary(rng.choice(truths), rng), vary(rng.choice(truths), rng)
                w = 1.0 if rng.random() < .5 else rng.uniform(.5, 1)
                drawn.append((a, b, w, [0, *tok.encode(captions.caption(a if rng.random() < w else b, rng)).ids[:model.POSITIONS - 2], 0]))
            drawn.sort(key=lambda d: len(d[3]))
            waiting = [drawn[i:i + size] for i in range(0, len(drawn), size)]
            rng.shuffle(waiting)
        rows = waiting.pop()
        p = torch.from_numpy(np.stack([sharpen(a, b, w, concepts, rng, dice) for a, b, w, _ in rows]))
        longest = max(len(r[3]) for r in rows)
        ids = torch.zeros(size, longest, dtype=torch.long)
        labels = torch.full((size, longest), -100)
        for i, (_, _, _, row) in enumerate(rows):
            ids[i, :len(row)] = labels[i, :len(row)] = torch.tensor(row)
        for g in optimizer.param_groups:
            g["lr"] = 3e-3 * min(1, (k + 1) / 50) * (.03 + .97 * .5 * (1 + math.cos(math.pi * k / steps)))
        logits = dec(input_ids=ids, encoder_hidden_states=tokens(p), use_cache=False).logits
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        optimizer.step()
        sums += loss.item()
        if k % 50 == 49:
            print(f"{k + 1} loss {sums / 50:.3f} {(time.time() - began) / (k + 1):.2f} s/step, {time.process_time() / (k + 1):.3f} cpu", flush=True)
            sums = 0
    torch.save({"tokens": tokens.state_dict(), "decoder": dec.state_dict(), "step": steps}, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
