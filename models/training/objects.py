"""Scene families: machines, furniture, tableware, plants and look-development shapes."""

import math

from kit import COLORS, material as M
from registry import family

DARK, CHROME, GLASS = M("rubber", (.015, .015, .015)), M("metal", (.6, .6, .62)), M("glass", (.03, .04, .05))
WOODS = [(.35, .2, .1), (.18, .09, .05), (.5, .34, .19)]
GRAINS = WOODS + [(.45, .22, .08), (.6, .42, .2), (.3, .11, .05), (.55, .3, .12)]
STONES = [(.5, .48, .44), (.2, .2, .21), (.7, .68, .65), (.5, .3, .24), (.25, .33, .28), (.55, .42, .34), (.4, .42, .5), (.6, .54, .4)]


def stuff(s, kinds=("metal", "wood", "plastic", "stone", "glass", "ceramic", "gold"), scale=1.0):
    """A material for a whole object, told in the truth."""
    r = s.rng
    kind = r.choice(kinds)
    if kind in ("plastic", "ceramic", "fabric", "paint"):
        # Gray and white things are not clay, and renders are full of them.
        name = r.choice(["gray", "white", "gray", *COLORS])
        s.say(color=name)
        mat = M({"ceramic": "paint"}.get(kind, kind), COLORS[name], scale)
    else:
        mat = M(kind, {"metal": (.55, .56, .58), "gold": (.8, .5, .12), "wood": r.choice(GRAINS), "stone": r.choice(STONES), "glass": r.choice([(.5, .7, .65), (.6, .7, .75), (.2, .4, .25)]), "brick": (.35, .1, .06), "concrete": (.4, .4, .38), "checker": r.choice([(.6, .1, .08), (.03, .03, .03), (.03, .03, .03), (.05, .15, .5), (.08, .35, .1)])}[kind], scale)
        if kind == "stone" and r.random() < .5:
            mat = M("marble", mat[1], scale)
    if kind != "paint":
        s.material(kind)
    return mat


@family("robot", "object", ("android", "humanoid robot", "mech"), weight=3)
def robot(s):
    r = s.rng
    name = r.choice(["white", "gray", "orange", "yellow", "blue", "red", "green"])
    m, joint, eye = M("paint", COLORS[name]), M("metal", (.12, .12, .13)), M("glow", r.choice([(.2, .7, 1), (1, .2, .1), (.3, 1, .4), (1, .8, .3)]), 6)
    kind = r.choice(["humanoid", "humanoid", "mech", "rover"])
    if kind == "rover":
        s.box((0, 0, .7), (1.2, .9, .5), m)
        for x in (-.5, 0, .5):
            for y in (-.55, .55):
                s.cyl((x, y + .1, .25), .25, .2, DARK, rx=math.pi / 2)
        s.limb((.3, 0, .9), (.3, 0, 1.5), .06, joint)
        s.box((.35, 0, 1.6), (.3, .5, .25), m)
        for y in (-.13, .13):
            s.cyl((.5, y, 1.6), .08, .06, eye, ry=math.pi / 2)
        s.say(adj=["wheeled"])
        s.shot((-.7, -.6, 0), (.7, .6, 1.7), (-80, 80), (3, 35))
        return
    w = .38 if kind == "humanoid" else .7
    for q in (-1, 1):
        s.ball((q * .18, 0, .95), .13, joint)
        s.box((q * .2, 0, .72), (.2, .22, .36), m)
        s.ball((q * .2, 0, .5), .1, joint)
        s.box((q * .2, 0, .28), (.18 if kind == "humanoid" else .3, .22, .36), m)
        s.box((q * .2, -.06, .05), (.24, .4, .1), joint)
        a = r.uniform(-.5, 1.4)
        s.ball((q * (w + .05), 0, 1.5), .14, joint)
        e = (q * (w + .12), -.3 * math.sin(a), 1.5 - .35 * math.cos(a))
        s.limb((q * (w + .06), 0, 1.5), e, .09, m)
        s.ball(e, .09, joint)
        s.limb(e, (e[0], e[1] - .3, e[2] - .12), .085, m, r2=.07)
        for k in (-1, 0, 1):
            s.limb((e[0] + k * .04, e[1] - .3, e[2] - .12), (e[0] + k * .05, e[1] - .42, e[2] - .14), .02, joint)
    s.box((0, 0, 1.0), (.4, .25, .18), joint)
    s.prism([(-w * .6, 1.08), (w * .6, 1.08), (w, 1.65), (-w, 1.65)], .4, m)
    s.cyl((0, -.21, 1.4), .09, .04, eye, rx=math.pi / 2)
    s.cyl((0, 0, 1.62), .08, .12, joint)
    if r.random() < .5:
        s.box((0, 0, 1.88), (.36, .34, .32), m)
        for q in (-1, 1):
            s.cyl((q * .09, -.16, 1.9), .055, .04, eye, rx=math.pi / 2)
    else:
        s.ball((0, 0, 1.88), .2, m)
        s.box((0, -.16, 1.9), (.26, .1, .09), eye)
    if r.random() < .4:
        s.limb((.1, 0, 2.0), (.14, 0, 2.25), .015, joint)
        s.ball((.14, 0, 2.25), .035, eye, n=8)
    s.say(color=name, synonym="humanoid robot" if r.random() < .3 else "")
    s.shot((-.8, -.5, 0), (.8, .4, 2.1), (-140, -40), (0, 22), fills=(.8, 1.3))


@family("robot arm", "object", ("robotic arm", "industrial robot"), weight=2)
def robot_arm(s):
    r = s.rng
    name = r.choice(["orange", "yellow", "white", "red", "gray", "blue"])
    m, joint = M("paint", COLORS[name]), M("metal", (.1, .1, .11))
    s.cyl((0, 0, 0), .45, .25, joint)
    s.cyl((0, 0, .25), .34, .4, m, r2=.28)
    a, b = r.uniform(.1, .9), r.uniform(1.3, 2.4)
    p0 = (0, 0, .75)
    p1 = (1.3 * math.sin(a), 0, .75 + 1.3 * math.cos(a))
    p2 = (p1[0] + 1.1 * math.sin(b), 0, p1[2] + 1.1 * math.cos(b))
    for p in (p0, p1):
        s.cyl((p[0], .26, p[2]), .24, .52, joint, rx=math.pi / 2)
    s.limb(p0, p1, .2, m, r2=.15)
    s.limb(p1, p2, .15, m, r2=.1)
    s.ball(p2, .13, joint)
    end = (p2[0] + .2, 0, p2[2] - .25)
    s.limb(p2, end, .07, joint)
    for y in (-.1, .1):
        s.limb((end[0], y * .6, end[2]), (end[0], y * 1.4, end[2] - .18), .035, joint)
        s.limb((end[0], y * 1.4, end[2] - .18), (end[0], y * .6, end[2] - .32), .03, joint)
    s.box((end[0], 0, end[2] - .12), (.12, .25, .08), joint)
    if r.random() < .35:
        s.box((1.9, 0, .3), (.6, .6, .6), M("wood", WOODS[0]))
        s.part("a crate")
    s.say(color=name)
    s.shot((-.5, -.5, 0), (1.9, .5, 2.3), (-140, -40), (4, 30), fills=(.9, 1.3))


@family("gears", "object", ("gear", "cogwheels", "cogs"))
def gears(s):
    r = s.rng
    m = stuff(s, ("metal", "gold", "plastic", "metal"))
    x = 0
    for k in range(r.choice([1, 2, 3])):
        n = r.randint(10, 20)
        q = n * .09
        pts = []
        for i in range(n * 4):
            a = 2 * math.pi * i / (n * 4)
            w = q * (1.16 if i % 4 in (0, 1) else .94)
            pts.append((x + w * math.cos(a), w * math.sin(a)))
        with s.at(0, k * .05, q * 0 + 1.8):
            s.prism(pts, .4, m)
            s.cyl((x, .3, 0), q * .25, .6, DARK, rx=math.pi / 2)
            for i in range(5):
                s.cyl((x + q * .6 * math.cos(i * 1.257), .22, q * .6 * math.sin(i * 1.257)), q * .16, .44, DARK, rx=math.pi / 2)
        x += q * 1.05 + 1.25
    s.say(synonym="gear" if x < 3.4 else "")
    s.shot((-1.5, -.4, 0), (x - .5, .4, 3.4), (-150, -30), (2, 35))


@family("pipes", "object", ("pipe", "pipework"))
def pipes(s):
    r = s.rng
    for _ in range(r.randint(3, 8)):
        p, pts = [r.randint(-2, 2), r.randint(-1, 1), r.randint(0, 3)], []
        for _ in range(r.randint(4, 8)):
            pts.append(tuple(p))
            k = r.randrange(3)
            p[k] += r.choice([-1, 1]) * r.randint(1, 2)
            p[2] = max(0, p[2])
        m = M("metal", r.choice([(.5, .5, .52), (.5, .25, .12), (.15, .16, .17)])) if r.random() < .7 else M("paint", COLORS[r.choice(["red", "yellow", "blue", "green"])])
        s.tube(pts, .16, m, n=12)
        s.limb(pts[1], tuple(np_mid(pts[1], pts[2])), .22, m, n=12)
    s.material("metal")
    s.say()


def np_mid(a, b):
    return [x * .85 + y * .15 for x, y in zip(a, b)]


@family("barrel", "object", ("barrels", "drum", "oil drum"))
def barrel(s):
    r = s.rng
    wood = r.random() < .5
    n = r.choice([1, 1, 3, 4])
    m = M("wood", r.choice(WOODS)) if wood else M("paint", COLORS[r.choice(["red", "blue", "green", "black", "yellow"])])
    for k in range(n):
        with s.at((k % 2) * 1.0, (k // 2) * .95, 0):
            if wood:
                s.lathe([(.01, 0), (.36, 0), (.45, .3), (.48, .55), (.45, .8), (.36, 1.1), (.01, 1.1)], m)
                for z, q in ((.15, .41), (.35, .465), (.75, .465), (.95, .41)):
                    s.cyl((0, 0, z), q + .012, .07, M("metal", (.15, .14, .13)))
            else:
                s.cyl((0, 0, 0), .42, 1.15, m, n=28)
                for z in (0, .37, .75, 1.1):
                    s.torus((0, 0, z + .02), .42, .03, m, k=8)
    s.material("wood" if wood else "metal")
    s.say(synonym="barrels" if n > 1 else "")


@family("crate", "object", ("crates", "wooden box", "box"), weight=2)
def crate(s):
    r = s.rng
    m, n = M("wood", r.choice(WOODS), 2), r.choice([1, 1, 2, 4])
    spots = [(0, 0, 0), (1.2, .1, 0), (.5, .05, 1), (.1, 1.2, 0)][:n]
    for x, y, z in spots:
        with s.at(x, y, z, rz=r.uniform(-.15, .15)):
            s.box((0, 0, .5), (.94, .94, .94), m)
            for q in (-1, 1):
                for p in (-1, 1):
                    s.box((q * .45, p * .45, .5), (.12, .12, 1), m)
                    s.box((0, q * .45, .5 + p * .45), (1, .12, .12), m)
                    s.box((q * .45, 0, .5 + p * .45), (.12, 1, .12), m)
                s.limb((-.42, q * .47, .08), (.42, q * .47, .92), .055, m, n=4)
    s.material("wood")
    s.say(synonym="crates" if n > 1 else "")


def table_shape(s, m, w, d, h, n=4):
    s.box((0, 0, h), (w, d, .06), m)
    for x in (-1, 1):
        for y in (-1, 1):
            s.box((x * (w / 2 - .07), y * (d / 2 - .07), h / 2), (.07, .07, h), m)
    s.box((0, 0, h - .07), (w - .14, d - .14, .09), m)


def chair_shape(s, m, seat):
    for x in (-.2, .2):
        s.limb((x, -.2, 0), (x, -.2, .45), .025, m)
        s.limb((x, .2, 0), (x, .24, 1.0), .025, m)
    s.box((0, 0, .46), (.46, .46, .05), seat)
    for z in (.62, .76, .92):
        s.box((0, .225, z), (.42, .03, .08), m)


@family("chair", "object", ("armchair", "stool", "office chair"), weight=2)
def chair(s):
    r = s.rng
    kind = r.choice(["plain", "plain", "armchair", "office", "stool"])
    if kind == "plain":
        m = stuff(s, ("wood", "metal", "plastic", "wood"), 2)
        chair_shape(s, m, m if r.random() < .6 else M("fabric", COLORS[r.choice(list(COLORS))]))
    elif kind == "stool":
        m = stuff(s, ("wood", "metal"), 2)
        s.cyl((0, 0, .62), .19, .05, m)
        for k in range(4):
            s.limb((.12 * math.cos(k * 1.57), .12 * math.sin(k * 1.57), .62), (.2 * math.cos(k * 1.57), .2 * math.sin(k * 1.57), 0), .02, m)
        s.torus((0, 0, .25), .17, .012, m)
    elif kind == "armchair":
        m = stuff(s, ("fabric",), 3)
        s.box((0, 0, .25), (.85, .8, .3), m)
        s.box((0, -.03, .45), (.55, .7, .16), m)
        s.box((0, .34, .65), (.8, .2, .75), m, rx=-.12)
        for x in (-.36, .36):
            s.box((x, 0, .45), (.17, .8, .4), m)
            s.cyl((x, .4, .65), .1, .8, m, rx=math.pi / 2)
    else:
        m = M("fabric", r.choice([(.02, .02, .02), (.3, .3, .32), (.05, .1, .3)]))
        s.box((0, 0, .5), (.5, .5, .09), m)
        s.box((0, .25, .85), (.46, .08, .6), m, rx=-.1)
        s.cyl((0, 0, .1), .03, .4, CHROME)
        for k in range(5):
            s.limb((0, 0, .13), (.3 * math.cos(k * 1.257), .3 * math.sin(k * 1.257), .06), .025, DARK)
            s.ball((.3 * math.cos(k * 1.257), .3 * math.sin(k * 1.257), .04), .035, DARK, n=8)
        for x in (-.28, .28):
            s.box((x, 0, .7), (.05, .3, .03), DARK)
            s.limb((x, 0, .5), (x, 0, .7), .02, DARK)
    s.say(synonym={"armchair": "armchair", "stool": "stool", "office": "office chair"}.get(kind, ""))
    s.shot((-.35, -.35, 0), (.35, .35, 1), (-150, -30), (4, 35), fills=(.8, 1.2))


@family("table", "object", ("desk",))
def table(s):
    r = s.rng
    m = stuff(s, ("wood", "wood", "metal", "stone", "glass"), 2)
    if r.random() < .3:
        s.cyl((0, 0, .72), .6, .05, m, n=36)
        s.cyl((0, 0, .05), .06, .68, m)
        s.cyl((0, 0, 0), .32, .06, m)
        s.say(adj=["round"])
    else:
        table_shape(s, m, r.uniform(1.1, 2), r.uniform(.7, 1), .74)
    if r.random() < .35:
        for q in (-1, 1):
            with s.at(0, q * .75, 0, rz=0 if q > 0 else math.pi):
                chair_shape(s, m, m)
        s.part("chairs")
    s.shot((-.8, -.6, 0), (.8, .6, .85), (-150, -30), (8, 38))


def sofa_shape(s, m, w):
    s.box((0, 0, .22), (w, .9, .28), m)
    n = 2 if w < 1.9 else 3
    for k in range(n):
        x = (k + .5) * (w - .4) / n - (w - .4) / 2
        s.box((x, -.06, .43), ((w - .4) / n - .03, .75, .18), m)
        s.box((x, .3, .68), ((w - .4) / n - .04, .2, .46), m, rx=-.15)
    s.box((0, .38, .5), (w, .18, .72), m)
    for x in (-1, 1):
        s.box((x * (w / 2 - .1), 0, .4), (.2, .9, .48), m)
        for y in (-.38, .38):
            s.cyl((x * (w / 2 - .12), y, 0), .03, .1, DARK, n=8)


@family("sofa", "object", ("couch",))
def sofa(s):
    r = s.rng
    sofa_shape(s, stuff(s, ("fabric",), 3), r.uniform(1.6, 2.5))
    if r.random() < .4:
        for x in (-.6, .5):
            s.box((x, -.02, .66), (.4, .16, .38), M("fabric", COLORS[r.choice(list(COLORS))]), rx=-.4, rz=r.uniform(-.3, .3))
        s.part("cushions")
    s.shot((-1.2, -.45, 0), (1.2, .45, .95), (-145, -35), (4, 32))


def bed_shape(s, frame, sheet):
    s.box((0, 0, .25), (1.6, 2.1, .2), frame)
    s.box((0, 0, .45), (1.55, 2.0, .25), M("fabric", (.75, .74, .7)))
    s.box((0, -.3, .5), (1.62, 1.4, .22), sheet)
    s.box((0, 1.05, .65), (1.65, .08, 1.1), frame)
    for x in (-.4, .4):
        s.ball((x, .75, .64), .3, M("fabric", (.8, .8, .78)), squash=(1.1, .65, .35))
    for x in (-.75, .75):
        for y in (-1, 1):
            s.box((x, y, .1), (.08, .08, .2), frame)


@family("bed", "object", ())
def bed(s):
    r = s.rng
    name = r.choice(list(COLORS))
    bed_shape(s, M("wood", r.choice(WOODS), 2), M("fabric", COLORS[name]))
    s.part(f"a {name} blanket")
    s.shot((-.8, -1.05, 0), (.8, 1.1, 1.1), (-160, -20), (10, 42))


@family("bookshelf", "object", ("bookcase", "shelf"))
def bookshelf(s):
    r = s.rng
    shelf(s, M("wood", r.choice(WOODS), 2), r.uniform(.8, 1.5), r.randint(3, 6))
    s.material("wood")
    s.part("books")
    s.shot((-.7, -.2, 0), (.7, .2, 1.9), (-130, -50), (2, 20))


def shelf(s, m, w, n):
    r, h = s.rng, .38
    for x in (-w / 2, w / 2):
        s.box((x, 0, n * h / 2), (.04, .32, n * h), m)
    s.box((0, .15, n * h / 2), (w, .02, n * h), m)
    for k in range(n + 1):
        s.box((0, 0, k * h + .02), (w, .32, .04), m)
        x = -w / 2 + .04
        while k < n and x < w / 2 - .1:
            t, q = r.uniform(.025, .06), r.uniform(.2, .31)
            if r.random() < .9:
                s.box((x + t / 2, -.02, k * h + .04 + q / 2), (t, .22, q), M("plain", COLORS[r.choice(list(COLORS))]))
            x += t + .004


@family("lamp", "object", ("table lamp", "desk lamp", "floor lamp"))
def lamp(s):
    r = s.rng
    m = stuff(s, ("metal", "gold", "wood", "plastic"), 4)
    if r.random() < .5:
        h = r.choice([.45, 1.4])
        s.cyl((0, 0, 0), .16, .04, m)
        s.cyl((0, 0, 0), .02, h, m)
        s.lathe([(.24, h - .05), (.15, h + .28)], M("shade", r.choice([(.9, .75, .5), (.9, .85, .75), (.8, .3, .2)])))
        s.ball((0, 0, h + .06), .05, M("glow", (1, .8, .5), 8), n=10)
        s.lamp((0, 0, h + .08), (1, .75, .45), 12)
        s.say(synonym="table lamp" if h < 1 else "floor lamp")
    else:
        s.cyl((0, 0, 0), .15, .04, m)
        s.tube([(0, 0, .03), (-.12, 0, .38), (.2, 0, .6)], .018, m)
        with s.at(.2, 0, .6, ry=.7):
            s.lathe([(.02, .06), (.06, .04), (.13, -.14)], m)
            s.ball((0, 0, -.08), .05, M("glow", (1, .85, .6), 8), n=10)
        s.lamp((.28, 0, .5), (1, .8, .5), 8)
        s.say(synonym="desk lamp")


@family("cup", "small", ("mug", "coffee cup", "teacup"), weight=2)
def cup(s):
    r = s.rng
    m = stuff(s, ("ceramic", "ceramic", "metal", "glass"), 10)
    tall = r.uniform(.8, 1.3)
    if r.random() < .6:
        s.lathe([(.01, 0), (.38, 0), (.4, .03), (.4, .85 * tall), (.36, .85 * tall), (.36, .08), (.01, .08)], m, n=32)
        s.say(synonym="mug")
        x = .4
    else:
        s.lathe([(.01, 0), (.22, 0), (.24, .06), (.4, .35), (.46, .62), (.43, .62), (.36, .36), (.2, .1), (.01, .1)], m, n=32)
        s.lathe([(.01, -.07), (.4, -.07), (.7, .02), (.68, .04), (.4, -.03), (.01, -.03)], m, n=32)
        x, tall = .41, .62
        s.part("a saucer")
    s.tube([(x - .04, 0, .62 * tall), (x + .18, 0, .66 * tall), (x + .26, 0, .45 * tall), (x + .18, 0, .24 * tall), (x - .06, 0, .2 * tall)], .05, m, n=10)
    if r.random() < .6:
        s.cyl((0, 0, .6 * tall), .36 if x == .4 else .38, .02, M("paint", (.06, .025, .01)), n=28)
        s.part("coffee in it")
    s.shot((-.5, -.5, 0), (.75, .5, .9), (-150, -30), (12, 45), fills=(.7, 1.1))


@family("teapot", "small", ("kettle",), weight=2)
def teapot(s):
    m = stuff(s, ("ceramic", "ceramic", "metal", "glass", "gold"), 8)
    s.lathe([(.01, 0), (.45, 0), (.75, .2), (.85, .5), (.7, .85), (.4, 1.02), (.3, 1.05)], m, n=36)
    s.lathe([(.42, 1.0), (.3, 1.12), (.08, 1.2), (.06, 1.26)], m, n=28)
    s.ball((0, 0, 1.32), .1, m)
    s.limb((.7, 0, .35), (1.15, 0, .7), .17, m, r2=.1)
    s.limb((1.13, 0, .66), (1.32, 0, 1.0), .1, m, r2=.075)
    s.tube([(-.66, 0, .9), (-1.0, 0, .95), (-1.2, 0, .7), (-1.1, 0, .42), (-.8, 0, .3)], .065, m, n=10)
    s.say()
    s.shot((-1.2, -.8, 0), (1.3, .8, 1.4), (-145, -35), (6, 38), fills=(.8, 1.2))


@family("bowl", "small", ("dish", "fruit bowl"))
def bowl(s):
    r = s.rng
    m = stuff(s, ("ceramic", "wood", "metal", "glass"), 6)
    s.lathe([(.01, 0), (.3, 0), (.35, .06), (.7, .3), (.9, .6), (.86, .6), (.66, .34), (.3, .12), (.01, .1)], m, n=36)
    if r.random() < .55:
        for _ in range(9):
            s.ball((r.uniform(-.45, .45), r.uniform(-.45, .45), r.uniform(.35, .6)), .2, M("paint", COLORS[r.choice(["red", "green", "orange", "yellow"])]), n=16)
        s.part("fruit")
    s.shot((-.9, -.9, 0), (.9, .9, .7), (0, 360), (14, 50), fills=(.8, 1.2))


@family("plate", "small", ("plates",))
def plate(s):
    m = stuff(s, ("ceramic", "ceramic", "metal", "wood"), 6)
    n = s.rng.choice([1, 1, 4])
    for k in range(n):
        s.lathe([(.01, .05 * k), (.5, .05 * k), (.95, .14 + .05 * k), (.93, .17 + .05 * k), (.5, .03 + .05 * k), (.01, .03 + .05 * k)], m, n=40)
    if n == 1 and s.rng.random() < .5:
        for x, w in ((-1.2, .09), (1.2, .06)):
            s.box((x, 0, .03), (w, 1.1, .03), CHROME)
            s.box((x, .6, .03), (w * 2.2, .35, .03), CHROME)
        s.part("a knife and a fork")
    s.say(synonym="plates" if n > 1 else "")
    s.shot((-1, -1, 0), (1, 1, .2), (0, 360), (22, 60), fills=(.8, 1.1))


@family("bottle", "small", ("wine bottle", "bottles"))
def bottle(s):
    r = s.rng
    n = r.choice([1, 1, 3])
    m = M("glass", r.choice([(.04, .14, .05), (.15, .07, .02), (.5, .65, .65), (.1, .2, .4)]))
    for k in range(n):
        with s.at(k * .9, r.uniform(-.2, .2)):
            s.lathe([(.01, 0), (.32, 0), (.35, .05), (.35, 1.3), (.3, 1.5), (.13, 1.75), (.11, 2.1), (.13, 2.12), (.13, 2.2), (.01, 2.2)], m, n=28)
            if r.random() < .7:
                s.cyl((0, 0, .45), .356, .6, M("plain", r.choice([(.75, .72, .62), (.6, .1, .08), (.1, .1, .1)])), n=28)
    s.material("glass")
    s.say(synonym="bottles" if n > 1 else "")
    s.shot((-.4, -.4, 0), (.4 + .9 * (n - 1), .4, 2.2), (-150, -30), (2, 28), fills=(.8, 1.2))


@family("wine glass", "small", ("goblet", "glasses"))
def wine_glass(s):
    r = s.rng
    n = r.choice([1, 1, 2])
    for k in range(n):
        with s.at(k * 1.1):
            s.lathe([(.01, 0), (.42, .02), (.4, .05), (.05, .1), (.05, .9), (.28, 1.05), (.45, 1.4), (.38, 1.9)], M("glass", (.7, .75, .76)), n=28)
            if r.random() < .6:
                s.lathe([(.01, 1.0), (.26, 1.07), (.42, 1.38), (.42, 1.45), (.01, 1.45)], M("paint", r.choice([(.25, .01, .03), (.7, .55, .2)])), n=24)
    s.material("glass")
    s.say(synonym="glasses" if n > 1 else "")
    s.shot((-.5, -.5, 0), (.5 + 1.1 * (n - 1), .5, 1.9), (-150, -30), (3, 28), fills=(.8, 1.2))


@family("vase", "small", ("urn", "pot"))
def vase(s):
    r = s.rng
    m = stuff(s, ("ceramic", "ceramic", "stone", "gold", "glass"), 5)
    k = r.uniform(.6, 1.4)
    s.lathe([(.01, 0), (.3, 0), (.5 * k, .4), (.55 * k, .8), (.35, 1.25), (.2, 1.5), (.28, 1.75), (.25, 1.75), (.15, 1.5)], m, n=32)
    if r.random() < .5:
        for _ in range(8):
            x, y, z = r.gauss(0, .3), r.gauss(0, .3), r.uniform(2.1, 2.8)
            s.limb((0, 0, 1.5), (x, y, z), .02, M("leaf", (.08, .25, .06)))
            flower(s, (x, y, z), .22)
        s.part("flowers")
    s.shot((-.6, -.6, 0), (.6, .6, 2.2), (0, 360), (3, 30), fills=(.8, 1.2))


def flower(s, p, q):
    m = M("paint", COLORS[s.rng.choice(["red", "yellow", "pink", "white", "purple", "orange"])])
    for k in range(6):
        s.ball((p[0] + q * .55 * math.cos(k * 1.05), p[1] + q * .55 * math.sin(k * 1.05), p[2]), q * .45, m, n=8, squash=(1, 1, .4))
    s.ball(p, q * .3, M("paint", (.8, .55, .05)), n=8)


def plant_shape(s, q=1.0):
    r = s.rng
    m, kind = M("leaf", (r.uniform(.04, .1), r.uniform(.2, .32), .05)), r.choice(["blades", "bush", "big"])
    if kind == "bush":
        for _ in range(26):
            s.rock((r.gauss(0, .25) * q, r.gauss(0, .25) * q, q * r.uniform(.15, .9)), .16 * q, m, rough=.7, n=7)
    else:
        for k in range(14 if kind == "blades" else 9):
            a, lean, w = k * 2.4, r.uniform(.2, .6), .05 if kind == "blades" else .15
            rows = []
            for i in range(6):
                t = i / 5
                x, z = lean * t * t * q + .02, (t - .25 * t * t * lean * 2) * q
                ww = w * q * math.sin(math.pi * min(.97, .15 + .85 * t))
                rows.append([(x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a), z) for y in (-ww, ww)])
            v = [p for row in rows for p in row]
            s.add(v, [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(5)], m)


@family("potted plant", "small", ("plant", "houseplant"), weight=2)
def potted_plant(s):
    r = s.rng
    pot = M("paint", r.choice([(.5, .2, .1), (.75, .74, .7), (.1, .1, .11), (.15, .3, .4)]))
    s.lathe([(.01, 0), (.26, 0), (.36, .5), (.4, .5), (.4, .6), (.34, .6), (.33, .5), (.01, .5)], pot, n=26)
    with s.at(0, 0, .5):
        plant_shape(s, r.uniform(.9, 1.4))
    s.say(synonym="plant" if r.random() < .3 else "")
    s.shot((-.5, -.5, 0), (.5, .5, 1.6), (0, 360), (3, 32), fills=(.8, 1.15))


@family("flower", "object", ("flowers", "blossom"))
def one_flower(s):
    r = s.rng
    n = r.choice([1, 1, 5])
    for _ in range(n):
        x, y, h = r.gauss(0, .12 * n), r.gauss(0, .12 * n), r.uniform(.8, 1.2)
        stem = M("leaf", (.07, .24, .05))
        s.limb((x, y, 0), (x, y, h), .022, stem)
        for k in range(2):
            s.ball((x + .13 * (1 - 2 * k), y, h * .4), .14, stem, squash=(1, .4, .3), n=10)
        name = r.choice(["red", "yellow", "pink", "white", "purple", "orange"])
        m = M("paint", COLORS[name])
        with s.at(x, y, h, rx=.7):
            for k in range(9):
                s.ball((.2 * math.cos(k * .698), .2 * math.sin(k * .698), 0), .12, m, n=10, squash=(1, 1, .35))
            s.ball((0, 0, .02), .11, M("paint", (.5, .28, .03)), n=12, squash=(1, 1, .6))
        if n == 1:
            s.say(color=name)
    s.say(synonym="flowers" if n > 1 else "")
    s.shot((-.35, -.35, .1), (.35, .35, 1.3), (-140, -40), (5, 38))


@family("mushroom", "object", ("mushrooms",))
def mushroom(s):
    r = s.rng
    n = r.choice([1, 3])
    name = r.choice(["red", "brown", "orange", "white"])
    for k in range(n):
        q = r.uniform(.6, 1.1)
        with s.at(k * .8, r.uniform(-.3, .3), s=q):
            s.lathe([(.01, 0), (.17, 0), (.13, .3), (.12, .75)], M("paint", (.75, .7, .6)), n=20)
            s.lathe([(.1, .68), (.5, .66), (.55, .74), (.42, .98), (.2, 1.12), (.01, 1.16)], M("paint", COLORS[name]), n=28)
            if name == "red":
                for i in range(10):
                    a, t = r.uniform(0, 6.3), r.uniform(.1, .9)
                    s.ball((.5 * t * math.cos(a), .5 * t * math.sin(a), 1.15 - .4 * t * t), .055, M("paint", (.8, .8, .78)), n=8)
    s.say(color=name, synonym="mushrooms" if n > 1 else "")


@family("apple", "small", ("apples", "fruit"), weight=2)
def apple(s):
    r = s.rng
    n, name = r.choice([1, 1, 1, 1, 3, 5]), r.choice(["red", "green", "red", "green", "yellow"])
    # Apples are rounder, taller, or narrow at the foot, and not all keep a leaf.
    tall, foot, leafy, shiny = r.uniform(.8, 1.2), r.uniform(.55, 1), r.random() < .45, r.choice(["paint", "plastic", "paint"])
    for k in range(n):
        with s.at((k % 3) * 1.0 + (k // 3) * .5, (k // 3) * .9, 0, rz=r.uniform(0, 6)):
            with s.at(s=(1, 1, tall)):
                s.lathe([(.02, .1), (.13 * foot, .03), (.26 * foot, .04), (.4 * foot, .14), (.47 * (foot + 1) / 2, .3), (.5, .48), (.47, .68), (.37, .82), (.25, .86), (.1, .82), (.01, .7)], M(shiny, COLORS[name]), n=28)
                s.limb((0, 0, .7), (r.uniform(-.1, .1), 0, r.uniform(.95, 1.15)), r.uniform(.02, .035), M("wood", (.12, .07, .03)))
                if leafy:
                    s.ball((.16, 0, .98), .14, M("leaf", (.1, .3, .05)), squash=(1, .5, .15), n=10)
    s.say(color=name, synonym="apples" if n > 1 else "")
    s.shot((-.5, -.5, 0), (.5 + min(n - 1, 2), .5 + (n > 3) * .9, 1), (0, 360), (4, 42), fills=(.6, 1.15))


@family("candle", "small", ("candles",))
def candle(s):
    r = s.rng
    n = r.choice([1, 3])
    for k in range(n):
        h = r.uniform(.8, 1.8)
        s.cyl((k * .8, 0, 0), .25, h, M("plain", r.choice([(.8, .74, .6), (.6, .05, .05), (.8, .8, .78)])))
        s.limb((k * .8, 0, h), (k * .8, 0, h + .12), .02, DARK)
        s.lathe([(.01, h + .08), (.07, h + .18), (.05, h + .32), (.01, h + .48)], M("glow", (1, .6, .15), 9), n=10) if k == 0 else None
        with s.at(k * .8):
            s.lathe([(.01, h + .08), (.07, h + .18), (.05, h + .32), (.01, h + .48)], M("glow", (1, .6, .15), 9), n=10)
        s.lamp((k * .8, 0, h + .4), (1, .6, .25), 9)
    s.say(synonym="candles" if n > 1 else "", adj=["lit"])
    s.shot((-.3, -.3, 0), (.3 + .8 * (n - 1), .3, 2), (-140, -40), (3, 25), fills=(.7, 1.1))


@family("computer", "object", ("monitor", "laptop", "television"))
def computer(s):
    r = s.rng
    screen = M("glow", r.choice([(.1, .3, .7), (.3, .6, .5), (.7, .7, .75), (.05, .08, .12)]), 1.2)
    kind = r.choice(["laptop", "monitor", "television"])
    if kind == "laptop":
        m = M("metal", r.choice([(.45, .46, .48), (.1, .1, .1)]))
        s.box((0, 0, .02), (1.5, 1, .05), m)
        for i in range(11):
            for j in range(4):
                s.box((-.6 + i * .12, -.02 + j * .11, .05), (.095, .085, .02), DARK)
        s.box((0, -.3, .046), (.4, .25, .01), M("metal", (.3, .3, .3)))
        with s.at(0, .5, .04, rx=-.3):
            s.box((0, 0, .5), (1.5, .04, 1), m)
            s.box((0, -.025, .5), (1.4, .01, .88), screen)
    else:
        w = 1.6 if kind == "monitor" else 2.4
        s.box((0, 0, .95), (w, .08, w * .58), DARK)
        s.box((0, -.045, .95), (w * .95, .01, w * .53), screen)
        if kind == "monitor":
            s.box((0, .06, .3), (.12, .06, .6), DARK)
            s.box((0, .05, .02), (.6, .4, .04), DARK)
            s.box((0, -.6, .02), (1.1, .36, .04), M("plastic", (.2, .2, .2)))
            s.part("a keyboard")
        else:
            for x in (-.8, .8):
                s.box((x, 0, .12), (.06, .5, .24), DARK)
    s.say(synonym=kind)
    s.shot((-.8, -.5, 0), (.8, .5, 1.4), (-135, -45), (4, 35))


@family("snowman", "vehicle", ())
def snowman(s):
    m = M("snow", (.85, .87, .9))
    for z, q in ((.6, .65), (1.45, .45), (2.1, .3)):
        s.ball((0, 0, z), q, m)
    s.limb((0, -.28, 2.1), (0, -.62, 2.05), .06, M("paint", (.8, .26, .03)), r2=.01)
    for x in (-.1, .1):
        s.ball((x, -.27, 2.2), .04, DARK, n=8)
        s.limb((x * 3.8, 0, 1.6), (x * 11, -.1, 2.0), .03, M("wood", (.12, .07, .04)))
    for z in (1.35, 1.55):
        s.ball((0, -.44, z), .045, DARK, n=8)
    if s.rng.random() < .6:
        s.cyl((0, 0, 2.34), .33, .05, DARK)
        s.cyl((0, 0, 2.36), .22, .35, DARK)
        s.part("a hat")
    s.material("snow")
    s.say()
    s.shot((-.9, -.6, 0), (.9, .6, 2.6), (-140, -40), (2, 22))


@family("statue", "object", ("sculpture", "bust"))
def statue(s):
    from vehicles import figure
    r = s.rng
    m = M(*r.choice([("stone", (.6, .58, .54)), ("metal", (.25, .16, .06)), ("stone", (.3, .3, .29)), ("gold", (.8, .5, .12))]))
    s.box((0, 0, -.5), (1, 1, 1), M("stone", (.4, .38, .35)))
    s.box((0, 0, -.05), (1.15, 1.15, .12), M("stone", (.4, .38, .35)))
    figure(s, m, m, m, r.choice(["standing", "waving", "walking"]), m)
    s.material({"metal": "bronze"}.get(m[0], m[0]))
    s.part("a pedestal")
    s.shot((-.6, -.6, -1), (.6, .6, 1.8), (-150, -30), (0, 20), fills=(.8, 1.2))


@family("chess piece", "small", ("pawn", "chess pieces"))
def chess(s):
    r = s.rng
    n = r.choice([1, 1, 4])
    m = [M("wood", (.5, .34, .19)), M("wood", (.05, .03, .02))] if r.random() < .5 else [M("paint", (.8, .78, .72)), M("paint", (.03, .03, .03))]
    for k in range(n):
        with s.at((k % 2) * 1.1, (k // 2) * 1.1, 0):
            c = m[k % 2] if n > 1 else r.choice(m)
            if r.random() < .6:
                s.lathe([(.01, 0), (.42, 0), (.42, .1), (.34, .2), (.2, .4), (.15, .85), (.26, .9), (.15, .98)], c, n=26)
                s.ball((0, 0, 1.12), .22, c)
            else:
                s.lathe([(.01, 0), (.44, 0), (.44, .12), (.34, .22), (.22, .5), (.17, 1.3), (.32, 1.36), (.2, 1.42), (.32, 1.8), (.01, 1.86)], c, n=26)
                s.ball((0, 0, 1.93), .09, c)
    if n > 1 or r.random() < .5:
        s.slab(-2, -2, 3, 3, -.1, 0, M("checker", (.7, .6, .45), 1))
        s.part("a chessboard")
    s.say(synonym="chess pieces" if n > 1 else "pawn" if r.random() < .3 else "")
    s.shot((-.5, -.5, 0), (.5 + (n > 1) * 1.1, .5 + (n > 2) * 1.1, 1.8), (0, 360), (5, 35), fills=(.8, 1.1))


@family("sword", "object", ("dagger",))
def sword(s):
    r = s.rng
    with s.at(0, 0, 1.2 if r.random() < .6 else .2, ry=r.choice([0, math.pi, 1.2]) if r.random() < .6 else math.pi / 2):
        s.loft([[(-.09, 0, z), (0, -.02, z), (.09, 0, z), (0, .02, z)] for z in (.1, 1.6)] + [[(-.005, 0, 1.85), (0, -.002, 1.85), (.005, 0, 1.85), (0, .002, 1.85)]], M("metal", (.6, .62, .65)))
        s.box((0, 0, .07), (.55, .09, .08), M("gold", (.8, .5, .12)))
        s.cyl((0, 0, -.35), .045, .4, M("wood", (.12, .06, .03)), n=10)
        s.ball((0, 0, -.4), .075, M("gold", (.8, .5, .12)))
    s.material("metal")
    lo, hi = s.bounds()
    s.shot(lo, hi, (-130, -50), (2, 40), fills=(.8, 1.1))


# --- look development ---------------------------------------------------------------------------------------------

LOOK = ("plastic", "metal", "glass", "gold", "wood", "stone", "checker", "plastic", "brick", "concrete")


def look(s, lo, hi):
    s.shot(lo, hi, (0, 360), (5, 42), fills=(.65, 1.15))


@family("sphere", "object", ("ball", "orb"), weight=3)
def sphere(s):
    s.ball((0, 0, 1), 1, stuff(s, LOOK, 1.5), n=44)
    s.say()
    look(s, (-1, -1, 0), (1, 1, 2))


@family("cube", "object", ("block",), weight=2)
def cube(s):
    r = s.rng
    with s.at(0, 0, 1, rz=r.uniform(0, 1.5)):
        m = stuff(s, LOOK, 1.5)
        s.box((0, 0, 0), (2, 2, 2), m)
    look(s, (-1.2, -1.2, 0), (1.2, 1.2, 2))


@family("torus", "object", ("ring", "donut"), weight=2)
def torus(s):
    r = s.rng
    q = r.uniform(.2, .5)
    up = r.random() < .45
    s.torus((0, 0, 1 + q if up else q), 1, q, stuff(s, LOOK, 1.5), n=56, k=20, rx=math.pi / 2 if up else 0, rz=r.uniform(0, 3))
    s.say(synonym="donut" if r.random() < .1 else "")
    s.shot((-1.3, -1.3, 0), (1.3, 1.3, 2.2 if up else .9), (0, 360), (10, 50), fills=(.65, 1.1))


@family("cone", "object", ())
def cone(s):
    s.cyl((0, 0, 0), 1, 2.2, stuff(s, LOOK, 1.5), n=40, r2=.005)
    look(s, (-1, -1, 0), (1, 1, 2.2))


@family("cylinder", "object", ())
def cylinder(s):
    s.cyl((0, 0, 0), .8, s.rng.uniform(1.6, 2.6), stuff(s, LOOK, 1.5), n=40)
    look(s, (-.8, -.8, 0), (.8, .8, 2.2))


@family("spheres", "object", ("balls", "material balls"), weight=3)
def spheres(s):
    r = s.rng
    n = r.choice([3, 3, 3, 5, 9])
    alike, gap = r.random() < .5, r.uniform(1.9, 2.4)
    for k in range(n):
        kind = r.choice(["plastic", "metal", "glass", "gold", "checker", "paint", "wood", "stone", "marble", "plastic"])
        q = (.85 if alike else r.uniform(.5, 1)) if n < 9 else .7
        x, y = (k - n / 2) * gap if n < 9 else (k % 3) * 1.8, 0 if n < 9 else (k // 3) * 1.8
        color = {"metal": (.6, .6, .62), "gold": (.8, .5, .12), "wood": r.choice(GRAINS), "stone": r.choice(STONES), "marble": r.choice(STONES)}.get(kind, COLORS[r.choice(list(COLORS))])
        s.ball((x, y + (r.uniform(-.5, .5) if n < 9 else 0), q), q, M(kind, color, 1.5), n=32)
    s.say(adj=[{3: "three", 5: "five", 9: "several"}[n]])
    lo, hi = s.bounds()
    if r.random() < .6:
        # In a row before the camera.
        s.shot(lo, hi, (-125, -55) if r.random() < .5 else (55, 125), (5, 30), fills=(.85, 1.3))


@family("shapes", "object", ("geometric shapes", "primitives", "blocks"), weight=2)
def shapes(s):
    r = s.rng
    kinds = r.sample(["cube", "sphere", "cone", "cylinder", "torus"], 3)
    for k, kind in enumerate(kinds):
        m = M("paint", COLORS[r.choice(list(COLORS))])
        with s.at(k * 2.4, r.uniform(-.6, .6)):
            if kind == "cube":
                s.box((0, 0, .8), (1.6, 1.6, 1.6), m, rz=r.uniform(0, 1.5))
            elif kind == "sphere":
                s.ball((0, 0, .9), .9, m, n=32)
            elif kind == "cone":
                s.cyl((0, 0, 0), .9, 1.9, m, n=32, r2=.01)
            elif kind == "cylinder":
                s.cyl((0, 0, 0), .7, 1.8, m, n=32)
            else:
                s.torus((0, 0, .35), .7, .3, m)
    s.say(adj=["colorful"], of="a " + kinds[0] + ", a " + kinds[1] + " and a " + kinds[2])


@family("knot", "object", ("torus knot",))
def knot(s):
    r = s.rng
    p, q = r.choice([(2, 3), (3, 2), (2, 5)])
    pts = [((2 + math.cos(q * t)) * math.cos(p * t) * .5, (2 + math.cos(q * t)) * math.sin(p * t) * .5, 1 + math.sin(q * t) * .5) for t in [k * 2 * math.pi / 110 for k in range(111)]]
    s.tube(pts, r.uniform(.14, .26), stuff(s, LOOK, 1.5), n=12)
    look(s, (-1.5, -1.5, .3), (1.5, 1.5, 1.6))
