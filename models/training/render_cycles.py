"""Renders scenes with Blender's Cycles on the CPU.

    blender -b -t 1 -P render_cycles.py -- OUT SPLIT FIRST COUNT [NOUN]

writes OUT/SPLIT-<seed>.png and one line of truth for each to OUT/truth.jsonl. Scenes that are there already are skipped.
"""

import json
import math
import os
import random
import sys

import bpy
from mathutils import Vector

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import registry  # noqa: E402

ASPECTS = [((278, 156), 50), ((208, 208), 22), ((240, 180), 16), ((306, 132), 6), ((172, 248), 6)]


def nodes_of(mat):
    mat.use_nodes = True
    mat.node_tree.nodes.clear()
    return mat.node_tree.nodes, mat.node_tree.links


class Graph:
    """A thin hand on a node tree."""

    def __init__(self, tree):
        self.tree = tree

    def node(self, kind, **values):
        n = self.tree.nodes.new(kind)
        for key, value in values.items():
            if hasattr(n, key):
                setattr(n, key, value)
            else:
                n.inputs[key.replace("_", " ")].default_value = value
        return n

    def link(self, a, b):
        self.tree.links.new(a, b)


def rgba(c, k=1.0):
    return (min(1, c[0] * k), min(1, c[1] * k), min(1, c[2] * k), 1)


def coordinates(g, scale, walls=False):
    geo = g.node("ShaderNodeNewGeometry")
    out = geo.outputs["Position"]
    if walls:
        # A wall stands along X or Y: their sum runs along either; Z goes up.
        sep, add, com = g.node("ShaderNodeSeparateXYZ"), g.node("ShaderNodeMath", operation="ADD"), g.node("ShaderNodeCombineXYZ")
        g.link(out, sep.inputs[0])
        g.link(sep.outputs[0], add.inputs[0])
        g.link(sep.outputs[1], add.inputs[1])
        g.link(add.outputs[0], com.inputs[0])
        g.link(sep.outputs[2], com.inputs[1])
        out = com.outputs[0]
    mul = g.node("ShaderNodeVectorMath", operation="SCALE")
    mul.inputs["Scale"].default_value = scale
    g.link(out, mul.inputs[0])
    return mul.outputs[0]


def mix(g, factor, a, b):
    m = g.node("ShaderNodeMixRGB")
    for value, socket in ((factor, 0), (a, 1), (b, 2)):
        if isinstance(value, (tuple, float)):
            m.inputs[socket].default_value = value
        else:
            g.link(value, m.inputs[socket])
    return m.outputs[0]


def noise(g, scale, walls=False, detail=5.0, lo=.35, hi=.65):
    n = g.node("ShaderNodeTexNoise", Detail=detail)
    n.inputs["Scale"].default_value = 1
    g.link(coordinates(g, scale, walls), n.inputs["Vector"])
    r = g.node("ShaderNodeMapRange")
    r.inputs[1].default_value, r.inputs[2].default_value = lo, hi
    g.link(n.outputs["Fac"], r.inputs[0])
    return r.outputs[0]


def bump(g, height, strength):
    b = g.node("ShaderNodeBump", Strength=strength)
    g.link(height, b.inputs["Height"])
    return b.outputs[0]


def normal_z(g):
    geo, sep = g.node("ShaderNodeNewGeometry"), g.node("ShaderNodeSeparateXYZ")
    g.link(geo.outputs["Normal"], sep.inputs[0])
    return sep.outputs[2]


def build_material(key, mode):
    kind, color, scale = key
    mat = bpy.data.materials.new(kind)
    nodes_of(mat)
    g = Graph(mat.node_tree)
    out = g.node("ShaderNodeOutputMaterial")
    if mode == "wire":
        w = g.node("ShaderNodeWireframe", use_pixel_size=True)
        w.inputs[0].default_value = 1.0
        e = g.node("ShaderNodeEmission")
        g.link(mix(g, w.outputs[0], rgba(WIRE[0]), rgba(WIRE[1])), e.inputs[0])
        g.link(e.outputs[0], out.inputs[0])
        return mat
    if mode == "normals":
        geo = g.node("ShaderNodeNewGeometry")
        m = g.node("ShaderNodeVectorMath", operation="MULTIPLY_ADD")
        m.inputs[1].default_value = m.inputs[2].default_value = (.5, .5, .5)
        g.link(geo.outputs["Normal"], m.inputs[0])
        e = g.node("ShaderNodeEmission")
        g.link(m.outputs[0], e.inputs[0])
        g.link(e.outputs[0], out.inputs[0])
        return mat
    if mode == "clay":
        d = g.node("ShaderNodeBsdfDiffuse")
        d.inputs[0].default_value = rgba(CLAY)
        g.link(d.outputs[0], out.inputs[0])
        return mat
    if kind == "glow":
        e = g.node("ShaderNodeEmission", Color=rgba(color), Strength=scale)
        g.link(e.outputs[0], out.inputs[0])
        return mat
    if kind == "smoke":
        mixer, clear, d = g.node("ShaderNodeMixShader"), g.node("ShaderNodeBsdfTransparent"), g.node("ShaderNodeBsdfDiffuse")
        mixer.inputs[0].default_value = .35
        d.inputs[0].default_value = rgba(color)
        g.link(clear.outputs[0], mixer.inputs[1])
        g.link(d.outputs[0], mixer.inputs[2])
        g.link(mixer.outputs[0], out.inputs[0])
        return mat
    p = g.node("ShaderNodeBsdfPrincipled")
    p.inputs["Base Color"].default_value = rgba(color)
    p.inputs["Roughness"].default_value = .7
    g.link(p.outputs[0], out.inputs[0])
    base, rough = p.inputs["Base Color"], p.inputs["Roughness"]
    if kind == "brick":
        b = g.node("ShaderNodeTexBrick", Mortar_Size=.02)
        b.inputs["Scale"].default_value = 1
        b.inputs["Color1"].default_value, b.inputs["Color2"].default_value = rgba(color), rgba(color, .65)
        b.inputs["Mortar"].default_value = (.4, .38, .35, 1)
        g.link(coordinates(g, 1.1 * scale, True), b.inputs["Vector"])
        g.link(b.outputs[0], base)
    elif kind in ("wood", "bark"):
        w = g.node("ShaderNodeTexWave", Distortion=6.0, Detail=3.0)
        w.inputs["Scale"].default_value = 1
        g.link(coordinates(g, 1.3 * scale), w.inputs["Vector"])
        g.link(mix(g, w.outputs["Fac"], rgba(color, .55), rgba(color, 1.15)), base)
        rough.default_value = .5
    elif kind == "ashlar":
        b = g.node("ShaderNodeTexBrick", Mortar_Size=.03)
        b.inputs["Scale"].default_value = 1
        f = noise(g, .8 * scale)
        b.inputs["Mortar"].default_value = rgba(color, .5)
        g.link(mix(g, f, rgba(color, .7), rgba(color, 1.1)), b.inputs["Color1"])
        b.inputs["Color2"].default_value = rgba(color, .8)
        g.link(coordinates(g, .55 * scale, True), b.inputs["Vector"])
        g.link(b.outputs[0], base)
        rough.default_value = .9
    elif kind == "marble":
        w = g.node("ShaderNodeTexWave", Distortion=14.0, Detail=5.0)
        w.inputs["Scale"].default_value = .5
        g.link(coordinates(g, scale), w.inputs["Vector"])
        g.link(mix(g, w.outputs["Fac"], rgba(color, .6), mix(g, noise(g, 1.5 * scale), rgba(color, 1.2), (.75, .73, .7, 1))), base)
        rough.default_value = .2
    elif kind in ("concrete", "plaster", "stone", "asphalt", "dirt", "rock"):
        f = noise(g, {"rock": .5, "dirt": .8, "asphalt": 2, "stone": .9}.get(kind, .6) * scale)
        g.link(mix(g, f, rgba(color, .62 if kind != "plaster" else .85), rgba(color, 1.2)), base)
        if kind in ("rock", "stone", "dirt"):
            g.link(bump(g, f, .5), p.inputs["Normal"])
        rough.default_value = .9
    elif kind == "snowcap":
        geo, sep, r = g.node("ShaderNodeNewGeometry"), g.node("ShaderNodeSeparateXYZ"), g.node("ShaderNodeMapRange")
        g.link(geo.outputs["Position"], sep.inputs[0])
        r.inputs[1].default_value, r.inputs[2].default_value = .35 / scale, .5 / scale
        g.link(sep.outputs[2], r.inputs[0])
        f = g.node("ShaderNodeMath", operation="MULTIPLY", use_clamp=True)
        steep = g.node("ShaderNodeMapRange")
        steep.inputs[1].default_value, steep.inputs[2].default_value = .45, .75
        g.link(normal_z(g), steep.inputs[0])
        g.link(r.outputs[0], f.inputs[0])
        g.link(steep.outputs[0], f.inputs[1])
        g.link(mix(g, f.outputs[0], rgba(color), (.85, .87, .9, 1)), base)
    elif kind == "shore":
        geo, sep, r = g.node("ShaderNodeNewGeometry"), g.node("ShaderNodeSeparateXYZ"), g.node("ShaderNodeMapRange")
        g.link(geo.outputs["Position"], sep.inputs[0])
        r.inputs[1].default_value, r.inputs[2].default_value = 1.2, 3.5
        g.link(sep.outputs[2], r.inputs[0])
        g.link(mix(g, r.outputs[0], (.7, .56, .34, 1), mix(g, noise(g, .1), rgba(color, .6), rgba(color, 1.4))), base)
    elif kind in ("strata", "corrugated", "tile"):
        w = g.node("ShaderNodeTexWave", bands_direction="Z" if kind != "corrugated" else "X", Distortion=1.5 if kind == "strata" else 0.0)
        w.inputs["Scale"].default_value = 1
        g.link(coordinates(g, {"strata": 1.2 * scale, "corrugated": 1.4, "tile": 1.2}[kind], kind == "corrugated"), w.inputs["Vector"])
        g.link(mix(g, w.outputs["Fac"], rgba(color, .6), rgba(color, 1.25)), base)
    elif kind in ("sand", "snow", "grass", "fabric", "leaf", "foam"):
        f = noise(g, {"sand": 1.2, "snow": .5, "grass": 1.5, "fabric": 9, "leaf": 2.5, "foam": 1}[kind] * scale, detail=8)
        k = {"snow": .94, "sand": .85, "foam": .9}.get(kind, .55)
        g.link(mix(g, f, rgba(color, k), rgba(color, 1.2)), base)
        if kind in ("sand", "grass", "leaf"):
            g.link(bump(g, f, .35), p.inputs["Normal"])
        rough.default_value = .95
    elif kind == "water":
        rough.default_value = .06
        p.inputs["Specular"].default_value = .6
        g.link(bump(g, noise(g, .35, detail=3, lo=.2, hi=.8), .25), p.inputs["Normal"])
    elif kind == "glass":
        rough.default_value = .04
        if max(color) > .45:
            p.inputs["Transmission"].default_value = .9
            p.inputs["IOR"].default_value = 1.3
        else:
            p.inputs["Specular"].default_value = .9
            p.inputs["Metallic"].default_value = .35
    elif kind in ("metal", "gold"):
        p.inputs["Metallic"].default_value = 1
        rough.default_value = .28
    elif kind in ("paint", "plastic"):
        rough.default_value = .28
        p.inputs["Specular"].default_value = .5
    elif kind in ("tiles", "panel", "checker"):
        if kind == "checker":
            c = g.node("ShaderNodeTexChecker", Color1=rgba(color), Color2=(.75, .73, .7, 1))
            c.inputs["Scale"].default_value = 1
            g.link(coordinates(g, 2.0 * scale), c.inputs["Vector"])
        else:
            c = g.node("ShaderNodeTexBrick", offset=0.0 if kind == "tiles" else .5, Mortar_Size=.015)
            c.inputs["Scale"].default_value = 1
            c.inputs["Color1"].default_value, c.inputs["Color2"].default_value = rgba(color), rgba(color, .85 if kind == "tiles" else .7)
            c.inputs["Mortar"].default_value = rgba(color, .35)
            g.link(coordinates(g, 1.2 * scale, True), c.inputs["Vector"])
        g.link(c.outputs[0], base)
        rough.default_value = .3
    elif kind == "planet":
        f = noise(g, 1.2 * scale, detail=9, lo=.4, hi=.6)
        g.link(mix(g, f, rgba(color), rgba((.45 + .4 * color[0], .45 + .3 * color[1], .4 + .4 * color[2]))), base)
    elif kind == "shade":
        p.inputs["Emission"].default_value = rgba(color)
        p.inputs["Emission Strength"].default_value = .7
    elif kind == "skin":
        rough.default_value = .5
    return mat


def soft_lights(s, scene):
    """Lamps with a surface around a thing, as studios have them, in place of the sun."""
    rng = s.rng
    eye, target = (Vector(s.camera[k]) for k in ("eye", "target"))
    away = eye - target
    far, turn = away.length * rng.uniform(.6, 1), math.atan2(away.y, away.x)
    warm = rng.uniform(-.25, .25)
    for around, up, watts in ((rng.uniform(.4, 1.2), rng.uniform(25, 60), 1), (-rng.uniform(.3, 1.4), rng.uniform(10, 50), rng.uniform(.1, .5)), (rng.uniform(2.2, 4), rng.uniform(20, 60), rng.uniform(0, 1.5))):
        lamp = bpy.data.lights.new("soft", "AREA")
        lamp.energy = watts * far * far * rng.uniform(9, 22)
        lamp.size = far * rng.choice([.15, .4, .9])
        k = warm * rng.choice([-1, 1, 1])
        lamp.color = (1, 1 - abs(k) * .4, 1 - k if k > 0 else 1) if k > 0 else (1 + k, 1 + k * .4, 1)
        o = bpy.data.objects.new("soft", lamp)
        a, e = turn + around, math.radians(up)
        o.location = target + far * Vector((math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)))
        o.rotation_euler = (target - o.location).to_track_quat("-Z", "Y").to_euler()
        scene.collection.objects.link(o)


def real_sky(s, g, bg):
    """The sky as air makes it, with its sun."""
    rng = s.rng
    tex = g.node("ShaderNodeTexSky")
    tex.sky_type = "NISHITA"
    low = s.light == "sunset"
    tex.sun_elevation = math.radians(rng.uniform(1, 9) if low else rng.uniform(18, 70))
    tex.sun_rotation, tex.dust_density, tex.air_density = rng.uniform(0, 6.3), rng.uniform(.2, 4), rng.uniform(.7, 2)
    # A lamp is the sun: found in the sky it would cost more than the picture.
    tex.sun_disc = False
    color = tex.outputs[0]
    if rng.random() < .6:
        at, n, m = g.node("ShaderNodeTexCoord"), g.node("ShaderNodeTexNoise", Detail=8.0), g.node("ShaderNodeMapRange")
        n.inputs["Scale"].default_value = rng.uniform(1.5, 5)
        g.link(at.outputs["Generated"], n.inputs["Vector"])
        m.inputs[1].default_value, m.inputs[2].default_value, m.inputs[4].default_value = rng.uniform(.42, .55), rng.uniform(.6, .75), .85
        g.link(n.outputs["Fac"], m.inputs[0])
        k = 2.5 if low else 7
        color = mix(g, m.outputs[0], color, (k, k * .95, k * .93, 1))
    g.link(color, bg.inputs[0])
    bg.inputs[1].default_value = rng.uniform(.1, .2) * (2.2 if low else 1)


def build_world(s, transparent):
    env = s.env
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    world.node_tree.nodes.clear()
    # Its map of where light comes from costs more than the whole picture, and a plain sky needs none.
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 64
    g = Graph(world.node_tree)
    out, bg = g.node("ShaderNodeOutputWorld"), g.node("ShaderNodeBackground")
    g.link(bg.outputs[0], out.inputs[0])
    if s.sky:
        return real_sky(s, g, bg)
    tex, sep, r = g.node("ShaderNodeTexCoord"), g.node("ShaderNodeSeparateXYZ"), g.node("ShaderNodeMapRange")
    g.link(tex.outputs["Generated"], sep.inputs[0])
    r.inputs[1].default_value, r.inputs[2].default_value = -.05, .55
    g.link(sep.outputs[2], r.inputs[0])
    sky = mix(g, r.outputs[0], rgba(env["horizon"]), rgba(env["zenith"]))
    if s.kind == "outdoor" and s.light in ("day", "overcast", "sunset") and s.rng.random() < .6:
        n = g.node("ShaderNodeTexNoise", Detail=6.0)
        n.inputs["Scale"].default_value = 3
        g.link(tex.outputs["Generated"], n.inputs["Vector"])
        m = g.node("ShaderNodeMapRange")
        m.inputs[1].default_value, m.inputs[2].default_value, m.inputs[4].default_value = .5, .75, .8
        g.link(n.outputs["Fac"], m.inputs[0])
        sky = mix(g, m.outputs[0], sky, rgba((.8, .8, .82) if s.light != "sunset" else (1, .55, .4)))
    if env["stars"]:
        v, m = g.node("ShaderNodeTexVoronoi"), g.node("ShaderNodeMath", operation="LESS_THAN")
        v.inputs["Scale"].default_value = 60
        g.link(tex.outputs["Generated"], v.inputs["Vector"])
        g.link(v.outputs["Distance"], m.inputs[0])
        m.inputs[1].default_value = .07
        sky = mix(g, m.outputs[0], sky, (.8, .8, .8, 1))
    if env["bg"] is not None:
        path = g.node("ShaderNodeLightPath")
        sky = mix(g, path.outputs["Is Camera Ray"], sky, rgba(env["bg"]))
    if s.mode in ("wire", "normals"):
        g.link(mix(g, 1.0, sky, rgba(WIRE[0] if s.mode == "wire" else (.5, .5, .5))), bg.inputs[0])
    else:
        g.link(sky, bg.inputs[0])
    bg.inputs[1].default_value = env["ambient"]


def vary_surface(s, mat):
    """Other polish, coat and grain than the kind of material has of itself."""
    rng = s.rng
    p = next((n for n in mat.node_tree.nodes if n.type == "BSDF_PRINCIPLED"), None)
    if p is None or rng.random() < .35:
        return
    rough = p.inputs["Roughness"]
    rough.default_value = min(1, max(.02, rough.default_value * math.exp(rng.gauss(0, .6))))
    if rng.random() < .25:
        p.inputs["Clearcoat"].default_value = rng.uniform(.3, 1)
    if rng.random() < .15:
        p.inputs["Sheen"].default_value = rng.uniform(.3, 1)
    lo, hi = s.bounds()
    size = max(float(max(hi - lo)), 1e-3) if s.kind in ("object", "small", "vehicle") else 10
    g = Graph(mat.node_tree)
    if rng.random() < .3 and not p.inputs["Normal"].is_linked:
        g.link(bump(g, noise(g, rng.uniform(4, 40) / min(size, 400), detail=4, lo=.3, hi=.7), rng.uniform(.05, .35)), p.inputs["Normal"])
    if rng.random() < .25 and not rough.is_linked:
        f = noise(g, rng.uniform(1, 8) / min(size, 400), detail=6)
        r = g.node("ShaderNodeMapRange")
        r.inputs[3].default_value, r.inputs[4].default_value = rough.default_value * .5, min(1, rough.default_value * 1.6)
        g.link(f, r.inputs[0])
        g.link(r.outputs[0], rough)
    if rng.random() < .2 and not p.inputs["Base Color"].is_linked:
        c = tuple(p.inputs["Base Color"].default_value)
        f = noise(g, rng.uniform(1, 10) / min(size, 400), detail=6)
        g.link(mix(g, f, c, rgba(c, rng.uniform(.3, .9))), p.inputs["Base Color"])


def build(s):
    s.wide = s.truth["split"] in registry.WIDE
    beauty = s.mode == "beauty"
    outdoors = s.light in ("day", "sunset") and not s.weather and s.kind in ("outdoor", "vehicle", "object", "small")
    s.sky = s.wide and beauty and outdoors and s.rng.random() < .55
    s.soft = s.wide and s.light == "studio" and s.mode in ("beauty", "clay") and s.rng.random() < .6
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    rng = s.rng
    global WIRE, CLAY
    WIRE = rng.choice([((.02, .02, .025), (.75, .78, .8)), ((.6, .6, .6), (.03, .03, .03)), ((.25, .25, .27), (.9, .55, .15)), ((.05, .06, .1), (.2, .8, .5))])
    CLAY = rng.choice([(.6, .6, .6), (.55, .5, .45), (.75, .75, .75), (.35, .35, .36), (.62, .4, .28)])
    for (key, smooth), (verts, faces, _) in s.groups.items():
        points = [tuple(map(float, p)) for block in verts for p in block]
        mesh = bpy.data.meshes.new(key[0])
        mesh.from_pydata(points, [], faces)
        if smooth:
            mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
        mat = build_material(key, s.mode if key[0] != "glow" or s.mode != "clay" else "clay")
        mesh.materials.append(mat)
        o = bpy.data.objects.new(key[0], mesh)
        scene.collection.objects.link(o)
        if s.wide and beauty:
            vary_surface(s, mat)
            if s.kind in ("object", "small", "vehicle") and not smooth and len(faces) < 3000 and rng.random() < .5:
                # Real edges are never quite sharp.
                round_ = o.modifiers.new("round", "BEVEL")
                lo, hi = s.bounds()
                round_.width, round_.segments, round_.limit_method = .006 * min(float(max(hi - lo)), 10 if s.kind != "vehicle" else 6), 1, "ANGLE"
    eye = s.camera["eye"]
    lamps = sorted(s.lamps, key=lambda q: sum((a - b) ** 2 for a, b in zip(q["at"], eye)) / (q["watts"] + 1))[:14]
    for spec in lamps:
        lamp = bpy.data.lights.new("lamp", "POINT")
        lamp.energy, lamp.color, lamp.shadow_soft_size = spec["watts"], spec["color"], spec["radius"] * (.1 if s.kind in ("small", "object") else 1)
        o = bpy.data.objects.new("lamp", lamp)
        o.location = spec["at"]
        scene.collection.objects.link(o)
    env = s.env
    if s.soft:
        soft_lights(s, scene)
        env["ambient"] *= rng.uniform(.15, .6)
    elif env["sun"] and s.kind != "indoor":
        lamp = bpy.data.lights.new("sun", "SUN")
        lamp.energy, lamp.color, lamp.angle = env["sun"]["strength"], env["sun"]["color"], env["sun"]["size"]
        o = bpy.data.objects.new("sun", lamp)
        x, y, z = env["sun"]["dir"]
        o.rotation_euler = (0, math.acos(max(-1, min(1, z))), math.atan2(y, x))
        scene.collection.objects.link(o)
    transparent = env["bg"] is not None and rng.random() < (.25 if not s.wide else .12)
    s.truth["alpha"] = transparent
    build_world(s, transparent)
    camera = bpy.data.cameras.new("camera")
    (w, h), = rng.choices([a for a, _ in ASPECTS], [k for _, k in ASPECTS])
    camera.sensor_fit = "VERTICAL" if w >= h else "HORIZONTAL"
    aspect = max(w, h) / min(w, h)
    half = math.atan(math.tan(math.radians(s.camera["fov"]) / 2) * aspect ** -.15)
    camera.angle_y = 2 * half
    if w < h:
        camera.angle_x = 2 * half
    camera.clip_start, camera.clip_end = .005, 20000
    o = bpy.data.objects.new("camera", camera)
    d = [t - e for t, e in zip(s.camera["target"], s.camera["eye"])]
    o.location = s.camera["eye"]
    o.rotation_euler = (math.atan2(math.hypot(d[0], d[1]), -d[2]), 0, math.atan2(d[1], d[0]) - math.pi / 2)
    if s.camera.get("roll"):
        o.rotation_euler.rotate_axis("Z", s.camera["roll"])
    scene.collection.objects.link(o)
    scene.camera = o
    if s.wide and rng.random() < .25 and s.kind in ("object", "small", "vehicle"):
        camera.dof.use_dof = True
        camera.dof.focus_distance = math.sqrt(sum(v * v for v in d)) * rng.uniform(.9, 1.05)
        camera.dof.aperture_fstop = camera.lens / 1000 / (camera.dof.focus_distance * rng.uniform(.01, .04))
    scene.render.engine = "CYCLES"
    c = scene.cycles
    c.device, c.samples, c.use_adaptive_sampling, c.use_denoising = "CPU", rng.choice([4, 6, 9]), False, False
    c.max_bounces, c.diffuse_bounces, c.glossy_bounces, c.transmission_bounces, c.transparent_max_bounces = 4, 2, 2, 4, 6
    c.sample_clamp_indirect, c.sample_clamp_direct, c.caustics_reflective, c.caustics_refractive = 2, 6, False, False
    c.seed = rng.randrange(1 << 30)
    if s.mode in ("wire", "normals"):
        c.samples = 4
    if s.wide:
        c.samples = rng.choice([4, 6, 8])
        k = rng.choice([.9, .75, .6])
        w, h = int(w * k), int(h * k)
    if s.truth["split"] == "train":
        # As in render_traced.py: breadth is worth more than detail.
        k = rng.choice([1, .8, .65])
        w, h = int(w * k), int(h * k)
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = w, h, 100
    scene.render.film_transparent = transparent
    scene.view_settings.view_transform = "Filmic" if rng.random() < .6 and s.mode == "beauty" else "Standard"
    if s.mode in ("wire", "normals"):
        scene.view_settings.view_transform = "Standard"
    if s.wide and scene.view_settings.view_transform == "Filmic":
        scene.view_settings.look = rng.choice(["None", "Medium High Contrast", "High Contrast", "Medium Low Contrast"])
    scene.view_settings.exposure = math.log2(env["exposure"]) + rng.uniform(-.5, .4) + (1.2 if s.light == "night" and s.kind == "outdoor" else 0)
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA" if transparent else "RGB"
    if env["fog"]:
        bpy.context.view_layer.use_pass_z = True
        scene.use_nodes = True
        scene.node_tree.nodes.clear()
        g = Graph(scene.node_tree)
        layers, out = g.node("CompositorNodeRLayers"), g.node("CompositorNodeComposite")
        mul, exp, inv, m = g.node("CompositorNodeMath", operation="MULTIPLY"), g.node("CompositorNodeMath", operation="POWER"), g.node("CompositorNodeMath", operation="SUBTRACT"), g.node("CompositorNodeMixRGB")
        mul.inputs[1].default_value = env["fog"]
        exp.inputs[0].default_value = .3679
        inv.inputs[0].default_value = 1
        m.inputs[2].default_value = rgba(env["fog_color"])
        g.link(layers.outputs["Depth"], mul.inputs[0])
        g.link(mul.outputs[0], exp.inputs[1])
        g.link(exp.outputs[0], inv.inputs[1])
        g.link(inv.outputs[0], m.inputs[0])
        g.link(layers.outputs["Image"], m.inputs[1])
        g.link(m.outputs[0], out.inputs[0])
    return scene


def main(out, split, first, count, noun=None):
    os.makedirs(out, exist_ok=True)
    for seed in range(int(first), int(first) + int(count)):
        path = os.path.join(out, f"{split}-{seed}.png")
        if os.path.exists(path):
            continue
        s = registry.make(seed, split, noun)
        s.rng = random.Random(f"cycles-{split}-{seed}")
        scene = build(s)
        scene.render.filepath = path
        bpy.ops.render.render(write_still=True)
        s.truth.update(file=os.path.basename(path), renderer="cycles")
        with open(os.path.join(out, "truth.jsonl"), "a") as f:
            f.write(json.dumps(s.truth) + "\n")


main(*sys.argv[sys.argv.index("--") + 1:])
