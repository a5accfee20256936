"""Scores the names and descriptions that `cosmos describe` gives to the pictures of a set.

    python score.py COSMOS MODELS SET... [--list] [--copies]

A picture counts as right if the noun is one that its truth accepts, or the kind of thing that it is; as `other` if what
is named is visibly there too; as wrong if it is not; else nothing is named. Pictures of `others-test` that seen.txt lists
are left out. `--list` prints every picture, `--copies` describes a mirrored copy, one zoomed by 6 % and one dimmed to 75 %,
and prints how many get the same noun, or none, as the picture.
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

from fit import HERE, Vocabulary, lines, named
from witnesses import opened, truths


def described(cosmos, models, files):
    with tempfile.TemporaryDirectory() as cache:
        command = [cosmos, "describe", "--json", "--models-dir", models, *files]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "XDG_CACHE_HOME": cache})
    if not done.stdout:
        sys.exit(done.stderr)
    return {os.path.basename(f["path"]): f for f in json.loads(done.stdout)["files"]}


def noun(answer):
    judged = answer["analysis"].get("judgement") or {}
    return judged.get("noun") or answer["analysis"].get("subject")


def verdict(words, answer, truth):
    name = noun(answer)
    if name is None:
        return "nothing"
    subject = answer["analysis"]["subject"] or ""
    if words.is_right(name, truth) or any(f" {word.lower()} " in f" {subject} " for word in truth["main"]):
        return "right"
    return "other" if named(name, {word.lower() for word in truth["also"]}) else "wrong"


def copies(path):
    image = opened(path)
    w, h = int(image.width * .94), int(image.height * .94)
    x, y = (image.width - w) // 2, (image.height - h) // 2
    yield "mirrored", image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    yield "zoomed", image.crop((x, y, x + w, y + h))
    yield "dimmed", Image.fromarray((np.asarray(image, np.float32) * .75).astype(np.uint8))


def main(cosmos, models, *arguments):
    words, looked_at = Vocabulary(), set(lines(os.path.join(HERE, "seen.txt")))
    for folder in (a for a in arguments if not a.startswith("--")):
        name = os.path.basename(os.path.normpath(folder))
        used = [t for t in truths(folder) if not (name == "others-test" and t["file"] in looked_at)]
        answers = described(cosmos, models, [os.path.join(folder, t["file"]) for t in used])
        rows = [(verdict(words, answers[t["file"]], t), t) for t in used]
        print(name, len(rows), ", ".join(f"{v} {sum(r[0] == v for r in rows) / len(rows):.3f}" for v in ("right", "other", "wrong", "nothing")))
        if "--list" in arguments:
            for found, t in rows:
                print(f"  {found:8}{t['file']:40}{answers[t['file']]['analysis']['description']}  [{answers[t['file']]['name']}]")
        if "--copies" in arguments:
            with tempfile.TemporaryDirectory() as place:
                files = []
                for t in used:
                    for kind, image in copies(os.path.join(folder, t["file"])):
                        files.append(os.path.join(place, f"{kind}-{t['file']}"))
                        image.save(files[-1])
                again = described(cosmos, models, files)
            for kind in ("mirrored", "zoomed", "dimmed"):
                same = np.mean([noun(again[f"{kind}-{t['file']}"]) == noun(answers[t["file"]]) for t in used])
                print(f"  {kind:9}{same:.3f} get the same noun or none")


if __name__ == "__main__":
    main(*sys.argv[1:])
