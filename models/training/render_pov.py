"""The third held-out set, and the pictures that settings are chosen on for it: scenes written for POV-Ray, with shapes, textures and light of their own.

Nothing here is shared with the training scenes: objects are built from POV-Ray's solids and its standard textures
(`textures.inc`, `stones.inc`, `woods.inc`, `metals.inc`, `glass.inc`), which no training picture has seen.

    python render_pov.py OUT SPLIT FIRST COUNT

needs `povray` (Debian package `povray`, AGPL-3.0, with `povray-includes`).
"""

import json
import math
import os
import random
import subprocess
import sys

COLORS = {"red": "<.7,.05,.04>", "blue": "<.06,.16,.65>", "green": "<.08,.45,.1>", "yellow": "<.85,.65,.05>", "orange": "<.85,.32,.04>", "white": "<.85,.85,.83>", "black": "<.03,.03,.03>", "gray": "<.4,.4,.41>", "purple": "<.35,.08,.5>"}
SCENES = {}


def scene(noun, kind="object", n=1):
    def register(f):
        SCENES[noun] = (f, kind, n)
        return f
    return register


def gloss(c):
    return f"pigment {{ rgb {c} }} finish {{ phong .6 phong_size 60 reflection .05 }}"


MATERIALS = {
    "metal": "texture { Chrome_Metal }", "golden": "texture { T_Gold_3C }", "wood": "texture { T_Wood%d scale .6 }", "stone": "texture { T_Stone%d scale .5 }",
    "glass": "texture { T_Glass3 } interior { ior 1.4 }", "checker": "pigment { checker rgb <.1,.1,.1> rgb <.9,.9,.88> scale .4 } finish { phong .4 }",
    "brick": "pigment { brick rgb <.7,.68,.64> rgb <.45,.14,.08> brick_size <.5,.2,.25> mortar .025 }",
}


def stuff(r, t, kinds=("metal", "golden", "wood", "stone", "glass", "plain", "plain", "checker")):
    k = r.choice(kinds)
    if k == "plain":
        t["color"] = r.choice(list(COLORS))
        return gloss(COLORS[t["color"]])
    t["materials"] = [{"golden": "gold"}.get(k, k)]
    m = MATERIALS[k]
    return m % r.randint(1, 18) if "%d" in m else m


BRICK = "pigment { brick rgb <.62,.6,.56> rgb <.4,.13,.08> brick_size <.9,.3,.45> mortar .04 }"
PLASTER = "pigment { bozo color_map { [0 rgb <.78,.72,.6>] [1 rgb <.7,.64,.52>] } }"
CONCRETE = "pigment { granite color_map { [0 rgb .5] [1 rgb .38] } scale 3 }"


def b(a, c, tex):
    return f"box {{ <{a[0]},{a[1]},{a[2]}>, <{c[0]},{c[1]},{c[2]}> {tex} }}\n"


def ball(p, q, tex, scale=""):
    return f"sphere {{ <0,0,0>, {q} {scale} translate <{p[0]},{p[1]},{p[2]}> {tex} }}\n"


def cyl(a, c, q, tex):
    return f"cylinder {{ <{a[0]},{a[1]},{a[2]}>, <{c[0]},{c[1]},{c[2]}>, {q} {tex} }}\n"


def cone(a, q, c, p, tex):
    return f"cone {{ <{a[0]},{a[1]},{a[2]}>, {q}, <{c[0]},{c[1]},{c[2]}>, {p} {tex} }}\n"


def pane(t, r):
    return "pigment { rgb <1,.8,.45> } finish { emission .9 }" if t["light"] == "night" and r.random() < .5 else "pigment { rgb <.05,.07,.1> } finish { reflection .15 phong .8 }"


def windows(t, r, w, h, z, step=2.2):
    out = ""
    for i in range(int(w / step)):
        for j in range(int(h / 2.8)):
            x, y = -w / 2 + (i + .5) * step + .2, j * 2.8 + 1.1
            out += b((x - .5, y, z - .06), (x + .5, y + 1.5, z + .06), pane(t, r))
    return out


@scene("sphere", n=2)
def sphere(r, t):
    return ball((0, 1, 0), 1, stuff(r, t)), (0, 1, 0), 2.4


@scene("cube", n=2)
def cube(r, t):
    return f"box {{ <-1,0,-1>,<1,2,1> rotate y*{r.randint(10, 80)} {stuff(r, t)} }}", (0, 1, 0), 2.9


@scene("torus", n=2)
def torus(r, t):
    return f"torus {{ 1, {r.uniform(.25, .45)} rotate x*{r.choice([0, 90, 60])} rotate y*{r.randint(0, 60)} translate y*{1.3} {stuff(r, t)} }}", (0, 1, 0), 2.9


@scene("cone")
def cone_(r, t):
    return cone((0, 0, 0), 1, (0, 2.1, 0), 0, stuff(r, t)), (0, 1, 0), 2.6


@scene("cylinder")
def cylinder(r, t):
    return cyl((0, 0, 0), (0, 2, 0), .8, stuff(r, t)), (0, 1, 0), 2.6


@scene("spheres", n=2)
def spheres(r, t):
    t["adj"] = ["three"]
    return "".join(ball((x, .8, r.uniform(-.5, .5)), .8, stuff(r, {})) for x in (-1.9, 0, 1.9)), (0, .7, 0), 4


@scene("table")
def table(r, t):
    m = stuff(r, t, ("wood", "wood", "metal", "glass"))
    return "union {" + b((-1.4, 1.3, -.8), (1.4, 1.42, .8), "") + "".join(cyl((x, 0, z), (x, 1.3, z), .09, "") for x in (-1.2, 1.2) for z in (-.65, .65)) + m + "}", (0, .8, 0), 3.2


@scene("chair", n=2)
def chair(r, t):
    m = stuff(r, t, ("wood", "wood", "metal", "plain"))
    legs = "".join(cyl((x, 0, z), (x * .9, 1, z * .9), .06, "") for x in (-.45, .45) for z in (-.45, .45))
    return f"union {{ {b((-.5, 1, -.5), (.5, 1.1, .5), '')} {legs} {b((-.5, 1.5, .42), (.5, 2.2, .5), '')} {cyl((-.4, 1, .45), (-.4, 2.2, .48), .05, '')} {cyl((.4, 1, .45), (.4, 2.2, .48), .05, '')} rotate y*{r.randint(-60, 60)} {m} }}", (0, 1.1, 0), 2.7


@scene("cup", "small", 2)
def cup(r, t):
    m = stuff(r, t, ("plain", "plain", "metal"))
    return f"union {{ difference {{ {cone((0, 0, 0), .55, (0, 1.3, 0), .7, '')} {cone((0, .1, 0), .47, (0, 1.4, 0), .65, '')} }} torus {{ .36, .08 rotate x*90 scale <1,1.1,1> translate <.78,.68,0> }} {m} }}" + cyl((0, 1.05, 0), (0, 1.1, 0), .6, "pigment { rgb <.1,.045,.02> }"), (.1, .65, 0), 2.0


@scene("bottle", "small")
def bottle(r, t):
    t["materials"] = ["glass"]
    return f"lathe {{ cubic_spline 9 <0,-.1>,<.45,0>,<.5,.3>,<.5,1.4>,<.42,1.75>,<.17,2.1>,<.15,2.6>,<.16,2.7>,<.1,2.8> pigment {{ rgb {r.choice(['<.03,.2,.06>', '<.2,.1,.03>', '<.4,.5,.55>'])} }} finish {{ phong 1 reflection .15 }} }}" + cyl((0, .5, 0), (0, 1.2, 0), .515, "pigment { rgb <.85,.8,.68> }"), (0, 1.35, 0), 3


@scene("wine glass", "small")
def wine_glass(r, t):
    t["materials"] = ["glass"]
    return "union { " + cyl((0, 0, 0), (0, .05, 0), .5, "") + cyl((0, 0, 0), (0, 1.1, 0), .05, "") + "difference { sphere { <0,1.75,0>, .7 } sphere { <0,1.75,0>, .64 } box { <-1,2.1,-1>,<1,3,1> } } texture { T_Glass2 } interior { ior 1.2 } }" + ("intersection { sphere { <0,1.75,0>, .62 } box { <-1,0,-1>,<1,1.75,1> } pigment { rgb <.3,.01,.03> } }" if r.random() < .6 else ""), (0, 1.1, 0), 2.6


@scene("vase", "small")
def vase(r, t):
    m = stuff(r, t, ("plain", "plain", "stone", "golden"))
    flowers = ""
    if r.random() < .5:
        t["parts"] = ["flowers"]
        for _ in range(7):
            x, y, z = r.uniform(-.6, .6), r.uniform(2.6, 3.2), r.uniform(-.5, .5)
            flowers += cyl((0, 1.7, 0), (x, y, z), .025, "pigment { rgb <.1,.4,.08> }") + "".join(ball((x + .15 * math.cos(k), y + .1 * math.sin(k), z + .08 * math.cos(2 * k)), .12, gloss(COLORS[r.choice(["red", "yellow", "white"])])) for k in range(5))
    return f"lathe {{ cubic_spline 8 <0,-.1>,<.4,0>,<.75,.5>,<.7,1.1>,<.3,1.6>,<.32,1.9>,<.4,2.0>,<.4,2.1> {m} }}" + flowers, (0, 1.4 if flowers else 1, 0), 3.4 if flowers else 2.6


@scene("bowl", "small")
def bowl(r, t):
    m = stuff(r, t, ("plain", "wood", "metal"))
    fruit = ""
    if r.random() < .6:
        t["parts"] = ["fruit"]
        fruit = "".join(ball((r.uniform(-.5, .5), r.uniform(.8, 1.05), r.uniform(-.5, .5)), .3, gloss(COLORS[r.choice(["red", "orange", "yellow", "green"])])) for _ in range(6))
    return f"difference {{ sphere {{ <0,1,0>, 1 }} sphere {{ <0,1.05,0>, .92 }} box {{ <-2,.95,-2>,<2,3,2> }} {m} }}" + fruit, (0, .6, 0), 2.4


@scene("candle", "small")
def candle(r, t):
    t["adj"] = ["lit"]
    return cyl((0, 0, 0), (0, 1.6, 0), .35, "pigment { rgb <.85,.8,.68> }") + cyl((0, 1.6, 0), (0, 1.75, 0), .03, "pigment { rgb .05 }") + "sphere { 0, .13 scale <.7,2,.7> translate y*1.98 pigment { rgb <1,.7,.2> } finish { emission 1.5 } } light_source { <0,2.2,-.3> rgb <1,.7,.35>*.7 fade_distance 2 fade_power 2 }", (0, 1.1, 0), 2.5


@scene("apple", "small")
def apple(r, t):
    t["color"] = r.choice(["red", "green"])
    return f"lathe {{ cubic_spline 8 <.1,.1>,<0,.06>,<.35,0>,<.8,.5>,<.75,1.1>,<.4,1.35>,<.05,1.15>,<0,1.1> {gloss(COLORS[t['color']])} }}" + cyl((0, 1.1, 0), (.12, 1.65, 0), .045, "pigment { rgb <.2,.12,.05> }"), (0, .75, 0), 2


@scene("potted plant", "small")
def potted(r, t):
    out = cone((0, 0, 0), .45, (0, .9, 0), .65, "pigment { rgb <.55,.22,.1> }")
    for k in range(22):
        out += f"sphere {{ 0, .5 scale <.16,1,.05> translate y*.5 rotate z*{r.uniform(10, 65)} rotate y*{k * 47} translate y*.9 pigment {{ rgb <.06,{r.uniform(.25, .45)},.06> }} }}\n"
    return out, (0, 1, 0), 2.6


@scene("mushroom")
def mushroom(r, t):
    t["color"] = "red"
    dots = "".join(ball((.95 * math.sin(p) * math.cos(a), 1.15 + .75 * math.cos(p), .95 * math.sin(p) * math.sin(a)), .12, "pigment { rgb .92 }") for a in range(0, 7) for p in (.5, 1.1))
    return cyl((0, 0, 0), (0, 1.2, 0), .28, "pigment { rgb <.88,.84,.72> }") + f"intersection {{ sphere {{ 0, 1 scale <1,.8,1> translate y*1.15 }} box {{ <-2,1.1,-2>,<2,3,2> }} {gloss(COLORS['red'])} }}" + dots, (0, 1, 0), 2.8


@scene("snowman", "outdoor")
def snowman(r, t):
    t["materials"] = ["snow"]
    s = "pigment { rgb <.93,.95,1> } normal { bumps .2 scale .1 }"
    return ball((0, 1, 0), 1.05, s) + ball((0, 2.4, 0), .75, s) + ball((0, 3.4, 0), .5, s) + cone((0, 3.4, -.45), .1, (0, 3.35, -1.1), 0, "pigment { rgb <1,.4,.05> }") + "".join(ball((x, 3.55, -.42), .07, "pigment { rgb .02 }") for x in (-.18, .18)) + "".join(ball((0, y, -.75), .07, "pigment { rgb .02 }") for y in (2.2, 2.5)) + cyl((-.6, 2.5, 0), (-1.6, 3.1, 0), .05, "pigment { rgb <.2,.1,.05> }") + cyl((.6, 2.5, 0), (1.6, 3, 0), .05, "pigment { rgb <.2,.1,.05> }"), (0, 2, 0), 5


@scene("robot", n=2)
def robot(r, t):
    c = t["color"] = r.choice(["white", "gray", "red", "blue", "yellow"])
    m, d = gloss(COLORS[c]), "pigment { rgb .12 } finish { phong .6 }"
    out = f"superellipsoid {{ <.3,.3> scale <.75,.85,.45> translate y*2.1 {m} }} superellipsoid {{ <.4,.4> scale <.5,.42,.42> translate y*3.5 {m} }}" + cyl((0, 2.9, 0), (0, 3.2, 0), .15, d)
    for x in (-1, 1):
        out += ball((x * .2, 3.55, -.4), .12, "pigment { rgb <.3,.9,1> } finish { emission 1 }") + ball((x * .95, 2.7, 0), .25, d) + cyl((x * 1.0, 2.7, 0), (x * 1.15, 1.9, -.1), .17, m) + ball((x * 1.15, 1.85, -.1), .18, d) + cyl((x * 1.15, 1.8, -.1), (x * 1.1, 1.15, -.4), .15, m) + cyl((x * .35, 1.3, 0), (x * .4, .2, 0), .2, m) + b((x * .4 - .25, 0, -.5), (x * .4 + .25, .2, .25), d)
    return out, (0, 2, 0), 4.6


@scene("person", "outdoor", 2)
def person(r, t):
    skin, shirt, legs = "pigment { rgb <.75,.52,.4> }", r.choice(["red", "blue", "green", "white", "yellow"]), "pigment { rgb <.1,.12,.25> }"
    t.update(adj=["standing"], parts=[f"a {shirt} shirt"])
    s = f"pigment {{ rgb {COLORS[shirt]} }}"
    out = ball((0, 3.55, 0), .3, skin, "scale <.85,1.1,.95>") + ball((0, 3.68, .06), .3, "pigment { rgb <.12,.07,.04> }", "scale <.9,.9,.95>") + cyl((0, 3.1, 0), (0, 3.35, 0), .12, skin)
    out += f"sphere_sweep {{ b_spline 5 <0,1.4,0>,.35 <0,1.8,0>,.38 <0,2.5,0>,.42 <0,3,0>,.4 <0,3.3,0>,.15 scale <1,1,.65> {s} }}"
    for x in (-1, 1):
        k = r.uniform(-.3, .3)
        out += f"sphere_sweep {{ linear_spline 3 <{x * .42},2.95,0>,.14 <{x * .58},2.35,{k}>,.12 <{x * .55},1.8,{k - .15}>,.1 {s} }}" + ball((x * .55, 1.68, k - .18), .12, skin) + f"sphere_sweep {{ linear_spline 3 <{x * .2},1.7,0>,.2 <{x * .22},.95,{-k}>,.16 <{x * .22},.15,{-k}>,.12 {legs} }}" + b((x * .22 - .11, 0, -k - .35), (x * .22 + .11, .17, -k + .15), "pigment { rgb .05 }")
    return out, (0, 1.95, 0), 4.4


@scene("car", "outdoor", 2)
def car(r, t):
    c = t["color"] = r.choice(["red", "blue", "white", "yellow", "green", "black"])
    m = f"pigment {{ rgb {COLORS[c]} }} finish {{ phong .9 reflection .12 }}"
    out = f"superellipsoid {{ <.25,.4> scale <2.2,.42,.9> translate y*.75 {m} }} superellipsoid {{ <.4,.5> scale <1.15,.42,.78> translate <-.15,1.3,0> pigment {{ rgb .04 }} finish {{ reflection .25 phong 1 }} }} superellipsoid {{ <.4,.4> scale <.95,.1,.74> translate <-.15,1.66,0> {m} }}"
    for x in (-1.3, 1.3):
        for z in (-.9, .9):
            out += f"torus {{ .3, .13 rotate x*90 translate <{x},.4,{z}> pigment {{ rgb .03 }} }}" + cyl((x, .4, z - .08), (x, .4, z + .08), .22, "texture { Chrome_Metal }")
    for z in (-.6, .6):
        out += ball((2.12, .85, z), .15, "pigment { rgb <1,1,.85> } finish { emission .6 }")
    return f"union {{ {out} rotate y*{r.randint(-160, 160)} }}", (0, .8, 0), 4.4


@scene("truck", "outdoor")
def truck(r, t):
    c = t["color"] = r.choice(["red", "blue", "white", "orange"])
    out = b((1.4, .5, -.9), (2.6, 2.3, .9), gloss(COLORS[c])) + b((2.3, 1.4, -.8), (2.62, 2.1, .8), "pigment { rgb .05 } finish { reflection .2 }") + b((-2.8, .75, -1), (1.3, 2.9, 1), gloss(r.choice([COLORS["white"], COLORS[c], COLORS["gray"]])))
    for x in (2, -1, -2):
        for z in (-.9, .9):
            out += cyl((x, .45, z - .15), (x, .45, z + .15), .45, "pigment { rgb .03 }") + cyl((x, .45, z - .17), (x, .45, z + .17), .2, "pigment { rgb .6 }")
    return f"union {{ {out} rotate y*{r.randint(-160, 160)} }}", (0, 1.3, 0), 5.6


@scene("train", "outdoor")
def train(r, t):
    c = t["color"] = r.choice(["red", "blue", "green", "yellow"])
    t["setting"] = "on tracks"
    out = ""
    for k in range(4):
        x = -k * 4.3
        out += f"superellipsoid {{ <.2,.2> scale <2.05,.85,.85> translate <{x},1.35,0> {gloss(COLORS[c])} }}" + "".join(b((x + q - .3, 1.4, -.87), (x + q + .3, 1.9, .87), "pigment { rgb .06 } finish { reflection .2 }") for q in (-1.3, -.4, .5, 1.4)) + "".join(cyl((x + q, .35, -.7), (x + q, .35, .7), .33, "pigment { rgb .1 }") for q in (-1.2, 1.2))
    rails = "".join(b((-40, .0, z - .05), (40, .12, z + .05), "pigment { rgb .45 } finish { reflection .2 }") for z in (-.6, .6)) + "".join(b((x, -.02, -1), (x + .3, .04, 1), "pigment { rgb <.22,.15,.1> }") for x in range(-40, 40))
    return f"union {{ {out} {rails} rotate y*{r.choice([25, 40, -30, 150])} }}", (-1, 1, 0), 8


@scene("airplane", "outdoor", 2)
def airplane(r, t):
    t["color"] = "white"
    t["setting"] = "in the sky"
    m = gloss("<.88,.88,.9>")
    out = ball((0, 0, 0), 1, m, "scale <4.2,.55,.55>") + f"prism {{ linear_sweep -.06,.06, 5, <.8,0>,<-.9,4.2>,<-1.6,4.2>,<-.9,0>,<.8,0> {m} }} prism {{ linear_sweep -.06,.06, 5, <.8,0>,<-.9,-4.2>,<-1.6,-4.2>,<-.9,0>,<.8,0> {m} }} prism {{ linear_sweep -.05,.05, 5, <-3,0>,<-3.9,1.4>,<-4.3,1.4>,<-3.9,0>,<-3,0> {m} }} prism {{ linear_sweep -.05,.05, 5, <-3,0>,<-3.9,-1.4>,<-4.3,-1.4>,<-3.9,0>,<-3,0> {m} }} prism {{ linear_sweep -.05,.05, 5, <-2.8,0>,<-3.9,1.5>,<-4.4,1.5>,<-3.9,0>,<-2.8,0> rotate x*-90 {gloss(COLORS[r.choice(['red', 'blue'])])} }}" + "".join(cyl((-.3, -.3, z), (.7, -.3, z), .22, "pigment { rgb .5 } finish { phong .7 }") for z in (-1.6, 1.6)) + "".join(b((-2 + k * .4, .08, -.6), (-1.85 + k * .4, .24, .6), "pigment { rgb .05 }") for k in range(12))
    return f"union {{ {out} rotate z*{r.uniform(-5, 12)} rotate x*{r.uniform(-20, 20)} rotate y*{r.randint(0, 360)} translate y*14 }}", (0, 14, 0), 8.5


@scene("rocket", "outdoor")
def rocket(r, t):
    c = t["color"] = r.choice(["white", "red"])
    return f"lathe {{ cubic_spline 7 <.6,-.5>,<.7,.5>,<.95,2>,<.9,4>,<.55,5.6>,<0,6.6>,<-.3,7> {gloss(COLORS[c])} }}" + "".join(f"prism {{ linear_sweep -.07,.07, 5, <.7,2>,<1.8,.4>,<1.8,-.4>,<.7,.6>,<.7,2> rotate x*-90 rotate y*{k * 120} {gloss(COLORS['blue'] if c == 'red' else COLORS['red'])} }}" for k in range(3)) + ball((0, 4.2, -.85), .3, "texture { Chrome_Metal }"), (0, 3.1, 0), 7.5


@scene("ship", "sea")
def ship(r, t):
    t["setting"] = "on the ocean"
    hull = gloss(COLORS[r.choice(["red", "blue", "black"])])
    out = f"intersection {{ sphere {{ 0, 1 scale <6,2.6,1.5> }} box {{ <-4.5,-3,-2>,<7,1e-3,2> }} translate y*1.2 {hull} }}" + b((-3.6, 1.2, -.9), (-1.2, 3.2, .9), "pigment { rgb .9 }") + b((-3.2, 3.2, -.7), (-1.6, 4, .7), "pigment { rgb .9 }") + "".join(b((-3.4 + .5 * k, 2.4, -.93), (-3.1 + .5 * k, 2.8, .93), "pigment { rgb .05 }") for k in range(4)) + cyl((-2.6, 4, 0), (-2.6, 5.2, 0), .35, hull) + "".join(b((k * 1.1 - .8, 1.2, -.8), (k * 1.1 + .1, 1.2 + r.choice([.8, 1.5]), .8), gloss(COLORS[r.choice(list(COLORS))])) for k in range(4))
    return f"union {{ {out} rotate y*{r.randint(-60, 60)} }}", (0, 2, 0), 10


@scene("sailboat", "sea")
def sailboat(r, t):
    t["setting"] = "at sea"
    sail = f"pigment {{ rgb {r.choice(['<.95,.95,.92>', '<.7,.15,.1>', '<.95,.9,.7>'])} }}"
    out = f"intersection {{ sphere {{ 0, 1 scale <2.4,1.1,.8> }} box {{ <-2.2,-2,-2>,<3,1e-3,2> }} translate y*.6 {gloss(COLORS[r.choice(['white', 'blue', 'red'])])} }}" + cyl((0, .5, 0), (0, 5, 0), .07, "pigment { rgb <.5,.35,.2> }") + f"triangle {{ <-.1,1,0>,<-2,1.1,.3>,<-.1,4.9,0> {sail} }} triangle {{ <.15,4.4,0>,<2,.9,0>,<.2,1,.35> {sail} }}"
    return f"union {{ {out} rotate y*{r.randint(0, 360)} }}", (0, 2.2, 0), 6


@scene("building", "outdoor", 4)
def building(r, t):
    w, h, d = r.uniform(8, 14), r.uniform(9, 26), 8
    k = r.choice(["brick", "brick", "concrete"])
    t["materials"] = [k]
    if h > 19:
        t["adj"] = ["tall"]
    out = b((-w / 2, 0, 0), (w / 2, h, d), BRICK if k == "brick" else CONCRETE) + windows(t, r, w, h - 1, 0) + f"union {{ {windows(t, r, d, h - 1, 0)} rotate y*90 translate <{-w / 2},0,{d / 2}> }}" + f"union {{ {windows(t, r, d, h - 1, 0)} rotate y*90 translate <{w / 2},0,{d / 2}> }}" + b((-w / 2 - .3, h, -.3), (w / 2 + .3, h + .5, d + .3), "pigment { rgb .55 }") + b((-.7, 0, -.1), (.7, 2.2, .1), "pigment { rgb <.25,.12,.06> }")
    extra = r.choice(["", "balconies", "fire escapes"])
    if extra:
        t["parts"] = [extra]
        for j in range(1, int(h / 2.8)):
            y = j * 2.8 + .6
            if extra == "balconies":
                for i in range(0, int(w / 2.2), 2):
                    x = -w / 2 + (i + .5) * 2.2 + .2
                    out += b((x - .9, y, -1.1), (x + .9, y + .12, 0), "pigment { rgb .6 }") + b((x - .9, y, -1.1), (x + .9, y + .9, -1.04), "pigment { rgb .25 }")
            else:
                out += b((-2, y, -1), (2, y + .08, 0), "pigment { rgb .06 }") + b((-2, y + .85, -1), (2, y + .92, -.95), "pigment { rgb .06 }") + cyl((-1.7, y, -.6), (1.7, y - 2.8, -.6), .07, "pigment { rgb .06 }") + "".join(cyl((x * .5, y, -1), (x * .5, y + .9, -1), .03, "pigment { rgb .06 }") for x in range(-4, 5))
    return out, (0, h * .48, 2), max(h, w) * 1.35


@scene("skyline", "outdoor", 3)
def skyline(r, t):
    out = ""
    for i in range(-5, 6):
        for j in range(6):
            h, w = r.uniform(6, 22) * (1.6 if abs(i) < 2 else 1), r.uniform(1.6, 2.6)
            out += f"union {{ {b((-w, 0, -w), (w, h, w), r.choice([CONCRETE, CONCRETE, 'pigment { rgb <.2,.3,.4> } finish { reflection .25 }', BRICK]))} {windows(t, r, 2 * w, h, -w, 1.1) if j < 3 else ''} translate <{i * 5.5},0,{j * 5.5}> }}\n"
    return out, (0, 9, 4), 52


@scene("street", "outdoor", 2)
def street(r, t):
    t["setting"] = "in a city"
    out = b((-2.6, .01, -50), (2.6, .02, 90), "pigment { rgb .12 }") + "".join(b((-.1, .02, z), (.1, .03, z + 1.5), "pigment { rgb .85 }") for z in range(-40, 80, 4))
    for side in (-1, 1):
        for k in range(9):
            h = r.uniform(8, 20)
            tex = r.choice([BRICK, PLASTER, CONCRETE])
            out += f"union {{ {b((-4.4, 0, 0), (4.4, h, 6), tex)} {windows(t, r, 8.6, h - 1, 0)} rotate y*{90 * side} translate <{side * 4.5},0,{k * 9 - 18}> }}\n"
    return out, "street", 0


@scene("house", "outdoor", 2)
def house(r, t):
    k = r.choice(["brick", "wood", "plaster"])
    tex = {"brick": BRICK, "wood": "texture { T_Wood7 scale 2 rotate z*90 }", "plaster": PLASTER}[k]
    t["materials"] = [k] if k != "plaster" else []
    out = b((-3.4, 0, -2.4), (3.4, 3.2, 2.4), tex) + f"prism {{ linear_sweep -3.8,3.8, 4, <-3,0>,<3,0>,<0,2.4>,<-3,0> rotate x*-90 rotate y*90 translate y*3.2 pigment {{ rgb {r.choice(['<.4,.12,.07>', '<.2,.2,.22>'])} }} normal {{ gradient y .6 scale .3 }} }}" + "".join(b((x - .5, 1.1, -2.46), (x + .5, 2.3, -2.3), pane(t, r)) for x in (-2.2, 2.2)) + b((-.5, 0, -2.46), (.5, 2.1, -2.3), gloss(COLORS[r.choice(["red", "blue", "green"])])) + b((1.8, 4, .2), (2.5, 6, .9), BRICK)
    return f"union {{ {out} rotate y*{r.randint(-40, 40)} }}", (0, 2.3, 0), 9.5


@scene("castle", "outdoor", 2)
def castle(r, t):
    t["materials"] = ["stone"]
    st = f"texture {{ T_Stone{r.choice([1, 8, 13, 18])} scale 3 }} pigment {{ rgb <.55,.52,.47> }}"
    st = "pigment { brick rgb <.4,.38,.35> rgb <.58,.55,.5> brick_size <1.4,.6,.7> mortar .06 }" if r.random() < .7 else st
    out = ""
    for x, z in ((-5, -5), (5, -5), (5, 5), (-5, 5)):
        h = r.uniform(6, 8.5)
        out += cyl((x, 0, z), (x, h, z), 1.5, st) + "".join(b((x + 1.4 * math.cos(a) - .3, h, z + 1.4 * math.sin(a) - .3), (x + 1.4 * math.cos(a) + .3, h + .8, z + 1.4 * math.sin(a) + .3), st) for a in range(6))
        if r.random() < .8:
            out += cone((x, h + .6, z), 1.8, (x, h + 4, z), 0, "pigment { rgb <.45,.12,.08> }")
    for k in range(4):
        out += f"union {{ {b((-5, 0, -5.5), (5, 4.4, -4.5), st)} {''.join(b((x - .4, 4.4, -5.5), (x + .4, 5.1, -4.5), st) for x in range(-4, 5, 2))} rotate y*{k * 90} }}"
    out += b((-2.4, 0, -2), (2.4, 8, 2.4), st) + b((-1.1, 0, -5.6), (1.1, 2.6, -5.4), "pigment { rgb <.2,.1,.05> }") + cone((0, 8, .2), 3.3, (0, 12, .2), 0, "pigment { rgb <.45,.12,.08> }")
    return f"union {{ {out} rotate y*{r.randint(-40, 40)} }}", (0, 4.4, 0), 20


@scene("church", "outdoor")
def church(r, t):
    tex = r.choice([BRICK, PLASTER])
    t["materials"] = ["brick"] if tex is BRICK else []
    t["parts"] = ["a steeple"]
    return f"union {{ {b((-2, 0, -4), (2, 4, 5), tex)} prism {{ linear_sweep -4,5, 4, <-2.3,0>,<2.3,0>,<0,2.6>,<-2.3,0> rotate x*-90 rotate y*180 translate <0,4,1> pigment {{ rgb <.25,.12,.1> }} }} {b((-1.3, 0, -6.4), (1.3, 8, -3.9), tex)} {cone((0, 8, -5.1), 1.8, (0, 13, -5.1), 0, 'pigment { rgb <.2,.22,.25> }')} {b((-.06, 13, -5.16), (.06, 14.4, -5.04), 'pigment { rgb <.8,.7,.3> }')} {b((-.4, 13.8, -5.16), (.4, 13.95, -5.04), 'pigment { rgb <.8,.7,.3> }')} {''.join(b((-2.06, 1.4, z), (2.06, 3, z + .7), pane(t, r)) for z in (-2.6, -.4, 1.8, 3.6))} {b((-.5, 0, -6.46), (.5, 2, -6.3), 'pigment { rgb <.25,.12,.06> }')} rotate y*{r.randint(-50, 50)} }}", (0, 5.5, -1), 16


@scene("temple", "outdoor")
def temple(r, t):
    t["materials"] = ["stone"]
    t["parts"] = ["columns"]
    st = f"texture {{ T_Stone{r.choice([8, 10, 1])} scale 2 }}"
    cols = "".join(cone((x, .8, z), .42, (x, 5, z), .34, "") + b((x - .5, 5, z - .5), (x + .5, 5.3, z + .5), "") for x in range(-6, 7, 2) for z in (-4, -2, 0, 2, 4) if abs(x) == 6 or abs(z) == 4)
    return f"union {{ {b((-7.4, 0, -5.4), (7.4, .4, 5.4), '')} {b((-7, .4, -5), (7, .8, 5), '')} {cols} {b((-6.8, 5.3, -4.8), (6.8, 6.1, 4.8), '')} prism {{ linear_sweep -4.8,4.8, 4, <-7,0>,<7,0>,<0,2.4>,<-7,0> rotate x*-90 translate y*6.1 }} rotate y*{r.randint(-50, 50)} {st} }}", (0, 3.6, 0), 17


@scene("lighthouse", "sea")
def lighthouse(r, t):
    t["setting"] = "by the sea"
    out = "".join(cone((0, k * 1.5, 0), 1.7 - .1 * k, (0, k * 1.5 + 1.5, 0), 1.6 - .1 * k, f"pigment {{ rgb {'<.8,.1,.08>' if k % 2 else '.92'} }}") for k in range(7)) + cyl((0, 10.5, 0), (0, 10.7, 0), 1.3, "pigment { rgb .1 }") + cyl((0, 10.7, 0), (0, 12, 0), .7, "pigment { rgb <1,.9,.6> } finish { emission .7 }") + cone((0, 12, 0), 1, (0, 13, 0), 0, "pigment { rgb <.7,.1,.08> }") + "".join(f"isosurface {{ function {{ f_sphere(x,y,z,1.6) - f_noise3d(x*1.3+{k},y*1.3,z*1.3)*.9 }} contained_by {{ sphere {{ 0, 2.6 }} }} max_gradient 4 scale <1.3,.7,1.3> translate <{3 * math.cos(k)},0,{3 * math.sin(k)}> pigment {{ granite color_map {{ [0 rgb .2] [1 rgb .4] }} }} }}" for k in range(6))
    return out, (0, 6, 0), 15


@scene("pyramid", "sand")
def pyramid(r, t):
    t.update(materials=["stone"], setting="in the desert")
    st = "pigment { brick rgb <.5,.4,.25> rgb <.72,.58,.36> brick_size <1.2,.5,.6> mortar .05 }"
    return "".join(f"intersection {{ plane {{ y, 0 rotate x*-52 translate <0,{h},0> }} plane {{ y, 0 rotate x*52 translate <0,{h},0> }} plane {{ y, 0 rotate z*52 translate <0,{h},0> }} plane {{ y, 0 rotate z*-52 translate <0,{h},0> }} plane {{ -y, 0 }} rotate y*{r.randint(10, 60)} translate <{x},0,{z}> {st} }}" for x, z, h in [(0, 0, 8), (13, 10, 6), (-14, 14, 5)][:r.choice([1, 2, 3])]), (2, 3, 3), 26


@scene("windmill", "outdoor")
def windmill(r, t):
    blades = "".join(f"union {{ {b((-.08, 0, -.08), (.08, 5, .08), 'pigment { rgb <.3,.18,.1> }')} {b((.08, 1, -.03), (.9, 4.9, .03), 'pigment { rgb <.85,.82,.72> }')} rotate z*{k * 90 + r.randint(0, 60) * 0 + 20} translate <0,7.6,-2.4> }}" for k in range(4))
    return cone((0, 0, 0), 2.3, (0, 7.5, 0), 1.5, PLASTER) + ball((0, 7.5, 0), 1.6, "pigment { rgb <.35,.18,.1> }") + cyl((0, 7.6, -2.5), (0, 7.6, 0), .2, "pigment { rgb <.3,.18,.1> }") + blades + b((-.5, 0, -2.35), (.5, 1.7, -2), "pigment { rgb <.25,.12,.06> }"), (0, 5.2, 0), 15


@scene("bridge", "sea", 2)
def bridge(r, t):
    t["setting"] = "over water"
    if r.random() < .5:
        t.update(adj=["arched"], materials=["stone"])
        holes = "".join(cyl((x, 1.2, -4), (x, 1.2, 4), 2.5, "") for x in range(-18, 19, 6))
        return f"difference {{ box {{ <-40,-1,-2>,<40,5,2> }} {holes} pigment {{ brick rgb <.4,.38,.34> rgb <.6,.56,.5> brick_size <1.2,.5,.6> mortar .05 }} }}" + b((-40, 5, -2), (40, 5.7, -1.7), "pigment { rgb <.55,.52,.46> }"), (0, 3, 0), 22
    t.update(adj=["suspension"], materials=["metal"])
    c = f"pigment {{ rgb {r.choice(['<.7,.16,.08>', '<.45,.5,.52>'])} }}"
    out = b((-60, 3, -1.6), (60, 3.4, 1.6), "pigment { rgb .3 }")
    for x in (-10, 10):
        out += "".join(b((x - .5, 0, z - .4), (x + .5, 14, z + .4), c) for z in (-1.9, 1.9)) + b((x - .4, 12.6, -1.9), (x + .4, 13.4, 1.9), c) + b((x - .4, 8, -1.9), (x + .4, 8.7, 1.9), c)
    for z in (-1.9, 1.9):
        pts = [(x, 4.5 + 9 * (x / 10) ** 2) for x in range(-10, 11)]
        out += "".join(cyl((p[0], p[1], z), (q[0], q[1], z), .14, c) + cyl((p[0], p[1], z), (p[0], 3.2, z), .05, c) for p, q in zip(pts, pts[1:])) + "".join(cyl((s * 10, 13.5, z), (s * 34, 3.4, z), .14, c) for s in (-1, 1))
    return out, (0, 6, 0), 30


@scene("mountain", "outdoor", 3)
def mountain(r, t):
    snow = r.random() < .6
    if snow:
        t["parts"] = ["snow on the peaks"]
    k = r.randint(0, 1000)
    tex = "pigment { gradient y color_map { [0 rgb <.25,.24,.18>] [.5 rgb <.36,.33,.3>] [.62 rgb <.9,.92,.96>] [1 rgb 1] } scale 1.05 } normal { granite .3 }" if snow else "pigment { granite color_map { [0 rgb <.28,.25,.22>] [1 rgb <.45,.41,.36>] } }"
    return f"height_field {{ function 300,300 {{ pigment {{ function {{ min(.98, max(.01, .5 * f_ridged_mf(x*3.2+{k}, 0, y*3.2+{k * .7}, .9, 2.1, 7, .95, 2.1, 2) - .1)*(1-pow(2*x-1,4))*(1-pow(2*y-1,4))) }} }} }} translate <-.5,0,-.5> {tex} scale <110,{r.uniform(26, 36)},110> translate <0,-.5,45> }}", (0, 9, 40), 55


@scene("desert", "sand", 2)
def desert(r, t):
    k = r.randint(0, 900)
    t["materials"] = ["sand"]
    return f"height_field {{ function 260,260 {{ pigment {{ function {{ .5+.4*sin(x*22+4*f_noise3d(x*4+{k},0,y*4))*f_noise3d(x*3,{k},y*3) }} }} }} smooth translate <-.5,-.4,-.5> scale <120,11,120> translate z*30 pigment {{ bozo color_map {{ [0 rgb <.82,.6,.34>] [1 rgb <.74,.5,.26>] }} }} normal {{ ripples .15 scale .6 }} }}", (0, 1, 10), 30


@scene("ocean", "sea", 2)
def ocean(r, t):
    return "", (0, 1, 10), 26


@scene("island", "sea", 2)
def island(r, t):
    k = r.randint(0, 900)
    t["setting"] = "in the sea"
    trees = "".join(cyl((x, 1, z), (x + .2, 3.6, z), .12, "pigment { rgb <.35,.24,.14> }") + "".join(f"sphere {{ 0, 1.2 scale <1,.12,.3> translate x*1 rotate z*-18 rotate y*{a * 51} translate <{x + .2},3.6,{z}> pigment {{ rgb <.1,.4,.1> }} }}" for a in range(7)) for x, z in [(r.gauss(0, 2.5), r.gauss(0, 2)) for _ in range(r.randint(4, 10))])
    t["parts"] = ["palm trees"]
    return f"isosurface {{ function {{ y - 3.2*exp(-(x*x+z*z)/26) + .9 - f_noise3d(x*.5+{k},0,z*.5) }} contained_by {{ box {{ <-12,-1,-12>,<12,5,12> }} }} max_gradient 4 pigment {{ gradient y color_map {{ [0 rgb <.85,.75,.5>] [.25 rgb <.8,.7,.45>] [.35 rgb <.2,.42,.12>] [1 rgb <.15,.35,.1>] }} scale 4 }} }}" + trees, (0, 1.5, 0), 18


def tree_(r, x, z, h, pine):
    trunk = cyl((x, 0, z), (x, h * .5, z), h * .05, "pigment { rgb <.3,.18,.1> }")
    if pine:
        return trunk + "".join(cone((x, h * (.2 + .22 * k), z), h * (.26 - .06 * k), (x, h * (.52 + .2 * k), z), 0, f"pigment {{ rgb <.05,{.22 + .04 * k},.08> }} normal {{ bumps 1 scale .2 }}") for k in range(3))
    return trunk + "".join(ball((x + r.uniform(-.2, .2) * h, h * r.uniform(.55, .85), z + r.uniform(-.2, .2) * h), h * r.uniform(.16, .24), f"pigment {{ rgb <{r.uniform(.08, .2)},{r.uniform(.28, .4)},.07> }} normal {{ bumps 1.5 scale .15 }}") for _ in range(8))


@scene("tree", "outdoor", 2)
def tree(r, t):
    pine = r.random() < .4
    t["synonym"] = "pine tree" if pine else ""
    return tree_(r, 0, 0, 6, pine), (0, 2.9, 0), 7.5


@scene("forest", "outdoor", 2)
def forest(r, t):
    pine = r.random() < .6
    t["of"] = "of pine trees" if pine else ""
    return "".join(tree_(r, r.uniform(-16, 16), r.uniform(-4, 36), r.uniform(5, 10), pine) for _ in range(75)), (0, 4, 5), 17


@scene("road", "outdoor")
def road(r, t):
    k = r.uniform(2, 5)
    t["setting"] = "through fields"
    segs = ""
    for z in range(-20, 120, 1):
        x0, x1 = k * math.sin(z / 16), k * math.sin((z + 1) / 16)
        segs += f"polygon {{ 5, <{x0 - 2},.02,{z}>,<{x1 - 2},.02,{z + 1.02}>,<{x1 + 2},.02,{z + 1.02}>,<{x0 + 2},.02,{z}>,<{x0 - 2},.02,{z}> pigment {{ rgb .13 }} }}"
        if z % 4 < 2:
            segs += f"polygon {{ 5, <{x0 - .08},.03,{z}>,<{x1 - .08},.03,{z + 1}>,<{x1 + .08},.03,{z + 1}>,<{x0 + .08},.03,{z}>,<{x0 - .08},.03,{z}> pigment {{ rgb .9 }} }}"
    return segs + "".join(tree_(r, r.choice([-1, 1]) * r.uniform(8, 25), r.uniform(0, 70), r.uniform(4, 7), r.random() < .5) for _ in range(20)), "road", 0


@scene("planet", "space")
def planet(r, t):
    t["setting"] = "in space"
    c = r.choice(["[0 rgb <.05,.15,.5>] [.5 rgb <.1,.25,.6>] [.52 rgb <.2,.4,.12>] [.8 rgb <.5,.42,.25>]", "[0 rgb <.5,.25,.12>] [1 rgb <.75,.5,.3>]", "[0 rgb .35] [1 rgb .7]"])
    return f"sphere {{ 0, 3 pigment {{ bozo turbulence .7 color_map {{ {c} }} scale 1.2 }} normal {{ bumps .3 scale .3 }} }}", (0, 0, 0), r.uniform(7, 11)


@scene("spaceship", "space", 2)
def spaceship(r, t):
    t["setting"] = "in space"
    m = "pigment { rgb .55 } finish { phong .6 } normal { quilted .3 scale .3 }"
    if r.random() < .4:
        out = ball((0, 0, 0), 3, m, "scale <1,.2,1>") + ball((0, .4, 0), 1.3, "pigment { rgb <.2,.4,.5> } finish { reflection .3 phong 1 }") + "".join(ball((2.6 * math.cos(a * .7), -.2, 2.6 * math.sin(a * .7)), .18, "pigment { rgb <1,.8,.3> } finish { emission 1 }") for a in range(9))
    else:
        out = ball((0, 0, 0), 1, m, "scale <3.6,.6,.8>") + f"prism {{ linear_sweep -.08,.08, 4, <1,0>,<-2.6,3>,<-2.6,0>,<1,0> {m} }} prism {{ linear_sweep -.08,.08, 4, <1,0>,<-2.6,-3>,<-2.6,0>,<1,0> {m} }}" + "".join(cyl((-3.6, 0, z), (-2.2, 0, z), .4, m) + cyl((-3.7, 0, z), (-3.5, 0, z), .3, "pigment { rgb <.3,.7,1> } finish { emission 1.5 }") for z in (-.8, .8)) + ball((1.9, .4, 0), .5, "pigment { rgb .03 } finish { reflection .3 }")
    return f"union {{ {out} rotate y*{r.randint(20, 160)} rotate x*{r.uniform(-25, 15)} }}", (0, 0, 0), 8.5


def room(t, w, h, d, wall, floor):
    return b((-w, -.1, -1), (w, 0, d), floor) + b((-w, h, -1), (w, h + .1, d), "pigment { rgb .85 }") + b((-w - .1, 0, -1), (-w, h, d), wall) + b((w, 0, -1), (w + .1, h, d), wall) + b((-w, 0, d), (w, h, d + .1), wall) + b((-w, 0, -1.1), (w, h, -1), wall)


def lamp(x, y, z, k=.8):
    return f"light_source {{ <{x},{y},{z}> rgb <1,.92,.8>*{k} fade_distance 4 fade_power 1.5 }}\n"


@scene("corridor", "indoor", 2)
def corridor(r, t):
    out = room(t, 1.4, 2.8, 26, r.choice([PLASTER, CONCRETE, "pigment { rgb <.7,.75,.72> }"]), r.choice(["pigment { checker rgb .8 rgb .3 scale .6 } finish { reflection .1 }", "texture { T_Wood10 scale 2 }"]))
    for z in range(2, 25, 4):
        out += "".join(b((x * 1.4 - .06, 0, z), (x * 1.4 + .06, 2.1, z + 1), "texture { T_Wood3 rotate x*90 scale 2 }") for x in (-1, 1)) + b((-.4, 2.76, z), (.4, 2.8, z + .4), "pigment { rgb 1 } finish { emission 1 }") + lamp(0, 2.5, z + .2, .5)
    t["parts"] = ["doors"]
    return out, "in", 2


@scene("living room", "indoor")
def living(r, t):
    c = gloss(COLORS[r.choice(["red", "blue", "green", "gray", "white"])])
    out = room(t, 3, 2.8, 6, PLASTER, "texture { T_Wood14 scale 2 rotate y*90 }") + b((-1.3, .15, 4.3), (1.3, .5, 5.4), c) + b((-1.3, .5, 5.1), (1.3, 1.1, 5.5), c) + b((-1.6, .15, 4.3), (-1.3, .8, 5.5), c) + b((1.3, .15, 4.3), (1.6, .8, 5.5), c) + b((-.8, .4, 2.6), (.8, .48, 3.5), "texture { T_Wood2 }") + "".join(cyl((x, 0, z), (x, .4, z), .05, "texture { T_Wood2 }") for x in (-.7, .7) for z in (2.7, 3.4)) + b((-.9, 1.5, 5.93), (.9, 2.3, 5.97), "pigment { bozo turbulence .5 color_map { [0 rgb <.2,.4,.7>] [1 rgb <.8,.5,.3>] } }") + b((2.94, .9, 2.5), (2.98, 2.2, 4.2), "pigment { rgb <.8,.9,1> } finish { emission .9 }") + lamp(0, 2.5, 3, .9) + cyl((-2.4, 0, 5.2), (-2.4, 1.5, 5.2), .04, "pigment { rgb .1 }") + cone((-2.4, 1.4, 5.2), .35, (-2.4, 1.9, 5.2), .2, "pigment { rgb <1,.9,.7> } finish { emission .5 }")
    t["parts"] = ["a sofa"]
    return out, "in", 1


@scene("bedroom", "indoor")
def bedroom(r, t):
    c = gloss(COLORS[r.choice(["red", "blue", "green", "purple"])])
    out = room(t, 2.6, 2.7, 5, PLASTER, "texture { T_Wood18 scale 2 }") + b((-1, .2, 2.4), (1, .5, 4.7), "texture { T_Wood5 }") + b((-.95, .5, 2.5), (.95, .75, 4.6), "pigment { rgb .92 }") + b((-1, .55, 2.4), (1, .82, 3.8), c) + b((-1.05, .2, 4.65), (1.05, 1.4, 4.8), "texture { T_Wood5 }") + "".join(ball((x, .85, 4.3), .35, "pigment { rgb .95 }", "scale <1.1,.45,.6>") for x in (-.5, .5)) + b((1.3, 0, 4.2), (1.9, .55, 4.8), "texture { T_Wood5 }") + lamp(0, 2.4, 2.4, .9) + b((-2.58, 1, 2), (-2.55, 2.1, 3.4), "pigment { rgb <.8,.9,1> } finish { emission .9 }")
    t["parts"] = ["a bed"]
    return out, "in", 1


@scene("staircase", "indoor")
def staircase(r, t):
    k = r.choice(["wood", "stone", "concrete"])
    t.update(materials=[k], parts=["a railing"])
    m = {"wood": "texture { T_Wood4 scale .8 }", "stone": "texture { T_Stone8 }", "concrete": CONCRETE}[k]
    out = room(t, 2.4, 5.6, 11, PLASTER, "pigment { checker rgb .75 rgb .55 }") + "".join(b((-1.2, 0, 2.6 + .32 * i), (1.2, .2 * (i + 1), 2.6 + .32 * (i + 1)), m) for i in range(13)) + "".join(cyl((x * 1.15, .2 * i, 2.7 + .32 * i), (x * 1.15, .2 * i + 1.1, 2.7 + .32 * i), .03, "pigment { rgb .1 }") for x in (-1, 1) for i in range(13)) + "".join(cyl((x * 1.15, 1.1, 2.7), (x * 1.15, 3.6, 6.7), .05, "texture { T_Wood4 }") for x in (-1, 1)) + b((-2.4, 2.4, 6.76), (2.4, 2.6, 11), m) + lamp(0, 4.6, 2, 1) + lamp(0, 5, 6, .6)
    return out, "in", 1.6


@scene("tunnel", "indoor")
def tunnel(r, t):
    k = r.choice(["brick", "stone"])
    t["materials"] = [k]
    tex = BRICK if k == "brick" else "texture { T_Stone13 scale 2 }"
    return f"difference {{ box {{ <-8,-1,-2>,<8,8,60> }} cylinder {{ <0,.6,-3>,<0,.6,61>,3 }} {tex} }}" + b((-3, -.6, -2), (3, -.4, 60), "pigment { rgb .2 }") + "".join(ball((0, 3.3, z), .2, "pigment { rgb <1,.85,.5> } finish { emission 1 }") + lamp(0, 2.8, z, .6) for z in range(3, 56, 7)) + b((-4, -1, 60), (4, 5, 60.1), "pigment { rgb <.9,.95,1> } finish { emission 1 }"), "in", 1.5


@scene("warehouse", "indoor")
def warehouse(r, t):
    t["parts"] = ["shelves of boxes"]
    out = room(t, 8, 6.5, 26, "pigment { rgb <.5,.55,.58> } normal { gradient x 1 scale .4 }", "pigment { rgb .45 } finish { reflection .05 }")
    for x in (-6.6, -2.2, 2.2, 6.6):
        for z in range(3, 24, 4):
            for y in range(3):
                out += b((x - .8, y * 1.7 + .1, z), (x + .8, y * 1.7 + .2, z + 3.6), "pigment { rgb <.85,.4,.05> }") + "".join(b((x - .6, y * 1.7 + .2, z + .2 + q * 1.7), (x + .6, y * 1.7 + r.uniform(.9, 1.4), z + 1.5 + q * 1.7), "pigment { rgb <.62,.45,.28> }") for q in range(2) if r.random() < .85)
            out += "".join(b((x + q - .06, 0, z), (x + q + .06, 5.2, z + .12), "pigment { rgb <.1,.2,.6> }") for q in (-.8, .8))
    return out + "".join(lamp(x, 6, z, .6) + b((x - .3, 6.3, z - .8), (x + .3, 6.4, z + .8), "pigment { rgb 1 } finish { emission 1 }") for x in (-4, 4) for z in (3, 11, 19)), "in", 2


OUTDOOR_GROUND = {"outdoor": ("pigment { bozo color_map { [0 rgb <.2,.36,.1>] [1 rgb <.28,.42,.14>] } scale .4 } normal { bumps .6 scale .2 }", "pigment { granite color_map { [0 rgb .3] [1 rgb .4] } }", "pigment { rgb <.42,.34,.24> } normal { bumps .5 scale .4 }"), "sand": ("pigment { rgb <.78,.6,.36> } normal { ripples .25 scale 2 }",), "sea": ("pigment { rgb <.02,.1,.16> } finish { reflection .35 phong .7 } normal { waves .35 frequency 3 turbulence .6 scale 3 }",)}


def write(noun, seed, split):
    """The scene text and its truth."""
    r = random.Random(f"pov-{noun}-{seed}")
    f, kind, _ = SCENES[noun]
    lights = {"outdoor": [("day", 5), ("sunset", 2), ("night", 2), ("overcast", 2)], "sand": [("day", 5), ("sunset", 2)], "sea": [("day", 5), ("sunset", 2), ("night", 1), ("overcast", 2)], "indoor": [("day", 1)], "space": [("space", 1)], "object": [("studio", 7), ("black", 2), ("day", 2)], "small": [("studio", 6), ("black", 2), ("day", 2)]}[kind]
    light = r.choices([a for a, _ in lights], [k for _, k in lights])[0]
    t = {"seed": seed, "split": split, "noun": noun, "kind": {"sand": "outdoor", "sea": "outdoor"}.get(kind, kind), "synonym": "", "adj": [], "color": "", "materials": [], "parts": [], "setting": "", "of": "", "light": light, "weather": "", "state": "", "view": "", "mode": "beauty", "alpha": False, "renderer": "povray"}
    body, at, distance = f(r, t)
    out = '#version 3.7; global_settings { assumed_gamma 1 max_trace_level 6 }\n#include "colors.inc"\n#include "textures.inc"\n#include "stones.inc"\n#include "woods.inc"\n#include "metals.inc"\n#include "glass.inc"\n#include "functions.inc"\n#default { finish { ambient .12 diffuse .8 } }\n'
    if kind in ("outdoor", "sand") and light != "space" and r.random() < .14 and noun not in ("mountain",):
        t["weather"] = "fog"
    snow = kind == "outdoor" and not t["weather"] and r.random() < .12 and noun in ("house", "building", "tree", "forest", "church", "castle", "road", "windmill", "truck", "train")
    if snow:
        t["weather"] = "snow"
    sun = {"day": ("<.95,.92,.85>*1.1", r.uniform(35, 65)), "sunset": ("<1,.5,.2>*1.1", r.uniform(5, 12)), "night": ("<.12,.16,.3>*.9", 45), "overcast": ("rgb .35", 70), "space": ("rgb 1.3", 30), "studio": ("rgb .75", 50), "black": ("rgb .8", 45)}.get(light, ("rgb 0", 50))
    a = r.uniform(110, 250)
    e = math.radians(sun[1])
    d = (math.cos(e) * math.sin(math.radians(a)), math.sin(e), math.cos(e) * math.cos(math.radians(a)))
    if kind != "indoor":
        out += f"light_source {{ <{d[0] * 900},{d[1] * 900},{d[2] * 900}> rgb {sun[0].replace('rgb ', '')} }}\n"
        if light in ("studio", "overcast"):
            out += "light_source { <-300,600,-400> rgb .45 shadowless }\nlight_source { <500,300,-300> rgb .25 shadowless }\n"
    sky = {"day": "[0 rgb <.75,.85,.95>] [.5 rgb <.25,.45,.8>]", "sunset": "[0 rgb <1,.45,.12>] [.2 rgb <.85,.4,.3>] [.6 rgb <.2,.2,.4>]", "night": "[0 rgb <.02,.03,.07>] [.6 rgb <.005,.008,.02>]", "overcast": "[0 rgb .75] [1 rgb .55]"}.get(light)
    if sky and kind not in ("indoor",):
        out += f"sky_sphere {{ pigment {{ gradient y color_map {{ {sky} }} }}" + (" pigment { wrinkles turbulence .6 color_map { [0 rgbt 1] [.5 rgbt 1] [.8 rgb .95] } scale <.6,.15,.6> }" if light == "day" and r.random() < .6 else "") + " }\n"
    elif kind == "space":
        out += "sky_sphere { pigment { granite color_map { [0 rgb 0] [.72 rgb 0] [.76 rgb .9] } scale .02 } }\n"
    elif light == "studio":
        g = r.choice([.75, .5, .25, .9])
        out += f"background {{ rgb {g} }}\n" + (f"plane {{ y, 0 pigment {{ rgb {g * .9} }} }}\n" if r.random() < .7 else "")
    if kind in OUTDOOR_GROUND:
        g = OUTDOOR_GROUND[kind] if noun not in ("street", "skyline", "building") else OUTDOOR_GROUND[kind][1:2]
        out += f"plane {{ y, 0 {'pigment { rgb <.9,.93,.98> } normal { bumps .2 scale 2 }' if snow else r.choice(g)} }}\n"
    elif kind in ("object", "small") and light == "day":
        t["setting"] = r.choice(["on a wooden table", "on grass"]) if kind == "small" else "on grass"
        out += "plane { y, 0 " + ("texture { T_Wood9 scale 3 } }\n" if "table" in t["setting"] else OUTDOOR_GROUND["outdoor"][0] + " }\n")
    if t["weather"] == "fog":
        g = .08 if light == "night" else .72
        far = distance * r.uniform(1, 1.7) if distance else 25
        out += f"fog {{ distance {far} rgb {g} }}\n"
    if at == "in":
        out += f"camera {{ location <{r.uniform(-.3, .3)},{r.uniform(1.3, 1.7)},-.6> look_at <{r.uniform(-.2, .2)},{distance},12> right x*W up y*H angle {r.uniform(62, 78)} }}\n"
    elif at in ("street", "road"):
        up = r.random() < .25
        y = r.uniform(9, 14) if up else r.uniform(1.5, 2.4)
        t["view"] = "aerial" if up else "street level" if at == "street" else ""
        out += f"camera {{ location <{r.uniform(-1, 1)},{y},-16> look_at <0,{1 if up else 2.4},20> right x*W up y*H angle 60 }}\n"
    else:
        elevation = r.uniform(6, 26)
        if kind in ("outdoor", "sand", "sea") and r.random() < .18 and noun not in ("ocean", "airplane"):
            elevation = r.uniform(42, 58)
            t["view"] = "aerial"
        az = math.radians(r.uniform(-40, 40))
        q = distance * r.uniform(.95, 1.25) * 1.55
        el = math.radians(elevation)
        p = (at[0] + q * math.cos(el) * math.sin(az), max(.3, at[1] + q * math.sin(el)) if noun != "airplane" else at[1] + r.uniform(-.3, .4) * q, at[2] - q * math.cos(el) * math.cos(az))
        out += f"camera {{ location <{p[0]},{p[1]},{p[2]}> look_at <{at[0]},{at[1]},{at[2]}> right x*W up y*H angle ANGLE }}\n"
    w, h = r.choice([(320, 180), (320, 180), (256, 256), (300, 225)])
    angle = 2 * math.degrees(math.atan(math.tan(math.radians(20)) * (w / h) ** .8))
    out = out.replace("x*W", f"x*{w / h}").replace("y*H", "y*1").replace("ANGLE", f"{angle}")
    return out + body, t, w, h


def main(out, split, first, count):
    os.makedirs(out, exist_ok=True)
    order = [n for n, (_, _, k) in sorted(SCENES.items()) for _ in range(k)]
    with open(os.path.join(out, "truth.jsonl"), "a") as lines:
        for i in range(int(first), int(first) + int(count)):
            noun = order[(i - int(first)) % len(order)]
            name = f"{split}-{i}.png"
            path = os.path.join(out, name)
            if os.path.exists(path):
                continue
            text, t, w, h = write(noun, i, split)
            with open(path[:-4] + ".pov", "w") as f:
                f.write(text)
            done = subprocess.run(["povray", "-D", "-GA", f"+I{path[:-4]}.pov", f"+O{path}", f"+W{w}", f"+H{h}", "+A0.3", "+WT1"], capture_output=True, text=True)
            if done.returncode:
                print("FAILED", noun, i, done.stderr[-600:], flush=True)
                continue
            t["file"] = name
            lines.write(json.dumps(t) + "\n")
            lines.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
