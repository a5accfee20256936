"""Scene families: what drives, flies and floats, and people beside them."""

import math

from buildings import car as car_shape
from kit import COLORS, SKIN, material as M, noise_grid
from registry import family

DARK, CHROME, GLASS = M("rubber", (.015, .015, .015)), M("metal", (.6, .6, .62)), M("glass", (.03, .04, .05))


def paint(s, names=("red", "blue", "white", "black", "gray", "yellow", "green", "orange")):
    name = s.rng.choice(names)
    s.say(color=name)
    return M("paint", COLORS[name])


def wheel(s, x, y, q, w):
    s.cyl((x, y + w / 2, q), q, w, DARK, rx=math.pi / 2)
    s.cyl((x, y + w / 2 + .02, q), q * .55, w + .04, CHROME, rx=math.pi / 2, n=12)


def rounded(x, w, h, z, n=16, square=3.0):
    """A cross-section of a body: a rounded rectangle, `w` wide and `h` high around `z`."""
    out = []
    for k in range(n):
        a = 2 * math.pi * k / n
        c, q = math.cos(a), math.sin(a)
        out.append((x, math.copysign(abs(c) ** (2 / square), c) * w / 2, z + math.copysign(abs(q) ** (2 / square), q) * h / 2))
    return out


def round_car(s, m):
    """A car without an edge: body, cabin and roof swell and taper."""
    r = s.rng
    square, long, cab = r.uniform(2.3, 5), r.uniform(1.9, 2.3), r.uniform(.42, .6)
    bends = [-1, -.96, -.85, -.6, -.2, .2, .6, .85, .96, 1]

    def swell(t):
        return max(.02, 1 - abs(t) ** 5) ** .4
    s.loft([rounded(t * long, 1.75 * swell(t), .82 * swell(t), .72, square=square) for t in bends], m, smooth=True)
    top = r.uniform(.95, 1.25)
    s.loft([rounded(-.2 + t * top, 1.5 * swell(t), 2 * cab * swell(t), 1.12, square=square) for t in bends], M("glass", (.03, .04, .05)), smooth=True)
    if r.random() < .75:
        s.loft([rounded(-.2 + t * top * .75, 1.4 * swell(t), .2 * swell(t), 1.12 + cab, square=square) for t in bends], m, smooth=True)
    wheels = r.uniform(.33, .44)
    for x in (-1.3, 1.3):
        for y in (-.82, .82):
            wheel(s, x, y, wheels, .26)
    for y in (-.6, .6):
        s.ball((long * .97, y, .8), .14, M("glow", (1, .95, .8), 6 if s.dark else 1.2), n=10)
        s.ball((-long * .97, y, .8), .1, M("glow", (1, .03, .02), 3 if s.dark else .6), n=10)
    if s.dark:
        s.lamp((3.2, 0, .7), (1, .9, .7), 120)


@family("car", "vehicle", ("sports car", "vehicle", "sedan"), weight=5)
def car(s):
    sport = s.rng.random() < .3
    m = paint(s)
    if not sport and s.rng.random() < .5:
        round_car(s, m)
    else:
        car_shape(s, m[1], "sports car" if sport else "car")
    if s.rng.random() < .2 and s.light not in ("studio", "black"):
        with s.at(-1, 3.2):
            car_shape(s)
    s.say(synonym="sports car" if sport else "")
    s.shot((-2.2, -1, 0), (2.2, 1, 1.4), (0, 360), (3, 32))


@family("truck", "vehicle", ("lorry", "van"), weight=2)
def truck(s):
    r, m = s.rng, paint(s)
    kind = r.choice(["box", "tanker", "dump", "van"])
    length = r.uniform(5, 8)
    s.box((3.6, 0, 1.7), (2, 2.3, 2.3), m)
    s.box((3.7, 0, 2.25), (1.95, 2.34, .8), GLASS)
    s.box((4.65, 0, .95), (.1, 1.8, .5), CHROME)
    for y in (-.8, .8):
        s.box((4.66, y, .9), (.1, .35, .3), M("glow", (1, .95, .8), 5 if s.dark else 1))
    s.box((1 - length / 2 + 1.5, 0, .75), (length + 3, 1.4, .3), DARK)
    x = 2.4 - length / 2
    if kind == "tanker":
        s.cyl((2.3 - length, 0, 2.1), 1.15, length, CHROME, ry=math.pi / 2)
    elif kind == "dump":
        s.prism([(2.3, 1), (2.3 - length * .8, 1), (2.1 - length * .9, 2.7), (2.4, 2.7)], 2.4, M("paint", COLORS[r.choice(["gray", "yellow", "orange"])]))
        for _ in range(14):
            s.rock((r.uniform(2 - length * .8, 1.8), r.uniform(-.8, .8), 2.7), .5, M("dirt", (.25, .18, .12)), n=7)
    elif kind == "van":
        s.box((x + .4, 0, 1.75), (length, 2.28, 2.4), m)
    else:
        s.box((x, 0, 2.15), (length, 2.4, 2.5), M("paint", r.choice([(.75, .75, .73), m[1], (.2, .25, .3)])))
    for xx in (3.6, 2.2 - length * .7, 2.2 - length * .9):
        for y in (-1, 1):
            wheel(s, xx, y, .5, .35)
    if s.dark:
        s.lamp((6.5, 0, 1), (1, .9, .7), 250)
    s.say(synonym="van" if kind == "van" else "", adj={"tanker": ["tanker"], "dump": ["dump"]}.get(kind))
    s.shot((2 - length, -1.2, 0), (4.6, 1.2, 3), (0, 360), (3, 30))


@family("bus", "vehicle", ("coach",))
def bus(s):
    r, m = s.rng, paint(s, ("red", "yellow", "white", "blue", "green", "orange"))
    double = r.random() < .35
    h = 4.2 if double else 2.9
    s.box((0, 0, .45 + h / 2), (10.5, 2.5, h), m)
    for deck in range(2 if double else 1):
        z = 2.2 + deck * 1.75
        for k in range(7):
            s.box((-4.3 + k * 1.4, 0, z), (1.15, 2.56, .95), M("glow", (1, .85, .6), 2) if s.dark else GLASS)
        s.box((5.2, 0, z), (.15, 2.2, 1.1), GLASS)
    s.box((5.25, 0, h + .1), (.1, 1.6, .3), M("glow", (1, .6, .1), 2))
    for x in (-3.2, 3.2):
        for y in (-1.15, 1.15):
            wheel(s, x, y, .5, .3)
    s.say(adj=["double-decker"] if double else [])
    s.shot((-5.2, -1.3, 0), (5.2, 1.3, h), (0, 360), (3, 28))


@family("train", "vehicle", ("locomotive",), weight=2)
def train(s):
    r, m = s.rng, paint(s)
    steam = r.random() < .4
    for y in (-.75, .75):
        s.box((0, y, .12), (120, .1, .16), CHROME)
    for x in range(-40, 41):
        s.box((x * 1.2, 0, .03), (.35, 2.6, .1), M("wood", (.15, .1, .07)))
    if steam:
        s.cyl((-1, 0, 2.1), 1.05, 6, M("paint", (.02, .02, .025)), ry=math.pi / 2)
        s.cyl((5, 0, 2.1), 1.1, .3, m, ry=math.pi / 2)
        s.cyl((4, 0, 3), .3, 1.3, M("paint", (.02, .02, .02)), r2=.45)
        s.ball((1.5, 0, 3.1), .55, M("metal", (.7, .5, .15)))
        s.box((-2.2, 0, 2.4), (2.4, 2.5, 3.2), m)
        s.box((-2.2, 0, 4.1), (2.9, 2.9, .2), DARK)
        for x in (-2, .2, 2.2, 4):
            for y in (-.95, .95):
                wheel(s, x, y, .75 if x < 3 else .45, .2)
        s.emit_smoke((4, 0, 4.6), .9)
        s.say(adj=["steam"], synonym="locomotive" if r.random() < .5 else "")
    else:
        s.prism([(-4, .7), (4.6, .7), (6.2, 1.2), (5.6, 2.3), (4, 3.6), (-4, 3.6)], 2.7, m)
        s.box((4.9, 0, 2.75), (1.4, 2.2, .8), GLASS, ry=.75)
        s.box((0, 0, 1.5), (8, 2.74, .3), M("paint", (.8, .8, .8)))
    for k in range(r.randint(1, 4)):
        x = -8.4 - k * 9.2
        s.box((x, 0, 2.2), (8.6, 2.6, 2.9), m)
        for q in range(6):
            s.box((x - 3.4 + q * 1.36, 0, 2.6), (1, 2.66, .95), M("glow", (1, .85, .6), 2) if s.dark else GLASS)
        for q in (-2.8, 2.8):
            for y in (-.95, .95):
                wheel(s, x + q, y, .45, .2)
    if s.dark:
        s.lamp((8, 0, 2), (1, .9, .7), 250)
    s.say(setting="on tracks")
    s.shot((-11, -1.3, 0), (6, 1.3, 4), (-80, 80), (3, 28), fills=(.9, 1.4))


@family("airplane", "vehicle", ("plane", "aircraft", "jet"), weight=3)
def airplane(s):
    r = s.rng
    m = paint(s, ("white", "white", "gray", "blue", "red"))
    kind = r.choice(["airliner", "airliner", "propeller", "fighter"])
    flying = r.random() < .5 and s.light not in ("studio", "black")
    z = 60 if flying else 2.4
    with s.at(0, 0, z, rx=r.uniform(-.3, .3) if flying else 0, ry=r.uniform(-.15, .1) if flying else 0):
        if kind == "fighter":
            s.prism([(-7, -.5), (-7, .7), (2, .9), (8, 0), (2, -.6)], 1.5, m)
            s.ball((1.5, 0, .8), .7, GLASS, squash=(2, .8, .9))
            for q in (-1, 1):
                s.loft([[(3, 0, 0), (-5.5, 0, 0), (-5.5, 0, .15), (3, 0, .15)], [(-4, q * 5, 0), (-6, q * 5, 0), (-6, q * 5, .1), (-4, q * 5, .1)]], m)
                s.loft([[(-4.5, q * .6, .4), (-7.2, q * .6, .4), (-7.2, q * .8, .4), (-4.5, q * .8, .4)], [(-6.6, q * 1.5, 3), (-7.8, q * 1.5, 3), (-7.8, q * 1.55, 3), (-6.6, q * 1.55, 3)]], m)
                s.cyl((-7.4, q * .5, 0), .5, .6, DARK, ry=math.pi / 2)
            s.say(synonym="jet", adj=["fighter"])
        else:
            big = kind == "airliner"
            length, q0, span = (11, 1.25, 10) if big else (4.2, .75, 5.6)
            ring = [(-length, .25), (-length * .6, .7), (-length * .3, 1), (length * .6, 1), (length * .85, .75), (length * .97, .35), (length, .02)]
            s.loft([[(x, q * q0 * math.cos(k * .45), q * q0 * math.sin(k * .45) + (q0 * .5 if x < -length * .8 else 0)) for k in range(14)] for x, q in ring], m, smooth=True)
            sweep = 4.5 if big else .3
            for q in (-1, 1):
                s.loft([[(2, 0, -.4), (-1.6, 0, -.4), (-1.6, 0, -.1), (2, 0, -.1)], [(.8 - sweep, q * span, .3), (-.8 - sweep, q * span, .3), (-.8 - sweep, q * span, .4), (.8 - sweep, q * span, .4)]], m)
                s.loft([[(-length + 2, 0, .5), (-length + .3, 0, .5), (-length + .3, 0, .65), (-length + 2, 0, .65)], [(-length + .6, q * span * .38, .6), (-length - .4, q * span * .38, .6), (-length - .4, q * span * .38, .7), (-length + .6, q * span * .38, .7)]], m)
                if big:
                    s.cyl((-1.2, q * 3.6, -.9), .6, 2.2, CHROME, ry=math.pi / 2)
            tail = M("paint", COLORS[r.choice(["red", "blue", "orange", "green"])])
            with s.at(-length + 1, 0, .4):
                s.prism([(1.6, 0), (-.9, 0), (-1.4, length * .28), (-.3, length * .28)], .2, tail)
            s.box((length * .82, 0, q0 * .55), (.7, q0 * 1.1, .35), GLASS, ry=.5)
            if big:
                for k in range(22):
                    s.box((-6 + k * .62, 0, .35), (.28, 2.47, .32), GLASS)
            else:
                s.box((.6, 0, .8), (1.6, 1, .7), GLASS)
                with s.at(length + .1, 0, 0, rx=r.uniform(0, 3)):
                    s.box((0, 0, 0), (.1, .2, 2.8), DARK)
            s.say(adj=["propeller"] if not big else ["passenger"] if r.random() < .4 else [])
        if not flying:
            for x, y in ((6 if kind != "propeller" else 2.5, 0), (-1, -1.4), (-1, 1.4)):
                s.limb((x, y, 0), (x, y, -1.9), .12, CHROME)
                s.cyl((x, y + .15, -2), .42, .3, DARK, rx=math.pi / 2)
    k = .55 if kind == "propeller" else 1
    if flying:
        s.say(setting="in the sky")
        s.backdrop = "sky"
        if r.random() < .5:
            s.ground((noise_grid(r, 50, 5) * 20), 2500, M("grass", (.1, .18, .06), .1), z=-40)
        else:
            s.floor(M("water", (.03, .1, .16)), 6000, -60)
    s.shot((-9 * k, -8 * k, z - 2), (9 * k, 8 * k, z + 3), (0, 360), (-12, 28) if flying else (4, 32), fills=(1.1, 1.6))


@family("helicopter", "vehicle", ("chopper",))
def helicopter(s):
    r, m = s.rng, paint(s)
    s.ball((0, 0, 1.7), 1.35, m, squash=(1.5, .9, .95))
    s.ball((.75, 0, 1.8), 1.2, GLASS, squash=(1.15, .86, .85))
    s.limb((-1.2, 0, 2), (-6, 0, 2.5), .42, m, r2=.16, n=12)
    with s.at(-6, 0, 2.5):
        s.prism([(-.5, -.2), (.5, -.2), (-.4, 1.5), (-.9, 1.5)], .14, m)
    with s.at(-6, .3, 2.7, ry=r.uniform(0, 3)):
        s.box((0, 0, 0), (.15, .05, 1.6), DARK)
    s.cyl((-.1, 0, 2.9), .15, .7, CHROME)
    with s.at(-.1, 0, 3.6, rz=r.uniform(0, 3)):
        s.box((0, 0, 0), (10, .3, .06), DARK)
        if r.random() < .5:
            s.box((0, 0, 0), (.3, 10, .06), DARK)
    for y in (-1, 1):
        s.limb((-1.8, y, .15), (2, y, .15), .08, CHROME)
        for x in (-.9, .9):
            s.limb((x, y, .15), (x, y * .5, .8), .06, CHROME)
    if r.random() < .45 and s.light not in ("studio", "black"):
        s.floor(M("grass", (.1, .17, .06), .1), 3000, -50)
        s.backdrop = "sky"
        s.say(setting="in the sky")
    s.shot((-5, -3, 0), (3, 3, 4), (0, 360), (2, 28), fills=(1, 1.5))


@family("drone", "vehicle", ("quadcopter",))
def drone(s):
    r, m = s.rng, paint(s, ("black", "white", "gray", "orange"))
    s.ball((0, 0, .5), .3, m, squash=(1.4, 1, .5))
    s.ball((.35, 0, .36), .11, GLASS)
    for x in (-1, 1):
        for y in (-1, 1):
            s.limb((0, 0, .5), (x * .75, y * .75, .55), .06, m)
            s.cyl((x * .75, y * .75, .5), .09, .2, DARK)
            with s.at(x * .75, y * .75, .72, rz=r.uniform(0, 3)):
                s.box((0, 0, 0), (.85, .07, .02), DARK)
        s.limb((x * .2, -.35, 0), (x * .2, .35, 0), .03, DARK)
        for y in (-.3, .3):
            s.limb((x * .2, y, 0), (x * .15, y * .5, .45), .03, DARK)
    if r.random() < .4 and s.light not in ("studio", "black"):
        s.floor(M("grass", (.1, .17, .06), .2), 2000, -25)
        s.backdrop = "sky"
        s.say(setting="in the sky")
    s.shot((-1, -1, 0), (1, 1, .8), (0, 360), (3, 38))


@family("rocket", "vehicle", ("missile",))
def rocket(s):
    r = s.rng
    m, trim = paint(s, ("white", "white", "red", "gray")), M("paint", COLORS[r.choice(["red", "black", "blue", "orange"])])
    h = r.uniform(8, 14)
    s.lathe([(.01, h), (.35, h * .93), (.75, h * .84), (1, h * .72), (1.05, h * .5), (1, 1.4), (.75, .9), (.01, .9)], m)
    s.lathe([(.01, h * 1.002), (.37, h * .93), (.78, h * .84)], trim)
    s.cyl((0, 0, 1.6), 1.07, .6, trim)
    s.cyl((0, 0, .3), .55, .6, DARK, r2=.4)
    for k in range(r.choice([3, 4])):
        with s.at(rz=k * 2 * math.pi / 3 if h < 10 else k * math.pi / 2):
            with s.at(.9):
                s.prism([(0, 1), (0, 3.2), (1.3, .9), (1.3, 0)], .15, trim)
    s.cyl((0, -.75, h * .62), .35, .45, GLASS, rx=math.pi / 2)
    if r.random() < .4:
        s.emit_fire((0, 0, -2), 2.2)
        s.part("flames below it")
    s.shot((-2, -2, 0), (2, 2, h), (0, 360), (1, 20), fills=(.9, 1.2))


@family("ship", "outdoor", ("boat", "cargo ship", "vessel"), weight=2)
def ship(s):
    from landscapes import waves
    r = s.rng
    z = waves(s, 500, 120, r.choice([.7, 1.5]))
    s.floor(M("water", (.02, .07, .1)), 6000, z - .8)
    hull = M("paint", COLORS[r.choice(["red", "blue", "black", "green", "gray"])])
    kind = r.choice(["cargo", "cruise", "tug", "war"])
    length = 8 if kind == "tug" else 26
    w = length * .13
    def ring(x, k, deck):
        return [(x, -w * k, deck), (x, -w * k * .7, -1), (x, w * k * .7, -1), (x, w * k, deck)]
    with s.at(0, 0, z):
        s.loft([ring(-length, .8, 2.6), ring(-length * .7, 1, 2.4), ring(length * .6, 1, 2.4), ring(length * .85, .6, 3.2), ring(length * 1.05, .04, 4)], hull)
        white = M("paint", (.78, .78, .76))
        if kind == "cargo":
            for i in range(7):
                for j in range(3):
                    for k in range(r.randint(1, 3)):
                        s.box((-10 + i * 4.2, (j - 1) * 2, 3.4 + k * 2), (4, 1.9, 1.9), M("corrugated", COLORS[r.choice(list(COLORS))]))
            s.box((-20, 0, 6.5), (5, 5.5, 8), white)
            s.box((-19.5, 0, 9), (4.2, 5.6, 1), GLASS)
            s.say(synonym="cargo ship")
            s.part("containers")
        elif kind == "cruise":
            for k in range(5):
                s.box((-2 - k, 0, 3.6 + k * 1.9), (36 - k * 5, 5.8 - k * .5, 1.9), white)
                s.box((-2 - k, 0, 3.8 + k * 1.9), (35 - k * 5, 5.9 - k * .5, .8), M("glow", (1, .8, .5), 2) if s.dark else GLASS)
            s.cyl((-8, 0, 12), 1.3, 4, hull)
        elif kind == "war":
            g = M("paint", (.3, .33, .36))
            s.box((-2, 0, 4), (18, 4.5, 3.5), g)
            s.box((0, 0, 7), (8, 3.6, 3), g)
            s.limb((0, 0, 8), (0, 0, 15), .3, g)
            for x in (14, -14):
                s.box((x, 0, 3.4), (3, 2.4, 1.6), g)
                s.limb((x, 0, 3.8), (x + (5 if x > 0 else -5), 0, 4.6), .2, g)
            s.say(adj=["navy"])
        else:
            s.box((1, 0, 3.4), (4, 1.6, 2), white)
            s.box((1.4, 0, 4.2), (3.4, 1.65, .7), GLASS)
            s.cyl((-2, 0, 3), .5, 2.6, hull)
            s.say(synonym="boat", adj=["small"])
    s.say(setting=r.choice(["at sea", "on the ocean", "on the water"]))
    s.shot((-length, -4, z), (length, 4, z + length * .35), (0, 360), (2, 30), fills=(1, 1.5))


@family("sailboat", "outdoor", ("sailing boat", "yacht"))
def sailboat(s):
    from landscapes import waves
    r = s.rng
    z = waves(s, 300, 110, .7)
    s.floor(M("water", (.02, .09, .12)), 5000, z - .5)
    m = M("wood", (.3, .16, .07)) if r.random() < .4 else M("paint", COLORS[r.choice(["white", "blue", "red"])])
    with s.at(0, 0, z, rx=r.uniform(-.15, .15)):
        def ring(x, k, deck):
            return [(x, -1.2 * k, deck), (x, -.7 * k, -.4), (x, .7 * k, -.4), (x, 1.2 * k, deck)]
        s.loft([ring(-3.6, .7, 1), ring(-1, 1, .9), ring(2, .75, 1), ring(4, .03, 1.3)], m)
        s.limb((.4, 0, .8), (.4, 0, 9), .09, M("wood", (.4, .28, .15)))
        s.limb((.4, 0, 1.7), (-3.4, 0, 1.7), .07, M("wood", (.4, .28, .15)))
        c = M("fabric", r.choice([(.8, .8, .77), (.8, .8, .77), (.6, .1, .06), (.1, .2, .5)]))
        s.add([(.3, 0, 1.9), (-3.3, .3, 1.9), (-1.2, .6, 5), (.3, 0, 8.8)], [(0, 1, 2, 3)], c)
        s.add([(.6, 0, 8), (3.9, 0, 1.4), (1.2, .6, 1.9)], [(0, 1, 2)], c)
    s.say(setting=r.choice(["at sea", "on the water", "on a lake"]))
    s.shot((-3, -2, z), (3, 2, z + 9), (0, 360), (2, 24), fills=(.8, 1.3))


@family("spaceship", "space", ("spacecraft", "starship", "space station"), weight=4)
def spaceship(s):
    r = s.rng
    m, glow = M("panel", r.choice([(.45, .46, .48), (.25, .26, .28), (.6, .58, .54)])), M("glow", r.choice([(.2, .6, 1), (1, .45, .1), (.3, 1, .7)]), 6)
    kind = r.choice(["cruiser", "saucer", "station", "shuttle", "fighter", "fighter", "disc"])
    if kind == "saucer":
        s.lathe([(.01, -.5), (2.5, -.35), (5, .2), (5, .35), (2.2, .9), (.01, 1)], m, n=36)
        s.ball((0, 0, .9), 1.7, M("glass", (.1, .25, .3)), squash=(1, 1, .75))
        for k in range(14):
            a = k * .4488
            s.ball((4.7 * math.cos(a), 4.7 * math.sin(a), .3), .22, glow, n=8)
        s.say(synonym="flying saucer" if r.random() < .5 else "")
    elif kind == "disc":
        flat = r.uniform(.14, .3)
        s.ball((0, 0, 0), 5, m, n=36, squash=(1, 1, flat))
        s.ball((0, 0, 5 * flat * .7), r.uniform(1.5, 2.4), M("glass", r.choice([(.1, .25, .3), (.25, .45, .55), (.04, .05, .06)])))
        for k in range(r.randint(6, 16)):
            a = k * 2 * math.pi / 11
            s.ball((4.4 * math.cos(a), 4.4 * math.sin(a), -5 * flat * .4), r.uniform(.18, .35), glow, n=8)
        s.say(synonym="flying saucer" if r.random() < .5 else "")
    elif kind == "fighter":
        # A round hull with thin wings swept back, engines at their roots.
        long, fat, reach, back = r.uniform(4, 6), r.uniform(.7, 1.2), r.uniform(3, 5.5), r.uniform(2, 5)
        s.ball((0, 0, 0), 1, m, n=28, squash=(long, fat, fat * r.uniform(.6, 1)))
        for q in (-1, 1):
            s.add([(long * .3, 0, 0), (-long * .7, q * reach, 0), (-back, q * reach * .9, 0), (-long * .8, 0, 0), (long * .3, 0, .15), (-long * .7, q * reach, .1), (-back, q * reach * .9, .1), (-long * .8, 0, .15)],
                  [(0, 1, 2, 3), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6)], m)
            y = q * r.uniform(.9, 1.3)
            s.cyl((-long, y, 0), r.uniform(.4, .7), long * .4, M("metal", (.3, .3, .3)), ry=math.pi / 2)
            s.cyl((-long - .12, y, 0), .42, .14, glow, ry=math.pi / 2)
            if r.random() < .4:
                s.limb((-long * .5, q * reach * .8, .1), (long * .2, q * reach * .8, .1), .12, DARK)
        if r.random() < .5:
            s.add([(-long * .4, 0, fat * .5), (-long * .9, 0, fat * .5), (-long, 0, fat * 2), (-long * .8, 0, fat * 2)], [(0, 1, 2, 3), (3, 2, 1, 0)], m)
        s.ball((long * .5, 0, fat * .5), fat * .55, GLASS, squash=(1.6, 1, .8))
    elif kind == "station":
        s.torus((0, 0, 0), 5, .7, m)
        s.cyl((0, 0, -2.4), .9, 4.8, m)
        for k in range(4):
            s.limb((0, 0, 0), (5 * math.cos(k * 1.57), 5 * math.sin(k * 1.57), 0), .3, m)
        for q in (-1, 1):
            s.box((0, q * 1.4, 3.6), (5, 2, .06), M("panel", (.04, .06, .25)))
        s.say(synonym="space station")
    else:
        long = 7 if kind == "cruiser" else 4
        s.loft([[(x, y * k, z * k) for y, z in ((-1.2, -.5), (1.2, -.5), (1.5, .1), (.7, .8), (-.7, .8), (-1.5, .1))] for x, k in ((-long, .8), (-long * .4, 1.1), (long * .3, .8), (long, .2))], m)
        for q in (-1, 1):
            s.loft([[(0, q, 0), (-long * .8, q, 0), (-long * .8, q, .2), (0, q, .2)], [(-long * .6, q * 4, -.3), (-long * .9, q * 4, -.3), (-long * .9, q * 4, -.2), (-long * .6, q * 4, -.2)]], m)
            s.cyl((-long - .8, q * .8, .1), .55, 1.2, M("metal", (.2, .2, .2)), ry=math.pi / 2)
            s.cyl((-long - .95, q * .8, .1), .45, .2, glow, ry=math.pi / 2)
        for k in range(12):
            s.box((r.uniform(-long * .8, long * .3), r.uniform(-.8, .8), .85), (r.uniform(.3, .9), r.uniform(.2, .5), .3), m)
        s.ball((long * .3, 0, .6), .5, GLASS, squash=(1.6, 1, .6))
    if s.light == "space":
        if r.random() < .45:
            s.ball((60, 40, -25), 32, M("planet", r.choice([(.1, .22, .45), (.5, .25, .12), (.35, .35, .33)]), .06), n=48)
            s.part("a planet behind")
        s.say(setting="in space")
    s.shot((-6, -5, -2), (6, 5, 3), (120, 300), (-15, 32), fills=(1, 1.5))
    if s.light == "space":
        s.view = ""


@family("planet", "space", ("moon",), weight=3)
def planet(s):
    r = s.rng
    kind, c = r.random(), r.choice([(.1, .22, .45), (.05, .14, .5), (.5, .25, .12), (.4, .4, .38), (.55, .42, .25), (.2, .4, .35), (.6, .45, .3), (.35, .5, .6)])
    # Continents, the belts of a gas giant, or rock.
    s.ball((0, 0, 0), 5, M("planet", c, r.uniform(.2, .7)) if kind < .6 else M("strata", c, r.uniform(.25, .6)) if kind < .75 else M("stone", c, r.uniform(.3, .9)), n=56)
    if r.random() < .35:
        s.lathe([(7, 0), (11, .02)], M("plain", (.55, .47, .36)), n=64)
        s.part("rings")
    if r.random() < .4:
        s.ball((8, -6, 4), 1, M("planet", (.35, .35, .34), 1), n=24)
        s.part("a moon")
    s.say(setting="in space")
    s.shot((-5, -5, -5), (5, 5, 5), (0, 360), (-10, 30), fills=(.5, 1.35))
    s.view = ""


@family("tank", "vehicle", ("armored vehicle",))
def tank(s):
    r = s.rng
    m = M("paint", r.choice([(.12, .15, .07), (.35, .28, .16), (.2, .21, .2)]))
    s.prism([(-3, .9), (-2.7, 1.5), (2.4, 1.5), (3.3, 1), (2.8, .6), (-2.7, .6)], 2.4, m)
    s.loft([[(q * math.cos(k * .785) * 1.2, q * math.sin(k * .785), z) for k in range(8)] for q, z in ((1.3, 1.5), (1.2, 2), (.9, 2.3))], m)
    s.limb((1, 0, 1.9), (5, 0, r.uniform(1.9, 2.5)), .12, m)
    for y in (-1.4, 1.4):
        with s.at(0, y):
            s.prism([(-3.1, .6), (-2.7, 1.1), (2.7, 1.1), (3.1, .6), (2.5, 0), (-2.5, 0)], .55, DARK)
            for k in range(6):
                s.cyl((-2.2 + k * .88, .32, .45), .4, .64, m, rx=math.pi / 2, n=12)
    s.say()
    s.shot((-3, -1.7, 0), (4, 1.7, 2.4), (0, 360), (3, 30))


@family("bicycle", "vehicle", ("bike",))
def bicycle(s):
    r, m = s.rng, paint(s)
    for x in (-.55, .55):
        s.torus((x, 0, .35), .33, .03, DARK, rx=math.pi / 2, n=28, k=6)
        for k in range(8):
            s.limb((x, 0, .35), (x + .32 * math.cos(k * .785), 0, .35 + .32 * math.sin(k * .785)), .006, CHROME, n=4)
    for a, b in (((-.55, 0, .35), (0, 0, .32)), ((0, 0, .32), (-.18, 0, .85)), ((-.55, 0, .35), (-.15, 0, .78)), ((-.15, 0, .78), (.4, 0, .78)), ((0, 0, .32), (.42, 0, .72)), ((.55, 0, .35), (.38, 0, .95))):
        s.limb(a, b, .022, m)
    s.box((-.2, 0, .88), (.25, .12, .05), DARK)
    s.limb((.36, -.26, .98), (.36, .26, .98), .018, CHROME)
    s.cyl((0, .03, .32), .1, .06, CHROME, rx=math.pi / 2)
    s.say()
    s.shot((-.9, -.2, 0), (.9, .2, 1), (-140, -40) if r.random() < .6 else (0, 360), (2, 22), fills=(1, 1.4))


def figure(s, skin, top, legs, pose, hair):
    """A person of 1.8 m on the origin that faces -Y."""
    r = s.rng
    swing = {"standing": .03, "walking": .32, "running": .6}.get(pose, .05)
    for q in (-1, 1):
        k = swing * q
        knee = (q * .11, -k * .5, .48)
        foot = (q * .12, -k + (.25 if pose == "running" and q < 0 else 0), .06 + (.25 if pose == "running" and q < 0 else 0))
        if pose == "sitting":
            knee, foot = (q * .12, -.42, .52), (q * .12, -.42, .06)
            s.limb((q * .1, 0, .5), knee, .09, legs, r2=.07)
        else:
            s.limb((q * .1, 0, .92), knee, .095, legs, r2=.07)
        s.ball(knee, .07, legs, n=10)
        s.limb(knee, foot, .068, legs, r2=.05)
        s.box((foot[0], foot[1] - .06, foot[2] - .02), (.1, .27, .09), DARK)
    dz = -.42 if pose == "sitting" else 0
    with s.at(0, 0, dz, rx=.18 if pose == "running" else 0):
        s.loft([[(w * math.cos(k * .6283), d * math.sin(k * .6283), z) for k in range(10)] for w, d, z in ((.16, .11, .9), (.15, .1, 1.1), (.2, .12, 1.36), (.17, .1, 1.46))], top, smooth=True)
        s.cyl((0, 0, 1.45), .055, .12, skin, n=10)
        s.ball((0, -.01, 1.66), .115, skin, squash=(.88, .95, 1.15))
        s.ball((0, .025, 1.7), .118, hair, squash=(.92, .95, 1.05))
        for q in (-1, 1):
            shoulder = (q * .22, 0, 1.4)
            if pose == "waving" and q > 0:
                elbow, hand = (q * .42, 0, 1.5), (q * .45, -.05, 1.85)
            else:
                elbow = (q * .29, swing * q * .5, 1.14)
                hand = (q * .29, swing * q - .12 if pose != "running" else swing * q * .4 - .25, .9 if pose != "running" else 1.2)
            s.ball(shoulder, .075, top, n=10)
            s.limb(shoulder, elbow, .06, top, r2=.05)
            s.limb(elbow, hand, .045, skin, r2=.035)
            s.ball(hand, .05, skin, n=10)


def clothes(s):
    r = s.rng
    c = r.choice(["red", "blue", "white", "black", "green", "yellow", "gray", "orange"])
    return c, M("fabric", COLORS[c]), M("fabric", r.choice([(.03, .05, .14), (.03, .03, .035), (.25, .2, .12), (.2, .2, .2)])), M("skin", r.choice(SKIN)), M("rubber", r.choice([(.02, .015, .01), (.12, .06, .03), (.45, .3, .12)]))


@family("person", "vehicle", ("figure", "man", "woman", "character"), weight=3)
def person(s):
    r = s.rng
    c, top, legs, skin, hair = clothes(s)
    if r.random() < .25:
        g = r.choice([(.5, .5, .5), (.7, .65, .55)])
        top = legs = skin = hair = M("plain", g)
        s.say(synonym="figure")
        c = ""
    pose = r.choice(["standing", "standing", "walking", "walking", "running", "waving"])
    figure(s, skin, top, legs, pose, hair)
    s.say(adj=[pose])
    if c:
        s.part(f"a {c} shirt")
    s.shot((-.4, -.4, 0), (.4, .4, 1.8), (0, 360), (0, 20), fills=(.7, 1.2))


@family("people", "vehicle", ("crowd", "group of people", "figures"))
def people(s):
    r = s.rng
    n = r.choice([3, 5, 9, 20])
    q = n ** .5 * .9
    for _ in range(n):
        c, top, legs, skin, hair = clothes(s)
        with s.at(r.uniform(-q, q), r.uniform(-q, q), rz=r.uniform(0, 6.3), s=r.uniform(.92, 1.06)):
            figure(s, skin, top, legs, r.choice(["standing", "walking"]), hair)
    s.say(synonym="crowd" if n > 12 else "")
    s.shot((-q, -q, 0), (q, q, 1.8), (0, 360), (2, 32), fills=(1, 1.4))
