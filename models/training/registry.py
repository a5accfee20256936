"""What every scene shares: light, weather, ground, framing and the ground truth; and the list of families.

`make(seed, split)` builds one scene. The splits differ in what they may show: `combos` and `choose-combos` show nothing but
the combinations listed in `HELD_OUT`, the others never show one. The splits in `WIDE` show things more loosely: stretched, off
the middle, tilted, among other things, in front of anything. They draw from all families, but for `loose`, which like the splits
that are not in `WIDE` draws from those that came first.
"""

import math
import random

import numpy as np

from captions import NOUNS
from kit import COLORS, Scene, material as M

FAMILIES = {}

# (noun, light, weather or state) that training never sees; "" stands for any.
HELD_OUT = {
    ("bridge", "night"), ("house", "sunset"), ("mountain", "night"), ("castle", "snow"), ("car", "snow"), ("ship", "sunset"),
    ("robot", "sunset"), ("skyline", "fog"), ("forest", "sunset"), ("building", "flooded"), ("street", "fog"), ("chair", "black"),
    ("teapot", "night"), ("sphere", "sunset"), ("truck", "night"), ("airplane", "sunset"), ("church", "night"), ("tree", "black"),
    ("corridor", "neon"), ("staircase", "night"), ("warehouse", "night"), ("person", "snow"), ("lighthouse", "overcast"),
    ("building", "burning"), ("spaceship", "studio"), ("cup", "sunset"), ("house", "clay"), ("ruins", "snow"), ("train", "fog"),
    ("island", "sunset"), ("torus", "black"), ("robot arm", "night"), ("sofa", "black"), ("rocket", "night"), ("desert", "night"),
}

# The splits that show things loosely.
WIDE = ("wide", "loose", "choose-wide", "widest")

# Families that say nothing without their materials.
ONLY_BEAUTY = {"ocean", "waterfall", "beach", "desert", "planet", "meadow", "road", "apple", "river", "reef", "iceberg", "moonscape", "chart", "frame", "coin", "traffic light"}

LIGHTS = {
    "outdoor": [("day", 38), ("overcast", 21), ("sunset", 18), ("night", 22), ("neon", 0)],
    "vehicle": [("day", 30), ("overcast", 16), ("sunset", 14), ("night", 13), ("studio", 24), ("black", 8)],
    "object": [("studio", 52), ("black", 12), ("day", 14), ("sunset", 6), ("night", 5), ("overcast", 6)],
    "small": [("studio", 52), ("black", 12), ("day", 20), ("sunset", 7), ("night", 7)],
    "indoor": [("day", 55), ("night", 30), ("neon", 10), ("sunset", 8)],
    "space": [("space", 1)],
}


def family(noun, kind, synonyms=(), weight=1, later=False):
    """Registers a scene family under its main noun. Other words for the same thing may stand in captions. `later` families are drawn in the splits of `WIDE` only."""
    def register(build):
        FAMILIES[noun] = {"noun": noun, "kind": kind, "synonyms": tuple(synonyms), "weight": weight, "build": build, "later": later}
        return build
    return register


class Shot(Scene):
    """A scene with its light, weather and truth."""

    NATURAL = {"brick", "ashlar", "wood", "bark", "stone", "marble", "concrete", "plaster", "rock", "dirt", "sand", "grass", "leaf", "asphalt", "tiles"}

    def __init__(self, rng, noun, kind, light, weather, state, mode):
        super().__init__(rng)
        self.noun, self.kind, self.light, self.weather, self.state, self.mode = noun, kind, light, weather, state, mode
        self.dark = light in ("night", "neon", "space")
        self.view = ""
        self.materials, self.parts, self.words = [], [], {"adj": [], "setting": "", "of": "", "color": ""}
        self.synonym = ""
        self.backdrop = None

    def cover(self, mat):
        return M("snow", (.82, .84, .88)) if self.weather == "snow" else mat

    def say(self, adj=None, setting=None, of=None, color=None, synonym=None):
        for key, value in (("adj", adj), ("setting", setting), ("of", of), ("color", color)):
            if value:
                self.words[key] = value
        if synonym:
            self.synonym = synonym

    def part(self, what):
        if what and what not in self.parts:
            self.parts.append(what)

    def material(self, kind):
        if kind and kind not in self.materials:
            self.materials.append(kind)

    def shot(self, lo, hi, azimuth, elevation, fills=(.85, 1.3), fov=None):
        """Frames a box from somewhere in the ranges given (degrees) and names the view that this makes."""
        r = self.rng
        e, fill = r.uniform(*elevation), r.uniform(*fills)
        roll = r.random()
        if roll < .14 and elevation[1] < 60 and self.kind in ("outdoor", "vehicle"):
            e = r.uniform(40, 68)
        elif roll < .21:
            fill *= .6
        elif roll < .3:
            fill *= 1.5
        self.frame(lo, hi, r.uniform(*azimuth), e, fill, fov or r.uniform(28, 55))
        if self.kind in ("outdoor", "vehicle"):
            self.view = "aerial" if e > 36 else "low angle" if e < 4.5 else ""
        else:
            self.view = "top" if e > 55 else ""
        ratio = fill / ((fills[0] + fills[1]) / 2)
        self.view = self.view or ("wide" if ratio < .62 else "close-up" if ratio > 1.55 else "")

    def emit_smoke(self, at, size):
        r = self.rng
        x, y, z = at
        for k in range(9):
            q = size * (.35 + .16 * k)
            self.rock((x + k * size * .35 + r.uniform(-.3, .3) * q, y + r.uniform(-.3, .3) * q, z + k * size * .75), q, M("smoke", (.35, .34, .33)), rough=.5, n=10)
        self.part("smoke")

    def emit_fire(self, at, size):
        r = self.rng
        x, y, z = at
        for _ in range(9):
            a, q, h = r.uniform(0, 6.3), r.uniform(0, size * .45), r.uniform(.6, 1.6) * size
            c = r.choice([(1, .22, .02), (1, .4, .05), (1, .62, .12)])
            px, py = x + q * math.cos(a), y + q * math.sin(a)
            w = size * r.uniform(.12, .26)
            self.tube([(px, py, z), (px + r.uniform(-.1, .1) * size, py, z + h * .4)], w, M("glow", c, 5))
            self.limb((px, py, z + h * .3), (px + r.uniform(-.2, .2) * size, py, z + h), w * .95, M("glow", c, 5), r2=.01, n=8)
        self.lamp((x, y, z + size), (1, .4, .08), 160 * size * size)

    def destroy(self, w, d, h):
        """Sets a building on fire if the state says so."""
        r = self.rng
        if self.state == "burning":
            for _ in range(r.randint(3, 6)):
                self.emit_fire((r.uniform(-.45, .45) * w, r.choice([-d / 2 - .2, -d / 4]), r.choice([h, h * .75, h * .5, h * .3])), r.uniform(1.5, 3.2))
            self.emit_smoke((0, 0, h), min(w, 9) * .4)


def choose(rng, pairs):
    return rng.choices([p[0] for p in pairs], [p[1] for p in pairs])[0]


# What is no color of a surface, or a scale that says where something lies, stays as the scene has it.
STEADY = {"glow", "smoke", "glass", "water", "snow", "snowcap", "shore", "planet", "shade", "skin", "strata"}


def vary(s):
    """Turns each material a little: the same thing comes in many shades, and bricks come in many sizes."""
    r, groups = s.rng, {}
    turned = {}
    for (key, smooth), blocks in s.groups.items():
        kind, color, scale = key
        if key not in turned:
            k, tint = r.uniform(.78, 1.22), r.uniform(.05, .14) if kind in s.NATURAL else .03
            turned[key] = key if kind in STEADY else M(kind, [min(.9, c * k * r.uniform(1 - tint, 1 + tint)) for c in color], scale * math.exp(r.uniform(-.55, .6)))
        if (turned[key], smooth) in groups:
            old, base = groups[turned[key], smooth], groups[turned[key], smooth][2][0]
            groups[turned[key], smooth] = (old[0] + blocks[0], old[1] + [tuple(i + base for i in f) for f in blocks[1]], [base + blocks[2][0]])
        else:
            groups[turned[key], smooth] = blocks
    s.groups = groups


def keys_of(light, weather, state, mode):
    return {light, weather, state, mode}


def held_out(noun, light, weather, state, mode):
    return any(n == noun and k in keys_of(light, weather, state, mode) for n, k in HELD_OUT)


def draw(rng, split):
    """Picks family, light, weather, state and mode, allowed in the split."""
    import families  # noqa: F401  (fills FAMILIES)
    names = sorted(FAMILIES)
    combos = split.endswith("combos")
    if split not in WIDE or split == "loose":
        names = [n for n in names if not FAMILIES[n]["later"]]
    while True:
        if combos:
            noun = rng.choice(sorted({n for n, _ in HELD_OUT if n in FAMILIES}))
        else:
            # The first families have pictures of their own already.
            noun = choose(rng, [(n, FAMILIES[n]["weight"] if FAMILIES[n]["later"] or split not in WIDE or split == "loose" else .45) for n in names])
        kind = FAMILIES[noun]["kind"]
        lights = list(LIGHTS[kind])
        if noun in ("street", "skyline"):
            lights.append(("neon", 14))
        if noun == "spaceship":
            lights = [("space", 50), ("studio", 20), ("day", 15), ("night", 10)]
        light = choose(rng, lights)
        weather, state = "", ""
        outdoors = kind in ("outdoor", "vehicle") and light in ("day", "overcast", "sunset", "night", "neon")
        if outdoors:
            roll = rng.random()
            weather = "snow" if roll < .12 else "fog" if roll < .22 else "rain" if roll < .25 else ""
        if noun in ("building", "house", "street", "car", "church") and outdoors and not weather:
            roll = rng.random()
            state = "flooded" if roll < .1 else "burning" if roll < .2 and noun in ("building", "house") else ""
        mode = choose(rng, [("beauty", 83), ("clay", 10), ("wire", 5), ("normals", 2)] if split not in WIDE else [("beauty", 91), ("clay", 6), ("wire", 2), ("normals", 1)])
        if noun in ONLY_BEAUTY:
            mode = "beauty"
        if mode != "beauty":
            weather, state = ("", "") if weather != "fog" else ("fog", "")
            light = "day" if kind in ("outdoor", "indoor") else light
        if noun == "building" and combos and rng.random() < .6 and light != "black":
            weather, mode, state = "", "beauty", rng.choice(["burning", "flooded"])
        if held_out(noun, light, weather, state, mode) == combos:
            return noun, light, weather, state, mode


def environment(s):
    """Sun, sky, fog and exposure for the light of the scene."""
    r = s.rng
    a = r.uniform(0, 2 * math.pi)
    env = {"sun": None, "zenith": (.3, .3, .32), "horizon": (.4, .4, .42), "ambient": 1.0, "fog": 0.0, "fog_color": (.6, .63, .66), "exposure": 1.0, "stars": False, "bg": None}

    def sun(elevation, color, strength, size=.02):
        e = math.radians(elevation)
        env["sun"] = {"dir": (math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)), "color": color, "strength": strength, "size": size}
    if s.light == "day":
        sun(r.uniform(25, 65), (1, .95, .86), r.uniform(2.6, 4.2))
        env.update(zenith=(.12, .28, .62), horizon=(.55, .68, .82))
    elif s.light == "overcast":
        g = r.uniform(.4, .9)
        env.update(zenith=(g, g * 1.02, g * 1.06), horizon=(g * .85, g * .87, g * .9))
    elif s.light == "sunset":
        sun(r.uniform(3, 11), (1, .46, .14), r.uniform(2.6, 4.2))
        # The sun stands before the camera as often as behind it.
        env.update(zenith=r.choice([(.1, .14, .32), (.22, .14, .3)]), horizon=r.choice([(1.0, .42, .14), (.95, .33, .22), (1, .55, .2)]), ambient=.8)
    elif s.light in ("night", "neon"):
        sun(r.uniform(25, 55), (.55, .68, 1), r.uniform(.12, .3) if s.light == "night" else .05)
        env.update(zenith=(.004, .007, .02), horizon=(.012, .018, .04) if s.light == "night" else (.03, .015, .05), stars=s.kind != "indoor" and r.random() < .4, exposure=r.uniform(1.1, 1.7))
    elif s.light == "space":
        sun(r.uniform(5, 50), (1, .97, .9), r.uniform(3, 5))
        env.update(zenith=(.002, .002, .004), horizon=(.002, .002, .004), stars=True)
    elif s.light == "black":
        sun(r.uniform(20, 60), (1, .96, .9), r.uniform(1.6, 3.2), .25)
        env.update(zenith=(.05, .05, .055), horizon=(.03, .03, .03), bg=(0, 0, 0))
    else:
        g = r.choice([.75, .5, .3, .16])
        tint = (1, 1, 1) if r.random() < .7 else tuple(r.uniform(.6, 1) for _ in range(3))
        sun(r.uniform(30, 65), (1, .97, .93), r.uniform(1.2, 2.6), .3)
        bg = tuple(g * t for t in tint)
        env.update(zenith=(.55, .55, .56), horizon=bg, bg=bg)
    if s.weather == "fog":
        scale = float(np.linalg.norm(np.subtract(s.camera["eye"], s.camera["target"])))
        g = {"night": .03, "neon": .08, "sunset": .5}.get(s.light, .62)
        env.update(fog=r.uniform(.5, 1.2) / scale, fog_color=(g * (1.3 if s.light == "sunset" else 1), g, g * 1.04), sun=None if s.light in ("day", "overcast") else env["sun"])
    if s.weather in ("snow", "rain") and s.light == "day":
        env.update(zenith=(.5, .53, .58), horizon=(.6, .62, .66))
        if env["sun"]:
            env["sun"]["strength"] *= .35
    if s.kind == "indoor":
        env["ambient"] = 1.2
        env["exposure"] = .75 if s.light in ("day", "sunset") else 1.0
    s.env = env


def settle(s):
    """Puts an object on what it stands on, and says so."""
    r = s.rng
    lo, hi = s.bounds()
    size = float(max(hi - lo))
    z = float(lo[2])
    if s.light in ("studio", "black"):
        floor = s.light == "studio" and r.random() < .75
        if floor:
            g = r.choice([.6, .4, .22, .75])
            s.floor(M("plain", (g, g, g)), size * 60, z)
        s.say(setting=r.choice(["on a studio floor", "on a plain floor", "", ""]) if floor else "")
        if floor and r.random() < .15 and s.kind in ("object", "small"):
            with s.at(0, 0, z):
                s.cyl((0, 0, -size * .25), size * .62, size * .25, M("plain", (.7, .7, .7)), n=40)
            s.words["setting"] = "on a plinth"
    elif s.kind == "small":
        top = r.choice([("wood", (.35, .2, .1), "wooden table"), ("wood", (.15, .08, .05), "wooden table"), ("stone", (.6, .58, .55), "stone counter"), ("fabric", (.6, .1, .1), "tablecloth"), ("fabric", (.75, .72, .66), "tablecloth")])
        s.slab(-size * 4, -size * 3, size * 4, size * 3, z - size * .1, z, M(top[0], top[1], 1 / size))
        tint = M("plaster", r.choice([(.6, .55, .45), (.35, .4, .42), (.7, .68, .64)]))
        for x, y, w, d in ((0, 9, 40, .2), (0, -9, 40, .2), (9, 0, .2, 40), (-9, 0, .2, 40)):
            s.slab(size * (x - w / 2), size * (y - d / 2), size * (x + w / 2), size * (y + d / 2), z - 5 * size, z + 3.4 * size, tint)
        if s.dark:
            s.lamp((size * 1.5, -size * 1.5, z + 3 * size), (1, .7, .4), 60 * size * size)
        s.say(setting="on a " + top[2])
    else:
        ground = r.choice([("grass", (.08, .18, .04), "on grass"), ("concrete", (.4, .39, .37), "on concrete"), ("sand", (.6, .45, .26), "on sand"), ("dirt", (.24, .18, .12), "on the ground"), ("asphalt", (.08, .08, .085), "on asphalt")])
        s.floor(s.cover(M(ground[0], ground[1], 1 / max(size, 1))), size * 90, z)
        if s.weather != "snow":
            s.say(setting=ground[2])
        if s.dark:
            s.lamp((float(hi[0]) + size * .6, float(lo[1]) - size * .8, z + size * 1.3), r.choice([(1, .75, .45), (.7, .8, 1)]), 90 * size * size)


def loosen(s):
    """Stretches a thing, and strews others about it, before it is put on a ground."""
    r = s.rng
    if s.kind not in ("object", "small", "vehicle"):
        return
    lo, hi = s.bounds()
    middle, size = (lo + hi) / 2, float(max(hi - lo))
    k = np.array([math.exp(r.gauss(0, .09)) for _ in range(3)])
    for blocks, _, _ in s.groups.values():
        blocks[:] = [(b - middle) * k + middle for b in blocks]
    move = lambda p: tuple((np.asarray(p, float) - middle) * k + middle)
    for lamp in s.lamps:
        lamp["at"] = move(lamp["at"])
    s.camera["eye"], s.camera["target"] = move(s.camera["eye"]), move(s.camera["target"])
    lo, hi = s.bounds()
    if s.backdrop is None and s.light != "space" and s.mode == "beauty" and r.random() < .3:
        away = np.subtract(s.camera["target"], s.camera["eye"])
        away = math.atan2(away[1], away[0])
        for _ in range(r.randint(1, 5)):
            # Beside and behind the main thing, as the camera sees it, and smaller.
            a, d, q = away + r.uniform(-1.7, 1.7), size * r.uniform(.9, 2.2), size * r.uniform(.08, .28)
            m = M(r.choice(["paint", "plastic", "wood", "metal", "plain", "fabric"]), COLORS[r.choice(list(COLORS))])
            with s.at(float(middle[0]) + d * math.cos(a), float(middle[1]) + d * math.sin(a), float(lo[2]), rz=r.uniform(0, 6)):
                kind = r.choice(["box", "ball", "can", "flat", "jar"])
                if kind == "box":
                    s.box((0, 0, q), (q * 2, q * r.uniform(1, 3), q * 2), m)
                elif kind == "ball":
                    s.ball((0, 0, q), q, m)
                elif kind == "can":
                    s.cyl((0, 0, 0), q, q * r.uniform(1, 4), m)
                elif kind == "flat":
                    s.box((0, 0, q * .15), (q * 3, q * 2, q * .3), m)
                else:
                    s.lathe([(.01, 0), (q * .7, 0), (q, q), (q * .5, q * 2), (q * .6, q * 2.4)], m)


def tilt(s):
    """Another lens at another place: off the middle, now and then tilted, from as near as a wide lens must be."""
    r, c = s.rng, s.camera
    eye, target = np.array(c["eye"]), np.array(c["target"])
    if s.kind in ("object", "small", "vehicle", "space"):
        fov = r.choice([r.uniform(14, 30), r.uniform(28, 55), r.uniform(50, 75)])
        k = math.tan(math.radians(c["fov"]) / 2) / math.tan(math.radians(fov) / 2)
        moved = target + (eye - target) * k
        if k > 1 or moved[2] > eye[2] * .5:
            eye, c["fov"] = moved, fov
    far = float(np.linalg.norm(eye - target)) * math.tan(math.radians(c["fov"]) / 2)
    shift = np.array([r.gauss(0, .13) * far, r.gauss(0, .13) * far, r.gauss(0, .1) * far])
    c["eye"], c["target"] = tuple(eye + shift * .2), tuple(target + shift)
    c["roll"] = r.gauss(0, .07) if r.random() < .25 else 0.0


def ground(s):
    """Anything that a thing may stand on or before: for the looser splits, now and then, in place of `settle`."""
    r = s.rng
    lo, hi = s.bounds()
    size, z = float(max(hi - lo)), float(lo[2])
    kind = r.choice(["paint", "plain", "wood", "tiles", "concrete", "stone", "fabric", "checker", "grass", "sand", "marble", "metal", "asphalt", "brick"])
    color = COLORS[r.choice(list(COLORS))] if kind in ("paint", "plain", "fabric", "checker") else {"grass": (.1, .2, .05), "sand": (.6, .45, .26), "wood": r.choice([(.35, .2, .1), (.15, .08, .05), (.55, .4, .22)])}.get(kind, [r.uniform(.1, .7)] * 3)
    s.floor(M(kind, color, r.uniform(.5, 3) / size), size * 60, z)
    if r.random() < .5:
        # A wall behind, as the camera sees it.
        away = np.subtract(s.camera["target"], s.camera["eye"])
        a, d = math.atan2(away[1], away[0]) + r.uniform(-.5, .5), size * r.uniform(1, 3)
        wall = M(r.choice(["plaster", "plain", "brick", "concrete", "wood", "tiles", "paint"]), COLORS[r.choice(list(COLORS))] if r.random() < .5 else [r.uniform(.2, .75)] * 3, r.uniform(.4, 2) / size)
        at = [float(t) for t in s.camera["target"]]
        with s.at(at[0] + d * math.cos(a), at[1] + d * math.sin(a), z, rz=a):
            s.box((0, 0, size * 8), (size * .1, size * 60, size * 20), wall)
    if s.dark:
        s.lamp((float(hi[0]) + size * .6, float(lo[1]) - size * .8, z + size * 1.3), (1, .85, .65), 90 * size * size)


def make(seed, split="train", noun=None):
    rng = random.Random(f"{split}-{seed}")
    drawn, light, weather, state, mode = draw(rng, split)
    while noun and drawn != noun:
        drawn, light, weather, state, mode = draw(rng, split)
    f = FAMILIES[drawn]
    s = Shot(rng, drawn, f["kind"], light, weather, state, mode)
    f["build"](s)
    if s.camera is None:
        lo, hi = s.bounds()
        s.shot(lo, hi, (0, 360), (5, 35))
    if split in WIDE and s.synonym in NOUNS:
        # What the family built this time has a noun of its own.
        s.noun, s.synonym = s.synonym, ""
    if split in WIDE:
        loosen(s)
    if s.kind in ("object", "small", "vehicle") and s.light != "space" and s.backdrop is None:
        if split in WIDE and s.mode == "beauty" and s.weather != "snow" and s.light != "black" and rng.random() < .4:
            ground(s)
        else:
            settle(s)
    if split in WIDE:
        tilt(s)
    vary(s)
    if s.state == "flooded":
        s.floor(M("water", (.12, .1, .07)), 1200, .9)
    environment(s)
    s.truth = {
        "seed": seed, "split": split, "noun": s.noun, "kind": s.kind, "synonym": s.synonym, "adj": s.words["adj"], "color": s.words["color"], "materials": s.materials, "parts": s.parts, "setting": s.words["setting"],
        "of": s.words["of"], "light": s.light, "weather": s.weather, "state": s.state, "view": s.view, "mode": s.mode,
    }
    return s
