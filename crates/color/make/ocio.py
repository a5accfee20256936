"""Let OpenColorIO show colors through the ACES 1 output transform for sRGB, and keep what it says.

    python make/ocio.py        # with `opencolorio` and `numpy` installed

Writes `tests/fixtures/ocio-aces.u8`, for the colors of `samples.py`, from OpenColorIO's built-in ACES 1.3
configuration. No table is taken from there: our ACES is a formula.
"""

import sys
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from samples import samples  # noqa: E402

CONFIG = "cg-config-v2.2.0_aces-v1.3_ocio-v2.4"


def shown(colors):
    """Colors (n, 3) as display values from 0 to 1, (n, 3)."""
    config = ocio.Config.CreateFromBuiltinConfig(CONFIG)
    view = ocio.DisplayViewTransform(src="lin_rec709_srgb", display="sRGB - Display", view="ACES 1.0 - SDR Video")
    processor = config.getProcessor(view).getOptimizedCPUProcessor(ocio.OPTIMIZATION_NONE)
    pixels = np.ascontiguousarray(colors, dtype=np.float32).copy()
    processor.applyRGB(pixels)
    return pixels


if __name__ == "__main__":
    display = np.clip(shown(samples()).astype(np.float64), 0, 1)
    picture = np.floor(display * 255 + 0.5).astype(np.uint8)
    picture.tofile(HERE.parent / "tests" / "fixtures" / "ocio-aces.u8")
