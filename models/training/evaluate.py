"""Scores an exported captioner, with onnxruntime on one thread and the loop that the tool runs.

    python evaluate.py MODEL OUT.json [--sheet SHEET.png] FOLDER:SPLIT...

For each set: share of right main nouns, precision and recall of the attributes named, time for a caption, and how
confidence and being right go together.
"""

import json
import os
import sys
import time

import numpy as np
import onnxruntime as ort
from PIL import Image
from tokenizers import Tokenizer

import captions
import data


class Captioner:
    def __init__(self, folder):
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.sessions = [ort.InferenceSession(os.path.join(folder, n + ".onnx"), options, providers=["CPUExecutionProvider"]) for n in ("encoder_model", "decoder_model", "decoder_with_past_model")]
        self.tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        with open(os.path.join(folder, "generation_config.json")) as f:
            self.length = json.load(f)["max_length"]
        self.past = [i.name for i in self.sessions[2].get_inputs() if i.name.startswith("past")]

    def __call__(self, image):
        encoder, first, later = self.sessions
        seen = encoder.run(None, {"pixel_values": data.pixels(data.plain(image))[None]})[0]
        ids, total, kv = [0], 0.0, None
        while len(ids) < self.length:
            feed = {"input_ids": np.array([ids[-1:]]), "encoder_hidden_states": seen}
            if kv is None:
                logits, *kv = first.run(None, feed)
            else:
                logits, *kv = later.run(None, {**feed, **dict(zip(self.past, kv))})
            last = logits[0, -1].astype(np.float64)
            best = int(last.argmax())
            total += last[best] - last.max() - np.log(np.exp(last - last.max()).sum())
            ids.append(best)
            if best == 0:
                break
        return self.tokenizer.decode(ids).strip(), float(np.exp(total / (len(ids) - 1)))


def score(rows):
    named = [r for r in rows]
    right = [captions.right_noun(r["caption"], r["truth"]) for r in named]
    strict = [captions.right_noun(r["caption"], r["truth"], near=False) for r in named]
    hits = said = wanted = found = 0
    for r in rows:
        says, true = captions.attributes(r["caption"]), captions.true_attributes(r["truth"])
        hits += len(says & true)
        said += len(says)
        wanted += len(true & captions.EXPECTED)
        found += len(says & true & captions.EXPECTED)
    return {"pictures": len(rows), "noun": np.mean(right), "noun_strict": np.mean(strict), "attribute_precision": hits / max(said, 1), "attribute_recall": found / max(wanted, 1),
            "ms": float(np.median([r["ms"] for r in rows]))}


def calibrate(rows, goal=.85):
    """The lowest threshold above which the goal is met, with the share of captions that pass it."""
    order = sorted(rows, key=lambda r: -r["confidence"])
    best, right = None, 0
    for k, r in enumerate(order, 1):
        right += captions.right_noun(r["caption"], r["truth"])
        if right / k >= goal and k >= 20:
            best = (r["confidence"], k / len(rows), right / k)
    return best


def sheet(rows, path, columns=4):
    from PIL import ImageDraw
    w, h = 320, 190
    out = Image.new("RGB", (w * columns, (h + 44) * ((len(rows) + columns - 1) // columns)), "white")
    draw = ImageDraw.Draw(out)
    for i, r in enumerate(rows):
        image = data.flatten(Image.open(r["truth"]["path"]))
        image.thumbnail((w - 8, h))
        x, y = i % columns * w, i // columns * (h + 44)
        out.paste(image, (x + 4, y))
        text, lines = r["caption"], []
        while text:
            cut = len(text) if len(text) <= 50 else text.rfind(" ", 0, 50)
            lines.append(text[:cut])
            text = text[cut:].strip()
        ok = captions.right_noun(r["caption"], r["truth"])
        draw.text((x + 4, y + h + 2), f"{r['confidence']:.2f} " + "\n".join(lines[:2]), fill="black" if ok else "red")
    out.save(path)


def main(folder, out, *sets):
    shown = None
    if sets[0] == "--sheet":
        shown, sets = sets[1], sets[2:]
    captioner, results, everything = Captioner(folder), {}, {}
    for spec in sets:
        where, split = spec.split(":")
        rows = []
        for t in data.truths(where.split(","), [split]):
            image = data.flatten(Image.open(t["path"]))
            began = time.perf_counter()
            text, confidence = captioner(image)
            rows.append({"truth": t, "caption": text, "confidence": confidence, "ms": 1000 * (time.perf_counter() - began)})
        everything[split] = rows
        results[split] = score(rows)
        results[split]["calibration"] = calibrate(rows)
        print(split, {k: round(float(v), 3) if isinstance(v, float) else v for k, v in results[split].items()}, flush=True)
        by = {}
        for r in rows:
            by.setdefault(r["truth"]["noun"], []).append(captions.right_noun(r["caption"], r["truth"]))
        results[split]["by_noun"] = {n: [sum(v), len(v)] for n, v in sorted(by.items())}
        print("  worst:", ", ".join(f"{n} {sum(v)}/{len(v)}" for n, v in sorted(by.items(), key=lambda p: np.mean(p[1]))[:14]), flush=True)
    with open(out, "w") as f:
        json.dump({"scores": results, "captions": {s: [dict(file=r["truth"]["file"], renderer=r["truth"]["renderer"], noun=r["truth"]["noun"], caption=r["caption"], confidence=round(r["confidence"], 4), right=bool(captions.right_noun(r["caption"], r["truth"]))) for r in rows] for s, rows in everything.items()}}, f, indent=1)
    if shown:
        rng = np.random.default_rng(5)
        picked = [rows[i] for rows in everything.values() for i in rng.permutation(len(rows))[:20 // len(everything) + 1]]
        sheet(picked[:20], shown)


if __name__ == "__main__":
    main(*sys.argv[1:])
