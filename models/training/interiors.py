"""Scene families: rooms and passages."""

import math

from kit import COLORS, material as M
from objects import WOODS, bed_shape, chair_shape, plant_shape, shelf, sofa_shape, table_shape
from registry import family

DARK, CHROME = M("rubber", (.02, .02, .02)), M("metal", (.6, .6, .62))


def shell(s, w, d, h, floor=None, wall=None, ceiling=True, front=False):
    """Floor, walls and ceiling around the origin; the wall at -Y stays open for the camera."""
    r = s.rng
    floor = floor or M(*r.choice([("wood", (.35, .2, .1)), ("wood", (.2, .11, .06)), ("tiles", (.6, .58, .55)), ("fabric", (.35, .3, .26))]))
    wall = wall or M("plaster", r.choice([(.75, .72, .66), (.6, .66, .7), (.7, .6, .5), (.5, .58, .5), (.78, .78, .77)]))
    s.slab(-w / 2, -d / 2, w / 2, d / 2, -.1, 0, floor)
    for x in (-w / 2 - .1, w / 2):
        s.slab(x, -d / 2, x + .1, d / 2, 0, h, wall)
    s.slab(-w / 2, d / 2, w / 2, d / 2 + .1, 0, h, wall)
    if front:
        s.slab(-w / 2, -d / 2 - .1, w / 2, -d / 2, 0, h, wall)
    if ceiling:
        s.slab(-w / 2, -d / 2, w / 2, d / 2, h, h + .1, M("plaster", (.75, .75, .74)))


def window(s, x, y, z, w, h, rz=0.0):
    glow = {"day": ((.8, .9, 1), 3.5), "sunset": ((1, .5, .2), 3)}.get(s.light, ((.02, .03, .07), 1))
    with s.at(x, y, z, rz=rz):
        s.box((0, 0, 0), (w, .04, h), M("glow", *glow))
        for a, b, c, d in ((0, h / 2, w + .12, .08), (0, -h / 2, w + .12, .08), (-w / 2, 0, .08, h), (w / 2, 0, .08, h), (0, 0, .05, h), (0, 0, w, .05)):
            s.box((a, -.03, b), (c, .08, d), M("plaster", (.78, .78, .76)))
        if s.light in ("day", "sunset"):
            s.lamp((0, -.8, 0), glow[0], 160 * w * h)
    s.part("a window")


def lights(s, h, watts=120, at=((0, 0),)):
    c = (1, .78, .5) if s.light == "night" else (1, .95, .88)
    k = {"day": .8, "sunset": .5, "night": .6, "neon": .08}.get(s.light, 1)
    for x, y in at:
        s.ball((x, y, h - .3), .12, M("glow", c, 6 * k + .5), n=10)
        s.lamp((x, y, h - .5), c, watts * k)
    if s.light == "neon":
        for _ in range(3):
            n = s.rng.choice([(1, .05, .5), (.05, .5, 1), (.5, .1, 1), (.1, 1, .5)])
            s.lamp((s.rng.uniform(-1.6, 1.6), s.rng.uniform(-1, 1.5), h * .7), n, watts * .8)


def eye(s, w, d, h):
    r = s.rng
    s.look((r.uniform(-.3, .3) * w, -d / 2 + .15, r.uniform(1.3, 1.8)), (r.uniform(-.15, .15) * w, d / 4, r.uniform(.7, 1.2)), r.uniform(62, 80))


@family("bedroom", "indoor", ("room",), weight=2)
def bedroom(s):
    r = s.rng
    w, d, h = r.uniform(3.6, 5), r.uniform(3.8, 5), 2.6
    shell(s, w, d, h)
    with s.at(r.uniform(-.5, .5), d / 2 - 1.15):
        bed_shape(s, M("wood", r.choice(WOODS)), M("fabric", COLORS[r.choice(list(COLORS))]))
        s.box((1.15, .8, .25), (.45, .4, .5), M("wood", r.choice(WOODS)))
        s.lathe([(.16, .85), (.1, 1.05)], M("shade", (.9, .8, .6)))
    window(s, -w / 2 + .05, r.uniform(-.5, .5), 1.5, 1.3, 1.2, rz=math.pi / 2)
    lights(s, h)
    s.say(adj=[r.choice(["small", "cozy", "tidy"])])
    s.part("a bed")
    eye(s, w, d, h)


@family("living room", "indoor", ("room", "lounge"), weight=3)
def living_room(s):
    r = s.rng
    w, d, h = r.uniform(4.5, 6.5), r.uniform(4.5, 7), 2.7
    shell(s, w, d, h)
    soft = M(r.choice(["fabric", "fabric", "plastic"]), COLORS[r.choice(["gray", "white", *COLORS])])
    with s.at(r.uniform(-.6, .6), d / 2 - r.uniform(.6, 1.2)):
        if r.random() < .5:
            sofa_shape(s, soft, r.uniform(2, 2.8))
        else:
            # A plain one of boxes: seat, back and arms.
            q = r.uniform(1.1, 1.5)
            s.slab(-q, -.55, q, .5, .12, .48, soft)
            s.slab(-q, .2, q, .55, .48, r.uniform(.85, 1.1), soft)
            for x in (-q - .28, q):
                s.slab(x, -.55, x + .28, .55, .12, r.uniform(.62, .8), soft)
    if r.random() < .3:
        with s.at(-w / 2 + .6, d / 2 - 2.4, rz=math.pi / 2):
            sofa_shape(s, soft, 1.6)
    if r.random() < .5:
        x = r.choice([-1, 1]) * (w / 2 - .45)
        s.limb((x, d / 2 - .6, 0), (x, d / 2 - .6, 1.5), .03, DARK)
        with s.at(x, d / 2 - .6):
            s.lathe([(.32, 1.4), (.2, 1.85)], M("shade", (.9, .8, .6)), n=20)
        s.part("a lamp")
    with s.at(0, d / 2 - 2, s=.6):
        table_shape(s, M("wood", r.choice(WOODS)), 1.8, 1, .7)
    if r.random() < .6:
        s.slab(-1.4, d / 2 - 2.9, 1.4, d / 2 - 1, 0, .02, M("fabric", COLORS[r.choice(list(COLORS))]))
    for k in range(r.randint(1, 3)):
        s.box((-1.2 + k * 1.2, d / 2 - .02, 1.75), (.7, .04, .55), M("plain", COLORS[r.choice(list(COLORS))]))
    if r.random() < .5:
        with s.at(w / 2 - .5, d / 2 - .5):
            s.cyl((0, 0, 0), .2, .35, M("paint", (.7, .7, .68)))
            with s.at(0, 0, .35):
                plant_shape(s, 1)
    if r.random() < .5:
        with s.at(-w / 2 + .25, d / 2 - 1.4, rz=math.pi / 2):
            shelf(s, M("wood", r.choice(WOODS)), 1, 5)
        s.part("a bookshelf")
    window(s, w / 2 - .05, r.uniform(-.6, .4), 1.5, 1.6, 1.4, rz=-math.pi / 2)
    lights(s, h)
    s.say(adj=[r.choice(["bright", "modern", "cozy"])] if s.light == "day" else [])
    s.part("a sofa")
    eye(s, w, d, h)


@family("kitchen", "indoor", (), weight=2)
def kitchen(s):
    r = s.rng
    w, d, h = r.uniform(3.5, 5), r.uniform(3.5, 4.5), 2.6
    shell(s, w, d, h, floor=M("tiles", r.choice([(.6, .58, .55), (.3, .3, .3), (.7, .65, .55)])))
    front, top = M("plain", r.choice([(.75, .75, .73), (.15, .25, .3), (.3, .18, .1), (.55, .6, .5)])), M("stone", (.3, .3, .3))
    n = int(w / .62)
    for k in range(n):
        x = -w / 2 + .33 + k * .62
        s.box((x, d / 2 - .3, .44), (.58, .6, .86), front)
        s.box((x, d / 2 - .62, .7), (.3, .03, .03), CHROME)
        if abs(x) > .7 or r.random() < .3:
            s.box((x, d / 2 - .18, 1.85), (.58, .36, .75), front)
    s.slab(-w / 2, d / 2 - .65, w / 2, d / 2, .88, .93, top)
    s.box((r.uniform(-.4, .4), d / 2 - .34, .935), (.6, .5, .02), DARK)
    s.box((w / 2 - .35, d / 2 - .4, .95), (.66, .68, 1.9), M("metal", (.55, .56, .58)))
    s.tube([(-.9, d / 2 - .15, .93), (-.9, d / 2 - .15, 1.25), (-.9, d / 2 - .35, 1.22)], .02, CHROME)
    if r.random() < .5:
        with s.at(0, -.2):
            table_shape(s, M("wood", r.choice(WOODS)), 1.2, .8, .74)
            for q in (-1, 1):
                with s.at(0, q * .6, rz=0 if q > 0 else math.pi):
                    chair_shape(s, M("wood", WOODS[1]), M("wood", WOODS[1]))
        s.part("a table and chairs")
    window(s, 0, d / 2 - .02, 1.65, .9, .8)
    lights(s, h)
    s.say()
    s.part("cabinets")
    eye(s, w, d, h)


@family("bathroom", "indoor", ())
def bathroom(s):
    r = s.rng
    w, d, h = r.uniform(2.6, 3.6), r.uniform(3, 4), 2.5
    tile = M("tiles", r.choice([(.7, .72, .72), (.3, .5, .5), (.6, .55, .5)]))
    shell(s, w, d, h, floor=tile, wall=tile)
    white = M("paint", (.82, .82, .8))
    with s.at(-w / 2 + .42, d / 2 - .95):
        s.box((0, 0, .28), (.78, 1.7, .56), white)
        s.box((0, 0, .57), (.6, 1.5, .02), M("water", (.3, .4, .42)))
    with s.at(.3, d / 2 - .25):
        s.box((0, 0, .42), (.2, .2, .84), white)
        s.lathe([(.01, .8), (.15, .82), (.28, .95), (.25, .95), (.1, .86), (.01, .85)], white)
        s.box((0, .22, 1.55), (.6, .02, .8), M("metal", (.85, .86, .87)))
    with s.at(w / 2 - .35, d / 2 - .4):
        s.lathe([(.01, 0), (.15, 0), (.14, .25), (.22, .42), (.16, .42)], white)
        s.box((0, .25, .6), (.4, .18, .45), white)
    lights(s, h, 90)
    s.say()
    s.part(r.choice(["a bathtub", "a mirror"]))
    eye(s, w, d, h)


@family("office", "indoor", ("workspace",))
def office(s):
    r = s.rng
    w, d, h = r.uniform(5, 8), r.uniform(5, 8), 2.7
    shell(s, w, d, h, floor=M("fabric", r.choice([(.2, .22, .25), (.3, .28, .25)])))
    for x in range(int(w / 2.2)):
        for y in range(int(d / 2.4)):
            with s.at(-w / 2 + 1.2 + x * 2.1, -d / 2 + 1.9 + y * 2.2, rz=math.pi):
                table_shape(s, M("wood", (.5, .4, .28)), 1.5, .75, .73)
                s.box((0, .15, 1.05), (.62, .05, .38), DARK)
                s.box((0, .12, 1.05), (.57, .01, .33), M("glow", (.3, .5, .75), 1))
                s.box((0, .15, .82), (.05, .05, .15), DARK)
                with s.at(r.uniform(-.2, .2), -.6, rz=math.pi + r.uniform(-.5, .5)):
                    chair_shape(s, DARK, M("fabric", (.05, .05, .06)))
    for k in range(3):
        window(s, -w / 3 + k * w / 3, d / 2 - .02, 1.6, w / 4, 1.5)
    for x in (-1.3, 1.3):
        for y in (-1.5, 1.5):
            s.box((x, y, h - .02), (1.2, .3, .03), M("glow", (1, .97, .9), 3 if s.light != "neon" else .3))
    lights(s, h, 90, ((-1.3, 1), (1.3, 1), (0, -1.5)))
    s.say()
    s.part("desks")
    eye(s, w, d, h)


@family("corridor", "indoor", ("hallway", "passage"), weight=2)
def corridor(s):
    r = s.rng
    w, d, h = r.uniform(1.8, 3.2), r.uniform(14, 30), r.uniform(2.5, 3.4)
    kind = r.choice(["plaster", "concrete", "metal", "brick"])
    wall = {"plaster": None, "concrete": M("concrete", (.4, .4, .39)), "metal": M("panel", (.4, .42, .45)), "brick": M("brick", (.33, .12, .08))}[kind]
    shell(s, w, d, h, wall=wall, floor=M("panel", (.2, .2, .22)) if kind == "metal" else None)
    n = int(d / 3)
    for k in range(n):
        y = -d / 2 + 1.5 + k * 3
        for q in (-1, 1):
            if kind == "metal":
                s.box((q * w / 2, y, h / 2), (.25, .25, h), M("metal", (.25, .26, .28)))
                s.box((q * (w / 2 - .03), y + 1.5, 1.4), (.06, 1.6, .08), M("glow", (.3, .7, 1) if s.light != "neon" else (1, .1, .6), 3))
            else:
                s.box((q * w / 2, y, 1.03), (.14, .95, 2.06), M("wood", r.choice(WOODS[:2])))
                s.ball((q * (w / 2 - .1), y + .35, 1), .04, CHROME, n=8)
        s.box((0, y + 1, h - .02), (.9, .22, .04), M("glow", (1, .95, .85), 4 if s.light != "neon" else .4))
        if k % 2 == 0:
            s.lamp((0, y + 1, h - .3), (1, .9, .75) if s.light != "neon" else r.choice([(1, .1, .6), (.1, .5, 1)]), 26 if s.light == "night" else 60)
    if kind != "plaster":
        s.material(kind)
    s.say(adj=["long"] if d > 20 else ["narrow"] if w < 2.3 else [])
    s.part("doors" if kind != "metal" else "")
    s.look((r.uniform(-.3, .3), -d / 2 + .3, 1.5), (0, d / 2, 1.3), r.uniform(55, 75))


@family("staircase", "indoor", ("stairs", "stairwell"), weight=2)
def staircase(s):
    r = s.rng
    kind = r.choice(["wood", "stone", "concrete", "metal"])
    m = M(kind, {"wood": r.choice(WOODS), "stone": (.55, .52, .47), "concrete": (.42, .41, .4), "metal": (.3, .31, .33)}[kind])
    if r.random() < .35:
        shell(s, 7, 8, 6.5)
        s.cyl((0, 0, 0), .18, 6, m)
        for k in range(28):
            with s.at(0, 0, k * .2, rz=k * .3 - 2.6):
                s.prism([(.1, 0), (1.7, 0), (1.7, .07), (.1, .07)], .5, m)
                s.limb((1.6, 0, 0), (1.6, 0, .9), .02, DARK, n=6)
        s.say(adj=["spiral"])
        s.look((r.uniform(-1.5, 1.5), -3.7, r.uniform(1.2, 2.4)), (0, 0, 2.3), 68)
        s.lamp((2, -2, 5.5), (1, .85, .65), 250)
    else:
        w, n = r.uniform(1.4, 2.6), r.randint(9, 16)
        shell(s, w + r.uniform(.1, 2.4), n * .3 + 6, n * .18 + 3.4)
        for k in range(n):
            s.slab(-w / 2, k * .3 - 1, w / 2, (k + 1) * .3 - 1 + (.02 if kind != "metal" else 0), max(0, k * .18 - (.1 if kind == "metal" else 9)) if kind == "metal" else 0, (k + 1) * .18, m)
        for q in (-1, 1):
            s.limb((q * w / 2, -1, 1), (q * w / 2, n * .3 - 1, n * .18 + 1), .035, DARK if kind != "wood" else m)
            for k in range(0, n, 1 if kind == "wood" else 2):
                s.limb((q * w / 2, k * .3 - .85, (k + 1) * .18), (q * w / 2, k * .3 - .85, (k + .5) * .18 + 1), .018, DARK)
        s.slab(-w, n * .3 - 1, w, n * .3 + 3, n * .18 - .2, n * .18, m)
        s.look((r.uniform(-.4, .4), -3.2, r.uniform(1.2, 2)), (0, n * .15, n * .1 + .4), r.uniform(60, 74))
        s.lamp((0, -1.5, n * .18 + 2.4), (1, .88, .7), 140 if s.light != "night" else 60)
        s.lamp((0, n * .3 - .5, n * .18 + 2.4), (1, .88, .7), 70)
    s.material(kind)
    s.part("a railing")


@family("warehouse", "indoor", ("storage hall", "industrial hall"), weight=2)
def warehouse(s):
    r = s.rng
    w, d, h = r.uniform(14, 22), r.uniform(24, 40), r.uniform(6, 9)
    shell(s, w, d, h, floor=M("concrete", (.35, .34, .33)), wall=M("corrugated", r.choice([(.4, .42, .45), (.3, .35, .4), (.45, .4, .35)])))
    for y in range(int(-d / 2), int(d / 2), 5):
        s.box((0, y, h - .5), (w, .25, .3), M("metal", (.25, .26, .28)))
        for x in (-w / 4, w / 4):
            s.box((x, y, h - .8), (.4, 1.6, .08), M("glow", (1, .96, .88), 5))
            if y % 2 == 0:
                s.lamp((x, y, h - 1.2), (1, .94, .84), 300 if s.light != "night" else 120)
    for x in (-w / 2 + 1.2, -w / 6, w / 6, w / 2 - 1.2):
        for y in range(int(-d / 2 + 5), int(d / 2 - 2), 3):
            for q in (-.6, .6):
                for p in (0, 2.9):
                    s.box((x + q, y + p, 2.2), (.1, .1, 4.4), M("paint", (.05, .12, .4)))
            for k in range(3):
                s.box((x, y + 1.45, k * 1.6 + .2), (1.3, 3, .1), M("paint", (.75, .25, .03)))
                for b in range(2):
                    if r.random() < .8:
                        s.box((x, y + .75 + b * 1.4, k * 1.6 + .75), (1, r.uniform(.8, 1.2), r.uniform(.6, 1)), M("wood", r.choice([(.45, .3, .17), (.5, .36, .22), (.35, .22, .12)])))
    s.say(adj=["large"])
    s.part("shelves of boxes")
    s.look((r.choice([0, -w / 3, w / 3]) + r.uniform(-.5, .5), -d / 2 + 1, r.uniform(1.6, 4)), (0, d / 3, 2), r.uniform(58, 74))


@family("tunnel", "indoor", ("underpass",))
def tunnel(s):
    r = s.rng
    kind = r.choice(["concrete", "brick", "stone", "metal"])
    m, q = M({"metal": "panel"}.get(kind, kind), {"concrete": (.4, .39, .38), "brick": (.3, .13, .09), "stone": (.35, .33, .3), "metal": (.35, .37, .4)}[kind]), r.uniform(3, 5)
    rings = [[(x, y * q, z * q) for y, z in [(math.cos(a * math.pi / 16), max(-.25, math.sin(a * math.pi / 16))) for a in range(-3, 20)]] for x in range(0, 90, 3)]
    s.loft(rings, m, caps=False)
    s.floor(M("asphalt", (.08, .08, .085)), 400, -.24 * q)
    rails = r.random() < .4
    for k in range(0, 88, 2):
        if rails:
            s.box((k, 0, -.22 * q), (.4, 2.4, .12), M("wood", (.15, .1, .07)))
        elif k % 4 == 0:
            s.box((k, 0, -.235 * q), (1.6, .15, .02), M("plaster", (.75, .7, .6)))
    if rails:
        for y in (-.75, .75):
            s.box((44, y, -.19 * q), (88, .09, .14), CHROME)
        s.part("rails")
    for k in range(4, 88, 8):
        c = (1, .75, .4) if r.random() < .6 or s.light == "night" else (.9, .95, 1)
        c = r.choice([(1, .1, .6), (.1, .5, 1)]) if s.light == "neon" else c
        s.ball((k, 0, q * .93), .22, M("glow", c, 9), n=8)
        if k % 16 == 4:
            s.lamp((k, 0, q * .8), c, 320)
    s.box((92, 0, 0), (.2, 2 * q, 2 * q), M("glow", (.8, .9, 1) if s.light == "day" else (.01, .01, .02), 3))
    s.material(kind)
    s.say(adj=["long"] if r.random() < .5 else [])
    s.look((1, r.uniform(-.3, .3) * q, r.uniform(.1, .25) * q), (60, 0, 0), r.uniform(55, 75))
