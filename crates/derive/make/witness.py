"""Let OpenCV and PyTorch make the controls of two small pictures, for our tests to compare with.

    python make/witness.py        # with `opencv-python-headless`, `torch` and `numpy` installed

The steps and numbers are those that NVIDIA's programs take (see `Edge` and `Blur`). Writes, in `tests/fixtures`:

- `procedural-61x43.rgb`: shapes, ramps and noise;
- `NAME-edge.u8`: one byte a pixel; bit 0 is an edge at very_low, bit 4 one at very_high;
- `NAME-PROGRAM.rgb`: the vis pictures of the strengths in `STRENGTHS`, one after the other.

With a picture and an output of ours it compares the two instead:

    python make/witness.py compare 1280x720 frame.rgb edge medium ours.u8
    python make/witness.py compare 1280x720 frame.rgb transfer25 medium ours.rgb
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import torch

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
STRENGTHS = ["very_low", "low", "medium", "high", "very_high"]
THRESHOLDS = dict(zip(STRENGTHS, [(20, 50), (50, 100), (100, 200), (200, 300), (300, 400)]))
FIRST = dict(zip(STRENGTHS, [1, 4, 2, 1, 4]))
SECOND = dict(zip(STRENGTHS, [4, 4, 10, 16, 16]))
TRANSFER1 = dict(zip(STRENGTHS, [(15, 100, 50), (15, 100, 50), (30, 150, 100), (50, 300, 150), (50, 300, 150)]))
PROGRAMS = ["transfer1", "transfer25", "cosmos3"]


def edge(picture, strength):
    return cv2.Canny(np.ascontiguousarray(picture), *THRESHOLDS[strength])


def filter_of(program, strength, longest):
    if program == "transfer1":
        return TRANSFER1[strength]
    if program == "transfer25":
        return 30, 150, 100
    scale = longest / 720
    diameter = max(1, round(30.0 * scale))
    return diameter + (diameter % 2 == 0), max(1.0, 150.0 * scale), max(1.0, 100.0 * scale)


def torch_cubic(picture, width, height):
    """What torchvision's resize does with bytes: floats, bicubic, antialiased, then clamped and rounded."""
    floats = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
    made = torch.nn.functional.interpolate(floats, (height, width), mode="bicubic", antialias=True, align_corners=False)
    return made.clamp(0, 255).round().byte()[0].permute(1, 2, 0).numpy().copy()


def cv_cubic(picture, width, height):
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)


def vis(picture, program, strength):
    height, width = picture.shape[:2]
    first, second = FIRST[strength], SECOND[strength]
    if first > 1:
        picture = cv2.resize(picture, (width // first, height // first), interpolation=cv2.INTER_AREA)
    picture = cv2.bilateralFilter(picture, *filter_of(program, strength, max(picture.shape[:2])))
    if first > 1:
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
    cubic = cv_cubic if program == "cosmos3" else torch_cubic
    return cubic(cubic(picture, width // second, height // second), width, height)


def procedural(width, height):
    random = np.random.Generator(np.random.PCG64(3))
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([x * 255 / width, y * 255 / height, (x + y) * 255 / (width + height)], -1)
    picture[(x - 20) ** 2 + (y - 18) ** 2 < 90] = (230, 40, 30)
    picture[(x > 35) & (y > 25)] = (20, 60, 200)
    picture[(x + 2 * y) % 23 == 0] += 60
    picture += random.normal(0, 6, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def load(path, width, height):
    return np.fromfile(path, np.uint8).reshape(height, width, 3)


def compare(size, path, control, strength, ours):
    width, height = map(int, size.split("x"))
    picture = load(path, width, height)
    if control == "edge":
        made, ours = edge(picture, strength), np.fromfile(ours, np.uint8).reshape(height, width)
    else:
        made, ours = vis(picture, control, strength), load(ours, width, height)
    difference = np.abs(made.astype(int) - ours)
    print(
        f"{control:10} {strength:9} largest {difference.max():3} mean {difference.mean():.6f} "
        f"different {(difference > 0).mean():.6%}"
    )


def fixtures():
    procedural(61, 43).tofile(FIXTURES / "procedural-61x43.rgb")
    for name, width, height in [("procedural-61x43", 61, 43), ("rendered-80x45", 80, 45)]:
        picture = load(FIXTURES / f"{name}.rgb", width, height)
        edges = sum((edge(picture, strength) & 1) << bit for bit, strength in enumerate(STRENGTHS))
        edges.astype(np.uint8).tofile(FIXTURES / f"{name}-edge.u8")
        for program in PROGRAMS:
            # The odd size needs the other branch of INTER_AREA, which `medium` and `low` take.
            strengths = STRENGTHS if name.startswith("rendered") else ["medium"]
            made = np.stack([vis(picture, program, strength) for strength in strengths])
            made.tofile(FIXTURES / f"{name}-{program}.rgb")


if __name__ == "__main__":
    if sys.argv[1:2] == ["compare"]:
        compare(*sys.argv[2:])
    else:
        fixtures()
