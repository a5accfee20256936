"""Pictures as the model sees them: composited, squashed to 224 pixels, and spoiled the way unfinished renders are."""

import io
import json
import os
import random

import numpy as np
from PIL import Image, ImageFilter

import registry

SIDE = 224
MEAN, STD = 127.0, 128.0


def truths(folders, splits):
    """The ground truth of every picture there is, with its path; in one order, however they were rendered."""
    out = []
    for folder in folders:
        path = os.path.join(folder, "truth.jsonl")
        if not os.path.exists(path):
            continue
        with open(path) as f:
            for line in f:
                t = json.loads(line)
                t["path"] = os.path.join(folder, t["file"])
                if t["split"] in splits and os.path.exists(t["path"]):
                    out.append(t)
    return sorted(out, key=lambda t: (t["renderer"], t["split"], t["seed"]))


def flatten(image, rng=None):
    """Puts a picture with alpha on black, or on what `rng` picks."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    color = (0, 0, 0) if rng is None or rng.random() < .6 else rng.choice([(255, 255, 255), (128, 128, 128), (40, 40, 44), (200, 200, 200)])
    back = Image.new("RGBA", image.size, color + (255,))
    return Image.alpha_composite(back, image).convert("RGB")


def spoil(image, truth, rng):
    """A harder version of a picture; returns it with its truth, which loses what can no longer be seen."""
    w, h = image.size
    k = rng.uniform(.86, 1)
    cw, ch = int(w * k), int(h * rng.uniform(max(.86, k - .05), min(1, k + .05)))
    x, y = rng.randint(0, w - cw), rng.randint(0, h - ch)
    image = image.crop((x, y, x + cw, y + ch))
    if rng.random() < .5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if rng.random() < .25:
        n = rng.choice([48, 64, 96])
        image = image.resize((n, max(16, n * ch // cw)), Image.Resampling.BILINEAR)
    if rng.random() < .25:
        # What takes out noise takes out grain with it.
        image = image.filter(ImageFilter.MedianFilter(3))
    if rng.random() < .15:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(.5, 1.8)))
    image = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    a = np.asarray(image, np.float32) / 255
    if rng.random() < .6:
        a = a ** rng.uniform(.65, 1.5) * rng.uniform(.6, 1.35)
    if rng.random() < .3:
        mean = a.mean((0, 1), keepdims=True)
        a = mean + (a - mean) * rng.uniform(.55, 1.4)
    if rng.random() < .3:
        a = a * np.array([rng.uniform(.85, 1.15) for _ in range(3)], np.float32)
    if rng.random() < .18:
        a = np.repeat(a.mean(2, keepdims=True), 3, 2)
        truth = dict(truth, color="", adj=[a for a in truth["adj"] if a != "colorful"], parts=[p for p in truth["parts"] if "shirt" not in p and "blanket" not in p])
    elif rng.random() < .3:
        g = a.mean(2, keepdims=True)
        a = g + (a - g) * rng.uniform(.5, 1.5)
    if rng.random() < .3:
        noise = np.random.default_rng(rng.randrange(1 << 30))
        a = a + noise.normal(0, rng.uniform(.01, .09), a.shape).astype(np.float32)
    if rng.random() < .06:
        n = rng.randint(12, 36)
        a[:n], a[-n:] = 0, 0
    image = Image.fromarray((np.clip(a, 0, 1) * 255 + .5).astype(np.uint8))
    if rng.random() < .2:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=rng.randint(25, 80))
        image = Image.open(buffer)
    return image, truth


def plain(image):
    return image.resize((SIDE, SIDE), Image.Resampling.BILINEAR)


def pixels(image):
    """A picture as the encoder takes it: 3 x 224 x 224."""
    return ((np.asarray(image, np.float32) - MEAN) / STD).transpose(2, 0, 1)


def load(truth, variant):
    """A picture and its truth: variant 0 as it is or without its grain, the others spoiled, each always in the same way."""
    rng = random.Random(f"{truth['file']}-{truth['renderer']}-{variant}")
    image = Image.open(truth["path"])
    if variant == 0:
        image = flatten(image)
        if truth["split"] in registry.WIDE and rng.random() < .7:
            # A finished picture has no grain.
            image = image.filter(ImageFilter.MedianFilter(3))
        return plain(image), truth
    return spoil(flatten(image, rng), truth, rng)
