"""Scene families: tools, food, devices, toys, instruments, clothes and other things that stand alone in a picture."""

import math

from kit import COLORS, material as M
from objects import DARK, CHROME, WOODS, stuff
from registry import family

WHITE, CREAM = M("paint", (.78, .78, .76)), M("plain", (.75, .68, .52))
GOLD, BRASS = M("gold", (.8, .5, .12)), M("gold", (.65, .45, .15))
LEAF = M("leaf", (.08, .26, .06))
BRIGHT = ("red", "blue", "green", "yellow", "orange", "pink", "purple", "turquoise")


def tint(s, kind="paint", names=None, scale=1.0):
    """A material in a color that the truth names."""
    name = s.rng.choice(names or list(COLORS))
    s.say(color=name)
    return M(kind, COLORS[name], scale)


def any_tint(s, kind="paint", names=None):
    """A material in a color that is only a detail."""
    return M(kind, COLORS[s.rng.choice(names or list(COLORS))])


def front(s, elevation=(3, 35), side=60, fills=(.75, 1.25)):
    lo, hi = s.bounds()
    s.shot(lo, hi, (-90 - side, -90 + side), elevation, fills)


def lie(s):
    """Whether a long thing lies flat, stands or leans; with the turn that does it."""
    return s.rng.choice([dict(rx=0), dict(rx=math.pi / 2), dict(rx=math.pi / 2, rz=s.rng.uniform(0, 6)), dict(ry=.6), dict(rx=1.1, rz=1)])


def handle(s, z0, z1, q=.06, wood=.6):
    m = M("wood", s.rng.choice(WOODS), 3) if s.rng.random() < wood else any_tint(s, "plastic", ("red", "yellow", "black", "blue", "orange"))
    s.lathe([(.01, z0), (q * .9, z0), (q * 1.1, z0 + .15 * (z1 - z0)), (q * .85, z0 + .5 * (z1 - z0)), (q, z1), (.01, z1)], m, n=14)


STEELS = [(.5, .51, .53), (.2, .2, .21), (.35, .33, .3), (.6, .6, .6)]


def steel(s):
    return M("metal", s.rng.choice(STEELS))


# --- tools ----------------------------------------------------------------------------------------------------------

@family("hammer", "object", ("mallet",), later=True)
def hammer(s):
    r, m = s.rng, steel(s)
    h = r.uniform(1.1, 1.8)
    with s.at(**lie(s)):
        handle(s, 0, h, r.uniform(.05, .08))
        if r.random() < .3:
            s.box((0, 0, h), (.75, .36, .36), M("wood", r.choice(WOODS), 2) if r.random() < .5 else DARK)
        else:
            s.cyl((-.3, 0, h), .13, .3, m, ry=math.pi / 2)
            s.cyl((-.36, 0, h), .16, .08, m, ry=math.pi / 2)
            s.box((.05, 0, h), (.2, .2, .24), m)
            if r.random() < .7:
                for y in (-.05, .05):
                    s.limb((.1, y, h), (.33, y * 1.6, h + .02), .06, m)
                    s.limb((.33, y * 1.6, h + .02), (.5, y * 2, h - .1), .06, m, r2=.015)
            else:
                s.loft([[(.15, -.1, h - .1), (.15, .1, h - .1), (.15, .1, h + .1), (.15, -.1, h + .1)], [(.5, -.1, h - .01), (.5, .1, h - .01), (.5, .1, h + .01), (.5, -.1, h + .01)]], m)


@family("wrench", "object", ("spanner",), later=True)
def wrench(s):
    r, m = s.rng, steel(s)
    with s.at(**lie(s)):
        h = r.uniform(1, 1.6)
        s.box((0, 0, h / 2), (.16, .07, h), m)
        for z, d in ((h, 1), (0, -1)):
            if d < 0 and r.random() < .5:
                s.torus((0, 0, z - .12), .14, .06, m, rx=math.pi / 2)
            else:
                pts = [(.2 * math.cos(a), .2 * math.sin(a)) for a in [.9 + k * .38 for k in range(13)]]
                inner = [(.09 * math.cos(a), .09 * math.sin(a)) for a in [5.4 - k * .36 for k in range(13)]]
                with s.at(0, 0, z + d * .12, ry=(0 if d > 0 else math.pi) + .25):
                    for (x0, z0), (x1, z1) in zip(pts, pts[1:]):
                        s.limb((x0 * .75, 0, z0 * .75), (x1 * .75, 0, z1 * .75), .06, m, n=6)
                    del inner


@family("screwdriver", "object", (), later=True)
def screwdriver(s):
    r = s.rng
    with s.at(**lie(s)):
        m = tint(s, "plastic", ("red", "yellow", "blue", "orange", "green", "black"))
        s.lathe([(.01, 0), (.1, .02), (.13, .12), (.12, .5), (.08, .6), (.09, .64), (.01, .65)], m, n=8, smooth=False)
        s.cyl((0, 0, .64), .035, r.uniform(.5, 1.1), CHROME)
        s.box((0, 0, 1.2), (.09, .02, .12), CHROME)


@family("saw", "object", ("handsaw",), later=True)
def saw(s):
    r = s.rng
    with s.at(**lie(s)):
        n = 24
        pts = [(-.16, 0)] + [(x, z) for k in range(n) for x, z in ((.16, k * 1.5 / n), (.11, (k + .6) * 1.5 / n))] + [(.0, 1.5), (-.1, 1.5)]
        s.prism(pts, .015, steel(s))
        m = M("wood", r.choice(WOODS), 3) if r.random() < .6 else tint(s, "plastic", ("red", "orange", "yellow", "black"))
        s.tube([(-.12, 0, 0), (-.12, 0, -.4), (.12, 0, -.45), (.14, 0, 0), (-.12, 0, .02)], .055, m)


@family("axe", "object", ("hatchet",), later=True)
def axe(s):
    r = s.rng
    h = r.uniform(1.1, 1.9)
    with s.at(**lie(s)):
        handle(s, 0, h, .055, .9)
        for side in ((1, -1) if r.random() < .25 else (1,)):
            s.loft([[(side * .05, -.07, h - .28), (side * .05, .07, h - .28), (side * .05, .07, h - .05), (side * .05, -.07, h - .05)], [(side * .3, -.03, h - .34), (side * .3, .03, h - .34), (side * .3, .03, h), (side * .3, -.03, h)], [(side * .48, -.002, h - .46), (side * .48, .002, h - .46), (side * .48, .002, h + .1), (side * .48, -.002, h + .1)]], steel(s))


@family("knife", "object", (), later=True)
def knife(s):
    r = s.rng
    with s.at(**r.choice([dict(rx=math.pi / 2), dict(ry=math.pi / 2), dict(ry=.5), dict(rx=math.pi / 2, rz=2)])):
        w, h = r.uniform(.12, .3), r.uniform(1, 1.6)
        s.prism([(-w / 2, .5), (w / 2, .5), (w / 2, .5 + h * .7), (-w / 2, .5 + h)], .025, CHROME)
        s.box((0, 0, .2), (w * .6, .08, .6), M("wood", r.choice(WOODS), 3) if r.random() < .6 else DARK)


@family("scissors", "object", (), later=True)
def scissors(s):
    r = s.rng
    m, a = tint(s, "plastic", ("red", "black", "blue", "orange", "green")), r.uniform(.12, .5)
    with s.at(rx=r.choice([0, math.pi / 2, math.pi / 2]), rz=r.uniform(-1, 1)):
        for side in (-1, 1):
            with s.at(ry=side * a):
                s.prism([(-.06, 0), (.06, 0), (.0, 1.1)], .03, CHROME)
                s.limb((0, 0, 0), (side * -.06, 0, -.45), .05, m)
                s.torus((side * -.1, 0, -.62), .17, .045, m, rx=math.pi / 2)
        s.cyl((0, .04, 0), .05, .08, CHROME, rx=math.pi / 2)


@family("shovel", "object", ("spade",), later=True)
def shovel(s):
    r = s.rng
    with s.at(**lie(s)):
        h = r.uniform(1.4, 2)
        s.cyl((0, 0, .6), .04, h, M("wood", r.choice(WOODS), 3))
        if r.random() < .5:
            s.tube([(-.14, 0, h + .7), (.14, 0, h + .7)], .035, M("wood", WOODS[0], 3))
            s.limb((0, 0, h + .55), (0, 0, h + .7), .035, M("wood", WOODS[0], 3))
        w = r.uniform(.2, .3)
        s.prism([(0, -.1) if r.random() < .6 else (-w, 0), (w, .1), (w, .6), (-w, .6), (-w, .1)], .03, steel(s))


@family("drill", "object", ("power drill", "electric drill"), later=True)
def drill(s):
    r = s.rng
    m = tint(s, "plastic", ("yellow", "green", "blue", "red", "orange", "turquoise"))
    s.cyl((-.45, 0, 1), .2, .75, m, ry=math.pi / 2, r2=.17)
    s.cyl((.3, 0, 1), .16, .12, DARK, ry=math.pi / 2)
    s.cyl((.42, 0, 1), .12, .2, DARK, ry=math.pi / 2, r2=.06)
    s.cyl((.6, 0, 1), .03, r.uniform(.3, .6), CHROME, ry=math.pi / 2, r2=.015)
    s.limb((-.2, 0, .9), (-.32, 0, .3), .11, m)
    s.box((-.32, 0, .16), (.5, .3, .25), DARK if r.random() < .5 else m)
    s.box((-.1, 0, .7), (.06, .06, .14), DARK)
    front(s)


@family("screw", "object", ("screws", "bolt", "bolts", "nut"), later=True)
def screw(s):
    r, n = s.rng, s.rng.choice([1, 1, 3, 6])
    for k in range(n):
        m = M(*r.choice([("metal", (.55, .56, .58)), ("metal", (.3, .3, .31)), ("gold", (.6, .42, .15))]))
        with s.at(k % 3 * 1.1, k // 3 * 1.2, .36, rx=r.choice([0, math.pi / 2]), rz=r.uniform(0, 6)):
            h = r.uniform(.9, 1.8)
            s.cyl((0, 0, 0), .2, h, m)
            for i in range(int(h / .09)):
                s.torus((0, 0, .05 + i * .09), .2, .035, m, n=20, k=6)
            if r.random() < .6:
                s.cyl((0, 0, h), .38, .25, m, n=6, smooth=False)
            else:
                s.cyl((0, 0, h - .1), .2, .2, m, r2=.4)
                s.box((0, 0, h + .1), (.5, .06, .03), DARK)
            if r.random() < .4:
                s.cyl((0, 0, h * .3), .38, .22, m, n=6, smooth=False)
    s.say(synonym="screws" if n > 1 else "")


@family("spring", "object", ("coil", "spiral"), later=True)
def spring(s):
    r, turns = s.rng, s.rng.randint(4, 11)
    q, h, grow = r.uniform(.4, .8), r.uniform(1.2, 2.6), r.choice([0, 0, r.uniform(-.6, .6)])
    pts = [(q * (1 + grow * k / (turns * 16)) * math.cos(k * math.pi / 8), q * (1 + grow * k / (turns * 16)) * math.sin(k * math.pi / 8), h * k / (turns * 16)) for k in range(turns * 16)]
    with s.at(rx=r.choice([0, 0, math.pi / 2])):
        s.tube(pts, r.uniform(.05, .12), stuff(s, ("metal", "metal", "gold", "plastic")), n=8)


@family("chain", "object", ("chains",), later=True)
def chain(s):
    r, m = s.rng, stuff(s, ("metal", "metal", "gold"))
    straight, n = r.random() < .5, r.randint(5, 11)
    for k in range(n):
        a = k * 2 * math.pi / 12 if not straight else 0
        p = (k * .62, 0, .5) if straight else (2.2 * math.cos(a), 2.2 * math.sin(a), .5)
        with s.at(*p, rz=a + (0 if straight else math.pi / 2), rx=(k % 2) * math.pi / 2, s=(1.35, 1, 1)):
            s.torus((0, 0, 0), .32, .1, m, n=24, k=10)


@family("wheel", "object", ("tire", "tyre", "car wheel"), later=True)
def one_wheel(s):
    r, n = s.rng, s.rng.choice([1, 1, 2, 4])
    flat = r.random() < .4
    old = r.random() < .25
    for k in range(n):
        with s.at(0 if flat else k * .7, 0, .2 + k * .42 if flat else 1, ry=0 if flat else math.pi / 2):
            if old:
                m = M("wood", r.choice(WOODS), 2)
                s.torus((0, 0, 0), .9, .09, m, k=8)
                for i in range(10):
                    s.limb((0, 0, 0), (.9 * math.cos(i * .628), .9 * math.sin(i * .628), 0), .04, m)
                s.cyl((0, 0, -.15), .16, .3, m)
            else:
                s.torus((0, 0, 0), .8, .24, M("rubber", (.02, .02, .02)), n=48, k=14)
                for i in range(36):
                    s.box((1.02 * math.cos(i * .1745), 1.02 * math.sin(i * .1745), 0), (.06, .06, .34), DARK, rz=i * .1745)
                m = r.choice([CHROME, M("metal", (.1, .1, .1)), WHITE])
                s.cyl((0, 0, -.18), .15, .36, m)
                for i in range(r.choice([5, 6, 10])):
                    s.box((.36 * math.cos(i * 1.2566), .36 * math.sin(i * 1.2566), 0), (.55, .1, .14), m, rz=i * 1.2566)
                s.torus((0, 0, .1), .6, .05, m)
                s.torus((0, 0, -.1), .6, .05, m)
    s.say(synonym="tire" if not old and r.random() < .3 else "")


@family("anchor", "object", (), later=True)
def anchor(s):
    r, m = s.rng, stuff(s, ("metal", "metal", "gold", "stone"))
    with s.at(rx=r.choice([0, 0, math.pi / 2]), ry=r.uniform(-.2, .2)):
        s.limb((0, 0, .1), (0, 0, 2), .1, m)
        s.torus((0, 0, 2.2), .2, .06, m, rx=math.pi / 2)
        s.limb((-.5, 0, 1.75), (.5, 0, 1.75), .08, m)
        s.tube([(.95 * math.sin(a), 0, 1 - .95 * math.cos(a)) for a in [-1.25 + k * .25 for k in range(11)]], .1, m)
        for q in (-1, 1):
            s.prism([(q * .75, .62), (q * 1.15, .75), (q * .85, 1.1)], .1, m)
    front(s)


@family("propeller", "object", (), later=True)
def propeller(s):
    r, m, n = s.rng, stuff(s, ("metal", "gold", "plastic", "metal")), s.rng.choice([2, 3, 3, 4, 5])
    s.cyl((0, .3, 1.6), .22, .5, m, rx=math.pi / 2)
    s.ball((0, -.25, 1.6), .22, m)
    for k in range(n):
        with s.at(0, 0, 1.6, ry=k * 2 * math.pi / n):
            w = r.uniform(.25, .5) if k == 0 else w
            s.loft([[(-w * f, -.15 * f, z), (0, -.02, z), (w * f, .15 * f, z), (0, .02, z)] for z, f in ((.1, .35), (.5, .8), (.9, 1), (1.3, .75), (1.5, .2))], m, smooth=True)
    front(s)


@family("engine", "object", ("motor",), later=True)
def engine(s):
    r, m = s.rng, steel(s)
    s.box((0, 0, .7), (1.6, .9, .8), m)
    s.box((0, 0, .25), (1.3, .7, .3), DARK)
    for y in (-.3, .3):
        s.box((0, y, 1.25), (1.5, .4, .3), any_tint(s, "paint", ("red", "black", "gray", "blue")), rx=y * 1.2)
        for k in range(4):
            x = -.6 + k * .4
            s.tube([(x, y * 1.3, 1.1), (x, y * 2.6, .9), (x + .1, y * 2.8, .4)], .08, CHROME)
    for x, z, q in ((.95, .9, .35), (.95, .4, .22), (.95, 1.35, .2)):
        s.cyl((x - .1, 0, z), q, .15, DARK, ry=math.pi / 2)
    s.cyl((-.2, 0, 1.4), .35, .25, CHROME)
    for _ in range(6):
        s.tube([(r.uniform(-.7, .7), r.uniform(-.3, .3), 1.4), (r.uniform(-.7, .7), r.uniform(-.5, .5), 1.7), (r.uniform(-.8, .8), .5, .9)], .04, DARK)
    s.material("metal")


# --- kitchen --------------------------------------------------------------------------------------------------------

@family("fork", "small", ("spoon", "cutlery", "knife and fork"), later=True)
def cutlery(s):
    r = s.rng
    kinds = r.choice([["fork"], ["spoon"], ["fork", "knife"], ["fork", "knife", "spoon"], ["spoon"]])
    m = r.choice([CHROME, CHROME, GOLD, M("wood", WOODS[2], 4)])
    for k, kind in enumerate(kinds):
        with s.at(k * .5, 0, .05, rx=-math.pi / 2, rz=0 if len(kinds) > 1 else r.uniform(0, 6)):
            s.box((0, 0, .7), (.09, .03, 1.3), m)
            if kind == "spoon":
                s.ball((0, 0, 1.55), .24, m, squash=(.8, .25, 1.2))
            elif kind == "fork":
                s.box((0, 0, 1.38), (.3, .03, .16), m)
                for x in (-.12, -.04, .04, .12):
                    s.box((x, 0, 1.62), (.04, .03, .4), m)
            else:
                s.prism([(-.05, 1.3), (.12, 1.3), (.12, 1.9), (-.05, 2.05)], .02, m)
    s.say(synonym="cutlery" if len(kinds) > 1 else "" if kinds[0] == "fork" else "spoon")
    lo, hi = s.bounds()
    s.shot(lo, hi, (0, 360), (25, 70), (.7, 1.1))


@family("pan", "small", ("frying pan", "pot", "saucepan"), later=True)
def pan(s):
    r = s.rng
    m = r.choice([M("metal", (.06, .06, .06)), CHROME, M("metal", (.5, .25, .12)), any_tint(s)])
    h = r.choice([.22, .3, .9, 1.1])
    s.lathe([(.01, 0), (.8, 0), (.95, h), (.91, h), (.77, .05), (.01, .05)], m, n=36)
    if h < .5:
        s.limb((.9, 0, h * .8), (2.1, 0, h * 1.4), .08, DARK if r.random() < .6 else M("wood", WOODS[0], 3), r2=.1)
        if r.random() < .4:
            s.ball((0, 0, .06), .5, WHITE, squash=(1, .9, .06))
            s.ball((.05, 0, .1), .2, M("paint", (.85, .5, .03)), squash=(1, 1, .4))
            s.part("an egg")
    else:
        for q in (-1, 1):
            s.torus((q * .95, 0, h * .8), .2, .05, DARK, ry=0)
        if r.random() < .6:
            s.lathe([(.95, h), (.7, h + .15), (.1, h + .22), (.01, h + .22)], m, n=36)
            s.ball((0, 0, h + .3), .1, DARK)
        s.say(synonym="pot")


@family("jar", "small", ("can", "tin can"), later=True)
def jar(s):
    r, n = s.rng, s.rng.choice([1, 1, 2, 3])
    for k in range(n):
        with s.at(k * 1.25, r.uniform(-.2, .2)):
            h, q = r.uniform(.9, 1.6), r.uniform(.4, .55)
            if r.random() < .5:
                s.lathe([(.01, 0), (q, 0), (q, h * .8), (q * .8, h * .9), (q * .8, h)], M("glass", r.choice([(.7, .75, .76), (.6, .7, .7), (.25, .12, .03)])), n=28)
                s.cyl((0, 0, .03), q * .93, h * r.uniform(.4, .7), any_tint(s, "paint", ("red", "orange", "yellow", "brown", "green", "purple")), n=24)
                s.cyl((0, 0, h), q * .86, .15, r.choice([GOLD, CHROME, any_tint(s)]), n=28)
            else:
                s.cyl((0, 0, 0), q, h, CHROME, n=32)
                s.cyl((0, 0, h * .06), q * 1.01, h * .88, any_tint(s), n=32)
                for z in (0, h):
                    s.torus((0, 0, z), q, .03, CHROME, n=32, k=8)
                s.say(synonym="can" if k == 0 else "")


@family("toaster", "small", (), later=True)
def toaster(s):
    r, m = s.rng, stuff(s, ("metal", "plastic", "metal"))
    s.prism([(-.8, .1), (.8, .1), (.8, .8), (.65, 1), (-.65, 1), (-.8, .8)], .8, m)
    s.box((0, 0, .05), (1.5, .7, .1), DARK)
    for y in (-.18, .18):
        s.box((0, y, 1.0), (1.1, .14, .02), DARK)
        if r.random() < .6:
            s.box((0, y, 1.1), (.85, .11, .5), M("plain", (.55, .3, .1)))
            s.part("toast")
    s.box((.83, 0, .6), (.08, .12, .08), DARK)
    s.box((.81, 0, .6), (.01, .05, .5), DARK)


@family("basket", "small", (), later=True)
def basket(s):
    r, m = s.rng, M("wood", s.rng.choice(WOODS), 6)
    h, top = r.uniform(.5, 1), r.uniform(.8, 1.1)
    for k in range(int(h / .09)):
        q = .75 + (top - .75) * k * .09 / h
        s.torus((0, 0, k * .09 + .05), q, .05, m, n=36, k=6)
    for k in range(24):
        a = k * math.pi / 12
        s.limb((.75 * math.cos(a), .75 * math.sin(a), 0), (top * math.cos(a), top * math.sin(a), h), .03, m, n=5)
    s.cyl((0, 0, 0), .74, .05, m)
    if r.random() < .7:
        s.tube([(top * math.cos(a), 0, h + .9 * math.sin(a)) for a in [k * math.pi / 12 for k in range(13)]], .05, m)
    if r.random() < .6:
        for _ in range(14):
            s.ball((r.uniform(-.5, .5), r.uniform(-.5, .5), h * .85 + r.uniform(-.1, .15)), .22, any_tint(s, "paint", ("red", "green", "orange", "yellow", "white")), n=14)
        s.part("fruit")


@family("oven", "object", ("stove", "microwave", "washing machine", "refrigerator"), later=True)
def appliance(s):
    r = s.rng
    kind, m = r.choice(["oven", "microwave", "washing machine", "refrigerator"]), r.choice([WHITE, CHROME, M("paint", (.05, .05, .05)), any_tint(s)])
    glass = M("glass", (.02, .02, .025))
    if kind == "refrigerator":
        s.box((0, 0, 1), (.9, .8, 2), m)
        s.box((0, -.4, 1.32), (.88, .04, 1.3 if r.random() < .5 else .02), m)
        s.box((0, -.42, .65), (.88, .03, .02), DARK)
        for z in (.45, 1.0):
            s.box((-.36, -.45, z), (.04, .05, .4), CHROME)
    elif kind == "microwave":
        s.box((0, 0, .35), (1.2, .8, .7), m)
        s.box((-.15, -.41, .35), (.75, .02, .5), glass)
        for k in range(9):
            s.box((.38 + k % 3 * .08, -.41, .2 + k // 3 * .1), (.05, .02, .05), CHROME)
        s.box((.26, -.44, .35), (.04, .06, .5), CHROME)
    else:
        s.box((0, 0, .5), (1, .9, 1), m)
        s.box((0, -.46, .9), (.98, .02, .16), DARK if r.random() < .5 else m)
        for k in range(5):
            s.cyl((-.4 + k * .2, -.46, .9), .04, .06, CHROME, rx=math.pi / 2)
        if kind == "oven":
            s.box((0, -.46, .45), (.7, .02, .45), glass)
            s.box((0, -.5, .75), (.8, .05, .05), CHROME)
            for x in (-.25, .25):
                for y in (-.2, .2):
                    s.torus((x, y, 1.01), .14, .02, DARK)
        else:
            s.torus((0, -.46, .45), .3, .05, CHROME, rx=math.pi / 2)
            s.ball((0, -.42, .45), .28, glass, squash=(1, .4, 1))
    s.say(synonym="" if kind == "oven" else kind)
    front(s, (3, 25), 45)


@family("toilet", "object", (), later=True)
def toilet(s):
    r = s.rng
    m = WHITE if r.random() < .85 else any_tint(s)
    s.lathe([(.01, 0), (.3, 0), (.24, .25), (.38, .5), (.42, .55), (.34, .55), (.2, .35), (.01, .3)], m, n=28)
    with s.at(0, -.05, .57, s=(1, 1.15, 1)):
        s.torus((0, 0, 0), .34, .06, m, n=30, k=8)
    s.box((0, .48, .8), (.75, .25, .6), m)
    s.box((0, .48, 1.12), (.8, .3, .06), m)
    if r.random() < .5:
        with s.at(0, .32, .62, rx=-.15):
            s.ball((0, 0, .38), .4, m, squash=(1, .1, 1))
    s.box((.28, .34, 1.0), (.12, .04, .05), CHROME)
    front(s, (8, 40), 55)


@family("sink", "object", ("washbasin", "bathtub"), later=True)
def sink(s):
    r = s.rng
    m = WHITE if r.random() < .8 else stuff(s, ("stone", "metal"))
    if r.random() < .5:
        with s.at(0, 0, .75, s=(1.2, .9, 1)):
            s.lathe([(.01, -.05), (.3, -.05), (.5, .2), (.46, .22), (.28, .02), (.01, 0)], m, n=32)
        s.lathe([(.2, 0), (.14, .35), (.2, .72)], m, n=20)
        s.tube([(0, .4, .95), (0, .4, 1.2), (0, .15, 1.2), (0, .12, 1.1)], .035, CHROME)
    else:
        with s.at(0, 0, .1, s=(1.7, .75, 1)):
            s.lathe([(.01, 0), (.8, 0), (1, .35), (1, .62), (.93, .62), (.9, .35), (.7, .1), (.01, .08)], m, n=36)
        for x in (-1.1, 1.1):
            for y in (-.4, .4):
                s.ball((x, y, .08), .11, GOLD)
        s.tube([(1.5, 0, .4), (1.5, 0, 1.0), (1.15, 0, 1.0), (1.1, 0, .9)], .05, CHROME)
        s.say(synonym="bathtub")
    front(s, (10, 40), 60)


# --- food -----------------------------------------------------------------------------------------------------------

@family("banana", "small", ("bananas",), later=True)
def banana(s):
    r, n = s.rng, s.rng.choice([1, 1, 3, 5])
    m = M("paint", r.choice([(.8, .6, .06), (.75, .6, .1), (.55, .6, .1)]))
    for k in range(n):
        with s.at(0, k * .22, 0, rx=(k - n / 2) * .15):
            bend = r.uniform(1.0, 1.4)
            rings = []
            for i in range(13):
                t = i / 12
                a, q = (t - .5) * bend * 1.6, .2 * math.sin(math.pi * min(.94, .06 + t * .94)) ** .5
                c = (1.3 * math.sin(a), 1.4 - 1.3 * math.cos(a))
                rings.append([(c[0] + q * math.cos(b) * math.sin(-a) * -1, q * math.sin(b), c[1] + q * math.cos(b) * math.cos(a)) for b in [j * math.pi / 3 for j in range(6)]])
            s.loft(rings, m, smooth=r.random() < .5)
            end = (1.3 * math.sin(.8 * bend), 0, 1.4 - 1.3 * math.cos(.8 * bend))
            s.limb(end, (end[0] + .12, 0, end[2] + .16), .05, M("plain", (.2, .15, .04)))
    s.say(synonym="bananas" if n > 1 else "")


@family("orange", "small", ("oranges", "lemon", "fruit"), later=True)
def orange(s):
    r, n = s.rng, s.rng.choice([1, 1, 2, 4])
    lemon = r.random() < .25
    for k in range(n):
        with s.at(k % 2 * 1.05, k // 2 * 1.0, .5, rz=r.uniform(0, 6)):
            c = (.8, .62, .05) if lemon else (.85, .3, .02)
            s.ball((0, 0, 0), .5, M("paint", c), n=28, squash=(1.25, .95, .95) if lemon else (1, 1, .95))
            s.ball((0, 0, .47), .05, LEAF, n=8)
            if r.random() < .4:
                s.ball((.15, 0, .52), .16, LEAF, squash=(1, .5, .15), n=8)
    if r.random() < .3:
        s.cyl((-1, -.2, .25), .5, .5, M("paint", (.85, .35, .04)), rx=1.2, n=28)
        s.cyl((-1, -.28, .28), .42, .5, M("paint", (.85, .5, .15)), rx=1.2, n=28)
    s.say(synonym="lemon" if lemon else "oranges" if n > 1 else "")


@family("pumpkin", "small", ("pumpkins",), later=True)
def pumpkin(s):
    r, n = s.rng, s.rng.choice([1, 1, 2])
    for k in range(n):
        with s.at(k * 1.9, 0, 0, s=r.uniform(.7, 1.1)):
            squash, m = r.uniform(.65, .95), M("paint", r.choice([(.8, .25, .02), (.85, .35, .05), (.65, .3, .05)]))
            ribs = r.randint(8, 12)
            for i in range(ribs):
                a = i * 2 * math.pi / ribs
                s.ball((.42 * math.cos(a), .42 * math.sin(a), .75 * squash), .55, m, n=16, squash=(1, 1, 1.35 * squash))
            s.limb((0, 0, 1.2 * squash), (.1, 0, 1.75 * squash), .09, M("bark", (.2, .2, .06)), r2=.06)
            if k == 0 and r.random() < .5:
                for x in (-.3, .3):
                    s.prism([(x - .15, .85 * squash), (x + .15, .85 * squash), (x, 1.15 * squash)], 1.9, M("glow", (1, .6, .1), 3))
                s.box((0, -.4, .5 * squash), (.8, 1.1, .12), M("glow", (1, .6, .1), 3))
                s.part("a face")
    front(s)


@family("egg", "small", ("eggs",), later=True)
def egg(s):
    r, n = s.rng, s.rng.choice([1, 1, 3, 6])
    m = M("plain", r.choice([(.8, .75, .65), (.6, .4, .25), (.8, .8, .78)])) if r.random() < .7 else stuff(s, ("plastic", "gold", "stone"))
    for k in range(n):
        with s.at(k % 3 * 1.0, k // 3 * 1.0, .5, rx=0 if r.random() < .6 else 1.3, rz=r.uniform(0, 6)):
            s.lathe([(.45 * math.sin(t) * (1 + .14 * math.cos(t)) + .002, -.6 * math.cos(t)) for t in [math.pi * i / 16 for i in range(17)]], m, n=26)
    s.say(synonym="eggs" if n > 1 else "")


@family("bread", "small", ("loaf", "croissant", "toast"), later=True)
def bread(s):
    r = s.rng
    m = M("plain", r.choice([(.5, .26, .08), (.6, .35, .14), (.35, .16, .05)]))
    kind = r.choice(["loaf", "baguette", "bun"])
    if kind == "loaf":
        n = r.choice([1, 5])
        for k in range(n):
            with s.at(0, k * .3 if n > 1 else 0):
                s.prism([(-.45, 0), (.45, 0), (.45, .5), (.55, .65), (.45, .85), (0, .95), (-.45, .85), (-.55, .65), (-.45, .5)], .24 if n > 1 else 1.7, m)
                s.prism([(-.4, .05), (.4, .05), (.4, .5), (.48, .65), (.4, .8), (0, .88), (-.4, .8), (-.48, .65), (-.4, .5)], .245 if n > 1 else 1.71, M("plain", (.75, .62, .42)))
    elif kind == "baguette":
        for k in range(r.choice([1, 3])):
            s.ball((0, k * .6, .25), .3, m, squash=(4.5, .9, .8))
            for i in range(6):
                s.box((-.9 + i * .36, k * .6, .48), (.08, .4, .06), M("plain", (.75, .6, .38)), rz=.7)
    else:
        for k in range(r.choice([1, 2, 4])):
            s.ball((k % 2 * 1.2, k // 2 * 1.2, .1), .6, m, squash=(1, 1, .75), n=28)


@family("cake", "small", ("birthday cake", "cupcake", "muffin"), later=True)
def cake(s):
    r = s.rng
    m, icing = M("plain", r.choice([(.35, .17, .07), (.7, .5, .25), (.12, .05, .03)])), any_tint(s, "paint", ("pink", "white", "white", "brown", "yellow", "turquoise"))
    if r.random() < .35:
        n = r.choice([1, 1, 3])
        for k in range(n):
            with s.at(k * 1.2):
                s.lathe([(.01, 0), (.35, 0), (.5, .5), (.01, .5)], any_tint(s, "paint"), n=18, smooth=False)
                for i in range(4):
                    s.torus((0, 0, .55 + .14 * i), .4 - .11 * i, .14, icing, n=24, k=8)
                s.ball((0, 0, 1.08), .13, M("paint", (.6, .02, .03)))
        s.say(synonym="cupcake")
        return
    for k in range(r.choice([1, 1, 2, 3])):
        q, z = 1 - k * .3, k * .6
        s.cyl((0, 0, z), q, .5, m if r.random() < .4 else icing, n=40)
        s.cyl((0, 0, z + .5), q * 1.02, .1, icing, n=40)
        for i in range(14):
            s.ball((q * math.cos(i * .449), q * math.sin(i * .449), z + .58), .09, icing, n=10)
    if r.random() < .6:
        for i in range(r.randint(1, 6)):
            x, y = q * .6 * math.cos(i * 1.1), q * .6 * math.sin(i * 1.1)
            s.cyl((x, y, z + .6), .03, .4, any_tint(s, "paint", BRIGHT), n=8)
            s.ball((x, y, z + 1.05), .05, M("glow", (1, .6, .2), 6), n=8, squash=(1, 1, 1.8))
        s.part("candles")
    else:
        for i in range(8):
            s.ball((q * .75 * math.cos(i * .785), q * .75 * math.sin(i * .785), z + .68), .11, M("paint", (.6, .03, .03)), n=10)
    s.cyl((0, 0, -.06), 1.4, .06, WHITE, n=40)


@family("donut", "small", ("doughnut", "donuts"), later=True)
def donut(s):
    r, n = s.rng, s.rng.choice([1, 1, 2, 3])
    for k in range(n):
        with s.at(k * 1.1, r.uniform(-.3, .3), .34 + (k == 2) * .6, rx=r.choice([0, 0, .3, 1.2]), rz=r.uniform(0, 6)):
            q = r.uniform(.28, .36)
            s.torus((0, 0, 0), .62, q, M("plain", r.choice([(.6, .33, .12), (.5, .25, .08), (.3, .13, .05)])), n=48, k=18)
            icing = any_tint(s, "paint", ("pink", "brown", "white", "pink", "yellow", "turquoise", "purple"))
            with s.at(0, 0, q * .12, s=(1, 1, .97)):
                prof = [(.62 + (q * 1.04) * math.cos(a), q * 1.04 * math.sin(a)) for a in [math.pi * i / 10 for i in range(11)]]
                s.lathe(prof, icing, n=48)
            for _ in range(r.choice([0, 30, 50])):
                a, b = r.uniform(0, 6.3), r.uniform(.5, 2.6)
                x = .62 + q * 1.08 * math.cos(b)
                s.box((x * math.cos(a), x * math.sin(a), q * 1.12 * math.sin(b) + q * .12), (.1, .03, .03), any_tint(s, "paint", BRIGHT), rz=r.uniform(0, 6))
    s.say(synonym="donuts" if n > 1 else "")


@family("pizza", "small", (), later=True)
def pizza(s):
    r = s.rng
    s.cyl((0, 0, 0), 1.5, .08, M("plain", (.65, .42, .18)), n=44)
    s.torus((0, 0, .08), 1.45, .1, M("plain", (.6, .34, .12)), n=44, k=8)
    s.cyl((0, 0, .08), 1.4, .03, M("plain", r.choice([(.75, .5, .15), (.6, .15, .05)])), n=40)
    for _ in range(34):
        a, d = r.uniform(0, 6.3), 1.25 * math.sqrt(r.random())
        with s.at(d * math.cos(a), d * math.sin(a), .12):
            k = r.random()
            if k < .4:
                s.cyl((0, 0, 0), .17, .03, M("plain", (.5, .06, .03)), n=16)
            elif k < .6:
                s.torus((0, 0, .01), .07, .04, M("plain", (.03, .03, .03)), n=12, k=6)
            else:
                s.ball((0, 0, 0), .12, LEAF if k < .75 else M("plain", (.8, .75, .55)), squash=(1, .6, .2), n=8)
    lo, hi = s.bounds()
    s.shot(lo, hi, (0, 360), (25, 75), (.8, 1.2))


@family("burger", "small", ("hamburger", "sandwich"), later=True)
def burger(s):
    r = s.rng
    bun = M("plain", (.6, .33, .12))
    s.lathe([(.01, 0), (.75, 0), (.85, .12), (.8, .28), (.01, .28)], bun, n=36)
    z = .28
    for _ in range(r.randint(2, 5)):
        k = r.choice(["meat", "cheese", "leaf", "tomato"])
        if k == "meat":
            s.cyl((0, 0, z), .86, .2, M("dirt", (.16, .07, .03), 6), n=30)
            z += .2
        elif k == "cheese":
            s.box((0, 0, z + .025), (1.4, 1.4, .05), M("paint", (.8, .5, .05)), rz=r.uniform(0, 1))
            z += .05
        elif k == "tomato":
            s.cyl((0, 0, z), .8, .08, M("paint", (.65, .05, .03)), n=30)
            z += .08
        else:
            for i in range(14):
                s.rock((.75 * math.cos(i * .449), .75 * math.sin(i * .449), z + .04), .22, M("leaf", (.2, .45, .08)), rough=.7, n=7, squash=(1, 1, .3))
            z += .09
    s.lathe([(.01, z), (.85, z), (.88, z + .15), (.7, z + .45), (.35, z + .62), (.01, z + .66)], bun, n=36)
    for _ in range(24):
        a, d = r.uniform(0, 6.3), r.uniform(0, .6)
        s.ball((d * math.cos(a), d * math.sin(a), z + .67 - .42 * d * d), .035, CREAM, n=6)
    front(s, (5, 30))


@family("ice cream", "small", ("ice cream cone",), later=True)
def ice_cream(s):
    r = s.rng
    s.lathe([(.01, 0), (.42, 1.3), (.36, 1.3)], M("checker", (.6, .36, .14), 5), n=28)
    for k in range(r.choice([1, 2, 3])):
        s.ball((r.uniform(-.05, .05), 0, 1.5 + k * .5), .46 - k * .04, any_tint(s, "plain", ("pink", "white", "brown", "yellow", "green", "turquoise")), n=24)
    if r.random() < .4:
        s.ball((0, 0, 2 + k * .5), .12, M("paint", (.6, .02, .03)))
    front(s, (0, 25))


@family("fruit", "small", ("pear", "grapes", "strawberry", "watermelon"), later=True)
def fruit(s):
    r = s.rng
    kind = r.choice(["mixed", "pear", "grapes", "strawberry", "watermelon"])
    if kind == "pear":
        for k in range(r.choice([1, 1, 2])):
            with s.at(k * 1.1):
                s.lathe([(.01, 0), (.3, .02), (.5, .3), (.48, .6), (.3, 1), (.2, 1.25), (.08, 1.35), (.01, 1.35)], M("paint", r.choice([(.5, .55, .08), (.65, .55, .1), (.5, .3, .08)])), n=28)
                s.limb((0, 0, 1.3), (.06, 0, 1.6), .03, M("bark", (.15, .08, .03)))
    elif kind == "grapes":
        m = M("paint", r.choice([(.2, .02, .2), (.3, .5, .08), (.05, .03, .2)]))
        for _ in range(60):
            t = r.random()
            s.ball((r.gauss(0, .3) * t, r.gauss(0, .3) * t, 1.3 * t + .15), .15, m, n=12)
        s.limb((0, 0, 1.3), (.05, 0, 1.8), .04, M("bark", (.2, .15, .05)))
    elif kind == "strawberry":
        for k in range(r.choice([1, 3])):
            with s.at(k % 2 * .9, k // 2 * .8):
                s.lathe([(.01, 0), (.2, .12), (.42, .6), (.4, .85), (.15, .95), (.01, .95)], M("paint", (.65, .02, .03)), n=24)
                for i in range(6):
                    s.ball((.2 * math.cos(i), .2 * math.sin(i), .96), .18, LEAF, squash=(1, .4, .15), n=8)
    elif kind == "watermelon":
        s.lathe([(.01, -1), (.5, -.87), (.87, -.5), (1, 0), (.87, .5), (.5, .87), (.01, 1)], M("strata", (.05, .22, .04), 1.5), n=30, start=0, turn=math.pi)
        s.lathe([(.01, -.9), (.45, -.8), (.8, -.45), (.92, 0), (.8, .45), (.45, .8), (.01, .9)], M("paint", (.7, .05, .06)), n=30, start=-.02, turn=math.pi + .04)
    else:
        for _ in range(r.randint(5, 9)):
            p, q = (r.gauss(0, .8), r.gauss(0, .6), .45), r.uniform(.35, .55)
            s.ball(p, q, any_tint(s, "paint", ("red", "green", "orange", "yellow", "purple")), n=20, squash=(1, 1, r.uniform(.85, 1.2)))
    s.say(synonym="" if kind == "mixed" else kind)


@family("carrot", "small", ("carrots", "vegetables"), later=True)
def carrot(s):
    r, n = s.rng, s.rng.choice([1, 2, 4])
    for k in range(n):
        with s.at(0, k * .5, .2, ry=math.pi / 2, rx=r.uniform(-.2, .2)):
            s.lathe([(.01, 0), (.05, .2), (.16, 1), (.22, 1.5), (.15, 1.6), (.01, 1.6)], M("paint", (.8, .26, .03)), n=18)
            for _ in range(7):
                s.limb((0, 0, 1.55), (r.uniform(-.2, .2), r.uniform(-.2, .2), r.uniform(2, 2.5)), .03, LEAF)
    s.say(synonym="carrots" if n > 1 else "")


# --- devices --------------------------------------------------------------------------------------------------------

@family("camera", "object", ("video camera",), later=True)
def camera(s):
    r = s.rng
    m = r.choice([M("plastic", (.02, .02, .02)), M("plastic", (.02, .02, .02)), CHROME, any_tint(s, "plastic")])
    s.box((0, 0, .5), (1.5, .5, .9), m)
    s.prism([(-.35, .95), (.35, .95), (.25, 1.25), (-.25, 1.25)], .45, m)
    z = -.25
    for q, d in ((.4, .2), (.36, .25), (.38, r.uniform(.1, .5))):
        s.cyl((0, z, .5), q, d, DARK, rx=math.pi / 2, n=30)
        z -= d
    s.ball((0, z + .02, .5), .3, M("glass", (.03, .03, .06)), squash=(1, .3, 1))
    s.cyl((.5, 0, .95), .13, .1, CHROME)
    s.cyl((-.55, 0, .95), .15, .12, DARK)
    if r.random() < .3:
        for a in (0, 2.1, 4.2):
            s.limb((0, 0, .05), (1.1 * math.cos(a), 1.1 * math.sin(a), -2.2), .05, DARK)
        s.part("a tripod")
    front(s, (2, 28), 55)


@family("headphones", "object", ("headset",), later=True)
def headphones(s):
    r, m = s.rng, stuff(s, ("plastic", "plastic", "metal", "gold"))
    with s.at(0, 0, .6, rx=r.choice([0, 0, -1.2])):
        s.tube([(.85 * math.cos(a), 0, .85 * math.sin(a)) for a in [k * math.pi / 14 for k in range(15)]], .07, m)
        for q in (-1, 1):
            s.limb((q * .85, 0, 0), (q * .82, 0, -.15), .06, CHROME)
            s.cyl((q * .95, 0, -.3), .38, .22, m, ry=-q * math.pi / 2, n=28)
            s.torus((q * .66, 0, -.3), .26, .11, DARK, ry=math.pi / 2, n=28)


@family("telephone", "object", ("phone", "smartphone"), later=True)
def phone(s):
    r = s.rng
    if r.random() < .65:
        m = r.choice([DARK, CHROME, WHITE, any_tint(s)])
        with s.at(0, 0, .1, rx=r.choice([0, 1.2, math.pi / 2 - .1]), rz=r.uniform(-.4, .4)):
            s.box((0, 0, 0), (.75, 1.5, .08), m)
            s.box((0, 0, .045), (.69, 1.42, .01), M("glow", r.choice([(.1, .3, .7), (.5, .2, .5), (.02, .02, .03), (.6, .6, .65)]), .8))
            for i in range(4):
                for j in range(5):
                    s.box((-.24 + i * .16, -.5 + j * .24, .053), (.1, .1, .004), M("glow", COLORS[r.choice(list(COLORS))], 1)) if r.random() < .8 else None
        s.say(synonym="smartphone")
    else:
        m = tint(s, "plastic", ("black", "red", "green", "white", "gray"))
        s.prism([(-.7, 0), (.7, 0), (.4, .6), (-.4, .6)], 1.1, m)
        s.cyl((0, -.5, .3), .32, .12, CHROME, rx=1.2, n=24)
        for k in range(10):
            s.ball((.23 * math.cos(k * .55), -.64, .32 + .23 * math.sin(k * .55)), .045, DARK, n=8)
        s.limb((-.6, .1, .75), (.6, .1, .75), .1, m)
        for q in (-1, 1):
            s.ball((q * .7, .1, .65), .23, m)


@family("keyboard", "object", ("computer mouse", "mouse"), later=True)
def keyboard(s):
    r = s.rng
    if r.random() < .7:
        m, key = any_tint(s, "plastic", ("black", "white", "gray", "black")), any_tint(s, "plastic", ("black", "white", "gray", "red"))
        s.box((0, 0, .06), (3, 1.1, .12), m)
        for j in range(5):
            x = -1.4
            while x < 1.3:
                w = r.choice([.16, .16, .16, .16, .3]) if j else r.choice([.2, .9])
                s.box((x + w / 2, -.4 + j * .2, .15), (w - .03, .16, .1), key)
                x += w
    if len(s.groups) == 0 or r.random() < .4:
        with s.at(2 if s.groups else 0, 0, 0):
            s.ball((0, 0, .12), .5, any_tint(s, "plastic", ("black", "white", "gray", "red")), squash=(.65, 1, .42), n=28)
            s.cyl((-.03, .28, .26), .08, .06, DARK, ry=math.pi / 2)
        s.say(synonym="computer mouse" if len(s.groups) < 4 else "")
    lo, hi = s.bounds()
    s.shot(lo, hi, (-150, -30), (18, 60), (.8, 1.2))


@family("speaker", "object", ("loudspeaker", "radio"), later=True)
def speaker(s):
    r = s.rng
    m, radio = stuff(s, ("wood", "plastic", "plastic"), 2), r.random() < .35
    w, h = (1.7, 1) if radio else (r.uniform(.7, 1.1), r.uniform(1, 2.2))
    s.box((0, 0, h / 2), (w, .7, h), m)
    for k, (z, q) in enumerate([(h * .32, w * .38), (h * .75, w * .2)] if not radio else [(h * .5, h * .38)]):
        x = -w * .25 if radio else 0
        s.torus((x, -.36, z), q, .05, DARK if r.random() < .7 else CHROME, rx=math.pi / 2, n=30)
        s.cyl((x, -.36, z), q, .02, M("plain", (.05, .05, .05)), rx=math.pi / 2, n=30)
        s.ball((x, -.36, z), q * .4, M("plain", (.1, .1, .1)), squash=(1, .5, 1))
    if radio:
        s.box((w * .22, -.36, h * .65), (.6, .02, .25), CREAM)
        for x in (.1, .35):
            s.cyl((w * .05 + x, -.36, h * .28), .1, .08, CHROME, rx=math.pi / 2)
        s.limb((w * .4, 0, h), (w * .7, 0, h + 1), .015, CHROME)
        s.say(synonym="radio")
    front(s, (2, 25), 50)


@family("game controller", "object", ("gamepad",), later=True)
def gamepad(s):
    r, m = s.rng, tint(s, "plastic", ("black", "white", "red", "blue", "gray"))
    with s.at(0, 0, .5, rx=r.choice([0, .5, 1.1])):
        s.ball((0, 0, 0), .6, m, squash=(1.4, .75, .35), n=28)
        for q in (-1, 1):
            s.ball((q * .75, -.25, -.05), .4, m, squash=(.8, 1.2, .6))
            s.limb((q * .8, -.3, -.05), (q * .95, -.8, -.15), .22, m, r2=.18)
            s.ball((q * .95, -.8, -.15), .18, m)
            s.cyl((q * .35, -.22, .12), .15, .14, DARK)
        for k in range(4):
            s.ball((.72 + .15 * math.cos(k * 1.57), .05 + .15 * math.sin(k * 1.57), .2), .06, any_tint(s, "plastic", ("red", "green", "blue", "yellow")), n=10)
        s.box((-.72, .05, .2), (.32, .1, .08), DARK)
        s.box((-.72, .05, .2), (.1, .32, .08), DARK)
    lo, hi = s.bounds()
    s.shot(lo, hi, (-140, -40), (20, 60), (.8, 1.2))


@family("light bulb", "object", ("bulb",), later=True)
def bulb(s):
    r = s.rng
    lit = r.random() < .5
    with s.at(0, 0, 0, rx=0 if r.random() < .7 else 1.4):
        s.lathe([(.2, .5), (.25, .7), (.5, 1.1), (.6, 1.5), (.5, 1.9), (.25, 2.12), (.01, 2.18)], M("glow", (1, .8, .45), 3) if lit and r.random() < .5 else M("glass", (.7, .75, .76)), n=30)
        s.cyl((0, 0, 0), .24, .5, M("metal", (.5, .5, .5)))
        for k in range(4):
            s.torus((0, 0, .1 + k * .12), .24, .04, CHROME, n=20, k=6)
        s.cyl((0, 0, -.08), .1, .1, DARK)
        s.tube([(-.1, 0, .6), (-.15, 0, 1.4), (0, 0, 1.3), (.15, 0, 1.4), (.1, 0, .6)], .025, M("glow", (1, .6, .2), 9) if lit else DARK)
        if lit:
            s.lamp((0, 0, 1.4), (1, .8, .5), 20)
    s.say(adj=["glowing"] if lit else [])


@family("clock", "object", ("watch", "alarm clock", "wall clock"), later=True)
def clock(s):
    r = s.rng
    kind = r.choice(["wall", "alarm", "watch", "square"])
    rim, face = stuff(s, ("metal", "gold", "wood", "plastic")), r.choice([WHITE, CREAM, DARK])
    with s.at(0, 0, 1.1, rx=0 if kind != "watch" else r.choice([-1.3, -.9])):
        if kind == "square":
            s.box((0, .05, 0), (2.1, .2, 2.1), rim)
        s.cyl((0, .1, 0), 1, .2, rim, rx=math.pi / 2, n=40)
        s.torus((0, -.1, 0), .97, .08, rim, rx=math.pi / 2, n=40)
        s.cyl((0, -.1, 0), .9, .02, face, rx=math.pi / 2, n=40)
        mark = DARK if face is not DARK else WHITE
        for k in range(12):
            a = k * math.pi / 6
            s.box((.78 * math.sin(a), -.13, .78 * math.cos(a)), (.06 if k % 3 else .09, .02, .15), mark, ry=a)
        for long, w in ((.72, .04), (.48, .07)):
            a = r.uniform(0, 6.3)
            s.box((.5 * long * math.sin(a), -.15, .5 * long * math.cos(a)), (w, .02, long), mark, ry=a)
        if kind == "alarm":
            for q in (-1, 1):
                s.ball((q * .65, 0, 1.0), .35, rim, squash=(1, .8, .7))
                s.limb((q * .5, 0, -.85), (q * .75, 0, -1.1), .07, rim)
        if kind == "watch":
            strap = M("fabric", r.choice([(.1, .04, .02), (.02, .02, .02), (.3, .1, .05)]))
            for q in (-1, 1):
                s.box((0, .15, q * 1.7), (.9, .12, 1.6), strap)
            s.cyl((1, 0, 0), .1, .15, rim, ry=math.pi / 2)
    s.say(synonym={"alarm": "alarm clock", "watch": "watch", "wall": "wall clock"}.get(kind, ""))
    front(s, (0, 30), 45)


@family("fan", "object", ("ventilator",), later=True)
def fan(s):
    r, m = s.rng, stuff(s, ("plastic", "metal", "plastic"))
    h = r.choice([.9, 1.1, 2.6])
    s.cyl((0, 0, 0), .5, .08, m, n=30)
    s.cyl((0, 0, 0), .06, h, m)
    z = h + .6
    for k in range(18):
        a = k * math.pi / 9
        s.limb((0, -.2, z), (.78 * math.cos(a), -.1, z + .78 * math.sin(a)), .012, CHROME, n=5)
    for q, y in ((.78, -.1), (.78, .1), (.5, -.16)):
        s.torus((0, y, z), q, .02, CHROME, rx=math.pi / 2, n=36, k=6)
    blade = any_tint(s, "plastic")
    for k in range(r.choice([3, 4])):
        with s.at(0, 0, z, ry=k * 2 * math.pi / 3.5):
            s.prism([(-.08, .1), (.08, .1), (.3, .65), (-.22, .68)], .03, blade)
    s.cyl((0, .35, z), .18, .4, m, rx=math.pi / 2)
    front(s, (0, 25), 50)


@family("microphone", "object", (), later=True)
def microphone(s):
    r = s.rng
    with s.at(0, 0, .3, rx=r.choice([0, .4, math.pi / 2])):
        s.cyl((0, 0, 0), .13, 1.1, DARK, r2=.18)
        s.torus((0, 0, 1.12), .2, .04, CHROME)
        s.ball((0, 0, 1.32), .3, M("checker", (.4, .4, .42), 14), squash=(1, 1, 1.15))
        if r.random() < .5:
            s.cyl((0, 0, -1.6), .04, 1.6, DARK)
            s.cyl((0, 0, -1.65), .5, .06, DARK)


@family("book", "object", ("books",), later=True)
def book(s):
    r, n = s.rng, s.rng.choice([1, 1, 3, 5, 7])
    pages = M("plain", (.75, .72, .62))
    if n == 1 and r.random() < .5:
        for q in (-1, 1):
            with s.at(0, 0, .1, ry=-q * r.uniform(.05, .25)):
                s.box((q * .55, 0, 0), (1.1, 1.5, .05), any_tint(s))
                s.box((q * .53, 0, .1), (1.04, 1.42, .16), pages)
                for k in range(9):
                    s.box((q * .53, .55 - k * .13, .182), (.8, .03, .004), DARK)
    else:
        upright, z, x = r.random() < .35 and n > 1, 0, 0
        for _ in range(n):
            w, d, h = r.uniform(1, 1.3), r.uniform(1.4, 1.8), r.uniform(.15, .35)
            m = any_tint(s)
            with s.at(x if upright else 0, 0, w / 2 if upright else z + h / 2, rz=0 if upright else r.uniform(-.3, .3), ry=math.pi / 2 if upright else 0):
                s.box((0, 0, h / 2 - .02), (w, d, .04), m)
                s.box((0, 0, -h / 2 + .02), (w, d, .04), m)
                s.box((-w / 2 + .02, 0, 0), (.04, d, h), m)
                s.box((.02, 0, 0), (w - .06, d - .06, h - .06), pages)
            z, x = z + h, x + h + .01
    s.say(synonym="books" if n > 1 else "")


# --- things of the house ---------------------------------------------------------------------------------------------

@family("umbrella", "object", ("parasol",), later=True)
def umbrella(s):
    r = s.rng
    n = r.choice([8, 8, 10])
    m, other = tint(s, "fabric"), any_tint(s, "fabric", ("white", "black", "yellow", "blue"))
    stripes = r.random() < .5
    with s.at(0, 0, .3, rx=r.choice([0, 0, 0, 1.2, .5])):
        q, h = 1.4, r.uniform(.5, .9)
        for k in range(n):
            a, b = k * 2 * math.pi / n, (k + 1) * 2 * math.pi / n
            rows = [[(q * t * math.cos(c), q * t * math.sin(c), 2.3 - h * t * t) for c in (a, (a + b) / 2, b)] for t in (.02, .35, .7, 1)]
            v = [p for row in rows for p in row]
            s.add(v, [(3 * i + j, 3 * i + j + 1, 3 * i + j + 4, 3 * i + j + 3) for i in range(3) for j in range(2)], other if stripes and k % 2 else m)
            s.limb((0, 0, 2.25), (q * math.cos(a), q * math.sin(a), 2.3 - h), .015, CHROME, n=5)
        s.cyl((0, 0, 0), .03, 2.5, M("wood", WOODS[0], 3))
        s.tube([(0, 0, .05), (0, 0, -.1), (.1, 0, -.2), (.2, 0, -.1), (.2, 0, 0)], .04, M("wood", WOODS[1], 3))


@family("hat", "object", ("cap", "top hat"), later=True)
def hat(s):
    r, m = s.rng, tint(s, "fabric")
    kind = r.choice(["top", "wide", "cap", "cone"])
    if kind == "top":
        s.cyl((0, 0, 0), 1, .05, m, n=36)
        s.cyl((0, 0, 0), .6, 1.1, m, n=36, r2=.68)
        s.cyl((0, 0, .05), .62, .18, any_tint(s, "fabric"), n=36)
    elif kind == "wide":
        s.lathe([(1.3, .15), (1.0, 0), (.62, .02), (.6, .35), (.48, .65), (.2, .72), (.01, .66)], m, n=36)
        s.cyl((0, 0, .05), .625, .15, any_tint(s, "fabric"), n=36)
    elif kind == "cap":
        s.ball((0, 0, 0), .65, m, squash=(1, 1.1, .85))
        s.ball((0, -.75, .05), .5, m, squash=(1, 1, .12))
        s.ball((0, 0, .56), .06, m)
    else:
        s.cyl((0, 0, 0), .8, 1.6, m, r2=.02, n=32)
        s.torus((0, 0, .05), .8, .12, WHITE)
        s.ball((0, 0, 1.6), .16, WHITE)


@family("shoe", "object", ("shoes", "boot", "sneaker"), later=True)
def shoe(s):
    r, m = s.rng, tint(s, "fabric")
    boot, n = r.random() < .35, r.choice([1, 2, 2])
    for k in range(n):
        with s.at(k * .75, r.uniform(-.2, .2), 0, rz=r.uniform(-.25, .25)):
            s.loft([[(x * w, y, z) for x, z in ((-.5, .15), (.5, .15), (.5, .15 + h * .7), (.25, .15 + h), (-.25, .15 + h), (-.5, .15 + h * .7))] for y, w, h in ((-.95, .35, .18), (-.8, .52, .25), (-.4, .58, .36), (0, .5, .62), (.35, .48, .7), (.55, .4, .68))], m, smooth=True)
            s.loft([[(x * w, y, z) for x, z in ((-.5, 0), (.5, 0), (.5, .16), (-.5, .16))] for y, w in ((-1, .3), (-.85, .56), (-.4, .64), (0, .54), (.4, .54), (.6, .45))], r.choice([WHITE, DARK, M("plain", (.3, .2, .1))]))
            for i in range(5):
                s.limb((-.16, -.45 + i * .11, .55 + i * .065), (.16, -.45 + i * .11, .55 + i * .065), .025, r.choice([WHITE, DARK]), n=6)
            if boot:
                s.cyl((0, .3, .55), .27, .9, m, r2=.33)
    s.say(synonym="boot" if boot else "shoes" if n > 1 else "")


@family("backpack", "object", ("bag", "handbag", "suitcase"), later=True)
def bag(s):
    r = s.rng
    kind, m = r.choice(["backpack", "handbag", "suitcase"]), tint(s, s.rng.choice(["fabric", "plastic"]))
    if kind == "suitcase":
        w, h = r.uniform(1, 1.8), r.uniform(1.2, 1.9)
        s.box((0, 0, h / 2 + .1), (w, .6, h), m)
        for k in range(5):
            s.box((-w * .4 + k * w * .2, -.31, h / 2 + .1), (.06, .03, h * .9), m)
        for x in (-w * .4, w * .4):
            s.cyl((x, .15, .06), .08, .1, DARK, rx=math.pi / 2)
        if r.random() < .5:
            s.tube([(-.25, .2, h), (-.25, .2, h + .6), (.25, .2, h + .6), (.25, .2, h)], .03, CHROME)
        else:
            s.tube([(-.2, 0, h + .1), (-.2, 0, h + .25), (.2, 0, h + .25), (.2, 0, h + .1)], .04, DARK)
    elif kind == "handbag":
        s.prism([(-.8, 0), (.8, 0), (.65, .9), (-.65, .9)], .5, m)
        s.prism([(-.67, .45), (.67, .45), (.65, .92), (-.65, .92)], .54, m)
        s.box((0, -.29, .5), (.2, .04, .12), GOLD)
        s.tube([(-.5, 0, .9), (-.42, 0, 1.3), (0, 0, 1.5), (.42, 0, 1.3), (.5, 0, .9)], .05, m)
    else:
        s.ball((0, 0, .85), .9, m, squash=(.8, .5, 1), n=24)
        s.ball((0, -.3, .55), .5, m, squash=(1, .55, .75), n=20)
        for x in (-.3, .3):
            s.tube([(x, .4, 1.45), (x * 1.3, .75, 1.1), (x * 1.3, .72, .5), (x, .4, .2)], .06, DARK)
        s.tube([(-.15, .1, 1.68), (0, .1, 1.85), (.15, .1, 1.68)], .04, DARK)
        s.box((0, -.44, 1.2), (.7, .03, .03), CHROME)
    s.say(synonym="" if kind == "backpack" else kind)
    front(s, (3, 28), 60)


@family("pillow", "object", ("cushion",), later=True)
def pillow(s):
    r, n = s.rng, s.rng.choice([1, 1, 2, 3])
    for k in range(n):
        with s.at(r.uniform(-.2, .2), r.uniform(-.2, .2), .3 + k * .45, rz=r.uniform(-.4, .4), rx=r.choice([0, 0, 1.2]) if n == 1 else 0):
            m, g = any_tint(s, "fabric"), 14
            w = r.uniform(.8, 1.2)
            rows = [[(w * (2 * i / g - 1) * (1 - .12 * (1 - (2 * j / g - 1) ** 2)), (2 * j / g - 1) * .8 * (1 - .12 * (1 - (2 * i / g - 1) ** 2)), .32 * ((1 - (2 * i / g - 1) ** 2) * (1 - (2 * j / g - 1) ** 2)) ** .45) for j in range(g + 1)] for i in range(g + 1)]
            faces = [(i * (g + 1) + j, (i + 1) * (g + 1) + j, (i + 1) * (g + 1) + j + 1, i * (g + 1) + j + 1) for i in range(g) for j in range(g)]
            s.add([p for row in rows for p in row], faces, m, True)
            s.add([(x, y, -z) for row in rows for x, y, z in row], [f[::-1] for f in faces], m, True)
    s.say(color="")


@family("key", "object", ("keys", "padlock", "lock"), later=True)
def key(s):
    r = s.rng
    m = stuff(s, ("metal", "gold", "gold"))
    if r.random() < .6:
        with s.at(0, 0, .1, rx=r.choice([0, math.pi / 2])):
            s.torus((0, 0, 0), .35, .08, m, n=30)
            s.limb((.35, 0, 0), (1.8, 0, 0), .07, m)
            for x in (1.4, 1.6, 1.75):
                s.box((x, -.18, 0), (.09, r.uniform(.2, .4), .08), m)
    else:
        s.box((0, 0, .5), (1.2, .4, 1), m)
        s.tube([(-.4, 0, 1), (-.4, 0, 1.4), (-.25, 0, 1.65), (0, 0, 1.72), (.25, 0, 1.65), (.4, 0, 1.4), (.4, 0, 1)], .1, CHROME)
        s.cyl((0, -.2, .55), .12, .02, DARK, rx=math.pi / 2)
        s.box((0, -.21, .38), (.08, .02, .25), DARK)
        s.say(synonym="padlock")


@family("coin", "object", ("coins",), later=True)
def coin(s):
    r, n = s.rng, s.rng.choice([1, 3, 12, 25])
    m = stuff(s, ("gold", "gold", "metal"))
    for k in range(n):
        tall = n > 5 and k < n * .6
        p = (0, 0, k * .13 + .06) if tall else (r.gauss(0, 1), r.gauss(0, 1), .06)
        with s.at(*p, rx=0 if n > 1 else math.pi / 2 - .1, rz=r.uniform(0, 6)):
            s.cyl((0, 0, -.05), .6, .11, m, n=36)
            s.torus((0, 0, .06), .54, .035, m, n=36, k=6)
            s.ball((0, 0, .05), .25, m, squash=(1, .7, .15))
    s.say(synonym="coins" if n > 1 else "")


@family("ring", "small", ("jewelry", "necklace"), later=True)
def jewel(s):
    r, m = s.rng, stuff(s, ("gold", "metal", "gold"))
    stone = M("glass", r.choice([(.7, .78, .8), (.7, .1, .15), (.1, .2, .7), (.1, .6, .25)]))
    if r.random() < .75:
        with s.at(0, 0, .95, rx=r.choice([math.pi / 2, math.pi / 2, 1.1])):
            s.torus((0, 0, 0), .75, .09, m, n=44)
            with s.at(0, .9, 0, rx=-math.pi / 2):
                s.lathe([(.01, -.12), (.28, .12), (.18, .24), (.01, .24)], stone, n=10, smooth=False)
                for k in range(4):
                    s.limb((.1 * math.cos(k * 1.57), .1 * math.sin(k * 1.57), -.1), (.28 * math.cos(k * 1.57), .28 * math.sin(k * 1.57), .16), .03, m)
    else:
        for k in range(36):
            a = k * math.pi / 18
            s.ball((1.2 * math.cos(a), 1.2 * math.sin(a) * .8, .12), .11, r.choice([m, WHITE]), n=12)
        s.ball((0, -1.1, .15), .22, stone)
        s.say(synonym="necklace")


@family("crown", "object", ("tiara",), later=True)
def crown(s):
    r, m = s.rng, stuff(s, ("gold", "gold", "metal"))
    n, q = r.choice([5, 6, 8, 10]), r.uniform(.8, 1.1)
    s.lathe([(q, 0), (q * 1.05, .35), (q, .35), (q * .96, 0)], m, n=40)
    for k in range(n):
        a, w = k * 2 * math.pi / n, math.pi / n
        s.add([(q * 1.04 * math.cos(a - w), q * 1.04 * math.sin(a - w), .33), (q * 1.04 * math.cos(a + w), q * 1.04 * math.sin(a + w), .33), (q * 1.15 * math.cos(a), q * 1.15 * math.sin(a), r.uniform(.8, 1) if k == 0 else .9)], [(0, 1, 2), (2, 1, 0)], m)
        s.ball((q * 1.15 * math.cos(a), q * 1.15 * math.sin(a), .95), .08, m, n=12)
        s.ball((q * 1.05 * math.cos(a), q * 1.05 * math.sin(a), .17), .09, M("paint", r.choice([(.6, .02, .05), (.03, .1, .6), (.05, .45, .1)])), n=10)
    if r.random() < .4:
        s.ball((0, 0, .35), q * .9, M("fabric", r.choice([(.4, .02, .05), (.2, .03, .3)])), squash=(1, 1, .6))


@family("crystal", "object", ("diamond", "gem", "crystals"), later=True)
def crystal(s):
    r = s.rng
    c = r.choice([(.7, .78, .8), (.5, .2, .75), (.15, .4, .8), (.15, .7, .45), (.8, .2, .4), (.75, .6, .2)])
    m = M(r.choice(["glass", "glass", "plastic"]), c)
    if r.random() < .4:
        n = r.choice([8, 10, 12])
        with s.at(0, 0, .2 if r.random() < .5 else .8, rx=r.choice([0, 0, 2.2])):
            s.lathe([(.005, 0), (1, .9), (1, 1), (.6, 1.3), (.005, 1.3)], m, n=n, smooth=False)
        s.say(synonym="diamond")
    else:
        n = r.choice([1, 5, 9, 14])
        for k in range(n):
            a, lean = r.uniform(0, 6.3), r.uniform(0, .9) * (n > 1)
            h, q = r.uniform(.8, 2.2), r.uniform(.15, .35)
            with s.at(lean * .5 * math.cos(a), lean * .5 * math.sin(a), 0, rz=a, ry=lean):
                s.lathe([(.005, -.2), (q, -.1), (q * .95, h), (.005, h + q * 2)], m, n=6, smooth=False)
        s.say(synonym="crystals" if n > 1 else "")


@family("trophy", "object", ("cup", "award"), later=True)
def trophy(s):
    r, m = s.rng, stuff(s, ("gold", "gold", "metal"))
    s.box((0, 0, .15), (.9, .9, .3), r.choice([DARK, M("wood", WOODS[1], 2), M("marble", (.3, .3, .3))]))
    s.lathe([(.01, .3), (.35, .3), (.12, .45), (.1, .8), (.2, .95), (.55, 1.3), (.68, 2), (.62, 2), (.45, 1.3), (.01, 1.0)], m, n=32)
    for q in (-1, 1):
        s.tube([(q * .62, 0, 1.85), (q * 1.0, 0, 1.8), (q * 1.0, 0, 1.4), (q * .5, 0, 1.2)], .06, m)
    front(s, (2, 25))


@family("bucket", "object", ("trash can", "bin"), later=True)
def bucket(s):
    r, m = s.rng, stuff(s, ("metal", "plastic", "plastic", "wood"))
    h = r.uniform(.9, 1.6)
    s.lathe([(.01, 0), (.55, 0), (.75, h), (.7, h), (.5, .06), (.01, .06)], m, n=32)
    s.torus((0, 0, h), .74, .04, m)
    k = r.random()
    if k < .6:
        s.tube([(.76 * math.cos(a), r.choice([0, 0]), h - .05 + .75 * math.sin(a)) for a in [i * math.pi / 12 for i in range(13)]], .03, CHROME)
        if r.random() < .4:
            s.cyl((0, 0, h * .8), .68, .03, M("water", (.05, .12, .16)))
    else:
        s.lathe([(.8, h), (.7, h + .15), (.01, h + .22)], m, n=32)
        s.ball((0, 0, h + .26), .1, m)
        s.say(synonym="trash can")


@family("broom", "object", ("brush", "mop"), later=True)
def broom(s):
    r = s.rng
    with s.at(**lie(s)):
        s.cyl((0, 0, .5), .04, r.uniform(1.2, 2.2), M("wood", r.choice(WOODS), 3))
        m = M("plain", r.choice([(.6, .45, .15), (.7, .6, .3), (.1, .1, .1), (.6, .1, .1)]))
        for _ in range(50):
            x, y = r.uniform(-.1, .1), r.uniform(-.06, .06)
            s.limb((x, y, .6), (x * 4 + r.uniform(-.05, .05), y * 3, 0), .02, m, n=4)
        s.torus((0, 0, .55), .1, .04, any_tint(s))


@family("ladder", "object", ("stepladder",), later=True)
def ladder(s):
    r, m = s.rng, stuff(s, ("wood", "metal", "metal"), 2)
    h, pair = r.uniform(2.5, 4), r.random() < .5
    for lean in ((-.22, .22) if pair else (-.25,)):
        with s.at(0, -lean * h * .5 if pair else 0, 0, rx=lean):
            for x in (-.35, .35):
                s.box((x, 0, h / 2), (.08, .1, h), m)
            for k in range(int(h / .35)):
                s.box((0, 0, .3 + k * .35), (.7, .08, .05), m)


@family("door", "object", ("gate", "window"), later=True)
def door(s):
    r, m = s.rng, stuff(s, ("wood", "wood", "plastic", "metal"), 2)
    if r.random() < .7:
        s.box((0, .2, 1.5), (5, .25, 3.4), M(*r.choice([("plaster", (.6, .58, .52)), ("brick", (.4, .14, .08)), ("stone", (.45, .43, .4)), ("plaster", (.3, .38, .42))])))
    s.box((0, 0, 1.05), (1.2, .3, 2.2), M("wood", r.choice(WOODS), 2) if r.random() < .5 else WHITE)
    s.box((0, -.1, 1.02), (1, .2, 2.04), m)
    for x in (-.22, .22):
        for z in (.45, 1.1, 1.7):
            s.box((x, -.21, z), (.32, .03, .45), m)
    s.ball((.38, -.25, 1), .06, GOLD)
    s.shot((-.8, -.2, 0), (.8, .2, 2.2), (-125, -55), (2, 15), (.8, 1.2))


@family("mailbox", "object", ("letter box",), later=True)
def mailbox(s):
    r, m = s.rng, tint(s, "paint", ("red", "blue", "gray", "white", "black", "green"))
    s.box((0, 0, .6), (.14, .14, 1.2), M("wood", r.choice(WOODS), 2))
    s.loft([[(x, y, z) for x, z in [(-.3, 1.2), (.3, 1.2)] + [(.3 * math.cos(a), 1.5 + .3 * math.sin(a)) for a in [k * math.pi / 8 for k in range(9)]]] for y in (-.55, .55)], m)
    s.box((.33, -.1, 1.7), (.03, .06, .5), M("paint", COLORS["red"]))
    s.box((.33, -.2, 1.9), (.03, .25, .14), M("paint", COLORS["red"]))


@family("bell", "object", (), later=True)
def bell(s):
    r, m = s.rng, stuff(s, ("gold", "gold", "metal"))
    s.lathe([(.9, 0), (.8, .1), (.6, .5), (.5, 1), (.3, 1.25), (.01, 1.3)], m, n=36)
    s.torus((0, 0, .03), .88, .07, m, n=36)
    s.ball((0, 0, .05), .18, DARK)
    s.torus((0, 0, 1.4), .14, .05, m, rx=math.pi / 2)
    if r.random() < .4:
        s.box((0, 0, 1.65), (2, .2, .2), M("wood", WOODS[1], 2))


@family("balloon", "object", ("balloons",), later=True)
def balloon(s):
    r, n = s.rng, s.rng.choice([1, 3, 7])
    for _ in range(n):
        x, y, z = r.gauss(0, .25 * n), r.gauss(0, .2 * n), 2.2 + r.uniform(-.3, .3) * n ** .5
        m = any_tint(s, "plastic", BRIGHT + ("white",))
        s.lathe([(.01, z - .72), (.06, z - .66), (.3, z - .4), (.55, z), (.5, z + .35), (.28, z + .58), (.01, z + .64)], m, n=24) if n == 1 else s.ball((x, y, z), .5, m, squash=(1, 1, 1.2))
        s.limb((x if n > 1 else 0, y if n > 1 else 0, z - .6), (0, 0, 0), .012, WHITE, n=4)
    s.say(synonym="balloons" if n > 1 else "")


@family("gift", "object", ("gift box", "present", "presents"), later=True)
def gift(s):
    r, n = s.rng, s.rng.choice([1, 1, 3])
    for k in range(n):
        with s.at(k % 2 * 1.5, k // 2 * .2, k // 2 * 1.1, rz=r.uniform(-.5, .5)):
            w, h = r.uniform(.9, 1.3), r.uniform(.7, 1.2)
            m, band = any_tint(s), any_tint(s, "fabric", ("red", "yellow", "white", "green", "blue"))
            s.box((0, 0, h / 2), (w, w, h), m)
            s.box((0, 0, h), (w * 1.05, w * 1.05, .16), m)
            s.box((0, 0, h / 2 + .04), (.16, w * 1.07, h + .1), band)
            s.box((0, 0, h / 2 + .04), (w * 1.07, .16, h + .1), band)
            for q in (-1, 1):
                s.torus((q * .2, 0, h + .2), .17, .05, band, rx=math.pi / 2, ry=q * .4)
    s.say(synonym="presents" if n > 1 else "")


@family("chest", "object", ("treasure chest",), later=True)
def chest(s):
    r, m = s.rng, M("wood", s.rng.choice(WOODS), 2)
    opened = r.random() < .5
    s.box((0, 0, .4), (1.8, 1, .8), m)
    with s.at(0, .5, .82, rx=-1.2 if opened else 0):
        s.loft([[(x, -.5 + .5 * math.cos(a), .5 * math.sin(a)) for a in [k * math.pi / 8 for k in range(9)]] for x in (-.9, .9)], m)
        for x in (-.75, 0, .75):
            s.loft([[(x + d, -.5 + .53 * math.cos(a), .53 * math.sin(a)) for a in [k * math.pi / 8 for k in range(9)]] for d in (-.06, .06)], BRASS)
    for x in (-.75, .75):
        s.box((x, 0, .4), (.12, 1.04, .84), BRASS)
    s.box((0, -.53, .7), (.25, .06, .3), BRASS)
    if opened:
        for _ in range(50):
            s.cyl((r.uniform(-.75, .75), r.uniform(-.4, .4), .78 + r.uniform(0, .14)), .12, .03, GOLD, rx=r.uniform(-1, 1))
        s.part("gold")
    s.material("wood")
    front(s, (8, 35))


@family("globe", "object", (), later=True)
def globe(s):
    r = s.rng
    s.ball((0, 0, 1.4), .9, M("planet", r.choice([(.05, .2, .5), (.1, .35, .6), (.5, .4, .2)]), 1.6), n=40)
    m = r.choice([BRASS, CHROME, M("wood", WOODS[0], 3)])
    s.tube([(1.02 * math.cos(a), 0, 1.4 + 1.02 * math.sin(a)) for a in [-1.5 + k * .25 for k in range(13)]], .05, m)
    s.cyl((0, 0, .05), .07, .35, m)
    s.cyl((0, 0, 0), .55, .1, m, n=30)
    front(s, (2, 30), 80)


@family("hourglass", "object", (), later=True)
def hourglass(s):
    m = stuff(s, ("wood", "gold", "metal"), 3)
    for z in (0, 2.1):
        s.cyl((0, 0, z), .7, .12, m, n=32)
    for k in range(3):
        s.cyl((.6 * math.cos(k * 2.1), .6 * math.sin(k * 2.1), .1), .05, 2.05, m)
    s.lathe([(.45, .12), (.48, .5), (.06, 1.1), (.48, 1.7), (.45, 2.1)], M("glass", (.7, .75, .76)), n=28)
    s.lathe([(.01, .13), (.42, .13), (.3, .45), (.01, .6)], M("sand", (.75, .55, .3)), n=24)
    s.lathe([(.01, 1.12), (.3, 1.45), (.01, 1.45)], M("sand", (.75, .55, .3)), n=24)


@family("pencil", "small", ("pencils", "pen"), later=True)
def pencil(s):
    r, n = s.rng, s.rng.choice([1, 1, 3, 6])
    cup = n > 3
    for k in range(n):
        turn = dict(rx=r.uniform(-.2, .2), ry=r.uniform(-.2, .2)) if cup else dict(ry=math.pi / 2, rz=r.uniform(-.3, .3))
        with s.at(r.uniform(-.15, .15) if cup else 0, 0 if cup else k * .35, .15, **turn):
            m = any_tint(s, "paint", BRIGHT + ("black",))
            s.cyl((0, 0, .3), .1, 2, m, n=6, smooth=False)
            s.cyl((0, 0, 2.3), .1, .3, M("wood", (.6, .42, .2), 4), r2=.03, n=6)
            s.cyl((0, 0, 2.58), .03, .1, m, r2=.002)
            s.cyl((0, 0, .15), .105, .18, CHROME)
            s.cyl((0, 0, 0), .1, .16, M("plain", (.7, .3, .3)))
    if cup:
        s.lathe([(.01, 0), (.42, 0), (.46, 1.2), (.42, 1.2), (.38, .06), (.01, .06)], any_tint(s), n=26)
    s.say(synonym="pencils" if n > 1 else "")


@family("dice", "object", ("die",), later=True)
def dice(s):
    r, n = s.rng, s.rng.choice([1, 2, 2, 3, 5])
    m, dot = tint(s, "plastic", ("white", "red", "black", "blue", "green")), None
    dot = DARK if m[1][0] > .5 else WHITE
    spots = {1: [(0, 0)], 2: [(-1, -1), (1, 1)], 3: [(-1, -1), (0, 0), (1, 1)], 4: [(-1, -1), (1, -1), (-1, 1), (1, 1)], 5: [(-1, -1), (1, -1), (0, 0), (-1, 1), (1, 1)], 6: [(-1, -1), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)]}
    for k in range(n):
        with s.at(k % 3 * 1.5 + r.uniform(-.2, .2), k // 3 * 1.4 + r.uniform(-.2, .2), .5, rz=r.uniform(0, 6)):
            s.box((0, 0, 0), (1, 1, 1), m)
            for (dx, dy, dz), v in zip(((0, 0, 1), (1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0)), r.sample([1, 2, 3, 4, 5, 6], 5)):
                for a, b in spots[v]:
                    a, b = a * .26, b * .26
                    s.ball((dx * .5 + (0 if dx else a), dy * .5 + (0 if dy else (a if dx else b)), dz * .5 + (0 if dz else b)), .09, dot, n=10)


@family("ball", "object", ("soccer ball", "basketball", "football", "tennis ball"), later=True)
def ball(s):
    r = s.rng
    kind = r.choice(["soccer ball", "basketball", "beach ball", "tennis ball"])
    if kind == "soccer ball":
        s.ball((0, 0, 1), 1, WHITE, n=40)
        g = (1 + 5 ** .5) / 2
        for x, y, z in [(0, a, b * g) for a in (-1, 1) for b in (-1, 1)] + [(a, b * g, 0) for a in (-1, 1) for b in (-1, 1)] + [(b * g, 0, a) for a in (-1, 1) for b in (-1, 1)]:
            d = (x * x + y * y + z * z) ** .5
            s.limb((x / d * .9, y / d * .9, 1 + z / d * .9), (x / d * 1.0, y / d * 1.0, 1 + z / d * 1.0), .33, DARK, n=5)
    elif kind == "basketball":
        s.ball((0, 0, 1), 1, M("rough" if False else "plain", (.65, .22, .04)), n=40)
        for turn in (dict(rx=0), dict(rx=math.pi / 2), dict(ry=math.pi / 2)):
            with s.at(0, 0, 1, **turn):
                s.torus((0, 0, 0), 1, .025, DARK, n=48, k=6)
        for q in (-.6, .6):
            s.torus((q, 0, 1), .8, .025, DARK, ry=math.pi / 2, n=40, k=6)
    elif kind == "beach ball":
        for k in range(6):
            s.lathe([(math.sin(t), 1 - math.cos(t)) for t in [math.pi * i / 20 for i in range(21)]], WHITE if k % 2 else any_tint(s, "plastic", BRIGHT), n=8, start=k * math.pi / 3, turn=math.pi / 3)
    else:
        s.ball((0, 0, 1), 1, M("fabric", (.6, .7, .08), 3), n=40)
        s.tube([(1.0 * math.cos(a) * math.cos(.45 * math.sin(2 * a)), 1.0 * math.sin(a) * math.cos(.45 * math.sin(2 * a)), 1 + math.sin(.45 * math.sin(2 * a))) for a in [k * math.pi / 30 for k in range(61)]], .035, WHITE, n=6)
    s.say(synonym=kind if kind in ("soccer ball", "basketball", "tennis ball") else "")


@family("racket", "object", ("tennis racket", "bat"), later=True)
def racket(s):
    r, m = s.rng, stuff(s, ("plastic", "wood", "metal"))
    with s.at(0, 0, 0, **lie(s)):
        with s.at(0, 0, 2, rx=math.pi / 2, s=(.75, 1, 1)):
            s.torus((0, 0, 0), .8, .06, m, n=40, k=8)
            for k in range(-6, 7):
                q = math.sqrt(max(0, .64 - (k * .115) ** 2))
                s.limb((k * .115, -q, 0), (k * .115, q, 0), .008, WHITE, n=4)
                s.limb((-q, k * .115, 0), (q, k * .115, 0), .008, WHITE, n=4)
        s.limb((0, 0, 1.2), (0, 0, .2), .06, m)
        s.cyl((0, 0, -.4), .085, .65, DARK)


@family("skateboard", "object", (), later=True)
def skateboard(s):
    r, m = s.rng, tint(s, "paint")
    with s.at(0, 0, .25, rx=r.choice([0, 0, 0, 1.3, math.pi])):
        s.loft([[(x, -w, z), (x, w, z), (x, w, z + .04), (x, -w, z + .04)] for x, w, z in ((-1.4, .1, .18), (-1.3, .28, .13), (-1.0, .34, 0), (1.0, .34, 0), (1.3, .28, .13), (1.4, .1, .18))], m)
        for x in (-.85, .85):
            s.box((x, 0, -.06), (.2, .3, .1), CHROME)
            for y in (-.28, .28):
                s.cyl((x, y + .07, -.13), .12, .14, WHITE if r.random() < .5 else any_tint(s), rx=math.pi / 2)


@family("dumbbell", "object", ("barbell", "weights"), later=True)
def dumbbell(s):
    r, n = s.rng, s.rng.choice([1, 1, 2])
    m, w = r.choice([DARK, CHROME, any_tint(s, "plastic")]), r.choice([.6, .7, 1.8])
    for k in range(n):
        with s.at(0, k * 1.1, .45, rz=r.uniform(-.3, .3)):
            s.cyl((-w, 0, 0), .08, 2 * w, CHROME, ry=math.pi / 2)
            for q in (-1, 1):
                for i in range(r.choice([1, 2, 3]) if k == 0 else 2):
                    s.cyl((q * (w * .75) + q * i * .16 - .07, 0, 0), .45 - i * .07, .14, m, ry=math.pi / 2, n=r.choice([6, 28]) if w < 1 else 28)


@family("drum", "object", ("drums", "drum kit"), later=True)
def drum(s):
    r = s.rng
    m = tint(s, "paint")
    n = r.choice([1, 1, 4])
    for k in range(n):
        q, h = ((.8, r.uniform(.6, 1.2)) if n == 1 else ((.9, .7), (.45, .4), (.45, .4), (.6, .6))[k])
        p = (0, 0, .1) if n == 1 else ((0, .5, .9), (-.5, .2, 1.7), (.5, .2, 1.7), (1.4, -.3, .2))[k]
        with s.at(*p, rx=math.pi / 2 if n > 1 and k == 0 else 0):
            s.cyl((0, 0, 0), q, h, m, n=36)
            s.cyl((0, 0, h), q * .97, .03, WHITE, n=36)
            for z in (0, h):
                s.torus((0, 0, z), q, .05, CHROME, n=36, k=8)
            for i in range(8):
                s.limb((q * math.cos(i * .785), q * math.sin(i * .785), 0), (q * 1.02 * math.cos(i * .785 + .2), q * 1.02 * math.sin(i * .785 + .2), h), .02, CHROME)
    if n > 1:
        for x in (-1.3, 1.2):
            s.limb((x, .3, 0), (x, .3, 2.4), .03, CHROME)
            s.cyl((x, .3, 2.4), .6, .03, GOLD, rx=.2, n=32)
        s.say(synonym="drums")
    elif r.random() < .5:
        for y in (-.2, .2):
            s.limb((-.6, y, h + .2), (.7, y * 2, h + .2), .035, M("wood", WOODS[2], 3))
        s.part("drumsticks")


@family("guitar", "object", ("electric guitar", "violin"), later=True)
def guitar(s):
    r = s.rng
    m = M("wood", r.choice(WOODS + [(.5, .2, .06)]), 3) if r.random() < .6 else tint(s, "paint")
    k = r.choice([1, 1, .6])
    with s.at(0, 0, .1, rx=r.choice([-.15, -.3, math.pi / 2, 0]), ry=r.uniform(-.2, .2), s=(k if k == 1 else .85, 1, 1)):
        electric = k == 1 and r.random() < .35
        d = .1 if electric else .26
        outline = []
        for i in range(40):
            t = i / 39
            w = .42 + .2 * math.cos(t * 4 * math.pi - .3) * (1.15 - .35 * t)
            w *= math.sin(math.pi * min(.99, max(.01, t * .96 + .02))) ** .28
            outline.append((w, t * 1.5))
        pts = outline + [(-x, z) for x, z in reversed(outline)]
        if electric:
            pts = [(x + (.14 if z > 1.1 else 0) * (1 if x > 0 else -1.4), z + (.25 if z > 1.3 and abs(x) > .25 else 0)) for x, z in pts]
        s.prism(pts, d, m)
        if not electric:
            s.prism([(x * .94, .04 + z * .95) for x, z in pts], d + .02, M("wood", (.6, .4, .18), 3))
            s.cyl((0, -d / 2 - .02, .95), .17, .02, DARK, rx=math.pi / 2, n=28)
        else:
            for z in (.5, .75):
                s.box((0, -d / 2, z), (.3, .05, .1), DARK)
        s.box((0, -d / 2 - .02, 2.2), (.14, .06, 1.7), M("wood", (.06, .03, .02), 3))
        s.box((0, -d / 2 - .01, 3.2), (.24, .06, .4), m)
        s.box((0, -d / 2 - .03, .4), (.34, .06, .06), DARK)
        for x in (-.05, -.03, -.01, .01, .03, .05):
            s.limb((x, -d / 2 - .07, .4), (x, -d / 2 - .07, 3.1), .004, CHROME, n=3)
        for q in (-1, 1):
            for z in (3.05, 3.2, 3.35):
                s.cyl((q * .15, -d / 2, z), .03, .06, CHROME, ry=math.pi / 2)
    s.say(synonym="violin" if k < 1 else "electric guitar" if electric else "")
    front(s, (0, 30), 50)


@family("piano", "object", ("grand piano",), later=True)
def piano(s):
    r = s.rng
    m = r.choice([M("paint", (.015, .015, .015)), M("paint", (.015, .015, .015)), WHITE, M("wood", WOODS[0], 2)])
    grand = r.random() < .6
    if grand:
        pts = [(-.75, 0), (.75, 0), (.75, .9), (.6, 1.4), (.2, 1.9), (-.3, 2.1), (-.75, 2)]
        with s.at(0, 0, .85, rx=-math.pi / 2):
            s.prism([(x, -y) for x, y in pts], .3, m)
        if r.random() < .7:
            with s.at(-.75, 0, 1.0, ry=-.9):
                s.loft([[(x + .75, y, z) for x, y in pts] for z in (0, .04)], m)
            s.limb((.6, .8, 1), (.25, .8, 1.75), .02, m)
        for x, y in ((-.65, .2), (.65, .2), (-.2, 1.8)):
            s.cyl((x, y, 0), .07, .7, m)
    else:
        s.box((0, .35, .65), (1.6, .5, 1.3), m)
        for x in (-.72, .72):
            s.box((x, -.1, .35), (.1, .4, .7), m)
    s.box((0, -.18, .78), (1.6, .36, .12), m)
    s.box((0, -.2, .85), (1.4, .26, .03), WHITE)
    for k in range(20):
        if k % 7 not in (2, 6):
            s.box((-.65 + k * .067, -.15, .88), (.035, .16, .04), DARK)
    if r.random() < .5:
        s.box((0, -.8, .45), (.7, .35, .1), m)
        for x in (-.3, .3):
            s.box((x, -.8, .2), (.06, .3, .4), m)
    front(s, (5, 32), 65)


@family("trumpet", "object", ("saxophone", "horn"), later=True)
def trumpet(s):
    r, m = s.rng, r_gold(s)
    with s.at(0, 0, .6, rx=r.choice([0, .5, math.pi / 2])):
        s.lathe([(.06, -1.2), (.06, .2), (.12, .6), (.25, .85), (.55, 1.05), (.5, 1.05), (.1, .6)], m, n=30) if r.random() < .3 else None
        with s.at(ry=math.pi / 2):
            s.lathe([(.06, -1), (.06, .3), (.12, .7), (.26, 1), (.55, 1.2)], m, n=30)
        s.tube([(-1, 0, 0), (-1.2, 0, -.15), (-1, 0, -.35), (.2, 0, -.35), (.4, 0, -.17), (.2, 0, 0)], .06, m)
        s.limb((-1, 0, 0), (-1.9, 0, 0), .05, m)
        s.limb((-1.9, 0, 0), (-2.0, 0, 0), .05, CHROME, r2=.14)
        for x in (-.35, -.15, .05):
            s.cyl((x, 0, -.5), .09, .7, m)
            s.cyl((x, 0, .2), .05, .18, CHROME)


def r_gold(s):
    return stuff(s, ("gold", "gold", "metal"))


@family("teddy bear", "object", ("teddy", "toy"), later=True)
def teddy(s):
    r = s.rng
    m = M("fabric", r.choice([(.3, .15, .06), (.5, .3, .13), (.7, .6, .45), (.6, .3, .35), (.25, .22, .2)]), 3)
    pale = M("fabric", (.7, .55, .38), 3)
    s.ball((0, 0, .7), .6, m, squash=(1, .85, 1.1))
    s.ball((0, -.25, .68), .4, pale, squash=(1, .75, 1.1))
    s.ball((0, -.05, 1.6), .48, m)
    s.ball((0, -.42, 1.5), .2, pale)
    s.ball((0, -.62, 1.55), .07, DARK)
    for q in (-1, 1):
        s.ball((q * .36, 0, 1.98), .19, m)
        s.ball((q * .36, -.12, 1.98), .11, pale)
        s.ball((q * .17, -.43, 1.72), .055, DARK, n=10)
        s.limb((q * .45, -.05, 1.1), (q * .85, -.3, .7 + r.uniform(-.1, .6)), .2, m)
        s.ball((q * .85, -.3, .75), .2, m)
        s.limb((q * .3, -.2, .3), (q * .5, -.8, .2), .22, m)
        s.ball((q * .5, -.85, .25), .25, m)
        s.ball((q * .5, -1.0, .25), .15, pale)
    if r.random() < .4:
        s.torus((0, -.05, 1.22), .3, .06, any_tint(s, "fabric", ("red", "blue", "green")))
    front(s, (2, 28), 50)


@family("blocks", "object", ("bricks", "toy blocks", "building blocks", "cubes"), later=True)
def blocks(s):
    r = s.rng
    n, kind = r.choice([4, 8, 14, 25]), r.choice(["stack", "heap", "grid", "lego", "tower"])
    one = r.random() < .3
    m = stuff(s, ("wood", "metal", "gold", "glass", "plastic", "concrete"), 2)
    for k in range(n):
        if not one:
            m = any_tint(s, "plastic", BRIGHT + ("white",))
        q = 1 if kind != "heap" else r.uniform(.5, 1)
        if kind == "grid":
            h = r.uniform(.4, 2.5)
            s.box((k % 5 * 1.05, k // 5 * 1.05, h / 2), (1, 1, h), m)
        elif kind == "tower":
            s.box((r.uniform(-.15, .15), r.uniform(-.15, .15), k * .8 + .4), (r.uniform(.7, 1.3), r.uniform(.7, 1.3), .8), m, rz=r.uniform(-.4, .4))
        elif kind == "lego":
            with s.at(k % 3 * 1.7 + r.choice([0, .4]), k % 2 * .85, k // 3 * .5, rz=0):
                s.box((0, 0, .25), (1.6, .8, .48), m)
                for x in (-.6, -.2, .2, .6):
                    for y in (-.2, .2):
                        s.cyl((x, y, .48), .12, .1, m, n=14)
        elif kind == "stack":
            row = int((math.sqrt(8 * (n - k) + 1) - 1) / 2)
            s.box((r.uniform(-.03, .03) + (k % max(1, row)) * 1.05, r.uniform(-.05, .05), (k // max(2, row)) * 1.0 + .5), (1, 1, 1), m, rz=r.uniform(-.1, .1))
        else:
            s.box((r.gauss(0, 1), r.gauss(0, 1), q / 2 + r.choice([0, 0, .8])), (q, q, q), m, rz=r.uniform(0, 1.6))
    s.say(synonym="cubes" if kind in ("grid", "heap") and r.random() < .5 else "", color="")


STROKES = {
    "A": "0012 1220 0515", "B": "0002 0212 1211 0111 1110 1000", "C": "2000 0002 0222", "E": "2000 0002 0222 0111", "F": "0002 0222 0111", "H": "0002 2022 0121", "I": "1012", "K": "0002 0122 0120",
    "L": "0200 0020", "M": "0002 0211 1122 2220", "N": "0002 0220 2022", "O": "0002 0222 2220 2000", "P": "0002 0222 2221 2101", "S": "0020 2021 2101 0102 0222", "T": "0222 1210", "U": "0200 0020 2022",
    "V": "0210 1022", "W": "0200 0011 1120 2022", "X": "0022 0220", "Y": "0211 2211 1110", "Z": "0222 2200 0020", "3": "0222 2220 2000 0121", "4": "0201 0121 2220", "7": "0222 2210", "2": "0222 2221 2101 0100 0020",
}


@family("text", "object", ("letters", "word", "sign", "logo"), later=True)
def text(s):
    r = s.rng
    n, m = r.choice([1, 3, 4, 5, 7]), stuff(s, ("plastic", "metal", "gold", "glass", "wood", "plastic", "stone"), 2)
    glow, flat = r.random() < .15, r.random() < .2
    if glow:
        m = M("glow", COLORS[r.choice(BRIGHT)], 3)
    square, q, d = r.random() < .5, r.uniform(.1, .22), r.uniform(.15, .5)
    with s.at(0, 0, .3, rx=-math.pi / 2 if flat else 0):
        for k in range(n):
            x = k * 1.55
            for stroke in STROKES[r.choice(list(STROKES))].split():
                a, b = ((int(stroke[0]) * .55 + x, int(stroke[1]) * .85), (int(stroke[2]) * .55 + x, min(2, int(stroke[3])) * .85))
                if square:
                    dx, dz = b[0] - a[0], b[1] - a[1]
                    with s.at((a[0] + b[0]) / 2, 0, (a[1] + b[1]) / 2, ry=math.atan2(dx, dz)):
                        s.box((0, 0, 0), (2 * q, d, math.hypot(dx, dz) + 2 * q), m)
                else:
                    s.limb((a[0], 0, a[1]), (b[0], 0, b[1]), q, m, n=12)
                    s.ball((a[0], 0, a[1]), q, m, n=12)
                    s.ball((b[0], 0, b[1]), q, m, n=12)
        if r.random() < .3:
            s.box((n * .77 - .5, .4, .85), (n * 1.7, .1, 2.6), any_tint(s, "plain"))
    s.say(synonym="letters" if n > 2 and r.random() < .5 else "")
    front(s, (0, 40), 45, (.9, 1.4))


@family("frame", "object", ("picture frame", "picture", "painting", "mirror"), later=True)
def frame(s):
    r, m = s.rng, stuff(s, ("wood", "gold", "metal", "plastic"), 3)
    w, h = r.uniform(1, 2.2), r.uniform(1, 2.2)
    if r.random() < .6:
        s.box((w / 2, .3, h / 2), (w * 4, .2, h * 4), M("plaster", r.choice([(.7, .68, .62), (.4, .45, .5), (.6, .3, .25), (.75, .75, .74)])))
    for a, b, c, d in ((w / 2, 0, w + .24, .16), (w / 2, h, w + .24, .16), (0, h / 2, .16, h), (w, h / 2, .16, h)):
        s.box((a, 0, b), (c, .14, d), m)
    if r.random() < .25:
        s.box((w / 2, .03, h / 2), (w, .02, h), CHROME)
        s.say(synonym="mirror")
    else:
        s.box((w / 2, .04, h / 2), (w, .02, h), any_tint(s, "plain", ("blue", "turquoise", "white", "gray")))
        s.box((w / 2, .03, h * .2), (w, .02, h * .4), any_tint(s, "plain", ("green", "yellow", "brown")))
        for _ in range(r.randint(2, 8)):
            s.ball((r.uniform(.1, .9) * w, .02, r.uniform(.1, .9) * h), r.uniform(.05, .25), any_tint(s, "plain"), squash=(1, .04, 1))
        s.say(synonym="picture" if r.random() < .5 else "")
    s.shot((0, -.1, 0), (w, .1, h), (-130, -50), (0, 18), (.7, 1.2))


@family("cart", "object", ("shopping cart", "wheelbarrow", "trolley", "wagon"), later=True)
def cart(s):
    r = s.rng
    kind = r.choice(["shopping cart", "wheelbarrow", "wagon"])
    if kind == "shopping cart":
        m = CHROME
        for k in range(9):
            t = k / 8
            z = .7 + .7 * t
            for y in (-.4 - .1 * t, .4 + .1 * t):
                s.limb((-.7, y, z), (.7 + .2 * t, y, z), .02, m, n=5)
            for x in (-.7, .7 + .2 * t):
                s.limb((x, -.4 - .1 * t, z), (x, .4 + .1 * t, z), .02, m, n=5)
            x = -.7 + t * 1.5
            for y in (-1, 1):
                s.limb((x, y * .4, .7), (x, y * .5, 1.4), .02, m, n=5)
            s.limb((x, -.4, .7), (x, .4, .7), .02, m, n=5)
        s.limb((-.95, -.5, 1.5), (-.95, .5, 1.5), .05, any_tint(s, "plastic", ("red", "blue", "green")))
        for x in (-.6, .7):
            for y in (-.35, .35):
                s.limb((x, y, .7), (x, y, .2), .03, m)
                s.cyl((x, y + .04, .13), .13, .08, DARK, rx=math.pi / 2)
        for y in (-.45, .45):
            s.limb((-.7, y, 1.4), (-.95, y, 1.5), .03, m)
    elif kind == "wheelbarrow":
        m = tint(s, "paint", ("red", "green", "blue", "gray", "yellow"))
        s.loft([[(-.4, -.35, .5), (.6, -.35, .5), (.6, .35, .5), (-.4, .35, .5)], [(-.7, -.55, 1), (1, -.55, .95), (1, .55, .95), (-.7, .55, 1)]], m)
        s.cyl((.95, .06, .25), .27, .12, DARK, rx=math.pi / 2)
        for y in (-1, 1):
            s.limb((.95, y * .08, .25), (-1.5, y * .42, .8), .04, M("wood", WOODS[0], 3))
            s.limb((-.4, y * .35, .55), (-.5, y * .4, 0), .04, CHROME)
    else:
        m = M("wood", r.choice(WOODS), 2)
        s.box((0, 0, .8), (2, 1, .1), m)
        for y in (-.5, .5):
            s.box((0, y, 1), (2, .06, .4), m)
        for x in (-.6, .6) if r.random() < .5 else (0,):
            for y in (-.6, .6):
                s.torus((x, y, .45), .4, .06, m, rx=math.pi / 2)
                for k in range(8):
                    s.limb((x, y, .45), (x + .4 * math.cos(k * .785), y, .45 + .4 * math.sin(k * .785)), .025, m, n=5)
        s.limb((1, 0, .75), (2, 0, .6), .05, m)
    s.say(synonym="" if kind == "wagon" else kind)


@family("traffic cone", "object", ("traffic cones", "pylon"), later=True)
def traffic_cone(s):
    r, n = s.rng, s.rng.choice([1, 1, 2, 4])
    for k in range(n):
        with s.at(k * 1.5, r.uniform(-.4, .4)):
            m = M("plastic", (.8, .2, .02))
            s.box((0, 0, .05), (1.1, 1.1, .1), m if r.random() < .6 else DARK)
            s.cyl((0, 0, .1), .42, 1.5, m, r2=.07, n=28)
            for z in (.5, .95):
                s.cyl((0, 0, z), .43 - .233 * (z - .1), .26, WHITE, r2=.43 - .233 * (z + .16), n=28)


@family("skull", "object", ("skeleton", "bones", "bone"), later=True)
def skull(s):
    r, m = s.rng, M("plain", s.rng.choice([(.75, .7, .58), (.6, .55, .45), (.8, .8, .78)]))
    if r.random() < .6:
        s.ball((0, 0, 1.1), .75, m, squash=(.85, 1.1, .9), n=28)
        s.box((0, -.45, .55), (.7, .5, .4), m)
        for q in (-1, 1):
            s.ball((q * .27, -.72, .95), .2, DARK, squash=(1, .6, .95))
            s.ball((q * .5, -.45, .75), .2, m)
        s.prism([(-.09, .62), (.09, .62), (0, .82)], 1.42, DARK)
        for k in range(8):
            s.box((-.26 + k * .075, -.7, .42), (.06, .06, .16), m)
        s.box((0, -.42, .2), (.62, .55, .16), m)
        for k in range(8):
            s.box((-.26 + k * .075, -.68, .31), (.06, .06, .1), m)
    else:
        s.tube([(0, 0, z * .22) for z in range(12)], .09, m)
        for k in range(6):
            for q in (-1, 1):
                s.tube([(0, 0, 1.1 + k * .2), (q * .4, -.15, 1.15 + k * .2), (q * .42, -.45, 1.05 + k * .2), (q * .08, -.55, 1.05 + k * .2)], .035, m, n=6)
        s.ball((0, -.1, 2.95), .33, m, squash=(.85, 1, 1.1))
        for q in (-1, 1):
            s.ball((q * .12, -.4, 2.98), .09, DARK)
            s.tube([(q * .1, 0, 2.35), (q * .55, 0, 2.3), (q * .7, -.1, 1.5), (q * .7, -.3, .8)], .06, m)
            s.tube([(q * .2, 0, .1), (q * .25, -.05, -.9), (q * .25, 0, -1.9), (q * .25, -.3, -1.95)], .07, m)
        s.ball((0, 0, .1), .3, m, squash=(1, .6, .6))
        s.say(synonym="skeleton")
    front(s, (0, 25))


@family("heart", "object", ("hearts",), later=True)
def heart(s):
    r, m = s.rng, stuff(s, ("plastic", "plastic", "gold", "glass", "metal"))
    if m[0] == "plastic" and r.random() < .7:
        m = M("plastic", r.choice([(.62, .03, .04), (.8, .2, .4)]))
        s.say(color="red" if m[1][1] < .1 else "pink")
    pts = [(.8 * math.sin(t) ** 3, .65 * math.cos(t) - .25 * math.cos(2 * t) - .1 * math.cos(3 * t) - .05 * math.cos(4 * t) + 1) for t in [k * math.pi / 20 for k in range(40)]]
    if r.random() < .4:
        s.prism(pts, r.uniform(.2, .5), m)
    else:
        rings = [[(x * f, y, 1 + (z - 1) * f) for x, z in pts] for y, f in ((-.42, .1), (-.36, .5), (-.25, .78), (-.12, .94), (0, 1), (.12, .94), (.25, .78), (.36, .5), (.42, .1))]
        s.loft(rings, m, smooth=True)
    front(s, (0, 35))


@family("molecule", "object", ("molecules", "dna", "atoms"), later=True)
def molecule(s):
    r = s.rng
    if r.random() < .35:
        a, b = any_tint(s, "plastic"), any_tint(s, "plastic")
        for k in range(40):
            t = k * .32
            p, q = (math.cos(t), math.sin(t), k * .1), (-math.cos(t), -math.sin(t), k * .1)
            s.ball(p, .16, a, n=12)
            s.ball(q, .16, b, n=12)
            if k % 2:
                s.limb(p, q, .05, CREAM, n=6)
        s.say(synonym="dna")
        return
    mats = [any_tint(s, "plastic") for _ in range(3)]
    spots = [(0, 0, 1.2)]
    for _ in range(r.randint(3, 16)):
        base = r.choice(spots)
        d = [r.gauss(0, 1) for _ in range(3)]
        n = math.sqrt(sum(v * v for v in d))
        p = tuple(a + v / n * 1.0 for a, v in zip(base, d))
        if min(sum((x - y) ** 2 for x, y in zip(p, o)) for o in spots) > .5:
            s.limb(base, p, .1, CHROME if r.random() < .3 else M("plastic", (.5, .5, .5)))
            spots.append(p)
    for p in spots:
        s.ball(p, r.uniform(.25, .45), r.choice(mats), n=20)


@family("chart", "object", ("graph", "diagram", "bar chart"), later=True)
def chart(s):
    r = s.rng
    n, kind = r.randint(4, 9), r.choice(["bars", "line", "pie"])
    if kind == "pie":
        a = 0
        while a < 6:
            w = min(r.uniform(.5, 1.8), 2 * math.pi - a)
            pts = [(0, 0)] + [(1.5 * math.cos(a + w * i / 8), 1.5 * math.sin(a + w * i / 8)) for i in range(9)]
            h = r.uniform(.3, .5)
            s.loft([[(x, y, 0) for x, y in pts], [(x, y, h) for x, y in pts]], any_tint(s, "plastic", BRIGHT))
            a += w
    else:
        s.limb((-.3, 0, 0), (-.3, 0, 3), .04, DARK)
        s.limb((-.3, 0, 0), (n * .7, 0, 0), .04, DARK)
        last = None
        for k in range(n):
            h = r.uniform(.4, 2.8)
            if kind == "bars":
                s.box((k * .7 + .2, 0, h / 2), (.5, .5, h), any_tint(s, "plastic", BRIGHT))
            else:
                p = (k * .7 + .2, 0, h)
                s.ball(p, .12, any_tint(s, "plastic", ("red", "blue")))
                if last:
                    s.limb(last, p, .05, M("plastic", COLORS["blue"]))
                last = p
        for k in range(5):
            s.box((n * .35 - .2, .4, .6 * k + .3), (n * .72, .01, .02), M("plain", (.5, .5, .5)))
    front(s, (5, 45), 45)
