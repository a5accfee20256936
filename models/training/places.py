"""Scene families: machines, vehicles, structures, rooms and land that artists and makers of training data often render."""

import math

import numpy as np

from buildings import car as car_shape, tree
from interiors import eye, lights, shell, window
from kit import COLORS, material as M, noise_grid
from landscapes import waves
from objects import chair_shape, plant_shape, shelf, stuff, table_shape
from registry import family
from things import BRIGHT, CHROME, CREAM, DARK, GOLD, LEAF, WHITE, WOODS, any_tint, front, steel, tint
from vehicles import figure, wheel

GLASS = M("glass", (.03, .04, .05))
STONE = [(.5, .48, .44), (.35, .34, .33), (.55, .45, .33), (.3, .28, .27)]


def stone(s, scale=1.0):
    return M(s.rng.choice(["stone", "ashlar", "concrete", "rock"]), s.rng.choice(STONE), scale)


def yard(s, kinds=("grass", "concrete", "asphalt", "dirt", "sand"), size=400):
    """Ground of some kind."""
    colors = {"grass": (.09, .19, .04), "concrete": (.4, .39, .37), "asphalt": (.07, .07, .075), "dirt": (.26, .19, .12), "sand": (.62, .46, .27), "tiles": (.5, .48, .45)}
    kind = s.rng.choice(kinds)
    s.floor(s.cover(M(kind, colors[kind], .4)), size, 0)
    return kind


def trees(s, n, near, far):
    r = s.rng
    for _ in range(n):
        a, d = r.uniform(0, 6.3), r.uniform(near, far)
        with s.at(d * math.cos(a), d * math.sin(a), 0, rz=r.uniform(0, 6)):
            tree(s, r.uniform(4, 9), r.choice(["pine", "round"]))


# --- vehicles -------------------------------------------------------------------------------------------------------

@family("motorcycle", "vehicle", ("motorbike", "scooter", "moped"), later=True)
def motorcycle(s):
    r, m = s.rng, tint(s, "paint")
    scooter = r.random() < .3
    q = .25 if scooter else .34
    for x in (-.75, .75):
        s.torus((x, 0, q), q * .8, q * .27, DARK, rx=math.pi / 2, n=32)
        s.cyl((x, .06, q), q * .55, .12, CHROME, rx=math.pi / 2)
    s.limb((.75, 0, q), (.5, 0, 1.0), .05, CHROME)
    s.tube([(.45, -.35, 1.12), (.52, 0, 1.02), (.45, .35, 1.12)], .03, DARK)
    s.ball((.66, 0, .88), .14, WHITE)
    if scooter:
        s.limb((.5, 0, .95), (.55, 0, .3), .16, m)
        s.box((0, 0, .22), (.9, .35, .08), m)
        s.ball((-.55, 0, .5), .38, m, squash=(1.2, .6, .75))
        s.box((-.5, 0, .8), (.6, .3, .12), DARK)
        s.say(synonym="scooter")
    else:
        s.ball((.12, 0, .82), .26, m, squash=(1.3, .7, .75))
        s.ball((-.35, 0, .78), .2, DARK, squash=(1.6, .8, .4))
        s.ball((-.7, 0, .86), .16, m, squash=(1.4, .8, .5))
        s.box((.02, 0, .42), (.5, .35, .35), steel(s))
        s.limb((-.75, 0, q), (0, 0, .4), .05, DARK)
        s.limb((.1, .2, .3), (-.8, .22, .38), .06, CHROME)
        if r.random() < .4:
            s.ball((.55, 0, .75), .3, m, squash=(.9, .6, 1.1))
    if r.random() < .25:
        with s.at(-.2, 0, .5, s=.6):
            figure(s, any_tint(s), any_tint(s), M("skin", (.6, .4, .3)), "sitting", DARK) if False else s.ball((0, 0, 1.4), .22, any_tint(s))
    s.shot((-1.1, -.4, 0), (1.1, .4, 1.2), (0, 360), (2, 28))


@family("tractor", "vehicle", ("farm tractor",), later=True)
def tractor(s):
    r, m = s.rng, tint(s, "paint", ("red", "green", "blue", "orange", "yellow"))
    for y in (-.8, .8):
        s.torus((-.9, y, .85), .62, .25, DARK, rx=math.pi / 2, n=30)
        s.cyl((-.9, y + .12, .85), .42, .24, M("paint", (.8, .6, .05)), rx=math.pi / 2)
        s.torus((1.2, y * .85, .45), .3, .16, DARK, rx=math.pi / 2, n=26)
        s.cyl((1.2, y * .85 + .08, .45), .22, .16, M("paint", (.8, .6, .05)), rx=math.pi / 2)
    s.box((.75, 0, 1.05), (1.6, .7, .65), m)
    s.box((-.6, 0, .9), (1.2, .8, .5), m)
    s.box((-.65, 0, 2.25), (1.2, 1.15, .1), m)
    for x in (-1.15, -.12):
        for y in (-.5, .5):
            s.limb((x, y, 1.1), (x, y, 2.2), .04, DARK)
    if r.random() < .6:
        s.box((-.65, 0, 1.7), (1.02, .98, 1), GLASS)
    s.limb((.9, .2, 1.35), (.9, .2, 2.0), .06, DARK)
    s.shot((-1.6, -1, 0), (1.6, 1, 2.3), (0, 360), (3, 30))


@family("excavator", "vehicle", ("digger", "bulldozer"), later=True)
def excavator(s):
    r, m = s.rng, M("paint", s.rng.choice([(.8, .5, .03), (.8, .3, .03), (.7, .6, .1)]))
    for y in (-.9, .9):
        s.loft([[(x, y + d, z) for x, z in [(1.4 * c + .35 * math.cos(a), .38 + .35 * math.sin(a)) for c, a in [(1, t) for t in (-1.57, -.8, 0, .8, 1.57)] + [(-1, t) for t in (1.57, 2.4, 3.14, 3.9, 4.71)]]] for d in (-.25, .25)], DARK)
        for x in (-1.2, -.6, 0, .6, 1.2):
            s.cyl((x, y + .28, .38), .2, .56, steel(s), rx=math.pi / 2)
    if r.random() < .7:
        s.cyl((0, 0, .7), .7, .2, DARK)
        with s.at(0, 0, 0, rz=r.uniform(-.6, .6)):
            s.box((-.4, 0, 1.3), (2.2, 1.7, .9), m)
            s.box((.45, .5, 1.9), (1, .75, 1.3), m)
            s.box((.5, .5, 2.1), (1.04, .7, .75), GLASS)
            a = r.uniform(.5, 1)
            p = (.8 + 2 * math.cos(a), -.3, 1.4 + 2.4 * math.sin(a))
            e = (p[0] + 1.4, -.3, p[2] - r.uniform(1.2, 2))
            s.limb((.7, -.3, 1.2), p, .22, m, n=4)
            s.limb(p, e, .16, m, n=4)
            s.limb((1.0, -.3, 1.3), (p[0] - .4, -.3, p[2] - .2), .07, CHROME)
            s.prism([(e[0] - .4, e[2]), (e[0] + .25, e[2] + .1), (e[0] + .1, e[2] - .6), (e[0] - .5, e[2] - .45)], .8, m if r.random() < .5 else DARK)
    else:
        s.box((-.2, 0, 1.1), (2.2, 1.4, .7), m)
        s.box((-.5, 0, 2), (1.1, 1.2, 1.2), m)
        s.box((-.5, 0, 2.1), (1.14, 1.1, .7), GLASS)
        s.loft([[(1.9, -1.4, .1), (1.9, 1.4, .1), (1.7, 1.4, .6), (1.7, -1.4, .6)], [(1.8, -1.4, 1.2), (1.8, 1.4, 1.2), (1.7, 1.4, 1.2), (1.7, -1.4, 1.2)]], m)
        for y in (-.9, .9):
            s.limb((0, y, .5), (1.75, y, .5), .12, m)
        s.say(synonym="bulldozer")
    lo, hi = s.bounds()
    s.shot(lo, hi, (0, 360), (3, 30))


@family("forklift", "vehicle", ("fork lift",), later=True)
def forklift(s):
    r, m = s.rng, tint(s, "paint", ("yellow", "orange", "red", "blue", "green"))
    s.box((-.3, 0, .65), (1.7, 1, .6), m)
    s.box((-1, 0, .95), (.6, 1, .6), m if r.random() < .5 else DARK)
    for x, q in ((-.8, .26), (.45, .32)):
        for y in (-.5, .5):
            wheel(s, x, y, q, .2)
    for x in (-.9, .4):
        for y in (-.42, .42):
            s.limb((x, y, .9), (x * .9, y, 2.1), .04, DARK)
    s.box((-.25, 0, 2.12), (1.3, 1, .07), DARK if r.random() < .5 else m)
    s.box((-.35, 0, 1.05), (.5, .5, .15), DARK)
    s.box((-.6, 0, 1.35), (.1, .5, .5), DARK)
    for y in (-.3, .3):
        s.box((.75, y, 1.3), (.1, .1, 2.4), DARK)
    h = r.uniform(.1, 1.2)
    for y in (-.25, .25):
        s.box((1.35, y, h), (1.1, .12, .05), steel(s))
        s.box((.83, y, h + .3), (.06, .12, .6), steel(s))
    if r.random() < .5:
        for z in (h + .06, h + .16):
            for k in range(4):
                s.box((1.35, -.4 + k * .27, z), (1, .16, .05), M("wood", WOODS[2], 2))
        s.box((1.35, 0, h + .55), (.9, .9, .75), M("plain", (.5, .33, .17)))
        s.part("a pallet")
    s.shot((-1.3, -.6, 0), (1.9, .6, 2.4), (0, 360), (3, 30))


@family("crane", "vehicle", ("tower crane", "construction crane"), later=True)
def crane(s):
    r, m = s.rng, M("paint", s.rng.choice([(.8, .55, .03), (.7, .1, .04), (.8, .3, .04), (.75, .75, .73)]))
    h, j = r.uniform(12, 22), r.uniform(8, 14)

    def lattice(a, b, w):
        a, b = np.array(a, float), np.array(b, float)
        d = (b - a) / np.linalg.norm(b - a)
        u = np.cross(d, (0, 1, 0)) if abs(d[1]) < .9 else np.cross(d, (1, 0, 0))
        u /= np.linalg.norm(u)
        v = np.cross(d, u)
        n = int(np.linalg.norm(b - a) / w)
        c = [u * w / 2 + v * w / 2, u * w / 2 - v * w / 2, -u * w / 2 - v * w / 2, -u * w / 2 + v * w / 2]
        for k in range(4):
            s.limb(a + c[k], b + c[k], w * .08, m, n=4)
            for i in range(n):
                p, q = a + d * (i * w), a + d * ((i + 1) * w)
                s.limb(p + c[k], q + c[(k + 1) % 4], w * .05, m, n=4)
    lattice((0, 0, 0), (0, 0, h), 1.1)
    with s.at(0, 0, 0, rz=r.uniform(0, 6.3)):
        lattice((-j * .35, 0, h), (j, 0, h), .9)
        s.box((-j * .3, 0, h - .5), (1.8, 1, 1.2), M("concrete", (.4, .4, .38)))
        s.box((.9, .8, h - .2), (1, .8, 1.2), m)
        s.limb((0, 0, h), (0, 0, h + 3), .2, m)
        for x in (j * .8, -j * .3):
            s.limb((0, 0, h + 3), (x, 0, h + .4), .05, DARK)
        x, drop = r.uniform(.4, .9) * j, r.uniform(2, h * .7)
        s.limb((x, 0, h), (x, 0, h - drop), .05, DARK)
        s.box((x, 0, h - drop - .3), (1, .6, .5), DARK)
    if r.random() < .4:
        with s.at(5, 5):
            for z in range(4):
                s.box((0, 0, z * 3 + .15), (7, 6, .3), M("concrete", (.45, .44, .42)))
                for x in (-3, 0, 3):
                    for y in (-2.6, 2.6):
                        s.box((x, y, z * 3 + 1.5), (.4, .4, 3), M("concrete", (.4, .4, .38)))
    lo, hi = s.bounds()
    s.shot(lo, hi, (0, 360), (2, 25), (.8, 1.2))


@family("hot air balloon", "vehicle", ("airship", "blimp"), later=True)
def hot_air(s):
    r = s.rng
    n, ship = r.choice([1, 1, 3]), r.random() < .35
    s.backdrop = "sky"
    for k in range(n):
        with s.at(r.gauss(0, 9) * (n > 1), r.gauss(0, 9) * (n > 1), 9 + r.gauss(0, 4) * (n > 1)):
            a, b = any_tint(s, "fabric", BRIGHT + ("white",)), any_tint(s, "fabric", BRIGHT + ("white",))
            if ship:
                s.loft([[(x * 4, 1.2 * w * math.cos(t), 1.2 * w * math.sin(t)) for t in [i * math.pi / 10 for i in range(20)]] for x, w in ((-1.1, .05), (-.9, .5), (-.5, .88), (0, 1), (.5, .9), (.85, .55), (1, .1))], r.choice([a, M("metal", (.5, .5, .5)), WHITE]), smooth=True)
                for t in range(4):
                    with s.at(-3.6, 0, 0, rx=t * math.pi / 2):
                        s.prism([(-.8, .2), (.5, .5), (0, 1.5), (-.8, 1.5)], .08, b)
                s.box((.3, 0, -1.4), (1.5, .6, .5), DARK)
            else:
                bands = r.choice([8, 12, 16])
                for t in range(bands):
                    s.lathe([(.25, -2.6), (.9, -1.6), (1.75, -.3), (2, .6), (1.75, 1.6), (1, 2.35), (.01, 2.6)], a if t % 2 else b, n=2, start=t * 2 * math.pi / bands, turn=2 * math.pi / bands)
                for x in (-.25, .25):
                    for y in (-.25, .25):
                        s.limb((x, y, -2.6), (x, y, -3.4), .02, DARK, n=4)
                s.box((0, 0, -3.6), (.7, .7, .55), M("wood", (.35, .2, .09), 3))
    s.say(synonym="airship" if ship else "")
    if s.light not in ("studio", "black"):
        s.floor(s.cover(M("grass", (.1, .2, .05), .1)), 900, -14)
        s.dark or trees(s, 0, 10, 60)
        for _ in range(12):
            x, y = r.gauss(0, 40), r.gauss(0, 40)
            with s.at(x, y, -14):
                tree(s, r.uniform(4, 8), "round")
    s.shot((-5, -5, 4) if n == 1 else (-10, -10, 0), (5, 5, 12) if n == 1 else (10, 10, 15), (0, 360), (-12, 18))


@family("submarine", "vehicle", (), later=True)
def submarine(s):
    r, m = s.rng, r_paint(s)
    s.loft([[(x * 4, .9 * w * math.cos(t), 1.5 + .9 * w * math.sin(t)) for t in [i * math.pi / 8 for i in range(16)]] for x, w in ((-1.15, .08), (-.9, .5), (-.5, .95), (.6, 1), (.9, .8), (1.05, .1))], m, smooth=True)
    s.loft([[(x, y, z) for x, y in ((-.2, -.3), (.9, -.3), (1.2, 0), (.9, .3), (-.2, .3))] for z in (2.2, 3.3)], m)
    s.limb((.3, 0, 3.3), (.3, 0, 4), .05, DARK)
    for t in range(4):
        with s.at(-3.9, 0, 1.5, rx=t * math.pi / 2):
            s.prism([(-.4, .1), (.3, .3), (.1, 1), (-.4, 1)], .08, m)
    for x in (-.8, .4, 1.6):
        s.cyl((x, -.85, 1.5), .2, .1, GLASS, rx=math.pi / 2)
    if s.light not in ("studio", "black"):
        s.backdrop = "sea"
        s.floor(M("water", (.02, .07, .1)), 900, 1.3)
    s.shot((-4.5, -1, .6), (4.3, 1, 3.8), (0, 360), (3, 25))


def r_paint(s):
    return tint(s, "paint", ("gray", "black", "yellow", "red", "blue", "white"))


@family("boat", "vehicle", ("rowboat", "canoe", "motorboat", "speedboat"), later=True)
def boat(s):
    r, m = s.rng, s.rng.choice([M("wood", WOODS[0], 1), None])
    m = m or tint(s, "paint")
    long, w = r.uniform(1.5, 2.5), r.uniform(.5, .85)
    inner = M("wood", r.choice(WOODS), 1)
    for k, mat in ((0, m), (.06, inner)):
        rows = [[(x * long * (1 - k * .5), y * ww * (w - k), z) for y, z in ((-1, .62 + .25 * x * x), (-.8, .3 + k), (-.35, .08 + k), (.35, .08 + k), (.8, .3 + k), (1, .62 + .25 * x * x))] for x, ww in ((-1, .55), (-.5, .95), (0, 1), (.5, .85), (.8, .5), (1.05, .03))]
        faces = [(i * 6 + j, i * 6 + j + 1, i * 6 + j + 7, i * 6 + j + 6) for i in range(5) for j in range(5)]
        s.add([p for row in rows for p in row], faces + [(0, 1, 2, 3, 4, 5)], mat)
    for x in (-.6, 0, .5):
        s.box((x * long, 0, .42), (.22, w * 1.6, .05), inner)
    if r.random() < .6:
        for q in (-1, 1):
            s.limb((0, q * w * .6, .6), (-.5, q * w * 2.4, .15), .03, inner)
            s.ball((-.55, q * w * 2.6, .12), .2, inner, squash=(.6, 1.3, .15))
    if s.light not in ("studio", "black"):
        s.backdrop = "sea"
        s.floor(M("water", r.choice([(.03, .1, .12), (.02, .14, .18)])), 400, .28)
    s.shot((-long, -w, 0), (long, w, .9), (0, 360), (6, 40))


@family("satellite", "space", ("space probe", "rover", "lander"), later=True)
def satellite(s):
    r = s.rng
    foil = r.choice([M("gold", (.7, .45, .1)), M("metal", (.5, .5, .5)), WHITE])
    s.box((0, 0, 0), (1.2, 1.2, r.uniform(1.2, 2)), foil)
    for q in (-1, 1):
        s.limb((0, q * .6, 0), (0, q * 1.0, 0), .05, CHROME)
        for k in range(r.choice([2, 3, 4])):
            with s.at(0, q * (1.6 + k * 1.15), 0, ry=.3):
                s.box((0, 0, 0), (1.3, 1.1, .05), M("panel", (.03, .06, .3), 3))
    with s.at(0, 0, .9, rx=r.uniform(-.8, .8)):
        s.lathe([(.02, .2), (.4, .3), (.75, .6), (.72, .62), (.4, .36), (.02, .25)], WHITE, n=28)
        s.limb((0, 0, .2), (0, 0, .8), .03, CHROME)
    for _ in range(5):
        s.limb((r.uniform(-.6, .6), r.uniform(-.6, .6), -.7), (r.uniform(-.8, .8), r.uniform(-.8, .8), -1.3), .03, CHROME)
    if r.random() < .4 and s.light == "space":
        s.ball((30, 20, -34), 26, M("planet", (.08, .2, .45), .12), n=48)
        s.part("a planet")
    s.shot((-.8, -3, -1), (.8, 3, 1.5), (0, 360), (-20, 45), (.8, 1.2))


@family("cannon", "vehicle", ("catapult",), later=True)
def cannon(s):
    r, m = s.rng, s.rng.choice([DARK, M("metal", (.15, .15, .16)), M("gold", (.5, .3, .1))])
    with s.at(0, 0, .85, ry=math.pi / 2 - r.uniform(.05, .5)):
        s.lathe([(.01, -1), (.12, -.98), (.1, -.85), (.32, -.8), (.34, -.3), (.27, -.2), (.24, .9), (.3, 1), (.3, 1.1), (.2, 1.1), (.19, .4), (.01, .4)], m, n=28)
    wood = M("wood", r.choice(WOODS), 2)
    for y in (-.45, .45):
        s.torus((0, y, .6), .52, .07, wood, rx=math.pi / 2)
        for k in range(10):
            s.limb((0, y, .6), (.52 * math.cos(k * .628), y, .6 + .52 * math.sin(k * .628)), .035, wood, n=6)
        s.limb((.2, y * .6, .8), (-1.6, y * .4, .1), .1, wood, n=4)
    if r.random() < .5:
        for x, y, z in ((.9, .8, .15), (1.2, .8, .15), (1.05, .8, .4), (1.05, 1.05, .15)):
            s.ball((x, y, z), .15, DARK)
    s.shot((-1.4, -.6, 0), (1.3, .6, 1.4), (0, 360), (3, 30))


# --- machines -------------------------------------------------------------------------------------------------------

@family("conveyor belt", "object", ("conveyor", "assembly line"), later=True)
def conveyor(s):
    r, m = s.rng, r_paint(s)
    long, n = r.uniform(3, 7), r.randint(2, 6)
    for y in (-.5, .5):
        s.box((0, y, .8), (long, .08, .2), m)
    rollers = r.random() < .5
    for k in range(int(long / .22)):
        x = -long / 2 + k * .22 + .1
        if rollers:
            s.cyl((x, .46, .82), .08, .92, CHROME, rx=math.pi / 2, n=10)
    if not rollers:
        s.box((0, 0, .86), (long, .92, .06), DARK)
    for x in np.linspace(-long / 2 + .2, long / 2 - .2, max(2, int(long / 1.5))):
        for y in (-.5, .5):
            s.box((x, y, .4), (.1, .1, .8), m)
    for k in range(n):
        x, q = -long / 2 + (k + .5) * long / n, r.uniform(.35, .6)
        if r.random() < .8:
            s.box((x, 0, .9 + q / 2), (q, q * 1.1, q), r.choice([M("plain", (.5, .33, .17)), any_tint(s)]), rz=r.uniform(-.3, .3))
        else:
            s.cyl((x, 0, .9), q * .4, q, any_tint(s, "plastic"))
    s.part("boxes")
    lo, hi = s.bounds()
    s.shot(lo, hi, (0, 360), (8, 40), (.9, 1.5))


@family("machine", "object", ("industrial machine", "generator", "printer"), later=True)
def machine(s):
    r, m = s.rng, r_paint(s)
    w, d, h = r.uniform(1.4, 2.4), r.uniform(1, 1.5), r.uniform(1.1, 2)
    s.box((0, 0, h / 2), (w, d, h), m)
    other = r.choice([DARK, CHROME, any_tint(s)])
    for _ in range(r.randint(4, 10)):
        x, z, q = r.uniform(-w / 2, w / 2) * .8, r.uniform(.2, .9) * h, r.uniform(.1, .35)
        k = r.random()
        if k < .3:
            s.cyl((x, -d / 2, z), q * .6, .12, r.choice([CHROME, DARK, WHITE]), rx=math.pi / 2)
        elif k < .6:
            s.box((x, -d / 2, z), (q * 1.5, .1, q), other)
        elif k < .8:
            s.tube([(x, -d / 2, z), (x, -d / 2 - .3, z), (x, -d / 2 - .3, h + .2), (x, 0, h + .2)], .07, CHROME)
        else:
            s.ball((x, -d / 2, z), .06, M("glow", COLORS[r.choice(["red", "green", "yellow"])], 3))
    for _ in range(r.randint(1, 4)):
        s.cyl((r.uniform(-.4, .4) * w, r.uniform(-.3, .3) * d, h), r.uniform(.12, .4), r.uniform(.2, .9), r.choice([other, steel(s), m]))
    s.box((w * .35, -d / 2 - .05, h * .75), (w * .22, .06, h * .25), M("glow", (.1, .3, .6), 1))
    front(s, (3, 30), 65)


@family("server rack", "object", ("data center", "servers", "server room"), later=True)
def rack(s):
    r, n = s.rng, s.rng.choice([1, 1, 3, 5])
    for k in range(n):
        with s.at(k * .72, 0):
            s.box((0, .05, 1), (.7, .9, 2), M("plastic", (.03, .03, .035)))
            z = .1
            while z < 1.85:
                h = r.choice([.08, .08, .16, .24])
                s.box((0, -.42, z + h / 2), (.6, .06, h * .88), r.choice([M("metal", (.2, .2, .21)), M("metal", (.06, .06, .065)), M("metal", (.4, .4, .41))]))
                for i in range(r.randint(1, 8)):
                    s.box((-.26 + i * .035, -.455, z + h / 2), (.018, .01, .018), M("glow", r.choice([(.1, 1, .2), (.1, .4, 1), (1, .5, .1)]), 5))
                z += h
    if n > 3:
        s.say(synonym="data center")
    front(s, (2, 22), 55, (.9, 1.5))


@family("solar panel", "vehicle", ("solar panels",), later=True)
def solar(s):
    r, n = s.rng, s.rng.choice([1, 3, 12, 24])
    for k in range(n):
        with s.at(k % 4 * 2.3, k // 4 * 3, .9, rx=r.uniform(.45, .55)):
            s.box((0, 0, 0), (2.1, 1.3, .06), M("panel", (.02, .04, .16), 4))
            for x, y, w, d in ((0, .65, 2.15, .05), (0, -.65, 2.15, .05), (1.05, 0, .05, 1.3), (-1.05, 0, .05, 1.3)):
                s.box((x, y, .01), (w, d, .09), CHROME)
            for i in range(5):
                s.box((-.7 + i * .35, 0, .035), (.015, 1.25, .01), M("metal", (.5, .5, .55)))
        s.limb((k % 4 * 2.3, k // 4 * 3 + .2, .9), (k % 4 * 2.3, k // 4 * 3 + .2, 0), .06, CHROME)
    s.say(synonym="solar panels" if n > 1 else "")
    lo, hi = s.bounds()
    s.shot(lo, hi, (-150, -30), (6, 40))


@family("telescope", "object", ("microscope", "binoculars"), later=True)
def telescope(s):
    r = s.rng
    m = r.choice([WHITE, DARK, GOLD, any_tint(s)])
    if r.random() < .6:
        for a in (0, 2.1, 4.2):
            s.limb((0, 0, 1.2), (.7 * math.cos(a), .7 * math.sin(a), 0), .05, r.choice([DARK, M("wood", WOODS[0], 3)]))
        with s.at(0, 0, 1.35, ry=r.uniform(.6, 1.4)):
            s.cyl((0, 0, -.8), .13, 2, m, r2=.18)
            s.cyl((0, 0, 1.1), .21, .25, DARK)
            s.cyl((0, 0, -1.05), .06, .3, DARK)
    else:
        s.box((0, 0, .06), (1, .8, .12), m)
        s.tube([(0, .3, .1), (0, .4, .8), (0, .25, 1.4)], .12, m)
        s.box((0, -.05, .6), (.7, .6, .06), DARK)
        with s.at(0, 0, 1.2, rx=.25):
            s.cyl((0, 0, -.3), .09, 1.1, CHROME)
            s.cyl((0, 0, .75), .13, .25, DARK)
            s.cyl((0, 0, -.5), .05, .25, CHROME)
        s.say(synonym="microscope")
    front(s, (2, 28), 80)


@family("turbine", "object", ("jet engine", "fan blades"), later=True)
def turbine(s):
    r, m, n = s.rng, steel(s), s.rng.choice([12, 18, 24])
    with s.at(0, 0, 1.3, rx=math.pi / 2):
        s.lathe([(1.15, 1), (1.25, .8), (1.3, 0), (1.1, -1.6), (.8, -2), (.75, -2), (1.05, -1.5), (1.2, .2), (1.1, 1)], any_tint(s, "paint", ("white", "gray", "blue")), n=44)
        s.lathe([(.005, 1.0), (.2, .75), (.34, .4), (.34, -.5)], m, n=28)
        for k in range(n):
            with s.at(rz=k * 2 * math.pi / n):
                s.loft([[(x, -.1, .45), (x, .05, .25), (x, .1, .23), (x, -.05, .47)] for x in (.3, 1.15)], m)
    front(s, (0, 22), 55)


# --- structures -----------------------------------------------------------------------------------------------------

@family("tower", "outdoor", ("water tower", "cooling tower", "radio tower", "clock tower", "watchtower"), later=True)
def tower(s):
    r = s.rng
    yard(s)
    trees(s, r.choice([0, 5, 12]), 14, 50)
    kind = r.choice(["water", "cooling", "lattice", "clock", "stone"])
    if kind == "cooling":
        for k in range(r.choice([1, 2, 3])):
            with s.at(k * 22, r.uniform(-3, 3)):
                m = M(r.choice(["concrete", "plain"]), r.choice([(.5, .49, .47), (.6, .58, .55)]), .2)
                s.lathe([(9, 0), (7, 6), (5.6, 13), (5.4, 16), (6.1, 20), (5.8, 20), (5.1, 16), (5.1, 13)], m, n=40)
                if r.random() < .7:
                    s.emit_smoke((0, 0, 20), 3.5)
    elif kind == "water":
        h, m = r.uniform(8, 14), r_paint(s)
        for k in range(6):
            a = k * math.pi / 3
            s.limb((3 * math.cos(a), 3 * math.sin(a), 0), (2.2 * math.cos(a), 2.2 * math.sin(a), h), .15, m)
            s.limb((2.7 * math.cos(a), 2.7 * math.sin(a), h * .4), (2.5 * math.cos(a + 1.05), 2.5 * math.sin(a + 1.05), h * .75), .06, m)
        s.lathe([(.01, h - 1.2), (2, h - .5), (2.9, h + 1), (2.9, h + 3), (2, h + 4.3), (.01, h + 5)] if r.random() < .6 else [(2.5, h), (2.5, h + 3.5), (.01, h + 5)], m, n=30)
        s.cyl((0, 0, 0), .35, h, m)
        s.say(synonym="water tower")
    elif kind == "lattice":
        h, w, m = r.uniform(16, 30), r.uniform(2, 4), M("paint", r.choice([(.6, .1, .06), (.35, .35, .36), (.4, .25, .15)]))
        last = None
        for k in range(11):
            t = k / 10
            q = w * (1 - t) ** 1.6 + .3
            ring = [(q, q, h * t), (-q, q, h * t), (-q, -q, h * t), (q, -q, h * t)]
            for i in range(4):
                s.limb(ring[i], ring[(i + 1) % 4], .08, m, n=5)
                if last:
                    s.limb(last[i], ring[i], .14, m, n=5)
                    s.limb(last[i], ring[(i + 1) % 4], .07, m, n=5)
            last = ring
        s.limb((0, 0, h), (0, 0, h * 1.15), .08, m)
    else:
        m, h, w = r.choice([stone(s), M("brick", (.4, .15, .09))]), r.uniform(10, 18), r.uniform(2.5, 4)
        if r.random() < .5 and kind == "stone":
            s.cyl((0, 0, 0), w * .7, h, m, n=28, smooth=True)
            s.cyl((0, 0, h), w * .85, 1, m, n=28)
            for k in range(10):
                s.box((w * .8 * math.cos(k * .628), w * .8 * math.sin(k * .628), h + 1.4), (.6, .6, .8), m, rz=k * .628)
        else:
            s.box((0, 0, h / 2), (w, w, h), m)
            s.prism([(-w * .6, h), (w * .6, h), (0, h + w * 1.2)], w * 1.1, M("tile", (.4, .12, .06)))
            if kind == "clock":
                for k in range(4):
                    with s.at(0, 0, h * .85, rz=k * math.pi / 2):
                        s.cyl((0, -w / 2, 0), w * .33, .15, WHITE, rx=math.pi / 2, n=30)
                        s.box((0, -w / 2 - .2, w * .1), (.12, .1, w * .28), DARK)
                        s.box((w * .08, -w / 2 - .2, 0), (w * .2, .1, .12), DARK)
                s.say(synonym="clock tower")
        for k in range(int(h / 3)):
            s.box((0, -w / 2 if kind == "clock" else -w * .69, 2 + k * 3), (.6, .12, 1.2), DARK)
    lo, hi = (-6, -6, 0), (6, 6, 20)
    s.shot(lo, hi, (-150, -30), (1, 22), (.8, 1.2))


@family("fountain", "outdoor", ("well",), later=True)
def fountain(s):
    r, m = s.rng, stone(s)
    yard(s, ("tiles", "concrete", "grass", "dirt"))
    trees(s, r.choice([0, 6]), 9, 30)
    if r.random() < .65:
        s.lathe([(3, 0), (3.1, .8), (2.8, .8), (2.7, .2)], m, n=40)
        s.cyl((0, 0, .5), 2.75, .05, M("water", (.05, .15, .2)))
        s.lathe([(.5, 0), (.25, .6), (.22, 1.6), (1.5, 1.9), (1.6, 2.1), (.2, 1.9), (.15, 2.6), (.7, 2.8), (.75, 2.95), (.01, 2.9)], m, n=32)
        for k in range(14):
            a = k * .449
            s.tube([(.2 * math.cos(a), .2 * math.sin(a), 3), (.7 * math.cos(a), .7 * math.sin(a), 3.6), (1.6 * math.cos(a), 1.6 * math.sin(a), 2.4), (2 * math.cos(a), 2 * math.sin(a), .6)], .05, M("foam", (.75, .82, .86)), n=5)
    else:
        s.lathe([(1, 0), (1, .9), (.8, .9), (.8, .1)], m, n=24, smooth=False)
        wood = M("wood", r.choice(WOODS))
        for x in (-.9, .9):
            s.box((x, 0, 1.3), (.15, .15, 2), wood)
        s.prism([(-1.5, 2.2), (1.5, 2.2), (0, 3.1)], 1.5, M("tile", (.35, .15, .08)))
        s.cyl((-.9, 0, 1.7), .1, 1.8, wood, ry=math.pi / 2)
        s.cyl((0, 0, 1), .18, .3, wood)
        s.say(synonym="well")
    s.shot((-2.5, -2.5, 0), (2.5, 2.5, 3.2), (0, 360), (5, 35), (.8, 1.2))


@family("fence", "outdoor", ("wall", "brick wall", "gate", "railing"), later=True)
def fence(s):
    r = s.rng
    yard(s, ("grass", "dirt", "asphalt", "concrete"))
    kind = r.choice(["pickets", "rails", "brick", "brick", "mesh", "stone"])
    long = 14
    if kind == "pickets":
        m = r.choice([WHITE, M("wood", r.choice(WOODS))])
        for k in range(int(long / .28)):
            x = -long / 2 + k * .28
            s.prism([(x - .09, 0), (x + .09, 0), (x + .09, 1.1), (x, 1.25), (x - .09, 1.1)], .05, m)
        for z in (.35, .9):
            s.box((0, .06, z), (long, .06, .1), m)
    elif kind == "rails":
        m = M("wood", r.choice(WOODS))
        for k in range(7):
            x = -long / 2 + k * long / 6
            s.box((x, 0, .6), (.16, .16, 1.3), m)
        for z in (.35, .75, 1.1):
            s.box((0, 0, z), (long, .06, .14), m)
    elif kind == "mesh":
        for k in range(7):
            s.cyl((-long / 2 + k * long / 6, 0, 0), .05, 2.2, CHROME)
        for k in range(70):
            x = -long / 2 + k * .2
            s.limb((x, 0, 0), (x + 1.5, 0, 2.1), .012, CHROME, n=3)
            s.limb((x + 1.5, 0, 0), (x, 0, 2.1), .012, CHROME, n=3)
    else:
        m = M("brick", r.choice([(.42, .14, .08), (.5, .3, .2), (.35, .33, .3)])) if kind == "brick" else M("ashlar", r.choice(STONE))
        h = r.uniform(1.8, 4)
        s.box((0, 0, h / 2), (long * 1.6, .4, h), m)
        if r.random() < .5:
            s.box((0, 0, h + .08), (long * 1.6, .5, .16), stone(s))
        s.say(synonym="brick wall" if kind == "brick" else "wall")
    if r.random() < .5:
        for _ in range(8):
            x = r.uniform(-6, 6)
            with s.at(x, r.uniform(.8, 4)):
                tree(s, r.uniform(3, 6), "round")
    s.shot((-2.5, -.4, 0), (2.5, .4, 1.8), (-140, -40), (3, 22), (.9, 1.5))


@family("arch", "outdoor", ("gate", "archway", "column", "columns", "monument", "obelisk"), later=True)
def arch(s):
    r, m = s.rng, stone(s)
    yard(s)
    trees(s, r.choice([0, 4, 10]), 12, 40)
    kind = r.choice(["arch", "columns", "obelisk"])
    if kind == "arch":
        w, h, d = r.uniform(2, 4), r.uniform(3, 5), r.uniform(1, 2.5)
        pts = [(-w - 1.5, 0), (-w, 0), (-w, h)] + [(-w * math.cos(a), h + w * math.sin(a)) for a in [k * math.pi / 12 for k in range(1, 12)]] + [(w, h), (w, 0), (w + 1.5, 0), (w + 1.5, h + w + 1.5), (-w - 1.5, h + w + 1.5)]
        left, right = pts[:3 + 6] + [(0, h + w + 1.5), (-w - 1.5, h + w + 1.5)], None
        del left, right
        for x in (-w - .75, w + .75):
            s.box((x, 0, h / 2), (1.5, d, h), m)
        for k in range(15):
            a = (k + .5) * math.pi / 15
            with s.at((w + .7) * math.cos(a), 0, h + (w + .7) * math.sin(a), ry=math.pi / 2 - a):
                s.box((0, 0, 0), ((w + .7) * .24, d, 1.5), m)
        if r.random() < .6:
            s.box((0, 0, h + w + 1.9), (2 * w + 4, d * 1.1, 1.2), m)
    elif kind == "columns":
        n, ring = r.choice([1, 2, 4, 8]), r.random() < .4
        for k in range(n):
            a = k * 2 * math.pi / n
            with s.at(*(((3 + n * .3) * math.cos(a), (3 + n * .3) * math.sin(a)) if ring and n > 2 else ((k - n / 2) * 3, 0))):
                s.box((0, 0, .2), (1.7, 1.7, .4), m)
                s.lathe([(.7, .4), (.62, .8), (.52, 5.5), (.75, 6)], m, n=16, smooth=False)
                s.box((0, 0, 6.2), (1.7, 1.7, .4), m)
    else:
        s.box((0, 0, .5), (3, 3, 1), m)
        s.box((0, 0, 1.3), (2, 2, .8), m)
        s.loft([[(-.8, -.8, 1.7), (.8, -.8, 1.7), (.8, .8, 1.7), (-.8, .8, 1.7)], [(-.5, -.5, 9), (.5, -.5, 9), (.5, .5, 9), (-.5, .5, 9)], [(-.02, -.02, 10), (.02, -.02, 10), (.02, .02, 10), (-.02, .02, 10)]], m)
    s.say(synonym="" if kind == "arch" else kind if kind == "columns" else "obelisk")
    s.shot((-4, -2, 0), (4, 2, 7), (-140, -40), (2, 25), (.8, 1.2))


@family("tent", "outdoor", ("tents", "camp", "igloo"), later=True)
def tent(s):
    r = s.rng
    yard(s, ("grass", "dirt", "sand"))
    trees(s, r.choice([0, 8, 20]), 7, 40)
    n = r.choice([1, 1, 3])
    for k in range(n):
        with s.at(k * 4 - (n - 1) * 2, r.uniform(-1, 1), 0, rz=r.uniform(-.5, .5)):
            m, kind = any_tint(s, "fabric"), r.choice(["ridge", "dome", "cone"])
            if kind == "ridge":
                for q in (-1, 1):
                    s.add([(q * 1.4, -1.5, 0), (q * 1.4, 1.5, 0), (0, 1.5, 1.7), (0, -1.5, 1.7)], [(0, 1, 2, 3)], m)
                    s.add([(q * 1.4, -1.5, 0), (q * .25, -1.5, 0), (0, -1.5, 1.7)], [(0, 1, 2)], m)
                s.add([(-1.4, 1.5, 0), (1.4, 1.5, 0), (0, 1.5, 1.7)], [(0, 1, 2)], m)
                s.add([(-.3, -1.4, 0), (.3, -1.4, 0), (0, -1.4, 1.6)], [(0, 1, 2)], DARK)
            elif kind == "dome":
                s.ball((0, 0, 0), 1.7, m, squash=(1, 1, .85), n=12, smooth=False)
                s.prism([(-.5, 0), (.5, 0), (.35, .9), (-.35, .9)], 3.2, DARK)
            else:
                s.cyl((0, 0, 0), 1.6, 3, m, r2=.12, n=14, smooth=False)
                for a in range(5):
                    s.limb((0, 0, 2.7), (.3 * math.cos(a * 1.26), .3 * math.sin(a * 1.26), 3.5), .03, M("wood", WOODS[0]))
                s.prism([(-.4, 0), (.4, 0), (0, 1.5)], 2.9, DARK)
    if r.random() < .4:
        with s.at(0, -3.2):
            s.emit_fire((0, 0, 0), .5)
        s.part("a fire")
    s.shot((-2 * n, -2, 0), (2 * n, 2, 2.5), (-130, -50), (3, 25), (.8, 1.2))


@family("barn", "outdoor", ("farm", "shed", "silo", "greenhouse"), later=True)
def barn(s):
    r = s.rng
    yard(s, ("grass", "dirt", "grass"))
    trees(s, r.choice([0, 6]), 18, 50)
    m = r.choice([M("paint", (.45, .06, .04)), M("paint", (.45, .06, .04)), M("wood", r.choice(WOODS), .5), M("corrugated", (.4, .42, .43))])
    w, d, h = r.uniform(3, 5), r.uniform(8, 13), r.uniform(3, 4.5)
    pts = [(-w, 0), (w, 0), (w, h), (w * .6, h + 2), (0, h + 3.2), (-w * .6, h + 2), (-w, h)]
    s.prism(pts, d, m)
    roof = M("corrugated", r.choice([(.3, .3, .31), (.2, .1, .07)]))
    for (x0, z0), (x1, z1) in zip(pts[2:], pts[3:]):
        s.add([(x0 * 1.05, -d / 2 - .3, z0 + .1), (x0 * 1.05, d / 2 + .3, z0 + .1), (x1 * 1.05, d / 2 + .3, z1 + .12), (x1 * 1.05, -d / 2 - .3, z1 + .12)], [(0, 1, 2, 3)], roof)
    s.box((0, -d / 2 - .05, 1.5), (3, .1, 3), WHITE)
    s.box((0, -d / 2 - .08, 1.5), (2.7, .1, 2.7), m)
    for q in (-1, 1):
        s.limb((-1.3, -d / 2 - .15, .1), (1.3 * q if q > 0 else 1.3, -d / 2 - .15, 2.9), .08, WHITE, n=4)
    s.box((0, -d / 2 - .05, h + 1), (1.2, .1, 1.2), WHITE)
    if r.random() < .5:
        for k in range(r.choice([1, 2])):
            s.cyl((w + 2.5 + k * 3.5, 2, 0), 1.5, 9, M("corrugated", (.5, .5, .5)), n=26)
            s.ball((w + 2.5 + k * 3.5, 2, 9), 1.5, M("metal", (.5, .5, .5)))
        s.part("a silo")
    if r.random() < .4:
        for k in range(9):
            s.box((-10 + k * 2, -9, .6), (.15, .15, 1.2), WHITE)
        s.box((-2, -9, .9), (16, .06, .15), WHITE)
    s.shot((-w, -d / 2, 0), (w + 2, d / 2, h + 3), (-140, -40), (2, 25), (.8, 1.2))


@family("container", "vehicle", ("shipping container", "containers"), later=True)
def container(s):
    r, n = s.rng, s.rng.choice([1, 1, 2, 6, 10])
    for k in range(n):
        with s.at(k // 3 * 3, r.uniform(-.1, .1), k % 3 * 2.6 if n > 1 else 0):
            m = any_tint(s, "paint", ("red", "blue", "green", "orange", "white", "gray", "brown", "turquoise"))
            s.box((0, 0, 1.3), (2.4, 6, 2.5), m)
            for i in range(22):
                y = -2.8 + i * .266
                for x in (-1.22, 1.22):
                    s.box((x, y, 1.3), (.08, .12, 2.3), m)
            for x in (-1.2, 1.2):
                for y in (-3, 3):
                    s.box((x, y, 1.3), (.14, .14, 2.6), m)
            for x in (-.8, -.3, .3, .8):
                s.cyl((x, -3.06, .2), .04, 2.2, CHROME)
            s.box((0, -3.03, 1.3), (.03, .04, 2.4), DARK)
    s.say(synonym="containers" if n > 1 else "shipping container")
    lo, hi = s.bounds()
    s.shot(lo, hi, (-150, 30), (2, 32))


@family("street lamp", "vehicle", ("lamppost", "street light", "lantern"), later=True)
def street_lamp(s):
    r, m = s.rng, s.rng.choice([DARK, M("metal", (.2, .2, .2)), M("paint", (.03, .1, .05))])
    lit = s.light in ("night", "neon", "black", "sunset")
    glow = M("glow", (1, .75, .4), 6 if lit else 1)
    h, kind = r.uniform(3, 5), r.choice(["lantern", "arm", "two", "hand"])
    if kind == "hand":
        h = .2
        s.cyl((0, 0, 0), .4, .15, m)
        s.tube([(.35 * math.cos(a), 0, 1.2 + .45 * math.sin(a)) for a in [k * math.pi / 8 for k in range(9)]], .03, m)
    else:
        s.cyl((0, 0, 0), .22, .5, m, r2=.14)
        s.cyl((0, 0, .4), .1, h, m, r2=.07)
    spots = [(0, 0, h + .4)] if kind in ("lantern", "hand") else [(-.8, 0, h + .3), (.8, 0, h + .3)] if kind == "two" else [(1, 0, h + .3)]
    for x, y, z in spots:
        if x:
            s.tube([(0, 0, h + .2), (x * .5, 0, h + .6), (x, 0, h + .5)], .05, m)
        if kind == "arm":
            s.box((x + .1, 0, z + .15), (.7, .25, .12), m)
            s.box((x + .1, 0, z + .08), (.55, .2, .04), glow)
        else:
            if kind == "hand":
                z = .2
            s.loft([[(x + q * a, q * b, z + dz) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))] for q, dz in ((.14, 0), (.24, .5))], glow)
            for a in (-1, 1):
                for b in (-1, 1):
                    s.limb((x + .14 * a, .14 * b, z), (x + .24 * a, .24 * b, z + .5), .02, m, n=4)
            s.cyl((x, 0, z + .5), .36, .3, m, r2=.03, n=4, smooth=False)
        if lit:
            s.lamp((x, 0, z + .2), (1, .75, .4), 60)
    s.say(synonym="lantern" if kind == "hand" else "lamppost" if r.random() < .5 else "")
    lo, hi = s.bounds()
    s.shot(lo, hi, (0, 360), (0, 20), (.8, 1.2))


@family("traffic light", "vehicle", ("traffic lights", "traffic sign", "road sign", "stop sign"), later=True)
def traffic(s):
    r = s.rng
    s.cyl((0, 0, 0), .08, 3, r.choice([CHROME, DARK]))
    if r.random() < .55:
        n = r.choice([1, 2])
        on = r.randrange(3)
        for k in range(n):
            with s.at(0, 0, 3, rz=k * 1.57):
                s.box((0, -.1, .5), (.5, .3, 1.4), r.choice([DARK, M("paint", (.8, .6, .03))]))
                for i, c in enumerate(((1, .04, .02), (1, .6, .03), (.05, 1, .2))):
                    s.cyl((0, -.25, .95 - i * .45), .17, .04, M("glow", c, 5) if i == on else M("plain", [v * .25 for v in c]), rx=math.pi / 2)
                    s.cyl((0, -.25, 1.1 - i * .45), .2, .2, DARK, rx=math.pi / 2, r2=.2) if False else s.box((0, -.34, 1.14 - i * .45), (.4, .2, .03), DARK)
    else:
        kind = r.choice(["stop", "round", "triangle", "arrow"])
        if kind == "triangle":
            s.prism([(-.6, 2.4), (.6, 2.4), (0, 3.4)], .05, M("paint", (.65, .03, .03)))
            s.prism([(-.4, 2.5), (.4, 2.5), (0, 3.18)], .08, WHITE)
        elif kind == "arrow":
            m = any_tint(s, "paint", ("green", "blue", "white", "brown"))
            s.prism([(-.8, 2.5), (.6, 2.5), (.95, 2.75), (.6, 3), (-.8, 3)], .06, m)
        else:
            s.cyl((0, 0, 2.9), .6, .05, M("paint", (.65, .03, .03)), rx=math.pi / 2, n=8 if kind == "stop" else 36)
            s.cyl((0, -.06, 2.9), .45, .02, WHITE if kind == "round" else M("paint", (.65, .03, .03)), rx=math.pi / 2, n=36)
            s.box((0, -.1, 2.9), (.6, .02, .15), WHITE if kind == "stop" else DARK)
        s.say(synonym="road sign")
    s.shot((-.6, -.4, 1.2), (.6, .4, 4), (-130, -50), (-5, 15), (.7, 1.2))


@family("fire hydrant", "object", ("hydrant",), later=True)
def hydrant(s):
    r, m = s.rng, tint(s, "paint", ("red", "red", "yellow", "blue", "orange"))
    s.lathe([(.42, 0), (.42, .1), (.28, .12), (.26, .9), (.34, .92), (.34, 1.0), (.28, 1.02), (.22, 1.22), (.08, 1.32), (.01, 1.33)], m, n=24)
    s.cyl((0, 0, 1.3), .07, .12, m, n=5)
    for a in (0, math.pi):
        s.limb((0, 0, .7), (.42 * math.cos(a), .42 * math.sin(a), .7), .13, m)
        s.limb((.38 * math.cos(a), .38 * math.sin(a), .7), (.5 * math.cos(a), .5 * math.sin(a), .7), .1, CHROME if r.random() < .4 else m, n=6)
    s.cyl((0, -.25, .6), .17, .2, m, rx=math.pi / 2)
    front(s, (2, 28), 90)


@family("bench", "object", ("park bench",), later=True)
def bench(s):
    r, m = s.rng, M("wood", s.rng.choice(WOODS), 2) if s.rng.random() < .75 else any_tint(s)
    w = r.uniform(1.3, 2.2)
    for k in range(4):
        s.box((0, -.22 + k * .14, .45), (w, .11, .04), m)
    if r.random() < .75:
        for k in range(3):
            s.box((0, .28 + k * .04, .6 + k * .15), (w, .03, .11), m, rx=-.2)
    legs = r.choice([DARK, m, stone(s)])
    for x in (-w * .4, w * .4):
        s.box((x, -.2, .22), (.07, .07, .44), legs)
        s.box((x, .24, .48), (.07, .07, .96), legs)
        s.box((x, 0, .4), (.06, .5, .05), legs)
    front(s, (4, 30), 60)


@family("playground", "outdoor", ("swing", "slide", "carousel", "ferris wheel"), later=True)
def playground(s):
    r = s.rng
    yard(s, ("grass", "sand", "grass"))
    trees(s, r.choice([0, 8]), 14, 40)
    kind = r.choice(["swing", "slide", "ferris"])
    if kind == "ferris":
        h, m = r.uniform(7, 10), any_tint(s)
        for y in (-1, 1):
            s.torus((0, y, h), h * .85, .12, m, rx=math.pi / 2, n=48, k=6)
            for k in range(12):
                s.limb((0, y, h), (h * .85 * math.cos(k * .5236), y, h + h * .85 * math.sin(k * .5236)), .07, m, n=5)
            for x in (-3, 3):
                s.limb((0, y * 1.4, h), (x, y * 2, 0), .2, CHROME)
        for k in range(12):
            with s.at(h * .85 * math.cos(k * .5236), 0, h - .6 + h * .85 * math.sin(k * .5236)):
                s.box((0, 0, 0), (1, 1.2, .8), any_tint(s, "paint", BRIGHT))
        s.say(synonym="ferris wheel")
        s.shot((-h, -2, 0), (h, 2, h * 1.9), (-130, -50), (0, 18), (.9, 1.2))
        return
    m = any_tint(s, "paint", BRIGHT)
    for x in (-2, 2):
        for y in (-1, 1):
            s.limb((x, y, 0), (x, 0, 2.6), .07, m)
    s.limb((-2, 0, 2.6), (2, 0, 2.6), .07, m)
    for x in (-.8, .8):
        a = r.uniform(-.5, .5)
        for q in (-.25, .25):
            s.limb((x + q, 0, 2.6), (x + q, 2 * math.sin(a), 2.6 - 2 * math.cos(a)), .02, CHROME, n=4)
        s.box((x, 2 * math.sin(a), 2.6 - 2 * math.cos(a)), (.55, .25, .06), any_tint(s))
    with s.at(4.5, 0):
        other = any_tint(s, "paint", BRIGHT)
        for q in (-.3, .3):
            s.limb((q, 1.5, 0), (q, 1.2, 1.9), .05, m)
            s.limb((q, 1, 1.8), (q, -1.8, .2), .06, other)
        for k in range(5):
            s.limb((-.3, 1.45 - k * .06, .35 + k * .35), (.3, 1.45 - k * .06, .35 + k * .35), .03, m)
        s.add([(-.3, 1, 1.8), (.3, 1, 1.8), (.3, -1.8, .15), (-.3, -1.8, .15)], [(0, 1, 2, 3)], other)
        s.box((0, 1.15, 1.85), (.7, .5, .06), m)
    s.shot((-2, -1.5, 0), (5, 1.5, 2.6), (-140, -40), (5, 30), (.8, 1.2))


@family("gravestone", "outdoor", ("tombstone", "graveyard", "cemetery"), later=True)
def grave(s):
    r, n = s.rng, s.rng.choice([1, 4, 12])
    yard(s, ("grass", "dirt", "grass"))
    trees(s, r.choice([0, 5]), 8, 30)
    for k in range(n):
        with s.at(k % 4 * 2 - (3 if n > 1 else 0), k // 4 * 2.6, 0, rz=r.uniform(-.15, .15), rx=r.uniform(-.08, .08)):
            m = stone(s, 2)
            if r.random() < .65:
                s.prism([(-.45, -.1), (.45, -.1), (.45, .9)] + [(.45 * math.cos(a), .9 + .4 * math.sin(a)) for a in [k2 * math.pi / 8 for k2 in range(1, 8)]] + [(-.45, .9)], .18, m)
            else:
                s.box((0, 0, .7), (.2, .2, 1.6), m)
                s.box((0, 0, 1.05), (.9, .2, .2), m)
            s.box((0, 0, .06), (1.1, .5, .14), m)
    s.say(synonym="graveyard" if n > 4 else "")
    s.shot((-1 if n == 1 else -3, -.6, 0), (1 if n == 1 else 3, .6 if n == 1 else 4, 1.4), (-130, -50), (3, 28), (.8, 1.2))


@family("stadium", "outdoor", ("arena", "sports field", "soccer field"), later=True)
def stadium(s):
    r = s.rng
    s.floor(M("concrete", (.35, .35, .34), .2), 600, -.1)
    s.slab(-25, -16, 25, 16, 0, .1, M("grass", (.08, .25, .04), .5))
    for a, b, c, d in ((-24, -15, 24, -14.7), (-24, 14.7, 24, 15), (-24, -15, -23.7, 15), (23.7, -15, 24, 15), (-.15, -15, .15, 15)):
        s.slab(a, b, c, d, .1, .13, WHITE)
    s.torus((0, 0, .1), 4, .12, WHITE, n=40, k=4)
    if r.random() < .75:
        for k in range(12):
            q = 1 + k * .045
            m = any_tint(s, "plain", ("blue", "red", "gray", "white", "green")) if k % 4 == 0 else m
            pts = [(32 * q * math.cos(a), 23 * q * math.sin(a)) for a in [i * math.pi / 24 for i in range(48)]]
            for (x0, y0), (x1, y1) in zip(pts, pts[1:] + pts[:1]):
                s.add([(x0, y0, k * .8 + .5), (x1, y1, k * .8 + .5), (x1 * 1.045, y1 * 1.045, k * .8 + .5), (x0 * 1.045, y0 * 1.045, k * .8 + .5), (x0, y0, k * .8 - .3), (x1, y1, k * .8 - .3)], [(0, 1, 2, 3), (4, 5, 1, 0)], m)
        for k in range(24):
            a = k * math.pi / 12
            s.limb((50 * math.cos(a), 36 * math.sin(a), 0), (50 * math.cos(a), 36 * math.sin(a), 12), .5, WHITE)
    else:
        for q in (-1, 1):
            s.tube([(q * 24, -3, 0), (q * 24, -3, 2.4), (q * 24, 3, 2.4), (q * 24, 3, 0)], .12, WHITE)
        trees(s, 20, 45, 90)
        s.say(synonym="soccer field")
    e = r.choice([18, 30, 45, 60])
    s.frame((-34, -24, 0), (34, 24, 8), r.uniform(0, 360), e, r.uniform(1, 1.6), 48)
    s.view = "aerial" if e > 36 else ""


@family("oil rig", "outdoor", ("pier", "dock", "harbor", "port"), later=True)
def rig(s):
    r = s.rng
    s.floor(M("water", r.choice([(.02, .07, .1), (.03, .1, .14)])), 3000, 0)
    if r.random() < .5:
        m = M("paint", r.choice([(.7, .5, .05), (.6, .15, .05), (.4, .42, .43)]))
        for x in (-6, 6):
            for y in (-6, 6):
                s.cyl((x, y, -1), 1, 9, M("concrete", (.45, .44, .42)))
        s.box((0, 0, 9), (18, 18, 2), m)
        for _ in range(9):
            s.box((r.uniform(-6, 6), r.uniform(-6, 6), 11 + r.uniform(0, 1)), (r.uniform(2, 5), r.uniform(2, 5), r.uniform(1, 4)), any_tint(s, "paint", ("white", "gray", "orange", "yellow")))
        for k in range(8):
            q, z = 2.4 - k * .25, 10 + k * 2
            for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
                s.limb((a * q, b * q, z), (a * (q - .25), b * (q - .25), z + 2), .15, m, n=5)
                s.limb((a * q, b * q, z), (-b * (q - .25), a * (q - .25), z + 2), .1, m, n=4)
        s.limb((7, 7, 10), (13, 13, 15), .2, m)
        s.cyl((9, -9, 10), 3, .3, WHITE)
        s.shot((-9, -9, 0), (9, 9, 22), (0, 360), (2, 25), (.8, 1.2))
    else:
        wood = M("wood", r.choice(WOODS), .6)
        s.box((0, 0, 1.2), (3, 30, .2), wood)
        for k in range(11):
            for x in (-1.3, 1.3):
                s.cyl((x, -14 + k * 2.8, -1), .18, r.choice([2.3, 3]), wood)
        for k in range(60):
            s.box((0, -14.9 + k * .5, 1.33), (3.1, .4, .05), wood)
        s.say(synonym="pier")
        s.look((r.uniform(-9, 9), -r.uniform(17, 26), r.uniform(2.4, 6)), (0, 3, 1), 50)


@family("maze", "outdoor", ("labyrinth",), later=True)
def maze(s):
    r, n = s.rng, s.rng.choice([7, 9, 11])
    m = r.choice([M("leaf", (.05, .2, .04), .6), stone(s), WHITE, any_tint(s), M("brick", (.4, .15, .09))])
    yard(s, ("concrete", "dirt", "grass"))
    wall = np.ones((2 * n + 1, 2 * n + 1), bool)
    stack, seen = [(0, 0)], {(0, 0)}
    wall[1, 1] = False
    while stack:
        x, y = stack[-1]
        free = [(x + a, y + b, a, b) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1)) if 0 <= x + a < n and 0 <= y + b < n and (x + a, y + b) not in seen]
        if not free:
            stack.pop()
            continue
        p, q, a, b = r.choice(free)
        seen.add((p, q))
        wall[2 * x + 1 + a, 2 * y + 1 + b] = wall[2 * p + 1, 2 * q + 1] = False
        stack.append((p, q))
    for i in range(2 * n + 1):
        for j in range(2 * n + 1):
            if wall[i, j]:
                s.box((i - n, j - n, .75), (1, 1, 1.5), m)
    e = r.choice([28, 40, 55, 70])
    s.frame((-n, -n, 0), (n, n, 1.5), r.uniform(0, 360), e, r.uniform(.9, 1.8), 45)
    s.view = "aerial"


# --- rooms ----------------------------------------------------------------------------------------------------------

def hall(s, w, d, h, wall=None):
    shell(s, w, d, h, wall=wall)
    for x in (-w / 4, w / 4):
        s.box((x, 0, h - .06), (.25, d * .7, .06), M("glow", (1, .97, .9), 3))
    lights(s, h, 200, ((-w / 4, 0), (w / 4, 0), (0, d / 4)))
    if s.rng.random() < .6:
        for k in range(3):
            window(s, -w / 2 + .02, -d / 4 + k * d / 4, h * .55, 1.2, 1.2, rz=math.pi / 2)


@family("classroom", "indoor", ("lecture hall",), later=True)
def classroom(s):
    r, w, d, h = s.rng, 7, 8, 3
    hall(s, w, d, h)
    s.box((0, d / 2 - .05, 1.6), (4, .05, 1.3), r.choice([M("plain", (.03, .12, .07)), M("plain", (.02, .02, .02)), WHITE]))
    s.box((0, d / 2 - 1.2, .4), (1.6, .7, .8), M("wood", WOODS[0]))
    wood = M("wood", r.choice(WOODS), 2)
    for x in (-2.3, 0, 2.3):
        for y in (-2.6, -1.2, .2, 1.6):
            with s.at(x, y):
                table_shape(s, wood, 1.2, .6, .72)
                with s.at(0, -.55, 0, rz=math.pi):
                    chair_shape(s, DARK, wood)
    s.part("desks")
    eye(s, w, d, h)


@family("restaurant", "indoor", ("cafe", "dining room", "bar"), later=True)
def restaurant(s):
    r, w, d, h = s.rng, 7, 7, 3
    hall(s, w, d, h)
    wood = M("wood", r.choice(WOODS), 2)
    bar = r.random() < .4
    if bar:
        s.box((0, 2, .55), (5, .6, 1.1), wood)
        for k in range(4):
            with s.at(-1.8 + k * 1.2, 1.3):
                s.cyl((0, 0, 0), .2, .04, CHROME)
                s.cyl((0, 0, 0), .04, .75, CHROME)
                s.cyl((0, 0, .75), .22, .08, any_tint(s))
        for k in range(3):
            s.box((0, 3.3, 1.2 + k * .5), (5, .3, .04), wood)
            for i in range(18):
                s.cyl((-2.4 + i * .28, 3.3, 1.22 + k * .5), .06, .3, M("glass", COLORS[r.choice(["green", "brown", "white", "blue"])]))
        s.say(synonym="bar")
    for x, y in ((-2, -1), (1.8, -.6), (-1.8, .9), (2, 1)) if not bar else ((-2.2, -1), (2, -.8)):
        with s.at(x, y):
            s.cyl((0, 0, .72), .55, .05, r.choice([wood, WHITE]))
            s.cyl((0, 0, 0), .06, .72, DARK)
            s.cyl((0, 0, .77), .1, .2, M("glass", (.6, .7, .7)))
            for a in range(r.choice([2, 4])):
                with s.at(.75 * math.cos(a * 1.57), .75 * math.sin(a * 1.57), 0, rz=a * 1.57 - math.pi / 2):
                    chair_shape(s, wood, any_tint(s, "fabric"))
            s.limb((0, 0, h), (0, 0, 2.1), .01, DARK)
            s.lathe([(.25, 1.95), (.05, 2.15)], any_tint(s), n=16)
    s.part("tables")
    eye(s, w, d, h)


@family("shop", "indoor", ("store", "supermarket", "library", "museum"), later=True)
def shop(s):
    r, w, d, h = s.rng, 7, 9, 3.2
    hall(s, w, d, h)
    kind = r.choice(["market", "library", "museum"])
    if kind == "museum":
        for k in range(5):
            s.box((-2.8 + k * 1.4, d / 2 - .06, 1.7), (1, .06, r.uniform(.7, 1.2)), any_tint(s, "plain"))
        for x, y in ((-1.6, 1), (1.5, .4), (0, 2.4)):
            s.box((x, y, .5), (.6, .6, 1), WHITE)
            s.rock((x, y, 1.4), .35, stone(s), rough=.6) if r.random() < .5 else s.ball((x, y, 1.3), .3, GOLD)
        s.say(synonym="museum")
    else:
        for x in (-2.6, -.95, .95, 2.6):
            for y in (-1.5, .5, 2.5):
                with s.at(x, y, 0, rz=math.pi / 2 if x < 0 else -math.pi / 2):
                    if kind == "library":
                        shelf(s, M("wood", WOODS[1], 2), 1.8, 6)
                    else:
                        s.box((0, .1, .9), (1.9, .1, 1.8), WHITE)
                        for z in (.1, .6, 1.1, 1.6):
                            s.box((0, -.1, z), (1.9, .45, .04), WHITE)
                            for i in range(9):
                                s.box((-.8 + i * .2, -.12, z + .17), (.15, .2, r.uniform(.2, .3)), any_tint(s, "plastic"))
        s.say(synonym="library" if kind == "library" else "")
    eye(s, w, d, h)


@family("laboratory", "indoor", ("lab", "hospital room", "operating room"), later=True)
def laboratory(s):
    r, w, d, h = s.rng, 6, 7, 2.9
    hall(s, w, d, h, M("plaster", (.75, .77, .78)))
    if r.random() < .6:
        for y in (-.3, 2):
            s.box((0, y, .45), (3.6, .8, .9), WHITE)
            s.box((0, y, .92), (3.7, .85, .05), DARK)
            for _ in range(9):
                x = r.uniform(-1.6, 1.6)
                c = M("glass", COLORS[r.choice(["blue", "green", "red", "yellow", "purple", "white"])])
                if r.random() < .5:
                    s.lathe([(.12, .95), (.13, 1.0), (.04, 1.22), (.04, 1.3)], c, n=14) if False else s.cyl((x, y, .95), .1, .25, c, r2=.03)
                else:
                    s.cyl((x, y, .95), .06, .2, c)
            s.box((r.uniform(-1, 1), y + .1, 1.15), (.4, .3, .4), r_paint(s))
    else:
        s.box((0, .8, .6), (1, 2, .2), WHITE)
        s.box((0, .8, .75), (.95, 1.9, .15), M("fabric", (.5, .65, .75)))
        s.ball((0, 1.5, .88), .25, WHITE, squash=(1.3, .8, .4))
        for x in (-.45, .45):
            for y in (-.1, 1.7):
                s.cyl((x, y, 0), .03, .6, CHROME)
        s.cyl((1.2, 1.4, 0), .02, 1.9, CHROME)
        s.box((1.2, 1.4, 1.8), (.2, .1, .3), M("glass", (.6, .7, .7)))
        s.box((-1.2, 1.5, 1.2), (.5, .2, .4), M("glow", (.1, .5, .3), 1.2))
        s.say(synonym="hospital room")
    eye(s, w, d, h)


@family("gym", "indoor", ("fitness room", "sports hall"), later=True)
def gym(s):
    r, w, d, h = s.rng, 9, 10, 4
    hall(s, w, d, h)
    for k in range(r.randint(4, 7)):
        with s.at(-3 + k % 3 * 3, -1.5 + k // 3 * 2.5, 0, rz=r.choice([0, math.pi / 2])):
            kind = r.choice(["bench", "rack", "mill"])
            if kind == "bench":
                s.box((0, 0, .45), (.35, 1.3, .1), DARK)
                for y in (-.5, .5):
                    s.box((0, y, .2), (.3, .06, .4), CHROME)
                s.cyl((-.8, .5, 1), .03, 1.6, CHROME, ry=math.pi / 2)
                for x in (-.7, .7):
                    s.cyl((x - .05, .5, 1), .25, .1, DARK, ry=math.pi / 2)
            elif kind == "rack":
                for x in (-.6, .6):
                    s.box((x, 0, 1.1), (.08, .5, 2.2), any_tint(s))
                s.box((0, 0, 2.2), (1.3, .1, .1), CHROME)
                for z in (.3, .7, 1.1):
                    s.box((0, 0, z), (1.2, .4, .04), DARK)
                    for i in range(5):
                        s.ball((-.45 + i * .22, 0, z + .12), .1, DARK, squash=(.8, 1.6, .8), n=8)
            else:
                s.box((0, 0, .15), (.7, 1.6, .2), DARK)
                for x in (-.35, .35):
                    s.limb((x, .7, .2), (x, .85, 1.2), .04, CHROME)
                s.box((0, .85, 1.3), (.7, .1, .3), DARK)
    eye(s, w, d, h)


@family("garage", "indoor", ("workshop", "parking garage", "factory hall"), later=True)
def garage(s):
    r, w, d, h = s.rng, r_size(s, 7, 14), r_size(s, 8, 18), r_size(s, 2.8, 5)
    hall(s, w, d, h, M(*s.rng.choice([("concrete", (.45, .44, .42)), ("brick", (.4, .16, .1)), ("plaster", (.6, .6, .58))])))
    kind = r.choice(["car", "car", "machines"])
    if kind == "car":
        for k in range(r.choice([1, 2, 3])):
            with s.at(-w / 4 + k * 2.6, r.uniform(0, d / 5), 0, rz=math.pi / 2 + r.uniform(-.2, .2)):
                car_shape(s, COLORS[r.choice(list(COLORS))])
        s.part("a car")
    else:
        for k in range(6):
            with s.at(r.uniform(-.4, .4) * w, r.uniform(-.15, .42) * d):
                s.box((0, 0, .8), (1.5, 1, 1.6), r_paint(s))
                s.cyl((0, 0, 1.6), .3, .8, CHROME)
                s.box((0, -.52, 1), (.6, .05, .4), DARK)
        s.say(synonym="factory hall")
    s.box((w * .3, d / 2 - .4, .45), (w * .3, .7, .9), M("wood", WOODS[0]))
    for _ in range(14):
        s.box((w * .3 + r.uniform(-.13, .13) * w, d / 2 - .06, r.uniform(1.3, 2.2)), (.08, .04, r.uniform(.2, .45)), r.choice([CHROME, DARK, any_tint(s)]))
    for _ in range(4):
        s.box((-w / 2 + .5, r.uniform(-.2, .45) * d, .3), (.6, .6, .6), M("plain", (.5, .33, .17)))
    eye(s, w, d, h)


def r_size(s, lo, hi):
    return s.rng.uniform(lo, hi)


@family("stage", "indoor", ("theater", "concert hall", "cinema"), later=True)
def stage(s):
    r, w, d, h = s.rng, 9, 11, 5
    shell(s, w, d, h, wall=M("plaster", r.choice([(.12, .05, .05), (.1, .1, .12), (.3, .2, .15)])))
    s.box((0, 3.2, .5), (7.4, 4, 1), M("wood", WOODS[0]))
    curtain = M("fabric", r.choice([(.4, .02, .03), (.3, .02, .1), (.05, .08, .3)]))
    for q in (-1, 1):
        for k in range(6):
            s.cyl((q * (3.9 - k * .28), 1.4 + (k % 2) * .12, 1), .17, 3.6, curtain, n=10)
    s.box((0, 1.4, 4.5), (8, .3, .8), curtain)
    for row in range(5):
        for k in range(10):
            with s.at(-3.6 + k * .8, -4.2 + row * .95):
                s.box((0, 0, .3), (.6, .5, .5), curtain)
                s.box((0, -.28, .7), (.6, .12, .8), curtain)
    for k in range(5):
        c = r.choice([(1, .9, .7), (1, .2, .4), (.3, .4, 1), (.3, 1, .5)])
        s.cyl((-3 + k * 1.5, .6, h - .5), .15, .3, DARK)
        s.lamp((-3 + k * 1.5, 2.4, h - 1), c, 90)
    lights(s, h, 60, ((0, -2),))
    eye(s, w, d, h)


# --- land -----------------------------------------------------------------------------------------------------------

@family("hills", "outdoor", ("terrain", "landscape", "valley", "field"), later=True)
def hills(s):
    r, n = s.rng, 120
    g = noise_grid(r, n, r.choice([3, 5, 8]), 6, .5) * r.uniform(25, 70)
    m = s.cover(M(*r.choice([("grass", (.1, .2, .05)), ("grass", (.25, .25, .08)), ("dirt", (.3, .22, .14)), ("rock", (.3, .27, .24)), ("plain", (.45, .45, .44))]), .2))
    h = s.ground(g, 320, m)
    if r.random() < .4:
        s.floor(M("water", (.03, .1, .13)), 700, float(np.quantile(g, .3)))
        s.part("a lake")
    for _ in range(r.choice([0, 0, 30, 80])):
        x, y = r.uniform(-120, 120), r.uniform(-120, 120)
        with s.at(x, y, h(x, y) - .3):
            tree(s, r.uniform(5, 9), r.choice(["round", "pine"]))
    e = r.choice([6, 12, 25, 45])
    s.frame((-130, -130, 0), (130, 130, float(g.max()) * .6), r.uniform(0, 360), e, r.uniform(1.3, 2), 46)
    s.camera["eye"] = tuple(np.maximum(s.camera["eye"], (-1e9, -1e9, float(np.quantile(g, .8)) + 8)))
    s.view = "aerial" if e > 30 else "wide"
    s.say(synonym=r.choice(["", "terrain", "landscape"]))


@family("river", "outdoor", ("lake", "stream", "pond"), later=True)
def river(s):
    r, n = s.rng, 120
    t = np.linspace(-120, 120, n)
    lake = r.random() < .4
    if lake:
        dist = np.sqrt(t[:, None] ** 2 + t[None, :] ** 2) * (.7 + .6 * noise_grid(r, n, 5, 3)) - r.uniform(35, 60)
    else:
        dist = np.abs(t[None, :] - (r.uniform(8, 26) * np.sin(t / r.uniform(20, 40) + r.uniform(0, 6)))[:, None]) - r.uniform(7, 14)
    g = np.clip(dist * .35, -4, 10) + noise_grid(r, n, 8, 5) * 8 - 3
    h = s.ground(g, 240, s.cover(M("grass", r.choice([(.09, .2, .04), (.2, .22, .07)]), .3)))
    s.floor(M("water", r.choice([(.03, .1, .13), (.05, .12, .1), (.03, .14, .2)])), 800, .4)
    for _ in range(r.choice([20, 60])):
        x, y = r.uniform(-110, 110), r.uniform(-110, 110)
        if h(x, y) > 2:
            with s.at(x, y, h(x, y) - .2):
                tree(s, r.uniform(5, 10), r.choice(["pine", "round"]))
    for _ in range(12):
        x, y = r.uniform(-80, 80), r.uniform(-60, 60)
        if -1 < h(x, y) < 2:
            s.rock((x, y, h(x, y)), r.uniform(.6, 2), M("rock", (.3, .28, .26)), n=8)
    up = r.choice([7, 12, 30, 70])
    s.look((-105, r.uniform(-8, 8), up), (0, 0, 1), 55)
    s.view = "aerial" if up > 25 else "wide"
    s.say(synonym="lake" if lake else "")


@family("iceberg", "outdoor", ("glacier", "ice"), later=True)
def iceberg(s):
    r = s.rng
    waves(s, height=1)
    ice = M(r.choice(["snow", "plain", "plastic"]), r.choice([(.75, .82, .88), (.6, .75, .85), (.8, .84, .87)]))
    for k in range(r.choice([1, 3, 6])):
        x, y, q = (0, 0, 14) if k == 0 else (r.gauss(0, 45), r.gauss(0, 45), r.uniform(2, 8))
        for _ in range(r.randint(3, 7)):
            s.rock((x + r.gauss(0, q * .5), y + r.gauss(0, q * .5), q * .2), q * r.uniform(.5, 1), ice, rough=.75, n=9, squash=(1, 1, r.uniform(.8, 1.7)))
    a = r.uniform(0, 6.3)
    s.look((55 * math.cos(a), 55 * math.sin(a), r.choice([7, 12, 30])), (0, 0, 6), 52)


@family("garden", "outdoor", ("park", "backyard"), later=True)
def garden(s):
    r = s.rng
    s.floor(s.cover(M("grass", (.09, .22, .04), .5)), 300, 0)
    for k in range(r.randint(3, 7)):
        x, y = r.uniform(-7, 7), r.uniform(-2, 9)
        with s.at(x, y):
            for _ in range(14):
                px, py = r.gauss(0, .7), r.gauss(0, .5)
                s.limb((px, py, 0), (px, py, .5), .02, LEAF, n=4)
                s.ball((px, py, .5), .15, any_tint(s, "plain", ("red", "yellow", "pink", "purple", "white", "orange")), n=8)
                s.rock((px, py, .12), .2, LEAF, rough=.6, n=6)
    for _ in range(r.randint(3, 8)):
        with s.at(r.uniform(-12, 12), r.uniform(3, 16)):
            tree(s, r.uniform(3, 6), "round")
    for k in range(12):
        s.box((math.sin(k * .5) * 1.5, -7 + k * 1.3, .02), (1.2, 1.0, .08), stone(s), rz=k * .3)
    for _ in range(r.choice([0, 20])):
        s.rock((r.uniform(-10, 10), 11 + r.uniform(-.5, .5), .6), 1, LEAF, rough=.4, n=8)
    if r.random() < .5:
        with s.at(r.uniform(-4, 4), r.uniform(1, 4), 0, rz=r.uniform(-.5, .5)):
            for k in range(4):
                s.box((0, -.22 + k * .14, .45), (1.8, .11, .05), M("wood", WOODS[0], 2))
            for x in (-.7, .7):
                s.box((x, 0, .22), (.08, .5, .44), DARK)
        s.part("a bench")
    s.look((r.uniform(-4, 4), -r.uniform(7, 11), r.uniform(1.7, 4)), (0, 4, .8), 58)


@family("moonscape", "outdoor", ("moon surface", "crater", "mars", "alien landscape"), later=True)
def moonscape(s):
    r, n = s.rng, 140
    g = noise_grid(r, n, 6, 6) * 8
    t = np.linspace(-1, 1, n)
    for _ in range(r.randint(6, 22)):
        x, y, q = r.uniform(-1, 1), r.uniform(-1, 1), r.uniform(.05, .28)
        d = np.sqrt((t[:, None] - x) ** 2 + (t[None, :] - y) ** 2) / q
        g += np.where(d < 1, (d ** 2 - 1) * q * 40, 0) + np.exp(-((d - 1) ** 2) * 30) * q * 14
    c = r.choice([(.3, .3, .3), (.4, .2, .1), (.45, .3, .2), (.2, .2, .24)])
    h = s.ground(g, 240, M("rock", c, .3))
    for _ in range(r.choice([0, 25])):
        x, y = r.uniform(-100, 100), r.uniform(-60, 60)
        s.rock((x, y, h(x, y)), r.uniform(.5, 3), M("rock", c), n=8, rough=.5)
    e = r.choice([6, 14, 30, 50])
    s.frame((-90, -90, 0), (90, 90, 14), r.uniform(0, 360), e, r.uniform(1.4, 2.2), 48)
    s.camera["eye"] = tuple(np.maximum(s.camera["eye"], (-1e9, -1e9, float(g.max()) + 4)))
    s.say(synonym="crater" if r.random() < .2 else "")


@family("reef", "outdoor", ("coral reef", "underwater scene"), later=True)
def reef(s):
    r = s.rng
    s.ground(noise_grid(r, 60, 6, 4) * 3, 60, M("sand", (.5, .5, .35), .3))
    for _ in range(40):
        x, y = r.uniform(-12, 12), r.uniform(-9, 14)
        with s.at(x, y, 1.5):
            m = any_tint(s, "plain", ("pink", "orange", "purple", "red", "yellow", "green", "white"))
            kind = r.random()
            if kind < .35:
                for _ in range(9):
                    s.limb((0, 0, -.5), (r.gauss(0, .6), r.gauss(0, .6), r.uniform(.6, 2)), .14, m, r2=.06, n=7)
            elif kind < .6:
                s.rock((0, 0, 0), r.uniform(.5, 1.2), m, rough=.4)
            elif kind < .8:
                for _ in range(5):
                    a = r.uniform(0, 6.3)
                    s.tube([(0, 0, -.5), (.2 * math.cos(a), .2 * math.sin(a), 1), (.5 * math.cos(a + 1), .5 * math.sin(a + 1), 2.2)], .07, LEAF, n=5)
            else:
                s.cyl((0, 0, -.5), .2, .9, m, r2=.9)
    for _ in range(r.randint(3, 12)):
        with s.at(r.uniform(-9, 9), r.uniform(-5, 8), r.uniform(3, 7), rz=r.uniform(0, 6)):
            m = any_tint(s, "paint", ("yellow", "orange", "blue", "red"))
            s.ball((0, 0, 0), .4, m, squash=(1.5, .4, .9))
            s.prism([(-.5, 0), (-1, .35), (-1, -.35)], .05, m)
    s.weather = "fog"
    s.look((r.uniform(-3, 3), -14, r.uniform(3, 6)), (0, 2, 2.5), 60)


# --- what has no name, and what is only form -------------------------------------------------------------------------

@family("shape", "object", ("abstract shape", "abstract", "blob", "fractal", "surface", "pattern"), later=True, weight=5)
def shape(s):
    r = s.rng
    m = stuff(s, ("plastic", "metal", "glass", "gold", "plastic", "stone", "checker"), 1.5)
    kind = r.choice(["blob", "branch", "sheet", "swirl", "tubes", "tree", "rings", "grid", "poly", "cut", "wavy", "frames", "beads", "beads"])
    if kind == "blob":
        for _ in range(r.randint(3, 12)):
            s.ball((r.gauss(0, .7), r.gauss(0, .7), 1.2 + r.gauss(0, .6)), r.uniform(.4, .9), m, n=28, squash=[r.uniform(.7, 1.3) for _ in range(3)])
    elif kind == "branch":
        def grow(c, q, depth):
            s.box(c, (q, q, q), m) if cubes else s.ball(c, q * .6, m, n=14)
            if depth:
                for d in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1)):
                    if r.random() < .8:
                        grow(tuple(a + b * q * .78 for a, b in zip(c, d)), q * .5, depth - 1)
        cubes = r.random() < .5
        grow((0, 0, 1), 1.4, 3)
    elif kind in ("sheet", "wavy"):
        n = 60
        g = noise_grid(r, n, r.choice([2, 4]), 2) * 1.8 if kind == "sheet" else None
        if g is None:
            t = np.linspace(-6, 6, n)
            d = np.sqrt(t[:, None] ** 2 + t[None, :] ** 2)
            g = np.cos(d * r.uniform(1, 2.5)) / (1 + d * .3) + 1 if r.random() < .6 else .5 * np.sin(t[:, None] * r.uniform(.5, 1.6)) * np.cos(t[None, :] * r.uniform(.5, 1.6)) + 1
        s.ground(g, 5, m, smooth=True)
    elif kind == "swirl":
        n, turn = r.randint(15, 60), r.uniform(.1, .5)
        for k in range(n):
            t = k / n
            with s.at((.3 + 2 * t) * math.cos(k * turn), (.3 + 2 * t) * math.sin(k * turn), .3 + t * r.choice([0, 2]), rz=k * turn):
                s.box((0, 0, 0), (.3 + .5 * t, .25, .25 + t * r.uniform(.3, 1.2)), m if r.random() < .7 else any_tint(s))
    elif kind == "tubes":
        for _ in range(r.randint(2, 6)):
            a, b, c, q = [r.uniform(.5, 3) for _ in range(4)]
            mat = m if r.random() < .5 else any_tint(s, "plastic")
            s.tube([(1.5 * math.sin(a * t + q), 1.5 * math.cos(b * t), 1.6 + 1.2 * math.sin(c * t + a)) for t in [k * .12 for k in range(60)]], r.uniform(.05, .2), mat, n=8)
    elif kind == "tree":
        def limb(p, d, q, depth):
            e = tuple(a + b for a, b in zip(p, d))
            s.limb(p, e, q, m, r2=q * .7, n=8)
            if depth:
                for _ in range(3):
                    limb(e, tuple(.7 * (v + r.gauss(0, .4)) for v in d), q * .65, depth - 1)
        limb((0, 0, 0), (0, 0, 1.1), .2, 4)
    elif kind == "rings":
        for k in range(r.randint(3, 10)):
            s.torus((r.gauss(0, .3), r.gauss(0, .3), 1.5 + r.gauss(0, .3)), r.uniform(.5, 1.5), r.uniform(.04, .15), m if r.random() < .6 else any_tint(s, "plastic"), n=40, k=8, rx=r.uniform(0, 3), ry=r.uniform(0, 3))
    elif kind == "grid":
        n = r.randint(3, 6)
        for i in range(n):
            for j in range(n):
                for k in range(r.choice([1, n])):
                    q = .5 + .4 * math.sin(i + j * 1.3 + k)
                    s.ball((i, j, k + .5), q * .45, m, n=12) if r.random() < .5 else s.box((i, j, k + .5), (q * .8,) * 3, m, rz=i * .3)
    elif kind == "poly":
        for _ in range(r.choice([1, 1, 4])):
            p = (r.gauss(0, 1.3), r.gauss(0, 1.3), 1)
            s.rock(p, r.uniform(.7, 1.3), m if r.random() < .6 else any_tint(s), rough=r.uniform(0, 1.3), n=r.choice([5, 6, 8, 10]))
    elif kind == "cut":
        pts = sorted((r.uniform(0, 6.28), r.uniform(.5, 1.6)) for _ in range(r.randint(5, 14)))
        s.prism([(q * math.cos(a), 1.6 + q * math.sin(a)) for a, q in pts], r.uniform(.2, 1), m, taper=r.uniform(.6, 1))
    elif kind == "frames":
        for k in range(r.randint(3, 8)):
            q = 1.6 * .8 ** k
            with s.at(0, 0, 1.5, rx=k * r.uniform(.1, .5), rz=k * r.uniform(.1, .5)):
                for a in (-1, 1):
                    for b in (-1, 1):
                        s.box((a * q, b * q, 0), (.12, .12, 2 * q), m)
                        s.box((a * q, 0, b * q), (.12, 2 * q, .12), m)
                        s.box((0, a * q, b * q), (2 * q, .12, .12), m)
    else:
        n = r.randint(12, 60)
        k1, k2, q = r.uniform(.2, 2.6), r.uniform(0, .2), r.uniform(.08, .3)
        for k in range(n):
            t = k / n
            d = 1.8 * math.sqrt(t)
            s.ball((d * math.cos(k * k1), d * math.sin(k * k1), .4 + k2 * k * .3), q * (1.2 - .6 * t), m if k % 3 else any_tint(s, "plastic"), n=14)
    s.say(color="")


def part_of_thing(s):
    """One solid of any form, put anywhere."""
    r = s.rng
    m = r.choice([any_tint(s, r.choice(["paint", "plastic", "fabric"])), steel(s), DARK, CHROME, WHITE, M("wood", r.choice(WOODS), 2), stone(s), M("glow", COLORS[r.choice(BRIGHT)], 2), GLASS, GOLD])
    q = [r.uniform(.15, 1.2) for _ in range(3)]
    k = r.random()
    turn = dict(rx=r.choice([0, 0, math.pi / 2, r.uniform(0, 3)]), ry=r.choice([0, 0, math.pi / 2, r.uniform(0, 3)]))
    if k < .3:
        s.box((0, 0, 0), q, m, **turn)
    elif k < .5:
        s.cyl((0, 0, 0), q[0] * .5, q[1] * 1.5, m, r2=r.choice([q[0] * .5, q[2] * .5, .01]), n=r.choice([4, 6, 8, 24]), **turn)
    elif k < .65:
        s.ball((0, 0, 0), q[0] * .6, m, squash=[.4 + v for v in q])
    elif k < .75:
        s.torus((0, 0, 0), .3 + q[0] * .5, .05 + q[1] * .15, m, **turn)
    elif k < .88:
        pts = [(r.uniform(.03, .7), z * r.uniform(.1, .3)) for z in range(r.randint(3, 8))]
        pts = [(p[0], sum(x[1] for x in pts[:i]) * .3) for i, p in enumerate(pts)]
        with s.at(**turn):
            s.lathe(pts, m, n=24, smooth=r.random() < .7)
    else:
        p, pts = [0, 0, 0], [(0, 0, 0)]
        for _ in range(r.randint(2, 6)):
            p = [v + r.gauss(0, .45) for v in p]
            pts.append(tuple(p))
        s.tube(pts, r.uniform(.03, .15), m)


@family("object", "object", ("thing", "clutter", "gadget"), later=True, weight=20)
def nameless(s):
    """Things without a name: random parts put together, mirrored, in rows, strewn about; seen in any way."""
    r = s.rng
    kind = r.choice(["gadget", "gadget", "mirror", "strewn", "row", "lathe", "cross", "stack", "one", "close"])
    if kind == "strewn":
        for _ in range(r.randint(6, 30)):
            with s.at(r.gauss(0, 2), r.gauss(0, 2), .3, rz=r.uniform(0, 6), s=r.uniform(.4, 1)):
                part_of_thing(s)
    elif kind in ("mirror", "cross"):
        seed, n = r.random(), r.randint(2, 5)
        parts = [(r.uniform(.1, 1.2), r.gauss(0, .4), r.uniform(0, 1.8), r.uniform(0, 6), r.random()) for _ in range(n)]
        turns = r.choice([3, 4, 5, 6]) if kind == "cross" else 0
        del seed
        for x, y, z, a, key in parts:
            for k in range(turns or 2):
                keep = s.rng
                s.rng = type(r)(key)
                with s.at(rz=k * 2 * math.pi / turns if turns else 0, s=1 if turns or not k else (-1, 1, 1)):
                    with s.at(x, y, z + .4, rz=a):
                        part_of_thing(s)
                s.rng = keep
    elif kind == "row":
        key, n, gap = r.random(), r.randint(3, 9), r.uniform(.8, 1.6)
        for k in range(n):
            keep = s.rng
            s.rng = type(r)(key)
            with s.at(k * gap, 0, .5):
                part_of_thing(s)
                s.rng.random()
                with s.at(0, 0, .6):
                    part_of_thing(s)
            s.rng = keep
    elif kind == "lathe":
        m = stuff(s, ("plastic", "metal", "wood", "glass", "gold", "stone", "ceramic"), 2)
        z, pts = 0, [(.005, 0)]
        for _ in range(r.randint(4, 12)):
            pts.append((r.uniform(.08, 1), z))
            z += r.uniform(0, .45)
        with s.at(0, 0, .4, rx=r.choice([0, 0, math.pi / 2, r.uniform(0, 2)])):
            s.lathe(pts + [(.005, z)], m, n=r.choice([5, 6, 28, 28]), smooth=r.random() < .7)
    elif kind == "stack":
        for k in range(r.randint(3, 7)):
            with s.at(r.gauss(0, .15), r.gauss(0, .15), k * .5 + .3, rz=r.uniform(0, 6)):
                part_of_thing(s)
    else:
        n = 1 if kind == "one" else r.randint(3, 9)
        for _ in range(n):
            with s.at(*(r.gauss(0, .5) * (n > 1) for _ in range(2)), r.uniform(.3, 1.6), rz=r.choice([0, 1.57, r.uniform(0, 6)])):
                part_of_thing(s)
    s.materials = []
    s.say(color="")
    s.words["color"] = ""
    lo, hi = s.bounds()
    s.shot(lo, hi, (0, 360), (-5, 60), (.6, 1.4) if kind != "close" else (1.8, 3.5))
