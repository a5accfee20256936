"""Let Blender show colors through its own views, and keep what it says.

    blender -b --factory-startup -P make/blender.py -- witness 3.4
    python make/blender.py witness 4.2        # with `bpy` installed
    python make/blender.py table agx          # with `bpy` 4.2 installed
    blender -b --factory-startup -P make/blender.py -- table filmic    # Blender 3.4

`witness NAME` writes `tests/fixtures/blender-NAME-VIEW.u8`: what Blender saves as an 8-bit PNG for the colors
of `samples.py`. `table VIEW` writes `src/tables/VIEW.u16`: our own measurement of Blender's view, from a 16-bit
PNG of colors chosen here. No file of Blender's is read, only what it renders.
"""

import sys
import tempfile
from pathlib import Path

import bpy
import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from samples import HEIGHT, WIDTH, samples  # noqa: E402

FIXTURES = HERE.parent / "tests" / "fixtures"
TABLES = HERE.parent / "src" / "tables"


def shown(colors, view, depth, exposure=0.0, gamma=1.0):
    """Colors (n, 3) as Blender saves them through a view: integers of `depth` bits, (n, 3)."""
    scene = bpy.context.scene
    scene.render.dither_intensity = 0
    scene.display_settings.display_device = "sRGB"
    scene.view_settings.view_transform = view
    scene.view_settings.look = "None"
    scene.view_settings.exposure = exposure
    scene.view_settings.gamma = gamma
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.image_settings.color_depth = str(depth)

    width = 1024 if len(colors) > WIDTH * HEIGHT else WIDTH
    height = -(-len(colors) // width)
    pixels = np.ones((width * height, 4), np.float32)
    pixels[: len(colors), :3] = colors
    source = bpy.data.images.new("source", width, height, alpha=False, float_buffer=True)
    source.pixels.foreach_set(pixels.ravel())
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "shown.png")
        source.save_render(path, scene=scene)
        saved = bpy.data.images.load(path)
        saved.colorspace_settings.name = "Non-Color"
        values = np.empty(width * height * 4, np.float32)
        saved.pixels.foreach_get(values)
        bpy.data.images.remove(saved)
    bpy.data.images.remove(source)
    most = 2**depth - 1
    return np.rint(values.reshape(-1, 4)[: len(colors), :3].astype(np.float64) * most).astype(np.uint16)


def witness(name):
    """Write the 8-bit pictures that our views are tested against."""
    colors = samples()
    FIXTURES.mkdir(parents=True, exist_ok=True)
    colors.astype("<f4").tofile(FIXTURES / "samples.f32")
    views = ["Standard", "Filmic"] + ([] if name.startswith("3.") else ["AgX"])
    for view in views:
        picture = shown(colors, view, 8)
        picture.astype(np.uint8).tofile(FIXTURES / f"blender-{name}-{view.lower()}.u8")
    if name.startswith("3."):
        # Exposure and gamma once: both act the same way around every view.
        picture = shown(colors, "Filmic", 8, exposure=1.5, gamma=1.3)
        picture.astype(np.uint8).tofile(FIXTURES / f"blender-{name}-filmic-exposure-1.5-gamma-1.3.u8")


# AgX works on log2 of the linear color in FilmLight's E-Gamut, and Blender interpolates it between 57 points
# an axis, 10 stops below middle gray to 15 above. Sampled at the same points and interpolated the
# same way, our table repeats Blender's interpolation too, which no formula would.
AGX_POINTS = 57
AGX_LOG2 = (-12.47393, 12.5260688117)
# Above this point of the axis nothing changes by more than two levels.
AGX_TOP = 44
# Colors of Rec.709 and ACEScg lie near the gray diagonal: red minus green and blue minus green, in points.
AGX_RED = (-24, 12)
AGX_BLUE = (-10, 6)
# FilmLight's E-Gamut to CIE XYZ at D65, as FilmLight publishes it; and Rec.709 to the same XYZ.
E_GAMUT_TO_XYZ = np.array([[0.7053968501, 0.1640413283, 0.08101774865], [0.2801307241, 0.8202066415, -0.1003373656], [-0.1037815116, -0.07290725703, 1.265746519]])
XYZ_TO_REC709 = np.array([[3.2404373564920070, -1.5371305409000549, -0.4985288240756933], [-0.9692674982687597, 1.8760136862977035, 0.0415560804587997], [0.0556434463874256, -0.2040259700872272, 1.0572254813610864]])


def agx_points():
    """The lattice points of the AgX table in the order of the file: by red and blue offset, then green."""
    points = []
    for red in range(AGX_RED[0], AGX_RED[1] + 1):
        for blue in range(AGX_BLUE[0], AGX_BLUE[1] + 1):
            first, last = max(0, -red, -blue), min(AGX_TOP, AGX_TOP - red, AGX_TOP - blue)
            points += [(green + red, green, green + blue) for green in range(first, last + 1)]
    return np.array(points)


def agx_table():
    low, high = AGX_LOG2
    linear = 2.0 ** (agx_points() / (AGX_POINTS - 1) * (high - low) + low)
    colors = linear @ (XYZ_TO_REC709 @ E_GAMUT_TO_XYZ).T
    encoded = shown(colors.astype(np.float32), "AgX", 16) / 65535
    # Blender interpolates values of gamma 2.4, and only then goes over to sRGB.
    display = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return np.rint(display ** (1 / 2.4) * 65535)


def filmic_curve():
    """Filmic's tone curve: display values at 1025 even steps over its 16.5 stops."""
    low, high = -12.473931188, 4.026068812
    gray = 2.0 ** (np.linspace(0, 1, 1025) * (high - low) + low)
    return shown(np.repeat(gray[:, None], 3, axis=1).astype(np.float32), "Filmic", 16)[:, 0]


def filmic_highlights():
    """How far Filmic pulls a pure color towards white, at fourteen steps of its brightest channel.

    The brightest channel stands at 40 to 53 sixty-fourths of 25 stops, the others at the very bottom. Their
    log value tells which share of the brightest channel was mixed in. Filmic works on 65 points an axis; below
    these points it mixes nothing, above them every channel is past the end of the curve.
    """
    low, stops = -12.473931188, 25.0
    bright = 2.0 ** (np.arange(40, 54) / 64 * stops + low)
    colors = np.zeros((len(bright), 3), np.float32)
    colors[:, 0] = bright
    log = shown(colors, "Filmic Log", 16)[:, 1] / 65535
    mixed = 2.0 ** (log * 0.66 * stops + low)
    floor = mixed[0]
    return (mixed - floor) / (bright - floor)


def table(view):
    """Measure one view anew."""
    TABLES.mkdir(parents=True, exist_ok=True)
    if view == "agx":
        agx_table().astype("<u2").tofile(TABLES / "agx.u16")
    else:
        filmic_curve().astype("<u2").tofile(TABLES / "filmic.u16")
        print("HIGHLIGHTS:", ", ".join(f"{share:.6e}" for share in filmic_highlights()))


if __name__ == "__main__":
    arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    if arguments[0] == "table":
        table(arguments[1])
    else:
        witness(arguments[1])
