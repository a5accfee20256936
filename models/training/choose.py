"""Chooses what training does not: how sharp the concepts are, and from what confidence on a caption is shown.

    python choose.py sharpness HEAD.pt DECODER.pt TOKENIZER CONCEPTS OUT.json FOLDERS:SPLIT...
    python choose.py threshold MODEL FOLDERS:SPLIT...

Both look only at the sets that they are given, which are none of those that the model is scored on. `sharpness` tries one
setting after the other and keeps what gives more right nouns and attributes. `threshold` writes `min_confidence` into
MODEL/config.json: the lowest at which a share of .85 right nouns is sure, not just met by chance.
"""

import copy
import json
import math
import os
import sys

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer

import data
import evaluate
import export
import model

# The share of right nouns that is promised above the threshold, and how sure (one-sided, in standard deviations) it must be.
GOAL, SURE = .85, 1.2816
# What is tried for each setting: temperatures of the groups, and what is added to the logits of some of their members.
TRIED = [
    ("bias", "mode", (.7, 1.4, 2.1)), ("bias", "light", (.5, 1, -.4)), ("bias", "view", (.5, 1, -.4)), ("bias", "weather", (.6, -.5)), ("bias", "materials", (.6, 1.2, -.5)),
    ("temperature", "others", (.1, .35, .5)), ("temperature", "several", (.15, .5)), ("temperature", "noun", (.6, .75, .9, 1.15, 1.3)),
]


def lowest(rows):
    """The lowest confidence above which the goal is surely met: (confidence, share that passes, share of right nouns)."""
    order = sorted(rows, key=lambda r: -r["confidence"])
    best, right = None, 0
    for n, r in enumerate(order, 1):
        right += evaluate.captions.right_noun(r["caption"], r["truth"])
        p = right / n
        # Wilson's lower bound, so that few pictures need a larger margin than many.
        bound = (p + SURE ** 2 / (2 * n) - SURE * math.sqrt(p * (1 - p) / n + (SURE / (2 * n)) ** 2)) / (1 + SURE ** 2 / n)
        if bound >= GOAL:
            best = (r["confidence"], n / len(order), p)
    return best


class Speaker:
    """The decoder on many pictures at once."""

    def __init__(self, tokens, gpt, tokenizer, length):
        self.tokens, self.tokenizer, self.length = tokens, tokenizer, length
        self.first, self.later = export.Decoder(gpt, False).eval(), export.Decoder(gpt, True).eval()

    @torch.inference_mode()
    def __call__(self, logits, settings):
        seen = self.tokens(self.tokens.probabilities(logits, settings))
        n = len(logits)
        ids, total, count, going, past = [torch.zeros(n, 1, dtype=torch.long)], torch.zeros(n), torch.zeros(n), torch.ones(n, dtype=torch.bool), None
        for _ in range(self.length - 1):
            out, *past = self.first(ids[-1], seen) if past is None else self.later(ids[-1], seen, *past)
            chance, best = out[:, -1].log_softmax(1).max(1)
            total, count = total + chance * going, count + going
            ids.append((best * going).unsqueeze(1))
            going = going & (best != 0)
            if not going.any():
                break
        confidence = (total / count).exp().tolist()
        return [(self.tokenizer.decode(row).strip(), c) for row, c in zip(torch.cat(ids, 1).tolist(), confidence)]


def worth(sets):
    """Twice the share of right nouns, the F1 of attributes, and half the share that passes the threshold on the last set."""
    scores = [evaluate.score(rows) for rows in sets]
    f1 = [2 * s["attribute_precision"] * s["attribute_recall"] / max(1e-9, s["attribute_precision"] + s["attribute_recall"]) for s in scores]
    passed = lowest(sets[-1])
    return 2 * np.mean([s["noun"] for s in scores]) + np.mean(f1) + .5 * (passed[1] if passed else 0)


def sharpness(seeing, speaking, tokenizer, concepts_path, out, *sets):
    torch.set_num_threads(1)
    stem, top, head, tokens, gpt, settings, tok, concepts = export.load(seeing, speaking, tokenizer, concepts_path)
    see = model.fast(model.Whole(stem, top, head), torch.randn(2, 3, 224, 224))
    truths, logits = [], []
    for spec in sets:
        where, split = spec.split(":")
        truths.append(data.truths(where.split(","), [split]))
        for t in truths[-1]:
            logits.append(see(data.pixels(data.plain(data.flatten(Image.open(t["path"]))))[None]))
    logits = torch.from_numpy(np.concatenate(logits))
    speaker = Speaker(tokens, gpt, tok, export.LENGTH)

    def tried(settings):
        said = iter(speaker(logits, model.spread(settings, concepts)))
        return [[{"truth": t, "caption": c, "confidence": p, "ms": 0} for t, (c, p) in zip(ts, said)] for ts in truths]
    base = settings["temperature"]["noun"]
    best = worth(tried(settings))
    print("as trained", round(best, 4), flush=True)
    for kind, name, values in TRIED:
        for v in values:
            other = copy.deepcopy(settings)
            other[kind][name] = v * base if name == "noun" else v
            w = worth(tried(other))
            if w > best + .002:
                best, settings = w, other
                print(kind, name, v, round(best, 4), flush=True)
    for spec, rows in zip(sets, tried(settings)):
        print(spec.split(":")[1], {k: round(float(v), 3) for k, v in evaluate.score(rows).items()}, lowest(rows), flush=True)
    export.write_json(out, settings)


def threshold(folder, *sets):
    captioner, rows = evaluate.Captioner(folder), []
    for spec in sets:
        where, split = spec.split(":")
        for t in data.truths(where.split(","), [split]):
            text, confidence = captioner(data.flatten(Image.open(t["path"])))
            rows.append({"truth": t, "caption": text, "confidence": confidence})
    found = lowest(rows)
    if found is None:
        sys.exit(f"no confidence is surely right in {GOAL:.0%} of {len(rows)} pictures")
    path = os.path.join(folder, "config.json")
    with open(path) as f:
        config = json.load(f)
    # Rounded up, so that no picture slips below.
    config["min_confidence"] = math.ceil(found[0] * 1e4) / 1e4
    export.write_json(path, config)
    print(f"min_confidence {config['min_confidence']}: {found[1]:.3f} of {len(rows)} pass, {found[2]:.3f} of them right", flush=True)


if __name__ == "__main__":
    {"sharpness": sharpness, "threshold": threshold}[sys.argv[1]](*sys.argv[2:])
