"""Computes the fixed part of the encoder for all pictures, some variants of each, and keeps it on disk.

    python encode.py OUT VARIANTS SPLITS FOLDER...

Adds what is new; OUT.bin holds half floats, OUT.stats the statistics of the pixels, OUT.jsonl the truth of each row.
"""

import json
import os
import sys

import numpy as np
import torch

import data
import model


def main(out, variants, splits, folders):
    torch.set_num_threads(1)
    stem = model.fast(model.Stem(model.backbone()), torch.randn(2, 3, data.SIDE, data.SIDE))
    done = set()
    if os.path.exists(out + ".jsonl"):
        with open(out + ".jsonl") as f:
            done = {(t["file"], t["renderer"], t["variant"]) for t in map(json.loads, f)}
    # One picture of every scene comes first.
    todo = [(t, v) for v in range(variants) for t in data.truths(folders, splits) if (t["file"], t["renderer"], v) not in done]
    print(len(todo), "to encode", flush=True)
    with open(out + ".bin", "ab") as bin_, open(out + ".stats", "ab") as stats, open(out + ".jsonl", "a") as lines, torch.inference_mode():
        for i in range(0, len(todo), 32):
            batch = [data.load(t, v) for t, v in todo[i:i + 32]]
            x = np.stack([data.pixels(p) for p, _ in batch])
            f = stem(x).astype(np.float16)
            bin_.write(f.tobytes())
            bin_.flush()
            stats.write(model.statistics(torch.from_numpy(x)).numpy().astype(np.float16).tobytes())
            stats.flush()
            for (t, v), (_, truth) in zip(todo[i:i + 32], batch):
                lines.write(json.dumps(dict(truth, variant=v)) + "\n")
            lines.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3].split(","), sys.argv[4:])
