"""What an exported captioner says about the photos inside scikit-image, for honesty: it never saw one.

    python photos.py MODEL
"""

import sys

from PIL import Image
from skimage import data as samples

import evaluate

NAMES = ["astronaut", "camera", "coffee", "chelsea", "rocket", "coins", "motorcycle", "page", "clock", "hubble_deep_field", "moon", "brick", "grass", "gravel", "cat", "horse"]


def main(folder):
    captioner = evaluate.Captioner(folder)
    for name in NAMES:
        try:
            found = getattr(samples, name)()
        except Exception as error:  # some samples are fetched from the net
            print(f"{name}: not shipped ({type(error).__name__})")
            continue
        if isinstance(found, tuple):
            found = found[0]
        image = Image.fromarray(found.astype("uint8") * (255 if found.dtype == bool else 1)).convert("RGB")
        text, confidence = captioner(image)
        print(f"{name}: {text} ({confidence:.2f})")


if __name__ == "__main__":
    main(*sys.argv[1:])
