"""Scores what the tool itself says about the held-out sets: its composed descriptions, or its captions once the model is installed.

    python tool.py COSMOS MODELS FOLDER:SPLIT...

runs `cosmos describe --json` on the pictures and reports main nouns, attributes and names.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

from PIL import Image

import captions
import data
import evaluate


def good_name(name, truth):
    """A name is good if it says the main noun (or its last word), is at most 20 characters and holds only words."""
    words = name.split("_")
    nouns = {w for n in captions.NOUNS[truth["noun"]] for w in (n, n.split()[-1])}
    return len(name) <= 20 and re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name) is not None and any(w in words or all(p in words for p in w.split()) for w in nouns)


def main(cosmos, models, *sets):
    for spec in sets:
        where, split = spec.split(":")
        truths = data.truths(where.split(","), [split])
        with tempfile.TemporaryDirectory() as folder:
            by_path = {}
            for i, t in enumerate(truths):
                path = os.path.join(folder, f"{i}.png")
                data.flatten(Image.open(t["path"])).save(path)
                by_path[path] = t
            done = subprocess.run([cosmos, "describe", "--json", "--models-dir", models, folder], capture_output=True, text=True, env=dict(os.environ, ORT_DISABLE_TELEMETRY="1"))
            rows, names, by = [], [], {}
            for found in json.loads(done.stdout)["files"]:
                t = by_path[found["path"]]
                rows.append({"truth": t, "caption": found["analysis"]["description"].lower(), "confidence": 0, "ms": 0})
                names.append(good_name(found["name"], t))
                by[found["analysis"]["described_by"]] = by.get(found["analysis"]["described_by"], 0) + 1
            print(split, {k: round(float(v), 3) for k, v in evaluate.score(rows).items() if k != "ms"}, "good names", round(sum(names) / max(1, len(names)), 3), by, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
