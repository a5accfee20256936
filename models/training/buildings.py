"""Scene families: cities, single buildings, and what is built beside roads."""

import math

from kit import COLORS, material as M, noise_grid
from registry import family

GLASS_DARK = M("glass", (0.03, 0.045, 0.06))
WALLS = {
    "brick": [(0.33, 0.09, 0.05), (0.26, 0.1, 0.07), (0.42, 0.2, 0.12), (0.4, 0.12, 0.07), (0.5, 0.33, 0.2), (0.2, 0.09, 0.08)],
    "concrete": [(0.42, 0.41, 0.39), (0.3, 0.3, 0.3), (0.55, 0.53, 0.49)],
    "plaster": [(0.75, 0.68, 0.5), (0.7, 0.45, 0.35), (0.55, 0.65, 0.7), (0.8, 0.78, 0.72)],
    "wood": [(0.3, 0.15, 0.07), (0.45, 0.28, 0.14), (0.2, 0.11, 0.06)],
    "stone": [(0.4, 0.37, 0.32), (0.3, 0.29, 0.28), (0.5, 0.45, 0.36), (0.55, 0.52, 0.47), (0.42, 0.34, 0.26)],
}


def wall(s, kind):
    color = s.rng.choice(WALLS[kind])
    if kind == "stone" and s.rng.random() < .5:
        kind = "ashlar"
    return M(kind, color, 1.0)


def lit(s, share=0.45):
    """A window pane: dark by day, some of them lit at night."""
    r = s.rng
    if s.dark and r.random() < share:
        return M("glow", r.choice([(1.0, 0.72, 0.35), (1.0, 0.85, 0.6), (0.75, 0.85, 1.0)]), r.choice([2.0, 4.0]))
    return GLASS_DARK


def facade(s, w, d, h, floor_h=3.2, pitch=3.0, pane=(1.3, 1.7), sides=4, z0=0.0, frame=None):
    """Windows on the four walls of a block of w x d x h standing on the origin."""
    for side in range(sides):
        width, depth = (w, d) if side % 2 == 0 else (d, w)
        cols = max(1, int(width / pitch))
        rows = max(1, int((h - z0 - 1) / floor_h))
        with s.at(rz=side * math.pi / 2):
            for i in range(cols):
                x = (i + 0.5) * width / cols - width / 2
                for j in range(rows):
                    z = z0 + (j + 0.55) * floor_h
                    if frame:
                        s.box((x, -depth / 2, z), (pane[0] + 0.3, 0.12, pane[1] + 0.3), frame)
                    s.box((x, -depth / 2, z), (pane[0], 0.2, pane[1]), lit(s))


def block(s, w, d, h, mat, glass=False):
    s.box((0, 0, h / 2), (w, d, h), mat)
    if glass:
        for z in range(1, int(h / 3.5)):
            s.box((0, 0, z * 3.5), (w + 0.15, d + 0.15, 0.25), M("metal", (0.2, 0.2, 0.22)))
            if s.dark and s.rng.random() < 0.6:
                s.box((0, 0, z * 3.5 + 1.6), (w * s.rng.uniform(0.3, 1.004), d + 0.06, 2.2), M("glow", (1, 0.8, 0.5), 1.5))
        for i in range(int(w / 2.5) + 1):
            x = -w / 2 + i * w / max(1, int(w / 2.5))
            s.box((x, 0, h / 2), (0.14, d + 0.2, h), M("metal", (0.2, 0.2, 0.22)))
    else:
        facade(s, w, d, h)
    s.box((0, 0, h + 0.4), (w + 0.5, d + 0.5, 0.8), M("concrete", (0.3, 0.3, 0.3)))
    for _ in range(s.rng.randint(1, 3)):
        s.box((s.rng.uniform(-.3, .3) * w, s.rng.uniform(-.3, .3) * d, h + 1.8), (2.5, 2.5, 2), M("metal", (0.4, 0.4, 0.4)))


def street_floor(s, size=500):
    s.floor(s.cover(M("asphalt", (0.07, 0.07, 0.075))), size)


def tree(s, h=6.0, kind="round"):
    r = s.rng
    trunk, leaf = M("bark", (0.12, 0.07, 0.04)), s.cover(M("leaf", (r.uniform(.04, .12), r.uniform(.14, .26), 0.04)))
    if kind == "pine":
        s.cyl((0, 0, 0), h * 0.03, h * 0.3, trunk, n=8)
        for k in range(5):
            s.cyl((0, 0, h * (0.15 + 0.16 * k)), h * (0.24 - 0.04 * k), h * 0.26, leaf, n=9, r2=0.01, smooth=False)
    elif kind == "palm":
        top = (h * 0.12, 0, h)
        s.tube([(0, 0, 0), (h * 0.02, 0, h * 0.35), (h * .06, 0, h * .7), top], h * 0.025, trunk)
        for k in range(9):
            a = k * 0.7
            with s.at(*top, rz=a):
                pts = [(h * 0.09 * i, h * (0.1 * math.sin(i * 0.8) - 0.012 * i * i)) for i in range(6)]
                for (x0, z0), (x1, z1) in zip(pts, pts[1:]):
                    w = h * 0.05
                    s.add([(x0, -w, z0), (x0, w, z0), (x1, w, z1), (x1, -w, z1)], [(0, 1, 2, 3)], leaf)
    else:
        s.cyl((0, 0, 0), h * 0.05, h * 0.55, trunk, n=9, r2=h * 0.025)
        for _ in range(4):
            a = r.uniform(0, 6.3)
            s.limb((0, 0, h * 0.4), (h * .2 * math.cos(a), h * .2 * math.sin(a), h * 0.65), h * .02, trunk)
        for _ in range(9):
            a, q = r.uniform(0, 6.3), r.uniform(0, 0.24) * h
            s.rock((q * math.cos(a), q * math.sin(a), h * r.uniform(0.55, 0.9)), h * r.uniform(.13, .22), leaf, rough=.5, n=12)


def car(s, color=None, kind="car"):
    """A car of 4.4 m along X on the origin."""
    r = s.rng
    body = M("paint", color or r.choice([COLORS[c] for c in ("red", "blue", "white", "black", "gray", "yellow", "green", "orange")]))
    dark, chrome = M("rubber", (0.015, 0.015, 0.015)), M("metal", (0.6, 0.6, 0.62))
    sport = kind == "sports car"
    if sport:
        side = [(-2.2, .35), (2.2, .3), (2.25, .55), (1.2, .78), (.45, 1.15), (-.8, 1.18), (-1.9, .85), (-2.2, .8)]
        cab = [(1.0, .8), (.4, 1.12), (-.75, 1.14), (-1.5, .88)]
    else:
        side = [(-2.2, .35), (2.2, .35), (2.25, .75), (1.25, .95), (-1.9, 1.0), (-2.2, .85)]
        cab = [(1.15, .95), (.5, 1.48), (-1.1, 1.5), (-1.8, 1.0)]
    s.prism(side, 1.75, body)
    s.prism(cab, 1.5, M("glass", (.03, .04, .05)))
    s.prism([(cab[1][0] + .05, cab[1][1]), (cab[2][0] - .05, cab[2][1]), (cab[2][0], cab[2][1] + .06), (cab[1][0], cab[1][1] + .06)], 1.52, body)
    for x in (-.35, .5):
        s.box((x - .1, 0, (cab[1][1] + .95) / 2), (.09, 1.54, cab[1][1] - .9), body)
    for x in (-1.4, 1.4):
        for y in (-.85, .85):
            s.cyl((x, y + .13, .35), .35, .26, dark, rx=math.pi / 2)
            s.cyl((x, y + .15 if y > 0 else y - .15 + .3, .35), .2, .3, chrome, rx=math.pi / 2, n=12)
    for y in (-.6, .6):
        s.box((2.22, y, .62), (.08, .35, .16), M("glow", (1, .95, .8), 6.0 if s.dark else 1.0))
        s.box((-2.2, y, .7), (.08, .35, .14), M("glow", (1, .03, .02), 3.0 if s.dark else .6))
    if s.dark:
        s.lamp((3.2, 0, .7), (1, .9, .7), 120)


def lamp_post(s, h=6.0):
    iron = M("metal", (.05, .05, .05))
    s.cyl((0, 0, 0), .09, h, iron, n=8)
    s.limb((0, 0, h), (1.2, 0, h + .3), .06, iron)
    s.ball((1.3, 0, h + .2), .22, M("glow", (1, .8, .5), 12.0 if s.dark else .8), n=10)
    if s.dark:
        s.lamp((1.3, 0, h - .2), (1, .72, .4), 350)


def row(s, x_from, x_to, y, side):
    r, x = s.rng, x_from
    while x < x_to:
        w, d = r.uniform(9, 17), r.uniform(9, 14)
        h = r.uniform(9, 34)
        kind = r.choice(["brick", "brick", "concrete", "plaster", "stone"])
        with s.at(x + w / 2, y + side * d / 2):
            block(s, w, d, h, wall(s, kind))
            s.box((0, -side * d / 2, 1.7), (w * .8, .3, 2.6), lit(s, .8))
            if r.random() < .5:
                s.box((0, -side * (d / 2 + .6), 3.3), (w * .8, 1.2, .15), M("fabric", COLORS[r.choice(list(COLORS))]))
            if s.light == "neon" or (s.dark and r.random() < .3):
                c = r.choice([(1, .05, .5), (.05, .6, 1), (.2, 1, .3), (1, .4, .05), (.6, .1, 1)])
                z = r.uniform(4, min(h - 1, 10))
                s.box((r.uniform(-.3, .3) * w, -side * (d / 2 + .5), z), (1.0, .25, r.uniform(2, 4)), M("glow", c, 8))
                s.lamp((0, -side * (d / 2 + 2), z), c, 500)
        x += w + r.uniform(0, 1.5)


@family("street", "outdoor", ("alley", "avenue"), weight=3)
def street(s):
    r = s.rng
    street_floor(s)
    gap = r.uniform(5, 10)
    for y in (-1, 1):
        s.box((0, y * (gap - 1.2), .08), (300, 2.4, .16), s.cover(M("concrete", (.33, .32, .3))))
        row(s, -60, 110, y * gap, y)
    for x in range(-60, 110, 6):
        s.box((x, 0, .01), (2.5, .16, .02), M("plaster", (.7, .7, .65)))
    cars = r.randint(0, 5)
    for _ in range(cars):
        y = r.choice([-1, 1])
        with s.at(r.uniform(-5, 50), y * (gap - 4.2), 0, rz=0 if y < 0 else math.pi):
            car(s)
    for x in range(-40, 100, 16):
        with s.at(x, gap - 1.5, rz=-math.pi / 2):
            lamp_post(s)
    if r.random() < .4:
        for x in range(-42, 90, 14):
            with s.at(x, -gap + 1.4):
                tree(s, r.uniform(4, 7))
        s.part("trees")
    if cars:
        s.part("parked cars")
    s.say(setting="in a city", adj=["narrow"] if gap < 6.5 else ["wide"], of="between buildings")
    if r.random() < .3:
        s.look((-20, r.uniform(-3, 3), r.uniform(18, 30)), (35, 0, 3), 55)
        s.view = "aerial"
    else:
        s.look((-22, r.uniform(-gap + 3, gap - 3), r.uniform(1.5, 3)), (30, r.uniform(-3, 3), r.uniform(4, 7)), r.uniform(50, 72))
        s.view = "street level"


@family("skyline", "outdoor", ("city", "cityscape", "skyscrapers"), weight=3)
def skyline(s):
    r = s.rng
    water = r.random() < .35
    street_floor(s, 2400)
    if water:
        s.floor(M("water", (.02, .06, .09)), 2400, .1)
        s.part("water in front")
    n = r.randint(5, 9)
    for i in range(n):
        for j in range(n):
            if r.random() < .85:
                w, d = r.uniform(12, 22), r.uniform(12, 22)
                h = r.uniform(18, 60) * (1 + 1.6 * math.exp(-((i - n / 2) ** 2 + (j - n / 2) ** 2) / 6))
                kind = r.choice(["glass", "concrete", "concrete", "brick", "stone"])
                mat = M("glass", r.choice([(.1, .16, .22), (.06, .1, .12), (.15, .15, .17)])) if kind == "glass" else wall(s, kind)
                with s.at((i - n / 2) * 28, (j - n / 2) * 28):
                    s.box((0, 0, h / 2), (w, d, h), mat)
                    for side in range(2 if n > 7 else 4):
                        ww, dd = (w, d) if side % 2 == 0 else (d, w)
                        with s.at(rz=-side * math.pi / 2 if side < 2 else side * math.pi / 2):
                            for k in range(int(h / 5)):
                                for q in range(int(ww / 4)):
                                    if r.random() < .8:
                                        s.box(((q + .5) * ww / int(ww / 4) - ww / 2, -dd / 2, k * 5 + 3), (2.2, .3, 2.4), lit(s))
                    if r.random() < .3:
                        s.cyl((0, 0, h), w * .35, h * .12, M("metal", (.3, .3, .3)), r2=.2, n=8)
    e = r.choice([4, 10, 18, 38, 50])
    s.frame((-n * 15, -n * 15, 0), (n * 14, n * 14, 60), r.choice([-45, -60, -30, -80]) + r.uniform(-8, 8), e, r.uniform(1.0, 1.5), 42)
    s.view = "aerial" if e > 30 else "wide"
    s.say(adj=[r.choice(["modern", "dense"])], of="with tall towers")


@family("building", "outdoor", ("apartment block", "tenement", "block of flats"), weight=5)
def building(s):
    r = s.rng
    street_floor(s)
    kind = r.choice(["brick", "brick", "brick", "concrete", "concrete", "plaster", "stone"])
    mat = wall(s, kind)
    w, d, floors = r.uniform(11, 24), r.uniform(9, 14), r.randint(3, 12)
    h = floors * 3.2 + 1
    s.box((0, 0, h / 2), (w, d, h), mat)
    facade(s, w, d, h, frame=M("concrete", (.5, .48, .45)) if r.random() < .6 else None)
    s.box((0, 0, h + .4), (w + .7, d + .7, .8), M("stone", (.4, .38, .34)))
    s.box((0, -d / 2, 1.3), (1.6, .4, 2.6), M("wood", (.15, .07, .04)))
    s.material(kind)
    extra = r.choice(["fire escapes", "fire escapes", "balconies", "balconies", "a water tank", "", ""])
    iron = M("metal", (.04, .04, .045))
    if extra == "fire escapes":
        for x in ([-w / 4] if w < 15 else [-w / 4, w / 4]):
            for f in range(1, floors):
                z = f * 3.2 + .6
                s.box((x, -d / 2 - .7, z), (4, 1.3, .1), iron)
                s.box((x, -d / 2 - 1.3, z + 1), (4, .06, .08), iron)
                for k in range(9):
                    s.box((x - 2 + k * .5, -d / 2 - 1.3, z + .5), (.05, .05, 1), iron)
                a = -1.5 if f % 2 else 1.5
                s.limb((x + a, -d / 2 - .9, z), (x - a, -d / 2 - .9, z + 3.2), .09, iron, n=4)
                s.limb((x + a, -d / 2 - .5, z), (x - a, -d / 2 - .5, z + 3.2), .09, iron, n=4)
    elif extra == "balconies":
        cols = max(1, int(w / 3.0))
        for f in range(1, floors):
            for i in range(0, cols, r.choice([1, 2])):
                x, z = (i + .5) * w / cols - w / 2, f * 3.2 + .7
                s.box((x, -d / 2 - .7, z), (2.3, 1.4, .15), M("concrete", (.5, .5, .48)))
                s.box((x, -d / 2 - 1.35, z + .55), (2.3, .08, 1.0), iron if r.random() < .5 else M("concrete", (.5, .5, .48)))
    elif extra:
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            s.limb((x, y, h), (x * .9, y * .9, h + 3), .12, iron)
        s.cyl((0, 0, h + 3), 1.7, 3, M("wood", (.25, .14, .07)))
        s.cyl((0, 0, h + 6), 1.9, 1.3, iron, r2=.05)
    if extra:
        s.part(extra)
    for x in (-w / 2 - 3, w / 2 + 3):
        with s.at(x, -d / 2 - 3, rz=-math.pi / 2):
            lamp_post(s)
    if r.random() < .45:
        for sx in (-1, 1):
            ww = r.uniform(10, 16)
            with s.at(sx * (w / 2 + ww / 2 + r.uniform(0, 4)), 0):
                block(s, ww, d, r.uniform(.4, .8) * h, wall(s, r.choice(["brick", "concrete", "plaster"])))
    s.destroy(w, d, h)
    s.say(adj=["tall"] if floors > 6 else ["small", "low"][:1] if floors < 5 else [])
    s.shot((-w / 2, -d / 2, 0), (w / 2, d / 2, h), (-130, -50), (2, 24))


@family("skyscraper", "outdoor", ("glass tower", "office tower", "high-rise"), weight=2)
def skyscraper(s):
    r = s.rng
    street_floor(s, 1200)
    w, h = r.uniform(16, 26), r.uniform(80, 160)
    tint = r.choice([(.08, .16, .24), (.05, .1, .12), (.16, .17, .2), (.05, .16, .14)])
    z, ww = 0.0, w
    for _ in range(r.randint(1, 3)):
        hh = h / 2 if z else h * .6
        with s.at(0, 0, z):
            block(s, ww, ww, hh, M("glass", tint), glass=True)
        z, ww = z + hh, ww * r.uniform(.6, .85)
    s.cyl((0, 0, z), .5, h * .15, M("metal", (.5, .5, .5)), r2=.05, n=8)
    for _ in range(r.randint(3, 8)):
        a, q = r.uniform(0, 6.3), r.uniform(45, 100)
        with s.at(q * math.cos(a), q * math.sin(a)):
            block(s, 16, 16, r.uniform(12, 35), wall(s, r.choice(["concrete", "brick", "stone"])))
    s.material("glass")
    s.say(adj=["tall"], setting="in a city")
    s.shot((-w, -w, 0), (w, w, z), (-150, -30), (1, 30), fills=(1.1, 1.7))


@family("house", "outdoor", ("cottage", "cabin"), weight=3)
def house(s):
    r = s.rng
    s.floor(s.cover(M("grass", (.07, .17, .03))))
    kind = r.choice(["wood", "brick", "plaster", "stone", "wood"])
    mat, w, d, h = wall(s, kind), r.uniform(7, 11), r.uniform(6, 8), r.choice([3, 5.6])
    s.box((0, 0, h / 2), (w, d, h), mat)
    facade(s, w, d, h, floor_h=2.8, pitch=2.4, pane=(1, 1.2), frame=M("plaster", (.75, .75, .72)))
    roof, k = s.cover(M("tile", r.choice([(.3, .07, .04), (.12, .12, .13), (.2, .1, .06)]))), r.uniform(.35, .6) * d
    with s.at(0, 0, h, rz=math.pi / 2):
        s.prism([(-d / 2 - .5, -.2), (d / 2 + .5, -.2), (0, k)], w + .8, roof)
    s.box((w * .3, d * .15, h + k * .7), (.8, .8, k * 1.1), wall(s, "brick"))
    s.box((0, -d / 2, 1.05), (1.1, .3, 2.1), M("wood", COLORS[r.choice(["red", "blue", "brown", "green", "white"])]))
    if r.random() < .4:
        s.box((0, -d / 2 - 1, 2.5), (3, 2.2, .15), roof)
        for x in (-1.3, 1.3):
            s.box((x, -d / 2 - 1.9, 1.25), (.15, .15, 2.5), M("wood", (.6, .6, .55)))
        s.part("a porch")
    if r.random() < .5:
        for x in range(-12, 13):
            s.box((x, -d / 2 - 6, .5), (.12, .08, 1), M("wood", (.6, .58, .5)))
        s.box((0, -d / 2 - 6, .7), (24, .06, .1), M("wood", (.6, .58, .5)))
        s.part("a fence")
    for _ in range(r.randint(0, 6)):
        a = r.uniform(.2, 2.9)
        with s.at(r.uniform(9, 18) * math.cos(a), r.uniform(8, 18) * math.sin(a)):
            tree(s, r.uniform(5, 9), r.choice(["round", "pine"]))
    s.material(kind)
    s.destroy(w, d, h)
    s.say(adj=["small"] if h < 4 else [], setting=r.choice(["", "in a garden", "on a lawn"]))
    s.shot((-w / 2, -d / 2, 0), (w / 2, d / 2, h + k), (-140, -40), (3, 30), fills=(.8, 1.3))


@family("castle", "outdoor", ("fortress",), weight=2)
def castle(s):
    r = s.rng
    s.floor(s.cover(M("grass", (.08, .15, .04))))
    st, w = wall(s, "stone"), r.uniform(14, 24)
    roof = M("tile", r.choice([(.12, .14, .25), (.3, .07, .04), (.12, .12, .13)])) if r.random() < .6 else None

    def tower(x, y, q, h):
        s.cyl((x, y, 0), q, h, st, n=16)
        s.cyl((x, y, h), q * 1.15, 1.2, st, n=16)
        for k in range(8):
            s.box((x + q * 1.05 * math.cos(k * .785), y + q * 1.05 * math.sin(k * .785), h + 1.7), (.8, .8, 1.1), st)
        if roof:
            s.cyl((x, y, h + 1.2), q * 1.2, q * 2.4, roof, r2=.02, n=16)
        for k in range(6):
            s.box((x + q * math.cos(k), y + q * math.sin(k), h * (.4 + .08 * k)), (.5, .5, 1.4), lit(s))
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        tower(x * w / 2, y * w / 2, r.uniform(2, 3), r.uniform(9, 14))
    for side in range(4):
        with s.at(rz=side * math.pi / 2):
            s.box((0, -w / 2, 3.5), (w, 1.4, 7), st)
            for k in range(int(w / 2)):
                s.box((k * 2 - w / 2 + 1, -w / 2, 7.5), (1, 1.4, 1), st)
    s.box((0, -w / 2 - .1, 2), (3, 1.5, 4), M("wood", (.1, .05, .03)))
    s.box((0, 2, 6), (w * .4, w * .35, 12), st)
    tower(0, 3, 2.5, r.uniform(16, 22))
    s.material("stone")
    s.say(adj=["old", "medieval"][:r.randint(0, 2)])
    s.part(r.choice(["round towers", "battlements"]))
    s.shot((-w / 2, -w / 2, 0), (w / 2, w / 2, 16), (-150, -30), (2, 38), fills=(.8, 1.3))


@family("ruins", "outdoor", ("ruin", "rubble", "destroyed building"), weight=3)
def ruins(s):
    r = s.rng
    s.floor(s.cover(M("dirt", (.2, .17, .13))))
    kind = r.choice(["concrete", "brick", "stone"])
    mat, w, d = wall(s, kind), r.uniform(12, 22), r.uniform(9, 14)
    for side in range(4):
        width, depth = (w, d) if side % 2 == 0 else (d, w)
        with s.at(rz=side * math.pi / 2):
            x, h = -width / 2, r.uniform(2, 12)
            while x < width / 2:
                q = r.uniform(.7, 1.6)
                h = min(14, max(.4, h + r.uniform(-3, 2.6)))
                if r.random() < .88:
                    z = 0
                    while z < h:
                        if not (r.random() < .25 and z > .5):
                            s.box((x + q / 2, -depth / 2, min(z + 1.2, h) / 2 + z / 2), (q, .6, min(1.2, h - z)), mat)
                        z += 1.2
                x += q
    for f in range(1, r.randint(2, 4)):
        s.box((r.uniform(-.2, .2) * w, r.uniform(0, .3) * d, f * 3.3), (w * r.uniform(.3, .8), d * r.uniform(.3, .6), .35), M("concrete", (.35, .34, .32)), rx=r.uniform(-.12, .12))
    for _ in range(90):
        q = abs(r.gauss(0, .5)) + .15
        s.rock((r.gauss(0, w * .4), r.gauss(-d * .2, d * .5), q * .3), q, mat if r.random() < .6 else M("concrete", (.35, .34, .32)), rough=.8, n=6, squash=(1, .8, .6))
    for _ in range(10):
        a = r.uniform(0, 6.3)
        x, y = r.uniform(-.5, .5) * w, r.uniform(-.5, .5) * d
        s.limb((x, y, 0), (x + 2 * math.cos(a), y + 2 * math.sin(a), r.uniform(.5, 4)), .07, M("metal", (.12, .06, .03)), n=5)
    s.material(kind)
    s.state = "destroyed"
    s.part(r.choice(["broken walls", "rubble", "collapsed floors"]))
    s.say(of="of a building" if r.random() < .6 else "")
    s.shot((-w / 2, -d / 2, 0), (w / 2, d / 2, 10), (-150, -30), (3, 36), fills=(.9, 1.4))


@family("temple", "outdoor", ("columns", "colonnade"))
def temple(s):
    r = s.rng
    s.floor(s.cover(M(*[("sand", (.6, .45, .26)), ("grass", (.08, .15, .04)), ("dirt", (.25, .2, .15))][r.randrange(3)])))
    st = M("stone", r.choice([(.6, .55, .45), (.7, .68, .62)]))
    n, h, gap = r.randint(5, 8), r.uniform(6, 9), 2.6
    w, d = n * gap, r.choice([3, 5, 7]) * gap
    for k in range(3):
        s.box((0, 0, .3 + .4 * k), (w + 4 - k, d + 4 - k, .4), st)
    broken = r.random() < .35
    for i in range(n):
        for j in range(int(d / gap)):
            if i in (0, n - 1) or j in (0, int(d / gap) - 1):
                hh = h * r.uniform(.2, 1) if broken and r.random() < .5 else h
                x, y = (i + .5) * gap - w / 2, (j + .5) * gap - d / 2
                s.cyl((x, y, 1.3), .55, hh, st, r2=.45, n=14)
                if hh == h:
                    s.box((x, y, 1.3 + h), (1.3, 1.3, .5), st)
    if not broken:
        s.box((0, 0, h + 2), (w + .5, d + .5, 1), st)
        s.prism([(-w / 2 - .5, h + 2.5), (w / 2 + .5, h + 2.5), (0, h + 2.5 + w * .16)], d + .5, st)
    else:
        s.state = "destroyed"
    s.material("stone")
    s.say(adj=["ancient"] if r.random() < .6 else [])
    s.part("columns")
    s.shot((-w / 2, -d / 2, 0), (w / 2, d / 2, h + 3), (-150, -30), (2, 28))


@family("church", "outdoor", ("chapel", "cathedral"))
def church(s):
    r = s.rng
    s.floor(s.cover(M("grass", (.08, .16, .04))))
    kind = r.choice(["stone", "brick", "plaster"])
    mat, roof = wall(s, kind), s.cover(M("tile", r.choice([(.12, .12, .14), (.28, .08, .05)])))
    s.box((3, 0, 4), (14, 7, 8), mat)
    with s.at(3, 0, 8, rz=math.pi / 2):
        s.prism([(-4, 0), (4, 0), (0, 4.5)], 14.5, roof)
    s.box((-5.5, 0, 8), (4, 4, 16), mat)
    s.cyl((-5.5, 0, 16), 2.9, r.uniform(6, 10), roof, r2=.02, n=4, smooth=False, rz=.785)
    s.box((-5.5, 0, 27), (.15, .15, 2.4), M("metal", (.6, .5, .2)))
    s.box((-5.5, 0, 27.4), (.15, 1.2, .15), M("metal", (.6, .5, .2)))
    for y in (-3.5, 3.5):
        for k in range(4):
            s.box((-1 + k * 3, y, 4.3), (1, .2, 3.4), lit(s, .8))
    s.box((-7.5, 0, 1.6), (.2, 1.8, 3.2), M("wood", (.15, .07, .04)))
    s.box((-7.5, 0, 10), (.2, 1.2, 2), GLASS_DARK)
    s.material(kind)
    s.say(adj=["old"] if r.random() < .4 else [])
    s.part("a steeple")
    s.shot((-8, -4, 0), (10, 4, 18), (-250, -100), (2, 25), fills=(.9, 1.3))


@family("lighthouse", "outdoor", ())
def lighthouse(s):
    r = s.rng
    s.floor(M("water", (.03, .1, .14)), 900)
    for _ in range(26):
        a, q = r.uniform(0, 6.3), r.uniform(0, 9)
        s.rock((q * math.cos(a), q * math.sin(a), .2), r.uniform(1.2, 3.5), s.cover(M("rock", (.22, .2, .18))), rough=.6, squash=(1, 1, .7))
    h, c = r.uniform(16, 24), COLORS[r.choice(["red", "red", "blue", "black"])]
    for k in range(6):
        q0, q1 = 2.6 - .2 * k, 2.4 - .2 * k
        s.cyl((0, 0, 1 + k * h / 6), q0, h / 6, M("plaster", c if k % 2 else (.8, .8, .77)), r2=q1)
    s.cyl((0, 0, h + 1), 2.1, .4, M("metal", (.1, .1, .1)))
    s.cyl((0, 0, h + 1.4), 1, 1.8, M("glow", (1, .9, .6), 9 if s.dark else 1.2))
    s.cyl((0, 0, h + 3.2), 1.4, 1.3, M("paint", c), r2=.05)
    if s.dark:
        s.lamp((0, -3, h + 2), (1, .85, .5), 1500)
    s.say(setting=r.choice(["by the sea", "on a rocky shore", "on rocks in the sea"]), adj=["striped"] if r.random() < .4 else [])
    s.shot((-5, -5, 0), (5, 5, h + 4), (0, 360), (2, 25), fills=(.8, 1.25))


@family("factory", "outdoor", ("power plant", "industrial plant", "refinery"))
def factory(s):
    r = s.rng
    s.floor(s.cover(M("concrete", (.25, .24, .23))))
    kind = r.choice(["brick", "metal", "concrete"])
    mat = M("corrugated", (.35, .37, .4)) if kind == "metal" else wall(s, kind)
    s.box((0, 0, 4), (26, 14, 8), mat)
    facade(s, 26, 14, 8, floor_h=3.5, pitch=3)
    for k in range(5):
        with s.at(-10.4 + k * 5.2, 0, 8):
            s.prism([(-2.6, 0), (2.6, 0), (2.6, 2.4)], 14, M("metal", (.3, .3, .32)))
    for k in range(r.randint(2, 4)):
        x = -10 + k * 6
        s.cyl((x, 9, 0), 1.5, r.uniform(18, 28), wall(s, "brick"), r2=1.0)
        s.emit_smoke((x, 9, 26), 3)
    for k in range(r.randint(2, 4)):
        s.cyl((16 + 5 * (k % 2), -4 + 5 * (k // 2), 0), 2.2, r.uniform(5, 9), M("metal", (.55, .55, .55)))
    s.tube([(13, -5, 3), (16, -5, 3), (16, -5, 7), (20, -3, 7)], .3, M("metal", (.5, .4, .3)))
    s.material(kind)
    s.part("chimneys")
    s.say()
    s.shot((-14, -8, 0), (20, 10, 18), (-140, -40), (3, 35), fills=(.9, 1.3))


@family("windmill", "outdoor", ())
def windmill(s):
    r = s.rng
    s.floor(s.cover(M("grass", (.1, .2, .04))))
    kind = r.choice(["plaster", "brick", "wood", "stone"])
    s.cyl((0, 0, 0), 3.4, 11, wall(s, kind), r2=2.2, n=10, smooth=False)
    s.cyl((0, 0, 11), 2.6, 2.6, M("wood", (.15, .08, .05)), r2=.1, n=10)
    with s.at(0, -3, 11, ry=r.uniform(0, 1.5)):
        s.cyl((0, 1.5, 0), .3, 2, M("wood", (.2, .12, .07)), rx=math.pi / 2, n=8)
        for k in range(4):
            with s.at(ry=k * math.pi / 2):
                s.box((0, 0, 3.8), (.2, .2, 7.4), M("wood", (.3, .18, .1)))
                s.box((.6, 0, 4.6), (1.1, .06, 5.4), M("fabric", (.7, .66, .55)))
    s.box((0, -3.1, 1.2), (1.2, .5, 2.4), M("wood", (.2, .1, .05)))
    s.material(kind)
    s.say(setting=r.choice(["in a field", "on a meadow", ""]))
    s.shot((-6, -4, 0), (6, 4, 16), (-140, -40), (2, 20), fills=(.9, 1.3))


@family("pyramid", "outdoor", ("pyramids",))
def pyramid(s):
    r = s.rng
    h = noise_grid(r, 60, 6) * 3
    s.ground(h, 400, M("sand", (.62, .45, .24)), z=-1.6)
    for k in range(r.choice([1, 1, 2, 3])):
        q = r.uniform(22, 32) * (.7 ** k)
        with s.at(k * 45, k * 30):
            steps = r.choice([0, 14])
            if steps:
                for i in range(steps):
                    w = q * 2 * (1 - i / steps)
                    s.box((0, 0, q * 1.2 * (i + .5) / steps), (w, w, q * 1.2 / steps), M("stone", (.55, .42, .25)))
            else:
                s.cyl((0, 0, 0), q * 1.41, q * 1.25, M("stone", (.55, .42, .25)), r2=.01, n=4, smooth=False, rz=.785)
    s.material("stone")
    s.say(setting="in the desert", adj=["ancient"] if r.random() < .5 else [])
    s.shot((-30, -30, 0), (30, 30, 30), (-140, -30), (2, 35), fills=(.8, 1.2))


@family("bridge", "outdoor", ("viaduct", "overpass"), weight=3)
def bridge(s):
    r = s.rng
    kind = r.choice(["suspension", "arch", "beam", "wood"])
    wet = r.random() < .75
    if wet:
        s.floor(M("water", (.03, .09, .1)), 900)
    else:
        s.floor(s.cover(M("grass", (.1, .16, .05))), 900)
    length, z = 80, r.uniform(7, 12)
    deck = M("asphalt", (.09, .09, .09)) if kind != "wood" else M("wood", (.3, .18, .1))
    s.box((0, 0, z), (length + 40, 8, .9), deck)
    for y in (-4, 4):
        s.box((0, y, z + 1.2), (length + 40, .15, .15), M("metal", (.2, .2, .2)))
        for x in range(-60, 61, 3):
            s.box((x, y, z + .8), (.12, .12, .9), M("metal", (.2, .2, .2)))
    if kind == "suspension":
        c = M("paint", r.choice([(.5, .07, .03), (.4, .42, .45), (.1, .2, .3)]))
        for x in (-28, 28):
            for y in (-4.3, 4.3):
                s.box((x, y, z + 6), (1.4, 1.2, 34), c)
            for zz in (z + 8, z + 16, z + 22):
                s.box((x, 0, zz), (1.2, 8.6, 1), c)
        for y in (-4.3, 4.3):
            pts = [(x, y, z + 2 + 20 * (x / 28) ** 2) for x in range(-28, 29, 4)]
            for a, b in zip(pts, pts[1:]):
                s.limb(a, b, .25, c, n=6)
                s.limb(a, (a[0], y, z), .08, c, n=4)
            for q in (-1, 1):
                s.limb((q * 28, y, z + 22), (q * 60, y, z), .25, c, n=6)
        s.material("metal")
    elif kind == "arch":
        st = wall(s, r.choice(["stone", "brick"]))
        for k in range(-3, 4):
            s.box((k * 15, 0, z / 2), (2.6, 7, z), st)
            for i in range(12):
                a0 = math.pi * i / 12
                x0 = k * 15 + 7.5 + 6.2 * math.cos(a0)
                za = z - 6 + 5.2 * math.sin(a0)
                s.box((x0, 0, (za + z) / 2), (1.8, 7.2, z - za), st)
        s.material(st[0])
    else:
        m = M("concrete", (.45, .44, .42)) if kind == "beam" else M("wood", (.25, .15, .08))
        for x in range(-52, 53, 13 if kind == "beam" else 6):
            for y in (-2.5, 2.5):
                s.box((x, y, z / 2), (1 if kind == "beam" else .5,) * 2 + (z,), m)
            if kind == "wood":
                s.limb((x, -2.5, 0), (x, 2.5, z), .18, m, n=5)
        s.material("concrete" if kind == "beam" else "wood")
    if s.dark:
        for x in range(-56, 57, 14):
            s.ball((x, -4, z + 4), .3, M("glow", (1, .8, .5), 12), n=8)
            s.box((x, -4, z + 2), (.15, .15, 4), M("metal", (.1, .1, .1)))
            s.lamp((x, -3, z + 3.6), (1, .75, .4), 250)
    for y in (-1, 1):
        for x in (-70, 70):
            s.rock((x, y * 20, -4), 26, s.cover(M("grass", (.09, .14, .05))), rough=.3, n=14)
    s.say(adj=[{"suspension": "suspension", "arch": "arched"}.get(kind, "long")], setting=r.choice(["over water", "over a river"]) if wet else "over a valley")
    s.shot((-32, -5, 0), (32, 5, 22), (-150, -30), (3, 30), fills=(.9, 1.3))


@family("road", "outdoor", ("highway", "country road"), weight=2)
def road(s):
    r = s.rng
    land = r.choice([("grass", (.1, .18, .05), "through fields"), ("sand", (.6, .43, .24), "through the desert"), ("dirt", (.25, .18, .12), "through hills")])
    g = (noise_grid(r, 90, 7) - .5) * r.choice([8, 30])
    n, bend, phase = 90, r.uniform(5, 30), r.uniform(0, 6)
    def mid(x):
        return bend * math.sin(x / 55 + phase) - bend * math.sin(-100 / 55 + phase)
    for i in range(n):
        for j in range(n):
            x, y = (i / (n - 1) - .5) * 300, (j / (n - 1) - .5) * 300
            k = min(1, max(0, (abs(y - mid(x)) - 7) / 18))
            g[i, j] = g[i, j] * k - .25
    s.ground(g, 300, s.cover(M(*land[:2])))
    xs = [x * 3 for x in range(-40, 51)]
    for x0, x1 in zip(xs, xs[1:]):
        def strip(o, w, z, m):
            s.add([(x0, mid(x0) + o - w, z), (x1, mid(x1) + o - w, z), (x1, mid(x1) + o + w, z), (x0, mid(x0) + o + w, z)], [(0, 1, 2, 3)], m)
        strip(0, 4, .12, M("asphalt", (.06, .06, .065)))
        if (x0 // 3) % 2:
            strip(0, .12, .15, M("plaster", (.75, .65, .2)))
        strip(-3.6, .1, .15, M("plaster", (.7, .7, .7)))
        strip(3.6, .1, .15, M("plaster", (.7, .7, .7)))
    if land[0] != "sand":
        for _ in range(r.randint(0, 40)):
            x, y = r.uniform(-90, 140), r.choice([-1, 1]) * r.uniform(10, 60)
            with s.at(x, mid(x) + y, r.uniform(-1, 1)):
                tree(s, r.uniform(5, 9), r.choice(["pine", "round"]))
    if r.random() < .35:
        with s.at(-70, mid(-70) - 1.9, .12):
            car(s)
        s.part("a car")
    s.say(adj=[r.choice(["empty", "winding"]) if bend > 14 else "straight"], setting=land[2])
    z = r.choice([2, 4, 25])
    s.look((-100, mid(-100), z), (-30, mid(-40), 0 if z > 5 else 2), r.uniform(45, 65))
    s.view = "aerial" if z > 20 else ""
