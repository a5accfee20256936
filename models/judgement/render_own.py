"""Renders scenes of ordinary subjects by Cycles, as an artist would set them up. None of their code is that of models/training.

    blender -b -t 1 -P render_own.py -- OUT SET [SUBJECT...]

SET is own-calibrate or own-test; each subject has two variations. What is there already is skipped, unless its subject is named.
With the environment variable OIDN (the path of libOpenImageDenoise.so) the pictures are denoised.
"""

import math
import os
import random
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kit  # noqa: E402
from kit import *  # noqa: E402,F403

CALIBRATE, TEST = {}, {}


def calibrate(f):
    CALIBRATE[f.__name__] = f


def test(f):
    TEST[f.__name__] = f


# Things that several scenes use.

def asphalt():
    return mat("3a3b3d", .85, second="4a4a4c", scale=30, bump=.2)


def lawn():
    return mat("4d6b2a", .9, second="6b8238", scale=2, bump=.5, fine=60)


def sand():
    return mat("d9bd8b", .9, second="c9a873", scale=1.5, bump=.25, fine=12)


def bark():
    return mat("5b4630", .9, second="3a2c1e", scale=12, bump=.8)


def foliage(color="4f7a2b"):
    return mat(color, .6, soft=.0, second="2f5a1c", scale=.6)


def figure(m, pose="stand", at=(0, 0, 0), turn=0., skin=None, trousers=None):
    """An artist's mannequin, 1.8 m high, looking along -y."""
    s = {"stand": 0, "walk": 1}[pose]
    with group(at, turn):
        legs = {"hip": (0, 0, .98, (.15, .11)), "lk": (.11, -.20 * s, .52, .065), "rk": (-.11, -.02 + .04 * s, .52, .065), "lh": (.1, -.02, .9, .09), "rh": (-.1, .02, .9, .09),
                "la": (.12, -.32 * s, .09, .045), "ra": (-.12, .34 * s, .16, .045), "lt": (.13, -.32 * s - .17, .04, .04), "rt": (-.13, .34 * s - .12, .05, .04)}
        top = {"belly": (0, 0, .96, (.15, .1)), "chest": (0, 0, 1.3, (.17, .115)), "neck0": (0, 0, 1.46, (.1, .075)), "ls": (.2, 0, 1.44, .06), "rs": (-.2, 0, 1.44, .06),
               "le": (.26 + .02 * s, .2 * s, 1.18, .048), "re": (-.26 - .02 * s, -.1 * s, 1.17, .048), "lw": (.27, .06 * s, .94, .036), "rw": (-.27, -.36 * s, 1.06, .036)}
        body(legs, [("hip", "lh"), ("hip", "rh"), ("lh", "lk"), ("rh", "rk"), ("lk", "la"), ("rk", "ra"), ("la", "lt"), ("ra", "rt")], trousers or m)
        body(top, [("belly", "chest"), ("chest", "neck0"), ("neck0", "ls"), ("neck0", "rs"), ("ls", "le"), ("rs", "re"), ("le", "lw"), ("re", "rw")], m)
        k = skin or m
        rod((0, 0, 1.44), (0, -.01, 1.6), .052, k)
        ball((0, -.02, 1.7), .105, k, (.85, 1, 1.22))
        ball((.275, .04 * s, .87), .045, k, (.7, 1, 1.5))
        ball((-.275, -.42 * s, 1.02 if s else .87), .045, k, (.7, 1, 1.5))


def wheel(at, r, w, rim=None):
    """A wheel whose axle lies along y."""
    with group(at, tilt=(90, 0)):
        ring((0, 0, 0), r * .78, r * .24, mat("151515", .8)).scale.z = w / (r * .48)
        cyl((0, 0, 0), r * .62, w * .7, rim or metal("c8ccd0", .2), bevel=.01)
        for i in range(5):
            a = 2 * math.pi * i / 5
            cyl((r * .38 * math.cos(a), r * .38 * math.sin(a), 0), r * .13, w * .74, mat("202020", .6))


def saloon(paint, at=(0, 0, 0), turn=0., lit=False):
    """A car, 4.5 m long, its nose along -x."""
    glass, trim, chrome = mat("0c1116", .03, coat=1), mat("111111", .5), metal("e0e0e0", .1)
    lower = [(-2.2, .35), (-2.25, .6), (-2.1, .74), (-1.1, .92), (1.65, .95), (2.2, .88), (2.25, .55), (2.15, .33)]
    # Arches for the wheels.
    under = [(2.15, .33)] + [(1.4 + .42 * math.cos(a), .34 + .42 * math.sin(a)) for a in [math.pi * i / 10 for i in range(11)]] + \
        [(-1.35 + .42 * math.cos(a), .34 + .42 * math.sin(a)) for a in [math.pi * i / 10 for i in range(11)]]
    with group(at, turn):
        extrude(lower[:-1] + under, 1.78, paint, bevel=.08, seg=4)
        extrude([(-1.15, .9), (-.35, 1.38), (.75, 1.43), (1.75, .94)], 1.5, glass, bevel=.1, seg=4)
        extrude([(-.42, 1.36), (-.3, 1.44), (.7, 1.49), (.95, 1.40), (.8, 1.37)], 1.42, paint, bevel=.06, seg=3)
        for y in (-.74, .74):
            for a, b in (((-1.18, .91), (-.34, 1.42)), ((.2, .93), (.22, 1.45)), ((1.72, .95), (.8, 1.44))):
                rod((a[0], y, a[1]), (b[0], y * .97, b[1]), .05, paint)
        for y in (-.84, .84):
            wheel((-1.35, y, .34), .34, .24)
            wheel((1.4, y, .34), .34, .24)
            box((-.75, y * 1.17, .98), (.16, .2, .13), paint, .05)
            for x in (.05, .95):
                box((x, y * 1.065, .8), (.2, .03, .03), chrome, .01)
        for y in (-.62, .62):
            ball((-2.16, y, .66), .17, mat("ffffff", .05, glow=12 if lit else .3), (.5, 1.3, .6))
            box((2.22, y, .72), (.06, .34, .14), mat("b01010", .2, glow=6 if lit else .2), .03)
        box((-2.22, 0, .5), (.08, .95, .2), trim, .03)
        box((-2.26, 0, .52), (.02, .4, .1), mat("eeeeee"), .005)
        box((0, 0, .32), (2.1, 1.74, .14), trim, .03)


def window(at, w, h, frame, glass, turn=0., bars=True):
    """A window in a wall that faces -y."""
    with group(at, turn):
        box((0, .02, 0), (w, .04, h), glass, .002)
        for x in (-w / 2, w / 2):
            box((x, 0, 0), (.08, .14, h + .08), frame, .01)
        for z in (-h / 2, h / 2):
            box((0, 0, z), (w + .08, .14, .08), frame, .01)
        if bars:
            box((0, 0, 0), (.04, .09, h), frame, .01)
            box((0, 0, h * .12), (w, .09, .04), frame, .01)


def room(w, d, h, wall, floor, window_x=None, sun_turn=60., power=1., night=False):
    """Three walls, a floor and a ceiling; the camera's side is open. The left wall may have a window."""
    box((0, 0, -.05), (w, d, .1), floor, 0)
    box((0, 0, h + .05), (w, d, .1), mat("f4f2ee", .9), 0)
    box((0, d / 2 + .05, h / 2), (w, .1, h), wall, 0)
    box((w / 2 + .05, 0, h / 2), (.1, d, h), wall, 0)
    if window_x is None:
        box((-w / 2 - .05, 0, h / 2), (.1, d, h), wall, 0)
    else:
        y0, y1, z0, z1 = window_x - .9, window_x + .9, .9, 2.3
        x = -w / 2 - .05
        box((x, 0, z0 / 2), (.1, d, z0), wall, 0)
        box((x, 0, (z1 + h) / 2), (.1, d, h - z1), wall, 0)
        box((x, (-d / 2 + y0) / 2, (z0 + z1) / 2), (.1, y0 + d / 2, z1 - z0), wall, 0)
        box((x, (d / 2 + y1) / 2, (z0 + z1) / 2), (.1, d / 2 - y1, z1 - z0), wall, 0)
        white = mat("f0f0f0", .4)
        for y in (y0, window_x, y1):
            box((x, y, 1.6), (.12, .06, 1.4), white, .01)
        for z in (z0, z1):
            box((x, window_x, z), (.14, 1.86, .06), white, .01)
        area((-w / 2 - .3, window_x, 1.7), (0, window_x, 1.1), 1.6, (8 if night else 130) * power, "a9c0ff" if night else "e8f0ff")
    for y in (d / 2 - .02,):
        box((0, y, .06), (w, .03, .12), mat("f4f4f4", .4), .01)
    box((w / 2 - .02, 0, .06), (.03, d, .12), mat("f4f4f4", .4), .01)
    background("1a2440" if night else "dfe9f5", .12 if night else 1.)
    area((0, -d / 2 - .8, h - .2), (0, 0, 1), 2, (14 if night else 60) * power, "ffd9b0" if night else "fff6ea")
    if not night:
        area((0, 0, h - .03), (0, 0, 0), 1.8, 45 * power, "fff4e4")


def planks(a="9a6b3f", b="744a28"):
    return mat(a, .35, second=b, kind="brick", scale=1.2, bump=.05, stretch=(1, 1, 1))


def potted(at, pot, leaf, height=.9, seed=1, n=22):
    rng = random.Random(seed)
    with group(at):
        lathe([(0, 0), (.12, 0), (.17, .28), (.185, .28), (.185, .31), (.15, .31), (.14, .26), (0, .26)], pot, sub=1)
        for i in range(n):
            a, l = rng.uniform(0, 6.3), height * rng.uniform(.6, 1.)
            out, up = l * rng.uniform(.25, .6), l
            v, f = [], []
            for k in range(8):
                t = k / 7
                r, z = out * t ** 1.6 * 1.2, .26 + up * (t - .35 * t ** 3 * out / l)
                w = .07 * math.sin(math.pi * min(1, .12 + .88 * t)) * (1.1 - .1 * t)
                v += [(r * math.cos(a) - w * math.sin(a), r * math.sin(a) + w * math.cos(a), z), (r * math.cos(a), r * math.sin(a), z - w * .25), (r * math.cos(a) + w * math.sin(a), r * math.sin(a) - w * math.cos(a), z)]
            for k in range(7):
                j = 3 * k
                f += [(j, j + 1, j + 4, j + 3), (j + 1, j + 2, j + 5, j + 4)]
            mesh(v, f, leaf)


# The scenes to calibrate on.

@calibrate
def person(v):
    if v == 0:
        figure(mat("c63d2f", .7), "walk", (0, 0, 0), -50, mat("c98d6b", .5, soft=.1), mat("27364f", .8))
        plane(80, mat("9a9a98", .8, second="8a8a88", scale=6, bump=.1))
        for i in range(3):
            box((3.5 * i - 4, 7, 1.6), (3.2, .3, 3.2), mat("b9b2a6", .8, second="a59d90", scale=3))
        outdoors("day", 150)
        camera((1.2, -4.6, 1.3), (0, 0, .95), 45)
    else:
        studio("c9b59a", 2.1)
        figure(wood("c89a62", "a97a45", 4), "stand", (0, 0, 0), 25)
        camera((-.6, -5.2, 1.2), (0, 0, .92), 50)


@calibrate
def car(v):
    saloon(mat(["b3121d", "f0f0f0"][v], .25, .3, coat=1), turn=[-35, 140][v], lit=v == 1)
    plane(200, asphalt())
    box((0, 5, .1), (60, .3, .2), mat("b0aea8", .8), .03)
    for i in range(7):
        fir((i * 4 - 12, 9 + i % 3, 0), 6 + i % 2, bark(), foliage("37602f"), i)
    plane(80, lawn(), (0, 45.2, .12))
    outdoors(["day", "sunset"][v], [160, 35][v])
    camera([(-2.5, -6.5, 1.5), (3, -6.2, 1.1)][v], (0, 0, .62), 42)


@calibrate
def bus(v):
    paint, glass, dark = mat(["e0a012", "1f5fa8"][v], .3, coat=.6), mat("10161c", .04), mat("151515", .6)
    with group((0, 0, 0), [-30, 205][v]):
        box((0, 0, 1.75), (11, 2.5, 2.6), paint, .18, seg=4)
        for y in (-1.26, 1.26):
            for i in range(7):
                box((-4.1 + 1.4 * i, y, 2.1), (1.2, .03, 1.1), glass, .06)
            for x in (-3.6, 3.4):
                wheel((x, y * .93, .5), .5, .3)
                ring((x, y, .5), .56, .05, dark, (90, 0, 0))
            box((0, y, 1.15), (10.6, .03, .12), mat("ffffff", .4), .01)
        box((-5.51, 0, 2.15), (.04, 2.2, 1.3), glass, .1)
        box((-5.51, 0, 2.86), (.05, 1.5, .24), dark, .03)
        text("25 CENTRAL", .2, mat("ffb020", glow=5), (-5.54, 0, 2.86), (90, 0, -90))
        for y in (-.95, .95):
            cyl((-5.5, y, .85), .14, .06, mat("ffffff", .1, glow=2), (0, 90, 0))
        box((-5.5, 0, .5), (.14, 2.4, .25), dark, .05)
        box((-3.2 if v else -4.95, -1.27, 1.6), (.9, .03, 2.0), glass, .04)
        box((5.51, 0, 2.1), (.04, 2.1, 1.1), glass, .08)
    plane(300, asphalt())
    for i in range(10):
        box((-30 + 6 * i, -3.4, .01), (3, .15, .02), mat("e8e8e0", .8), 0)
    box((0, 10, .1), (120, 8, .2), mat("a9a6a0", .85, second="97948e", scale=2), .03)
    for i in range(6):
        h = 7 + 3 * ((i * 7) % 4)
        box((-30 + 12 * i, 17, h / 2), (11, 6, h), mat(["a5553f", "c9b894", "8d98a3", "b58360"][i % 4], .9, second="c8c2b8", kind="brick", scale=1.2), .05)
        for j in range(4):
            for k in range(int(h // 3)):
                window((-34 + 12 * i + 2.7 * j, 13.95, 2 + 3 * k), 1.2, 1.6, mat("eeeeee"), glass)
    outdoors(["day", "overcast"][v], 150)
    camera([(-8.5, -11, 2.1), (-6, -12, 3.2)][v], (0, 0, 1.5), 36)


@calibrate
def house(v):
    wall = mat(["e8dcc4", "7d3b2b"][v], .9, second=["ded0b4", "d0c6b8"][v], kind=["noise", "brick"][v], scale=[3, 3.5][v], bump=.1)
    roof = mat(["8c3b22", "3b4149"][v], .8, second=["6d2a18", "23272c"][v], kind="brick", scale=3, bump=.4)
    white, glass = mat("f2f2f0", .5), mat("1b2731", .05, glow=0) if v == 0 else mat("ffc873", .2, glow=2.5)
    box((0, 0, 1.6), (9, 6.5, 3.2), wall, .02)
    extrude([(-3.25, 3.2), (0, 6), (3.25, 3.2)], 9, wall, rot=(0, 0, 90))
    for s in (-1, 1):
        with group((0, s * 1.75, 4.55), tilt=(-s * 40.8, 0)):
            box((0, 0, .1), (9.8, 5.0, .18), roof, .02)
    box((-2.6, 1.0, 6), (.8, .8, 2.0), mat("8a4a38", .9, second="c8c2b8", kind="brick", scale=5), .02)
    box((.3, -3.28, 1.1), (1.1, .1, 2.2), mat(["2c4d3a", "22384f"][v], .4), .02)
    box((.3, -3.9, .1), (2, 1.2, .2), mat("999490", .9), .02)
    ball((.7, -3.38, 1.05), .05, metal("c9a545"))
    for x in (-2.9, 2.9):
        window((x, -3.27, 1.75), 1.5, 1.4, white, glass)
        with group((x, -3.35, .9)):
            box((0, 0, 0), (1.6, .25, .22), wood(), .02)
            leaves([(.5 * i - .5, 0, .2) for i in range(3)], 30, .12, .06, mat("d04a6a"), 5)
    for y in (-1.4, 1.4):
        window((-4.52, y, 1.75), 1.1, 1.3, white, glass, -90)
        window((4.52, y, 1.75), 1.1, 1.3, white, glass, 90)
    window((4.52, 0, 4.2), 1.0, 1.0, white, glass, 90)
    window((-4.52, 0, 4.2), 1.0, 1.0, white, glass, -90)
    plane(300, lawn())
    grass(foliage("5d8a34"), 9000, 14, .12, at=(0, -8, 0))
    box((.3, -12, .02), (1.5, 16, .06), mat("b3aa9c", .9, second="968d80", kind="brick", scale=2), .01)
    tree((-8, 3, 0), 8, bark(), foliage(), 3)
    tree((9, 6, 0), 9, bark(), foliage("5f8a35"), 8)
    for i in range(9):
        fir((-30 + 7 * i, 24 + i % 3 * 3, 0), 9, bark(), foliage("33572c"), i)
    for x in [i * .6 - 9 for i in range(31)]:
        if abs(x - .3) > 1:
            box((x, -9, .45), (.12, .05, .9), white, .02)
    outdoors(["day", "night"][v], 215)
    if v:
        bulb((.3, -4.3, 2.7), 60)
        for x in (-2.9, 2.9):
            bulb((x, -4.2, 1.7), 25)
    camera([(-8.5, -15, 2.6), (9.5, -14, 2.2)][v], (0, 0, 2.4), 34)


@calibrate
def street(v):
    plane(400, asphalt())
    rng, glass = random.Random(5 + v), mat("18222b", .05)
    lit = mat("ffcf80", .2, glow=3)
    pave = mat("9b9893", .9, second="86837e", kind="brick", scale=1.5)
    for s in (-1, 1):
        box((s * 7, 40, .08), (4, 140, .16), pave, .03)
        y = -6
        while y < 100:
            w, h = rng.uniform(8, 12), rng.choice((9, 12, 15, 18))
            m = mat(rng.choice(("a8604a", "c7b18c", "8f8d88", "b8916a", "d6cfc0", "7a5548")), .9, second="b9b0a4", kind="brick", scale=1.6)
            with group((s * 9, y + w / 2, 0), -90 * s):
                box((0, 4, h / 2), (w - .05, 8, h), m, .03)
                box((0, -.1, h + .15), (w, .9, .4), mat("d8d2c6", .8), .04)
                box((0, -.05, 1.5), (w * .8, .15, 2.6), lit if v and rng.random() < .8 else glass, .02)
                box((0, -.6, 3.1), (w * .84, 1.2, .12), mat(rng.choice(("b0302a", "2b5b43", "2d4a80", "d0b040")), .7), .02, rot=(12, 0, 0))
                for f in range(1, int(h // 3)):
                    for i in range(int(w // 2.4)):
                        window((-w / 2 + 1.4 + 2.4 * i, -.05, 3 * f + 1.8), 1.1, 1.6, mat("e6e2da"), lit if v and rng.random() < .4 else glass)
            y += w
    for i in range(16):
        box((0, -4 + 6 * i, .012), (.16, 3, .02), mat("e6e4da", .8), 0)
    for i in range(5):
        for s in (-1, 1):
            y = 4 + 16 * i
            rod((s * 5.4, y, 0), (s * 5.4, y, 5), .07, mat("222222", .5))
            rod((s * 5.4, y, 5), (s * 4.2, y, 5.2), .05, mat("222222", .5))
            ball((s * 4.2, y, 5.1), .2, mat("ffe0a0", glow=25 if v else 0))
            if v and i < 3:
                bulb((s * 4.2, y, 4.7), 180)
            if not v:
                tree((s * 5.6, y + 7, 0), 5.5, bark(), foliage(), i, count=14, depth=2)
    for i, c in enumerate(("27406b", "aaaaaa", "6a1c1c", "e6e6e6")):
        saloon(mat(c, .3, .3, coat=1), (3.7 if i % 2 else -3.7, 7 + 9 * i, 0), 90 if i % 2 else -90, v == 1)
    outdoors(["day", "night"][v], 200)
    camera([(-1.2, -9, 1.9), (1.5, -9, 1.7)][v], (0, 20, 3.4), 28)


@calibrate
def bridge(v):
    stone = mat("a49a86", .9, second="7f7666", kind="brick", scale=.5, bump=.3)
    for i in range(4):
        x = -24 + 16 * i
        arch = [(x - 8, 11), (x - 8, -2), (x - 7, -2)] + [(x - 7 * math.cos(a), 1 + 7 * math.sin(a)) for a in [math.pi * k / 16 for k in range(17)]] + [(x + 7, -2), (x + 8, -2), (x + 8, 11)]
        extrude(arch, 5, stone, smooth=False)
    box((0, 0, 11.2), (130, 5.6, .5), stone, .05)
    for y in (-2.6, 2.6):
        box((0, y, 11.9), (130, .4, 1.0), stone, .05)
    water = mat("1d4a55", .06, bump=.35, scale=1.6)
    plane(600, water, (0, 0, -.5))
    for s in (-1, 1):
        o = field(90, 60, lambda x, y: 11 * min(1, max(0, (s * x + 12 + 3 * math.sin(y * .2)) / 14)) - 1.5 + .5 * math.sin(x * .7 + y * .5), lawn(), (s * 66, 0, 0))
        rng = random.Random(s)
        for i in range(22):
            fir((s * rng.uniform(46, 95), rng.uniform(-20, 40), 8.5), rng.uniform(6, 10), bark(), foliage("3d6a2e"), i)
    for i in range(26):
        fir((-90 + 7 * i, 75 + 8 * math.sin(i), 0), 14, bark(), foliage("39602e"), i)
    field(400, 40, lambda x, y: 0 if y < -150 else 30 + 12 * math.sin(x * .03) + 8 * math.sin(x * .08 + 2), mat("5c7a4a", .9), (0, 290, -8))
    outdoors(["day", "sunset"][v], [200, 20][v])
    camera([(-30, -48, 8), (26, -52, 5)][v], (0, 0, 5), 32)


@calibrate
def kitchen(v):
    front = mat(["e9e7e2", "2f4858"][v], .35)
    top = wood("b8834c", "8b5a2e", 2) if v == 0 else mat("efece6", .2, second="c9c4ba", scale=3)
    steel = metal("c0c4c8", .3)
    room(5, 4, 2.6, mat(["dfe5e0", "f1ece2"][v], .8), planks() if v == 0 else mat("c8c4bc", .3, second="8a867e", kind="checker", scale=1.6), -.2)
    tiles = mat("f4f4f2", .15, second="b9b5ae", kind="brick", scale=5)
    box((0, 1.985, 1.25), (5, .02, .7), tiles, 0)
    for i in range(6):
        x = -1.5 + .62 * i
        if i == 3:
            box((x, 1.68, .45), (.6, .6, .9), steel, .01)
            box((x, 1.37, .42), (.46, .02, .4), mat("08090a", .05), .01)
            rod((x - .22, 1.34, .68), (x + .22, 1.34, .68), .015, steel)
            for k in range(4):
                cyl((x - .2 + .13 * k, 1.37, .8), .025, .04, mat("222222"), (90, 0, 0))
                cyl((x - .14 + .28 * (k % 2), 1.55 + .26 * (k // 2), .945), .1, .02, mat("1a1a1a", .4), bevel=.004)
        else:
            box((x, 1.7, .45), (.6, .58, .8), front, .01)
            box((x, 1.4, .45), (.56, .02, .74), front, .012)
            rod((x - .1, 1.37, .76), (x + .1, 1.37, .76), .01, steel)
        if i == 3:
            extrude([(-.3, 0), (-.12, .35), (-.12, .9), (.12, .9), (.12, .35), (.3, 0)], .4, steel, at=(x, 1.78, 1.7), bevel=.01)
        else:
            box((x, 1.82, 1.95), (.6, .34, .7), front, .01)
            box((x, 1.64, 1.95), (.56, .02, .66), front, .012)
            rod((x + .2, 1.62, 1.68), (x + .2, 1.62, 1.85), .008, steel)
    box((-.0, 1.67, .92), (3.75, .64, .04), top, .01)
    box((-.88, 1.65, .93), (.5, .4, .03), steel, .02)
    tube([(-.88, 1.88, .94), (-.88, 1.88, 1.3), (-.88, 1.85, 1.36), (-.88, 1.68, 1.33), (-.88, 1.66, 1.2)], .018, steel)
    box((2.1, 1.62, 1.0), (.7, .7, 2.0), steel, .03)
    box((2.1, 1.26, .65), (.68, .02, 1.25), steel, .02)
    box((2.1, 1.26, 1.65), (.68, .02, .66), steel, .02)
    for z in (1.0, 1.6):
        rod((1.83, 1.22, z - .2), (1.83, 1.22, z + .2), .014, mat("444444", .3))
    lathe([(0, 0), (.11, 0), (.13, .05), (.13, .13), (.0, .14)], mat("c23a2a", .2, coat=1), (.5, 1.56, .95))
    lathe([(0, 0), (.05, 0), (.06, .1), (.03, .2), (.035, .24), (0, .24)], mat("5c8a5a", .2), (-.3, 1.75, .94))
    for k in range(3):
        ball((1.15 + .08 * k, 1.6, 1.0), .045, mat(["d03020", "e8b020", "6aa030"][k], .3))
    box((.1, -.2, .9), (1.7, .8, .05), top, .01)
    box((.1, -.2, .44), (1.4, .55, .88), front, .01)
    for x in (-.4, .6):
        cyl((x, -.85, .66), .18, .05, wood(), bevel=.01)
        for a in range(4):
            rod((x + .13 * math.cos(a * 1.57 + .8), -.85 + .13 * math.sin(a * 1.57 + .8), .65), (x + .2 * math.cos(a * 1.57 + .8), -.85 + .2 * math.sin(a * 1.57 + .8), 0), .018, mat("222222"))
    with group((.2, -.15, .925)):
        lathe([(0, .01), (.06, 0), (.16, .07), (.165, .075), (.06, .02), (0, .02)], mat("f8f8f8", .2))
        for k in range(5):
            ball((.06 * math.cos(k * 1.26), .06 * math.sin(k * 1.26), .07), .045, mat(["e09020", "d03020", "90b030"][k % 3], .4))
    for x in (-.35, .55):
        rod((x, -.2, 2.6), (x, -.2, 1.85), .006, mat("111111"))
        lathe([(.02, .18), (.06, .16), (.16, 0), (.155, 0), (.05, .15)], mat(["1d1d1d", "c8963c"][v], .4), (x, -.2, 1.68))
        bulb((x, -.2, 1.7), 12)
    camera([(.6, -4.2, 1.6), (-1.0, -4.2, 1.55)][v], (.15, 1.2, 1.08), 28)


@calibrate
def bedroom(v):
    night = v == 1
    room(5, 4.4, 2.7, mat(["d9e0e6", "6d7f74"][v], .85), planks("a87a4c", "835a34"), .6, night=night)
    w = wood("7a5230", "5a3a20")
    with group((.5, .85, 0)):
        box((0, 0, .22), (1.8, 2.1, .2), w, .03)
        for x in (-.85, .85):
            for y in (-1, 1):
                box((x, y, .1), (.08, .08, .2), w, .01)
        box((0, 1.08, .65), (1.9, .1, 1.1), mat("8a8f98", .9, second="7a7f88", scale=40) if night else w, .05)
        box((0, 0, .45), (1.76, 2.05, .26), mat("f2f0ec", .9), .1, seg=4)
        o = box((0, -.3, .56), (1.92, 1.5, .16), mat(["3f6fa3", "b5553f"][v], .95), .07, seg=4, sub=1)
        for x in (-.45, .45):
            box((x, .72, .68), (.7, .42, .18), mat("fafaf8", .9), .09, rot=(18, 0, 0), seg=5, sub=1)
        box((.1, .48, .68), (.45, .3, .14), mat("e0b04a", .9), .07, rot=(30, 0, 8), seg=4, sub=1)
    for x in (-.85, 1.85):
        box((x, 1.75, .28), (.5, .42, .5), w, .02)
        box((x, 1.53, .36), (.42, .02, .18), w, .01)
        ball((x, 1.51, .36), .02, metal())
        with group((x, 1.78, .53)):
            lathe([(0, 0), (.08, 0), (.09, .02), (.03, .05), (.05, .15), (.02, .26), (0, .27)], mat("e8e4da", .3))
            lathe([(.16, .26), (.1, .5)], mat("ffe9c0", .8, glow=3 if night else .5), sub=0)
        bulb((x, 1.75, .95), 22 if night else 3)
    box((.5, 2.17, 1.8), (1.0, .03, .6), mat("222222"), .01)
    box((.5, 2.15, 1.8), (.9, .03, .5), mat("d8c8a8", second="3d6e7a", scale=2), 0)
    box((.4, -.9, .01), (2.6, 1.6, .02), mat("d8d0c0", 1, second="c2b8a4", scale=30), .01)
    box((2.2, -.6, 1.05), (.6, 1.4, 2.1), mat("e6e2da", .5), .02)
    potted((-2.0, 1.7, 0), mat("e8e8e4"), foliage(), .8)
    camera([(-1.5, -3.6, 1.55), (-1.2, -3.5, 1.5)][v], (.35, .9, .75), 28)


@calibrate
def bathroom(v):
    tiles = mat(["e9f0f2", "35555a"][v], .12, second=["b7c3c7", "d8d8d0"][v], kind="brick", scale=3.2)
    room(3.6, 3.2, 2.6, tiles, mat("d8d8d6", .15, second="5b6065", kind="checker", scale=2.5), .2, power=.8)
    white, steel = mat("fafafa", .08, coat=1), metal("d8dadc", .12)
    # The bath along the back wall.
    with group((.55, 1.1, 0)):
        o = box((0, 0, .3), (1.8, .8, .56), white, .12, seg=5)
        cut = box((0, 0, .42), (1.6, .62, .56), white, .2, seg=5)
        b = o.modifiers.new("cut", "BOOLEAN")
        b.object, cut.hide_render = cut, True
        tube([(.85, .1, .58), (.85, .1, .85), (.7, .1, .88), (.62, .1, .8)], .02, steel)
    # Basin and mirror.
    with group((-1.05, 1.3, 0)):
        cyl((0, .02, .35), .09, .7, white, top=.12)
        lathe([(0, .02), (.12, .0), (.26, .14), (.3, .2), (.28, .2), (.22, .13), (0, .05)], white, (0, -.05, .66))
        tube([(0, .2, .84), (0, .2, 1.0), (0, .12, 1.04), (0, .05, .98)], .016, steel)
        box((0, .28, 1.6), (.7, .02, .9), metal("f4f6f8", .01), .005)
        box((0, .29, 1.6), (.78, .02, .98), wood(), .01)
        box((0, .22, 2.15), (.6, .08, .08), mat("ffffff", glow=4), .02)
    # Toilet.
    with group((1.15, -.25, 0), -90):
        lathe([(0, 0), (.13, 0), (.12, .15), (.17, .34), (.2, .4), (0, .4)], white).scale = (.95, 1.25, 1)
        c = cyl((0, -.02, .42), .2, .04, white, bevel=.015)
        c.scale = (.98, 1.25, 1)
        box((0, .36, .58), (.42, .18, .4), white, .04, seg=4)
        lid = cyl((0, .24, .64), .2, .03, white, (80, 0, 0), bevel=.01)
        lid.scale = (.98, 1.2, 1)
        cyl((0, .36, .79), .03, .02, steel)
    rod((-1.75, .3, 1.0), (-1.75, -.4, 1.0), .012, steel)
    box((.2, 1.56, 1.4), (.0, .0, .0), white)
    box((.3, .2, .012), (.9, .55, .025), mat(["5aa0b8", "d8b56a"][v], 1, bump=.6, fine=80), .01)
    box((1.78, 1.05, 1.2), (.03, .4, .7), mat(["e08a5a", "efe6d2"][v], 1), .015)
    potted((-1.5, .4, 0), mat("d8cdbb"), foliage(), .6, 4)
    camera([(-.5, -3.3, 1.6), (.0, -3.4, 1.4)][v], (.08, .8, .85), 27)


@calibrate
def cup(v):
    if v == 0:
        plane(8, wood("94663c", "6a4322", 6))
        background("cfc4b4", .5)
        area((-1.2, .6, 1), (0, 0, 0), .8, 22, "fff0dc")
        area((1, -1, .8), (0, 0, 0), .6, 6, "cfe0ff")
    else:
        studio("e6b9a6", .3)
    m = mat(["f3f1ec", "24746c"][v], .12, coat=1)
    lathe([(0, .003), (.032, .003), (.036, 0), (.042, .01), (.044, .045), (.044, .092), (.0425, .094), (.041, .09), (.041, .04), (.036, .012), (0, .01)], m)
    tube([(.042, 0, .078), (.062, 0, .084), (.078, 0, .066), (.076, 0, .04), (.06, 0, .024), (.042, 0, .028)], .0065, m)
    cyl((0, 0, .08), .0405, .002, mat("2a1509", .1))
    lathe([(0, 0), (.05, 0), (.08, .008), (.081, .011), (.05, .004), (0, .004)], m, (0, 0, -.004)) if v == 0 else None
    if v == 0:
        for i in range(9):
            a = i * 2.4
            ball((-.1 - .02 * math.cos(a) * i * .4, .02 * math.sin(a) * i * .3, .005), .006, mat("3a1d0c", .35), (1.4, 1, .8), (0, 0, i * 40))
    camera([(.13, -.34, .2), (.2, -.36, .13)][v], (0, 0, .045), 55, 5.6, (0, -.04, .05))


@calibrate
def lamp(v):
    steel = mat(["c33b2a", "1d1f22"][v], .3, coat=.6)
    plane(6, wood("a8774a", "7d5230", 4))
    box((0, 1.2, 1), (6, .05, 3), mat(["cfd8d6", "39434d"][v], .9), 0)
    cyl((0, 0, .012), .1, .024, steel, bevel=.006)
    rod((0, 0, .02), (-.1, 0, .26), .009, metal())
    ball((-.1, 0, .26), .018, steel)
    rod((-.1, 0, .26), (.1, 0, .46), .009, metal())
    ball((.1, 0, .46), .018, steel)
    with group((.14, 0, .44), tilt=(0, -35)):
        lathe([(.02, .08), (.035, .075), (.05, .02), (.1, -.07), (.097, -.07), (.045, .02), (.02, .06)], steel)
        ball((0, 0, -.02), .035, mat("fff2d0", glow=[15, 40][v]))
    bulb((.17, 0, .37), [2.5, 7][v], r=.03)
    box((-.3, .05, .02), (.22, .3, .04), mat("34557a", .6), .004, rot=(0, 0, 15))
    box((-.3, .05, .055), (.2, .27, .03), mat("b8553a", .6), .004, rot=(0, 0, 8))
    cyl((.38, .1, .05), .035, .1, mat("e6e2d8", .3), bevel=.004)
    for i in range(3):
        rod((.38, .1, .03), (.36 + .03 * i, .12, .17), .004, mat(["e0b030", "3060a0", "a03030"][i]))
    background("dfe6ee" if v == 0 else "1a2030", [.6, .12][v])
    if v == 0:
        area((-1.2, -1, 1.5), (0, 0, .2), 1, 18)
    camera((.12, -1.9, .5), (.05, 0, .28), 50, 8)
    if v:
        area((1, -1.2, 1.4), (0, 0, .2), 1, 5, "a0b8ff")


@calibrate
def sofa(v):
    cloth = mat(["3f6b66", "c0714a"][v], .95, second=["365d59", "ad633f"][v], scale=40, bump=.15)
    if v == 0:
        plane(20, planks("b98d5e", "96693c"))
        box((0, 1.3, 1.5), (12, .1, 3), mat("e8e2d6", .9), 0)
        background("e8eef5", .55)
        area((-3.5, -1.5, 2.6), (0, 0, .5), 2, 170, "fff4e4")
        potted((1.75, .6, 0), mat("f0f0ea"), foliage(), 1.0)
        rod((-1.7, .6, 0), (-1.7, .6, 1.5), .015, mat("222222"))
        cyl((-1.7, .6, .015), .16, .03, mat("222222"))
        lathe([(.24, 0), (.15, .3)], mat("fff0d0", glow=1), (-1.7, .6, 1.42), sub=0)
    else:
        studio("d9d4cc", 1.5)
    with group((0, 0, 0), [0, 22][v]):
        box((0, 0, .26), (2.1, .88, .22), cloth, .05, seg=4)
        for x in (-.47, .47):
            box((x, -.08, .44), (.92, .76, .2), cloth, .08, seg=5)
            box((x, .28, .7), (.9, .22, .5), cloth, .1, rot=(-10, 0, 0), seg=5)
        box((0, .4, .5), (2.1, .14, .7), cloth, .06, seg=4)
        for x in (-1.08, 1.08):
            box((x, 0, .42), (.2, .9, .54), cloth, .08, seg=5)
        for x in (-.95, .95):
            for y in (-.36, .36):
                rod((x, y, 0), (x, y, .16), .025, wood())
        box((-.68, .1, .72), (.42, .14, .4), mat("e0b85a", .95), .07, rot=(-20, 0, 10), seg=4)
    camera([(.5, -4.4, 1.25), (-.3, -4.4, 1.2)][v], (0, 0, .5), 45)


@calibrate
def flowers(v):
    """Flowers in a vase."""
    studio(["b9c7cf", "e9dcc8"][v], .45)
    lathe([(0, 0), (.05, 0), (.075, .06), (.07, .14), (.035, .22), (.045, .26), (.042, .26), (.032, .22), (.06, .14), (0, .02)], [mat("f2efe8", .15, coat=1), clear("a8d8e0")][v])
    rng = random.Random(v + 2)
    green = mat("3f7030", .6)
    for i in range(9):
        a, t = i * 2.4, .05 + .012 * i
        tip = Vector((t * 1.3 * math.cos(a), t * 1.3 * math.sin(a), .48 - .012 * i + rng.uniform(-.02, .02)))
        tube([(0, 0, .1), (0, 0, .24), tip * .6 + Vector((0, 0, .13)), tip], .003, green)
        petal = mat([["e8508a", "f2c12e", "f4f0f0"], ["d83a2a", "f08a2a", "f0d040"]][v][i % 3], .55)
        with group(tip, rng.uniform(0, 90), tilt=(math.degrees(-tip.y) * 5, math.degrees(tip.x) * 5)):
            ball((0, 0, .008), .016, mat("c58a1a", .9), (1, 1, .6))
            for k in range(11):
                b = 2 * math.pi * k / 11
                p = ball((.03 * math.cos(b), .03 * math.sin(b), .008), .022, petal, (1, .42, .16), (0, -16, math.degrees(b)), n=12)
    for i in range(9):
        a = i * .7
        leaves([(.06 * math.cos(a), .06 * math.sin(a), .31 + .01 * (i % 3))], 4, .02, .035, green, i)
    camera([(.12, -1.75, .46), (-.2, -1.75, .4)][v], (0, 0, .29), 50, 8)


@calibrate
def teapot(v):
    m = mat(["f0ede6", "1f4f8a"][v], .1, coat=1) if v == 0 else metal("c9773f", .18)
    if v == 0:
        studio("8fa7a0", .42)
    else:
        plane(6, wood("5d4029", "3d2817", 5))
        background("c8b8a4", .35)
        area((-.8, -.8, 1), (0, 0, .1), .7, 20, "ffe8c8")
        area((1, .6, .8), (0, 0, .1), .6, 12)
    lathe([(0, 0), (.07, 0), (.075, .008), (.105, .05), (.115, .09), (.095, .14), (.06, .165), (.058, .17), (.05, .165), (0, .15)], m)
    lathe([(.06, .166), (.05, .178), (.02, .188), (.01, .195), (.018, .206), (.014, .217), (0, .22)], m)
    tube([(.09, 0, .05), (.14, 0, .06), (.165, 0, .1), (.175, 0, .14), (.2, 0, .16)], 1, m, radii=[.03, .024, .017, .013, .012])
    tube([(-.095, 0, .13), (-.15, 0, .15), (-.185, 0, .11), (-.15, 0, .06), (-.1, 0, .05)], .011, m)
    if v == 1:
        for x in (-.08, .2):
            lathe([(0, 0), (.02, 0), (.035, .02), (.042, .05), (.04, .05), (.03, .02), (0, .01)], mat("e8e0d0", .2), (x, -.2, 0))
    camera([(.12, -.8, .28), (-.1, -.85, .33)][v], (.01, 0, .09), 55, 11)


@calibrate
def donut(v):
    dough = mat("c98b4b", .7, soft=.1, second="b87638", scale=20, bump=.2)
    ice = mat(["ea7fb0", "4a2412"][v], .25, soft=.1, coat=.5)
    if v == 0:
        studio("bfe0dc", .28)
        spots = [(0, 0, 0)]
    else:
        plane(6, mat("ece6dc", .6, second="d9d2c6", scale=6))
        background("e8e4dc", .6)
        area((-.6, -.3, .7), (0, 0, 0), .5, 7, "fff0dc")
        lathe([(0, 0), (.1, 0), (.15, .012), (.152, .016), (.1, .005), (0, .005)], mat("6fa0b8", .2, coat=1))
        spots = [(-.055, .03, .006), (.058, .01, .006), (-.01, -.06, .03)]
    rng = random.Random(9)
    for i, s in enumerate(spots):
        with group(s, 40 * i, tilt=(0, 0) if i < 2 else (14, 6)):
            d = ring((0, 0, .022), .035, .021, dough)
            top = [(r, z) for r, z in [(.035 - .0225 * math.cos(a), .0225 + .0222 * math.sin(a)) for a in [math.radians(10 + 16 * k) for k in range(11)]]]
            n = 64
            vs, fs = [], []
            for k in range(n):
                b = 2 * math.pi * k / n
                drip = math.radians(6 * math.sin(5 * b) + 9 * math.sin(3 * b + 1) + 5 * math.sin(11 * b))
                for j in range(12):
                    a = math.radians(12) + drip * .8 + (math.pi - math.radians(24) - 1.6 * drip) * j / 11
                    vs.append(((.035 - .0232 * math.cos(a)) * math.cos(b), (.035 - .0232 * math.cos(a)) * math.sin(b), .022 + .0232 * math.sin(a)))
            for k in range(n):
                fs += [(k * 12 + j, (k + 1) % n * 12 + j, (k + 1) % n * 12 + j + 1, k * 12 + j + 1) for j in range(11)]
            o = mesh(vs, fs, ice)
            o.modifiers.new("thick", "SOLIDIFY").thickness = -.002
            for k in range(46):
                b, a = rng.uniform(0, 6.3), math.radians(rng.uniform(40, 140))
                r = .035 - .0242 * math.cos(a)
                rod((r * math.cos(b), r * math.sin(b), .022 + .0242 * math.sin(a)), (r * math.cos(b) + rng.uniform(-.004, .004), r * math.sin(b) + rng.uniform(-.004, .004), .0222 + .0242 * math.sin(a)), .0008,
                    mat(["ffffff", "f6d130", "4fb6e8", "7ad06a"][k % 4], .4), n=6)
    camera([(.05, -.26, .2), (.02, -.34, .26)][v], (0, 0, .02), 50, 8)


@calibrate
def computer(v):
    plane(8, wood("b98a58", "94683a", 3) if v == 0 else mat("e8e8e6", .5))
    box((0, .75, 1), (6, .05, 3), mat(["dfe3e6", "2b3440"][v], .9), 0)
    dark = mat("15171a", .4)
    box((0, .2, .012), (.26, .18, .02), dark, .008)
    rod((0, .22, .01), (0, .22, .25), .02, dark)
    box((0, .2, .33), (.62, .03, .37), dark, .012)
    box((0, .183, .335), (.59, .004, .335), mat("2f6fc0", .3, second="7fd0e8", kind="noise", scale=5, glow=0), 0)
    screen = mat("1c4f9c", glow=.9)
    box((0, .182, .335), (.59, .004, .335), screen, 0)
    for k in range(7):
        box((-.12, .179, .44 - .032 * k), (.2 - .04 * (k % 3), .002, .012), mat("f4f8ff", glow=1.4), 0)
    box((.15, .179, .38), (.2, .002, .16), mat("f0a040", glow=1), 0)
    keys = mat(["e6e6e4", "26282c"][v], .5)
    box((0, -.14, .01), (.44, .15, .016), mat(["c9cbce", "101114"][v], .5), .006)
    for r in range(5):
        for c in range(14):
            if r == 4 and 3 < c < 9:
                continue
            box((-.195 + .03 * c, -.085 - .027 * r, .022), (.025, .022, .01), keys, .003)
    box((0, -.193, .022), (.14, .022, .01), keys, .003)
    ball((.33, -.14, .012), .035, keys, (.85, 1.35, .62))
    cyl((-.36, -.05, .05), .038, .1, mat("b8433a", .3), bevel=.004)
    background(["e8eef5", "20283a"][v], [.6, .3][v])
    area((-1, -.8, 1.4), (0, 0, .1), .8, [16, 6][v])
    camera([(.2, -1.3, .62), (-.3, -1.3, .5)][v], (0, .05, .22), 42, 11)


@calibrate
def guitar(v):
    top = mat(["c9853f", "8c1f14"][v], .15, second=["a8652a", "5c0f0a"][v], kind="wave", scale=2, coat=1, stretch=(3, 1, .2))
    if v == 0:
        plane(10, planks("8a623a", "6a4526"))
        box((0, .5, 1), (8, .05, 3), mat("cfc6b4", .9), 0)
        background("f0e6d8", .5)
        area((-1.4, -1.6, 1.6), (0, 0, .5), .9, 40, "fff0dc")
    else:
        studio("c4ccd2", .8)
    n = 64
    outline = []
    for k in range(n):
        t = 2 * math.pi * k / n
        # Two bouts and a waist.
        z = -.24 * math.cos(t)
        w = .19 * abs(math.sin(t)) ** .75 * (1 - .17 * math.cos(math.pi * (z + .02) / .2) * math.exp(-((z - .03) / .16) ** 2)) * (1 - .22 * (z > 0) * min(1, z / .2)) * (.82 if abs(z - .04) < .03 else .86 if abs(z - .04) < .07 else 1)
        outline.append((w if t < math.pi else -w, z))
    with group((0, .12, .28), tilt=(-10, 0)):
        extrude(outline, .1, top, bevel=.008)
        cyl((0, -.052, .06), .055, .002, mat("0d0805", .9), (90, 0, 0))
        ring((0, -.052, .06), .06, .004, mat("e8dcc0"), (90, 0, 0))
        box((0, -.06, .46), (.055, .022, .62), mat("2a1a10", .4), .006)
        for k in range(14):
            box((0, -.072, .2 + .56 * (1 - .92 ** k) / .72), (.054, .003, .003), metal("d8d8d8"), 0)
        extrude([(-.03, 0), (-.042, .05), (-.04, .17), (.04, .17), (.042, .05), (.03, 0)], .02, mat("3a2414", .35), at=(0, -.05, .76), bevel=.004)
        box((0, -.058, -.1), (.15, .014, .025), mat("2a1a10", .4), .005)
        for k in range(6):
            x = -.021 + .0084 * k
            rod((x, -.068, -.1), (x * .8, -.076, .77), .0009, metal("e8e0c8", .2), n=6)
            s = -1 if k < 3 else 1
            rod((s * .03, -.05, .8 + .045 * (k % 3)), (s * .062, -.05, .8 + .045 * (k % 3)), .004, metal())
            ball((s * .066, -.05, .8 + .045 * (k % 3)), .011, mat("f0ead8"), (1, .6, 1))
    camera([(.4, -2.3, .62), (-.5, -2.3, .6)][v], (0, .1, .47), 50)


@calibrate
def tree_alone(v):
    plane(500, lawn())
    grass(foliage(["6f9a3c", "8a8a3c"][v]), 14000, 16, .22)
    tree((0, 0, 0), 9, bark(), foliage(["4f8030", "c0641c"][v]), [3, 11][v], count=30, depth=4, size=.07)
    for i in range(14):
        tree((-70 + 10 * i + 3 * math.sin(i * 5), 70 + 6 * math.sin(i), 0), 7, bark(), foliage(), i, count=8, depth=2, size=.2)
    outdoors(["day", "sunset"][v], [220, 30][v])
    camera([(-3, -15, 1.8), (4, -16, 1.2)][v], (0, 0, 4.1), 34)


@calibrate
def mountain(v):
    from mathutils import noise

    def h(x, y):
        p = Vector((x * .011 + 3 * v, y * .011, 1.7 * v + .3))
        r = noise.ridged_multi_fractal(p, 1.0, 2.1, 7, .95, 2.1)
        return max(0, 1 - (x * x + y * y) / 19000) * 44 * r ** 1.25 - 4
    m = mat("5d554c", .95)
    n, link = m.node_tree.nodes, m.node_tree.links.new
    # Snow lies high up and where it is not steep.
    geo, sp, sn, ad, rp = (n.new(k) for k in ("ShaderNodeNewGeometry", "ShaderNodeSeparateXYZ", "ShaderNodeSeparateXYZ", "ShaderNodeMath", "ShaderNodeValToRGB"))
    link(geo.outputs["Position"], sp.inputs[0])
    link(geo.outputs["Normal"], sn.inputs[0])
    ad.operation = "MULTIPLY_ADD"
    ad.inputs[1].default_value = .012
    link(sp.outputs[2], ad.inputs[0])
    link(sn.outputs[2], ad.inputs[2])
    link(ad.outputs[0], rp.inputs[0])
    rp.color_ramp.elements[0].position, rp.color_ramp.elements[1].position = [1.0, .84][v], [1.04, .92][v]
    rp.color_ramp.interpolation = "LINEAR"
    k = n.new("ShaderNodeMath")
    k.operation, k.inputs[1].default_value = "MULTIPLY", .75
    link(ad.outputs[0], k.inputs[0])
    link(k.outputs[0], rp.inputs[0])
    rp.color_ramp.elements[0].position, rp.color_ramp.elements[1].position = [.84, .72][v], [.92, .8][v]
    rp.color_ramp.elements[0].color, rp.color_ramp.elements[1].color = rgb("574f46"), rgb("f6f8fb")
    link(rp.outputs[0], n["Principled BSDF"].inputs["Base Color"])
    field(300, 240, h, m)
    plane(3000, lawn() if v == 0 else mat("3b5560", .08, bump=.1, scale=.6), (0, 0, 0))
    if v == 0:
        rng = random.Random(1)
        for i in range(60):
            fir((rng.uniform(-60, 60), rng.uniform(-160, -135), 0), rng.uniform(4, 7), bark(), foliage("2f5230"), i, layers=9)
    outdoors(["day", "sunset"][v], [235, 250][v])
    camera([(-20, -205, 9), (20, -200, 14)][v], (0, 0, 30), 32)


@calibrate
def ocean(v):
    water = mat(["0f4a66", "1c2c3c"][v], .05, ior=1.33, bump=.12, scale=6)
    b = bmesh.new()
    o = put(from_bmesh(b), water)
    s = o.modifiers.new("ocean", "OCEAN")
    s.resolution, s.spatial_size, s.repeat_x, s.repeat_y, s.wave_scale, s.choppiness, s.wind_velocity = 12, 60, 5, 5, [1.1, 2.2][v], 1.1, [7, 12][v]
    o.location = (-150, -20, 0)
    s.random_seed = 3
    outdoors(["day", "sunset"][v], [200, 4][v])
    camera((0, -12, [3.2, 4][v]), (0, 60, [.5, 3][v]), 30)


@calibrate
def mushroom(v):
    def h(x, y):
        return .05 * math.sin(2 * x + 1) * math.cos(1.7 * y) + .02 * math.sin(6 * x)
    field(8, 90, h, mat("4a3a22", .95, second="3d4a1e", scale=3, bump=.8, fine=30))
    grass(foliage("55802f"), 5000, 2.2, .14, ground=h)
    stalk, red = mat("efe6d2", .7, soft=.1, second="ddd0b6", scale=10), mat(["b8190f", "a8713a"][v], .25, soft=.05, coat=.6)
    rng = random.Random(4)
    for x, y, s in ((0, 0, 1), (.34, .2, .62), (-.32, .12, .5)):
        with group((x, y, h(x, y) - .02), tilt=(rng.uniform(-6, 6), rng.uniform(-8, 8)), scale=s):
            lathe([(0, 0), (.085, 0), (.07, .08), (.05, .25), (.05, .4), (0, .42)], stalk)
            lathe([(.052, .3), (.1, .27), (.11, .265), (.06, .31)], stalk)
            lathe([(.05, .37), (.2, .355), (.235, .37), (.23, .4), (.18, .47), (.1, .525), (0, .545)], red)
            if v == 0:
                for k in range(26):
                    a, t = k * 2.4, .06 + .86 * math.sqrt(k / 26)
                    r = .23 * t
                    z = .545 - .14 * t ** 2.6
                    ball((r * math.cos(a), r * math.sin(a), z), .014 * rng.uniform(.7, 1.3), mat("f6f0e2", .8), (1, 1, .5), n=12)
    for i in range(5):
        rock((rng.uniform(-1.2, 1.2), rng.uniform(.5, 1.5), .03), .12, mat("77726a", .9, second="5a564f", scale=8, bump=.3), seed=i)
    for i in range(7):
        cyl((-3 + i + .3 * math.sin(i * 9), 3.2 + .6 * math.sin(i * 3), 2), .18, 5, bark())
    outdoors(["day", "overcast"][v], 215)
    camera([(.25, -1.5, .35), (-.3, -1.45, .5)][v], (0, 0, .3), 48, 4)


@calibrate
def snowman(v):
    snow = mat("f2f5fa", .7, soft=.2, bump=.3, scale=20)

    def h(x, y):
        return .12 * math.sin(.6 * x) * math.cos(.5 * y + 1)
    field(60, 90, h, snow)
    z = h(0, 0)
    for c, r in ((.42, .5), (1.08, .37), (1.6, .26)):
        rough_up(ball((0, 0, z + c), r, snow, sub=1), .03, .25)
    with group((0, 0, z)):
        rod((0, -.24, 1.6), (.02, -.52, 1.57), .045, mat("e8711a", .6), top=.004)
        coal = mat("141414", .8)
        for x in (-.09, .09):
            ball((x, -.225, 1.7), .032, coal)
        for k in range(5):
            a = math.radians(-130 + 20 * k)
            ball((.13 * math.cos(a), -.235, 1.6 + .13 * math.sin(a)), .018, coal)
        for q in (.95, 1.1, 1.25):
            ball((0, -.36 + .1 * abs(q - 1.08), q), .03, coal)
        red = mat(["b3202a", "2a5a9a"][v], .95)
        ring((0, 0, 1.37), .22, .06, red)
        box((.16, -.24, 1.17), (.13, .04, .4), red, .02, rot=(12, 0, -8))
        hat = mat("17181a", .7)
        cyl((0, .02, 1.82), .27, .03, hat, bevel=.01)
        cyl((0, .02, 1.99), .17, .32, hat, bevel=.015)
        cyl((0, .02, 1.87), .174, .06, red)
        for s in (-1, 1):
            tube([(s * .3, 0, 1.15), (s * .55, -.05, 1.3), (s * .85, -.1, 1.5)], .018, bark())
            tube([(s * .7, -.07, 1.42), (s * .8, -.2, 1.5)], .01, bark())
    rng = random.Random(2)
    for i in range(16):
        fir((-15 + 2.1 * i, rng.uniform(7, 14), 0), rng.uniform(3.5, 6), bark(), [mat("dfe8ee", .8, second="3a5a3c", scale=3), foliage("2f4f34")][i % 2], i)
    outdoors(["day", "night"][v], 150)
    if v:
        bulb((-1.5, -2, 2.4), 130)
    camera([(.7, -4.6, 1.3), (-.8, -4.6, 1.1)][v], (0, 0, 1.03), 42)


@calibrate
def robot_arm(v):
    paint, dark = mat(["ef7d12", "e8c41a"][v], .35, coat=.5), mat("26282b", .5)
    steel = metal("b8bcc0", .3)
    if v == 0:
        plane(60, mat("8d9092", .4, second="7c7f81", scale=2))
        box((0, 4, 3), (30, .2, 6), mat("c8ccce", .7), 0)
        for i in range(8):
            box((-9 + 2.6 * i, 3.8, 3), (.25, .25, 6), metal("6d7276", .5), .02)
        box((0, 0, .004), (4.2, 4.2, .008), mat("d8b820", .7), 0)
        box((0, 0, .006), (3.9, 3.9, .01), mat("85888a", .5), 0)
        background("dfe6ee", .6)
        area((-3, -3, 5), (0, 0, 1), 2.5, 420)
        area((4, -1, 4), (0, 0, 1), 2, 180)
        box((1.75, -.1, .35), (1, .9, .7), wood("b08a5a", "8a6538"), .02)
    else:
        studio("aeb6bd", 2)
    cyl((0, 0, .08), .5, .16, dark, bevel=.02)
    cyl((0, 0, .36), .36, .4, paint, top=.3, bevel=.03)
    with group((0, 0, .55), [12, 25][v]):
        for y in (-.2, .2):
            box((0, y, .12), (.44, .12, .5), paint, .08, seg=4)
        cyl((0, 0, .25), .2, .56, dark, (90, 0, 0), bevel=.02)
        a = Vector((0, 0, .25))
        b = a + Vector((-.35, 0, 1.1))
        c = b + Vector((1.15, 0, .3))
        d = c + Vector((.24, 0, -.34))
        rod(a, b, .17, paint, top=.13, bevel=.02)
        cyl(b, .19, .44, dark, (90, 0, 0), bevel=.02)
        box(b + Vector((.02, 0, .06)), (.36, .3, .3), paint, .06, seg=3)
        rod(b, c, .14, paint, top=.09, bevel=.02)
        cyl(c, .12, .26, dark, (90, 0, 0), bevel=.015)
        rod(c, d, .08, steel)
        with group(d):
            box((.03, 0, -.05), (.3, .12, .08), dark, .02)
            for x in (-.1, .16):
                box((x, 0, -.2), (.05, .1, .26), steel, .01)
        tube([b + Vector((-.1, .2, .1)), b + Vector((.2, .28, .5)), c + Vector((-.3, .2, .25)), c + Vector((0, .12, .05))], .025, mat("101010", .6))
    camera([(.9, -6.2, 1.7), (-.6, -6.2, 1.5)][v], (.3, 0, 1.1), 42)


def gear(at, r, teeth, thick, m, turn=0., hole=.25, rot=(90, 0, 0)):
    """A gear whose axle lies along y."""
    pts = []
    for k in range(teeth):
        for f, q in ((0, .9), (.18, 1.08), (.42, 1.08), (.6, .9)):
            a = 2 * math.pi * (k + f) / teeth + math.radians(turn)
            pts.append((r * q * math.cos(a), r * q * math.sin(a)))
    o = extrude(pts, thick, m, at=at, bevel=.012, smooth=False)
    for i in range(6):
        a = 2 * math.pi * i / 6 + math.radians(turn)
        c = cyl((at[0] + .58 * r * math.cos(a), at[1], at[2] + .58 * r * math.sin(a)), r * .16, thick * 2, None, (90, 0, 0))
        c.hide_render = True
        b = o.modifiers.new("hole", "BOOLEAN")
        b.object = c
    cyl(at, r * .2, thick * 1.5, metal("50545a", .3), (90, 0, 0), bevel=.01)
    return o


@calibrate
def gears(v):
    background(["2a2e34", "c8ccd2"][v], .5)
    box((0, .35, 0), (20, .1, 20), mat(["1f2328", "e4e2de"][v], .7), 0)
    brass, steel, copper = metal("d0a548", .25), metal("b4bac2", .25), metal("c06a3c", .3)
    ms = [brass, steel, copper] if v == 0 else [mat("d83a30", .35), mat("2f7fd0", .35), mat("f0b020", .35)]
    gear((0, 0, 0), 1, 20, .26, ms[0])
    gear((1.49, -.02, .62), .6, 12, .26, ms[1], 8)
    gear((-1.28, .0, -.98), .6, 12, .3, ms[2], 3)
    gear((-1.22, .0, .98), .55, 11, .3, ms[1], 12)
    gear((1.3, .05, -.95), .6, 12, .24, ms[0], 5)
    area((-3, -4, 3), (0, 0, 0), 2, 330, "fff0dc")
    area((4, -3, -1), (0, 0, 0), 2, 120, "cfe0ff")
    camera([(1.2, -5.2, .9), (-1.5, -5, -.5)][v], (0, 0, 0), 42)


@calibrate
def rocket(v):
    white, accent = mat("f0f0ee", .3, coat=.5), mat(["c8202a", "e07a1a"][v], .3, coat=.5)
    with group((0, 0, [3.2, 15][v]), 20, tilt=(0, [0, 12][v])):
        lathe([(0, 0), (.9, 0), (1.2, 1.5), (1.35, 4), (1.3, 7), (1.0, 9.4), (.55, 11.2)], white)
        lathe([(.56, 11.15), (.3, 12.2), (0, 13)], accent)
        lathe([(1.34, 2.6), (1.38, 2.6), (1.39, 3.2), (1.34, 3.2)], accent, sub=0)
        for a in range(3):
            with group((0, 0, 0), 120 * a + 20):
                extrude([(1.1, .9), (1.2, 3.6), (2.5, 1.2), (2.7, -1.4), (2.3, -1.4), (1.9, 0)], .16, accent, bevel=.05)
        for z in (6, 8):
            cyl((0, -1.28 + .1 * (z > 7), z), .5, .2, metal("c0c4c8"), (90, 0, 0), bevel=.04)
            cyl((0, -1.33 + .1 * (z > 7), z), .38, .2, mat("12283c", .03), (90, 0, 0), bevel=.02)
        lathe([(.5, 0), (.8, -.8), (.75, -.8), (.4, 0)], metal("4a4d52", .4))
        if v == 1:
            lathe([(.7, -.8), (1.0, -2.5), (.7, -5), (0, -8)], mat("ffb040", glow=14))
            lathe([(.5, -.8), (.6, -2), (.3, -3.5), (0, -5)], mat("fff6d0", glow=30))
    if v == 0:
        plane(400, mat("a89f90", .9, second="948b7d", scale=.4, bump=.2))
        cyl((0, 0, .2), 6, .5, mat("8c8c8a", .8), bevel=.05)
        for a in range(4):
            rod((2.5 * math.cos(a * 1.57), 2.5 * math.sin(a * 1.57), .2), (1.2 * math.cos(a * 1.57), 1.2 * math.sin(a * 1.57), 3.2), .14, mat("444444"))
        for z in range(9):
            for x, y in ((-5, 1), (-3.6, 1), (-5, 2.4), (-3.6, 2.4)):
                rod((x, y, 1.8 * z), (x, y, 1.8 * z + 1.8), .1, mat("b5402a", .6))
            rod((-5, 1, 1.8 * z), (-3.6, 1, 1.8 * z + 1.8), .07, mat("b5402a", .6))
            rod((-3.6, 1, 1.8 * z), (-3.6, 2.4, 1.8 * z + 1.8), .07, mat("b5402a", .6))
            box((-4.3, 1.7, 1.8 * z + 1.8), (1.6, 1.6, .1), mat("8a3a2a"), 0)
        rod((-4, 1.5, 14), (-.8, .3, 14), .2, mat("b5402a", .6))
    else:
        plane(3000, mat("3a6a8a", .3), (0, 0, -60))
        rng = random.Random(3)
        smoke = mat("e8e4de", 1, soft=.3)
        for i in range(60):
            t = i / 60
            ball((-3.2 - 9 * t * .5 + rng.gauss(0, 1 + 2 * t), rng.gauss(0, 1 + 2 * t), 5 - 18 * t), 1.2 + 1.8 * t, smoke, n=16)
    outdoors(["day", "sunset"][v], [210, 60][v])
    camera([(5, -27, 3), (4, -34, 8)][v], [(-.8, 0, 8.3), (.6, 0, 14.5)][v], 34)


@calibrate
def sailboat(v):
    water = mat(["1a5f80", "20384a"][v], .06, bump=.5, scale=1.3)
    o = field(160, 160, lambda x, y: .12 * math.sin(.8 * x + .3 * y) + .08 * math.sin(1.7 * y + .5 * x) + .05 * math.sin(2.9 * x - 1.3 * y), water)
    plane(4000, water, (0, 0, -.3))
    with group((0, 0, .1), [25, -30][v], tilt=(5, 0)):
        vs, fs, n = [], [], 24
        for i in range(n + 1):
            t = i / n
            x = -4 + 8.4 * t
            w = 1.35 * (math.sin(math.pi * (t * .62 + .3)) if t < .99 else .0) * (1 - max(0, t - .6) ** 2 * 6)
            w = max(w, .02)
            z = .75 + .4 * t * t
            for k in range(9):
                a = math.pi * k / 8
                vs.append((x, w * math.cos(a), z - 1.15 * math.sin(a) ** .7 * (1 - .3 * t)))
        for i in range(n):
            fs += [(i * 9 + k, i * 9 + k + 1, (i + 1) * 9 + k + 1, (i + 1) * 9 + k) for k in range(8)]
            fs.append((i * 9, (i + 1) * 9, (i + 1) * 9 + 8, i * 9 + 8))
        fs.append(tuple(range(9)))
        mesh(vs, fs, mat(["f4f4f0", "20385a"][v], .2, coat=1))
        box((-.6, 0, 1.0), (2.4, 1.3, .5), mat("e8e0d0", .4), .12, seg=3)
        for x in (-1.3, -.6, .1):
            for y in (-.66, .66):
                box((x, y, 1.05), (.4, .02, .16), mat("10202c", .05), .04)
        rod((.7, 0, .8), (.7, 0, 11), .07, wood())
        rod((.7, 0, 1.9), (-3.6, 0, 1.8), .06, wood())
        sail = mat(["fbfaf4", "c85a34"][v], .9)

        def cloth(a, b, c, bulge):
            a, b, c, vv, ff, n = Vector(a), Vector(b), Vector(c), [], [], 14
            for i in range(n + 1):
                for j in range(n + 1 - i):
                    s, t = i / n, j / n
                    p = a + (b - a) * s + (c - a) * t
                    p.y += bulge * 4 * math.sin(math.pi * min(1, t + .0)) * (1 - s) * s ** .5 if s else 0
                    vv.append(p)
            at = lambda i, j: i * (n + 1) - i * (i - 1) // 2 + j
            for i in range(n):
                for j in range(n - i):
                    ff.append((at(i, j), at(i + 1, j), at(i, j + 1)))
                    if j < n - i - 1:
                        ff.append((at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)))
            mesh(vv, ff, sail)
        cloth((.6, 0, 2.1), (.6, 0, 10.8), (-3.5, 0, 2.0), .5)
        cloth((1.0, 0, 1.6), (.75, 0, 9.6), (4.3, 0, 1.4), .5)
        rod((.7, 0, 10.5), (4.4, 0, 1.2), .012, metal())
    field(400, 30, lambda x, y: 6 * math.sin(x * .02) + 5 * math.sin(x * .05 + 1) + 4, mat("4f6b5a", .9), (0, 420, -3))
    outdoors(["day", "sunset"][v], [160, 20][v])
    camera([(-5, -19, 2.4), (6, -20, 2.0)][v], (0, 0, 4.2), 36)


@calibrate
def spheres(v):
    if v == 0:
        studio("d4dbe0", .9)
        ms = [mat("d63a3a", .1, coat=1), metal("e8c060", .12), clear(), mat("2f6fd0", .5), mat("f2f2f0", .3, second="222222", kind="checker", scale=6)]
        for i, m in enumerate(ms):
            ball((-.8 + .4 * i, .12 * (i % 2), .2), .2, m)
        camera((.2, -2.9, .75), (0, 0, .2), 50)
    else:
        rng = random.Random(6)
        plane(20, mat("26282c", .2))
        background("30343c", .6)
        cols = ["e84855", "f9dc5c", "3185fc", "efbcd5", "ffffff", "2ec4b6"]
        placed = []
        for _ in range(400):
            r = rng.uniform(.1, .38)
            x, y = rng.uniform(-2, 2), rng.uniform(-1, 2.5)
            if all(math.hypot(x - a, y - b) > r + q for a, b, q in placed):
                placed.append((x, y, r))
                ball((x, y, r), r, mat(rng.choice(cols), rng.choice((.08, .5)), coat=.5), n=40)
        area((-3, -3, 4), (0, .5, 0), 2, 260)
        area((3, 2, 3), (0, .5, 0), 1.5, 120, "ffc8a0")
        camera((.3, -4.2, 1.9), (0, .5, .15), 45, 4, (0, 0, .2))


@calibrate
def cubes(v):
    if v == 0:
        studio("e6ded2", 1.1)
        for i, (x, y, z, t, c) in enumerate(((-.42, 0, .2, 12, "e2574c"), (.08, .1, .2, -8, "3f88c5"), (.55, -.05, .2, 20, "f2b134"), (-.16, .06, .6, 30, "44bba4"), (.33, .04, .6, 5, "f4f0ea"), (.07, .05, 1.0, 48, "6b4f8a"))):
            box((x, y, z), (.4, .4, .4), mat(c, .4), .025, rot=(0, 0, t), seg=4)
        camera((.5, -3.3, 1.2), (.05, 0, .52), 48)
    else:
        rng = random.Random(2)
        background("10131a", .6)
        plane(40, mat("14161a", .15))
        for i in range(9):
            for j in range(9):
                h = rng.uniform(.2, 1.6)
                hot = rng.random() < .12
                box((i - 4, j - 2, h / 2), (.9, .9, h), mat("ff7a30", glow=4) if hot else mat("9aa4b4", .25, .6), .05)
        area((-5, -5, 6), (0, 2, 0), 3, 700, "a8c8ff")
        camera((3.2, -7.5, 4.6), (0, 1.4, .2), 38)


@calibrate
def wine_glass(v):
    if v == 0:
        studio("7d8791", .45)
    else:
        plane(6, wood("6a4428", "452a16", 4))
        box((0, 1.6, .5), (6, .05, 3), mat("2a1f1a", .9), 0)
        background("d8b890", .3)
        area((.9, .7, .9), (0, 0, .1), .5, 16, "ffd8a0")
        area((-1, -.6, .8), (0, 0, .1), .6, 7)
    for i, x in enumerate((0,) if v == 0 else (-.06, .07)):
        with group((x, .08 * i, 0)):
            lathe([(0, .002), (.036, .0), (.037, .002), (.006, .008), (.0045, .03), (.0045, .085), (.01, .1), (.034, .13), (.041, .165), (.036, .205), (.032, .23), (.031, .23), (.035, .205), (.0395, .165), (.032, .132), (.008, .105), (0, .103)], clear())
            lathe([(0, .1045), (.008, .1065), (.0315, .133), (.0385, .16), (.0388, .166), (0, .166)], mat("4a0412", .02, glass=.85, ior=1.33), sub=1)
    if v == 1:
        lathe([(0, 0), (.037, 0), (.038, .01), (.038, .19), (.015, .24), (.014, .3), (.016, .3), (.016, .315), (0, .315)], mat("12301c", .05, glass=.6), (-.19, .16, 0), sub=1)
        box((-.19, .1205, .11), (.05, .003, .07), mat("efe6d0"), 0)
    camera([(.05, -.8, .24), (.02, -.85, .27)][v], [(0, 0, .12), (-.03, 0, .13)][v], 60, 11)


@calibrate
def castle(v):
    stone = mat("a39a88", .95, second="787060", kind="brick", scale=1.0, bump=.4)
    roof = mat(["3e5a7a", "7a3226"][v], .8)
    dark = mat("14110e", .9)
    lit = mat("ffb050", glow=5) if v else dark

    def hill(x, y):
        d = math.hypot(x, y)
        return 9 * max(0, 1 - (max(0, d - 16) / 30)) ** 1.5 + .5 * math.sin(x * .3) * math.cos(y * .23) - .5

    field(300, 120, hill, lawn())
    with group((0, 0, 8.3)):
        for s in (-1, 1):
            box((0, s * 11, 3), (22, 1.4, 7), stone, .03)
            box((s * 11, 0, 3), (1.4, 22, 7), stone, .03)
            for k in range(14):
                box((-10.4 + 1.6 * k, s * 11.4, 6.9), (.8, .5, 1), stone, .03)
                box((s * 11.4, -10.4 + 1.6 * k, 6.9), (.5, .8, 1), stone, .03)
        for x in (-11, 11):
            for y in (-11, 11):
                cyl((x, y, 5), 2.4, 12, stone, n=28)
                cyl((x, y, 11.2), 2.8, 1.2, stone, n=28)
                cyl((x, y, 14.2), 3.0, 5, roof, top=.05)
                for z in (4, 8):
                    box((x, y - 2.35, z), (.4, .3, 1.2), lit, .02)
        box((0, 3, 7), (9, 9, 16), stone, .05)
        for k in range(6):
            for s in (-1, 1):
                box((-4 + 1.6 * k, 3 + s * 4.4, 15.5), (.8, .5, 1), stone, .03)
        for z in (7, 11):
            for x in (-2.5, 0, 2.5):
                box((x, -1.55, z), (.7, .2, 1.6), lit, .02)
        cyl((3.4, 6, 12), 2, 20, stone, n=28)
        cyl((3.4, 6, 24.5), 2.6, 6, roof, top=.05)
        rod((3.4, 6, 27), (3.4, 6, 31), .07, dark)
        extrude([(0, 0), (2.4, -.5), (0, -1.2)], .05, mat("c82a2a"), at=(3.4, 6, 30.8))
        for x in (-2.4, 2.4):
            cyl((x, -11.5, 4), 1.5, 9, stone, n=28)
            cyl((x, -11.5, 10), 1.9, 3.4, roof, top=.05)
        arch = [(-1.3, 0), (-1.3, 2.6)] + [(-1.3 * math.cos(a), 2.6 + 1.3 * math.sin(a)) for a in [math.pi * k / 10 for k in range(11)]] + [(1.3, 0)]
        extrude(arch, .4, dark, at=(0, -11.7, 0))
    rng = random.Random(8)
    for i in range(60):
        a, d = rng.uniform(0, 6.3), rng.uniform(38, 75)
        x, y = d * math.cos(a), d * math.sin(a)
        if y > -30 or abs(x) > 26:
            fir((x, y, hill(x, y) - .3), rng.uniform(5, 9), bark(), foliage("365a2e"), i, layers=10)
    outdoors(["day", "night"][v], [215, 30][v])
    if v:
        bulb((0, -16, 11), 900, "ffb060", .5)
        bulb((-16, -16, 11), 700, "ffb060", .5)
        bulb((16, -16, 11), 700, "ffb060", .5)
    camera([(-26, -58, 9), (22, -58, 12)][v], (0, 0, 15), 34)


@calibrate
def potted_plant(v):
    if v == 0:
        studio("dfe5e0", 1.0)
    else:
        plane(20, planks())
        box((0, 1, 1.5), (12, .1, 3), mat("d8b8a0", .9), 0)
        background("f4ece0", .5)
        area((-2, -2, 2.5), (0, 0, .5), 1.5, 90, "fff0dc")
    potted((0, 0, 0), mat(["c0623c", "f0f0ec"][v], .8), mat(["3f7a34", "2f6a4a"][v], .4, second="7aa850", scale=3), [.95, .8][v], 3 + v, 30)
    camera([(.3, -3, .8), (-.3, -2.8, .7)][v], (0, 0, .52), 50)


@calibrate
def airship(v):
    """A hot air balloon: nothing that the captioner or the detector has a word for."""
    cols = [["d8342c", "f4c430", "2f6fb8"], ["7a2f8a", "f07a2a", "f4e8d0"]][v]
    with group((0, 0, 9)):
        n, prof = 24, [(.5, 0), (1.2, 1.3), (2.6, 3.2), (3.7, 5.2), (4.1, 7.0), (3.8, 8.7), (2.7, 10.1), (1.2, 10.9), (.05, 11.1)]
        ms = [mat(c, .6) for c in cols]
        for g in range(n):
            vs, fs = [], []
            for r, z in prof:
                for k in range(4):
                    a = 2 * math.pi * (g + k / 3) / n
                    q = r * (1 + .04 * math.sin(math.pi * k / 3))
                    vs.append((q * math.cos(a), q * math.sin(a), z))
            for i in range(len(prof) - 1):
                fs += [(i * 4 + k, i * 4 + k + 1, i * 4 + k + 5, i * 4 + k + 4) for k in range(3)]
            mesh(vs, fs, ms[g % 3], sub=2)
        box((0, 0, -2.6), (1.1, 1.1, .9), wood("9a6a38", "6a4422", 12), .08)
        for x in (-.5, .5):
            for y in (-.5, .5):
                rod((x, y, -2.2), (x * .9, y * .9, .1), .02, mat("333333"))
        ball((0, 0, -.9), .16, mat("ffb040", glow=20), (1, 1, 2))
    field(500, 60, lambda x, y: 4 * math.sin(x * .03) * math.cos(y * .025), lawn())
    rng = random.Random(5)
    for i in range(70):
        tree((rng.uniform(-120, 120), rng.uniform(20, 160), -1), rng.uniform(5, 8), bark(), foliage(), i, count=5, depth=2, size=.3)
    outdoors(["day", "sunset"][v], [215, 30][v])
    camera([(-4, -30, 5), (6, -32, 6)][v], (0, 0, 12), 32)


# The scenes to test on: other subjects, or the same ones built otherwise.

@test
def walkers(v):
    plane(120, mat("a8a49c", .85, second="8d8982", kind="brick", scale=.8))
    rng = random.Random(v)
    shirts = ["2f6fb0", "d8b13a", "e8e8e8", "7a2f3f", "3f7a55", "e0703a"]
    for i in range(6):
        figure(mat(shirts[i], .8), ["walk", "stand"][i % 3 == 2], (-2.6 + 1.05 * i, rng.uniform(-.8, 2.2), 0), rng.choice((-60, 20, 70, 160)), mat(["c98d6b", "8a5a3c", "e0b090"][i % 3], .5), mat(["26304a", "3b3b3b", "6a5a48"][i % 3], .8))
    for i in range(5):
        box((-16 + 8 * i, 16, 5), (7.6, 5, 10), mat(["b8a890", "8a5a48", "a0a8b0"][i % 3], .9), .05)
        for k in range(6):
            box((-18 + 8 * i + 2 * (k % 3), 13.45, 2.5 + 4 * (k // 3)), (1.3, .1, 2), mat("1a242c", .05), .02)
    outdoors(["day", "sunset"][v], [150, 200][v])
    camera([(.4, -7, 1.6), (-1.5, -6.6, 1.2)][v], (0, .3, .95), 38)


@test
def truck(v):
    paint, dark, chrome = mat(["b8231c", "1f4a7a"][v], .3, coat=.8), mat("161616", .6), metal("d8dce0", .15)
    with group((0, 0, 0), [-38, 32][v]):
        box((-3.4, 0, 1.75), (1.9, 2.3, 2.3), paint, .22, seg=4)
        box((-4.36, 0, 2.2), (.05, 2.0, .85), mat("10181f", .03), .1)
        for y in (-1.155, 1.155):
            box((-3.6, y, 2.2), (.9, .03, .75), mat("10181f", .03), .08)
            box((-4.3, y * 1.16, 2.2), (.1, .2, .5), dark, .04)
        box((-4.37, 0, 1.2), (.06, 1.7, .65), chrome, .03)
        for k in range(5):
            box((-4.41, 0, .98 + .11 * k), (.02, 1.6, .04), dark, .01)
        for y in (-.95, .95):
            box((-4.38, y, .85), (.08, .34, .22), mat("ffffff", .05, glow=1), .05)
        box((-4.4, 0, .55), (.22, 2.3, .3), chrome, .06)
        box((.9, 0, .75), (7.0, .9, .3), dark, .03)
        box((1.1, 0, 2.25), (6.4, 2.45, 2.7), mat(["f2f2f0", "e8c040"][v], .5), .05)
        for k in range(16):
            for s in (-1, 1):
                box((-1.9 + .4 * k, s * 1.23, 2.25), (.06, .03, 2.5), mat(["dcdcda", "d0aa30"][v], .5), .01)
        for x in (-3.5, 1.9, 3.1):
            for y in (-1.0, 1.0):
                wheel((x, y, .5), .5, .34)
    plane(300, asphalt())
    for i in range(12):
        box((-40 + 7 * i, -4.5, .01), (3, .16, .02), mat("e8e8e0"), 0)
    plane(200, mat("8a7a4a", .95, second="a08c58", scale=.5), (0, 106, .02))
    field(400, 40, lambda x, y: 14 + 9 * math.sin(x * .03) + 6 * math.sin(x * .07 + y * .05), mat("6a7a5a", .9), (0, 330, -8))
    outdoors(["day", "sunset"][v], [150, 200][v])
    camera([(-3.5, -12.5, 1.9), (-3, -12.5, 1.5)][v], (0, 0, 1.6), 38)


@test
def apartments(v):
    wall, slab = mat(["d9d2c4", "8fa3ad"][v], .9), mat("f0eee8", .8)
    glass, lit = mat("1c2a36", .04), mat("ffce85", .2, glow=3)
    rng = random.Random(3)
    for b, (x, y, n) in enumerate(((0, 0, 8), (24, 6, 6))):
        with group((x, y, 0), 0):
            h = 3 * n
            box((0, 0, h / 2), (18, 10, h), wall, .05)
            box((0, 0, h + .3), (18.6, 10.6, .6), slab, .05)
            for f in range(n):
                for i in range(6):
                    px = -7.5 + 3 * i
                    m = lit if v == 1 and rng.random() < .4 else glass
                    box((px, -5.02, 3 * f + 1.6), (1.7, .1, 1.9), m, .02)
                    if i % 2 == 0 and f:
                        box((px, -5.8, 3 * f + .35), (2.6, 1.6, .16), slab, .02)
                        for k in range(9):
                            rod((px - 1.2 + .3 * k, -6.5, 3 * f + .4), (px - 1.2 + .3 * k, -6.5, 3 * f + 1.3), .025, mat("3a3a3a"), n=6)
                        box((px, -6.5, 3 * f + 1.32), (2.6, .08, .06), mat("3a3a3a"), 0)
                for k in (-1, 1):
                    for j in range(3):
                        box((k * 9.02, -3 + 3 * j, 3 * f + 1.6), (.1, 1.5, 1.7), lit if v == 1 and rng.random() < .4 else glass, .02)
            box((0, -5.3, 1.3), (3, .5, 2.6), mat("3a4a52", .2), .03)
    plane(400, lawn())
    box((0, -13, .05), (200, 6, .1), asphalt(), 0)
    for i, c in enumerate(("8a1f1f", "d8d8d8", "2a3a5a")):
        saloon(mat(c, .3, .3, coat=1), (-6 + 7 * i, -11.5, .1), 0)
    for i in range(6):
        tree((-12 + 6 * i, -8.6, 0), 4.5, bark(), foliage(), i, count=12, depth=2)
    outdoors(["overcast", "night"][v], 150)
    if v:
        sun(.4, 35, 30, "8aa4ff", 3)
    camera([(-18, -42, 3), (-22, -40, 5)][v], (4, 0, 10.5), 32)


@test
def skyline(v):
    rng = random.Random(12 + v)
    glass = [mat(c, .12, .4, second=d, kind="brick", scale=.25) for c, d in (("3a5a72", "a8b4bc"), ("5a6a74", "c8ccd0"), ("8a8478", "50504c"), ("2c3e50", "7f8c8d"))]
    lit = mat("ffd590", glow=4)
    for i in range(90):
        x, y = rng.uniform(-130, 130), rng.uniform(0, 90)
        h = rng.uniform(12, 30) + 62 * math.exp(-(x / 50) ** 2) * rng.random()
        w = rng.uniform(7, 13)
        m = rng.choice(glass)
        box((x, y, h / 2), (w, w, h), m, .2)
        if h > 55:
            box((x, y, h + 5), (w * .6, w * .6, 10), m, .1)
            rod((x, y, h + 10), (x, y, h + 24), .3, metal())
        if v == 1:
            vs, fs = [], []
            for _ in range(int(h * 2.2)):
                px, pz, j = x + rng.randint(-3, 3) * w / 8, rng.randint(1, max(2, int(h / 2.5))) * 2.5 - 1, len(vs)
                vs += [(px - .4, y - w / 2 - .1, pz), (px + .4, y - w / 2 - .1, pz), (px + .4, y - w / 2 - .1, pz + 1.2), (px - .4, y - w / 2 - .1, pz + 1.2)]
                fs.append((j, j + 1, j + 2, j + 3))
            mesh(vs, fs, lit, smooth=False)
    plane(3000, mat("24485c" if v == 0 else "0c1626", .08, bump=.25, scale=.4), (0, 0, -.5))
    box((0, 45, -.2), (300, 100, 2), mat("6a6a68"), 0)
    outdoors(["day", "night"][v], 150)
    camera([(-20, -150, 14), (25, -150, 8)][v], (0, 0, 34), 28)


@test
def suspension_bridge(v):
    red = mat(["b83a24", "8fa0a8"][v], .5)
    L, H = 60, 34
    for x in (-L / 2, L / 2):
        for y in (-3.5, 3.5):
            box((x, y, H / 2 - 2), (2, 1.6, H + 4), red, .1)
        for z in (9, 18, 26, 33):
            box((x, 0, z), (1.6, 7, 1.6), red, .1)
        box((x, 0, -1), (7, 13, 5), mat("8c887f", .9), .3)
    box((0, 0, 10), (200, 8, .9), red, .05)
    box((0, 0, 10.5), (200, 7, .1), asphalt(), 0)
    for y in (-3.9, 3.9):
        cable = []
        for i in range(41):
            x = -80 + 4 * i
            z = 12.5 + (H - 12.5) * ((abs(x) / (L / 2)) ** 2 if abs(x) <= L / 2 else max(0, 1 - (abs(x) - L / 2) / 50))
            cable.append((x, y, z))
            rod((x, y, 10), (x, y, z), .1, red, n=8)
        tube(cable, .35, red, smooth=False)
        box((0, y, 11.1), (200, .1, .1), red, 0)
    plane(4000, mat("1f5066", .06, bump=.4, scale=.5), (0, 0, -2))
    field(500, 60, lambda x, y: 26 * max(0, abs(x + 20) / 250 - .12) + 6 * math.sin(x * .03 + y * .04), mat("6a7a4a", .95, second="8a8458", scale=.05), (0, 300, -2))
    for s in (-1, 1):
        field(90, 40, lambda x, y: 13 * min(1, max(0, (s * x + 34) / 25)) - 4 + math.sin(x * .4 + y * .3), mat("7a7a50", .95), (s * 105, 0, 0))
    outdoors(["day", "sunset"][v], [150, 20][v])
    camera([(-48, -62, 9), (30, -75, 5)][v], (0, 0, 14), 27)


@test
def living_room(v):
    cloth = mat(["8a8f96", "b5654a"][v], .95, bump=.1, scale=40)
    room(6, 4.6, 2.7, mat(["ece7dc", "41565a"][v], .85), planks("b08050", "8f6238"), .5, night=v == 1)
    with group((0, 1.5, 0)):
        box((0, .1, .25), (2.3, .9, .24), cloth, .06, seg=3)
        box((0, .48, .6), (2.3, .2, .6), cloth, .08, seg=3)
        for x in (-1.15, 1.15):
            box((x, .1, .4), (.22, .9, .5), cloth, .07, seg=3)
        for x in (-.7, .7):
            box((x, .25, .62), (.42, .16, .38), mat(["d89a3a", "e8dcc8"][v], .9), .07, rot=(-18, 0, 0), seg=3)
    box((0, -.1, .012), (3, 2, .024), mat("d8cfc0", 1, second="b0a48e", kind="wave", scale=3), .01)
    w = wood()
    box((0, -.1, .38), (1.2, .65, .05), w, .01)
    for x in (-.52, .52):
        for y in (-.35, .15):
            rod((x, y, 0), (x, y, .36), .025, w)
    lathe([(0, 0), (.05, 0), (.08, .1), (.03, .2), (.04, .22), (0, .2)], mat("2f6a7a", .2), (.2, -.1, .405))
    box((-.25, -.12, .42), (.3, .2, .03), mat("b03a2a"), .005)
    with group((1.95, .2, 0), -70):
        box((0, 0, .3), (.75, .75, .22), mat("d0a24a", .95), .08, seg=3)
        box((0, .34, .6), (.75, .16, .6), mat("d0a24a", .95), .07, rot=(-8, 0, 0), seg=3)
        for x in (-.38, .38):
            box((x, 0, .42), (.12, .7, .4), mat("d0a24a", .95), .05, seg=3)
    rod((-1.7, 1.9, 0), (-1.7, 1.9, 1.5), .015, mat("222222"))
    cyl((-1.7, 1.9, .015), .16, .03, mat("222222"))
    lathe([(.26, 0), (.16, .32)], mat("fff0d0", glow=3 if v else .6), (-1.7, 1.9, 1.45), sub=0)
    bulb((-1.7, 1.75, 1.4), 40 if v else 4)
    box((0, 2.27, 1.75), (1.3, .03, .8), mat("1c1c1c"), .01)
    box((0, 2.25, 1.75), (1.2, .03, .7), mat("c8a070", second="3a6a80", scale=2), 0)
    potted((2.5, 1.8, 0), mat("e8e8e4"), foliage(), 1.1, 2, 26)
    box((-2.75, -.6, .9), (.4, 1.2, 1.8), w, .01)
    for z in range(4):
        for k in range(9):
            box((-2.62, -1.1 + .115 * k, .3 + .42 * z), (.2, .06 + .03 * (k % 3), .26 + .03 * (k % 4)), mat(["a83232", "2f5a8a", "d8b45a", "4a7a4a", "e8e4da"][(k + z) % 5], .7), .004)
    camera([(.9, -4.2, 1.5), (-.5, -4.3, 1.3)][v], (0, .9, .95), 27)


@test
def office(v):
    room(6, 5, 2.8, mat(["e4e8ea", "cfd6cf"][v], .85), mat(["6a7076", "8a7a66"][v], .95, bump=.1, scale=60), .4)
    steel, dark = metal("c0c4c8"), mat("1c1e21", .5)
    for r in range(2):
        for c in range(2):
            with group((-1.2 + 2.5 * c, .1 + 1.6 * r, 0)):
                box((0, 0, .73), (1.6, .75, .04), wood("c8a070", "a88050", 2), .01)
                for x in (-.74, .74):
                    for y in (-.33, .33):
                        rod((x, y, 0), (x, y, .72), .02, steel)
                box((0, .2, 1.12), (.58, .03, .36), dark, .01)
                box((0, .182, 1.12), (.55, .005, .33), mat("3f86c8", glow=.8), 0)
                rod((0, .22, .75), (0, .22, 1.0), .02, dark)
                box((0, .2, .76), (.22, .16, .015), dark, .005)
                box((0, -.1, .76), (.42, .14, .02), mat("d0d2d4"), .006)
                box((-.55, .1, .8), (.22, .3, .1), mat("f4f4f0"), .005)
                cyl((.55, .05, .8), .035, .1, mat("d05a3a"), bevel=.004)
                with group((.1, -.65, 0), 170 + 20 * c):
                    box((0, 0, .46), (.46, .46, .08), mat(["2a4a7a", "3a3a3a"][v], .9), .03, seg=3)
                    box((0, .24, .78), (.44, .06, .5), mat(["2a4a7a", "3a3a3a"][v], .9), .03, rot=(-8, 0, 0), seg=3)
                    rod((0, 0, .1), (0, 0, .42), .025, steel)
                    for k in range(5):
                        a = k * 1.2566
                        rod((0, 0, .1), (.27 * math.cos(a), .27 * math.sin(a), .05), .018, dark)
    box((2.75, 1.6, .65), (.45, .8, 1.3), metal("a8acb0", .5), .01)
    potted((-2.6, 2.0, 0), mat("dadada"), foliage(), 1.0)
    box((.5, 2.47, 1.65), (1.8, .03, .9), mat("fcfcfc", .2), .01)
    for k in range(4):
        box((-.1 + .3 * k, 2.45, 1.5 + .1 * k), (.2, .01, .02), mat("2f6fb0"), 0)
    for x in (-1.3, 1.3):
        box((x, .6, 2.77), (1.2, .3, .04), mat("ffffff", glow=4), .01)
    camera([(.4, -4.6, 1.75), (-1.0, -4.5, 1.6)][v], (.1, 1, .95), 27)


@test
def corridor(v):
    wall = mat(["e6e2d6", "9fb4b8"][v], .8)
    box((0, 10, -.05), (2.4, 24, .1), mat(["8a8f92", "a8743f"][v], .15, second=["6d7275", "8a5c30"][v], kind="checker", scale=1.2), 0)
    box((0, 10, 2.65), (2.4, 24, .1), mat("f4f4f2"), 0)
    for s in (-1, 1):
        box((s * 1.25, 10, 1.3), (.1, 24, 2.6), wall, 0)
        box((s * 1.195, 10, .08), (.02, 24, .16), mat("5a4a3a"), 0)
        for k in range(6):
            y = 1 + 3.4 * k
            box((s * 1.19, y, 1.05), (.05, 1.0, 2.1), mat(["6b4426", "34566a"][v], .4), .01)
            box((s * 1.2, y, 1.08), (.03, 1.16, 2.22), mat("f0f0ee"), .01)
            ball((s * 1.14, y - .4, 1.0), .03, metal("d0b060"))
            box((s * 1.17, y, 1.65), (.02, .16, .09), mat("d8b860"), 0)
    box((0, 22, 1.3), (2.4, .1, 2.6), wall, 0)
    box((0, 21.9, 1.2), (1.1, .05, 2.0), mat("dfeaf5", glow=3), .01)
    for k in range(6):
        box((0, 1.5 + 3.6 * k, 2.58), (.35, 1.0, .04), mat("ffffff", glow=[7, 5][v] if v == 0 or k % 2 == 0 else .2), .01)
    background("ffffff", .15)
    area((0, -3, 2), (0, 8, 1), 1.5, 20)
    camera([(.1, -2.2, 1.5), (-.4, -1.8, 1.2)][v], (0, 8, 1.25), 28)


@test
def staircase(v):
    n, step = 13, wood("a8713f", "7d5028", 3) if v == 0 else mat("d8d4cc", .5, second="c0bab0", scale=3)
    room(6, 6, 4.6, mat(["ebe6da", "b9c4bd"][v], .85), planks(), 0.5, power=2)
    for k in range(n):
        box((-1.9 + .29 * k, 1.2, .09 + .18 * k), (.32, 1.5, .06), step, .012)
        box((-1.77 + .29 * k, 1.2, .0 + .18 * k), (.03, 1.5, .18), mat("f4f4f2"), 0)
        box((-1.9 + .29 * k, 1.2, (.06 + .18 * k) / 2), (.29, 1.46, .06 + .18 * k), mat("f2f0ea", .7), 0)
        rod((-1.9 + .29 * k, .5, .1 + .18 * k), (-1.9 + .29 * k, .5, 1.0 + .18 * k), .018, mat("202020"))
    rod((-2.0, .5, .95), (-1.9 + .29 * n, .5, 1.0 + .18 * n), .035, wood("6b4020", "4a2a12"))
    box((-2.05, .5, .55), (.1, .1, 1.1), wood("6b4020", "4a2a12"), .01)
    box((2.5, 1.2, .18 * n - .06), (1.4, 1.6, .16), step, .01)
    potted((-2.5, 2.2, 0), mat("e8e4da"), foliage(), 1.2)
    box((-.6, 2.97, 2.4), (.8, .03, .6), mat("1c1c1c"), .01)
    camera([(-2.2, -4.2, 1.6), (-.3, -4.8, 1.5)][v], (.1, 1, 1.35), 26)


@test
def bottle(v):
    prof = [(0, 0), (.036, 0), (.038, .006), (.038, .17), (.034, .2), (.016, .235), (.0145, .29), (.017, .292), (.017, .305), (.0145, .306), (0, .306)]
    if v == 0:
        studio("cfd6c8", .5)
        lathe(prof, mat("0f3d1f", .04, glass=.7), sub=2)
        lathe([(.0385, .05), (.0386, .13)], mat("f2ead6", .7), sub=0)
        lathe([(.0175, .28), (.018, .31), (0, .311)], mat("7a1a1a", .4), sub=0)
        text("VINO", .022, mat("7a1a1a"), (0, -.0395, .09), depth=.0005)
        camera((.1, -1.25, .3), (0, 0, .155), 62)
    else:
        studio("9fc4d4", .6)
        for i, c in enumerate(("2f8f5a", "d87a2a", "2f6fc0")):
            with group((-.13 + .13 * i, .04 * (i % 2), 0)):
                lathe(prof, mat(c, .05, glass=.55), sub=2)
                lathe([(.0385, .06), (.0386, .12)], mat("fafafa", .7), sub=0)
        camera((-.15, -1.4, .32), (0, 0, .15), 58)


@test
def chair(v):
    w = wood(["b07a44", "4a2c18"][v], ["8a5a2c", "2e1a0c"][v])
    studio(["cdd6da", "e6dccb"][v], 1.0)
    with group((0, 0, 0), [28, -32][v]):
        box((0, 0, .46), (.46, .46, .05), w if v == 0 else mat("a83a2a", .9), .02, seg=3)
        for x in (-.2, .2):
            rod((x * 1.1, -.22, 0), (x, -.2, .46), .022, w)
            tube([(x * 1.1, .25, 0), (x, .2, .45), (x, .24, .75), (x, .3, 1.0)], .022, w)
        for z in ((.62, .76, .9) if v == 0 else (.93,)):
            box((0, .23 + (z - .6) * .17, z), (.4, .02, .09), w, .008)
        if v == 1:
            for k in range(5):
                rod((-.14 + .07 * k, .21, .48), (-.14 + .07 * k, .285, .92), .01, w)
        for x in (-.205, .205):
            rod((x, -.2, .2), (x, .21, .2), .012, w)
    camera((.1, -3.0, 1.05), (0, 0, .5), 48)


@test
def table(v):
    w = wood(["9a683a", "5a3822"][v], ["754a24", "38200f"][v], 3)
    if v == 0:
        studio("d8d2c6", 1.4)
    else:
        plane(20, planks("c8a878", "a88858"))
        box((0, 2.2, 1.5), (12, .1, 3), mat("dfe4e0"), 0)
        background("f0f0f0", .5)
        area((-2.5, -2, 3), (0, 0, .5), 1.5, 150, "fff0dc")
    with group((0, 0, 0), [25, -20][v]):
        if v == 0:
            box((0, 0, .74), (1.7, .85, .045), w, .012)
            for x in (-.76, .76):
                for y in (-.35, .35):
                    rod((x, y, 0), (x * .97, y * .97, .72), .025, w, top=.038)
            for y in (-.35, .35):
                box((0, y, .68), (1.45, .025, .09), w, .004)
        else:
            cyl((0, 0, .74), .62, .04, w, bevel=.012, n=64)
            lathe([(0, 0), (.3, .0), (.3, .03), (.06, .08), (.05, .4), (.08, .6), (.2, .72), (0, .72)], w)
            lathe([(0, 0), (.05, 0), (.075, .08), (.03, .17), (.04, .2), (0, .18)], mat("e8e4dc", .2), (0, 0, .76))
    camera([(.2, -3.9, 1.5), (.3, -3.2, 1.45)][v], (0, 0, .45), 46)


@test
def fruit(v):
    """A bowl of fruit."""
    plane(6, wood("8a6038", "6a4424", 5) if v == 0 else mat("e6e0d4", .7, second="d8d0c0", scale=8))
    box((0, 1.0, .8), (6, .05, 3), mat(["56636a", "d8c4a8"][v], .9), 0)
    background("e0dcd4", .4)
    area((-.9, -.7, 1), (0, 0, .05), .6, 20, "fff0dc")
    area((1, -.2, .7), (0, 0, .05), .4, 5)
    lathe([(0, .005), (.06, 0), (.065, .012), (.12, .04), (.165, .095), (.16, .097), (.115, .047), (0, .02)], [mat("3d6a8a", .15, coat=1), wood("a06a38", "7a4a22", 8)][v])
    red, orange, green = mat("b81f1a", .25, second="d8802a", scale=6, coat=.4), mat("e8821a", .5, bump=.3, scale=150), mat("8ab02f", .3, coat=.3)
    for i, (x, y, z) in enumerate(((-.06, -.05, .085), (.06, -.055, .085), (0, .065, .085), (-.085, .05, .09), (.085, .045, .09), (0, 0, .15))):
        m = (red, orange, green)[i % 3]
        a = ball((x, y, z), .048, m, (1, 1, .94))
        if m is not orange:
            rod((x, y, z + .035), (x + .006, y, z + .062), .002, bark())
    for k in range(3):
        p = [(.085 - .02 * k, -.075 - .018 * k + .17 * (t - .5) * .2, .12 + .05 * math.sin(math.pi * t) + .012 * k) for t in [j / 6 for j in range(7)]]
        tube([(-.02 + .2 * t, -.1 - .014 * k, .1 + .085 * math.sin(math.pi * t * .9 + .2)) for t in [j / 6 for j in range(7)]], 1, mat("f0c820", .45), radii=[.004, .014, .017, .018, .017, .013, .005])
    camera([(.1, -.85, .38), (-.15, -.8, .32)][v], (0, 0, .085), 55, 9)


@test
def umbrella(v):
    studio(["b8cad4", "e8dcc8"][v], 1.2)
    a, b = [("c8202a", "c8202a"), ("f0f0ec", "2f6fb8")][v]
    with group((0, 0, [1.02, .62][v]), 30, tilt=[(14, -14), (-62, 25)][v]):
        n, prof = 8, [(.0, .27), (.2, .255), (.4, .18), (.56, .06), (.62, -.02)]
        for g in range(n):
            vs, fs = [], []
            for r, z in prof:
                for k in range(7):
                    t = k / 6
                    q = 2 * math.pi * (g + t) / n
                    rr = r * (1 - .07 * math.sin(math.pi * t) * (r / .62) ** 2)
                    vs.append((rr * math.cos(q), rr * math.sin(q), z + .03 * math.sin(math.pi * t) * (r / .62) ** 2))
            for i in range(len(prof) - 1):
                fs += [(i * 7 + k, i * 7 + k + 1, i * 7 + k + 8, i * 7 + k + 7) for k in range(6)]
            o = mesh(vs, fs, mat((a, b)[g % 2], .7))
            o.data.auto_smooth_angle = math.pi
            o.modifiers.new("thick", "SOLIDIFY").thickness = .004
            q = 2 * math.pi * g / n
            tube([(r * math.cos(q), r * math.sin(q), z - .006) for r, z in prof], .004, metal())
        rod((0, 0, -.62), (0, 0, .33), .009, metal("888888"))
        tube([(0, 0, -.5), (0, 0, -.66), (.03, 0, -.73), (.08, 0, -.72), (.1, 0, -.66)], .017, wood("6b3f1c", "4a280f"))
    camera([(.2, -3.7, .95), (.1, -3.4, 1.0)][v], [(0, 0, .8), (0, 0, .55)][v], 48)


@test
def clock(v):
    if v == 0:
        box((0, .06, 0), (8, .1, 8), mat("9fb6b0", .9), 0)
        background("e8e8e8", .5)
        area((-1.5, -2, 1.5), (0, 0, 0), .8, 60)
    else:
        studio("d8b8a0", .5)
    with group((0, 0, 0) if v == 0 else (0, 0, .2), scale=1 if v == 0 else .33):
        cyl((0, 0, 0), .5, .08, mat(["1d1f22", "b8322a"][v], .3, coat=.5), (90, 0, 0), bevel=.02, n=96)
        cyl((0, -.035, 0), .45, .02, mat("faf8f2", .6), (90, 0, 0), n=96)
        ink = mat("151515", .6)
        for k in range(60):
            a, big = math.radians(6 * k), k % 5 == 0
            box((.425 * math.sin(a), -.05, .425 * math.cos(a)), (.012 if big else .004, .01, .045 if big else .02), ink, 0, rot=(0, math.degrees(a), 0))
        for k in range(1, 13):
            a = math.radians(30 * k)
            text(str(k), .1, ink, (.345 * math.sin(a), -.048, .345 * math.cos(a)), depth=.003)
        for a, l, w in ((-56, .22, .025), (60, .34, .017)):
            t = math.radians(a)
            box((l / 2 * math.sin(t), -.06, l / 2 * math.cos(t)), (w, .008, l), ink, .003, rot=(0, a, 0))
        rod((0, -.07, 0), (-.3 * .5, -.07, -.3 * .86), .004, mat("c8202a"))
        cyl((0, -.07, 0), .022, .02, mat("c8202a"), (90, 0, 0))
        if v == 1:
            for s in (-1, 1):
                ball((s * .3, 0, .52), .16, metal("d8a848", .2), (1, 1, .7), (0, s * 30, 0))
                rod((s * .28, 0, -.42), (s * .38, 0, -.6), .03, metal("c8c8c8"))
    if v == 0:
        camera((.35, -2.6, .12), (0, 0, 0), 50)
    else:
        camera((-.15, -1.1, .3), (0, 0, .2), 55)


@test
def books(v):
    plane(6, wood("a8743f", "80542a", 4))
    box((0, 1.0, .8), (6, .05, 3), mat(["c8d0cc", "4a3a34"][v], .9), 0)
    background("f0ece4", .45)
    area((-.9, -.9, 1.2), (0, 0, .1), .6, 24, "fff0dc")
    area((1.2, -.5, .8), (0, 0, .1), .5, 8)

    def one(at, size, c, turn, tilt=0):
        w, d, h = size
        with group(at, turn, tilt=(tilt, 0)):
            cover = mat(c, .5)
            box((0, 0, h / 2), (w - .008, d - .01, h - .008), mat("f2ead8", .9, second="d8cfb8", kind="wave", scale=120, stretch=(0, 0, 1)), .001)
            for z in (.002, h - .002):
                box((0, 0, z), (w, d, .005), cover, .002)
            box((-w / 2, 0, h / 2), (.006, d, h), cover, .003)
            for y in (-.3, .3):
                box((-w / 2 - .0035, y * d, h / 2), (.001, .012, h * .9), metal("d8b050"), 0)
    cols = ["8a2a2a", "2f4f7a", "c8963a", "3f6a4a", "6a4a7a"]
    if v == 0:
        z = 0
        for i, h in enumerate((.045, .035, .05, .03, .04)):
            one((.01 * (i % 2), 0, z), (.3 - .015 * i, .21 - .01 * i, h), cols[i], 90 + [8, -12, 20, -4, 30][i])
            z += h
        camera((.25, -.95, .42), (0, 0, .1), 52, 8)
    else:
        pages = mat("f4eee0", .9)
        for s in (-1, 1):
            vs = [(s * .2 * t, y, .012 + .03 * math.sin(math.pi * t ** .6) * (1 - t * .4)) for y in (-.14, .14) for t in [k / 14 for k in range(15)]]
            o = mesh(vs, [(k, k + 1, k + 16, k + 15) for k in range(14)], pages)
            o.modifiers.new("t", "SOLIDIFY").thickness = .012 * s
            for r in range(13):
                ln = [(s * (.03 + .145 * t), .11 - .017 * r, .0125 + .03 * math.sin(math.pi * ((.03 + .145 * t) / .2) ** .6) * (1 - (.03 + .145 * t) / .2 * .4) + .001) for t in [k / 8 for k in range(9)]]
                tube(ln, .0012, mat("3a3a3a"), smooth=False)
            box((s * .104, 0, .002), (.212, .295, .005), mat("7a2a24"), .002)
        camera((.1, -.75, .5), (0, 0, .02), 50, 9)


@test
def football(v):
    """A ball of pentagons and hexagons."""
    import bmesh
    b = bmesh.new()
    bmesh.ops.create_icosphere(b, subdivisions=1, radius=.11)
    base = [vv.co.normalized() for vv in b.verts]
    b.free()
    o = ball((0, 0, .11), .11, None, n=192)
    white, black = mat("f4f4f2", .35, coat=.3), mat("151515", .35, coat=.3)
    o.data.materials.append(white)
    o.data.materials.append(black)
    o.data.materials.append(mat("6a6a68", .8))
    hexes = []
    for i in range(12):
        for j in range(i):
            for k in range(j):
                if base[i].dot(base[j]) > .4 and base[j].dot(base[k]) > .4 and base[i].dot(base[k]) > .4:
                    hexes.append((base[i] + base[j] + base[k]).normalized())
    for f in o.data.polygons:
        c = f.center.normalized()
        # Cells of the nearest middle, those of the pentagons being nearer by a little.
        d = sorted([(c.dot(p) + .0235, 1) for p in base] + [(c.dot(h), 0) for h in hexes], reverse=True)
        f.material_index = 2 if d[0][0] - d[1][0] < .014 else d[0][1]
    o.rotation_euler = (.5, .3, .2)
    if v == 0:
        plane(60, lawn())
        grass(foliage("4f8a2f"), 30000, 1.6, .045)
        box((0, 0, .003), (.12, 6, .006), mat("f0f0f0"), 0)
        outdoors("day", 150)
    else:
        studio("7fb0c8", .32)
    camera([(.15, -.8, .2), (-.2, -.85, .3)][v], (0, 0, .11), 52, 9)


@test
def forest(v):
    rng = random.Random(20 + v)
    plane(300, mat("4a4426", .95, second="3f5424", scale=.8, bump=.5))
    grass(foliage("4f7530"), 12000, 14, .25)
    trunk = bark()
    for i in range(95):
        x, y = rng.uniform(-30, 30), rng.uniform(-3, 60)
        if abs(x - 1.2 * math.sin(y * .15)) < 2.0:
            continue
        if v == 0:
            tree((x, y, 0), rng.uniform(9, 13), trunk, foliage(rng.choice(["4f7a2b", "5f8a30", "3f6a28"])), i, count=5, depth=2, size=.3)
        else:
            fir((x, y, 0), rng.uniform(9, 15), trunk, foliage("2f5530"), i, layers=11)
    mesh([p for k in range(30) for p in ((1.2 * math.sin((-10 + 2.5 * k) * .15) - 1.2, -10 + 2.5 * k, .03), (1.2 * math.sin((-10 + 2.5 * k) * .15) + 1.2, -10 + 2.5 * k, .03))],
         [(2 * k, 2 * k + 1, 2 * k + 3, 2 * k + 2) for k in range(29)], mat("8a7350", .95, second="6d5a3c", scale=2))
    outdoors(["day", "overcast"][v], 160)
    camera((0, -9, 1.8), (0, 20, 3.6), 28)


@test
def desert(v):
    def h(x, y):
        q = x + 12 * math.sin(y * .03)
        s = (q * .028 + .3 * math.sin(y * .02)) % 1
        return 9 * (s / .75 if s < .75 else (1 - s) / .25) ** 1.3 * (.6 + .4 * math.sin(y * .035 + 1)) + .5 * math.sin(y * .11)
    m = mat("d9a867", .95, second="cf9a58", kind="wave", scale=1.2, bump=.35)
    field(420, 300, h, m, (0, 150, 0))
    outdoors(["day", "sunset"][v], [260, 265][v])
    camera([(-8, -50, 16), (14, -48, 14)][v], (0, 60, 5), 30)


@test
def beach(v):
    def h(x, y):
        return .04 * (-y) + .12 * math.sin(x * .08) + .03 * math.sin(x * .9 + y * .7)
    field(160, 160, h, sand(), (0, 0, 0))
    sea = mat(["1f8aa0", "2a4a66"][v], .08, bump=.5, scale=1.2)
    plane(4000, sea, (0, 2000, -.06))
    rng = random.Random(4)
    for k in range(3):
        tube([(-70 + 2 * i, 1.8 + 3 * k + .9 * math.sin(i * .35 + k) + .4 * math.sin(i * .9), -.05) for i in range(70)], .13, mat("f6fafa", .9))
    for i, (x, y, l) in enumerate(((-7.5, -4, 7), (-9.5, -1.5, 8.5), (9, -3, 7.5))):
        z, lean = h(x, y), (1.2 if x < 0 else -1.2)
        pts = [(x + lean * (t ** 2) * 2, y, z + l * t) for t in [k / 8 for k in range(9)]]
        tube(pts, 1, mat("7a5f42", .9, second="5f4830", scale=4), radii=[.26, .2, .18, .17, .16, .15, .14, .13, .12])
        top = Vector(pts[-1])
        for f in range(13):
            a, vs, fs = f * 2.4, [], []
            L = 2.9
            for k in range(10):
                t = k / 9
                p = top + Vector((math.cos(a) * L * t, math.sin(a) * L * t, .75 * t - 1.9 * t * t * (.6 + .4 * (f % 3) / 2)))
                w = .34 * math.sin(math.pi * (.08 + .9 * t))
                sx, sy = -math.sin(a) * w, math.cos(a) * w
                vs += [p + Vector((sx, sy, -.2)), p, p + Vector((-sx, -sy, -.2))]
            for k in range(9):
                fs += [(3 * k, 3 * k + 1, 3 * k + 4, 3 * k + 3), (3 * k + 1, 3 * k + 2, 3 * k + 5, 3 * k + 4)]
            mesh(vs, fs, foliage("4a7a2c"))
    with group((2.2, -4.5, h(2.2, -4.5))):
        rod((0, 0, 0), (.15, 0, 2.2), .03, mat("f0f0f0"))
        lathe([(0, .45), (.7, .3), (1.3, 0)], mat("e8483a", .8, second="f6f2e8", kind="checker", scale=1.5), (.15, 0, 1.8), n=8, sub=0)
        for x in (-.9, 1.0):
            box((x, -.3, .3), (.6, 1.7, .08), mat("f4f0e4"), .03, rot=(8, 0, 0))
    field(300, 40, lambda x, y: max(-1, 12 - .004 * ((x - 40) ** 2 + y * y * 4)), mat("5a7a5a", .9), (120, 380, -1))
    outdoors(["day", "sunset"][v], [150, 12][v])
    camera([(-1, -15, 2.6), (2, -15, 2.2)][v], (0, 10, 2.2), 28)


@test
def cactus(v):
    green, spine = mat("4f7a3a", .6, second="3d6530", scale=5), mat("efe6c8", .7)

    def column(points, r, seed):
        tube(points, r, green)
        rng = random.Random(seed)
        vs, fs = [], []
        for a, b in zip(points, points[1:]):
            a, b = Vector(a), Vector(b)
            for k in range(110):
                p = a.lerp(b, rng.random())
                d = (b - a).normalized()
                o = d.cross(Vector((rng.gauss(0, 1), rng.gauss(0, 1), rng.gauss(0, 1)))).normalized()
                s, j = d * .006, len(vs)
                vs += [p + o * r * .9 - s, p + o * r * .9 + s, p + o * (r + .07)]
                fs.append((j, j + 1, j + 2))
        mesh(vs, fs, spine, smooth=False)
        e = Vector(points[-1])
        ball(e, r * .99, green)
    if v == 0:
        field(300, 80, lambda x, y: .3 * math.sin(x * .15) * math.cos(y * .12), mat("c89a62", .95, second="b5854c", scale=.6, bump=.4))
        column([(0, 0, -.2), (0, 0, 1.2), (0, 0, 2.4), (0, 0, 3.6)], .26, 1)
        column([(.1, 0, 1.4), (.6, 0, 1.35), (.8, 0, 1.6), (.82, 0, 2.1), (.82, 0, 2.7)], .17, 2)
        column([(-.1, 0, 1.0), (-.6, 0, .95), (-.82, 0, 1.2), (-.84, 0, 1.8), (-.84, 0, 2.2)], .17, 3)
        for i in range(12):
            rock((-6 + 1.1 * i, 2 + 3 * math.sin(i * 4), .1), .3, mat("a0744c", .95, second="85603e", scale=4), seed=i)
        field(500, 50, lambda x, y: 16 * (math.sin(x * .03) > .2) + 2 * math.sin(x * .1) - 2, mat("a8683c", .95), (0, 340, 0))
        outdoors("sunset", 205)
        camera((.6, -8, 1.3), (0, 0, 1.75), 40)
    else:
        studio("e8d8c4", .5)
        lathe([(0, 0), (.07, 0), (.09, .11), (.1, .11), (.1, .13), (.085, .13), (.08, .11), (0, .11)], mat("b8623c", .8), sub=1)
        with group((0, 0, .2), scale=.16):
            b = ball((0, 0, .1), .62, green, (1, 1, 1.25), n=96)
            for vtx in b.data.vertices:
                a = math.atan2(vtx.co.y, vtx.co.x)
                vtx.co.xy *= 1 + .09 * math.cos(14 * a)
            for k in range(14):
                a = 2 * math.pi * k / 14
                for q in range(7):
                    t = -.9 + .3 * q
                    p = Vector((.68 * math.cos(t) * math.cos(a), .68 * math.cos(t) * math.sin(a), .1 + .8 * math.sin(t)))
                    for s in range(4):
                        rod(p, p * 1.0 + Vector((math.cos(a + .5 * (s - 1.5)), math.sin(a + .5 * (s - 1.5)), .4 * (s - 1.5))) * .16, .008, spine, n=5)
            for k in range(8):
                ball((.1 * math.cos(k * .785), .1 * math.sin(k * .785), .93), .1, mat("e8508a", .5), (1, .4, .6), (0, -50, k * 45))
        camera((.1, -1.15, .35), (0, 0, .19), 55)


@test
def rocks(v):
    m = mat(["84807a", "9a7a5a"][v], .9, second=["5d5953", "75583c"][v], scale=2.5, bump=.6)
    plane(300, mat("8a8578", .95, second="757062", scale=2, bump=.5) if v == 0 else sand())
    rng = random.Random(6)
    for i in range(9):
        rock((rng.uniform(-2.6, 2.6), rng.uniform(-.6, 3), .25), rng.uniform(.5, 1.25), m, (1, 1, rng.uniform(.6, 1)), i)
    for i in range(60):
        rock((rng.uniform(-5, 5), rng.uniform(-3, 4), .03), rng.uniform(.04, .14), m, seed=i)
    if v == 0:
        grass(foliage("7a8a3c"), 2500, 6, .3)
    outdoors(["overcast", "sunset"][v], 200)
    camera([(.5, -6.5, 1.7), (-.8, -6.5, 1.2)][v], (0, .6, .55), 38)


@test
def robot(v):
    shell, joint, glow = mat(["f0f2f4", "d88a1f"][v], .25, coat=.8), mat("2a2d31", .5), mat("40d0ff" if v == 0 else "ff4030", glow=6)
    if v == 0:
        studio("aab6c0", 1.8)
    else:
        plane(60, mat("3a3d42", .3))
        background("1c2430", .5)
        area((-3, -3, 4), (0, 0, 1), 1.5, 320, "ffe0c0")
        area((3, 1, 3), (0, 0, 1), 1.5, 260, "6090ff")
    with group((0, 0, 0), [22, -25][v]):
        box((0, 0, 1.18), (.56, .34, .58), shell, .1, seg=4)
        box((0, -.165, 1.25), (.3, .04, .2), joint, .04)
        cyl((0, -.19, 1.25), .05, .02, glow, (90, 0, 0))
        cyl((0, 0, .84), .13, .14, joint)
        box((0, 0, .74), (.4, .26, .16), shell, .06, seg=3)
        cyl((0, 0, 1.52), .06, .12, joint)
        box((0, 0, 1.74), (.36, .32, .34), shell, .1, seg=5)
        box((0, -.15, 1.75), (.29, .05, .17), joint, .05, seg=4)
        for x in (-.07, .07):
            cyl((x, -.178, 1.76), .032, .02, glow, (90, 0, 0))
        rod((.1, 0, 1.9), (.1, 0, 2.06), .01, joint)
        ball((.1, 0, 2.08), .03, glow)
        for s in (-1, 1):
            cyl((s * .19, 0, 1.74), .07, .05, joint, (0, 90, 0), bevel=.01)
            ball((s * .36, 0, 1.38), .11, joint)
            box((s * .42, 0, 1.18), (.15, .16, .34), shell, .05, seg=3)
            ball((s * .42, 0, .98), .07, joint)
            box((s * .42, -.1 * (s > 0), .8), (.16, .17, .32), shell, .05, seg=3, rot=(-20 * (s > 0), 0, 0))
            for k in range(3):
                rod((s * .42 - .05 + .05 * k, -.06 - .1 * (s > 0), .66), (s * .42 - .05 + .05 * k, -.09 - .12 * (s > 0), .54), .018, joint)
            ball((s * .14, 0, .64), .09, joint)
            box((s * .14, 0, .47), (.19, .2, .3), shell, .05, seg=3)
            ball((s * .14, 0, .3), .075, joint)
            box((s * .14, 0, .17), (.21, .22, .22), shell, .05, seg=3)
            box((s * .14, -.06, .05), (.22, .36, .1), joint, .04, seg=3)
    camera([(.2, -5, 1.4), (-.2, -4.9, 1.1)][v], (0, 0, 1.02), 46)


@test
def pipes(v):
    ms = [metal("b8bcc0", .3), mat("b8302a", .4), mat("d8b020", .4), mat("2f6a9a", .4)] if v == 0 else [metal("b87038", .28), metal("b8bcc0", .3), mat("3f7a4a", .4), metal("a05a2a", .35)]
    box((0, 1.2, 1.5), (12, .1, 6), mat(["8d918f", "a4573f"][v], .9, second="b8b2a8", kind="brick", scale=2), 0)
    plane(20, mat("5f6264", .6))
    background("c8d0d8", .4)
    area((-2.5, -3, 3.5), (0, 0, 1.3), 1.6, 220, "fff0e0")
    area((3, -2, 2), (0, 0, 1), 1.2, 60)
    for i in range(5):
        y, r, m = .8 - .2 * (i % 3), (.16, .1, .13, .09, .15)[i], ms[i % 4]
        x, z = -2.1 + .95 * i, .5 + .48 * i
        rod((x, y, 0), (x, y, z), r, m, n=32)
        ring((x + 2 * r, y, z), 2 * r, r, m, (90, 0, 90), turn=360)
        rod((x + 2 * r, y, z + 2 * r), (4.5, y, z + 2 * r), r, m, n=32)
        for q in (.25, z - .1):
            cyl((x, y, q), r * 1.35, .07, m, bevel=.01)
            for b in range(8):
                cyl((x + r * 1.15 * math.cos(b * .785), y + r * 1.15 * math.sin(b * .785), q), .018, .1, metal("666666"), n=6)
        cyl((x + 1.0, y, z + 2 * r), r * 1.35, .07, m, (0, 90, 0), bevel=.01)
    for x, z, y in ((-2.1, .42, .6), (.75, 1.15, .5)):
        rod((x, y, z), (x, y - .4, z), .03, metal("555555"))
        ring((x, y - .4, z), .2, .025, mat("c02020", .4), (90, 0, 0))
        for a in range(4):
            rod((x, y - .4, z), (x + .2 * math.cos(a * 1.57), y - .4, z + .2 * math.sin(a * 1.57)), .015, mat("c02020"))
    camera([(.6, -4.4, 1.7), (-.8, -4.4, 1.3)][v], (0, .5, 1.35), 34)


@test
def airplane(v):
    white, blue = mat("f2f3f5", .25, coat=.6), mat(["1f4f9a", "c8202a"][v], .3, coat=.6)
    with group((0, 0, [8, 2.6][v]), [-35, 28][v], tilt=[(-12, 6), (0, 0)][v]):
        lathe([(0, -9), (.35, -8.6), (.9, -7.4), (1.2, -5.5), (1.25, -2), (1.25, 3), (1.1, 5.5), (.6, 8.2), (.15, 9.5), (0, 9.6)], white, rot=(0, 90, 0))
        for s in (-1, 1):
            mesh([(-2, s * .8, -.5), (1.6, s * .8, -.5), (4.6, s * 9.5, .5), (3.3, s * 9.5, .5), (-2, s * .8, -.25), (1.6, s * .8, -.3), (4.6, s * 9.5, .58), (3.3, s * 9.5, .6)],
                 [(0, 1, 2, 3), (7, 6, 5, 4), (0, 3, 7, 4), (1, 5, 6, 2), (2, 6, 7, 3), (0, 4, 5, 1)], mat("d8dade", .3), bevel=.05)
            lathe([(.35, -1.2), (.62, -1.15), (.66, -.2), (.5, 1.2), (.25, 1.6), (.0, 1.2)], blue, at=(.3, s * 3.6, -.95), rot=(0, 90, 0))
            cyl((-.75, s * 3.6, -.95), .5, .1, mat("202226"), (0, 90, 0))
            mesh([(7, s * .3, .4), (8.9, s * .3, .4), (9.8, s * 3.4, .7), (8.9, s * 3.4, .7), (7, s * .3, .55), (8.9, s * .3, .5), (9.8, s * 3.4, .74), (8.9, s * 3.4, .76)],
                 [(0, 1, 2, 3), (7, 6, 5, 4), (0, 3, 7, 4), (1, 5, 6, 2), (2, 6, 7, 3), (0, 4, 5, 1)], white, bevel=.03)
            for k in range(22):
                a = 1.22
                cyl((-5 + .5 * k, s * 1.235, .25), .14, .06, mat("18222c", .05), (90, 0, 0), n=16)
            box((-7.3, s * .55, .62), (.6, .7, .3), mat("10181f", .03), .1, rot=(0, -28, s * 20))
        extrude([(5.8, .9), (8.2, 4.3), (9.7, 4.3), (9.0, .5)], .25, blue, bevel=.05)
        if v == 1:
            for x, y in ((-6.2, 0), (.8, 1.6), (.8, -1.6)):
                rod((x, y, -.8), (x, y, -2.2), .1, metal("999999"))
                for q in (-.2, .2):
                    wheel((x, y + q, -2.2), .4, .22)
    if v == 0:
        sky(35, 160, .1, .35, clouds=.9)
        plane(6000, mat("4a6a4a", .9, second="7a8a5a", scale=.02), (0, 0, -180))
        camera((-6, -24, 5), (0, 0, 7.6), 40)
    else:
        plane(600, asphalt())
        for i in range(20):
            box((-60 + 9 * i, 9, .02), (5, .4, .02), mat("f0f0e8"), 0)
        plane(600, lawn(), (0, 320, .03))
        outdoors("sunset", 200)
        camera((-6, -24, 2.6), (0, 0, 2.7), 40)


@test
def drone(v):
    shell, dark = mat(["f2f2f0", "2b2f36"][v], .3, coat=.5), mat("1a1b1e", .5)
    with group((0, 0, [3, .0][v]), [30, -28][v], tilt=(0, 0), scale=[1, .6][v]):
        box((0, 0, .12), (.36, .2, .11), shell, .05, seg=4)
        box((0, 0, .18), (.24, .14, .05), mat("3a3f46", .4), .02)
        for sx in (-1, 1):
            for sy in (-1, 1):
                e = (sx * .34, sy * .3, .16)
                rod((sx * .1, sy * .06, .13), e, .022, shell, top=.016)
                cyl((e[0], e[1], .17), .035, .07, dark, bevel=.006)
                for b in range(2):
                    with group((e[0], e[1], .215), 40 + 180 * b + 35 * sx):
                        mesh([(0, -.01, 0), (.06, -.022, .004), (.2, -.012, .004), (.21, .004, 0), (.06, .014, -.002), (0, .01, 0)], [(0, 1, 2, 3, 4, 5)], mat("2a2a2c", .4)).modifiers.new("t", "SOLIDIFY").thickness = .003
                ball((e[0], e[1], .12), .014, mat("30ff60" if sx < 0 else "ff3030", glow=6))
        for y in (-.12, .12):
            tube([(-.12, y * .6, .07), (-.14, y, 0), (-.14, y * 1.05, -.08)], .009, dark)
            tube([(.12, y * .6, .07), (.14, y, 0), (.14, y * 1.05, -.08)], .009, dark)
            rod((-.2, y * 1.05, -.08), (.2, y * 1.05, -.08), .009, dark)
        ball((-.16, 0, .03), .045, dark)
        cyl((-.2, 0, .03), .026, .03, mat("101418", .02), (0, 90, 0))
    if v == 0:
        field(300, 60, lambda x, y: .8 * math.sin(x * .05) * math.cos(y * .04), lawn())
        for i in range(30):
            tree((-60 + 4 * i, 40 + 6 * math.sin(i * 3), -1), 8, bark(), foliage(), i, count=4, depth=2, size=.3)
        outdoors("day", 160)
        camera((-.2, -2.4, 2.75), (0, 0, 3.1), 45, 5)
    else:
        o = studio("c8ced4", .5)
        camera((.1, -1.5, .5), (0, 0, .06), 52)


@test
def spaceship(v):
    hull, dark, glow = mat("aab0b8", .4, .5, second="8a9098", kind="brick", scale=1.2), mat("30343a", .5, .4), mat(["50c0ff", "ff8a30"][v], glow=18)
    with group((0, 0, 0), [-32, 148][v], tilt=[(-10, 8), (8, -6)][v]):
        lathe([(0, -6), (.3, -5.6), (.9, -3.5), (1.3, -.5), (1.4, 2), (1.2, 3.4), (.9, 3.8), (0, 3.8)], hull, rot=(0, 90, 0)).scale = (.7, 1, 1)
        ball((-2.9, 0, .55), .75, mat("0c2030", .02, coat=1), (1.7, .8, .6))
        for s in (-1, 1):
            mesh([(-1.2, s * .9, 0), (2.8, s * .9, 0), (4.2, s * 4.6, -.5), (2.6, s * 4.6, -.5), (-1.2, s * .9, .35), (2.8, s * .9, .35), (4.2, s * 4.6, -.38), (2.6, s * 4.6, -.36)],
                 [(0, 1, 2, 3), (7, 6, 5, 4), (0, 3, 7, 4), (1, 5, 6, 2), (2, 6, 7, 3), (0, 4, 5, 1)], hull, bevel=.05)
            box((2.9, s * 4.6, -.4), (2.6, .3, .5), mat("c83a2a", .4), .08)
            rod((1.7, s * 4.6, -.4), (-.6, s * 4.6, -.4), .07, dark)
            lathe([(.5, -1.6), (.7, -1), (.72, 1.2), (.55, 1.7), (0, 1.5)], dark, at=(2.8, s * 1.4, .2), rot=(0, 90, 0))
            cyl((4.48, s * 1.4, .2), .48, .1, glow, (0, 90, 0))
            extrude([(1.4, .5), (2.6, 2.2), (3.6, 2.2), (3.4, .5)], .16, mat("c83a2a", .4), at=(0, s * 1.0, .2), bevel=.03)
        for k in range(7):
            box((-.8 + .5 * k, 0, 1.0 - .01 * k), (.3, .5, .2), dark, .03)
    background("02030a", .3)
    rng, vs, fs = random.Random(1), [], []
    for i in range(700):
        p = Vector((rng.gauss(0, 1), abs(rng.gauss(0, 1)) + .3, rng.gauss(0, 1))).normalized() * 400
        s, j = rng.uniform(.15, .55), len(vs)
        vs += [p + Vector((-s, 0, 0)), p + Vector((0, 0, -s)), p + Vector((s, 0, 0)), p + Vector((0, 0, s))]
        fs.append((j, j + 1, j + 2, j + 3))
    mesh(vs, fs, mat("ffffff", glow=4), smooth=False)
    ball((90, 300, -60), 120, mat(["3a6aa8", "c87a48"][v], .8, second=["d8e4ec", "8a4a2c"][v], scale=.02, edge=(.45, .6)), n=64)
    sun(4, 35, [-50, 60][v])
    camera((0, -15, 2.5), (0, 0, .1), 42)


@test
def torus(v):
    studio(["dfe3e8", "6a7480"][v], .9)
    if v == 0:
        ring((0, 0, .14), .34, .14, mat("e0562a", .15, coat=1))
    else:
        with group((0, 0, .46), 20):
            ring((0, 0, 0), .34, .1, metal("e0b860", .15), (80, 0, 0))
        ring((.55, -.25, .08), .2, .08, mat("2fa0a8", .3, coat=.5))
        ring((-.6, -.2, .06), .17, .06, mat("e8e4dc", .4))
    camera([(.2, -2.2, 1.2), (0, -2.9, .95)][v], [(0, 0, .12), (0, 0, .34)][v], 48)


@test
def shader_ball(v):
    plane(8, mat("d8d8d8", .5, second="6a6a6a", kind="checker", scale=8))
    box((0, 1.4, 1), (12, .05, 4), mat("9aa2aa", .9), 0)
    background("e0e4e8", .45)
    area((-1.5, -1.5, 2), (0, 0, .3), .9, 65)
    area((1.6, -.6, 1.2), (0, 0, .3), .7, 22)
    m = [metal("d8a040", .22), mat("2f8f6a", .1, second="e8f0e4", kind="wave", scale=4, coat=1)][v]
    lathe([(0, 0), (.24, 0), (.26, .03), (.2, .06), (.12, .08), (.12, .12)], mat("3a3d40", .5))
    ball((0, 0, .42), .3, m, n=96)
    ring((0, 0, .42), .305, .012, mat("2a2c2e", .5), (0, 12, 0))
    camera([(.2, -2.1, .75), (-.3, -2.1, .7)][v], (0, 0, .36), 52)


@test
def laptop(v):
    plane(6, wood("b88a58", "94683a", 4) if v == 0 else mat("ecebe8", .5))
    box((0, 1.1, .8), (6, .05, 3), mat(["dfe2df", "5a6a74"][v], .9), 0)
    background("eef0f4", .5)
    area((-1, -1, 1.3), (0, 0, .1), .8, 18)
    alu = mat(["b8bcc0", "2e3136"][v], .35, .8)
    with group((0, 0, 0), [-18, 22][v]):
        box((0, 0, .009), (.34, .235, .016), alu, .007, seg=3)
        for r in range(5):
            for c in range(13):
                if not (r == 4 and 3 < c < 9):
                    box((-.141 + .0235 * c, .08 - .021 * r, .0185), (.02, .018, .003), mat("1a1b1d", .6), .001)
        box((0, -.004, .0185), (.11, .018, .003), mat("1a1b1d", .6), .001)
        box((0, -.07, .0175), (.11, .065, .001), mat("9a9ea2" if v == 0 else "3c4046", .4), 0)
        with group((0, .118, .016), tilt=(-16, 0)):
            box((0, 0, .115), (.34, .008, .23), alu, .004)
            box((0, -.0045, .115), (.325, .002, .212), mat("0a0a0a", .2), 0)
            box((0, -.006, .118), (.31, .001, .195), mat("2a6ab0", second="e8a050", scale=6, glow=0), 0)
            box((0, -.0066, .118), (.31, .0005, .195), mat(["2a78c8", "3a2a6a"][v], glow=.9), 0)
            box((-.04, -.0072, .14), (.17, .0004, .1), mat("f4f6f8", glow=1), 0)
            box((.1, -.0072, .12), (.08, .0004, .12), mat("f0b040", glow=1), 0)
    cyl((.3, .05, .045), .036, .09, mat("e8e4da", .3), bevel=.004)
    camera([(.12, -.85, .36), (-.15, -.85, .32)][v], (0, .03, .09), 48, 9)


@test
def candles(v):
    plane(6, wood("5a3d26", "3a2614", 5))
    box((0, .9, .8), (6, .05, 3), mat("3a2e2a" if v == 0 else "26303a", .9), 0)
    background("30243a", .15)
    wax = mat(["f2e8d2", "b8322a"][v], .5, soft=.4)
    for i, (x, y, h) in enumerate(((0, 0, .19), (-.12, .04, .13), (.11, .05, .1))):
        cyl((x, y, h / 2), .035, h, wax, bevel=.008, n=40)
        rod((x, y, h), (x + .002, y, h + .016), .0018, mat("1a1a1a"))
        lathe([(0, 0), (.008, .012), (.006, .03), (0, .055)], mat("ffb040", glow=25), (x, y, h + .008))
        bulb((x, y - .01, h + .06), 1.3, "ffb060", .015)
        lathe([(0, 0), (.06, 0), (.065, .008), (.06, .006), (0, .004)], metal("c8a050"), (x, y, 0))
    area((-1, -1, 1), (0, 0, .1), .6, 2.5, "a0b0ff")
    camera([(.05, -.85, .24), (-.1, -.8, .2)][v], (0, 0, .11), 52, 6)


@test
def traffic_light(v):
    dark = mat("1c1e1c", .5)
    with group((0, 0, 0), [18, -20][v]):
        rod((0, 0, 0), (0, 0, 3), .06, mat("4a4e50", .5))
        box((0, 0, 3.5), (.36, .3, 1.05), dark if v == 0 else mat("d8a818", .4), .05)
        on = [2, 0][v]
        for k, c in enumerate(("e02020", "f0b010", "20d050")):
            z = 3.83 - .33 * k
            cyl((0, -.16, z), .13, .03, mat(c, .3, glow=8 if k == on else .08), (90, 0, 0))
            ring((0, -.2, z), .135, .012, dark, (90, 0, 0))
            tube([(.14 * math.cos(a), -.32, z + .14 * math.sin(a)) for a in [math.pi * j / 8 for j in range(9)]], .01, dark)
            mesh([(.14 * math.cos(math.pi * j / 10), y, z + .14 * math.sin(math.pi * j / 10)) for y in (-.15, -.36) for j in range(11)], [(j, j + 1, j + 12, j + 11) for j in range(10)], dark)
    for i in range(6):
        box((-20 + 8 * i, 22, 6), (7.7, 6, 12), mat(["b5a48a", "8a5648", "9aa4ac"][i % 3], .9, second="ccc4b8", kind="brick", scale=1), .05)
        for k in range(9):
            box((-22.2 + 8 * i + 2.2 * (k % 3), 18.9, 2.5 + 3.4 * (k // 3)), (1.2, .2, 1.9), mat("18222a", .05), .02)
    plane(200, asphalt())
    box((0, 1.5, .06), (60, 4, .12), mat("9c9a94", .9), .02)
    outdoors(["day", "overcast"][v], 150)
    camera([(.3, -4.6, 2.3), (-.5, -5.2, 2.0)][v], (0, 0, [2.9, 2.75][v]), 42, 4)


@test
def hammer(v):
    """A hammer: nothing that the captioner or the detector has a word for."""
    plane(4, wood("b08a5a", "8f6c40", 5) if v == 0 else mat("5f666c", .6, second="555b60", scale=6))
    background("e8e8e8", .5)
    area((-.7, -.5, .9), (0, 0, 0), .5, 10)
    area((.8, .4, .6), (0, 0, 0), .4, 3)
    steel = metal("a8acb0", .28)
    with group((0, 0, .02), [28, -35][v]):
        o = box((-.03, 0, 0), (.26, .03, .022), wood("c8863c", "a0622a", 8) if v == 0 else mat("d8401f", .5), .009, seg=3)
        box((.115, 0, 0), (.034, .05, .03), steel, .004)
        rod((.115, -.02, 0), (.115, -.05, 0), .011, steel)
        cyl((.115, -.058, 0), .0165, .026, steel, (90, 0, 0), bevel=.002)
        for s in (-1, 1):
            tube([(.115 + s * .004, .02, 0), (.115 + s * .009, .05, .002), (.11 + s * .012, .075, -.003), (.1 + s * .015, .098, -.014)], 1, steel, radii=[.011, .009, .006, .0025])
    for k in range(4):
        with group((-.06 + .035 * k, -.12 + .01 * (k % 2), .004), 20 + 50 * k):
            rod((0, 0, 0), (.06, 0, 0), .002, steel)
            cyl((.06, 0, 0), .005, .002, steel, (0, 90, 0))
    camera([(.05, -.55, .42), (-.1, -.5, .42)][v], (.01, -.02, .01), 48, 11)


def main():
    out, kind, *named = sys.argv[sys.argv.index("--") + 1:]
    os.makedirs(os.path.join(out, kind), exist_ok=True)
    for v in (0, 1):
        for name, scene in {"own-calibrate": CALIBRATE, "own-test": TEST}[kind].items():
            png = os.path.join(out, kind, f"{name}-{v}.png")
            if named and name not in named or not named and os.path.exists(png):
                continue
            try:
                fresh()
                scene(v)
                render(png)
            except Exception:  # One broken scene does not stop the others.
                traceback.print_exc()


if __name__ == "__main__":
    main()
