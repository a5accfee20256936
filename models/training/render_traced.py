"""Renders scenes with our own ray tracer (`tracer.rs`), built on first use.

    python render_traced.py OUT SPLIT FIRST COUNT [NOUN]

writes the same files as render_cycles.py does.
"""

import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

import registry

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ["glow", "smoke", "glass", "water", "metal", "gold", "paint", "plastic", "brick", "wood", "tiles", "panel", "checker", "snowcap", "strata", "shore", "corrugated", "tile", "grainy", "rough", "planet", "shade", "ashlar", "marble", "plain"]
SAME = {"bark": "wood", "concrete": "rough", "plaster": "plain", "stone": "rough", "asphalt": "rough", "dirt": "rough", "rock": "rough", "sand": "grainy", "snow": "plain", "grass": "grainy", "fabric": "plain", "leaf": "grainy", "foam": "plain", "rubber": "plain", "skin": "plain"}
MODES = {"beauty": 0, "clay": 1, "wire": 2, "normals": 3, "viewport": 4}
SIZES = [((256, 144), 50), ((196, 196), 22), ((224, 168), 16), ((288, 124), 6), ((160, 230), 6)]


def tracer(folder):
    binary = os.path.join(folder, "tracer")
    source = os.path.join(HERE, "tracer.rs")
    if not os.path.exists(binary) or os.path.getmtime(binary) < os.path.getmtime(source):
        subprocess.run(["rustc", "-O", "--edition", "2021", "-C", "target-cpu=native", source, "-o", binary], check=True)
    return subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def triangles(s):
    """All triangles as an array of 20 words, and the materials they use."""
    rows, mats = [], []
    for (key, smooth), (blocks, faces, _) in s.groups.items():
        verts = np.concatenate(blocks).astype(np.float32)
        index, edges = [], []
        for f in faces:
            n = len(f)
            for k in range(1, n - 1):
                index.append((f[0], f[k], f[k + 1]))
                edges.append((1 if k == 1 else 0) | 2 | (4 if k == n - 2 else 0))
        index = np.array(index)
        a, b, c = verts[index[:, 0]], verts[index[:, 1]], verts[index[:, 2]]
        flat = np.cross(b - a, c - a)
        if smooth:
            normals = np.zeros_like(verts)
            for k in range(3):
                np.add.at(normals, index[:, k], flat)
            n0, n1, n2 = (normals[index[:, k]] for k in range(3))
            n0, n1, n2 = (n / np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-20) for n in (n0, n1, n2))
        else:
            n0 = n1 = n2 = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-20)
        row = np.empty((len(index), 20), np.uint32)
        row[:, :18] = np.concatenate([a, b, c, n0, n1, n2], 1).astype(np.float32).view(np.uint32)
        row[:, 18] = len(mats)
        row[:, 19] = edges
        rows.append(row)
        mats.append(key)
    return np.concatenate(rows), mats


def pack(s, rng, viewport_share=.16):
    env = s.env
    mode = s.mode
    if mode == "beauty" and rng.random() < viewport_share and s.light in ("day", "overcast", "studio") and not s.weather and not s.state:
        mode = "viewport"
        s.truth["light"] = s.light = "studio" if s.kind in ("object", "small", "vehicle") and s.light == "studio" else ""
        g = rng.choice([.03, .05, .25, .5])
        env.update(bg=(g, g, g * 1.1), stars=False)
    (w, h), = rng.choices([a for a, _ in SIZES], [k for _, k in SIZES])
    if s.truth["split"] == "train":
        # Detail costs time, and breadth is worth more.
        k = rng.choice([1, .8, .65])
        w, h = int(w * k), int(h * k)
    aspect = max(w, h) / min(w, h)
    small = math.tan(math.radians(s.camera["fov"]) / 2) * aspect ** -.15
    tan_x, tan_y = (small * w / h, small) if w >= h else (small, small * h / w)
    spp = {"beauty": rng.choice([2, 3, 4]), "clay": 3, "wire": 4, "normals": 2, "viewport": 3}[mode]
    sun = env["sun"] if s.kind != "indoor" else None
    sun = sun or {"dir": (0, 0, 1), "color": (0, 0, 0), "strength": 0, "size": 0}
    lines = rng.choice([((.02, .02, .025), (.75, .78, .8)), ((.6, .6, .6), (.03, .03, .03)), ((.25, .25, .27), (.9, .55, .15)), ((.05, .06, .1), (.2, .8, .5))])
    bg = env["bg"]
    if mode == "clay":
        lines = (rng.choice([(.6, .6, .6), (.55, .5, .45), (.75, .75, .75), (.35, .35, .36), (.62, .4, .28)]),) * 2
    if mode == "wire":
        bg = lines[0]
    if mode == "normals":
        bg = (.5, .5, .5)
    alpha = env["bg"] is not None and rng.random() < .25 and mode != "viewport"
    s.truth["alpha"] = alpha
    clouds = s.kind in ("outdoor", "vehicle") and s.light in ("day", "overcast", "sunset") and rng.random() < .6
    indoor = .3 if s.kind == "indoor" else 1.0
    exposure = env["exposure"] * 2 ** rng.uniform(-.5, .4) * (1.9 if s.light == "night" and s.kind == "outdoor" else 1)
    flags = bool(env["stars"]) | (bg is not None) << 1 | alpha << 2 | clouds << 3 | (rng.random() < .6) << 4 | (rng.random() < .72) << 5
    out = struct.pack("<4I", w, h, spp, MODES[mode])
    out += struct.pack("<8f", *s.camera["eye"], *s.camera["target"], tan_x, tan_y)
    out += struct.pack("<7f", *sun["dir"], *(c * sun["strength"] for c in sun["color"]), sun["size"] * .5)
    out += struct.pack("<12f", *env["zenith"], *env["horizon"], env["ambient"] * indoor, env["fog"], *env["fog_color"], exposure)
    out += struct.pack("<I3f", flags, *(bg or (0, 0, 0))) + struct.pack("<6f", *lines[0], *lines[1])
    tris, mats = triangles(s)
    out += struct.pack("<I", len(mats))
    for kind, color, scale in mats:
        grain = {"asphalt": 2, "rock": .6, "dirt": 1, "grass": 1, "leaf": 1.5, "sand": .8}.get(kind, 1)
        out += struct.pack("<I4f", KINDS.index(SAME.get(kind, kind)), *color, scale * grain)
    lamps = sorted(s.lamps, key=lambda q: sum((a - b) ** 2 for a, b in zip(q["at"], s.camera["eye"])) / (q["watts"] + 1))[:16]
    out += struct.pack("<I", len(lamps))
    for q in lamps:
        out += struct.pack("<7f", *q["at"], *(c * q["watts"] for c in q["color"]), q["radius"] * (.1 if s.kind in ("small", "object") else 1))
    return out + struct.pack("<I", len(tris)) + tris.tobytes(), w, h


def main(out, split, first, count, noun=None):
    os.makedirs(out, exist_ok=True)
    worker = tracer(os.environ.get("TRACER_DIR", tempfile.gettempdir()))
    for seed in range(int(first), int(first) + int(count)):
        path = os.path.join(out, f"{split}-{seed}.png")
        if os.path.exists(path):
            continue
        s = registry.make(seed, split, noun)
        body, w, h = pack(s, random.Random(f"traced-{split}-{seed}"))
        worker.stdin.write(struct.pack("<2Q", len(body), seed) + body)
        worker.stdin.flush()
        raw = worker.stdout.read(w * h * 4)
        image = Image.frombytes("RGBA", (w, h), raw)
        (image if s.truth["alpha"] else image.convert("RGB")).save(path)
        s.truth.update(file=os.path.basename(path), renderer="traced")
        with open(os.path.join(out, "truth.jsonl"), "a") as f:
            f.write(json.dumps(s.truth) + "\n")
    worker.stdin.close()
    worker.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
