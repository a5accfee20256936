"""The scene-linear colors that every witness is shown.

They are made the same way each time: a gray ramp over 28 stops, ramps of the six pure hues, colors as
renders have them, colors as hard as they come, and some outside Rec.709.
"""

import numpy as np

# The picture is this wide and high, so that Blender can hold it as an image.
WIDTH, HEIGHT = 64, 64

# Adapted from the white of ACES to D65 by the Bradford method.
ACESCG_TO_REC709 = [
    [1.70505, -0.62179, -0.08326],
    [-0.13026, 1.14080, -0.01055],
    [-0.02400, -0.12897, 1.15297],
]


def samples():
    """4096 Rec.709 colors as float32, shape (4096, 3)."""
    random = np.random.Generator(np.random.PCG64(20))
    parts = []

    stops = np.linspace(-14, 14, 512)
    parts.append(np.repeat((0.18 * 2.0**stops)[:, None], 3, axis=1))

    stops = np.linspace(-10, 8, 64)
    for hue in ([1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]):
        parts.append((0.18 * 2.0**stops)[:, None] * np.array(hue, float))

    # As renders have them: mild saturation, mostly within five stops of middle gray.
    count = 1600
    exposure = 0.18 * 2.0 ** random.normal(0, 2.2, (count, 1))
    saturation = random.random((count, 1)) ** 1.5
    parts.append(exposure * (1 - saturation * random.random((count, 3))))

    # As hard as they come: any ratio up to six stops, any channel missing, sun and night.
    count = 1408
    exposure = 0.18 * 2.0 ** random.uniform(-11, 8, (count, 1))
    hard = exposure * 2.0 ** random.uniform(-6, 0, (count, 3))
    hard[random.random((count, 3)) < 0.15] = 0
    parts.append(hard)

    # Outside Rec.709: any color that ACEScg can hold.
    count = WIDTH * HEIGHT - sum(len(part) for part in parts)
    exposure = 0.18 * 2.0 ** random.uniform(-6, 4, (count, 1))
    wide = exposure * (1 - 0.97 * random.random((count, 3)))
    parts.append(wide @ np.array(ACESCG_TO_REC709).T)

    return np.concatenate(parts).astype(np.float32)
