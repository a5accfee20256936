"""Scene families: land, sea and plants."""

import math

import numpy as np

from buildings import tree
from kit import COLORS, material as M, noise_grid
from registry import family


@family("mountain", "outdoor", ("mountains", "peak", "mountain range"), weight=3)
def mountain(s):
    r = s.rng
    n = 130
    g = noise_grid(r, n, 4, 7, .52, ridged=True) ** 1.6 * r.uniform(70, 120)
    t = np.linspace(-1, 1, n)
    if r.random() < .5:
        g *= np.exp(-((t[:, None] ** 2 + t[None, :] ** 2) * 1.6))
    capped = r.random() < .6 or s.weather == "snow"
    mat = s.cover(M("snowcap" if capped else "rock", (.22, .2, .18), 1.0))
    s.ground(g, 340, M(mat[0], mat[1], 1 / max(g.max(), 1)), smooth=r.random() < .6)
    if r.random() < .3:
        s.floor(M("water", (.03, .09, .12)), 700, float(np.quantile(g, .25)))
        s.part("a lake")
    if capped and s.weather != "snow":
        s.part("snow on the peaks")
    s.material("rock")
    e = r.choice([4, 9, 16, 40])
    s.frame((-150, -150, 0), (150, 150, float(g.max()) * .8), r.uniform(0, 360), e, r.uniform(1.4, 2.0), 45)
    s.camera["eye"] = tuple(np.maximum(s.camera["eye"], (-1e9, -1e9, float(np.quantile(g, .6)) + 6)))
    s.view = "aerial" if e > 30 else "wide"
    s.say(adj=[r.choice(["rocky", "steep", "high"])])


@family("canyon", "outdoor", ("gorge",))
def canyon(s):
    r = s.rng
    n = 130
    g = noise_grid(r, n, 5, 6) * 30
    t = np.linspace(-150, 150, n)
    bend, p = r.uniform(10, 35), r.uniform(0, 6)
    mid = bend * np.sin(t / 45 + p)
    dist = np.abs(t[None, :] - mid[:, None]) + noise_grid(r, n, 12, 5) * 16
    step = np.floor(np.clip((dist - 9) / 7, 0, 6)) * 11
    c = r.choice([(.45, .18, .08), (.5, .3, .16), (.35, .25, .18)])
    s.ground(step + g * .2, 300, s.cover(M("strata", c, .08)), smooth=False)
    if r.random() < .5:
        s.floor(M("water", (.04, .09, .08)), 500, 4.5)
        s.part("a river")
    s.material("rock")
    k = 12
    if r.random() < .35:
        s.look((-150, float(mid[0]), 120), (0, float(mid[n // 2]), 10), 50)
        s.view = "aerial"
    else:
        s.look((-110, float(mid[17]), r.uniform(12, 30)), (0, float(mid[n // 2]), 25), 60)
    s.say(adj=["deep"] if r.random() < .5 else [k and "red"] if c[0] < .48 and c[2] < .1 else [])


@family("desert", "outdoor", ("dunes", "sand dunes"), weight=2)
def desert(s):
    r = s.rng
    n = 130
    t = np.linspace(0, 1, n)
    warp = noise_grid(r, n, 4, 3)
    waves = (t[:, None] * r.uniform(3, 6) + warp * 2.2) % 1.0
    g = np.where(waves < .75, waves / .75, (1 - waves) / .25) * r.uniform(14, 24) + noise_grid(r, n, 6, 3) * 14
    s.ground(g, 400, M("sand", r.choice([(.7, .48, .24), (.62, .36, .16), (.72, .58, .38)]), .2))
    for _ in range(r.choice([0, 0, 3, 8])):
        x, y = r.uniform(-120, 60), r.uniform(-100, 100)
        with s.at(x, y, 14):
            cactus_shape(s, r.uniform(7, 12))
        s.part("cacti")
    s.material("sand")
    s.frame((-150, -150, 0), (150, 150, 30), r.uniform(0, 360), r.choice([6, 12, 25, 45]), r.uniform(1.6, 2.2), 48)
    s.camera["eye"] = tuple(np.maximum(s.camera["eye"], (-1e9, -1e9, 32.0)))
    s.view = "wide"
    s.say(adj=[r.choice(["vast", "empty"])])


@family("forest", "outdoor", ("woods", "trees"), weight=3)
def forest(s):
    r = s.rng
    g = noise_grid(r, 70, 5) * r.choice([2, 12])
    h = s.ground(g, 160, s.cover(M(*r.choice([("grass", (.05, .12, .03)), ("dirt", (.14, .1, .06))]))))
    kind = r.choice(["pine", "round", "mixed"])
    for _ in range(r.randint(70, 130)):
        x, y = r.uniform(-60, 75), r.uniform(-60, 60)
        if abs(y) < 3.5 or (abs(y) < 5 and x < -30):
            continue
        with s.at(x, y, h(x, y), rz=r.uniform(0, 6)):
            tree(s, r.uniform(8, 16), r.choice(["pine", "round"]) if kind == "mixed" else kind)
    if r.random() < .35:
        s.look((-95, 0, 55), (0, 0, 0), 50)
        s.view = "aerial"
    else:
        s.look((-58, r.uniform(-2, 2), h(-58, 0) + 2), (20, 0, h(0, 0) + 5), 58)
    s.say(adj=["dense"] if r.random() < .5 else [], of="of pine trees" if kind == "pine" else "")
    if r.random() < .3:
        for x in range(-58, 60, 2):
            s.add([(x, -1.4, h(x, 0) + .25), (x + 2, -1.4, h(x + 2, 0) + .25), (x + 2, 1.4, h(x + 2, 0) + .25), (x, 1.4, h(x, 0) + .25)], [(0, 1, 2, 3)], M("dirt", (.3, .22, .14)))
        s.part("a path")


def waves(s, size=600, n=150, height=2.0):
    r = s.rng
    g = noise_grid(r, n, 24, 4) * height + noise_grid(r, n, 7, 2) * height * 1.5
    s.ground(g, size, M("water", r.choice([(.015, .07, .11), (.03, .12, .13), (.02, .04, .06)])))
    return float(g.mean())


@family("ocean", "outdoor", ("sea", "waves"), weight=2)
def ocean(s):
    r = s.rng
    z = waves(s, height=r.choice([1.5, 4, 8]))
    s.floor(M("water", (.02, .07, .1)), 6000, z - 1)
    e = r.choice([3, 6, 15, 40])
    a = r.uniform(0, 6.3)
    d = r.uniform(80, 160)
    s.look((d * math.cos(a), d * math.sin(a), z + 8 + d * math.tan(math.radians(e))), (0, 0, z + (12 if e < 10 else 0)), 55)
    s.view = "aerial" if e > 30 else "wide"
    s.say(adj=[r.choice(["open", "calm", "rough"])])
    s.material("water")


@family("island", "outdoor", ("islands",), weight=4)
def island(s):
    r = s.rng
    if r.random() < .5:
        return islet(s)
    n = 110
    t = np.linspace(-1, 1, n)
    fall = np.exp(-((t[:, None] ** 2 + t[None, :] ** 2) * 9))
    g = (noise_grid(r, n, 6, 6) * .7 + .5) * fall * r.uniform(24, 60) - 4
    h = s.ground(g, 220, M("shore", (.1, .2, .05), 1.0))
    s.floor(M("water", r.choice([(.02, .16, .2), (.02, .09, .14)])), 3000, .3)
    palms = r.random() < .5
    for _ in range(r.randint(6, 45)):
        x, y = r.gauss(0, 20), r.gauss(0, 20)
        if h(x, y) > 2:
            with s.at(x, y, h(x, y) - .2, rz=r.uniform(0, 6)):
                tree(s, r.uniform(5, 8), "palm" if palms else r.choice(["pine", "round"]))
    s.part("palm trees" if palms else "trees")
    e = r.choice([4, 10, 22, 45])
    s.frame((-50, -50, 0), (50, 50, 15), r.uniform(0, 360), e, r.uniform(.9, 1.4), 42)
    s.view = "aerial" if e > 35 else ""
    s.say(setting=r.choice(["in the sea", "in the ocean"]), adj=["small", "tropical"][: r.randint(0, 1)])


def islet(s):
    """A bank of sand with a few palms, near enough to count them."""
    r = s.rng
    n, size = 80, 40
    t = np.linspace(-1, 1, n)
    flat, tall = r.uniform(5, 11), r.uniform(2, 5)
    fall = np.exp(-((t[:, None] ** 2 * r.uniform(.7, 1.4) + t[None, :] ** 2) * flat))
    h = s.ground((noise_grid(r, n, 5, 5) * .5 + .75) * fall * tall * 1.4 - 1, size, M("shore", r.choice([(.1, .24, .05), (.16, .3, .07), (.5, .42, .26)]), 1.0))
    s.floor(M("water", r.choice([(.02, .2, .24), (.02, .09, .14), (.02, .14, .22)])), 3000, r.uniform(.1, .5))
    reach = size / 2 / math.sqrt(flat)
    kind = r.choice(["palm", "palm", "palm", "round"])
    for _ in range(r.randint(2, 12)):
        x, y = r.gauss(0, reach * .45), r.gauss(0, reach * .45)
        if h(x, y) > .6:
            with s.at(x, y, h(x, y) - .1, rz=r.uniform(0, 6)):
                tree(s, r.uniform(2.6, 5), kind)
    for _ in range(r.choice([0, 0, 3, 6])):
        x, y = r.gauss(0, reach), r.gauss(0, reach)
        s.rock((x, y, max(h(x, y), .2)), r.uniform(.2, .8), M("rock", (.25, .23, .21)), n=8)
    s.part("palm trees" if kind == "palm" else "trees")
    e = r.choice([4, 8, 12, 20, 26, 48])
    s.frame((-reach * 1.2, -reach * 1.2, 0), (reach * 1.2, reach * 1.2, 5), r.uniform(0, 360), e, r.uniform(.7, 1.3), 42)
    s.view = "aerial" if e > 36 else ""
    s.say(setting=r.choice(["in the sea", "in the ocean"]), adj=["small", "tropical"][: r.randint(0, 1)])


@family("meadow", "outdoor", ("field", "grassland", "hills"))
def meadow(s):
    r = s.rng
    g = noise_grid(r, 90, 5, 4) * r.choice([3, 14, 30])
    h = s.ground(g, 260, s.cover(M("grass", r.choice([(.1, .22, .04), (.3, .3, .08), (.07, .18, .04)]), .5)))
    for _ in range(r.choice([0, 2, 6])):
        x, y = r.uniform(-70, 90), r.uniform(-70, 70)
        with s.at(x, y, h(x, y) - .3):
            tree(s, r.uniform(7, 12))
    if r.random() < .4:
        for _ in range(160):
            x, y = r.uniform(-110, -40), r.uniform(-22, 22)
            s.ball((x, y, h(x, y) + .5), .28, M("paint", COLORS[r.choice(["red", "yellow", "purple", "white"])]), n=6)
        s.part("flowers")
    s.look((-115, 0, h(-115, 0) + r.uniform(2.5, 8)), (0, 0, h(0, 0) + 2), 55)
    s.view = "wide"
    s.material("grass")
    s.say(adj=["green"] if s.weather != "snow" and r.random() < .4 else ["open"])


@family("beach", "outdoor", ("coast", "shore"))
def beach(s):
    r = s.rng
    n = 120
    t = np.linspace(-1, 1, n)
    g = (t[None, :] * 9 + noise_grid(r, n, 6, 4) * 3) + np.zeros((n, 1))
    h = s.ground(g, 240, M("sand", r.choice([(.72, .58, .38), (.66, .5, .3)]), .3))
    s.floor(M("water", (.02, .18, .22)), 3000, .8)
    for _ in range(r.choice([0, 5, 10])):
        x, y = r.uniform(-80, 100), r.uniform(35, 100)
        with s.at(x, y, h(x, y) - .3, rz=r.uniform(0, 6)):
            tree(s, r.uniform(8, 13), "palm")
        s.part("palm trees")
    s.look((-95, r.uniform(-6, 40), r.choice([7, 12, 45])), (20, r.uniform(-20, 10), 2), 58)
    s.material("sand")
    s.view = "wide"
    s.say(adj=["sandy"])


@family("volcano", "outdoor", ())
def volcano(s):
    r = s.rng
    n = 130
    t = np.linspace(-1, 1, n)
    q = np.sqrt(t[:, None] ** 2 + t[None, :] ** 2)
    top = r.uniform(60, 85)
    g = np.clip(1 - q * 1.15, 0, 1) ** 1.5 * top * 1.3
    g = np.where(q < .13, g.max() * .66, g) + noise_grid(r, n, 12, 6) * 9
    s.ground(g, 300, M("rock", (.1, .09, .085), .3))
    z = float(g[n // 2, n // 2])
    s.cyl((0, 0, z - 2), 15, 3, M("glow", (1, .25, .03), 5))
    for _ in range(3):
        a = r.uniform(0, 6.3)
        pts = [(k * 7 * math.cos(a + .05 * k), k * 7 * math.sin(a + .05 * k)) for k in range(2, 12)]
        s.tube([(x, y, float(g[min(n - 1, int((x / 300 + .5) * n)), min(n - 1, int((y / 300 + .5) * n))]) + .6) for x, y in pts], 1.3, M("glow", (1, .25, .03), 4), n=6)
    s.emit_smoke((0, 0, z + 8), 13)
    s.lamp((0, 0, z + 14), (1, .3, .05), 60000)
    s.part("lava")
    s.material("rock")
    s.say()
    s.frame((-90, -90, 0), (90, 90, 90), r.uniform(0, 360), r.choice([5, 12, 25]), r.uniform(.9, 1.3), 45)


@family("waterfall", "outdoor", ("cascade",))
def waterfall(s):
    r = s.rng
    m = s.cover(M("rock", r.choice([(.2, .18, .15), (.28, .22, .17)]), 1))
    h, w = r.uniform(14, 24), r.uniform(3, 8)
    for _ in range(110):
        x, z = r.uniform(-30, 30), r.uniform(0, h)
        if abs(x) > w * .55 or r.random() < .3:
            s.rock((x, r.uniform(1, 5), z), r.uniform(2, 4), m, rough=.6, n=8)
    s.box((0, 8, h / 2), (64, 8, h), m)
    for k in range(26):
        x = (k / 25 - .5) * w
        s.limb((x, .2, 0), (x, .4, h + .3), .3, M("foam", (.75, .82, .86)), n=6)
    for _ in range(26):
        s.ball((r.gauss(0, w * .4), r.uniform(-2.5, 0), .3), r.uniform(.4, 1.1), M("foam", (.8, .85, .88)), n=8)
    s.slab(-60, -60, 60, 3, -1, .2, M("water", (.03, .13, .13)))
    for _ in range(12):
        with s.at(r.uniform(-30, 30), r.uniform(6, 11), h):
            tree(s, r.uniform(4, 8), r.choice(["pine", "round"]))
    s.material("rock")
    s.say(setting=r.choice(["over a cliff", "into a pool", ""]))
    s.look((r.uniform(-14, 14), -r.uniform(26, 42), r.uniform(3, 12)), (0, 0, h * .5), 50)


@family("cave", "outdoor", ("cavern",))
def cave(s):
    r = s.rng
    n, rings = 22, []
    for k in range(26):
        q = r.uniform(4, 5.2) + 1.5 * math.sin(k * .5)
        rings.append([(k * 2.0, q * math.cos(6.283 * i / n) * r.uniform(.85, 1.2), max(-1.6, q * math.sin(6.283 * i / n) * r.uniform(.8, 1.15))) for i in range(n)])
    m = M("rock", r.choice([(.25, .2, .16), (.18, .18, .2)]), 1.5)
    s.loft(rings, m, caps=False)
    for _ in range(30):
        x, y = r.uniform(6, 44), r.uniform(-3, 3)
        if r.random() < .5:
            s.cyl((x, y, 5.2), r.uniform(.2, .5), -r.uniform(1, 3), m, r2=.02, n=7)
        else:
            s.cyl((x, y * 1.2, -1.7), r.uniform(.25, .6), r.uniform(.6, 2.2), m, r2=.05, n=7)
    s.lamp((r.uniform(8, 16), 0, 2.5), r.choice([(1, .7, .4), (.5, .7, 1), (1, .9, .7)]), 900)
    s.lamp((30, 0, 2), r.choice([(1, .7, .4), (.4, .8, 1)]), 1500)
    s.look((2, 0, .3), (30, 0, .6), 65)
    s.material("rock")
    s.say(adj=["dark"] if r.random() < .4 else [])


def cactus_shape(s, h):
    m, r = M("leaf", (.08, .22, .08)), s.rng
    q = h * .07
    s.cyl((0, 0, 0), q, h, m, n=12)
    s.ball((0, 0, h), q, m, n=12)
    for side in (-1, 1):
        z = h * r.uniform(.35, .6)
        x = side * h * .2
        s.tube([(0, 0, z), (x, 0, z), (x, 0, z + h * r.uniform(.2, .35))], q * .7, m, n=10)


@family("cactus", "object", ())
def cactus(s):
    cactus_shape(s, s.rng.uniform(1, 3))
    s.say(adj=["green"] if s.rng.random() < .3 else [])


@family("tree", "vehicle", ("oak", "pine tree", "palm tree"), weight=2)
def one_tree(s):
    kind = s.rng.choice(["round", "pine", "palm", "round"])
    tree(s, s.rng.uniform(6, 10), kind)
    s.say(synonym={"pine": "pine tree", "palm": "palm tree"}.get(kind, ""), adj=["single", "lone"][: s.rng.randint(0, 1)])


@family("rocks", "vehicle", ("boulders", "rock", "stones"))
def rocks(s):
    r = s.rng
    n = r.choice([1, 3, 7])
    m = M("rock", r.choice([(.25, .23, .21), (.35, .28, .22), (.15, .15, .16)]), 2)
    for _ in range(n):
        s.rock((r.gauss(0, n * .4), r.gauss(0, n * .4), .4), r.uniform(.5, 1.4), m, rough=.55, n=12, squash=(1, .9, .75))
    s.material("rock")
    s.say(synonym="rock" if n == 1 else "")
