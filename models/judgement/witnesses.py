"""What the networks say of every picture of the sets, in the views that `cosmos describe` looks at.

    python witnesses.py MODELS OUT.npz SET...

MODELS is the folder of the models, SET a folder with pictures and truth.jsonl. Prepares pictures as the tool does, with
onnxruntime on one thread. What OUT.npz has already is not asked again.
"""

import json
import os
import sys

import numpy as np
import onnxruntime as ort
from PIL import Image

# As in crates/vision/src/analyzer and crates/vision/src/ai/detector.rs.
SHORT_SIDE, MIDDLE, MIN_SCORE = 400, .88, .5


class Networks:
    def __init__(self, models):
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        load = lambda name: ort.InferenceSession(os.path.join(models, name), options, providers=["CPUExecutionProvider"])
        self.captioner = load("render_captioner/encoder_model.onnx")
        self.tagger = load("tagger_efficientnet_lite0.onnx")
        self.detector = load("detector_ssd_mobilenet_v2_coco.onnx")

    def planes(self, image):
        pixels = np.asarray(image.resize((224, 224), Image.BILINEAR), np.float32)
        return ((pixels - 127) / 128).transpose(2, 0, 1)[None]

    def concepts(self, image):
        return self.captioner.run(["concepts"], {"pixel_values": self.planes(image)})[0][0]

    def tags(self, image):
        """Probabilities of the ten likeliest classes, 0 for the others."""
        side = max(1, int(min(image.size) * .875))
        x, y = (image.width - side) // 2, (image.height - side) // 2
        logits = self.tagger.run(["logits"], {"input": self.planes(image.crop((x, y, x + side, y + side)))})[0][0]
        shares = softmax(logits)
        shares[np.argsort(-shares)[10:]] = 0
        return shares

    def objects(self, image):
        """The best score of each class of the detector; 0 below what the tool reports."""
        pixels = np.asarray(image.resize((300, 300), Image.BILINEAR), np.uint8)[None]
        scores = self.detector.run(["scores"], {"image": pixels})[0][0].max(0)
        scores[0] = 0
        return np.where(scores > MIN_SCORE, scores, 0)


def softmax(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def opened(path):
    """A picture over black, its shorter side at most SHORT_SIDE."""
    image = Image.open(path)
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (0, 0, 0, 255)), image)
    image = image.convert("RGB")
    scale = SHORT_SIDE / min(image.size)
    return image if scale >= 1 else image.resize((int(image.width * scale), int(image.height * scale)), Image.LANCZOS)


def views(image):
    w, h = int(image.width * MIDDLE), int(image.height * MIDDLE)
    x, y = (image.width - w) // 2, (image.height - h) // 2
    mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    middle = (x, y, x + w, y + h)
    return [image, mirrored, image.crop(middle), mirrored.crop(middle)]


def look(networks, path, nouns):
    """Mean probabilities of the captioner's nouns and the tagger's classes, mean best scores of the detector."""
    seen = views(opened(path))
    return {
        "nouns": np.mean([softmax(networks.concepts(view)[:nouns]) for view in seen], 0),
        "tags": np.mean([networks.tags(view) for view in seen], 0),
        "objects": np.mean([networks.objects(view) for view in seen[:2]], 0),
    }


def truths(folder):
    with open(os.path.join(folder, "truth.jsonl")) as lines:
        return [json.loads(line) for line in lines]


def main(models, out, *sets):
    with open(os.path.join(models, "render_captioner/concepts.json")) as f:
        aspects = json.load(f)
    assert aspects[0]["name"] == "noun"
    known = dict(np.load(out, allow_pickle=True)["seen"].item()) if os.path.exists(out) else {}
    networks = Networks(models)
    for folder in sets:
        name = os.path.basename(os.path.normpath(folder))
        for truth in truths(folder):
            key = (name, truth["file"])
            if key not in known:
                known[key] = {**look(networks, os.path.join(folder, truth["file"]), len(aspects[0]["words"])), "truth": truth}
    np.savez_compressed(out, seen=np.array(known, dtype=object))
    print(len(known), "pictures")


if __name__ == "__main__":
    main(*sys.argv[1:])
