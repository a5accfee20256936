"""Scene families: animals and parts of bodies."""

import math

from kit import COLORS, SKIN, material as M
from objects import stuff
from registry import family
from things import DARK, WHITE, any_tint, front, tint

FURS = [(.3, .16, .07), (.12, .07, .04), (.6, .42, .22), (.75, .7, .62), (.03, .03, .03), (.35, .34, .33), (.5, .25, .08)]


def eyes(s, x, y, z, q, gap):
    for side in (-1, 1):
        s.ball((x, y + side * gap, z), q, DARK, n=10)


def beast(s, m, long, tall, thick, neck, head, snout, tail, ears, leg=.09, pose=None, spots=None):
    """A four-legged animal that looks along X."""
    r = s.rng
    z = tall
    s.loft([[(x * long, thick * w * math.cos(a), z + thick * h * math.sin(a) + lift) for a in [k * math.pi / 6 for k in range(12)]] for x, w, h, lift in ((-.56, .3, .4, .04), (-.5, .8, .85, .02), (-.25, 1, 1, 0), (.1, .92, .95, -.01), (.4, 1, 1.1, 0), (.54, .6, .7, .05))], m, smooth=True)
    swing = r.uniform(0, .35)
    for k, (x, y) in enumerate(((.42, 1), (.42, -1), (-.42, 1), (-.42, -1))):
        a = swing * (1 if k in (0, 3) else -1)
        knee = (x * long + a * .3 * tall, y * thick * .6, z * .52)
        foot = (x * long + a * .6 * tall - .05 * tall, y * thick * .6, .03)
        s.limb((x * long, y * thick * .55, z), knee, leg * 1.5, m, r2=leg)
        s.ball(knee, leg, m, n=10)
        s.limb(knee, foot, leg, m, r2=leg * .75)
        s.ball((foot[0] + leg * .5, foot[1], leg * .6), leg, m, n=10, squash=(1.4, 1, .6))
    base = (.48 * long, 0, z + thick * .5)
    top = (base[0] + neck * .6, 0, base[2] + neck)
    s.limb(base, top, thick * .62, m, r2=head * .75, n=14)
    s.ball(top, head, m, n=20, squash=(1.15, .9, .95))
    nose = (top[0] + head * .6 + snout, 0, top[2] - head * .25 - snout * .15)
    s.limb((top[0] + head * .3, 0, top[2] - head * .1), nose, head * .62, m, r2=head * .38)
    s.ball(nose, head * .38, m)
    s.ball((nose[0] + head * .3, 0, nose[2] + head * .1), head * .15, DARK, n=8)
    eyes(s, top[0] + head * .75, 0, top[2] + head * .25, head * .13, head * .55)
    for side in (-1, 1):
        p = (top[0] - head * .1, side * head * .65, top[2] + head * .7)
        if ears == "pointed":
            s.limb(p, (p[0], p[1] * 1.25, p[2] + head * .8), head * .36, m, r2=.01, n=8)
        elif ears == "floppy":
            s.ball((p[0], p[1] * 1.5, p[2] - head * .6), head * .5, m, squash=(.6, .3, 1.2))
        elif ears == "long":
            s.ball((p[0] - head * .2, p[1] * .8, p[2] + head * 1.1), head * .85, m, squash=(.3, .25, 1.2), n=12)
        elif ears == "round":
            s.ball(p, head * .36, m, n=12, squash=(.5, 1, 1))
        elif ears == "horns":
            s.tube([p, (p[0], p[1] * 1.9, p[2] + head * .2), (p[0] + head * .2, p[1] * 2.1, p[2] + head * .9)], head * .14, WHITE)
            s.ball((p[0], p[1] * 1.6, p[2] - head * .3), head * .3, m, squash=(.5, 1.3, .7))
        elif ears == "antlers":
            s.tube([p, (p[0] - .1, p[1] * 2, p[2] + head * 1.4), (p[0] + .1, p[1] * 3, p[2] + head * 2.6)], head * .13, M("wood", (.35, .25, .15)))
            s.limb((p[0] - .1, p[1] * 2, p[2] + head * 1.4), (p[0] + head, p[1] * 2.2, p[2] + head * 2.3), head * .1, M("wood", (.35, .25, .15)))
        elif ears == "huge":
            s.ball((p[0] - head * .2, p[1] * 1.9, p[2] - head * .4), head * .9, m, squash=(.2, .9, 1.1))
    back = (-.55 * long, 0, z + thick * .45)
    if tail == "up":
        s.tube([back, (back[0] - .2 * tall, 0, back[2] + .2 * tall), (back[0] - .2 * tall, 0, back[2] + .55 * tall), (back[0] - .05 * tall, 0, back[2] + .7 * tall)], leg * .7, m)
    elif tail == "hair":
        s.limb(back, (back[0] - .2 * tall, 0, back[2] - .65 * tall), leg * .8, M("fabric", (.05, .03, .02)), r2=leg * 1.4)
    elif tail == "stub":
        s.ball(back, leg * 1.3, m, n=10)
    elif tail == "thin":
        s.tube([back, (back[0] - .12 * tall, 0, back[2] - .3 * tall), (back[0] - .1 * tall, 0, back[2] - .55 * tall)], leg * .4, m)
    elif tail == "long":
        s.tube([back, (back[0] - .4 * tall, 0, back[2]), (back[0] - .8 * tall, r.uniform(-.2, .2), back[2] - .25 * tall)], leg * .8, m)
    if spots:
        for _ in range(26):
            x, a = r.uniform(-.5, .5), r.uniform(.2, 2.9)
            s.ball((x * long, thick * .93 * math.cos(a), z + thick * .97 * math.sin(a)), thick * r.uniform(.12, .3), spots, squash=(1, .5, .5), n=8)
    return top, nose


def animal(noun, *others):
    """A family of its own for an animal, that stands outdoors or alone before a plain ground."""
    return family(noun, "object", others, later=True)


@animal("dog", "puppy")
def dog(s):
    r = s.rng
    beast(s, M("fabric", r.choice(FURS), 3), r.uniform(.8, 1.1), r.uniform(.5, .75), r.uniform(.2, .28), .3, .2, r.uniform(.1, .25), r.choice(["up", "long", "stub"]), r.choice(["floppy", "floppy", "pointed"]), .06, spots=r.choice([None, None, DARK]))
    front(s, (3, 28), 85)


@animal("cat", "kitten")
def cat(s):
    r = s.rng
    m = M("fabric", r.choice(FURS + [(.55, .28, .1)]), 3)
    if r.random() < .4:
        s.ball((0, 0, .45), .4, m, squash=(.9, .8, 1.15))
        s.ball((.12, 0, 1.0), .27, m, squash=(1, 1.05, .9))
        s.ball((.34, 0, .93), .11, m)
        eyes(s, .34, 0, 1.05, .045, .11)
        for q in (-1, 1):
            s.limb((.1, q * .16, 1.15), (.1, q * .22, 1.42), .11, m, r2=.01, n=6)
            s.limb((.25, q * .15, .6), (.38, q * .15, .05), .08, m)
        s.tube([(-.35, 0, .1), (-.5, .3, .08), (-.2, .55, .08), (.2, .5, .08)], .07, m)
    else:
        beast(s, m, r.uniform(.75, .95), .38, .17, .14, .19, .05, r.choice(["up", "long"]), "pointed", .05)
    front(s, (3, 28), 85)


@animal("horse", "pony", "donkey")
def horse(s):
    r = s.rng
    m = M("fabric", r.choice(FURS), 2)
    top, nose = beast(s, m, r.uniform(1.5, 1.8), r.uniform(1.1, 1.3), .34, r.uniform(.55, .75), .2, .35, "hair", "pointed", .09)
    mane = M("fabric", r.choice([(.03, .02, .02), (.7, .6, .4)]))
    for k in range(8):
        t = k / 7
        s.ball((.72 + t * (top[0] - .8), 0, 1.45 + t * (top[2] - 1.35)), .14, mane, squash=(.8, .35, 1.2), n=8)
    front(s, (2, 22), 85)


@animal("cow", "bull")
def cow(s):
    r = s.rng
    beast(s, M("fabric", r.choice([(.75, .73, .7), (.3, .14, .06), (.03, .03, .03), (.5, .3, .15)]), 2), r.uniform(1.7, 2), .95, .46, .2, .26, .22, "thin", "horns", .1, spots=r.choice([None, DARK, M("fabric", (.2, .1, .05))]))
    front(s, (2, 25), 85)


@animal("sheep", "lamb", "goat")
def sheep(s):
    r = s.rng
    wool, face = M("fabric", r.choice([(.75, .73, .68), (.6, .57, .5), (.2, .18, .17)]), 3), M("fabric", r.choice([(.05, .04, .04), (.6, .5, .4)]))
    for _ in range(70):
        a, b = r.uniform(0, 6.3), r.uniform(-1, 1)
        q = math.sqrt(1 - b * b)
        s.ball((.65 * b, .38 * q * math.cos(a), .85 + .38 * q * math.sin(a)), .17, wool, n=8)
    for x in (-.4, .4):
        for y in (-.2, .2):
            s.limb((x, y, .6), (x, y, 0), .07, face)
    s.ball((.8, 0, 1.15), .22, face, squash=(1.3, .85, .9))
    s.ball((.7, 0, 1.33), .18, wool)
    eyes(s, .95, 0, 1.22, .035, .12)
    for q in (-1, 1):
        s.ball((.68, q * .28, 1.18), .14, face, squash=(.5, 1.2, .5))
    front(s, (2, 25), 85)


@animal("pig", "piggy bank")
def pig(s):
    r = s.rng
    m = M(r.choice(["plain", "plastic", "paint"]), r.choice([(.8, .45, .42), (.75, .5, .45), (.4, .25, .2)]))
    s.ball((0, 0, .75), .6, m, squash=(1.35, .95, .9))
    s.ball((.8, 0, .9), .36, m)
    s.cyl((1.05, 0, .85), .17, .18, m, ry=math.pi / 2)
    for q in (-1, 1):
        s.ball((1.24, q * .07, .87), .035, DARK, n=8)
        s.limb((.75, q * .22, 1.15), (.85, q * .3, 1.4), .13, m, r2=.01, n=6)
        for x in (-.45, .45):
            s.limb((x, q * .3, .5), (x, q * .32, 0), .13, m)
    eyes(s, 1.08, 0, 1.05, .045, .16)
    s.tube([(-.8, 0, .85), (-.95, .1, .95), (-.92, -.05, 1.05), (-1.05, 0, 1.1)], .035, m)
    front(s, (2, 25), 85)


@animal("elephant")
def elephant(s):
    r = s.rng
    m = M("rock", r.choice([(.3, .29, .28), (.4, .36, .33)]), 2) if r.random() < .6 else M("plain", (.32, .31, .31))
    top, nose = beast(s, m, 2, 1.15, .68, .2, .45, .05, "thin", "huge", .22)
    s.tube([(nose[0], 0, nose[2]), (nose[0] + .2, 0, nose[2] - .5), (nose[0] + .2, 0, nose[2] - 1), (nose[0] + .4, 0, nose[2] - 1.2)], .14, m)
    for q in (-1, 1):
        s.tube([(nose[0] - .1, q * .22, nose[2] - .1), (nose[0] + .35, q * .26, nose[2] - .4), (nose[0] + .6, q * .24, nose[2] - .3)], .06, WHITE)
    front(s, (2, 22), 85)


@animal("giraffe")
def giraffe(s):
    beast(s, M("fabric", (.65, .45, .2), 2), 1.3, 1.5, .36, 1.7, .2, .18, "thin", "pointed", .09, spots=M("fabric", (.25, .1, .04)))
    front(s, (0, 20), 85)


@animal("lion", "tiger", "leopard")
def lion(s):
    r = s.rng
    m = M("fabric", r.choice([(.6, .38, .15), (.65, .33, .08), (.04, .04, .04)]), 3)
    top, _ = beast(s, m, 1.4, .75, .3, .2, .26, .1, "long", "round", .1, spots=r.choice([None, DARK]))
    if r.random() < .6:
        for k in range(16):
            a = k * math.pi / 8
            s.ball((top[0] - .12, .3 * math.cos(a), top[2] + .3 * math.sin(a)), .17, M("fabric", (.25, .1, .03)), n=8)
    front(s, (2, 25), 85)


@animal("bear", "polar bear", "panda")
def bear(s):
    beast(s, M("fabric", s.rng.choice([(.2, .1, .04), (.03, .025, .02), (.75, .73, .68)]), 3), 1.5, .75, .45, .1, .3, .13, "stub", "round", .15)
    front(s, (2, 25), 85)


@animal("deer", "reindeer", "stag")
def deer(s):
    r = s.rng
    beast(s, M("fabric", r.choice([(.4, .22, .1), (.3, .18, .1), (.5, .32, .18)]), 3), 1.2, .95, .25, .5, .17, .2, "stub", "antlers", .055)
    front(s, (0, 22), 85)


@animal("rabbit", "hare", "bunny")
def rabbit(s):
    r = s.rng
    m = r.choice([M("fabric", r.choice(FURS), 3), M("fabric", (.75, .73, .7)), M("plain", (.6, .58, .55)), stuff(s, ("plastic", "gold", "glass"))])
    s.ball((0, 0, .42), .42, m, squash=(1.2, .9, 1))
    s.ball((.42, 0, .88), .27, m, squash=(1.1, .9, 1))
    eyes(s, .6, 0, .95, .05, .17)
    for q in (-1, 1):
        s.ball((.32, q * .13, 1.4), .38, m, squash=(.25, .25, 1), n=12)
        s.ball((.35, q * .22, .1), .15, m, squash=(1.6, .8, .6))
        s.ball((-.15, q * .32, .22), .24, m, squash=(1.3, .6, .9))
    s.ball((-.5, 0, .4), .14, WHITE)
    front(s, (2, 28), 85)


@animal("bird", "parrot", "eagle", "chicken")
def bird(s):
    r = s.rng
    m, kind = any_tint(s, "fabric", ("red", "blue", "green", "yellow", "white", "brown", "black", "gray")), r.choice(["sits", "flies", "hen", "wader"])
    beak, leg = M("paint", (.8, .4, .05)), M("paint", (.6, .35, .1))
    if kind == "flies":
        s.ball((0, 0, 1.5), .3, m, squash=(1.9, .8, .8))
        s.ball((.6, 0, 1.6), .2, m)
        s.limb((.75, 0, 1.6), (1, 0, 1.55), .08, beak, r2=.01)
        for q in (-1, 1):
            a = r.uniform(-.2, .6) if q < 0 else a
            s.loft([[(x0, q * y, 1.55 + z), (x1, q * y, 1.55 + z), (x1, q * y, 1.6 + z), (x0, q * y, 1.6 + z)] for x0, x1, y, z in ((-.3, .35, .1, 0), (-.3, .35, .7, .4 * a), (-.35, .15, 1.3, .5 * a), (-.4, -.2, 1.7, .4 * a))], m)
        s.prism([(-.4, 1.45), (-.4, 1.55), (-1.1, 1.55), (-1.1, 1.45)], .5, m)
        s.backdrop = "sky"
        s.floor(M("grass", (.1, .2, .05), .3), 300, -6) if s.light not in ("studio", "black") else None
        s.shot((-1.1, -1.5, .9), (1, 1.5, 2.1), (0, 360), (-12, 25))
        return
    tall = {"sits": .25, "hen": .35, "wader": 1.2}[kind]
    s.ball((0, 0, tall + .4), .42, m, squash=(1.3, .85, .9))
    neck = {"sits": .35, "hen": .5, "wader": 1.1}[kind]
    s.limb((.35, 0, tall + .55), (.5, 0, tall + .5 + neck), .2 if kind != "wader" else .08, m, r2=.17 if kind != "wader" else .06)
    s.ball((.52, 0, tall + .55 + neck), .21, m)
    eyes(s, .62, 0, tall + .62 + neck, .04, .15)
    s.limb((.68, 0, tall + .55 + neck), (.95 if kind != "wader" else 1.2, 0, tall + .5 + neck), .09, beak, r2=.01)
    s.prism([(-.4, tall + .35), (-.4, tall + .55), (-1.0, tall + (.9 if kind == "hen" else .3)), (-1.0, tall + (.6 if kind == "hen" else .2))], .3, m)
    for q in (-1, 1):
        s.ball((-.08, q * .32, tall + .45), .36, m, squash=(1.3, .25, .7))
        s.limb((.05, q * .14, tall + .1), (.1, q * .14, 0), .035, leg)
        for a in (-.5, 0, .5):
            s.limb((.1, q * .14, .02), (.3 * math.cos(a), q * .14 + .2 * math.sin(a), .02), .025, leg)
    if kind == "hen":
        for k in range(4):
            s.ball((.4 + k * .08, 0, tall + .78 + neck), .08, M("paint", (.6, .03, .02)), n=8)
        s.say(synonym="chicken")
    front(s, (2, 25), 85)


@animal("duck", "penguin", "rubber duck", "swan")
def duck(s):
    r = s.rng
    if r.random() < .6:
        m = r.choice([M("plastic", (.85, .6, .03)), M("fabric", (.75, .73, .7)), M("fabric", (.25, .16, .08))])
        s.ball((0, 0, .5), .5, m, squash=(1.35, 1, .85))
        s.ball((.5, 0, 1.15), .34, m)
        s.limb((.35, 0, .7), (.5, 0, 1.1), .26, m)
        s.ball((.88, 0, 1.1), .16, M("paint", (.8, .3, .02)), squash=(1.3, 1.1, .4))
        s.limb((-.55, 0, .6), (-.95, 0, .95), .22, m, r2=.03)
        for q in (-1, 1):
            s.ball((-.05, q * .45, .58), .35, m, squash=(1.2, .3, .7))
        eyes(s, .73, 0, 1.28, .055, .17)
    else:
        s.ball((0, 0, .7), .45, DARK, squash=(.85, .9, 1.5))
        s.ball((.13, 0, .66), .38, WHITE, squash=(.85, .85, 1.5))
        s.ball((.05, 0, 1.5), .28, DARK)
        s.limb((.28, 0, 1.48), (.5, 0, 1.44), .07, M("paint", (.8, .35, .03)), r2=.01)
        for q in (-1, 1):
            s.ball((0, q * .45, .75), .42, DARK, squash=(.4, .18, 1))
            s.ball((.15, q * .18, .05), .16, M("paint", (.8, .35, .03)), squash=(1.3, .8, .35))
        eyes(s, .28, 0, 1.58, .04, .13)
        s.say(synonym="penguin")
    front(s, (2, 28), 85)


@animal("fish", "shark", "dolphin", "goldfish")
def fish(s):
    r = s.rng
    n, shark = r.choice([1, 1, 3, 6]), r.random() < .3
    m = M("plain", (.3, .33, .36)) if shark else any_tint(s, "paint", ("orange", "blue", "red", "yellow", "gray", "turquoise"))
    flat, tall = (.85, .9) if shark else (r.uniform(.3, .5), r.uniform(.8, 1.5))
    for k in range(n):
        with s.at(r.gauss(0, 1.2) * (n > 1), r.gauss(0, 1.2) * (n > 1), 1.2 + r.gauss(0, .6) * (n > 1), rz=r.uniform(-.5, .5)):
            s.loft([[(x, .3 * w * flat * math.cos(a), .3 * w * tall * math.sin(a)) for a in [i * math.pi / 6 for i in range(12)]] for x, w in ((-.95, .12), (-.7, .3), (-.3, .8), (.1, 1.1), (.45, 1.05), (.75, .7), (.95, .15))], m, smooth=True)
            s.prism([(-.85, 0), (-1.35, .42), (-1.2, 0), (-1.35, -.4)], .04, m)
            s.prism([(-.2, .25 * tall), (.25, .3 * tall), (-.25, .3 * tall + .3)], .04, m)
            for q in (-1, 1):
                with s.at(.2, q * .3 * flat, -.1, rx=q * .9):
                    s.prism([(0, 0), (.2, 0), (-.25, -.4 if not shark else -.6)], .03, m)
                s.ball((.65, q * .24 * flat, .08), .06, WHITE, n=10)
                s.ball((.67, q * .28 * flat, .08), .035, DARK, n=8)
            if r.random() < .4 and not shark:
                for x in (-.1, .3, .55):
                    s.ball((x, 0, 0), .3, WHITE, squash=(.2, flat * 1.15, tall * 1.12), n=14)
    s.say(synonym="shark" if shark else "")
    lo, hi = s.bounds()
    if s.light in ("studio", "black"):
        s.backdrop = "none"
    s.shot(lo, hi, (-150, -30), (-5, 25))


@animal("whale")
def whale(s):
    r, m = s.rng, M("plain", s.rng.choice([(.08, .12, .18), (.2, .25, .3), (.03, .03, .04)]))
    s.loft([[(x, .9 * w * math.cos(a), z + .85 * w * math.sin(a)) for a in [i * math.pi / 8 for i in range(16)]] for x, w, z in ((-3.2, .08, .5), (-2.4, .3, .2), (-1, .8, 0), (.5, 1.1, 0), (1.6, 1, 0), (2.3, .6, .05), (2.5, .1, .1))], m, smooth=True)
    for q in (-1, 1):
        s.loft([[(x0, y * q, z), (x1, y * q, z), (x1, y * q, z + .08), (x0, y * q, z + .08)] for x0, x1, y, z in ((.4, 1.2, .8, -.3), (0, .6, 1.7, -.7))], m)
        s.loft([[(x0, y * q, .5), (x1, y * q, .5), (x1, y * q, .6), (x0, y * q, .6)] for x0, x1, y in ((-3.4, -3, .05), (-3.9, -3.5, 1))], m)
        s.ball((1.9, q * .78, .1), .07, WHITE)
    lo, hi = s.bounds()
    s.backdrop = "none" if s.light in ("studio", "black") else None
    s.shot(lo, hi, (-150, -30), (-5, 25))


@animal("dinosaur", "dragon")
def dinosaur(s):
    r = s.rng
    m, kind = M(r.choice(["rock", "plain", "plastic"]), r.choice([(.2, .3, .1), (.35, .28, .15), (.4, .15, .08), (.25, .3, .3)]), 2), r.choice(["rex", "long", "plates", "dragon"])
    if kind in ("rex", "dragon"):
        s.tube([(-2.2, 0, .9), (-1.4, 0, 1.1)], .16, m)
        s.limb((-1.4, 0, 1.1), (-.3, 0, 1.35), .18, m, r2=.45)
        s.ball((0, 0, 1.4), .55, m, squash=(1.4, .8, 1))
        s.limb((.4, 0, 1.6), (1.0, 0, 2.3), .42, m, r2=.25)
        s.ball((1.1, 0, 2.4), .33, m)
        for dz, h in ((.05, .2), (-.15, .1)):
            s.box((1.5, 0, 2.4 + dz), (.75, .4, h), m)
        for k in range(6):
            for q in (-1, 1):
                s.limb((1.25 + k * .11, q * .17, 2.36), (1.25 + k * .11, q * .17, 2.25), .035, WHITE, r2=.002, n=5)
        eyes(s, 1.2, 0, 2.58, .07, .25)
        for q in (-1, 1):
            s.limb((0, q * .35, 1.3), (.2, q * .4, .7), .28, m, r2=.17)
            s.limb((.2, q * .4, .7), (-.05, q * .4, .1), .16, m, r2=.1)
            s.box((.15, q * .4, .06), (.5, .25, .12), m)
            s.tube([(.65, q * .3, 1.6), (.9, q * .35, 1.4), (1.05, q * .32, 1.5)], .06, m)
            if kind == "dragon":
                v = [(0, q * .3, 1.8), (.3, q * 1.2, 2.8), (-.2, q * 2.3, 2.5), (-.6, q * 1.6, 1.8), (-.8, q * .9, 1.5)]
                s.add(v, [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0)], m)
                s.tube(v[:3], .07, m)
        if kind == "dragon":
            s.say(synonym="dragon")
    else:
        s.ball((0, 0, 1.1), .75, m, squash=(1.5, .8, .9))
        for x in (-.6, .6):
            for y in (-.4, .4):
                s.limb((x, y, .9), (x, y, 0), .22, m)
        s.limb((-.9, 0, 1.1), (-2.6, 0, .4), .4, m, r2=.04)
        if kind == "long":
            s.tube([(.9, 0, 1.4), (1.5, 0, 2.2), (1.9, 0, 3.0)], .22, m)
            s.ball((2.05, 0, 3.1), .25, m, squash=(1.5, .9, .8))
            eyes(s, 2.2, 0, 3.2, .04, .15)
        else:
            s.limb((.9, 0, 1.2), (1.6, 0, 1.0), .4, m, r2=.2)
            s.ball((1.7, 0, 1.0), .25, m, squash=(1.4, .9, .9))
            for k in range(9):
                x, h = -1 + k * .25, .6 - abs(k - 4) * .09
                s.prism([(x - .14, 1.6), (x + .14, 1.6), (x, 1.6 + h + .15)], .06, M("plain", (.5, .25, .1)))
    front(s, (0, 25), 85)


@animal("snake", "worm")
def snake(s):
    r, m = s.rng, any_tint(s, "paint", ("green", "brown", "yellow", "black", "red", "orange"))
    pts, coil = [], r.random() < .5
    for k in range(60):
        t = k / 59
        pts.append(((1.4 - t) * math.cos(t * 14) * .8, (1.4 - t) * math.sin(t * 14) * .8, .15 + t * (1.2 if t > .8 else .5)) if coil else (t * 4 - 2, .5 * math.sin(t * 9), .15 + max(0, t - .85) * 4))
    for k, (a, b) in enumerate(zip(pts, pts[1:])):
        q = .15 * min(1, .25 + k / 25)
        s.limb(a, b, q, m if k % 6 < 3 or r.random() < .3 else M("paint", (.1, .08, .02)), n=10)
        s.ball(b, q, m, n=10)
    x, y, z = pts[-1]
    s.ball((x + .1, y, z), .2, m, squash=(1.5, 1, .7))
    for q in (-1, 1):
        s.ball((x + .25, y + q * .12, z + .08), .035, DARK, n=8)
    lo, hi = s.bounds()
    s.shot(lo, hi, (0, 360), (12, 55))


@animal("butterfly", "moth")
def butterfly(s):
    r = s.rng
    m, other = tint(s, "paint", ("blue", "orange", "yellow", "red", "purple", "white")), any_tint(s, "paint", ("black", "brown", "white", "orange"))
    a = r.uniform(.1, .9)
    with s.at(0, 0, .6, rx=r.uniform(0, 1.2)):
        s.ball((0, 0, 0), .1, DARK, squash=(1, 5, 1))
        s.ball((0, .5, 0), .12, DARK)
        for q in (-1, 1):
            s.tube([(0, .55, 0), (q * .15, .9, .1), (q * .25, 1.05, .15)], .012, DARK, n=5)
            for cx, cy, w, h in ((.75, .35, .75, .6), (.55, -.5, .5, .55)):
                for k, (f, mat) in enumerate(((1, other), (.85, m), (.25, other))):
                    with s.at(0, 0, .01 * k, ry=-q * a):
                        s.ball((q * cx, cy, 0), f, mat, squash=(w, h, .01), n=22)
    lo, hi = s.bounds()
    s.shot(lo, hi, (-130, -50), (20, 70))


@animal("spider", "insect", "beetle", "ant")
def spider(s):
    r, m = s.rng, any_tint(s, "plastic", ("black", "brown", "red", "gray", "green"))
    kind = r.choice(["spider", "beetle", "ant"])
    if kind == "beetle":
        s.ball((0, 0, .5), .6, m, squash=(1.3, 1, .65), n=28)
        s.ball((.8, 0, .45), .28, DARK)
        if r.random() < .5:
            for _ in range(7):
                a, b = r.uniform(0, 6.3), r.uniform(.2, .9)
                s.ball((.75 * b * math.cos(a), .57 * b * math.sin(a), .5 + .38 * math.sqrt(1 - b * b)), .1, DARK, n=8)
    elif kind == "ant":
        for x, q in ((-.8, .42), (0, .25), (.55, .3)):
            s.ball((x, 0, .55), q, m, squash=(1.2, .9, .9))
    else:
        s.ball((-.5, 0, .55), .5, m, squash=(1.2, 1, .9))
        s.ball((.2, 0, .5), .3, m)
        eyes(s, .45, 0, .6, .05, .1)
    n = 4 if kind == "spider" else 3
    for k in range(n):
        for q in (-1, 1):
            a = (k - (n - 1) / 2) * .5
            s.tube([(.15 - k * .05, q * .2, .5), (.5 * math.sin(-a), q * .9, .95), (1.0 * math.sin(-a), q * 1.5, 0)], .05, m)
    s.say(synonym="" if kind == "spider" else "insect")
    front(s, (12, 50), 90)


@animal("turtle", "tortoise")
def turtle(s):
    r, m = s.rng, M("plain", s.rng.choice([(.25, .35, .12), (.35, .3, .15), (.2, .3, .2)]))
    s.lathe([(.9, .3), (.85, .5), (.6, .85), (.3, 1), (.01, 1.05)], M("strata" if r.random() < .3 else "plain", r.choice([(.2, .12, .05), (.12, .2, .06), (.3, .2, .08)]), 2), n=26)
    for k in range(9):
        a, d = k * .785, .52 if k < 8 else 0
        s.cyl((d * math.cos(a), d * math.sin(a), .82 if d else 1), .2, .06, M("plain", (.35, .25, .1)), n=6)
    s.ball((0, 0, .35), .85, m, squash=(1, 1, .3))
    s.ball((1.2, 0, .55), .24, m, squash=(1.2, .9, .9))
    s.limb((.8, 0, .4), (1.15, 0, .5), .15, m)
    eyes(s, 1.38, 0, .65, .04, .12)
    for x in (-.6, .6):
        for q in (-1, 1):
            s.ball((x, q * .8, .2), .28, m, squash=(1.2, .8, .7))
    front(s, (5, 40), 90)


@animal("frog", "toad")
def frog(s):
    r, m = s.rng, M(s.rng.choice(["plastic", "paint", "plain"]), s.rng.choice([(.15, .45, .06), (.25, .35, .08), (.1, .35, .3), (.3, .22, .1)]))
    s.ball((0, 0, .5), .5, m, squash=(1.3, 1, .8))
    s.ball((.55, 0, .7), .38, m, squash=(1, 1.15, .7))
    for q in (-1, 1):
        s.ball((.62, q * .25, .98), .16, m)
        s.ball((.72, q * .28, 1.0), .1, DARK, n=12)
        s.ball((-.25, q * .6, .35), .35, m, squash=(1.3, .5, .9))
        s.ball((.1, q * .75, .06), .25, m, squash=(1.4, .7, .25))
        s.limb((.45, q * .35, .45), (.65, q * .5, .05), .1, m)
        s.ball((.75, q * .52, .05), .15, m, squash=(1.2, 1, .3))
    front(s, (3, 35), 85)


@animal("octopus", "jellyfish", "squid")
def octopus(s):
    r, m = s.rng, any_tint(s, "paint", ("red", "purple", "orange", "pink", "turquoise"))
    s.ball((0, 0, 1.4), .65, m, squash=(1, 1, 1.25))
    for q in (-1, 1):
        s.ball((.52, q * .28, 1.15), .14, WHITE)
        s.ball((.63, q * .29, 1.15), .07, DARK)
    for k in range(8):
        a, w = k * .785, r.uniform(-.6, .6)
        pts = [((.3 + t * 1.3) * math.cos(a + w * t), (.3 + t * 1.3) * math.sin(a + w * t), .9 * (1 - t) ** 2 + .1 + .15 * math.sin(t * 6)) for t in [i / 8 for i in range(9)]]
        for i, (p, o) in enumerate(zip(pts, pts[1:])):
            s.limb(p, o, .17 - i * .017, m, r2=.155 - i * .017)
    front(s, (5, 40), 90)


@animal("crab", "lobster")
def crab(s):
    r, m = s.rng, M("plastic", s.rng.choice([(.6, .1, .04), (.7, .25, .06), (.15, .2, .35)]))
    s.ball((0, 0, .5), .7, m, squash=(.8, 1.15, .45), n=24)
    for q in (-1, 1):
        for k in range(4):
            x = -.35 + k * .2
            s.tube([(x, q * .6, .5), (x * 1.5, q * 1.2, .75), (x * 2, q * 1.55, 0)], .07, m)
        s.tube([(.4, q * .5, .5), (.9, q * .9, .6), (1.2, q * .6, .6)], .12, m)
        s.ball((1.35, q * .5, .6), .26, m, squash=(1.3, .8, .6))
        for d in (-.1, .12):
            s.limb((1.5, q * .45 + d, .6), (1.9, q * .3 + d * .6, .6), .1, m, r2=.02)
        s.limb((.45, q * .2, .7), (.52, q * .22, .95), .04, m)
        s.ball((.52, q * .22, 1.0), .08, DARK)
    front(s, (12, 50), 70)


@animal("hand", "foot")
def hand(s):
    r, m = s.rng, r_skin(s)
    with s.at(0, 0, .1, rx=r.choice([0, 0, -1.3]), rz=r.uniform(-.4, .4)):
        s.cyl((0, 0, 0), .3, .8, m, n=16, r2=.28)
        s.ball((0, 0, 1.1), .48, m, squash=(1, .45, 1.05), n=22)
        fold = r.uniform(0, 1.2) if r.random() < .5 else 0
        for k, (x, h) in enumerate(((-.33, .55), (-.12, .65), (.1, .62), (.31, .48))):
            f = fold if not (k == 1 and r.random() < .4) else 0
            p = (x, 0, 1.45)
            o = (x * 1.15, -h * .5 * math.sin(f), 1.45 + h * .5 * math.cos(f))
            e = (x * 1.3, -h * (.5 * math.sin(f) + .5 * math.sin(2 * f)), o[2] + h * .5 * math.cos(2 * f))
            s.tube([p, o, e], .105, m, n=12)
            s.ball(p, .11, m)
        s.tube([(.35, 0, .95), (.62, -.1, 1.2), (.75, -.15, 1.5)], .12, m, n=12)
    front(s, (0, 30), 70)


def r_skin(s):
    return M("skin", s.rng.choice(SKIN)) if s.rng.random() < .6 else stuff(s, ("plastic", "wood", "stone", "gold"))


@animal("head", "face", "bust", "mask")
def head(s):
    r, m = s.rng, r_skin(s)
    s.ball((0, 0, 1.4), .62, m, squash=(.82, .95, 1.15), n=30)
    s.ball((0, -.12, 1.05), .45, m, squash=(.85, .95, .9), n=24)
    s.cyl((0, .05, .3), .3, .8, m, r2=.28)
    s.ball((0, .05, .2), .75, m, squash=(1.15, .55, .5), n=26)
    s.limb((0, -.55, 1.5), (0, -.72, 1.22), .07, m, r2=.12)
    white = m[0] == "skin"
    for q in (-1, 1):
        s.ball((q * .2, -.5, 1.45), .1, WHITE if white else m, squash=(1.2, .7, .8))
        s.ball((q * .2, -.57, 1.45), .045, DARK if white else m)
        s.limb((q * .08, -.6, 1.6), (q * .32, -.52, 1.6), .04, M("fabric", (.08, .05, .03)) if white else m)
        s.ball((q * .53, 0, 1.4), .14, m, squash=(.35, .7, 1.1))
    s.ball((0, -.56, 1.02), .14, M("plain", (.5, .15, .13)) if white else m, squash=(1.3, .5, .4))
    if r.random() < .6 and white:
        hair = M("fabric", r.choice([(.03, .02, .02), (.2, .1, .04), (.6, .45, .2), (.3, .3, .3)]), 3)
        s.ball((0, .1, 1.6), .62, hair, squash=(.92, .95, 1), n=26)
    front(s, (0, 20), 50)


@animal("eye", "eyeball")
def eye(s):
    r, n = s.rng, s.rng.choice([1, 1, 2])
    c = COLORS[r.choice(["blue", "green", "brown", "turquoise"])]
    for k in range(n):
        with s.at(k * 2.3, 0, 1, rz=r.uniform(-.4, .4), rx=r.uniform(-.3, .3)):
            s.ball((0, 0, 0), 1, M("paint", (.8, .78, .75)), n=40)
            for q, y, m in ((.48, .9, M("paint", [v * .4 for v in c])), (.42, .925, M("paint", c)), (.2, .985, DARK)):
                with s.at(0, -y, 0, rx=math.pi / 2):
                    s.cyl((0, 0, 0), q, .025, m, n=30)
    front(s, (-5, 25), 35)
